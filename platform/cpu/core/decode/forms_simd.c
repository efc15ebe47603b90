/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of Advanced SIMD. An instruction that is scalar has one lane. */
#include "decode/forms.h"
#include "state/cpu_bits.h"

static bool is_scalar(const struct a64_fields *f)
{
    return f->word & INSN_SCALAR;
}

static bool is_q(const struct a64_fields *f)
{
    return f->word & INSN_Q;
}

static void registers(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rd);
    op->rn = (uint8_t)GET(Rn);
    op->rm = (uint8_t)GET(Rm);
}

/* A vector of one 64-bit lane is reserved. */
static bool shape(const struct a64_fields *f, struct a64_op *op, unsigned log2)
{
    op->log2 = (uint8_t)log2;
    unsigned vector = is_q(f) ? 16 : 8;
    op->bytes = (uint8_t)(is_scalar(f) ? 1u << log2 : vector);
    return is_scalar(f) || is_q(f) || log2 < 3;
}

/* ---- Lanes as large as size says; the name tells which sizes there are ---- */

bool form_simd_any(const struct a64_fields *f, struct a64_op *op)
{
    registers(f, op);
    return shape(f, op, GET(size));
}

bool form_simd_bhs(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_any(f, op) && GET(size) < 3;
}

bool form_simd_hs(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_bhs(f, op) && GET(size) > 0;
}

bool form_simd_bh(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_any(f, op) && GET(size) < 2;
}

bool form_simd_b(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_any(f, op) && GET(size) == 0;
}

/* Vectors of any lanes, but only scalars of 64 bits. */
bool form_simd_d(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_any(f, op) && (!is_scalar(f) || GET(size) == 3);
}

bool form_simd_bytes(const struct a64_fields *f, struct a64_op *op)
{
    registers(f, op);
    return shape(f, op, 0);
}

bool form_simd_word(const struct a64_fields *f, struct a64_op *op)
{
    registers(f, op);
    return shape(f, op, 2);
}

bool form_simd_fp(const struct a64_fields *f, struct a64_op *op)
{
    registers(f, op);
    return shape(f, op, 2 + GET(sz));
}

/* Two lanes at least. */
bool form_simd_across(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_bhs(f, op) && (GET(size) < 2 || is_q(f));
}

/* The two lanes that make one. */
bool form_simd_pair(const struct a64_fields *f, struct a64_op *op)
{
    registers(f, op);
    op->log2 = (uint8_t)(2 + bits_get(f->word, INSN_SZ));
    op->bytes = (uint8_t)(2u << op->log2);
    return true;
}

/* ---- Half vectors: narrow lanes on one side, lanes of twice the size on the other. log2 and
 * bytes describe the narrow side. ---- */

static bool half(const struct a64_fields *f, struct a64_op *op, unsigned log2)
{
    registers(f, op);
    op->log2 = (uint8_t)log2;
    op->bytes = (uint8_t)(is_scalar(f) ? 1u << log2 : 8);
    op->upper = !is_scalar(f) && is_q(f);
    return log2 < 3;
}

bool form_simd_half(const struct a64_fields *f, struct a64_op *op)
{
    return half(f, op, GET(size));
}

bool form_simd_half_hs(const struct a64_fields *f, struct a64_op *op)
{
    return half(f, op, GET(size)) && GET(size) > 0;
}

bool form_simd_half_b(const struct a64_fields *f, struct a64_op *op)
{
    return half(f, op, GET(size)) && GET(size) == 0;
}

bool form_simd_fcvt(const struct a64_fields *f, struct a64_op *op)
{
    return half(f, op, 1 + GET(sz));
}

bool form_simd_fcvtxn(const struct a64_fields *f, struct a64_op *op)
{
    return half(f, op, 2);
}

/* ---- Copies: the lowest bit set in imm5 gives the size, the bits above it the lane ---- */

static bool lane(const struct a64_fields *f, struct a64_op *op)
{
    unsigned imm5 = GET(imm5);
    if (!(imm5 & 15))
        return false;
    registers(f, op);
    unsigned log2 = (unsigned)__builtin_ctz(imm5);
    op->lane = imm5 >> (log2 + 1);
    return shape(f, op, log2);
}

bool form_simd_dup(const struct a64_fields *f, struct a64_op *op)
{
    return lane(f, op);
}

