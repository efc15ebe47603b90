/* SPDX-License-Identifier: Apache-2.0 */
/* Life of an SMMU and its public entry points. */
#include "smmu/smmu.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/cmdq.h"
#include "cmd/ecmdq.h"
#include "cmd/inval.h"
#include "config.h"
#include "dpt/dpt_tlb.h"
#include "observe/observe.h"
#include "observe/unit.h"
#include "pmcg/pmcg_group.h"
#include "report/sfm.h"
#include "report/stall.h"
#include "service/atos.h"
#include "service/translate.h"
#include "smmu_priv.h"
#include "stream/cache.h"
#include "stream/way.h"
#include "walk/tbu_tlb.h"
#include "walk/utlb.h"

static bool init(struct smmu_state *smmu)
{
    const struct smmu_config *cfg = &smmu->cfg;
    return bank_init_all(smmu) && cache_init(smmu) && way_init(smmu) &&
           tlb_init(&smmu->tlb, ASSOC_PLAN(cfg, tlb, struct tlb_entry), true) &&
           tlb_init(&smmu->walk_s1, ASSOC_PLAN(cfg, walk_s1, struct walk_entry), false) &&
           tlb_init(&smmu->walk_s2, ASSOC_PLAN(cfg, walk_s2, struct walk_entry), false) &&
           utlb_init(smmu) && tbu_tlb_init(smmu) && dpt_tlb_init(smmu) && stall_init(smmu);
}

/* Functions that the host must have, as smmu/ops.h says. */
static bool check_ops(const struct smmu_ops *ops, const struct smmu_config *cfg,
                      struct smmu_error *error)
{
    static const uint32_t slots = 0
#define SMMU_UNIT(name, slot, ...) | (uint32_t)(slot) << SMMU_UNIT_##name
#include "smmu/units.def"
#undef SMMU_UNIT
        ;
    *error = (struct smmu_error){0};
    if (!ops->read)
        *error = (struct smmu_error){"ops.read", "is needed"};
    else if (!ops->write)
        *error = (struct smmu_error){"ops.write", "is needed"};
    else if (!ops->cas && cfg->httu != SMMU_HTTU_NONE)
        *error = (struct smmu_error){"ops.cas", "is needed with httu"};
    else if (ops->units >> SMMU_UNIT_COUNT != 0)
        *error = (struct smmu_error){"ops.units", "has bits of no unit"};
    else if (!ops->use && ops->units != 0)
        *error = (struct smmu_error){"ops.use", "is needed with ops.units"};
    else if (!ops->release && (ops->units & slots) != 0)
        *error = (struct smmu_error){"ops.release", "is needed with slots in ops.units"};
    else if (!ops->lock != !ops->unlock)
        *error = (struct smmu_error){"ops.unlock", "goes with ops.lock"};
    return !error->field;
}

static smmu_t *build(const struct smmu_config *cfg, const struct smmu_ops *ops, void *user)
{
    struct smmu_state *smmu = calloc(1, sizeof(*smmu));
    if (!smmu)
        return NULL;
    smmu->cfg = config_in_effect(cfg);
    smmu->epoch = 1;
    smmu->serving_tbus = smmu->cfg.tbus;
    smmu->oas_mask = MASK64(smmu->cfg.oas_bits - 1, 0);
    smmu->ops = *ops;
    smmu->user = user;
    pmcg_watch(smmu);
    if (init(smmu))
        return smmu;
    smmu_destroy(smmu);
    return NULL;
}

smmu_t *smmu_create(const struct smmu_config *cfg, const struct smmu_ops *ops, void *user,
                    struct smmu_error *error)
{
    struct smmu_error found = {0};
    smmu_t *smmu = NULL;
    if (smmu_config_check(cfg, &found) && check_ops(ops, cfg, &found)) {
        smmu = build(cfg, ops, user);
        if (!smmu)
            found = (struct smmu_error){"memory", "is short"};
    }
    if (!smmu && error)
        *error = found;
    return smmu;
}

void smmu_destroy(smmu_t *smmu)
{
    if (!smmu)
        return;
    cache_free(smmu);
    way_free(smmu);
    tlb_free(&smmu->tlb);
    tlb_free(&smmu->walk_s1);
    tlb_free(&smmu->walk_s2);
    utlb_free(smmu);
    tbu_tlb_free(smmu);
    dpt_tlb_free(smmu);
    stall_free(smmu);
    pmcg_free(smmu);
    bank_free_all(smmu);
    free(smmu);
}

void smmu_reset(smmu_t *smmu)
{
    memset(smmu->injected, 0, sizeof(smmu->injected));
    smmu->serving_tbus = smmu->cfg.tbus;
    for (struct bank *bank = bank_next(smmu, NULL); bank; bank = bank_next(smmu, bank)) {
        struct smmu_inval all = {.kind = SMMU_INVAL_ALL, .sec = bank->sec};
        stall_terminate_all(smmu, bank);
        bank_reset(bank, &smmu->cfg);
        inval_apply(smmu, &all);
    }
    pmcg_reset(smmu);
}

/* Do what there is to do for `bank` but for Enhanced Command queues, of commands one. False if
 * nothing is left. */
static bool serve(struct smmu_state *smmu, struct bank *bank)
{
    const struct cmdq queue = cmdq_of(bank);
    bool again = atos_run(smmu, bank);
    bank_complete_updates(smmu, bank);
    bank->reg[REG_STATUSR] = smmu->cfg.dormhint ? STATUSR_DORMANT : 0;
    stall_retry_waiting(smmu, bank);
    return cmdq_step(smmu, bank, &queue) || again;
}

static void end_serving(smmu_t *const *smmu)
{
    (*smmu)->running = false;
}

