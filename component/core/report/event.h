/* SPDX-License-Identifier: Apache-2.0 */
/* Event records (IHI 0070 7.3). */
#ifndef SMMU_CORE_EVENT_H
#define SMMU_CORE_EVENT_H

#include "base/bits.h"
#include "report/fault.h"
#include "smmu/types.h"

enum event_type {
#define EVENT(name, type, fields, when) EVENT_##name = (type),
#include "report/event.def"
#undef EVENT
};

#define EVENT_SIZE 32

RAW_TYPE(evt, 4)
RAW_FIELD(evt, Type, 7, 0)
RAW_FIELD(evt, SSV, 11, 11)
RAW_FIELD(evt, SubstreamID, 31, 12)
RAW_FIELD(evt, StreamID, 63, 32)
RAW_FIELD(evt, STAG, 79, 64)
RAW_FIELD(evt, TreqSpan, 67, 64)   /* F_BAD_ATS_TREQ */
RAW_FIELD(evt, TreqRights, 95, 92) /* R, W, X, PRIV: FAULT_RIGHT_* */
RAW_FIELD(evt, Stall, 95, 95)
RAW_FIELD(evt, PnU, 97, 97)
RAW_FIELD(evt, InD, 98, 98)
RAW_FIELD(evt, RnW, 99, 99)
RAW_FIELD(evt, S2, 103, 103)
RAW_FIELD(evt, CLASS, 105, 104)
RAW_FIELD(evt, TTRnW, 108, 108)
RAW_FIELD(evt, HintRights, 103, 96) /* E_PAGE_REQUEST: FAULT_RIGHT_* */
RAW_FIELD(evt, HintSpan, 115, 108)
RAW_FIELD(evt, InputAddr, 191, 128)
RAW_FIELD(evt, InputPage, 191, 140) /* address bits [63:12] */
RAW_FIELD(evt, IPA, 247, 204)       /* address bits [55:12] */
RAW_FIELD(evt, FetchAddr, 247, 195) /* address bits [55:3] */

/* The record of a transaction that met `fault`; `txn` is as overrides have made it. Fetch addresses
 * and IPAs have `oas_bits` bits (7.3.4, 7.3.13), input addresses all (3.4.1). */
struct evt_raw event_encode(unsigned oas_bits, const struct smmu_txn *txn,
                            const struct fault *fault);

/* Whether records of the type are due only while translation is enabled, as it was when the
 * transaction came. */
bool event_needs_translation(uint8_t type);

/* Whether a fault is one of the four Translation-related faults, which CD.A and CD.R govern (5.5).
 */
static inline bool event_translation_related(uint8_t type)
{
    return type >= EVENT_F_TRANSLATION && type <= EVENT_F_PERMISSION;
}

/* Whether a fault is one that walks of translation tables meet: those, or F_WALK_EABT. */
static inline bool event_of_walk(uint8_t type)
{
    return type >= EVENT_F_WALK_EABT && type <= EVENT_F_PERMISSION;
}

#endif
