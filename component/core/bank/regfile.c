/* SPDX-License-Identifier: Apache-2.0 */
/* Register accesses (IHI 0070 6.2): which row an offset falls on, sizes, halves, masks and guards.
 */
#include "bank/regfile.h"

#include <string.h>

#include "bank/dormant.h"
#include "base/mpam.h"
#include "base/queue.h"
#include "cmd/ecmdq.h"
#include "observe/observe.h"
#include "smmu_priv.h"

enum reg_kind { KIND_ID, KIND_RO, KIND_RW };

struct reg_row {
    uint32_t offset;
    uint8_t bytes;
    uint8_t kind;
    uint8_t reg;
    uint32_t guard;
    uint64_t writable;
    reg_hook *hook;
};

static const struct reg_row rows[] = {
#define REG(name, offset, bytes, kind, exists, writable, guard, hook)                              \
    {offset, bytes, KIND_##kind, REG_##name, guard, writable, hook},
#include "bank/regs.def"
#undef REG
};

/* Whether an SMMU of this configuration has the register. */
static bool present(const struct smmu_config *cfg, enum reg reg)
{
    const bool present[] = {
#define REG(name, offset, bytes, kind, exists, writable, guard, hook) exists,
#include "bank/regs.def"
#undef REG
    };
    return present[reg];
}

/* Bits of a register that software cannot change in this configuration: no feature brings them, or
 * they are fixed. */
static uint64_t constant_bits(const struct smmu_config *cfg, enum reg reg)
{
    uint64_t constant = 0;
#define FIELD(name, mask, exists)                                                                  \
    if (reg == REG_##name && !(exists))                                                            \
        constant |= (mask);
#define WIDTH(name, msb, lsb, bits)                                                                \
    if (reg == REG_##name)                                                                         \
        constant |= MASK64(msb, lsb) & MASK64(msb, lsb) << (bits);
#define FIXED(name, mask, when, value, base)                                                       \
    if (reg == REG_##name && (when))                                                               \
        constant |= (mask);
#include "bank/reg_fields.def"
    return constant;
}

/* What registers that are fixed have, for the SMMU. */
static void set_fixed(struct bank *bank, const struct smmu_config *cfg)
{
#define FIXED(name, mask, when, value, base)                                                       \
    if (when)                                                                                      \
        bank->reg[REG_##name] |= ((value) & (mask)) + (base);
#include "bank/reg_fields.def"
}

/* What it has more in one than software reads. */
static uint64_t fixed_base(const struct smmu_config *cfg, enum reg reg)
{
#define FIXED(name, mask, when, value, base)                                                       \
    if (reg == REG_##name && (when))                                                               \
        return (base);
#include "bank/reg_fields.def"
    return 0;
}

/* Bits of a queue index that the size of its queue leaves without a meaning. */
static uint64_t unused_index_bits(const struct smmu_config *cfg, const struct bank *bank,
                                  enum reg reg)
{
#define INDEX(name, base, log2_max)                                                                \
    if (reg == REG_##name)                                                                         \
        return MASK64(19, 0) & ~MASK64(queue_log2(bank->reg[REG_##base], cfg->log2_max), 0);
#include "bank/reg_fields.def"
    return 0;
}

static struct smmu_mpam label_of(const struct bank *bank, const struct smmu_config *cfg,
                                 enum reg reg)
{
    uint64_t value = bank->reg[reg];
    return mpam_label(cfg, bank->sec, mpam_PARTID(value), mpam_PMG(value));
}

void bank_take_effect(struct bank *bank, const struct smmu_config *cfg)
{
    bank->gbpa = (uint32_t)bank->reg[REG_GBPA];
    bank->own = label_of(bank, cfg, REG_GMPAM);
    bank->bypass = label_of(bank, cfg, REG_GBPMPAM);
}

void bank_reset(struct bank *bank, const struct smmu_config *cfg)
{
    for (unsigned i = 0; i < REG_COUNT; i++)
        if (rows[i].kind != KIND_ID)
            bank->reg[rows[i].reg] = 0;
    set_fixed(bank, cfg);
    bank->reg[REG_GBPA] = cfg->gbpa;
    bank_take_effect(bank, cfg);
    bank->reg[REG_CR2] = cfg->btm ? CR2_PTM : 0; /* recommended by 6.3.12 */
    ecmdq_reset(bank);
    bank_overtake(bank);
}

void bank_overtake(struct bank *bank)
{
    memset(bank->last_event, 0, sizeof(bank->last_event));
    bank->resets++;
    bank->disables++;
    for (unsigned i = 0; i < OUTQUEUE_COUNT; i++)
        bank->closings[i]++;
}

/* The row that holds the 32-bit word at `offset`, or NULL. */
static const struct reg_row *row_at(uint32_t offset)
{
    for (unsigned i = 0; i < REG_COUNT; i++)
        if (offset - rows[i].offset < rows[i].bytes)
            return &rows[i];
    return NULL;
}

/* What a register has for software. */
static uint64_t read_value(const struct smmu_state *smmu, const struct bank *bank, enum reg reg)
{
    if (reg == REG_STATUSR && !dormant(smmu))
        return 0;
    return (bank->reg[reg] - fixed_base(&smmu->cfg, reg)) &
           ~unused_index_bits(&smmu->cfg, bank, reg);
}

static uint32_t read_word(const struct smmu_state *smmu, const struct bank *bank, uint32_t offset)
{
    const struct reg_row *row = row_at(offset);
    if (!row)
        return ecmdq_read_word(smmu, bank, offset);
    uint64_t value = read_value(smmu, bank, row->reg);
    return (uint32_t)(offset == row->offset ? value : value >> 32);
}

static void write_word(struct smmu_state *smmu, struct bank *bank, uint32_t offset, uint32_t word)
{
    const struct reg_row *row = row_at(offset);
    if (!row) {
        ecmdq_write_word(smmu, bank, offset, word);
        return;
    }
    if (row->writable == 0 || !present(&smmu->cfg, row->reg) || !bank_unguarded(bank, row->guard))
        return;

    uint64_t old = bank->reg[row->reg];
    uint64_t mask = row->writable & ~constant_bits(&smmu->cfg, row->reg);
    uint64_t value = word;
    if (row->bytes == 8) {
        bool high = offset != row->offset;
        value = high ? (old & MASK64(31, 0)) | value << 32 : (old & MASK64(63, 32)) | value;
    }
    value = (old & ~mask) | (value & mask);
    bank->reg[row->reg] = row->hook ? row->hook(smmu, bank, old, value) : value;
}

/* 6.2: sizes other than 4 and 8 bytes and misaligned accesses are illegal; this SMMU refuses them.
 */
static bool legal(const struct smmu_state *smmu, uint32_t offset, unsigned size)
{
    return (size == 4 || size == 8) && offset % size == 0 &&
           offset <= smmu_frame_size(&smmu->cfg) - size;
}

enum smmu_reg_status smmu_reg_read(const smmu_t *smmu, uint32_t offset, unsigned size,
                                   uint64_t *value)
{
    *value = 0;
    if (!legal(smmu, offset, size))
        return SMMU_REG_BAD_ACCESS;
    enum smmu_sec sec;
    if (!bank_at(&offset, &sec))
        return SMMU_REG_OK;
    const struct bank *bank = &smmu->bank[sec];
    *value = read_word(smmu, bank, offset);
    if (size == 8)
        *value |= (uint64_t)read_word(smmu, bank, offset + 4) << 32;
    return SMMU_REG_OK;
}

/* A 64-bit access to two 32-bit registers acts as two 32-bit ones, the lower first (6.2). */
enum smmu_reg_status smmu_reg_write(smmu_t *smmu, uint32_t offset, unsigned size, uint64_t value)
{
    if (!legal(smmu, offset, size))
        return SMMU_REG_BAD_ACCESS;
    enum smmu_sec sec;
    if (!bank_at(&offset, &sec))
        return SMMU_REG_OK;
    struct bank *bank = &smmu->bank[sec];
    observe_bank(smmu, SMMU_OBSERVE_reg_write, bank, offset, value);
    write_word(smmu, bank, offset, (uint32_t)value);
    if (size == 8)
        write_word(smmu, bank, offset + 4, (uint32_t)(value >> 32));
    return SMMU_REG_OK;
}
