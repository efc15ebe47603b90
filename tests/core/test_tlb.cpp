// SPDX-License-Identifier: Apache-2.0
// The TLB (IHI 0070 3.17, 4.4): translations stay until invalidated, and every command removes
// exactly its scope.
#include <memory>
#include <vector>

#include "core/core_test.hpp"

using namespace support;

namespace test_tlb {
namespace {

// Contexts: stream 5 with ASID 1, stream 6 with ASID 2. Each maps pages A and B, a 2 MiB block and
// a global page; the tables change under the TLB, so a new output address shows what went.
// Micro TLBs would answer in place of the TLB.
smmu_config with_tlb(uint32_t sets, uint32_t ways)
{
    smmu_config cfg = smmu_config_default();
    cfg.tlb = {sets, ways};
    cfg.utlb.sets = 0;
    return cfg;
}

class Tlb : public CoreTest {
  protected:
    enum place : uint64_t {
        PAGE_A = 0x4000,
        PAGE_B = 0x5000,
        BLOCK = 0x40000000,
        GLOBAL_1 = 0x7000, // global page of ASID 1
        GLOBAL_2 = 0x8000, // global page of ASID 2
    };

    explicit Tlb(const smmu_config &cfg = with_tlb(256, 8))
        : CoreTest(cfg), one(dut, 5, 1), two(dut, 6, 2)
    {
        dut.bring_up();
        one.publish();
        two.publish();
        map_all(0x100000000);
        for (uint64_t va : {PAGE_A, PAGE_B, BLOCK, GLOBAL_1})
            dut.translate(5, va);
        for (uint64_t va : {PAGE_A, PAGE_B, BLOCK, GLOBAL_2})
            dut.translate(6, va);
        map_all(0x200000000);
        dut.invals.clear();
    }

    void map_all(uint64_t pa)
    {
        leaf_attributes global;
        global.ng = 0;
        for (stage1_stream *s : {&one, &two}) {
            s->low.map(PAGE_A, pa | PAGE_A);
            s->low.map(PAGE_B, pa | PAGE_B);
            s->low.map(BLOCK, pa | BLOCK, 2);
        }
        one.low.map(GLOBAL_1, pa | GLOBAL_1, 3, global);
        two.low.map(GLOBAL_2, pa | GLOBAL_2, 3, global);
    }

    // Which of the cached translations are gone: "A1" is page A of ASID 1, and so on.
    std::string gone()
    {
        const struct {
            const char *name;
            uint32_t sid;
            uint64_t va;
        } all[] = {
            {"A1 ", 5, PAGE_A}, {"B1 ", 5, PAGE_B}, {"K1 ", 5, BLOCK}, {"G1 ", 5, GLOBAL_1},
            {"A2 ", 6, PAGE_A}, {"B2 ", 6, PAGE_B}, {"K2 ", 6, BLOCK}, {"G2 ", 6, GLOBAL_2},
        };
        std::string names;
        for (const auto &t : all)
            if (dut.probe(t.sid, t.va).addr >> 32 == 2)
                names += t.name;
        return names;
    }

