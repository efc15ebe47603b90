/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses to system registers that EL2 takes to itself. */
#ifndef A64_SYSREG_TRAP_H
#define A64_SYSREG_TRAP_H

#include "state/state.h"

enum sysreg_direction { SYSREG_READ, SYSREG_WRITE };

/* The control of EL2 that traps accesses to a row: 0, of most, if there is none. */
extern const uint8_t sysreg_trap_control[SYSREG_COUNT][2];

/* Is an access to row `id` at the current exception level trapped to EL2? The identifiers of what
 * has no row are fine as well. */
bool sysreg_trapped(const struct a64_cpu *c, unsigned id, enum sysreg_direction direction);

#endif
