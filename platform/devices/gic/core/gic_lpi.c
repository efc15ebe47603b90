/* SPDX-License-Identifier: Apache-2.0 */
/* LPIs of a PE: which are pending, how they are configured, the tables in memory (IHI 0069 5.1). */
#include "gic_lpi.h"

#include <string.h>

#include "vp/little_endian.h"

#define ID_BITS        16u /* of an INTID; GICD_TYPER.IDbits */
#define CONFIG_ENABLE  0x01u
#define PRIORITY_SHIFT 3

/* The pending table has a bit for each INTID, from 0 on; the first LPI is at byte 0x400. Whole
 * blocks of that size are moved: no register takes a burst, so a table placed over registers
 * aborts and does nothing else. */
#define PENDING_BLOCK 0x400u
#define BLOCK_WORDS   (PENDING_BLOCK / sizeof(uint64_t))

/* --- Bitmaps, one bit for each LPI --- */

static bool test(const uint64_t *map, uint32_t intid)
{
    return map[(intid - GIC_FIRST_LPI) / 64] >> intid % 64 & 1;
}

static void put(uint64_t *map, uint32_t intid, bool value)
{
    uint64_t *word = &map[(intid - GIC_FIRST_LPI) / 64];
    uint64_t bit = UINT64_C(1) << intid % 64;

    *word = value ? *word | bit : *word & ~bit;
}

/* The next pending LPI from `intid` on; GIC_END_LPI if there is none. */
static uint32_t next_pending(const struct gic_lpis *lpis, uint32_t intid)
{
    while (intid < GIC_END_LPI) {
        uint64_t word = lpis->pending[(intid - GIC_FIRST_LPI) / 64] >> intid % 64;

        if (word)
            return intid + (uint32_t)__builtin_ctzll(word);
        intid = (intid | 63) + 1;
    }
    return GIC_END_LPI;
}

/* --- Which LPIs may be signalled, in order: pending, configuration known and enabled --- */

static uint32_t key_of(const struct gic_lpis *lpis, uint32_t intid)
{
    uint32_t priority = lpis->config[intid - GIC_FIRST_LPI] >> PRIORITY_SHIFT;

    return priority << ID_BITS | intid;
}

static bool is_ready(const struct gic_lpis *lpis, uint32_t intid)
{
    return test(lpis->pending, intid) && test(lpis->cached, intid) &&
           lpis->config[intid - GIC_FIRST_LPI] & CONFIG_ENABLE;
}

static void set_pending(struct gic_lpis *lpis, uint32_t intid)
{
    put(lpis->pending, intid, true);
    if (is_ready(lpis, intid))
        minset_add(&lpis->ready, key_of(lpis, intid));
}

static void clear_pending(struct gic_lpis *lpis, uint32_t intid)
{
    if (is_ready(lpis, intid))
        minset_remove(&lpis->ready, key_of(lpis, intid));
    put(lpis->pending, intid, false);
}

static void forget_config(struct gic_lpis *lpis, uint32_t intid)
{
    if (is_ready(lpis, intid))
        minset_remove(&lpis->ready, key_of(lpis, intid));
    put(lpis->cached, intid, false);
}

static void set_config(struct gic_lpis *lpis, uint32_t intid, uint8_t config)
{
    forget_config(lpis, intid);
    lpis->config[intid - GIC_FIRST_LPI] = config;
    put(lpis->cached, intid, true);
    if (is_ready(lpis, intid))
        minset_add(&lpis->ready, key_of(lpis, intid));
}

static void forget_all(struct gic_lpis *lpis)
{
    for (uint32_t i = next_pending(lpis, GIC_FIRST_LPI); i < GIC_END_LPI;
         i = next_pending(lpis, i + 1))
        forget_config(lpis, i);
    memset(lpis->cached, 0, sizeof(lpis->cached));
}

bool gic_lpi_first(const struct gic_lpis *lpis, uint32_t *intid, uint8_t *priority)
{
    uint32_t key;

    if (!minset_first(&lpis->ready, &key))
        return false;
    *intid = key & ((UINT32_C(1) << ID_BITS) - 1);
    *priority = (uint8_t)(key >> ID_BITS << PRIORITY_SHIFT);
    return true;
}

void gic_lpi_acknowledge(struct gic_lpis *lpis, uint32_t intid)
{
    clear_pending(lpis, intid);
}

/* --- Tables in memory. An access may block; what it was made for may then be over. --- */

static struct gic_lpis *lpis_in_reach(struct gic *g, unsigned pe, uint32_t intid)
{
    struct gic_lpis *lpis = g->pe[pe].lpis;

    return lpis && intid >= GIC_FIRST_LPI && intid < lpis->end ? lpis : NULL;
}

/* Read the configuration of an LPI until no invalidation comes in between. Where memory does not
 * answer the LPI is disabled. */
static void fetch_config(struct gic *g, unsigned pe, uint32_t intid)
{
    struct gic_lpis *lpis = g->pe[pe].lpis;
    uint8_t config;
    unsigned epoch;

    do {
        uint64_t table = lpis->propbaser & GICR_PROPBASER_ADDR;

        epoch = lpis->epoch;
        if (g->bus.read(g->bus.user, table + (intid - GIC_FIRST_LPI), &config, 1, 0, VP_NO_SSID))
            config = 0;
    } while (epoch != lpis->epoch);
    if (lpis_in_reach(g, pe, intid))
        set_config(lpis, intid, config);
}

