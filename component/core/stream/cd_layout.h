/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the Context descriptor (IHI 0070 5.3, 5.4) that this SMMU interprets. */
#ifndef SMMU_CORE_CD_LAYOUT_H
#define SMMU_CORE_CD_LAYOUT_H

#include "base/bits.h"

#define CD_SIZE 64

RAW_TYPE(cd, 8)
RAW_FIELD(cd, T0SZ, 5, 0)
RAW_FIELD(cd, TG0, 7, 6)
RAW_FIELD(cd, IR0, 9, 8)
RAW_FIELD(cd, OR0, 11, 10)
RAW_FIELD(cd, SH0, 13, 12)
RAW_FIELD(cd, EPD0, 14, 14)
RAW_FIELD(cd, ENDI, 15, 15)
RAW_FIELD(cd, T1SZ, 21, 16)
RAW_FIELD(cd, TG1, 23, 22)
RAW_FIELD(cd, IR1, 25, 24)
RAW_FIELD(cd, OR1, 27, 26)
RAW_FIELD(cd, SH1, 29, 28)
RAW_FIELD(cd, EPD1, 30, 30)
RAW_FIELD(cd, V, 31, 31)
RAW_FIELD(cd, IPS, 34, 32)
RAW_FIELD(cd, AFFD, 35, 35)
RAW_FIELD(cd, WXN, 36, 36)
RAW_FIELD(cd, UWXN, 37, 37)
RAW_FIELD(cd, TBI0, 38, 38)
RAW_FIELD(cd, TBI1, 39, 39)
RAW_FIELD(cd, PAN, 40, 40)
RAW_FIELD(cd, AA64, 41, 41)
RAW_FIELD(cd, HD, 42, 42)
RAW_FIELD(cd, HA, 43, 43)
RAW_FIELD(cd, S, 44, 44)
RAW_FIELD(cd, R, 45, 45)
RAW_FIELD(cd, A, 46, 46)
RAW_FIELD(cd, ASET, 47, 47)
RAW_FIELD(cd, ASID, 63, 48)
RAW_FIELD(cd, HAD0, 65, 65)
RAW_FIELD(cd, E0PD0, 66, 66)
RAW_FIELD(cd, HAFT, 67, 67)
RAW_FIELD(cd, TTB0, 115, 68)
RAW_FIELD(cd, EPAN, 123, 123)
RAW_FIELD(cd, HWU0, 127, 124) /* HWU062 to HWU059 */
RAW_FIELD(cd, HAD1, 129, 129)
RAW_FIELD(cd, E0PD1, 130, 130)
RAW_FIELD(cd, AIE, 131, 131)
RAW_FIELD(cd, TTB1, 179, 132)
RAW_FIELD(cd, DS, 186, 186)
RAW_FIELD(cd, PIE, 187, 187)
RAW_FIELD(cd, HWU1, 191, 188) /* HWU162 to HWU159 */
RAW_FIELD(cd, MAIR, 255, 192) /* MAIR1:MAIR0 */
RAW_FIELD(cd, PIIU, 431, 384) /* PIIU15 to PIIU0, of 3 bits */
RAW_FIELD(cd, PIIP, 495, 448)

/* Level 1 Context descriptor (5.3). */
#define L1CD_SIZE 8

RAW_TYPE(l1cd, 1)
RAW_FIELD(l1cd, V, 0, 0)
RAW_FIELD(l1cd, L2Ptr, 55, 12)

/* TTB0 and TTB1 hold address bits [51:4]. */
#define CD_TTB_SHIFT 4

#endif
