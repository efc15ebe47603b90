/* SPDX-License-Identifier: Apache-2.0 */
/* Data on its way: DMA, the pieces of a transfer, the medium. */
#include "nvme_transfer.h"

/* --- DMA --- */

static enum nvme_status settle(const nvme *n, unsigned life, enum vp_status status)
{
    if (n->life != life)
        return NVME_NO_COMPLETION;
    return status == VP_OK ? NVME_SUCCESS : NVME_TRANSFER_ERROR;
}

enum nvme_status dma_read(nvme *n, uint64_t address, void *data, uint32_t size)
{
    const struct vp_bus *bus = &n->ops.bus;
    unsigned life = n->life;

    return settle(n, life, bus->read(bus->user, address, data, size, 0, VP_NO_SSID));
}

enum nvme_status dma_write(nvme *n, uint64_t address, const void *data, uint32_t size)
{
    const struct vp_bus *bus = &n->ops.bus;
    unsigned life = n->life;

    return settle(n, life, bus->write(bus->user, address, data, size, 0, VP_NO_SSID));
}

enum nvme_status dma_fetch(nvme *n, uint64_t address, void *data, uint32_t size)
{
    unsigned life = n->life;

    if (n->ops.step)
        n->ops.step(n->ops.user);
    return n->life == life ? dma_read(n, address, data, size) : NVME_NO_COMPLETION;
}

/* --- pieces --- */

static bool uses_sgl(const struct command *command)
{
    return (command->flags & DATA_POINTER) != DATA_POINTER_PRP;
}

void transfer_begin(struct transfer *t, nvme *n, const struct command *command, uint32_t size,
                    bool to_memory)
{
    t->n = n;
    t->to_memory = to_memory;
    t->left = size;
    t->piece = (struct piece){0};
    if (uses_sgl(command)) {
        n->counts.sgl_commands++;
        sgl_begin(t, command);
    } else {
        prp_begin(t, command);
    }
}

static enum nvme_status access_piece(struct transfer *t, uint8_t *data, uint32_t size)
{
    const struct vp_data_bus *ops = &t->n->ops.data;
    unsigned life = t->n->life;

    if (t->piece.discarded)
        return NVME_SUCCESS;
    if (ops->settle)
        return settle(t->n, life,
                      t->to_memory ? ops->write(ops->user, t->piece.address, data, size)
                                   : ops->read(ops->user, t->piece.address, data, size));
    if (t->to_memory)
        return dma_write(t->n, t->piece.address, data, size);
    return dma_read(t->n, t->piece.address, data, size);
}

/* The next access moves what the piece has, and one access can take. */
static uint32_t next_size(const struct transfer *t, uint32_t size)
{
    size = size < t->piece.size ? size : t->piece.size;
    return size < LARGEST_ACCESS ? size : LARGEST_ACCESS;
}

/* Whatever became of the transfer, no read is under way when it is over. Reads came before what
 * ended it. */
static enum nvme_status end_reads(struct transfer *t, enum nvme_status status)
{
    const struct vp_data_bus *ops = &t->n->ops.data;
    unsigned life = t->n->life;

    if (t->to_memory || !ops->settle)
        return status;
    enum nvme_status read = settle(t->n, life, ops->settle(ops->user));
    if (status == NVME_NO_COMPLETION || read == NVME_SUCCESS)
        return status;
    return read;
}

enum nvme_status transfer_move(struct transfer *t, uint8_t *data, uint32_t size)
{
    enum nvme_status status = NVME_SUCCESS;

    while (size && status == NVME_SUCCESS) {
        if (t->piece.size == 0) {
            status = t->next(t);
            t->left -= t->piece.size;
            continue;
        }
        uint32_t now = next_size(t, size);
        status = access_piece(t, data, now);
        t->piece.address += now;
        t->piece.size -= now;
        data += now;
        size -= now;
    }
    return end_reads(t, status);
}

static enum nvme_status move_data(nvme *n, const struct command *command, uint8_t *data,
                                  uint32_t size, bool to_memory)
{
    struct transfer t;

    transfer_begin(&t, n, command, size, to_memory);
    return transfer_move(&t, data, size);
}

enum nvme_status send_data(nvme *n, const struct command *command, uint8_t *data, uint32_t size)
{
    return move_data(n, command, data, size, true);
}

enum nvme_status receive_data(nvme *n, const struct command *command, uint8_t *data, uint32_t size)
{
    return move_data(n, command, data, size, false);
}

/* --- the medium --- */

static enum nvme_status judge(nvme *n, unsigned life, enum disk_status status,
                              enum nvme_status failure)
{
    if (status == DISK_FAILED)
        n->counts.medium_errors++;
    if (n->life != life)
        return NVME_NO_COMPLETION;
    if (status == DISK_FULL)
        return NVME_CAPACITY;
    return status == DISK_OK ? NVME_SUCCESS : failure;
}

static void note_written(nvme *n, uint64_t offset, uint64_t size)
{
    ranges_remove(&n->lost, offset, offset + size);
    ranges_add(&n->unflushed, offset, offset + size);
}

enum nvme_status medium_read(nvme *n, uint64_t offset, uint8_t **data, uint32_t size)
{
    const struct disk_medium *medium = &n->ops.medium;
    unsigned life = n->life;
    void *place = *data;
    enum disk_status status = medium->read(medium->user, offset, &place, size);

    *data = place;
    return judge(n, life, status, NVME_READ_ERROR);
}

enum nvme_status medium_write(nvme *n, uint64_t offset, const void *data, uint32_t size)
{
    const struct disk_medium *medium = &n->ops.medium;
    unsigned life = n->life;
    enum disk_status status = medium->write(medium->user, offset, data, size);

    if (status == DISK_OK)
        note_written(n, offset, size);
    return judge(n, life, status, NVME_WRITE_FAULT);
}

enum nvme_status medium_zero(nvme *n, uint64_t offset, uint64_t size, bool deallocate)
{
    const struct disk_medium *medium = &n->ops.medium;
    unsigned life = n->life;
    enum disk_status status = medium->zero(medium->user, offset, size, deallocate);

    if (status == DISK_OK)
        note_written(n, offset, size);
    return judge(n, life, status, NVME_WRITE_FAULT);
}

/* A failure is told once: what it was about may be gone from the caches behind the medium, and the
 * next flush has nothing left to fail at. */
enum nvme_status medium_sync(nvme *n)
{
    const struct disk_medium *medium = &n->ops.medium;
    unsigned life = n->life;
    enum disk_status status = medium->flush(medium->user);

    if (status == DISK_OK)
        n->unflushed.count = 0;
    else
        ranges_move(&n->lost, &n->unflushed);
    return judge(n, life, status, NVME_WRITE_FAULT);
}

enum nvme_status medium_flush(nvme *n)
{
    enum nvme_status status = medium_sync(n);

    return status == NVME_SUCCESS && n->lost.count ? NVME_WRITE_FAULT : status;
}
