/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores of structures: LD1 to LD4, ST1 to ST4, LD1R to LD4R (DDI 0487 C4.1.94). Each
 * element is an access of its own. */
#include "exec/simd.h"
#include "memory/mem.h"

enum { MAX_REGISTERS = 4 };

/* One element of 2^log2 bytes to or from memory. */
static bool load_lane(struct a64_cpu *c, const struct a64_op *o, uint64_t va, union a64_vreg *v,
                      unsigned lane)
{
    struct mem_value value = mem_read(c, o, va, 1u << o->log2, c->el);
    lane_set(v, o->log2, lane, value.value);
    return value.ok;
}

static bool store_lane(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                       const union a64_vreg *v, unsigned lane)
{
    return mem_write(c, o, va, 1u << o->log2, c->el, lane_get(v, o->log2, lane));
}

static unsigned nth_register(const struct a64_op *o, unsigned n)
{
    return (o->rd + n) % 32u;
}

static bool begin(struct a64_cpu *c, const struct a64_op *o)
{
    return !fp_trap(c, o) && !mem_sp_misaligned(c, o, c->x[o->rn]);
}

/* The base moves by Rm, or by the bytes transferred if Rm is 31. */
static void write_back(struct a64_cpu *c, const struct a64_op *o, unsigned bytes)
{
    c->x[o->rn] += o->rm == REG_SINK ? bytes : c->x[o->rm];
}

/* ---- Multiple structures: o->repeat groups of registers, o->registers interleaved ones in each
 * ---- */

static unsigned multiple_bytes(const struct a64_op *o)
{
    return (unsigned)o->repeat * o->registers * o->bytes;
}

/* Element number i of memory: its register counted from the first, and its lane. */
static unsigned element_place(const struct a64_op *o, unsigned i, unsigned *lane)
{
    unsigned per_group = lane_count(o) * o->registers, within = i % per_group;
    *lane = within / o->registers;
    return i / per_group * o->registers + within % o->registers;
}

static bool load_multiple(struct a64_cpu *c, const struct a64_op *o)
{
    union a64_vreg r[MAX_REGISTERS] = {{.d = {0, 0}}};
    unsigned lane;
    if (!begin(c, o))
        return false;
    for (unsigned i = 0; i < multiple_bytes(o) >> o->log2; i++) {
        union a64_vreg *v = &r[element_place(o, i, &lane)];
        if (!load_lane(c, o, c->x[o->rn] + ((uint64_t)i << o->log2), v, lane))
            return false;
    }
    for (unsigned n = 0; n < (unsigned)o->repeat * o->registers; n++)
        c->v[nth_register(o, n)] = r[n];
    return true;
}

static bool store_multiple(struct a64_cpu *c, const struct a64_op *o)
{
    unsigned lane;
    if (!begin(c, o))
        return false;
    for (unsigned i = 0; i < multiple_bytes(o) >> o->log2; i++) {
        const union a64_vreg *v = &c->v[nth_register(o, element_place(o, i, &lane))];
        if (!store_lane(c, o, c->x[o->rn] + ((uint64_t)i << o->log2), v, lane))
            return false;
    }
    return true;
}

/* ---- Single structures: one lane of o->registers registers, or all lanes alike (o->replicates)
 * ---- */

static unsigned single_bytes(const struct a64_op *o)
{
    return (unsigned)o->registers << o->log2;
}

/* Fills the lanes in use with lane 0. */
static void replicate(const struct a64_op *o, union a64_vreg *v)
{
    uint64_t value = lane_get(v, o->log2, 0);
    *v = (union a64_vreg){.d = {0, 0}};
    for (unsigned i = 0; i < lane_count(o); i++)
        lane_set(v, o->log2, i, value);
}

static bool load_single(struct a64_cpu *c, const struct a64_op *o)
{
    union a64_vreg r[MAX_REGISTERS];
    if (!begin(c, o))
        return false;
    for (unsigned n = 0; n < o->registers; n++) {
        r[n] = c->v[nth_register(o, n)];
        if (!load_lane(c, o, c->x[o->rn] + ((uint64_t)n << o->log2), &r[n], o->lane))
            return false;
        if (o->replicates)
            replicate(o, &r[n]);
    }
    for (unsigned n = 0; n < o->registers; n++)
        c->v[nth_register(o, n)] = r[n];
    return true;
}

static bool store_single(struct a64_cpu *c, const struct a64_op *o)
{
    if (!begin(c, o))
        return false;
    for (unsigned n = 0; n < o->registers; n++)
        if (!store_lane(c, o, c->x[o->rn] + ((uint64_t)n << o->log2), &c->v[nth_register(o, n)],
                        o->lane))
            return false;
    return true;
}

/* ---- Handlers ---- */

#define STRUCTURE_OPS(name, transfer, bytes)                                                       \
    OP(name)                                                                                       \
    {                                                                                              \
        if (transfer(c, o))                                                                        \
            next_after_access(c, o);                                                               \
    }                                                                                              \
    OP(name##_post)                                                                                \
    {                                                                                              \
        if (!transfer(c, o))                                                                       \
            return;                                                                                \
        write_back(c, o, bytes(o));                                                                \
        next_after_access(c, o);                                                                   \
    }

STRUCTURE_OPS(LD_multiple, load_multiple, multiple_bytes)
STRUCTURE_OPS(ST_multiple, store_multiple, multiple_bytes)
STRUCTURE_OPS(LD_single, load_single, single_bytes)
STRUCTURE_OPS(ST_single, store_single, single_bytes)
