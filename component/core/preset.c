/* SPDX-License-Identifier: Apache-2.0 */
/* Ready-made configurations: columns of smmu/config.def. */
#include "smmu/config.h"

#define SETS_WAYS(sets, ways) ((struct smmu_cache_shape){(sets), (ways)})

/* The value that a row has in the column of `preset`. */
#define COLUMN(type, small, typical, maximal)                                                      \
    (((const type[SMMU_PRESET_COUNT]){[SMMU_PRESET_SMALL] = (small),                               \
                                      [SMMU_PRESET_TYPICAL] = (typical),                           \
                                      [SMMU_PRESET_MAXIMAL] = (maximal)})[preset])

void smmu_config_preset(struct smmu_config *cfg, enum smmu_preset preset)
{
    if (preset >= SMMU_PRESET_COUNT)
        preset = SMMU_PRESET_TYPICAL;
    *cfg = (struct smmu_config){0};
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

struct smmu_config smmu_config_default(void)
{
    struct smmu_config cfg;
    smmu_config_preset(&cfg, SMMU_PRESET_TYPICAL);
    return cfg;
}