/* A round of that, unless another run is at it, which goes round again then. */
static bool serve_all(smmu_t *smmu)
{
    if (smmu->running)
        return false;
    smmu_t *run AT_END(end_serving) = smmu;
    smmu->running = true;
    smmu->asked = false;
    bool more = pmcg_run(smmu);
    for (struct bank *bank = bank_next(smmu, NULL); bank; bank = bank_next(smmu, bank))
        more |= serve(smmu, bank);
    return more || smmu->asked;
}

/* A run. */
struct run {
    smmu_t *smmu;
    bool more; /* it has not found that nothing is left to do */
};

/* Of one that the host unwinds the next has to do what is left. */
static void end_run(const struct run *run)
{
    if (run->more)
        ring_doorbell(run->smmu);
}

/* A queue that its own messages refill never empties: the host is asked for another run. */
void smmu_run(smmu_t *smmu)
{
    unsigned left = SMMU_RUN_ROUNDS;
    struct run run AT_END(end_run) = {smmu, true};
    smmu->asked = true;
    sfm_enter_if_due(smmu);
    do {
        bool more = serve_all(smmu);
        for (struct bank *bank = bank_next(smmu, NULL); bank; bank = bank_next(smmu, bank))
            more |= ecmdq_run(smmu, bank);
        run.more = more;
    } while (run.more && (!smmu->ops.defer || --left != 0));
}

/* Others may wait for what becomes of a retry. */
static __attribute__((noinline)) void retry(smmu_t *smmu, const struct smmu_txn *txn,
                                            struct smmu_result *result)
{
    const struct stall_retry end AT_END(stall_end_retry) = {smmu, txn};
    unit_use_txn(smmu, SMMU_UNIT_TBU, txn);
    translate_retry(smmu, txn, result);
}

static inline void answered_by_tbu(smmu_t *smmu, const struct smmu_txn *txn,
                                   const struct smmu_result *result)
{
    observe_answer(smmu, SMMU_OBSERVE_forward, txn, result->addr, &result->mpam, false);
}

static inline bool look_up(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    observe_txn(smmu, SMMU_OBSERVE_translate, txn, 0);
    if (!__builtin_expect(utlb_find(smmu, txn, result), true))
        return false;
    answered_by_tbu(smmu, txn, result);
    return true;
}

bool smmu_look_up(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    return look_up(smmu, txn, result);
}

bool smmu_kind_of(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_txn_kind *kind)
{
    const bool there = utlb_there(smmu, txn);
    if (there)
        *kind = utlb_kind_of(smmu, txn);
    return there;
}

/* Who watches is told of a transaction, which is not known here. */
const struct smmu_result *smmu_look_up_kind(const struct smmu_txn_kind *kind, uint64_t addr)
{
    struct smmu_state *smmu = kind->smmu;
    if (__builtin_expect(smmu->watched, false))
        return NULL;
    const struct utlb_entry *entry = utlb_current(kind, addr);
    if (!__builtin_expect(entry != NULL, true))
        return NULL;
    utlb_used(smmu->utlb, entry);
    observe_count(smmu, SMMU_OBSERVE_translate);
    observe_count(smmu, SMMU_OBSERVE_forward);
    observe_count(smmu, SMMU_OBSERVE_utlb_hit);
    return &entry->result;
}

/* Ask a main TLB of a TBU that is there. */
static __attribute__((noinline)) bool look_up_tlb(smmu_t *smmu, const struct smmu_txn *txn,
                                                  struct smmu_result *result)
{
    if (unit_watched(smmu, SMMU_UNIT_TBU_TLB))
        unit_tell_txn(smmu, SMMU_UNIT_TBU_TLB, txn, tbu_tlb_further_sizes(smmu, txn));
    bool found = tbu_tlb_find(smmu, txn, result);
    observe_txn(smmu, found ? SMMU_OBSERVE_tbu_tlb_hit : SMMU_OBSERVE_tbu_tlb_miss, txn, 0);
    if (!found)
        return false;
    utlb_fill(smmu, txn, smmu->epoch, result);
    answered_by_tbu(smmu, txn, result);
    return true;
}

bool smmu_look_up_tlb(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    return tbu_tlb_present(smmu, txn) && look_up_tlb(smmu, txn, result);
}

void smmu_translate(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    if (txn->retried) {
        observe_txn(smmu, SMMU_OBSERVE_translate, txn, 0);
        retry(smmu, txn, result);
    } else {
        if (!txn->looked_up) {
            unit_use_txn(smmu, SMMU_UNIT_TBU, txn);
            if (look_up(smmu, txn, result) ||
                (tbu_tlb_present(smmu, txn) && look_up_tlb(smmu, txn, result)))
                return;
        }
        translate(smmu, txn, result);
    }
}

uint64_t smmu_generation(const smmu_t *smmu)
{
    return smmu->epoch;
}

void smmu_probe(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    struct call_outcome outcome = {0};
    struct call call = {.smmu = smmu, .txn = txn, .outcome = &outcome, .mode = CALL_PROBE};
    translate_call(&call, result);
    if (outcome.left_out)
        result->perm = 0; /* only a transaction that sets the Access flag may go this way */
}

void smmu_inject(smmu_t *smmu, enum smmu_injection what, uint32_t count)
{
    if (what >= SMMU_INJECT_COUNT)
        return;
    smmu->injected[what] = count;
    smmu->epoch++; /* TBUs must not answer in place of what goes wrong */
    tbu_tlb_forget(smmu);
    if (what == SMMU_INJECT_SFM)
        ring_doorbell(smmu);
}

const struct smmu_stats *smmu_get_stats(const smmu_t *smmu)
{
    return &smmu->stats;
}

const struct smmu_config *smmu_get_config(const smmu_t *smmu)
{
    return &smmu->cfg;
}
