// SPDX-License-Identifier: Apache-2.0
// Data processing instructions, as exec_int.c has them.
#include "translate/emitter.hpp"

namespace a64 {

namespace {

// ---- Additions and logical operations ----

enum : unsigned {
    ADD,
    SUB,
    AND,
    ORR,
    EOR,
    OPERATION = 7,
    INVERTED = 8,     // the second operand
    SIGN_EXTENDS = 8, // both factors
    SETS = 16,        // the flags
    BY_IMM = 0,       // what the second operand is
    BY_LSL = 32,
    BY_SHIFT = 64,
    BY_EXTEND = 96,
    SECOND = 96,
};
constexpr unsigned W = 0, X = how_wide;

// The second operand, but for immediates, in a register of its own or where it is.
Gp second(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    if ((how & SECOND) == BY_EXTEND)
        return e.extended(o);
    const Gp m = e.source(o.rm);
    if (!o.shift && !(how & INVERTED))
        return m;
    const Gp r = scratch1, rs = sized(r, wide);
    e.a.mov(rs, sized(m, wide));
    if (o.shift) {
        switch (o.shift_type) {
        case 0:
            e.a.shl(rs, o.shift);
            break;
        case 1:
            e.a.shr(rs, o.shift);
            break;
        case 2:
            e.a.sar(rs, o.shift);
            break;
        default:
            e.a.ror(rs, o.shift);
            break;
        }
    }
    if (how & INVERTED)
        e.a.not_(rs);
    return r;
}

template <class Operand> void operate(emitter &e, unsigned operation, const Gp &d, const Operand &m)
{
    switch (operation) {
    case ADD:
        e.a.add(d, m);
        break;
    case SUB:
        e.a.sub(d, m);
        break;
    case AND:
        e.a.and_(d, m);
        break;
    case ORR:
        e.a.or_(d, m);
        break;
    default:
        e.a.xor_(d, m);
        break;
    }
}

// The flags alone are wanted.
template <class Operand>
void compare(emitter &e, unsigned operation, const Gp &n, bool wide, const Operand &m)
{
    const Gp r = sized(scratch0, wide);
    switch (operation) {
    case SUB:
        e.a.cmp(n, m);
        break;
    case AND:
        e.a.test(n, m);
        break;
    default:
        e.a.mov(r, n);
        e.a.add(r, m);
        break;
    }
}

template <class Operand>
void operate_on(emitter &e, const a64_op &o, unsigned how, const Operand &m)
{
    const bool wide = is_wide(how);
    const unsigned operation = how & OPERATION;
    if (how & SETS && o.rd == REG_SINK) {
        compare(e, operation, sized(e.source(o.rn), wide), wide, m);
    } else {
        const Gp d = e.changed(o.rd, o.rn, wide);
        operate(e, operation, sized(d, wide), m);
        e.keep(o.rd, d);
    }
    if (how & SETS)
        e.set_flags(operation == SUB ? host_flags::borrow : host_flags::carry);
}

bool by_immediate(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const std::uint64_t imm =
        wide ? o.imm : static_cast<std::uint64_t>(static_cast<std::int32_t>(o.imm));
    if (fits_int32(imm)) {
        operate_on(e, o, how, asmjit::imm(static_cast<std::int32_t>(imm)));
        return true;
    }
    e.constant(scratch1, imm);
    operate_on(e, o, how, scratch1);
    return true;
}

// ADD and SUB without flags.
bool add_immediate(emitter &e, const a64_op &o, unsigned how)
{
    if (o.rd == o.rn)
        return by_immediate(e, o, how);
    const Gp n = e.source(o.rn), d = e.destination(o.rd);
    const auto imm = static_cast<std::int32_t>(o.imm);
    e.a.lea(sized(d, is_wide(how)), x86::ptr(n, (how & OPERATION) == ADD ? imm : -imm));
    e.keep(o.rd, d);
    return true;
}

bool by_register(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    if ((how & (OPERATION | SETS)) == ORR && o.rn == REG_ZERO) { // MOV, MVN
        const Gp m = second(e, o, how), d = e.destination(o.rd);
        e.a.mov(sized(d, wide), sized(m, wide));
        e.keep(o.rd, d);
        return true;
    }
    if ((how & (OPERATION | SETS | SECOND)) == (ADD | BY_LSL) && o.shift <= 3 && o.rd != o.rn) {
        const Gp n = e.source(o.rn), m = e.source(o.rm), d = e.destination(o.rd);
        e.a.lea(sized(d, wide), x86::ptr(n, m, o.shift));
        e.keep(o.rd, d);
        return true;
    }
    operate_on(e, o, how, sized(second(e, o, how), wide));
    return true;
}

// ---- With the carry ----

// ADC and SBC: the host's borrow is C the other way round.
bool with_carry(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how), subtracts = (how & OPERATION) == SUB;
    const Gp n = e.source(o.rn), m = e.source(o.rm), d = e.destination(o.rd);
    e.a.bt(PE_FIELD(nzcv), 1);
    e.a.mov(sized(d, wide), sized(n, wide));
    if (subtracts) {
        e.a.cmc();
        e.a.sbb(sized(d, wide), sized(m, wide));
    } else {
        e.a.adc(sized(d, wide), sized(m, wide));
    }
    e.keep(o.rd, d);
    if (how & SETS)
        e.set_flags(subtracts ? host_flags::borrow : host_flags::carry);
    return true;
}

// ---- Moves, fields and shifts ----

bool address_of(emitter &e, const a64_op &o, unsigned page)
{
    const Gp d = e.destination(o.rd);
    if (page) { // a block is in one page
        e.address(d, 0);
        e.a.and_(d, -4096);
        e.constant(scratch1, o.imm);
        e.a.add(d, scratch1);
    } else {
        e.address(d, 4u * o.index + o.imm);
    }
    e.keep(o.rd, d);
    return true;
}

bool move(emitter &e, const a64_op &o, unsigned how)
{
    const std::uint64_t value = how & INVERTED ? ~o.imm : o.imm;
    const Gp d = e.destination(o.rd);
    e.flags_stay();
    e.constant(d, is_wide(how) ? value : static_cast<std::uint32_t>(value));
    e.keep(o.rd, d);
    return true;
}

bool move_into(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const Gp d = e.changed(o.rd, o.rn, wide), r = sized(d, wide);
    if (o.shift)
        e.a.ror(r, o.shift);
    e.a.and_(r, -65536);
    e.a.or_(r, static_cast<std::int32_t>(o.imm >> o.shift));
    if (o.shift)
        e.a.rol(r, o.shift);
    e.keep(o.rd, d);
    return true;
}

enum : unsigned { UNSIGNED = 0, SIGNED = 1 };

bool bitfield(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how), is_signed = how & SIGNED;
    const unsigned kept = (wide ? 64u : 32u) - o.shift;
    const Gp n = e.source(o.rn), d = e.destination(o.rd), r = sized(d, wide);
    if (o.shift == o.right && kept == 8) {
        is_signed ? e.a.movsx(r, n.r8()) : e.a.movzx(d.r32(), n.r8());
    } else if (o.shift == o.right && kept == 16) {
        is_signed ? e.a.movsx(r, n.r16()) : e.a.movzx(d.r32(), n.r16());
    } else if (o.shift == o.right && kept == 32) {
        is_signed &&wide ? e.a.movsxd(d, n.r32()) : e.a.mov(d.r32(), n.r32());
    } else {
        e.a.mov(r, sized(n, wide));
        if (o.shift)
            e.a.shl(r, o.shift);
        if (o.right)
            is_signed ? e.a.sar(r, o.right) : e.a.shr(r, o.right);
    }
    e.keep(o.rd, d);
    return true;
}

