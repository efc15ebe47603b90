// SPDX-License-Identifier: Apache-2.0
// Range-based invalidation and level hints of CMD_TLBI_* (IHI 0070 4.4.1.1). The words of commands
// are typed: NUM [16:12], SCALE [24:20], TTL [73:72] and TG [75:74] are where Linux's arm-smmu-v3.h
// has them (CMDQ_TLBI_0_NUM, _SCALE, CMDQ_TLBI_1_TTL, _TG).
#include "core/nested_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_range_inval {
namespace {

constexpr uint64_t KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

// CMD_TLBI_NH_VAA of VMID 0.
image<2> vaa(uint64_t address, unsigned tg, unsigned num, unsigned scale, unsigned ttl,
             bool leaf = false)
{
    return image<2>{{0x13 | uint64_t{num} << 12 | uint64_t{scale} << 20,
                     address | uint64_t{tg} << 10 | uint64_t{ttl} << 8 | (leaf ? 1 : 0)}};
}

// Stream 5 has stage 1 tables of 4 KiB; what is cached is seen by the descriptors it saves.
class RangeInvalidation : public StreamTest {
  protected:
    static smmu_config roomy()
    {
        smmu_config cfg = smmu_config_default();
        cfg.tlb = cfg.walk_s1 = {256, 16};
        return cfg;
    }

    RangeInvalidation() : StreamTest(roomy()) {}

    void cache(uint64_t at, unsigned level = 3)
    {
        stream.low.map(at, at, level);
        dut.translate(sid, at);
    }

    // Descriptors that an access reads.
    size_t fetches(uint64_t at)
    {
        dut.mem.clear_log();
        EXPECT_EQ(dut.translate(sid, at).outcome, SMMU_FORWARD);
        return dut.mem.count(SMMU_FETCH_TTD);
    }

    bool gone(uint64_t at) { return fetches(at) != 0; }

