/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a PRI queue entry (IHI 0070 8): 16 bytes, little-endian. */
#ifndef SMMU_CORE_PRIQ_LAYOUT_H
#define SMMU_CORE_PRIQ_LAYOUT_H

#include "base/bits.h"

RAW_TYPE(ppr, 2)
RAW_FIELD(ppr, StreamID, 31, 0)
RAW_FIELD(ppr, SubstreamID, 51, 32)
RAW_FIELD(ppr, Priv, 58, 58)
RAW_FIELD(ppr, X, 59, 59)
RAW_FIELD(ppr, R, 60, 60)
RAW_FIELD(ppr, W, 61, 61)
RAW_FIELD(ppr, Last, 62, 62)
RAW_FIELD(ppr, SSV, 63, 63)
RAW_FIELD(ppr, PRGIndex, 72, 64)
RAW_FIELD(ppr, PageAddress, 127, 76) /* address bits [63:12] */

#endif
