/* SPDX-License-Identifier: Apache-2.0 */
/* Functions at EL2, on machines whose CPUs begin there. Their stack has a page, the MMU is off
 * unless they turn it on. */
#ifndef LIB_EL2_H
#define LIB_EL2_H

#include <stdbool.h>
#include <stdint.h>

#include "exception.h"

#define EL2_MAX_CPUS 8

/* Indexes of EL2's vector table: what comes from below, and what EL2 does itself. */
enum el2_vector { EL2_SYNC_FROM_EL2 = 4, EL2_SYNC_FROM_EL1 = 8, EL2_IRQ_FROM_EL1 = 9 };

/* Is there an EL2? */
bool el2_present(void);

/* Call `function(argument)` at EL2, from EL1. Returns its result. */
uint64_t el2_call(uint64_t (*function)(uint64_t), uint64_t argument);

/* What other exceptions to EL2 are for: returns whether it knew this one. Those that no one knows
 * are printed and fail the run. */
typedef bool el2_handler(enum el2_vector vector, struct exception_frame *frame);
void el2_handle(el2_handler *handler);

/* Called by vectors.S. */
void el2_dispatch(uint64_t vector, struct exception_frame *frame);

#endif
