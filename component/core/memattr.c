/* SPDX-License-Identifier: Apache-2.0 */
/* Memory attributes (IHI 0070 13). Normal types are worked on in two halves, outer and inner, each
 * a cacheability with allocation hints. */
#include "memattr.h"

/* Cacheability, stronger first (13.1.5). */
enum cache { CACHE_NC, CACHE_WT, CACHE_WB };

struct half {
    enum cache cache;
    bool ra, wa, transient;
};

/* --- halves of MAIR bytes (DDI 0487, MAIR_ELx) ---------------------------------------------------
 */

static struct half half_decode(unsigned nibble)
{
    bool ra = (nibble & MAIR_RA) != 0;
    bool wa = (nibble & MAIR_WA) != 0;
    switch (nibble >> 2) {
    case 0:
        return (struct half){CACHE_WT, ra, wa, true};
    case 1:
        return ra || wa ? (struct half){CACHE_WB, ra, wa, true} : (struct half){.cache = CACHE_NC};
    case 2:
        return (struct half){CACHE_WT, ra, wa, false};
    default:
        return (struct half){CACHE_WB, ra, wa, false};
    }
}

static unsigned half_encode(struct half half)
{
    unsigned hints = (half.ra ? MAIR_RA : 0) | (half.wa ? MAIR_WA : 0);
    bool transient = half.transient && hints != 0; /* 13.1.7 */
    if (half.cache == CACHE_NC)
        return 0x4;
    if (half.cache == CACHE_WT)
        return (transient ? 0x0 : 0x8) | hints;
    return (transient ? 0x4 : 0xc) | hints;
}

static struct half outer_of(struct smmu_memattr attr)
{
    return half_decode(attr.mair >> 4);
}

static struct half inner_of(struct smmu_memattr attr)
{
    return half_decode(attr.mair & 0xf);
}

static struct smmu_memattr normal(struct half outer, struct half inner, unsigned sh)
{
    struct smmu_memattr attr = {.mair = (uint8_t)(half_encode(outer) << 4 | half_encode(inner)),
                                .sh = (uint8_t)sh};
    return memattr_consistent(attr);
}

static bool is_device(struct smmu_memattr attr)
{
    return (attr.mair & 0xf0) == 0;
}

struct smmu_memattr memattr_consistent(struct smmu_memattr attr)
{
    if (is_device(attr) || attr.mair == SMMU_MAIR_NORMAL_NC)
        attr.sh = SMMU_SH_OUTER;
    else if (attr.sh == 1)
        attr.sh = SMMU_SH_NON;
    return attr;
}

/* --- encodings ----------------------------------------------------------------------------------
 */

/* CDs are only read: no Write-Allocate. */
struct smmu_memattr memattr_cd_access(unsigned inner, unsigned outer, unsigned sh)
{
    static const struct half half[] = {{.cache = CACHE_NC},
                                       {.cache = CACHE_WB, .ra = true},
                                       {.cache = CACHE_WT, .ra = true},
                                       {.cache = CACHE_WB}};
    return normal(half[outer], half[inner], sh);
}

struct smmu_memattr memattr_walk_access(unsigned inner, unsigned outer, unsigned sh)
{
    static const struct half half[] = {{.cache = CACHE_NC},
                                       {.cache = CACHE_WB, .ra = true, .wa = true},
                                       {.cache = CACHE_WT, .ra = true},
                                       {.cache = CACHE_WB, .ra = true}};
    return normal(half[outer], half[inner], sh);
}

struct smmu_memattr memattr_cr1_access(unsigned inner, unsigned outer, unsigned sh, unsigned hints)
{
    static const enum cache cache[] = {CACHE_NC, CACHE_WB, CACHE_WT, CACHE_NC};
    bool ra = (hints & MAIR_RA) != 0;
    bool wa = (hints & MAIR_WA) != 0;
    return normal((struct half){cache[outer], ra, wa, false},
                  (struct half){cache[inner], ra, wa, false}, sh);
}

uint8_t memattr_mair(uint8_t attr)
{
    if ((attr & 0xf0) == 0)
        return attr & 0x0c; /* 0b00RW to 0b11RW: the Device type of bits [3:2] */
    if ((attr & 0x0f) == 0)
        return (attr & 0xf0) | 0x3; /* inner Write-Through Transient, RW = 0b11 */
    return attr;
}

/* --- operations ---------------------------------------------------------------------------------
 */

static struct half combine_hints(struct half a, struct half b)
{
    a.ra = a.ra && b.ra;
    a.wa = a.wa && b.wa;
    a.transient = a.transient || b.transient;
    return a;
}

/* A half that is not cached has no hints to give, so it counts as "allocate, not transient". */
static struct half hints_of(struct half half)
{
    return half.cache == CACHE_NC ? (struct half){CACHE_NC, true, true, false} : half;
}

struct smmu_memattr memattr_combine_hints(struct smmu_memattr attr, struct smmu_memattr hints)
{
    if (is_device(attr) || is_device(hints) ||
        hints.mair == SMMU_MAIR_NORMAL_WB_RAWA) /* allocate, not transient: nothing to add */
        return attr;
    return normal(combine_hints(outer_of(attr), hints_of(outer_of(hints))),
                  combine_hints(inner_of(attr), hints_of(inner_of(hints))), attr.sh);
}
