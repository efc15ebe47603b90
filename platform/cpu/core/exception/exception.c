/* SPDX-License-Identifier: Apache-2.0 */
/* Exception entry and return, and the layout of PSTATE in SPSR (DDI 0487 D1.3, C5.2.19). */
#include "exception/exception.h"

#include "debug/selfhosted.h"
#include "exception/context.h"
#include "exception/interrupt.h"
#include "exception/repeat.h"
#include "mmu/mmu.h"
#include "mmu/monitor.h"
#include "pmu/pmu.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"

enum { VECTOR_SIZE = 0x80 }; /* of one kind of exception; kinds follow each other */

/* The registers that describe an exception taken to a level. */
struct handler {
    uint16_t elr, spsr, esr, far, vbar;
};

static const struct handler handlers[] = {
    [1] = {SR_ELR_EL1, SR_SPSR_EL1, SR_ESR_EL1, SR_FAR_EL1, SR_VBAR_EL1},
    [2] = {SR_ELR_EL2, SR_SPSR_EL2, SR_ESR_EL2, SR_FAR_EL2, SR_VBAR_EL2},
};

static struct a64_exception describe(const struct a64_cpu *c, unsigned target,
                                     enum a64_exception_kind kind)
{
    const struct handler *h = &handlers[target];
    return (struct a64_exception){
        .kind = kind,
        .el = target,
        .elr = c->sysreg[h->elr],
        .spsr = (uint32_t)c->sysreg[h->spsr],
        .esr = c->sysreg[h->esr],
        .far = c->sysreg[h->far],
        .vector = c->pc,
    };
}

static void tell(const struct a64_cpu *c, unsigned target, enum a64_exception_kind kind)
{
    const struct a64_exception e = describe(c, target, kind);
    c->tracer.exception(c->tracer.user, &e);
}

/* The part common to all exceptions: to `target` with its own stack pointer, everything masked
 * (D1.3.1). */
static void enter(struct a64_cpu *c, unsigned target, uint64_t return_pc,
                  enum a64_exception_kind kind)
{
    const struct handler *h = &handlers[target];
    unsigned base = c->el < target ? 0x400 : c->spsel ? 0x200 : 0x000;
    c->sysreg[h->elr] = return_pc;
    c->sysreg[h->spsr] = pstate_get(c);
    c->daif = DAIF_D | DAIF_A | DAIF_I | DAIF_F;
    c->illegal = false;
    pmu_count(c, PMU_EXC_TAKEN);
    step_abandon(c);
    context_set_el(c, target, true);
    context_update_attention(c);
    c->pc = c->sysreg[h->vbar] + base + kind * VECTOR_SIZE;
    c->stats.exceptions++;
    if (c->tracer.exception)
        tell(c, target, kind);
}

static unsigned default_target(const struct a64_cpu *c)
{
    return c->el == 2 || (c->el == 0 && (el2_hcr(c) & HCR_TGE)) ? 2 : 1;
}

/* All instructions are 32 bits long, and exceptions without one report IL = 1 too. */
static void take(struct a64_cpu *c, unsigned target, uint64_t return_pc, unsigned ec, uint64_t iss)
{
    c->sysreg[handlers[target].esr] = bits_put(ESR_EC, ec) | ESR_IL | iss;
    c->pmu.unretired += ec != EC_SVC && ec != EC_HVC;
    enter(c, target, return_pc, A64_EXCEPTION_SYNC);
    if (A64_UNLIKELY(c->pc == return_pc)) {
        const struct a64_exception e = describe(c, target, A64_EXCEPTION_SYNC);
        repeat_notice(c, &e);
    }
}

void exception_sync(struct a64_cpu *c, uint64_t return_pc, unsigned ec, uint64_t iss)
{
    take(c, default_target(c), return_pc, ec, iss);
}

void exception_to_el2(struct a64_cpu *c, uint64_t return_pc, unsigned ec, uint64_t iss)
{
    take(c, 2, return_pc, ec, iss);
}

static unsigned debug_target(const struct a64_cpu *c)
{
    return el2_takes_debug(c) ? 2 : default_target(c);
}

void exception_software_breakpoint(struct a64_cpu *c, uint64_t pc, uint64_t iss)
{
    take(c, debug_target(c), pc, EC_BRK, iss);
}

void exception_undefined(struct a64_cpu *c, const struct a64_op *o)
{
    uint64_t pc = op_pc(c, o);
    cpu_leave(c, o, pc);
    exception_sync(c, pc, EC_UNKNOWN, 0);
}

