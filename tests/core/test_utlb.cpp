// SPDX-License-Identifier: Apache-2.0
// Micro TLBs: they answer as the SMMU behind them would, until an invalidation says that the answer
// is wrong.
#include <cstring>
#include <tuple>

#include "core/core_test.hpp"

using namespace support;

namespace test_utlb {
namespace {

class Utlb : public StreamTest {
  protected:
    static smmu_config two_tbus()
    {
        smmu_config cfg = smmu_config_default();
        cfg.utlb = {4, 2};
        cfg.tbus = 2;
        return cfg;
    }

    Utlb() : StreamTest(two_tbus()) { stream.low.map(va, pa); }

    uint64_t hits() { return stats().utlb_hits; }

    smmu_result read(uint64_t addr) { return dut.translate(sid, addr); }

    void expect_hit(uint64_t addr, uint64_t output, const client_access &how = read_access)
    {
        const uint64_t before = hits();
        expect_forward(dut.translate(sid, addr, how), output);
        EXPECT_EQ(hits(), before + 1);
    }

    void expect_miss(uint64_t addr, uint64_t output, const client_access &how = read_access)
    {
        const uint64_t before = hits();
        expect_forward(dut.translate(sid, addr, how), output);
        EXPECT_EQ(hits(), before);
    }

    static constexpr uint64_t va = 0x12345000, pa = 0x70000000;
};

TEST_F(Utlb, AnswersForTheWholePage)
{
    expect_miss(va + 8, pa + 8);
    expect_hit(va, pa);
    expect_hit(va + 0xfff, pa + 0xfff);
}

TEST_F(Utlb, AnotherPageOfABlockIsAnotherEntry)
{
    stream.low.map(0x4020'0000, 0x7020'0000, 2);
    expect_miss(0x4020'0000, 0x7020'0000);
    expect_miss(0x4020'1000, 0x7020'1000);
}

TEST_F(Utlb, ReadsAndWritesAreApart)
{
    expect_miss(va, pa);
    expect_miss(va, pa, write_access);
    expect_hit(va, pa);
    expect_hit(va, pa, write_access);
}

TEST_F(Utlb, FaultsAreNotKept)
{
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    stream.low.map(va, pa, 3, page);
    expect_miss(va, pa);
    expect_abort(dut.translate(sid, va, write_access), F_PERMISSION);
    expect_abort(dut.translate(sid, va, write_access), F_PERMISSION);
    EXPECT_EQ(dut.pop_events().size(), 2u);
}

TEST_F(Utlb, PrivilegesAreApart)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    stream.low.map(va, pa, 3, page);
    expect_miss(va, pa, priv_read);
    expect_abort(read(va), F_PERMISSION);
}

TEST_F(Utlb, StreamsAreApart)
{
    expect_miss(va, pa);
    ste bypass;
    dut.set_ste(sid + 1, bypass);
    expect_forward(dut.translate(sid + 1, va), va);
    expect_hit(va, pa);
}

TEST_F(Utlb, SubstreamsAreApart)
{
    expect_miss(va, pa);
    expect_abort(dut.translate(sid, va, {false, false, false, true, 0}), C_BAD_SUBSTREAMID);
}

TEST_F(Utlb, TbusAreApart)
{
    expect_miss(va, pa);
    smmu_txn txn = device_under_test::transaction(sid, va, read_access);
    txn.tbu = 1;
    smmu_result result;
    const uint64_t before = hits();
    smmu_translate(dut.smmu(), &txn, &result);
    expect_forward(result, pa);
    EXPECT_EQ(hits(), before);
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_EQ(hits(), before + 1);
}

TEST_F(Utlb, AttributesOfTheClientCount)
{
    ste bypass;
    dut.set_ste(sid + 1, bypass);
    smmu_txn txn = device_under_test::transaction(sid + 1, va, read_access);
    smmu_result result;
    smmu_translate(dut.smmu(), &txn, &result);
    txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_OUTER};
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_EQ(result.attr.sh, SMMU_SH_OUTER);
    txn.attr.sh = SMMU_SH_INNER;
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_EQ(result.attr.sh, SMMU_SH_INNER);
}

TEST_F(Utlb, InvalidationsOfOthersLeaveAnswers)
{
    expect_miss(va, pa);
    stream.low.map(va, pa + 0x1000);
    dut.submit(tlbi_nh_asid(99));
    dut.submit(tlbi_nh_va(va + 0x1000, 1));
    dut.submit(cfgi_ste(sid + 1));
    expect_hit(va, pa);
    dut.submit(tlbi_nh_va(va, 1));
    expect_miss(va, pa + 0x1000);
}

