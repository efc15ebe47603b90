// SPDX-License-Identifier: Apache-2.0
// VMSAv9-128 tables of either stage (IHI 0070 3.4, 3.21.1.1; DDI 0487 D8.2.11, D8.3.2): where
// descriptors are, what is in them, and how they are updated; VMSAv8-64 beside them.
#include "d128_test.hpp"

using namespace d128_test;
using testing::ElementsAre;

namespace test_d128 {
namespace {

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

} // namespace
} // namespace test_d128
