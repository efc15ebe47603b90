/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores of one register and of pairs (DDI 0487 C4.1.94). */
#include "exec/exec.h"
#include "memory/mem.h"

/* Each handler is the fast path alone, which needs no frame; all else is for its `slow_` function.
 * The attention that an access may call for is looked at there: memory calls for none. */
#define SLOW(name)                                                                                 \
    static __attribute__((noinline, cold)) void slow_##name(struct a64_cpu *c,                     \
                                                            const struct a64_op *o)

#define UNPRIV_EL  (c->el == 2 ? 2 : 0) /* LDTR, STTR; the EL2 regime has no others than its own */
#define UNPRIV_TLB (c->tlbs.entry[UNPRIV_EL])

#define NO_WRITE_BACK (void)0
#define WRITE_BACK    (c->x[o->rn] = base + o->imm)

/* The base is written back before the loaded value: a load into its own base keeps the value. The
 * value is cut to `narrow`, then extended to `wide`. */
#define LOAD_OP(name, address, tlb, el, narrow, wide, after)                                       \
    SLOW(name)                                                                                     \
    {                                                                                              \
        uint64_t base = c->x[o->rn];                                                               \
        if (mem_sp_misaligned(c, o, base))                                                         \
            return;                                                                                \
        struct mem_value v = mem_read_slow(c, o, (address), sizeof(narrow), (el));                 \
        if (!v.ok)                                                                                 \
            return;                                                                                \
        after;                                                                                     \
        c->x[o->rd] = (uint64_t)(wide)(narrow)v.value;                                             \
        next_after_access(c, o);                                                                   \
    }                                                                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        narrow value;                                                                              \
        uint64_t base = c->x[o->rn], va = (address);                                               \
        const struct a64_tlb_entry *e = mem_entry((tlb), va);                                      \
        if (mem_sp_suspect(o, base) || !mem_readable(c, e, va, sizeof value, sizeof value)) {      \
            slow_##name(c, o);                                                                     \
            return;                                                                                \
        }                                                                                          \
        memcpy(&value, mem_host(e, va), sizeof value);                                             \
        after;                                                                                     \
        c->x[o->rd] = (uint64_t)(wide)value;                                                       \
        next(c, o);                                                                                \
    }

#define STORE_OP(name, address, tlb, el, type, after)                                              \
    SLOW(name)                                                                                     \
    {                                                                                              \
        uint64_t base = c->x[o->rn];                                                               \
        if (mem_sp_misaligned(c, o, base) ||                                                       \
            !mem_write_slow(c, o, (address), sizeof(type), (el), c->x[o->rt]))                     \
            return;                                                                                \
        after;                                                                                     \
        next_after_access(c, o);                                                                   \
    }                                                                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        type value = (type)c->x[o->rt];                                                            \
        uint64_t base = c->x[o->rn], va = (address);                                               \
        const struct a64_tlb_entry *e = mem_entry((tlb), va);                                      \
        if (mem_sp_suspect(o, base) || !mem_writable(c, e, va, sizeof value, sizeof value)) {      \
            slow_##name(c, o);                                                                     \
            return;                                                                                \
        }                                                                                          \
        memcpy(mem_host(e, va), &value, sizeof value);                                             \
        after;                                                                                     \
        next(c, o);                                                                                \
    }

