/* SPDX-License-Identifier: Apache-2.0 */
/* Taking exceptions and returning from them (DDI 0487 D1.3). */
#ifndef A64_EXCEPTION_H
#define A64_EXCEPTION_H

#include "exception/interrupt.h"
#include "mmu/mmu.h"
#include "state/state.h"
#include "state/sysreg_fields.h"

/* ESR_ELx.EC. Aborts and debug exceptions add 1 if taken from the level they are taken to. */
enum {
    EC_UNKNOWN = 0x00,
    EC_WFX = 0x01,
    EC_FP_ACCESS = 0x07,
    EC_ILLEGAL_STATE = 0x0e,
    EC_SVC = 0x15,
    EC_HVC = 0x16,
    EC_SMC = 0x17,
    EC_SYSREG = 0x18,
    EC_INSN_ABORT = 0x20,
    EC_PC_ALIGN = 0x22,
    EC_DATA_ABORT = 0x24,
    EC_SP_ALIGN = 0x26,
    EC_SERROR = 0x2f,
    EC_BREAKPOINT = 0x30,
    EC_SOFTWARE_STEP = 0x32,
    EC_WATCHPOINT = 0x34,
    EC_BRK = 0x3c,
};

/* Synchronous exception that EL1 handles, or EL2 if it comes from EL2, or from an EL0 that has no
 * EL1 above it (HCR_EL2.TGE). `return_pc` goes to ELR: the instruction itself, or, after SVC, the
 * next. Sets c->pc to the vector; the caller ends the block. */
void exception_sync(struct a64_cpu *c, uint64_t return_pc, unsigned ec, uint64_t iss);
void exception_undefined(struct a64_cpu *c, const struct a64_op *o);

/* The same for what EL2 has asked for: traps, and calls. */
void exception_to_el2(struct a64_cpu *c, uint64_t return_pc, unsigned ec, uint64_t iss);

/* BRK; like all debug exceptions, MDCR_EL2.TDE claims it for EL2. */
void exception_software_breakpoint(struct a64_cpu *c, uint64_t pc, uint64_t iss);

/* SIMD or floating point that CPACR_EL1.FPEN or CPTR_EL2.TFP traps. */
void exception_fp_access(struct a64_cpu *c, const struct a64_op *o);

/* Aborts; `address` goes to FAR. EC is picked by the exception levels, ISS has to hold what `f`
 * does not tell. Those of stage 2 go to EL2. */
void exception_data_abort(struct a64_cpu *c, uint64_t pc, uint64_t address,
                          const struct a64_fault *f, uint64_t iss);
void exception_insn_abort(struct a64_cpu *c, uint64_t pc, const struct a64_fault *f);
void exception_pc_align(struct a64_cpu *c, uint64_t pc);

/* Breakpoint, Watchpoint or Software Step exception before the instruction at `pc`. */
void exception_debug(struct a64_cpu *c, uint64_t pc, unsigned ec, uint64_t iss);

/* An interrupt, between instructions. */
void exception_interrupt(struct a64_cpu *c, enum interrupt which);

/* ERET: to ELR with SPSR of the current level, or PSTATE.IL if that is illegal (D1.4.4). */
void exception_return(struct a64_cpu *c);

#endif
