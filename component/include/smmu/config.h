/* SPDX-License-Identifier: Apache-2.0 */
/* How an SMMU is built: features, sizes and choices; ID registers are derived from it. */
#ifndef SMMU_CONFIG_H
#define SMMU_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* Shape of a set-associative cache. sets = 0 switches it off. */
struct smmu_cache_shape {
    uint32_t sets; /* a power of two, at most 65536, or 0 */
    uint32_t ways; /* 1 to 64 */
};

/* Parameters of one SMMU. Start from smmu_config_default() and change fields. */
struct smmu_config {
    uint8_t oas_bits;      /* output address size: 32, 36, 40, 42, 44 or 48 (IDR5.OAS) */
    uint8_t sid_bits;      /* StreamID size: 0 to 32 (IDR1.SIDSIZE) */
    uint8_t ssid_bits;     /* SubstreamID size: 0 to 20 (IDR1.SSIDSIZE) */
    uint8_t cmdq_log2_max; /* largest Command queue, log2 of entries: 0 to 19 (IDR1.CMDQS) */
    uint8_t evtq_log2_max; /* largest Event queue, log2 of entries: 0 to 19 (IDR1.EVENTQS) */
    bool asid16;           /* 16-bit ASIDs (IDR0.ASID16) */
    bool cohacc;           /* accesses are IO-coherent (IDR0.COHACC) */
    uint32_t iidr;         /* IIDR as read: product, variant, revision, implementer */

    struct smmu_cache_shape config_cache; /* decoded STE + CD pairs */
    struct smmu_cache_shape tlb;          /* complete translations */
};

/* A plausible mid-size part: 48-bit output, 16-bit StreamIDs, every feature switched on. */
struct smmu_config smmu_config_default(void);

/* Check `cfg`. Returns true if an SMMU can be built from it; otherwise writes one line that names
 * the field and the reason to `err` (at most `err_size` bytes with the NUL; may be NULL with 0). */
bool smmu_config_check(const struct smmu_config *cfg, char *err, size_t err_size);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
