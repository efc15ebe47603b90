/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of counter groups (IHI 0070 10.5): which row an offset falls on, sizes, halves, masks.
 */
#include "pmcg/pmcg_regs.h"

#include "bank/bank.h"
#include "base/mpam.h"
#include "smmu_priv.h"

enum kind { KIND_RO, KIND_RW, KIND_W1S, KIND_W1C };

typedef uint64_t pmcg_hook(struct smmu_state *smmu, struct pmcg *group, uint64_t old,
                           uint64_t value);

/* A register of an array, or one that is alone. */
struct pmcg_row {
    uint16_t offset;
    uint8_t bytes;
    uint8_t count;
    uint8_t kind;
    bool page1;
    bool exists;
    uint64_t *store;
    uint64_t writable;
    pmcg_hook *hook;
};

enum pmcg_reg {
#define PMCG_REG(name, ...) PMCG_REG_##name,
#include "pmcg/pmcg_regs.def"
#undef PMCG_REG
    PMCG_REG_COUNT
};

/* --- identification -----------------------------------------------------------------------------
 */

/* CFGR (10.5.2.13) */
static uint64_t cfgr(const struct smmu_pmcg_config *cfg)
{
    return (uint64_t)cfg->mpam_filter << 25 | (uint64_t)cfg->mpam << 24 |
           (uint64_t)cfg->sid_filter_all << 23 | (uint64_t)cfg->capture << 22 |
           (uint64_t)cfg->msi << 21 | (uint64_t)cfg->reloc_ctrs << 20 |
           (uint64_t)(cfg->counter_bits - 1u) << 8 | (uint64_t)(cfg->counters - 1u);
}

/* 10.5.2.29, from 0xfb0 on. What of it IIDR says too is taken from there (10.5.2.15). */
static void identify_component(struct pmcg *group)
{
    enum { PMDEVARCH = 0xfbc, PMDEVTYPE = 0xfcc, PIDR4 = 0xfd0, PIDR0 = 0xfe0, CIDR0 = 0xff0 };
    const uint64_t iidr = group->cfg.iidr;
    const uint64_t jedec = BIT64(3);
    const struct {
        uint16_t offset;
        uint64_t value;
    } ids[] = {
        {PMDEVARCH, 0x47702a56}, /* Arm, present, revision 0, 0x2a56 */
        {PMDEVTYPE, 0x56},       /* performance monitor, of an SMMU */
        {PIDR4, bits_get(iidr, 11, 8)},
        {PIDR0, bits_get(iidr, 27, 20)},
        {PIDR0 + 4, bits_get(iidr, 3, 0) << 4 | bits_get(iidr, 31, 28)},
        {PIDR0 + 8, bits_get(iidr, 19, 16) << 4 | jedec | bits_get(iidr, 6, 4)},
        {PIDR0 + 12, bits_get(iidr, 15, 12) << 4},
        {CIDR0, 0x0d},
        {CIDR0 + 4, 0x90},
        {CIDR0 + 8, 0x05},
        {CIDR0 + 12, 0xb1},
    };
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        group->id[(ids[i].offset - PMCG_ID_REGS_AT) / 4] = ids[i].value;
}

void pmcg_identify(const struct smmu_state *smmu, struct pmcg *group)
{
    group->cfgr = cfgr(&group->cfg);
    group->iidr = group->cfg.iidr;
    group->aidr = group->cfg.arch;
    if (group->cfg.mpam) /* 10.5.2.27 */
        group->mpamidr = (uint64_t)smmu->cfg.pmg_max << 16 | smmu->cfg.partid_max;
    group->ceid[0] = pmcg_event_bitmap(smmu, group, 0);
    group->ceid[1] = pmcg_event_bitmap(smmu, group, 64);
    identify_component(group);
}

/* --- rows ---------------------------------------------------------------------------------------
 */

/* 10.5.2.1: 32 bits, or with larger counters 64. */
static uint8_t counter_bytes(const struct smmu_pmcg_config *cfg)
{
    return cfg->counter_bits > 32 ? 8 : 4;
}

static uint64_t counter_mask(const struct smmu_pmcg_config *cfg)
{
    return MASK64(cfg->counter_bits - 1, 0);
}

