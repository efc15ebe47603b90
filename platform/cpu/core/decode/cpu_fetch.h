/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of decoded code: those of the store, and those made from memory. */
#ifndef A64_FETCH_H
#define A64_FETCH_H

#include "state/state.h"

/* The block at `pa`, decoded if need be; NULL if its first instruction cannot be fetched. To be
 * called between blocks only: all blocks may be dropped to make room. */
const struct a64_block *fetch_block(struct a64_cpu *c, uint64_t pa);

/* The first `insns` instructions of `block`; valid until the next call. */
const struct a64_block *fetch_head(struct a64_cpu *c, const struct a64_block *block,
                                   uint32_t insns);

/* Instruction `index` of `block`; valid until the next call. */
const struct a64_block *fetch_insn(struct a64_cpu *c, const struct a64_block *block,
                                   uint32_t index);

#endif
