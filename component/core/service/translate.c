/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction's way through the SMMU (IHI 0070 3.3, 3.4, 3.12, 15): enable, configuration, TLB or
 * walk, permissions, answer. */
#include "service/translate.h"

#include <assert.h>

#include "access/egress.h"
#include "base/memattr.h"
#include "dpt/dpt.h"
#include "report/event.h"
#include "report/evtq.h"
#include "report/stall.h"
#include "service/ats.h"
#include "service/prefetch.h"
#include "service/txn_op.h"
#include "stream/lookup.h"
#include "stream/ste_layout.h"
#include "stream/way.h"
#include "walk/tbu_tlb.h"
#include "walk/utlb.h"
#include "walk/walk.h"

static bool stage2_on(const struct ste_cfg *ste)
{
    return (ste->config & STE_CONFIG_S2) != 0;
}

/* --- answers ------------------------------------------------------------------------------------
 */

/* Answer with an abort; hints complete instead, without effect (3.22.2). */
static void terminate(const struct call *call, struct smmu_result *result)
{
    *result =
        (struct smmu_result){.outcome = txn_op_is_hint(call->txn->op) ? SMMU_RAZWI : SMMU_ABORT};
}

/* Let an operation beyond reads and writes go on as the stream may do it (`ste`, unless nothing
 * translates or is checked) and as the interconnect takes it; if nothing is left, the transaction
 * ends here. */
static __attribute__((cold)) void forward_op(const struct call *call, const struct ste_cfg *ste,
                                             struct smmu_result *result)
{
    uint8_t op = call->txn->op;
    if (ste)
        op = txn_op_translated(op, ste, result->perm);
    op = txn_op_output(&call->smmu->cfg, op, result->attr);
    result->op = op;
    if (op == TXN_OP_NONE)
        terminate(call, result);
}

/* Let a read or write pass with its own address, labelled `mpam`. */
static inline __attribute__((always_inline)) void bypass(const struct call *call,
                                                         struct memattr_override overrides,
                                                         struct smmu_mpam mpam,
                                                         struct smmu_result *result)
{
    const struct smmu_txn *txn = call->txn;
    *result = (struct smmu_result){
        .outcome = SMMU_FORWARD,
        .perm = SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X,
        .span_log2 = call->smmu->cfg.oas_bits,
        .mpam = mpam,
        .addr = txn->addr,
        .attr = memattr_replace(txn_op_input_attr(txn), overrides),
        .instr = txn_op_instr(txn),
        .priv = txn->priv,
        .tag = {.sid = txn->sid, .sec = call->bank->sec},
    };
    egress_forward(call->smmu, call->bank, result);
}

/* Let any transaction pass so (3.3.2). */
static void forward_bypass(const struct call *call, struct memattr_override overrides,
                           struct smmu_mpam mpam, struct smmu_result *result)
{
    bypass(call, overrides, mpam, result);
    if (call->txn->op != SMMU_OP_ORDINARY)
        forward_op(call, NULL, result);
}

/* The attributes that a transaction brings to its translation. Overrides are not for those of ATS
 * (13.1.4). */
static struct smmu_memattr input_attr(const struct smmu_txn *txn, const struct ste_cfg *ste)
{
    struct smmu_memattr in = txn_op_input_attr(txn);
    return txn->translated ? in : memattr_replace(in, ste->types);
}

/* Find out what is true of all transactions that come this way as this one does. */
static void settle_kind(const struct call *call, struct stream *stream)
{
    const struct cd_cfg *cd = stream->cd;
    const bool tagged = cd && (cd->tt[0].tbi || cd->tt[1].tbi);
    struct smmu_result common = {
        .outcome = SMMU_FORWARD,
        .op = SMMU_OP_ORDINARY,
        .mpam = *lookup_mpam(stream),
        .instr = txn_op_instr(call->txn),
        .priv = call->txn->priv,
    };
    egress_forward(call->smmu, call->bank, &common);
    stream->kind = &stream->kind_copy;
    stream->kind_copy = (struct stream_kind){
        .space = lookup_space(call, stream),
        .answer = answer_common(&common),
        .in = input_attr(call->txn, stream->ste),
        .need = (uint8_t)walk_needed_perm(call),
        .tagged = tagged,
        .plain = !tagged && call->txn->op == SMMU_OP_ORDINARY,
    };
}

