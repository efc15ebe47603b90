// SPDX-License-Identifier: Apache-2.0
// The C side of the DPI: what is asked of the SMMU arrives there, and its answers come back.
#include <gtest/gtest.h>

#include <cstring>

#include "dpi/dpi_bench.hpp"
#include "smmu/smmu.h"
#include "support/registers.hpp"

namespace test_dpi_calls {

using support::dpi_bench;

uint64_t number_of(const uint32_t words[2])
{
    return uint64_t{words[1]} << 32 | words[0];
}

// 2 MiB at 0x40200000, Non-cacheable, read-only, global, are at 0x1280400000.
TEST(DpiTranslate, AnswersWithAddressAttributesAndTag)
{
    dpi_bench bench("oas_bits=44");
    support::leaf_attributes leaf;
    bench.bring_up();
    leaf.attr_index = 1;
    leaf.ap = support::AP_ALL_RO;
    leaf.ng = 0;
    leaf.sh = 0b10;
    bench.table.map(0x40200000, 0x1280400000, 2, leaf);
    const smmu_dpi_result result = bench.translate(dpi_bench::transaction(0x40212345));
    EXPECT_EQ(result.outcome, SMMU_FORWARD);
    EXPECT_EQ(number_of(result.addr), 0x1280412345);
    EXPECT_EQ(result.mair, 0x44);
    EXPECT_EQ(result.sh, SMMU_SH_OUTER);
    EXPECT_EQ(result.perm & (SMMU_PERM_R | SMMU_PERM_W), SMMU_PERM_R);
    EXPECT_EQ(result.span_log2, 21);
    EXPECT_EQ(result.pas, SMMU_PAS_NS);
    EXPECT_EQ(result.op, SMMU_OP_ORDINARY);
    EXPECT_EQ(result.fault, 0);
    EXPECT_EQ(result.stall, 0);
    EXPECT_EQ(number_of(result.tag.va), 0x40200000);
    EXPECT_EQ(result.tag.asid, 5);
    EXPECT_EQ(result.tag.sid, 3);
    EXPECT_EQ(result.tag.level, 2);
    EXPECT_EQ(result.tag.span_log2, 21);
    EXPECT_EQ(result.tag.s1_leaf_log2, 21);
    EXPECT_EQ(result.tag.any_asid, 1);
    EXPECT_EQ(result.tag.s1, 1);
    EXPECT_EQ(result.tag.s2, 0);
}

TEST(DpiTranslate, SaysWhichFaultItMet)
{
    dpi_bench bench;
    bench.bring_up();
    const smmu_dpi_result result = bench.translate(dpi_bench::transaction(0x5000));
    EXPECT_EQ(result.outcome, SMMU_ABORT);
    EXPECT_STREQ(smmu_dpi_event_name(static_cast<int>(result.fault)), "F_TRANSLATION");
    EXPECT_EQ(number_of(result.addr), 0);
    EXPECT_EQ(bench.count("events"), 1);
    const support::image<4> record = bench.mem.load_image<4>(dpi_bench::evtq_base);
    EXPECT_EQ(record.get(0, 8), 0x10); // F_TRANSLATION (7.3.13)
    EXPECT_EQ(record.get(32, 32), 3);  // StreamID
    EXPECT_EQ(record.get(128, 64), 0x5000);
    ASSERT_EQ(bench.interrupts.size(), 1);
    EXPECT_EQ(bench.interrupts[0], std::make_pair(int{SMMU_SEC_NS}, int{SMMU_IRQ_EVTQ}));
}

// Each member of a transaction reaches the SMMU: a page that only privileged reads of data may
// touch, of a stream with SubstreamIDs, at the second TBU.
TEST(DpiTranslate, PassesOnWhatKindOfAccessItIs)
{
    dpi_bench bench("tbus=2,utlb=1x1");
    support::leaf_attributes leaf;
    bench.bring_up();
    leaf.ap = support::AP_PRIV_RO;
    leaf.pxn = 1;
    bench.table.map(0x5000, 0x80005000, 3, leaf);
    smmu_dpi_txn txn = dpi_bench::transaction(0x5000);
    EXPECT_EQ(bench.translate(txn).outcome, SMMU_ABORT);
    txn.priv = 0x100;
    txn.tbu = 1;
    EXPECT_EQ(bench.translate(txn).outcome, SMMU_FORWARD);
    EXPECT_EQ(bench.count("utlb_hits"), 0);
    EXPECT_EQ(bench.translate(txn).outcome, SMMU_FORWARD);
    EXPECT_EQ(bench.count("utlb_hits"), 1);
    txn.tbu = 0; // has no answer
    EXPECT_EQ(bench.translate(txn).outcome, SMMU_FORWARD);
    EXPECT_EQ(bench.count("utlb_hits"), 1);
    txn.instr = 1;
    EXPECT_EQ(bench.translate(txn).outcome, SMMU_ABORT);
    txn.instr = 0;
    txn.write = 1;
    EXPECT_EQ(bench.translate(txn).outcome, SMMU_ABORT);
    txn.write = 0;
    txn.ssv = 1;                                 // there is one CD
    EXPECT_EQ(bench.translate(txn).fault, 0x08); // C_BAD_SUBSTREAMID (7.3.9)
    txn.ssv = 0;
    txn.sid = 70; // beyond the Stream table
    EXPECT_EQ(bench.translate(txn).outcome, SMMU_ABORT);
    txn.sid = 3;
    txn.addr[1] = 0x00100000; // bits that are no sign extension
    EXPECT_EQ(bench.translate(txn).fault, 0x10);
    txn.addr[1] = 0;
    txn.translated = 1; // CR0.ATSCHK is 0: it passes (3.9.1)
    EXPECT_EQ(number_of(bench.translate(txn).addr), 0x5000);
}

TEST(DpiProbe, HasTheAnswerAndNoEffect)
{
    dpi_bench bench;
    bench.bring_up();
    bench.table.map(0x5000, 0x80005000);
    const smmu_dpi_txn good = dpi_bench::transaction(0x5678);
    const smmu_dpi_txn bad = dpi_bench::transaction(0x9000);
    smmu_dpi_result result;
    auto *const words = reinterpret_cast<uint32_t *>(&result);
    EXPECT_EQ(smmu_dpi_probe(bench.number, reinterpret_cast<const uint32_t *>(&good), words), 1);
    EXPECT_EQ(number_of(result.addr), 0x80005678);
    EXPECT_EQ(smmu_dpi_probe(bench.number, reinterpret_cast<const uint32_t *>(&bad), words), 1);
    EXPECT_EQ(result.outcome, SMMU_ABORT);
    EXPECT_EQ(result.fault, 0x10);
    for (const char *counter : {"translations", "events", "tlb_fills", "ste_fetches", "aborts"})
        EXPECT_EQ(bench.count(counter), 0) << counter;
    EXPECT_TRUE(bench.interrupts.empty());
}

TEST(DpiMemory, IsToldWhatAnAccessIs)
{
    dpi_bench bench;
    bench.bring_up();
    bench.table.map(0x5000, 0x80005000);
    bench.translate(dpi_bench::transaction(0x5000));
    ASSERT_EQ(bench.accesses.size(), 6); // STE, CD, four levels
    const smmu_dpi_access &ste = bench.accesses[0];
    EXPECT_EQ(number_of(ste.addr), dpi_bench::strtab_base + 3 * 64);
    EXPECT_EQ(ste.bytes, 64);
    EXPECT_EQ(ste.fetch, SMMU_FETCH_STE);
    EXPECT_EQ(ste.sid, 3);
    EXPECT_EQ(ste.pas, SMMU_PAS_NS);
    const smmu_dpi_access &walk = bench.accesses[5];
    EXPECT_EQ(walk.bytes, 8);
    EXPECT_EQ(walk.fetch, SMMU_FETCH_TTD);
    EXPECT_EQ(walk.mair, 0xff); // CD.IR0, OR0 and SH0 of the bench: Write-Back, Inner Shareable
    EXPECT_EQ(walk.sh, SMMU_SH_INNER);
    EXPECT_EQ(walk.stage, 1);
    EXPECT_EQ(walk.level, 3);
    EXPECT_EQ(ste.stage, 0);
}

// GBPMPAM labels what SMMUEN == 0 lets pass (6.3.43), GMPAM the Stream table (6.3.42).
TEST(DpiMemory, LabelsComeAlong)
{
    dpi_bench bench("arch=2,mpam=1,partid_max=0xff,pmg_max=3");
    ASSERT_EQ(smmu_dpi_reg_write(bench.number, 0x13c, 4, 0x80020034), 1);
    ASSERT_EQ(smmu_dpi_reg_write(bench.number, 0x138, 4, 0x80010056), 1);
    ASSERT_EQ(smmu_dpi_run(bench.number), 1);
    smmu_dpi_result result = bench.translate(dpi_bench::transaction(0x5000));
    ASSERT_EQ(result.outcome, SMMU_FORWARD);
    EXPECT_EQ(result.partid, 0x34);
    EXPECT_EQ(result.pmg, 2);
    EXPECT_EQ(result.space, SMMU_SEC_NS);
    bench.bring_up();
    bench.translate(dpi_bench::transaction(0x5000));
    ASSERT_FALSE(bench.accesses.empty());
    EXPECT_EQ(bench.accesses[0].fetch, SMMU_FETCH_STE);
    EXPECT_EQ(bench.accesses[0].partid, 0x56);
    EXPECT_EQ(bench.accesses[0].pmg, 1);
}

TEST(DpiMemory, MayAbort)
{
    dpi_bench bench;
    bench.bring_up();
    support::abort_rule rule;
    rule.fetch = SMMU_FETCH_STE;
    bench.mem.abort_on(rule);
    EXPECT_EQ(bench.translate(dpi_bench::transaction(0x5000)).fault, 0x03); // F_STE_FETCH (7.3.4)
    bench.mem.clear_aborts();
    rule.fetch = SMMU_FETCH_EVTQ;
    bench.mem.abort_on(rule);
    bench.translate(dpi_bench::transaction(0x5000));
    EXPECT_EQ(bench.read32(support::reg::GERROR), support::reg::GERROR_EVENTQ_ABT);
    EXPECT_EQ(bench.count("gerrors"), 1);
}

// The Access flag is descriptor bit 10 (DDI 0487 D8.3.2).
TEST(DpiMemory, IsComparedAndSwapped)
{
    dpi_bench bench;
    support::cd context;
    support::leaf_attributes leaf;
    context.ha = 1;
    leaf.af = 0;
    bench.bring_up(context);
    bench.table.map(0x5000, 0x80005000, 3, leaf);
    EXPECT_EQ(bench.translate(dpi_bench::transaction(0x5000)).outcome, SMMU_FORWARD);
    EXPECT_EQ(bench.table.descriptor(0x5000, 3) >> 10 & 1, 1);
    EXPECT_EQ(bench.accesses.back().fetch, SMMU_FETCH_TTD_UPDATE);
}

TEST(DpiRun, ConsumesCommandsAndTellsOfInvalidations)
{
    dpi_bench bench;
    bench.bring_up();
    bench.table.map(0x5000, 0x80005000);
    const smmu_dpi_result result = bench.translate(dpi_bench::transaction(0x5000));
    const auto goes = [&result](const smmu_dpi_inval &inval) {
        return smmu_dpi_inval_matches(reinterpret_cast<const uint32_t *>(&inval),
                                      reinterpret_cast<const uint32_t *>(&result.tag));
    };
    bench.invals.clear();
    bench.submit(support::tlbi_nh_va(0x5000, 5));
    bench.submit(support::tlbi_nh_va(0x5000, 6));
    bench.submit(support::tlbi_nh_va(0x6000, 5));
    bench.submit(support::tlbi_nh_asid(5));
    bench.submit(support::tlbi_nh_asid(5, 1));
    bench.submit(support::cfgi_ste(3));
    bench.submit(support::cfgi_ste(4));
    ASSERT_EQ(bench.invals.size(), 7);
    const int expected[] = {1, 0, 0, 1, 0, 1, 0};
    for (unsigned i = 0; i < 7; i++)
        EXPECT_EQ(goes(bench.invals[i]), expected[i]) << i;
    EXPECT_EQ(bench.invals[0].kind, SMMU_INVAL_TLB_VA);
    EXPECT_EQ(number_of(bench.invals[0].addr), 0x5000);
    EXPECT_EQ(bench.count("commands"), 7);
    EXPECT_EQ(bench.read32(support::reg::CMDQ_CONS), 7);
}

TEST(DpiReset, IsThatOfTheSmmu)
{
    dpi_bench bench;
    bench.bring_up();
    EXPECT_EQ(smmu_dpi_reset(bench.number), 1);
    EXPECT_EQ(bench.read32(support::reg::CR0), 0);
    EXPECT_EQ(bench.translate(dpi_bench::transaction(0x5000)).outcome, SMMU_FORWARD); // GBPA
}

TEST(DpiInject, MakesTheNextAccessFail)
{
    dpi_bench bench;
    bench.bring_up();
    EXPECT_EQ(smmu_dpi_inject(bench.number, SMMU_INJECT_CD_ABORT, 1), 1);
    EXPECT_EQ(bench.translate(dpi_bench::transaction(0x5000)).fault, 0x09); // F_CD_FETCH (7.3.10)
}

// STE.EATS 1: full ATS (5.2).
TEST(DpiAts, GrantsWhatTheTablesGrant)
{
    dpi_bench bench;
    smmu_dpi_ats_request request{};
    smmu_dpi_ats_completion completion;
    const auto ask = [&] {
        return smmu_dpi_ats_translate(bench.number, reinterpret_cast<const uint32_t *>(&request),
                                      reinterpret_cast<uint32_t *>(&completion));
    };
    request.sid = 3;
    request.stus = 1;
    request.addr[0] = 0x205000;
    bench.stream.eats = 1;
    bench.bring_up();
    bench.table.map(0x200000, 0x80000000, 2);
    ASSERT_EQ(ask(), 1);
    EXPECT_EQ(completion.status, SMMU_ATS_SUCCESS);
    EXPECT_EQ(number_of(completion.addr) & ~uint64_t{0x1fffff}, 0x80000000);
    EXPECT_EQ(completion.r, 1);
    EXPECT_EQ(completion.w, 1);
    EXPECT_GE(completion.span_log2, 12);
    request.addr[0] = 0x900000;
    ASSERT_EQ(ask(), 1);
    EXPECT_EQ(completion.status, SMMU_ATS_SUCCESS);
    EXPECT_EQ(completion.r | completion.w, 0);
    EXPECT_EQ(number_of(completion.addr), 0);
    support::atc_inv inv;
    inv.sid = 3;
    inv.address = 0x200000;
    inv.size = 9;
    bench.submit(support::cmd_atc_inv(inv));
    bench.submit(support::cmd_sync());
    ASSERT_EQ(bench.atc_invals.size(), 1);
    EXPECT_EQ(number_of(bench.atc_invals[0].addr), 0x200000);
    EXPECT_EQ(bench.atc_invals[0].span_log2, 21);
    EXPECT_EQ(bench.atc_invals[0].sid, 3);
    EXPECT_EQ(bench.atc_invals[0].cmdq, 0); // the Command queue
    EXPECT_EQ(bench.atc_syncs, std::vector<std::uint32_t>{0});
}

// CD.S: what faults stalls (5.5). The record has STAG in [79:64] and Stall in [95] (7.3.13).
class DpiStall : public testing::Test {
  protected:
    DpiStall()
    {
        support::cd context;
        context.s = 1;
        bench.bring_up(context);
        txn.may_stall = 1;
    }