/* A bit for each counter. */
static uint64_t bitmap_mask(const struct smmu_pmcg_config *cfg)
{
    return MASK64(cfg->counters - 1, 0);
}

/* Whether counter `n` has a filter of its own, or the one of all (10.4). */
static bool has_filter(const struct smmu_pmcg_config *cfg, unsigned n)
{
    return n == 0 || !cfg->sid_filter_all;
}

/* 10.5.2.2: FILTER_SEC_SID and FILTER_REALM_SID are RES0 where there is one Security state. */
static uint64_t evtyper_mask(const struct smmu_pmcg_config *cfg, unsigned n)
{
    return EVTYPER_EVENT | (cfg->capture ? EVTYPER_OVFCAP : 0) |
           (has_filter(cfg, n) ? EVTYPER_FILTER_SID_SPAN : 0) |
           (has_filter(cfg, n) && cfg->mpam_filter
                ? EVTYPER_FILTER_MPAM_NS | EVTYPER_FILTER_PMG | EVTYPER_FILTER_PARTID
                : 0);
}

/* 10.5.2.4: a label, or a StreamID, as EVTYPER says. */
static uint64_t smr_mask(const struct pmcg *group, unsigned n)
{
    return pmcg_by_label(group->evtyper[n]) ? MPAM_LABEL : BIT64(group->cfg.sid_bits) - 1;
}

/* 10.5.2.25 */
static uint64_t gmpam_mask(const struct smmu_config *cfg)
{
    return UPDATE | (BIT64(mpam_bits(cfg->pmg_max)) - 1) << 16 |
           (BIT64(mpam_bits(cfg->partid_max)) - 1);
}

/* 10.5.2.11: a one captures, and nothing is kept. */
static uint64_t write_capr(struct smmu_state *smmu, struct pmcg *group, uint64_t old,
                           uint64_t value)
{
    (void)smmu;
    if (value & 1)
        pmcg_capture(group);
    return old;
}

/* 10.5.2.19: a field whose Update is in progress keeps its value, as those of the SMMU do. */
static uint64_t write_irq_ctrl(struct smmu_state *smmu, struct pmcg *group, uint64_t old,
                               uint64_t value)
{
    if (old != group->irq_ctrlack)
        return old;
    ring_doorbell(smmu);
    return value;
}

/* 10.5.2.25: a write counts only if it sets Update and none is in progress, as with GMPAM of the
 * SMMU.
 */
static uint64_t write_gmpam(struct smmu_state *smmu, struct pmcg *group, uint64_t old,
                            uint64_t value)
{
    (void)group;
    if ((old & UPDATE) || !(value & UPDATE))
        return old;
    ring_doorbell(smmu);
    return value;
}

/* 10.5.2.21 to 10.5.2.23: Guarded by IRQEN. */
static uint64_t guard_irq(struct smmu_state *smmu, struct pmcg *group, uint64_t old, uint64_t value)
{
    (void)smmu;
    return ((group->irq_ctrl | group->irq_ctrlack) & PMCG_IRQEN) ? old : value;
}

/* Row `reg`, as register `n` of its array has it. */
static struct pmcg_row row_of(const struct smmu_state *smmu, struct pmcg *group, unsigned reg,
                              unsigned n)
{
    const struct smmu_pmcg_config *cfg = &group->cfg;
    const uint64_t oas = MASK64(smmu->cfg.oas_bits - 1, 0);
    switch ((enum pmcg_reg)reg) {
#define PMCG_REG(name, offset, bytes, count, kind, page1, exists, store, writable, hook)           \
    case PMCG_REG_##name:                                                                          \
        return (struct pmcg_row){offset, bytes,    count,      KIND_##kind, page1,                 \
                                 exists, &(store), (writable), hook};
#include "pmcg/pmcg_regs.def"
#undef PMCG_REG
    case PMCG_REG_COUNT:
        break;
    }
    return (struct pmcg_row){0};
}

/* The row that holds the 32-bit word at `offset` of page 0 or 1; not one that exists if there is
 * none. */
