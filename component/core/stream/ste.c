/* SPDX-License-Identifier: Apache-2.0 */
/* Stream tables (IHI 0070 3.3.1, 5.1, 6.3.24, 6.3.25): where the entry of a stream is. */
#include "stream/ste.h"

#include "access/fetch.h"
#include "base/memattr.h"
#include "observe/unit.h"
#include "report/event.h"
#include "stream/cache.h"
#include "stream/ste_layout.h"

enum { FMT_2LEVEL = 1 };

/* STRTAB_BASE_CFG (6.3.25). */
struct strtab_cfg {
    unsigned log2size; /* as programmed, which is what the base is aligned by */
    unsigned split;    /* StreamID bits that index a level 2 table */
    bool two_level;
};

static struct strtab_cfg strtab_cfg(const struct bank *bank)
{
    uint64_t reg = bank->reg[REG_STRTAB_BASE_CFG];
    unsigned split = strtab_base_cfg_SPLIT(reg);
    return (struct strtab_cfg){
        .log2size = strtab_base_cfg_LOG2SIZE(reg),
        .split = split == 8 || split == 10 ? split : 6, /* other values are Reserved */
        .two_level = strtab_base_cfg_FMT(reg) == FMT_2LEVEL,
    };
}

static unsigned at_most(unsigned log2, unsigned limit)
{
    return log2 < limit ? log2 : limit;
}

/* Log2 of the StreamIDs of the table: LOG2SIZE is limited by SIDSIZE (6.3.25). */
static unsigned sids_log2(const struct smmu_state *smmu, const struct strtab_cfg *cfg)
{
    return at_most(cfg->log2size, smmu->cfg.sid_bits);
}

/* STRTAB_BASE aligned to a table of 2^size_log2 bytes (6.3.24). */
static uint64_t strtab_base(const struct bank *bank, unsigned size_log2)
{
    uint64_t base = bank->reg[REG_STRTAB_BASE] & MASK64(55, 6);
    return size_log2 > 55 ? 0 : base & ~(BIT64(size_log2) - 1);
}

struct smmu_memattr ste_table_attr(const struct bank *bank)
{
    uint64_t cr1 = bank->reg[REG_CR1];
    return memattr_cr1_access(cr1_TABLE_IC(cr1), cr1_TABLE_OC(cr1), cr1_TABLE_SH(cr1),
                              base_Allocate(bank->reg[REG_STRTAB_BASE]) ? MAIR_RA : 0);
}

/* Read a structure of the Stream table. An address beyond OAS counts as an abort (3.4.3, note 5).
 */
static bool fetch_strtab(const struct call *call, enum smmu_fetch kind, uint64_t addr,
                         uint64_t *words, size_t dwords, struct fault *fault)
{
    const struct fetch_attr attr = {ste_table_attr(call->bank), call->bank->own};
    if (addr >> call->smmu->cfg.oas_bits == 0 &&
        fetch_structure(call, kind, addr, &attr, words, dwords))
        return true;
    *fault = (struct fault){.type = EVENT_F_STE_FETCH, .fetch_addr = addr};
    return false;
}

/* 3.3.1.1 */
static uint64_t linear_ste(const struct bank *bank, const struct strtab_cfg *cfg, uint32_t sid)
{
    return strtab_base(bank, cfg->log2size + 6) + (uint64_t)sid * STE_SIZE;
}

/* 3.3.1.2, 5.1: by way of the level 1 descriptor, whose Span says which StreamIDs there are: they
 * are 2^*array_log2 at most. */
static bool two_level_ste(const struct call *call, const struct strtab_cfg *cfg, uint32_t sid,
                          uint64_t *addr, unsigned *array_log2, struct fault *fault)
{
    unsigned l1_log2 = cfg->log2size > cfg->split ? cfg->log2size - cfg->split : 0;
    uint64_t table = strtab_base(call->bank, l1_log2 + 3 > 6 ? l1_log2 + 3 : 6);
    uint64_t index = sid & (BIT64(cfg->split) - 1);
    struct l1std_raw l1std;

    if (!fetch_strtab(call, SMMU_FETCH_L1STD, table + (uint64_t)(sid >> cfg->split) * L1STD_SIZE,
                      l1std.w, 1, fault))
        return false;
    unsigned span = l1std_Span(&l1std);
    if (span == 0 || span > cfg->split + 1 || index >= BIT64(span - 1)) {
        *fault = (struct fault){.type = EVENT_C_BAD_STREAMID};
        return false;
    }
    uint64_t l2 = (l1std_L2Ptr(&l1std) << 6) & ~(BIT64(span + 5) - 1);
    *addr = l2 + index * STE_SIZE;
    *array_log2 = at_most(*array_log2, span - 1);
    return true;
}

/* The run that it says it belongs to ends with the array that it lies in (5.2, CONT). */
static bool ste_fetch(const struct call *call, const struct strtab_cfg *cfg, struct ste_cfg *ste,
                      struct fault *fault)
{
    uint32_t sid = call->txn->sid;
    uint64_t addr = linear_ste(call->bank, cfg, sid);
    unsigned array_log2 = sids_log2(call->smmu, cfg);
    struct ste_raw raw;

    if (cfg->two_level && !two_level_ste(call, cfg, sid, &addr, &array_log2, fault))
        return false;
    if (!fetch_strtab(call, SMMU_FETCH_STE, addr, raw.w, 8, fault))
        return false;
    *ste = ste_decode(&call->smmu->cfg, call->bank, &raw);
    ste->run_log2 = (uint8_t)at_most(ste->run_log2, array_log2);
    return true;
}

/* Fetch it and remember it, unless another call has while this one waited for its slot. */
static bool ste_walk(const struct call *call, const struct strtab_cfg *cfg, struct ste_cfg *ste,
                     struct fault *fault)
{
    struct unit_slot slot AT_END(unit_give) = unit_take(call, SMMU_UNIT_CONTEXT_WALK);
    if (slot.overtaken)
        return fault_overtaken(fault);
    const struct ste_cfg *filled = slot.call ? cache_filled_ste(call) : NULL;
    if (filled) {
        *ste = *filled;
        return true;
    }
    if (!ste_fetch(call, cfg, ste, fault))
        return false;
    cache_fill_ste(call, ste);
    return true;
}

const struct ste_cfg *ste_get(const struct call *call, struct ste_cfg *local, struct fault *fault)
{
    struct strtab_cfg cfg = strtab_cfg(call->bank);
    if ((uint64_t)call->txn->sid >> sids_log2(call->smmu, &cfg) != 0) {
        *fault = (struct fault){.type = EVENT_C_BAD_STREAMID};
        return NULL;
    }
    if (!unit_use(call, SMMU_UNIT_CONFIG_CACHE)) {
        fault_overtaken(fault);
        return NULL;
    }
    const struct ste_cfg *ste = cache_find_ste(call);
    if (!ste) {
        if (!ste_walk(call, &cfg, local, fault))
            return NULL;
        ste = local;
    }
    if (ste->illegal) {
        *fault = (struct fault){.type = EVENT_C_BAD_STE};
        return NULL;
    }
    return ste;
}
