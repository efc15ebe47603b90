/* SPDX-License-Identifier: Apache-2.0 */
/* Why a transaction cannot go on, before it is turned into an event record. */
#ifndef SMMU_CORE_FAULT_H
#define SMMU_CORE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* CLASS of the operation that faulted (IHI 0070 7.3). */
enum fault_class { FAULT_CLASS_CD = 0, FAULT_CLASS_TT = 1, FAULT_CLASS_IN = 2 };

/* Rights an ATS Translation Request asks for, and accesses that a page request hint foretells, as
 * their records encode them (7.3.6, 7.3.19). */
enum {
    FAULT_RIGHT_PRIV = 0x01, /* of a request: PRIV, X, W and R */
    FAULT_RIGHT_X = 0x02,
    FAULT_RIGHT_W = 0x04,
    FAULT_RIGHT_R = 0x08,
    FAULT_RIGHT_UX = 0x02, /* of a hint: uX, uW, uR; pX, pW, pR */
    FAULT_RIGHT_UW = 0x04,
    FAULT_RIGHT_UR = 0x08,
    FAULT_RIGHT_PX = 0x20,
    FAULT_RIGHT_PW = 0x40,
    FAULT_RIGHT_PR = 0x80,
};

struct fault {
    uint64_t fetch_addr; /* of the structure whose fetch aborted, for events that have it */
    uint64_t ipa;        /* that stage 2 could not translate; with s2 */
    uint32_t ssid;       /* C_BAD_SUBSTREAMID: the index that has no CD */
    uint8_t type;        /* enum event_type, 0: none */
    uint8_t cls;         /* enum fault_class, for events that have it */
    uint8_t span;        /* F_BAD_ATS_TREQ: STUs asked for; E_PAGE_REQUEST: pages */
    uint8_t rights;      /* ... and FAULT_RIGHT_* */
    bool s2;             /* stage 2 faulted */
    bool lacks_read;     /* F_PERMISSION of an atomic that may write: it may not read (13.1.1) */
    bool tt_read;        /* F_PERMISSION with FAULT_CLASS_TT: the descriptor access was a read */
};

/* A call that was overtaken goes no further (6.3.9.6): it begins again, and no record is made of
 * what stopped it. False, for the caller to return. */
static inline bool fault_overtaken(struct fault *fault)
{
    *fault = (struct fault){0};
    return false;
}

#endif
