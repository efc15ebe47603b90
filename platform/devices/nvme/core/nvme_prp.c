/* SPDX-License-Identifier: Apache-2.0 */
/* Physical Region Pages and their lists (NVM Express 1.4, 4.3). */
#include "nvme_transfer.h"

#define DWORD_MASK 3u

static uint32_t page_offset(const nvme *n, uint64_t address)
{
    return (uint32_t)(address & (page_size(n) - 1));
}

/* Entries for what is left of the data, as far as the page of the list has them. */
static enum nvme_status load_entries(struct transfer *t)
{
    struct prp_walk *walk = &t->prp;
    uint32_t page = page_size(t->n);
    uint32_t count = (page - page_offset(t->n, walk->list)) / PRP_BYTES;
    uint32_t wanted = t->left / page + (t->left % page != 0);

    count = count < wanted ? count : wanted;
    count = count < PRPS_AT_ONCE ? count : PRPS_AT_ONCE;
    walk->loaded = count;
    walk->taken = 0;
    return dma_fetch(t->n, walk->list, walk->raw, count * PRP_BYTES);
}

static enum nvme_status take_entry(struct transfer *t, uint64_t *entry)
{
    struct prp_walk *walk = &t->prp;

    if (walk->taken == walk->loaded) {
        enum nvme_status status = load_entries(t);
        if (status != NVME_SUCCESS)
            return status;
    }
    *entry = vp_load_le64(walk->raw + (size_t)PRP_BYTES * walk->taken++);
    walk->list += PRP_BYTES;
    return NVME_SUCCESS;
}

/* The last entry of a page of the list leads to the next page of it if more than one page of data
 * is still to come. */
static bool leads_on(const struct transfer *t, uint32_t left)
{
    uint32_t page = page_size(t->n);

    return page_offset(t->n, t->prp.list) == page - PRP_BYTES && left > page;
}

static enum nvme_status next_of_list(struct transfer *t, uint64_t *entry)
{
    if (leads_on(t, t->left)) {
        enum nvme_status status = take_entry(t, entry);
        if (status != NVME_SUCCESS)
            return status;
        if (page_offset(t->n, *entry))
            return NVME_PRP_OFFSET;
        t->prp.list = *entry;
    }
    return take_entry(t, entry);
}

/* The second page: PRP 2 itself if it is the last one, else the first entry of the list there. */
static enum nvme_status next_page(struct transfer *t, uint64_t *entry)
{
    struct prp_walk *walk = &t->prp;

    if (walk->in_list)
        return next_of_list(t, entry);
    if (t->left <= page_size(t->n)) {
        *entry = walk->prp2;
        return NVME_SUCCESS;
    }
    if (walk->prp2 % PRP_BYTES)
        return NVME_PRP_OFFSET;
    walk->in_list = true;
    walk->list = walk->prp2;
    return next_of_list(t, entry);
}

/* Pages of the list that follow the piece in memory become part of it, as far as they are known. */
static void join_pages(struct transfer *t)
{
    struct prp_walk *walk = &t->prp;
    uint32_t page = page_size(t->n);

    while (walk->taken < walk->loaded && t->left > t->piece.size) {
        uint32_t left = t->left - t->piece.size;
        uint64_t entry = vp_load_le64(walk->raw + (size_t)PRP_BYTES * walk->taken);
        if (leads_on(t, left) || entry != t->piece.address + t->piece.size)
            return;
        walk->taken++;
        walk->list += PRP_BYTES;
        t->piece.size += left < page ? left : page;
    }
}

/* Only the first page may be used from the middle on. */
static enum nvme_status next_piece(struct transfer *t)
{
    uint64_t address = t->piece.address;
    uint32_t room;

    if (!t->prp.first) {
        enum nvme_status status = next_page(t, &address);
        if (status != NVME_SUCCESS)
            return status;
    }
    if (t->prp.first ? address & DWORD_MASK : page_offset(t->n, address))
        return NVME_PRP_OFFSET;
    t->prp.first = false;
    room = page_size(t->n) - page_offset(t->n, address);
    t->piece = (struct piece){.address = address, .size = t->left < room ? t->left : room};
    join_pages(t);
    return NVME_SUCCESS;
}

void prp_begin(struct transfer *t, const struct command *command)
{
    t->next = next_piece;
    t->prp = (struct prp_walk){.prp2 = command->prp2, .first = true};
    t->piece.address = command->prp1;
}
