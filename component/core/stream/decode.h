/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that STEs and CDs share. Pure. */
#ifndef SMMU_CORE_DECODE_H
#define SMMU_CORE_DECODE_H

#include "base/bits.h"
#include "smmu/config.h"

/* The formats of translation tables. */
enum decode_format { DECODE_VMSA32, DECODE_VMSA64, DECODE_VMSA128 };

/* The format that STE.S2AA64 or CD.AA64 selects: 0 is VMSAv9-128 where there is that (5.2, 5.4). */
static inline enum decode_format decode_format(const struct smmu_config *cfg, bool aa64)
{
    return aa64 ? DECODE_VMSA64 : cfg->d128 ? DECODE_VMSA128 : DECODE_VMSA32;
}

/* The address that STE.S2TTB or CD.TTBx holds: bits [55:4] of VMSAv9-128, else [51:4], and [47:4]
 * in SMMUv3.0. */
uint64_t decode_ttb(const struct smmu_config *cfg, enum decode_format format, uint64_t ttb);

/* The largest TxSZ (5.2, S2T0SZ; 5.4, T0SZ): VMSAv9-128 always has small tables. */
unsigned decode_tsz_max(const struct smmu_config *cfg, enum decode_format format, unsigned granule);

/* Log2 of the granule that STE.S2TG or CD.TG0 selects; 0: Reserved, or not supported. */
unsigned decode_tg0(const struct smmu_config *cfg, unsigned tg);

/* The same for CD.TG1, which is encoded otherwise. */
unsigned decode_tg1(const struct smmu_config *cfg, unsigned tg);

/* Log2 of the smallest granule there is. */
unsigned decode_granule_min(const struct smmu_config *cfg);

/* Whether translations of different size in the TLB are to be kept apart, by nT or by a fault
 * (3.21.1).
 */
bool decode_keep_apart(const struct smmu_config *cfg);

/* Whether SMMU_IDR0.TTENDIAN forbids the choice of S2ENDI or ENDI. */
bool decode_endianness_illegal(const struct smmu_config *cfg, bool big_endian);

/* Bits of an input to stage 2: IAS (3.4). */
unsigned decode_ias(const struct smmu_config *cfg);

/* Bits that an untranslated address, or a pointer of a stage 1 structure, may have: IAS where stage
 * 2 translates it, else OAS. */
unsigned decode_input_bits(const struct smmu_config *cfg, bool stage2);

/* Output address size that an IPS or S2PS field gives, capped to OAS, and in VMSAv8-64 to 52 bits,
 * beyond which its descriptors cannot point; fixed at 40 bits for VMSAv8-32, where they are
 * ignored.
 */
unsigned decode_output_bits(const struct smmu_config *cfg, enum decode_format format, unsigned ps);

/* Of `bits` those that an address of a stage may have, by its granule and DS: in VMSAv8-64 at most
 * 48, or 52 where that is possible (3.4). */
unsigned decode_table_bits(enum decode_format format, unsigned granule, bool ds, unsigned bits);

#endif
