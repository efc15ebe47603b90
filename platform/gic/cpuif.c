/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU interface: ICC_*_EL1 system registers, acknowledge, priority drop, deactivation. */
#include "lpi.h"

#define MIN_BPR0      2u
#define MAX_BPR       7u
#define FIRST_SPECIAL 1020u
#define LAST_SPECIAL  1023u
#define INTID_MASK    0xFFFFFFu

#define CTLR_CBPR       (1u << 0)
#define CTLR_EOIMODE    (1u << 1)
#define CTLR_PRIBITS_5  (4u << 8) /* IDbits 0: 16 bits; no SEIS, A3V, RSS, PMHE */
#define SRE_SYSREG_ONLY 7u        /* SRE, DFB and DIB are RAO/WI */

/* --- Priorities (IHI 0069 4.8) --- */

/* The binary point in the sense of ICC_BPR0_EL1: bits [7:n+1] are the group priority. That of
 * ICC_BPR1_EL1 is one higher for the same split. */
static unsigned binary_point(const struct gic_cpuif *cpu, unsigned group)
{
    return group == 0 || cpu->cbpr ? cpu->bpr[0] : cpu->bpr[1] - 1u;
}

static uint8_t group_priority(const struct gic_cpuif *cpu, unsigned group, uint8_t priority)
{
    return (uint8_t)(priority & 0xFFu << (binary_point(cpu, group) + 1));
}

uint8_t gic_running_priority(const struct gic_cpuif *cpu)
{
    uint32_t active = cpu->apr[0] | cpu->apr[1];

    return active ? (uint8_t)(__builtin_ctz(active) << 3) : GIC_IDLE_PRIORITY;
}

bool gic_may_signal(const struct gic_cpuif *cpu, const struct gic_candidate *c)
{
    return c->intid != GIC_SPURIOUS && c->priority < cpu->pmr &&
           group_priority(cpu, c->group, c->priority) < gic_running_priority(cpu);
}

/* --- Acknowledge and end of interrupt --- */

static void activate(struct gic *g, unsigned pe, const struct gic_candidate *c)
{
    struct gic_cpuif *cpu = &g->pe[pe].cpu;
    struct gic_bank *bank = gic_bank_of(g, pe, c->intid);
    uint32_t bit = UINT32_C(1) << c->intid % GIC_PER_BANK;

    cpu->apr[c->group] |= UINT32_C(1) << (group_priority(cpu, c->group, c->priority) >> 3);
    if (bank) {
        bank->active |= bit;
        bank->latch &= ~bit;
    } else {
        gic_lpi_acknowledge(g->pe[pe].lpis, c->intid);
    }
    gic_update(g);
}

static uint64_t acknowledge(struct gic *g, unsigned pe, unsigned group)
{
    struct gic_candidate best = gic_highest_pending(g, pe);

    if (best.group != group || !gic_may_signal(&g->pe[pe].cpu, &best))
        return GIC_SPURIOUS;
    activate(g, pe, &best);
    return best.intid;
}

static uint64_t highest_pending(const struct gic *g, unsigned pe, unsigned group)
{
    struct gic_candidate best = gic_highest_pending(g, pe);

    return best.group == group ? best.intid : GIC_SPURIOUS;
}

/* Returns false if the highest active priority is not of this group: the write is then ignored, a
 * CONSTRAINED UNPREDICTABLE choice (ICC_EOIR0_EL1, ICC_EOIR1_EL1). */
static bool drop_priority(struct gic_cpuif *cpu, unsigned group)
{
    uint32_t active = cpu->apr[0] | cpu->apr[1];
    uint32_t highest = active & (~active + 1);

    if (!(cpu->apr[group] & highest))
        return false;
    cpu->apr[group] &= ~highest;
    return true;
}

static void deactivate(struct gic *g, unsigned pe, uint64_t intid)
{
    struct gic_bank *bank = gic_bank_of(g, pe, intid);

    if (bank)
        bank->active &= ~(UINT32_C(1) << intid % GIC_PER_BANK);
}

static bool is_of_group(struct gic *g, unsigned pe, uint64_t intid, unsigned group)
{
    const struct gic_bank *bank = gic_bank_of(g, pe, intid);

    return bank && (bank->group >> intid % GIC_PER_BANK & 1) == group;
}

static bool is_special(uint64_t intid)
{
    return intid >= FIRST_SPECIAL && intid <= LAST_SPECIAL;
}

static void end_of_interrupt(struct gic *g, unsigned pe, unsigned group, uint64_t value)
{
    struct gic_cpuif *cpu = &g->pe[pe].cpu;
    uint64_t intid = value & INTID_MASK;

    if (is_special(intid) || !drop_priority(cpu, group))
        return;
    if (!cpu->eoimode && is_of_group(g, pe, intid, group))
        deactivate(g, pe, intid);
}

/* --- SGIs --- */

#define SGI_IRM (UINT64_C(1) << 40) /* all PEs but this one */

