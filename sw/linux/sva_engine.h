/* SPDX-License-Identifier: Apache-2.0 */
/* The platform's DMA engine with pointers of this process, by the driver in module/. It copies, and
 * nothing else: what the PCI Express function has more operations for is copied to here or from
 * here. */
#ifndef LINUX_SVA_ENGINE_H
#define LINUX_SVA_ENGINE_H

#include "dma_function.h"
#include "module/dma_sva.h"

#include <stdbool.h>
#include <sys/ioctl.h>

#define LAST 1U /* of a step's flags */

enum engine_error { NO_ERROR, LIST_REFUSED, SOURCE_REFUSED, DESTINATION_REFUSED, MALFORMED };

/* A descriptor of the engine. */
struct step {
    uint64_t source, destination;
    uint32_t length, flags;
    uint64_t next;
} __attribute__((aligned(32)));

static inline struct dma_sva_run run_steps(int engine, const struct step *steps)
{
    struct dma_sva_run run = {.descriptors = (uintptr_t)steps};

    check(ioctl(engine, DMA_SVA_RUN, &run), "DMA_SVA_RUN");
    return run;
}

/* Copies; how it ended is told as the function tells it. */
static inline struct descriptor engine_copies(int engine, uint64_t source, uint64_t destination,
                                              uint32_t length)
{
    static const uint32_t status[] = {
        [NO_ERROR] = DONE,
        [SOURCE_REFUSED] = SOURCE_FAILED,
        [DESTINATION_REFUSED] = DESTINATION_FAILED,
    };
    const struct step step = {
        .source = source, .destination = destination, .length = length, .flags = LAST};
    const struct dma_sva_run run = run_steps(engine, &step);

    if (run.error >= sizeof status / sizeof *status || status[run.error] == 0)
        die("a copy ends with error %u at 0x%llx", run.error, run.fault_addr);
    return (struct descriptor){
        .status = status[run.error], .bytes = run.bytes, .fault_addr = run.fault_addr};
}

/* What run() does with a ring, for as much data as there is room. */
static inline struct descriptor engine_runs(int engine, struct descriptor work)
{
    static uint64_t room[(2U << 20) / sizeof(uint64_t)];
    struct descriptor done = {.status = PENDING};

    if (work.length > sizeof room)
        die("0x%x bytes are too many", work.length);
    switch (work.control) {
    case COPY:
        return engine_copies(engine, work.source, work.destination, work.length);
    case WRITE_PATTERN:
        for (uint32_t i = 0; i < work.length / sizeof *room; i++)
            room[i] = number(work.pattern, i);
        return engine_copies(engine, (uintptr_t)room, work.destination, work.length);
    case CRC:
        done = engine_copies(engine, work.source, (uintptr_t)room, work.length);
        done.crc = crc32((const uint8_t *)room, work.length);
        return done;
    case CHECK_PATTERN:
        done = engine_copies(engine, work.source, (uintptr_t)room, work.length);
        for (uint32_t i = 0; i < work.length / sizeof *room; i++) {
            if (done.status == DONE && room[i] != number(work.pattern, i))
                done.status = DIFFERENT;
        }
        return done;
    default:
        die("the engine has no operation %u", work.control);
    }
}

#endif
