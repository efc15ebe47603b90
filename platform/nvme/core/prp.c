/* SPDX-License-Identifier: Apache-2.0 */
/* Physical Region Pages: the memory a command means (NVM Express 1.4, 4.3). */
#include "nvme_priv.h"

#define ENTRY_BYTES 8u
#define DWORD_MASK  3u

static uint32_t page_size(const nvme *n)
{
    return 1u << page_shift(n);
}

static uint32_t page_offset(const nvme *n, uint64_t address)
{
    return (uint32_t)(address & (page_size(n) - 1));
}

enum nvme_status prp_begin(struct prp_walk *walk, nvme *n, const struct command *command,
                           uint64_t size)
{
    *walk = (struct prp_walk){.n = n, .prp2 = command->prp2, .left = size, .first = true};
    if (command->prp1 & DWORD_MASK)
        return NVME_PRP_OFFSET;
    walk->next = command->prp1;
    walk->room = page_size(n) - page_offset(n, command->prp1);
    return NVME_SUCCESS;
}

static enum nvme_status read_entry(struct prp_walk *walk, uint64_t *entry)
{
    const struct vp_bus *bus = &walk->n->ops.bus;
    unsigned life = walk->n->life;
    uint8_t raw[ENTRY_BYTES];

    if (bus->read(bus->user, walk->list, raw, ENTRY_BYTES, 0, VP_NO_SSID) != VP_OK)
        return NVME_TRANSFER_ERROR;
    if (walk->n->life != life)
        return NVME_NO_COMPLETION;
    *entry = load_le(raw, ENTRY_BYTES);
    walk->list += ENTRY_BYTES;
    return NVME_SUCCESS;
}

/* The last entry of a page of the list leads to the next page if more than one page of data is
 * still to come. */
static enum nvme_status next_of_list(struct prp_walk *walk, uint64_t *entry)
{
    const nvme *n = walk->n;
    enum nvme_status status = NVME_SUCCESS;

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

enum nvme_status prp_next(struct prp_walk *walk, uint64_t *address, uint32_t *size)
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
    *size = walk->left < walk->room ? (uint32_t)walk->left : walk->room;
    walk->left -= *size;
    return NVME_SUCCESS;
}

static enum nvme_status settle(const nvme *n, unsigned life, enum vp_status status)
{
    if (n->life != life)
        return NVME_NO_COMPLETION;
    return status == VP_OK ? NVME_SUCCESS : NVME_TRANSFER_ERROR;
}

enum nvme_status prp_send(nvme *n, const struct command *command, const uint8_t *data,
                          uint32_t size)
{
    const struct vp_bus *bus = &n->ops.bus;
    unsigned life = n->life;
    struct prp_walk walk;
    enum nvme_status status = prp_begin(&walk, n, command, size);
    uint64_t address;
    uint32_t piece;

    while (status == NVME_SUCCESS && walk.left) {
        status = prp_next(&walk, &address, &piece);
        if (status == NVME_SUCCESS)
            status = settle(n, life, bus->write(bus->user, address, data, piece, 0, VP_NO_SSID));
        data += piece;
    }
    return status;
}

enum nvme_status prp_receive(nvme *n, const struct command *command, uint8_t *data, uint32_t size)
{
    const struct vp_bus *bus = &n->ops.bus;
    unsigned life = n->life;
    struct prp_walk walk;
    enum nvme_status status = prp_begin(&walk, n, command, size);
    uint64_t address;
    uint32_t piece;

    while (status == NVME_SUCCESS && walk.left) {
        status = prp_next(&walk, &address, &piece);
        if (status == NVME_SUCCESS)
            status = settle(n, life, bus->read(bus->user, address, data, piece, 0, VP_NO_SSID));
        data += piece;
    }
    return status;
}