TEST_F(Utlb, AnyOfSeveralInvalidationsForgets)
{
    expect_miss(va, pa);
    stream.low.map(va, pa + 0x1000);
    dut.submit(tlbi_nh_va(va, 1));
    dut.submit(tlbi_nh_asid(99));
    expect_miss(va, pa + 0x1000);
}

TEST_F(Utlb, AnswersThatNobodyAskedForAreForgottenAfterManyInvalidations)
{
    expect_miss(va, pa);
    for (int i = 0; i < 16; i++)
        dut.submit(tlbi_nh_asid(99));
    expect_hit(va, pa);
    for (int i = 0; i < 17; i++)
        dut.submit(tlbi_nh_asid(99));
    expect_miss(va, pa); // the main TLB still has it
}

// 4 sets of 2 ways: the third page takes the place of what was invalidated, not of the other.
TEST_F(Utlb, WhatWasInvalidatedIsReplacedFirst)
{
    constexpr uint64_t step = 0x4000;
    for (uint64_t i = 0; i < 3; i++)
        stream.low.map(va + i * step, pa + i * step);
    expect_miss(va, pa);
    expect_miss(va + step, pa + step);
    dut.submit(tlbi_nh_va(va + step, 1));
    expect_miss(va + 2 * step, pa + 2 * step);
    expect_hit(va, pa);
}

TEST_F(Utlb, ConfigurationCommandsForget)
{
    expect_miss(va, pa);
    stream.stream().config = STE_ABORT;
    stream.publish();
    expect_hit(va, pa);
    dut.submit(cfgi_ste(sid));
    expect_abort(read(va), 0);
}

TEST_F(Utlb, DisablingTheSmmuForgets)
{
    expect_miss(va, pa);
    dut.update_cr0(reg::CR0_EVENTQEN | reg::CR0_CMDQEN);
    expect_forward(read(va), va);
    dut.update_cr0(reg::CR0_SMMUEN | reg::CR0_EVENTQEN | reg::CR0_CMDQEN);
    expect_forward(read(va), pa);
}

TEST_F(Utlb, GbpaForgets)
{
    dut.update_cr0(0);
    expect_forward(read(va), va);
    dut.write32(reg::GBPA, reg::GBPA_UPDATE | reg::GBPA_ABORT);
    expect_abort(read(va), 0);
}

// A data read that INSTCFG makes an instruction fetch needs the right to execute, whatever a write
// to the page was allowed before.
TEST_F(Utlb, OverriddenInstructionNeedsExecution)
{
    leaf_attributes page;
    page.uxn = 1;
    stream.low.map(va, pa, 3, page);
    stream.stream().instcfg = 3;
    republish();
    expect_miss(va, pa, write_access);
    expect_abort(read(va), F_PERMISSION);
}

TEST_F(Utlb, OverriddenDataNeedsTheRightToRead)
{
    leaf_attributes page;
    page.uxn = 1;
    stream.low.map(va, pa, 3, page);
    stream.stream().instcfg = 2;
    republish();
    expect_miss(va, pa, instr_access);
    expect_hit(va, pa, instr_access);
}

TEST_F(Utlb, FirstWriteToACleanPageIsNotAnsweredHere)
{
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    page.dbm = 1;
    stream.low.map(va, pa, 3, page);
    stream.context().ha = stream.context().hd = 1;
    republish();
    expect_miss(va, pa);
    expect_miss(va, pa, write_access);
    EXPECT_FALSE(stream.low.descriptor(va, 3) & 1u << 7) << "AP[2] is set still";
    expect_hit(va, pa, write_access);
}

// What differs in nothing but the address is asked by its kind.
class UtlbKind : public Utlb {
  protected:
    smmu_txn txn(uint64_t addr, uint8_t tbu = 0) const
    {
        smmu_txn t = {};
        t.addr = addr;
        t.sid = sid;
        t.tbu = tbu;
        t.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER}; // as those of translate()
        return t;
    }

    smmu_txn_kind kind(const smmu_txn &of)
    {
        smmu_txn_kind k = {};
        EXPECT_TRUE(smmu_kind_of(dut.smmu(), &of, &k));
        return k;
    }
};

TEST_F(UtlbKind, HasTheAnswerThatTheTransactionHas)
{
    const smmu_txn t = txn(va + 0x123);
    smmu_result first = {}, asked = {};
    smmu_translate(dut.smmu(), &t, &first);
    ASSERT_TRUE(smmu_look_up(dut.smmu(), &t, &asked));
    const smmu_txn_kind k = kind(txn(0x9000));
    const smmu_result *const found = smmu_look_up_kind(&k, va + 0x123);
    ASSERT_NE(found, nullptr);
    smmu_result moved = *found;
    EXPECT_EQ(moved.addr, pa);
    moved.addr += 0x123;
    const auto members = [](const smmu_result &r) {
        return std::make_tuple(r.outcome, r.op, r.event, r.pas, r.perm, r.span_log2, r.addr,
                               r.attr.mair, r.attr.sh, r.out_instr, r.out_priv, r.instr, r.priv,
                               r.pbha, r.tag.va, r.tag.sid, r.tag.asid, r.tag.vmid,
                               r.tag.span_log2);
    };
    EXPECT_EQ(members(moved), members(asked));
}

