/* SPDX-License-Identifier: Apache-2.0 */
/* The store of decoded blocks, found by physical address and dropped when their bytes change.
 * Blocks are made by cpu_fetch.h. */
#ifndef A64_BLOCK_H
#define A64_BLOCK_H

#include "state/state.h"

/* The block at `pa`, NULL if there is none. */
const struct a64_block *block_find(const struct a64_cpu *c, uint64_t pa);

/* Room for the ops of a block, BLOCK_MAX_INSNS and one more. All blocks may be dropped to make it:
 * between blocks only. */
struct a64_op *block_room(struct a64_cpu *c);

/* Enters a block at `pa` of `insns` instructions, whose ops are in the room asked for last. */
struct a64_block *block_enter(struct a64_cpu *c, uint64_t pa, uint32_t insns);

/* Drops blocks decoded from bytes first .. last; the one in progress may still finish. */
void block_invalidate(struct a64_cpu *c, uint64_t first, uint64_t last);
void block_flush(struct a64_cpu *c); /* between blocks only */

/* Does the page of `pa` hold decoded code? */
bool block_page_has_code(const struct a64_cpu *c, uint64_t pa);

#endif
