// SPDX-License-Identifier: Apache-2.0
// VMSAv8-32 LPAE, at both stages (IHI 0070 3.4, 5.2 S2AA64, 5.4 AA64; DDI 0487 G5.5, G5.6).
#include "core/core_test.hpp"
#include "support/stage2.hpp"

using namespace support;

namespace test_vmsa32 {
namespace {

smmu_config with_oas(unsigned bits)
{
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = static_cast<uint8_t>(bits);
    return cfg;
}

// Stream 5 has VMSAv8-32 tables; T0SZ and T1SZ are both 0 until a test says otherwise.
class Vmsa32 : public StreamTest {
  protected:
    explicit Vmsa32(const smmu_config &cfg = smmu_config_default()) : StreamTest(cfg)
    {
        stream.context().aa64 = 0;
        use(0, 0);
    }

    // Tables of 32 - t0sz and 32 - t1sz bits.
    void use(unsigned t0sz, unsigned t1sz)
    {
        lower.emplace(dut.mem, dut.frames, 32 - t0sz);
        upper.emplace(dut.mem, dut.frames, 32 - t1sz);
        stream.context().t0sz = t0sz;
        stream.context().t1sz = t1sz;
        stream.context().ttb0 = lower->base();
        stream.context().ttb1 = upper->base();
        republish();
    }

    smmu_result read(uint64_t va) { return dut.translate(sid, va); }