bool bitfield_into(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const Gp n = e.source(o.rn), v = sized(scratch0, wide);
    e.a.mov(v, sized(n, wide));
    if (o.shift)
        e.a.shl(v, o.shift);
    if (o.right)
        e.a.shr(v, o.right);
    const Gp d = e.changed(o.rd, o.ra, wide), r = sized(d, wide);
    e.constant(scratch1, wide ? ~o.imm : static_cast<std::uint32_t>(~o.imm));
    e.a.and_(r, sized(scratch1, wide));
    e.a.or_(r, v);
    e.keep(o.rd, d);
    return true;
}

bool extract(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const Gp high = sized(e.source(o.rn), wide), low = sized(e.source(o.rm), wide);
    const Gp d = e.destination(o.rd), r = sized(d, wide);
    if (o.rn == o.rm) {
        e.a.rorx(r, low, o.shift);
    } else {
        e.a.mov(r, low);
        if (o.shift)
            e.a.shrd(r, high, o.shift);
    }
    e.keep(o.rd, d);
    return true;
}

enum : unsigned { LSL, LSR, ASR, ROR, SHIFT = 3 };

bool shift(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const Gp n = sized(e.source(o.rn), wide), m = sized(e.source(o.rm), wide);
    const Gp d = e.destination(o.rd), r = sized(d, wide);
    switch (how & SHIFT) {
    case LSL:
        e.a.shlx(r, n, m);
        break;
    case LSR:
        e.a.shrx(r, n, m);
        break;
    case ASR:
        e.a.sarx(r, n, m);
        break;
    default:
        e.a.mov(scratch1.r32(), m.r32());
        e.a.mov(r, n);
        e.a.ror(r, x86::cl);
        break;
    }
    e.keep(o.rd, d);
    return true;
}

