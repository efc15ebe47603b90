/* SPDX-License-Identifier: Apache-2.0 */
/* The PRI queue (IHI 0070 8): records, overflow, responses the SMMU makes itself. */
#include "observe/observe.h"
#include "report/irq.h"
#include "report/outqueue.h"
#include "report/priq_layout.h"
#include "service/ats.h"
#include "stream/lookup.h"

/* Outcomes of a message. */
enum receipt { QUEUED, OVERFLOWED, REFUSED };

/* 8: a message without a PASID asks for unprivileged data and is never a Stop Marker. */
static struct smmu_page_request normal_form(const struct smmu_state *smmu,
                                            const struct smmu_page_request *request)
{
    struct smmu_page_request message = *request;
    message.ssv = request->ssv && smmu->cfg.ssid_bits != 0;
    if (!message.ssv) {
        message.ssid = 0;
        message.exe = false;
        message.priv = false;
    }
    return message;
}

static void observe_message(struct smmu_state *smmu, enum smmu_observation_id id,
                            const struct smmu_page_request *message)
{
    observe(smmu, id, message->sec, message->sid, message->addr, message->prgi);
}

static bool stop_marker(const struct smmu_page_request *message)
{
    return message->ssv && message->last && !message->w && !message->r;
}

/* Whether a record can name the request: PASIDs have 20 bits, group indexes 9 (8.1). */
static bool representable(const struct smmu_page_request *message)
{
    return !substream_too_large(message->ssv, message->ssid) && message->prgi >> 9 == 0;
}

static struct ppr_raw encode(const struct smmu_page_request *message)
{
    struct ppr_raw raw = {{0}};
    ppr_set_StreamID(&raw, message->sid);
    ppr_set_SubstreamID(&raw, message->ssid);
    ppr_set_SSV(&raw, message->ssv);
    ppr_set_Priv(&raw, message->priv);
    ppr_set_X(&raw, message->exe);
    ppr_set_R(&raw, message->r);
    ppr_set_W(&raw, message->w);
    ppr_set_Last(&raw, message->last);
    ppr_set_PRGIndex(&raw, message->prgi);
    ppr_set_PageAddress(&raw, message->addr >> 12);
    return raw;
}

/* 6.3.36: with LO the interrupt is for the last request of a group, written or lost to overflow;
 * without, for a queue that is no longer empty. */
static unsigned signals(const struct bank *bank, bool last, bool was_empty)
{
    bool due = bank->reg[REG_PRIQ_IRQ_CFG2] & PRIQ_IRQ_CFG2_LO ? last : was_empty;
    return due ? 1u << SMMU_IRQ_PRIQ : 0;
}

/* 8.1, 8.2: nothing is written while the queue is disabled, in error, or in overflow. `*irqs` gets
 * the interrupts to raise. */
static enum receipt put_in_turn(struct smmu_state *smmu, struct bank *bank,
                                const struct smmu_page_request *message, unsigned *irqs)
{
    struct ppr_raw record = encode(message);
    struct outqueue_turn turn AT_END(outqueue_leave) =
        outqueue_enter(smmu, bank, &outqueue_requests);
    bool was_empty = false;

    if (turn.closed || !outqueue_enabled(smmu, bank, &outqueue_requests))
        return REFUSED;
    if (outqueue_full(smmu, bank, &outqueue_requests))
        outqueue_overflow(bank, &outqueue_requests);
    if (outqueue_overflowed(bank, &outqueue_requests)) {
        *irqs = signals(bank, message->last, false);
        return OVERFLOWED;
    }
    if (!outqueue_append(smmu, bank, &outqueue_requests, record.w, message->cookie, &was_empty,
                         irqs))
        return REFUSED;
    observe_message(smmu, SMMU_OBSERVE_page_request, message);
    *irqs = signals(bank, message->last, was_empty);
    return QUEUED;
}

static enum receipt put(struct smmu_state *smmu, struct bank *bank,
                        const struct smmu_page_request *message)
{
    unsigned irqs = 0;
    enum receipt receipt = put_in_turn(smmu, bank, message, &irqs);
    irq_raise_all(smmu, bank, irqs);
    return receipt;
}

/* Whether the STE gives automatic responses a PASID (8.1). False if there is no valid one. */
static bool check_ppar(struct smmu_state *smmu, struct bank *bank,
                       const struct smmu_page_request *message, bool *pasid)
{
    struct smmu_txn txn = {.sid = message->sid,
                           .ssid = message->ssid,
                           .sec = message->sec,
                           .ssv = message->ssv,
                           .cookie = message->cookie};
    struct call_outcome outcome = {0};
    struct call call = {.smmu = smmu, .txn = &txn, .outcome = &outcome};
    struct stream stream;
    struct fault fault;

    call_begin(&call);
    if (!bank_enabled(bank, CR0_SMMUEN))
        return false;
    if (!lookup_ste(&call, &stream, &fault)) {
        ats_record_error(&call, &stream, &fault);
        return false;
    }
    *pasid = stream.ste->ppar;
    return true;
}

static void respond(struct smmu_state *smmu, const struct smmu_page_request *message,
                    enum smmu_prg_code code, bool pasid)
{
    struct smmu_prg_response response = {
        .sid = message->sid,
        .ssid = pasid ? message->ssid : 0,
        .prgi = message->prgi,
        .sec = message->sec,
        .code = (uint8_t)code,
        .ssv = pasid,
    };
    observe(smmu, SMMU_OBSERVE_auto_response, message->sec, message->sid, message->prgi, code);
    if (smmu->ops.prg_response)
        smmu->ops.prg_response(smmu->user, &response);
}

/* 8.1: success lets the endpoint try again. */
static void respond_to_overflow(struct smmu_state *smmu, struct bank *bank,
                                const struct smmu_page_request *message)
{
    bool pasid = message->ssv;
    if (message->ssv && !smmu->cfg.pps && !check_ppar(smmu, bank, message, &pasid))
        respond(smmu, message, SMMU_PRG_FAILURE, false);
    else
        respond(smmu, message, SMMU_PRG_SUCCESS, pasid);
}

void smmu_request_page(smmu_t *smmu, const struct smmu_page_request *request)
{
    struct bank *bank = bank_of(smmu, request->sec);
    struct smmu_page_request message = normal_form(smmu, request);
    enum receipt receipt = REFUSED;

    observe_message(smmu, SMMU_OBSERVE_page_message, &message);
    if (bank && representable(&message))
        receipt = put(smmu, bank, &message);
    if (receipt == QUEUED || stop_marker(&message))
        return;
    if (receipt == REFUSED)
        respond(smmu, &message, SMMU_PRG_FAILURE, false);
    else if (message.last)
        respond_to_overflow(smmu, bank, &message);
}