static void fetch_pending_configs(struct gic *g, unsigned pe)
{
    struct gic_lpis *lpis = g->pe[pe].lpis;

    for (uint32_t i = next_pending(lpis, GIC_FIRST_LPI); i < GIC_END_LPI;
         i = next_pending(lpis, i + 1))
        if (!test(lpis->cached, i))
            fetch_config(g, pe, i);
}

static uint64_t pending_table(const struct gic_lpis *lpis)
{
    return lpis->pendbaser & GICR_PENDBASER_ADDR;
}

/* Blocks that cannot be read have nothing pending. */
static void load_pending(struct gic *g, struct gic_lpis *lpis, uint32_t end)
{
    uint8_t bytes[PENDING_BLOCK];

    for (uint32_t at = PENDING_BLOCK; at < end / 8; at += PENDING_BLOCK) {
        uint64_t *words = &lpis->pending[(at - PENDING_BLOCK) / sizeof(uint64_t)];

        if (g->bus.read(g->bus.user, pending_table(lpis) + at, bytes, sizeof(bytes), 0, VP_NO_SSID))
            continue;
        for (unsigned i = 0; i < BLOCK_WORDS; i++)
            words[i] = vp_load_le64(&bytes[i * sizeof(uint64_t)]);
    }
}

/* Bits that cannot be written are lost. */
static void store_pending(struct gic *g, const struct gic_lpis *lpis, uint32_t end)
{
    uint8_t bytes[PENDING_BLOCK];

    for (uint32_t at = PENDING_BLOCK; at < end / 8; at += PENDING_BLOCK) {
        const uint64_t *words = &lpis->pending[(at - PENDING_BLOCK) / sizeof(uint64_t)];

        for (unsigned i = 0; i < BLOCK_WORDS; i++)
            vp_store_le(&bytes[i * sizeof(uint64_t)], words[i], sizeof(uint64_t));
        g->bus.write(g->bus.user, pending_table(lpis) + at, bytes, sizeof(bytes), 0, VP_NO_SSID);
    }
}

/* One past the last INTID in reach. */
static uint32_t end_of_reach(const struct gic_lpis *lpis)
{
    unsigned bits = (unsigned)(lpis->propbaser & GICR_PROPBASER_ID_BITS) + 1;

    return UINT32_C(1) << (bits < ID_BITS ? bits : ID_BITS);
}

/* The table is zero, as PTZ says, once: later it has what disable() writes. */
static void enable(struct gic *g, unsigned pe)
{
    struct gic_lpis *lpis = g->pe[pe].lpis;
    uint32_t end = end_of_reach(lpis);

    lpis->enabled = true;
    lpis->busy = true;
    if (!(lpis->pendbaser & GICR_PENDBASER_PTZ))
        load_pending(g, lpis, end);
    lpis->pendbaser &= ~GICR_PENDBASER_PTZ;
    lpis->end = end;
    lpis->busy = false;
    fetch_pending_configs(g, pe);
}

/* Out of reach first: whatever comes while the table is written comes too late. */
static void disable(struct gic *g, struct gic_lpis *lpis)
{
    uint32_t end = lpis->end;

    lpis->enabled = false;
    lpis->busy = true;
    lpis->end = 0;
    lpis->epoch++;
    forget_all(lpis);
    store_pending(g, lpis, end);
    memset(lpis->pending, 0, sizeof(lpis->pending));
    lpis->busy = false;
}

void gic_lpi_enable(struct gic *g, unsigned pe, bool on)
{
    struct gic_lpis *lpis = g->pe[pe].lpis;

    if (!lpis || lpis->busy || on == lpis->enabled)
        return;
    if (on)
        enable(g, pe);
    else
        disable(g, lpis);
}

/* --- What an ITS asks for --- */

void gic_lpi_set(gic *g, unsigned pe, uint32_t intid)
{
    struct gic_lpis *lpis = lpis_in_reach(g, pe, intid);

    if (!lpis)
        return;
    set_pending(lpis, intid);
    if (!test(lpis->cached, intid))
        fetch_config(g, pe, intid);
    gic_update(g);
}

void gic_lpi_clear(gic *g, unsigned pe, uint32_t intid)
{
    struct gic_lpis *lpis = lpis_in_reach(g, pe, intid);

    if (!lpis)
        return;
    clear_pending(lpis, intid);
    gic_update(g);
}

void gic_lpi_move(gic *g, unsigned from, unsigned to, uint32_t intid)
{
    struct gic_lpis *lpis = lpis_in_reach(g, from, intid);

    if (!lpis || !test(lpis->pending, intid))
        return;
    gic_lpi_clear(g, from, intid);
    gic_lpi_set(g, to, intid);
}

void gic_lpi_move_all(gic *g, unsigned from, unsigned to)
{
    const struct gic_lpis *lpis = g->pe[from].lpis;

    if (!lpis)
        return;
    for (uint32_t i = next_pending(lpis, GIC_FIRST_LPI); i < lpis->end;
         i = next_pending(lpis, i + 1))
        gic_lpi_move(g, from, to, i);
}

void gic_lpi_invalidate(gic *g, unsigned pe, uint32_t intid)
{
    struct gic_lpis *lpis = lpis_in_reach(g, pe, intid);

    if (!lpis)
        return;
    lpis->epoch++;
    forget_config(lpis, intid);
    if (test(lpis->pending, intid))
        fetch_config(g, pe, intid);
    gic_update(g);
}

void gic_lpi_invalidate_all(gic *g, unsigned pe)
{
    struct gic_lpis *lpis = g->pe[pe].lpis;

    if (!lpis || !lpis->end)
        return;
    lpis->epoch++;
    forget_all(lpis);
    fetch_pending_configs(g, pe);
    gic_update(g);
}
