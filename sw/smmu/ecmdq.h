/* SPDX-License-Identifier: Apache-2.0 */
/* Enhanced Command queues (IHI 0070 3.5.6): one for each CPU, so that none waits for another's
 * lock. */
#ifndef SMMU_ECMDQ_H
#define SMMU_ECMDQ_H

#include "smmu.h"

struct smmu_ecmdq {
    uintptr_t base; /* of its registers */
    struct smmu_queue queue;
    uint32_t errack; /* ECMDQ_PROD.ERRACK as written */
};

/* How many control pages the SMMU has, and queues on each; 0 if it has none. */
unsigned smmu_ecmdq_pages(const struct smmu *smmu);
unsigned smmu_ecmdq_queues(const struct smmu *smmu);

/* Give queue `index` of control page `page` room for 2^log2_size commands, and enable it. Fails the
 * run if that is not acknowledged. */
void smmu_ecmdq_open(struct smmu_ecmdq *ecmdq, const struct smmu *smmu, unsigned page,
                     unsigned index, unsigned log2_size);

/* Disable it, and wait until that is acknowledged. Returns whether it was. */
bool smmu_ecmdq_close(struct smmu_ecmdq *ecmdq);

/* Append a command and announce it. Returns false if no room comes. */
bool smmu_ecmdq_push(struct smmu_ecmdq *ecmdq, struct smmu_command command);

/* Wait until all commands are consumed or one is wrong. Returns its CERROR_*; CERROR_NONE if all is
 * well, ~0U if it takes too long. */
unsigned smmu_ecmdq_wait(struct smmu_ecmdq *ecmdq);

/* Put `replacement` in the place of the command that is wrong, and go on. */
void smmu_ecmdq_recover(struct smmu_ecmdq *ecmdq, struct smmu_command replacement);

/* CMD_SYNC, and wait. Returns as smmu_ecmdq_wait(). */
unsigned smmu_ecmdq_sync(struct smmu_ecmdq *ecmdq);

#endif
