/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores of one register and of pairs (DDI 0487 C4.1.94). */
#include "exec/exec.h"
#include "memory/mem.h"

/* Accesses with the permissions of EL0 (LDTR, STTR); the EL2 regime has no others than its own. */
#define READ_UNPRIV(size)         mem_read(c, o, va, size, c->el == 2 ? 2 : 0)
#define WRITE_UNPRIV(size, value) mem_write(c, o, va, size, c->el == 2 ? 2 : 0, value)
#define READ(size)                mem_read(c, o, va, size, c->el)
#define WRITE(size, value)        mem_write(c, o, va, size, c->el, value)

#define NO_WRITE_BACK (void)0
#define WRITE_BACK    (c->x[o->rn] = base + o->imm)

/* The base is written back before the loaded value: a load into its own base keeps the value. The
 * value is cut to `narrow`, then extended to `wide`. */
#define LOAD_OP(name, address, reader, narrow, wide, after)                                        \
    OP(name)                                                                                       \
    {                                                                                              \
        uint64_t base = c->x[o->rn];                                                               \
        if (mem_sp_misaligned(c, o, base))                                                         \
            return;                                                                                \
        uint64_t va = (address);                                                                   \
        struct mem_value v = reader(sizeof(narrow));                                               \
        if (A64_UNLIKELY(!v.ok))                                                                   \
            return;                                                                                \
        after;                                                                                     \
        c->x[o->rd] = (uint64_t)(wide)(narrow)v.value;                                             \
        next_after_access(c, o);                                                                   \
    }

#define STORE_OP(name, address, writer, size, after)                                               \
    OP(name)                                                                                       \
    {                                                                                              \
        uint64_t base = c->x[o->rn];                                                               \
        if (mem_sp_misaligned(c, o, base))                                                         \
            return;                                                                                \
        uint64_t va = (address);                                                                   \
        if (A64_UNLIKELY(!writer(size, c->x[o->rt])))                                              \
            return;                                                                                \
        after;                                                                                     \
        next_after_access(c, o);                                                                   \
    }

