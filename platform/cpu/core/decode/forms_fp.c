/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of scalar floating point and of loads and stores of SIMD&FP registers. Those registers
 * go by their own numbers, without the slots that general registers need. */
#include "decode/forms.h"
#include "state/cpu_bits.h"

/* ---- Loads and stores: rd is loaded or stored, rd2 the second of a pair ---- */

static void transfer_registers(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rt);
    op->rn = (uint8_t)GET(Rn);
    op->sp_align = op->rn == REG_SP ? 15 : 0;
}

/* Bits 23, 31 and 30 are the base-2 logarithm of the size. */
static unsigned transfer_log2(const struct a64_fields *f)
{
    return (f->word & INSN_OPC1 ? 4 : 0) | bits_get(f->word, INSN_SIZE);
}

bool form_fp_ldst_scaled(const struct a64_fields *f, struct a64_op *op)
{
    transfer_registers(f, op);
    op->imm = (uint64_t)GET(imm12) << transfer_log2(f);
    return true;
}

bool form_fp_ldst_imm9(const struct a64_fields *f, struct a64_op *op)
{
    transfer_registers(f, op);
    op->imm = GET_SIGNED(imm9);
    return true;
}

bool form_fp_ldst_reg(const struct a64_fields *f, struct a64_op *op)
{
    transfer_registers(f, op);
    op->rm = form_source(GET(Rm));
    op->extend = (uint8_t)GET(option);
    op->shift = (uint8_t)(GET(S) ? transfer_log2(f) : 0);
    return op->extend & 2;
}

bool form_fp_literal(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rt);
    op->imm = GET_SIGNED(imm19) << 2;
    return true;
}

bool form_fp_pair(const struct a64_fields *f, struct a64_op *op)
{
    transfer_registers(f, op);
    op->rd2 = (uint8_t)GET(Rt2);
    op->imm = GET_SIGNED(imm7) << (2 + bits_get(f->word, INSN_SIZE));
    return true;
}

/* ---- Data processing ---- */

/* ftype: single or double here; FCVT knows half precision too. Half-precision arithmetic
 * (FEAT_FP16) is not implemented. */
static bool precision(const struct a64_fields *f, struct a64_op *op)
{
    op->log2 = (uint8_t)(2 + GET(ftype));
    return GET(ftype) < 2;
}

bool form_fp(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rd);
    op->rn = (uint8_t)GET(Rn);
    op->rm = (uint8_t)GET(Rm);
    return precision(f, op);
}

bool form_fp_three_sources(const struct a64_fields *f, struct a64_op *op)
{
    op->ra = (uint8_t)GET(Ra);
    return form_fp(f, op);
}

bool form_fp_compare_cond(const struct a64_fields *f, struct a64_op *op)
{
    op->cond = form_condition(GET(cond));
    op->nzcv = (uint8_t)GET(nzcv);
    return form_fp(f, op);
}

bool form_fp_select(const struct a64_fields *f, struct a64_op *op)
{
    op->cond = form_condition(GET(cond));
    return form_fp(f, op);
}

bool form_fp_imm(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rd);
    op->imm = form_expand_imm(GET(ftype) & 1, 15, GET(imm8));
    return precision(f, op);
}

bool form_fp_convert(const struct a64_fields *f, struct a64_op *op)
{
    static const uint8_t log2_of[] = {2, 3, 0, 1};
    form_fp(f, op);
    op->log2 = log2_of[GET(ftype)];
    op->to_log2 = log2_of[GET(opc)];
    return op->log2 && op->to_log2 && op->log2 != op->to_log2;
}

/* ---- To and from general registers ---- */

static bool integer(const struct a64_fields *f, struct a64_op *op)
{
    op->int_bits = GET(sf) ? 64 : 32;
    return precision(f, op);
}

bool form_fp_to_general(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = form_destination(GET(Rd));
    op->rn = (uint8_t)GET(Rn);
    return true;
}

bool form_fp_from_general(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rd);
    op->rn = form_source(GET(Rn));
    return true;
}

bool form_fp_to_int(const struct a64_fields *f, struct a64_op *op)
{
    form_fp_to_general(f, op);
    return integer(f, op);
}

bool form_fp_from_int(const struct a64_fields *f, struct a64_op *op)
{
    form_fp_from_general(f, op);
    return integer(f, op);
}

static bool fraction(const struct a64_fields *f, struct a64_op *op)
{
    op->fbits = 64 - GET(scale);
    return op->fbits <= op->int_bits;
}

bool form_fp_to_fixed(const struct a64_fields *f, struct a64_op *op)
{
    return form_fp_to_int(f, op) && fraction(f, op);
}

bool form_fp_from_fixed(const struct a64_fields *f, struct a64_op *op)
{
    return form_fp_from_int(f, op) && fraction(f, op);
}
