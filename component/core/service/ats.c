/* SPDX-License-Identifier: Apache-2.0 */
/* ATS Translation Requests and what may be marked Translated (IHI 0070 3.9, 3.13.7, 13.6, 13.7). */
#include "service/ats.h"

#include "dpt/dpt.h"
#include "observe/observe.h"
#include "observe/unit.h"
#include "report/event.h"
#include "report/evtq.h"
#include "stream/decode.h"
#include "stream/ste_layout.h"
#include "walk/walk.h"

unsigned ats_effective_eats(const struct bank *bank, const struct ste_cfg *ste)
{
    bool checked = bank_enabled(bank, CR0_ATSCHK);
    return ste->eats >= STE_EATS_SPLIT && !checked ? STE_EATS_NONE : ste->eats;
}

/* --- transactions marked Translated -------------------------------------------------------------
 */

/* Find the CD of a transaction with a SubstreamID, which gives a label and nothing else (17.3). */
static bool find_label(const struct call *call, struct stream *stream, struct fault *fault)
{
    if (!lookup_cd(call, stream, fault))
        return false;
    stream->label = stream->cd;
    stream->cd = NULL;
    return true;
}

/* 3.9.1.3 */
enum ats_verdict ats_check(const struct call *call, struct stream *stream, struct fault *fault)
{
    stream->ste = NULL;
    if (!call->smmu->cfg.ats || !bank_enabled(call->bank, CR0_SMMUEN))
        return ATS_FORBIDDEN;
    if (!bank_enabled(call->bank, CR0_ATSCHK))
        return ATS_UNCHECKED;
    if (!lookup_ste(call, stream, fault))
        return ATS_FAULT;
    if (!(stream->ste->config & STE_CONFIG_PASS))
        return ATS_ABORT;
    unsigned eats = stream->ste->eats; /* ATSCHK was 1, whatever it is after the fetch (6.3.9.2) */
    if (eats == STE_EATS_NONE)
        return ATS_FORBIDDEN;
    if (lookup_route(call->txn, stream, fault) == ROUTE_FAULT)
        return ATS_FAULT;
    if (call->txn->ssv && !find_label(call, stream, fault))
        return ATS_FAULT;
    static const uint8_t verdicts[] = {
        [STE_EATS_FULL] = ATS_PASS, [STE_EATS_SPLIT] = ATS_STAGE2, [STE_EATS_DPT] = ATS_DPT};
    return (enum ats_verdict)verdicts[eats];
}

/* --- configuration errors -----------------------------------------------------------------------
 */

void ats_record_error(const struct call *call, const struct stream *stream,
                      const struct fault *fault)
{
    bool wanted =
        fault->type != EVENT_C_BAD_STREAMID || (call->bank->reg[REG_CR2] & CR2_RECINVSID) != 0;
    if (!wanted || !ats_records_errors(call->bank) || call->outcome->overtaken)
        return;
    struct evt_raw record = event_encode(call->smmu->cfg.oas_bits, call->txn, fault);
    evtq_record(call, &record, stream->ste && stream->ste->merge);
}

/* --- Translation Requests ----------------------------------------------------------------------
 */

/* Success that grants nothing, as for Translation-related faults (3.9.1.2). The Smallest
 * Translation Unit is the smallest granule (3.9.1). */
static void deny(const struct smmu_config *cfg, struct smmu_ats_completion *completion)
{
    completion->status = SMMU_ATS_SUCCESS;
    completion->span_log2 = (uint8_t)decode_granule_min(cfg);
}

/* How a fault is told to the endpoint, and which are told to software (3.9.1.2). */
static void fail(const struct call *call, const struct stream *stream, const struct fault *fault,
                 struct smmu_ats_completion *completion)
{
    if (event_translation_related(fault->type)) {
        deny(&call->smmu->cfg, completion);
        return;
    }
    completion->status = SMMU_ATS_CA;
    ats_record_error(call, stream, fault);
}

