/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic of circular queues (IHI 0070 3.5.1): indexes with a wrap bit above them. */
#ifndef SMMU_CORE_QUEUE_H
#define SMMU_CORE_QUEUE_H

#include <stdbool.h>

#include "base/bits.h"

/* Index and wrap bit of a PROD or CONS register of a queue of 2^log2 entries. */
static inline uint32_t queue_pointer(uint64_t reg, unsigned log2)
{
    return (uint32_t)(reg & MASK64(log2, 0));
}

static inline uint32_t queue_index(uint64_t reg, unsigned log2)
{
    return (uint32_t)(reg & (BIT64(log2) - 1));
}

static inline uint32_t queue_next(uint64_t reg, unsigned log2)
{
    return (uint32_t)((reg + 1) & MASK64(log2, 0));
}

static inline bool queue_empty(uint64_t prod, uint64_t cons, unsigned log2)
{
    return queue_pointer(prod, log2) == queue_pointer(cons, log2);
}

/* The indexes agree and the wrap bits differ. */
static inline bool queue_full(uint64_t prod, uint64_t cons, unsigned log2)
{
    return ((prod ^ cons) & MASK64(log2, 0)) == BIT64(log2);
}

/* How many entries are free; none where the indexes are further apart than the queue is long. */
static inline uint32_t queue_room(uint64_t prod, uint64_t cons, unsigned log2)
{
    uint64_t used = (prod - cons) & MASK64(log2, 0);
    return used < BIT64(log2) ? (uint32_t)(BIT64(log2) - used) : 0;
}

REG_FIELD(queue_base, LOG2SIZE, 4, 0)

/* Log2 of the entries a *_BASE register asks for, capped at what is implemented (6.3.26). */
static inline unsigned queue_log2(uint64_t base_reg, unsigned max)
{
    unsigned log2 = queue_base_LOG2SIZE(base_reg);
    return log2 < max ? log2 : max;
}

/* Address of the entry at `reg`. The base is aligned to the queue's size, or 32 bytes (6.3.26). */
static inline uint64_t queue_entry(uint64_t base_reg, uint64_t reg, unsigned log2,
                                   unsigned entry_log2)
{
    unsigned size_log2 = log2 + entry_log2 > 5 ? log2 + entry_log2 : 5;
    uint64_t base = base_reg & MASK64(55, 5) & ~(BIT64(size_log2) - 1);
    return base + ((uint64_t)queue_index(reg, log2) << entry_log2);
}

#endif
