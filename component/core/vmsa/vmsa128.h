/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of VMSAv9-128 (DDI 0487 D8.2.11, D8.3.2). Pure.
 *
 * Their lower 64 bits are about the address, as vmsa.h reads it with VMSA_128, and have the Access
 * flag and the dirty state where VMSAv8-64 has them: what changes these, vmsa_made_accessed() and
 * vmsa_made_dirty(), is good for them. Everything else is read out of a word in the layout of
 * VMSAv8-64, which vmsa128_attributes() makes of them. */
#ifndef VMSA128_H
#define VMSA128_H

#include "vmsa.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VMSA128_TSZ_MIN_TWO_RANGES                                                                 \
    9 /* the smallest TnSZ of a regime of two ranges, of 55 bits (D8.1.9) */

/* Level at which walks of either stage begin: the regular one, and `skl` below; VMSA_NO_LEVEL if
 * there is none (R_DBQZN, R_FYTMS). The start level of `g` does not count. */
int vmsa128_start_level(const struct vmsa_geometry *g, unsigned skl);

/* A descriptor: bits [63:0] and [127:64]. */
struct vmsa128 {
    uint64_t low, high;
};

/* SKL: how many levels a table descriptor skips, and how much larger a block is than a page. */
static inline unsigned vmsa128_skl(const struct vmsa128 *d)
{
    return (unsigned)(d->high >> (109 - 64) & 3);
}

/* The kind of a descriptor of `level`: the sum of that and SKL decides, if there are tables, blocks
 * and pages of that size (tables D8-45, D8-46, D8-49). */
enum vmsa_kind vmsa128_kind(const struct vmsa_geometry *g, const struct vmsa128 *d, int level);

/* nT, of table descriptors that skip levels and of blocks: it is not to be cached so that what is
 * of another size conflicts with it (D8.7.3). */
static inline bool vmsa128_nt(const struct vmsa128 *d)
{
    return vmsa128_skl(d) != 0 && (d->low >> 6 & 1) != 0;
}

/* The Contiguous bit of a leaf; and DisCH of a table descriptor of stage 1, by which leaves in that
 * table do not have it (D8.7.1). */
static inline bool vmsa128_contiguous(const struct vmsa128 *d)
{
    return (d->high >> (111 - 64) & 1) != 0;
}
static inline bool vmsa128_disch(const struct vmsa128 *d)
{
    return (d->high >> (112 - 64) & 1) != 0;
}

/* What a valid descriptor says beside its address and its size, as a descriptor of VMSAv8-64 says
 * it with Indirect permissions: Access flag, nG, SH, nDirty or Dirty, PIIndex; AttrIndx with
 * FEAT_AIE, or MemAttr and POIndex of stage 2; nT of blocks; Protected, or AssuredOnly. */
uint64_t vmsa128_attributes(const struct vmsa128 *d, bool stage2);

#ifdef __cplusplus
}
#endif

#endif
