// SPDX-License-Identifier: Apache-2.0
// Main TLBs of TBUs: they answer as the SMMU behind them would, for as long as nothing invalidates
// what the answer depends on.
#include "core/scopes_test.hpp"
#include "smmu/dvm.h"

using namespace support;

namespace test_tbu_tlb {
namespace {

smmu_config two_tbus()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb = {4, 2};
    cfg.tbu_tlb = {16, 4};
    cfg.tbus = 2;
    return cfg;
}

class TbuTlb : public StreamTest {
  protected:
    explicit TbuTlb(const smmu_config &cfg = two_tbus()) : StreamTest(cfg)
    {
        stream.low.map(va, pa);
        stream.low.map(block, block_pa, 2);
    }

    // Whether the TBU's main TLB has what its micro TLB has not; then the TCU does nothing.
    bool hits(const smmu_txn &txn, uint64_t output)
    {
        const smmu_stats before = stats();
        smmu_result result;
        smmu_translate(dut.smmu(), &txn, &result);
        expect_forward(result, output);
        const bool hit = stats().tbu_tlb_hits != before.tbu_tlb_hits;
        EXPECT_EQ(hit, stats().config_hits == before.config_hits &&
                           stats().config_misses == before.config_misses &&
                           stats().utlb_hits == before.utlb_hits);
        EXPECT_EQ(stats().forwards, before.forwards + 1);
        return hit;
    }

    bool hits(uint64_t addr, uint64_t output, const client_access &how = read_access)
    {
        return hits(device_under_test::transaction(sid, addr, how), output);
    }

    // Makes micro TLBs forget, and nothing else.
    void forget_in_micro_tlbs()
    {
        for (int i = 0; i < 17; i++)
            dut.submit(tlbi_nh_asid(0x999));
    }

