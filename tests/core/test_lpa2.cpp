// SPDX-License-Identifier: Apache-2.0
// 52-bit addresses with granules of 4 KiB and 16 KiB (IHI 0070 3.4, 5.2 S2DS, 5.4 DS; DDI 0487
// D8.2.8, D8.2.9, D8.3), in literal words: where descriptors are, what is in them, what becomes of
// their shareability, and what happens where DS is 0.
#include "core/core_test.hpp"
#include "smmu/dvm.h"

using namespace support;
using testing::ElementsAre;

namespace test_lpa2 {
namespace {

smmu_config with_lpa2()
{
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = 52;
    cfg.vax52 = cfg.ds = true;
    return cfg;
}

// Stream 0xa5 translates at stage 1, stream 0x17 at stage 2. Their first tables are the same, and
// lie above 48 bits.
class Lpa2 : public CoreTest {
  protected:
    explicit Lpa2(const smmu_config &cfg = with_lpa2()) : CoreTest(cfg)
    {
        dut.bring_up();
        put(0x1400'0000 + 0x40 * uint64_t{stage1}, {0x3000'000b});
        put(0x1400'0000 + 0x40 * uint64_t{stage2}, {0xd, 0x0000'1000'0000'0000, 0, 0});
        put(cd, {0, table, 0, 0xff});
        set_cd(t0sz_12, ds);
        set_ste(s2_level_minus_1, table | s2ds | s2sl0_2);
    }

    void put(uint64_t at, const std::vector<uint64_t> &w)
    {
        for (size_t i = 0; i < w.size(); i++)
            dut.mem.store64(at + 8 * i, w[i]);
    }

    void set_cd(uint64_t word0, uint64_t word2)
    {
        put(cd, {word0});
        put(cd + 16, {word2});
        dut.invalidate_all();
    }

    void set_ste(uint64_t word2, uint64_t word3)
    {
        put(0x1400'0000 + 0x40 * uint64_t{stage2} + 16, {word2, word3});
        dut.invalidate_all();
    }

    // Tables of 4 KiB on the way to `va`, those of level 0 above 48 bits too.
    void tables_of_4k()
    {
        put(table + 0x78, {0x0002'0000'3501'0303}); // IA[51:48]
        put(0xe'0000'3501'0120, {0x3502'0003});     // IA[47:39]
        put(0x3502'0688, {0x3503'0003});            // IA[38:30]
        put(0x3503'0598, {0x3504'0003});            // IA[29:21]
    }

    // Tables of 16 KiB to level 2.
    void tables_of_16k()
    {
        put(table + 0xf0, {0x0002'0000'3501'0303}); // IA[51:47]
        put(0xe'0000'3501'0918, {0x3502'0003});     // IA[46:36]
        put(0x3502'1158, {0x3503'0003});            // IA[35:25]
    }

    std::vector<uint64_t> descriptors_read()
    {
        std::vector<uint64_t> at;
        for (const auto &access : dut.mem.log())
            if (access.req.fetch == SMMU_FETCH_TTD)
                at.push_back(access.req.addr);
        dut.mem.clear_log();
        return at;
    }

    static constexpr uint32_t stage1 = 0xa5, stage2 = 0x17;
    static constexpr uint64_t cd = 0x3000'0000, table = 0x5'0000'3500'0000;
    static constexpr uint64_t va = 0xf'1234'5678'9abc;
    // CD: T0SZ 12, TG0, IR0 and OR0 01, SH0 11, EPD1, V, IPS 52 bits, AA64, R, A, ASID 1; DS is
    // 186.
    static constexpr uint64_t t0sz_12 = 0x0001'6206'c000'350c, tg0_16k = 0x80;
    static constexpr uint64_t ds = 0x0400'0000'0000'0000;
    // STE: S2T0SZ 12, S2SL0 0, S2SH0 11, S2PS 52 bits, S2AA64, S2R; S2SL0_2 is 194, S2DS 195.
    static constexpr uint64_t s2_level_minus_1 = 0x040e'350c'0000'0007,
                              s2tg_16k = uint64_t{2} << 46;
    static constexpr uint64_t s2sl0_2 = 4, s2ds = 8, s2sl0_3 = uint64_t{3} << 38;
    // Pages of 4 KiB at 0x9'8765'4321'0000: bits [51:50] are in [9:8], [49:48] where they are.
    static constexpr uint64_t page = 0x0001'8765'4321'0e43, s2_page = 0x0001'8765'4321'06ff;
};