// ---- Conditional ----

enum : unsigned { SELECT_M, INCREMENT, INVERT, NEGATE, SELECTION = 3 };

bool select(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const Gp n = sized(e.source(o.rn), wide), m = e.source(o.rm);
    const CondCode cc = e.condition(o, o.word >> 12 & 15);
    const Gp d = e.destination(o.rd), r = sized(d, wide);
    e.flags_stay();
    if ((how & SELECTION) == INCREMENT)
        e.a.lea(r, x86::ptr(m, 1));
    else
        e.a.mov(r, sized(m, wide));
    if ((how & SELECTION) >= INVERT)
        e.a.not_(r);
    if ((how & SELECTION) == NEGATE)
        e.a.lea(r, x86::ptr(d, 1));
    e.a.cmov(cc, r, n);
    e.keep(o.rd, d);
    return true;
}

bool compare_if(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how), by_register = how & BY_LSL;
    const Gp n = sized(e.source(o.rn), wide);
    const Gp m = by_register ? sized(e.source(o.rm), wide) : n;
    const asmjit::Label holds = e.a.newLabel(), done = e.a.newLabel();
    e.a.j(e.condition(o, o.word >> 12 & 15), holds);
    e.a.mov(PE_FIELD(nzcv), o.nzcv);
    e.a.jmp(done);
    e.a.bind(holds);
    if (by_register)
        compare(e, how & OPERATION, n, wide, m);
    else
        compare(e, how & OPERATION, n, wide, asmjit::imm(static_cast<std::int32_t>(o.imm)));
    e.set_flags((how & OPERATION) == SUB ? host_flags::borrow : host_flags::carry);
    e.a.bind(done);
    e.flags_unknown();
    return true;
}

// ---- Multiply and divide ----

bool multiply(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const Gp n = sized(e.source(o.rn), wide), m = sized(e.source(o.rm), wide);
    const Gp addend = sized(e.source(o.ra), wide), product = sized(scratch0, wide);
    const Gp d = e.destination(o.rd), r = sized(d, wide);
    e.a.mov(product, n);
    e.a.imul(product, m);
    if ((how & OPERATION) == ADD) {
        if (o.ra != REG_ZERO)
            e.a.add(product, addend);
        e.a.mov(r, product);
    } else {
        e.a.mov(r, addend);
        e.a.sub(r, product);
    }
    e.keep(o.rd, d);
    return true;
}

bool multiply_long(emitter &e, const a64_op &o, unsigned how)
{
    const Gp n = e.source(o.rn), m = e.source(o.rm), addend = e.source(o.ra);
    const Gp d = e.destination(o.rd);
    if (how & SIGN_EXTENDS) {
        e.a.movsxd(scratch0, n.r32());
        e.a.movsxd(scratch1, m.r32());
    } else {
        e.a.mov(scratch0.r32(), n.r32());
        e.a.mov(scratch1.r32(), m.r32());
    }
    e.a.imul(scratch0, scratch1);
    e.a.mov(d, addend);
    operate(e, how & OPERATION, d, scratch0);
    e.keep(o.rd, d);
    return true;
}

