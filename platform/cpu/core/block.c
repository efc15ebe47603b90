/* SPDX-License-Identifier: Apache-2.0 */
/* The store of decoded blocks: found by physical address, dropped when their bytes change. */
#include "block.h"

#include <string.h>

#include "phys.h"

static uint32_t *hash_bucket(struct a64_blocks *b, uint64_t pa)
{
    return &b->hash[(pa >> 2 ^ pa >> 15) % BLOCK_HASH];
}

static unsigned page_bucket(uint64_t pa)
{
    return (unsigned)(pa >> TLB_PAGE_SHIFT) % CODE_PAGES;
}

bool block_page_has_code(const struct a64_cpu *c, uint64_t pa)
{
    const struct a64_blocks *b = &c->blocks;
    for (uint32_t n = b->page[page_bucket(pa)]; n; n = b->pool[n - 1].page_next)
        if (!((b->pool[n - 1].pa ^ pa) & TLB_PAGE_MASK))
            return true;
    return false;
}

void block_unlink(struct a64_cpu *c)
{
    c->jump_epoch++;
    c->jump_context = c->jump_epoch << 16 | (c->jump_context & 0xffff);
}

void block_flush(struct a64_cpu *c)
{
    memset(c->blocks.hash, 0, sizeof c->blocks.hash);
    memset(c->blocks.page, 0, sizeof c->blocks.page);
    c->blocks.used = 0;
    c->blocks.ops_used = 0;
    block_unlink(c);
}

/* ---- Decoding ---- */

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
        unsigned row = a64_decoder_decode(&c->decoder, (uint32_t)word, op);
        ended = a64_decoder_row_is(row) & ROW_IS_ENDS_BLOCK;
        op->offset = (uint16_t)(4 * insns++);
        op++;
        pa += 4;
    }
    if (!ended) {
        a64_decoder_end(op);
        op->offset = (uint16_t)(4 * insns);
    }
    return insns;
}

/* Stores to a page are watched from its first block on. */
static void enter_in_page(struct a64_cpu *c, struct a64_block *block, uint32_t number)
{
    uint32_t *bucket = &c->blocks.page[page_bucket(block->pa)];
    bool watched = block_page_has_code(c, block->pa);
    block->page_next = *bucket;
    *bucket = number;
    if (!watched)
        tlb_watch_writes(c, block->pa);
}

static const struct a64_block *decode_block(struct a64_cpu *c, uint64_t pa)
{
    struct a64_blocks *b = &c->blocks;
    if (b->used == BLOCK_POOL || b->ops_used + BLOCK_MAX_INSNS + 1 > BLOCK_OP_POOL)
        block_flush(c);
    struct a64_op *ops = &b->ops[b->ops_used];
    uint32_t insns = decode_run(c, pa, ops);
    if (insns == 0)
        return NULL;
    b->ops_used += insns + 1;
    struct a64_block *block = &b->pool[b->used++];
    uint32_t *bucket = hash_bucket(b, pa);
    *block = (struct a64_block){.pa = pa, .insns = insns, .next = *bucket, .ops = ops};
    *bucket = b->used;
    enter_in_page(c, block, b->used);
    c->stats.blocks_decoded++;
    return block;
}

const struct a64_block *block_get(struct a64_cpu *c, uint64_t pa)
{
    struct a64_blocks *b = &c->blocks;
    for (uint32_t n = *hash_bucket(b, pa); n; n = b->pool[n - 1].next)
        if (b->pool[n - 1].pa == pa)
            return &b->pool[n - 1];
    return decode_block(c, pa);
}

const struct a64_block *block_head(struct a64_cpu *c, const struct a64_block *block, uint32_t insns)
{
    struct a64_blocks *b = &c->blocks;
    b->partial = (struct a64_block){.pa = block->pa, .insns = insns, .ops = b->partial_ops};
    memcpy(b->partial_ops, block->ops, insns * sizeof *block->ops);
    a64_decoder_end(&b->partial_ops[insns]);
    b->partial_ops[insns].offset = (uint16_t)(4 * insns);
    return &b->partial;
}

const struct a64_block *block_insn(struct a64_cpu *c, const struct a64_block *block, uint32_t index)
{
    struct a64_blocks *b = &c->blocks;
    b->single = (struct a64_block){.pa = block->pa + 4 * index, .insns = 1, .ops = b->single_ops};
    b->single_ops[0] = block->ops[index];
    b->single_ops[0].offset = 0;
    a64_decoder_end(&b->single_ops[1]);
    b->single_ops[1].offset = 4;
    return &b->single;
}

/* ---- Invalidation ---- */

static void remove_from_hash(struct a64_blocks *b, const struct a64_block *block)
{
    uint32_t *link = hash_bucket(b, block->pa);
    while (&b->pool[*link - 1] != block)
        link = &b->pool[*link - 1].next;
    *link = block->next;
}

static bool overlaps(const struct a64_block *block, uint64_t first, uint64_t last)
{
    return block->pa <= last && block->pa + 4 * block->insns > first;
}

/* Returns whether anything was dropped. */
static bool invalidate_bucket(struct a64_blocks *b, uint32_t *link, uint64_t first, uint64_t last)
{
    bool dropped = false;
    while (*link) {
        struct a64_block *block = &b->pool[*link - 1];
        if (overlaps(block, first, last)) {
            remove_from_hash(b, block);
            *link = block->page_next;
            dropped = true;
        } else {
            link = &block->page_next;
        }
    }
    return dropped;
}

void block_invalidate(struct a64_cpu *c, uint64_t first, uint64_t last)
{
    struct a64_blocks *b = &c->blocks;
    uint64_t pages = (last >> TLB_PAGE_SHIFT) - (first >> TLB_PAGE_SHIFT) + 1;
    unsigned buckets = pages < CODE_PAGES ? (unsigned)pages : CODE_PAGES;
    unsigned start = page_bucket(first);
    bool dropped = false;
    for (unsigned i = 0; i < buckets; i++)
        dropped |= invalidate_bucket(b, &b->page[(start + i) % CODE_PAGES], first, last);
    if (dropped)
        block_unlink(c);
}
