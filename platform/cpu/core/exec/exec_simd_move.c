/* SPDX-License-Identifier: Apache-2.0 */
/* Advanced SIMD that moves lanes unchanged: copies, permutations, tables, modified immediates
 * (DDI 0487 C4.1.96). */
#include "exec/simd.h"

/* ---- Copies ---- */

static void duplicate(struct a64_cpu *c, const struct a64_op *o, uint64_t value)
{
    union a64_vreg r;
    for (unsigned i = 0; i < lane_count(o); i++)
        lane_set(&r, o->log2, i, value);
    for (unsigned i = o->bytes; i < sizeof r; i++)
        r.b[i] = 0;
    c->v[o->rd] = r;
    next(c, o);
}

#define LANE_OF_RN lane_get(&c->v[o->rn], o->log2, o->lane)

OP(DUP_element_v)
{
    if (!fp_trap(c, o))
        duplicate(c, o, LANE_OF_RN);
}

OP(DUP_element_s)
{
    if (!fp_trap(c, o))
        duplicate(c, o, LANE_OF_RN);
}

OP(DUP_general)
{
    if (!fp_trap(c, o))
        duplicate(c, o, c->x[o->rn]);
}

OP(UMOV)
{
    if (fp_trap(c, o))
        return;
    c->x[o->rd] = LANE_OF_RN;
    next(c, o);
}

/* To X if Q is set, else to W. */
OP(SMOV)
{
    if (fp_trap(c, o))
        return;
    unsigned unused = 64 - (8u << o->log2);
    uint64_t value = (uint64_t)((int64_t)(LANE_OF_RN << unused) >> unused);
    c->x[o->rd] = o->bytes == 16 ? value : (uint32_t)value;
    next(c, o);
}

OP(INS_general)
{
    if (fp_trap(c, o))
        return;
    lane_set(&c->v[o->rd], o->log2, o->lane, c->x[o->rn]);
    next(c, o);
}

OP(INS_element)
{
    if (fp_trap(c, o))
        return;
    uint64_t value = lane_get(&c->v[o->rn], o->log2, o->from_lane);
    lane_set(&c->v[o->rd], o->log2, o->lane, value);
    next(c, o);
}

/* ---- Permutations: lane i of the result is lane `index` of Rm:Rn, that is Rn first ---- */

#define PERMUTE_OP(name, index)                                                                    \
    OP(name)                                                                                       \
    {                                                                                              \
        if (fp_trap(c, o))                                                                         \
            return;                                                                                \
        unsigned lanes = lane_count(o);                                                            \
        union a64_vreg r = {.d = {0, 0}};                                                          \
        for (unsigned i = 0; i < lanes; i++) {                                                     \
            unsigned from = (index);                                                               \
            const union a64_vreg *v = &c->v[from < lanes ? o->rn : o->rm];                         \
            lane_set(&r, o->log2, i, lane_get(v, o->log2, from % lanes));                          \
        }                                                                                          \
        c->v[o->rd] = r;                                                                           \
        next(c, o);                                                                                \
    }

#define FROM_M_IF_ODD (i & 1 ? lanes : 0)
PERMUTE_OP(UZP1, 2 * i)
PERMUTE_OP(UZP2, 2 * i + 1)
PERMUTE_OP(ZIP1, i / 2 + FROM_M_IF_ODD)
PERMUTE_OP(ZIP2, (lanes + i) / 2 + FROM_M_IF_ODD)
PERMUTE_OP(TRN1, (i & ~1u) + FROM_M_IF_ODD)
PERMUTE_OP(TRN2, (i | 1u) + FROM_M_IF_ODD)
PERMUTE_OP(EXT, i + o->lane)

/* ---- Tables of o->registers registers from Rn on; an index outside gives a byte of `r` ---- */

static void look_up(struct a64_cpu *c, const struct a64_op *o, union a64_vreg r)
{
    const union a64_vreg index = c->v[o->rm];
    for (unsigned i = 0; i < o->bytes; i++)
        if (index.b[i] < 16 * o->registers)
            r.b[i] = c->v[(o->rn + index.b[i] / 16) % 32].b[index.b[i] % 16];
    vreg_set(c, o->rd, &r, o->bytes);
    next(c, o);
}

OP(TBL)
{
    if (!fp_trap(c, o))
        look_up(c, o, (union a64_vreg){.d = {0, 0}});
}

OP(TBX)
{
    if (!fp_trap(c, o))
        look_up(c, o, c->v[o->rd]);
}

/* ---- Modified immediates, by op and cmode ---- */

#define IMMEDIATE_OP(name, expression)                                                             \
    OP(name)                                                                                       \
    {                                                                                              \
        if (fp_trap(c, o))                                                                         \
            return;                                                                                \
        union a64_vreg r = c->v[o->rd];                                                            \
        for (unsigned i = 0; i < 2; i++)                                                           \
            r.d[i] = (expression);                                                                 \
        vreg_set(c, o->rd, &r, o->bytes);                                                          \
        next(c, o);                                                                                \
    }
/* In its form, what is to be cleared has become a mask of what stays. */
#define MOVE_OP(name)  IMMEDIATE_OP(name, o->imm)
#define SET_OP(name)   IMMEDIATE_OP(name, r.d[i] | o->imm)
#define CLEAR_OP(name) IMMEDIATE_OP(name, r.d[i] & o->imm)

MOVE_OP(MOVI_0000)
MOVE_OP(MOVI_0010)
MOVE_OP(MOVI_0100)
MOVE_OP(MOVI_0110)
MOVE_OP(MOVI_1000)
MOVE_OP(MOVI_1010)
MOVE_OP(MOVI_1100)
MOVE_OP(MOVI_1101)
MOVE_OP(MOVI_1110)
MOVE_OP(MOVI_d_1110)
MOVE_OP(FMOV_s_1111)
MOVE_OP(FMOV_d_1111)
MOVE_OP(MVNI_0000)
MOVE_OP(MVNI_0010)
MOVE_OP(MVNI_0100)
MOVE_OP(MVNI_0110)
MOVE_OP(MVNI_1000)
MOVE_OP(MVNI_1010)
MOVE_OP(MVNI_1100)
MOVE_OP(MVNI_1101)
SET_OP(ORR_0001)
SET_OP(ORR_0011)
SET_OP(ORR_0101)
SET_OP(ORR_0111)
SET_OP(ORR_1001)
SET_OP(ORR_1011)
CLEAR_OP(BIC_0001)
CLEAR_OP(BIC_0011)
CLEAR_OP(BIC_0101)
CLEAR_OP(BIC_0111)
CLEAR_OP(BIC_1001)
CLEAR_OP(BIC_1011)
