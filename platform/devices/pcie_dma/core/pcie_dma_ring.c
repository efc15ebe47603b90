/* SPDX-License-Identifier: Apache-2.0 */
/* Rings: descriptors fetched in order, carried out, and their outcome written back. */
#include "pcie_dma_priv.h"
#include "vp/little_endian.h"

#define WRITE_BACK_OFFSET 0x28u /* status, CRC, bytes, fault address */
#define WRITE_BACK_BYTES  24u

void ring_reset(struct pcie_dma *d, unsigned ring)
{
    const struct ring *old = &d->ring[ring];

    d->ring[ring] =
        (struct ring){.engine = d, .vector = ring, .window = old->window, .life = old->life + 1};
}

bool ring_has_work(const struct ring *ring)
{
    return ring->enable && !(ring->status & STATUS_HALTED) && ring->head != ring->tail;
}

/* The way of a ring by the function. */
static struct pcie_dma_way function_way(const struct pcie_dma *d, unsigned r)
{
    uint64_t pasid = d->ring[r].pasid;

    return (struct pcie_dma_way){
        .ring = r,
        .life = d->ring[r].life,
        .pasid = pasid & PASID_VALID ? pasid & PASID_VALUE : VP_NO_SSID,
        .pages = 1,
    };
}

struct pcie_dma_way ring_port_way(unsigned ring)
{
    return (struct pcie_dma_way){.ring = ring, .path = PCIE_DMA_PORT, .pasid = VP_NO_SSID};
}

/* How a ring reaches its descriptors. */
static struct pcie_dma_way way_of(const struct pcie_dma *d, unsigned r)
{
    return d->ring[r].path == PCIE_DMA_PORT ? ring_port_way(r) : function_way(d, r);
}

static void halt(struct pcie_dma *d, unsigned r, enum ring_error error, uint64_t addr)
{
    struct ring *ring = &d->ring[r];

    ring->status |= STATUS_HALTED;
    ring->error = error;
    ring->fault_addr = addr;
    pcie_dma_interrupt(d, r);
}

static void decode(struct job *job, const uint8_t *raw)
{
    job->control = vp_load_le32(raw);
    job->way = function_way(job->d, job->ring);
    if (job->control & CONTROL_PASID)
        job->way.pasid = vp_load_le32(raw + 4);
    job->way.untranslated = job->control & CONTROL_PLAIN;
    job->src = vp_load_le64(raw + 8);
    job->dst = vp_load_le64(raw + 16);
    job->length = vp_load_le32(raw + 24);
    job->pattern = vp_load_le64(raw + 32);
}

/* The status goes last, in a write of its own: who sees it sees the rest. */
static bool write_back(struct pcie_dma *d, unsigned r, uint64_t desc, const struct job *job,
                       enum outcome outcome)
{
    const struct pcie_dma_way way = way_of(d, r);
    uint8_t raw[WRITE_BACK_BYTES];

    vp_store_le(raw, outcome, 4);
    vp_store_le(raw + 4, job->crc, 4);
    vp_store_le(raw + 8, job->moved, 8);
    vp_store_le(raw + 16, job->fault_addr, 8);
    return pcie_dma_store(d, desc + WRITE_BACK_OFFSET + 4, raw + 4, WRITE_BACK_BYTES - 4, &way) ==
               PCIE_ACCESS_DONE &&
           pcie_dma_store(d, desc + WRITE_BACK_OFFSET, raw, 4, &way) == PCIE_ACCESS_DONE;
}

/* One descriptor. Every access may block; a ring that was disabled meanwhile, even if it is enabled
 * again, is left alone. */
static void step(struct pcie_dma *d, unsigned r)
{
    struct ring *ring = &d->ring[r];
    const struct pcie_dma_way way = way_of(d, r);
    struct job job = {.d = d, .ring = r, .life = ring->life};
    uint64_t desc = ring->base + ring->head * DESC_BYTES;
    uint8_t raw[DESC_BYTES];

    bool read = pcie_dma_load(d, desc, raw, DESC_BYTES, &way) == PCIE_ACCESS_DONE;
    if (ring->life != job.life)
        return;
    if (!read) {
        halt(d, r, RING_DESC_READ, desc);
        return;
    }
    decode(&job, raw);
    enum outcome outcome = operation_run(&job);
    if (outcome == ABANDONED)
        return;
    bool written = write_back(d, r, desc, &job, outcome);
    if (ring->life != job.life)
        return;
    if (!written) {
        halt(d, r, RING_WRITE_BACK, desc);
        return;
    }
    ring->head = (ring->head + 1) & ((UINT64_C(1) << ring->log2_size) - 1);
    if (outcome != DONE || job.control & CONTROL_IRQ)
        pcie_dma_interrupt(d, r);
}

void pcie_dma_run(struct pcie_dma *d, unsigned r)
{
    struct ring *ring = &d->ring[r];

    while (ring_has_work(ring)) {
        ring->status |= STATUS_BUSY;
        step(d, r);
    }
    ring->status &= ~(uint64_t)STATUS_BUSY;
}
