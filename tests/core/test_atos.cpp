// SPDX-License-Identifier: Apache-2.0
// Address translation operations (IHI 0070 9.1, 6.3.37 to 6.3.40, 6.3.99 to 6.3.102).
#include "core/nested_test.hpp"

using namespace support;

namespace test_atos {
namespace {

enum atos_type : unsigned { RESERVED = 0, S1 = 1, S2 = 2, S12 = 3 };

constexpr uint64_t RNW = 1u << 8, PNU = 1u << 9, IND = 1u << 7, HTTUI = 1u << 6;
constexpr uint64_t INV_REQ = 0xff, INV_STAGE = 0xfe;

// The offsets of a group of registers.
struct group {
    uint32_t ctrl, sid, addr, par;
};

constexpr group gatos = {0x100, 0x108, 0x110, 0x118};
constexpr group vatos = {0x20a00, 0x20a08, 0x20a10, 0x20a18};
constexpr uint32_t VATOS_SEL = 0x180;

constexpr uint64_t failed(uint64_t code, uint64_t reason = 0, uint64_t faddr = 0)
{
    return faddr | code << 4 | reason << 1 | 1;
}

class Atos : public NestedTest {
  protected:
    explicit Atos(const smmu_config &cfg = smmu_config_default()) : NestedTest(cfg) {}

    // PAR of an operation.
    uint64_t look_up(uint64_t sid, uint64_t addr, unsigned type, uint64_t how = RNW,
                     const group &g = gatos)
    {
        dut.write64(g.sid, sid);
        dut.write64(g.addr, (addr & ~uint64_t{0xfff}) | type << 10 | how);
        dut.write32(g.ctrl, 1);
        EXPECT_EQ(dut.read32(g.ctrl), 0u) << "RUN is cleared when PAR is valid";
        return dut.read64(g.par);
    }

    static uint64_t address(uint64_t par) { return par & 0x00ff'ffff'ffff'f000; }
};

TEST_F(Atos, BothStages)
{
    const uint64_t par = look_up(nested, va, S12);
    EXPECT_EQ(par & 1, 0u);
    EXPECT_EQ(address(par), pa);
    EXPECT_EQ(par >> 56, 0xffu) << "Normal Write-Back";
    EXPECT_EQ(par >> 8 & 3, 3u) << "Inner Shareable";
}

TEST_F(Atos, Stage1AloneGivesTheIntermediateAddress)
{
    const uint64_t par = look_up(nested, va, S1);
    EXPECT_EQ(par & 1, 0u);
    EXPECT_EQ(address(par), ipa);
}

TEST_F(Atos, Stage2TakesAnIntermediateAddress)
{
    EXPECT_EQ(address(look_up(nested, ipa, S2)), pa);
    EXPECT_EQ(address(look_up(alone, ipa, S2)), pa);
}

TEST_F(Atos, LargeMappingsShowTheirSize)
{
    third.table.map(0x40'0000'0000, 0x2'0000'0000, 2, stage2_attributes{});
    publish();
    const uint64_t par = look_up(nested, 0x40'0012'3000, S2);
    EXPECT_EQ(par & 1u << 11, 1u << 11);
    EXPECT_EQ(address(par), 0x2'0000'0000u | 1u << 20) << "2 MiB: bit 20 is the lowest 1";
}

TEST_F(Atos, ResultIsThatOfATransactionAndFillsTheTlb)
{
    look_up(nested, va, S12);
    const uint64_t walks = dut.mem.count(SMMU_FETCH_TTD);
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD), walks);
}

TEST_F(Atos, RecordsNoEvent)
{
    look_up(nested, va + 0x1000, S12);
    EXPECT_TRUE(dut.pop_events().empty());
    EXPECT_TRUE(dut.irqs.empty());
}

// Faults

TEST_F(Atos, FaultOfStage1)
{
    EXPECT_EQ(look_up(nested, va + 0x1000, S12), failed(F_TRANSLATION));
    EXPECT_EQ(look_up(nested, va + 0x1000, S1), failed(F_TRANSLATION));
}

TEST_F(Atos, FaultOfStage2OnTheInput)
{
    third.table.unmap(ipa);
    publish();
    EXPECT_EQ(look_up(nested, va, S12), failed(F_TRANSLATION, 3, ipa));
    EXPECT_EQ(look_up(nested, ipa, S2), failed(F_TRANSLATION, 3));
}

TEST_F(Atos, FaultOfStage2OnATableIsAnAbortToStage1)
{
    stage1.context().ttb0 = 0xff'0000'0000; // stage 2 maps nothing there
    publish();
    const uint64_t descriptor = 0xff'0000'0000 + (va >> 39) * 8;
    EXPECT_EQ(look_up(nested, va, S12), failed(F_TRANSLATION, 2, descriptor & ~uint64_t{0xfff}));
    EXPECT_EQ(look_up(nested, va, S1), failed(F_WALK_EABT));
}

TEST_F(Atos, FaultOfStage2OnTheCdIsAFetchFailureToStage1)
{
    stage1.stream().s1contextptr = 0xff'0000'0000;
    dut.set_ste(nested, stage1.stream());
    dut.invalidate_all();
    EXPECT_EQ(look_up(nested, va, S12), failed(F_TRANSLATION, 1, 0xff'0000'0000));
    EXPECT_EQ(look_up(nested, va, S1), failed(F_CD_FETCH));
}

TEST_F(Atos, PermissionsAreThoseAskedFor)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RO;
    page.uxn = page.pxn = 1;
    stage1.low.map(va, ipa, 3, page);
    publish();
    EXPECT_EQ(look_up(nested, va, S12, RNW), failed(F_PERMISSION));
    EXPECT_EQ(address(look_up(nested, va, S12, RNW | PNU)), pa);
    EXPECT_EQ(look_up(nested, va, S12, PNU), failed(F_PERMISSION)) << "write";
    EXPECT_EQ(look_up(nested, va, S12, RNW | PNU | IND), failed(F_PERMISSION));
}