bool form_simd_dup_general(const struct a64_fields *f, struct a64_op *op)
{
    bool allocated = lane(f, op);
    op->rn = form_source(GET(Rn));
    return allocated;
}

bool form_simd_smov(const struct a64_fields *f, struct a64_op *op)
{
    lane(f, op);
    op->rd = form_destination(GET(Rd));
    return (GET(imm5) & 15) && op->log2 < 2 + is_q(f);
}

/* The X form is for 64-bit lanes, the W form for all others. */
bool form_simd_umov(const struct a64_fields *f, struct a64_op *op)
{
    lane(f, op);
    op->rd = form_destination(GET(Rd));
    return (GET(imm5) & 15) && is_q(f) == (op->log2 == 3);
}

bool form_simd_ins_general(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_dup_general(f, op);
}

bool form_simd_ins_element(const struct a64_fields *f, struct a64_op *op)
{
    bool allocated = lane(f, op);
    op->from_lane = (uint8_t)(GET(imm4) >> op->log2);
    return allocated;
}

/* ---- Permutations ---- */

bool form_simd_table(const struct a64_fields *f, struct a64_op *op)
{
    op->registers = (uint8_t)(GET(len) + 1);
    return form_simd_bytes(f, op);
}

bool form_simd_ext(const struct a64_fields *f, struct a64_op *op)
{
    op->lane = GET(imm4);
    return form_simd_bytes(f, op) && (is_q(f) || op->lane < 8);
}

/* ---- Modified immediate (AdvSIMDExpandImm, VFPExpandImm) ---- */

static uint64_t replicate(uint64_t v, unsigned width)
{
    for (; width < 64; width *= 2)
        v |= v << width;
    return v;
}

static uint64_t expand_bits_to_bytes(unsigned imm8)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < 8; i++)
        if (imm8 >> i & 1)
            v |= UINT64_C(0xff) << 8 * i;
    return v;
}

static uint64_t expand_single(unsigned imm8)
{
    uint64_t exponent = imm8 & 0x40 ? 0x3e000000 : 0x40000000;
    return replicate((uint64_t)(imm8 & 0x80) << 24 | exponent | (uint64_t)(imm8 & 0x3f) << 19, 32);
}

static uint64_t expand_double(unsigned imm8)
{
    uint64_t exponent = imm8 & 0x40 ? UINT64_C(0x3fc0000000000000) : UINT64_C(0x4000000000000000);
    return (uint64_t)(imm8 & 0x80) << 56 | exponent | (uint64_t)(imm8 & 0x3f) << 48;
}

uint64_t form_expand_imm(unsigned op, unsigned cmode, unsigned imm8)
{
    uint64_t v = imm8;
    if (cmode < 8)
        return replicate(v << 8 * (cmode >> 1), 32);
    if (cmode < 12)
        return replicate(v << 8 * (cmode >> 1 & 1), 16);
    if (cmode == 12)
        return replicate(v << 8 | 0xff, 32);
    if (cmode == 13)
        return replicate(v << 16 | 0xffff, 32);
    if (cmode == 14)
        return op ? expand_bits_to_bytes(imm8) : replicate(v, 8);
    return op ? expand_double(imm8) : expand_single(imm8);
}

/* imm is the value to move or to set, or the mask of what is not to be cleared. */
bool form_simd_modified(const struct a64_fields *f, struct a64_op *op)
{
    unsigned inverted = bits_get(f->word, INSN_U), cmode = bits_get(f->word, INSN_CMODE);
    op->rd = (uint8_t)GET(Rd);
    op->imm = form_expand_imm(inverted, cmode, GET(abc) << 5 | GET(defgh));
    if (inverted && cmode < 14)
        op->imm = ~op->imm;
    return shape(f, op, inverted && cmode == 15 ? 3 : 2);
}

/* ---- Shifts by immediate: the highest bit set in immh gives the size ---- */

static bool shift_lane(const struct a64_fields *f, struct a64_op *op)
{
    unsigned immh = GET(immhb) >> 3;
    registers(f, op);
    return immh && shape(f, op, 31 - (unsigned)__builtin_clz(immh));
}

static void right(const struct a64_fields *f, struct a64_op *op)
{
    op->distance = (16u << op->log2) - GET(immhb);
}

static void left(const struct a64_fields *f, struct a64_op *op)
{
    op->distance = GET(immhb) - (8u << op->log2);
}