    unsigned stag(unsigned index)
    {
        const auto record = bench.mem.load_image<4>(dpi_bench::evtq_base + 32 * index);
        EXPECT_EQ(record.get(95, 1), 1);
        return static_cast<unsigned>(record.get(64, 16));
    }

    dpi_bench bench;
    smmu_dpi_txn txn = dpi_bench::transaction(0x5000);
};

TEST_F(DpiStall, EndsByARetry)
{
    const smmu_dpi_result held = bench.translate(txn);
    ASSERT_EQ(held.outcome, SMMU_STALLED);
    ASSERT_NE(held.stall, 0);
    bench.table.map(0x5000, 0x80005000);
    bench.submit(support::cmd_resume(3, stag(0), support::resume_action::retry));
    ASSERT_EQ(bench.resumed.size(), 1);
    EXPECT_EQ(bench.resumed[0], std::make_pair(int(held.stall), int{SMMU_RESUME_RETRY}));
    txn.retry = held.stall;
    EXPECT_EQ(number_of(bench.translate(txn).addr), 0x80005000);
    smmu_dpi_result result;
    EXPECT_EQ(smmu_dpi_translate(bench.number, reinterpret_cast<const uint32_t *>(&txn),
                                 reinterpret_cast<uint32_t *>(&result)),
              0); // it has its answer
}

TEST_F(DpiStall, MayStallAgain)
{
    const smmu_dpi_result held = bench.translate(txn);
    bench.submit(support::cmd_resume(3, stag(0), support::resume_action::retry));
    txn.retry = held.stall;
    const smmu_dpi_result again = bench.translate(txn);
    EXPECT_EQ(again.outcome, SMMU_STALLED);
    EXPECT_EQ(again.stall, held.stall);
    smmu_dpi_result early;
    EXPECT_EQ(smmu_dpi_translate(bench.number, reinterpret_cast<const uint32_t *>(&txn),
                                 reinterpret_cast<uint32_t *>(&early)),
              0); // nobody has let it go
    bench.submit(support::cmd_resume(3, stag(1), support::resume_action::terminate_abort));
    ASSERT_EQ(bench.resumed.size(), 2);
    EXPECT_EQ(bench.resumed[1], std::make_pair(int(held.stall), int{SMMU_RESUME_ABORT}));
    smmu_dpi_result result;
    EXPECT_EQ(smmu_dpi_translate(bench.number, reinterpret_cast<const uint32_t *>(&txn),
                                 reinterpret_cast<uint32_t *>(&result)),
              0);
}

TEST_F(DpiStall, IsEndedByAResetAndByTheEnd)
{
    const smmu_dpi_result first = bench.translate(txn);
    txn.addr[0] = 0x7000;
    const smmu_dpi_result second = bench.translate(txn);
    EXPECT_NE(first.stall, second.stall);
    EXPECT_EQ(smmu_dpi_reset(bench.number), 1);
    EXPECT_EQ(bench.resumed.size(), 2);
    for (const auto &each : bench.resumed)
        EXPECT_EQ(each.second, SMMU_RESUME_ABORT);
    bench.bring_up();
    bench.translate(txn); // stays held when the bench ends
}

TEST_F(DpiStall, NeedsATransactionThatCanWait)
{
    txn.may_stall = 0;
    const smmu_dpi_result result = bench.translate(txn);
    EXPECT_EQ(result.outcome, SMMU_ABORT);
    EXPECT_EQ(result.stall, 0);
}

smmu_dpi_page_request page_request()
{
    smmu_dpi_page_request request{};
    request.sid = 3;
    request.ssv = 1;
    request.ssid = 0x54321;
    request.addr[0] = 0x76543000;
    request.addr[1] = 0xfedcba98;
    request.prgi = 0x155;
    request.last = request.w = request.exe = 1;
    return request;
}

int send(const dpi_bench &bench, const smmu_dpi_page_request &request)
{
    return smmu_dpi_request_page(bench.number, reinterpret_cast<const uint32_t *>(&request));
}

// The record of IHI 0070 8: StreamID, SubstreamID, X, W, Last, SSV; PRG Index, page.
TEST(DpiPages, RequestEntersTheQueue)
{
    constexpr uint64_t priq = 0x13000000;
    dpi_bench bench;
    bench.bring_up();
    ASSERT_EQ(smmu_dpi_reg_write(bench.number, support::reg::PRIQ_BASE, 8, priq | 3), 1);
    ASSERT_EQ(smmu_dpi_reg_write(bench.number, support::reg::CR0, 4, 0xf), 1);
    ASSERT_EQ(smmu_dpi_run(bench.number), 1);
    EXPECT_EQ(send(bench, page_request()), 1);
    EXPECT_EQ(bench.mem.load64(priq), 0xe805432100000003);
    EXPECT_EQ(bench.mem.load64(priq + 8), 0xfedcba9876543155);
    EXPECT_EQ(bench.page_responses.size(), 0);
    EXPECT_EQ(bench.count("page_requests"), 1);
}

// Without a queue the SMMU answers every request with Response Failure, without PASID (8.2).
TEST(DpiPages, ResponseIsTold)
{
    dpi_bench bench;
    bench.bring_up();
    EXPECT_EQ(send(bench, page_request()), 1);
    ASSERT_EQ(bench.page_responses.size(), 1);
    const smmu_dpi_prg_response &response = bench.page_responses[0];
    EXPECT_EQ(response.sid, 3);
    EXPECT_EQ(response.prgi, 0x155);
    EXPECT_EQ(response.code, SMMU_PRG_FAILURE);
    EXPECT_EQ(response.sec, SMMU_SEC_NS);
    EXPECT_EQ(response.ssv, 0);
}

// CMD_PRI_RESP of group 0x155, Success, with SSV (4.5.2).
TEST(DpiPages, ResponseOfSoftwareIsTold)
{
    dpi_bench bench;
    bench.bring_up();
    support::command response;
    response.word[0] = uint64_t{3} << 32 | uint64_t{0x54321} << 12 | 1u << 11 | 0x41;
    response.word[1] = uint64_t{2} << 12 | 0x155;
    bench.submit(response);
    ASSERT_EQ(bench.page_responses.size(), 1);
    EXPECT_EQ(bench.page_responses[0].code, SMMU_PRG_SUCCESS);
    EXPECT_EQ(bench.page_responses[0].ssv, 1);
    EXPECT_EQ(bench.page_responses[0].ssid, 0x54321);
}

// TLBI VAE1 of ASID 5, and of another one (DDI 0487 D8.17.5).
TEST(DpiBroadcast, TakesWhatTheInstructionNames)
{
    dpi_bench bench("btm=1");
    ASSERT_EQ(smmu_dpi_reg_write(bench.number, support::reg::CR2, 4, 0), 1);
    bench.bring_up();
    bench.table.map(0x5000, 0x80005000);
    EXPECT_EQ(number_of(bench.translate(dpi_bench::transaction(0x5000)).addr), 0x80005000);
    bench.table.unmap(0x5000);
    bench.table.map(0x5000, 0x90005000);
    smmu_dpi_dvm tlbi{};
    tlbi.op = SMMU_DVM_VA;
    tlbi.addr[0] = 0x5000;
    const auto broadcast = [&](unsigned asid) {
        tlbi.asid = asid;
        EXPECT_EQ(smmu_dpi_broadcast_tlbi(bench.number, reinterpret_cast<const uint32_t *>(&tlbi)),
                  1);
        return number_of(bench.translate(dpi_bench::transaction(0x5000)).addr);
    };
    EXPECT_EQ(broadcast(6), 0x80005000);
    EXPECT_EQ(broadcast(5), 0x90005000);
    EXPECT_EQ(bench.count("broadcasts"), 2);
}

} // namespace test_dpi_calls
