/* SPDX-License-Identifier: Apache-2.0 */
/* Decoded basic blocks, found by physical address. */
#ifndef A64_BLOCK_H
#define A64_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "op.h"

enum {
    BLOCK_MAX_INSNS = 32,
    BLOCK_HASH = 32768,
    BLOCK_POOL = 32768,
    BLOCK_OP_POOL = 262144,
    CODE_PAGES = 65536, /* buckets of the set of pages that hold code */
};

/* Straight-line code inside one 4 KiB page, which conditional branches may leave in its middle; one
 * more op follows the last instruction, to end the block, if that does not end it by itself. */
struct a64_block {
    uint64_t pa;
    uint32_t insns;
    uint32_t next;      /* in its hash chain: index + 1, or 0 */
    uint32_t page_next; /* in its page chain: index + 1, or 0 */
    struct a64_op *ops;
};

struct a64_blocks {
    uint32_t hash[BLOCK_HASH];
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

struct a64_cpu;

/* The block at `pa`, decoded if need be; NULL if its first instruction cannot be fetched. To be
 * called between blocks only: all blocks may be dropped to make room. */
const struct a64_block *block_get(struct a64_cpu *c, uint64_t pa);

/* The first `insns` instructions of `block`; valid until the next call. */
const struct a64_block *block_head(struct a64_cpu *c, const struct a64_block *block,
                                   uint32_t insns);

/* Instruction `index` of `block`; valid until the next call. */
const struct a64_block *block_insn(struct a64_cpu *c, const struct a64_block *block,
                                   uint32_t index);

/* Drops blocks decoded from bytes first .. last; the one in progress may still finish. */
void block_invalidate(struct a64_cpu *c, uint64_t first, uint64_t last);
void block_flush(struct a64_cpu *c); /* between blocks only */

/* Does the page of `pa` hold decoded code? */
bool block_page_has_code(const struct a64_cpu *c, uint64_t pa);

/* Forgets which virtual addresses lead to which blocks. */
void block_unlink(struct a64_cpu *c);

#endif