    std::optional<translation_table> lower, upper;
};

TEST_F(Vmsa32, Ttb0CoversAllOf32BitsIfBothSizesAreZero)
{
    lower->map(0x1000, 0x70000000);
    lower->map(0xffff'f000, 0x71000000);
    expect_forward(read(0x1234), 0x70000234);
    expect_forward(read(0xffff'fabc), 0x71000abc);
}

TEST_F(Vmsa32, Ttb1TakesTheTopThatItsSizeCovers)
{
    use(0, 2);
    lower->map(0xbfff'f000, 0x70000000);
    upper->map(0xc000'0000, 0x71000000);
    expect_forward(read(0xbfff'f000), 0x70000000);
    expect_forward(read(0xc000'0000), 0x71000000);
}

TEST_F(Vmsa32, Ttb1TakesAllAboveTtb0IfItsSizeIsZero)
{
    use(3, 0);
    lower->map(0x1fff'f000, 0x70000000);
    upper->map(0x2000'0000, 0x71000000);
    expect_forward(read(0x1fff'f000), 0x70000000);
    expect_forward(read(0x2000'0000), 0x71000000);
}

TEST_F(Vmsa32, WhatIsCachedOfATableEndsWhereTheOtherBegins)
{
    use(0, 5); // TTB1 from 0xf800'0000 on, within the last 1 GiB that TTB0 has a descriptor for
    lower->map(0xc000'1000, 0x70000000);
    upper->map(0xf800'1000, 0x71000000);
    expect_forward(read(0xc000'1000), 0x70000000);
    expect_forward(read(0xf800'1000), 0x71000000);
    use(5, 0); // TTB1 from 0x0800'0000 on
    lower->map(0x0000'1000, 0x70000000);
    upper->map(0x0800'1000, 0x71000000);
    expect_forward(read(0x0800'1000), 0x71000000);
    expect_forward(read(0x0000'1000), 0x70000000);
}

TEST_F(Vmsa32, BlocksEndWhereTheOtherTableBegins)
{
    use(0, 5);
    lower->map(0xc000'0000, 0x1'0000'0000, 1);
    upper->map(0xf800'1000, 0x71000000);
    const smmu_result below = read(0xf7ff'ffff);
    expect_forward(below, 0x1'37ff'ffff);
    EXPECT_EQ(below.span_log2, 27u); // 0xf000'0000 to 0xf7ff'ffff
    expect_forward(read(0xf800'1000), 0x71000000);
    expect_forward(read(0xc000'0123), 0x1'0000'0123);
}

TEST_F(Vmsa32, AddressesBetweenTheTablesFault)
{
    use(2, 2);
    lower->map(0x3fff'f000, 0x70000000);
    upper->map(0xc000'0000, 0x71000000);
    expect_forward(read(0x3fff'f000), 0x70000000);
    expect_abort(read(0x4000'0000), F_TRANSLATION);
    expect_abort(read(0xbfff'ffff), F_TRANSLATION);
    expect_forward(read(0xc000'0000), 0x71000000);
}

TEST_F(Vmsa32, SmallestRangesBeginAtLevel2)
{
    use(7, 7);
    lower->map(0x01ff'f000, 0x70000000);
    upper->map(0xfe00'0000, 0x71000000);
    EXPECT_EQ(lower->start_level(), 2u);
    expect_forward(read(0x01ff'f000), 0x70000000);
    expect_forward(read(0xfe00'0000), 0x71000000);
}

TEST_F(Vmsa32, SizesHaveThreeBits)
{
    use(1, 0);
    lower->map(0x1000, 0x70000000);
    stream.context().t0sz = 0x39;
    republish();
    expect_forward(read(0x1000), 0x70000000);
}

TEST_F(Vmsa32, BitsAbove31Fault)
{
    lower->map(0x1000, 0x70000000);
    expect_abort(read(0x1'0000'1000), F_TRANSLATION);
    expect_abort(read(0xffff'ffff'0000'1000), F_TRANSLATION);
}

TEST_F(Vmsa32, TopByteIsNeverIgnored)
{
    lower->map(0x1000, 0x70000000);
    stream.context().tbi0 = 1;
    republish();
    expect_abort(read(0xff00'0000'0000'1000), F_TRANSLATION);
}

TEST_F(Vmsa32, DisabledTableFaults)
{
    use(1, 0);
    lower->map(0x1000, 0x70000000);
    upper->map(0x8000'0000, 0x71000000);
    stream.context().epd1 = 1;
    republish();
    expect_forward(read(0x1000), 0x70000000);
    expect_abort(read(0x8000'0000), F_TRANSLATION);
}

TEST_F(Vmsa32, BlocksAtLevels1And2)
{
    lower->map(0x4000'0000, 0x70'4000'0000, 1);
    lower->map(0x0020'0000, 0x7020'0000, 2);
    expect_forward(read(0x4765'4321), 0x70'4765'4321);
    expect_forward(read(0x0032'1000), 0x7032'1000);
}

TEST_F(Vmsa32, OutputHas40BitsWhateverIpsSays)
{
    lower->map(0x1000, 0xff'ffff'f000);
    lower->map(0x2000, 0x100'0000'0000);
    stream.context().ips = 0;
    republish();
    expect_forward(read(0x1000), 0xff'ffff'f000);
    expect_abort(read(0x2000), F_ADDR_SIZE);
}

TEST_F(Vmsa32, TableBeyond40BitsIsIllegal)
{
    stream.context().ttb0 = 0x100'0000'0000;
    republish();
    expect_abort(read(0x1000), C_BAD_CD);
}

TEST_F(Vmsa32, GranuleFieldsAreIgnored)
{
    lower->map(0x1000, 0x70000000);
    stream.context().tg0 = 3;
    stream.context().tg1 = 0;
    republish();
    expect_forward(read(0x1000), 0x70000000);
}

TEST_F(Vmsa32, HardwareUpdateIsIgnored)
{
    leaf_attributes old;
    old.af = 0;
    lower->map(0x1000, 0x70000000, 3, old);
    stream.context().ha = 1;
    stream.context().hd = 1;
    republish();
    expect_abort(read(0x1000), F_ACCESS);
}

TEST_F(Vmsa32, El2HasOneTable)
{
    stream.stream().strw = 2;
    use(1, 0);
    lower->map(0x1000, 0x70000000);
    expect_forward(read(0x1000), 0x70000000);
    expect_abort(read(0x8000'0000), F_TRANSLATION);
}

TEST_F(Vmsa32, El2E2hIsIllegal)
{
    stream.stream().strw = 2;
    dut.update_cr0(0);
    dut.write32(reg::CR2, reg::CR2_RECINVSID | reg::CR2_E2H);
    dut.update_cr0(reg::CR0_SMMUEN | reg::CR0_EVENTQEN | reg::CR0_CMDQEN);
    republish();
    expect_abort(read(0x1000), C_BAD_CD);
}

// Permissions

TEST_F(Vmsa32, UnprivilegedFetchNeedsRightToRead)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RO;
    lower->map(0x1000, 0x70000000, 3, page);
    expect_abort(dut.translate(sid, 0x1000, instr_access), F_PERMISSION);
    expect_forward(dut.translate(sid, 0x1000, priv_instr), 0x70000000);
}

TEST_F(Vmsa32, XnStopsBothPrivileges)
{
    leaf_attributes page;
    page.uxn = 1;
    lower->map(0x1000, 0x70000000, 3, page);
    expect_abort(dut.translate(sid, 0x1000, instr_access), F_PERMISSION);
    expect_abort(dut.translate(sid, 0x1000, priv_instr), F_PERMISSION);
}

TEST_F(Vmsa32, UnprivilegedWritableIsExecutableForBoth)
{
    lower->map(0x1000, 0x70000000);
    expect_forward(dut.translate(sid, 0x1000, instr_access), 0x70000000);
    expect_forward(dut.translate(sid, 0x1000, priv_instr), 0x70000000);
}

TEST_F(Vmsa32, UwxnStopsPrivilegedFetchOfUnprivilegedWritable)
{
    lower->map(0x1000, 0x70000000);
    stream.context().uwxn = 1;
    republish();
    expect_forward(dut.translate(sid, 0x1000, instr_access), 0x70000000);
    expect_abort(dut.translate(sid, 0x1000, priv_instr), F_PERMISSION);
}

TEST_F(Vmsa32, UwxnIsNothingToVmsa64)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    stream.context() = cd{};
    stream.context().ttb0 = stream.low.base();
    stream.context().uwxn = 1;
    stream.low.map(0x1000, 0x70000000, 3, page);
    republish();
    expect_forward(dut.translate(sid, 0x1000, priv_instr), 0x70000000);
}

// Sizes

class Vmsa32SmallOas : public Vmsa32 {
  protected:
    Vmsa32SmallOas() : Vmsa32(with_oas(36)) {}
};

TEST_F(Vmsa32SmallOas, OutputIsTruncated)
{
    lower->map(0x1000, 0xf3'4567'8000);
    expect_forward(read(0x1abc), 0x3'4567'8abc);
}

// Discovery

TEST(Vmsa32Discovery, TtfHasABitForEachFormat)
{
    smmu_config cfg = smmu_config_default();
    EXPECT_EQ((device_under_test(cfg).read32(reg::IDR0) >> 2) & 3, 3u);
    cfg.vmsa32 = false;
    EXPECT_EQ((device_under_test(cfg).read32(reg::IDR0) >> 2) & 3, 2u);
}

TEST(Vmsa32Discovery, NeedsThe4KGranule)
{
    smmu_config cfg = smmu_config_default();
    smmu_error error{};
    cfg.gran4k = false;
    EXPECT_FALSE(smmu_config_check(&cfg, &error));
    EXPECT_STREQ(error.field, "vmsa32");
    EXPECT_STREQ(error.reason, "needs the 4 KiB granule");
    cfg.vmsa32 = false;
    EXPECT_TRUE(smmu_config_check(&cfg, &error));
}

class Vmsa32Absent : public Vmsa32 {
  protected:
    static smmu_config without()
    {
        smmu_config cfg = smmu_config_default();
        cfg.vmsa32 = false;
        return cfg;
    }
    Vmsa32Absent() : Vmsa32(without()) {}
};

TEST_F(Vmsa32Absent, CdIsIllegal)
{
    expect_abort(read(0x1000), C_BAD_CD);
}

TEST_F(Vmsa32Absent, SteIsIllegal)
{
    stage2 second(dut, 1, {40});
    second.apply(stream.stream());
    stream.stream().config = STE_S2_TRANS;
    stream.stream().s2aa64 = 0;
    republish();
    expect_abort(read(0x1000), C_BAD_STE);
}

// Stage 2

class Vmsa32Stage2 : public Vmsa32 {
  protected:
    explicit Vmsa32Stage2(const smmu_config &cfg = smmu_config_default())
        : Vmsa32(cfg), second(dut, 1, {40, granule::k4, 1})
    {
        second.map_structures();
        second.apply(stream.stream());
        stream.stream().config = STE_S2_TRANS;
        stream.stream().s2aa64 = 0;
        stream.stream().s2t0sz = 8; // -8: 40 bits
        stream.stream().s2sl0 = 1;
        stream.stream().s2tg = 3;
        stream.stream().s2ps = 0;
        republish();
    }

    stage2 second;
};

// IHI 0070 3.23.1: the encoding of FEAT_MTE_PERM is of VMSAv8-64 (DDI 0487 D8.6.5).
class Vmsa32Mteperm : public Vmsa32Stage2 {
  protected:
    static smmu_config with_mteperm()
    {
        smmu_config cfg = smmu_config_default();
        cfg.mteperm = true;
        return cfg;
    }
    Vmsa32Mteperm() : Vmsa32Stage2(with_mteperm()) {}
};

TEST_F(Vmsa32Mteperm, LeavesMemAttrReserved)
{
    stage2_attributes page;
    page.memattr = 0b0100;
    second.table.map(0x1000, 0x7000, 3, page);
    const smmu_result result = read(0x1000);
    expect_forward(result, 0x7000);
    EXPECT_EQ(result.attr.mair, SMMU_MAIR_DEVICE_nGnRnE);
}

TEST_F(Vmsa32Stage2, InputOf40Bits)
{
    second.table.map(0xff'ffff'f000, 0xab'cdef'0000, 3, stage2_attributes{});
    expect_forward(read(0xff'ffff'fabc), 0xab'cdef'0abc);
    expect_abort(read(0x100'0000'0000), F_TRANSLATION);
}

TEST_F(Vmsa32Stage2, S2t0szIsSigned)
{
    stage2 small(dut, 1, {25});
    small.table.map(0x1ff'f000, 0x7000'0000, 3, stage2_attributes{});
    stream.stream().s2ttb = small.table.base();
    stream.stream().s2t0sz = 0x37; // bits [5:4] are ignored
    stream.stream().s2sl0 = 0;
    republish();
    expect_forward(read(0x1ff'f000), 0x7000'0000);
    expect_abort(read(0x200'0000), F_TRANSLATION);
}

TEST_F(Vmsa32Stage2, StartLevelThatCannotResolveTheInputIsIllegal)
{
    stream.stream().s2sl0 = 0;
    republish();
    expect_abort(read(0x1000), C_BAD_STE);
    stream.stream().s2sl0 = 2;
    republish();
    expect_abort(read(0x1000), C_BAD_STE);
}

TEST_F(Vmsa32Stage2, HardwareUpdateIsIllegal)
{
    stream.stream().s2ha = 1;
    republish();
    expect_abort(read(0x1000), C_BAD_STE);
}

TEST_F(Vmsa32Stage2, ExecuteOnlyDoesNotExist)
{
    stage2_attributes page;
    page.s2ap = 0;
    second.table.map(0x1000, 0x7000'0000, 3, page);
    expect_abort(dut.translate(sid, 0x1000, instr_access), F_PERMISSION);
}

TEST_F(Vmsa32Stage2, StagesOf32BitsNest)
{
    lower->map(0x1000, 0x87'6543'2000);
    second.table.map(0x87'6543'2000, 0x12'3456'7000, 3, stage2_attributes{});
    stream.stream().config = STE_NESTED;
    republish();
    expect_forward(read(0x1abc), 0x12'3456'7abc);
}

TEST_F(Vmsa32Stage2, Stage1Of64BitsIsIllegalOverIt)
{
    stream.stream().config = STE_NESTED;
    stream.context().aa64 = 1;
    stream.context().t0sz = stream.context().t1sz = 32;
    republish();
    expect_abort(read(0x1000), C_BAD_CD);
}

// 3.4: with VMSAv8-32 the IAS is at least 40 bits.
class Vmsa32Ias : public StreamTest {
  protected:
    Vmsa32Ias() : StreamTest(with_oas(36)), second(dut, 1, {40, granule::k4, 1})
    {
        second.apply(stream.stream());
        stream.stream().config = STE_S2_TRANS;
        republish();
    }

    stage2 second;
};

TEST_F(Vmsa32Ias, Stage2TakesIntermediateAddressesBeyondOas)
{
    second.table.map(0xff'ffff'f000, 0x7'0000'0000, 3, stage2_attributes{});
    expect_forward(dut.translate(sid, 0xff'ffff'f123), 0x7'0000'0123);
}

TEST_F(Vmsa32Ias, RecordsHaveTheBitsOfIpasBelowTheOas)
{
    // 7.3.13: IPA bits [55:OAS] are RES0; 3.4.1: the input address is recorded unmodified.
    expect_abort(dut.translate(sid, 0xff'ffff'e123), F_TRANSLATION);
    const event e = dut.pop_events().at(0);
    EXPECT_TRUE(e.s2);
    EXPECT_EQ(e.addr, 0xf'ffff'e000u);
    EXPECT_EQ(e.input_addr, 0xff'ffff'e123u);
}

TEST_F(Vmsa32Ias, BeyondIasIsAnAddressSizeFaultOfStage1)
{
    expect_abort(dut.translate(sid, 0x100'0000'0000), F_ADDR_SIZE);
    EXPECT_FALSE(dut.pop_events().at(0).s2);
}

} // namespace
} // namespace test_vmsa32
