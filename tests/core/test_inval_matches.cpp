// SPDX-License-Identifier: Apache-2.0
// smmu_inval_matches(): the pure rule that caches and hosts share (smmu/ops.h; IHI 0070 4.3, 4.4).
#include "core/core_test.hpp"

namespace test_inval_matches {
namespace {

smmu_tag page_tag()
{
    smmu_tag tag{};
    tag.sid = 5;
    tag.cd_index = 0;
    tag.va = 0x40000000;
    tag.asid = 3;
    tag.sec = SMMU_SEC_NS;
    tag.world = SMMU_WORLD_NS_EL1;
    tag.span_log2 = 21;
    tag.s1_leaf_log2 = 21;
    tag.level = 2;
    tag.cd = tag.s1 = true;
    return tag;
}

bool matches(smmu_inval inval, const smmu_tag &tag)
{
    return smmu_inval_matches(&inval, &tag);
}

smmu_inval of(smmu_inval_kind kind)
{
    smmu_inval inval{};
    inval.kind = kind;
    return inval;
}

TEST(InvalMatches, OtherSecurityStatesAreNeverTouched)
{
    for (int kind = SMMU_INVAL_ALL; kind <= SMMU_INVAL_TLB_VAA; ++kind) {
        smmu_tag tag = page_tag();
        tag.sec = SMMU_SEC_REALM;
        EXPECT_FALSE(matches(of(static_cast<smmu_inval_kind>(kind)), tag)) << kind;
    }
}

TEST(InvalMatches, AllMatchesBypassAndTranslation)
{
    smmu_tag tag = page_tag();
    EXPECT_TRUE(matches(of(SMMU_INVAL_ALL), tag));
    tag.s1 = false;
    EXPECT_TRUE(matches(of(SMMU_INVAL_ALL), tag));
    EXPECT_TRUE(matches(of(SMMU_INVAL_CFG_ALL), tag));
}

TEST(InvalMatches, StreamRangeIsInclusive)
{
    smmu_inval inval = of(SMMU_INVAL_CFG_SIDS);
    inval.sid = 4;
    inval.sid_last = 7;
    smmu_tag tag = page_tag();
    for (uint32_t sid = 2; sid < 10; ++sid) {
        tag.sid = sid;
        EXPECT_EQ(matches(inval, tag), sid >= 4 && sid <= 7) << sid;
    }
}

TEST(InvalMatches, CdNeedsStreamAndIndex)
{
    smmu_inval inval = of(SMMU_INVAL_CFG_CD);
    inval.sid = 5;
    inval.ssid = 2;
    smmu_tag tag = page_tag();
    EXPECT_FALSE(matches(inval, tag));
    tag.cd_index = 2;
    EXPECT_TRUE(matches(inval, tag));
    tag.sid = 6;
    EXPECT_FALSE(matches(inval, tag));
}

TEST(InvalMatches, CdAllTakesEveryIndexOfTheStream)
{
    smmu_inval inval = of(SMMU_INVAL_CFG_CD_ALL);
    inval.sid = 5;
    smmu_tag tag = page_tag();
    for (uint32_t index : {0u, 1u, 1000u}) {
        tag.cd_index = index;
        EXPECT_TRUE(matches(inval, tag));
    }
    tag.sid = 4;
    EXPECT_FALSE(matches(inval, tag));
}

TEST(InvalMatches, CdCountsWithoutATranslationToo) // 17.3: for a label
{
    smmu_inval inval = of(SMMU_INVAL_CFG_CD);
    inval.sid = 5;
    smmu_tag tag = page_tag();
    tag.s1 = false;
    EXPECT_TRUE(matches(inval, tag));
    EXPECT_FALSE(matches(of(SMMU_INVAL_TLB_NH), smmu_tag{}));
    tag.cd = false;
    EXPECT_FALSE(matches(inval, tag));
}

TEST(InvalMatches, BypassDoesNotDependOnCdsOrTranslations)
{
    smmu_tag tag{};
    tag.sid = 5;
    for (auto kind :
         {SMMU_INVAL_CFG_CD, SMMU_INVAL_CFG_CD_ALL, SMMU_INVAL_TLB_NH, SMMU_INVAL_TLB_S1,
          SMMU_INVAL_TLB_ASID, SMMU_INVAL_TLB_VA, SMMU_INVAL_TLB_VAA}) {
        smmu_inval inval = of(kind);
        inval.sid = 5;
        EXPECT_FALSE(matches(inval, tag)) << kind;
    }
}

TEST(InvalMatches, AsidSparesGlobals)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_ASID);
    inval.asid = 3;
    smmu_tag tag = page_tag();
    EXPECT_TRUE(matches(inval, tag));
    tag.global = true;
    EXPECT_FALSE(matches(inval, tag));
    tag.global = false;
    tag.asid = 4;
    EXPECT_FALSE(matches(inval, tag));
}

