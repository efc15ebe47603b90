/* SPDX-License-Identifier: Apache-2.0 */
/* Why a transaction cannot go on, before it is turned into an event record. */
#ifndef SMMU_CORE_FAULT_H
#define SMMU_CORE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* CLASS of the operation that faulted (IHI 0070 7.3). */
enum fault_class { FAULT_CLASS_CD = 0, FAULT_CLASS_TT = 1, FAULT_CLASS_IN = 2 };

struct fault {
    uint64_t fetch_addr; /* of the structure whose fetch aborted, for events that have it */
    uint64_t ipa;        /* that stage 2 could not translate; with s2 */
    uint32_t ssid;       /* C_BAD_SUBSTREAMID: the index that has no CD */
    uint8_t type;        /* enum event_type, 0: none */
    uint8_t cls;         /* enum fault_class, for events that have it */
    bool s2;             /* stage 2 faulted */
    bool lacks_read;     /* F_PERMISSION of an atomic that may write: it may not read (13.1.1) */
    bool tt_read;        /* F_PERMISSION with FAULT_CLASS_TT: the descriptor access was a read */
};

#endif
