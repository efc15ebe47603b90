/* SPDX-License-Identifier: Apache-2.0 */
/* ESR_EL2 of a load or store, so that EL2 can do it in its place. */
#ifndef A64_SYNDROME_H
#define A64_SYNDROME_H

#include <stdint.h>

/* ISV, SAS, SSE, SRT, SF and AR of the ISS of a Data Abort, for the load or store `word`; 0, with
 * ISV clear, for those that move more than one general-purpose register, write back, or are
 * exclusive (DDI 0487 D24.2, ISS encoding for an exception from a Data Abort). */
uint64_t a64_syndrome_of_access(uint32_t word);

#endif