/* The attributes of a translated transaction (13.4). */
static inline struct smmu_memattr output_attr(const struct stream_kind *kind,
                                              const struct tlb_entry *entry)
{
    const struct smmu_memattr *in = &kind->in;
    if (__builtin_expect(!entry->tag.s1, false))
        return memattr_stage2(*in, entry->attr, entry->forces_wb);
    return in->mair == SMMU_MAIR_NORMAL_WB_RAWA ? entry->attr
                                                : memattr_combine_other_hints(entry->attr, *in);
}

/* The Page-Based Hardware Attributes that the configuration of now gives a use, of either stage
 * (5.2, S2HWU59; 5.4, HWU059). */
static __attribute__((cold, noinline)) uint8_t pbha_in_use(const struct stream *stream,
                                                           const struct tlb_entry *entry,
                                                           uint64_t ia, bool privileged)
{
    uint8_t pbha = entry->s2_pbha & stream->ste->s2.hwu;
    if (entry->s1_pbha == 0 || !stream->cd)
        return pbha;
    const struct tt_cfg *tt = walk_table(stream->ste, stream->cd, ia, privileged);
    return tt ? pbha | (entry->s1_pbha & tt->stage.hwu) : pbha;
}

/* What the entry lets accesses of the transaction's privilege do. */
static inline unsigned rights(const struct smmu_txn *txn, const struct tlb_entry *entry)
{
    return entry->s1_perm[txn->priv] & entry->s2_perm[txn->priv];
}

/* Answer that `txn` goes on to where `entry` maps `ia`, with these rights and attributes. */
static inline void answer(const struct smmu_txn *txn, const struct stream_kind *kind,
                          const struct tlb_entry *entry, uint64_t ia, uint32_t cd_index,
                          unsigned perm, unsigned pbha, struct smmu_result *result)
{
    answer_write(&kind->answer, perm, entry->tag.span_log2, output_attr(kind, entry), pbha, result);
    result->addr = entry->pa + (ia - entry->tag.va);
    tag_copy(&result->tag, &entry->tag, txn->sid, cd_index);
}

static inline void forward_translated(const struct call *call, const struct stream *stream,
                                      const struct tlb_entry *entry, uint64_t ia,
                                      struct smmu_result *result)
{
    const struct smmu_txn *txn = call->txn;
    unsigned perm = rights(txn, entry), pbha = 0;
    if (!__builtin_expect(tlb_entry_is_simple(entry), true)) {
        if (entry->caution & TLB_CLEAN)
            perm &= ~(unsigned)SMMU_PERM_W; /* the next write must come here to make it dirty */
        if (entry->s1_pbha | entry->s2_pbha)
            pbha = pbha_in_use(stream, entry, ia, txn->priv);
    }
    answer(txn, stream->kind, entry, ia, stream->cd_index, perm, pbha, result);
    if (txn->op != SMMU_OP_ORDINARY)
        forward_op(call, stream->ste, result);
}

/* The treatment of a fault (5.5). */
struct policy {
    bool stall, abort, record;
    bool merge; /* STE.MEV */
};

/* Abort and record, whatever the fault bits say. */
static struct policy terminated(const struct stream *stream)
{
    return (struct policy){
        .abort = true, .record = true, .merge = stream->ste && stream->ste->merge};
}

/* Translation-related faults are governed by the stage that found them: STE.S2S and S2R, or CD.S, A
 * and R. All others, and those of a bypassed stage 1, abort and are recorded; C_BAD_STREAMID if
 * software wants it (6.3.12). */
static struct policy policy_of(const struct call *call, const struct stream *stream,
                               const struct fault *fault)
{
    if (fault->type == EVENT_C_BAD_STREAMID)
        return (struct policy){.abort = true,
                               .record = (call->bank->reg[REG_CR2] & CR2_RECINVSID) != 0};
    if (!event_translation_related(fault->type) || (!fault->s2 && !stream->cd))
        return terminated(stream);
    assert(stream->ste); /* no stage translates without one */
    if (fault->s2)
        return (struct policy){.stall = stream->ste->s2_stall,
                               .abort = true,
                               .record = stream->ste->s2_record,
                               .merge = stream->ste->merge};
    return (struct policy){.stall = stream->cd->stall,
                           .abort = stream->cd->abort,
                           .record = stream->cd->record,
                           .merge = stream->ste->merge};
}

