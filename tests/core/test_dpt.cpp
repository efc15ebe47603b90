// SPDX-License-Identifier: Apache-2.0
// The DPT check, and all that leads to it (IHI 0070 3.9.1.3, 3.24.1, 5.2, 6.3.9, 6.3.46 to 6.3.48).
#include "core/ats_test.hpp"
#include "core/dpt_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_dpt {
namespace {

// --- the check ----------------------------------------------------------------------------------

class Dpt : public DptTest {
  protected:
    // An operation on `page` beyond reads and writes.
    smmu_result operate(smmu_op op, const client_access &access)
    {
        smmu_txn txn = device_under_test::transaction(alone, page, access);
        txn.op = static_cast<uint8_t>(op);
        smmu_result r{};
        smmu_translate(dut.smmu(), &txn, &r);
        return r;
    }
};

TEST_F(Dpt, LetsThroughWhatItGrants)
{
    table.grant(page, {0, 1, 6});
    expect_forward(read(page + 0x123), page + 0x123);
    expect_forward(write(page + 0xfff), page + 0xfff);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    expect_no_lookup_fault();
}

TEST_F(Dpt, OutputIsNonSecureAndWhatTheClientGave)
{
    table.grant(page, {0, 1, 6});
    const smmu_result r = read(page);
    EXPECT_EQ(r.pas, SMMU_PAS_NS);
    EXPECT_EQ(r.attr.mair, SMMU_MAIR_NORMAL_WB_RAWA);
    EXPECT_EQ(r.attr.sh, SMMU_SH_INNER);
    EXPECT_EQ(r.perm, SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X);
    EXPECT_EQ(r.span_log2, 12);
}

TEST_F(Dpt, RefusesTheNeighbours)
{
    table.grant(page, {0, 1, 6});
    for (const uint64_t at : {page - 1, page - 0x1000, page + 0x1000})
        expect_forbidden(read(at), at);
    expect_no_lookup_fault();
}

TEST_F(Dpt, RefusesWritesWithoutW)
{
    table.grant(page, {0, 0, 6});
    expect_forward(read(page), page);
    EXPECT_EQ(read(page).perm, SMMU_PERM_R | SMMU_PERM_X);
    expect_forbidden(write(page), page, false);
    expect_no_lookup_fault();
}

TEST_F(Dpt, AtomicsNeedW)
{
    for (const unsigned w : {0u, 1u}) {
        table.grant(page, {2, w, 0});
        invalidate_dpt();
        const smmu_result r = operate(SMMU_OP_ATOMIC, translated_write);
        EXPECT_EQ(r.outcome, w ? SMMU_FORWARD : SMMU_ABORT);
    }
}

TEST_F(Dpt, HintsThatItRefusesEndWithoutEffect)
{
    for (const uint64_t word : {uint64_t{0}, uint64_t{2}}) { // No Access, and invalid
        table.set_l0(page, word);
        EXPECT_EQ(operate(SMMU_OP_PREFETCH, translated_read).outcome, SMMU_RAZWI);
    }
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    expect_no_lookup_fault();
}

// 3.24.1: whether VMIDs have to be equal, in the order of its table: DPT_VMATCH, then AC. 0b11 of
// DPT_VMATCH behaves as 0b00 (5.2).
TEST_F(Dpt, VmidsCountAsAcAndDptVmatchSay)
{
    static const bool required[4][3] = {
        {true, true, false}, {true, false, false}, {false, false, false}, {true, true, false}};
    for (unsigned vmatch = 0; vmatch < 4; ++vmatch) {
        entry.dpt_vmatch = vmatch;
        publish();
        for (unsigned ac = 0; ac < 3; ++ac)
            for (const unsigned vmid : {6u, 7u, 0x106u})
                for (const unsigned w : {0u, 1u})
                    for (const bool writes : {false, true}) {
                        SCOPED_TRACE(testing::Message() << vmatch << ac << vmid << w << writes);
                        table.grant(page, {ac, w, ac == 2 ? 0 : vmid});
                        invalidate_dpt();
                        const bool matches = vmid == 6 || !required[vmatch][ac];
                        const smmu_result r = writes ? write(page) : read(page);
                        if (matches && (w || !writes))
                            expect_forward(r, page);
                        else
                            expect_forbidden(r, page, !writes);
                    }
    }
    expect_no_lookup_fault();
}

TEST_F(Dpt, EachStreamHasItsVmid)
{
    table.grant(page, {0, 1, 7});
    expect_forward(read(page, nested), page);
    expect_forbidden(read(page), page);
    table.grant(page, {0, 1, 6});
    invalidate_dpt();
    expect_forward(read(page), page);
    expect_forbidden(read(page, nested), page, true, nested);
}

TEST_F(Dpt, StreamsOfStage1HaveAVmidToo) // 5.2, S2VMID: StreamWorld EL1
{
    stage1_stream plain(dut, 9, 9);
    plain.stream().eats = 3;
    plain.stream().s2vmid = 0x29;
    plain.publish();
    dut.invalidate_all();
    table.grant(page, {0, 0, 0x29});
    expect_forward(read(page, 9), page);
    expect_forbidden(read(page), page);
}

// --- who is checked -----------------------------------------------------------------------------

TEST_F(Dpt, IsNotAskedWithoutAtschk) // 3.9.1.3
{
    dut.update_cr0(enables & ~uint32_t{CR0_ATSCHK});
    expect_forward(write(page), page);
    EXPECT_EQ(fetches(), 0u);
}

TEST_F(Dpt, IsNotAskedWithFullAts)
{
    entry.eats = 1;
    publish();
    expect_forward(write(page), page);
    EXPECT_EQ(fetches(), 0u);
}

TEST_F(Dpt, IsNotAskedOfSplitStageAts)
{
    stage1.stream().eats = 2;
    publish();
    expect_forward(dut.translate(nested, ipa, translated_read), pa);
    EXPECT_EQ(fetches(), 0u);
}

TEST_F(Dpt, IsNotAskedOfUntranslatedTraffic)
{
    expect_forward(dut.translate(alone, ipa), pa);
    EXPECT_EQ(fetches(), 0u);
}

TEST_F(Dpt, AddressesBeyondTheOutputSizeAbortWithoutEvent) // 3.9.1.1
{
    expect_abort(read(uint64_t{1} << 48), 0);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    EXPECT_EQ(fetches(), 0u);
}

TEST_F(Dpt, IsAskedLast) // 3.9.1.3, priorities
{
    stage1.stream().s1cdmax = 1;
    stage1.stream().s1dss = 0;
    publish();
    expect_abort(read(page, nested), 0); // F_STREAM_DISABLED
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    EXPECT_EQ(fetches(), 0u);
}

// --- STE.EATS of 0b11 (5.2)
// -----------------------------------------------------------------------

TEST_F(Dpt, EatsIsNoneWithoutAtschk)
{
    dut.update_cr0(enables & ~uint32_t{CR0_ATSCHK});
    EXPECT_EQ(dut.ats_translate(ats_request(alone, ipa)).status, SMMU_ATS_UR);
    EXPECT_EQ(only_event().type, F_BAD_ATS_TREQ);
}

TEST_F(Dpt, RequestsAreAnsweredAsWithFullAts)
{
    entry.eats = 1;
    publish();
    const smmu_ats_completion full = dut.ats_translate(ats_request(alone, ipa));
    entry.eats = 3;
    publish();
    const smmu_ats_completion checked = dut.ats_translate(ats_request(alone, ipa));
    EXPECT_EQ(checked.status, SMMU_ATS_SUCCESS);
    EXPECT_TRUE(checked.r && checked.w);
    EXPECT_EQ(checked.addr, pa);
    EXPECT_EQ(checked.addr, full.addr);
    EXPECT_EQ(checked.span_log2, full.span_log2);
    EXPECT_EQ(fetches(), 0u) << "the DPT has no say in what is granted";
}

TEST_F(Dpt, EatsNeedsStreamWorldEl1)
{
    stage1_stream el2(dut, 9, 9);
    el2.stream().eats = 3;
    for (const unsigned strw : {2u, 0u}) {
        el2.stream().strw = strw;
        el2.publish();
        dut.invalidate_all();
        dut.pop_events();
        dut.translate(9, 0x1000);
        EXPECT_EQ(only_event().type, strw ? C_BAD_STE : F_TRANSLATION);
    }
}

TEST_F(Dpt, EatsIsIllegalWithS2s)
{
    entry.s2s = 1;
    publish();
    dut.translate(alone, ipa);
    EXPECT_EQ(only_event().type, C_BAD_STE);
    dut.update_cr0(enables & ~uint32_t{CR0_ATSCHK});
    dut.translate(alone, ipa);
    EXPECT_EQ(only_event().type, C_BAD_STE) << "whatever ATSCHK is";
}

TEST_F(Dpt, EatsIsIgnoredWhereNothingTranslates)
{
    entry.config = STE_BYPASS;
    publish();
    expect_forward(dut.translate(alone, 0x1000), 0x1000);
    expect_forbidden(read(0x1000), 0x1000);
    EXPECT_EQ(fetches(), 0u);
    EXPECT_EQ(dut.ats_translate(ats_request(alone, ipa)).status, SMMU_ATS_UR);
}

// 5.2, DRE: with a DPT it counts for Full ATS too.
TEST_F(Dpt, DreLetsDestructiveReadsPass)
{
    table.grant(page, {2, 1, 0});
    for (const unsigned eats : {1u, 3u})
        for (const unsigned dre : {0u, 1u}) {
            entry.eats = eats;
            entry.dre = dre;
            publish();
            const smmu_result r = operate(SMMU_OP_READ_DESTRUCTIVE, translated_read);
            EXPECT_EQ(r.outcome, SMMU_FORWARD);
            EXPECT_EQ(r.op, dre ? SMMU_OP_READ_DESTRUCTIVE : SMMU_OP_READ_CLEAN_INVALIDATE) << eats;
        }
}

TEST_F(Dpt, DcpLetsHintsOfWritesPass) // 5.2, DCP: likewise
{
    table.grant(page, {2, 1, 0});
    for (const unsigned eats : {1u, 3u})
        for (const unsigned dcp : {0u, 1u}) {
            entry.eats = eats;
            entry.dcp = dcp;
            publish();
            const smmu_result r = operate(SMMU_OP_WRITE_PREFETCH, translated_write);
            EXPECT_EQ(r.outcome, SMMU_FORWARD);
            EXPECT_EQ(r.op, dcp ? SMMU_OP_WRITE_PREFETCH : SMMU_OP_ORDINARY) << eats;
        }
}

TEST_F(Dpt, DestructiveReadsNeedW) // 3.22.2
{
    entry.dre = 1;
    publish();
    table.grant(page, {2, 0, 0});
    const smmu_result r = operate(SMMU_OP_READ_DESTRUCTIVE, translated_read);
    EXPECT_EQ(r.op, SMMU_OP_READ_CLEAN_INVALIDATE);
}

// --- SMMU_CR0.DPT_WALK_EN (6.3.9)
// -----------------------------------------------------------------

TEST_F(Dpt, DisabledWalksAreALookupFault)
{
    table.grant(page, {2, 1, 0});
    dut.update_cr0(enables & ~uint32_t{CR0_DPT_WALK_EN});
    expect_lookup_fault(read(page), page, 0, 0);
    EXPECT_EQ(fetches(), 0u);
    dut.update_cr0(enables);
    expect_forward(read(page), page);
}

TEST_F(Dpt, WhatIsCachedIsUsedWhileWalksAreDisabled)
{
    table.grant(page, {2, 0, 0});
    expect_forward(read(page), page);
    dut.update_cr0(enables & ~uint32_t{CR0_DPT_WALK_EN});
    expect_forward(read(page), page);
    expect_forbidden(write(page), page, false);
    expect_no_lookup_fault();
    invalidate_dpt();
    expect_lookup_fault(read(page), page, 0, 0);
}

TEST_F(Dpt, RegistersAreGuardedByTheEnable)
{
    const uint64_t base = dut.read64(DPT_BASE);
    const uint32_t cfg = dut.read32(DPT_BASE_CFG);
    dut.write64(DPT_BASE, 0x4'0000'1000);
    dut.write32(DPT_BASE_CFG, 0);
    EXPECT_EQ(dut.read64(DPT_BASE), base);
    EXPECT_EQ(dut.read32(DPT_BASE_CFG), cfg);
    dut.update_cr0(enables & ~uint32_t{CR0_DPT_WALK_EN});
    dut.write64(DPT_BASE, 0x4'0000'1000);
    dut.write32(DPT_BASE_CFG, 0);
    EXPECT_EQ(dut.read64(DPT_BASE), 0x4'0000'1000u);
    EXPECT_EQ(dut.read32(DPT_BASE_CFG), 0u);
}

TEST_F(Dpt, RegistersAreGuardedUntilTheEnableIsAcknowledged)
{
    const uint64_t base = dut.read64(DPT_BASE);
    smmu_reg_write(dut.smmu(), CR0, 4, enables & ~uint32_t{CR0_DPT_WALK_EN});
    smmu_reg_write(dut.smmu(), DPT_BASE, 8, 0x4'0000'1000);
    EXPECT_EQ(dut.read64(DPT_BASE), base);
    smmu_reg_write(dut.smmu(), CR0, 4, enables);
    EXPECT_EQ(dut.read32(CR0), enables & ~uint32_t{CR0_DPT_WALK_EN}) << "RO during the Update";
}

TEST_F(Dpt, RegistersHaveTheirFields)
{
    dut.update_cr0(0);
    dut.write64(DPT_BASE, ~uint64_t{0});
    dut.write32(DPT_BASE_CFG, ~uint32_t{0});
    dut.write64(DPT_CFG_FAR, ~uint64_t{0});
    EXPECT_EQ(dut.read64(DPT_BASE), 0x4000'ffff'ffff'f000u) << "48 bits of output";
    EXPECT_EQ(dut.read32(DPT_BASE_CFG), 0x00f0'c007u);
    EXPECT_EQ(dut.read64(DPT_CFG_FAR), 0u) << "a write of one to FAULT is ignored";
    EXPECT_EQ(dut.read32(IDR3) >> 15 & 1, 1u);
}

// --- reports (3.24.4, 6.3.19, 6.3.48)
// -------------------------------------------------------------

class DptReports : public Dpt {
  protected:
    void fail_at(uint64_t at)
    {
        table.set_l0(at, 2); // matches no format
        expect_forbidden(read(at), at);
    }
    uint32_t active() { return dut.read32(GERROR) ^ dut.read32(GERRORN); }
};

TEST_F(DptReports, TheFirstFaultStays)
{
    fail_at(page);
    fail_at(page + (uint64_t{1} << 30));
    EXPECT_EQ(dut.read64(DPT_CFG_FAR), page | 1 << 4 | 1);
    EXPECT_EQ(active(), GERROR_DPT);
}

TEST_F(DptReports, TheErrorIsRaisedOnceForEachFaultThatIsReported)
{
    dut.irqs.clear();
    fail_at(page);
    fail_at(page);
    EXPECT_EQ(std::count(dut.irqs.begin(), dut.irqs.end(), SMMU_IRQ_GERROR), 1);
    dut.acknowledge_gerror();
    fail_at(page); // FAULT is 1 still
    EXPECT_EQ(active(), 0u);
    dut.write64(DPT_CFG_FAR, 0);
    fail_at(page);
    EXPECT_EQ(active(), GERROR_DPT);
}

TEST_F(DptReports, AnActiveErrorIsNotToggled)
{
    fail_at(page);
    const uint32_t gerror = dut.read32(GERROR);
    dut.write64(DPT_CFG_FAR, 0);
    fail_at(page + 0x1000);
    EXPECT_EQ(dut.read32(GERROR), gerror);
    EXPECT_EQ(dut.read64(DPT_CFG_FAR), (page + 0x1000) | 1 << 4 | 1);
}

TEST_F(DptReports, OnlyClearingFaultCounts)
{
    fail_at(page);
    const uint64_t far = dut.read64(DPT_CFG_FAR);
    for (const uint64_t value : {uint64_t{1}, far | 1, ~uint64_t{0}}) {
        dut.write64(DPT_CFG_FAR, value);
        EXPECT_EQ(dut.read64(DPT_CFG_FAR), far);
    }
    dut.write32(DPT_CFG_FAR + 4, 0); // FAULT is in the other half
    EXPECT_EQ(dut.read64(DPT_CFG_FAR), far);
    dut.write32(DPT_CFG_FAR, 0xffff'fffe);
    EXPECT_EQ(dut.read64(DPT_CFG_FAR), 0u) << "and clears all";
}

TEST_F(DptReports, TheRegisterThenTheErrorThenTheEvent)
{
    std::vector<uint64_t> seen;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch == SMMU_FETCH_EVTQ)
            seen = {dut.read64(DPT_CFG_FAR), active()};
    };
    fail_at(page);
    EXPECT_THAT(seen, ElementsAre(page | 1 << 4 | 1, GERROR_DPT));
}

TEST_F(DptReports, TheMessageOfTheErrorFindsTheRegisterWritten)
{
    dut.update_cr0(enables);
    dut.write32(IRQ_CTRL, 0);
    dut.write64(GERROR_IRQ_CFG0, 0x3000'0000);
    dut.write32(IRQ_CTRL, IRQ_GERROR);
    uint64_t far = 0;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch == SMMU_FETCH_MSI)
            far = dut.read64(DPT_CFG_FAR);
    };
    fail_at(page);
    EXPECT_EQ(far, page | 1 << 4 | 1);
}

TEST_F(DptReports, ProbesReportNothing)
{
    table.set_l0(page, 2);
    EXPECT_EQ(dut.probe(alone, page, translated_read).outcome, SMMU_ABORT);
    expect_no_lookup_fault();
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(DptReports, AreForgottenByAReset)
{
    fail_at(page);
    smmu_reset(dut.smmu());
    EXPECT_EQ(dut.read64(DPT_CFG_FAR), 0u);
    EXPECT_EQ(dut.read32(GERROR), 0u);
    EXPECT_EQ(dut.read32(CR0), 0u);
}

// --- an SMMU without it --------------------------------------------------------------------------

class DptAbsent : public NestedTest {
  protected:
    DptAbsent() : NestedTest(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = dpt_config();
        cfg.dpt = false;
        return cfg;
    }
};

TEST_F(DptAbsent, RegistersAreRes0)
{
    EXPECT_EQ(dut.read32(IDR3) >> 15 & 1, 0u);
    for (const uint32_t offset : {DPT_BASE, DPT_BASE_CFG, DPT_CFG_FAR}) {
        dut.write64(offset, ~uint64_t{0});
        EXPECT_EQ(dut.read64(offset), 0u) << std::hex << offset;
    }
    dut.write32(CR0, ~uint32_t{0});
    EXPECT_EQ(dut.read32(CR0) & CR0_DPT_WALK_EN, 0u);
    EXPECT_EQ(dut.read32(CR0ACK) & CR0_DPT_WALK_EN, 0u);
    dut.write32(GERRORN, ~uint32_t{0});
    EXPECT_EQ(dut.read32(GERRORN) & GERROR_DPT, 0u);
}

TEST_F(DptAbsent, CommandsAreIllegal)
{
    for (const command &c : {dpti_all(), dpti_pa(0x1000, 0)}) {
        dut.submit(c);
        EXPECT_EQ(dut.cmdq_error(), CERROR_ILL);
        dut.bring_up();
    }
}

TEST_F(DptAbsent, EatsIsReserved) // 5.2: behaves as 0b00, also where it would be ILLEGAL
{
    entry.eats = 3;
    entry.s2s = 1;
    entry.dpt_vmatch = 2;
    publish();
    dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN | CR0_ATSCHK);
    expect_forward(dut.translate(alone, ipa), pa);
    EXPECT_EQ(dut.translate(alone, pa, translated_read).event, F_TRANSL_FORBIDDEN);
    EXPECT_EQ(dut.ats_translate(ats_request(alone, ipa)).status, SMMU_ATS_UR);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_DPT), 0u);
}

TEST(DptConfig, NeedsAtsAndNoVmsa32) // 6.3.4, 6.3.1
{
    smmu_config cfg = dpt_config();
    smmu_error error{};
    EXPECT_TRUE(smmu_config_check(&cfg, &error));
    cfg.ats = cfg.pri = false;
    EXPECT_FALSE(smmu_config_check(&cfg, &error));
    EXPECT_STREQ(error.field, "dpt");
    cfg = dpt_config();
    cfg.vmsa32 = true;
    EXPECT_FALSE(smmu_config_check(&cfg, &error));
    EXPECT_STREQ(error.field, "dpt");
}

} // namespace
} // namespace test_dpt