    stage1_stream one, two;
};

constexpr const char *everything = "A1 B1 K1 G1 A2 B2 K2 G2 ";

TEST_F(Tlb, TranslationsStayUntilInvalidated)
{
    EXPECT_EQ(gone(), "");
}

TEST_F(Tlb, StaleTranslationsAreReallyUsed)
{
    EXPECT_EQ(dut.translate(5, PAGE_A + 0x123).addr, 0x100000000u | PAGE_A | 0x123);
}

TEST_F(Tlb, SyncAloneInvalidatesNothing)
{
    dut.submit(cmd_sync());
    EXPECT_EQ(gone(), "");
}

TEST_F(Tlb, NsnhAllRemovesEverything)
{
    dut.submit(tlbi_nsnh_all());
    EXPECT_EQ(gone(), everything);
}

TEST_F(Tlb, NhAllRemovesEverything)
{
    dut.submit(tlbi_nh_all());
    EXPECT_EQ(gone(), everything);
}

TEST_F(Tlb, NhAsidRemovesItsAsidButNotGlobals)
{
    dut.submit(tlbi_nh_asid(1));
    EXPECT_EQ(gone(), "A1 B1 K1 ");
}

TEST_F(Tlb, NhAsidOfNobodyRemovesNothing)
{
    dut.submit(tlbi_nh_asid(0x101));
    EXPECT_EQ(gone(), "");
}

TEST_F(Tlb, NhVaRemovesOnePageOfOneAsid)
{
    dut.submit(tlbi_nh_va(PAGE_A, 1));
    EXPECT_EQ(gone(), "A1 ");
}

TEST_F(Tlb, NhVaLeafRemovesTheLeaf)
{
    dut.submit(tlbi_nh_va(PAGE_B, 2, true));
    EXPECT_EQ(gone(), "B2 ");
}

TEST_F(Tlb, NhVaAnywhereInABlockRemovesTheBlock)
{
    dut.submit(tlbi_nh_va(BLOCK + 0x1ff000, 1));
    EXPECT_EQ(gone(), "K1 ");
}

TEST_F(Tlb, NhVaJustOutsideABlockDoesNot)
{
    dut.submit(tlbi_nh_va(BLOCK + 0x200000, 1));
    dut.submit(tlbi_nh_va(BLOCK - 0x1000, 1));
    EXPECT_EQ(gone(), "");
}

TEST_F(Tlb, NhVaRemovesGlobalsWhateverTheAsid)
{
    dut.submit(tlbi_nh_va(GLOBAL_1, 77));
    EXPECT_EQ(gone(), "G1 ");
}

TEST_F(Tlb, NhVaaRemovesThePageOfEveryAsid)
{
    dut.submit(tlbi_nh_vaa(PAGE_A));
    EXPECT_EQ(gone(), "A1 A2 ");
}

TEST_F(Tlb, NhVaaRemovesGlobals)
{
    dut.submit(tlbi_nh_vaa(GLOBAL_2, true));
    EXPECT_EQ(gone(), "G2 ");
}

TEST_F(Tlb, NhVaaAnywhereInABlock)
{
    dut.submit(tlbi_nh_vaa(BLOCK + 0x1000));
    EXPECT_EQ(gone(), "K1 K2 ");
}

TEST_F(Tlb, ResetRemovesEverything)
{
    smmu_reset(dut.smmu());
    dut.bring_up();
    EXPECT_EQ(gone(), everything);
}

TEST_F(Tlb, DisablingAndEnablingKeepsTranslations)
{
    dut.update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    dut.update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN);
    EXPECT_EQ(gone(), "");
}

TEST_F(Tlb, InvalidationWorksWhileDisabled)
{
    dut.update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    dut.submit(tlbi_nh_asid(2));
    dut.update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN);
    EXPECT_EQ(gone(), "A2 B2 K2 ");
}

TEST_F(Tlb, GlobalsServeEveryAsid)
{
    // 3.17: a global translation is not bound to an ASID.
    EXPECT_EQ(dut.translate(6, GLOBAL_1).addr >> 32, 1u);
}

TEST_F(Tlb, AsidsOfTheSameAddressAreKeptApart)
{
    one.low.map(PAGE_A, 0x5000);
    two.low.map(PAGE_A, 0x6000);
    dut.submit(tlbi_nsnh_all());
    expect_forward(dut.translate(5, PAGE_A), 0x5000);
    expect_forward(dut.translate(6, PAGE_A), 0x6000);
    expect_forward(dut.translate(5, PAGE_A), 0x5000);
}

TEST_F(Tlb, StreamsWithTheSameAsidShareTranslations)
{
    // 3.3.3: a translation is not identified by its stream.
    dut.set_ste(9, one.stream());
    EXPECT_EQ(dut.translate(9, PAGE_A).addr >> 32, 1u);
}

