/* SPDX-License-Identifier: Apache-2.0 */
/* The address translation cache: entries of any span in sets and ways, least recently used first
 * out. */
#include "pcie/pcie_atc.h"

#include <stdio.h>
#include <stdlib.h>

#include "vp/device.h"

#define MIN_SPAN   12u
#define SPANS      64u /* log2 of an entry's bytes is below */
#define EVERYTHING 64u

struct entry {
    bool valid;
    struct pcie_atc_tag tag;
    uint64_t addr;                  /* of the first byte of the span, untranslated */
    struct pcie_translation answer; /* to a request for `addr` */
    uint64_t used;                  /* the larger, the later */
};

struct pcie_atc {
    struct pcie_atc_config config;
    struct entry *entry;
    uint32_t spans[SPANS]; /* entries of each: spans that nobody has are not looked for */
    uint64_t epoch;
    uint64_t clock;
    struct pcie_atc_stats stats;
};

/* --- life --- */

static const char *fault_of(const struct pcie_atc_config *config)
{
    if (config->sets & (config->sets - 1))
        return "sets: not a power of two";
    if ((uint64_t)config->sets * config->ways > PCIE_ATC_MAX_ENTRIES)
        return "more than 65536 entries";
    return NULL;
}

pcie_atc *pcie_atc_create(const struct pcie_atc_config *config, char *err, size_t err_size)
{
    const char *fault = fault_of(config);

    if (fault) {
        snprintf(err, err_size, "%s", fault);
        return NULL;
    }
    pcie_atc *atc = calloc(1, sizeof(*atc));
    if (atc) /* one more than needed: an allocation of nothing may be NULL */
        atc->entry = calloc((size_t)config->sets * config->ways + 1, sizeof(*atc->entry));
    if (!atc || !atc->entry) {
        snprintf(err, err_size, "out of memory");
        pcie_atc_destroy(atc);
        return NULL;
    }
    atc->config = *config;
    return atc;
}

void pcie_atc_destroy(pcie_atc *atc)
{
    if (atc)
        free(atc->entry);
    free(atc);
}

/* --- entries --- */

static uint64_t span_base(uint64_t addr, unsigned span_log2)
{
    return addr >> span_log2 << span_log2;
}

static struct entry *set_of(pcie_atc *atc, uint64_t addr, unsigned span_log2)
{
    size_t set = (size_t)(addr >> span_log2) & (atc->config.sets - 1);

    return &atc->entry[set * atc->config.ways];
}

static bool holds_anything(const pcie_atc *atc)
{
    return atc->config.sets != 0 && atc->config.ways != 0;
}

static void drop(pcie_atc *atc, struct entry *entry)
{
    entry->valid = false;
    atc->spans[entry->answer.span_log2]--;
}

static struct entry *find(pcie_atc *atc, struct pcie_atc_tag tag, uint64_t addr)
{
    for (unsigned span = MIN_SPAN; span < SPANS; span++) {
        struct entry *set;

        if (!atc->spans[span])
            continue;
        set = set_of(atc, addr, span);
        for (uint32_t way = 0; way < atc->config.ways; way++)
            if (set[way].valid && set[way].answer.span_log2 == span &&
                set[way].addr == span_base(addr, span) && set[way].tag.pasid == tag.pasid &&
                set[way].tag.priv == tag.priv)
                return &set[way];
    }
    return NULL;
}

bool pcie_atc_lookup(pcie_atc *atc, struct pcie_atc_tag tag, uint64_t addr,
                     struct pcie_translation *found)
{
    struct entry *entry = find(atc, tag, addr);

    if (!entry) {
        atc->stats.misses++;
        return false;
    }
    atc->stats.hits++;
    entry->used = ++atc->clock;
    *found = entry->answer;
    return true;
}

/* A free way, or else the one whose last use is longest ago. */
static struct entry *victim(pcie_atc *atc, uint64_t addr, unsigned span_log2)
{
    struct entry *set = set_of(atc, addr, span_log2);
    struct entry *oldest = set;

    for (uint32_t way = 0; way < atc->config.ways; way++) {
        if (!set[way].valid)
            return &set[way];
        if (set[way].used < oldest->used)
            oldest = &set[way];
    }
    return oldest;
}

bool pcie_atc_fill(pcie_atc *atc, uint64_t epoch, struct pcie_atc_tag tag, uint64_t addr,
                   const struct pcie_translation *answer)
{
    struct entry *entry;

    if (epoch != atc->epoch)
        return false;
    if (!holds_anything(atc) || answer->status != PCIE_COMPLETED ||
        !(answer->r || answer->w || answer->x) || answer->span_log2 < MIN_SPAN ||
        answer->span_log2 >= SPANS)
        return true;
    while ((entry = find(atc, tag, addr)) != NULL)
        drop(atc, entry);
    entry = victim(atc, addr, answer->span_log2);
    if (entry->valid) {
        drop(atc, entry);
        atc->stats.evictions++;
    }
    *entry = (struct entry){.valid = true,
                            .tag = tag,
                            .addr = span_base(addr, answer->span_log2),
                            .answer = *answer,
                            .used = ++atc->clock};
    atc->spans[answer->span_log2]++;
    atc->stats.fills++;
    return true;
}

/* --- invalidation --- */

uint64_t pcie_atc_epoch(const pcie_atc *atc)
{
    return atc->epoch;
}

/* Two aligned ranges overlap if their bases are equal as far as the larger one goes. */
static bool in_range(const struct entry *entry, const struct pcie_invalidation *inv)
{
    unsigned span =
        inv->span_log2 > entry->answer.span_log2 ? inv->span_log2 : entry->answer.span_log2;

    return span >= EVERYTHING || (entry->addr ^ inv->addr) >> span == 0;
}

static bool in_space(const struct entry *entry, const struct pcie_invalidation *inv)
{
    if (inv->pasid == VP_NO_SSID)
        return true;
    return inv->global ? entry->tag.pasid != VP_NO_SSID : entry->tag.pasid == inv->pasid;
}

static size_t entries(const pcie_atc *atc)
{
    return (size_t)atc->config.sets * atc->config.ways;
}

void pcie_atc_invalidate(pcie_atc *atc, const struct pcie_invalidation *inv)
{
    atc->epoch++;
    atc->stats.invalidations++;
    for (size_t i = 0; i < entries(atc); i++)
        if (atc->entry[i].valid && in_space(&atc->entry[i], inv) && in_range(&atc->entry[i], inv))
            drop(atc, &atc->entry[i]);
}

void pcie_atc_flush(pcie_atc *atc)
{
    atc->epoch++;
    for (size_t i = 0; i < entries(atc); i++)
        if (atc->entry[i].valid)
            drop(atc, &atc->entry[i]);
}

const struct pcie_atc_stats *pcie_atc_get_stats(const pcie_atc *atc)
{
    return &atc->stats;
}
