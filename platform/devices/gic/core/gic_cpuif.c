/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU interface: ICC_*_EL1 system registers, acknowledge, priority drop, deactivation. */
#include "gic_lpi.h"

#define INTID_MASK         0xffffffu
#define SRE_SYSREG_ONLY    7u  /* SRE, DFB and DIB are RAO/WI */
#define SRE_EL2_PERMISSIVE 15u /* and so is Enable of ICC_SRE_EL2: EL1 may use ICC_SRE_EL1 */

/* --- Acknowledge and end of interrupt --- */

static void activate(struct gic *g, unsigned pe, const struct gic_candidate *c)
{
    struct gic_cpuif *cpu = &g->pe[pe].cpu;
    struct gic_bank *bank = gic_bank_of(g, pe, c->intid);
    uint32_t bit = UINT32_C(1) << c->intid % GIC_PER_BANK;

    gic_raise_priority(cpu, c);
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

void gic_deactivate(struct gic *g, unsigned pe, uint64_t intid)
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

static void end_of_interrupt(struct gic *g, unsigned pe, unsigned group, uint64_t value)
{
    struct gic_cpuif *cpu = &g->pe[pe].cpu;
    uint64_t intid = value & INTID_MASK;

    if (gic_is_special(intid) || !gic_drop_priority(cpu, group))
        return;
    if (!cpu->eoimode && is_of_group(g, pe, intid, group))
        gic_deactivate(g, pe, intid);
}

/* --- SGIs --- */

#define SGI_IRM (UINT64_C(1) << 40) /* all PEs but this one */

static bool sgi_reaches(const struct gic *g, unsigned from, unsigned to, uint64_t value)
{
    uint64_t affinity = g->pe[to].affinity;

    if (value & SGI_IRM)
        return to != from;
    return (value >> 48 & 0xff) == 0 && (value >> 32 & 0xff) == 0 &&
           (value >> 16 & 0xff) == affinity >> 8 && (value >> (affinity & 0xf) & 1);
}

/* With one Security state ICC_SGI1R_EL1 generates SGIs of either group, the other two registers
 * only those of group 0 (IHI 0069, forwarding an SGI to a target PE). */
static void generate_sgi(struct gic *g, unsigned from, uint64_t value, bool either_group)
{
    uint32_t bit = UINT32_C(1) << (value >> 24 & 0xf);

    for (unsigned pe = 0; pe < g->pes; pe++) {
        struct gic_bank *own = &g->pe[pe].own;

        if (sgi_reaches(g, from, pe, value) && (either_group || !(own->group & bit)))
            own->latch |= bit;
    }
}

/* --- Registers --- */

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
        gic_deactivate(g, pe, value & INTID_MASK);
}

static void set_sgi1r(struct gic *g, unsigned pe, uint64_t value)
{
    generate_sgi(g, pe, value, true);
}

static void set_sgi_group0(struct gic *g, unsigned pe, uint64_t value)
{
    generate_sgi(g, pe, value, false);
}

static uint64_t get_sre(struct gic *g, unsigned pe)
{
    (void)g, (void)pe;
    return SRE_SYSREG_ONLY;
}

static uint64_t get_sre_el2(struct gic *g, unsigned pe)
{
    (void)g, (void)pe;
    return SRE_EL2_PERMISSIVE;
}

static void set_sre(struct gic *g, unsigned pe, uint64_t value)
{
    (void)g, (void)pe, (void)value;
}

/* A register without `get` is write-only, without `set` read-only; those that are about the state
 * of the interface alone are in gic_cpuif_regs.c. The most used come first. */
static const struct {
    uint32_t reg;
    uint64_t (*get)(struct gic *g, unsigned pe);
    void (*set)(struct gic *g, unsigned pe, uint64_t value);
} rows[] = {
    {GIC_ICC(12u, 12u, 0u), get_iar1, NULL},       /* ICC_IAR1_EL1 */
    {GIC_ICC(12u, 12u, 1u), NULL, set_eoir1},      /* ICC_EOIR1_EL1 */
    {GIC_ICC(12u, 11u, 1u), NULL, set_dir},        /* ICC_DIR_EL1 */
    {GIC_ICC(12u, 11u, 5u), NULL, set_sgi1r},      /* ICC_SGI1R_EL1 */
    {GIC_ICC(12u, 11u, 6u), NULL, set_sgi_group0}, /* ICC_ASGI1R_EL1 */
    {GIC_ICC(12u, 11u, 7u), NULL, set_sgi_group0}, /* ICC_SGI0R_EL1 */
    {GIC_ICC(12u, 8u, 0u), get_iar0, NULL},        /* ICC_IAR0_EL1 */
    {GIC_ICC(12u, 8u, 1u), NULL, set_eoir0},       /* ICC_EOIR0_EL1 */
    {GIC_ICC(12u, 8u, 2u), get_hppir0, NULL},      /* ICC_HPPIR0_EL1 */
    {GIC_ICC(12u, 12u, 2u), get_hppir1, NULL},     /* ICC_HPPIR1_EL1 */
    {GIC_ICC(12u, 12u, 5u), get_sre, set_sre},     /* ICC_SRE_EL1 */
    {GIC_ICH(9u, 5u), get_sre_el2, set_sre},       /* ICC_SRE_EL2 */
};
#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

static size_t find(uint32_t reg)
{
    size_t i = 0;

    while (i < ROW_COUNT && rows[i].reg != reg)
        i++;
    return i;
}

/* The virtual interface first: its registers are those that no row here has. */
bool gic_cpuif_read(void *dev, unsigned pe, uint32_t reg, uint64_t *value)
{
    struct gic *g = dev;
    size_t row = find(reg);

    if (gic_vcpuif_has(reg))
        return gic_vcpuif_read(g, pe, reg, value);
    if (row == ROW_COUNT)
        return gic_cpuif_get(&g->pe[pe].cpu, reg, value);
    if (!rows[row].get)
        return false;
    *value = rows[row].get(g, pe);
    return true;
}

bool gic_cpuif_write(void *dev, unsigned pe, uint32_t reg, uint64_t value)
{
    struct gic *g = dev;
    size_t row = find(reg);

    if (gic_vcpuif_has(reg))
        return gic_vcpuif_write(g, pe, reg, value);
    if (row == ROW_COUNT ? !gic_cpuif_set(&g->pe[pe].cpu, reg, value) : !rows[row].set)
        return false;
    if (row != ROW_COUNT)
        rows[row].set(g, pe, value);
    gic_update(g);
    return true;
}
