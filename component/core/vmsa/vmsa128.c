/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of VMSAv9-128 (DDI 0487 tables D8-45, D8-46, D8-49, D8-56 to D8-59). */
#include "vmsa128.h"

int vmsa128_start_level(const struct vmsa_geometry *g, unsigned skl)
{
    int level = vmsa_start_level(g) + (int)skl;
    return level > VMSA_LAST_LEVEL ? VMSA_NO_LEVEL : level;
}

/* The largest tables and blocks: 64 GiB, or of three strides with the larger granules. */
static unsigned skl_max(const struct vmsa_geometry *g)
{
    return g->granule == VMSA_GRANULE_4K ? 3 : 2;
}

enum vmsa_kind vmsa128_kind(const struct vmsa_geometry *g, const struct vmsa128 *d, int level)
{
    unsigned skl = vmsa128_skl(d);
    int end = level + (int)skl;
    if (!(d->low & 1) || skl > skl_max(g) || end > VMSA_LAST_LEVEL)
        return VMSA_INVALID;
    return end == VMSA_LAST_LEVEL ? VMSA_LEAF : VMSA_TABLE;
}

static inline uint64_t moved(uint64_t word, unsigned msb, unsigned lsb, unsigned to)
{
    return vmsa_bits(word, msb, lsb) << to;
}

uint64_t vmsa128_attributes(const struct vmsa128 *d, bool stage2)
{
    uint64_t pi_index = vmsa_bits(d->high, 118 - 64, 115 - 64);
    uint64_t word = (d->low & 0xf9d) | (uint64_t)vmsa128_nt(d) << 16;
    word |= moved(pi_index, 3, 2, 53) | moved(pi_index, 1, 1, 51) | moved(pi_index, 0, 0, 6);
    if (stage2)
        return word | (d->low & 0x20) | moved(d->high, 124 - 64, 121 - 64, 59) |
               moved(d->high, 114 - 64, 114 - 64, 58);
    return word | moved(d->low, 5, 5, 59) | moved(d->high, 114 - 64, 114 - 64, 52);
}
