/* SPDX-License-Identifier: Apache-2.0 */
/* Looks up the row of an access and applies it. */
#include "vp/regs.h"

#include "vp/regpart.h"

/* Where an access goes. `row` is NULL where nothing is. */
struct place {
    const struct vp_reg *row;
    unsigned index;
    unsigned byte; /* of the register */
};

static unsigned stride(const struct vp_reg *row)
{
    return row->stride ? row->stride : row->width;
}

/* The last row that begins at or before `offset`, by halving. */
static const struct vp_reg *last_from(const struct vp_regs *regs, uint64_t offset)
{
    size_t low = 0;
    size_t high = regs->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (regs->rows[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &regs->rows[low - 1] : NULL;
}

static struct place find(const struct vp_regs *regs, uint64_t offset)
{
    const struct vp_reg *row = last_from(regs, offset);

    if (!row)
        return (struct place){.row = NULL};
    uint64_t at = offset - row->offset;
    if (at < row->width)
        return (struct place){row, 0, (unsigned)at};
    if (at / stride(row) < row->count && at % stride(row) < row->width)
        return (struct place){row, (unsigned)(at / stride(row)), (unsigned)(at % stride(row))};
    return (struct place){.row = NULL};
}

static bool size_allowed(const struct vp_regs *regs, const struct vp_reg *row, unsigned size)
{
    if (!row)
        return regs->sizes & size;
    if (row->sizes)
        return row->sizes & size;
    return regs->sizes & size && size <= row->width;
}

/* Whether the access is one to each of two registers. */
static bool is_pair(const struct vp_regs *regs, const struct vp_reg *row, unsigned size)
{
    return regs->pairs && size == 8 && regs->sizes & size && !(row && row->width == 8);
}

static enum vp_status locate(const struct vp_regs *regs, uint64_t offset, unsigned size,
                             struct place *place)
{
    if (offset >= regs->size)
        return VP_DECERR;
    if (!vp_access_aligned(offset, size) || (regs->align && offset % regs->align))
        return VP_SLVERR;
    *place = find(regs, offset);
    if (is_pair(regs, place->row, size))
        return VP_OK;
    return size_allowed(regs, place->row, size) ? VP_OK : VP_SLVERR;
}

static uint64_t load_member(const struct vp_reg *row, const void *dev)
{
    const char *member = (const char *)dev + row->member;

    return row->member_size == 8 ? *(const uint64_t *)member : *(const uint32_t *)member;
}

static void store_member(const struct vp_reg *row, void *dev, uint64_t value)
{
    char *member = (char *)dev + row->member;

    if (row->member_size == 8)
        *(uint64_t *)member = value;
    else
        *(uint32_t *)member = (uint32_t)value;
}

static uint64_t whole(const struct place *place, const void *dev)
{
    if (place->row->get)
        return place->row->get(dev);
    if (place->row->get_nth)
        return place->row->get_nth(dev, place->index);
    return place->row->member_size ? load_member(place->row, dev) : place->row->value;
}

/* `taker` is the device if the read is to have its side effects, else NULL. */
static enum vp_status read_regs(const struct vp_regs *regs, const void *dev, void *taker,
                                uint64_t offset, unsigned size, uint64_t *value)
{
    struct place place;
    enum vp_status status = locate(regs, offset, size, &place);
    uint64_t high;

    *value = 0;
    if (status != VP_OK)
        return status;
    if (is_pair(regs, place.row, size)) {
        read_regs(regs, dev, taker, offset, 4, value);
        read_regs(regs, dev, taker, offset + 4, 4, &high);
        *value |= high << 32;
    } else if (place.row) {
        *value = vp_reg_part(whole(&place, dev) & ~place.row->hidden, place.byte, size);
        if (taker && place.row->taken)
            place.row->taken(taker);
    }
    return VP_OK;
}

enum vp_status vp_regs_read(const struct vp_regs *regs, void *dev, uint64_t offset, unsigned size,
                            uint64_t *value)
{
    return read_regs(regs, dev, dev, offset, size, value);
}

enum vp_status vp_regs_peek(const struct vp_regs *regs, const void *dev, uint64_t offset,
                            unsigned size, uint64_t *value)
{
    return read_regs(regs, dev, NULL, offset, size, value);
}

/* The bits of the register that the access writes, in their places. */
static uint64_t lanes(const struct vp_regs *regs, const struct place *place, unsigned size)
{
    return regs->extends ? vp_reg_mask(place->row->width) : vp_reg_mask(size) << (8 * place->byte);
}

static void write_row(const struct vp_regs *regs, void *dev, const struct place *place,
                      unsigned size, uint64_t value)
{
    const struct vp_reg *row = place->row;
    uint64_t written = lanes(regs, place, size);
    uint64_t data = (value & vp_reg_mask(size)) << (8 * place->byte);

    if (row->guard && !row->guard(dev))
        return;
    if (row->set || row->set_nth) {
        if (written != vp_reg_mask(row->width))
            data |= whole(place, dev) & ~written;
        if (row->set)
            row->set(dev, data);
        else
            row->set_nth(dev, place->index, data);
    } else if (row->member_size) {
        uint64_t old = load_member(row, dev);
        uint64_t taken = row->writable & written;

        store_member(row, dev, ((old & ~taken) | (data & taken)) & ~(data & row->w1c));
    }
}

enum vp_status vp_regs_write(const struct vp_regs *regs, void *dev, uint64_t offset, unsigned size,
                             uint64_t value)
{
    struct place place;
    enum vp_status status = locate(regs, offset, size, &place);

    if (status != VP_OK)
        return status;
    if (is_pair(regs, place.row, size)) {
        vp_regs_write(regs, dev, offset, 4, value & UINT32_MAX);
        vp_regs_write(regs, dev, offset + 4, 4, value >> 32);
    } else if (place.row) {
        write_row(regs, dev, &place, size, value);
    }
    return VP_OK;
}

const char *vp_regs_name(const struct vp_regs *regs, uint64_t offset)
{
    const struct vp_reg *row = find(regs, offset).row;

    return row ? row->name : NULL;
}
