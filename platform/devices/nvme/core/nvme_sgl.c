/* SPDX-License-Identifier: Apache-2.0 */
/* Scatter Gather Lists (NVM Express 1.4, 4.4). */
#include "nvme_transfer.h"

#define QWORD_MASK 7u

/* Types of descriptors; the others are of fabrics, or of vendors. */
enum type { DATA_BLOCK = 0, BIT_BUCKET = 1, SEGMENT = 2, LAST_SEGMENT = 3 };

#define SUBTYPE_ADDRESS 0u /* the only one there is without fabrics */

struct descriptor {
    uint64_t address;
    uint32_t length;
    uint8_t type;
    uint8_t subtype;
};

static struct descriptor decode(const uint8_t *raw)
{
    return (struct descriptor){.address = vp_load_le64(raw),
                               .length = vp_load_le32(raw + 8),
                               .type = raw[15] >> 4,
                               .subtype = raw[15] & 15};
}

static bool segment_is_over(const struct sgl_walk *walk)
{
    return walk->taken == walk->loaded && walk->unread == 0;
}

static enum nvme_status load_descriptors(struct transfer *t)
{
    struct sgl_walk *walk = &t->sgl;
    uint32_t count = walk->unread < DESCRIPTORS_AT_ONCE ? walk->unread : DESCRIPTORS_AT_ONCE;
    uint64_t from = walk->next;

    walk->next += (uint64_t)count * DESCRIPTOR_BYTES;
    walk->unread -= count;
    walk->loaded = count;
    walk->taken = 0;
    return dma_fetch(t->n, from, walk->raw, count * DESCRIPTOR_BYTES);
}

/* An SGL that is over before the data are is too short. */
static enum nvme_status take_descriptor(struct transfer *t, struct descriptor *d)
{
    struct sgl_walk *walk = &t->sgl;

    if (segment_is_over(walk))
        return NVME_SGL_LENGTH;
    if (walk->seen++ == MAX_DESCRIPTORS)
        return NVME_SGL_NUMBER;
    if (walk->taken == walk->loaded) {
        enum nvme_status status = load_descriptors(t);
        if (status != NVME_SUCCESS)
            return status;
    }
    *d = decode(walk->raw + (size_t)DESCRIPTOR_BYTES * walk->taken++);
    return NVME_SUCCESS;
}

/* The next segment is named by the last descriptor of the one before, and none follows the last. */
static enum nvme_status enter_segment(struct sgl_walk *walk, const struct descriptor *d)
{
    if (!segment_is_over(walk))
        return NVME_SGL_NUMBER;
    if (walk->last_segment || d->address & QWORD_MASK || d->length == 0 ||
        d->length % DESCRIPTOR_BYTES)
        return NVME_SGL_SEGMENT;
    walk->last_segment = d->type == LAST_SEGMENT;
    walk->next = d->address;
    walk->unread = d->length / DESCRIPTOR_BYTES;
    return NVME_SUCCESS;
}

/* A bit bucket takes data of the controller; those of the host do not fill one. */
static void use_block(struct transfer *t, const struct descriptor *d)
{
    bool bucket = d->type == BIT_BUCKET;
    uint32_t size = d->length < t->left ? d->length : t->left;

    if (bucket && !t->to_memory)
        size = 0;
    t->piece = (struct piece){.address = d->address, .size = size, .discarded = bucket};
}

/* Whether what is described goes beyond the last address there is. */
static bool wraps(const struct descriptor *d)
{
    return d->type != BIT_BUCKET && d->length && d->address > UINT64_MAX - (d->length - 1);
}

static enum nvme_status use(struct transfer *t, const struct descriptor *d)
{
    if (d->type > LAST_SEGMENT || d->subtype != SUBTYPE_ADDRESS)
        return NVME_SGL_TYPE;
    if (wraps(d))
        return NVME_SGL_LENGTH;
    if (d->type == SEGMENT || d->type == LAST_SEGMENT)
        return enter_segment(&t->sgl, d);
    use_block(t, d);
    return NVME_SUCCESS;
}

/* Blocks and buckets may be empty. */
static enum nvme_status next_piece(struct transfer *t)
{
    enum nvme_status status = NVME_SUCCESS;
    struct descriptor d;

    while (status == NVME_SUCCESS && t->piece.size == 0) {
        status = take_descriptor(t, &d);
        if (status == NVME_SUCCESS)
            status = use(t, &d);
    }
    return status;
}

/* The descriptor in the command stands for a first segment. */
void sgl_begin(struct transfer *t, const struct command *command)
{
    t->next = next_piece;
    t->sgl = (struct sgl_walk){.loaded = 1};
    vp_store_le(t->sgl.raw, command->prp1, 8);
    vp_store_le(t->sgl.raw + 8, command->prp2, 8);
}
