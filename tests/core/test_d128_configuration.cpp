// SPDX-License-Identifier: Apache-2.0
// What configures VMSAv9-128 tables (IHI 0070 5.2 S2AA64 and S2SKL, 5.4 AA64 and SKL0): which STEs
// and CDs are ILLEGAL, every bit of an address, and an SMMU without them.
#include "d128_test.hpp"

using namespace d128_test;

namespace test_d128_configuration {
namespace {

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

} // namespace
} // namespace test_d128_configuration
