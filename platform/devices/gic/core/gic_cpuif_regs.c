/* SPDX-License-Identifier: Apache-2.0 */
/* Common parts of physical and virtual CPU interfaces: priorities, and the registers that
 * are about nothing else (IHI 0069 4.8). */
#include "gic_priv.h"

#define MIN_BPR0      2u
#define MAX_BPR       7u
#define FIRST_SPECIAL 1020u
#define LAST_SPECIAL  1023u

#define CTLR_CBPR      (1u << 0)
#define CTLR_EOIMODE   (1u << 1)
#define CTLR_PRIBITS_5 (4u << 8) /* IDbits 0: 16 bits; no SEIS, A3V, RSS, PMHE */

/* --- Priorities (IHI 0069 4.8) --- */

/* The binary point in the sense of ICC_BPR0_EL1: bits [7:n+1] are the group priority. That of
 * ICC_BPR1_EL1 is one higher for the same split. */
static unsigned binary_point(const struct gic_cpuif *cpu, unsigned group)
{
    return group == 0 || cpu->cbpr ? cpu->bpr[0] : cpu->bpr[1] - 1u;
}

static uint8_t group_priority(const struct gic_cpuif *cpu, unsigned group, uint8_t priority)
{
    return (uint8_t)(priority & 0xffu << (binary_point(cpu, group) + 1));
}

static uint8_t running_priority(const struct gic_cpuif *cpu)
{
    uint32_t active = cpu->apr[0] | cpu->apr[1];

    unsigned priority = active ? (unsigned)__builtin_ctz(active) << 3 : GIC_IDLE_PRIORITY;
    return (uint8_t)priority;
}

bool gic_may_signal(const struct gic_cpuif *cpu, const struct gic_candidate *c)
{
    return c->intid != GIC_SPURIOUS && c->priority < cpu->pmr &&
           group_priority(cpu, c->group, c->priority) < running_priority(cpu);
}

void gic_raise_priority(struct gic_cpuif *cpu, const struct gic_candidate *c)
{
    cpu->apr[c->group] |= UINT32_C(1) << (group_priority(cpu, c->group, c->priority) >> 3);
}

/* Returns false if the highest active priority is not of this group: the write is then ignored, a
 * CONSTRAINED UNPREDICTABLE choice (ICC_EOIR0_EL1, ICC_EOIR1_EL1). */
bool gic_drop_priority(struct gic_cpuif *cpu, unsigned group)
{
    uint32_t active = cpu->apr[0] | cpu->apr[1];
    uint32_t highest = active & (~active + 1);

    if (!(cpu->apr[group] & highest))
        return false;
    cpu->apr[group] &= ~highest;
    return true;
}

bool gic_is_special(uint64_t intid)
{
    return intid >= FIRST_SPECIAL && intid <= LAST_SPECIAL;
}

/* --- Registers --- */

static uint64_t get_pmr(const struct gic_cpuif *cpu)
{
    return cpu->pmr;
}

static void set_pmr(struct gic_cpuif *cpu, uint64_t value)
{
    cpu->pmr = value & GIC_PRIORITY_MASK;
}

static uint8_t clamp_bpr(uint64_t value, unsigned min)
{
    unsigned bpr = value & MAX_BPR;

    return (uint8_t)(bpr < min ? min : bpr);
}

static uint64_t get_bpr0(const struct gic_cpuif *cpu)
{
    return cpu->bpr[0];
}

static void set_bpr0(struct gic_cpuif *cpu, uint64_t value)
{
    cpu->bpr[0] = clamp_bpr(value, MIN_BPR0);
}

/* With ICC_CTLR_EL1.CBPR reads follow ICC_BPR0_EL1 and writes are ignored. */
static uint64_t get_bpr1(const struct gic_cpuif *cpu)
{
    if (!cpu->cbpr)
        return cpu->bpr[1];
    return cpu->bpr[0] < MAX_BPR ? cpu->bpr[0] + 1u : MAX_BPR;
}

