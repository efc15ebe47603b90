/* SPDX-License-Identifier: Apache-2.0 */
/* One stage of translation, as an STE (stage 2) or half a CD (stage 1) configures it. */
#ifndef SMMU_CORE_STAGE_H
#define SMMU_CORE_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "smmu/types.h"

struct stage {
    uint64_t table;           /* of the first lookup, aligned to its size */
    struct smmu_memattr attr; /* of descriptor accesses, before stage 2 combines */
    uint8_t granule;          /* log2 */
    uint8_t input_bits;
    uint8_t output_bits;
    uint8_t start_level;
    uint8_t hwu;     /* which of the four PBHA bits of a leaf descriptor count */
    bool vmsa32;     /* VMSAv8-32 LPAE descriptors, else VMSAv8-64 */
    bool lpa;        /* 64 KiB descriptors hold 52-bit addresses */
    bool big_endian; /* descriptors */
    bool affd;       /* no Access flag faults */
    bool ha;         /* the SMMU sets the Access flag */
    bool hd;         /* ... and makes writable-clean descriptors writable-dirty */
};

#endif
