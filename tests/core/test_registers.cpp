// SPDX-License-Identifier: Apache-2.0
// The register file (IHI 0070 6.2, 6.3): identification, access rules, guards, Updates.
#include "core/core_test.hpp"

using namespace support::reg;
using support::ones;

namespace test_registers {
namespace {

class Registers : public CoreTest {
  protected:
    smmu_reg_status try_read(uint32_t offset, unsigned size)
    {
        uint64_t value = 0;
        return smmu_reg_read(dut.smmu(), offset, size, &value);
    }
};

uint32_t field(uint32_t value, unsigned high, unsigned low)
{
    return static_cast<uint32_t>(value >> low & ones(high - low + 1));
}

// 6.3.1 to 6.3.8

TEST_F(Registers, Idr0NamesWhatIsImplemented)
{
    const uint32_t idr0 = dut.read32(IDR0);
    EXPECT_EQ(field(idr0, 1, 1), 1u) << "S1P";
    EXPECT_EQ(field(idr0, 0, 0), 1u) << "S2P";
    EXPECT_EQ(field(idr0, 3, 2), 0b11u) << "TTF: VMSAv8-32 and VMSAv8-64";
    EXPECT_EQ(field(idr0, 4, 4), 1u) << "COHACC";
    EXPECT_EQ(field(idr0, 7, 6), 0b10u) << "HTTU: Access flag and dirty state";
    EXPECT_EQ(field(idr0, 9, 9), 1u) << "Hyp";
    EXPECT_EQ(field(idr0, 10, 10), 1u) << "ATS";
    EXPECT_EQ(field(idr0, 11, 11), 0u) << "NS1ATS";
    EXPECT_EQ(field(idr0, 12, 12), 1u) << "ASID16";
    EXPECT_EQ(field(idr0, 13, 13), 1u) << "MSI";
    EXPECT_EQ(field(idr0, 14, 14), 1u) << "SEV";
    EXPECT_EQ(field(idr0, 16, 16), 1u) << "PRI";
    EXPECT_EQ(field(idr0, 18, 18), 1u) << "VMID16";
    EXPECT_EQ(field(idr0, 19, 19), 1u) << "CD2L";
    EXPECT_EQ(field(idr0, 22, 21), 0b00u) << "TTENDIAN: mixed";
    EXPECT_EQ(field(idr0, 25, 24), 0b00u) << "STALL_MODEL: stall and terminate";
    EXPECT_EQ(field(idr0, 26, 26), 0u) << "TERM_MODEL: CD.A decides";
    EXPECT_EQ(field(idr0, 28, 27), 0b01u) << "ST_LEVEL: linear and 2-level";
}

TEST_F(Registers, Idr0FollowsTheConfiguration)
{
    const struct {
        void (*adjust)(smmu_config &);
        uint32_t changed;
    } rows[] = {
        {[](smmu_config &c) { c.asid16 = false; }, 1u << 12},
        {[](smmu_config &c) { c.cohacc = false; }, 1u << 4},
        {[](smmu_config &c) { c.btm = true; }, 1u << 5},
        {[](smmu_config &c) { c.vmw = false; }, 1u << 17},
        {[](smmu_config &c) { c.httu = SMMU_HTTU_ACCESS; }, 3u << 6},
        {[](smmu_config &c) { c.httu = SMMU_HTTU_NONE; }, 2u << 6},
        {[](smmu_config &c) { c.hyp = false; }, 1u << 9},
        {[](smmu_config &c) { c.ats = c.pri = false; }, 1u << 10 | 1u << 16},
        {[](smmu_config &c) { c.ns1ats = true; }, 1u << 11},
        {[](smmu_config &c) { c.pri = false; }, 1u << 16},
        {[](smmu_config &c) { c.msi = false; }, 1u << 13},
        {[](smmu_config &c) { c.sev = false; }, 1u << 14},
        {[](smmu_config &c) { c.vmid16 = false; }, 1u << 18},
        {[](smmu_config &c) { c.cd2l = false; }, 1u << 19},
        {[](smmu_config &c) { c.ttendian = SMMU_TT_LITTLE; }, 2u << 21},
        {[](smmu_config &c) { c.ttendian = SMMU_TT_BIG; }, 3u << 21},
        {[](smmu_config &c) { c.stall_model = SMMU_TERMINATE_ONLY; }, 1u << 24},
        {[](smmu_config &c) { c.stall_model = SMMU_STALL_ONLY; }, 2u << 24},
        {[](smmu_config &c) { c.term_abort_only = true; }, 1u << 26},
    };
    for (const auto &row : rows) {
        smmu_config cfg = smmu_config_default();
        row.adjust(cfg);
        support::device_under_test other(cfg);
        EXPECT_EQ(dut.read32(IDR0) ^ other.read32(IDR0), row.changed);
    }
}

TEST_F(Registers, Idr0WithoutStage2HasNoVmids)
{
    smmu_config cfg = smmu_config_default();
    cfg.s2p = false;
    cfg.hyp = false;
    cfg.vatos = false;
    support::device_under_test other(cfg);
    EXPECT_EQ(field(other.read32(IDR0), 0, 0), 0u) << "S2P";
    EXPECT_EQ(field(other.read32(IDR0), 18, 17), 0u) << "VMID16, VMW";
    EXPECT_EQ(field(other.read32(IDR3), 4, 4), 0u) << "XNX";
}

TEST_F(Registers, Idr5HoldsGranulesAndSizes)
{
    smmu_config cfg = smmu_config_default();
    cfg.gran16k = false;
    cfg.oas_bits = 52;
    cfg.vax52 = true;
    cfg.stall_max = 17;
    support::device_under_test other(cfg);
    const uint32_t idr5 = other.read32(IDR5);
    EXPECT_EQ(field(idr5, 2, 0), 6u) << "OAS";
    EXPECT_EQ(field(idr5, 4, 4), 1u) << "GRAN4K";
    EXPECT_EQ(field(idr5, 5, 5), 0u) << "GRAN16K";
    EXPECT_EQ(field(idr5, 6, 6), 1u) << "GRAN64K";
    EXPECT_EQ(field(idr5, 11, 10), 1u) << "VAX";
    EXPECT_EQ(field(idr5, 31, 16), 17u) << "STALL_MAX";
}

// 6.3.2: CMDQS [25:21], EVENTQS [20:16]; both are 19 at most.
TEST_F(Registers, Idr1HoldsTheLargestSizesOfQueues)
{
    smmu_config cfg = smmu_config_default();
    cfg.cmdq_log2_max = 19;
    cfg.evtq_log2_max = 18;
    support::device_under_test other(cfg);
    EXPECT_EQ(field(other.read32(IDR1), 25, 21), 19u);
    EXPECT_EQ(field(other.read32(IDR1), 20, 16), 18u);
}

TEST_F(Registers, StallMaxHas16Bits) // 6.3.6
{
    for (unsigned bit = 0; bit < 16; ++bit) {
        smmu_config cfg = smmu_config_default();
        cfg.stall_max = static_cast<uint16_t>(1u << bit);
        support::device_under_test other(cfg);
        EXPECT_EQ(other.read32(IDR5) >> 16, 1u << bit);
    }
}

TEST_F(Registers, StallMaxIsZeroWithoutStalls)
{
    smmu_config cfg = smmu_config_default();
    cfg.stall_model = SMMU_TERMINATE_ONLY;
    support::device_under_test other(cfg);
    EXPECT_EQ(field(other.read32(IDR5), 31, 16), 0u);
}

// 6.3.21 to 6.3.23, 6.3.30 to 6.3.32

TEST_F(Registers, MsiConfigurationIsStored)
{
    for (uint32_t cfg0 : {GERROR_IRQ_CFG0, EVENTQ_IRQ_CFG0}) {
        dut.write64(cfg0, ~uint64_t{0});
        EXPECT_EQ(dut.read64(cfg0), ones(48) & ~ones(2)) << "[55:OAS] and [1:0] are RES0";
        dut.write32(cfg0 + 8, 0xdeadbeef);
        EXPECT_EQ(dut.read32(cfg0 + 8), 0xdeadbeefu);
        dut.write32(cfg0 + 12, 0xffffffff);
        EXPECT_EQ(dut.read32(cfg0 + 12), 0x3fu);
    }
}

TEST_F(Registers, MsiConfigurationIsGuardedByItsEnable)
{
    const struct {
        uint32_t cfg0, enable;
    } rows[] = {{GERROR_IRQ_CFG0, IRQ_GERROR}, {EVENTQ_IRQ_CFG0, IRQ_EVENTQ}};
    for (const auto &row : rows) {
        dut.write32(IRQ_CTRL, row.enable);
        dut.write64(row.cfg0, 0x1000);
        dut.write32(row.cfg0 + 8, 1);
        dut.write32(row.cfg0 + 12, 1);
        EXPECT_EQ(dut.read64(row.cfg0), 0u);
        EXPECT_EQ(dut.read64(row.cfg0 + 8), 0u);
        dut.write32(IRQ_CTRL, (IRQ_GERROR | IRQ_EVENTQ) & ~row.enable);
        dut.write64(row.cfg0, 0x1000);
        EXPECT_EQ(dut.read64(row.cfg0), 0x1000u) << "the other enable does not matter";
        dut.write32(IRQ_CTRL, 0);
    }
}

TEST_F(Registers, MsiRegistersDoNotExistWithoutMsi)
{
    smmu_config cfg = smmu_config_default();
    cfg.msi = false;
    support::device_under_test other(cfg);
    for (uint32_t cfg0 : {GERROR_IRQ_CFG0, EVENTQ_IRQ_CFG0}) {
        other.write64(cfg0, ~uint64_t{0});
        other.write64(cfg0 + 8, ~uint64_t{0});
        EXPECT_EQ(other.read64(cfg0), 0u);
        EXPECT_EQ(other.read64(cfg0 + 8), 0u);
    }
    other.write32(GERRORN, 0xffffffff);
    EXPECT_EQ(other.read32(GERRORN) &
                  (GERROR_MSI_CMDQ_ABT | GERROR_MSI_EVENTQ_ABT | GERROR_MSI_GERROR_ABT),
              0u);
}

TEST_F(Registers, E2hExistsWithEl2Streams)
{
    dut.write32(CR2, CR2_E2H);
    EXPECT_EQ(dut.read32(CR2), CR2_E2H);
    smmu_config cfg = smmu_config_default();
    cfg.hyp = false;
    support::device_under_test other(cfg);
    other.write32(CR2, CR2_E2H | CR2_RECINVSID);
    EXPECT_EQ(other.read32(CR2), CR2_RECINVSID);
}

TEST_F(Registers, Idr1HoldsTheSizes)
{
    smmu_config cfg = smmu_config_default();
    cfg.sid_bits = 20;
    cfg.ssid_bits = 7;
    cfg.cmdq_log2_max = 9;
    cfg.evtq_log2_max = 11;
    cfg.priq_log2_max = 5;
    support::device_under_test other(cfg);
    const uint32_t idr1 = other.read32(IDR1);
    EXPECT_EQ(field(idr1, 5, 0), 20u) << "SIDSIZE";
    EXPECT_EQ(field(idr1, 10, 6), 7u) << "SSIDSIZE";
    EXPECT_EQ(field(idr1, 15, 11), 5u) << "PRIQS";
    EXPECT_EQ(field(idr1, 20, 16), 11u) << "EVENTQS";
    EXPECT_EQ(field(idr1, 25, 21), 9u) << "CMDQS";
    EXPECT_EQ(field(idr1, 31, 28), 0u) << "ECMDQ, presets, REL";
}

// 6.3.4: HAD and XNX, of SMMUv3.1 and of v3.0 without and with HAD.
TEST_F(Registers, Idr3GoesByTheVersion)
{
    const struct {
        uint8_t arch;
        bool had;
        uint32_t had_and_xnx;
    } rows[] = {{2, true, 0x14}, {1, true, 0x14}, {0, false, 0}, {0, true, 0x04}};
    for (const auto &row : rows) {
        smmu_config cfg = smmu_config_default();
        cfg.arch = row.arch;
        cfg.had = row.had;
        cfg.operations = 0;
        support::device_under_test other(cfg);
        EXPECT_EQ(other.read32(IDR3) & 0x14, row.had_and_xnx);
        EXPECT_EQ(other.read32(AIDR), row.arch);
    }
}

TEST_F(Registers, Idr5EncodesTheOutputSize)
{
    const struct {
        uint8_t bits;
        uint32_t encoding;
    } sizes[] = {{32, 0}, {36, 1}, {40, 2}, {42, 3}, {44, 4}, {48, 5}};
    for (const auto &size : sizes) {
        smmu_config cfg = smmu_config_default();
        cfg.oas_bits = size.bits;
        support::device_under_test other(cfg);
        EXPECT_EQ(field(other.read32(IDR5), 2, 0), size.encoding);
        EXPECT_EQ(field(other.read32(IDR5), 4, 4), 1u) << "GRAN4K";
        EXPECT_EQ(field(other.read32(IDR5), 11, 10), 0u) << "VAX";
    }
}

TEST_F(Registers, IidrIsTheConfigured)
{
    smmu_config cfg = smmu_config_default();
    cfg.iidr = 0x4832143b;
    support::device_under_test other(cfg);
    EXPECT_EQ(other.read32(IIDR), 0x4832143bu);
}

TEST_F(Registers, IdRegistersAreReadOnly)
{
    for (uint32_t offset = IDR0; offset <= AIDR; offset += 4) {
        const uint32_t before = dut.read32(offset);
        dut.write32(offset, ~before);
        EXPECT_EQ(dut.read32(offset), before) << std::hex << offset;
    }
}

// 6.3: reset values

TEST_F(Registers, EnablesAndErrorsResetToZero)
{
    for (uint32_t offset : {CR0, CR0ACK, IRQ_CTRL, IRQ_CTRLACK, GERROR, GERRORN})
        EXPECT_EQ(dut.read32(offset), 0u) << std::hex << offset;
    EXPECT_EQ(dut.read32(GBPA) & GBPA_UPDATE, 0u);
}

TEST_F(Registers, ResetInputRestoresThem)
{
    dut.bring_up();
    const uint32_t idr1 = dut.read32(IDR1);
    smmu_reset(dut.smmu());
    for (uint32_t offset : {CR0, CR0ACK, IRQ_CTRL, IRQ_CTRLACK, GERROR, GERRORN})
        EXPECT_EQ(dut.read32(offset), 0u) << std::hex << offset;
    EXPECT_EQ(dut.read32(IDR1), idr1);
}

// 6.2: access rules

TEST_F(Registers, RefusesOtherSizes)
{
    for (unsigned size : {0u, 1u, 2u, 3u, 5u, 16u}) {
        EXPECT_EQ(try_read(IDR0, size), SMMU_REG_BAD_ACCESS) << size;
        EXPECT_EQ(smmu_reg_write(dut.smmu(), CR1, size, 1), SMMU_REG_BAD_ACCESS) << size;
    }
}

TEST_F(Registers, RefusesMisalignedAccesses)
{
    EXPECT_EQ(try_read(IDR0 + 1, 4), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(try_read(IDR0 + 2, 4), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(try_read(STRTAB_BASE + 4, 8), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(smmu_reg_write(dut.smmu(), STRTAB_BASE + 4, 8, 0), SMMU_REG_BAD_ACCESS);
}

TEST_F(Registers, RefusesAccessesOutsideTheFrame)
{
    EXPECT_EQ(try_read(SMMU_FRAME_SIZE - 4, 4), SMMU_REG_OK);
    EXPECT_EQ(try_read(SMMU_FRAME_SIZE, 4), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(try_read(SMMU_FRAME_SIZE - 8, 8), SMMU_REG_OK);
    EXPECT_EQ(try_read(0xfffffffc, 4), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(try_read(0xfffffff8, 8), SMMU_REG_BAD_ACCESS);
}

TEST_F(Registers, UndefinedLocationsAreZero)
{
    for (uint32_t offset : {0x34u, 0x4cu, 0x100u, 0xe00u, 0x8000u, 0xfffcu, 0x10000u, 0x1fffcu}) {
        dut.write32(offset, 0xffffffff);
        EXPECT_EQ(dut.read32(offset), 0u) << std::hex << offset;
    }
}

// 6.3.15: bypassing transactions get no attributes of the implementation's own.
TEST_F(Registers, AgbpaIsRes0)
{
    EXPECT_EQ(dut.read32(AGBPA), 0u);
    dut.write32(AGBPA, 0xffffffff);
    EXPECT_EQ(dut.read32(AGBPA), 0u);
}

TEST_F(Registers, SecureRegistersAreZeroWithoutSecureState)
{
    for (uint32_t offset : {0x8000u, 0x8004u, 0x8020u, 0x8044u, 0x8080u})
        EXPECT_EQ(dut.read32(offset), 0u) << std::hex << offset;
}

TEST_F(Registers, HalvesOf64BitRegistersAreSeparate)
{
    dut.write64(STRTAB_BASE, 0x0000123456789ac0);
    EXPECT_EQ(dut.read32(STRTAB_BASE), 0x56789ac0u);
    EXPECT_EQ(dut.read32(STRTAB_BASE + 4), 0x00001234u);
    dut.write32(STRTAB_BASE + 4, 0x4321);
    EXPECT_EQ(dut.read64(STRTAB_BASE), 0x0000432156789ac0u);
    dut.write32(STRTAB_BASE, 0x11111140);
    EXPECT_EQ(dut.read64(STRTAB_BASE), 0x0000432111111140u);
}

TEST_F(Registers, Page1HoldsTheEventQueuePointers)
{
    dut.write64(EVENTQ_BASE, 4); // 16 entries
    dut.write32(EVENTQ_PROD, 3);
    dut.write32(EVENTQ_CONS, 2);
    EXPECT_EQ(dut.read32(EVENTQ_PROD), 3u);
    EXPECT_EQ(dut.read32(EVENTQ_CONS), 2u);
}

TEST_F(Registers, ReservedBitsReadZero)
{
    const struct {
        uint32_t offset;
        uint32_t defined;
    } rows[] = {
        {CR1, 0xfff},
        {STRTAB_BASE_CFG, 0x307ff},
        {CMDQ_PROD, 0xfffff},
        {CMDQ_CONS, 0x7f0fffff},
        {EVENTQ_PROD, 0x800fffff},
        {EVENTQ_CONS, 0x800fffff},
    };
    for (const auto &row : rows) {
        dut.write32(row.offset, 0xffffffff);
        EXPECT_EQ(dut.read32(row.offset) & ~row.defined, 0u) << std::hex << row.offset;
    }
    for (uint32_t offset : {CMDQ_BASE, EVENTQ_BASE, STRTAB_BASE}) {
        dut.write64(offset, ~uint64_t{0});
        EXPECT_EQ(dut.read64(offset) & ~(uint64_t{1} << 62 | ones(56)), 0u) << std::hex << offset;
    }
    EXPECT_EQ(dut.read64(STRTAB_BASE) & 0x3f, 0u);
}

TEST_F(Registers, BaseAddressBitsAboveTheOasAreZero)
{
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = 36;
    support::device_under_test other(cfg);
    for (uint32_t offset : {CMDQ_BASE, EVENTQ_BASE, STRTAB_BASE}) {
        other.write64(offset, ~uint64_t{0});
        EXPECT_EQ(other.read64(offset) & ones(56) & ~ones(36), 0u) << std::hex << offset;
    }
}

// 6.3.9, 6.3.10

TEST_F(Registers, Cr0AckFollowsCr0)
{
    dut.write32(CR0, CR0_EVENTQEN);
    EXPECT_EQ(dut.read32(CR0ACK), CR0_EVENTQEN);
    dut.write32(CR0, 0);
    EXPECT_EQ(dut.read32(CR0ACK), 0u);
}

TEST_F(Registers, Cr0AckChangesOnlyWhenTheUpdateCompletes)
{
    ASSERT_EQ(smmu_reg_write(dut.smmu(), CR0, 4, CR0_EVENTQEN), SMMU_REG_OK);
    EXPECT_EQ(dut.read32(CR0), CR0_EVENTQEN) << "a written value is observable at once";
    EXPECT_EQ(dut.read32(CR0ACK), 0u) << "a register write only rings the doorbell";
    smmu_run(dut.smmu());
    EXPECT_EQ(dut.read32(CR0ACK), CR0_EVENTQEN);
}

TEST_F(Registers, FieldOfCr0InTransitionKeepsTheFirstValue)
{
    const auto vmw = [](uint32_t value) { return value << 6; };
    ASSERT_EQ(smmu_reg_write(dut.smmu(), CR0, 4, vmw(1)), SMMU_REG_OK);
    ASSERT_EQ(smmu_reg_write(dut.smmu(), CR0, 4, vmw(2) | CR0_EVENTQEN), SMMU_REG_OK);
    smmu_run(dut.smmu());
    EXPECT_EQ(dut.read32(CR0ACK), vmw(1) | CR0_EVENTQEN) << "other fields are independent";
    EXPECT_EQ(dut.read32(CR0), vmw(1) | CR0_EVENTQEN);
    dut.write32(CR0, vmw(2));
    EXPECT_EQ(dut.read32(CR0ACK), vmw(2));
}

TEST_F(Registers, Cr0ReservedFieldsAreNotAcknowledged)
{
    dut.write32(CR0, 0xffffffff & ~CR0_CMDQEN);
    const uint32_t vmw = 7u << 6;
    EXPECT_EQ(dut.read32(CR0ACK), CR0_SMMUEN | CR0_EVENTQEN | CR0_PRIQEN | CR0_ATSCHK | vmw);
}

TEST_F(Registers, Cr0AckIsReadOnly)
{
    dut.write32(CR0ACK, 0xffffffff);
    EXPECT_EQ(dut.read32(CR0ACK), 0u);
}

// 6.3.14

TEST_F(Registers, GbpaUpdateClearsWhenComplete)
{
    dut.write32(GBPA, GBPA_UPDATE | GBPA_ABORT);
    EXPECT_EQ(dut.read32(GBPA) & (GBPA_UPDATE | GBPA_ABORT), GBPA_ABORT);
    EXPECT_EQ(dut.translate(0, 0x1000).outcome, SMMU_ABORT);
}

TEST_F(Registers, GbpaWithoutUpdateIsIgnored)
{
    const uint32_t before = dut.read32(GBPA);
    dut.write32(GBPA, before ^ GBPA_ABORT);
    EXPECT_EQ(dut.read32(GBPA), before);
}

TEST_F(Registers, GbpaIsReadOnlyDuringItsUpdate)
{
    ASSERT_EQ(smmu_reg_write(dut.smmu(), GBPA, 4, GBPA_UPDATE | GBPA_ABORT), SMMU_REG_OK);
    ASSERT_EQ(smmu_reg_write(dut.smmu(), GBPA, 4, GBPA_UPDATE), SMMU_REG_OK);
    smmu_run(dut.smmu());
    EXPECT_EQ(dut.read32(GBPA) & (GBPA_UPDATE | GBPA_ABORT), GBPA_ABORT);
}

// 6.3.16, 6.3.18

TEST_F(Registers, IrqCtrlAckFollowsIrqCtrl)
{
    dut.write32(IRQ_CTRL, 0xffffffff);
    EXPECT_EQ(dut.read32(IRQ_CTRL), IRQ_GERROR | IRQ_PRIQ | IRQ_EVENTQ);
    EXPECT_EQ(dut.read32(IRQ_CTRLACK), IRQ_GERROR | IRQ_PRIQ | IRQ_EVENTQ);
    dut.write32(IRQ_CTRLACK, 0);
    EXPECT_EQ(dut.read32(IRQ_CTRLACK), IRQ_GERROR | IRQ_PRIQ | IRQ_EVENTQ);
}

// 6.3.19, 6.3.20

TEST_F(Registers, GerrorIsReadOnly)
{
    dut.write32(GERROR, 0xffffffff);
    EXPECT_EQ(dut.read32(GERROR), 0u);
}

TEST_F(Registers, GerrorTogglesAndIsAcknowledgedByToggling)
{
    dut.bring_up();
    const uint32_t sequence[] = {GERROR_CMDQ, 0, GERROR_CMDQ};
    for (uint32_t expected : sequence) {
        dut.submit(support::raw_command(0));
        EXPECT_EQ(dut.read32(GERROR), expected);
        EXPECT_NE(dut.read32(GERRORN), expected);
        dut.mem.store_image(dut.cmdq_base + 16 * (queue_index(dut.read32(CMDQ_CONS)) & 63),
                            support::cmd_sync());
        dut.acknowledge_gerror();
        EXPECT_EQ(dut.read32(GERRORN), expected);
    }
}

// 6.3.11, 6.3.12, 6.3.24 to 6.3.29: Guarded registers

TEST_F(Registers, GuardedRegistersIgnoreWritesWhileEnabled)
{
    dut.bring_up();
    for (uint32_t offset : {CR1, CR2, STRTAB_BASE_CFG, CMDQ_CONS, EVENTQ_PROD}) {
        const uint32_t before = dut.read32(offset);
        dut.write32(offset, before ^ 0xffffffff);
        EXPECT_EQ(dut.read32(offset), before) << std::hex << offset;
    }
    for (uint32_t offset : {STRTAB_BASE, CMDQ_BASE, EVENTQ_BASE}) {
        const uint64_t before = dut.read64(offset);
        dut.write64(offset, before ^ 0x0000fffffffffff0);
        EXPECT_EQ(dut.read64(offset), before) << std::hex << offset;
    }
}

TEST_F(Registers, GuardsHoldUntilTheDisableIsAcknowledged)
{
    dut.bring_up();
    const uint64_t before = dut.read64(STRTAB_BASE);
    ASSERT_EQ(smmu_reg_write(dut.smmu(), CR0, 4, 0), SMMU_REG_OK);
    ASSERT_EQ(smmu_reg_write(dut.smmu(), STRTAB_BASE, 8, 0x40), SMMU_REG_OK);
    EXPECT_EQ(dut.read64(STRTAB_BASE), before);
    smmu_run(dut.smmu());
    dut.write64(STRTAB_BASE, 0x40);
    EXPECT_EQ(dut.read64(STRTAB_BASE), 0x40u);
}

TEST_F(Registers, TableFieldsOfCr1AreGuardedBySmmuenOnly)
{
    dut.bring_up();
    dut.update_cr0(CR0_SMMUEN);
    dut.write32(CR1, 0);
    EXPECT_EQ(dut.read32(CR1), 0xd40u) << "queue attributes may change, table attributes not";
}

TEST_F(Registers, QueueFieldsOfCr1AreGuardedByTheQueueEnables)
{
    dut.bring_up();
    dut.update_cr0(CR0_EVENTQEN);
    dut.write32(CR1, 0);
    EXPECT_EQ(dut.read32(CR1), 0x035u);
}

TEST_F(Registers, WritesToOtherRegistersWorkWhileEnabled)
{
    dut.bring_up();
    dut.write32(EVENTQ_CONS, 0);
    dut.write32(IRQ_CTRL, 0);
    EXPECT_EQ(dut.read32(IRQ_CTRLACK), 0u);
}

} // namespace
} // namespace test_registers