static void set_bpr1(struct gic_cpuif *cpu, uint64_t value)
{
    if (!cpu->cbpr)
        cpu->bpr[1] = clamp_bpr(value, MIN_BPR0 + 1);
}

static uint64_t get_ap0r0(const struct gic_cpuif *cpu)
{
    return cpu->apr[0];
}

static void set_ap0r0(struct gic_cpuif *cpu, uint64_t value)
{
    cpu->apr[0] = (uint32_t)value;
}

static uint64_t get_ap1r0(const struct gic_cpuif *cpu)
{
    return cpu->apr[1];
}

static void set_ap1r0(struct gic_cpuif *cpu, uint64_t value)
{
    cpu->apr[1] = (uint32_t)value;
}

static uint64_t get_rpr(const struct gic_cpuif *cpu)
{
    return running_priority(cpu);
}

static uint64_t get_ctlr(const struct gic_cpuif *cpu)
{
    return CTLR_PRIBITS_5 | (cpu->cbpr ? CTLR_CBPR : 0) | (cpu->eoimode ? CTLR_EOIMODE : 0);
}

static void set_ctlr(struct gic_cpuif *cpu, uint64_t value)
{
    cpu->cbpr = value & CTLR_CBPR;
    cpu->eoimode = value & CTLR_EOIMODE;
}

static uint64_t get_igrpen0(const struct gic_cpuif *cpu)
{
    return cpu->igrpen & 1;
}

static uint64_t get_igrpen1(const struct gic_cpuif *cpu)
{
    return cpu->igrpen >> 1;
}

static void set_igrpen0(struct gic_cpuif *cpu, uint64_t value)
{
    cpu->igrpen = (cpu->igrpen & 2) | (value & 1);
}

static void set_igrpen1(struct gic_cpuif *cpu, uint64_t value)
{
    cpu->igrpen = (uint8_t)((cpu->igrpen & 1) | (value & 1) << 1);
}

/* Without `set` a register is read-only. With 5 bits of priority there are no ICC_APnR1..3_EL1. */
static const struct {
    uint32_t reg;
    uint64_t (*get)(const struct gic_cpuif *cpu);
    void (*set)(struct gic_cpuif *cpu, uint64_t value);
} rows[] = {
    {GIC_ICC(4u, 6u, 0u), get_pmr, set_pmr},           /* ICC_PMR_EL1 */
    {GIC_ICC(12u, 11u, 3u), get_rpr, NULL},            /* ICC_RPR_EL1 */
    {GIC_ICC(12u, 8u, 3u), get_bpr0, set_bpr0},        /* ICC_BPR0_EL1 */
    {GIC_ICC(12u, 8u, 4u), get_ap0r0, set_ap0r0},      /* ICC_AP0R0_EL1 */
    {GIC_ICC(12u, 9u, 0u), get_ap1r0, set_ap1r0},      /* ICC_AP1R0_EL1 */
    {GIC_ICC(12u, 12u, 3u), get_bpr1, set_bpr1},       /* ICC_BPR1_EL1 */
    {GIC_ICC(12u, 12u, 4u), get_ctlr, set_ctlr},       /* ICC_CTLR_EL1 */
    {GIC_ICC(12u, 12u, 6u), get_igrpen0, set_igrpen0}, /* ICC_IGRPEN0_EL1 */
    {GIC_ICC(12u, 12u, 7u), get_igrpen1, set_igrpen1}, /* ICC_IGRPEN1_EL1 */
};
#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

static size_t find(uint32_t reg)
{
    size_t i = 0;

    while (i < ROW_COUNT && rows[i].reg != reg)
        i++;
    return i;
}

bool gic_cpuif_get(const struct gic_cpuif *cpu, uint32_t reg, uint64_t *value)
{
    size_t row = find(reg);

    if (row == ROW_COUNT)
        return false;
    *value = rows[row].get(cpu);
    return true;
}

bool gic_cpuif_set(struct gic_cpuif *cpu, uint32_t reg, uint64_t value)
{
    size_t row = find(reg);

    if (row == ROW_COUNT || !rows[row].set)
        return false;
    rows[row].set(cpu, value);
    return true;
}
