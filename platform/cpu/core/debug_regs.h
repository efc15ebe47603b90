/* SPDX-License-Identifier: Apache-2.0 */
/* Where the registers of breakpoints and watchpoints are in the register file. */
#ifndef A64_DEBUG_REGS_H
#define A64_DEBUG_REGS_H

#include "sysreg.h"

/* DBGBCR<n>_EL1.BT. */
enum { BT_ADDRESS = 0, BT_LINKED = 1, BT_CONTEXT_ID = 2, BT_VMID = 8 };

/* Rows of registers by number. */
extern const uint16_t dbgbvr_row[], dbgbcr_row[], dbgwvr_row[], dbgwcr_row[];

#endif
