/* SPDX-License-Identifier: Apache-2.0 */
/* Memory attributes (IHI 0070 13). Normal types are worked on in two halves, outer and inner, each
 * a cacheability with allocation hints. */
#include "base/memattr.h"

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

/* --- encodings ----------------------------------------------------------------------------------
 */

static const struct half half_nc = {.cache = CACHE_NC};

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

/* Halves of MemAttr[3:0]: 0b01 Non-cacheable, 0b10 Write-Through, 0b11 Write-Back. */
static struct half s2_half(unsigned code)
{
    static const enum cache cache[] = {CACHE_NC, CACHE_NC, CACHE_WT, CACHE_WB};
    return (struct half){cache[code], true, true, false};
}

struct smmu_memattr memattr_override(unsigned memattr, unsigned sh)
{
    unsigned outer = memattr >> 2, inner = memattr & 3;
    if (outer == 0) /* Device: nGnRnE, nGnRE, nGRE, GRE */
        return memattr_consistent((struct smmu_memattr){.mair = (uint8_t)(inner << 2)});
    if (inner == 0) /* Reserved */
        return memattr_consistent((struct smmu_memattr){.mair = SMMU_MAIR_DEVICE_nGnRnE});
    return normal(s2_half(outer), s2_half(inner), sh);
}

/* The MemAttr of STE.MemAttr's encoding that is combined in. With FWB what is not Write-Back, and
 * no Device type, forces nothing: Non-cacheable is the stronger, and what stage 1 says stays if
 * Write-Back is combined in. There bit 3 says no more than whether tags may be accessed, which no
 * client of an SMMU does (3.23.1); other values with it, and 0b0100, are Reserved. */
struct smmu_memattr memattr_s2_any(enum memattr_s2_encoding encoding, unsigned memattr, unsigned sh)
{
    static const uint8_t combined[][16] = {
        [MEMATTR_S2] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        [MEMATTR_S2_NO_TAG] = {0, 1, 2, 3, 15, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        [MEMATTR_S2_FWB] = {0, 1, 2, 3, 5, 5, 15, 15, 0, 1, 2, 3, 5, 5, 15, 15},
    };
    return memattr_override(combined[encoding][memattr], sh);
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

static struct half combine_half(struct half a, struct half b)
{
    struct half out = combine_hints(a, b);
    out.cache = a.cache < b.cache ? a.cache : b.cache;
    return out.cache == CACHE_NC ? half_nc : out;
}

/* Order of strength: Outer, Inner, Non-shareable. */
static uint8_t combine_sh(unsigned a, unsigned b)
{
    if (a == SMMU_SH_OUTER || b == SMMU_SH_OUTER)
        return SMMU_SH_OUTER;
    return a == SMMU_SH_INNER || b == SMMU_SH_INNER ? SMMU_SH_INNER : SMMU_SH_NON;
}

static struct smmu_memattr combine(struct smmu_memattr a, struct smmu_memattr b)
{
    bool a_device = memattr_is_device(a), b_device = memattr_is_device(b);
    if (a_device && b_device)
        return memattr_consistent(a.mair < b.mair ? a : b);
    if (a_device || b_device)
        return memattr_consistent(a_device ? a : b);
    if (a.mair == b.mair)
        return memattr_consistent(
            (struct smmu_memattr){.mair = a.mair, .sh = combine_sh(a.sh, b.sh)});
    return normal(combine_half(outer_of(a), outer_of(b)), combine_half(inner_of(a), inner_of(b)),
                  combine_sh(a.sh, b.sh));
}

/* A half that is not cached has no hints to give, so it counts as "allocate, not transient". */
static struct half hints_of(struct half half)
{
    return half.cache == CACHE_NC ? (struct half){CACHE_NC, true, true, false} : half;
}

struct smmu_memattr memattr_combine_other_hints(struct smmu_memattr attr, struct smmu_memattr hints)
{
    if (memattr_is_device(attr) || memattr_is_device(hints))
        return attr;
    return normal(combine_hints(outer_of(attr), hints_of(outer_of(hints))),
                  combine_hints(inner_of(attr), hints_of(inner_of(hints))), attr.sh);
}

/* Memory type from `type`; hints from `in` where that has the same half cached, else the defaults
 * of 13.1.3. */
static struct half retype(struct half type, struct half in)
{
    struct half hints = hints_of(in);
    hints.cache = type.cache;
    return hints;
}

/* `in` made Write-Back, its hints kept in the halves that are cached, the stronger shareability of
 * both (13.1.6). */
static struct smmu_memattr force_wb(struct smmu_memattr in, struct smmu_memattr s2)
{
    static const struct half write_back = {.cache = CACHE_WB};
    in = memattr_consistent(in);
    bool device = memattr_is_device(in);
    return normal(retype(write_back, device ? half_nc : outer_of(in)),
                  retype(write_back, device ? half_nc : inner_of(in)), combine_sh(in.sh, s2.sh));
}

struct smmu_memattr memattr_stage2_any(struct smmu_memattr in, struct smmu_memattr s2,
                                       bool forces_wb)
{
    return forces_wb ? force_wb(in, s2) : combine(in, s2);
}

static struct half realloc_half(struct half half, unsigned alloccfg)
{
    half.ra = (alloccfg & 4) != 0;
    half.wa = (alloccfg & 2) != 0;
    half.transient = (alloccfg & 1) != 0;
    return half;
}

struct smmu_memattr memattr_override_some(struct smmu_memattr in, struct memattr_override by)
{
    in = memattr_consistent(in); /* Normal-iNC-oNC arrives as Outer Shareable (13.1.1) */
    struct smmu_memattr attr = in;
    bool in_device = memattr_is_device(in);
    if (by.mtcfg) {
        attr = memattr_override(by.memattr, in_device ? SMMU_SH_OUTER : in.sh);
        if (!memattr_is_device(attr)) {
            struct half outer = in_device ? half_nc : outer_of(in);
            struct half inner = in_device ? half_nc : inner_of(in);
            attr = normal(retype(outer_of(attr), outer), retype(inner_of(attr), inner), attr.sh);
        }
    }
    if (memattr_is_device(attr))
        return memattr_consistent(attr);
    unsigned sh = by.shcfg == MEMATTR_SHCFG_INCOMING ? attr.sh : by.shcfg;
    struct half outer = outer_of(attr), inner = inner_of(attr);
    if (by.alloccfg & 8) {
        outer = realloc_half(outer, by.alloccfg);
        inner = realloc_half(inner, by.alloccfg);
    }
    return normal(outer, inner, sh);
}
