/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations: their defaults and their check. */
#include "traffic_priv.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct traffic_config traffic_config_default(void)
{
    return (struct traffic_config){
#define TRAFFIC_PARAMETER(name, min, max, otherwise, help) .name = (otherwise),
#include "traffic/traffic_parameters.def"
#undef TRAFFIC_PARAMETER
    };
}

/* One rule: what is wrong when `broken`. */
struct rule {
    bool broken;
    struct traffic_error error;
};

/* Whether none of the rules is broken; `error` tells the first that is. */
static bool all_kept(const struct rule *rules, size_t count, struct traffic_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].broken) {
            *error = rules[i].error;
            return false;
        }
    }
    return true;
}

static bool outside(uint64_t value, uint64_t min, uint64_t max)
{
    return value < min || value > max;
}

static bool multiple(uint64_t value, uint64_t of)
{
    return value != 0 && value % of == 0;
}

/* Each number by itself. */
static bool check_rows(const struct traffic_config *config, struct traffic_error *error)
{
    const struct rule rules[] = {
#define TRAFFIC_PARAMETER(name, min, max, otherwise, help)                                         \
    {outside(config->name, min, max), {#name, "must be " #min " to " #max}},
#include "traffic/traffic_parameters.def"
#undef TRAFFIC_PARAMETER
    };

    return all_kept(rules, COUNT(rules), error);
}

static bool scatter_made_up(const struct traffic_config *config)
{
    return config->pattern == TRAFFIC_SCATTER && config->piece_count == 0;
}

static bool uses_window(const struct traffic_config *config)
{
    return traffic_pattern_rows[config->pattern].window || scatter_made_up(config);
}

static bool window_wraps(const struct traffic_config *config)
{
    return config->window_bytes != 0 &&
           config->window_base > UINT64_MAX - (config->window_bytes - 1);
}

/* What lists have to be, whatever becomes of them. */
static bool pieces_bad(const struct traffic_config *config)
{
    for (size_t i = 0; i < config->piece_count; i++) {
        const struct traffic_piece *piece = &config->pieces[i];
        if (piece->bytes == 0 || piece->addr > UINT64_MAX - (piece->bytes - 1))
            return true;
    }
    return false;
}

static bool records_bad(const struct traffic_config *config)
{
    for (size_t i = 0; i < config->record_count; i++) {
        const struct traffic_record *record = &config->records[i];
        if (outside(record->bytes, 1, TRAFFIC_MAX_ACCESS) || (i && record->time < record[-1].time))
            return true;
    }
    return false;
}

static bool check_lists(const struct traffic_config *config, struct traffic_error *error)
{
    const struct rule rules[] = {
        {pieces_bad(config), {"pieces", "one is empty, or reaches past the last address"}},
        {records_bad(config), {"records", "one is empty, too long, or earlier than that before"}},
        {config->pattern != TRAFFIC_SCATTER && config->piece_count != 0,
         {"pieces", "are for the pattern scatter"}},
        {config->pattern != TRAFFIC_REPLAY && config->record_count != 0,
         {"records", "are for the pattern replay"}},
        {config->pattern == TRAFFIC_REPLAY && config->record_count == 0,
         {"records", "there are none to replay"}},
        {config->pattern != TRAFFIC_REPLAY && config->sid_count == 0,
         {"sids", "there is no StreamID"}},
    };

    return all_kept(rules, COUNT(rules), error);
}

/* What the pattern demands of numbers. */
static bool check_pattern(const struct traffic_config *config, struct traffic_error *error)
{
    enum traffic_pattern pattern = config->pattern;
    uint64_t access = config->access_bytes;
    bool window = uses_window(config);
    bool made_up = scatter_made_up(config);
    const struct rule rules[] = {
        {window && !multiple(config->window_bytes, access),
         {"window_bytes", "must be a multiple of access_bytes, and not 0"}},
        {window && window_wraps(config), {"window_bytes", "reaches past the last address"}},
        {pattern == TRAFFIC_STRIDED && !multiple(config->stride_bytes, access),
         {"stride_bytes", "must be a multiple of access_bytes, and not 0"}},
        {pattern == TRAFFIC_CHASE && access < 8,
         {"access_bytes", "must be 8 or more: each access reads an address"}},
        {pattern == TRAFFIC_CHASE && config->write_percent != 0,
         {"write_percent", "must be 0: each access reads an address"}},
        {made_up && config->scatter_pieces == 0,
         {"scatter_pieces", "must not be 0 where no pieces are listed"}},
        {made_up && (config->scatter_bytes == 0 || config->scatter_bytes > config->window_bytes),
         {"scatter_bytes", "must not be 0, and not more than window_bytes"}},
        {!made_up && config->scatter_pieces != 0,
         {"scatter_pieces", "must be 0 where pieces are listed or not wanted"}},
    };

    return all_kept(rules, COUNT(rules), error);
}

/* Whether a StreamID of the range that begins at one of `sids` is beyond 32 bits. */
static bool streams_wrap(const struct traffic_config *config)
{
    for (size_t i = 0; i < config->sid_count; i++)
        if (config->sids[i] > UINT32_MAX - (config->streams - 1))
            return true;
    return false;
}

/* The rest. */
static bool check_others(const struct traffic_config *config, struct traffic_error *error)
{
    const struct rule rules[] = {
        {traffic_arrival_rows[config->arrival].interval && config->interval_ps == 0,
         {"interval_ps", "must not be 0"}},
        {config->arrival == TRAFFIC_RECORDED && config->pattern != TRAFFIC_REPLAY,
         {"arrival", "needs a trace: only the pattern replay has recorded times"}},
        {streams_wrap(config), {"streams", "a StreamID has more than 32 bits"}},
        {config->ssid_first + config->ssid_count > TRAFFIC_MAX_SSID + 1u,
         {"ssid_count", "a SubstreamID has more than 20 bits"}},
    };

    return all_kept(rules, COUNT(rules), error);
}

bool traffic_config_check(const struct traffic_config *config, struct traffic_error *error)
{
    return check_rows(config, error) && check_lists(config, error) &&
           check_pattern(config, error) && check_others(config, error);
}
