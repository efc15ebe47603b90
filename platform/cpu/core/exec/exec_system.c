/* SPDX-License-Identifier: Apache-2.0 */
/* System instructions: register moves, PSTATE, hints and barriers (DDI 0487 C4.1.93). */
#include "exception/context.h"
#include "exception/cpu_dvm.h"
#include "exception/exception.h"
#include "exception/interrupt.h"
#include "exec/exec.h"
#include "mmu/monitor.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"
#include "sysreg/sysreg.h"

enum { HINT_WFE = 2, HINT_WFI = 3, HINT_SEV = 4, HINT_SEVL = 5 };

/* ISS of a trapped MSR, MRS or SYS: the encoding in another order (D24.2, ESR_EL1). */
static uint64_t sysreg_iss(const struct a64_op *o)
{
    uint32_t w = o->word;
    return bits_put(ISS_SYS_OP0, bits_get(w, INSN_OP0)) |
           bits_put(ISS_SYS_OP2, bits_get(w, INSN_OP2)) |
           bits_put(ISS_SYS_OP1, bits_get(w, INSN_OP1)) |
           bits_put(ISS_SYS_CRN, bits_get(w, INSN_CRN)) |
           bits_put(ISS_SYS_RT, bits_get(w, INSN_RT)) |
           bits_put(ISS_SYS_CRM, bits_get(w, INSN_CRM)) |
           bits_put(ISS_SYS_READ, bits_get(w, INSN_L));
}

/* Takes the exception that `outcome` calls for; true if execution goes on. */
static bool access_done(struct a64_cpu *c, const struct a64_op *o, enum sysreg_outcome outcome)
{
    uint64_t pc = op_pc(c, o);
    switch (outcome) {
    case SYSREG_OK:
        return true;
    case SYSREG_TAKEN:
        return false;
    case SYSREG_UNDEFINED:
        exception_undefined(c, o);
        return false;
    case SYSREG_TRAP:
        cpu_leave(c, o, pc);
        exception_sync(c, pc, EC_SYSREG, sysreg_iss(o));
        return false;
    case SYSREG_TRAP_EL2:
        cpu_leave(c, o, pc);
        exception_to_el2(c, pc, EC_SYSREG, sysreg_iss(o));
        return false;
    case SYSREG_TRAP_FP:
        exception_fp_access(c, o);
        return false;
    }
    return false;
}

static __attribute__((noinline)) bool read_register(struct a64_cpu *c, const struct a64_op *o)
{
    uint64_t value;
    c->op = o;
    if (!access_done(c, o, sysreg_read(c, o->sysreg, &value)))
        return false;
    c->x[o->rd] = value;
    return true;
}

OP(MRS)
{
    if (read_register(c, o))
        next_after_access(c, o);
}

static void write_register(struct a64_cpu *c, const struct a64_op *o)
{
    c->op = o;
    if (access_done(c, o, sysreg_write(c, o->sysreg, c->x[o->rn])))
        go_to(c, o, op_pc(c, o) + 4);
}

OP(MSR_reg)
{
    write_register(c, o);
}

OP(SYS)
{
    write_register(c, o);
}

OP(MSR_SPSel)
{
    if (c->el == 0) {
        exception_undefined(c, o);
        return;
    }
    context_set_el(c, c->el, o->imm & 1);
    go_to(c, o, op_pc(c, o) + 4);
}

static void change_masks(struct a64_cpu *c, const struct a64_op *o, uint8_t daif)
{
    if (!access_done(c, o, guard_user_mask(c, SR_DAIF)))
        return;
    c->daif = daif;
    context_update_attention(c);
    go_to(c, o, op_pc(c, o) + 4);
}

OP(MSR_DAIFSet)
{
    change_masks(c, o, c->daif | (uint8_t)o->imm);
}

OP(MSR_DAIFClr)
{
    change_masks(c, o, c->daif & (uint8_t)~o->imm);
}

/* ---- Hints ---- */

/* WFI and WFE that would wait, if EL1 or EL2 wants to know. */
static bool wait_is_trapped(struct a64_cpu *c, const struct a64_op *o, bool is_wfe)
{
    uint64_t allow = is_wfe ? SCTLR_NTWE : SCTLR_NTWI;
    bool by_el1 = c->el == 0 && !(c->sysreg[SR_SCTLR_EL1] & allow);
    bool by_el2 = el2_asks(c, is_wfe ? HCR_TWE : HCR_TWI);
    uint64_t iss = ISS_COND_ALWAYS | (is_wfe ? ISS_WFX_WFE : 0);
    uint64_t pc = op_pc(c, o);
    if (!by_el1 && !by_el2)
        return false;
    cpu_leave(c, o, pc);
    if (by_el1)
        exception_sync(c, pc, EC_WFX, iss);
    else
        exception_to_el2(c, pc, EC_WFX, iss);
    return true;
}

static void wait_for(struct a64_cpu *c, const struct a64_op *o, unsigned hint)
{
    bool is_wfe = hint == HINT_WFE;
    uint64_t pc = op_pc(c, o);
    bool wakes = interrupt_wakes(c) || (is_wfe && c->event);
    if (!wakes && wait_is_trapped(c, o, is_wfe))
        return;
    if (is_wfe)
        c->event = false;
    if (wakes) {
        next_after_access(c, o);
        return;
    }
    c->waiting = true;
    c->stop = is_wfe ? A64_STOP_WFE : A64_STOP_WFI;
    cpu_leave(c, o, pc + 4);
}

OP(HINT)
{
    switch (o->imm) {
    case HINT_WFE:
    case HINT_WFI:
        wait_for(c, o, (unsigned)o->imm);
        return;
    case HINT_SEV:
        c->op = o;
        c->event = true;
        if (c->ops.send_event)
            c->ops.send_event(c->user);
        break;
    case HINT_SEVL:
        c->event = true;
        break;
    default:
        break;
    }
    next_after_access(c, o);
}

OP(CLREX)
{
    monitor_clear(c);
    next(c, o);
}

/* One PE runs at a time and in program order: barriers have nothing left to order but what
 * broadcasts made others wait for. */
OP(DSB)
{
    c->op = o;
    dvm_complete(c);
    next_after_access(c, o);
}

OP(DMB)
{
    next(c, o);
}

OP(ISB)
{
    go_to(c, o, op_pc(c, o) + 4);
}