/* ATS is off: Unsupported Request, and F_BAD_ATS_TREQ says so to software (7.3.6). */
static void refuse(const struct call *call, const struct smmu_ats_request *request, bool merge,
                   struct smmu_ats_completion *completion)
{
    const struct fault fault = {
        .type = EVENT_F_BAD_ATS_TREQ,
        .span = request->stus,
        .rights = (uint8_t)(FAULT_RIGHT_R | (request->nw ? 0 : FAULT_RIGHT_W) |
                            (request->ssv && request->exe ? FAULT_RIGHT_X : 0) |
                            (request->ssv && request->priv ? FAULT_RIGHT_PRIV : 0)),
    };
    struct evt_raw record = event_encode(call->smmu->cfg.oas_bits, call->txn, &fault);
    completion->status = SMMU_ATS_UR;
    evtq_record(call, &record, merge);
}

/* The right that stands for reading: with INSTCFG reads are instruction fetches (13.7.1). */
static uint8_t read_perm(const struct smmu_txn *txn)
{
    return txn->instr ? SMMU_PERM_X : SMMU_PERM_R;
}

/* 13.7.1: rights of the completion, from those of the translation. */
static void grant(const struct smmu_ats_request *request, const struct ste_cfg *ste,
                  const struct smmu_txn *txn, uint8_t perm, struct smmu_ats_completion *completion)
{
    bool data = ste->instcfg == 2; /* reads are data: what can be read can be executed */
    completion->r = (perm & read_perm(txn)) != 0;
    completion->w = (perm & SMMU_PERM_W) != 0;
    completion->exe =
        request->ssv && request->exe && completion->r && (data || (perm & SMMU_PERM_X));
}

/* Whether making descriptors dirty could bring the right to write: not where stage 2 denies it. */
static bool may_become_writable(const struct smmu_txn *txn, const struct tlb_entry *entry)
{
    return (entry->caution & TLB_CLEAN) &&
           ((entry->s2_perm[txn->priv] & SMMU_PERM_W) || entry->s2_clean);
}

/* The translation of `ia` with all it permits. Dirty state is set if the request is for writing and
 * that is what it takes (3.13.7.1). */
static bool find_translation(const struct call *call, struct stream *stream, bool nw, uint64_t ia,
                             struct tlb_entry *entry, struct fault *fault)
{
    const struct tlb_entry *cached = lookup_tlb(call, stream, lookup_space(call, stream), ia);
    if (call->outcome->overtaken)
        return fault_overtaken(fault);
    if (cached == &tlb_conflict || inject_take(call->smmu, SMMU_INJECT_TLB_CONFLICT)) {
        *fault = (struct fault){.type = EVENT_F_TLB_CONFLICT, .s2 = !stream->cd, .ipa = ia};
        return false;
    }
    if (cached)
        *entry = *cached;
    lookup_hold(stream);
    if (!cached && !walk(call, stream->ste, stream->cd, ia, walk_needed_perm(call), entry, fault))
        return false;
    if (nw || !may_become_writable(call->txn, entry))
        return true;

    struct smmu_txn write = *call->txn;
    struct call writing = *call;
    struct tlb_entry dirty;
    write.write = true;
    writing.txn = &write;
    writing.any = 0;
    if (walk(&writing, stream->ste, stream->cd, ia, walk_needed_perm(&writing), &dirty, fault)) {
        *entry = dirty;
        return true;
    }
    /* The page may be refused to writes alone; a table that stage 2 refuses is a denial. */
    return fault->type == EVENT_F_PERMISSION && fault->cls == FAULT_CLASS_IN;
}

/* Translate at the stages that apply. Split-stage: the answer is the IPA (13.6.3). With DPT checks
 * the DPT TLB may have it (3.24.2): what has yet to be made dirty grants no write. */
static void translate_request(const struct call *call, struct stream *stream, unsigned eats,
                              const struct smmu_ats_request *request,
                              struct smmu_ats_completion *completion)
{
    const struct smmu_txn *txn = call->txn;
    uint64_t ia = stream->cd ? lookup_effective_va(stream, txn->addr) : txn->addr;
    struct tlb_entry entry;
    struct fault fault;

    if (!find_translation(call, stream, request->nw, ia, &entry, &fault)) {
        fail(call, stream, &fault, completion);
        return;
    }
    deny(&call->smmu->cfg, completion);
    grant(request, stream->ste, txn, entry.s1_perm[txn->priv] & entry.s2_perm[txn->priv],
          completion);
    if (!completion->r && !completion->w)
        return;
    completion->addr = eats == STE_EATS_SPLIT ? entry.ipa : entry.pa;
    completion->span_log2 = entry.tag.span_log2;
    if (eats == STE_EATS_DPT)
        dpt_note_grant(call, stream->ste, entry.pa + (ia - entry.tag.va), entry.tag.span_log2,
                       completion->w);
}

