/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that STEs and CDs share. Pure. */
#ifndef SMMU_CORE_DECODE_H
#define SMMU_CORE_DECODE_H

#include "smmu/config.h"

/* Log2 of the granule that STE.S2TG or CD.TG0 selects; 0: Reserved, or not supported. */
unsigned decode_tg0(const struct smmu_config *cfg, unsigned tg);

/* The same for CD.TG1, which is encoded otherwise. */
unsigned decode_tg1(const struct smmu_config *cfg, unsigned tg);

/* Whether SMMU_IDR0.TTENDIAN forbids the choice of S2ENDI or ENDI. */
bool decode_endianness_illegal(const struct smmu_config *cfg, bool big_endian);

/* Output address size that an IPS or S2PS field gives, capped to OAS. */
unsigned decode_output_bits(const struct smmu_config *cfg, unsigned ps);

/* Bits that the address of a first table may have: 48, or with the 64 KiB granule all of the output
 * size. */
unsigned decode_table_bits(unsigned granule, unsigned output_bits);

#endif
