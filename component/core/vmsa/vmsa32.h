/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that VMSAv8-32 LPAE has of its own, which SMMUs translate by and PEs without AArch32 do
 * not; its descriptors are those of VMSAv8-64 with the 4 KiB granule (DDI 0487 G5.5). Pure. */
#ifndef VMSA32_H
#define VMSA32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMSA32_GRANULE     12 /* log2 */
#define VMSA32_OUTPUT_BITS 40 /* of either stage */

/* First address that table 1 translates at stage 1, each table having an input range of so many
 * bits (25 to 32); 2^32 if it translates none (DDI 0487 G5.5.5). */
uint64_t vmsa32_split(unsigned input_bits0, unsigned input_bits1);

/* Which table, 0 or 1, translates `va` at stage 1. -1: none, for `va` lies between the ranges or
 * has more than 32 bits (IHI 0070 3.4.1). */
int vmsa32_range(uint64_t va, unsigned input_bits0, unsigned input_bits1);

/* Input bits of stage 2, 25 to 40: S2T0SZ[3:0] is signed. */
unsigned vmsa32_s2_input_bits(unsigned t0sz);

/* Level at which stage 2 walks begin by the 2-bit S2SL0; VMSA_NO_LEVEL if it is reserved. */
int vmsa32_s2_start_level(unsigned sl0);

#ifdef __cplusplus
}
#endif

#endif