/* No stage translates: identity (13.6.4). */
static void identity(const struct call *call, struct smmu_ats_completion *completion)
{
    completion->status = SMMU_ATS_SUCCESS;
    completion->span_log2 = call->smmu->cfg.oas_bits;
    completion->r = true;
    completion->w = true;
}

/* Serve a request of a stream that has ATS. */
static void serve(const struct call *call, struct stream *stream,
                  const struct smmu_ats_request *request, struct smmu_ats_completion *completion)
{
    unsigned eats = ats_effective_eats(call->bank, stream->ste); /* as of now */
    bool stage2 = (stream->ste->config & STE_CONFIG_S2) != 0;
    struct fault fault = {0};
    enum route route = lookup_route(call->txn, stream, &fault);

    if (route == ROUTE_FAULT || (route == ROUTE_STAGE1 && !lookup_cd(call, stream, &fault))) {
        fail(call, stream, &fault, completion);
        return;
    }
    call->outcome->mpam = *lookup_mpam(stream);
    if (route == ROUTE_NO_STAGE1 && lookup_too_large(call, stage2))
        deny(&call->smmu->cfg, completion);
    else if (route == ROUTE_NO_STAGE1 && !stage2)
        identity(call, completion);
    else
        translate_request(call, stream, eats, request, completion);
}

/* Check the configuration of the request's stream (3.9.1.2). */
static void answer(const struct call *call, const struct smmu_ats_request *request,
                   struct smmu_ats_completion *completion)
{
    struct stream stream;
    struct fault fault;
    struct smmu_txn overridden;

    if (sfm_active(call->smmu)) {
        completion->status = SMMU_ATS_CA;
    } else if (!bank_enabled(call->bank, CR0_SMMUEN)) {
        refuse(call, request, false, completion);
    } else if (!lookup_ste(call, &stream, &fault)) {
        fail(call, &stream, &fault, completion);
    } else if (!(stream.ste->config & STE_CONFIG_PASS)) {
        completion->status = SMMU_ATS_UR;
    } else if (ats_effective_eats(call->bank, stream.ste) == STE_EATS_NONE) {
        refuse(call, request, stream.ste->merge, completion);
    } else {
        struct call adjusted = *call;
        call->outcome->mpam = stream.ste->mpam;
        if (lookup_overridden(call->txn, stream.ste, &overridden))
            adjusted.txn = &overridden;
        adjusted.any = SMMU_PERM_W | read_perm(adjusted.txn);
        serve(&adjusted, &stream, request, completion);
    }
}

void smmu_ats_translate(smmu_t *smmu, const struct smmu_ats_request *request,
                        struct smmu_ats_completion *completion)
{
    struct bank *bank = bank_of(smmu, request->sec);
    const struct smmu_txn txn = {
        .addr = request->addr & ~MASK64(11, 0),
        .sid = request->sid,
        .ssid = request->ssid,
        .sec = request->sec,
        .ssv = request->ssv,
        .priv = request->ssv && request->priv,
        .cookie = request->cookie,
    };
    const struct smmu_ats_completion refusal = {.status = SMMU_ATS_UR, .priv = txn.priv};
    struct call_outcome outcome = {0};
    struct call call = {.smmu = smmu, .txn = &txn, .outcome = &outcome};

    observe_call(&call, SMMU_OBSERVE_ats_request, request->addr, 0);
    unit_use_txn(smmu, SMMU_UNIT_ATS, &txn);
    do { /* like transactions, by one value of SMMUEN in whole (6.3.9.6) */
        call_begin(&call);
        *completion = refusal;
        if (smmu->cfg.ats && bank)
            answer(&call, request, completion);
    } while (outcome.overtaken);
    observe_settle(smmu, SMMU_OBSERVE_ats_request, &txn, &outcome.mpam);
    if (completion->r || completion->w)
        observe_labelled(&call, SMMU_OBSERVE_ats_grant, &outcome.mpam, request->addr,
                         completion->addr);
}
