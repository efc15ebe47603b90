/* SPDX-License-Identifier: Apache-2.0 */
/* Translation table builder (DDI 0487 D8.2, D8.3). Tables are never freed. */
#include "pgtable.h"

#include "io.h"
#include "pages.h"
#include "smmuv3_hw.h"
#include "tap.h"

#define LAST_LEVEL 3U
#define INDEX_BITS 9U

static unsigned level_shift(unsigned level)
{
    return PGTABLE_PAGE + INDEX_BITS * (LAST_LEVEL - level);
}

static unsigned level_index(uint64_t iova, unsigned level)
{
    return (iova >> level_shift(level)) & ((1U << INDEX_BITS) - 1);
}

static bool is_table(uint64_t descriptor, unsigned level)
{
    return level < LAST_LEVEL && (descriptor & 3) == PTE_TABLE;
}

static uint64_t *next_table(const struct pgtable *table, uint64_t descriptor)
{
    return (uint64_t *)((descriptor & PTE_ADDRESS) - table->offset);
}

static unsigned first_level(const struct pgtable *table)
{
    return LAST_LEVEL + 1 - table->levels;
}

/* A descriptor becomes visible after the memory it points to, and before whatever comes next. */
static void set_descriptor(uint64_t *slot, uint64_t descriptor)
{
    dsb();
    *(volatile uint64_t *)slot = descriptor;
    dsb();
}

static uint64_t stage1_attributes(unsigned restrictions)
{
    uint64_t attributes = PTE_NG;

    if (!(restrictions & PGTABLE_PRIVILEGED))
        attributes |= PTE_AP_USER;
    if (restrictions & (PGTABLE_READ_ONLY | PGTABLE_CLEAN))
        attributes |= PTE_AP_RDONLY;
    return attributes;
}

static uint64_t stage2_attributes(unsigned restrictions)
{
    uint64_t attributes = PTE_S2_READ | hw_put(PTE_S2_MEMATTR, PTE_S2_NORMAL_WB);

    if (!(restrictions & (PGTABLE_READ_ONLY | PGTABLE_CLEAN)))
        attributes |= PTE_S2_WRITE;
    return attributes;
}

static uint64_t leaf_descriptor(const struct pgtable *table, uint64_t pa, unsigned level,
                                unsigned restrictions)
{
    uint64_t descriptor = pa | hw_put(PTE_SH, SH_INNER);

    descriptor |= level == LAST_LEVEL ? PTE_PAGE : PTE_BLOCK;
    descriptor |= table->stage2 ? stage2_attributes(restrictions) : stage1_attributes(restrictions);
    if (restrictions & PGTABLE_CLEAN)
        descriptor |= PTE_DBM;
    if (!(restrictions & PGTABLE_NO_ACCESS_FLAG))
        descriptor |= PTE_AF;
    return descriptor;
}

struct pgtable pgtable_create(void)
{
    return pgtable_create_nested(0);
}

struct pgtable pgtable_create_levels(bool stage2, unsigned levels)
{
    return (struct pgtable){
        .root = pages_alloc(PAGE_SIZE, PAGE_SIZE), .stage2 = stage2, .levels = levels};
}

struct pgtable pgtable_create_nested(uint64_t offset)
{
    struct pgtable table = pgtable_create_levels(false, 4);

    table.offset = offset;
    return table;
}

struct pgtable pgtable_create_stage2(void)
{
    return pgtable_create_levels(true, 3);
}

uint64_t pgtable_address(const struct pgtable *table)
{
    return (uintptr_t)table->root + table->offset;
}

void pgtable_map(struct pgtable *table, uint64_t iova, uint64_t pa, unsigned log2_size,
                 unsigned restrictions)
{
    uint64_t *slots = table->root;
    unsigned level = first_level(table);

    for (; level_shift(level) != log2_size; level++) {
        uint64_t *slot = &slots[level_index(iova, level)];
        if (!*slot)
            set_descriptor(slot, ((uintptr_t)pages_alloc(PAGE_SIZE, PAGE_SIZE) + table->offset) |
                                     PTE_TABLE);
        else if (!is_table(*slot, level))
            tap_bail_out("IOVA 0x%lx is already mapped by a block", iova);
        slots = next_table(table, *slot);
    }

    uint64_t *leaf = &slots[level_index(iova, level)];
    if (is_table(*leaf, level))
        tap_bail_out("IOVA 0x%lx is already mapped by pages", iova);
    set_descriptor(leaf, leaf_descriptor(table, pa, level, restrictions));
}

static unsigned largest_leaf(uint64_t addresses, size_t size)
{
    static const unsigned leaves[] = {PGTABLE_BLOCK_1G, PGTABLE_BLOCK_2M};

    for (unsigned i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        size_t leaf = 1UL << leaves[i];
        if (size >= leaf && addresses % leaf == 0)
            return leaves[i];
    }
    return PGTABLE_PAGE;
}

void pgtable_map_range(struct pgtable *table, uint64_t iova, uint64_t pa, size_t size,
                       unsigned restrictions)
{
    while (size) {
        unsigned log2_size = largest_leaf(iova | pa, size);
        size_t step = 1UL << log2_size;

        pgtable_map(table, iova, pa, log2_size, restrictions);
        iova += step;
        pa += step;
        size -= step;
    }
}

static uint64_t *find_leaf(const struct pgtable *table, uint64_t iova)
{
    uint64_t *slots = table->root;
    unsigned level = first_level(table);

    while (is_table(slots[level_index(iova, level)], level))
        slots = next_table(table, slots[level_index(iova, level++)]);
    return &slots[level_index(iova, level)];
}

void pgtable_unmap(struct pgtable *table, uint64_t iova)
{
    set_descriptor(find_leaf(table, iova), 0);
}

uint64_t pgtable_leaf(const struct pgtable *table, uint64_t iova)
{
    return *(volatile uint64_t *)find_leaf(table, iova);
}