/* Stall or terminate the transaction, and record why; not if what it met is none of its faults. */
static void settle_fault(const struct call *call, struct policy policy, const struct fault *fault,
                         struct smmu_result *result)
{
    bool stall = policy.stall && call->txn->stall;
    if (txn_op_is_hint(call->txn->op)) {
        terminate(call, result);
        return;
    }
    *result = (struct smmu_result){.outcome = stall                          ? SMMU_STALLED
                                              : policy.abort || policy.stall ? SMMU_ABORT
                                                                             : SMMU_RAZWI,
                                   .event = fault->type};
    if (call->mode != CALL_REAL || call->outcome->overtaken)
        return;
    struct evt_raw record = event_encode(call->smmu->cfg.oas_bits, call->txn, fault);
    if (stall)
        stall_hold(call, &record);
    else if (policy.record || policy.stall)
        evtq_record(call, &record, policy.merge);
}

/* The label is taken first: while the record is written, another stream may take the place of this
 * one in the cache. */
static void fail(const struct call *call, const struct stream *stream, const struct fault *fault,
                 struct smmu_result *result)
{
    const struct smmu_mpam mpam = stream->ste ? *lookup_mpam(stream) : (struct smmu_mpam){0};
    settle_fault(call, policy_of(call, stream, fault), fault, result);
    result->mpam = mpam;
}

/* --- bypass -------------------------------------------------------------------------------------
 */

/* SMMUEN == 0: GBPA decides (6.3.14); an address beyond OAS is aborted without an event (3.4). */
static void global_bypass(const struct call *call, struct smmu_result *result)
{
    uint32_t gbpa = call->bank->gbpa;
    bool types = call->smmu->cfg.attr_types_ovr;
    struct memattr_override overrides = {
        .mtcfg = types && gbpa_MTCFG(gbpa),
        .memattr = gbpa_MemAttr(gbpa),
        .alloccfg = types ? gbpa_ALLOCCFG(gbpa) : 0,
        .shcfg = types ? gbpa_SHCFG(gbpa) : MEMATTR_SHCFG_INCOMING,
    };
    if ((gbpa & GBPA_ABORT) || lookup_too_large(call, false)) {
        terminate(call, result);
        return;
    }
    struct smmu_txn txn = *call->txn;
    struct call adjusted = *call;
    adjusted.txn = &txn;
    if (call->smmu->cfg.attr_perms_ovr) {
        txn.priv = lookup_override_perm(gbpa_PRIVCFG(gbpa), txn.priv);
        txn.instr = lookup_override_perm(gbpa_INSTCFG(gbpa), txn.instr);
    }
    forward_bypass(&adjusted, overrides, call->bank->bypass, result);
}

/* --- translation --------------------------------------------------------------------------------
 */

/* Whether a cached translation permits the access: mostly both stages give all that it needs. */
static inline bool permitted(const struct call *call, const struct tlb_entry *entry, unsigned need)
{
    const struct smmu_txn *txn = call->txn;
    return __builtin_expect((rights(txn, entry) & need) == need, true) ||
           (txn_op_permitted(entry->s1_perm[txn->priv], need) &&
            txn_op_permitted(entry->s2_perm[txn->priv], need));
}

/* 7.3.17 */
static struct fault conflict(const struct stream *stream, uint64_t ia)
{
    return (struct fault){.type = EVENT_F_TLB_CONFLICT, .s2 = !stream->cd, .ipa = ia};
}

/* Why it does not; stage 1 is asked first. Where the half of the address map is closed to the
 * access, that comes before its rights (5.4, E0PD0; DDI 0487 D8.2.4.1). */
static __attribute__((cold, noinline)) struct fault denial(const struct call *call,
                                                           const struct stream *stream,
                                                           const struct tlb_entry *entry,
                                                           uint64_t ia)
{
    const struct smmu_txn *txn = call->txn;
    unsigned need = walk_needed_perm(call);
    if (entry == &tlb_conflict)
        return conflict(stream, ia);
    bool s1 = txn_op_permitted(entry->s1_perm[txn->priv], need);
    bool closed = stream->cd && !walk_table(stream->ste, stream->cd, ia, txn->priv);
    unsigned perm = s1 ? entry->s2_perm[txn->priv] : entry->s1_perm[txn->priv];
    return (struct fault){.type = !s1 && closed ? EVENT_F_TRANSLATION : EVENT_F_PERMISSION,
                          .cls = FAULT_CLASS_IN,
                          .s2 = s1,
                          .lacks_read = txn_op_lacks_read(perm, need),
                          .ipa = s1 ? entry->ipa + (ia - entry->tag.va) : 0};
}

