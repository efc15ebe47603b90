// SPDX-License-Identifier: Apache-2.0
// Registers of features that an SMMU does not have (IHI 0070 6.3): one row for each part of a
// register that depends on a feature. Numbers are those the sections print.
#include "core/absent_features.hpp"
#include "core/core_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_absent_registers {
namespace {

// --- registers ----------------------------------------------------------------------------------

constexpr uint64_t all = ~uint64_t{0};

struct register_row {
    const char *name;
    absent::removal remove;
    uint32_t offset;
    unsigned size;
    uint64_t mask; // bits that belong to the feature
};

void PrintTo(const register_row &row, std::ostream *out)
{
    *out << row.name;
}

const register_row register_rows[] = {
    // 6.3.9
    {"CR0_PRIQEN", absent::pri, 0x20, 4, 1u << 1},
    {"CR0_ATSCHK", absent::ats, 0x20, 4, 1u << 4},
    {"CR0_VMW", absent::vmw, 0x20, 4, 7u << 6},
    {"CR0_VMW_of_stage_2", absent::stage2, 0x20, 4, 7u << 6},
    // 6.3.12
    {"CR2_E2H", absent::hyp, 0x2c, 4, 1u << 0},
    {"CR2_E2H_of_stage_1", absent::stage1, 0x2c, 4, 1u << 0},
    {"CR2_E2H_of_stage_2", absent::stage2, 0x2c, 4, 1u << 0},
    {"CR2_PTM", absent::btm, 0x2c, 4, 1u << 2},
    {"CR2_REC_CFG_ATS", absent::ats_records, 0x2c, 4, 1u << 3},
    {"CR2_REC_CFG_ATS_of_ATS", absent::ats, 0x2c, 4, 1u << 3},
    // 6.3.14
    {"GBPA_MemAttr", absent::type_overrides, 0x44, 4, 0xf},
    {"GBPA_MTCFG", absent::type_overrides, 0x44, 4, 1u << 4},
    {"GBPA_ALLOCCFG", absent::type_overrides, 0x44, 4, 0xfu << 8},
    {"GBPA_SHCFG", absent::type_overrides, 0x44, 4, 3u << 12},
    {"GBPA_PRIVCFG", absent::permission_overrides, 0x44, 4, 3u << 16},
    {"GBPA_INSTCFG", absent::permission_overrides, 0x44, 4, 3u << 18},
    // 6.3.16, 6.3.20
    {"IRQ_CTRL_PRIQ_IRQEN", absent::pri, 0x50, 4, 1u << 1},
    {"GERRORN_PRIQ_ABT_ERR", absent::pri, 0x64, 4, 1u << 3},
    {"GERRORN_MSI_PRIQ_ABT_ERR_of_PRI", absent::pri, 0x64, 4, 1u << 6},
    {"GERRORN_MSI_CMDQ_ABT_ERR", absent::msi, 0x64, 4, 1u << 4},
    {"GERRORN_MSI_EVENTQ_ABT_ERR", absent::msi, 0x64, 4, 1u << 5},
    {"GERRORN_MSI_PRIQ_ABT_ERR_of_MSI", absent::msi, 0x64, 4, 1u << 6},
    {"GERRORN_MSI_GERROR_ABT_ERR", absent::msi, 0x64, 4, 1u << 7},
    {"GERRORN_CMDQP_ERR", absent::enhanced_queues, 0x64, 4, 1u << 9},
    // 6.3.21 to 6.3.23, 6.3.30 to 6.3.32, 6.3.34 to 6.3.36
    {"GERROR_IRQ_CFG0", absent::msi, 0x68, 8, ones(52) & ~ones(2)},
    {"GERROR_IRQ_CFG0_ADDR", absent::addresses_above_36_bits, 0x68, 8, ones(52) & ~ones(36)},
    {"GERROR_IRQ_CFG1", absent::msi, 0x70, 4, ones(32)},
    {"GERROR_IRQ_CFG2", absent::msi, 0x74, 4, ones(6)},
    {"EVENTQ_IRQ_CFG0", absent::msi, 0xb0, 8, ones(52) & ~ones(2)},
    {"EVENTQ_IRQ_CFG0_ADDR", absent::addresses_above_36_bits, 0xb0, 8, ones(52) & ~ones(36)},
    {"EVENTQ_IRQ_CFG1", absent::msi, 0xb8, 4, ones(32)},
    {"EVENTQ_IRQ_CFG2", absent::msi, 0xbc, 4, ones(6)},
    {"PRIQ_IRQ_CFG0_of_MSI", absent::msi, 0xd0, 8, ones(52) & ~ones(2)},
    {"PRIQ_IRQ_CFG0_of_PRI", absent::pri, 0xd0, 8, ones(52) & ~ones(2)},
    {"PRIQ_IRQ_CFG0_ADDR", absent::addresses_above_36_bits, 0xd0, 8, ones(52) & ~ones(36)},
    {"PRIQ_IRQ_CFG1_of_MSI", absent::msi, 0xd8, 4, ones(32)},
    {"PRIQ_IRQ_CFG1_of_PRI", absent::pri, 0xd8, 4, ones(32)},
    {"PRIQ_IRQ_CFG2_of_MSI", absent::msi, 0xdc, 4, ones(6)},
    {"PRIQ_IRQ_CFG2_of_PRI", absent::pri, 0xdc, 4, 1u << 31 | ones(6)},
    // 6.3.24 to 6.3.29, 6.3.33, 6.3.97, 6.3.98
    {"STRTAB_BASE_ADDR", absent::addresses_above_36_bits, 0x80, 8, ones(52) & ~ones(36)},
    {"STRTAB_BASE_CFG_FMT", absent::two_level_streams, 0x88, 4, 3u << 16},
    {"STRTAB_BASE_CFG_SPLIT", absent::two_level_streams, 0x88, 4, 0x1fu << 6},
    {"CMDQ_BASE_ADDR", absent::addresses_above_36_bits, 0x90, 8, ones(52) & ~ones(36)},
    {"EVENTQ_BASE_ADDR", absent::addresses_above_36_bits, 0xa0, 8, ones(52) & ~ones(36)},
    {"PRIQ_BASE", absent::pri, 0xc0, 8, uint64_t{1} << 62 | ones(52)},
    {"PRIQ_BASE_ADDR", absent::addresses_above_36_bits, 0xc0, 8, ones(52) & ~ones(36)},
    {"PRIQ_PROD", absent::pri, 0x100c8, 4, 1u << 31 | ones(20)},
    {"PRIQ_CONS", absent::pri, 0x100cc, 4, 1u << 31 | ones(20)},
    // 6.3.38, 6.3.39
    {"GATOS_SID", absent::atos, 0x108, 8, ones(53)},
    {"GATOS_SID_SSID_VALID", absent::substreams, 0x108, 8, uint64_t{1} << 52},
    {"GATOS_SID_SUBSTREAMID", absent::substreams, 0x108, 8, ones(52) & ~ones(32)},
    {"GATOS_SID_SUBSTREAMID_high", absent::wide_ids, 0x108, 8, ones(52) & ~ones(36)},
    {"GATOS_SID_STREAMID_high", absent::wide_ids, 0x108, 8, ones(32) & ~ones(8)},
    {"GATOS_ADDR", absent::atos, 0x110, 8, all & ~ones(6)},
    // 6.3.42, 6.3.43
    {"GMPAM", absent::mpam, 0x138, 4, 0xffffff},
    {"GMPAM_SO_PMG", absent::pmgs, 0x138, 4, 0xff0000},
    {"GMPAM_SO_PMG_high", absent::wide_labels, 0x138, 4, 0xf00000},
    {"GMPAM_SO_PARTID", absent::partids, 0x138, 4, 0xffff},
    {"GMPAM_SO_PARTID_high", absent::wide_labels, 0x138, 4, 0xffc0},
    {"GBPMPAM", absent::mpam, 0x13c, 4, 0xffffff},
    {"GBPMPAM_GBP_PMG", absent::pmgs, 0x13c, 4, 0xff0000},
    {"GBPMPAM_GBP_PMG_high", absent::wide_labels, 0x13c, 4, 0xf00000},
    {"GBPMPAM_GBP_PARTID", absent::partids, 0x13c, 4, 0xffff},
    {"GBPMPAM_GBP_PARTID_high", absent::wide_labels, 0x13c, 4, 0xffc0},
    // 6.3.44, 6.3.100, 6.3.101
    {"VATOS_SEL", absent::vatos, 0x180, 4, ones(16)},
    {"VATOS_SEL_VMID_high", absent::vmid16, 0x180, 4, 0xff00},
    {"VATOS_SID", absent::vatos, 0x20a08, 8, ones(53)},
    {"VATOS_SID_SSID_VALID", absent::substreams, 0x20a08, 8, uint64_t{1} << 52},
    {"VATOS_SID_SUBSTREAMID", absent::substreams, 0x20a08, 8, ones(52) & ~ones(32)},
    {"VATOS_SID_SUBSTREAMID_high", absent::wide_ids, 0x20a08, 8, ones(52) & ~ones(36)},
    {"VATOS_SID_STREAMID_high", absent::wide_ids, 0x20a08, 8, ones(32) & ~ones(8)},
    {"VATOS_ADDR", absent::vatos, 0x20a10, 8, all & ~ones(6)},
};

uint64_t read_register(device_under_test &dut, uint32_t offset, unsigned size)
{
    return size == 8 ? dut.read64(offset) : dut.read32(offset);
}

// What a register holds once software has written ones everywhere. CR2.PTM resets to 1.
uint64_t after_ones(absent::removal remove, uint32_t offset, unsigned size)
{
    device_under_test dut(absent::without(remove));
    for (uint32_t base : {0x90u, 0xa0u, 0xc0u}) // queues of the largest size
        dut.write64(base, all);
    if (size == 8)
        dut.write64(offset, all);
    else
        dut.write32(offset, 0xffffffff);
    return read_register(dut, offset, size);
}

class AbsentRegisters : public testing::TestWithParam<register_row> {};

TEST_P(AbsentRegisters, AreRes0)
{
    const auto &row = GetParam();
    EXPECT_EQ(after_ones(row.remove, row.offset, row.size) & row.mask, 0u);
    EXPECT_EQ(after_ones(absent::nothing, row.offset, row.size) & row.mask, row.mask)
        << "with the feature they are there";
}

INSTANTIATE_TEST_SUITE_P(Fields, AbsentRegisters, testing::ValuesIn(register_rows),
                         [](const auto &info) { return info.param.name; });

// Registers and fields of features that the largest SMMU has not.

TEST(UnimplementedRegisters, AreRes0)
{
    const struct {
        uint32_t offset;
        uint32_t defined; // by what this SMMU can have
    } rows[] = {
        {0x20, 0x1df},         // CR0, DPT_WALK_EN of a DPT aside
        {0x28, 0xfff},         // CR1
        {0x2c, 0xf},           // CR2
        {0x40, 0},             // STATUSR
        {0x44, 0x1f3f1f},      // GBPA
        {0x48, 0},             // AGBPA
        {0x50, 0x7},           // IRQ_CTRL
        {0x64, 0x3fd},         // GERRORN, DPT_ERR aside
        {0x88, 0x307ff},       // STRTAB_BASE_CFG
        {0x100, 0},            // GATOS_CTRL.RUN needs SMMUEN (6.3.37)
        {0x130, 0xffffff},     // MPAMIDR
        {0x138, 0xffffff},     // GMPAM
        {0x13c, 0xffffff},     // GBPMPAM
        {0x180, 0xffff},       // VATOS_SEL
        {0x200, 0},            // DPT_BASE
        {0x208, 0},            // DPT_BASE_CFG
        {0x210, 0},            // DPT_CFG_FAR
        {0x8000, 0},           // S_IDR0
        {0x8020, 0},           // S_CR0
        {0x100a8, 0x800fffff}, // EVENTQ_PROD
    };
    for (const auto &row : rows)
        EXPECT_EQ(after_ones(absent::nothing, row.offset, 4) & ~uint64_t{row.defined}, 0u)
            << std::hex << row.offset;
}

// 6.3.27, 6.3.28, 6.3.97, 6.3.98: bits above the wrap flag of a queue of 2^QS entries.

TEST(QueueIndexes, HaveTheBitsOfTheirQueue)
{
    const struct {
        uint32_t base, index;
    } rows[] = {{0x90, 0x98},    {0x90, 0x9c},    {0xa0, 0x100a8},
                {0xa0, 0x100ac}, {0xc0, 0x100c8}, {0xc0, 0x100cc}};
    for (const auto &row : rows) {
        device_under_test dut(absent::without(absent::nothing));
        for (unsigned qs : {0u, 3u, 18u, 19u}) {
            dut.write64(row.base, qs);
            dut.write32(row.index, 0xfffff);
            EXPECT_EQ(dut.read32(row.index), qs == 19 ? ones(20) : ones(qs + 1)) << row.index << qs;
        }
        dut.write64(row.base, 2); // 6.3.27: of a smaller queue, the truncation of what was there
        EXPECT_EQ(dut.read32(row.index), 7u) << std::hex << row.index;
    }
}

TEST(QueueIndexes, AreCappedByTheLargestQueue)
{
    smmu_config cfg = absent::without(absent::nothing);
    cfg.cmdq_log2_max = 5;
    cfg.evtq_log2_max = 6;
    cfg.priq_log2_max = 7;
    device_under_test dut(cfg);
    const struct {
        uint32_t base, index, last;
    } rows[] = {{0x90, 0x98, 0x3f}, {0xa0, 0x100ac, 0x7f}, {0xc0, 0x100cc, 0xff}};
    for (const auto &row : rows) {
        dut.write64(row.base, 31);
        dut.write32(row.index, 0xfffff);
        EXPECT_EQ(dut.read32(row.index), row.last) << std::hex << row.index;
    }
}

// 6.3.36, and the note on MSI in 6.3.1.

TEST(PriqIrqCfg2, LastOnlyGovernsTheWiredInterruptToo)
{
    for (bool last_only : {false, true}) {
        device_under_test dut(absent::without(absent::msi));
        bring_up_options options;
        options.cr0 = CR0_PRIQEN;
        options.irq_ctrl = 0;
        dut.bring_up(options);
        dut.write32(0xdc, last_only ? 1u << 31 : 0);
        dut.write32(0x50, 1u << 1);
        dut.irqs.clear();
        smmu_page_request request{};
        request.sid = 1;
        request.r = true;
        smmu_request_page(dut.smmu(), &request);
        EXPECT_EQ(dut.irqs.size(), last_only ? 0u : 1u);
        request.last = true;
        smmu_request_page(dut.smmu(), &request);
        EXPECT_EQ(dut.irqs.size(), 1u);
    }
}

// 6.3.40, 6.3.102: results exist where operations do.

TEST(AbsentAtos, GivesNoResult)
{
    const struct {
        absent::removal remove;
        uint32_t ctrl, par;
        bool works;
    } rows[] = {{absent::nothing, 0x100, 0x118, true},
                {absent::nothing, 0x20a00, 0x20a18, true},
                {absent::atos, 0x100, 0x118, false},
                {absent::vatos, 0x20a00, 0x20a18, false}};
    for (const auto &row : rows) {
        device_under_test dut(absent::without(row.remove));
        dut.bring_up();
        dut.write32(row.ctrl, 1); // TYPE 0b00: INV_REQ
        EXPECT_EQ(dut.read64(row.par), row.works ? 0xff1u : 0u);
    }
}

// --- ID registers -------------------------------------------------------------------------------

struct id_row {
    const char *name;
    absent::removal remove;
    uint32_t offset;
    unsigned high, low;
    uint64_t with, less;
};

void PrintTo(const id_row &row, std::ostream *out)
{
    *out << row.name;
}

const id_row id_rows[] = {
    {"S2P", absent::stage2, 0x0, 0, 0, 1, 0},
    {"S1P", absent::stage1, 0x0, 1, 1, 1, 0},
    {"TTF", absent::vmsa32, 0x0, 3, 2, 3, 2},
    {"COHACC", absent::coherency, 0x0, 4, 4, 1, 0},
    {"BTM", absent::btm, 0x0, 5, 5, 1, 0},
    {"HTTU", absent::updates, 0x0, 7, 6, 3, 0},
    {"HTTU_dirty", absent::dirty_updates, 0x0, 7, 6, 3, 1},
    {"HTTU_tables", absent::table_updates, 0x0, 7, 6, 3, 2},
    {"DORMHINT", absent::silence_when_dormant, 0x0, 8, 8, 0, 1},
    {"Hyp", absent::hyp, 0x0, 9, 9, 1, 0},
    {"Hyp_of_stage_1", absent::stage1, 0x0, 9, 9, 1, 0},
    {"Hyp_of_stage_2", absent::stage2, 0x0, 9, 9, 1, 0},
    {"ATS", absent::ats, 0x0, 10, 10, 1, 0},
    {"NS1ATS", absent::split_stage_ats, 0x0, 11, 11, 0, 1},
    {"ASID16", absent::asid16, 0x0, 12, 12, 1, 0},
    {"MSI", absent::msi, 0x0, 13, 13, 1, 0},
    {"SEV", absent::sev, 0x0, 14, 14, 1, 0},
    {"ATOS", absent::atos, 0x0, 15, 15, 1, 0},
    {"PRI", absent::pri, 0x0, 16, 16, 1, 0},
    {"PRI_of_ATS", absent::ats, 0x0, 16, 16, 1, 0},
    {"VMW", absent::vmw, 0x0, 17, 17, 1, 0},
    {"VMW_of_stage_2", absent::stage2, 0x0, 17, 17, 1, 0},
    {"VMID16", absent::vmid16, 0x0, 18, 18, 1, 0},
    {"CD2L", absent::two_level_cds, 0x0, 19, 19, 1, 0},
    {"VATOS", absent::vatos, 0x0, 20, 20, 1, 0},
    {"VATOS_of_ATOS", absent::atos, 0x0, 20, 20, 1, 0},
    {"TTENDIAN_little", absent::big_endian, 0x0, 22, 21, 0, 2},
    {"TTENDIAN_big", absent::little_endian, 0x0, 22, 21, 0, 3},
    {"ATSRECERR", absent::ats_records, 0x0, 23, 23, 1, 0},
    {"ATSRECERR_of_ATS", absent::ats, 0x0, 23, 23, 1, 0},
    {"STALL_MODEL_terminate", absent::stalls, 0x0, 25, 24, 0, 1},
    {"STALL_MODEL_stall", absent::termination, 0x0, 25, 24, 0, 2},
    {"TERM_MODEL", absent::razwi, 0x0, 26, 26, 0, 1},
    {"ST_LEVEL", absent::two_level_streams, 0x0, 28, 27, 1, 0},
    {"SIDSIZE", absent::wide_ids, 0x4, 5, 0, 32, 8},
    {"SSIDSIZE", absent::substreams, 0x4, 10, 6, 20, 0},
    {"PRIQS", absent::pri, 0x4, 15, 11, 19, 0},
    {"ATTR_PERMS_OVR", absent::permission_overrides, 0x4, 26, 26, 1, 0},
    {"ATTR_TYPES_OVR", absent::type_overrides, 0x4, 27, 27, 1, 0},
    {"ECMDQ", absent::enhanced_queues, 0x4, 31, 31, 1, 0},
    {"HAD", absent::stage1, 0xc, 2, 2, 1, 0},
    {"HAD_of_later_versions", absent::later_versions, 0xc, 2, 2, 1, 0},
    {"PBHA", absent::pbha, 0xc, 3, 3, 1, 0},
    {"XNX", absent::stage2, 0xc, 4, 4, 1, 0},
    {"XNX_of_later_versions", absent::later_versions, 0xc, 4, 4, 1, 0},
    {"PPS_of_PRI", absent::pri, 0xc, 5, 5, 1, 0},
    {"PPS_of_substreams", absent::substreams, 0xc, 5, 5, 1, 0},
    {"MPAM", absent::mpam, 0xc, 7, 7, 1, 0},
    {"MPAM_of_later_versions", absent::before_v32, 0xc, 7, 7, 1, 0},
    {"PARTID_MAX", absent::wide_labels, 0x130, 15, 0, 0xffff, 0x34},
    {"PARTID_MAX_of_MPAM", absent::mpam, 0x130, 15, 0, 0xffff, 0},
    {"PMG_MAX", absent::wide_labels, 0x130, 23, 16, 0xff, 0xf},
    {"PMG_MAX_of_MPAM", absent::mpam, 0x130, 23, 16, 0xff, 0},
    {"FWB", absent::forced_write_back, 0xc, 8, 8, 1, 0},
    {"STT", absent::small_tables, 0xc, 9, 9, 1, 0},
    {"RIL", absent::ranges, 0xc, 10, 10, 1, 0},
    {"E0PD", absent::closed_halves, 0xc, 13, 13, 1, 0},
    {"PTWNNC", absent::walks_as_normal_memory, 0xc, 14, 14, 1, 0},
    {"PTWNNC_of_stage_2", absent::stage2, 0xc, 14, 14, 1, 0},
    {"PASIDTT", absent::translated_pasids, 0xc, 16, 16, 1, 0},
    {"PASIDTT_of_ATS", absent::ats, 0xc, 16, 16, 1, 0},
    {"PASIDTT_of_substreams", absent::substreams, 0xc, 16, 16, 1, 0},
    {"EPAN", absent::epan, 0xc, 17, 17, 1, 0},
    {"MTEPERM", absent::tag_denials, 0xc, 22, 22, 1, 0},
    {"MTEPERM_of_stage_2", absent::stage2, 0xc, 22, 22, 1, 0},
    {"AIE", absent::aie, 0xc, 23, 23, 1, 0},
    {"AIE_of_stage_1", absent::stage1, 0xc, 23, 23, 1, 0},
    {"S1PI", absent::s1_indirections, 0xc, 18, 18, 1, 0},
    {"S1PI_of_stage_1", absent::stage1, 0xc, 18, 18, 1, 0},
    {"S2PI", absent::s2_indirections, 0xc, 19, 19, 1, 0},
    {"S2PI_of_stage_2", absent::stage2, 0xc, 19, 19, 1, 0},
    {"S2PO", absent::overlays, 0xc, 20, 20, 1, 0},
    {"S2PO_of_indirections", absent::s2_indirections, 0xc, 20, 20, 1, 0},
    {"THE", absent::hardening, 0xc, 21, 21, 1, 0},
    {"THE_of_stage_1", absent::stage1, 0xc, 21, 21, 1, 0},
    {"BBML", absent::block_sizes, 0xc, 12, 11, 2, 0},
    {"OAS", absent::addresses_above_36_bits, 0x14, 2, 0, 6, 1},
    {"GRAN16K", absent::granule_16k, 0x14, 5, 5, 1, 0},
    {"GRAN64K", absent::granule_64k, 0x14, 6, 6, 1, 0},
    {"VAX", absent::vax52, 0x14, 11, 10, 1, 0},
    {"LOG2NUMP", absent::enhanced_queues, 0x190, 27, 24, 1, 0},
    {"LOG2NUMQ", absent::enhanced_queues, 0x190, 19, 16, 3, 0},
    {"DS", absent::ds, 0x14, 7, 7, 1, 0},
    {"ArchMinorRev", absent::later_versions, 0x1c, 7, 0, 4, 0},
    {"STALL_MAX", absent::stalls, 0x14, 31, 16, 1024, 0},
};

class AbsentIds : public testing::TestWithParam<id_row> {};

TEST_P(AbsentIds, ReadAsAbsent)
{
    const auto &row = GetParam();
    device_under_test with(absent::without(absent::nothing));
    device_under_test less(absent::without(row.remove));
    const uint64_t mask = ones(row.high - row.low + 1);
    EXPECT_EQ(with.read32(row.offset) >> row.low & mask, row.with);
    EXPECT_EQ(less.read32(row.offset) >> row.low & mask, row.less);
}

INSTANTIATE_TEST_SUITE_P(Fields, AbsentIds, testing::ValuesIn(id_rows),
                         [](const auto &info) { return info.param.name; });

// 6.3.25: with linear tables alone, what would be a 2-level table is a linear one.

TEST(StreamTableFormat, IsLinearWithoutTwoLevelTables)
{
    device_under_test dut(absent::without(absent::two_level_streams));
    dut.bring_up({{6, 0}});
    dut.update_cr0(0);
    dut.write32(0x88, 0x10186); // FMT 2-level, SPLIT 6, 64 entries
    dut.set_ste(9, ste{});
    dut.update_cr0(CR0_SMMUEN);
    expect_forward(dut.translate(9, 0x1234), 0x1234);
}

// 3.17: no part in broadcast TLB maintenance.

TEST(AbsentBroadcasts, InvalidateNothing)
{
    for (absent::removal remove : {absent::nothing, absent::btm}) {
        device_under_test dut(absent::without(remove));
        bring_up_options options;
        options.cr2 = CR2_RECINVSID;
        dut.bring_up(options);
        smmu_dvm all_of_el1{};
        smmu_broadcast_tlbi(dut.smmu(), &all_of_el1);
        EXPECT_EQ(smmu_get_stats(dut.smmu())->broadcasts, remove == absent::nothing ? 1u : 0u);
    }
}

} // namespace
} // namespace test_absent_registers
