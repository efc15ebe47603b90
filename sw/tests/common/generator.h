/* SPDX-License-Identifier: Apache-2.0 */
/* The traffic generator of sweeps, and what the node `guest` of the device tree asks of programs.
 */
#ifndef TESTS_COMMON_GENERATOR_H
#define TESTS_COMMON_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "pgtable.h"
#include "smmu.h"

/* The number in a property of the node `guest`, or `otherwise`. */
uint64_t guest_asks(const char *property, uint64_t otherwise);

/* Make sure that the generator is there, and connect its interrupt; fails the run if it is not. The
 * device tree has to be open. */
void generator_open(void);

/* Start a run, which begins all patterns anew; whether its last access is answered; wait for that.
 */
void generator_start(void);
bool generator_has_ended(void);
void generator_wait(void);

/* Of the run: accesses that were answered, and those of them that failed; their mean latency; from
 * the first access to the last answer. Picoseconds. */
uint64_t generator_accesses(void);
uint64_t generator_errors(void);
uint64_t generator_mean_latency(void);
uint64_t generator_duration(void);

/* Give stream `index` of the generator a context of its own with `asid` and these tables. Nothing
 * is invalidated. Returns its STE. */
struct smmu_ste *generator_context(struct smmu *smmu, unsigned index, const struct pgtable *table,
                                   uint16_t asid);

#endif