/* Translate what the main TLB has no translation for. */
static __attribute__((noinline)) void translate_by_walk(const struct call *call,
                                                        struct stream *stream, uint64_t ia,
                                                        struct smmu_result *result)
{
    struct tlb_entry walked;
    struct fault fault;
    lookup_hold(stream);
    if (walk(call, stream->ste, stream->cd, ia, stream->kind->need, &walked, &fault)) {
        prefetch_neighbour(call, stream, &walked.tag);
        forward_translated(call, stream, &walked, ia, result);
    } else {
        fail(call, stream, &fault, result);
    }
}

/* Refuse what the translation that was found, `entry`, denies; or what has become of the call while
 * it was looked for. */
static __attribute__((cold, noinline)) void refuse(const struct call *call,
                                                   const struct stream *stream,
                                                   const struct tlb_entry *entry, uint64_t ia,
                                                   struct smmu_result *result)
{
    struct fault fault;
    if (call->outcome->overtaken)
        fault_overtaken(&fault);
    else
        fault = denial(call, stream, entry, ia);
    fail(call, stream, &fault, result);
}

/* Translate `ia` by `entry`, which was looked up, or without it by a walk. */
static inline __attribute__((always_inline)) void translate_by(const struct call *call,
                                                               struct stream *stream, uint64_t ia,
                                                               const struct tlb_entry *entry,
                                                               struct smmu_result *result)
{
    if (call->mode == CALL_REAL && !call->outcome->overtaken &&
        inject_take(call->smmu, SMMU_INJECT_TLB_CONFLICT))
        entry = &tlb_conflict;
    if (call->outcome->overtaken || (entry && !permitted(call, entry, stream->kind->need)))
        refuse(call, stream, entry, ia, result);
    else if (entry)
        forward_translated(call, stream, entry, ia, result);
    else
        translate_by_walk(call, stream, ia, result);
}

/* Translate, by the way that `stream` is, which is known, as is its kind. */
static void translated(const struct call *call, struct stream *stream, struct smmu_result *result)
{
    uint64_t ia = call->txn->addr;
    if (__builtin_expect(stream->kind->tagged, false))
        ia = lookup_effective_va(stream, ia);
    translate_by(call, stream, ia, lookup_tlb(call, stream, stream->kind->space, ia), result);
}

/* Translate, and remember the way. */
static void arrive(const struct call *call, struct stream *stream, struct smmu_result *result)
{
    settle_kind(call, stream);
    way_remember(call, stream);
    translated(call, stream, result);
}

/* Stage 1 bypassed: an address too large is a stage 1 Address Size fault, which always
 * terminates (3.4, 3.12). */
static void no_stage1(const struct call *call, struct stream *stream, struct smmu_result *result)
{
    if (lookup_too_large(call, stage2_on(stream->ste))) {
        struct fault fault = {.type = EVENT_F_ADDR_SIZE, .cls = FAULT_CLASS_IN};
        fail(call, stream, &fault, result);
    } else if (stage2_on(stream->ste)) {
        arrive(call, stream, result);
    } else {
        forward_bypass(call, stream->ste->types, stream->ste->mpam, result);
    }
}

/* Take the transaction the way its configuration says. */
static void follow(const struct call *call, struct stream *stream, struct smmu_result *result)
{
    struct fault fault = {0};
    switch (lookup_route(call->txn, stream, &fault)) {
    case ROUTE_ABORT:
        terminate(call, result);
        return;
    case ROUTE_FAULT:
        break;
    case ROUTE_NO_STAGE1:
        no_stage1(call, stream, result);
        return;
    case ROUTE_STAGE1:
        if (!lookup_cd(call, stream, &fault))
            break;
        arrive(call, stream, result);
        return;
    }
    fail(call, stream, &fault, result);
}

/* --- transactions marked Translated (3.9.1.3) ---------------------------------------------------
 */

static const struct fault forbidden = {.type = EVENT_F_TRANSL_FORBIDDEN};

/* Let what is physical pass; the attributes stay (13.6.3). `ste`: whose DRE and DCP count, if any;
 * `region`: of the DPT, if that was asked. */
