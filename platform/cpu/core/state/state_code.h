/* SPDX-License-Identifier: Apache-2.0 */
/* Decoded code: blocks, and the ways to them; see block.h. */
#ifndef A64_STATE_CODE_H
#define A64_STATE_CODE_H

#include <stdint.h>

#include "state/op.h"

enum {
    BLOCK_MAX_INSNS = 32,
    BLOCK_POOL = 32768,
    BLOCK_SLOTS = 2 * BLOCK_POOL,
    BLOCK_OP_POOL = 262144,
    CODE_PAGES = 65536, /* buckets of the set of pages that hold code */
    JUMP_ENTRIES = 16384,
    JUMP_PAGES = 8192,
};

/* Straight-line code inside one 4 KiB page, which conditional branches may leave in its middle; one
 * more op follows the last instruction, to end the block, if that does not end it by itself. */
struct a64_block {
    uint64_t pa;
    uint32_t insns;
    uint32_t page_next;         /* in its page chain: index + 1, or 0 */
    struct a64_op *ops;         /* as decoded */
    const struct a64_op *entry; /* what runs: `ops`, or what translates them or is translated */
};

struct a64_blocks {
    uint64_t slot[BLOCK_SLOTS]; /* of the hash table, see block.c */
    uint32_t page[CODE_PAGES];
    uint32_t used;
    uint32_t ops_used;
    struct a64_block pool[BLOCK_POOL];
    struct a64_op ops[BLOCK_OP_POOL];
    struct a64_block partial; /* the head of a block, when the budget ends inside it */
    struct a64_op partial_ops[BLOCK_MAX_INSNS + 1];
    struct a64_block single; /* one instruction of a block */
    struct a64_op single_ops[2];
};

/* Where a virtual address that was jumped to before leads in the current context. */
struct a64_jump {
    uint64_t pc;
    uint64_t context;
    const struct a64_op *entry; /* of the block, or what that was */
    uint32_t insns;             /* of the block */
    uint32_t number;            /* of the block in the pool */
};

/* Fields of contexts of jumps: exception level, whether the page is global, TLB context, epoch. A
 * jump of an older epoch is forgotten. If its page is global, it holds for every ASID: it has none
 * of the younger half of the epoch, and the TLB context stands for all that differ in the ASID. */
#define JUMP_GLOBAL      BIT(2)
#define JUMP_EPOCH       BITS(63, 16)
#define JUMP_EPOCH_ASIDS BITS(35, 16)

/* The pages and blocks of stage 1 that the jump table leads to: others may be among them, as they
 * are known by a hash. */
struct a64_jump_pages {
    uint64_t sizes; /* bit n: some are of 2^n bytes */
    uint64_t bits[JUMP_PAGES / 64];
};

/* Where a PE is whose instructions are traced: at number `next` of `block`, or between blocks. */
struct a64_traced {
    const struct a64_block *block; /* NULL: none */
    uint32_t next;
};

#endif
