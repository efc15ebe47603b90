/* SPDX-License-Identifier: Apache-2.0 */
/* Life of an ITS, its command queue (IHI 0069 5.3), and the messages of devices. */
#include "its_priv.h"

#include <stdlib.h>

#define QUEUE_PAGE 0x1000u

its *its_create(const struct its_ops *ops, gic *g)
{
    its *i = calloc(1, sizeof(*i));

    if (!i)
        return NULL;
    i->ops = *ops;
    i->gic = g;
    for (unsigned table = 0; table < ITS_TABLES; table++)
        i->baser[table] = ITS_PAGE_64K;
    return i;
}

void its_destroy(its *i)
{
    free(i);
}

const struct its_stats *its_get_stats(const its *i)
{
    return &i->stats;
}

/* Bytes of the command queue. */
static uint64_t queue_size(const struct its *i)
{
    return (its_bits(i->cbaser, 7, 0) + 1) * QUEUE_PAGE;
}

/* A GITS_CWRITER beyond the queue makes it invalid until a better one is written: CONSTRAINED
 * UNPREDICTABLE (GITS_CWRITER). */
static bool has_commands(const struct its *i)
{
    return i->enabled && i->cbaser & GITS_CBASER_VALID && !i->stalled &&
           i->cwriter < queue_size(i) && i->creadr != i->cwriter;
}

void its_ring(struct its *i)
{
    if (has_commands(i) && i->ops.defer)
        i->ops.defer(i->ops.user);
}

bool its_quiescent(const struct its *i)
{
    return !i->enabled && !i->running;
}

/* A command that cannot be read or performed is counted. It stays at GITS_CREADR, and stalls the
 * queue until software has mended it and writes GITS_CWRITER.Retry; or it is passed over (IHI
 * 0069 5.3). */
static void step(struct its *i)
{
    uint64_t base = i->cbaser & UINT64_C(0x000ffffffffff000);
    uint64_t command[ITS_COMMAND_SIZE / 8];

    if (!its_load(i, base + i->creadr, command, ITS_COMMAND_SIZE / 8) || !its_execute(i, command)) {
        i->stats.command_errors++;
        i->stalled = !i->ops.drop_errors;
    } else {
        i->stats.commands++;
    }
    if (!i->stalled)
        i->creadr = (i->creadr + ITS_COMMAND_SIZE) % queue_size(i);
}

bool its_run(its *i, unsigned commands)
{
    i->running = true;
    for (; commands && has_commands(i); commands--)
        step(i);
    i->running = false;
    return has_commands(i);
}

void its_message(struct its *i, uint32_t device_id, uint32_t event_id)
{
    struct its_route route;

    if (!i->enabled || !its_route(i, device_id, event_id, &route)) {
        i->stats.messages_dropped++;
        return;
    }
    i->stats.messages++;
    gic_lpi_set(i->gic, route.collection.pe, route.interrupt.intid);
}