TEST_F(UtlbKind, CountsAsTheTransactionDoes)
{
    read(va);
    const smmu_txn_kind k = kind(txn(va));
    const smmu_stats before = stats();
    ASSERT_NE(smmu_look_up_kind(&k, va), nullptr);
    EXPECT_EQ(stats().translations, before.translations + 1);
    EXPECT_EQ(stats().utlb_hits, before.utlb_hits + 1);
    EXPECT_EQ(stats().forwards, before.forwards + 1);
}

TEST_F(UtlbKind, LeavesNoTraceWhereTheAnswerIsNotAtHand)
{
    const smmu_txn_kind k = kind(txn(va));
    const smmu_stats before = stats();
    EXPECT_EQ(smmu_look_up_kind(&k, va), nullptr);
    EXPECT_EQ(std::memcmp(&before, &stats(), sizeof(before)), 0);
}

TEST_F(UtlbKind, IsOfOneTbuAndOfOneStream)
{
    read(va);
    const smmu_txn_kind there = kind(txn(va)), elsewhere = kind(txn(va, 1));
    smmu_txn other = txn(va);
    other.sid = sid + 1;
    const smmu_txn_kind of_other = kind(other);
    EXPECT_NE(smmu_look_up_kind(&there, va), nullptr);
    EXPECT_EQ(smmu_look_up_kind(&elsewhere, va), nullptr);
    EXPECT_EQ(smmu_look_up_kind(&of_other, va), nullptr);
    const smmu_txn nowhere = txn(va, 2);
    smmu_txn_kind none = {};
    EXPECT_FALSE(smmu_kind_of(dut.smmu(), &nowhere, &none));
}

TEST_F(UtlbKind, IsFoundInEachWay)
{
    constexpr uint64_t set_span = 4 * 0x1000; // pages of one set are so far apart
    stream.low.map(va + set_span, pa + 0x8000);
    read(va);
    read(va + set_span);
    const smmu_txn_kind k = kind(txn(va));
    const smmu_result *const first = smmu_look_up_kind(&k, va);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->addr, pa);
    const smmu_result *const second = smmu_look_up_kind(&k, va + set_span);
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(second->addr, pa + 0x8000);
}

TEST_F(UtlbKind, GoesWithAnInvalidation)
{
    read(va);
    const smmu_txn_kind k = kind(txn(va));
    dut.invalidate_all();
    EXPECT_EQ(smmu_look_up_kind(&k, va), nullptr);
}

TEST(UtlbKindLru, CountsAsAUseOfItsEntry)
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb = {1, 2};
    cfg.utlb_policy = SMMU_REPLACE_LRU;
    device_under_test dut(cfg);
    dut.bring_up();
    stage1_stream stream(dut, 5);
    for (uint64_t page = 1; page <= 3; page++)
        stream.low.map(page << 12, 0x70000000 + (page << 12));
    const auto read = [&](uint64_t page) { dut.translate(5, page << 12); };
    smmu_txn txn = {};
    txn.sid = 5;
    txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER}; // as those of translate()
    smmu_txn_kind kind = {};
    ASSERT_TRUE(smmu_kind_of(dut.smmu(), &txn, &kind));
    read(1);
    read(2);
    ASSERT_NE(smmu_look_up_kind(&kind, 0x1000), nullptr);
    read(3);
    EXPECT_NE(smmu_look_up_kind(&kind, 0x1000), nullptr);
    EXPECT_EQ(smmu_look_up_kind(&kind, 0x2000), nullptr);
}

TEST(UtlbOff, NothingIsCounted)
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    device_under_test dut(cfg);
    dut.bring_up();
    stage1_stream stream(dut, 5);
    stream.low.map(0x1000, 0x70000000);
    for (int i = 0; i < 3; i++)
        expect_forward(dut.translate(5, 0x1000), 0x70000000);
    EXPECT_EQ(smmu_get_stats(dut.smmu())->utlb_hits, 0u);
    EXPECT_EQ(smmu_get_stats(dut.smmu())->utlb_misses, 0u);
    const smmu_txn txn = {};
    smmu_txn_kind kind = {};
    EXPECT_FALSE(smmu_kind_of(dut.smmu(), &txn, &kind));
}

} // namespace
} // namespace test_utlb