#define LOADS(name, narrow, wide)                                                                  \
    LOAD_OP(name##_off, base + o->imm, c->tlb, c->el, narrow, wide, NO_WRITE_BACK)                 \
    LOAD_OP(name##_unscaled, base + o->imm, c->tlb, c->el, narrow, wide, NO_WRITE_BACK)            \
    LOAD_OP(name##_unpriv, base + o->imm, UNPRIV_TLB, UNPRIV_EL, narrow, wide, NO_WRITE_BACK)      \
    LOAD_OP(name##_reg, base + extended_rm(c, o), c->tlb, c->el, narrow, wide, NO_WRITE_BACK)      \
    LOAD_OP(name##_pre, base + o->imm, c->tlb, c->el, narrow, wide, WRITE_BACK)                    \
    LOAD_OP(name##_post, base, c->tlb, c->el, narrow, wide, WRITE_BACK)

#define STORES(name, type)                                                                         \
    STORE_OP(name##_off, base + o->imm, c->tlb, c->el, type, NO_WRITE_BACK)                        \
    STORE_OP(name##_unscaled, base + o->imm, c->tlb, c->el, type, NO_WRITE_BACK)                   \
    STORE_OP(name##_unpriv, base + o->imm, UNPRIV_TLB, UNPRIV_EL, type, NO_WRITE_BACK)             \
    STORE_OP(name##_reg, base + extended_rm(c, o), c->tlb, c->el, type, NO_WRITE_BACK)             \
    STORE_OP(name##_pre, base + o->imm, c->tlb, c->el, type, WRITE_BACK)                           \
    STORE_OP(name##_post, base, c->tlb, c->el, type, WRITE_BACK)

LOADS(LDRB, uint8_t, uint64_t)
LOADS(LDRH, uint16_t, uint64_t)
LOADS(LDR_w, uint32_t, uint64_t)
LOADS(LDR_x, uint64_t, uint64_t)
LOADS(LDRSB_w, int8_t, uint32_t)
LOADS(LDRSB_x, int8_t, uint64_t)
LOADS(LDRSH_w, int16_t, uint32_t)
LOADS(LDRSH_x, int16_t, uint64_t)
LOADS(LDRSW, int32_t, uint64_t)
STORES(STRB, uint8_t)
STORES(STRH, uint16_t)
STORES(STR_w, uint32_t)
STORES(STR_x, uint64_t)

/* ---- Literals ---- */

#define LITERAL_OP(name, narrow)                                                                   \
    SLOW(name)                                                                                     \
    {                                                                                              \
        struct mem_value v = mem_read_slow(c, o, op_pc(c, o) + o->imm, sizeof(narrow), c->el);     \
        if (!v.ok)                                                                                 \
            return;                                                                                \
        c->x[o->rd] = (uint64_t)(narrow)v.value;                                                   \
        next_after_access(c, o);                                                                   \
    }                                                                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        narrow value;                                                                              \
        uint64_t va = op_pc(c, o) + o->imm;                                                        \
        const struct a64_tlb_entry *e = mem_entry(c->tlb, va);                                     \
        if (!mem_readable(c, e, va, sizeof value, sizeof value)) {                                 \
            slow_##name(c, o);                                                                     \
            return;                                                                                \
        }                                                                                          \
        memcpy(&value, mem_host(e, va), sizeof value);                                             \
        c->x[o->rd] = (uint64_t)value;                                                             \
        next(c, o);                                                                                \
    }

LITERAL_OP(LDR_w_lit, uint32_t)
LITERAL_OP(LDR_x_lit, uint64_t)
LITERAL_OP(LDRSW_lit, int32_t)

/* ---- Pairs: two accesses; registers change only after both have succeeded ---- */

#define LOAD_PAIR_OP(name, address, narrow, after)                                                 \
    SLOW(name)                                                                                     \
    {                                                                                              \
        uint64_t base = c->x[o->rn], va = (address);                                               \
        if (mem_sp_misaligned(c, o, base))                                                         \
            return;                                                                                \
        struct mem_value first = mem_read_slow(c, o, va, sizeof(narrow), c->el);                   \
        if (!first.ok)                                                                             \
            return;                                                                                \
        va += sizeof(narrow);                                                                      \
        struct mem_value second = mem_read_slow(c, o, va, sizeof(narrow), c->el);                  \
        if (!second.ok)                                                                            \
            return;                                                                                \
        after;                                                                                     \
        c->x[o->rd] = (uint64_t)(narrow)first.value;                                               \
        c->x[o->rd2] = (uint64_t)(narrow)second.value;                                             \
        next_after_access(c, o);                                                                   \
    }                                                                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        narrow value[2];                                                                           \
        uint64_t base = c->x[o->rn], va = (address);                                               \
        const struct a64_tlb_entry *e = mem_entry(c->tlb, va);                                     \
        if (mem_sp_suspect(o, base) || !mem_readable(c, e, va, sizeof *value, sizeof value)) {     \
            slow_##name(c, o);                                                                     \
            return;                                                                                \
        }                                                                                          \
        memcpy(value, mem_host(e, va), sizeof value);                                              \
        after;                                                                                     \
        c->x[o->rd] = (uint64_t)value[0];                                                          \
        c->x[o->rd2] = (uint64_t)value[1];                                                         \
        next(c, o);                                                                                \
    }

#define STORE_PAIR_OP(name, address, type, after)                                                  \
    SLOW(name)                                                                                     \
    {                                                                                              \
        uint64_t base = c->x[o->rn], va = (address);                                               \
        if (mem_sp_misaligned(c, o, base) ||                                                       \
            !mem_write_slow(c, o, va, sizeof(type), c->el, c->x[o->rt]) ||                         \
            !mem_write_slow(c, o, va + sizeof(type), sizeof(type), c->el, c->x[o->rt2]))           \
            return;                                                                                \
        after;                                                                                     \
        next_after_access(c, o);                                                                   \
    }                                                                                              \
    OP(name)                                                                                       \
    {                                                                                              \
        type value[2] = {(type)c->x[o->rt], (type)c->x[o->rt2]};                                   \
        uint64_t base = c->x[o->rn], va = (address);                                               \
        const struct a64_tlb_entry *e = mem_entry(c->tlb, va);                                     \
        if (mem_sp_suspect(o, base) || !mem_writable(c, e, va, sizeof *value, sizeof value)) {     \
            slow_##name(c, o);                                                                     \
            return;                                                                                \
        }                                                                                          \
        memcpy(mem_host(e, va), value, sizeof value);                                              \
        after;                                                                                     \
        next(c, o);                                                                                \
    }

#define LOAD_PAIRS(name, narrow)                                                                   \
    LOAD_PAIR_OP(name##_off, base + o->imm, narrow, NO_WRITE_BACK)                                 \
    LOAD_PAIR_OP(name##_pre, base + o->imm, narrow, WRITE_BACK)                                    \
    LOAD_PAIR_OP(name##_post, base, narrow, WRITE_BACK)

#define STORE_PAIRS(name, type)                                                                    \
    STORE_PAIR_OP(name##_off, base + o->imm, type, NO_WRITE_BACK)                                  \
    STORE_PAIR_OP(name##_pre, base + o->imm, type, WRITE_BACK)                                     \
    STORE_PAIR_OP(name##_post, base, type, WRITE_BACK)

LOAD_PAIRS(LDP_w, uint32_t)
LOAD_PAIRS(LDP_x, uint64_t)
LOAD_PAIRS(LDPSW, int32_t)
STORE_PAIRS(STP_w, uint32_t)
STORE_PAIRS(STP_x, uint64_t)
LOAD_PAIR_OP(LDNP_w, base + o->imm, uint32_t, NO_WRITE_BACK)
LOAD_PAIR_OP(LDNP_x, base + o->imm, uint64_t, NO_WRITE_BACK)
STORE_PAIR_OP(STNP_w, base + o->imm, uint32_t, NO_WRITE_BACK)
STORE_PAIR_OP(STNP_x, base + o->imm, uint64_t, NO_WRITE_BACK)

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
