/* SPDX-License-Identifier: Apache-2.0 */
/* Data processing instructions (DDI 0487 C4.1.92 and C4.1.95). */
#include "exec/exec.h"

typedef uint32_t word_w;
typedef uint64_t word_x;
typedef int32_t sword_w;
typedef int64_t sword_x;
__extension__ typedef unsigned __int128 product;
__extension__ typedef __int128 sproduct;

/* One handler for each operand size. In its body, T and S are the unsigned and signed types of that
 * size, BITS its width, N, M and A the source operands, and SET(v) writes the destination. */
#define N      ((T)c->x[o->rn])
#define M      ((T)c->x[o->rm])
#define A      ((T)c->x[o->ra])
#define IMM    ((T)o->imm)
#define SET(v) (c->x[o->rd] = (T)(v))

#define SIZED_OP(name, size, bits, ...)                                                            \
    OP(name##_##size)                                                                              \
    {                                                                                              \
        typedef word_##size T;                                                                     \
        typedef sword_##size S __attribute__((unused));                                            \
        enum { BITS = (bits) };                                                                    \
        __VA_ARGS__;                                                                               \
        next(c, o);                                                                                \
    }
#define OP_WX(name, ...)                                                                           \
    SIZED_OP(name, w, 32, __VA_ARGS__)                                                             \
    SIZED_OP(name, x, 64, __VA_ARGS__)

OP(ADR)
{
    c->x[o->rd] = op_pc(c, o) + o->imm;
    next(c, o);
}

OP(ADRP)
{
    c->x[o->rd] = (op_pc(c, o) & ~UINT64_C(0xfff)) + o->imm;
    next(c, o);
}

/* ---- Additions; AddWithCarry() of the manual gives result and flags ---- */

#define FLAGS(result, carry, overflow)                                                             \
    (2 * (2 * (2 * (uint32_t)((result) >> (BITS - 1)) + ((result) == 0)) + (uint32_t)(carry)) +    \
     (uint32_t)(overflow))

#define ADD_FLAGS(a, b)                                                                            \
    T a_ = (a), b_ = (b), r_ = a_ + b_;                                                            \
    S signed_;                                                                                     \
    c->nzcv = FLAGS(r_, r_ < a_, __builtin_add_overflow((S)a_, (S)b_, &signed_))

#define SUB_FLAGS(a, b)                                                                            \
    T a_ = (a), b_ = (b), r_ = a_ - b_;                                                            \
    S signed_;                                                                                     \
    c->nzcv = FLAGS(r_, a_ >= b_, __builtin_sub_overflow((S)a_, (S)b_, &signed_))

#define ADC_FLAGS(a, b)                                                                            \
    T a_ = (a), b_ = (b), carry_ = CARRY, r_ = a_ + b_ + carry_;                                   \
    c->nzcv = FLAGS(r_, r_ < a_ || (carry_ && r_ == a_), (T)(~(a_ ^ b_) & (a_ ^ r_)) >> (BITS - 1))

#define CARRY (c->nzcv >> 1 & 1)

OP_WX(ADD_imm, SET(N + IMM))
OP_WX(SUB_imm, SET(N - IMM))
OP_WX(ADDS_imm, ADD_FLAGS(N, IMM); SET(r_))
OP_WX(SUBS_imm, SUB_FLAGS(N, IMM); SET(r_))

#define LSL_M    (M << o->shift)
#define EXTENDED (T) extended_rm(c, o)
OP_WX(ADD_lsl, SET(N + LSL_M))
OP_WX(SUB_lsl, SET(N - LSL_M))
OP_WX(ADDS_lsl, ADD_FLAGS(N, LSL_M); SET(r_))
OP_WX(SUBS_lsl, SUB_FLAGS(N, LSL_M); SET(r_))
OP_WX(ADD_ext, SET(N + EXTENDED))
OP_WX(SUB_ext, SET(N - EXTENDED))
OP_WX(ADDS_ext, ADD_FLAGS(N, EXTENDED); SET(r_))
OP_WX(SUBS_ext, SUB_FLAGS(N, EXTENDED); SET(r_))
OP_WX(ADC, SET(N + M + CARRY))
OP_WX(SBC, SET(N + ~M + CARRY))
OP_WX(ADCS, ADC_FLAGS(N, M); SET(r_))
OP_WX(SBCS, ADC_FLAGS(N, ~M); SET(r_))

/* ---- Shifts ---- */

#define LSR(v, n) ((v) >> (n))
#define ASR(v, n) ((T)((S)(v) >> (n)))
#define ROR(v, n) (LSR(v, n) | (v) << (-(n) & (BITS - 1)))

#define SHIFTED                                                                                    \
    (o->shift_type == 1   ? LSR(M, o->shift)                                                       \
     : o->shift_type == 2 ? ASR(M, o->shift)                                                       \
     : o->shift_type == 3 ? ROR(M, o->shift)                                                       \
                          : LSL_M)

OP_WX(ADD_shift, SET(N + SHIFTED))
OP_WX(SUB_shift, SET(N - SHIFTED))
OP_WX(ADDS_shift, ADD_FLAGS(N, SHIFTED); SET(r_))
OP_WX(SUBS_shift, SUB_FLAGS(N, SHIFTED); SET(r_))

#define BY_M (M & (BITS - 1))
OP_WX(LSLV, SET(N << BY_M))
OP_WX(LSRV, SET(LSR(N, BY_M)))
OP_WX(ASRV, SET(ASR(N, BY_M)))
OP_WX(RORV, SET(ROR(N, BY_M)))

#define LSL_THEN(then) then(N << o->shift, o->right)
OP_WX(UBFM, SET(LSL_THEN(LSR)))
OP_WX(SBFM, SET(LSL_THEN(ASR)))
OP_WX(BFM, SET((A & ~IMM) | LSL_THEN(LSR)))

OP(EXTR_w)
{
    uint64_t both = c->x[o->rn] << 32 | (uint32_t)c->x[o->rm];
    c->x[o->rd] = (uint32_t)(both >> o->shift);
    next(c, o);
}

OP(EXTR_x)
{
    uint64_t high = o->shift ? c->x[o->rn] << (64 - o->shift) : 0;
    c->x[o->rd] = high | c->x[o->rm] >> o->shift;
    next(c, o);
}

/* ---- Logical ---- */

#define LOGICAL_FLAGS(value)                                                                       \
    T r_ = (value);                                                                                \
    c->nzcv = FLAGS(r_, 0, 0)

OP_WX(AND_imm, SET(N &IMM))
OP_WX(ORR_imm, SET(N | IMM))
OP_WX(EOR_imm, SET(N ^ IMM))
OP_WX(ANDS_imm, LOGICAL_FLAGS(N &IMM); SET(r_))

#define LOGICAL_OPS(suffix, operand)                                                               \
    OP_WX(AND_##suffix, SET(N &(operand)))                                                         \
    OP_WX(BIC_##suffix, SET(N & ~(operand)))                                                       \
    OP_WX(ORR_##suffix, SET(N | (operand)))                                                        \
    OP_WX(ORN_##suffix, SET(N | ~(operand)))                                                       \
    OP_WX(EOR_##suffix, SET(N ^ (operand)))                                                        \
    OP_WX(EON_##suffix, SET(N ^ ~(operand)))                                                       \
    OP_WX(ANDS_##suffix, LOGICAL_FLAGS(N &(operand)); SET(r_))                                     \
    OP_WX(BICS_##suffix, LOGICAL_FLAGS(N & ~(operand)); SET(r_))

LOGICAL_OPS(lsl, LSL_M)
LOGICAL_OPS(shift, SHIFTED)

OP_WX(MOVN, SET(~IMM))
OP_WX(MOVZ, SET(IMM))
OP_WX(MOVK, SET((N & ~((T)0xffff << o->shift)) | IMM))

/* ---- Conditional ---- */

OP_WX(CSEL, SET(condition_holds(c, o) ? N : M))
OP_WX(CSINC, SET(condition_holds(c, o) ? N : M + 1))
OP_WX(CSINV, SET(condition_holds(c, o) ? N : ~M))
OP_WX(CSNEG, SET(condition_holds(c, o) ? N : 0 - M))

#define IF_HOLDS(flags)                                                                            \
    if (condition_holds(c, o)) {                                                                   \
        flags;                                                                                     \
    } else {                                                                                       \
        c->nzcv = o->nzcv;                                                                         \
    }
OP_WX(CCMN_reg, IF_HOLDS(ADD_FLAGS(N, M)))
OP_WX(CCMP_reg, IF_HOLDS(SUB_FLAGS(N, M)))
OP_WX(CCMN_imm, IF_HOLDS(ADD_FLAGS(N, IMM)))
OP_WX(CCMP_imm, IF_HOLDS(SUB_FLAGS(N, IMM)))

/* ---- Multiply and divide ---- */

OP_WX(MADD, SET(A + N * M))
OP_WX(MSUB, SET(A - N * M))
OP_WX(UDIV, SET(M ? N / M : 0))
/* The most negative number divided by -1 is itself. */
OP_WX(SDIV, SET(M == 0 ? 0 : M == (T)-1 ? 0 - N : (T)((S)N / (S)M)))

#define SIGNED_PRODUCT   ((uint64_t)((int64_t)(int32_t)c->x[o->rn] * (int32_t)c->x[o->rm]))
#define UNSIGNED_PRODUCT ((uint64_t)(uint32_t)c->x[o->rn] * (uint32_t)c->x[o->rm])
#define OP_X(name, value)                                                                          \
    OP(name)                                                                                       \
    {                                                                                              \
        c->x[o->rd] = (value);                                                                     \
        next(c, o);                                                                                \
    }

OP_X(SMADDL, c->x[o->ra] + SIGNED_PRODUCT)
OP_X(SMSUBL, c->x[o->ra] - SIGNED_PRODUCT)
OP_X(UMADDL, c->x[o->ra] + UNSIGNED_PRODUCT)
OP_X(UMSUBL, c->x[o->ra] - UNSIGNED_PRODUCT)
OP_X(SMULH, (uint64_t)(((sproduct)(int64_t)c->x[o->rn] * (int64_t)c->x[o->rm]) >> 64))
OP_X(UMULH, (uint64_t)(((product)c->x[o->rn] * c->x[o->rm]) >> 64))

/* ---- Bit and byte order ---- */

static uint64_t swap_neighbours(uint64_t v, unsigned distance, uint64_t low)
{
    return (v >> distance & low) | (v & low) << distance;
}

static uint64_t swap_bytes_in_halfwords(uint64_t v)
{
    return swap_neighbours(v, 8, UINT64_C(0x00ff00ff00ff00ff));
}

static uint64_t reverse_bits(uint64_t v)
{
    v = swap_neighbours(v, 1, UINT64_C(0x5555555555555555));
    v = swap_neighbours(v, 2, UINT64_C(0x3333333333333333));
    v = swap_neighbours(v, 4, UINT64_C(0x0f0f0f0f0f0f0f0f));
    return __builtin_bswap64(v);
}

static unsigned leading_zeros(uint64_t v, unsigned width)
{
    return v ? (unsigned)__builtin_clzll(v) - (64 - width) : width;
}

OP_WX(RBIT, SET(reverse_bits(N) >> (64 - BITS)))
OP_WX(REV16, SET(swap_bytes_in_halfwords(N)))
OP_WX(CLZ, SET(leading_zeros(N, BITS)))
OP_WX(CLS, SET(leading_zeros(N ^ ASR(N, 1), BITS) - 1))
OP_X(REV_w, __builtin_bswap32((uint32_t)c->x[o->rn]))
OP_X(REV_x, __builtin_bswap64(c->x[o->rn]))
OP_X(REV32, __builtin_bswap64(c->x[o->rn] << 32 | c->x[o->rn] >> 32))

/* ---- CRC: bit-reflected polynomials of CRC-32 and CRC-32C ---- */

static uint32_t crc32(uint32_t crc, uint64_t data, unsigned bits, uint32_t polynomial)
{
    for (unsigned i = 0; i < bits; i++) {
        uint32_t feedback = (crc ^ (uint32_t)(data >> i)) & 1;
        crc = crc >> 1 ^ (feedback ? polynomial : 0);
    }
    return crc;
}

#define CRC_OPS(name, polynomial)                                                                  \
    OP_X(name##B, crc32((uint32_t)c->x[o->rn], c->x[o->rm], 8, polynomial))                        \
    OP_X(name##H, crc32((uint32_t)c->x[o->rn], c->x[o->rm], 16, polynomial))                       \
    OP_X(name##W, crc32((uint32_t)c->x[o->rn], c->x[o->rm], 32, polynomial))                       \
    OP_X(name##X, crc32((uint32_t)c->x[o->rn], c->x[o->rm], 64, polynomial))

CRC_OPS(CRC32, UINT32_C(0xedb88320))
CRC_OPS(CRC32C, UINT32_C(0x82f63b78))
