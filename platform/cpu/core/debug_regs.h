/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the debug registers (DDI 0487 D24.3), and where these are in the register file. */
#ifndef A64_DEBUG_REGS_H
#define A64_DEBUG_REGS_H

#include "sysreg.h"

enum { MDSCR_SS = 1 << 0, MDSCR_TDCC = 1 << 12, MDSCR_KDE = 1 << 13, MDSCR_MDE = 1 << 15 };
enum { OSLSR_OSLK = 1 << 1 };

/* DBGBCR<n>_EL1: E, BT, LBN. */
enum { BCR_ENABLE = 1 };
enum { BCR_ADDRESS = 0, BCR_LINKED = 1, BCR_BY_CONTEXT_ID = 2, BCR_BY_VMID = 8 };
#define BCR_TYPE(control) ((unsigned)((control) >> 20 & 15))
#define BCR_LINK(control) ((unsigned)((control) >> 16 & 15))

/* DBGWCR<n>_EL1: E, LSC, BAS, LBN, WT, MASK. */
enum { WCR_ENABLE = 1, WCR_LINKED = 1 << 20 };
#define WCR_KINDS(control) ((unsigned)((control) >> 3 & 3))
#define WCR_BYTES(control) ((unsigned)((control) >> 5 & 0xff))
#define WCR_LINK(control)  ((unsigned)((control) >> 16 & 15))
#define WCR_MASK(control)  ((unsigned)((control) >> 24 & 31))

/* Of both: PMC or PAC, and HMC (bit 0) with SSC. */
#define XCR_PRIVILEGE(control) ((unsigned)((control) >> 1 & 3))
#define XCR_OTHER(control)     ((unsigned)((control) >> 13 & 7))

/* Rows of registers by number. */
extern const uint16_t dbgbvr_row[], dbgbcr_row[], dbgwvr_row[], dbgwcr_row[];

#endif
