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

static inline unsigned stride(const struct vp_reg *row)
{
    return row->stride ? row->stride : row->width;
}

/* The last row that begins at or before `offset`. Tables are short: one look after the other is
 * faster than halving, where each look has to wait for the one before. */
static inline const struct vp_reg *last_from(const struct vp_regs *regs, uint64_t offset)
{
    size_t beyond = 0;

    while (beyond < regs->count && regs->rows[beyond].offset <= offset)
        beyond++;
    return beyond ? &regs->rows[beyond - 1] : NULL;
}

static inline struct place find(const struct vp_regs *regs, uint64_t offset)
{
    const struct vp_reg *row = last_from(regs, offset);
    if (!row)
        return (struct place){.row = NULL};

    uint64_t at = offset - row->offset;
    if (at < row->width)
        return (struct place){row, 0, (unsigned)at};
    if (at >= (uint64_t)row->count * stride(row))
        return (struct place){.row = NULL};

    unsigned index = (unsigned)at / stride(row);
    unsigned byte = (unsigned)at % stride(row);
    return (struct place){byte < row->width ? row : NULL, index, byte};
}

static inline bool size_allowed(const struct vp_regs *regs, const struct vp_reg *row, unsigned size)
{
    if (!row)
        return regs->sizes & size;
    if (row->sizes)
        return row->sizes & size;
    return regs->sizes & size && size <= row->width;
}

static inline enum vp_status locate(const struct vp_regs *regs, uint64_t offset, unsigned size,
                                    struct place *place)
{
    if (offset >= regs->size)
        return VP_DECERR;
    if (!vp_access_aligned(offset, size) || (regs->align && offset & (regs->align - 1)))
        return VP_SLVERR;
    *place = find(regs, offset);
    return size_allowed(regs, place->row, size) ? VP_OK : VP_SLVERR;
}

/* Whether the access is one to each of two registers. */
static bool is_pair(const struct vp_regs *regs, uint64_t offset, unsigned size)
{
    if (!regs->pairs || size != 8 || !vp_access_aligned(offset, size))
        return false;
    const struct vp_reg *row = find(regs, offset).row;
    return !(row && row->width == 8);
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

static inline uint64_t whole(const struct place *place, const void *dev)
{
    if (place->row->get)
        return place->row->get(dev);
    if (place->row->get_nth)
        return place->row->get_nth(dev, place->index);
    return place->row->member_size ? load_member(place->row, dev) : place->row->value;
}

/* `taker` is the device if the read is to have its side effects, else NULL. */
static inline enum vp_status read_one(const struct vp_regs *regs, const void *dev, void *taker,
                                      uint64_t offset, unsigned size, uint64_t *value)
{
    struct place place;
    enum vp_status status = locate(regs, offset, size, &place);

    *value = 0;
    if (status != VP_OK || !place.row)
        return status;
    *value = vp_reg_part(whole(&place, dev) & ~place.row->hidden, place.byte, size);
    if (taker && place.row->taken)
        place.row->taken(taker);
    return VP_OK;
}

static enum vp_status read_pair(const struct vp_regs *regs, const void *dev, void *taker,
                                uint64_t offset, uint64_t *value)
{
    uint64_t low;
    uint64_t high = 0;
    enum vp_status status = read_one(regs, dev, taker, offset, 4, &low);

    if (status == VP_OK)
        status = read_one(regs, dev, taker, offset + 4, 4, &high);
    *value = status == VP_OK ? low | high << 32 : 0;
    return status;
}

enum vp_status vp_regs_read(const struct vp_regs *regs, void *dev, uint64_t offset, unsigned size,
                            uint64_t *value)
{
    if (is_pair(regs, offset, size))
        return read_pair(regs, dev, dev, offset, value);
    return read_one(regs, dev, dev, offset, size, value);
}

enum vp_status vp_regs_peek(const struct vp_regs *regs, const void *dev, uint64_t offset,
                            unsigned size, uint64_t *value)
{
    if (is_pair(regs, offset, size))
        return read_pair(regs, dev, NULL, offset, value);
    return read_one(regs, dev, NULL, offset, size, value);
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

static inline enum vp_status write_one(const struct vp_regs *regs, void *dev, uint64_t offset,
                                       unsigned size, uint64_t value)
{
    struct place place;
    enum vp_status status = locate(regs, offset, size, &place);

    if (status == VP_OK && place.row)
        write_row(regs, dev, &place, size, value);
    return status;
}

enum vp_status vp_regs_write(const struct vp_regs *regs, void *dev, uint64_t offset, unsigned size,
                             uint64_t value)
{
    if (!is_pair(regs, offset, size))
        return write_one(regs, dev, offset, size, value);
    enum vp_status status = write_one(regs, dev, offset, 4, value);
    return status == VP_OK ? write_one(regs, dev, offset + 4, 4, value >> 32) : status;
}

const char *vp_regs_name(const struct vp_regs *regs, uint64_t offset)
{
    const struct vp_reg *row = find(regs, offset).row;

    return row ? row->name : NULL;
}
