/* SPDX-License-Identifier: Apache-2.0 */
/* The tree is at the end of memory, which may be past what the MMU maps: its pages are mapped. */
#include "device_tree.h"

#include <stdbool.h>

#include "mmu.h"
#include "pages.h"
#include "string.h"
#include "tap.h"

#define MAGIC          0xd00dfeedU
#define WINDOW         (3UL << 30) /* virtual addresses that nothing else of a program uses */
#define SIZE_MAX_BYTES (2UL << 20)

/* Words of the header. */
enum { HEADER_MAGIC, HEADER_SIZE, HEADER_STRUCTURE, HEADER_STRINGS };

/* Tokens of the structure block. */
enum { BEGIN_NODE = 1, END_NODE, PROPERTY, NOP, END = 9 };

extern uint64_t start_argument; /* x0 at the start: start.S */

static const uint32_t *tree;

static uint32_t cell(const uint32_t *at)
{
    return __builtin_bswap32(*at);
}

static size_t length(const char *text)
{
    size_t count = 0;

    while (text[count])
        count++;
    return count;
}

static const uint32_t *skip(const uint32_t *at, size_t bytes)
{
    return at + (bytes + 3) / 4;
}

void device_tree_open(void)
{
    const char *from = (const char *)start_argument;

    mmu_map_page(WINDOW, from, MMU_DATA);
    tree = (const uint32_t *)WINDOW;
    if (!from || cell(&tree[HEADER_MAGIC]) != MAGIC || cell(&tree[HEADER_SIZE]) > SIZE_MAX_BYTES)
        tap_bail_out("no device tree at 0x%lx", start_argument);
    for (size_t at = PAGE_SIZE; at < cell(&tree[HEADER_SIZE]); at += PAGE_SIZE)
        mmu_map_page(WINDOW + at, from + at, MMU_DATA);
}

/* The value of the property at `at`, which is past its token. */
static uint64_t number(const uint32_t *at)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < cell(&at[0]) / 4; i++)
        value = value << 32 | cell(&at[2 + i]);
    return value;
}

uint64_t device_tree_number(const char *node, const char *property, uint64_t otherwise)
{
    const uint32_t *at = skip(tree, cell(&tree[HEADER_STRUCTURE]));
    const char *strings = (const char *)tree + cell(&tree[HEADER_STRINGS]);
    unsigned depth = 0; /* 1: in the root */
    bool inside = false;

    for (;;) {
        switch (cell(at++)) {
        case BEGIN_NODE:
            depth++;
            if (depth == 2)
                inside = strcmp((const char *)at, node) == 0;
            at = skip(at, length((const char *)at) + 1);
            break;
        case END_NODE:
            depth--;
            break;
        case PROPERTY:
            if (inside && depth == 2 && strcmp(strings + cell(&at[1]), property) == 0)
                return number(at);
            at = skip(at + 2, cell(&at[0]));
            break;
        case NOP:
            break;
        default: /* END */
            return otherwise;
        }
    }
}
