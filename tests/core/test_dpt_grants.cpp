// SPDX-License-Identifier: Apache-2.0
// What an ATS completion brings into the DPT TLB (IHI 0070 3.24.2).
#include "core/ats_test.hpp"
#include "core/dpt_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;

namespace test_dpt_grants {
namespace {

class DptGrants : public DptTlb {
  protected:
    DptGrants() : DptTlb(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = dpt_tlb_config();
        cfg.dpt_from_ats = true;
        return cfg;
    }
    void request(uint32_t sid, uint64_t at, bool nw = false)
    {
        const smmu_ats_completion c =
            dut.ats_translate(nw ? ats_read_only(sid, at) : ats_request(sid, at));
        EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
        EXPECT_TRUE(c.r);
        dut.mem.clear_log();
    }
};

TEST_F(DptGrants, AreKept)
{
    request(alone, ipa);
    expect_forward(write(pa), pa);
    EXPECT_EQ(fetches(), 0u);
    dut.submit(dpti_pa(pa, 0));
    expect_forbidden(write(pa), pa, false);
}

TEST_F(DptGrants, AreOfTheVmid) // AC is 0b00
{
    table.grant(pa, {2, 1, 0});
    request(alone, ipa);
    expect_forward(read(pa, nested), pa);
    EXPECT_NE(fetches(), 0u) << "an entry of another VMID is no proof";
}

TEST_F(DptGrants, ForbidNothing) // 3.24.2.1
{
    stage2_attributes read_only;
    read_only.s2ap = 0b01;
    second.table.map(ipa, pa, 3, read_only);
    dut.invalidate_all();
    request(alone, ipa, true);
    expect_forward(read(pa), pa);
    EXPECT_EQ(fetches(), 0u);
    expect_forbidden(write(pa), pa, false);
    EXPECT_NE(fetches(), 0u) << "the DPT has to say so";
    EXPECT_EQ(stats().dpt_hits, 1u) << "the read";
    EXPECT_EQ(stats().dpt_misses, 1u) << "10.3: though there is an entry";
    table.grant(pa, {0, 1, 6});
    expect_forward(write(pa), pa);
}

TEST_F(DptGrants, AreNotMadeOfDenials)
{
    const smmu_ats_completion c = dut.ats_translate(ats_request(alone, ipa + 0x1000));
    EXPECT_FALSE(c.r || c.w);
    expect_forbidden(read(pa + 0x1000), pa + 0x1000);
}

// The translation is cached, of a page for privileged accesses alone.
TEST_F(DptGrants, AreNotMadeWhereTheRequestMayDoNothing)
{
    leaf_attributes privileged;
    privileged.ap = AP_PRIV_RW;
    stage1.low.map(va, ipa, 3, privileged);
    publish();
    client_access how;
    how.priv = true;
    expect_forward(dut.translate(nested, va, how), pa);
    const smmu_ats_completion c = dut.ats_translate(ats_request(nested, va));
    EXPECT_FALSE(c.r || c.w);
    expect_forbidden(read(pa, nested), pa, true, nested);
}

TEST_F(DptGrants, AreNotMadeWhereNoStageTranslates)
{
    stage1_stream plain(dut, 9, 9);
    plain.stream().eats = 3;
    plain.stream().s1cdmax = 1;
    plain.stream().s1dss = 1; // no SubstreamID: stage 1 is bypassed
    plain.publish();
    dut.invalidate_all();
    request(9, 0x5000);
    expect_forbidden(read(0x5000, 9), 0x5000, true, 9);
}

TEST_F(DptGrants, AreNoneOfFullAts)
{
    entry.eats = 1;
    publish();
    request(alone, ipa);
    entry.eats = 3;
    publish();
    expect_forbidden(read(pa), pa);
}

TEST_F(DptGrants, AreAsLargeAsWhatMaps)
{
    second.table.map(0x20'0000, 0x4020'0000, 2, stage2_attributes{}); // 2 MiB
    dut.invalidate_all();
    request(alone, 0x21'0000);
    for (const uint64_t at : {0x4020'0000, 0x403f'f000})
        expect_forward(read(at), at);
    EXPECT_EQ(fetches(), 0u);
    dut.submit(dpti_pa(0x4021'0000, 2)); // smaller
    expect_forward(read(0x4021'0000), 0x4021'0000);
    dut.submit(dpti_pa(0x4020'0000, 3));
    expect_forbidden(read(0x4021'0000), 0x4021'0000);
}

TEST_F(DptGrants, AreSwitchedOff)
{
    smmu_config cfg = config();
    cfg.dpt_from_ats = false;
    class scene : public DptTest {
      public:
        explicit scene(const smmu_config &c) : DptTest(c) {}
        void TestBody() override {}
        using DptTest::dut, DptTest::write;
    } s(cfg);
    EXPECT_TRUE(s.dut.ats_translate(ats_request(alone, ipa)).w);
    EXPECT_EQ(s.write(pa).event, F_TRANSL_FORBIDDEN);
}

TEST_F(DptGrants, OfCleanPagesAreNoneToWriteUntilTheyAreDirty)
{
    stage2_attributes clean;
    clean.s2ap = 0b01;
    clean.dbm = 1;
    entry.s2ha = entry.s2hd = 1;
    publish();
    second.table.map(ipa, pa, 3, clean);
    dut.invalidate_all();
    request(alone, ipa, true);
    expect_forward(read(pa), pa);
    EXPECT_EQ(fetches(), 0u);
    expect_forbidden(write(pa), pa, false);
    request(alone, ipa);
    expect_forward(write(pa), pa);
    EXPECT_EQ(fetches(), 0u);
}

TEST_F(DptGrants, OfCleanPagesOfStage1AreNoneToWriteEither)
{
    leaf_attributes clean;
    clean.ap = AP_ALL_RO;
    clean.dbm = 1;
    stage1.context().ha = stage1.context().hd = 1;
    stage1.low.map(va, ipa, 3, clean);
    publish();
    request(nested, va, true);
    expect_forward(read(pa, nested), pa);
    EXPECT_EQ(fetches(), 0u);
    expect_forbidden(write(pa, nested), pa, false, nested);
    request(nested, va);
    expect_forward(write(pa, nested), pa);
    EXPECT_EQ(fetches(), 0u);
}

TEST_F(DptGrants, ToWriteAloneAreToReadToo) // 3.24.2: the DPT cannot say otherwise
{
    stage2_attributes write_only;
    write_only.s2ap = 0b10;
    second.table.map(ipa, pa, 3, write_only);
    dut.invalidate_all();
    const smmu_ats_completion c = dut.ats_translate(ats_request(alone, ipa));
    EXPECT_FALSE(c.r);
    EXPECT_TRUE(c.w);
    dut.mem.clear_log();
    expect_forward(write(pa), pa);
    expect_forward(read(pa), pa);
    EXPECT_EQ(fetches(), 0u);
}

// A is by all stages: what stage 1 alone lets the stream read is no right to write.
TEST_F(DptGrants, AreByAllStages)
{
    leaf_attributes read_only;
    read_only.ap = AP_ALL_RO;
    stage1.low.map(va, ipa, 3, read_only);
    publish();
    request(nested, va);
    expect_forward(read(pa, nested), pa);
    EXPECT_EQ(fetches(), 0u);
    expect_forbidden(write(pa, nested), pa, false, nested);
}

// 3.24.2, AC and VMID: DPT_VMATCH decides at each use.
TEST_F(DptGrants, AreForOthersByDptVmatch)
{
    request(alone, ipa);
    expect_forbidden(read(pa, nested), pa, true, nested);
    for (const unsigned vmatch : {1u, 2u}) {
        stage1.stream().dpt_vmatch = vmatch;
        publish();
        if (vmatch == 2)
            expect_forward(read(pa, nested), pa);
        else
            expect_forbidden(read(pa, nested), pa, true, nested);
    }
}

TEST_F(DptGrants, AreUsedWhileWalksAreDisabled) // 3.9.1.3: what an entry resolves is no fault
{
    request(alone, ipa);
    dut.update_cr0(enables & ~uint32_t{reg::CR0_DPT_WALK_EN});
    expect_forward(write(pa), pa);
    expect_no_lookup_fault();
    expect_lookup_fault(read(pa + 0x1000), pa + 0x1000, 0, 0);
}

TEST_F(DptGrants, OfARequestThatAnInvalidationOvertakesAreNotKept)
{
    for (const command &c : {dpti_all(), dpti_pa(pa, 0)}) {
        dut.invalidate_all();
        during(dut, SMMU_FETCH_TTD, 0, [&] { dut.submit(c); });
        request(alone, ipa);
        expect_forbidden(read(pa), pa);
    }
}

// 3.24.2, Contig: a block of 4 TiB, cut to L0DPTSZ, or to 1 GiB where that is Reserved.
TEST(DptGrantsOfBlocks, AreNoLargerThanAnEntryOfLevel0)
{
    smmu_config cfg = dpt_tlb_config();
    cfg.dpt_from_ats = true;
    cfg.oas_bits = 52;
    device_under_test dut(cfg);
    dut.bring_up();
    const table_shape shape{48, granule::k64, 1, false, true};
    stage2 second(dut, 6, shape);
    const uint64_t block = uint64_t{4} << 40, at = block + 0x123'4567'8000;
    second.table.map(block, block, 1, stage2_attributes{});
    ste entry;
    entry.config = STE_S2_TRANS;
    entry.eats = 3;
    second.apply(entry);
    dut.set_ste(6, entry);
    const uint32_t on = reg::CR0_SMMUEN | reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_ATSCHK;
    const std::pair<unsigned, unsigned> sizes[] = {{0, 30}, {4, 34}, {6, 36},
                                                   {9, 39}, {1, 30}, {15, 30}};
    for (const auto &[l0, log2] : sizes) {
        SCOPED_TRACE(l0);
        dut.write32(reg::DPT_BASE_CFG, l0 << 20 | DPTGS_64K << 14 | DPTPS_52);
        dut.update_cr0(on); // there are no walks
        dut.submit(dpti_all());
        EXPECT_EQ(dut.ats_translate(ats_request(6, at)).span_log2, 42u);
        const auto outcome = [&](uint64_t pa) {
            return dut.translate(6, pa, translated_read).outcome;
        };
        const uint64_t first = at >> log2 << log2;
        EXPECT_EQ(outcome(first), SMMU_FORWARD);
        EXPECT_EQ(outcome(first + ones(log2)), SMMU_FORWARD);
        EXPECT_EQ(outcome(first - 1), SMMU_ABORT);
        EXPECT_EQ(outcome(first + ones(log2) + 1), SMMU_ABORT);
    }
}

} // namespace
} // namespace test_dpt_grants