TEST(InvalMatches, VaMatchesInsideTheSpan)
{
    for (auto kind : {SMMU_INVAL_TLB_VA, SMMU_INVAL_TLB_VAA}) {
        smmu_inval inval = of(kind);
        inval.asid = 3;
        const smmu_tag tag = page_tag();
        const struct {
            uint64_t va;
            bool inside;
        } rows[] = {{0x40000000, true},
                    {0x401ff000, true},
                    {0x40200000, false},
                    {0x3ffff000, false},
                    {0xffff000040000000, false}};
        for (const auto &row : rows) {
            inval.addr = row.va;
            EXPECT_EQ(matches(inval, tag), row.inside) << std::hex << row.va;
        }
    }
}

TEST(InvalMatches, VaNeedsTheAsidOrAGlobal)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_VA);
    inval.addr = 0x40000000;
    inval.asid = 4;
    smmu_tag tag = page_tag();
    EXPECT_FALSE(matches(inval, tag));
    tag.global = true;
    EXPECT_TRUE(matches(inval, tag));
}

TEST(InvalMatches, VmidMustBeTheSame)
{
    smmu_tag tag = page_tag();
    tag.vmid = 9;
    for (auto kind :
         {SMMU_INVAL_TLB_S1, SMMU_INVAL_TLB_ASID, SMMU_INVAL_TLB_VA, SMMU_INVAL_TLB_VAA}) {
        smmu_inval inval = of(kind);
        inval.asid = 3;
        inval.addr = 0x40000000;
        EXPECT_FALSE(matches(inval, tag)) << kind;
        inval.vmid = 9;
        EXPECT_TRUE(matches(inval, tag)) << kind;
    }
    EXPECT_TRUE(matches(of(SMMU_INVAL_TLB_NH), tag)) << "NSNH_ALL takes every VMID";
}

TEST(InvalMatches, El2RegimesAreNotNh)
{
    for (auto world : {SMMU_WORLD_EL2, SMMU_WORLD_EL2_E2H}) {
        smmu_tag tag = page_tag();
        tag.world = world;
        for (auto kind : {SMMU_INVAL_TLB_NH, SMMU_INVAL_TLB_S1, SMMU_INVAL_TLB_ASID,
                          SMMU_INVAL_TLB_VA, SMMU_INVAL_TLB_VAA}) {
            smmu_inval inval = of(kind);
            inval.asid = 3;
            inval.addr = 0x40000000;
            EXPECT_FALSE(matches(inval, tag)) << kind;
        }
    }
}

smmu_tag stage2_tag()
{
    smmu_tag tag = page_tag();
    tag.s1 = false;
    tag.s2 = true;
    tag.s1_leaf_log2 = 0;
    tag.s2_leaf_log2 = 21;
    tag.asid = 0;
    tag.vmid = 9;
    return tag;
}

// DDI 0487 D8.17: what stage 1 says in one block or page goes as a whole.

TEST(InvalMatches, PiecesGoWithAnyAddressOfTheirBlock)
{
    for (auto kind : {SMMU_INVAL_TLB_VA, SMMU_INVAL_TLB_VAA}) {
        smmu_inval inval = of(kind);
        inval.asid = 3;
        smmu_tag tag = page_tag();
        tag.s2 = true;
        tag.span_log2 = tag.s2_leaf_log2 = 12;
        for (uint64_t piece = 0x40000000; piece < 0x40200000; piece += 0x3000) {
            tag.va = piece;
            for (uint64_t named : {0x40000000, 0x400ff000, 0x401ff000}) {
                inval.addr = named;
                EXPECT_TRUE(matches(inval, tag)) << std::hex << piece << ' ' << named;
            }
            for (uint64_t outside : {0x3ffff000, 0x40200000}) {
                inval.addr = outside;
                EXPECT_FALSE(matches(inval, tag)) << std::hex << piece << ' ' << outside;
            }
        }
    }
}

