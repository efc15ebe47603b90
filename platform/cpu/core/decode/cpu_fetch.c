/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes blocks, and parts of them. */
#include "decode/cpu_fetch.h"

#include <string.h>

#include "decode/cpu_decode.h"
#include "mmu/block.h"
#include "mmu/cpu_tlb.h"
#include "mmu/phys.h"
#include "translate/translator.h"

/* Decodes from `pa` to the next unconditional branch, the end of the page, or an instruction that
 * cannot be fetched. Returns the number of instructions. */
static uint32_t decode_run(struct a64_cpu *c, uint64_t pa, struct a64_op *op)
{
    uint32_t insns = 0;
    bool ended = false;
    while (!ended && insns < BLOCK_MAX_INSNS && (insns == 0 || (pa & ~TLB_PAGE_MASK))) {
        uint64_t word;
        if (!phys_read(c, pa, 4, &word))
            break;
        a64_decoder_decode(c->decoder, (uint32_t)word, op);
        ended = op->is & ROW_IS_ENDS_BLOCK;
        op->index = (uint8_t)insns++;
        op++;
        pa += 4;
    }
    if (!ended) {
        a64_decoder_end(op);
        op->index = (uint8_t)insns;
    }
    return insns;
}

/* Stores to a page are watched from its first block on. */
static const struct a64_block *decode_block(struct a64_cpu *c, uint64_t pa)
{
    uint32_t insns = decode_run(c, pa, block_room(c));
    if (insns == 0)
        return NULL;
    bool watched = block_page_has_code(c, pa);
    struct a64_block *block = block_enter(c, pa, insns);
    if (!watched)
        tlb_watch_writes(c, pa);
    translator_watch(c, block);
    c->stats.blocks_decoded++;
    return block;
}

const struct a64_block *fetch_block(struct a64_cpu *c, uint64_t pa)
{
    const struct a64_block *block = block_find(c, pa);
    return block ? block : decode_block(c, pa);
}

const struct a64_block *fetch_head(struct a64_cpu *c, const struct a64_block *block, uint32_t insns)
{
    struct a64_blocks *b = &c->blocks;
    b->partial = (struct a64_block){
        .pa = block->pa, .insns = insns, .ops = b->partial_ops, .entry = b->partial_ops};
    memcpy(b->partial_ops, block->ops, insns * sizeof *block->ops);
    a64_decoder_end(&b->partial_ops[insns]);
    b->partial_ops[insns].index = (uint8_t)insns;
    return &b->partial;
}

const struct a64_block *fetch_insn(struct a64_cpu *c, const struct a64_block *block, uint32_t index)
{
    struct a64_blocks *b = &c->blocks;
    b->single = (struct a64_block){
        .pa = block->pa + 4 * index, .insns = 1, .ops = b->single_ops, .entry = b->single_ops};
    b->single_ops[0] = block->ops[index];
    b->single_ops[0].index = 0;
    a64_decoder_end(&b->single_ops[1]);
    b->single_ops[1].index = 1;
    return &b->single;
}
