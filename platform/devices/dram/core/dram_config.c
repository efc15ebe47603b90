/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations of a DRAM: presets, and what is wrong with one. */
#include <stddef.h>
#include <string.h>

#include "dram/dram.h"

static const struct dram_config presets[DRAM_PRESET_COUNT] = {
    [DRAM_DDR4_2400] =
        {
#define DRAM_COUNT(name, least, most, ddr4_2400, ddr5_6400, lpddr5_6400, help) .name = (ddr4_2400),
#define DRAM_TIME(name, ddr4_2400, ddr5_6400, lpddr5_6400, help)               .name = (ddr4_2400),
#include "dram/dram.def"
            .policy = DRAM_OPEN,
        },
    [DRAM_DDR5_6400] =
        {
#define DRAM_COUNT(name, least, most, ddr4_2400, ddr5_6400, lpddr5_6400, help) .name = (ddr5_6400),
#define DRAM_TIME(name, ddr4_2400, ddr5_6400, lpddr5_6400, help)               .name = (ddr5_6400),
#include "dram/dram.def"
            .policy = DRAM_CLOSED,
        },
    [DRAM_LPDDR5_6400] =
        {
#define DRAM_COUNT(name, least, most, ddr4_2400, ddr5_6400, lpddr5_6400, help)                     \
    .name = (lpddr5_6400),
#define DRAM_TIME(name, ddr4_2400, ddr5_6400, lpddr5_6400, help) .name = (lpddr5_6400),
#include "dram/dram.def"
            .policy = DRAM_CLOSED,
        },
};

void dram_config_preset(struct dram_config *config, enum dram_preset preset)
{
    static const enum dram_field map[DRAM_FIELD_COUNT] = {DRAM_ROW, DRAM_BANK, DRAM_COLUMN,
                                                          DRAM_CHANNEL};

    *config = presets[preset];
    memcpy(config->map, map, sizeof map);
}

static bool fail(struct dram_error *error, const char *field, const char *reason)
{
    *error = (struct dram_error){field, reason};
    return false;
}

struct count_row {
    const char *name;
    size_t offset; /* in struct dram_config */
    uint32_t least;
    uint32_t most;
    const char *reason;
};

static const struct count_row counts[] = {
#define TEXT_OF(x) #x
#define DRAM_COUNT(name, least, most, ddr4_2400, ddr5_6400, lpddr5_6400, help)                     \
    {#name, offsetof(struct dram_config, name), least, most,                                       \
     "is not " TEXT_OF(least) " to " TEXT_OF(most)},
#include "dram/dram.def"
};

struct time_row {
    const char *name;
    size_t offset;
};

static const struct time_row times[] = {
#define DRAM_TIME(name, ...) {#name, offsetof(struct dram_config, name)},
#include "dram/dram.def"
};

static bool check_ranges(const struct dram_config *config, struct dram_error *error)
{
    const char *const base = (const char *)config;

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        uint32_t value;
        memcpy(&value, base + counts[i].offset, sizeof value);
        if (value < counts[i].least || value > counts[i].most)
            return fail(error, counts[i].name, counts[i].reason);
    }
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        uint64_t value;
        memcpy(&value, base + times[i].offset, sizeof value);
        if (value > UINT64_C(1000000000))
            return fail(error, times[i].name, "is more than 1000000000");
    }
    return true;
}

bool dram_config_check(const struct dram_config *config, struct dram_error *error)
{
    bool there[DRAM_FIELD_COUNT] = {false};

    if (!check_ranges(config, error))
        return false;
    if (config->row_bytes % config->burst_bytes != 0)
        return fail(error, "row_bytes", "is not a multiple of burst_bytes");
    if (config->trefi != 0 && config->trefi < 2 * (config->trfc + config->trp))
        return fail(error, "trefi", "is less than twice trfc and trp");
    for (unsigned i = 0; i < DRAM_FIELD_COUNT; i++)
        if ((unsigned)config->map[i] < DRAM_FIELD_COUNT)
            there[config->map[i]] = true;
    for (unsigned i = 0; i < DRAM_FIELD_COUNT; i++)
        if (!there[i])
            return fail(error, "map", "does not have each part once");
    return true;
}

/* Whether the part of `text` up to `end` is `name`. */
static bool is(const char *text, const char *end, const char *name)
{
    const size_t length = (size_t)(end - text);

    return strlen(name) == length && memcmp(text, name, length) == 0;
}

bool dram_parse_map(const char *text, enum dram_field map[DRAM_FIELD_COUNT])
{
    static const char *const names[DRAM_FIELD_COUNT] = {
        [DRAM_ROW] = "row",
        [DRAM_BANK] = "bank",
        [DRAM_COLUMN] = "column",
        [DRAM_CHANNEL] = "channel",
    };
    unsigned seen = 0;

    for (unsigned i = 0; i < DRAM_FIELD_COUNT; i++) {
        const char *end = text + strcspn(text, ":");
        for (unsigned field = 0; field < DRAM_FIELD_COUNT; field++) {
            if (!is(text, end, names[field]))
                continue;
            map[i] = (enum dram_field)field;
            seen |= 1u << field;
        }
        if ((*end == '\0') != (i == DRAM_FIELD_COUNT - 1))
            return false;
        text = end + 1;
    }
    return seen == (1u << DRAM_FIELD_COUNT) - 1;
}