TEST(InvalMatches, BlocksOfStage2DoNotWidenPagesOfStage1)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_VAA);
    smmu_tag tag = page_tag();
    tag.s2 = true;
    tag.s2_leaf_log2 = 21;
    tag.span_log2 = tag.s1_leaf_log2 = 12;
    inval.addr = 0x40001000;
    EXPECT_FALSE(matches(inval, tag));
    inval.addr = 0x40000000;
    EXPECT_TRUE(matches(inval, tag));
}

// DDI 0487 G5.5.5: the other table translates the rest of such a block.
TEST(InvalMatches, BlocksCutByTheOtherTableGoWithTheirOwnAddressesOnly)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_VAA);
    smmu_tag tag = page_tag();
    tag.s1_leaf_log2 = 30;
    tag.s1_cut_log2 = 27;
    const struct {
        uint64_t va, named;
        bool goes;
    } rows[] = {
        {0xc0000000, 0xf7fff000, true},  {0xc0000000, 0xf8000000, false},
        {0xf0000000, 0xc0000000, true},  {0xf0000000, 0xbffff000, false},
        {0x08000000, 0x3ffff000, true},  {0x08000000, 0x07fff000, false},
        {0x20000000, 0x08000000, true},  {0x20000000, 0x00000000, false},
        {0x20000000, 0x40000000, false}, {0xf0000000, 0x1c0000000, false},
    };
    for (const auto &row : rows) {
        tag.va = row.va;
        inval.addr = row.named;
        EXPECT_EQ(matches(inval, tag), row.goes) << std::hex << row.va << ' ' << row.named;
    }
}

// 4.4.1.1: what a descriptor maps goes with any address of the range, but not with the next ones.
TEST(InvalMatches, RangesMeetBlocksAtTheirEdges)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_VAA);
    smmu_tag tag = page_tag();
    tag.va = 0x40200000;
    tag.s1_leaf_log2 = 21;
    const struct {
        uint64_t addr, reach;
        bool goes;
    } rows[] = {
        {0x40000000, 0x1fffff, false},     {0x40000000, 0x200000, true},
        {0x40000000, 0xfffff000, true},    {0x403ff000, 0xfff, true},
        {0x40400000, 0xfff, false},        {0, ~uint64_t{0}, true},
        {0x40400000, ~uint64_t{0}, false},
    };
    for (const auto &row : rows) {
        inval.addr = row.addr;
        inval.reach = row.reach;
        EXPECT_EQ(matches(inval, tag), row.goes) << std::hex << row.addr << ' ' << row.reach;
    }
}

TEST(InvalMatches, SizesSelectByTheLeafOfStage1)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_VAA);
    smmu_tag tag = page_tag();
    tag.s2 = true;
    tag.s1_leaf_log2 = 21;
    tag.s2_leaf_log2 = 12;
    inval.addr = tag.va;
    inval.leaf_sizes = uint64_t{1} << 12;
    EXPECT_FALSE(matches(inval, tag));
    inval.leaf_sizes = uint64_t{1} << 21;
    EXPECT_TRUE(matches(inval, tag));
    tag.s1 = false;
    inval.kind = SMMU_INVAL_TLB_IPA;
    inval.vmid = tag.vmid;
    EXPECT_FALSE(matches(inval, tag));
    inval.leaf_sizes = uint64_t{1} << 12;
    EXPECT_TRUE(matches(inval, tag));
}