bool multiply_high(emitter &e, const a64_op &o, unsigned how)
{
    const Gp n = e.source(o.rn), m = e.source(o.rm), d = e.destination(o.rd);
    e.a.mov(scratch0, n);
    how == SIGNED ? e.a.imul(scratch2, scratch0, m) : e.a.mul(scratch2, scratch0, m);
    e.a.mov(d, scratch2);
    e.keep(o.rd, d);
    return true;
}

bool divide_unsigned(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const Gp n = sized(e.source(o.rn), wide), m = sized(e.source(o.rm), wide);
    const Gp d = e.destination(o.rd), quotient = sized(scratch0, wide),
             rest = sized(scratch2, wide);
    const asmjit::Label done = e.a.newLabel();
    e.a.xor_(scratch0.r32(), scratch0.r32());
    e.a.test(m, m);
    e.a.jz(done);
    e.a.mov(quotient, n);
    e.a.xor_(scratch2.r32(), scratch2.r32());
    e.a.div(rest, quotient, m);
    e.a.bind(done);
    e.a.mov(sized(d, wide), quotient);
    e.keep(o.rd, d);
    return true;
}

// By 0 it gives 0, by -1 the negated dividend, which the host would fail at once: both are
// -dividend & divisor.
bool divide_signed(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const Gp divisor = e.source(o.rm), m = sized(divisor, wide), n = sized(e.source(o.rn), wide);
    const Gp d = e.destination(o.rd), quotient = sized(scratch0, wide),
             rest = sized(scratch2, wide);
    const asmjit::Label divides = e.a.newLabel(), done = e.a.newLabel();
    e.a.mov(quotient, n);
    e.a.lea(sized(scratch1, wide), x86::ptr(divisor, 1));
    e.a.cmp(sized(scratch1, wide), 1);
    e.a.ja(divides);
    e.a.neg(quotient);
    e.a.and_(quotient, m);
    e.a.jmp(done);
    e.a.bind(divides);
    if (wide)
        e.a.cqo(rest, quotient);
    else
        e.a.cdq(rest, quotient);
    e.a.idiv(rest, quotient, m);
    e.a.bind(done);
    e.a.mov(sized(d, wide), quotient);
    e.keep(o.rd, d);
    return true;
}

// ---- Bit and byte order ----

bool count_zeros(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const Gp n = e.source(o.rn), d = e.destination(o.rd);
    e.a.lzcnt(sized(d, wide), sized(n, wide));
    e.keep(o.rd, d);
    return true;
}

// Swaps all bytes, then turns the result by `how` bits.
bool swap_bytes(emitter &e, const a64_op &o, unsigned how)
{
    const bool wide = is_wide(how);
    const unsigned turn = how & ~how_wide;
    const Gp n = e.source(o.rn), d = e.destination(o.rd), r = sized(d, wide);
    e.a.mov(r, sized(n, wide));
    e.a.bswap(r);
    if (turn)
        e.a.ror(r, turn);
    e.keep(o.rd, d);
    return true;
}

