/* SPDX-License-Identifier: Apache-2.0 */
/* Exception entry and return, and the layout of PSTATE in SPSR (DDI 0487 D1.3, C5.2.19). */
#include "exception.h"

#include "mmu.h"
#include "trace.h"

enum { VECTOR_SIZE = 0x80 }; /* of one kind of exception; kinds follow each other */

#define ESR_IL (UINT64_C(1) << 25)

uint32_t pstate_get(const struct a64_cpu *c)
{
    return c->nzcv << SPSR_NZCV_SHIFT | (uint32_t)c->daif << SPSR_DAIF_SHIFT |
           (c->selfhosted.ss ? SPSR_SS : 0) | (c->illegal ? SPSR_IL : 0) |
           (uint32_t)c->el << SPSR_EL_SHIFT | (c->spsel ? SPSR_SP : 0);
}

void pstate_set(struct a64_cpu *c, uint32_t spsr)
{
    c->nzcv = spsr >> SPSR_NZCV_SHIFT;
    c->daif = spsr >> SPSR_DAIF_SHIFT & 15;
    c->illegal = spsr & SPSR_IL;
    c->selfhosted.ss = spsr & SPSR_SS;
    cpu_set_el(c, spsr >> SPSR_EL_SHIFT & 3, spsr & SPSR_SP);
    cpu_update_attention(c);
}

bool pstate_legal(const struct a64_cpu *c, uint32_t spsr)
{
    unsigned el = spsr >> SPSR_EL_SHIFT & 3;
    if (spsr & (SPSR_AARCH32 | 2))
        return false;
    return el == 0 ? !(spsr & SPSR_SP) : el == 1 && c->el >= 1;
}

/* The part common to all exceptions: to EL1 with SP_EL1, everything masked (D1.3.1). */
static void enter(struct a64_cpu *c, uint64_t return_pc, enum a64_exception_kind kind)
{
    unsigned base = c->el == 0 ? 0x400 : c->spsel ? 0x200 : 0x000;
    c->sysreg[SR_ELR_EL1] = return_pc;
    c->sysreg[SR_SPSR_EL1] = pstate_get(c);
    c->daif = DAIF_D | DAIF_A | DAIF_I | DAIF_F;
    c->illegal = false;
    pmu_count(c, PMU_EXC_TAKEN);
    step_abandon(c);
    cpu_set_el(c, 1, true);
    cpu_update_attention(c);
    c->pc = c->sysreg[SR_VBAR_EL1] + base + kind * VECTOR_SIZE;
    c->stats.exceptions++;
    if (c->tracer.exception)
        trace_exception(c, kind);
}

void exception_sync(struct a64_cpu *c, uint64_t return_pc, unsigned ec, uint32_t iss)
{
    /* All instructions are 32 bits long, and exceptions without one report IL = 1 too. */
    c->sysreg[SR_ESR_EL1] = (uint64_t)ec << 26 | ESR_IL | iss;
    c->pmu.unretired += ec != EC_SVC;
    enter(c, return_pc, A64_EXCEPTION_SYNC);
}

void exception_undefined(struct a64_cpu *c, const struct a64_op *o)
{
    uint64_t pc = op_pc(c, o);
    cpu_leave(c, o, pc);
    exception_sync(c, pc, EC_UNKNOWN, 0);
}

void exception_fp_access(struct a64_cpu *c, const struct a64_op *o)
{
    uint64_t pc = op_pc(c, o);
    cpu_leave(c, o, pc);
    exception_sync(c, pc, EC_FP_ACCESS, ISS_COND_AL);
}

static unsigned from_level(const struct a64_cpu *c)
{
    return c->el == 0 ? 0 : 1;
}

void exception_data_abort(struct a64_cpu *c, uint64_t pc, uint64_t address, uint32_t iss)
{
    c->sysreg[SR_FAR_EL1] = address;
    exception_sync(c, pc, EC_DATA_ABORT + from_level(c), iss);
}

void exception_insn_abort(struct a64_cpu *c, uint64_t pc, unsigned fsc)
{
    c->sysreg[SR_FAR_EL1] = pc;
    exception_sync(c, pc, EC_INSN_ABORT + from_level(c), fsc);
}

void exception_pc_align(struct a64_cpu *c, uint64_t pc)
{
    c->sysreg[SR_FAR_EL1] = pc;
    exception_sync(c, pc, EC_PC_ALIGN, 0);
}

void exception_debug(struct a64_cpu *c, uint64_t pc, unsigned ec, uint32_t iss)
{
    exception_sync(c, pc, ec + from_level(c), iss | FSC_DEBUG);
}

void exception_interrupt(struct a64_cpu *c, enum a64_line line)
{
    enter(c, c->pc, line == A64_FIQ ? A64_EXCEPTION_FIQ : A64_EXCEPTION_IRQ);
}

/* Level and stack pointer stay; flags and masks come from SPSR (D1.4.4). */
static void return_illegally(struct a64_cpu *c, uint32_t spsr, uint64_t target)
{
    c->nzcv = spsr >> SPSR_NZCV_SHIFT;
    c->daif = spsr >> SPSR_DAIF_SHIFT & 15;
    c->illegal = true;
    c->selfhosted.ss = spsr & SPSR_SS;
    cpu_update_attention(c);
    c->pc = target;
}

void exception_return(struct a64_cpu *c)
{
    uint32_t spsr = step_return(c, (uint32_t)c->sysreg[SR_SPSR_EL1]);
    uint64_t target = c->sysreg[SR_ELR_EL1];
    c->monitor.set = false;
    c->event = true;
    pmu_count(c, PMU_EXC_RETURN);
    if (pstate_legal(c, spsr)) {
        pstate_set(c, spsr);
        c->pc = mmu_branch_target(c, target);
    } else {
        return_illegally(c, spsr, target);
    }
    if (c->tracer.exception_return)
        c->tracer.exception_return(c->tracer.user, c->pc, c->el);
}
