/* SPDX-License-Identifier: Apache-2.0 */
/* Event queue consumer and event decoder (IHI 0070 7.2, 7.3). */
#include "io.h"
#include "printf.h"
#include "smmu.h"
#include "tap.h"
#include "wait.h"

/* Which fields a record has besides type, StreamID and SubstreamID. */
enum layout { LAYOUT_CONFIG, LAYOUT_FETCH, LAYOUT_ACCESS, LAYOUT_WALK, LAYOUT_TREQ };

static const struct event_type {
    uint8_t type;
    uint8_t layout;
    const char *name;
} event_types[] = {
    {EVENT_C_BAD_STREAMID, LAYOUT_CONFIG, "C_BAD_STREAMID"},
    {EVENT_F_STE_FETCH, LAYOUT_FETCH, "F_STE_FETCH"},
    {EVENT_C_BAD_STE, LAYOUT_CONFIG, "C_BAD_STE"},
    {EVENT_F_BAD_ATS_TREQ, LAYOUT_TREQ, "F_BAD_ATS_TREQ"},
    {EVENT_F_STREAM_DISABLED, LAYOUT_CONFIG, "F_STREAM_DISABLED"},
    {EVENT_F_TRANSL_FORBIDDEN, LAYOUT_ACCESS, "F_TRANSL_FORBIDDEN"}, /* InputAddr and RnW alone */
    {EVENT_C_BAD_SUBSTREAMID, LAYOUT_CONFIG, "C_BAD_SUBSTREAMID"},
    {EVENT_F_CD_FETCH, LAYOUT_FETCH, "F_CD_FETCH"},
    {EVENT_C_BAD_CD, LAYOUT_CONFIG, "C_BAD_CD"},
    {EVENT_F_WALK_EABT, LAYOUT_WALK, "F_WALK_EABT"},
    {EVENT_F_TRANSLATION, LAYOUT_ACCESS, "F_TRANSLATION"},
    {EVENT_F_ADDR_SIZE, LAYOUT_ACCESS, "F_ADDR_SIZE"},
    {EVENT_F_ACCESS, LAYOUT_ACCESS, "F_ACCESS"},
    {EVENT_F_PERMISSION, LAYOUT_ACCESS, "F_PERMISSION"},
};

static const struct event_type unknown_type = {0, LAYOUT_CONFIG, "unknown"};

static const struct event_type *find_type(uint8_t type)
{
    for (unsigned i = 0; i < sizeof(event_types) / sizeof(event_types[0]); i++) {
        if (event_types[i].type == type)
            return &event_types[i];
    }
    return &unknown_type;
}

const char *smmu_event_name(uint8_t type)
{
    return find_type(type)->name;
}

static void decode_access(struct smmu_event *event, const uint64_t *word)
{
    event->has_access = true;
    event->stag = (uint16_t)hw_get(EVENT1_STAG, word[1]);
    event->stall = hw_get(EVENT1_STALL, word[1]);
    event->pnu = hw_get(EVENT1_PNU, word[1]);
    event->ind = hw_get(EVENT1_IND, word[1]);
    event->rnw = hw_get(EVENT1_RNW, word[1]);
    event->s2 = hw_get(EVENT1_S2, word[1]);
    event->class = (uint8_t)hw_get(EVENT1_CLASS, word[1]);
    event->ttrnw = hw_get(EVENT1_TTRNW, word[1]);
    event->input_addr = word[2];
}

static void decode_treq(struct smmu_event *event, const uint64_t *word)
{
    event->has_treq = true;
    event->treq_span = (uint8_t)hw_get(EVENT1_TREQ_SPAN, word[1]);
    event->treq_rights = (uint8_t)hw_get(EVENT1_TREQ_RIGHTS, word[1]);
    event->input_addr = word[2] & EVENT2_TREQ_PAGE;
}

struct smmu_event smmu_event_decode(const struct smmu_event_record *record)
{
    const uint64_t *word = record->word;
    struct smmu_event event = {
        .type = (uint8_t)hw_get(EVENT0_TYPE, word[0]),
        .ssv = hw_get(EVENT0_SSV, word[0]),
        .ssid = (uint32_t)hw_get(EVENT0_SUBSTREAMID, word[0]),
        .sid = (uint32_t)hw_get(EVENT0_STREAMID, word[0]),
    };
    uint8_t layout = find_type(event.type)->layout;

    if (layout == LAYOUT_ACCESS || layout == LAYOUT_WALK)
        decode_access(&event, word);
    if (layout == LAYOUT_TREQ)
        decode_treq(&event, word);
    if (layout == LAYOUT_ACCESS)
        event.ipa = word[3] & EVENT3_IPA;
    event.has_fetch = layout == LAYOUT_FETCH || layout == LAYOUT_WALK;
    if (event.has_fetch)
        event.fetch_addr = word[3] & EVENT3_FETCHADDR;
    return event;
}

bool smmu_event_pop(struct smmu *smmu, struct smmu_event *event)
{
    struct smmu_queue *queue = &smmu->evtq;
    uint32_t prod = read32(smmu->base + SMMU_EVENTQ_PROD);
    uint32_t overflow = prod & (uint32_t)EVENTQ_OVERFLOW;

    queue->prod = prod & (uint32_t)~EVENTQ_OVERFLOW;
    if (smmu_queue_empty(queue))
        return false;
    dmb_load(); /* the record is read after the index that announced it */

    const volatile uint64_t *slot = queue->entries + 4UL * smmu_queue_slot(queue, queue->cons);
    struct smmu_event_record record;
    for (unsigned i = 0; i < 4; i++)
        record.word[i] = slot[i];

    queue->cons = smmu_queue_next(queue, queue->cons);
    dsb(); /* the record has been read before its slot is given back */
    write32(smmu->base + SMMU_EVENTQ_CONS, queue->cons | overflow);
    *event = smmu_event_decode(&record);
    return true;
}

bool smmu_event_wait(struct smmu *smmu, struct smmu_event *event)
{
    return wait_until(smmu_event_pop(smmu, event));
}

void event_print(const struct smmu_event *event)
{
    static const char *const classes[4] = {"CD", "TT", "IN", "?"};

    printf("# event %s (0x%02x) StreamID=0x%x SSV=%u SubstreamID=0x%x",
           smmu_event_name(event->type), event->type, event->sid, event->ssv, event->ssid);
    if (event->has_access) {
        printf(" RnW=%u InD=%u PnU=%u S2=%u CLASS=%s TTRnW=%u Stall=%u STAG=0x%x InputAddr=0x%lx "
               "IPA=0x%lx",
               event->rnw, event->ind, event->pnu, event->s2, classes[event->class & 3],
               event->ttrnw, event->stall, event->stag, event->input_addr, event->ipa);
    }
    if (event->has_treq)
        printf(" Span=%u Rights=0x%x InputAddr=0x%lx", event->treq_span, event->treq_rights,
               event->input_addr);
    if (event->has_fetch)
        printf(" FetchAddr=0x%lx", event->fetch_addr);
    printf("\n");
}
