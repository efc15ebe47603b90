/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a translation table walk, in the order of DDI 0487 D8.2 to D8.4. */
#include "mmu/cpu_walk.h"

#include "mmu/mmu.h"
#include "mmu/phys.h"

/* Blocks exist at level 2 of every granule and at level 1 of the 4 KiB granule (D8.3.1). */
static bool block_allowed(unsigned level, unsigned granule)
{
    return level == 2 || (level == 1 && granule == 12);
}

static bool fault(struct a64_fault *f, unsigned code, unsigned level)
{
    f->fsc = code + level;
    return false;
}

static bool fetch(const struct a64_cpu *c, const struct walker *w, uint64_t at, unsigned level,
                  uint64_t *desc, struct a64_fault *f)
{
    if (w->locate && !w->locate(c, w, at, &at, f))
        return false;
    bool ok =
        w->access ? phys_read_descriptor(w->access, at, desc) : phys_peek_descriptor(c, at, desc);
    return ok || fault(f, FSC_WALK_ABORT, level);
}

static void add_limits(struct table_limits *limits, uint64_t desc)
{
    limits->no_el0 |= (desc & TABLE_NO_EL0) != 0;
    limits->read_only |= (desc & TABLE_RO) != 0;
    limits->uxn |= (desc & TABLE_UXN) != 0;
    limits->pxn |= (desc & TABLE_PXN) != 0;
}

bool walk_tables(const struct a64_cpu *c, const struct walker *w, const struct walk_start *start,
                 uint64_t address, struct walk_leaf *leaf, struct a64_fault *f)
{
    unsigned granule = start->granule, stride = granule - 3;
    unsigned level = start->level, top = start->input, low = granule + (3 - level) * stride;
    unsigned align = top - low + 3; /* a table is aligned to its size */
    uint64_t table = (start->table & DESC_ADDRESS) >> align << align;

    leaf->limits = (struct table_limits){false, false, false, false};
    if (table >> start->output)
        return fault(f, FSC_ADDRESS_SIZE, 0);
    for (;; level++, top = low, low -= stride) {
        uint64_t desc;
        uint64_t index = address >> low & ((UINT64_C(1) << (top - low)) - 1);
        if (!fetch(c, w, table + (index << 3), level, &desc, f))
            return false;
        bool table_or_page = desc & DESC_TABLE;
        if (!(desc & DESC_VALID) || (level == 3 && !table_or_page) ||
            (level < 3 && !table_or_page && !block_allowed(level, granule)))
            return fault(f, FSC_TRANSLATION, level);
        uint64_t output = (desc & DESC_ADDRESS) >> granule << granule;
        if (output >> start->output)
            return fault(f, FSC_ADDRESS_SIZE, level);
        if (level == 3 || !table_or_page) {
            leaf->desc = desc;
            leaf->level = (uint8_t)level;
            leaf->log2 = (uint8_t)low;
            return (desc & DESC_AF) || fault(f, FSC_ACCESS_FLAG, level);
        }
        add_limits(&leaf->limits, desc);
        table = output;
    }
}
