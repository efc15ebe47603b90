// SPDX-License-Identifier: Apache-2.0
// Branches and the ends of blocks, as exec_branch.c has them.
#include "translate/emitter.hpp"

namespace a64 {

namespace {

enum : unsigned { LINKS = 1, IF_SET = 1 };

std::uint64_t target(const a64_op &o)
{
    return 4u * o.index + o.imm;
}

void link(emitter &e, const a64_op &o)
{
    const Gp r = e.destination(REG_LR);
    e.address(r, 4u * o.index + 4u);
    e.keep(REG_LR, r);
}

bool branch(emitter &e, const a64_op &o, unsigned how)
{
    if (how & LINKS)
        link(e, o);
    e.address(scratch0, target(o));
    e.leave(o);
    return true;
}

// An address whose tag byte repeats bit 55 stays as it is, whether tags are ignored or not.
bool branch_to_register(emitter &e, const a64_op &o, unsigned how)
{
    const Gp n = e.source(o.rn);
    e.a.mov(scratch0, n);
    e.a.mov(scratch1, n);
    e.a.shl(scratch1, 8);
    e.a.sar(scratch1, 8);
    e.a.cmp(scratch1, n);
    e.a.jne(e.handler());
    if (how & LINKS)
        link(e, o);
    e.leave(o);
    return true;
}

bool branch_conditionally(emitter &e, const a64_op &o, unsigned)
{
    e.leave_if(e.condition(o, o.word & 15), o, target(o));
    e.flags_stay();
    return true;
}

bool compare_and_branch(emitter &e, const a64_op &o, unsigned how)
{
    const Gp n = sized(e.source(o.rn), is_wide(how));
    e.a.test(n, n);
    e.leave_if(how & IF_SET ? CondCode::kNE : CondCode::kE, o, target(o));
    return true;
}

bool test_and_branch(emitter &e, const a64_op &o, unsigned how)
{
    e.a.bt(e.source(o.rn), o.bit);
    e.leave_if(how & IF_SET ? CondCode::kB : CondCode::kAE, o, target(o));
    return true;
}

// `ran_through` is asked for where blocks are cut, which are interpreted then.
bool end(emitter &e, const a64_op &o, unsigned)
{
    e.address(scratch0, 4u * o.index);
    e.leave(*(&o - 1));
    return true;
}

const emit_row rows[] = {
    {exec_B, branch, 0, may_leave},
    {exec_BL, branch, LINKS, may_leave},
    {exec_BR, branch_to_register, 0, may_leave},
    {exec_BLR, branch_to_register, LINKS, may_leave},
    {exec_RET, branch_to_register, 0, may_leave},
    {exec_B_cond, branch_conditionally, 0, may_leave | reads_flags},
    {exec_CBZ_w, compare_and_branch, 0, may_leave},
    {exec_CBZ_x, compare_and_branch, how_wide, may_leave},
    {exec_CBNZ_w, compare_and_branch, IF_SET, may_leave},
    {exec_CBNZ_x, compare_and_branch, IF_SET | how_wide, may_leave},
    {exec_TBZ, test_and_branch, 0, may_leave},
    {exec_TBNZ, test_and_branch, IF_SET, may_leave},
    {exec_END, end, 0, may_leave},
};

} // namespace

const emit_rows branch_rows = {rows, sizeof rows / sizeof *rows};

} // namespace a64
