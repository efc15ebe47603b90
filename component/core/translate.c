/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction's way through the SMMU (IHI 0070 3.3, 3.4, 15): enable, Stream table entry, Context
 * descriptor, TLB or walk, permissions, answer. */
#include "translate.h"

#include "cd.h"
#include "event.h"
#include "evtq.h"
#include "memattr.h"
#include "ste.h"
#include "ste_layout.h"
#include "walk_s1.h"

/* What a configuration lookup says about a transaction. */
enum route { ROUTE_FAULT, ROUTE_ABORT, ROUTE_BYPASS, ROUTE_STAGE1 };

static bool beyond_oas(const struct call *call)
{
    return call->txn->addr >> call->smmu->cfg.oas_bits != 0;
}

/* Let the transaction pass with its own address and attributes (3.3.2). */
static void forward_bypass(const struct call *call, const struct bank *bank,
                           struct smmu_result *result)
{
    const struct smmu_txn *txn = call->txn;
    *result = (struct smmu_result){
        .outcome = SMMU_FORWARD,
        .pas = SMMU_PAS_NS,
        .perm = SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X,
        .span_log2 = call->smmu->cfg.oas_bits,
        .addr = txn->addr,
        .attr = memattr_consistent(txn->attr),
        .tag = {.sid = txn->sid, .sec = (uint8_t)bank->sec},
    };
}

/* SMMUEN == 0: GBPA decides (6.3.14); an address beyond OAS is aborted without an event (3.4). */
static void global_bypass(const struct call *call, const struct bank *bank,
                          struct smmu_result *result)
{
    if ((bank->gbpa & GBPA_ABORT) || beyond_oas(call))
        *result = (struct smmu_result){.outcome = SMMU_ABORT};
    else
        forward_bypass(call, bank, result);
}

/* Whether software wants to know of `fault` (5.5, 6.3.12). `cd` is NULL before one is in use. */
static bool wants_record(const struct bank *bank, const struct cd_cfg *cd,
                         const struct fault *fault)
{
    if (fault->type == EVENT_C_BAD_STREAMID)
        return (bank->reg[REG_CR2] & CR2_RECINVSID) != 0;
    return !cd || !event_translation_related(fault->type) || cd->record;
}

/* Terminate the transaction. CD.A chooses abort or RAZ/WI for Translation-related faults (5.5). */
static void terminate(const struct call *call, struct bank *bank, const struct cd_cfg *cd,
                      const struct fault *fault, struct smmu_result *result)
{
    bool razwi = cd && event_translation_related(fault->type) && !cd->abort;
    *result =
        (struct smmu_result){.outcome = razwi ? SMMU_RAZWI : SMMU_ABORT, .event = fault->type};
    if (!call->probe && wants_record(bank, cd, fault)) {
        struct evt_raw record = event_encode(call->txn, fault);
        evtq_record(call->smmu, bank, &record, call->txn->call);
    }
}

/* Which way the STE and the SubstreamID send the transaction, and the CD it uses (5.2, Config,
 * S1Fmt, S1CDMax, S1DSS). */
static enum route choose_route(const struct smmu_txn *txn, const struct ste_cfg *ste,
                               uint32_t *cd_index, struct fault *fault)
{
    *cd_index = 0;
    if (!(ste->config & STE_CONFIG_PASS))
        return ROUTE_ABORT;
    bool substreams = (ste->config & STE_CONFIG_S1) && ste->s1cdmax > 0;
    if (txn->ssv && (!substreams || (uint64_t)txn->ssid >= BIT64(ste->s1cdmax))) {
        *fault = (struct fault){.type = EVENT_C_BAD_SUBSTREAMID};
        return ROUTE_FAULT;
    }
    if (!(ste->config & STE_CONFIG_S1))
        return ROUTE_BYPASS;
    if (!substreams)
        return ROUTE_STAGE1;
    if (txn->ssv) {
        *cd_index = txn->ssid;
        if (txn->ssid != 0 || ste->s1dss != STE_S1DSS_SUBSTREAM0)
            return ROUTE_STAGE1;
    } else if (ste->s1dss == STE_S1DSS_BYPASS) {
        return ROUTE_BYPASS;
    } else if (ste->s1dss == STE_S1DSS_SUBSTREAM0) {
        return ROUTE_STAGE1;
    }
    *fault = (struct fault){.type = EVENT_F_STREAM_DISABLED};
    return ROUTE_FAULT;
}

/* Stage 1 bypassed: an address beyond the IAS is a stage 1 Address Size fault (3.4). */
static void stream_bypass(const struct call *call, struct bank *bank, struct smmu_result *result)
{
    if (beyond_oas(call)) {
        struct fault fault = {.type = EVENT_F_ADDR_SIZE, .cls = FAULT_CLASS_IN};
        terminate(call, bank, NULL, &fault, result);
    } else {
        forward_bypass(call, bank, result);
    }
}

/* 3.4.1: with TBI the top byte is a sign-extension of bit 55. */
static uint64_t effective_va(const struct cd_cfg *cd, uint64_t addr)
{
    if (!cd->tt[bits_get(addr, 55, 55)].tbi)
        return addr;
    return (uint64_t)((int64_t)(addr << 8) >> 8);
}