static void go_on(const struct call *call, const struct ste_cfg *ste,
                  const struct dpt_region *region, struct smmu_mpam mpam,
                  struct smmu_result *result)
{
    static const struct memattr_override none = {.shcfg = MEMATTR_SHCFG_INCOMING};
    bypass(call, none, mpam, result);
    if (region) {
        result->perm = dpt_rights(region);
        result->span_log2 = result->tag.span_log2 = result->tag.s2_leaf_log2 = region->span_log2;
        result->tag.va = region->addr;
    }
    if (call->txn->op != SMMU_OP_ORDINARY)
        forward_op(call, ste, result);
}

/* The address is physical. Bits above OAS: an abort, without an event (3.9.1.1). */
static void pass_translated(const struct call *call, const struct ste_cfg *ste,
                            struct smmu_mpam mpam, struct smmu_result *result)
{
    if (lookup_too_large(call, false))
        terminate(call, result);
    else
        go_on(call, ste, NULL, mpam, result);
}

/* The label is taken first, as for other faults. */
static void refuse_by_dpt(const struct call *call, const struct stream *stream,
                          struct smmu_result *result)
{
    const struct smmu_mpam mpam = *lookup_mpam(stream);
    settle_fault(call, terminated(stream), &forbidden, result);
    result->mpam = mpam;
}

/* The same where the DPT has to let it pass (3.24.1). */
static __attribute__((noinline)) void pass_by_dpt(const struct call *call, struct stream *stream,
                                                  struct smmu_result *result)
{
    struct dpt_region region;
    if (lookup_too_large(call, false)) {
        terminate(call, result);
        return;
    }
    switch (dpt_check(call, stream, &region)) {
    case DPT_PASSES:
        go_on(call, stream->ste, &region, *lookup_mpam(stream), result);
        return;
    case DPT_FORBIDDEN:
        refuse_by_dpt(call, stream, result);
        return;
    case DPT_OVERTAKEN:
        terminate(call, result);
        return;
    }
}

/* What such a transaction counts as: unprivileged data without a SubstreamID, unless the SMMU takes
 * SubstreamIDs of them (6.3.4, PASIDTT). */
static struct smmu_txn as_translated(const struct call *call)
{
    struct smmu_txn txn = *call->txn;
    if (!call->smmu->cfg.pasidtt || !txn.ssv)
        txn.ssv = txn.priv = txn.instr = false;
    return txn;
}

/* Errors of the configuration are recorded if software asks for it; what stage 2 meets on the way
 * to the CD, as it always is. */
static void fail_check(const struct call *call, const struct stream *stream,
                       const struct fault *fault, struct smmu_result *result)
{
    if (event_of_walk(fault->type))
        fail(call, stream, fault, result);
    else if (ats_records_errors(call->bank))
        settle_fault(call, terminated(stream), fault, result);
    else
        terminate(call, result);
}

/* The CD of its SubstreamID counts for the answer, if it has one. */
static void goes_by_label(const struct stream *stream, struct smmu_result *result)
{
    result->tag.cd = stream->label != NULL;
    result->tag.cd_index = stream->cd_index;
}

static void translated_traffic(const struct call *call, struct smmu_result *result)
{
    struct smmu_txn txn = as_translated(call), overridden;
    struct call counted = *call;
    struct stream stream;
    struct fault fault;

    counted.txn = &txn;
    enum ats_verdict verdict = ats_check(&counted, &stream, &fault);
    if (stream.ste && lookup_overridden(&txn, stream.ste, &overridden))
        counted.txn = &overridden;
    switch (verdict) {
    case ATS_UNCHECKED:
        pass_translated(&counted, NULL, counted.bank->bypass, result);
        return;
    case ATS_PASS:
        pass_translated(&counted, call->smmu->cfg.dpt ? stream.ste : NULL, *lookup_mpam(&stream),
                        result);
        goes_by_label(&stream, result);
        return;
    case ATS_DPT:
        pass_by_dpt(&counted, &stream, result);
        goes_by_label(&stream, result);
        return;
    case ATS_STAGE2:
        assert(stream.ste);
        no_stage1(&counted, &stream, result);
        goes_by_label(&stream, result);
        return;
    case ATS_FAULT:
        fail_check(&counted, &stream, &fault, result);
        return;
    case ATS_ABORT:
        terminate(call, result);
        return;
    case ATS_FORBIDDEN:
        settle_fault(&counted, terminated(&stream), &forbidden, result);
        return;
    }
}

