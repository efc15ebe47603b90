/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a traffic generator, and of its runs. */
#include "traffic_priv.h"

#include <stdlib.h>

/* --- life --- */

/* Pieces of a scatter list that nobody has given, where they are fixed once and for all. */
static bool make_pieces(traffic *t)
{
    struct traffic_config *config = &t->config;
    struct traffic_random r = traffic_random_begin(config->seed, TRAFFIC_DRAW_PIECE);
    uint64_t size = config->scatter_bytes;

    t->made_up = calloc(config->scatter_pieces, sizeof(*t->made_up));
    if (!t->made_up)
        return false;
    for (uint64_t i = 0; i < config->scatter_pieces; i++) {
        uint64_t place = traffic_random_below(&r, config->window_bytes / size);
        t->made_up[i] = (struct traffic_piece){config->window_base + size * place, size};
    }
    config->pieces = t->made_up;
    config->piece_count = config->scatter_pieces;
    return true;
}

static bool allocate(traffic *t)
{
    t->slots =
        traffic_pattern_rows[t->config.pattern].dependent ? 1 : (unsigned)t->config.outstanding;
    t->slot = calloc(t->slots, sizeof(*t->slot));
    t->free = calloc(t->slots, sizeof(*t->free));
    return t->slot && t->free && (t->config.scatter_pieces == 0 || make_pieces(t));
}

traffic *traffic_create(const struct traffic_config *config, const struct traffic_ops *ops)
{
    struct traffic_error error;
    traffic *t = traffic_config_check(config, &error) ? calloc(1, sizeof(*t)) : NULL;

    if (!t)
        return NULL;
    t->ops = *ops;
    t->config = *config;
    if (!allocate(t)) {
        traffic_destroy(t);
        return NULL;
    }
    return t;
}

void traffic_destroy(traffic *t)
{
    if (!t)
        return;
    free(t->made_up);
    free(t->slot);
    free(t->free);
    free(t);
}

/* --- a run --- */

static const struct traffic_pattern_row *pattern_of(const traffic *t)
{
    return &traffic_pattern_rows[t->config.pattern];
}

void traffic_update_irq(traffic *t)
{
    bool level = t->irq_enable && t->status & STATUS_DONE;

    if (level == t->out)
        return;
    t->out = level;
    if (t->ops.wires.set)
        t->ops.wires.set(t->ops.wires.user, 0, level);
}

/* The slot of the lowest number is taken first. */
static void free_slots(traffic *t)
{
    for (unsigned i = 0; i < t->slots; i++)
        t->free[i] = t->slots - 1 - i;
    t->free_count = t->slots;
}

void traffic_start(traffic *t)
{
    if (t->status & STATUS_BUSY)
        return;
    t->status = STATUS_BUSY;
    t->starting = true;
    t->stop = false;
    t->issued = 0;
    t->arriving = false;
    t->direction = traffic_random_begin(t->config.seed, TRAFFIC_DRAW_DIRECTION);
    t->arrival = traffic_random_begin(t->config.seed, TRAFFIC_DRAW_ARRIVAL);
    t->stats = (struct traffic_stats){0};
    free_slots(t);
    pattern_of(t)->begin(t);
    traffic_update_irq(t);
    if (t->ops.start)
        t->ops.start(t->ops.user);
}

/* Whether no access is to be issued any more. */
static bool is_over(const traffic *t)
{
    const struct traffic_pattern_row *pattern = pattern_of(t);

    return t->stop || (t->config.count != 0 && t->issued == t->config.count) ||
           (pattern->more && !pattern->more(t));
}

/* Ends the run if it is over and all is answered. */
static void settle(traffic *t)
{
    if (!(t->status & STATUS_BUSY) || t->free_count != t->slots || !is_over(t))
        return;
    t->status = t->stop ? 0 : STATUS_DONE;
    traffic_update_irq(t);
}

void traffic_stop(traffic *t)
{
    t->stop = true;
    settle(t);
}

/* Accesses take turns: all StreamIDs with the first SubstreamID, then all with the next. */
static void put_context(const traffic *t, struct traffic_access *a)
{
    const struct traffic_config *config = &t->config;
    uint64_t streams = config->sid_count * config->streams;

    a->ssid = VP_NO_SSID;
    if (streams == 0)
        return;
    uint64_t stream = t->issued % streams;
    a->sid = config->sids[stream / config->streams] + (uint32_t)(stream % config->streams);
    if (config->ssid_count)
        a->ssid = (uint32_t)(config->ssid_first + t->issued / streams % config->ssid_count);
}

static void issue(traffic *t, uint64_t now, struct traffic_access *a)
{
    const struct traffic_config *config = &t->config;
    unsigned slot = t->free[--t->free_count];

    *a = (struct traffic_access){
        .bytes = (uint32_t)config->access_bytes,
        .write = traffic_random_below(&t->direction, 100) < config->write_percent,
        .fill = (uint8_t)t->issued,
        .qos = (uint8_t)config->qos,
        .id = (uint32_t)config->id_first + (config->ids == TRAFFIC_SLOT ? slot : 0),
        .slot = slot,
    };
    put_context(t, a);
    pattern_of(t)->next(t, a);
    t->slot[slot] = (struct traffic_slot){t->due, now, a->bytes, a->write};
    if (t->issued++ == 0)
        t->stats.first = now;
    t->arriving = false;
}

enum traffic_want traffic_next(traffic *t, uint64_t now, struct traffic_access *access,
                               uint64_t *when)
{
    if (!(t->status & STATUS_BUSY))
        return TRAFFIC_IDLE;
    if (t->starting) {
        t->starting = false;
        t->begin = now;
    }
    if (is_over(t) || t->free_count == 0)
        return TRAFFIC_WAIT;
    if (!t->arriving) {
        t->due = traffic_arrival_rows[t->config.arrival].due(t, now);
        t->arriving = true;
    }
    if (now < t->due) {
        *when = t->due;
        return TRAFFIC_AT;
    }
    issue(t, now, access);
    return TRAFFIC_ISSUE;
}

void traffic_complete(traffic *t, unsigned slot, uint64_t now, bool ok, const uint8_t *data)
{
    const struct traffic_pattern_row *pattern = pattern_of(t);

    traffic_count_answered(&t->stats, &t->slot[slot], now, ok);
    t->free[t->free_count++] = slot;
    if (pattern->answered)
        pattern->answered(t, ok, data);
    settle(t);
}
