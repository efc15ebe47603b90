/* SPDX-License-Identifier: Apache-2.0 */
/* Branches and exception-generating instructions (DDI 0487 C4.1.93). */
#include "debug/selfhosted.h"
#include "exception/exception.h"
#include "exec/exec.h"
#include "mmu/mmu.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"

/* A block goes on behind a conditional branch: it is left by those that are taken. */
static inline void branch_if(struct a64_cpu *c, const struct a64_op *o, bool taken)
{
    if (taken)
        go_to(c, o, op_pc(c, o) + o->imm);
    else
        next(c, o);
}

/* All others end blocks. */
OP(B)
{
    go_to(c, o, op_pc(c, o) + o->imm);
}

OP(BL)
{
    uint64_t pc = op_pc(c, o);
    c->x[REG_LR] = pc + 4;
    go_to(c, o, pc + o->imm);
}

OP(B_cond)
{
    branch_if(c, o, condition_holds(c, o));
}

OP(CBZ_w)
{
    branch_if(c, o, (uint32_t)c->x[o->rn] == 0);
}

OP(CBZ_x)
{
    branch_if(c, o, c->x[o->rn] == 0);
}

OP(CBNZ_w)
{
    branch_if(c, o, (uint32_t)c->x[o->rn] != 0);
}

OP(CBNZ_x)
{
    branch_if(c, o, c->x[o->rn] != 0);
}

OP(TBZ)
{
    branch_if(c, o, !(c->x[o->rn] >> o->bit & 1));
}

OP(TBNZ)
{
    branch_if(c, o, c->x[o->rn] >> o->bit & 1);
}

OP(BR)
{
    go_to(c, o, mmu_branch_target(c, c->x[o->rn]));
}

OP(BLR)
{
    uint64_t target = c->x[o->rn];
    c->x[REG_LR] = op_pc(c, o) + 4;
    go_to(c, o, mmu_branch_target(c, target));
}

OP(RET)
{
    go_to(c, o, mmu_branch_target(c, c->x[o->rn]));
}

/* Behind the last instruction of a block. */
OP(END)
{
    c->ran_through = true;
    go_to(c, o - 1, op_pc(c, o));
}

OP(ERET)
{
    if (c->el == 0) {
        exception_undefined(c, o);
        return;
    }
    cpu_leave(c, o, op_pc(c, o));
    exception_return(c);
}

OP(SVC)
{
    uint64_t return_pc = op_pc(c, o) + 4;
    step_advance(c);
    cpu_leave(c, o, return_pc);
    exception_sync(c, return_pc, EC_SVC, o->imm);
}

OP(BRK)
{
    uint64_t pc = op_pc(c, o);
    cpu_leave(c, o, pc);
    exception_software_breakpoint(c, pc, o->imm);
}

OP(UNDEFINED)
{
    exception_undefined(c, o);
}

/* With no exception level to take them these are UNDEFINED, unless someone outside plays the
 * firmware. */
static void call_conduit(struct a64_cpu *c, const struct a64_op *o, enum a64_conduit conduit)
{
    c->op = o;
    if (c->el == 0 || o->imm != 0 || !c->ops.conduit || !c->ops.conduit(c->user, conduit, c->x)) {
        exception_undefined(c, o);
        return;
    }
    cpu_leave(c, o, op_pc(c, o) + 4);
}

OP(HVC)
{
    if (!el2_present(c)) {
        call_conduit(c, o, A64_HVC);
        return;
    }
    if (c->el == 0 || (el2_hcr(c) & HCR_HCD)) {
        exception_undefined(c, o);
        return;
    }
    uint64_t return_pc = op_pc(c, o) + 4;
    step_advance(c);
    cpu_leave(c, o, return_pc);
    exception_to_el2(c, return_pc, EC_HVC, o->imm);
}

OP(SMC)
{
    if (c->el != 1 || !(el2_hcr(c) & HCR_TSC)) {
        call_conduit(c, o, A64_SMC);
        return;
    }
    uint64_t pc = op_pc(c, o);
    cpu_leave(c, o, pc);
    exception_to_el2(c, pc, EC_SMC, o->imm);
}
