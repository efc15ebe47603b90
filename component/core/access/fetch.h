/* SPDX-License-Identifier: Apache-2.0 */
/* Memory accesses of the SMMU's own (IHI 0070 3.4.3). */
#ifndef SMMU_CORE_FETCH_H
#define SMMU_CORE_FETCH_H

#include <stddef.h>

#include "report/outqueue.h"
#include "smmu_priv.h"

/* How an access is made. */
struct fetch_attr {
    struct smmu_memattr memory;
    struct smmu_mpam mpam;
};

/* Read a configuration structure for `call`, which is observed: `dwords` 64-bit little-endian words
 * at physical address `addr`, which is below 2^OAS. False on an external abort, or if the call was
 * overtaken, or is a prefetch that gives way. */
bool fetch_structure(const struct call *call, enum smmu_fetch kind, uint64_t addr,
                     const struct fetch_attr *attr, uint64_t *words, size_t dwords);

/* Where a translation table descriptor is. */
struct fetch_ttd {
    uint64_t addr; /* physical, below 2^OAS */
    struct fetch_attr attr;
    int8_t level;
    uint8_t stage; /* 1 or 2 */
};

/* Read a descriptor, likewise. Who walks tables tells of it, and of what it is. */
bool fetch_descriptor(const struct call *call, const struct fetch_ttd *ttd, uint64_t *descriptor);

/* Replace a descriptor by `value` if it is `expected`; `*swapped` says whether it was. Atomic for
 * everyone who shares the memory. False as above. */
bool fetch_cas(const struct call *call, const struct fetch_ttd *ttd, uint64_t expected,
               uint64_t value, bool *swapped);

/* Send an MSI: a 32-bit write (IHI 0070 3.18). `id` is smmu_mem_req.id. False on an external abort.
 */
bool fetch_msi(struct smmu_state *smmu, const struct bank *bank, uint32_t id, uint64_t addr,
               uint32_t data, const struct fetch_attr *attr);

/* Read an entry of a Command queue of `bank`, whose base register has the value `base`, or write
 * one of another queue; the address is truncated to OAS (3.4.3). */
bool fetch_queue_read(struct smmu_state *smmu, const struct bank *bank, uint64_t base,
                      uint64_t addr, uint64_t *words, size_t dwords);
bool fetch_queue_write(struct smmu_state *smmu, const struct bank *bank,
                       const struct outqueue *queue, uint64_t addr, const uint64_t *words,
                       size_t dwords, void *cookie);

#endif
