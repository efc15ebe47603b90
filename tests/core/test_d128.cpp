// SPDX-License-Identifier: Apache-2.0
// VMSAv9-128 tables of either stage (IHI 0070 3.4, 3.21.1.1, 4.4.1.1, 5.2 S2AA64 and S2SKL, 5.4
// AA64 and SKL0; DDI 0487 D8.2.11, D8.3.2), in literal words: where descriptors are, what is in
// them, how they are updated, and which configurations are ILLEGAL.
#include "core/core_test.hpp"

using namespace support;
using testing::ElementsAre;

namespace test_d128 {
namespace {

smmu_config with_d128()
{
    smmu_config cfg = smmu_config_default();
    cfg.d128 = cfg.vax52 = cfg.vax56 = true;
    cfg.s1pi = cfg.s2pi = cfg.s2po = cfg.aie = cfg.mteperm = true;
    cfg.vmsa32 = false;
    cfg.oas_bits = 56;
    cfg.arch = 4;
    cfg.e0pd = cfg.epan = cfg.ptwnnc = true;
    cfg.httu = SMMU_HTTU_TABLES;
    return cfg;
}

constexpr uint64_t bit(unsigned n)
{
    return uint64_t{1} << n;
}

// Stream 0xa5 translates at stage 1, stream 0x17 at stage 2. Their tables are the same: PIIndex 5
// is read and write, for privileged accesses and others.
class D128 : public CoreTest {
  protected:
    explicit D128(const smmu_config &cfg = with_d128()) : CoreTest(cfg)
    {
        dut.bring_up();
        dut.write64(reg::S2PII, 0xc0'0000);
        put(ste(stage1), {0x3000'000b, s1pie});
        put(ste(stage2), {0xd, 0x0000'1000'0000'0000, 0, 0});
        put(cd, {0, 0, 0, 0xff, 0, 0, 0x2'8000, 0x2'8000});
        set_cd(t0sz_9, table);
        set_ste(s2t0sz_8, table);
    }

    static uint64_t ste(uint32_t sid) { return 0x1400'0000 + 0x40 * uint64_t{sid}; }

    void put(uint64_t at, const std::vector<uint64_t> &w)
    {
        for (size_t i = 0; i < w.size(); i++)
            dut.mem.store64(at + 8 * i, w[i]);
    }

    void set_cd(uint64_t word0, uint64_t word1, uint64_t word2 = 0)
    {
        put(cd, {word0, word1, word2});
        dut.invalidate_all();
    }

    void set_ste(uint64_t word2, uint64_t word3)
    {
        put(ste(stage2) + 16, {word2, word3});
        dut.invalidate_all();
    }

    // Tables of 4 KiB on the way to `va`, by IA[51:44], [43:36], [35:28], [27:20] and [19:12]; that
    // of IA[51:44] lies above 48 bits too.
    void tables()
    {
        put(table + 0x60, {0x0091'0000'3501'0001, 0}); // IA[54:52], stage 1
        put(table + 0xe0, {0x0091'0000'3501'0001, 0}); // IA[55:52], stage 2
        put(0x0091'0000'3501'0540, {0x3502'0001, 0});
        put(0x3502'0320, {0x3503'0001, 0});
        put(0x3503'0100, {0x3504'0001, 0});
        put(0x3504'0fe0, {0x3505'0001, 0});
    }

    // Addresses and sizes of the descriptors read.
    std::vector<std::pair<uint64_t, unsigned>> descriptors_read()
    {
        std::vector<std::pair<uint64_t, unsigned>> at;
        for (const auto &access : dut.mem.log())
            if (access.req.fetch == SMMU_FETCH_TTD)
                at.emplace_back(access.req.addr, access.req.size);
        dut.mem.clear_log();
        return at;
    }

    static std::pair<uint64_t, unsigned> wide(uint64_t at) { return {at, 16}; }

    void expect_fault(unsigned event, uint64_t address = va)
    {
        expect_abort(dut.translate(stage1, address), event);
        dut.invalidate_all();
    }

    static constexpr uint32_t stage1 = 0xa5, stage2 = 0x17;
    static constexpr uint64_t cd = 0x3000'0000, table = 0x00a5'0000'3500'0000;
    static constexpr uint64_t va = 0x0065'4321'0fed'cba8, ipa = 0x00e5'4321'0fed'cba8;
    static constexpr uint64_t s1pie = bit(88 - 64);
    // CD: T0SZ 9, IR0 and OR0 01, SH0 11, EPD1, V, IPS 56 bits, AA64 0, R, A, ASID 1.
    static constexpr uint64_t t0sz_9 = 0x0001'6007'c000'3509, aa64 = bit(41), tg0_64k = bit(6),
                              tg0_16k = bit(7), endi = bit(15), hd = bit(42), ha = bit(43);
    // STE: S2T0SZ 8, S2SH0 11, S2PS 56 bits, S2AA64 0, S2R.
    static constexpr uint64_t s2t0sz_8 = 0x0407'3508'0000'0007;
    static constexpr unsigned skl0 = 126 - 64, s2skl = 253 - 192;
    // Of a page at 0xfe'dcba'9876'5000: AF, SH 11, nG, nDirty 0; Dirty 1, MemAttr 1111.
    static constexpr uint64_t page = 0x00fe'dcba'9876'5f01, s2_page = 0x00fe'dcba'9876'57bd;
    static constexpr uint64_t pi_5 = uint64_t{5} << (115 - 64), af = bit(10), dirty_bit = bit(7);
    static constexpr uint64_t page_at = 0x3505'0dc0;
    // SKL of descriptors.
    static uint64_t skl(uint64_t levels) { return levels << (109 - 64); }
};

// 6.3.6: D128, OAS and VAX; 6.3.1: TTF.
TEST_F(D128, IdRegistersSayWhatThereIs)
{
    EXPECT_EQ(dut.read32(0x14) & 0xd87, 0x907u);
    EXPECT_EQ(dut.read32(0) >> 2 & 3, 2u);
}

TEST_F(D128, SixLevelsOf4KiBTranslate55BitsAtStage1)
{
    tables();
    put(page_at, {page, pi_5});
    dut.mem.clear_log();
    expect_forward(dut.translate(stage1, va), 0x00fe'dcba'9876'5ba8);
    EXPECT_THAT(descriptors_read(),
                ElementsAre(wide(table + 0x60), wide(0x0091'0000'3501'0540), wide(0x3502'0320),
                            wide(0x3503'0100), wide(0x3504'0fe0), wide(page_at)));
}

TEST_F(D128, SixLevelsOf4KiBTranslate56BitsAtStage2)
{
    tables();
    put(page_at, {s2_page, pi_5});
    dut.mem.clear_log();
    expect_forward(dut.translate(stage2, ipa), 0x00fe'dcba'9876'5ba8);
    EXPECT_THAT(descriptors_read(),
                ElementsAre(wide(table + 0xe0), wide(0x0091'0000'3501'0540), wide(0x3502'0320),
                            wide(0x3503'0100), wide(0x3504'0fe0), wide(page_at)));
}

// R_DBQZN, R_TBNJK: IA[54:28] or [55:28], and the base aligned to 2^31 or 2^32 bytes.
TEST_F(D128, SklOfTheBaseSkipsTheFirstLevels)
{
    set_cd(t0sz_9, 0x00a5'0000'ffff'fff0 | uint64_t{3} << skl0);
    set_ste(s2t0sz_8, 0x00a5'0000'ffff'fff0 | uint64_t{3} << s2skl);
    put(0x00a5'0000'e543'2100, {0x3504'0001, 0});
    put(0x00a5'0000'0000'0000 + 0xe543'2100, {0x3504'0001, 0});
    put(0x3504'0fe0, {0x3505'0001, 0});
    put(page_at, {page | dirty_bit, pi_5});
    dut.mem.clear_log();
    expect_forward(dut.translate(stage1, va), 0x00fe'dcba'9876'5ba8);
    EXPECT_THAT(descriptors_read(),
                ElementsAre(wide(0x00a5'0000'e543'2100), wide(0x3504'0fe0), wide(page_at)));
    expect_forward(dut.translate(stage2, ipa), 0x00fe'dcba'9876'5ba8);
    EXPECT_THAT(descriptors_read(),
                ElementsAre(wide(0x00a5'0000'e543'2100), wide(0x3504'0fe0), wide(page_at)));
}

// R_FSZKG, R_RKMLSH: IA[43:20] in a table of 256 MiB, whose address has no bits below that.
TEST_F(D128, SklOfATableDescriptorSkipsLevels)
{
    tables();
    put(0x0091'0000'3501'0540, {0x4abc'd001, skl(2)});
    put(0x4321'0fe0, {0x3505'0001, 0});
    put(page_at, {page, pi_5});
    put(page_at + 0x10, {page ^ 0x1000, pi_5});
    dut.mem.clear_log();
    expect_forward(dut.translate(stage1, va), 0x00fe'dcba'9876'5ba8);
    EXPECT_THAT(descriptors_read(), ElementsAre(wide(table + 0x60), wide(0x0091'0000'3501'0540),
                                                wide(0x4321'0fe0), wide(page_at)));
    expect_forward(dut.translate(stage1, va ^ 0x1000), 0x00fe'dcba'9876'4ba8);
    EXPECT_THAT(descriptors_read(), ElementsAre(wide(page_at + 0x10))) << "by the walk cache";
}

// The walk cache knows how many levels the descriptor has skipped.
TEST_F(D128, ATableThatWasReachedBySkippingIsIndexedAlikeFromTheWalkCache)
{
    tables();
    put(0x0091'0000'3501'0540, {0x4000'0001, skl(2)});
    put(0x4321'0fe0, {0, 0});
    put(0x4321'0fd0, {0x3505'0001, 0}); // of va ^ 0x300000
    put(page_at, {page, pi_5});
    expect_abort(dut.translate(stage1, va), F_TRANSLATION);
    dut.mem.clear_log();
    expect_forward(dut.translate(stage1, va ^ 0x30'0000), 0x00fe'dcba'9876'5ba8);
    EXPECT_THAT(descriptors_read(), ElementsAre(wide(0x4321'0fd0), wide(page_at)));
}

// Table D8-46: OAB[55:36]:IA[35:0].
TEST_F(D128, SklMakesABlock)
{
    tables();
    put(0x3502'0320, {0x00fe'dcb0'0000'0f01, pi_5 | skl(3)});
    const smmu_result result = dut.translate(stage1, va);
    expect_forward(result, 0x00fe'dcb1'0fed'cba8);
    EXPECT_EQ(result.span_log2, 36);
}

// Tables D8-45, D8-46, D8-49.
TEST_F(D128, ADescriptorWhoseSklLeadsNowhereIsInvalid)
{
    tables();
    put(page_at, {page, pi_5 | skl(1)});
    expect_fault(F_TRANSLATION);
    put(0x3503'0100, {page, pi_5 | skl(3)}); // level 1
    expect_fault(F_TRANSLATION);
    // 16 KiB: IA[54], [53:44], [43:34]; 64 KiB: IA[54:52], [51:40].
    set_cd(t0sz_9 | tg0_16k, table);
    put(table + 0x10, {0x3501'0001, skl(3)});
    expect_fault(F_TRANSLATION);
    set_cd(t0sz_9 | tg0_64k, table);
    put(table + 0x60, {0x3600'0001, skl(3)});
    expect_fault(F_TRANSLATION);
    put(table + 0x60, {0x3600'0001, 0});
    put(0x3600'0000 + 0x5430, {0x00fe'dc00'0000'0f01, pi_5 | skl(2)}); // IA[51:40], 1 TiB
    expect_forward(dut.translate(stage1, va), 0x00fe'dc21'0fed'cba8);
}

// 5.4, IPS: of tables, and of blocks and pages.
TEST_F(D128, AddressesBeyondTheOutputSizeAreFaults)
{
    const uint64_t ips = uint64_t{7} << 32, ips_52 = uint64_t{6} << 32;
    tables();
    put(page_at, {page, pi_5});
    set_cd((t0sz_9 & ~ips) | ips_52, 0x3500'0000);
    put(0x3500'0060, {0x0091'0000'3501'0001, 0});
    expect_fault(F_ADDR_SIZE);
    put(0x3500'0060, {0x0001'0000'3501'0001, 0});
    put(0x0001'0000'3501'0540, {0x3502'0001, 0});
    expect_fault(F_ADDR_SIZE);
    put(page_at, {page & ~(uint64_t{0xf} << 52), pi_5});
    expect_forward(dut.translate(stage1, va), 0x000e'dcba'9876'5ba8);
}

// R_PMLSH, R_RKMLSH: a table of 64 GiB, indexed by IA[43:12], is larger than 32 bits of output.
TEST_F(D128, ADescriptorBeyondTheOutputSizeIsAFaultWhereverItsTableIs)
{
    set_cd((t0sz_9 & ~(uint64_t{7} << 32)) | ha, 0x3500'0000 | bit(67 - 64)); // HAFT
    put(0x3500'0060, {0x3501'0001, 0});
    put(0x3501'0540, {1, skl(3)});
    put(0x00fe'dcc0, {0x8000'0f01, pi_5}); // of IA[43:12] 0x0fedcc
    for (const bool cached : {false, true}) {
        expect_abort(dut.translate(stage1, va), F_ADDR_SIZE);
        if (cached)
            break;
        EXPECT_EQ(dut.mem.load64(0x3501'0540), 1u) << "what leads there is not flagged";
        expect_forward(dut.translate(stage1, (va & ~ones(44)) | 0xfedcc000), 0x8000'0000);
    }
}

// R_BFVYY: the final address counts, of a block of 64 GiB and 32 bits of output.
TEST_F(D128, ABlockLargerThanTheOutputSizeFaultsWhereItLiesBeyond)
{
    const uint64_t t0sz_27 = (t0sz_9 & ~uint64_t{63} & ~(uint64_t{7} << 32)) | 27;
    const uint64_t s2t0sz_27 =
        (s2t0sz_8 & ~(uint64_t{63} << 32) & ~(uint64_t{7} << 48)) | uint64_t{27} << 32;
    set_cd(t0sz_27, 0x3500'0000);
    set_ste(s2t0sz_27, 0x3500'0000);
    put(0x3500'0000, {0x7bd, pi_5 | skl(3)});
    for (const uint32_t sid : {stage1, stage2}) {
        const smmu_result result = dut.translate(sid, 0x9234'5678);
        expect_forward(result, 0x9234'5678);
        EXPECT_EQ(result.span_log2, 32);
        expect_abort(dut.translate(sid, 0x1'9234'5678), F_ADDR_SIZE);
        expect_forward(dut.translate(sid, 0x1234'5678), 0x1234'5678);
    }
}

// 3.13, 3.21: one access of 16 bytes, which changes no other bit.
TEST_F(D128, HardwareUpdatesSwapAllOfADescriptor)
{
    tables();
    set_cd(t0sz_9 | ha | hd, table);
    const uint64_t high = pi_5 | 0xe007'8000'0000'0000; // others
    put(page_at, {(page & ~af) | dirty_bit, high});
    dut.mem.clear_log();
    expect_forward(dut.translate(stage1, va, write_access), 0x00fe'dcba'9876'5ba8);
    EXPECT_EQ(dut.mem.load64(page_at), page);
    EXPECT_EQ(dut.mem.load64(page_at + 8), high);
    std::vector<unsigned> sizes;
    for (const auto &access : dut.mem.log())
        if (access.req.fetch == SMMU_FETCH_TTD_UPDATE)
            sizes.push_back(access.req.size);
    EXPECT_THAT(sizes, ElementsAre(16, 16));
}

TEST_F(D128, AnUpdateIsTriedAgainIfTheUpperHalfHasChanged)
{
    tables();
    set_cd(t0sz_9 | ha, table);
    put(page_at, {page & ~af, pi_5});
    bool changed = false;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch == SMMU_FETCH_TTD_UPDATE && !changed) {
            changed = true;
            put(page_at, {page & ~af, 0}); // PIIndex 0 permits nothing
        }
    };
    expect_abort(dut.translate(stage1, va), F_PERMISSION);
    EXPECT_TRUE(changed);
    dut.mem.before = nullptr;
}

TEST_F(D128, HaftFlagsTableDescriptors)
{
    tables();
    put(page_at, {page, pi_5});
    set_cd(t0sz_9 | ha, table | bit(67 - 64));
    expect_forward(dut.translate(stage1, va), 0x00fe'dcba'9876'5ba8);
    EXPECT_EQ(dut.mem.load64(table + 0x60), 0x0091'0000'3501'0401u);
    EXPECT_EQ(dut.mem.load64(0x3504'0fe0), 0x3505'0401u);
}

// DDI 0487 D8.2.5.1: a descriptor is an object of 16 bytes.
TEST_F(D128, BigEndianDescriptorsHaveTheirUpperHalfFirst)
{
    const auto put_big = [&](uint64_t at, uint64_t low, uint64_t high) {
        put(at, {__builtin_bswap64(high), __builtin_bswap64(low)});
    };
    set_cd(t0sz_9 | endi | ha, table);
    put_big(table + 0x60, 1, skl(3)); // IA[51:20] in 64 GiB
    put_big(0x5'4321'0fe0, 0x3505'0001, 0);
    put_big(page_at, page & ~af, pi_5);
    expect_forward(dut.translate(stage1, va), 0x00fe'dcba'9876'5ba8);
    EXPECT_EQ(dut.mem.load64(page_at), __builtin_bswap64(pi_5));
    EXPECT_EQ(dut.mem.load64(page_at + 8), __builtin_bswap64(page));
}

// Table D8-58: PIIndex and nDirty; 5.4, PIE: whether CD.PIE is set or not.
TEST_F(D128, PermissionsAreIndirect)
{
    tables();
    put(page_at, {page, pi_5});
    expect_forward(dut.translate(stage1, va, write_access), 0x00fe'dcba'9876'5ba8);
    dut.invalidate_all();
    put(page_at, {page | dirty_bit, pi_5});
    expect_abort(dut.translate(stage1, va, write_access), F_PERMISSION);
    expect_forward(dut.translate(stage1, va), 0x00fe'dcba'9876'5ba8);
    dut.invalidate_all();
    put(page_at, {page, uint64_t{6} << (115 - 64)});
    expect_abort(dut.translate(stage1, va), F_PERMISSION);
}

// Table D8-59, 5.2 S2PIE and S2POE: an overlay without S2PIE, POIndex 9 in bits [124:121].
TEST_F(D128, PermissionsOfStage2AreIndirectAndMayHaveAnOverlay)
{
    tables();
    put(page_at, {s2_page, pi_5 | uint64_t{9} << (121 - 64)});
    expect_forward(dut.translate(stage2, ipa, write_access), 0x00fe'dcba'9876'5ba8);
    set_ste(s2t0sz_8 | bit(189 - 128), table);  // S2POE
    put(ste(stage2) + 56, {uint64_t{8} << 36}); // S2POI9: RO
    dut.invalidate_all();
    expect_forward(dut.translate(stage2, ipa), 0x00fe'dcba'9876'5ba8);
    expect_abort(dut.translate(stage2, ipa, write_access), F_PERMISSION);
}

// 5.4, MAIR0: AttrIndx[3] is bit 5, with CD.AIE.
TEST_F(D128, AieMakesBit5AnIndex)
{
    tables();
    put(page_at, {page | bit(5), pi_5});
    put(cd + 24, {0x4400'0000'0000'00ff});
    dut.invalidate_all();
    EXPECT_EQ(dut.translate(stage1, va).attr.mair, 0xff);
    set_cd(t0sz_9, table, bit(131 - 128));
    EXPECT_EQ(dut.translate(stage1, va).attr.mair, 0x44);
}

// DDI 0487 Table D8-105 permits 64 KiB where the Contiguous bit is 1 and DisCH0 is 0.
TEST_F(D128, TheContiguousHintIsIgnoredWithDisCHAndWithout)
{
    tables();
    put(page_at, {page, pi_5 | bit(111 - 64)});
    for (const uint64_t disch : {uint64_t{0}, bit(65 - 64)}) {
        set_cd(t0sz_9, table | disch);
        EXPECT_EQ(dut.translate(stage1, va).span_log2, 12);
    }
}

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

// 7.3.13: IPA[55:12].
TEST_F(D128, EventsHave56BitsOfIpa)
{
    expect_abort(dut.translate(stage2, ipa), F_TRANSLATION);
    const auto records = dut.pop_raw_events();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].word[3], 0x00e5'4321'0fed'c000u);
}

// 7.3.12: FetchAddr[55:3].
TEST_F(D128, EventsHave56BitsOfAFetchAddress)
{
    tables();
    dut.mem.abort_on({0x0091'0000'3501'0540, 0x0091'0000'3501'054f, SMMU_FETCH_TTD});
    expect_abort(dut.translate(stage1, va), F_WALK_EABT);
    const auto records = dut.pop_raw_events();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].word[3], 0x0091'0000'3501'0540u);
}

TEST_F(D128, AnAddressBeyondTheInputSizeIsNotTranslated)
{
    tables();
    put(page_at, {page, pi_5});
    expect_fault(F_TRANSLATION, va | bit(63));
    expect_fault(F_TRANSLATION, va | bit(56));
}

// --- ILLEGAL ------------------------------------------------------------------------------------

// 5.4.2: the two checks of VMSAv9-128, SKL0 and T0SZ; SKL of 64-bit tables is no field.
TEST_F(D128, CdsAreIllegalThatCannotBeWalked)
{
    tables();
    put(page_at, {page, pi_5});
    const struct {
        uint64_t word0, word1;
        const char *what;
    } rows[] = {
        {t0sz_9 - 1, table, "T0SZ 8"},
        {(t0sz_9 & ~uint64_t{63}) | 49, table, "T0SZ 49"},
        {(t0sz_9 & ~uint64_t{63}) | 48 | tg0_64k, table, "T0SZ 48 of 64 KiB"},
        {(t0sz_9 & ~uint64_t{63}) | 28, 0x3500'0000 | uint64_t{3} << skl0, "level 4"},
        {t0sz_9 & ~(uint64_t{7} << 32), table, "TTB0 beyond IPS"},
    };
    for (const auto &row : rows) {
        SCOPED_TRACE(row.what);
        set_cd(row.word0, row.word1);
        expect_fault(C_BAD_CD);
    }
    set_cd((t0sz_9 & ~uint64_t{63}) | 28, 0x3500'0000 | uint64_t{2} << skl0);
    expect_fault(F_TRANSLATION, 0x1000);
}

TEST_F(D128, CdsNeedPermissionIndirectionsOfTheStream)
{
    put(ste(stage1) + 8, {0});
    dut.invalidate_all();
    expect_fault(C_BAD_CD);
}

// 5.4, AA64: StreamWorld EL2, which has one range, but not EL2-E2H.
TEST_F(D128, CdsAreNotOfTheEl2Regime)
{
    tables();
    put(page_at, {page, pi_5});
    put(ste(stage1) + 8, {s1pie | uint64_t{2} << (94 - 64)}); // STRW
    dut.invalidate_all();
    expect_fault(C_BAD_CD);
    const uint32_t cr0 = dut.read32(reg::CR0);
    dut.update_cr0(0);
    dut.write32(reg::CR2, dut.read32(reg::CR2) | reg::CR2_E2H);
    dut.update_cr0(cr0);
    dut.invalidate_all();
    dut.submit(tlbi_el2_all());
    expect_forward(dut.translate(stage1, va), 0x00fe'dcba'9876'5ba8);
}

// 5.2, S2T0SZ and S2SKL.
TEST_F(D128, StesAreIllegalThatCannotBeWalked)
{
    const uint64_t t0sz = uint64_t{63} << 32;
    const struct {
        uint64_t word2, word3;
        const char *what;
    } rows[] = {
        {(s2t0sz_8 & ~t0sz) | uint64_t{7} << 32, table, "S2T0SZ 7"},
        {(s2t0sz_8 & ~t0sz) | uint64_t{49} << 32, table, "S2T0SZ 49"},
        {(s2t0sz_8 & ~t0sz) | uint64_t{28} << 32, 0x3500'0000 | uint64_t{3} << s2skl, "level 4"},
        {s2t0sz_8 & ~(uint64_t{7} << 48), table, "S2TTB beyond S2PS"},
    };
    for (const auto &row : rows) {
        SCOPED_TRACE(row.what);
        set_ste(row.word2, row.word3);
        expect_abort(dut.translate(stage2, 0x1000), C_BAD_STE);
    }
    set_ste((s2t0sz_8 & ~t0sz) | uint64_t{28} << 32, 0x3500'0000 | uint64_t{2} << s2skl);
    expect_abort(dut.translate(stage2, 0x1000), F_TRANSLATION);
}

// --- VMSAv8-64 beside it ------------------------------------------------------------------------

// 5.4, TTB0: bits [55:52] of the base are RES0 then, as SKL0 is.
TEST_F(D128, Aa64SelectsDescriptorsOf64Bits)
{
    set_cd((t0sz_9 & ~uint64_t{63}) | 25 | aa64, 0x00f0'0000'3500'0000 | uint64_t{3} << skl0);
    put(0x3500'0000, {0x8000'0741});
    dut.mem.clear_log();
    expect_forward(dut.translate(stage1, 0x1234'5678), 0x9234'5678);
    EXPECT_THAT(descriptors_read(), ElementsAre(std::make_pair(uint64_t{0x3500'0000}, 8u)));
}

// 5.4, TTB0: 64 bytes, as with 52 bits of output, beyond which VMSAv8-64 does not point.
TEST_F(D128, ASmallTableOf64BitDescriptorsIsAlignedTo64Bytes)
{
    set_cd((t0sz_9 & ~uint64_t{63}) | 21 | aa64 | tg0_64k, 0x3500'0030); // two blocks of 4 TiB
    put(0x3500'0000, {0x741});
    expect_forward(dut.translate(stage1, 0x1234'5678), 0x1234'5678);
}

// 3.4: of 4 TiB and 32 bits of output.
TEST_F(D128, ABlockOf64BitDescriptorsLargerThanTheOutputSizeFaultsWhereItLiesBeyond)
{
    const uint64_t small = t0sz_9 & ~uint64_t{63} & ~(uint64_t{7} << 32);
    set_cd(small | 21 | aa64 | tg0_64k, 0x3500'0000);
    put(0x3500'0000, {0x741});
    expect_forward(dut.translate(stage1, 0x9234'5678), 0x9234'5678);
    expect_abort(dut.translate(stage1, 0x1'9234'5678), F_ADDR_SIZE);
}

// --- every bit of an address ---------------------------------------------------------------------

class AddressBits : public D128, public testing::WithParamInterface<unsigned> {
  protected:
    // Where the SMMU read the first structure of a kind.
    uint64_t first(smmu_fetch kind)
    {
        for (const auto &access : dut.mem.log())
            if (access.req.fetch == kind)
                return access.req.addr;
        return 0;
    }
};

// 5.2: S1ContextPtr [55:6].
TEST_P(AddressBits, OfS1contextptrCount)
{
    put(ste(stage1), {bit(GetParam()) | 0xb});
    dut.mem.clear_log();
    dut.translate(stage1, va);
    EXPECT_EQ(first(SMMU_FETCH_CD), bit(GetParam()));
}

// 5.4: TTB0 [119:68], address bits [55:4].
TEST_P(AddressBits, OfTtb0Count)
{
    set_cd(t0sz_9, bit(GetParam()));
    dut.mem.clear_log();
    dut.translate(stage1, va);
    EXPECT_EQ(first(SMMU_FETCH_TTD), bit(GetParam()) + 0x60);
}

// 5.4: TTB1 [183:132], with T1SZ 9, TG1 4 KiB and EPD0.
TEST_P(AddressBits, OfTtb1Count)
{
    set_cd(0x0001'6007'b589'7509, 0, bit(GetParam()));
    dut.mem.clear_log();
    dut.translate(stage1, 0xffe5'4321'0fed'cba8);
    EXPECT_EQ(first(SMMU_FETCH_TTD), bit(GetParam()) + 0x60);
}

INSTANTIATE_TEST_SUITE_P(Above4KiB, AddressBits, testing::Range(12u, 56u));

// --- without ------------------------------------------------------------------------------------

class D128Absent : public D128 {
  protected:
    static smmu_config without()
    {
        smmu_config cfg = with_d128();
        cfg.d128 = cfg.vax56 = false;
        cfg.oas_bits = 52;
        return cfg;
    }

    D128Absent() : D128(without()) {}
};

// 5.4, AA64, and 5.2, S2AA64: there are no VMSAv8-32 tables either.
TEST_F(D128Absent, ClearAa64IsIllegal)
{
    set_cd((t0sz_9 & ~uint64_t{63}) | 16, 0x3500'0000);
    expect_fault(C_BAD_CD);
    set_ste(0x0406'3510'0000'0007, 0x3500'0000);
    expect_abort(dut.translate(stage2, 0x1000), C_BAD_STE);
}

// 5.2: S2SKL is RES0, and so are bits [247:244].
TEST_F(D128Absent, TheSkipLevelOfStage2IsNoField)
{
    set_ste(0x040e'3559'0000'0007, 0x3500'0000 | uint64_t{3} << s2skl | uint64_t{0xf} << 52);
    put(0x3500'0000, {0x8000'07fd});
    expect_forward(dut.translate(stage2, 0x1234), 0x8000'1234);
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
} // namespace test_d128