static bool tlb_hit(const struct call *call, const struct tlb_context *context, uint64_t va,
                    struct tlb_entry *entry)
{
    struct smmu_state *smmu = call->smmu;
    const struct tlb_entry *hit = tlb_find(&smmu->tlb, context, va, !call->probe);
    if (hit)
        *entry = *hit;
    if (call->probe)
        return hit != NULL;
    if (!hit) {
        smmu->stats.tlb_misses++;
        return false;
    }
    smmu->stats.tlb_hits++;
    trace(smmu, SMMU_TRACE_tlb_hit, call->txn->sid, va);
    return true;
}

/* Walk for `va`. What is found enters the TLB unless something was invalidated since the call
 * began. False on a fault. */
static bool walk_and_fill(const struct call *call, const struct tlb_context *context,
                          const struct cd_cfg *cd, uint64_t va, struct tlb_entry *entry,
                          struct fault *fault)
{
    struct smmu_state *smmu = call->smmu;
    *entry = (struct tlb_entry){.tag = {.asid = context->asid,
                                        .vmid = context->vmid,
                                        .sec = context->sec,
                                        .world = context->world,
                                        .s1 = true}};
    if (!walk_s1(call, cd, va, entry, fault))
        return false;
    if (!call->probe && call->epoch == smmu->epoch && smmu->cfg.tlb.sets > 0) {
        smmu->stats.tlb_fills++;
        smmu->stats.tlb_evictions += tlb_fill(&smmu->tlb, entry);
        trace(smmu, SMMU_TRACE_tlb_fill, call->txn->sid, va);
    }
    return true;
}

/* The right an access needs (13.4.1): all writes are data. */
static unsigned needed_perm(const struct smmu_txn *txn)
{
    if (txn->write)
        return SMMU_PERM_W;
    return txn->instr ? SMMU_PERM_X : SMMU_PERM_R;
}

static void forward_stage1(const struct call *call, const struct tlb_entry *entry, uint64_t va,
                           uint32_t cd_index, struct smmu_result *result)
{
    *result = (struct smmu_result){
        .outcome = SMMU_FORWARD,
        .pas = SMMU_PAS_NS,
        .perm = entry->perm[call->txn->priv],
        .span_log2 = entry->tag.span_log2,
        .addr = entry->pa + (va - entry->tag.va),
        .attr = memattr_combine_hints(entry->attr, call->txn->attr),
        .tag = entry->tag,
    };
    result->tag.sid = call->txn->sid;
    result->tag.cd_index = cd_index;
}

static void stage1(const struct call *call, struct bank *bank, const struct cd_cfg *cd,
                   uint32_t cd_index, struct smmu_result *result)
{
    const struct smmu_txn *txn = call->txn;
    struct tlb_context context = {
        .asid = cd->asid, .sec = (uint8_t)bank->sec, .world = SMMU_WORLD_NS_EL1};
    uint64_t va = effective_va(cd, txn->addr);
    struct tlb_entry entry;
    struct cd_cfg copy;
    struct fault fault;

    if (!tlb_hit(call, &context, va, &entry)) {
        copy = *cd; /* the walk may block, and the configuration cache change meanwhile */
        cd = &copy;
        if (!walk_and_fill(call, &context, cd, va, &entry, &fault)) {
            terminate(call, bank, cd, &fault, result);
            return;
        }
    }
    if (!(entry.perm[txn->priv] & needed_perm(txn))) {
        fault = (struct fault){.type = EVENT_F_PERMISSION, .cls = FAULT_CLASS_IN};
        terminate(call, bank, cd, &fault, result);
        return;
    }
    forward_stage1(call, &entry, va, cd_index, result);
}

void translate(const struct call *call, struct smmu_result *result)
{
    struct bank *bank = &call->smmu->bank[call->txn->sec];
    struct ste_cfg ste;
    struct fault fault;
    uint32_t cd_index;

    if (!bank->implemented) {
        *result = (struct smmu_result){.outcome = SMMU_ABORT};
        return;
    }
    if (!bank_enabled(bank, CR0_SMMUEN)) {
        global_bypass(call, bank, result);
        return;
    }
    if (!ste_get(call, bank, &ste, &fault)) {
        terminate(call, bank, NULL, &fault, result);
        return;
    }
    switch (choose_route(call->txn, &ste, &cd_index, &fault)) {
    case ROUTE_FAULT:
        terminate(call, bank, NULL, &fault, result);
        return;
    case ROUTE_ABORT:
        *result = (struct smmu_result){.outcome = SMMU_ABORT};
        return;
    case ROUTE_BYPASS:
        stream_bypass(call, bank, result);
        return;
    case ROUTE_STAGE1:
        break;
    }
    struct cd_cfg local;
    const struct cd_cfg *cd = cd_get(call, bank, &ste, cd_index, &local, &fault);
    if (!cd)
        terminate(call, bank, NULL, &fault, result);
    else
        stage1(call, bank, cd, cd_index, result);
}
