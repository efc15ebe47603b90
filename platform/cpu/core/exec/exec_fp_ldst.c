/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores of one SIMD&FP register and of pairs (DDI 0487 C4.1.94). */
#include "exec/simd.h"
#include "memory/mem.h"

/* Up to 64 bits; the rest of the register is cleared. */
#define LOAD_PART(size)                                                                            \
    static inline bool load_##size(struct a64_cpu *c, const struct a64_op *o, uint64_t va,         \
                                   union a64_vreg *r)                                              \
    {                                                                                              \
        struct mem_value v = mem_read(c, o, va, size, c->el);                                      \
        *r = (union a64_vreg){.d = {v.value, 0}};                                                  \
        return v.ok;                                                                               \
    }                                                                                              \
    static inline bool store_##size(struct a64_cpu *c, const struct a64_op *o, uint64_t va,        \
                                    const union a64_vreg *v)                                       \
    {                                                                                              \
        return mem_write(c, o, va, size, c->el, v->d[0]);                                          \
    }

LOAD_PART(1)
LOAD_PART(2)
LOAD_PART(4)
LOAD_PART(8)

static inline bool load_16(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                           union a64_vreg *r)
{
    return mem_read_quad(c, o, va, r->d);
}

static inline bool store_16(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                            const union a64_vreg *v)
{
    return mem_write_quad(c, o, va, v->d);
}

/* Loads, whose values are in arrays for a while: without that, their handlers need no frame.
 * Returns false if an exception has been taken. */
#define WORK(name)                                                                                 \
    static __attribute__((noinline)) bool do_##name(struct a64_cpu *c, const struct a64_op *o)

#define NO_WRITE_BACK (void)0
#define WRITE_BACK    (c->x[o->rn] = base + o->imm)

#define LOAD_OP(name, address, size, after)                                                        \
    WORK(name)                                                                                     \
    {                                                                                              \
        union a64_vreg r;                                                                          \
        uint64_t base = c->x[o->rn];                                                               \
        if (fp_trap(c, o) || mem_sp_misaligned(c, o, base))                                        \
            return false;                                                                          \
        if (A64_UNLIKELY(!load_##size(c, o, (address), &r)))                                       \
            return false;                                                                          \
        after;                                                                                     \
        c->v[o->rd] = r;                                                                           \
        return true;                                                                               \
    }                                                                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        if (do_##name(c, o))                                                                       \
            next_after_access(c, o);                                                               \
    }

#define STORE_OP(name, address, size, after)                                                       \
    OP(name)                                                                                       \
    {                                                                                              \
        uint64_t base = c->x[o->rn];                                                               \
        if (fp_trap(c, o) || mem_sp_misaligned(c, o, base))                                        \
            return;                                                                                \
        if (A64_UNLIKELY(!store_##size(c, o, (address), &c->v[o->rd])))                            \
            return;                                                                                \
        after;                                                                                     \
        next_after_access(c, o);                                                                   \
    }

#define TRANSFERS(suffix, size)                                                                    \
    LOAD_OP(LDR_##suffix##_off, base + o->imm, size, NO_WRITE_BACK)                                \
    LOAD_OP(LDR_##suffix##_unscaled, base + o->imm, size, NO_WRITE_BACK)                           \
    LOAD_OP(LDR_##suffix##_reg, base + extended_rm(c, o), size, NO_WRITE_BACK)                     \
    LOAD_OP(LDR_##suffix##_pre, base + o->imm, size, WRITE_BACK)                                   \
    LOAD_OP(LDR_##suffix##_post, base, size, WRITE_BACK)                                           \
    STORE_OP(STR_##suffix##_off, base + o->imm, size, NO_WRITE_BACK)                               \
    STORE_OP(STR_##suffix##_unscaled, base + o->imm, size, NO_WRITE_BACK)                          \
    STORE_OP(STR_##suffix##_reg, base + extended_rm(c, o), size, NO_WRITE_BACK)                    \
    STORE_OP(STR_##suffix##_pre, base + o->imm, size, WRITE_BACK)                                  \
    STORE_OP(STR_##suffix##_post, base, size, WRITE_BACK)

TRANSFERS(b, 1)
TRANSFERS(h, 2)
TRANSFERS(s, 4)
TRANSFERS(d, 8)
TRANSFERS(q, 16)

/* ---- Literals ---- */

#define LITERAL_OP(name, size)                                                                     \
    WORK(name)                                                                                     \
    {                                                                                              \
        union a64_vreg r;                                                                          \
        if (fp_trap(c, o) || A64_UNLIKELY(!load_##size(c, o, op_pc(c, o) + o->imm, &r)))           \
            return false;                                                                          \
        c->v[o->rd] = r;                                                                           \
        return true;                                                                               \
    }                                                                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        if (do_##name(c, o))                                                                       \
            next_after_access(c, o);                                                               \
    }

LITERAL_OP(LDR_s_lit, 4)
LITERAL_OP(LDR_d_lit, 8)
LITERAL_OP(LDR_q_lit, 16)

/* ---- Pairs: registers change only after both accesses have succeeded ---- */

#define LOAD_PAIR_OP(name, address, size, after)                                                   \
    WORK(name)                                                                                     \
    {                                                                                              \
        union a64_vreg first, second;                                                              \
        uint64_t base = c->x[o->rn];                                                               \
        if (fp_trap(c, o) || mem_sp_misaligned(c, o, base))                                        \
            return false;                                                                          \
        uint64_t va = (address);                                                                   \
        if (A64_UNLIKELY(!load_##size(c, o, va, &first) ||                                         \
                         !load_##size(c, o, va + (size), &second)))                                \
            return false;                                                                          \
        after;                                                                                     \
        c->v[o->rd] = first;                                                                       \
        c->v[o->rd2] = second;                                                                     \
        return true;                                                                               \
    }                                                                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        if (do_##name(c, o))                                                                       \
            next_after_access(c, o);                                                               \
    }

#define STORE_PAIR_OP(name, address, size, after)                                                  \
    OP(name)                                                                                       \
    {                                                                                              \
        uint64_t base = c->x[o->rn];                                                               \
        if (fp_trap(c, o) || mem_sp_misaligned(c, o, base))                                        \
            return;                                                                                \
        uint64_t va = (address);                                                                   \
        if (A64_UNLIKELY(!store_##size(c, o, va, &c->v[o->rd]) ||                                  \
                         !store_##size(c, o, va + (size), &c->v[o->rd2])))                         \
            return;                                                                                \
        after;                                                                                     \
        next_after_access(c, o);                                                                   \
    }

#define PAIRS(suffix, size)                                                                        \
    LOAD_PAIR_OP(LDNP_##suffix, base + o->imm, size, NO_WRITE_BACK)                                \
    LOAD_PAIR_OP(LDP_##suffix##_off, base + o->imm, size, NO_WRITE_BACK)                           \
    LOAD_PAIR_OP(LDP_##suffix##_pre, base + o->imm, size, WRITE_BACK)                              \
    LOAD_PAIR_OP(LDP_##suffix##_post, base, size, WRITE_BACK)                                      \
    STORE_PAIR_OP(STNP_##suffix, base + o->imm, size, NO_WRITE_BACK)                               \
    STORE_PAIR_OP(STP_##suffix##_off, base + o->imm, size, NO_WRITE_BACK)                          \
    STORE_PAIR_OP(STP_##suffix##_pre, base + o->imm, size, WRITE_BACK)                             \
    STORE_PAIR_OP(STP_##suffix##_post, base, size, WRITE_BACK)

PAIRS(s, 4)
PAIRS(d, 8)
PAIRS(q, 16)