    static constexpr uint64_t base = 0x40'0000;
};

TEST_F(RangeInvalidation, TakesWhatIsFromItsAddressToBeforeItsEnd)
{
    for (unsigned page = 0; page < 16; page++)
        cache(base + page * 4 * KiB);
    dut.submit(vaa(base + 3 * 4 * KiB, 1, 4, 1, 0)); // 5 * 2 pages
    for (unsigned page = 0; page < 16; page++)
        EXPECT_EQ(gone(base + page * 4 * KiB), page >= 3 && page < 13) << page;
}

// 4.4.1.1: bit 71, TTL128, is RES0 without IDR5.D128.
TEST_F(RangeInvalidation, Ttl128IsNoFieldWithout128BitDescriptors)
{
    cache(2 * GiB, 2);
    dut.submit(vaa(2 * GiB | 1u << 7, 1, 0, 0, 2));
    EXPECT_TRUE(gone(2 * GiB)) << "a block of 2 MiB, not of 1 MiB";
    dut.submit(vaa(1u << 7, 2, 0, 0, 1));
    EXPECT_EQ(dut.cmdq_error(), CERROR_ILL) << "16 KiB: no such blocks";
}

TEST_F(RangeInvalidation, HasNumPlusOneTimesTwoToTheScaleGranules)
{
    const struct {
        unsigned tg, num, scale;
        uint64_t bytes;
    } rows[] = {{1, 1, 0, 8192},
                {1, 0, 1, 8192},
                {1, 31, 0, 131072},
                {1, 2, 3, 98304},
                {2, 2, 3, 393216},
                {3, 2, 3, 1572864},
                {1, 31, 31, 0x0001'0000'0000'0000},
                {3, 31, 31, 0x0010'0000'0000'0000}};
    for (const auto &row : rows) {
        dut.invals.clear();
        dut.submit(vaa(base, row.tg, row.num, row.scale, 0));
        ASSERT_EQ(dut.invals.size(), 1u);
        EXPECT_EQ(dut.invals[0].addr, base);
        EXPECT_EQ(dut.invals[0].reach + 1, row.bytes) << row.tg << ' ' << row.num;
    }
}

TEST_F(RangeInvalidation, TakesBlocksOfWhichItNamesAnyPart)
{
    cache(2 * GiB, 2);
    cache(2 * GiB + 2 * MiB, 2);
    cache(2 * GiB + 4 * MiB, 2);
    dut.submit(vaa(2 * GiB + 2 * MiB - 4 * KiB, 1, 1, 0, 0)); // a page of each of two blocks
    EXPECT_TRUE(gone(2 * GiB + 0x12'3000));
    EXPECT_TRUE(gone(2 * GiB + 2 * MiB + 0x1f'f000));
    EXPECT_FALSE(gone(2 * GiB + 4 * MiB));
}

TEST_F(RangeInvalidation, LeavesWhatHasAnotherGranule)
{
    const struct {
        unsigned tg;
        bool goes;
    } rows[] = {{1, true}, {2, false}, {3, false}};
    for (const auto &row : rows) {
        cache(base);
        dut.submit(vaa(base, row.tg, 31, 5, 0));
        EXPECT_EQ(gone(base), row.goes) << row.tg;
    }
}

// A page, a block of 2 MiB and one of 1 GiB; each hint takes what is of its level.
TEST_F(RangeInvalidation, LevelHintLeavesLeavesOfOtherLevels)
{
    for (unsigned ttl = 0; ttl < 4; ttl++) {
        cache(4 * GiB, 3);
        cache(4 * GiB + 2 * MiB, 2);
        cache(5 * GiB, 1);
        dut.submit(vaa(4 * GiB, 1, 1, 18, ttl, true)); // 2 GiB
        EXPECT_EQ(gone(4 * GiB), ttl == 0 || ttl == 3) << ttl;
        EXPECT_EQ(gone(4 * GiB + 2 * MiB), ttl == 0 || ttl == 2) << ttl;
        EXPECT_EQ(gone(5 * GiB), ttl == 0 || ttl == 1) << ttl;
    }
}

// 4.4.1.1, the note that follows the tables: with TTL 2 tables of levels 0 and 1 go.
TEST_F(RangeInvalidation, LevelHintTakesTheTablesAboveItsLeaves)
{
    const uint64_t there = base, beside = base + 4 * KiB, far = base + 2 * MiB;
    const struct {
        unsigned ttl;
        bool leaf;
        size_t there, beside, far; // descriptors that accesses read then
    } rows[] = {
        {3, false, 4, 1, 2}, // all went, and came back
        {2, false, 0, 1, 4}, // the table of level 2 is still there, that of level 1 is not
        {1, false, 0, 1, 2}, // that of level 1 leads on
        {3, true, 1, 1, 2},  // no table
        {2, true, 0, 1, 2},  // nothing at all
    };
    for (const auto &row : rows) {
        for (uint64_t at : {there, beside, far})
            stream.low.map(at, at);
        dut.invalidate_all();
        dut.translate(sid, there);
        dut.submit(vaa(base, 1, 0, 0, row.ttl, row.leaf));
        EXPECT_EQ(fetches(there), row.there) << row.ttl << row.leaf;
        EXPECT_EQ(fetches(beside), row.beside) << row.ttl << row.leaf;
        EXPECT_EQ(fetches(far), row.far) << row.ttl << row.leaf;
    }
}

TEST_F(RangeInvalidation, SaysNothingWithoutTg)
{
    cache(base);
    cache(base + 4 * KiB);
    cache(2 * GiB, 2);
    dut.submit(vaa(base, 0, 31, 31, 1));
    EXPECT_TRUE(gone(base)) << "TTL is RES0";
    EXPECT_FALSE(gone(base + 4 * KiB)) << "NUM and SCALE are";
    EXPECT_FALSE(gone(2 * GiB));
    EXPECT_EQ(dut.cmdq_error(), CERROR_NONE);
}

TEST_F(RangeInvalidation, IsIllegalIfTgSaysNothing)
{
    for (unsigned opcode : {0x12, 0x13, 0x22, 0x23, 0x2a}) {
        for (unsigned tg : {1u, 2u, 3u}) {
            for (unsigned ttl = 0; ttl < 4; ttl++) {
                const bool nothing = ttl == 0 || (tg == 2 && ttl == 1); // 16 KiB: no such blocks
                device_under_test other;
                other.bring_up();
                other.submit(image<2>{{opcode, uint64_t{tg} << 10 | uint64_t{ttl} << 8}});
                EXPECT_EQ(other.cmdq_error(), nothing ? CERROR_ILL : CERROR_NONE)
                    << std::hex << opcode << ' ' << tg << ' ' << ttl;
            }
        }
    }
}

// Bit 25 is RES0 without IDR5.DS.
TEST_F(RangeInvalidation, ScaleHasFiveBits)
{
    dut.invals.clear();
    dut.submit(vaa(base, 1, 1, 32, 0));
    ASSERT_EQ(dut.invals.size(), 1u);
    EXPECT_EQ(dut.invals[0].reach + 1, 2 * 4 * KiB);
    dut.submit(vaa(base, 1, 0, 32, 0));
    EXPECT_EQ(dut.cmdq_error(), CERROR_ILL);
}

TEST_F(RangeInvalidation, IsNoPartOfCommandsWithoutAddress)
{
    for (unsigned opcode : {0x10, 0x11, 0x20, 0x21, 0x28, 0x30})
        dut.submit(image<2>{{opcode, 0x400}});
    EXPECT_EQ(dut.cmdq_error(), CERROR_NONE);
}

TEST_F(RangeInvalidation, Level1IsNoHintWith16KiB)
{
    stream.context().tg0 = TG0_16K;
    translation_table table(dut.mem, dut.frames, 48, granule::k16);
    stream.context().ttb0 = table.base();
    republish();
    table.map(base, base, 3);
    table.map(64 * MiB, 64 * MiB, 2);
    dut.translate(sid, base);
    dut.translate(sid, 64 * MiB);
    dut.submit(vaa(0, 2, 31, 10, 1));
    EXPECT_TRUE(gone(base));
    EXPECT_TRUE(gone(64 * MiB));
}

TEST_F(RangeInvalidation, EndsWithTheAddressSpace)
{
    const uint64_t top = ~uint64_t{0xfff};
    cache(0);
    stream.high.map(top, 0x9000);
    dut.translate(sid, top);
    dut.submit(vaa(top - 4 * KiB, 1, 31, 31, 0));
    EXPECT_FALSE(gone(0)) << "the range does not wrap";
    EXPECT_TRUE(gone(top));
}

TEST_F(RangeInvalidation, IsBoundToItsAsid)
{
    cache(base);
    const uint64_t range = uint64_t{4} << 20;
    dut.submit(image<2>{{0x0002'0000'0000'0012 | range, base | 0x400}});
    EXPECT_FALSE(gone(base));
    dut.submit(image<2>{{0x0001'0000'0000'0012 | range, base | 0x400}});
    EXPECT_TRUE(gone(base));
}

// --- both stages --------------------------------------------------------------------------------

class RangeOfIpas : public NestedTest {
  protected:
    explicit RangeOfIpas(const smmu_config &cfg = smmu_config_default()) : NestedTest(cfg)
    {
        for (support::stage2 *s : {&second, &third})
            s->table.map(ipa + 8 * KiB, pa, 3, stage2_attributes{});
        stage1.low.map(va + 8 * KiB, ipa + 8 * KiB);
        for (uint64_t more : {uint64_t{0}, 8 * KiB}) {
            dut.translate(alone, ipa + more);
            dut.translate(nested, va + more);
        }
    }

    bool gone(uint32_t sid, uint64_t at)
    {
        dut.mem.clear_log();
        EXPECT_EQ(dut.translate(sid, at).outcome, SMMU_FORWARD);
        return dut.mem.count(SMMU_FETCH_TTD) != 0;
    }

    // CMD_TLBI_S2_IPA of two 4 KiB pages.
    static image<2> two_pages(uint64_t at, unsigned vmid, unsigned ttl)
    {
        return image<2>{{0x102a | uint64_t{vmid} << 32, at | 0x401 | uint64_t{ttl} << 8}};
    }
};

TEST_F(RangeOfIpas, TakesWhatStage2SaysOfThem)
{
    dut.submit(two_pages(ipa, 7, 0));
    EXPECT_FALSE(gone(alone, ipa)) << "of VMID 6";
    dut.submit(two_pages(ipa, 6, 2));
    EXPECT_FALSE(gone(alone, ipa)) << "which is of level 3";
    dut.submit(two_pages(ipa, 6, 3));
    EXPECT_TRUE(gone(alone, ipa));
    EXPECT_FALSE(gone(alone, ipa + 8 * KiB));
}

TEST_F(RangeOfIpas, LeavesWhatIsOfBothStages)
{
    dut.submit(two_pages(ipa, 7, 3));
    EXPECT_FALSE(gone(nested, va));
}

// Of both stages, the hint is about stage 1.
TEST_F(RangeOfIpas, IsNoRangeOfVas)
{
    third.table.map(2 * GiB, 2 * GiB, 2, stage2_attributes{});
    stage1.low.map(va + 4 * KiB, 2 * GiB);
    dut.translate(nested, va + 4 * KiB);
    const uint64_t vmid7 = uint64_t{7} << 32;
    dut.submit(image<2>{{0x1013 | vmid7, va | 0x601}}); // two pages, TTL 2
    EXPECT_FALSE(gone(nested, va + 4 * KiB)) << "a page of stage 1 over a block of stage 2";
    dut.submit(image<2>{{0x1013 | vmid7, va | 0x701}}); // TTL 3
    EXPECT_TRUE(gone(nested, va + 4 * KiB));
    EXPECT_TRUE(gone(nested, va));
    EXPECT_FALSE(gone(nested, va + 8 * KiB));
}

} // namespace
} // namespace test_range_inval
