/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of commands (IHI 0070 4): 16 bytes, little-endian. */
#ifndef SMMU_CORE_CMD_LAYOUT_H
#define SMMU_CORE_CMD_LAYOUT_H

#include "base/bits.h"

#define CMD_SIZE 16

RAW_TYPE(cmd, 2)
RAW_FIELD(cmd, Opcode, 7, 0)
RAW_FIELD(cmd, SSec, 10, 10)
RAW_FIELD(cmd, Global, 9, 9) /* CMD_ATC_INV */
RAW_FIELD(cmd, SSV, 11, 11)  /* CMD_ATC_INV, CMD_PRI_RESP, CMD_PREFETCH_* */
RAW_FIELD(cmd, SubstreamID, 31, 12)
RAW_FIELD(cmd, CS, 13, 12) /* CMD_SYNC */
RAW_FIELD(cmd, VMID, 47, 32)
RAW_FIELD(cmd, StreamID, 63, 32)
RAW_FIELD(cmd, ASID, 63, 48)
RAW_FIELD(cmd, NUM, 16, 12) /* CMD_TLBI_* by address, with those below */
RAW_FIELD(cmd, SCALE, 25, 20)
RAW_FIELD(cmd, TTL128, 71, 71)
RAW_FIELD(cmd, TTL, 73, 72)
RAW_FIELD(cmd, TG, 75, 74)
RAW_FIELD(cmd, Leaf, 64, 64)
RAW_FIELD(cmd, DptSize, 75, 72)     /* CMD_DPTI_PA.SIZE, with Leaf and Address */
RAW_FIELD(cmd, Range, 68, 64)       /* CMD_CFGI_STE_RANGE */
RAW_FIELD(cmd, Address, 127, 76)    /* bits [63:12] */
RAW_FIELD(cmd, Size, 69, 64)        /* CMD_ATC_INV */
RAW_FIELD(cmd, Pages, 68, 64)       /* CMD_PREFETCH_ADDR.Size */
RAW_FIELD(cmd, Stride, 73, 69)      /* CMD_PREFETCH_ADDR */
RAW_FIELD(cmd, PRGIndex, 72, 64)    /* CMD_PRI_RESP */
RAW_FIELD(cmd, Resp, 77, 76)        /* CMD_PRI_RESP */
RAW_FIELD(cmd, Action, 12, 12)      /* CMD_RESUME.Ac */
RAW_FIELD(cmd, Abort, 13, 13)       /* CMD_RESUME.Ab */
RAW_FIELD(cmd, STAG, 79, 64)        /* CMD_RESUME */
RAW_FIELD(cmd, MSH, 23, 22)         /* CMD_SYNC */
RAW_FIELD(cmd, MSIAttr, 27, 24)     /* CMD_SYNC */
RAW_FIELD(cmd, MSIData, 63, 32)     /* CMD_SYNC */
RAW_FIELD(cmd, MSIAddress, 119, 66) /* CMD_SYNC: address bits [55:2] */

/* CMD_SYNC.CS (4.7.3) */
enum { CS_SIG_NONE = 0, CS_SIG_IRQ = 1, CS_SIG_SEV = 2, CS_RESERVED = 3 };

#endif
