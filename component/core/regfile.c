/* SPDX-License-Identifier: Apache-2.0 */
/* Register accesses (IHI 0070 6.2): which row an offset falls on, sizes, halves, masks and guards.
 */
#include "regfile.h"

#include "smmu_priv.h"

enum reg_kind { KIND_ID, KIND_RO, KIND_RW, KIND_BASE };
enum reg_feature {
    FEATURE_ANY,
    FEATURE_MSI,
    FEATURE_PRI,
    FEATURE_PRI_MSI, /* both */
    FEATURE_ATOS,
    FEATURE_VATOS
};

struct reg_row {
    uint32_t offset;
    uint8_t bytes;
    uint8_t kind;
    uint8_t feature;
    uint8_t reg;
    uint32_t guard;
    uint64_t writable;
    reg_hook *hook;
};

static const struct reg_row rows[] = {
#define REG(name, offset, bytes, kind, feature, writable, guard, hook)                             \
    {offset, bytes, KIND_##kind, FEATURE_##feature, REG_##name, guard, writable, hook},
#include "regs.def"
#undef REG
};

void bank_reset(struct bank *bank, const struct smmu_config *cfg)
{
    for (unsigned i = 0; i < REG_COUNT; i++)
        if (rows[i].kind != KIND_ID)
            bank->reg[rows[i].reg] = 0;
    bank->reg[REG_GBPA] = bank->gbpa = cfg->gbpa;
    bank->reg[REG_CR2] = cfg->btm ? CR2_PTM : 0; /* recommended by 6.3.12 */
}

/* The row that holds the 32-bit word at `offset`, or NULL. */
static const struct reg_row *row_at(uint32_t offset)
{
    for (unsigned i = 0; i < REG_COUNT; i++)
        if (offset - rows[i].offset < rows[i].bytes)
            return &rows[i];
    return NULL;
}

static uint32_t read_word(const struct bank *bank, uint32_t offset)
{
    const struct reg_row *row = row_at(offset);
    if (!row)
        return 0;
    uint64_t value = bank->reg[row->reg];
    return (uint32_t)(offset == row->offset ? value : value >> 32);
}

/* A register whose feature is absent is RES0: it stays at its reset value, zero. */
static bool present(const struct smmu_state *smmu, const struct reg_row *row)
{
    switch (row->feature) {
    case FEATURE_MSI:
        return smmu->cfg.msi;
    case FEATURE_PRI:
        return smmu->cfg.pri;
    case FEATURE_PRI_MSI:
        return smmu->cfg.pri && smmu->cfg.msi;
    case FEATURE_ATOS:
        return smmu->cfg.atos;
    case FEATURE_VATOS:
        return smmu->cfg.vatos;
    default:
        return true;
    }
}

static uint64_t writable_bits(const struct smmu_state *smmu, const struct reg_row *row)
{
    if (row->kind != KIND_BASE)
        return row->writable;
    return row->writable & ~MASK64(55, smmu->cfg.oas_bits);
}

static void write_word(struct smmu_state *smmu, struct bank *bank, uint32_t offset, uint32_t word)
{
    const struct reg_row *row = row_at(offset);
    if (!row || row->writable == 0 || !present(smmu, row) || !bank_unguarded(bank, row->guard))
        return;

    uint64_t old = bank->reg[row->reg];
    uint64_t mask = writable_bits(smmu, row);
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
static bool legal(uint32_t offset, unsigned size)
{
    return (size == 4 || size == 8) && offset % size == 0 && offset <= SMMU_FRAME_SIZE - size;
}

enum smmu_reg_status smmu_reg_read(const smmu_t *smmu, uint32_t offset, unsigned size,
                                   uint64_t *value)
{
    const struct bank *bank = &smmu->bank[SMMU_SEC_NS];
    *value = 0;
    if (!legal(offset, size))
        return SMMU_REG_BAD_ACCESS;
    *value = read_word(bank, offset);
    if (size == 8)
        *value |= (uint64_t)read_word(bank, offset + 4) << 32;
    return SMMU_REG_OK;
}

/* A 64-bit access to two 32-bit registers acts as two 32-bit ones, the lower first (6.2). */
enum smmu_reg_status smmu_reg_write(smmu_t *smmu, uint32_t offset, unsigned size, uint64_t value)
{
    struct bank *bank = &smmu->bank[SMMU_SEC_NS];
    if (!legal(offset, size))
        return SMMU_REG_BAD_ACCESS;
    trace(smmu, SMMU_TRACE_reg_write, offset, value);
    write_word(smmu, bank, offset, (uint32_t)value);
    if (size == 8)
        write_word(smmu, bank, offset + 4, (uint32_t)(value >> 32));
    return SMMU_REG_OK;
}
