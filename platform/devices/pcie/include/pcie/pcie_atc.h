/* SPDX-License-Identifier: Apache-2.0 */
/* The address translation cache of a function: what it was told of the addresses it uses. */
#ifndef PCIE_ATC_H
#define PCIE_ATC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcie/pcie_ats.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PCIE_ATC_MAX_ENTRIES 65536u

typedef struct pcie_atc pcie_atc;

/* No sets, or no ways: nothing is kept. */
struct pcie_atc_config {
    uint32_t sets; /* 0, or a power of two */
    uint32_t ways; /* sets * ways is at most PCIE_ATC_MAX_ENTRIES */
};

/* Whose address. */
struct pcie_atc_tag {
    uint32_t pasid; /* or VP_NO_SSID */
    bool priv;      /* of a privileged access */
};

struct pcie_atc_stats {
    uint64_t hits;
    uint64_t misses;
    uint64_t fills;
    uint64_t evictions;
    uint64_t invalidations;
};

/* An empty cache. Returns NULL and one line in `err` (at most `err_size` bytes) if the
 * configuration is bad. The caller owns the result. */
pcie_atc *pcie_atc_create(const struct pcie_atc_config *config, char *err, size_t err_size);
void pcie_atc_destroy(pcie_atc *atc); /* NULL is fine */

/* The translation of `addr`: false, and a miss, if none is known. It may grant less than is
 * needed. */
bool pcie_atc_lookup(pcie_atc *atc, struct pcie_atc_tag tag, uint64_t addr,
                     struct pcie_translation *found);

/* Changes whenever something may have been invalidated: read it before a translation is asked for,
 * since one that crosses an invalidation on its way must be neither used nor kept. */
uint64_t pcie_atc_epoch(const pcie_atc *atc);

/* Keep the answer to a request for `addr`, made at `epoch`. It replaces what was known of `addr`.
 * False, and nothing is kept, if the epoch is over: ask again. An answer without rights, or about
 * other addresses, is not kept. */
bool pcie_atc_fill(pcie_atc *atc, uint64_t epoch, struct pcie_atc_tag tag, uint64_t addr,
                   const struct pcie_translation *answer);

/* Forget what `inv` says. */
void pcie_atc_invalidate(pcie_atc *atc, const struct pcie_invalidation *inv);

/* Forget everything; no invalidation is counted. */
void pcie_atc_flush(pcie_atc *atc);

/* Lives as long as the cache. */
const struct pcie_atc_stats *pcie_atc_get_stats(const pcie_atc *atc);

/* Whether `answer` holds `addr`, of a request for `asked`. */
static inline bool pcie_translation_covers(const struct pcie_translation *answer, uint64_t asked,
                                           uint64_t addr)
{
    return (asked ^ addr) >> answer->span_log2 == 0;
}

#ifdef __cplusplus
}
#endif

#endif
