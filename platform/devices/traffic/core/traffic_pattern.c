/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns: which addresses come one after the other. */
#include "traffic_priv.h"
#include "vp/little_endian.h"

/* --- steps through the window --- */

static void begin_window(traffic *t)
{
    t->position = 0;
}

/* The next access is `step` bytes further, around the end of the window. */
static void next_by(traffic *t, struct traffic_access *a, uint64_t step)
{
    uint64_t window = t->config.window_bytes;

    step %= window;
    a->addr = t->config.window_base + t->position;
    t->position += t->position < window - step ? step : step - window;
}

static void next_sequential(traffic *t, struct traffic_access *a)
{
    next_by(t, a, t->config.access_bytes);
}

static void next_strided(traffic *t, struct traffic_access *a)
{
    next_by(t, a, t->config.stride_bytes);
}

/* --- by chance --- */

static void begin_random(traffic *t)
{
    t->address = traffic_random_begin(t->config.seed, TRAFFIC_DRAW_ADDRESS);
}

static void next_random(traffic *t, struct traffic_access *a)
{
    uint64_t size = t->config.access_bytes;

    a->addr = t->config.window_base +
              size * traffic_random_below(&t->address, t->config.window_bytes / size);
}

/* --- where the data leads --- */

static void begin_chase(traffic *t)
{
    t->position = t->config.window_base;
    t->broken = false;
}

static bool more_chase(const traffic *t)
{
    return !t->broken;
}

static void next_chase(traffic *t, struct traffic_access *a)
{
    a->addr = t->position;
}

static void answered_chase(traffic *t, bool ok, const uint8_t *data)
{
    if (ok)
        t->position = vp_load_le64(data);
    else
        t->broken = true;
}

/* --- along a list --- */

static void begin_list(traffic *t)
{
    t->index = 0;
    t->position = 0;
}

static void next_scatter(traffic *t, struct traffic_access *a)
{
    const struct traffic_piece *piece = &t->config.pieces[t->index];
    uint64_t left = piece->bytes - t->position;

    a->addr = piece->addr + t->position;
    if (a->bytes < left) {
        t->position += a->bytes;
        return;
    }
    a->bytes = (uint32_t)left;
    t->position = 0;
    t->index = (t->index + 1) % t->config.piece_count;
}

static bool more_replay(const traffic *t)
{
    return t->index < t->config.record_count;
}

static void next_replay(traffic *t, struct traffic_access *a)
{
    const struct traffic_record *record = &t->config.records[t->index++];

    a->addr = record->addr;
    a->bytes = record->bytes;
    a->write = record->write;
    a->sid = record->sid;
    a->ssid = record->ssid;
}

const struct traffic_pattern_row traffic_pattern_rows[] = {
    [TRAFFIC_SEQUENTIAL] = {.window = true, .begin = begin_window, .next = next_sequential},
    [TRAFFIC_STRIDED] = {.window = true, .begin = begin_window, .next = next_strided},
    [TRAFFIC_RANDOM] = {.window = true, .begin = begin_random, .next = next_random},
    [TRAFFIC_CHASE] = {.dependent = true,
                       .begin = begin_chase,
                       .more = more_chase,
                       .next = next_chase,
                       .answered = answered_chase},
    [TRAFFIC_SCATTER] = {.begin = begin_list, .next = next_scatter},
    [TRAFFIC_REPLAY] = {.begin = begin_list, .more = more_replay, .next = next_replay},
};
