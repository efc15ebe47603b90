/* SPDX-License-Identifier: Apache-2.0 */
/* Translation table builder (DDI 0487 D8.2, D8.3). Tables are never freed. */
#include "pgtable.h"

#include <stdbool.h>

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

static uint64_t *next_table(uint64_t descriptor)
{
    return (uint64_t *)(descriptor & PTE_ADDRESS);
}

/* A descriptor becomes visible after the memory it points to, and before whatever comes next. */
static void set_descriptor(uint64_t *slot, uint64_t descriptor)
{
    dsb();
    *(volatile uint64_t *)slot = descriptor;
    dsb();
}

static uint64_t leaf_descriptor(uint64_t pa, unsigned level, unsigned restrictions)
{
    uint64_t descriptor = pa | PTE_NG | hw_put(PTE_SH, SH_INNER);

    descriptor |= level == LAST_LEVEL ? PTE_PAGE : PTE_BLOCK;
    if (!(restrictions & PGTABLE_PRIVILEGED))
        descriptor |= PTE_AP_USER;
    if (restrictions & PGTABLE_READ_ONLY)
        descriptor |= PTE_AP_RDONLY;
    if (!(restrictions & PGTABLE_NO_ACCESS_FLAG))
        descriptor |= PTE_AF;
    return descriptor;
}

struct pgtable pgtable_create(void)
{
    return (struct pgtable){pages_alloc(PAGE_SIZE, PAGE_SIZE)};
}

void pgtable_map(struct pgtable *table, uint64_t iova, uint64_t pa, unsigned log2_size,
                 unsigned restrictions)
{
    uint64_t *slots = table->root;
    unsigned level = 0;

    for (; level_shift(level) != log2_size; level++) {
        uint64_t *slot = &slots[level_index(iova, level)];
        if (!*slot)
            set_descriptor(slot, (uintptr_t)pages_alloc(PAGE_SIZE, PAGE_SIZE) | PTE_TABLE);
        else if (!is_table(*slot, level))
            tap_bail_out("IOVA 0x%lx is already mapped by a block", iova);
        slots = next_table(*slot);
    }

    uint64_t *leaf = &slots[level_index(iova, level)];
    if (is_table(*leaf, level))
        tap_bail_out("IOVA 0x%lx is already mapped by pages", iova);
    set_descriptor(leaf, leaf_descriptor(pa, level, restrictions));
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

void pgtable_unmap(struct pgtable *table, uint64_t iova)
{
    uint64_t *slots = table->root;
    unsigned level = 0;

    while (is_table(slots[level_index(iova, level)], level))
        slots = next_table(slots[level_index(iova, level++)]);
    set_descriptor(&slots[level_index(iova, level)], 0);
}