/* The way of a transaction (15.1), by the registers as they are:
 *
 *  1. a stream of no bank, a TBU that is not there, Service  attempt               3.10, 12.3
 *     Failure Mode: aborted
 *  2. an operation that no SMMU of this kind takes           txn_op_unsupported    7.3.2, 16.7.6
 *  3. marked Translated: checked, then 7 or out,             translated_traffic    3.9.1.3
 *     perhaps by way of the DPT: F_TRANSL_FORBIDDEN          pass_by_dpt           3.24.1
 *  4. SMMUEN == 0: out, or aborted, by GBPA                  global_bypass         6.3.14
 *  5. the STE: C_BAD_STREAMID, F_STE_FETCH, C_BAD_STE        lookup_ste            3.3.2, 5.2
 *     and what it makes of INST and PRIV                     lookup_overridden     13.1.2
 *  6. Config, S1DSS and the SubstreamID: aborted, or         lookup_route          3.3.2, 5.2
 *     C_BAD_SUBSTREAMID, F_STREAM_DISABLED
 *  7. no stage 1: F_ADDR_SIZE; out without stage 2, else 9   no_stage1             3.4
 *  8. the CD: F_CD_FETCH, C_BAD_CD                           lookup_cd             3.3.3, 5.4
 *  9. a translation that is cached: F_TLB_CONFLICT,          translated            3.17, 16.2
 *     F_PERMISSION, F_TRANSLATION of a closed half           denial                5.4
 * 10. walks of stage 1 and stage 2: F_WALK_EABT,             walk                  3.3, 3.13
 *     F_TRANSLATION, F_ADDR_SIZE, F_ACCESS, F_PERMISSION
 * 11. out, with attributes of all three                      forward_translated    13.4
 *     what is left of the operation                          forward_op            3.22
 * 12. a fault of any step: stalled or terminated, recorded   settle_fault          3.12, 5.5, 7.2
 */
static void attempt(const struct call *call, struct smmu_result *result)
{
    struct stream stream; /* the copies are large and mostly not used */
    struct fault fault;

    if (!call->bank || call->txn->tbu >= call->smmu->serving_tbus) {
        terminate(call, result);
        return;
    }
    if (txn_op_unsupported(&call->smmu->cfg, call->txn)) {
        fault = (struct fault){.type = EVENT_F_UUT};
        settle_fault(call, (struct policy){.abort = true, .record = !call->txn->translated}, &fault,
                     result);
        return;
    }
    if (call->txn->translated) {
        translated_traffic(call, result);
        return;
    }
    if (!bank_enabled(call->bank, CR0_SMMUEN)) {
        global_bypass(call, result);
        return;
    }
    if (!lookup_ste(call, &stream, &fault)) {
        fail(call, &stream, &fault, result);
        return;
    }
    struct smmu_txn overridden;
    if (lookup_overridden(call->txn, stream.ste, &overridden)) {
        struct call adjusted = *call;
        adjusted.txn = &overridden;
        follow(&adjusted, &stream, result);
    } else {
        follow(call, &stream, result);
    }
}

/* 6.3.9.6: a transaction goes by the old or by the new value of SMMUEN, in whole. One that waits
 * for memory while translation ends has done nothing yet that shows, and goes by the new one. */
void translate_call(struct call *call, struct smmu_result *result)
{
    do {
        call_begin(call);
        if (call->txn->retried && stall_ended(call))
            terminate(call, result);
        else
            attempt(call, result);
    } while (call->outcome->overtaken);
}

static void answered_by_tcu(struct smmu_state *smmu, const struct smmu_txn *txn,
                            const struct smmu_result *result)
{
    const struct smmu_mpam *mpam = &result->mpam;
    if (result->outcome == SMMU_FORWARD) {
        observe_answer(smmu, SMMU_OBSERVE_forward, txn, result->addr, mpam, true);
    } else if (result->outcome != SMMU_STALLED) {
        observe_answer(smmu, SMMU_OBSERVE_abort, txn, result->event, mpam, true);
    } else {
        observe_settle(smmu, SMMU_OBSERVE_translate, txn, mpam);
        observe_settle(smmu, SMMU_OBSERVE_request, txn, mpam);
    }
}

