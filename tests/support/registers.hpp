// SPDX-License-Identifier: Apache-2.0
// Register offsets and fields that software uses (IHI 0070 6.2, 6.3), from the base of page 0.
#ifndef TESTS_SUPPORT_REGISTERS_HPP
#define TESTS_SUPPORT_REGISTERS_HPP

#include <cstdint>

namespace support::reg {

enum offset : uint32_t {
    IDR0 = 0x0000,
    IDR1 = 0x0004,
    IDR2 = 0x0008,
    IDR3 = 0x000c,
    IDR4 = 0x0010,
    IDR5 = 0x0014,
    IIDR = 0x0018,
    AIDR = 0x001c,
    CR0 = 0x0020,
    CR0ACK = 0x0024,
    CR1 = 0x0028,
    CR2 = 0x002c,
    S2PII = 0x0030,
    STATUSR = 0x0040,
    GBPA = 0x0044,
    AGBPA = 0x0048,
    IRQ_CTRL = 0x0050,
    IRQ_CTRLACK = 0x0054,
    GERROR = 0x0060,
    GERRORN = 0x0064,
    GERROR_IRQ_CFG0 = 0x0068,
    GERROR_IRQ_CFG1 = 0x0070,
    GERROR_IRQ_CFG2 = 0x0074,
    STRTAB_BASE = 0x0080,
    STRTAB_BASE_CFG = 0x0088,
    CMDQ_BASE = 0x0090,
    CMDQ_PROD = 0x0098,
    CMDQ_CONS = 0x009c,
    EVENTQ_BASE = 0x00a0,
    EVENTQ_IRQ_CFG0 = 0x00b0,
    EVENTQ_IRQ_CFG1 = 0x00b8,
    EVENTQ_IRQ_CFG2 = 0x00bc,
    PRIQ_BASE = 0x00c0,
    PRIQ_IRQ_CFG0 = 0x00d0,
    PRIQ_IRQ_CFG1 = 0x00d8,
    PRIQ_IRQ_CFG2 = 0x00dc,
    MPAMIDR = 0x0130,
    GMPAM = 0x0138,
    GBPMPAM = 0x013c,
    DPT_BASE = 0x0200,
    DPT_BASE_CFG = 0x0208,
    DPT_CFG_FAR = 0x0210,
    EVENTQ_PROD = 0x100a8,
    EVENTQ_CONS = 0x100ac,
    PRIQ_PROD = 0x100c8,
    PRIQ_CONS = 0x100cc,
};

enum cr0 : uint32_t {
    CR0_SMMUEN = 1u << 0,
    CR0_PRIQEN = 1u << 1,
    CR0_EVENTQEN = 1u << 2,
    CR0_CMDQEN = 1u << 3,
    CR0_ATSCHK = 1u << 4,
    CR0_DPT_WALK_EN = 1u << 10,
};
enum cr2 : uint32_t {
    CR2_E2H = 1u << 0,
    CR2_RECINVSID = 1u << 1,
    CR2_PTM = 1u << 2,
    CR2_REC_CFG_ATS = 1u << 3,
};
enum gbpa : uint32_t { GBPA_ABORT = 1u << 20, GBPA_UPDATE = 1u << 31 };
constexpr uint32_t MPAM_UPDATE = 1u << 31; // GMPAM, GBPMPAM
enum irq_ctrl : uint32_t { IRQ_GERROR = 1u << 0, IRQ_PRIQ = 1u << 1, IRQ_EVENTQ = 1u << 2 };
constexpr uint32_t PRIQ_IRQ_LO = 1u << 31; // PRIQ_IRQ_CFG2
enum gerror : uint32_t {
    GERROR_CMDQ = 1u << 0,
    GERROR_EVENTQ_ABT = 1u << 2,
    GERROR_PRIQ_ABT = 1u << 3,
    GERROR_MSI_CMDQ_ABT = 1u << 4,
    GERROR_MSI_EVENTQ_ABT = 1u << 5,
    GERROR_MSI_PRIQ_ABT = 1u << 6,
    GERROR_MSI_GERROR_ABT = 1u << 7,
    GERROR_DPT = 1u << 10,
};

// SMMU_CMDQ_CONS.ERR (IHI 0070 7.1).
enum cerror : uint32_t {
    CERROR_NONE = 0,
    CERROR_ILL = 1,
    CERROR_ABT = 2,
    CERROR_ATC_INV_SYNC = 3,
};

constexpr uint32_t EVENTQ_OVERFLOW = 1u << 31; // OVFLG of PROD, OVACKFLG of CONS
constexpr uint32_t PRIQ_OVERFLOW = 1u << 31;

constexpr uint32_t cmdq_cons_err(uint32_t cons)
{
    return cons >> 24 & 0x7f;
}
constexpr uint32_t queue_index(uint32_t reg)
{
    return reg & 0xfffff;
} // with the wrap bit

} // namespace support::reg

#endif