TEST_F(Tlb, FaultsAreNotCached)
{
    expect_abort(dut.translate(5, 0x9000), F_TRANSLATION);
    one.low.map(0x9000, 0x5000);
    expect_forward(dut.translate(5, 0x9000), 0x5000);
    leaf_attributes attributes;
    attributes.af = 0;
    one.low.map(0xa000, 0x5000, 3, attributes);
    expect_abort(dut.translate(5, 0xa000), F_ACCESS);
    one.low.map(0xa000, 0x5000);
    expect_forward(dut.translate(5, 0xa000), 0x5000);
}

TEST_F(Tlb, PermissionFaultsComeFromCachedTranslationsToo)
{
    leaf_attributes attributes;
    attributes.ap = AP_ALL_RO;
    one.low.map(0xb000, 0x5000, 3, attributes);
    expect_forward(dut.translate(5, 0xb000), 0x5000);
    dut.mem.clear_log();
    expect_abort(dut.translate(5, 0xb000, write_access), F_PERMISSION);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD), 0u);
}

TEST_F(Tlb, TopByteIgnoredAddressesShareOneEntry)
{
    one.context().tbi0 = 1;
    one.publish();
    dut.submit(cfgi_all());
    EXPECT_EQ(dut.translate(5, PAGE_A | 0xcc00'0000'0000'0000).addr >> 32, 1u);
    dut.submit(tlbi_nh_va(PAGE_A, 1));
    EXPECT_EQ(dut.translate(5, PAGE_A | 0xcc00'0000'0000'0000).addr >> 32, 2u);
}

TEST_F(Tlb, HighHalfIsInvalidatedByItsSignExtendedAddress)
{
    const uint64_t va = 0xffff'8000'0000'5000;
    one.high.map(va, 0x1'0000'0000);
    dut.translate(5, va);
    one.high.map(va, 0x2'0000'0000);
    dut.submit(tlbi_nh_va(va & ones(48), 1));
    EXPECT_EQ(dut.translate(5, va).addr >> 32, 1u);
    dut.submit(tlbi_nh_va(va, 1));
    EXPECT_EQ(dut.translate(5, va).addr >> 32, 2u);
}

TEST_F(Tlb, NoticesNameTheScope)
{
    dut.submit(tlbi_nh_va(PAGE_A, 3, true));
    dut.submit(tlbi_nh_asid(4));
    dut.submit(tlbi_nsnh_all());
    ASSERT_EQ(dut.invals.size(), 3u);
    EXPECT_EQ(dut.invals[0].kind, SMMU_INVAL_TLB_VA);
    EXPECT_EQ(dut.invals[0].addr, PAGE_A);
    EXPECT_EQ(dut.invals[0].asid, 3u);
    EXPECT_TRUE(dut.invals[0].leaf);
    EXPECT_EQ(dut.invals[1].kind, SMMU_INVAL_TLB_ASID);
    EXPECT_EQ(dut.invals[1].asid, 4u);
    EXPECT_EQ(dut.invals[2].kind, SMMU_INVAL_TLB_NH);
}

TEST_F(Tlb, DisablingTheSmmuIsNoticed)
{
    dut.update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    ASSERT_FALSE(dut.invals.empty());
    EXPECT_EQ(dut.invals.back().kind, SMMU_INVAL_ALL);
}

// Sizes

class NoTlb : public Tlb {
  protected:
    NoTlb() : Tlb(with_tlb(0, 0)) {}
};

TEST_F(NoTlb, NothingIsStale)
{
    EXPECT_EQ(gone(), everything);
}

TEST_F(NoTlb, NothingIsCounted)
{
    EXPECT_EQ(stats().tlb_hits, 0u);
    EXPECT_EQ(stats().tlb_fills, 0u);
    EXPECT_EQ(stats().tlb_evictions, 0u);
}

class OneEntryTlb : public Tlb {
  protected:
    OneEntryTlb() : Tlb(with_tlb(1, 1)) {}
};

TEST_F(OneEntryTlb, OnlyTheLastTranslationStays)
{
    EXPECT_EQ(gone(), "A1 B1 K1 G1 A2 B2 K2 ");
    EXPECT_EQ(stats().tlb_fills, 8u);
    EXPECT_EQ(stats().tlb_evictions, 7u);
}

class TwoWayTlb : public Tlb {
  protected:
    TwoWayTlb() : Tlb(with_tlb(1, 2)) { dut.submit(tlbi_nsnh_all()); }
};

TEST_F(TwoWayTlb, LeastRecentlyUsedIsEvicted)
{
    dut.translate(5, PAGE_A);
    dut.translate(5, PAGE_B);
    dut.translate(5, PAGE_A);
    dut.translate(5, BLOCK);
    map_all(0x300000000);
    EXPECT_EQ(dut.probe(5, PAGE_A).addr >> 32, 2u);
    EXPECT_EQ(dut.probe(5, BLOCK).addr >> 32, 2u);
    EXPECT_EQ(dut.probe(5, PAGE_B).addr >> 32, 3u) << "evicted";
}

// Software has made a page global and forgotten an invalidation: two translations match. Where one
// was found before has no part in which it is.
TEST_F(TwoWayTlb, WhatMatchesFirstIsFoundThoughAnotherWasFoundBefore)
{
    leaf_attributes global;
    global.ng = 0;
    dut.translate(6, PAGE_B);
    for (int i = 0; i < 3; i++)
        dut.translate(5, PAGE_A);
    dut.submit(tlbi_nh_va(PAGE_B, 2));
    two.low.map(PAGE_A, 0x300000000 | PAGE_A, 3, global);
    dut.translate(6, PAGE_A);
    EXPECT_EQ(dut.probe(5, PAGE_A).addr >> 32, 3u) << "in the place of what was invalidated";
    EXPECT_EQ(dut.translate(5, PAGE_A).addr >> 32, 3u);
}

// Eight address spaces, ASIDs 1 to 8, have a translation at the same address. A set has room for
// two.
class ManyAddressSpaces : public CoreTest {
  protected:
    static constexpr uint32_t spaces = 8;
    static constexpr uint64_t va = 0x4000, pa = uint64_t{1} << 32;

    ManyAddressSpaces() : CoreTest(with_tlb(64, 2))
    {
        dut.bring_up();
        for (uint32_t sid = 0; sid < spaces; sid++) {
            auto stream = std::make_unique<stage1_stream>(dut, sid, sid + 1);
            stream->low.map(va, pa);
            stream->publish();
            streams.push_back(std::move(stream));
        }
        dut.invalidate_all();
        missed();
    }

    // Streams whose translation has to be walked for.
    std::vector<uint32_t> missed()
    {
        std::vector<uint32_t> sids;
        for (uint32_t sid = 0; sid < spaces; sid++) {
            const uint64_t before = stats().tlb_misses;
            expect_forward(dut.translate(sid, va), pa);
            if (stats().tlb_misses != before)
                sids.push_back(sid);
        }
        return sids;
    }

    std::vector<std::unique_ptr<stage1_stream>> streams;
};

using Sids = std::vector<uint32_t>;

TEST_F(ManyAddressSpaces, DoNotPushEachOtherOut)
{
    EXPECT_EQ(missed(), Sids{});
}

TEST_F(ManyAddressSpaces, AreInvalidatedByOneCommandForAnyAsid)
{
    dut.submit(tlbi_nh_vaa(va));
    EXPECT_EQ(missed(), (Sids{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST_F(ManyAddressSpaces, AreInvalidatedOneByOne)
{
    dut.submit(tlbi_nh_va(va, 4));
    EXPECT_EQ(missed(), Sids{3});
    dut.submit(tlbi_nh_asid(6));
    EXPECT_EQ(missed(), Sids{5});
}

TEST_F(Tlb, StatisticsCountHitsAndMisses)
{
    const smmu_stats before = stats();
    dut.translate(5, PAGE_A);
    dut.translate(5, PAGE_A);
    dut.translate(5, 0x9000);
    EXPECT_EQ(stats().tlb_hits - before.tlb_hits, 2u);
    EXPECT_EQ(stats().tlb_misses - before.tlb_misses, 1u);
    EXPECT_EQ(stats().translations - before.translations, 3u);
    EXPECT_EQ(stats().aborts - before.aborts, 1u);
}

} // namespace
} // namespace test_tlb
