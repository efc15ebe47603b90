/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that STEs and CDs share. Pure. */
#ifndef SMMU_CORE_DECODE_H
#define SMMU_CORE_DECODE_H

#include "smmu/config.h"

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

/* Output address size that an IPS or S2PS field gives, capped to OAS; fixed at 40 bits
 * for VMSAv8-32, where they are ignored. */
unsigned decode_output_bits(const struct smmu_config *cfg, unsigned ps, bool vmsa32);

/* Of `bits` those that an address of a stage may have, by its granule and DS: at most 48, or all
 * where addresses of 52 bits are possible (3.4). */
unsigned decode_table_bits(unsigned granule, bool ds, unsigned bits);

#endif
