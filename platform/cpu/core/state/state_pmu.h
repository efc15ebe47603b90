/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the performance monitors; see pmu.h. */
#ifndef A64_STATE_PMU_H
#define A64_STATE_PMU_H

#include <stdbool.h>
#include <stdint.h>

/* Sources counted for all, by numbers of their own. */
enum pmu_source {
    PMU_CYCLES,
    PMU_INSTRUCTIONS,
    PMU_L1I_TLB_REFILL,
    PMU_L1D_TLB_REFILL,
    PMU_EXC_TAKEN,
    PMU_EXC_RETURN,
    PMU_CID_WRITE,
    PMU_MEM_ACCESS,   /* these two are told of only if `accesses` */
    PMU_L1D_CACHE,    /* by line */
    PMU_BR_RETIRED,   /* these two are told of only if `branches` */
    PMU_BR_NOT_TAKEN, /* those of them that are not */
    PMU_SOURCES
};

struct a64_pmu {
    uint64_t count[PMU_SOURCES]; /* so far */
    uint64_t seen[PMU_SOURCES];  /* taken into account by counters */
    uint64_t unretired;          /* instructions that took an exception instead of being executed */
    bool counting;               /* a counter is enabled */
    bool armed;                  /* one that interrupts */
    bool accesses, branches;     /* one counts these */
    bool level;                  /* of the interrupt output */
};

#endif
