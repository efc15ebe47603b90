/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of the PCI Express DMA function whose outcomes are waited for in memory, without
 * interrupts. */
#ifndef LINUX_DMA_RING_H
#define LINUX_DMA_RING_H

#include "dma_function.h"

#include <sched.h>
#include <stdbool.h>
#include <time.h>

#define LOG2_RING        4U
#define PATIENCE_SECONDS 20 /* of guest time */

#define RING_HAS_HALTED 0x100U /* a status beside those of descriptors */

struct ring {
    volatile uint8_t *registers; /* as if it were ring 0 */
    struct descriptor *slots;
    unsigned tail;
};

static inline void set32(const struct ring *ring, unsigned offset, uint32_t value)
{
    *(volatile uint32_t *)(ring->registers + offset) = value;
}

static inline uint32_t get32(const struct ring *ring, unsigned offset)
{
    return *(const volatile uint32_t *)(ring->registers + offset);
}

/* Starts ring `number` of the function with BAR 0 at `registers`. `slots` has room for 2^LOG2_RING
 * descriptors, which the function finds at `base`. `pasid` is as in RING_PASID. */
static inline void start_ring(struct ring *ring, volatile uint8_t *registers, unsigned number,
                              struct descriptor *slots, uint64_t base, uint32_t pasid)
{
    *ring = (struct ring){.registers = registers + number * RING_STRIDE, .slots = slots};
    set32(ring, RING_CTRL, 0);
    *(volatile uint64_t *)(ring->registers + RING_BASE) = base;
    set32(ring, RING_SIZE, LOG2_RING);
    set32(ring, RING_PASID, pasid);
    set32(ring, RING_CTRL, 1);
}

/* Hands `work` over and returns its descriptor. */
static inline struct descriptor *submit(struct ring *ring, struct descriptor work)
{
    struct descriptor *slot = &ring->slots[ring->tail];

    *slot = work;
    ring->tail = (ring->tail + 1) % (1U << LOG2_RING);
    __asm__ volatile("dsb st" ::: "memory"); /* the descriptor is there before the doorbell */
    set32(ring, RING_TAIL, ring->tail);
    return slot;
}

static inline time_t seconds_up(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Waits for the outcome of `slot`; a ring that halts has none. */
static inline struct descriptor outcome(const struct ring *ring, const struct descriptor *slot)
{
    const time_t end = seconds_up() + PATIENCE_SECONDS;
    volatile const uint32_t *status = &slot->status;

    while (*status == PENDING) {
        if (get32(ring, RING_STATUS) & RING_HALTED)
            return (struct descriptor){.status = RING_HAS_HALTED};
        if (seconds_up() >= end)
            die("operation %u does not end", slot->control);
        sched_yield();
    }
    __asm__ volatile("dmb ld" ::: "memory"); /* what it wrote is read after it said so */
    return *slot;
}

static inline struct descriptor run(struct ring *ring, struct descriptor work)
{
    return outcome(ring, submit(ring, work));
}

#endif
