/* SPDX-License-Identifier: Apache-2.0 */
/* The forms named in a64.def: each turns the fields of one family of instructions into operands. */
#include "decode/forms.h"

#include "state/cpu_bits.h"
#include "sysreg/sysreg.h"

static const uint8_t field_width[FIELD_COUNT] = {
#define A64_FIELD(name, width) width,
#include "decode/fields.def"
};

uint32_t form_field(const struct a64_fields *f, enum a64_field field)
{
    return f->word >> f->row->lsb[field] & ((UINT32_C(1) << field_width[field]) - 1);
}

uint64_t form_field_signed(const struct a64_fields *f, enum a64_field field)
{
    unsigned unused = 64 - field_width[field];
    return (uint64_t)((int64_t)((uint64_t)form_field(f, field) << unused) >> unused);
}

static bool is_64(const struct a64_fields *f)
{
    return f->word & INSN_SF;
}

uint16_t form_condition(unsigned cond)
{
    uint16_t set = 0;
    for (unsigned nzcv = 0; nzcv < 16; nzcv++) {
        bool n = nzcv & 8, z = nzcv & 4, carry = nzcv & 2, v = nzcv & 1;
        const bool base[8] = {z, carry, n, v, carry && !z, n == v, n == v && !z, true};
        bool holds = base[cond >> 1];
        if ((cond & 1) && cond != 15)
            holds = !holds;
        set |= (uint16_t)(holds << nzcv);
    }
    return set;
}

bool form_none(const struct a64_fields *f, struct a64_op *op)
{
    (void)f, (void)op;
    return true;
}

/* ---- Data processing, immediate ---- */

bool form_adr(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = form_destination(GET(Rd));
    op->imm = GET_SIGNED(immhi) << 2 | GET(immlo);
    return true;
}

bool form_adrp(const struct a64_fields *f, struct a64_op *op)
{
    form_adr(f, op);
    op->imm <<= 12;
    return true;
}

bool form_add_imm(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rd);
    op->rn = (uint8_t)GET(Rn);
    op->imm = (uint64_t)GET(imm12) << (GET(sh) ? 12 : 0);
    return true;
}

bool form_adds_imm(const struct a64_fields *f, struct a64_op *op)
{
    form_add_imm(f, op);
    op->rd = form_destination(GET(Rd));
    return true;
}

static uint64_t rotate_right(uint64_t value, unsigned amount, unsigned width)
{
    uint64_t mask = width == 64 ? ~UINT64_C(0) : (UINT64_C(1) << width) - 1;
    if (amount == 0)
        return value & mask;
    return (value >> amount | value << (width - amount)) & mask;
}

/* Value of the bitmask immediate N:imms:immr at 64 or 32 bits; false if reserved (C6.2, AND). */
static bool decode_bitmask(unsigned n, unsigned imms, unsigned immr, bool is64, uint64_t *value)
{
    unsigned length_bits = n << 6 | (~imms & 0x3f);
    if (length_bits < 2 || (n && !is64))
        return false;
    unsigned size = 1u << (31 - __builtin_clz(length_bits));
    unsigned ones = (imms & (size - 1)) + 1;
    if (ones == size)
        return false;
    uint64_t element = rotate_right((UINT64_C(1) << ones) - 1, immr & (size - 1), size);
    for (unsigned width = size; width < 64; width *= 2)
        element |= element << width;
    *value = is64 ? element : (uint32_t)element;
    return true;
}

bool form_logical_imm(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rd);
    op->rn = form_source(GET(Rn));
    return decode_bitmask(GET(N), GET(imms), GET(immr), is_64(f), &op->imm);
}

bool form_ands_imm(const struct a64_fields *f, struct a64_op *op)
{
    bool allocated = form_logical_imm(f, op);
    op->rd = form_destination(GET(Rd));
    return allocated;
}

bool form_move_wide(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = form_destination(GET(Rd));
    op->rn = form_source(GET(Rd));
    op->shift = (uint8_t)(GET(hw) * 16);
    op->imm = (uint64_t)GET(imm16) << op->shift;
    return is_64(f) || GET(hw) < 2;
}

