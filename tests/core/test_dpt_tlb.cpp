// SPDX-License-Identifier: Apache-2.0
// The DPT TLB: what it keeps, and what takes it away (IHI 0070 3.24.2, 3.24.5, 4.6).
#include "core/ats_test.hpp"
#include "core/dpt_test.hpp"
#include "core/ecmdq_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_dpt_tlb {
namespace {

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
            explicit scene(unsigned gs) : DptTest(dpt_tlb_config(), {DPTPS_48, gs, L0_512G}) {}
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
    dut.invals.clear();
    for (unsigned code = 10; code < 16; ++code)
        dut.submit(dpti_pa(0, code, false));
    EXPECT_THAT(dut.invals, IsEmpty());
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

class DptTlbByEcmdq : public DptTlb {
  protected:
    DptTlbByEcmdq() : DptTlb(config()), queue(dut, 1, 2) { queue.enable(); }
    static smmu_config config()
    {
        smmu_config cfg = dpt_tlb_config();
        const smmu_config queues = ecmdq::config();
        cfg.ecmdq = true;
        cfg.ecmdq_log2_pages = queues.ecmdq_log2_pages;
        cfg.ecmdq_log2_queues = queues.ecmdq_log2_queues;
        return cfg;
    }
    ecmdq::queue queue;
};

TEST_F(DptTlbByEcmdq, CommandsAreTakenFromEnhancedQueues) // 3.5.6, 4.6
{
    table.grant(page, {2, 0, 0});
    for (const command &c : {dpti_all(), dpti_pa(page, 0)}) {
        walks(page);
        EXPECT_FALSE(walks(page));
        queue.submit(c);
        queue.submit(cmd_sync());
        smmu_run(dut.smmu());
        EXPECT_TRUE(queue.idle());
        EXPECT_FALSE(queue.in_error());
        EXPECT_TRUE(walks(page));
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

// With entries of another number.
static smmu_config shaped(const smmu_cache_shape &shape)
{
    smmu_config cfg = dpt_tlb_config();
    cfg.dpt_tlb = shape;
    return cfg;
}

struct SmallDptTlb : DptTlb {
    SmallDptTlb() : DptTlb(shaped({1, 1})) {}
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

struct OneSetDptTlb : DptTlb {
    OneSetDptTlb() : DptTlb(shaped({1, 8})) {}
};

// A granule at the begin of what would be a region of another size that there is.
TEST_F(OneSetDptTlb, RegionsOfOtherSizesAreNotTakenForEachOther)
{
    const uint64_t large = 0x8020'0000, small = 0x8040'0000;
    table.set_l1(large, dpt_contiguous({2, 0, 0}, 2)); // 2 MiB
    table.grant(small, {2, 0, 0});
    expect_forward(read(large), large);
    expect_forward(read(small), small);
    for (const uint64_t at : {small + 0x1000, small + 0x1f'f000, small - 0x1000 + 0x20'0000})
        expect_forbidden(read(at), at);
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
        cfg.arch = 2;
        cfg.mpam = cfg.pasidtt = true;
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
    for (const uint64_t piece : {first, page}) { // smaller than the region
        dut.submit(dpti_pa(piece, 0));
        EXPECT_TRUE(hits(page));
    }
    dut.submit(dpti_pa(first, 2));
    EXPECT_FALSE(hits(page));
    EXPECT_TRUE(hits(behind));
    dut.submit(dpti_all());
    EXPECT_FALSE(hits(behind));
}

TEST_P(DptAnswers, OfAWalkThatAnInvalidationOvertakesAreNotKept)
{
    for (const command &c : {dpti_all(), dpti_pa(page, 0)}) {
        table.grant(page, {2, 0, 0});
        during(dut, SMMU_FETCH_DPT, 0, [&] { dut.submit(c); });
        expect_forward(read(page), page);
        table.refuse(page);
        expect_forbidden(read(page), page);
    }
    EXPECT_EQ(tbu_hits(), 0u);
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

// 17.3: with a SubstreamID the label is that of the CD.
TEST_P(DptAnswers, GoWithTheCdOfTheirSubstreamId)
{
    stage1.stream().config = STE_S1_TRANS;
    stage1.stream().s1cdmax = 1;
    stage1.stream().s1dss = 2;
    stage1.stream().s1mpam = 1;
    table.grant(page, {2, 0, 0});
    smmu_txn txn = device_under_test::transaction(nested, page, translated_read);
    txn.ssv = true;
    txn.ssid = 1;
    publish();
    for (const unsigned partid : {0x11u, 0x12u}) {
        stage1.context().partid = partid;
        dut.mem.store_image(stage1.cd_address() + 64, stage1.context().encode());
        dut.submit(cfgi_cd(nested, 1));
        for (unsigned i = 0; i < 2; ++i) {
            smmu_result r{};
            smmu_translate(dut.smmu(), &txn, &r);
            expect_forward(r, page);
            EXPECT_EQ(r.mpam.partid, partid);
        }
    }
    EXPECT_EQ(tbu_hits(), 2u);
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
    EXPECT_EQ(tag.va, page);
    EXPECT_EQ(tag.span_log2, 12);
    const bool of_page[] = {true, false, true};
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_EQ(smmu_inval_matches(&dut.invals[i], &tag), of_page[i]) << i;
        EXPECT_FALSE(smmu_inval_matches(&dut.invals[i], &full)) << "which the DPT was not asked of";
    }
}

} // namespace
} // namespace test_dpt_tlb
