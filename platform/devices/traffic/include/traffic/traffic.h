/* SPDX-License-Identifier: Apache-2.0 */
/* A generator of bus traffic as a C library: which access comes when, and how long accesses took.
 * docs/traffic.md is its manual. All times are in picoseconds of the host's clock. */
#ifndef TRAFFIC_TRAFFIC_H
#define TRAFFIC_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TRAFFIC_MAX_ACCESS        4096u /* bytes */
#define TRAFFIC_MAX_SSID          0xfffffu
#define TRAFFIC_FRAME_SIZE        0x1000u /* bytes of the register frame */
#define TRAFFIC_STATISTICS_OFFSET 0x10u   /* of the first statistic in it */

typedef struct traffic traffic;

/* Rows of traffic/traffic_choices.def, which says what each is. */
enum traffic_pattern {
#define TRAFFIC_PATTERN(name, ...) TRAFFIC_##name,
#include "traffic/traffic_choices.def"
};
enum traffic_arrival {
#define TRAFFIC_ARRIVAL(name, ...) TRAFFIC_##name,
#include "traffic/traffic_choices.def"
};
enum traffic_ids {
#define TRAFFIC_IDS(name, ...) TRAFFIC_##name,
#include "traffic/traffic_choices.def"
};

/* A part of a scatter list. */
struct traffic_piece {
    uint64_t addr;
    uint64_t bytes; /* not 0 */
};

/* One access of a trace. */
struct traffic_record {
    uint64_t time; /* since the start; no record has an earlier one than that before it */
    uint64_t addr;
    uint32_t bytes; /* 1 to TRAFFIC_MAX_ACCESS */
    bool write;
    uint32_t sid;
    uint32_t ssid; /* or VP_NO_SSID */
};

struct traffic_config {
    enum traffic_pattern pattern;
    enum traffic_arrival arrival;
    enum traffic_ids ids;
    /* Rows of traffic/traffic_parameters.def, which says what each is. */
#define TRAFFIC_PARAMETER(name, ...) uint64_t name;
#include "traffic/traffic_parameters.def"
#undef TRAFFIC_PARAMETER
    /* StreamIDs; accesses take turns. Not of a trace, which has its own. */
    const uint32_t *sids;
    size_t sid_count;
    const struct traffic_piece *pieces; /* of TRAFFIC_SCATTER; none: they are made up */
    size_t piece_count;
    const struct traffic_record *records; /* of TRAFFIC_REPLAY */
    size_t record_count;
};

/* Why a configuration is refused: the member, and what is wrong with it. */
struct traffic_error {
    const char *field;
    const char *reason;
};

/* All numbers as their rows have them; sequential, closed, one ID; no StreamID, piece or record. */
struct traffic_config traffic_config_default(void);

/* Whether a generator can be made of `config`; if not, `error` says why not. */
bool traffic_config_check(const struct traffic_config *config, struct traffic_error *error);

/* The world around a generator. */
struct traffic_ops {
    /* Line 0 is the interrupt. */
    struct vp_wires wires;
    /* A run was started: call traffic_next() soon, never from inside this call. */
    void *user;
    void (*start)(void *user);
};

/* Build a generator in reset; `ops` and `config` are copied, what `config` points to stays the
 * caller's and must outlive the generator. Returns NULL if traffic_config_check() has something
 * against `config`, or there is no memory. The caller owns the result. */
traffic *traffic_create(const struct traffic_config *config, const struct traffic_ops *ops);
void traffic_destroy(traffic *t); /* NULL is fine */

/* The register frame, TRAFFIC_FRAME_SIZE bytes; the device is the traffic. Reads have no side
 * effects. Accesses that are neither a whole 32-bit register nor a whole 64-bit register or a half
 * of one end with VP_SLVERR, past the frame with VP_DECERR; reserved: RAZ/WI. */
extern const struct vp_frame traffic_frame;

/* Start a run, as software does by CTRL.START; nothing happens if one is in progress. */
void traffic_start(traffic *t);

/* What the host is to do. */
enum traffic_want {
    TRAFFIC_ISSUE, /* issue an access now, then ask again */
    TRAFFIC_AT,    /* ask again at a certain time, or after an answer */
    TRAFFIC_WAIT,  /* ask again after an answer */
    TRAFFIC_IDLE,  /* ask again after a start */
};

/* An access to be issued. */
struct traffic_access {
    uint64_t addr;
    uint32_t bytes; /* 1 to TRAFFIC_MAX_ACCESS */
    bool write;
    uint8_t fill; /* every byte that is written */
    uint8_t qos;
    uint32_t sid;
    uint32_t ssid; /* or VP_NO_SSID */
    uint32_t id;
    unsigned slot; /* which of those outstanding it is; for traffic_complete() */
};

/* What is to be done at `now`, which never goes back. `access` is filled for TRAFFIC_ISSUE, `when`
 * for TRAFFIC_AT. */
enum traffic_want traffic_next(traffic *t, uint64_t now, struct traffic_access *access,
                               uint64_t *when);

/* The access of `slot` was answered at `now`. `ok`: it did not fail; `data` is what it has read
 * then, NULL for a write. */
void traffic_complete(traffic *t, unsigned slot, uint64_t now, bool ok, const uint8_t *data);

/* Rows of traffic/traffic_statistics.def. */
enum traffic_statistic {
#define TRAFFIC_STATISTIC(name, ...) TRAFFIC_##name,
#include "traffic/traffic_statistics.def"
#undef TRAFFIC_STATISTIC
    TRAFFIC_STATISTICS,
};

/* A statistic of the last run, so far; and its name. */
uint64_t traffic_statistic_of(const traffic *t, enum traffic_statistic which);
const char *traffic_statistic_name(enum traffic_statistic which);

#ifdef __cplusplus
}
#endif

#endif