TEST_F(Lpa2, FiveLevelsOf4KiBTranslate52BitsAtStage1)
{
    tables_of_4k();
    put(0x3504'0c48, {page});
    dut.mem.clear_log();
    expect_forward(dut.translate(stage1, va), 0x9'8765'4321'0abc);
    EXPECT_THAT(descriptors_read(), ElementsAre(0x5'0000'3500'0078, 0xe'0000'3501'0120, 0x3502'0688,
                                                0x3503'0598, 0x3504'0c48));
}

TEST_F(Lpa2, FiveLevelsOf4KiBTranslate52BitsAtStage2)
{
    tables_of_4k();
    put(0x3504'0c48, {s2_page});
    dut.mem.clear_log();
    expect_forward(dut.translate(stage2, va), 0x9'8765'4321'0abc);
    EXPECT_THAT(descriptors_read(), ElementsAre(0x5'0000'3500'0078, 0xe'0000'3501'0120, 0x3502'0688,
                                                0x3503'0598, 0x3504'0c48));
}

TEST_F(Lpa2, FourLevelsOf16KiBTranslate52BitsAtStage1)
{
    set_cd(t0sz_12 | tg0_16k, ds);
    tables_of_16k();
    put(0x3503'0f10, {0x0001'8765'4321'0e43});
    dut.mem.clear_log();
    expect_forward(dut.translate(stage1, va), 0x9'8765'4321'1abc);
    EXPECT_THAT(descriptors_read(),
                ElementsAre(0x5'0000'3500'00f0, 0xe'0000'3501'0918, 0x3502'1158, 0x3503'0f10));
}

TEST_F(Lpa2, FourLevelsOf16KiBTranslate52BitsAtStage2)
{
    set_ste(s2_level_minus_1 | s2tg_16k | s2sl0_3, table | s2ds);
    tables_of_16k();
    put(0x3503'0f10, {s2_page});
    expect_forward(dut.translate(stage2, va), 0x9'8765'4321'1abc);
    set_ste(s2_level_minus_1 | s2tg_16k | s2sl0_3, table | s2ds | s2sl0_2);
    expect_forward(dut.translate(stage2, va), 0x9'8765'4321'1abc); // S2SL0_2 is of 4 KiB alone
}

TEST_F(Lpa2, Level0Of4KiBHasBlocksOf512GiB)
{
    tables_of_4k();
    put(0xe'0000'3501'0120, {0x0003'0180'0000'0c41});
    const smmu_result result = dut.translate(stage1, va);
    expect_forward(result, 0x3'01b4'5678'9abc);
    EXPECT_EQ(result.span_log2, 39u);
    EXPECT_EQ(result.tag.level, 0);
    put(0xe'0000'3501'0120, {0x0003'0180'0000'04fd});
    expect_forward(dut.translate(stage2, va), 0x3'01b4'5678'9abc);
}

TEST_F(Lpa2, Level1Of16KiBHasBlocksOf64GiB)
{
    set_cd(t0sz_12 | tg0_16k, ds);
    tables_of_16k();
    put(0xe'0000'3501'0918, {0x0002'5430'0000'0d41});
    const smmu_result result = dut.translate(stage1, va);
    expect_forward(result, 0x6'5434'5678'9abc);
    EXPECT_EQ(result.span_log2, 36u);
}

TEST_F(Lpa2, TheFirstLevelHasNoBlocks)
{
    put(table + 0x78, {0x0002'0000'0000'0c41});
    expect_abort(dut.translate(stage1, va), F_TRANSLATION);
    expect_abort(dut.translate(stage2, va), F_TRANSLATION);
    set_cd(t0sz_12 | tg0_16k, ds);
    put(table + 0xf0, {0x0002'0000'0000'0c41});
    expect_abort(dut.translate(stage1, va), F_TRANSLATION);
}

// 5.4, DS; 5.2, S2DS: of a Cacheable location it is that of CD.SHx or STE.S2SH0.
TEST_F(Lpa2, ShareabilityIsThatOfTheTables)
{
    static const struct {
        uint64_t field;
        uint8_t sh;
    } rows[] = {{0, SMMU_SH_NON}, {2, SMMU_SH_OUTER}, {3, SMMU_SH_INNER}};
    tables_of_4k();
    for (const auto &row : rows) {
        put(0x3504'0c48, {page});
        set_cd((t0sz_12 & ~uint64_t{0x3000}) | row.field << 12, ds);
        EXPECT_EQ(dut.translate(stage1, va).attr.sh, row.sh);
        put(0x3504'0c48, {s2_page});
        set_ste((s2_level_minus_1 & ~(uint64_t{3} << 44)) | row.field << 44,
                table | s2ds | s2sl0_2);
        smmu_txn txn = device_under_test::transaction(stage2, va, read_access);
        txn.attr = {0xff, SMMU_SH_NON};
        smmu_result result{};
        smmu_translate(dut.smmu(), &txn, &result);
        EXPECT_EQ(result.attr.sh, row.sh);
    }
}

TEST_F(Lpa2, ShareabilityOf64KiBIsInDescriptors)
{
    set_cd(0x0001'6206'c000'354c, ds);  // TG0 64 KiB, T0SZ 12
    put(table + 0x1e20, {0x3502'0003}); // IA[51:42] is 0x3c4
    put(0x3502'8d10, {0x3503'0003});    // IA[41:29] is 0x11a2
    put(0x3503'b3c0, {0x4321'0e43});    // IA[28:16] is 0x1678; SH 10
    const smmu_result result = dut.translate(stage1, va);
    expect_forward(result, 0x4321'9abc);
    EXPECT_EQ(result.attr.sh, SMMU_SH_OUTER);
}

TEST_F(Lpa2, AddressesBeyondTheOutputSizeFault)
{
    set_cd(t0sz_12 - (uint64_t{1} << 32), ds); // IPS 48 bits
    put(cd + 8, {0x3500'0000});
    put(0x3500'0078, {0x3501'0103}); // bit 50 of a table
    expect_abort(dut.translate(stage1, va), F_ADDR_SIZE);
    put(0x3500'0078, {0x3501'0003});
    put(0x3501'0120, {0x0001'0180'0000'0c41}); // bit 48 of a block
    expect_abort(dut.translate(stage1, va), F_ADDR_SIZE);
    put(0x3501'0120, {0x0000'0180'0000'0c41});
    expect_forward(dut.translate(stage1, va), 0x01b4'5678'9abc);
}

TEST_F(Lpa2, WithoutDsDescriptorsHave48Bits)
{
    const uint64_t low_va = 0x1234'5678'9abc;
    set_cd(t0sz_12 + 4, 0); // T0SZ 16
    put(cd + 8, {0x3501'0000});
    put(0x3501'0120, {0x0003'0000'3502'0303}); // [9:8] are IGNORED, [49:48] RES0
    put(0x3502'0688, {0x3503'0003});
    put(0x3503'0598, {0x3504'0003});
    put(0x3504'0c48, {page}); // SH 10
    const smmu_result result = dut.translate(stage1, low_va);
    expect_forward(result, 0x8765'4321'0abc);
    EXPECT_EQ(result.attr.sh, SMMU_SH_OUTER);
    dut.invalidate_all();
    put(0x3501'0120, {0x0000'0180'0000'0c41});
    expect_abort(dut.translate(stage1, low_va), F_TRANSLATION);
}

// --- ILLEGAL structures (5.2.2, 5.4.2) -----------------------------------------------------------

TEST_F(Lpa2, TxSZMayBe12WithDsAlone)
{
    set_cd(t0sz_12 - 1, ds);
    expect_abort(dut.translate(stage1, va), C_BAD_CD);
    set_cd(t0sz_12, 0);
    expect_abort(dut.translate(stage1, va), C_BAD_CD);
    set_cd(t0sz_12 & ~(uint64_t{1} << 41), ds);        // of VMSAv8-32 DS is RES0: 2^28 bytes
    expect_abort(dut.translate(stage1, va), C_BAD_CD); // TTB0 is beyond 40 bits
}

TEST_F(Lpa2, TtbMayLieAbove48BitsWithDsAlone)
{
    set_cd(t0sz_12 + 4, 0);
    expect_abort(dut.translate(stage1, 0), C_BAD_CD);
    set_cd(t0sz_12 + 4, ds);
    expect_abort(dut.translate(stage1, 0), F_TRANSLATION);
    set_ste(s2_level_minus_1 + (uint64_t{4} << 32) + (uint64_t{2} << 38), table);
    expect_abort(dut.translate(stage2, 0), C_BAD_STE);
    set_ste(s2_level_minus_1 + (uint64_t{4} << 32) + (uint64_t{2} << 38), table | s2ds);
    expect_abort(dut.translate(stage2, 0), F_TRANSLATION);
}

// Tables D8-19 to D8-24, D8-29 to D8-33: S2T0SZ 12 begins at level -1, or at level 0 with 16
// tables.
TEST_F(Lpa2, StartLevelsOfStage2AreThoseOfTheTables)
{
    static const struct {
        unsigned s2t0sz, sl, tg;
        bool good;
    } rows[] = {{12, 4, 0, true},  {15, 4, 0, true},  {16, 4, 0, false}, {12, 2, 0, true},
                {11, 4, 0, false}, {12, 1, 0, false}, {12, 5, 0, false}, {12, 6, 0, false},
                {12, 7, 0, false}, {12, 3, 2, true},  {16, 3, 2, true},  {17, 3, 2, false},
                {12, 2, 2, false}, {13, 2, 2, true},  {13, 6, 2, true}};
    for (const auto &row : rows) {
        const uint64_t word2 = (s2_level_minus_1 & ~(uint64_t{0x3f} << 32)) |
                               uint64_t{row.s2t0sz} << 32 | uint64_t{row.sl & 3} << 38 |
                               uint64_t{row.tg} << 46;
        set_ste(word2, table | s2ds | uint64_t{row.sl >> 2} << 2);
        expect_abort(dut.translate(stage2, 0), row.good ? F_TRANSLATION : C_BAD_STE);
        if (row.s2t0sz < 16) {
            set_ste(word2, 0x3500'0000 | uint64_t{row.sl >> 2} << 2);
            expect_abort(dut.translate(stage2, 0), C_BAD_STE); // without S2DS
        }
    }
}

class Lpa2Of48Bits : public Lpa2 {
  protected:
    static smmu_config narrow()
    {
        smmu_config cfg = with_lpa2();
        cfg.oas_bits = 48;
        return cfg;
    }
    Lpa2Of48Bits() : Lpa2(narrow()) {}
};

// An SMMU may have 52 bits of input alone (6.3.6, VAX); Table D8-9 for stage 2.
TEST_F(Lpa2Of48Bits, InputMayHave52BitsAtStage1Alone)
{
    put(cd + 8, {0x3500'0000});
    dut.invalidate_all();
    put(0x3500'0078, {0x3501'0003});
    put(0x3501'0120, {0x0000'0180'0000'0c41});
    expect_forward(dut.translate(stage1, va), 0x01b4'5678'9abc);
    set_ste(s2_level_minus_1, 0x3500'0000 | s2ds | s2sl0_2);
    expect_abort(dut.translate(stage2, 0), C_BAD_STE);
    set_ste(s2_level_minus_1 + (uint64_t{4} << 32), 0x3500'0000 | s2ds | s2sl0_2);
    expect_abort(dut.translate(stage2, 0), C_BAD_STE); // 48 bits, but level -1
    set_ste((s2_level_minus_1 + (uint64_t{4} << 32)) | s2tg_16k | s2sl0_3, 0x3500'0000 | s2ds);
    expect_abort(dut.translate(stage2, 0), C_BAD_STE); // level 0 of 16 KiB
}

// --- invalidation (4.4.1.1; DDI 0487 D8.17.5) ----------------------------------------------------

class Lpa2Invalidation : public Lpa2 {
  protected:
    // CMD_TLBI_NH_VAA: NUM [16:12], SCALE [25:20], TTL [73:72], TG [75:74].
    void invalidate(uint64_t address, unsigned tg, unsigned num, unsigned scale, unsigned ttl)
    {
        dut.invals.clear();
        dut.submit(image<2>{{0x13 | uint64_t{num} << 12 | uint64_t{scale} << 20,
                             address | uint64_t{tg} << 10 | uint64_t{ttl} << 8}});
    }
};

TEST_F(Lpa2Invalidation, ScaleHasSixBitsOfWhich39IsTheMost)
{
    static const struct {
        unsigned num, scale;
        uint64_t bytes;
    } rows[] = {{0, 32, uint64_t{1} << 44},
                {0, 39, uint64_t{1} << 51},
                {31, 39, uint64_t{1} << 56},
                {0, 40, uint64_t{1} << 51},
                {0, 63, uint64_t{1} << 51}};
    for (const auto &row : rows) {
        invalidate(0, 1, row.num, row.scale, 0);
        ASSERT_EQ(dut.invals.size(), 1u);
        EXPECT_EQ(dut.invals[0].reach + 1, row.bytes) << row.num << ' ' << row.scale;
    }
}

TEST_F(Lpa2Invalidation, Level1IsAHintWith16KiB)
{
    set_cd(t0sz_12 | tg0_16k, ds);
    tables_of_16k();
    put(0x3503'0f10, {page});
    put(0xe'0000'3501'0920, {0x0002'5430'0000'0d41}); // the 64 GiB behind
    dut.translate(stage1, va);
    dut.translate(stage1, va + (uint64_t{1} << 36));
    descriptors_read();
    invalidate(0, 2, 31, 39, 1);
    dut.translate(stage1, va);
    EXPECT_THAT(descriptors_read(), ElementsAre());
    dut.translate(stage1, va + (uint64_t{1} << 36));
    EXPECT_EQ(descriptors_read().size(), 2u) << "the table of level 0 went as well";
    invalidate(0, 2, 0, 0, 1);
    EXPECT_EQ(dut.cmdq_error(), CERROR_NONE);
}

TEST_F(Lpa2Invalidation, TablesOfLevelMinus1AreAboveAllLevelsOf4KiB)
{
    invalidate(0, 1, 0, 1, 1);
    ASSERT_EQ(dut.invals.size(), 1u);
    EXPECT_EQ(dut.invals[0].leaf_sizes, uint64_t{1} << 30);
    EXPECT_EQ(dut.invals[0].table_sizes, uint64_t{1} << 48 | uint64_t{1} << 39);
}

// Table D8-123: TTL 0b0100, of a single address, is level 0.
TEST(Lpa2Broadcast, ASingleAddressCanHaveAHintOfLevel0)
{
    for (const bool lpa2 : {false, true}) {
        smmu_config cfg = with_lpa2();
        cfg.ds = lpa2;
        cfg.btm = true;
        device_under_test dut(cfg);
        bring_up_options options;
        options.cr2 = reg::CR2_RECINVSID; // without PTM
        dut.bring_up(options);
        dut.invals.clear();
        smmu_dvm dvm{};
        dvm.op = SMMU_DVM_VAA;
        dvm.tg = 1;
        smmu_broadcast_tlbi(dut.smmu(), &dvm);
        dvm.range = true;
        smmu_broadcast_tlbi(dut.smmu(), &dvm);
        ASSERT_EQ(dut.invals.size(), 2u);
        EXPECT_EQ(dut.invals[0].leaf_sizes, lpa2 ? uint64_t{1} << 39 : 0);
        EXPECT_EQ(dut.invals[0].table_sizes, lpa2 ? uint64_t{1} << 48 : 0);
        EXPECT_EQ(dut.invals[1].leaf_sizes, 0x80'4020'1000u) << "of a range it is no hint";
    }
}

} // namespace
} // namespace test_lpa2