static bool sgi_reaches(const struct gic *g, unsigned from, unsigned to, uint64_t value)
{
    uint64_t affinity = g->pe[to].affinity;

    if (value & SGI_IRM)
        return to != from;
    return (value >> 48 & 0xFF) == 0 && (value >> 32 & 0xFF) == 0 &&
           (value >> 16 & 0xFF) == affinity >> 8 && (value >> (affinity & 0xF) & 1);
}

/* With one Security state ICC_SGI1R_EL1 generates SGIs of either group, the other two registers
 * only those of group 0 (IHI 0069, forwarding an SGI to a target PE). */
static void generate_sgi(struct gic *g, unsigned from, uint64_t value, bool either_group)
{
    uint32_t bit = UINT32_C(1) << (value >> 24 & 0xF);

    for (unsigned pe = 0; pe < g->pes; pe++) {
        struct gic_bank *own = &g->pe[pe].own;

        if (sgi_reaches(g, from, pe, value) && (either_group || !(own->group & bit)))
            own->latch |= bit;
    }
}

/* --- Registers --- */

static uint64_t get_pmr(struct gic *g, unsigned pe)
{
    return g->pe[pe].cpu.pmr;
}

static void set_pmr(struct gic *g, unsigned pe, uint64_t value)
{
    g->pe[pe].cpu.pmr = value & GIC_PRIORITY_MASK;
}

static uint64_t get_iar0(struct gic *g, unsigned pe)
{
    return acknowledge(g, pe, 0);
}

static uint64_t get_iar1(struct gic *g, unsigned pe)
{
    return acknowledge(g, pe, 1);
}

static uint64_t get_hppir0(struct gic *g, unsigned pe)
{
    return highest_pending(g, pe, 0);
}

static uint64_t get_hppir1(struct gic *g, unsigned pe)
{
    return highest_pending(g, pe, 1);
}

static void set_eoir0(struct gic *g, unsigned pe, uint64_t value)
{
    end_of_interrupt(g, pe, 0, value);
}

static void set_eoir1(struct gic *g, unsigned pe, uint64_t value)
{
    end_of_interrupt(g, pe, 1, value);
}

/* Ignored while the end of an interrupt deactivates it anyway: CONSTRAINED UNPREDICTABLE. */
static void set_dir(struct gic *g, unsigned pe, uint64_t value)
{
    if (g->pe[pe].cpu.eoimode)
        deactivate(g, pe, value & INTID_MASK);
}

static uint8_t clamp_bpr(uint64_t value, unsigned min)
{
    unsigned bpr = value & MAX_BPR;

    return (uint8_t)(bpr < min ? min : bpr);
}

static uint64_t get_bpr0(struct gic *g, unsigned pe)
{
    return g->pe[pe].cpu.bpr[0];
}

static void set_bpr0(struct gic *g, unsigned pe, uint64_t value)
{
    g->pe[pe].cpu.bpr[0] = clamp_bpr(value, MIN_BPR0);
}

/* With ICC_CTLR_EL1.CBPR reads follow ICC_BPR0_EL1 and writes are ignored. */
static uint64_t get_bpr1(struct gic *g, unsigned pe)
{
    const struct gic_cpuif *cpu = &g->pe[pe].cpu;

    if (!cpu->cbpr)
        return cpu->bpr[1];
    return cpu->bpr[0] < MAX_BPR ? cpu->bpr[0] + 1u : MAX_BPR;
}

static void set_bpr1(struct gic *g, unsigned pe, uint64_t value)
{
    if (!g->pe[pe].cpu.cbpr)
        g->pe[pe].cpu.bpr[1] = clamp_bpr(value, MIN_BPR0 + 1);
}

static uint64_t get_ap0r0(struct gic *g, unsigned pe)
{
    return g->pe[pe].cpu.apr[0];
}

static void set_ap0r0(struct gic *g, unsigned pe, uint64_t value)
{
    g->pe[pe].cpu.apr[0] = (uint32_t)value;
}

static uint64_t get_ap1r0(struct gic *g, unsigned pe)
{
    return g->pe[pe].cpu.apr[1];
}

static void set_ap1r0(struct gic *g, unsigned pe, uint64_t value)
{
    g->pe[pe].cpu.apr[1] = (uint32_t)value;
}

static uint64_t get_rpr(struct gic *g, unsigned pe)
{
    return gic_running_priority(&g->pe[pe].cpu);
}

static void set_sgi1r(struct gic *g, unsigned pe, uint64_t value)
{
    generate_sgi(g, pe, value, true);
}

static void set_sgi_group0(struct gic *g, unsigned pe, uint64_t value)
{
    generate_sgi(g, pe, value, false);
}

static uint64_t get_ctlr(struct gic *g, unsigned pe)
{
    const struct gic_cpuif *cpu = &g->pe[pe].cpu;

    return CTLR_PRIBITS_5 | (cpu->cbpr ? CTLR_CBPR : 0) | (cpu->eoimode ? CTLR_EOIMODE : 0);
}