/* The field is moved by a shift to the left and another to the right; imm is where it lands. */
bool form_bitfield(const struct a64_fields *f, struct a64_op *op)
{
    unsigned width = is_64(f) ? 64 : 32, r = GET(immr), s = GET(imms);
    if (GET(N) != is_64(f) || r >= width || s >= width)
        return false;
    op->rd = form_destination(GET(Rd));
    op->ra = form_source(GET(Rd));
    op->rn = form_source(GET(Rn));
    op->shift = (uint8_t)(width - 1 - s);
    op->right = (uint8_t)(s >= r ? width - 1 - s + r : r - s - 1);
    uint64_t all = ~UINT64_C(0) >> (64 - width);
    op->imm = (all << op->shift & all) >> op->right;
    return true;
}

bool form_extract(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = form_destination(GET(Rd));
    op->rn = form_source(GET(Rn));
    op->rm = form_source(GET(Rm));
    op->shift = (uint8_t)GET(imms);
    return GET(N) == is_64(f) && (is_64(f) || GET(imms) < 32);
}

/* ---- Branches and system ---- */

bool form_branch_cond(const struct a64_fields *f, struct a64_op *op)
{
    op->cond = form_condition(GET(cond));
    op->imm = GET_SIGNED(imm19) << 2;
    return true;
}

bool form_imm16(const struct a64_fields *f, struct a64_op *op)
{
    op->imm = GET(imm16);
    return true;
}

bool form_hint(const struct a64_fields *f, struct a64_op *op)
{
    op->imm = GET(CRm) << 3 | GET(op2);
    return true;
}

bool form_pstate_imm(const struct a64_fields *f, struct a64_op *op)
{
    op->imm = GET(CRm);
    return true;
}

static bool system(const struct a64_fields *f, struct a64_op *op, unsigned op0)
{
    op->sysreg = sysreg_find(A64_SYSREG(op0, GET(op1), GET(CRn), GET(CRm), GET(op2)));
    op->rd = form_destination(GET(Rt));
    op->rn = form_source(GET(Rt));
    return op->sysreg != SYSREG_COUNT;
}

bool form_sys(const struct a64_fields *f, struct a64_op *op)
{
    return system(f, op, 1);
}

bool form_sysreg(const struct a64_fields *f, struct a64_op *op)
{
    return system(f, op, 2 + GET(o0));
}

bool form_branch_reg(const struct a64_fields *f, struct a64_op *op)
{
    op->rn = form_source(GET(Rn));
    return true;
}

bool form_branch(const struct a64_fields *f, struct a64_op *op)
{
    op->imm = GET_SIGNED(imm26) << 2;
    return true;
}

bool form_compare_branch(const struct a64_fields *f, struct a64_op *op)
{
    op->rn = form_source(GET(Rt));
    op->imm = GET_SIGNED(imm19) << 2;
    return true;
}

bool form_test_branch(const struct a64_fields *f, struct a64_op *op)
{
    op->rn = form_source(GET(Rt));
    op->imm = GET_SIGNED(imm14) << 2;
    op->bit = (uint8_t)(GET(b5) << 5 | GET(b40));
    return true;
}

/* ---- Loads and stores ---- */

/* The register may be read or written: rd is for loads, rt for stores. */
static void transfer_registers(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = form_destination(GET(Rt));
    op->rt = form_source(GET(Rt));
    op->rn = (uint8_t)GET(Rn);
    op->sp_align = op->rn == REG_SP ? 15 : 0;
}

bool form_ldst_scaled(const struct a64_fields *f, struct a64_op *op)
{
    transfer_registers(f, op);
    op->imm = (uint64_t)GET(imm12) << (bits_get(f->word, INSN_SIZE));
    return true;
}

bool form_ldst_imm9(const struct a64_fields *f, struct a64_op *op)
{
    transfer_registers(f, op);
    op->imm = GET_SIGNED(imm9);
    return true;
}