TEST(InvalMatches, RangesAcrossACutTakeBothSidesApart)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_VAA);
    smmu_tag tag = page_tag();
    tag.s1_leaf_log2 = 30;
    tag.s1_cut_log2 = 27;
    const struct {
        uint64_t va, addr, reach;
        bool goes;
    } rows[] = {
        {0xc0000000, 0xf8000000, 0x7ffffff, false},
        {0xc0000000, 0xf7fff000, 0x7ffffff, true},
        {0x20000000, 0, 0x7ffffff, false},
        {0x20000000, 0, 0x8000000, true},
    };
    for (const auto &row : rows) {
        tag.va = row.va;
        inval.addr = row.addr;
        inval.reach = row.reach;
        EXPECT_EQ(matches(inval, tag), row.goes) << std::hex << row.va << ' ' << row.addr;
    }
}

TEST(InvalMatches, SizesBeyondAllAddressesMatchEverything)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_VAA);
    smmu_tag tag = page_tag();
    inval.addr = ~uint64_t{0xfff};
    for (unsigned log2 : {64u, 100u, 255u}) {
        tag.s1_leaf_log2 = static_cast<uint8_t>(log2);
        EXPECT_TRUE(matches(inval, tag)) << log2;
    }
    inval = of(SMMU_INVAL_TLB_S1);
    inval.vmid = 0xffff;
    for (unsigned low : {16u, 32u, 64u, 255u}) {
        inval.vmid_wildcard = static_cast<uint8_t>(low);
        EXPECT_TRUE(matches(inval, tag)) << low;
    }
}

TEST(InvalMatches, IpaTakesStage2EntriesAlone)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_IPA);
    inval.vmid = 9;
    inval.addr = 0x40100000;
    smmu_tag tag = stage2_tag();
    EXPECT_TRUE(matches(inval, tag));
    inval.addr = 0x40200000;
    EXPECT_FALSE(matches(inval, tag));
    inval.addr = 0x40100000;
    inval.vmid = 8;
    EXPECT_FALSE(matches(inval, tag));
    inval.vmid = 9;
    tag.s1 = true;
    EXPECT_FALSE(matches(inval, tag)) << "entries of both stages stay";
}

TEST(InvalMatches, S12TakesAllStagesOfItsVmid)
{
    smmu_inval inval = of(SMMU_INVAL_TLB_S12);
    inval.vmid = 9;
    smmu_tag tag = stage2_tag();
    EXPECT_TRUE(matches(inval, tag));
    tag.s1 = true;
    EXPECT_TRUE(matches(inval, tag));
    tag.s2 = false;
    EXPECT_TRUE(matches(inval, tag));
    tag.vmid = 8;
    EXPECT_FALSE(matches(inval, tag));
    tag.vmid = 9;
    tag.world = SMMU_WORLD_EL2;
    EXPECT_FALSE(matches(inval, tag));
}

TEST(InvalMatches, Stage1KindsLeaveStage2Entries)
{
    for (auto kind :
         {SMMU_INVAL_TLB_S1, SMMU_INVAL_TLB_ASID, SMMU_INVAL_TLB_VA, SMMU_INVAL_TLB_VAA}) {
        smmu_inval inval = of(kind);
        inval.vmid = 9;
        inval.addr = 0x40000000;
        EXPECT_FALSE(matches(inval, stage2_tag())) << kind;
    }
}

TEST(InvalMatches, El2TakesBothEl2Regimes)
{
    for (auto world : {SMMU_WORLD_EL2, SMMU_WORLD_EL2_E2H}) {
        smmu_tag tag = page_tag();
        tag.world = world;
        EXPECT_TRUE(matches(of(SMMU_INVAL_TLB_EL2), tag));
    }
    EXPECT_FALSE(matches(of(SMMU_INVAL_TLB_EL2), page_tag()));
    EXPECT_FALSE(matches(of(SMMU_INVAL_TLB_EL2), stage2_tag()));
}

TEST(InvalMatches, El2KindsDoNotLookAtTheVmid)
{
    smmu_tag tag = page_tag();
    tag.world = SMMU_WORLD_EL2_E2H;
    smmu_inval inval = of(SMMU_INVAL_TLB_VA);
    inval.world = SMMU_WORLD_EL2_E2H;
    inval.asid = 3;
    inval.vmid = 77;
    inval.addr = 0x40000000;
    EXPECT_TRUE(matches(inval, tag));
    inval.world = SMMU_WORLD_EL2;
    EXPECT_FALSE(matches(inval, tag));
}

} // namespace
} // namespace test_inval_matches
