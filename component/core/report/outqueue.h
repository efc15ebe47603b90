/* SPDX-License-Identifier: Apache-2.0 */
/* Queues the SMMU writes and software reads: of events (IHI 0070 7.2) and of page requests (8). */
#ifndef SMMU_CORE_OUTQUEUE_H
#define SMMU_CORE_OUTQUEUE_H

#include "smmu_priv.h"

/* One kind of queue. */
struct outqueue {
    enum reg base, prod, cons;
    uint32_t enables;     /* CR0 bits that must all be in force */
    uint32_t abort_error; /* GERROR bit of a write that aborted; no entry is written while active */
    enum smmu_fetch fetch;
    enum outqueue_id id;
    uint8_t entry_log2; /* log2 of the bytes of an entry */
    size_t log2_max;    /* of the entries at most: where struct smmu_config has it, a uint8_t */
};

extern const struct outqueue outqueue_events, outqueue_requests;

/* Log2 of the entries of the queue as programmed. */
unsigned outqueue_log2(const struct smmu_state *smmu, const struct bank *bank,
                       const struct outqueue *queue);

/* Whether entries may be written, but for room. Not from when an enable is written 0: what is under
 * way then is the last (6.3.9.4, 6.3.9.5); not in Service Failure Mode (12.3). */
bool outqueue_enabled(const struct smmu_state *smmu, const struct bank *bank,
                      const struct outqueue *queue);
bool outqueue_empty(const struct smmu_state *smmu, const struct bank *bank,
                    const struct outqueue *queue);
bool outqueue_full(const struct smmu_state *smmu, const struct bank *bank,
                   const struct outqueue *queue);

/* How many entries are free. */
uint32_t outqueue_room(const struct smmu_state *smmu, const struct bank *bank,
                       const struct outqueue *queue);

/* Write an entry to a queue that is enabled and not full; `cookie` is that of the request it
 * comes from. `*was_empty`: software had read all others. False if the write aborts, which
 * activates the error and leaves the index where it is: aborts are synchronous (7.2.2, 8.2); or if
 * the queue is closed meanwhile, by a reset. `*irqs` gets the interrupt that the error asks for. */
bool outqueue_append(struct smmu_state *smmu, struct bank *bank, const struct outqueue *queue,
                     const uint64_t *words, void *cookie, bool *was_empty, unsigned *irqs);

/* Whether an overflow is not acknowledged yet (7.4, 8.1). */
bool outqueue_overflowed(const struct bank *bank, const struct outqueue *queue);

/* Enter the overflow condition: toggles OVFLG, unless that is so already. */
void outqueue_overflow(struct bank *bank, const struct outqueue *queue);

/* Note that the queues which need the CR0 bits `cleared` are closed. */
void outqueue_close(struct bank *bank, uint64_t cleared);

/* A turn to write to a queue: one at a time, while a write may block. Declare it AT_END of its
 * scope. Waiting for it may block as well: with `closed` the queue was closed meanwhile, and what
 * came from before goes with it (6.3.9.4), be the queue open again or not. Interrupts are raised
 * after the turn: whoever takes the message may need one itself before it answers. */
struct outqueue_turn {
    const struct smmu_state *smmu;
    bool closed;
};
struct outqueue_turn outqueue_enter(const struct smmu_state *smmu, const struct bank *bank,
                                    const struct outqueue *queue);
void outqueue_leave(const struct outqueue_turn *turn);

#endif
