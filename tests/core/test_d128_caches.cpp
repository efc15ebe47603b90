// SPDX-License-Identifier: Apache-2.0
// What is cached of VMSAv9-128 tables: runs of entries (DDI 0487 D8.7.1), invalidation by level
// (IHI 0070 4.4.1.1), and tables that change their size (3.21.1.1).
#include "d128_test.hpp"

using namespace d128_test;

namespace test_d128_caches {
namespace {

// --- runs (DDI 0487 D8.7.1) ---------------------------------------------------------------------

class RunsOf128 : public D128 {
  protected:
    static smmu_config with_runs()
    {
        smmu_config cfg = with_d128();
        cfg.contiguous = true;
        return cfg;
    }
    explicit RunsOf128(const smmu_config &cfg = with_runs()) : D128(cfg)
    {
        tables();
        put(page_at, {in_place, pi_5 | bit(111 - 64)});
    }

    unsigned size() { return dut.translate(stage1, va).span_log2; }

    // A page that has its place in 64 KiB.
    static constexpr uint64_t in_place = (page & ~uint64_t{0xf000}) | (va & 0xf000);
};

TEST_F(RunsOf128, PagesOfBothStages)
{
    EXPECT_EQ(size(), 16u);
    EXPECT_EQ(dut.translate(stage2, ipa).span_log2, 16);
    put(page_at, {in_place, pi_5});
    dut.invalidate_all();
    EXPECT_EQ(size(), 12u);
}

// R_WSVXT: only of the initial table.
TEST_F(RunsOf128, DischOfTheCdIsAboutTheFirstTable)
{
    set_cd(t0sz_9, table | bit(65 - 64));
    EXPECT_EQ(size(), 16u);
    // One of level 3: T0SZ is 64 - 20 bits, of which TTB0 resolves 8.
    set_cd((t0sz_9 & ~uint64_t{0x3f}) | 44, 0x3505'0000);
    put(0x3505'0000 + 16 * (va >> 12 & 0xff), {in_place, pi_5 | bit(111 - 64)});
    EXPECT_EQ(dut.translate(stage1, va & 0xf'ffff).span_log2, 16);
    set_cd((t0sz_9 & ~uint64_t{0x3f}) | 44, 0x3505'0000 | bit(65 - 64));
    EXPECT_EQ(dut.translate(stage1, va & 0xf'ffff).span_log2, 12);
}

// DisCH1 is bit [129]; T1SZ [21:16] and TG1 [23:22] are of the same size as before, EPD1 [30] is 0.
TEST_F(RunsOf128, TheUpperHalfHasItsOwnDisch)
{
    const uint64_t word0 = (t0sz_9 & ~(bit(30) | uint64_t{0xff} << 16)) | 44 << 16 | bit(23);
    const uint64_t high = 0xffff'ffff'fff0'0000 | (va & 0xf'ffff);
    put(0x3505'0000 + 16 * (va >> 12 & 0xff), {in_place, pi_5 | bit(111 - 64)});
    set_cd(word0, table | bit(65 - 64), 0x3505'0000);
    EXPECT_EQ(dut.translate(stage1, high).span_log2, 16);
    set_cd(word0, table, 0x3505'0000 | bit(129 - 128));
    EXPECT_EQ(dut.translate(stage1, high).span_log2, 12);
}

// R_BBRTL: of a table descriptor, [112], about the next table alone, from the walk cache too; of
// stage 1.
TEST_F(RunsOf128, DischOfADescriptorIsAboutTheNextTable)
{
    put(0x3504'0fe0, {0x3505'0001, bit(112 - 64)});
    dut.invalidate_all();
    EXPECT_EQ(size(), 12u);
    dut.submit(tlbi_nh_vaa(va, true));
    EXPECT_EQ(size(), 12u) << "the table is cached";
    EXPECT_EQ(dut.translate(stage2, ipa).span_log2, 16);
    put(0x3504'0fe0, {0x3505'0001, 0});
    put(0x3503'0100, {0x3504'0001, bit(112 - 64)});
    dut.invalidate_all();
    EXPECT_EQ(size(), 16u);
}

// --- caches -------------------------------------------------------------------------------------

// CMD_TLBI_NH_VAA of VMID 0: TTL128 is bit 71.
image<2> vaa(uint64_t address, unsigned tg, unsigned ttl, bool ttl128)
{
    return image<2>{{0x13, address | uint64_t{tg} << 10 | uint64_t{ttl} << 8 |
                               (ttl128 ? uint64_t{1} << 7 : 0)}};
}

// 4.4.1.1: a level is that of one format.
TEST_F(D128, Ttl128MakesALevelOneOfLargeDescriptors)
{
    tables();
    put(0x3504'0fe0, {0x00fe'dcba'9870'0f01, pi_5 | skl(1)}); // 1 MiB
    const auto forgotten = [&](bool ttl128) {
        expect_forward(dut.translate(stage1, va), 0x00fe'dcba'987d'cba8);
        dut.mem.clear_log();
        dut.submit(vaa(va & ~ones(20), 1, 2, ttl128));
        expect_forward(dut.translate(stage1, va), 0x00fe'dcba'987d'cba8);
        return !descriptors_read().empty();
    };
    EXPECT_FALSE(forgotten(false)) << "blocks of 2 MiB";
    EXPECT_TRUE(forgotten(true)) << "blocks of 1 MiB";
}

// DDI 0487 Table D8-105: runs of that level are of 16 MiB.
TEST_F(RunsOf128, GoWithTheLevelOfTheirFormat)
{
    put(0x3504'0fe0, {0x00fe'dcba'9800'0f01 | (va & 0xf0'0000), pi_5 | skl(1) | bit(111 - 64)});
    dut.invalidate_all();
    const auto forgotten = [&](bool ttl128) {
        EXPECT_EQ(size(), 24u);
        dut.submit(vaa(va & ~ones(20), 1, 2, ttl128));
        dut.mem.clear_log();
        EXPECT_EQ(size(), 24u);
        return !descriptors_read().empty();
    };
    EXPECT_FALSE(forgotten(false));
    EXPECT_TRUE(forgotten(true));
}

// With TTL128 a level 1 of the 16 KiB granule is a hint, whatever IDR5.DS says.
TEST_F(D128, Level1Of16KiBIsNotReservedWithTtl128)
{
    dut.submit(vaa(0, 2, 1, true));
    EXPECT_EQ(dut.cmdq_error(), 0u);
    dut.submit(vaa(0, 2, 1, false));
    EXPECT_NE(dut.cmdq_error(), 0u);
}

class D128Level1 : public D128 {
  protected:
    static smmu_config level_1()
    {
        smmu_config cfg = with_d128();
        cfg.bbml = 1;
        return cfg;
    }

    D128Level1() : D128(level_1()) {}

    // Whether the walk cache has the table that the descriptor at level 0 leads to.
    bool remembered(uint64_t nt)
    {
        tables();
        put(0x3502'0320, {0x5000'0001 | nt, skl(1)}); // IA[35:20] in 1 MiB
        put(0x5000'0000 + 0x10fe0, {0, 0});
        expect_abort(dut.translate(stage1, va), F_TRANSLATION);
        dut.mem.clear_log();
        expect_abort(dut.translate(stage1, va), F_TRANSLATION);
        const bool found = descriptors_read().size() == 1;
        dut.invalidate_all();
        return found;
    }
};

// 3.21.1.1: nT of a table descriptor is bit 6, where SKL is not 0.
TEST_F(D128Level1, ATableThatChangesItsSizeIsNotCached)
{
    EXPECT_TRUE(remembered(0));
    EXPECT_FALSE(remembered(bit(6)));
}

// ... and of a block: it is cached in pages.
TEST_F(D128Level1, ABlockThatChangesItsSizeIsCachedInPages)
{
    tables();
    put(0x3504'0fe0, {0x00fe'dcba'9870'0f41, pi_5 | skl(1)});
    EXPECT_EQ(dut.translate(stage1, va).span_log2, 12);
}

} // namespace
} // namespace test_d128_caches