TEST_F(Atos, ConfigurationErrors)
{
    EXPECT_EQ(look_up(256, va, S12), failed(C_BAD_STREAMID));
    EXPECT_EQ(look_up(9, va, S12), failed(C_BAD_STE));
    stage1.context().v = 0;
    publish();
    EXPECT_EQ(look_up(nested, va, S12), failed(C_BAD_CD));
    EXPECT_EQ(look_up(nested | uint64_t{1} << 52, va, S12), failed(C_BAD_SUBSTREAMID));
}

// Requests

TEST_F(Atos, ReservedTypeAndStage2OfASubstreamAreInvalid)
{
    EXPECT_EQ(look_up(nested, va, RESERVED), failed(INV_REQ));
    EXPECT_EQ(look_up(nested | uint64_t{1} << 52, ipa, S2), failed(INV_REQ));
}

TEST_F(Atos, StageThatTheStreamDoesNotUse)
{
    EXPECT_EQ(look_up(alone, va, S12), failed(INV_STAGE));
    EXPECT_EQ(look_up(alone, va, S1), failed(INV_STAGE));
    ste bypass;
    dut.set_ste(8, bypass);
    EXPECT_EQ(look_up(8, va, S2), failed(INV_STAGE));
}

class AtosStage1Only : public CoreTest {
  protected:
    static smmu_config stage1_only()
    {
        smmu_config cfg = smmu_config_default();
        cfg.s2p = cfg.hyp = cfg.vatos = false;
        return cfg;
    }
    AtosStage1Only() : CoreTest(stage1_only()) { dut.bring_up(); }
};

TEST_F(AtosStage1Only, Stage2IsInvalid)
{
    for (uint64_t type : {S2, S12}) {
        dut.write64(gatos.addr, type << 10);
        dut.write32(gatos.ctrl, 1);
        EXPECT_EQ(dut.read64(gatos.par), failed(INV_REQ));
    }
}

TEST_F(Atos, S1dssMayBypassStage1)
{
    stage1.stream().s1cdmax = 2;
    stage1.stream().s1dss = 1;
    publish();
    EXPECT_EQ(address(look_up(nested, ipa, S1)), ipa);
    EXPECT_EQ(address(look_up(nested, ipa, S12)), pa);
    EXPECT_EQ(look_up(nested, uint64_t{1} << 50, S12), failed(F_ADDR_SIZE));
}

