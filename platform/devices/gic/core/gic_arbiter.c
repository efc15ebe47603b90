/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which pending interrupt each PE gets, and drives the interrupt outputs accordingly. */
#include "gic_lpi.h"

#define IROUTER_IRM        (UINT64_C(1) << 31)
#define IROUTER_AFFINITIES UINT64_C(0xff00ffffff)

/* The PE that GICD_IROUTER names; g->pes if none has that affinity. */
static unsigned routed_to(const struct gic *g, uint64_t router)
{
    unsigned pe = 0;

    while (pe < g->pes && g->pe[pe].affinity != (router & IROUTER_AFFINITIES))
        pe++;
    return pe;
}

/* Groups that the distributor and the PE's CPU interface both enable; none while it sleeps. */
static unsigned enabled_groups(const struct gic *g, unsigned pe)
{
    return g->pe[pe].asleep ? 0 : g->ctlr & g->pe[pe].cpu.igrpen;
}

/* A 1-of-N interrupt goes to the PE with the lowest number that takes interrupts of its group and
 * does not refuse such distribution: IMPLEMENTATION DEFINED in IHI 0069. */
static unsigned one_of_n(const struct gic *g, unsigned group)
{
    for (unsigned pe = 0; pe < g->pes; pe++)
        if (enabled_groups(g, pe) >> group & 1 && !(g->pe[pe].ctlr & GICR_CTLR_DPG(group)))
            return pe;
    return GIC_MAX_PES;
}

static unsigned target_of(const struct gic *g, unsigned spi, unsigned group)
{
    uint64_t router = g->router[spi];

    return router & IROUTER_IRM ? one_of_n(g, group) : routed_to(g, router);
}

/* The interrupts of a bank that may be forwarded: pending, enabled, not active, group enabled. */
static uint32_t forwardable(const struct gic_bank *bank, unsigned groups)
{
    uint32_t of_group = (groups & 1 ? ~bank->group : 0) | (groups & 2 ? bank->group : 0);

    return gic_bank_pending(bank) & bank->enabled & ~bank->active & of_group;
}

/* Equal priorities: the lowest INTID wins (IMPLEMENTATION DEFINED, IHI 0069 4.8). */
static void consider(struct gic_candidate *best, const struct gic_bank *bank, unsigned n,
                     uint32_t intid)
{
    if (best->intid != GIC_SPURIOUS && bank->priority[n] >= best->priority)
        return;
    best->intid = intid;
    best->priority = bank->priority[n];
    best->group = bank->group >> n & 1;
}

/* LPIs are in group 1, and have the highest INTIDs: they lose to others of the same priority. */
static void consider_lpis(struct gic_candidate *best, const struct gic_lpis *lpis)
{
    uint32_t intid;
    uint8_t priority;

    if (!gic_lpi_first(lpis, &intid, &priority) ||
        (best->intid != GIC_SPURIOUS && priority >= best->priority))
        return;
    best->intid = intid;
    best->priority = priority;
    best->group = 1;
}

static struct gic_candidate highest_of(const struct gic *g, unsigned pe, unsigned groups)
{
    struct gic_candidate best = {.intid = GIC_SPURIOUS, .priority = GIC_IDLE_PRIORITY};
    uint32_t bits = forwardable(&g->pe[pe].own, groups);

    for (; bits; bits &= bits - 1) {
        unsigned n = (unsigned)__builtin_ctz(bits);
        consider(&best, &g->pe[pe].own, n, n);
    }
    for (unsigned b = 0; b < g->spi_banks; b++) {
        const struct gic_bank *bank = &g->spi[b];

        for (bits = forwardable(bank, groups); bits; bits &= bits - 1) {
            unsigned n = (unsigned)__builtin_ctz(bits);
            unsigned spi = b * GIC_PER_BANK + n;

            if (target_of(g, spi, bank->group >> n & 1) == pe)
                consider(&best, bank, n, GIC_PER_BANK + spi);
        }
    }
    if (g->pe[pe].lpis && groups & 2)
        consider_lpis(&best, g->pe[pe].lpis);
    return best;
}

struct gic_candidate gic_highest_pending(const struct gic *g, unsigned pe)
{
    return highest_of(g, pe, enabled_groups(g, pe));
}

/* What sleeps is asked to wake for anything that the distributor would forward to it. */
static bool wants_to_wake(const struct gic *g, unsigned pe)
{
    return g->pe[pe].asleep && highest_of(g, pe, g->ctlr).intid != GIC_SPURIOUS;
}

void gic_drive(struct gic *g, unsigned pe, enum gic_line line, bool level)
{
    if (g->pe[pe].out[line] == level)
        return;
    g->pe[pe].out[line] = level;
    if (g->wires.set)
        g->wires.set(g->wires.user, pe * GIC_LINES + line, level);
}

/* Group 0 is signalled as FIQ, group 1 as IRQ (IHI 0069 4.6, one Security state). */
void gic_update(struct gic *g)
{
    for (unsigned pe = 0; pe < g->pes; pe++) {
        struct gic_candidate best = gic_highest_pending(g, pe);
        bool signal = gic_may_signal(&g->pe[pe].cpu, &best);

        gic_drive(g, pe, GIC_IRQ, signal && best.group == 1);
        gic_drive(g, pe, GIC_FIQ, signal && best.group == 0);
        gic_drive(g, pe, GIC_WAKE_REQUEST, wants_to_wake(g, pe));
    }
}
