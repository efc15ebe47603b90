/* SPDX-License-Identifier: Apache-2.0 */
/* The controls by which EL2 traps accesses to system registers, and the rows of sysreg_trap.def. */
#include "sysreg/sysreg_trap.h"

#include "state/el2.h"
#include "state/sysreg_fields.h"
#include "sysreg/sysreg.h"

enum control {
    TRAP_NONE,
    TRAP_TVM,
    TRAP_TRVM,
    TRAP_TID1,
    TRAP_TID2,
    TRAP_TID3,
    TRAP_TACR,
    TRAP_TCPAC,
    TRAP_TSW,
    TRAP_TPCP,
    TRAP_TPU,
    TRAP_TDZ,
    TRAP_TTLB,
    TRAP_EL1PCTEN,
    TRAP_EL1PCEN,
    TRAP_TDRA,
    TRAP_TDOSA,
    TRAP_TDA,
    TRAP_TPM,
    TRAP_TPMCR,
    TRAP_TC,
    TRAP_TALL0,
    TRAP_TALL1,
    TRAP_TDIR,
};

static const struct {
    uint16_t reg;
    bool when_clear; /* a bit that permits, rather than one that traps */
    uint64_t any_of;
} controls[] = {
    [TRAP_TVM] = {SR_HCR_EL2, false, HCR_TVM},
    [TRAP_TRVM] = {SR_HCR_EL2, false, HCR_TRVM},
    [TRAP_TID1] = {SR_HCR_EL2, false, HCR_TID1},
    [TRAP_TID2] = {SR_HCR_EL2, false, HCR_TID2},
    [TRAP_TID3] = {SR_HCR_EL2, false, HCR_TID3},
    [TRAP_TACR] = {SR_HCR_EL2, false, HCR_TACR},
    [TRAP_TCPAC] = {SR_CPTR_EL2, false, CPTR_TCPAC},
    [TRAP_TSW] = {SR_HCR_EL2, false, HCR_TSW},
    [TRAP_TPCP] = {SR_HCR_EL2, false, HCR_TPCP},
    [TRAP_TPU] = {SR_HCR_EL2, false, HCR_TPU},
    [TRAP_TDZ] = {SR_HCR_EL2, false, HCR_TDZ},
    [TRAP_TTLB] = {SR_HCR_EL2, false, HCR_TTLB},
    [TRAP_EL1PCTEN] = {SR_CNTHCTL_EL2, true, CNTHCTL_EL1PCTEN},
    [TRAP_EL1PCEN] = {SR_CNTHCTL_EL2, true, CNTHCTL_EL1PCEN},
    [TRAP_TDRA] = {SR_MDCR_EL2, false, MDCR_TDRA | MDCR_TDE},
    [TRAP_TDOSA] = {SR_MDCR_EL2, false, MDCR_TDOSA | MDCR_TDE},
    [TRAP_TDA] = {SR_MDCR_EL2, false, MDCR_TDA | MDCR_TDE},
    [TRAP_TPM] = {SR_MDCR_EL2, false, MDCR_TPM},
    [TRAP_TPMCR] = {SR_MDCR_EL2, false, MDCR_TPM | MDCR_TPMCR},
    [TRAP_TC] = {SR_ICH_HCR_EL2, false, ICH_HCR_TC},
    [TRAP_TALL0] = {SR_ICH_HCR_EL2, false, ICH_HCR_TALL0},
    [TRAP_TALL1] = {SR_ICH_HCR_EL2, false, ICH_HCR_TALL1},
    [TRAP_TDIR] = {SR_ICH_HCR_EL2, false, ICH_HCR_TDIR | ICH_HCR_TC},
};

const uint8_t sysreg_trap_control[SYSREG_COUNT][2] = {
#define SYSREG_TRAP(name, read, write)                                                             \
    [SR_##name] = {[SYSREG_READ] = TRAP_##read, [SYSREG_WRITE] = TRAP_##write},
#include "sysreg/sysreg_trap.def"
};

/* Encodings without a row: reserved identification registers read as zero, so that TID3 has them;
 * of those that are IMPLEMENTATION DEFINED there are none, and EL0's are UNDEFINED. */
static bool rowless_trapped(const struct a64_cpu *c, unsigned id, enum sysreg_direction direction)
{
    if (c->el != 1)
        return false;
    if (id == SYSREG_RESERVED_ID)
        return direction == SYSREG_READ && (el2_hcr(c) & HCR_TID3);
    return id == SYSREG_IMPDEF_ID && (el2_hcr(c) & HCR_TIDCP);
}

bool sysreg_trapped(const struct a64_cpu *c, unsigned id, enum sysreg_direction direction)
{
    if (id >= SYSREG_COUNT)
        return rowless_trapped(c, id, direction);
    unsigned control = sysreg_trap_control[id][direction];
    if (control == TRAP_NONE || c->el == 2)
        return false;
    bool set = c->sysreg[controls[control].reg] & controls[control].any_of;
    return set != controls[control].when_clear;
}