/* A trap to EL1 reaches EL2, in its place, as an unknown reason. */
void exception_fp_access(struct a64_cpu *c, const struct a64_op *o)
{
    uint64_t pc = op_pc(c, o);
    bool by_el1 = context_fp_trapped_by_el1(c);
    cpu_leave(c, o, pc);
    if (!by_el1)
        exception_to_el2(c, pc, EC_FP_ACCESS, ISS_COND_ALWAYS);
    else if (default_target(c) == 2)
        exception_to_el2(c, pc, EC_UNKNOWN, 0);
    else
        exception_sync(c, pc, EC_FP_ACCESS, ISS_COND_ALWAYS);
}

static void take_abort(struct a64_cpu *c, unsigned ec, uint64_t pc, uint64_t address,
                       const struct a64_fault *f, uint64_t iss)
{
    unsigned target = f->stage2 ? 2 : default_target(c);
    c->sysreg[handlers[target].far] = address;
    if (f->stage2)
        c->sysreg[SR_HPFAR_EL2] = bits_put(HPFAR_FIPA, f->ipa >> 12);
    take(c, target, pc, ec + (c->el == target), iss | f->fsc | (f->s1ptw ? ISS_S1PTW : 0));
}

void exception_data_abort(struct a64_cpu *c, uint64_t pc, uint64_t address,
                          const struct a64_fault *f, uint64_t iss)
{
    take_abort(c, EC_DATA_ABORT, pc, address, f, iss);
}

void exception_insn_abort(struct a64_cpu *c, uint64_t pc, const struct a64_fault *f)
{
    take_abort(c, EC_INSN_ABORT, pc, pc, f, 0);
}

void exception_pc_align(struct a64_cpu *c, uint64_t pc)
{
    unsigned target = default_target(c);
    c->sysreg[handlers[target].far] = pc;
    take(c, target, pc, EC_PC_ALIGN, 0);
}

void exception_debug(struct a64_cpu *c, uint64_t pc, unsigned ec, uint64_t iss)
{
    unsigned target = debug_target(c);
    take(c, target, pc, ec + (c->el == target), iss | FSC_DEBUG);
}

/* A virtual SError is over when it is taken. */
void exception_interrupt(struct a64_cpu *c, enum interrupt which)
{
    static const enum a64_exception_kind kinds[] = {
        [INTERRUPT_FIQ] = A64_EXCEPTION_FIQ,
        [INTERRUPT_IRQ] = A64_EXCEPTION_IRQ,
        [INTERRUPT_VIRTUAL_SERROR] = A64_EXCEPTION_SERROR,
        [INTERRUPT_VIRTUAL_FIQ] = A64_EXCEPTION_FIQ,
        [INTERRUPT_VIRTUAL_IRQ] = A64_EXCEPTION_IRQ,
    };
    unsigned target = interrupt_target(c, which);
    if (which == INTERRUPT_VIRTUAL_SERROR) {
        c->sysreg[SR_HCR_EL2] &= ~HCR_VSE;
        c->sysreg[SR_ESR_EL1] = bits_put(ESR_EC, EC_SERROR) | ESR_IL;
    }
    enter(c, target, c->pc, kinds[which]);
}

/* Level and stack pointer stay; flags and masks come from SPSR (D1.4.4). */
static void return_illegally(struct a64_cpu *c, uint64_t spsr, uint64_t target)
{
    c->nzcv = bits_get(spsr, SPSR_NZCV);
    c->daif = (uint8_t)bits_get(spsr, SPSR_DAIF);
    c->illegal = true;
    c->selfhosted.ss = spsr & SPSR_SS;
    context_update_attention(c);
    c->pc = target;
}

void exception_return(struct a64_cpu *c)
{
    uint64_t spsr = c->sysreg[handlers[c->el].spsr];
    bool legal = pstate_legal(c, spsr); /* else it stays at its level */
    spsr = step_return(c, spsr, legal ? bits_get(spsr, SPSR_EL) : c->el);
    uint64_t target = c->sysreg[handlers[c->el].elr];
    monitor_clear(c);
    c->event = true;
    pmu_count(c, PMU_EXC_RETURN);
    if (c->pmu.branches)
        pmu_count(c, PMU_BR_RETIRED);
    if (legal) {
        pstate_set(c, spsr);
        c->pc = mmu_branch_target(c, target);
    } else {
        return_illegally(c, spsr, target);
    }
    if (c->tracer.exception_return)
        c->tracer.exception_return(c->tracer.user, c->pc, c->el);
}