    static constexpr uint64_t va = 0x12345000, pa = 0x70000000;
    static constexpr uint64_t block = 0x40200000, block_pa = 0x80200000;
};

TEST_F(TbuTlb, AnswersForTheWholeBlock)
{
    EXPECT_FALSE(hits(block + 0x1234, block_pa + 0x1234));
    EXPECT_TRUE(hits(block + 0x2345, block_pa + 0x2345));
    EXPECT_TRUE(hits(block + 0x1ff000, block_pa + 0x1ff000));
    EXPECT_FALSE(hits(va, pa));
}

// 1 GiB: a descriptor of level 1.
TEST_F(TbuTlb, AnswersForAllOfALargeBlock)
{
    constexpr uint64_t giga = 0x1'4000'0000, giga_pa = 0x2'8000'0000;
    stream.low.map(giga, giga_pa, 1);
    EXPECT_FALSE(hits(giga + 0x1234, giga_pa + 0x1234));
    EXPECT_TRUE(hits(giga, giga_pa));
    EXPECT_TRUE(hits(giga + 0x3fff'f000, giga_pa + 0x3fff'f000));
    EXPECT_TRUE(hits(giga + 0x2345'6000, giga_pa + 0x2345'6000, write_access));
    EXPECT_FALSE(hits(va, pa)) << "of another size";
    dut.submit(tlbi_nh_va(giga + 0x1000'0000, 1)); // any address of it
    forget_in_micro_tlbs();
    EXPECT_FALSE(hits(giga + 0x3fff'e000, giga_pa + 0x3fff'e000));
    EXPECT_TRUE(hits(va + 8, pa + 8));
}

TEST_F(TbuTlb, PageIsNotTakenForABlock)
{
    stream.low.map(0, pa);
    stream.low.map(0x5000, pa + 0x1000);
    EXPECT_FALSE(hits(block, block_pa)); // there are answers of either size
    EXPECT_FALSE(hits(0, pa));
    EXPECT_FALSE(hits(0x5000, pa + 0x1000));
}

TEST_F(TbuTlb, MicroTlbIsAskedFirstAndFilled)
{
    EXPECT_FALSE(hits(block, block_pa));
    EXPECT_TRUE(hits(block + 0x1000, block_pa + 0x1000));
    const uint64_t asked = stats().tbu_tlb_hits + stats().tbu_tlb_misses;
    EXPECT_FALSE(hits(block + 0x1008, block_pa + 0x1008));
    EXPECT_EQ(stats().utlb_hits, 1u);
    EXPECT_EQ(stats().tbu_tlb_hits + stats().tbu_tlb_misses, asked);
}

TEST_F(TbuTlb, KeepsWhatMicroTlbsForget)
{
    EXPECT_FALSE(hits(va, pa));
    forget_in_micro_tlbs();
    EXPECT_TRUE(hits(va, pa));
}

TEST_F(TbuTlb, AnswersToReadsAreAnswersToWrites)
{
    EXPECT_FALSE(hits(va, pa));
    EXPECT_TRUE(hits(va, pa, write_access));
}

// 13.1.2: whether a read is a fetch or data is not known from a write.
TEST_F(TbuTlb, AnswersToWritesAreNoAnswersToReads)
{
    EXPECT_FALSE(hits(va, pa, write_access));
    EXPECT_FALSE(hits(va, pa));
    forget_in_micro_tlbs();
    EXPECT_TRUE(hits(va, pa));
    EXPECT_TRUE(hits(va, pa, write_access));
}

TEST_F(TbuTlb, WritesNeedTheRightToWrite)
{
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    stream.low.map(va, pa, 3, page);
    EXPECT_FALSE(hits(va, pa));
    expect_abort(dut.translate(sid, va, write_access), F_PERMISSION);
    EXPECT_EQ(dut.pop_events().size(), 1u);
    forget_in_micro_tlbs();
    EXPECT_TRUE(hits(va, pa));
}

TEST_F(TbuTlb, PrivilegesAndFetchesAreApart)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    page.pxn = 1;
    stream.low.map(va, pa, 3, page);
    EXPECT_FALSE(hits(va, pa, priv_read));
    expect_abort(dut.translate(sid, va), F_PERMISSION);
    expect_abort(dut.translate(sid, va, priv_instr), F_PERMISSION);
}

TEST_F(TbuTlb, FetchesByOverrideAreNoFetchesInWrites)
{
    stream.stream().instcfg = 3;
    republish();
    smmu_result result = dut.translate(sid, va);
    EXPECT_TRUE(result.instr);
    result = dut.translate(sid, va, write_access);
    EXPECT_EQ(stats().tbu_tlb_hits, 1u);
    EXPECT_FALSE(result.instr || result.out_instr);
    forget_in_micro_tlbs();
    EXPECT_TRUE(dut.translate(sid, va).instr);
    EXPECT_EQ(stats().tbu_tlb_hits, 2u);
}

// 3.13
TEST_F(TbuTlb, FirstWriteToACleanPageGoesToTheTcu)
{
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    page.dbm = 1;
    stream.low.map(va, pa, 3, page);
    stream.context().ha = stream.context().hd = 1;
    republish();
    EXPECT_FALSE(hits(va, pa));
    EXPECT_FALSE(hits(va, pa, write_access));
    EXPECT_FALSE(stream.low.descriptor(va, 3) & 1u << 7) << "AP[2] is set still";
    forget_in_micro_tlbs();
    EXPECT_TRUE(hits(va, pa, write_access));
}

TEST_F(TbuTlb, StreamsAndSubstreamsAreApart)
{
    stage1_stream other(dut, sid + 16, 2); // in the same set
    other.low.map(va, pa + 0x1000);
    EXPECT_FALSE(hits(va, pa));
    expect_forward(dut.translate(sid + 16, va), pa + 0x1000);
    EXPECT_EQ(stats().tbu_tlb_hits, 0u);
    expect_abort(dut.translate(sid, va, {false, false, false, true, 0}), C_BAD_SUBSTREAMID);
}

TEST_F(TbuTlb, EachTbuHasItsOwn)
{
    smmu_txn txn = device_under_test::transaction(sid, va, read_access);
    EXPECT_FALSE(hits(txn, pa));
    txn.tbu = 1;
    EXPECT_FALSE(hits(txn, pa));
    forget_in_micro_tlbs();
    EXPECT_TRUE(hits(txn, pa));
    txn.tbu = 0;
    EXPECT_TRUE(hits(txn, pa));
    dut.submit(tlbi_nh_va(va, 1));
    EXPECT_FALSE(hits(txn, pa));
    txn.tbu = 1;
    EXPECT_FALSE(hits(txn, pa));
}

TEST_F(TbuTlb, AttributesOfTheClientCount)
{
    dut.set_ste(sid + 1, ste{});
    smmu_txn txn = device_under_test::transaction(sid + 1, va, read_access);
    for (const smmu_memattr attr : {smmu_memattr{SMMU_MAIR_NORMAL_NC, SMMU_SH_OUTER},
                                    smmu_memattr{SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_OUTER},
                                    smmu_memattr{SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER}}) {
        txn.attr = attr;
        smmu_result result;
        EXPECT_FALSE(hits(txn, va));
        smmu_translate(dut.smmu(), &txn, &result);
        EXPECT_EQ(result.attr.sh, attr.sh);
        EXPECT_EQ(result.attr.mair, attr.mair);
    }
}

TEST_F(TbuTlb, OperationsAreApart)
{
    EXPECT_FALSE(hits(va, pa));
    smmu_txn txn = device_under_test::transaction(sid, va, read_access);
    txn.op = SMMU_OP_READ_CLEAN_INVALIDATE;
    EXPECT_FALSE(hits(txn, pa));
    txn.op = SMMU_OP_ATOMIC;
    txn.write = true;
    EXPECT_FALSE(hits(txn, pa));
    forget_in_micro_tlbs();
    EXPECT_TRUE(hits(txn, pa));
}

// 3.9.1.3: with ATSCHK == 0 the address is physical already.
TEST_F(TbuTlb, TranslatedTransactionsAreApart)
{
    EXPECT_FALSE(hits(va, pa));
    expect_forward(dut.translate(sid, va, translated_read), va);
    forget_in_micro_tlbs();
    expect_forward(dut.translate(sid, va, translated_read), va);
    EXPECT_EQ(stats().tbu_tlb_hits, 1u);
}

TEST_F(TbuTlb, AnswersOfNoTranslationAreKeptToo)
{
    dut.set_ste(sid + 1, ste{});
    smmu_txn txn = device_under_test::transaction(sid + 1, va, read_access);
    EXPECT_FALSE(hits(txn, va));
    txn.addr = 0x7654'3000;
    EXPECT_TRUE(hits(txn, 0x7654'3000));
    txn.addr = UINT64_C(1) << 52;
    smmu_result result;
    smmu_translate(dut.smmu(), &txn, &result);
    expect_abort(result, F_ADDR_SIZE);
}

// What began before an invalidation is not kept: it may have been read before.
TEST_F(TbuTlb, WhatIsInvalidatedMeanwhileIsNotKept)
{
    struct interrupted : device_under_test {
        interrupted()
            : device_under_test(two_tbus(), true, [](smmu_ops &ops) {
                  ops.units = 1u << SMMU_UNIT_TABLE_WALK;
                  ops.use = [](void *user, const smmu_use *) {
                      auto &self =
                          *static_cast<interrupted *>(static_cast<device_under_test *>(user));
                      self.submit(tlbi_nh_va(va, 1));
                  };
                  ops.release = [](void *, const smmu_use *) {};
              })
        {
        }
    } other;
    other.bring_up();
    stage1_stream its(other, sid);
    its.low.map(va, pa);
    other.translate(sid, va);
    other.translate(sid, va);
    EXPECT_EQ(smmu_get_stats(other.smmu())->tbu_tlb_hits, 0u);
}

TEST_F(TbuTlb, GbpaSmmuenAndResetForget)
{
    EXPECT_FALSE(hits(va, pa));
    dut.update_cr0(reg::CR0_EVENTQEN | reg::CR0_CMDQEN);
    for (int i = 0; i < 2; i++) {
        expect_forward(dut.translate(sid, va), va);
        EXPECT_EQ(stats().tbu_tlb_hits, i == 0 ? 0u : 1u);
        forget_in_micro_tlbs();
    }
    dut.write32(reg::GBPA, reg::GBPA_UPDATE | reg::GBPA_ABORT);
    expect_abort(dut.translate(sid, va), 0);
    dut.update_cr0(reg::CR0_SMMUEN | reg::CR0_EVENTQEN | reg::CR0_CMDQEN);
    EXPECT_FALSE(hits(va, pa));
    smmu_reset(dut.smmu());
    expect_forward(dut.translate(sid, va), va);
}

TEST_F(TbuTlb, InjectedErrorsAreNotAnsweredAway)
{
    EXPECT_FALSE(hits(va, pa));
    smmu_inject(dut.smmu(), SMMU_INJECT_TLB_CONFLICT, 1);
    expect_abort(dut.translate(sid, va), F_TLB_CONFLICT);
}

TEST_F(TbuTlb, LookUpByItselfIsTheFirstPartOfATranslation)
{
    smmu_txn txn = device_under_test::transaction(sid, va, read_access);
    smmu_result result, again;
    EXPECT_FALSE(smmu_look_up(dut.smmu(), &txn, &result));
    EXPECT_FALSE(smmu_look_up_tlb(dut.smmu(), &txn, &result));
    txn.looked_up = true;
    smmu_translate(dut.smmu(), &txn, &result);
    expect_forward(result, pa);
    EXPECT_EQ(stats().tbu_tlb_misses, 1u);
    forget_in_micro_tlbs();
    EXPECT_FALSE(smmu_look_up(dut.smmu(), &txn, &again));
    EXPECT_TRUE(smmu_look_up_tlb(dut.smmu(), &txn, &again));
    expect_forward(again, pa);
    EXPECT_EQ(again.perm, result.perm);
    EXPECT_EQ(again.span_log2, result.span_log2);
    EXPECT_EQ(stats().translations, 2u);
    EXPECT_EQ(stats().forwards, 2u);
    txn.tbu = 2;
    EXPECT_FALSE(smmu_look_up_tlb(dut.smmu(), &txn, &again)) << "there is no such TBU";
}

// A client that gives what has no meaning meets nobody else's answer.
TEST_F(TbuTlb, ValuesWithoutMeaningAreNotRemembered)
{
    EXPECT_FALSE(hits(va, pa));
    smmu_txn txn = device_under_test::transaction(sid, va, read_access);
    smmu_result result;
    for (unsigned bit = 2; bit < 8; bit++) {
        txn.attr.sh = static_cast<uint8_t>(1u << bit);
        smmu_translate(dut.smmu(), &txn, &result);
        txn.attr.sh = 0;
        txn.op = static_cast<uint8_t>(1u << bit << 2);
        smmu_translate(dut.smmu(), &txn, &result);
        txn.op = 0;
        txn.sec = static_cast<uint8_t>(1u << bit);
        smmu_translate(dut.smmu(), &txn, &result);
        EXPECT_EQ(result.outcome, SMMU_ABORT);
        txn.sec = 0;
    }
    EXPECT_EQ(stats().tbu_tlb_hits, 0u);
}

TEST(TbuTlbOff, NothingIsCounted)
{
    device_under_test dut;
    dut.bring_up();
    stage1_stream stream(dut, 5);
    stream.low.map(0x1000, 0x70000000);
    smmu_result result;
    const smmu_txn txn = device_under_test::transaction(5, 0x1000, read_access);
    EXPECT_FALSE(smmu_look_up_tlb(dut.smmu(), &txn, &result));
    expect_forward(dut.translate(5, 0x1000), 0x70000000);
    EXPECT_EQ(smmu_get_stats(dut.smmu())->tbu_tlb_misses, 0u);
}

// --- invalidation -------------------------------------------------------------------------------

smmu_config tbu_tlb_alone(bool ipa_takes_nested = false)
{
    smmu_config cfg = smmu_config_default();
    cfg.btm = true;
    cfg.ipa_inval_nested = ipa_takes_nested;
    cfg.tbu_tlb = {16, 4};
    cfg.utlb = cfg.tlb = cfg.walk_s1 = cfg.walk_s2 = {0, 0};
    return cfg;
}

struct invalidation {
    const char *name;
    void (*issue)(device_under_test &dut, uint64_t va, uint64_t ipa);
    const char *gone;
    bool e2h = false;
};

void PrintTo(const invalidation &i, std::ostream *out)
{
    *out << i.name;
}

void broadcast(device_under_test &dut, smmu_dvm_op op, unsigned vmid, unsigned asid, uint64_t addr,
               smmu_world world = SMMU_WORLD_NS_EL1)
{
    smmu_dvm dvm{};
    dvm.op = static_cast<uint8_t>(op);
    dvm.world = static_cast<uint8_t>(world);
    dvm.vmid = static_cast<uint16_t>(vmid);
    dvm.asid = static_cast<uint16_t>(asid);
    dvm.addr = addr;
    smmu_broadcast_tlbi(dut.smmu(), &dvm);
}

#define ISSUE(command)                                                                             \
    [](device_under_test &dut, [[maybe_unused]] uint64_t va, [[maybe_unused]] uint64_t ipa) {      \
        command;                                                                                   \
    }

// Scopes of 4.3, 4.4 and 3.17: of stream a (6, stage 2 of VMID 6), n (7, nested, VMID and ASID 7),
// o (8, nested, VMID 8, ASID 7), s (9, stage 1, VMID 7, ASID 9) and h (10, EL2 or E2H, ASID 7).
const invalidation invalidations[] = {
    {"Nothing", ISSUE(dut.submit(cmd_sync())), ""},
    {"NsnhAll", ISSUE(dut.submit(tlbi_nsnh_all())), "anos"},
    {"NhAll", ISSUE(dut.submit(tlbi_nh_all(7))), "ns"},
    {"NhAsid", ISSUE(dut.submit(tlbi_nh_asid(7, 8))), "o"},
    {"NhVa", ISSUE(dut.submit(tlbi_nh_va(va, 7, false, 7))), "n"},
    {"NhVaOfAnotherPage", ISSUE(dut.submit(tlbi_nh_va(va + 0x1000, 7, false, 7))), ""},
    {"NhVaLeaf", ISSUE(dut.submit(tlbi_nh_va(va, 9, true, 7))), "s"},
    {"NhVaa", ISSUE(dut.submit(tlbi_nh_vaa(va, false, 7))), "ns"},
    {"S12Vmall", ISSUE(dut.submit(tlbi_s12_vmall(6))), "a"},
    {"S2Ipa", ISSUE(dut.submit(tlbi_s2_ipa(ipa, 6))), "a"},
    {"S2IpaOfANestedStream", ISSUE(dut.submit(tlbi_s2_ipa(ipa, 7))), ""},
    {"El2All", ISSUE(dut.submit(tlbi_el2_all())), "h"},
    {"El2Va", ISSUE(dut.submit(tlbi_el2_va(va, 0))), "h"},
    {"El2Vaa", ISSUE(dut.submit(tlbi_el2_vaa(va))), "h"},
    {"El2Asid", ISSUE(dut.submit(tlbi_el2_asid(7))), "h", true},
    {"El2AsidOfAnother", ISSUE(dut.submit(tlbi_el2_asid(8))), "", true},
    {"CfgiSte", ISSUE(dut.submit(cfgi_ste(8))), "o"},
    {"CfgiSteRange", ISSUE(dut.submit(cfgi_ste_range(8, 0))), "os"},
    {"CfgiAll", ISSUE(dut.submit(cfgi_all())), "anosh"},
    {"CfgiCd", ISSUE(dut.submit(cfgi_cd(7))), "n"},
    {"CfgiCdOfAnotherSubstream", ISSUE(dut.submit(cfgi_cd(7, 1))), ""},
    {"CfgiCdOfAStreamWithoutStage1", ISSUE(dut.submit(cfgi_cd(6))), ""},
    {"CfgiCdAll", ISSUE(dut.submit(cfgi_cd_all(9))), "s"},
    {"BroadcastAll", ISSUE(broadcast(dut, SMMU_DVM_ALL, 0, 0, 0)), "anos"},
    {"BroadcastVmalls12", ISSUE(broadcast(dut, SMMU_DVM_VMALLS12, 7, 0, 0)), "ns"},
    {"BroadcastVmall", ISSUE(broadcast(dut, SMMU_DVM_VMALL, 8, 0, 0)), "o"},
    {"BroadcastAsid", ISSUE(broadcast(dut, SMMU_DVM_ASID, 7, 9, 0)), "s"},
    {"BroadcastVa", ISSUE(broadcast(dut, SMMU_DVM_VA, 7, 7, va)), "n"},
    {"BroadcastVaa", ISSUE(broadcast(dut, SMMU_DVM_VAA, 7, 0, va)), "ns"},
    {"BroadcastIpas2", ISSUE(broadcast(dut, SMMU_DVM_IPAS2, 6, 0, ipa)), "a"},
    {"BroadcastOfEl2", ISSUE(broadcast(dut, SMMU_DVM_ALL, 0, 0, 0, SMMU_WORLD_EL2)), "h"},
    {"InvalidationOfAnAtc", ISSUE(dut.submit(cmd_atc_inv({}))), ""},
};

class TbuTlbScopes : public Scopes, public testing::WithParamInterface<invalidation> {
  protected:
    explicit TbuTlbScopes(bool ipa_takes_nested = false) : Scopes(tbu_tlb_alone(ipa_takes_nested))
    {
    }

    std::string gone()
    {
        std::string names;
        for (const auto &t : all())
            if (dut.translate(t.sid, t.addr).addr >> 32 == 2)
                names += t.name;
        return names;
    }
};

TEST_P(TbuTlbScopes, LosesWhatIsNamedAndNothingElse)
{
    if (GetParam().e2h)
        fill(true);
    dut.write32(reg::CR2, dut.read32(reg::CR2) & ~reg::CR2_PTM);
    GetParam().issue(dut, va, ipa);
    EXPECT_EQ(gone(), GetParam().gone);
}

INSTANTIATE_TEST_SUITE_P(Commands, TbuTlbScopes, testing::ValuesIn(invalidations),
                         [](const auto &info) { return info.param.name; });

class TbuTlbOfNestedStreams : public TbuTlbScopes {
  protected:
    TbuTlbOfNestedStreams() : TbuTlbScopes(true) {}
};

// 4.4.3.1: an SMMU may take what is of both stages along, whose IPAs it does not keep.
TEST_P(TbuTlbOfNestedStreams, LosesThemByAnyIpaOfTheirVmid)
{
    GetParam().issue(dut, va, ipa);
    EXPECT_EQ(gone(), GetParam().gone);
}

INSTANTIATE_TEST_SUITE_P(
    Commands, TbuTlbOfNestedStreams,
    testing::Values(invalidation{"ItsOwn", ISSUE(dut.submit(tlbi_s2_ipa(ipa, 7))), "n"},
                    invalidation{"Another",
                                 ISSUE(dut.submit(tlbi_s2_ipa(ipa + (uint64_t{1} << 30), 8))), "o"},
                    invalidation{"StageTwoAlone", ISSUE(dut.submit(tlbi_s2_ipa(ipa, 6))), "a"}),
    [](const auto &info) { return info.param.name; });

} // namespace
} // namespace test_tbu_tlb
