/* SPDX-License-Identifier: Apache-2.0 */
/* Taking exceptions and returning from them (DDI 0487 D1.3). */
#ifndef A64_EXCEPTION_H
#define A64_EXCEPTION_H

#include "state.h"

/* ESR_ELx.EC. Aborts and debug exceptions add 1 if taken from the level they are taken to. */
enum {
    EC_UNKNOWN = 0x00,
    EC_WFX = 0x01,
    EC_FP_ACCESS = 0x07,
    EC_ILLEGAL_STATE = 0x0e,
    EC_SVC = 0x15,
    EC_SYSREG = 0x18,
    EC_INSN_ABORT = 0x20,
    EC_PC_ALIGN = 0x22,
    EC_DATA_ABORT = 0x24,
    EC_SP_ALIGN = 0x26,
    EC_BREAKPOINT = 0x30,
    EC_SOFTWARE_STEP = 0x32,
    EC_WATCHPOINT = 0x34,
    EC_BRK = 0x3c,
};

/* Parts of ISS. */
#define ISS_COND_AL UINT32_C(0x1e00000) /* CV = 1, COND = always */
#define ISS_WNR     (UINT32_C(1) << 6)
#define ISS_CM      (UINT32_C(1) << 8)

/* Fault status codes; translation table levels are added to the first five. */
enum {
    FSC_ADDRESS_SIZE = 0x00,
    FSC_TRANSLATION = 0x04,
    FSC_ACCESS_FLAG = 0x08,
    FSC_PERMISSION = 0x0c,
    FSC_WALK_ABORT = 0x14,
    FSC_EXTERNAL = 0x10,
    FSC_ALIGNMENT = 0x21,
    FSC_DEBUG = 0x22,
};

/* SPSR_ELx. */
enum {
    SPSR_SP = 1u << 0,
    SPSR_AARCH32 = 1u << 4,
    SPSR_D = 1u << 9,
    SPSR_IL = 1u << 20,
    SPSR_SS = 1u << 21,
    SPSR_EL_SHIFT = 2,
    SPSR_DAIF_SHIFT = 6,
    SPSR_NZCV_SHIFT = 28,
};

/* Synchronous exception to EL1. `return_pc` goes to ELR: the instruction itself, or, after SVC, the
 * next. Sets c->pc to the vector; the caller ends the block. */
void exception_sync(struct a64_cpu *c, uint64_t return_pc, unsigned ec, uint32_t iss);
void exception_undefined(struct a64_cpu *c, const struct a64_op *o);

/* SIMD or floating point that CPACR_EL1.FPEN traps. */
void exception_fp_access(struct a64_cpu *c, const struct a64_op *o);

/* Aborts; `address` goes to FAR. EC is picked by the current exception level. */
void exception_data_abort(struct a64_cpu *c, uint64_t pc, uint64_t address, uint32_t iss);
void exception_insn_abort(struct a64_cpu *c, uint64_t pc, unsigned fsc);
void exception_pc_align(struct a64_cpu *c, uint64_t pc);

/* Breakpoint, Watchpoint or Software Step exception before the instruction at `pc`; to the level
 * that selfhosted.c names. */
void exception_debug(struct a64_cpu *c, uint64_t pc, unsigned ec, uint32_t iss);

/* IRQ or FIQ, between instructions. */
void exception_interrupt(struct a64_cpu *c, enum a64_line line);

/* ERET from EL1: to ELR_EL1 with SPSR_EL1, or PSTATE.IL if that is illegal (D1.4.4). */
void exception_return(struct a64_cpu *c);

/* PSTATE in SPSR layout; setting expects a legal value. */
uint32_t pstate_get(const struct a64_cpu *c);
void pstate_set(struct a64_cpu *c, uint32_t spsr);
bool pstate_legal(const struct a64_cpu *c, uint32_t spsr);

#endif
