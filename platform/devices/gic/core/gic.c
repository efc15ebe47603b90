/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a GIC, its interrupt inputs, and where the state of an INTID is. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "gic_lpi.h"

#define SGIS      0x0000ffffu
#define FIRST_PPI 16u
#define MIN_BPR0  2u /* with 5 priority bits, all of them preempting (IHI 0069 4.8) */
#define MIN_BPR1  3u

#define AFF0_PER_AFF1 16u /* as many as a target list of SGIs has bits */

static uint32_t affinity_of(const struct gic_config *config, unsigned pe)
{
    return config->affinities ? config->affinities[pe]
                              : (pe / AFF0_PER_AFF1) << 8 | pe % AFF0_PER_AFF1;
}

static bool affinities_sound(const struct gic_config *config, char *err, size_t err_size)
{
    for (unsigned pe = 0; pe < config->pes; pe++) {
        uint32_t affinity = affinity_of(config, pe);

        if (affinity > 0xffff || (affinity & 0xff) >= AFF0_PER_AFF1) {
            snprintf(err, err_size, "affinities: 0x%x is not Aff1 with an Aff0 from 0 to 15",
                     affinity);
            return false;
        }
        for (unsigned other = 0; other < pe; other++)
            if (affinity_of(config, other) == affinity) {
                snprintf(err, err_size, "affinities: PEs %u and %u have 0x%x", other, pe, affinity);
                return false;
            }
    }
    return true;
}

static bool config_sound(const struct gic_config *config, char *err, size_t err_size)
{
    if (config->pes < 1 || config->pes > GIC_MAX_PES) {
        snprintf(err, err_size, "pes: %u is not between 1 and %u", config->pes, GIC_MAX_PES);
        return false;
    }
    if (config->spis < 1 || config->spis > GIC_MAX_SPIS) {
        snprintf(err, err_size, "spis: %u is not between 1 and %u", config->spis, GIC_MAX_SPIS);
        return false;
    }
    return affinities_sound(config, err, err_size);
}

static void reset(struct gic *g)
{
    for (unsigned spi = 0; spi < g->spis; spi++)
        g->spi[spi / GIC_PER_BANK].exists |= UINT32_C(1) << spi % GIC_PER_BANK;
    for (unsigned pe = 0; pe < g->pes; pe++) {
        struct gic_pe *p = &g->pe[pe];

        p->own.exists = UINT32_MAX;
        p->own.edge = SGIS;
        p->own.fixed = SGIS;
        p->asleep = true;
        p->cpu.bpr[0] = p->virt.cpu.bpr[0] = MIN_BPR0;
        p->cpu.bpr[1] = p->virt.cpu.bpr[1] = MIN_BPR1;
    }
}

static bool allocate_pes(struct gic *g, const struct gic_config *config)
{
    g->pe = calloc(config->pes, sizeof(*g->pe));
    if (!g->pe)
        return false;
    g->pes = config->pes;
    for (unsigned pe = 0; pe < g->pes; pe++) {
        g->pe[pe].gic = g;
        g->pe[pe].affinity = affinity_of(config, pe);
    }
    for (unsigned pe = 0; config->lpis && pe < g->pes; pe++) {
        g->pe[pe].lpis = calloc(1, sizeof(*g->pe[pe].lpis));
        if (!g->pe[pe].lpis)
            return false;
    }
    return true;
}

gic *gic_create(const struct gic_config *config, const struct gic_ops *ops, char *err,
                size_t err_size)
{
    if (!config_sound(config, err, err_size))
        return NULL;
    struct gic *g = calloc(1, sizeof(*g));
    if (!g || !allocate_pes(g, config)) {
        snprintf(err, err_size, "out of memory");
        gic_destroy(g);
        return NULL;
    }
    g->bus = ops->bus;
    g->wires = ops->wires;
    g->spis = config->spis;
    g->spi_banks = (config->spis + GIC_PER_BANK - 1) / GIC_PER_BANK;
    reset(g);
    return g;
}

void gic_wake(gic *g, unsigned pe)
{
    g->pe[pe].asleep = false;
}

void gic_destroy(gic *g)
{
    if (!g)
        return;
    for (unsigned pe = 0; pe < g->pes; pe++)
        free(g->pe[pe].lpis);
    free(g->pe);
    free(g);
}

unsigned gic_pes(const gic *g)
{
    return g->pes;
}

struct gic_bank *gic_bank_of(struct gic *g, unsigned pe, uint64_t intid)
{
    if (intid < GIC_PER_BANK)
        return &g->pe[pe].own;
    return intid - GIC_PER_BANK < g->spis ? &g->spi[intid / GIC_PER_BANK - 1] : NULL;
}

void gic_set_spi(gic *g, unsigned spi, bool level)
{
    assert(spi < g->spis);
    gic_bank_input(&g->spi[spi / GIC_PER_BANK], spi % GIC_PER_BANK, level);
    gic_update(g);
}

void gic_set_ppi(gic *g, unsigned pe, unsigned ppi, bool level)
{
    assert(pe < g->pes && ppi < GIC_PPIS);
    gic_bank_input(&g->pe[pe].own, FIRST_PPI + ppi, level);
    gic_update(g);
}
