/* SPDX-License-Identifier: Apache-2.0 */
/* Branches and exception-generating instructions (DDI 0487 C4.1.93). */
#include "exception.h"
#include "exec.h"
#include "mmu.h"

/* Branches end blocks, so the whole block has been executed: only the PC moves. */
static void branch(struct a64_cpu *c, const struct a64_op *o, bool taken)
{
    c->pc = op_pc(c, o) + (taken ? o->imm : 4);
}

OP(B)
{
    branch(c, o, true);
}

OP(BL)
{
    c->x[REG_LR] = op_pc(c, o) + 4;
    branch(c, o, true);
}

OP(B_cond)
{
    branch(c, o, condition_holds(c, o));
}

OP(CBZ_w)
{
    branch(c, o, (uint32_t)c->x[o->rn] == 0);
}

OP(CBZ_x)
{
    branch(c, o, c->x[o->rn] == 0);
}

OP(CBNZ_w)
{
    branch(c, o, (uint32_t)c->x[o->rn] != 0);
}

OP(CBNZ_x)
{
    branch(c, o, c->x[o->rn] != 0);
}

OP(TBZ)
{
    branch(c, o, !(c->x[o->rn] >> o->amount & 1));
}

OP(TBNZ)
{
    branch(c, o, c->x[o->rn] >> o->amount & 1);
}

OP(BR)
{
    c->pc = mmu_branch_target(c, c->x[o->rn]);
}

OP(BLR)
{
    uint64_t target = c->x[o->rn];
    c->x[REG_LR] = op_pc(c, o) + 4;
    c->pc = mmu_branch_target(c, target);
}

OP(RET)
{
    c->pc = mmu_branch_target(c, c->x[o->rn]);
}

OP(END)
{
    c->pc = op_pc(c, o);
}

OP(ERET)
{
    if (c->el == 0)
        exception_undefined(c, o);
    else
        exception_return(c);
}

OP(SVC)
{
    exception_sync(c, op_pc(c, o) + 4, EC_SVC, (uint32_t)o->imm);
}

OP(BRK)
{
    exception_sync(c, op_pc(c, o), EC_BRK, (uint32_t)o->imm);
}

OP(UNDEFINED)
{
    exception_undefined(c, o);
}

/* With neither EL2 nor EL3 these are UNDEFINED, unless someone outside plays the firmware. */
static void call_conduit(struct a64_cpu *c, const struct a64_op *o, enum a64_conduit conduit)
{
    c->op = o;
    if (c->el == 0 || o->imm != 0 || !c->ops.conduit || !c->ops.conduit(c->user, conduit, c->x)) {
        exception_undefined(c, o);
        return;
    }
    c->pc = op_pc(c, o) + 4;
}

OP(HVC)
{
    call_conduit(c, o, A64_HVC);
}

OP(SMC)
{
    call_conduit(c, o, A64_SMC);
}