#define LOADS(name, narrow, wide)                                                                  \
    LOAD_OP(name##_off, base + o->imm, READ, narrow, wide, NO_WRITE_BACK)                          \
    LOAD_OP(name##_unscaled, base + o->imm, READ, narrow, wide, NO_WRITE_BACK)                     \
    LOAD_OP(name##_unpriv, base + o->imm, READ_UNPRIV, narrow, wide, NO_WRITE_BACK)                \
    LOAD_OP(name##_reg, base + extended_rm(c, o), READ, narrow, wide, NO_WRITE_BACK)               \
    LOAD_OP(name##_pre, base + o->imm, READ, narrow, wide, WRITE_BACK)                             \
    LOAD_OP(name##_post, base, READ, narrow, wide, WRITE_BACK)

#define STORES(name, size)                                                                         \
    STORE_OP(name##_off, base + o->imm, WRITE, size, NO_WRITE_BACK)                                \
    STORE_OP(name##_unscaled, base + o->imm, WRITE, size, NO_WRITE_BACK)                           \
    STORE_OP(name##_unpriv, base + o->imm, WRITE_UNPRIV, size, NO_WRITE_BACK)                      \
    STORE_OP(name##_reg, base + extended_rm(c, o), WRITE, size, NO_WRITE_BACK)                     \
    STORE_OP(name##_pre, base + o->imm, WRITE, size, WRITE_BACK)                                   \
    STORE_OP(name##_post, base, WRITE, size, WRITE_BACK)

LOADS(LDRB, uint8_t, uint64_t)
LOADS(LDRH, uint16_t, uint64_t)
LOADS(LDR_w, uint32_t, uint64_t)
LOADS(LDR_x, uint64_t, uint64_t)
LOADS(LDRSB_w, int8_t, uint32_t)
LOADS(LDRSB_x, int8_t, uint64_t)
LOADS(LDRSH_w, int16_t, uint32_t)
LOADS(LDRSH_x, int16_t, uint64_t)
LOADS(LDRSW, int32_t, uint64_t)
STORES(STRB, 1)
STORES(STRH, 2)
STORES(STR_w, 4)
STORES(STR_x, 8)

/* ---- Literals ---- */

#define LITERAL_OP(name, narrow)                                                                   \
    OP(name)                                                                                       \
    {                                                                                              \
        struct mem_value v = mem_read(c, o, op_pc(c, o) + o->imm, sizeof(narrow), c->el);          \
        if (A64_UNLIKELY(!v.ok))                                                                   \
            return;                                                                                \
        c->x[o->rd] = (uint64_t)(narrow)v.value;                                                   \
        next_after_access(c, o);                                                                   \
    }

LITERAL_OP(LDR_w_lit, uint32_t)
LITERAL_OP(LDR_x_lit, uint64_t)
LITERAL_OP(LDRSW_lit, int32_t)

/* ---- Pairs: two accesses; registers change only after both have succeeded ---- */

#define LOAD_PAIR_OP(name, address, narrow, after)                                                 \
    OP(name)                                                                                       \
    {                                                                                              \
        uint64_t base = c->x[o->rn];                                                               \
        if (mem_sp_misaligned(c, o, base))                                                         \
            return;                                                                                \
        uint64_t va = (address);                                                                   \
        struct mem_value first = READ(sizeof(narrow));                                             \
        if (A64_UNLIKELY(!first.ok))                                                               \
            return;                                                                                \
        va += sizeof(narrow);                                                                      \
        struct mem_value second = READ(sizeof(narrow));                                            \
        if (A64_UNLIKELY(!second.ok))                                                              \
            return;                                                                                \
        after;                                                                                     \
        c->x[o->rd] = (uint64_t)(narrow)first.value;                                               \
        c->x[o->rd2] = (uint64_t)(narrow)second.value;                                             \
        next_after_access(c, o);                                                                   \
    }

#define STORE_PAIR_OP(name, address, size, after)                                                  \
    OP(name)                                                                                       \
    {                                                                                              \
        uint64_t base = c->x[o->rn];                                                               \
        if (mem_sp_misaligned(c, o, base))                                                         \
            return;                                                                                \
        uint64_t va = (address);                                                                   \
        if (A64_UNLIKELY(!WRITE(size, c->x[o->rt])))                                               \
            return;                                                                                \
        va += (size);                                                                              \
        if (A64_UNLIKELY(!WRITE(size, c->x[o->rt2])))                                              \
            return;                                                                                \
        after;                                                                                     \
        next_after_access(c, o);                                                                   \
    }

#define LOAD_PAIRS(name, narrow)                                                                   \
    LOAD_PAIR_OP(name##_off, base + o->imm, narrow, NO_WRITE_BACK)                                 \
    LOAD_PAIR_OP(name##_pre, base + o->imm, narrow, WRITE_BACK)                                    \
    LOAD_PAIR_OP(name##_post, base, narrow, WRITE_BACK)

#define STORE_PAIRS(name, size)                                                                    \
    STORE_PAIR_OP(name##_off, base + o->imm, size, NO_WRITE_BACK)                                  \
    STORE_PAIR_OP(name##_pre, base + o->imm, size, WRITE_BACK)                                     \
    STORE_PAIR_OP(name##_post, base, size, WRITE_BACK)

LOAD_PAIRS(LDP_w, uint32_t)
LOAD_PAIRS(LDP_x, uint64_t)
LOAD_PAIRS(LDPSW, int32_t)
STORE_PAIRS(STP_w, 4)
STORE_PAIRS(STP_x, 8)
LOAD_PAIR_OP(LDNP_w, base + o->imm, uint32_t, NO_WRITE_BACK)
LOAD_PAIR_OP(LDNP_x, base + o->imm, uint64_t, NO_WRITE_BACK)
STORE_PAIR_OP(STNP_w, base + o->imm, 4, NO_WRITE_BACK)
STORE_PAIR_OP(STNP_x, base + o->imm, 8, NO_WRITE_BACK)

/* ---- Prefetches change nothing that can be seen ---- */

OP(PRFM_off)
{
    next(c, o);
}

OP(PRFM_unscaled)
{
    next(c, o);
}

OP(PRFM_reg)
{
    next(c, o);
}

OP(PRFM_lit)
{
    next(c, o);
}