TEST_F(Atos, HttuiKeepsDescriptorsAsTheyAre)
{
    leaf_attributes old;
    old.af = 0;
    stage1.low.map(va, ipa, 3, old);
    stage1.context().ha = 1;
    publish();
    EXPECT_EQ(address(look_up(nested, va, S12, RNW | HTTUI)), pa);
    EXPECT_FALSE(stage1.low.descriptor(va, 3) & 1u << 10);
    EXPECT_EQ(address(look_up(nested, va, S12, RNW)), pa);
    EXPECT_TRUE(stage1.low.descriptor(va, 3) & 1u << 10);
}

TEST_F(Atos, HttuiTakesUpdatesForDone)
{
    // 9: a writable-clean page is writable, though stage 2 lets nobody write its descriptor.
    leaf_attributes clean;
    clean.ap = AP_ALL_RO;
    clean.dbm = 1;
    clean.af = 0;
    stage1.low.map(va, ipa, 3, clean);
    stage1.context().ha = stage1.context().hd = 1;
    publish();
    const uint64_t before = stage1.low.descriptor(va, 3);
    stage2_attributes read_only;
    read_only.s2ap = 0b01;
    third.map_structures(read_only);
    dut.invalidate_all();
    for (const unsigned type : {S1, S12})
        EXPECT_EQ(address(look_up(nested, va, type, HTTUI)), type == S1 ? ipa : pa);
    EXPECT_EQ(stage1.low.descriptor(va, 3), before);
    EXPECT_EQ(look_up(nested, va, S1, 0), failed(F_WALK_EABT));
}

TEST_F(Atos, FaultsOfAStage2LookUpAreAtItsInput)
{
    // 9.1.4, the rows of TYPE 0b10.
    EXPECT_EQ(look_up(256, ipa, S2), failed(C_BAD_STREAMID, 3));
    EXPECT_EQ(look_up(9, ipa, S2), failed(C_BAD_STE, 3));
    EXPECT_EQ(look_up(nested, uint64_t{1} << 50, S2), failed(F_ADDR_SIZE)) << "of stage 1";
    const uint64_t table = third.table.base();
    dut.mem.abort_on({table, table + 0xfff, SMMU_FETCH_TTD});
    dut.invalidate_all();
    EXPECT_EQ(look_up(nested, ipa, S2), failed(F_WALK_EABT, 3));
}

