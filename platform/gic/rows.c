/* SPDX-License-Identifier: Apache-2.0 */
/* Looks up and applies the rows that describe the GIC's 32-bit registers. */
#include "gic_priv.h"

static const struct gic_row *find(const struct gic_row *rows, size_t count, uint32_t offset)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].offset == offset)
            return &rows[i];
    return NULL;
}

uint32_t gic_row_read(const struct gic_row *rows, size_t count, const struct gic *g, unsigned pe,
                      uint32_t offset)
{
    const struct gic_row *row = find(rows, count, offset);

    if (!row)
        return 0;
    return row->get ? row->get(g, pe) : row->value;
}

void gic_row_write(const struct gic_row *rows, size_t count, struct gic *g, unsigned pe,
                   uint32_t offset, uint32_t value)
{
    const struct gic_row *row = find(rows, count, offset);

    if (row && row->set)
        row->set(g, pe, value);
}
