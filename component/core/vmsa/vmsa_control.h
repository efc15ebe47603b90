/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that configure translation, encoded alike in TCR_ELx and VTCR_EL2 (DDI 0487 D24.2) and in
 * CDs and STEs (IHI 0070 5.2, 5.4), and the ranges of virtual addresses that they make (DDI 0487
 * D8.1). Pure. Whether a reserved encoding is an error or stands for another is up to the user. */
#ifndef VMSA_CONTROL_H
#define VMSA_CONTROL_H

#include "vmsa.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Fields ---- */

/* TnSZ, an input address having 64 - TnSZ bits: the smallest, that where addresses can have 52 bits
 * (vmsa_can_have_52_bits()) and are implemented so, and the largest without FEAT_TTST (D8.1.9,
 * table D8-7). */
enum { VMSA_TSZ_MIN = 16, VMSA_TSZ_MIN_52 = 12, VMSA_TSZ_MAX = 39 };

/* Whether addresses that tables of `granule` translate, or are at, can have 52 bits: with 64 KiB,
 * and with others where the Effective value of TCR_ELx.DS, `ds`, is 1. */
static inline bool vmsa_can_have_52_bits(unsigned granule, bool ds)
{
    return granule == VMSA_GRANULE_64K || ds;
}

/* The largest TnSZ: with FEAT_TTST, `ttst`, small tables of `granule` (table D8-7). */
static inline unsigned vmsa_tsz_max(unsigned granule, bool ttst)
{
    return !ttst ? VMSA_TSZ_MAX : granule == VMSA_GRANULE_64K ? 47 : 48;
}

/* log2 of the granule that the 2-bit TG0 of a stage selects: 12, 14 or 16; 0: reserved. */
unsigned vmsa_tg0(unsigned tg0);

/* The same for TG1, that of the upper range of stage 1, which is encoded otherwise. */
unsigned vmsa_tg1(unsigned tg1);

/* Bits of an address by a 3-bit encoding, which IPS, PS and PARange have in common: 32 to 56
 * (tables D8-5, D8-6). Tables of VMSAv8-64 have no use for more than 52. */
unsigned vmsa_address_bits(unsigned ps);

/* The first encoding of `bits`, one of the sizes there are: 32, 36, 40, 42, 44, 48, 52 and 56. */
unsigned vmsa_address_encoding(unsigned bits);

/* What stage 2 has beside its fields, for vmsa_s2_start_level(). */
struct vmsa_s2_features {
    unsigned pa_bits; /* of implemented physical addresses */
    bool ttst;        /* FEAT_TTST */
    bool ds;          /* the Effective value of VTCR_EL2.DS */
};

/* Level, -1 to 3, at which stage 2 walks begin by SL2:SL0, of 3 bits, the topmost of which counts
 * with the 4 KiB granule and `ds` alone; VMSA_NO_LEVEL if that is reserved for `granule`, as it is
 * too where physical addresses do not need the topmost level (tables D8-9, D8-19, D8-29, D8-38), or
 * as level 3 with the 4 KiB granule is without FEAT_TTST. With granule 0 the result means nothing.
 * Whether the level suits the input size is for vmsa_s2_start_ok() to say. */
int vmsa_s2_start_level(unsigned granule, unsigned sl, const struct vmsa_s2_features *features);

/* ---- Virtual addresses of stage 1 ---- */

/* Whether `va` lies in the upper of a regime's two ranges, that of TTBR1: bit 55 decides, with TBI
 * and without (D8.1.8). */
static inline bool vmsa_upper_half(uint64_t va)
{
    return (va >> 55 & 1) != 0;
}

/* Whether `va` lies within the input size of the range it is in: all bits above are 1 in the upper
 * half of a regime, `upper`, and 0 elsewhere (D8.1.8). If not, it is not translated. */
static inline bool vmsa_in_range(const struct vmsa_geometry *g, uint64_t va, bool upper)
{
    return va >> g->input_bits == (upper ? ~UINT64_C(0) >> g->input_bits : 0);
}

/* `va` with its top byte ignored, by TBI: that byte becomes copies of bit 55 in a regime of two
 * ranges, and 0 in one of one range (DDI 0487 D8.9; IHI 0070 3.4.1). */
static inline uint64_t vmsa_untagged(uint64_t va, bool two_ranges)
{
    return two_ranges ? (uint64_t)((int64_t)(va << 8) >> 8) : vmsa_bits(va, 55, 0);
}

#ifdef __cplusplus
}
#endif

#endif
