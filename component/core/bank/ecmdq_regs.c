/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of Enhanced Command queues (IHI 0070 6.2.5, 6.3.49 to 6.3.51, 6.3.107 to 6.3.109). */
#include "cmd/ecmdq.h"

/* CMDQ_CONTROL_PAGE_BASE, CFG and STATUS. */
enum { PAGE_PRESET = 1, CMDQGS_64K = 1 << 1, PAGE_EN = 1, PAGE_ENACK = 1 };

enum { CONTROL_FIRST = 0x4000, CONTROL_STRIDE = 32 }; /* registers of control pages in page 0 */

/* States of a queue (3.5.6.2). */
enum { DISABLED = 1, ENABLED = 2, IN_TRANSITION = 4 };

struct ecmdq_row {
    uint8_t offset, bytes, states;
    uint64_t writable;
};

static const struct ecmdq_row rows[] = {
#define ECMDQ(name, offset, bytes, writable, states) {offset, bytes, states, writable},
#include "bank/ecmdq_regs.def"
};

/* The word at `offset` of the register at `base` that has `bytes` and a value. */
static uint32_t word_of(uint32_t offset, uint32_t base, uint64_t value)
{
    return (uint32_t)(offset == base ? value : value >> 32);
}

static uint32_t read_control(const struct ecmdqs *all, uint32_t offset)
{
    uint32_t n = (offset - CONTROL_FIRST) / CONTROL_STRIDE;
    if (offset < CONTROL_FIRST || n >> all->pages_log2 != 0)
        return 0;
    offset -= n * CONTROL_STRIDE;
#define CONTROL_PAGE(name, at, bytes, value)                                                       \
    if (offset - (at) < (bytes))                                                                   \
        return word_of(offset, at, value);
#include "bank/ecmdq_regs.def"
    return 0;
}

/* Which queue the control pages have at `offset`; `*within` is how far into its registers that is.
 */
static bool queue_at(const struct ecmdqs *all, uint32_t offset, uint32_t *n, uint32_t *within)
{
    if (offset < all->first || offset - all->first >= all->count << all->stride_log2)
        return false;
    *n = (offset - all->first) >> all->stride_log2;
    *within = offset & ((1u << all->stride_log2) - 1);
    return true;
}

static const struct ecmdq_row *row_at(uint32_t within)
{
    for (unsigned i = 0; i < ECMDQ_REG_COUNT; i++)
        if (within - rows[i].offset < rows[i].bytes)
            return &rows[i];
    return NULL;
}

/* Bits of a register that this SMMU and the size of the queue leave without a meaning, as those of
 * other queues (reg_fields.def). */
static uint64_t absent_bits(const struct smmu_config *cfg)
{
    return MASK64(55, 0) & MASK64(55, 0) << cfg->oas_bits;
}

static uint64_t unused_bits(const struct smmu_config *cfg, const struct ecmdq *queue,
                            enum ecmdq_reg reg)
{
    if (reg == REG_ECMDQ_BASE)
        return 0;
    return MASK64(19, 0) & ~MASK64(queue_log2(queue->reg[REG_ECMDQ_BASE], cfg->cmdq_log2_max), 0);
}

static unsigned state_of(const struct ecmdq *queue)
{
    bool enabled = (queue->reg[REG_ECMDQ_PROD] & ECMDQ_EN) != 0;
    bool acknowledged = (queue->reg[REG_ECMDQ_CONS] & ECMDQ_ENACK) != 0;
    return enabled != acknowledged ? IN_TRANSITION : enabled ? ENABLED : DISABLED;
}

uint32_t ecmdq_read_word(const struct smmu_state *smmu, const struct bank *bank, uint32_t offset)
{
    const struct ecmdqs *all = bank->ecmdqs;
    uint32_t n, within;
    if (!all)
        return 0;
    if (!queue_at(all, offset, &n, &within))
        return read_control(all, offset);
    const struct ecmdq_row *row = row_at(within);
    if (!row)
        return 0;
    const struct ecmdq *queue = &all->queue[n];
    enum ecmdq_reg reg = (enum ecmdq_reg)(row - rows);
    return word_of(within, row->offset, queue->reg[reg] & ~unused_bits(&smmu->cfg, queue, reg));
}

/* Each half of a register of 64 bits is written by itself (6.2). */
static uint64_t merged(const struct ecmdq_row *row, uint32_t within, uint64_t old, uint32_t word)
{
    if (row->bytes == 4)
        return word;
    return within == row->offset ? (old & MASK64(63, 32)) | word
                                 : (old & MASK64(31, 0)) | (uint64_t)word << 32;
}

void ecmdq_write_word(struct smmu_state *smmu, struct bank *bank, uint32_t offset, uint32_t word)
{
    const struct ecmdqs *all = bank->ecmdqs;
    uint32_t n, within;
    if (!all || !queue_at(all, offset, &n, &within))
        return;
    const struct ecmdq_row *row = row_at(within);
    struct ecmdq *queue = &all->queue[n];
    if (!row || !(row->states & state_of(queue)))
        return;
    uint64_t *reg = &queue->reg[row - rows];
    uint64_t mask = row->bytes == 8 ? row->writable & ~absent_bits(&smmu->cfg) : row->writable;
    *reg = (*reg & ~mask) | (merged(row, within, *reg, word) & mask);
    ecmdq_ring(smmu, bank, n);
}
