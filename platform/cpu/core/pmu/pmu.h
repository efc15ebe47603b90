/* SPDX-License-Identifier: Apache-2.0 */
/* The performance monitors: what is counted, and when counters overflow (DDI 0487 D13, PMUv3).
 * Parts of the PE tell of rare events as they happen, and of accesses and branches if these are
 * counted; cycles and instructions are measured when someone wants to know. A run stops short where
 * an overflow is due that interrupts, so that it comes after the very instruction; with no counter
 * at work nothing is done. */
#ifndef A64_PMU_H
#define A64_PMU_H

#include "state/state.h"

enum { PMU_EVENT_COUNTERS = 6, PMU_CYCLE_COUNTER = 31 };
#define PMU_EVENT_MASK   ((UINT64_C(1) << PMU_EVENT_COUNTERS) - 1)
#define PMU_ALL_COUNTERS (UINT64_C(1) << PMU_CYCLE_COUNTER | PMU_EVENT_MASK)

/* How many event counters EL1 and EL0 have: MDCR_EL2.HPMN, all if that is 0 or too many (D13.1). */
unsigned pmu_first_range(const struct a64_cpu *c);

/* The counters that the current exception level has, a bit each. */
uint64_t pmu_accessible(const struct a64_cpu *c);

/* PMCEID<word>_EL0: the events that are counted. */
uint64_t pmu_events(unsigned word);

/* `source` has happened once more. */
void pmu_count(struct a64_cpu *c, enum pmu_source source);

/* The exception level is about to change, and with it what counters count. */
void pmu_leave_level(struct a64_cpu *c);

/* More time has passed than instructions take. */
void pmu_time_passed(struct a64_cpu *c);

/* Brings counters and the interrupt up to date. */
void pmu_sync(struct a64_cpu *c);

/* After controls have changed; counters were brought up to date before. */
void pmu_update(struct a64_cpu *c);

/* Instructions that can be executed before an overflow interrupts, at least 1; UINT64_MAX: no limit
 * is known. Brings counters up to date. */
uint64_t pmu_headroom(struct a64_cpu *c);

/* PMSWINC_EL0: one more for the event counters among `counters` that count SW_INCR. */
void pmu_software_increment(struct a64_cpu *c, uint64_t counters);

#endif
