/* SPDX-License-Identifier: Apache-2.0 */
/* The SMMUs that the DPI has made, by their numbers, and what each keeps beside the SMMU. */
#ifndef SMMU_DPI_INSTANCE_H
#define SMMU_DPI_INSTANCE_H

#include "smmu/smmu.h"

/* A transaction that stalls, or that is presented again. */
struct dpi_stall {
    struct smmu_stall room; /* the first member: the SMMU gives it back */
    struct dpi_stall *next;
    uint32_t number;
    bool presented; /* smmu_translate() has not returned */
    bool resumed;   /* smmu_ops.resume has been called */
    bool retry;     /* ... with SMMU_RESUME_RETRY */
};

/* One of them. */
struct dpi_instance {
    smmu_t *smmu;
    int number;
    unsigned calls;  /* under way */
    unsigned closed; /* calls of the host during which none may be made */
    struct dpi_stall *stalls;
    uint32_t last_stall; /* number of the newest one */
};

/* Begin a call into SMMU `number`, to be ended by dpi_leave(). NULL, and a complaint, if there is
 * none or it cannot be called now. */
struct dpi_instance *dpi_enter(int number);
void dpi_leave(struct dpi_instance *instance);

/* Room for a new transaction; the one that is to be presented again. NULL, and a complaint, if
 * memory is short, or there is no such one. */
struct dpi_stall *dpi_stall_new(struct dpi_instance *instance);
struct dpi_stall *dpi_stall_again(struct dpi_instance *instance, uint32_t number);

/* Forget it, if nobody waits for it any more: `held` if it stalls. */
void dpi_stall_presented(struct dpi_instance *instance, struct dpi_stall *stall, bool held);
/* The SMMU lets it go. */
void dpi_stall_resumed(struct dpi_instance *instance, struct dpi_stall *stall, bool retry);

#endif