/* Let what is nearer to the client remember the answer. */
static inline void remember(struct smmu_state *smmu, const struct smmu_txn *txn, uint64_t epoch,
                            const struct smmu_result *result)
{
    tbu_tlb_fill(smmu, txn, epoch, result);
    utlb_fill(smmu, txn, epoch, result);
}

static inline void answered(const struct call *call, const struct smmu_result *result)
{
    remember(call->smmu, call->txn, call->epoch, result);
    answered_by_tcu(call->smmu, call->txn, result);
}

/* What the main TLB has for `txn`, whose way is known, if that is all there is to it; NULL:
 * nothing. Whether it was `asked`. Nothing changes. */
static inline struct tlb_entry *ask_tlb(struct smmu_state *smmu, const struct smmu_txn *txn,
                                        const struct way *way, bool *asked)
{
    *asked = way->kind.plain && !smmu->watched;
    return *asked ? tlb_find_hinted(&smmu->tlb, way->kind.space, txn->addr, way_number(smmu, way))
                  : NULL;
}

/* Whether what was found is all that counts: no caution, no fault. */
static inline bool found_at_once(const struct smmu_txn *txn, const struct way *way,
                                 const struct tlb_entry *entry)
{
    const unsigned need = way->kind.need;
    return entry && tlb_entry_is_simple(entry) && (rights(txn, entry) & need) == need;
}

/* Go on by it: what translated() does where nothing is in its way and nobody watches. */
static inline void forward_at_once(struct smmu_state *smmu, const struct smmu_txn *txn,
                                   const struct way *way, const struct tlb_entry *entry,
                                   struct smmu_result *result)
{
    way_count(smmu, way);
    replacement_used(&smmu->tlb.store.replacement, tlb_slot(&smmu->tlb, entry));
    answer(txn, &way->kind, entry, txn->addr, way->cd_index, rights(txn, entry), 0, result);
    remember(smmu, txn, smmu->epoch, result);
    smmu->counters[SMMU_OBSERVE_tlb_hit]++;
    smmu->counters[SMMU_OBSERVE_forward]++;
}

/* Take the call the way that is known; if the main TLB was `asked`, it has `entry`. That nothing is
 * injected, and nobody watches, has been seen then. */
static inline __attribute__((always_inline)) void go(const struct call *call, const struct way *way,
                                                     struct tlb_entry *entry, bool asked,
                                                     struct smmu_result *result)
{
    const uint64_t ia = call->txn->addr;
    struct stream stream;
    way_take(call, way, &stream);
    if (!asked) {
        translated(call, &stream, result);
    } else if (entry) {
        translate_by(call, &stream, ia, lookup_settle(call, &stream, ia, entry), result);
    } else {
        lookup_settle(call, &stream, ia, NULL);
        translate_by_walk(call, &stream, ia, result);
    }
}

/* Translate what has to be looked up, walked for or refused. `way`: if it is known. */
static inline __attribute__((always_inline)) void
translate_by_call(struct smmu_state *smmu, const struct smmu_txn *txn, struct smmu_result *result,
                  const struct way *way, struct tlb_entry *entry, bool asked)
{
    struct call_outcome outcome = {0};
    struct call call = {.smmu = smmu, .txn = txn, .outcome = &outcome};
    call_begin(&call);
    if (way)
        go(&call, way, entry, asked, result);
    else
        attempt(&call, result);
    if (__builtin_expect(outcome.overtaken, false))
        translate_call(&call, result);
    answered(&call, result);
}

void translate(struct smmu_state *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    observe_txn(smmu, SMMU_OBSERVE_request, txn, 0);
    const struct way *way = way_find(smmu, txn);
    struct tlb_entry *entry = NULL;
    bool asked = false;
    if (__builtin_expect(way != NULL, true)) {
        entry = ask_tlb(smmu, txn, way, &asked);
        if (__builtin_expect(found_at_once(txn, way, entry), true)) {
            forward_at_once(smmu, txn, way, entry, result);
            return;
        }
    }
    translate_by_call(smmu, txn, result, way, entry, asked);
}

void translate_retry(struct smmu_state *smmu, const struct smmu_txn *txn,
                     struct smmu_result *result)
{
    observe_txn(smmu, SMMU_OBSERVE_request, txn, 0);
    struct call_outcome outcome = {0};
    struct call call = {.smmu = smmu, .txn = txn, .outcome = &outcome};
    translate_call(&call, result);
    answered(&call, result);
}