static void set_ctlr(struct gic *g, unsigned pe, uint64_t value)
{
    g->pe[pe].cpu.cbpr = value & CTLR_CBPR;
    g->pe[pe].cpu.eoimode = value & CTLR_EOIMODE;
}

static uint64_t get_sre(struct gic *g, unsigned pe)
{
    (void)g, (void)pe;
    return SRE_SYSREG_ONLY;
}

static void set_sre(struct gic *g, unsigned pe, uint64_t value)
{
    (void)g, (void)pe, (void)value;
}

static uint64_t get_igrpen0(struct gic *g, unsigned pe)
{
    return g->pe[pe].cpu.igrpen & 1;
}

static uint64_t get_igrpen1(struct gic *g, unsigned pe)
{
    return g->pe[pe].cpu.igrpen >> 1;
}

static void set_igrpen0(struct gic *g, unsigned pe, uint64_t value)
{
    g->pe[pe].cpu.igrpen = (uint8_t)((g->pe[pe].cpu.igrpen & 2) | (value & 1));
}

static void set_igrpen1(struct gic *g, unsigned pe, uint64_t value)
{
    g->pe[pe].cpu.igrpen = (uint8_t)((g->pe[pe].cpu.igrpen & 1) | (value & 1) << 1);
}

#define ICC(crn, crm, op2) (3u << 14 | (crn) << 7 | (crm) << 3 | (op2))

/* A register without `get` is write-only, without `set` read-only. With 5 bits of priority there
 * are no ICC_APnR1..3_EL1. The most used come first. */
static const struct {
    uint32_t reg;
    uint64_t (*get)(struct gic *g, unsigned pe);
    void (*set)(struct gic *g, unsigned pe, uint64_t value);
} rows[] = {
    {ICC(12u, 12u, 0u), get_iar1, NULL},           /* ICC_IAR1_EL1 */
    {ICC(12u, 12u, 1u), NULL, set_eoir1},          /* ICC_EOIR1_EL1 */
    {ICC(4u, 6u, 0u), get_pmr, set_pmr},           /* ICC_PMR_EL1 */
    {ICC(12u, 11u, 1u), NULL, set_dir},            /* ICC_DIR_EL1 */
    {ICC(12u, 11u, 3u), get_rpr, NULL},            /* ICC_RPR_EL1 */
    {ICC(12u, 11u, 5u), NULL, set_sgi1r},          /* ICC_SGI1R_EL1 */
    {ICC(12u, 11u, 6u), NULL, set_sgi_group0},     /* ICC_ASGI1R_EL1 */
    {ICC(12u, 11u, 7u), NULL, set_sgi_group0},     /* ICC_SGI0R_EL1 */
    {ICC(12u, 8u, 0u), get_iar0, NULL},            /* ICC_IAR0_EL1 */
    {ICC(12u, 8u, 1u), NULL, set_eoir0},           /* ICC_EOIR0_EL1 */
    {ICC(12u, 8u, 2u), get_hppir0, NULL},          /* ICC_HPPIR0_EL1 */
    {ICC(12u, 8u, 3u), get_bpr0, set_bpr0},        /* ICC_BPR0_EL1 */
    {ICC(12u, 8u, 4u), get_ap0r0, set_ap0r0},      /* ICC_AP0R0_EL1 */
    {ICC(12u, 9u, 0u), get_ap1r0, set_ap1r0},      /* ICC_AP1R0_EL1 */
    {ICC(12u, 12u, 2u), get_hppir1, NULL},         /* ICC_HPPIR1_EL1 */
    {ICC(12u, 12u, 3u), get_bpr1, set_bpr1},       /* ICC_BPR1_EL1 */
    {ICC(12u, 12u, 4u), get_ctlr, set_ctlr},       /* ICC_CTLR_EL1 */
    {ICC(12u, 12u, 5u), get_sre, set_sre},         /* ICC_SRE_EL1 */
    {ICC(12u, 12u, 6u), get_igrpen0, set_igrpen0}, /* ICC_IGRPEN0_EL1 */
    {ICC(12u, 12u, 7u), get_igrpen1, set_igrpen1}, /* ICC_IGRPEN1_EL1 */
};
#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

static size_t find(uint32_t reg)
{
    size_t i = 0;

    while (i < ROW_COUNT && rows[i].reg != reg)
        i++;
    return i;
}

bool gic_cpuif_read(void *dev, unsigned pe, uint32_t reg, uint64_t *value)
{
    size_t row = find(reg);

    if (row == ROW_COUNT || !rows[row].get)
        return false;
    *value = rows[row].get(dev, pe);
    return true;
}

bool gic_cpuif_write(void *dev, unsigned pe, uint32_t reg, uint64_t value)
{
    size_t row = find(reg);

    if (row == ROW_COUNT || !rows[row].set)
        return false;
    rows[row].set(dev, pe, value);
    gic_update(dev);
    return true;
}
