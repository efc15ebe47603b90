/* SPDX-License-Identifier: Apache-2.0 */
/* Event records (IHI 0070 7.3): which fields each type has, and the one encoder. */
#include "report/event.h"

#include <stddef.h>

#include "smmu/smmu.h"

enum event_field {
    SSV = 1,
    SSID = 2,
    INPUT = 4,
    CLASS = 8,
    FETCH = 16,
    IPA = 32,
    TTRNW = 64,
    ADDR = 128,
    TREQ = 256,
    HINT = 512,
    S2 = 1024,
};

struct event_row {
    const char *name;
    uint8_t type;
    uint16_t fields;
    bool enabled; /* SMMUEN must be 1 */
};

enum { ALWAYS = false, ENABLED = true };

static const struct event_row rows[] = {
#define EVENT(name, type, fields, when) {#name, type, fields, when},
#include "report/event.def"
#undef EVENT
};

static const struct event_row *row_of(uint8_t type)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].type == type)
            return &rows[i];
    return NULL;
}

bool event_needs_translation(uint8_t type)
{
    return row_of(type)->enabled;
}

const char *smmu_event_name(uint8_t type)
{
    const struct event_row *row = row_of(type);
    return row ? row->name : "?";
}

/* The fields of requests for pages. Span of F_BAD_ATS_TREQ cannot hold all that may be asked for.
 */
static void encode_pages(struct evt_raw *raw, uint16_t fields, const struct smmu_txn *txn,
                         const struct fault *fault)
{
    enum { TREQ_SPAN_MAX = 15 };

    evt_set_InputPage(raw, txn->addr >> 12);
    if (fields & TREQ) {
        evt_set_TreqSpan(raw, fault->span < TREQ_SPAN_MAX ? fault->span : TREQ_SPAN_MAX);
        evt_set_TreqRights(raw, fault->rights);
    } else {
        evt_set_HintSpan(raw, fault->span);
        evt_set_HintRights(raw, fault->rights);
    }
}

struct evt_raw event_encode(unsigned oas_bits, const struct smmu_txn *txn,
                            const struct fault *fault)
{
    uint64_t address = MASK64(oas_bits - 1, 0);
    struct evt_raw raw = {{0}};
    uint16_t fields = row_of(fault->type)->fields;

    evt_set_Type(&raw, fault->type);
    evt_set_StreamID(&raw, txn->sid);
    if (fields & SSID)
        evt_set_SubstreamID(&raw, fault->ssid);
    if ((fields & SSV) && txn->ssv)
        evt_set_SubstreamID(&raw, txn->ssid);
    if ((fields & SSV) && txn->ssv)
        evt_set_SSV(&raw, 1);
    if (fields & (INPUT | ADDR)) {
        evt_set_InputAddr(&raw, txn->addr);
        evt_set_RnW(&raw, !txn->write || fault->lacks_read);
    }
    if (fields & INPUT) {
        evt_set_InD(&raw, txn->instr && !txn->write);
        evt_set_PnU(&raw, txn->priv);
    }
    if (fields & CLASS)
        evt_set_CLASS(&raw, fault->cls);
    if (fields & S2)
        evt_set_S2(&raw, fault->s2);
    if ((fields & IPA) && fault->s2)
        evt_set_IPA(&raw, (fault->ipa & address) >> 12);
    if ((fields & TTRNW) && fault->cls == FAULT_CLASS_TT)
        evt_set_TTRnW(&raw, fault->tt_read);
    if (fields & FETCH)
        evt_set_FetchAddr(&raw, (fault->fetch_addr & address) >> 3);
    if (fields & (TREQ | HINT))
        encode_pages(&raw, fields, txn, fault);
    return raw;
}
