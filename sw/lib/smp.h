/* SPDX-License-Identifier: Apache-2.0 */
/* More than one CPU: starting them, and what they share. */
#ifndef LIB_SMP_H
#define LIB_SMP_H

#include <stdint.h>

#define SMP_MAX_CPUS 8

typedef void smp_main(void *argument);

/* What CPU `cpu` is, as Aff0 counts them: the first is 0. */
unsigned smp_cpu(void);

/* Start CPU `cpu` (1 to SMP_MAX_CPUS - 1), which is off: with MMU, vectors and interrupts on it
 * calls `main(argument)` and then goes off. Returns what PSCI says. */
long smp_start(unsigned cpu, smp_main *main, void *argument);

/* A lock; all zero when free. Waiting CPUs sleep in WFE. */
struct smp_lock {
    uint32_t taken;
};

void smp_acquire(struct smp_lock *lock);
void smp_release(struct smp_lock *lock);

/* Add to `*counter` by load-exclusive and store-exclusive. */
void smp_add(uint64_t *counter, uint64_t value);

#endif
