// SPDX-License-Identifier: Apache-2.0
// Hints, barriers and prefetches that do nothing, and the system registers that code asks for
// often.
#include "state/sysreg_fields.h"
#include "translate/emitter.hpp"

namespace a64 {

namespace {

// Those that wait or send events are the handler's.
bool hint(emitter &e, const a64_op &o, unsigned)
{
    enum { FIRST_EVENT = 2, LAST_EVENT = 5 };
    if (o.imm >= FIRST_EVENT && o.imm <= LAST_EVENT)
        return false;
    e.flags_stay();
    return true;
}

bool nothing(emitter &e, const a64_op &, unsigned)
{
    e.flags_stay();
    return true;
}

// EL1 alone is told, by a register that nothing traps there. SP_EL0 is one while EL1 has another.
void at_el1(emitter &e)
{
    e.a.cmp(PE_FIELD(el), 1);
    e.a.jne(e.handler());
}

bool read_register(emitter &e, const a64_op &o, unsigned)
{
    switch (o.sysreg) {
    case SR_SP_EL0:
        at_el1(e);
        e.a.cmp(PE_FIELD(spsel), 0);
        e.a.je(e.handler());
        e.a.mov(scratch0, field(offsetof(a64_cpu, sp_bank), 8));
        break;
    case SR_TPIDR_EL1:
    case SR_TPIDR_EL0:
        at_el1(e);
        e.a.mov(scratch0, field(offsetof(a64_cpu, sysreg) + 8 * o.sysreg, 8));
        break;
    case SR_DAIF:
        at_el1(e);
        e.a.movzx(scratch0.r32(), PE_FIELD(daif));
        e.a.shl(scratch0.r32(), __builtin_ctzll(SPSR_DAIF));
        break;
    default:
        return false;
    }
    const Gp d = e.destination(o.rd);
    e.a.mov(d, scratch0);
    e.keep(o.rd, d);
    return true;
}

const emit_row rows[] = {
    {exec_MRS, read_register, 0, may_leave},
    {exec_HINT, hint, 0, may_leave},
    {exec_DMB, nothing, 0, 0},
    {exec_PRFM_off, nothing, 0, 0},
    {exec_PRFM_unscaled, nothing, 0, 0},
    {exec_PRFM_reg, nothing, 0, 0},
    {exec_PRFM_lit, nothing, 0, 0},
};

} // namespace

const emit_rows system_rows = {rows, sizeof rows / sizeof *rows};

} // namespace a64