static struct pmcg_row row_at(const struct smmu_state *smmu, struct pmcg *group, bool page1,
                              uint32_t offset)
{
    for (unsigned reg = 0; reg < PMCG_REG_COUNT; reg++) {
        const struct pmcg_row row = row_of(smmu, group, reg, 0);
        const uint32_t at = offset - row.offset;
        if (at >= (uint32_t)row.bytes * row.count)
            continue;
        if (page1 == (row.page1 && group->cfg.reloc_ctrs))
            return row_of(smmu, group, reg, at / row.bytes);
    }
    return (struct pmcg_row){0};
}

/* --- accesses -----------------------------------------------------------------------------------
 */

static uint32_t read_word(const struct smmu_state *smmu, struct pmcg *group, bool page1,
                          uint32_t offset)
{
    const struct pmcg_row row = row_at(smmu, group, page1, offset);
    if (!row.exists)
        return 0;
    uint64_t value = row.kind == KIND_RO ? *row.store : *row.store & row.writable;
    return (uint32_t)(row.bytes == 8 && (offset & 4) ? value >> 32 : value);
}

/* What a register that holds `old` is to hold after a write of `bits`, of which `half` are given.
 */
static uint64_t written(const struct pmcg_row *row, uint64_t old, uint64_t bits, uint64_t half)
{
    bits &= row->writable;
    switch ((enum kind)row->kind) {
    case KIND_W1S:
        return old | bits;
    case KIND_W1C:
        return old & ~bits;
    case KIND_RW:
        return (old & ~(row->writable & half)) | bits;
    case KIND_RO:
        break;
    }
    return old;
}

static void write_word(struct smmu_state *smmu, struct pmcg *group, bool page1, uint32_t offset,
                       uint32_t word)
{
    const struct pmcg_row row = row_at(smmu, group, page1, offset);
    if (!row.exists || row.kind == KIND_RO)
        return;
    const unsigned shift = row.bytes == 8 && (offset & 4) ? 32 : 0;
    const uint64_t old = *row.store;
    const uint64_t value = written(&row, old, (uint64_t)word << shift, MASK64(31, 0) << shift);
    *row.store = row.hook ? row.hook(smmu, group, old, value) : value;
}

/* The group, if it has a word of `size` bytes at `*offset`, which becomes that in its page. */
static struct pmcg *find(const struct smmu_state *smmu, unsigned index, unsigned size,
                         uint32_t *offset, bool *page1)
{
    if (index >= smmu->pmcg_count || (size != 4 && size != 8) || *offset % size != 0)
        return NULL;
    struct pmcg *group = &smmu->pmcgs[index];
    *page1 = *offset >= SMMU_PMCG_PAGE1;
    if (*page1)
        *offset -= SMMU_PMCG_PAGE1;
    bool present = *offset < SMMU_PMCG_PAGE_SIZE && (!*page1 || group->cfg.reloc_ctrs);
    return present ? group : NULL;
}

enum smmu_reg_status smmu_pmcg_read(smmu_t *smmu, unsigned group, uint32_t offset, unsigned size,
                                    uint64_t *value)
{
    bool page1;
    struct pmcg *of = find(smmu, group, size, &offset, &page1);
    *value = 0;
    if (!of)
        return SMMU_REG_BAD_ACCESS;
    pmcg_sync_clock(smmu, of);
    *value = read_word(smmu, of, page1, offset);
    if (size == 8)
        *value |= (uint64_t)read_word(smmu, of, page1, offset + 4) << 32;
    return SMMU_REG_OK;
}

/* A 64-bit access to two 32-bit registers acts as two 32-bit ones, the lower first (6.2). */
enum smmu_reg_status smmu_pmcg_write(smmu_t *smmu, unsigned group, uint32_t offset, unsigned size,
                                     uint64_t value)
{
    bool page1;
    struct pmcg *of = find(smmu, group, size, &offset, &page1);
    if (!of)
        return SMMU_REG_BAD_ACCESS;
    pmcg_sync_clock(smmu, of);
    write_word(smmu, of, page1, offset, (uint32_t)value);
    if (size == 8)
        write_word(smmu, of, page1, offset + 4, (uint32_t)(value >> 32));
    pmcg_watch(smmu);
    return SMMU_REG_OK;
}
