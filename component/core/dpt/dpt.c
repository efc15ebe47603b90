/* SPDX-License-Identifier: Apache-2.0 */
/* The DPT check: see dpt.h. Steps of a walk and their faults are in the order of 3.24.4. */
#include "dpt/dpt.h"

#include "access/fetch.h"
#include "base/memattr.h"
#include "dpt/dpt_tlb.h"
#include "observe/observe.h"
#include "observe/unit.h"
#include "service/txn_op.h"

/* DPT_CFG_FAR.DPT_FAULTCODE (6.3.48). There are no granule protection checks. */
enum faultcode { FAULT_DISABLED = 0, FAULT_WALK = 1, FAULT_EABT = 3 };

/* How a walk ends. */
struct outcome {
    enum { WALKED, REFUSED, FAULTED, OVERTAKEN } what;
    enum faultcode code; /* FAULTED */
    unsigned level;      /* likewise */
};

static struct outcome faulted(enum faultcode code, unsigned level)
{
    return (struct outcome){.what = FAULTED, .code = code, .level = level};
}

/* --- reports (3.24.4, 6.3.48) -------------------------------------------------------------------
 */

/* The register is written before the error is active, and that before there is an event. Hints end
 * without either (3.22.2). */
static void report(const struct call *call, uint64_t pa, const struct outcome *outcome)
{
    struct bank *bank = call->bank;
    if (call->mode != CALL_REAL || txn_op_is_hint(call->txn->op) ||
        (bank->reg[REG_DPT_CFG_FAR] & DPT_CFG_FAR_FAULT))
        return;
    bank->reg[REG_DPT_CFG_FAR] = (pa & DPT_CFG_FAR_FADDR) | (uint64_t)outcome->code << 4 |
                                 (uint64_t)outcome->level << 1 | DPT_CFG_FAR_FAULT;
    gerror_activate(call->smmu, bank, GERROR_DPT_ERR);
}

/* --- the walk (3.24.3) --------------------------------------------------------------------------
 */

/* DPT_WALK_EN is not acknowledged as 0 while a walk is under way (6.3.9). */
static void end_walk(const struct call *const *call)
{
    struct bank *bank = (*call)->bank;
    if (--bank->dpt_walks == 0 && bank->reg[REG_CR0] != bank->reg[REG_CR0ACK])
        ring_doorbell((*call)->smmu);
}

/* Read the descriptor at `addr`, of `level`. */
static bool fetch(const struct call *call, const struct ste_cfg *ste, uint64_t addr, unsigned level,
                  uint64_t *word, struct outcome *outcome)
{
    const struct bank *bank = call->bank;
    uint64_t cr1 = bank->reg[REG_CR1];
    const struct fetch_attr attr = {
        .memory = memattr_cr1_access(cr1_TABLE_IC(cr1), cr1_TABLE_OC(cr1), cr1_TABLE_SH(cr1),
                                     base_Allocate(bank->reg[REG_DPT_BASE]) ? MAIR_RA : 0),
        .mpam = ste->mpam,
    };
    if (fetch_structure(call, SMMU_FETCH_DPT, addr, &attr, word, 1))
        return true;
    *outcome = faulted(FAULT_EABT, level);
    if (call->outcome->overtaken)
        outcome->what = OVERTAKEN;
    return false;
}

/* What the descriptor of `level` makes of the walk, unless it goes on. */
static struct outcome decoded(enum dpt_kind kind, unsigned level)
{
    if (kind == DPT_INVALID)
        return faulted(FAULT_WALK, level);
    return (struct outcome){.what = kind == DPT_NO_ACCESS ? REFUSED : WALKED};
}

static struct outcome walk_level1(const struct call *call, const struct ste_cfg *ste,
                                  const struct dpt_table *table, uint64_t level1,
                                  struct dpt_region *region)
{
    uint64_t pa = call->txn->addr, word;
    struct outcome outcome;
    if (!fetch(call, ste, dpt_l1_entry(table, level1, pa), 1, &word, &outcome))
        return outcome;
    return decoded(dpt_l1_decode(&call->smmu->cfg, table, word, pa, region), 1);
}

