/* SPDX-License-Identifier: Apache-2.0 */
/* The generic timers of a PE (DDI 0487 D12). */
#ifndef A64_TIMER_IMPL_H
#define A64_TIMER_IMPL_H

#include "state/state.h"

/* Lowers the outputs; the registers have been reset. */
void timer_reset(struct a64_cpu *c);

#endif
