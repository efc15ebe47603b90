/* SPDX-License-Identifier: Apache-2.0 */
/* Data on its way: DMA, Physical Region Pages (NVM Express 1.4, 4.3), the medium. */
#include "nvme_priv.h"

#define ENTRY_BYTES 8u
#define DWORD_MASK  3u

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

/* --- PRPs --- */

/* A walk over the memory that the PRPs of a command mean. */
struct prp_walk {
    nvme *n;
    uint64_t prp2;
    uint64_t next; /* address of the memory to come, */
    uint32_t room; /* and how much of its page is left */
    uint64_t list; /* entry to come, once in a list */
    uint32_t left; /* bytes of the transfer */
    bool in_list;
    bool first; /* page */
};

static uint32_t page_offset(const nvme *n, uint64_t address)
{
    return (uint32_t)(address & (page_size(n) - 1));
}

static enum nvme_status prp_begin(struct prp_walk *walk, nvme *n, const struct command *command,
                                  uint32_t size)
{
    *walk = (struct prp_walk){.n = n,
                              .prp2 = command->prp2,
                              .next = command->prp1,
                              .room = page_size(n) - page_offset(n, command->prp1),
                              .left = size,
                              .first = true};
    return command->prp1 & DWORD_MASK ? NVME_PRP_OFFSET : NVME_SUCCESS;
}

static enum nvme_status read_entry(struct prp_walk *walk, uint64_t *entry)
{
    uint8_t raw[ENTRY_BYTES] = {0};
    enum nvme_status status = dma_read(walk->n, walk->list, raw, ENTRY_BYTES);

    *entry = load_le(raw, ENTRY_BYTES);
    walk->list += ENTRY_BYTES;
    return status;
}

/* The last entry of a page of the list leads to the next page if more than one page of data is
 * still to come. */
static enum nvme_status next_of_list(struct prp_walk *walk, uint64_t *entry)
{
    const nvme *n = walk->n;
    enum nvme_status status;

    if (page_offset(n, walk->list) == page_size(n) - ENTRY_BYTES && walk->left > page_size(n)) {
        status = read_entry(walk, entry);
        if (status != NVME_SUCCESS)
            return status;
        if (page_offset(n, *entry))
            return NVME_PRP_OFFSET;
        walk->list = *entry;
    }
    return read_entry(walk, entry);
}

/* The second page: PRP 2 itself if it is the last one, else the first entry of the list there. */
static enum nvme_status next_page(struct prp_walk *walk, uint64_t *entry)
{
    if (walk->in_list)
        return next_of_list(walk, entry);
    if (walk->left <= page_size(walk->n)) {
        *entry = walk->prp2;
        return NVME_SUCCESS;
    }
    if (walk->prp2 % ENTRY_BYTES)
        return NVME_PRP_OFFSET;
    walk->in_list = true;
    walk->list = walk->prp2;
    return next_of_list(walk, entry);
}

/* The next piece: its address and size, at most a page. */
static enum nvme_status prp_next(struct prp_walk *walk, uint64_t *address, uint32_t *size)
{
    if (!walk->first) {
        enum nvme_status status = next_page(walk, &walk->next);
        if (status != NVME_SUCCESS)
            return status;
        if (page_offset(walk->n, walk->next))
            return NVME_PRP_OFFSET;
        walk->room = page_size(walk->n);
    }
    walk->first = false;
    *address = walk->next;
    *size = walk->left < walk->room ? walk->left : walk->room;
    walk->left -= *size;
    return NVME_SUCCESS;
}

static enum nvme_status move_data(nvme *n, const struct command *command, uint8_t *data,
                                  uint32_t size, bool to_memory)
{
    struct prp_walk walk;
    enum nvme_status status = prp_begin(&walk, n, command, size);
    uint64_t address;
    uint32_t piece;

    while (status == NVME_SUCCESS && walk.left) {
        status = prp_next(&walk, &address, &piece);
        if (status != NVME_SUCCESS)
            break;
        status = to_memory ? dma_write(n, address, data, piece) : dma_read(n, address, data, piece);
        data += piece;
    }
    return status;
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

static enum nvme_status judge(nvme *n, unsigned life, enum nvme_medium_status status,
                              enum nvme_status failure)
{
    if (status == NVME_MEDIUM_FAILED)
        n->counts.medium_errors++;
    if (n->life != life)
        return NVME_NO_COMPLETION;
    if (status == NVME_MEDIUM_FULL)
        return NVME_CAPACITY;
    return status == NVME_MEDIUM_OK ? NVME_SUCCESS : failure;
}

enum nvme_status medium_read(nvme *n, uint64_t offset, void *data, uint32_t size)
{
    const struct nvme_medium *medium = &n->ops.medium;
    unsigned life = n->life;

    return judge(n, life, medium->read(medium->user, offset, data, size), NVME_READ_ERROR);
}

enum nvme_status medium_write(nvme *n, uint64_t offset, const void *data, uint32_t size)
{
    const struct nvme_medium *medium = &n->ops.medium;
    unsigned life = n->life;

    return judge(n, life, medium->write(medium->user, offset, data, size), NVME_WRITE_FAULT);
}

enum nvme_status medium_zero(nvme *n, uint64_t offset, uint64_t size, bool deallocate)
{
    const struct nvme_medium *medium = &n->ops.medium;
    unsigned life = n->life;

    return judge(n, life, medium->zero(medium->user, offset, size, deallocate), NVME_WRITE_FAULT);
}

enum nvme_status medium_flush(nvme *n)
{
    const struct nvme_medium *medium = &n->ops.medium;
    unsigned life = n->life;

    return judge(n, life, medium->flush(medium->user), NVME_WRITE_FAULT);
}
