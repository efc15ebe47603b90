/* SPDX-License-Identifier: Apache-2.0 */
/* Ready-made configurations: columns of smmu/config.def, with those of smmu/presets.def over them.
 */
#include "smmu/config.h"

#define SETS_WAYS(sets, ways) ((struct smmu_cache_shape){(sets), (ways)})

/* The value that a row of config.def has in the column of `preset`. */
#define COLUMN(type, small, typical, maximal)                                                      \
    (((const type[]){[SMMU_PRESET_SMALL] = (small),                                                \
                     [SMMU_PRESET_TYPICAL] = (typical),                                            \
                     [SMMU_PRESET_MAXIMAL] = (maximal)})[preset])

static void set_features(struct smmu_config *cfg, enum smmu_preset preset)
{
#define SMMU_NUMBER(name, type, min, max, reg, field, needs, small, typical, maximal, help)        \
    cfg->name = COLUMN(type, small, typical, maximal);
#define SMMU_SWITCH(name, reg, field, needs, small, typical, maximal, help)                        \
    cfg->name = COLUMN(bool, small, typical, maximal);
#define SMMU_SHAPE(name, small, typical, maximal, help)                                            \
    cfg->name = COLUMN(struct smmu_cache_shape, small, typical, maximal);
#define SMMU_POLICY(name, cache, small, typical, maximal, help)                                    \
    cfg->name =                                                                                    \
        COLUMN(uint8_t, SMMU_REPLACE_##small, SMMU_REPLACE_##typical, SMMU_REPLACE_##maximal);
#include "smmu/config.def"
}

/* The value that a row of presets.def has in column `part`. */
#define PART(type, ...) (((const type[]){__VA_ARGS__})[part])

static void set_caches(struct smmu_config *cfg, unsigned part)
{
#define SMMU_PRESET_SHAPE(name, embedded, client, server, gem5, source)                            \
    cfg->name = PART(struct smmu_cache_shape, embedded, client, server, gem5);
#define SMMU_PRESET_POLICY(name, embedded, client, server, gem5, source)                           \
    cfg->name = PART(uint8_t, SMMU_REPLACE_##embedded, SMMU_REPLACE_##client,                      \
                     SMMU_REPLACE_##server, SMMU_REPLACE_##gem5);
#define SMMU_PRESET_NUMBER(name, embedded, client, server, gem5, source)                           \
    cfg->name = PART(uint16_t, embedded, client, server, gem5);
#include "smmu/presets.def"
}

void smmu_config_preset(struct smmu_config *cfg, enum smmu_preset preset)
{
    *cfg = (struct smmu_config){0};
    set_features(cfg, preset <= SMMU_PRESET_MAXIMAL ? preset : SMMU_PRESET_TYPICAL);
    if (preset >= SMMU_PRESET_EMBEDDED && preset < SMMU_PRESET_COUNT)
        set_caches(cfg, preset - SMMU_PRESET_EMBEDDED);
}

const char *smmu_preset_name(enum smmu_preset preset)
{
    static const char *const names[] = {
        [SMMU_PRESET_SMALL] = "small",     [SMMU_PRESET_TYPICAL] = "typical",
        [SMMU_PRESET_MAXIMAL] = "maximal", [SMMU_PRESET_EMBEDDED] = "embedded",
        [SMMU_PRESET_CLIENT] = "client",   [SMMU_PRESET_SERVER] = "server",
        [SMMU_PRESET_GEM5] = "gem5",
    };
    return preset < SMMU_PRESET_COUNT ? names[preset] : "?";
}

struct smmu_config smmu_config_default(void)
{
    struct smmu_config cfg;
    smmu_config_preset(&cfg, SMMU_PRESET_TYPICAL);
    return cfg;
}
