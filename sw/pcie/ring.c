/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of a ring. */
#include "ring.h"

#include "io.h"
#include "pages.h"
#include "wait.h"

#define ENGINE_INT_STATUS      0x08U
#define ENGINE_INT_ENABLE      0x0cU
#define ENGINE_STOP            0x10U
#define ENGINE_PORT_INT_ENABLE 0x14U

#define RING_PAGE   0x1000U
#define RING_CTRL   0x00U
#define RING_STATUS 0x04U
#define RING_BASE   0x08U
#define RING_SIZE   0x10U
#define RING_TAIL   0x18U
#define RING_GROUP  0x38U
#define RING_PATH   0x3cU

#define CTRL_ENABLE   1U
#define STATUS_BUSY   1U
#define STATUS_HALTED 2U
#define PATH_FUNCTION 0U
#define PATH_PORT     1U

#define STOP_GO     0x80000000U /* reads as 1 until it is done */
#define STOP_MARKER 0x40000000U

#define LOG2_DESCRIPTORS 6U /* a page of them */

/* How a ring is opened. */
struct opening {
    uintptr_t engine;
    unsigned index;
    uint64_t iova;
    uint32_t path;
    unsigned log2_size;
};

static void open_at(struct ring *ring, const struct opening *how)
{
    *ring = (struct ring){
        .engine = how->engine,
        .registers = how->engine + RING_PAGE * (how->index + 1),
        .descriptors = pages_alloc(sizeof(struct ring_descriptor) << how->log2_size, PAGE_SIZE),
        .log2_size = how->log2_size,
    };
    write32(ring->registers + RING_CTRL, 0);
    write64(ring->registers + RING_BASE, how->iova);
    write32(ring->registers + RING_SIZE, how->log2_size);
    write32(ring->registers + RING_PATH, how->path);
    write32(ring->registers + RING_CTRL, CTRL_ENABLE);
}

void ring_open(struct ring *ring, const struct pcie_function *function, unsigned index,
               uint64_t iova)
{
    ring_open_sized(ring, function, index, iova, LOG2_DESCRIPTORS);
}

void ring_open_sized(struct ring *ring, const struct pcie_function *function, unsigned index,
                     uint64_t iova, unsigned log2_size)
{
    const struct opening how = {function->bar[0], index, iova, PATH_FUNCTION, log2_size};

    open_at(ring, &how);
}

void ring_open_port(struct ring *ring, uintptr_t base, unsigned index, uint64_t iova)
{
    const struct opening how = {base, index, iova, PATH_PORT, LOG2_DESCRIPTORS};

    open_at(ring, &how);
}

bool ring_close(const struct ring *ring)
{
    write32(ring->registers + RING_CTRL, 0);
    return wait_until(!(read32(ring->registers + RING_STATUS) & STATUS_BUSY));
}

void ring_reopen(struct ring *ring)
{
    ring->head = 0;
    write32(ring->registers + RING_CTRL, CTRL_ENABLE);
}

void ring_set_group(const struct ring *ring, unsigned pages)
{
    write32(ring->registers + RING_GROUP, pages);
}

bool ring_stop_pasid(const struct ring *ring, uint32_t pasid)
{
    write32(ring->engine + ENGINE_STOP, STOP_GO | pasid);
    return wait_until(!(read32(ring->engine + ENGINE_STOP) & STOP_GO)) &&
           read32(ring->engine + ENGINE_STOP) & STOP_MARKER;
}

static unsigned behind(const struct ring *ring, unsigned index)
{
    return (index + 1) & ((1U << ring->log2_size) - 1);
}

void ring_add(struct ring *ring, struct ring_descriptor work)
{
    ring->descriptors[ring->head] = work;
    ring->head = behind(ring, ring->head);
}

void ring_start(struct ring *ring, struct ring_descriptor work)
{
    ring_add(ring, work);
    dsb();
    write32(ring->registers + RING_TAIL, ring->head);
}

static const struct ring_descriptor *last(const struct ring *ring)
{
    return &ring->descriptors[(ring->head - 1) & ((1U << ring->log2_size) - 1)];
}

bool ring_has_finished(const struct ring *ring)
{
    return last(ring)->status || read32(ring->registers + RING_STATUS) & STATUS_HALTED;
}

struct ring_descriptor ring_finish(struct ring *ring)
{
    (void)wait_until(ring_has_finished(ring));
    dmb_load();
    return *last(ring);
}

struct ring_descriptor ring_run(struct ring *ring, struct ring_descriptor work)
{
    ring_start(ring, work);
    return ring_finish(ring);
}

void ring_enable_pin(const struct ring *ring, unsigned index)
{
    write32(ring->engine + ENGINE_INT_ENABLE, 1U << index);
}

void ring_enable_line(const struct ring *ring, unsigned index)
{
    write32(ring->engine + ENGINE_PORT_INT_ENABLE, 1U << index);
}

void ring_acknowledge(const struct ring *ring, unsigned index)
{
    write32(ring->engine + ENGINE_INT_STATUS, 1U << index);
}