bool form_prefetch_reg(const struct a64_fields *f, struct a64_op *op)
{
    (void)op;
    return GET(option) & 2;
}

bool form_ldst_reg(const struct a64_fields *f, struct a64_op *op)
{
    transfer_registers(f, op);
    op->rm = form_source(GET(Rm));
    op->extend = (uint8_t)GET(option);
    op->shift = (uint8_t)(GET(S) ? bits_get(f->word, INSN_SIZE) : 0);
    return op->extend & 2;
}

bool form_literal(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = form_destination(GET(Rt));
    op->imm = GET_SIGNED(imm19) << 2;
    return true;
}

static void pair_registers(const struct a64_fields *f, struct a64_op *op)
{
    transfer_registers(f, op);
    op->rd2 = form_destination(GET(Rt2));
    op->rt2 = form_source(GET(Rt2));
}

bool form_pair_w(const struct a64_fields *f, struct a64_op *op)
{
    pair_registers(f, op);
    op->imm = GET_SIGNED(imm7) << 2;
    return true;
}

bool form_pair_x(const struct a64_fields *f, struct a64_op *op)
{
    pair_registers(f, op);
    op->imm = GET_SIGNED(imm7) << 3;
    return true;
}

bool form_exclusive(const struct a64_fields *f, struct a64_op *op)
{
    transfer_registers(f, op);
    op->log2 = (uint8_t)GET(size);
    op->rs = form_destination(bits_get(f->word, INSN_RS));
    return true;
}

bool form_exclusive_pair(const struct a64_fields *f, struct a64_op *op)
{
    pair_registers(f, op);
    op->rs = form_destination(bits_get(f->word, INSN_RS));
    return true;
}

/* ---- Data processing, register ---- */

bool form_two_sources(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = form_destination(GET(Rd));
    op->rn = form_source(GET(Rn));
    op->rm = form_source(GET(Rm));
    return true;
}

bool form_one_source(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = form_destination(GET(Rd));
    op->rn = form_source(GET(Rn));
    return true;
}

bool form_three_sources(const struct a64_fields *f, struct a64_op *op)
{
    form_two_sources(f, op);
    op->ra = form_source(GET(Ra));
    return true;
}

/* ROR is reserved for additions and subtractions (word bit 24). */
bool form_shifted(const struct a64_fields *f, struct a64_op *op)
{
    form_two_sources(f, op);
    op->shift_type = (uint8_t)bits_get(f->word, INSN_SHIFT);
    op->shift = (uint8_t)GET(imm6);
    bool is_add = f->word & INSN_IS_ADD;
    return !(is_add && op->shift_type == 3) && (is_64(f) || op->shift < 32);
}

bool form_extended(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rd);
    op->rn = (uint8_t)GET(Rn);
    op->rm = form_source(GET(Rm));
    op->extend = (uint8_t)GET(option);
    op->shift = (uint8_t)GET(imm3);
    return op->shift <= 4;
}

bool form_extended_flags(const struct a64_fields *f, struct a64_op *op)
{
    bool allocated = form_extended(f, op);
    op->rd = form_destination(GET(Rd));
    return allocated;
}

bool form_compare_cond_reg(const struct a64_fields *f, struct a64_op *op)
{
    op->rn = form_source(GET(Rn));
    op->rm = form_source(GET(Rm));
    op->cond = form_condition(GET(cond));
    op->nzcv = (uint8_t)GET(nzcv);
    return true;
}

bool form_compare_cond_imm(const struct a64_fields *f, struct a64_op *op)
{
    op->rn = form_source(GET(Rn));
    op->imm = GET(imm5);
    op->cond = form_condition(GET(cond));
    op->nzcv = (uint8_t)GET(nzcv);
    return true;
}

bool form_select(const struct a64_fields *f, struct a64_op *op)
{
    form_two_sources(f, op);
    op->cond = form_condition(GET(cond));
    return true;
}
