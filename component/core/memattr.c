/* SPDX-License-Identifier: Apache-2.0 */
/* Memory attributes (IHI 0070 13). All functions are pure. */
#include "memattr.h"

/* Halves of a MAIR byte. */
enum {
    MAIR_NC = 0x4,
    MAIR_WT = 0x8, /* with RA in bit 1, WA in bit 0 */
    MAIR_WB = 0xc,
};

static bool is_device(uint8_t mair)
{
    return (mair & 0xf0) == 0;
}

struct smmu_memattr memattr_consistent(struct smmu_memattr attr)
{
    if (is_device(attr.mair) || attr.mair == SMMU_MAIR_NORMAL_NC)
        attr.sh = SMMU_SH_OUTER;
    else if (attr.sh == 1)
        attr.sh = SMMU_SH_NON;
    return attr;
}

static struct smmu_memattr from_halves(unsigned inner, unsigned outer, unsigned sh)
{
    struct smmu_memattr attr = {.mair = (uint8_t)(outer << 4 | inner), .sh = (uint8_t)sh};
    return memattr_consistent(attr);
}

/* CDs are only read: no Write-Allocate. */
struct smmu_memattr memattr_cd_access(unsigned inner, unsigned outer, unsigned sh)
{
    static const uint8_t half[] = {MAIR_NC, MAIR_WB | MAIR_RA, MAIR_WT | MAIR_RA, MAIR_WB};
    return from_halves(half[inner], half[outer], sh);
}

struct smmu_memattr memattr_walk_access(unsigned inner, unsigned outer, unsigned sh)
{
    static const uint8_t half[] = {MAIR_NC, MAIR_WB | MAIR_RA | MAIR_WA, MAIR_WT | MAIR_RA,
                                   MAIR_WB | MAIR_RA};
    return from_halves(half[inner], half[outer], sh);
}

struct smmu_memattr memattr_cr1_access(unsigned inner, unsigned outer, unsigned sh, unsigned hints)
{
    static const uint8_t half[] = {MAIR_NC, MAIR_WB, MAIR_WT, MAIR_NC};
    unsigned in = half[inner] == MAIR_NC ? MAIR_NC : half[inner] | hints;
    unsigned out = half[outer] == MAIR_NC ? MAIR_NC : half[outer] | hints;
    return from_halves(in, out, sh);
}

uint8_t memattr_mair(uint8_t attr)
{
    if (is_device(attr))
        return attr & 0x0c; /* 0b00RW to 0b11RW: the Device type of bits [3:2] */
    if ((attr & 0x0f) == 0)
        return (attr & 0xf0) | 0x3; /* inner Write-Through Transient, RW = 0b11 */
    return attr;
}