static struct outcome walk_tables(const struct call *call, const struct ste_cfg *ste,
                                  const struct dpt_table *table, struct dpt_region *region)
{
    uint64_t pa = call->txn->addr, word, level1;
    struct outcome outcome;
    if (dpt_tlb_find_table(call, pa, table->l0_log2, &level1))
        return walk_level1(call, ste, table, level1, region);
    if (!fetch(call, ste, dpt_l0_entry(table, pa), 0, &word, &outcome))
        return outcome;
    enum dpt_kind kind = dpt_l0_decode(&call->smmu->cfg, table, word, pa, region, &level1);
    if (kind != DPT_TABLE)
        return decoded(kind, 0);
    dpt_tlb_fill_table(call, pa, table->l0_log2, level1);
    return walk_level1(call, ste, table, level1, region);
}

/* A walk that has begun goes by the registers as they are: they are Guarded until it ends. */
static struct outcome walk(const struct call *call, const struct ste_cfg *ste,
                           struct dpt_region *region)
{
    struct dpt_table table;
    struct unit_slot slot AT_END(unit_give) = unit_take(call, SMMU_UNIT_TABLE_WALK);
    if (slot.overtaken)
        return (struct outcome){.what = OVERTAKEN};
    if (!bank_enabled(call->bank, CR0_DPT_WALK_EN))
        return faulted(FAULT_DISABLED, 0);
    if (!dpt_table_of(&call->smmu->cfg, call->bank, &table))
        return faulted(FAULT_WALK, 0);
    if (call->txn->addr >> table.size_log2 != 0)
        return (struct outcome){.what = REFUSED};
    const struct call *walking AT_END(end_walk) = call;
    call->bank->dpt_walks++;
    return walk_tables(call, ste, &table, region);
}

/* --- the check (3.24.1) -------------------------------------------------------------------------
 */

static enum dpt_verdict check_by_walk(const struct call *call, struct stream *stream,
                                      const struct dpt_client *client, struct dpt_region *region)
{
    lookup_hold(stream);
    struct outcome outcome = walk(call, stream->ste, region);
    switch (outcome.what) {
    case OVERTAKEN:
        return DPT_OVERTAKEN;
    case FAULTED:
        report(call, call->txn->addr, &outcome);
        return DPT_FORBIDDEN;
    case REFUSED:
        return DPT_FORBIDDEN;
    case WALKED:
        break;
    }
    dpt_tlb_fill(call, region);
    return dpt_grants(region, client) ? DPT_PASSES : DPT_FORBIDDEN;
}

enum dpt_verdict dpt_check(const struct call *call, struct stream *stream,
                           struct dpt_region *region)
{
    if (unit_watched(call->smmu, SMMU_UNIT_DPT_TLB)) {
        lookup_hold(stream);
        if (!unit_use(call, SMMU_UNIT_DPT_TLB))
            return DPT_OVERTAKEN;
    }
    const struct dpt_client client = {.vmid = stream->ste->vmid,
                                      .vmatch = stream->ste->dpt_vmatch,
                                      .need = txn_op_need(call->txn)};
    enum dpt_known known = dpt_tlb_find(call, call->txn->addr, &client, region);
    observe_labelled(call, known == DPT_UNKNOWN ? SMMU_OBSERVE_dpt_miss : SMMU_OBSERVE_dpt_hit,
                     lookup_mpam(stream), call->txn->addr, 0);
    if (known == DPT_UNKNOWN)
        return check_by_walk(call, stream, &client, region);
    return known == DPT_GRANTED ? DPT_PASSES : DPT_FORBIDDEN;
}

/* --- ATS completions (3.24.2) -------------------------------------------------------------------
 */

void dpt_note_grant(const struct call *call, const struct ste_cfg *ste, uint64_t pa,
                    unsigned span_log2, bool write)
{
    unsigned most = dpt_l0_log2(call->bank);
    unsigned log2 = span_log2 < most ? span_log2 : most;
    const struct dpt_region region = {
        .addr = pa >> log2 << log2, .span_log2 = (uint8_t)log2, .write = write, .vmid = ste->vmid};
    if (call->smmu->cfg.dpt_from_ats)
        dpt_tlb_fill_granted(call, &region);
}