// Stage 1 is bypassed by S1DSS, and addresses have 36 bits or, with VMSAv8-32, 40 before stage 2.
class AtosBypass : public StreamTest {
  protected:
    explicit AtosBypass(const smmu_config &cfg = small())
        : StreamTest(cfg), second(dut, 1, {40, granule::k4, 1})
    {
        second.apply(stream.stream());
        stream.stream().s1cdmax = 1;
        stream.stream().s1dss = 1;
        republish();
    }
    static smmu_config small()
    {
        smmu_config cfg = smmu_config_default();
        cfg.oas_bits = 36;
        return cfg;
    }
    void nest()
    {
        stream.stream().config = STE_NESTED;
        republish();
    }
    uint64_t look_up(uint64_t addr, unsigned type)
    {
        dut.write64(gatos.sid, sid);
        dut.write64(gatos.addr, addr | type << 10 | RNW);
        dut.write32(gatos.ctrl, 1);
        return dut.read64(gatos.par);
    }
    static uint64_t address(uint64_t par) { return par & 0x00ff'ffff'ffff'f000; }

    stage2 second;
};

TEST_F(AtosBypass, BoundIsTheOasWithoutStage2AndTheIasWithIt)
{
    EXPECT_EQ(look_up(0x10'0000'0000, S1), failed(F_ADDR_SIZE));
    EXPECT_EQ(address(look_up(0xf'0000'1000, S1)), 0xf'0000'1000u);
    nest();
    EXPECT_EQ(look_up(0x10'0000'0000, S1) & 1, 0u);
    EXPECT_EQ(look_up(0x100'0000'0000, S1), failed(F_ADDR_SIZE));
}

TEST_F(AtosBypass, AddressesInParEndAtTheOas)
{
    nest();
    EXPECT_EQ(address(look_up(0xff'0000'1000, S1)), 0xf'0000'1000u);
    EXPECT_EQ(look_up(0xff'0000'1000, S12), failed(F_TRANSLATION, 3, 0xf'0000'1000));
}

class AtosLargeGranules : public AtosBypass {
  protected:
    AtosLargeGranules() : AtosBypass(no_4k()) {}
    static smmu_config no_4k()
    {
        smmu_config cfg = smmu_config_default();
        cfg.gran4k = cfg.vmsa32 = false;
        return cfg;
    }
};

TEST_F(AtosLargeGranules, BypassHasTheSizeOfTheSmallestGranule)
{
    const uint64_t par = look_up(0x1234'5000, S1);
    EXPECT_EQ(par >> 11 & 1, 1u);
    EXPECT_EQ(address(par), 0x1234'4000u | 1u << 13) << "9.1.3: 16 KiB";
}

// Registers

TEST_F(Atos, RunIsIgnoredWhileDisabled)
{
    dut.update_cr0(0);
    dut.write32(gatos.ctrl, 1);
    EXPECT_EQ(dut.read32(gatos.ctrl), 0u);
    EXPECT_EQ(dut.read64(gatos.par), 0u);
}

TEST_F(Atos, ParametersKeepUntilTheOperationIsDone)
{
    dut.write64(gatos.sid, nested);
    dut.write64(gatos.addr, va | S12 << 10 | RNW);
    // The host has not yet run what the write of RUN asked for.
    ASSERT_EQ(smmu_reg_write(dut.smmu(), gatos.ctrl, 4, 1), SMMU_REG_OK);
    ASSERT_EQ(smmu_reg_write(dut.smmu(), gatos.sid, 8, 1), SMMU_REG_OK);
    ASSERT_EQ(smmu_reg_write(dut.smmu(), gatos.addr, 8, 0), SMMU_REG_OK);
    ASSERT_EQ(smmu_reg_write(dut.smmu(), gatos.ctrl, 4, 0), SMMU_REG_OK);
    EXPECT_EQ(dut.read32(gatos.ctrl), 1u);
    smmu_run(dut.smmu());
    EXPECT_EQ(dut.read32(gatos.ctrl), 0u);
    EXPECT_EQ(address(dut.read64(gatos.par)), pa);
}

TEST_F(Atos, StreamNumbersHaveTheBitsImplemented)
{
    dut.write64(gatos.sid, ~uint64_t{0});
    EXPECT_EQ(dut.read64(gatos.sid), uint64_t{0x1fffff} << 32 | 0xffff);
}

// VATOS

TEST_F(Atos, VirtualSeesStage1OfTheSelectedVmid)
{
    dut.write32(VATOS_SEL, 7);
    EXPECT_EQ(address(look_up(nested, va, S1, RNW, vatos)), ipa);
    dut.write32(VATOS_SEL, 6);
    EXPECT_EQ(look_up(nested, va, S1, RNW, vatos), failed(C_BAD_STE));
}

TEST_F(Atos, VirtualHasNoStage2)
{
    dut.write32(VATOS_SEL, 7);
    EXPECT_EQ(look_up(nested, ipa, S2, RNW, vatos), failed(INV_REQ));
    EXPECT_EQ(look_up(nested, va, S12, RNW, vatos), failed(INV_REQ));
}

TEST_F(Atos, VirtualDoesNotSeeStreamsThatBypass)
{
    ste bypass;
    dut.set_ste(8, bypass);
    dut.write32(VATOS_SEL, 0);
    EXPECT_EQ(look_up(8, va, S1, RNW, vatos), failed(C_BAD_STE));
}

class AtosSmallVmids : public CoreTest {
  protected:
    static smmu_config small()
    {
        smmu_config cfg = smmu_config_default();
        cfg.vmid16 = false;
        return cfg;
    }
    AtosSmallVmids() : CoreTest(small()) {}
};

TEST_F(AtosSmallVmids, SelectorHas8Bits)
{
    dut.write32(VATOS_SEL, 0xffff);
    EXPECT_EQ(dut.read32(VATOS_SEL), 0xffu);
}

} // namespace
} // namespace test_atos
