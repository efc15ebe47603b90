/* SPDX-License-Identifier: Apache-2.0 */
/* Physical memory: host memory where the world offers it, bus accesses elsewhere. */
#ifndef A64_PHYS_H
#define A64_PHYS_H

#include "state/state.h"

/* Host memory of `pa`, NULL if there is none (for writing). Valid until the next bus access. */
uint8_t *phys_host(struct a64_cpu *c, uint64_t pa, bool for_write);

/* Naturally aligned accesses of 1, 2, 4 or 8 bytes; false: external abort. Writes drop code. */
bool phys_read(struct a64_cpu *c, uint64_t pa, unsigned size, uint64_t *value);
bool phys_write(struct a64_cpu *c, uint64_t pa, unsigned size, uint64_t value);

/* Translation table descriptors: as an access, and for debuggers, without side effects. False if
 * they cannot be read so. */
bool phys_read_descriptor(struct a64_cpu *c, uint64_t pa, uint64_t *desc);
bool phys_peek_descriptor(const struct a64_cpu *c, uint64_t pa, uint64_t *desc);

/* The windows that overlap first .. last are forgotten. */
void phys_withdraw(struct a64_cpu *c, uint64_t first, uint64_t last);

#endif