bool form_simd_shr(const struct a64_fields *f, struct a64_op *op)
{
    bool allocated = shift_lane(f, op) && (!is_scalar(f) || op->log2 == 3);
    right(f, op);
    return allocated;
}

bool form_simd_sqshl(const struct a64_fields *f, struct a64_op *op)
{
    bool allocated = shift_lane(f, op);
    left(f, op);
    return allocated;
}

bool form_simd_shl(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_sqshl(f, op) && (!is_scalar(f) || op->log2 == 3);
}

static bool shift_half(const struct a64_fields *f, struct a64_op *op)
{
    unsigned immh = GET(immhb) >> 3;
    return immh && half(f, op, 31 - (unsigned)__builtin_clz(immh));
}

bool form_simd_shrn(const struct a64_fields *f, struct a64_op *op)
{
    bool allocated = shift_half(f, op);
    right(f, op);
    return allocated;
}

bool form_simd_shll(const struct a64_fields *f, struct a64_op *op)
{
    bool allocated = shift_half(f, op);
    left(f, op);
    return allocated;
}

bool form_simd_fixed(const struct a64_fields *f, struct a64_op *op)
{
    bool allocated = shift_lane(f, op) && op->log2 >= 2;
    op->fbits = (16u << op->log2) - GET(immhb);
    return allocated;
}

/* ---- By element: a lane of Rm ---- */

static bool element(const struct a64_fields *f, struct a64_op *op, unsigned log2)
{
    unsigned hl = GET(H) << 1 | GET(L);
    op->rm = (uint8_t)GET(Rm4);
    if (log2 == 1) {
        op->lane = hl << 1 | GET(M);
        return true;
    }
    op->rm |= (uint8_t)(GET(M) << 4);
    op->lane = log2 == 2 ? hl : GET(H);
    return log2 == 2 || (log2 == 3 && !GET(L));
}

bool form_simd_element(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_hs(f, op) && element(f, op, GET(size));
}

bool form_simd_element_half(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_half_hs(f, op) && element(f, op, GET(size));
}

bool form_simd_element_fp(const struct a64_fields *f, struct a64_op *op)
{
    return form_simd_fp(f, op) && element(f, op, 2 + GET(sz));
}

/* ---- Structures: rd is the first register, bytes those of each ---- */

static void structure(const struct a64_fields *f, struct a64_op *op)
{
    op->rd = (uint8_t)GET(Rt);
    op->rn = (uint8_t)GET(Rn);
    op->rm = GET(Rm) == 31 ? REG_SINK : (uint8_t)GET(Rm);
    op->sp_align = op->rn == REG_SP ? 15 : 0;
    op->log2 = (uint8_t)GET(size);
    op->bytes = is_q(f) ? 16 : 8;
}

bool form_simd_multiple(const struct a64_fields *f, struct a64_op *op)
{
    static const struct {
        uint8_t repeat, registers;
    } by_opcode[16] = {[0] = {1, 4}, [2] = {4, 1}, [4] = {1, 3}, [6] = {3, 1},
                       [7] = {1, 1}, [8] = {1, 2}, [10] = {2, 1}};
    structure(f, op);
    op->repeat = by_opcode[GET(ldop)].repeat;
    op->registers = by_opcode[GET(ldop)].registers;
    return op->repeat && (op->log2 < 3 || is_q(f) || op->registers == 1);
}

/* Replicating loads, LDnR, have no lane. */
bool form_simd_single(const struct a64_fields *f, struct a64_op *op)
{
    unsigned scale = GET(op3) >> 1, size = GET(size), q = is_q(f);
    unsigned lanes = q << 3 | GET(S) << 2 | size;
    bool is_load = f->word & INSN_LOAD;
    structure(f, op);
    op->registers = (uint8_t)((GET(op3) & 1) * 2 + GET(R) + 1);
    op->log2 = (uint8_t)scale;
    op->lane = lanes >> scale;
    switch (scale) {
    case 1:
        return !(size & 1);
    case 2:
        op->log2 = size & 1 ? 3 : 2;
        op->lane = size & 1 ? is_q(f) : lanes >> 2;
        return !(size & 2) && !(size & 1 && GET(S));
    case 3:
        op->log2 = (uint8_t)size;
        op->lane = 0;
        op->replicates = true;
        return is_load && !GET(S);
    default:
        return true;
    }
}