#define WX(name, emit, how, flags)                                                                 \
    {exec_##name##_w, emit, W | (how), flags},                                                     \
    {                                                                                              \
        exec_##name##_x, emit, X | (how), flags                                                    \
    }
#define BY_REGISTER(name, how, flags)                                                              \
    WX(name##_lsl, by_register, BY_LSL | (how), flags),                                            \
        WX(name##_shift, by_register, BY_SHIFT | (how), flags)

const emit_row rows[] = {
    {exec_ADR, address_of, 0, 0},
    {exec_ADRP, address_of, 1, 0},

    WX(ADD_imm, add_immediate, ADD, 0),
    WX(SUB_imm, add_immediate, SUB, 0),
    WX(ADDS_imm, by_immediate, ADD | SETS, sets_flags),
    WX(SUBS_imm, by_immediate, SUB | SETS, sets_flags),
    WX(AND_imm, by_immediate, AND, 0),
    WX(ORR_imm, by_immediate, ORR, 0),
    WX(EOR_imm, by_immediate, EOR, 0),
    WX(ANDS_imm, by_immediate, AND | SETS, sets_flags),

    BY_REGISTER(ADD, ADD, 0),
    BY_REGISTER(SUB, SUB, 0),
    BY_REGISTER(ADDS, ADD | SETS, sets_flags),
    BY_REGISTER(SUBS, SUB | SETS, sets_flags),
    BY_REGISTER(AND, AND, 0),
    BY_REGISTER(BIC, AND | INVERTED, 0),
    BY_REGISTER(ORR, ORR, 0),
    BY_REGISTER(ORN, ORR | INVERTED, 0),
    BY_REGISTER(EOR, EOR, 0),
    BY_REGISTER(EON, EOR | INVERTED, 0),
    BY_REGISTER(ANDS, AND | SETS, sets_flags),
    BY_REGISTER(BICS, AND | INVERTED | SETS, sets_flags),

    WX(ADD_ext, by_register, ADD | BY_EXTEND, 0),
    WX(SUB_ext, by_register, SUB | BY_EXTEND, 0),
    WX(ADDS_ext, by_register, ADD | BY_EXTEND | SETS, sets_flags),
    WX(SUBS_ext, by_register, SUB | BY_EXTEND | SETS, sets_flags),

    WX(ADC, with_carry, ADD, reads_flags),
    WX(SBC, with_carry, SUB, reads_flags),
    WX(ADCS, with_carry, ADD | SETS, reads_flags | sets_flags),
    WX(SBCS, with_carry, SUB | SETS, reads_flags | sets_flags),

    WX(MOVN, move, INVERTED, 0),
    WX(MOVZ, move, 0, 0),
    WX(MOVK, move_into, 0, 0),

    WX(SBFM, bitfield, SIGNED, 0),
    WX(UBFM, bitfield, UNSIGNED, 0),
    WX(BFM, bitfield_into, 0, 0),
    WX(EXTR, extract, 0, 0),
    WX(LSLV, shift, LSL, 0),
    WX(LSRV, shift, LSR, 0),
    WX(ASRV, shift, ASR, 0),
    WX(RORV, shift, ROR, 0),

    WX(CSEL, select, SELECT_M, reads_flags),
    WX(CSINC, select, INCREMENT, reads_flags),
    WX(CSINV, select, INVERT, reads_flags),
    WX(CSNEG, select, NEGATE, reads_flags),
    WX(CCMN_reg, compare_if, ADD | BY_LSL, reads_flags | sets_flags),
    WX(CCMP_reg, compare_if, SUB | BY_LSL, reads_flags | sets_flags),
    WX(CCMN_imm, compare_if, ADD, reads_flags | sets_flags),
    WX(CCMP_imm, compare_if, SUB, reads_flags | sets_flags),

    WX(MADD, multiply, ADD, 0),
    WX(MSUB, multiply, SUB, 0),
    {exec_SMADDL, multiply_long, ADD | SIGN_EXTENDS, 0},
    {exec_SMSUBL, multiply_long, SUB | SIGN_EXTENDS, 0},
    {exec_UMADDL, multiply_long, ADD, 0},
    {exec_UMSUBL, multiply_long, SUB, 0},
    {exec_SMULH, multiply_high, SIGNED, 0},
    {exec_UMULH, multiply_high, UNSIGNED, 0},
    WX(UDIV, divide_unsigned, 0, 0),
    WX(SDIV, divide_signed, 0, 0),

    WX(CLZ, count_zeros, 0, 0),
    {exec_REV_w, swap_bytes, W, 0},
    {exec_REV_x, swap_bytes, X, 0},
    {exec_REV32, swap_bytes, X | 32, 0},
    {exec_REV16_w, swap_bytes, W | 16, 0},
};

} // namespace

const emit_rows integer_rows = {rows, sizeof rows / sizeof *rows};

} // namespace a64
