// SPDX-License-Identifier: Apache-2.0
// The DPT TLB: what it keeps, what takes it away, and what an ATS completion brings (IHI
// 0070 3.24.2, 3.24.5, 4.6).
#include "core/ats_test.hpp"
#include "core/dpt_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_dpt_tlb {
namespace {

// Answers come from the DPT TLB, and from nothing in front of it.
smmu_config alone_config()
{
    smmu_config cfg = dpt_config();
    cfg.utlb = cfg.tbu_tlb = {0, 0};
    return cfg;
}

class DptTlb : public DptTest {
  protected:
    explicit DptTlb(const smmu_config &cfg = alone_config(), const dpt_shape &shape = {})
        : DptTest(cfg, shape)
    {
    }

    // Whether an access to `at`, which is let through, has to read the DPT.
    bool walks(uint64_t at)
    {
        dut.mem.clear_log();
        expect_forward(read(at), at);
        return fetches() != 0;
    }
};

// --- what is kept -------------------------------------------------------------------------------

TEST_F(DptTlb, KeepsGranules)
{
    table.grant(page, {0, 1, 6});
    EXPECT_TRUE(walks(page));
    EXPECT_FALSE(walks(page + 0x800));
    EXPECT_EQ(stats().dpt_misses, 1u);
    EXPECT_EQ(stats().dpt_hits, 1u);
    EXPECT_EQ(stats().dpt_fetches, 2u);
}

TEST_F(DptTlb, KeepsTablesOfLevel1)
{
    table.grant(page, {0, 1, 6});
    table.grant(page + 0x1000, {0, 1, 6});
    EXPECT_TRUE(walks(page));
    EXPECT_TRUE(walks(page + 0x1000));
    EXPECT_EQ(fetches(), 1u) << "level 1 alone";
}

TEST_F(DptTlb, KeepsBlocksAndContiguousRegionsWhole)
{
    const uint64_t block = 0x4000'0000, contiguous = 0x8020'0000; // 2 MiB
    table.set_l0(block, dpt_block({2, 0, 0}));
    table.set_l1(contiguous, dpt_contiguous({2, 0, 0}, 2));
    EXPECT_TRUE(walks(block));
    EXPECT_FALSE(walks(block + 0x3fff'f000));
    EXPECT_TRUE(walks(contiguous));
    EXPECT_FALSE(walks(contiguous + 0x1f'f000));
}

TEST_F(DptTlb, KeepsWhatForbids) // 3.24.2.1: from a walk it may forbid by itself
{
    table.grant(page, {0, 0, 6});
    EXPECT_TRUE(walks(page));
    dut.mem.clear_log();
    expect_forbidden(write(page), page, false);
    expect_forbidden(read(page, nested), page, true, nested);
    EXPECT_EQ(fetches(), 0u);
    table.grant(page, {2, 1, 0});
    expect_forbidden(write(page), page, false); // not invalidated
    invalidate_dpt();
    expect_forward(write(page), page);
}

TEST_F(DptTlb, KeepsNoAccessNever)
{
    expect_forbidden(read(page), page); // level 0
    table.grant(page - 0x1000, {2, 0, 0});
    expect_forbidden(read(page), page); // A of level 1
    table.grant(page, {2, 0, 0});
    expect_forward(read(page), page);
}

TEST_F(DptTlb, KeepsLookupFaultsNever)
{
    table.set_l0(page, 2);
    expect_lookup_fault(read(page), page, 1, 0);
    table.set_l0(page, dpt_block({2, 0, 0}));
    expect_forward(read(page), page);
}

TEST_F(DptTlb, KeepsNotWhatProbesFind)
{
    table.grant(page, {2, 0, 0});
    EXPECT_EQ(dut.probe(alone, page, translated_read).outcome, SMMU_FORWARD);
    EXPECT_EQ(stats().dpt_misses, 0u);
    EXPECT_TRUE(walks(page));
    EXPECT_EQ(fetches(), 2u);
}

TEST_F(DptTlb, IsSharedByStreams)
{
    table.grant(page, {2, 0, 0});
    EXPECT_TRUE(walks(page));
    dut.mem.clear_log();
    expect_forward(read(page, nested), page);
    EXPECT_EQ(fetches(), 0u);
}

TEST_F(DptTlb, HasNothingOfDptVmatch) // 5.2: not cached in a TLB
{
    table.grant(page, {1, 0, 9});
    expect_forbidden(read(page), page);
    entry.dpt_vmatch = 1;
    publish();
    expect_forward(read(page), page);
    entry.dpt_vmatch = 0;
    publish();
    expect_forbidden(read(page), page);
    EXPECT_EQ(fetches(), 0u) << "all by one entry";
}

TEST_F(DptTlb, AChangeThatChangesNothingNeedsNoInvalidation) // 3.24.2.2
{
    const uint64_t at = 0x8020'0000;
    table.set_l0(at, dpt_block({2, 1, 0}));
    EXPECT_TRUE(walks(at));
    dpt_builder fresh(dut);
    for (uint64_t a = at; a < at + 0x4000; a += 0x2000)
        fresh.set_l1(a, dpt_granules(dpt_fields{2, 1, 0}, dpt_fields{2, 1, 0}));
    EXPECT_FALSE(walks(at + 0x1000));
    invalidate_dpt();
    EXPECT_TRUE(walks(at + 0x1000));
    fresh.set_l1(at, dpt_contiguous({2, 1, 0}, 1));
    fresh.set_l1(at + 0x2000, dpt_contiguous({2, 1, 0}, 1));
    EXPECT_TRUE(walks(at + 0x2000));
    EXPECT_FALSE(walks(at + 0x1000));
}

// --- invalidation -------------------------------------------------------------------------------

TEST_F(DptTlb, AForgottenInvalidationShows)
{
    table.grant(page, {0, 1, 6});
    EXPECT_TRUE(walks(page));
    table.refuse(page);
    expect_forward(write(page), page);
    dut.submit(cmd_sync());
    expect_forward(write(page), page);
    dut.submit(dpti_pa(page, 0));
    dut.submit(cmd_sync());
    expect_forbidden(write(page), page, false);
}

TEST_F(DptTlb, OtherMaintenanceLeavesIt) // 3.24.5
{
    table.grant(page, {0, 1, 6});
    EXPECT_TRUE(walks(page));
    table.refuse(page);
    dut.invalidate_all();
    for (const command &c :
         {tlbi_nsnh_all(), tlbi_s12_vmall(6), tlbi_s2_ipa(page, 6), tlbi_el2_all(), cfgi_all()})
        dut.submit(c);
    EXPECT_FALSE(walks(page));
}

TEST_F(DptTlb, ItsMaintenanceLeavesTranslationsAndConfiguration)
{
    expect_forward(dut.translate(nested, va), pa);
    dut.mem.clear_log();
    dut.submit(dpti_all());
    dut.submit(dpti_pa(pa, 9, false));
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD), 0u);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 0u);
}

// Sizes of CMD_DPTI_PA, by their codes.
constexpr unsigned dpti_sizes[] = {12, 14, 16, 21, 25, 29, 30, 34, 36, 39};

// A region goes if it lies in what is named, as a whole.
TEST(DptInvalidation, TakesWholeRegionsAlone)
{
    struct region {
        unsigned gs, contig, log2;
    };
    for (const region &r :
         {region{DPTGS_4K, 0, 12}, region{DPTGS_16K, 0, 14}, region{DPTGS_64K, 0, 16},
          region{DPTGS_4K, 1, 16}, region{DPTGS_16K, 2, 21}, region{DPTGS_4K, 3, 25},
          region{DPTGS_64K, 4, 29}, region{DPTGS_4K, 5, 30}, region{DPTGS_16K, 6, 34},
          region{DPTGS_64K, 7, 36}}) {
        class scene : public DptTest {
          public:
            explicit scene(unsigned gs) : DptTest(alone_config(), {DPTPS_48, gs, L0_512G}) {}
            void TestBody() override {}
            using DptTest::dut, DptTest::table, DptTest::read, DptTest::fetches;
        } s(r.gs);
        const uint64_t at = 0x789a'bcde'f000, first = at >> r.log2 << r.log2;
        s.table.set_l1(at, r.contig ? dpt_contiguous({2, 0, 0}, r.contig)
                                    : dpt_granules(dpt_fields{2, 0, 0}, dpt_fields{2, 0, 0}));
        for (unsigned code = 0; code < 10; ++code)
            for (const bool leaf : {false, true})
                for (const int64_t away : {0, 1, -1}) { // by the size that is named
                    const unsigned log2 = dpti_sizes[code];
                    SCOPED_TRACE(testing::Message()
                                 << r.log2 << ' ' << code << ' ' << leaf << ' ' << away);
                    const uint64_t named =
                        (first >> log2 << log2) + (static_cast<uint64_t>(away) << log2);
                    expect_forward(s.read(at), at); // it is there
                    s.dut.mem.clear_log();
                    s.dut.submit(dpti_pa(named, code, leaf));
                    expect_forward(s.read(at), at);
                    EXPECT_EQ(s.fetches() != 0, away == 0 && log2 >= r.log2);
                }
    }
}

TEST_F(DptTlb, CommandsAsLiteralWords)
{
    dut.submit(image<2>{{0x70, 0}});
    dut.submit(image<2>{{0x73, 0x0000'0012'3400'0301}});
    dut.submit(image<2>{{0x73, 0x0000'0000'0001'2000}});
    ASSERT_EQ(dut.invals.size(), 3u);
    EXPECT_EQ(dut.invals[0].kind, SMMU_INVAL_DPT_ALL);
    EXPECT_EQ(dut.invals[1].kind, SMMU_INVAL_DPT_PA);
    EXPECT_EQ(dut.invals[1].addr, 0x12'3400'0000u);
    EXPECT_EQ(dut.invals[1].reach, 0x1f'ffffu);
    EXPECT_TRUE(dut.invals[1].leaf);
    EXPECT_EQ(dut.invals[2].addr, 0x1'2000u);
    EXPECT_EQ(dut.invals[2].reach, 0xfffu);
    EXPECT_FALSE(dut.invals[2].leaf);
}

TEST_F(DptTlb, NamesNothingWhereTheAddressIsNotAligned)
{
    table.grant(page, {2, 0, 0});
    EXPECT_TRUE(walks(page));
    for (unsigned code = 1; code < 10; ++code)
        dut.submit(dpti_pa(page, code, false));
    EXPECT_FALSE(walks(page));
    EXPECT_EQ(dut.cmdq_error(), CERROR_NONE);
}

TEST_F(DptTlb, NamesNothingWithAReservedSize)
{
    table.grant(page, {2, 0, 0});
    EXPECT_TRUE(walks(page));
    for (unsigned code = 10; code < 16; ++code)
        dut.submit(dpti_pa(0, code, false));
    EXPECT_FALSE(walks(page));
    EXPECT_EQ(dut.cmdq_error(), CERROR_NONE);
}

TEST_F(DptTlb, BitsOfTheAddressBeyondTheOutputSizeAreIgnored)
{
    table.grant(page, {2, 0, 0});
    EXPECT_TRUE(walks(page));
    dut.submit(dpti_pa(page | 0xabcd'0000'0000'0000, 0));
    EXPECT_TRUE(walks(page));
}

// Leaf of 0 and any address of what an entry of level 0 is about; Leaf of 1 never.
TEST_F(DptTlb, TablesGoWithoutLeafAlone)
{
    table.grant(page, {2, 0, 0});
    EXPECT_TRUE(walks(page));
    dpt_builder other(dut);
    const uint64_t moved = 0x29'0000'0000;
    dut.mem.store64(moved + (table.l1_entry(page) - dpt_builder::level1), dpt_granules({}, {}));
    table.set_l0(page, dpt_level1(moved));
    const auto walk_again = [&](const command &c) {
        dut.submit(c);
        dut.submit(dpti_pa(page, 0)); // the granule
        return read(page).outcome == SMMU_FORWARD;
    };
    EXPECT_TRUE(walk_again(dpti_pa(page, 0, true)));
    EXPECT_TRUE(walk_again(dpti_pa(page & ~ones(30), 6, true)));
    EXPECT_TRUE(walk_again(dpti_pa((page & ~ones(30)) - 0x1000, 0, false))) << "the one before";
    EXPECT_TRUE(walk_again(dpti_pa((page | ones(30)) + 1, 0, false))) << "and behind";
    EXPECT_FALSE(walk_again(dpti_pa((page & ~ones(30)) + 0x5000, 0, false)));
}

TEST_F(DptTlb, AllTakesTables)
{
    table.grant(page, {2, 0, 0});
    EXPECT_TRUE(walks(page));
    invalidate_dpt();
    EXPECT_TRUE(walks(page));
    EXPECT_EQ(fetches(), 2u);
}

TEST_F(DptTlb, AWalkThatWasUnderWayFillsNothing)
{
    table.grant(page, {2, 0, 0});
    for (const command &c : {dpti_all(), dpti_pa(page, 0)}) {
        during(dut, SMMU_FETCH_DPT, 1, [&] { dut.submit(c); });
        EXPECT_TRUE(walks(page));
        EXPECT_TRUE(walks(page));
        invalidate_dpt();
    }
}

TEST_F(DptTlb, ResetEmptiesIt)
{
    table.grant(page, {2, 0, 0});
    EXPECT_TRUE(walks(page));
    smmu_reset(dut.smmu());
    dut.bring_up();
    table.publish();
    publish();
    dut.update_cr0(enables);
    EXPECT_TRUE(walks(page));
    EXPECT_EQ(fetches(), 2u);
}

TEST_F(DptTlb, EndOfTranslationDoesNotEmptyIt) // 6.3.9.6
{
    table.grant(page, {2, 0, 0});
    EXPECT_TRUE(walks(page));
    dut.update_cr0(enables & ~uint32_t{CR0_SMMUEN});
    dut.update_cr0(enables);
    EXPECT_FALSE(walks(page));
}

class SmallDptTlb : public DptTlb {
  protected:
    SmallDptTlb() : DptTlb(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = alone_config();
        cfg.dpt_tlb = {1, 1};
        return cfg;
    }
};

TEST_F(SmallDptTlb, EntriesOfAllKindsPushEachOtherOut)
{
    const uint64_t block = 0x4000'0000;
    table.set_l0(block, dpt_block({2, 0, 0}));
    table.grant(page, {2, 0, 0}); // a table and a granule
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_TRUE(walks(block));
        EXPECT_FALSE(walks(block));
        EXPECT_TRUE(walks(page));
        EXPECT_FALSE(walks(page));
    }
}

// --- answers of TBUs ----------------------------------------------------------------------------

class DptAnswers : public DptTest, public testing::WithParamInterface<bool> {
  protected:
    DptAnswers() : DptTest(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = dpt_config();
        cfg.tbu_tlb = GetParam() ? smmu_cache_shape{16, 4} : smmu_cache_shape{0, 0};
        cfg.utlb = GetParam() ? smmu_cache_shape{0, 0} : smmu_cache_shape{16, 4};
        return cfg;
    }
    uint64_t tbu_hits() { return stats().utlb_hits + stats().tbu_tlb_hits; }
};

TEST_P(DptAnswers, GoWithTheirRegionAlone)
{
    const uint64_t first = page & ~uint64_t{0xffff}, behind = first + 0x1'0000;
    table.set_l1(first, dpt_contiguous({2, 1, 0}, 1)); // 64 KiB
    table.set_l1(page, dpt_contiguous({2, 1, 0}, 1));
    table.grant(behind, {2, 1, 0});
    const auto hits = [this](uint64_t at) {
        const uint64_t before = tbu_hits();
        expect_forward(read(at), at);
        return tbu_hits() != before;
    };
    EXPECT_FALSE(hits(page));
    EXPECT_FALSE(hits(behind));
    EXPECT_TRUE(hits(page));
    EXPECT_TRUE(hits(behind));
    dut.submit(dpti_pa(page, 0)); // smaller than the region that it is a piece of
    EXPECT_TRUE(hits(page));
    dut.submit(dpti_pa(first, 2));
    EXPECT_FALSE(hits(page));
    EXPECT_TRUE(hits(behind));
    dut.submit(dpti_all());
    EXPECT_FALSE(hits(behind));
}

TEST_P(DptAnswers, OfReadsAreNoneForWrites)
{
    table.grant(page, {2, 0, 0});
    expect_forward(read(page), page);
    expect_forbidden(write(page), page, false);
    expect_forward(read(page), page);
    EXPECT_EQ(tbu_hits(), 1u);
}

TEST_P(DptAnswers, GoWithTheConfiguration)
{
    table.grant(page, {1, 0, 9});
    entry.dpt_vmatch = 1;
    publish();
    expect_forward(read(page), page);
    entry.dpt_vmatch = 0;
    publish();
    expect_forbidden(read(page), page);
}

TEST_P(DptAnswers, StayThroughTlbMaintenance)
{
    table.grant(page, {2, 0, 0});
    expect_forward(read(page), page);
    dut.submit(tlbi_nsnh_all());
    dut.submit(tlbi_s2_ipa(page, 6));
    expect_forward(read(page), page);
    EXPECT_EQ(tbu_hits(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Tlbs, DptAnswers, testing::Bool(),
                         [](const auto &info) { return info.param ? "Main" : "Micro"; });

TEST_F(DptTlb, HostsAreToldWhatGoes)
{
    table.grant(page, {2, 0, 0});
    const smmu_tag tag = read(page).tag, full = [this] {
        entry.eats = 1;
        publish();
        return read(page).tag;
    }();
    dut.invals.clear();
    dut.submit(dpti_pa(page, 0));
    dut.submit(dpti_pa(page ^ 0x1000, 0));
    dut.submit(dpti_all());
    ASSERT_EQ(dut.invals.size(), 3u);
    const bool of_page[] = {true, false, true};
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_EQ(smmu_inval_matches(&dut.invals[i], &tag), of_page[i]) << i;
        EXPECT_FALSE(smmu_inval_matches(&dut.invals[i], &full)) << "which the DPT was not asked of";
    }
}

// --- ATS completions (3.24.2)
// ---------------------------------------------------------------------

class DptGrants : public DptTlb {
  protected:
    DptGrants() : DptTlb(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = alone_config();
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
    table.grant(pa, {0, 1, 6});
    expect_forward(write(pa), pa);
}

TEST_F(DptGrants, AreNotMadeOfDenials)
{
    const smmu_ats_completion c = dut.ats_translate(ats_request(alone, ipa + 0x1000));
    EXPECT_FALSE(c.r || c.w);
    expect_forbidden(read(pa + 0x1000), pa + 0x1000);
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

} // namespace
} // namespace test_dpt_tlb
