/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses to memory, and the end of those with a PASID whose use is stopped. */
#include "pcie_dma_priv.h"

static bool is_being_stopped(const struct pcie_dma *d, uint32_t pasid)
{
    return d->stop & STOP_BUSY && pasid == (d->stop & PASID_VALUE);
}

enum pcie_access_end pcie_dma_load(struct pcie_dma *d, uint64_t addr, void *data, uint32_t size,
                                   const struct pcie_dma_way *way)
{
    if (is_being_stopped(d, way->pasid))
        return PCIE_ACCESS_STOPPED;
    return d->ops.read(d->ops.user, addr, data, size, way);
}

enum pcie_access_end pcie_dma_begin_load(struct pcie_dma *d, unsigned number, uint64_t addr,
                                         void *data, uint32_t size, const struct pcie_dma_way *way)
{
    if (!way->relaxed)
        return pcie_dma_load(d, addr, data, size, way);
    if (is_being_stopped(d, way->pasid))
        return PCIE_ACCESS_STOPPED;
    return d->ops.begin_read(d->ops.user, number, addr, data, size, way);
}

enum pcie_access_end pcie_dma_store(struct pcie_dma *d, uint64_t addr, const void *data,
                                    uint32_t size, const struct pcie_dma_way *way)
{
    if (is_being_stopped(d, way->pasid))
        return PCIE_ACCESS_STOPPED;
    return d->ops.write(d->ops.user, addr, data, size, way);
}

bool pcie_dma_wants(const pcie_dma *d, const struct pcie_dma_way *way)
{
    return d->ring[way->ring].life == way->life && !is_being_stopped(d, way->pasid);
}

/* --- stopping --- */

void pcie_dma_set_stop(pcie_dma *d, uint64_t value)
{
    if (d->stop & STOP_BUSY)
        return;
    d->stop = value & (STOP_BUSY | PASID_VALUE);
    if (!(d->stop & STOP_BUSY))
        return;
    if (d->ops.reconsider)
        d->ops.reconsider(d->ops.user);
    if (d->ops.stop)
        d->ops.stop(d->ops.user);
}

/* A reset meanwhile clears the register, and software may have written it again. */
void pcie_dma_stop(pcie_dma *d)
{
    while (d->stop & STOP_BUSY) {
        uint64_t asked = d->stop;
        uint64_t pasid = asked & PASID_VALUE;
        bool marker = d->ops.drain && d->ops.drain(d->ops.user, (uint32_t)pasid);

        if (d->stop == asked)
            d->stop = pasid | (marker ? STOP_MARKER : 0);
    }
}
