/* SPDX-License-Identifier: Apache-2.0 */
/* Memory attributes (IHI 0070 13): encodings of tables, registers and descriptors, made one. All
 * functions are pure. */
#ifndef SMMU_CORE_MEMATTR_H
#define SMMU_CORE_MEMATTR_H

#include "smmu/types.h"

/* --- encodings ----------------------------------------------------------------------------------
 */

/* Cacheability as STE.S1CIR/S1COR encode it (5.2). */
struct smmu_memattr memattr_cd_access(unsigned inner, unsigned outer, unsigned sh);

/* Cacheability as CD.IRx/ORx and STE.S2IR0/S2OR0 encode it (5.2, 5.4). */
struct smmu_memattr memattr_walk_access(unsigned inner, unsigned outer, unsigned sh);

/* Allocation hints in either half of a MAIR byte that is Write-Through or Write-Back. */
enum { MAIR_RA = 0x2, MAIR_WA = 0x1 };

/* Cacheability as CR1.TABLE_* and QUEUE_* encode it (6.3.11); `hints` are the MAIR_* hints that the
 * base register gives. */
struct smmu_memattr memattr_cr1_access(unsigned inner, unsigned outer, unsigned sh, unsigned hints);

/* A MAIR byte of a CD, its Reserved encodings replaced by what they behave as (5.4, MAIR). */
uint8_t memattr_mair(uint8_t attr);

/* --- operations ---------------------------------------------------------------------------------
 */

/* `attr` with the allocation hints of `hints` combined in, if those come with a cacheable type
 * (13.4.2). */
struct smmu_memattr memattr_combine_hints(struct smmu_memattr attr, struct smmu_memattr hints);

/* Make `attr` consistent (13.1.7): Device and Normal-iNC-oNC are Outer Shareable, the reserved
 * shareability is Non-shareable, what does not allocate is not transient. */
struct smmu_memattr memattr_consistent(struct smmu_memattr attr);

#endif
