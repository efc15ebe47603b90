/* SPDX-License-Identifier: Apache-2.0 */
/* Ready-made configurations: columns of smmu/config.def. */
#include "smmu/config.h"

#define SETS_WAYS(sets, ways)                                                                      \
    {                                                                                              \
        sets, ways                                                                                 \
    }

static const struct smmu_config presets[SMMU_PRESET_COUNT] = {
    [SMMU_PRESET_SMALL] =
        {
#define SMMU_NUMBER(name, type, min, max, reg, field, needs, small, typical, maximal, help)        \
    .name = small,
#define SMMU_SWITCH(name, reg, field, needs, small, typical, maximal, help) .name = small,
#define SMMU_SHAPE(name, small, typical, maximal, help)                     .name = small,
#include "smmu/config.def"
        },
    [SMMU_PRESET_TYPICAL] =
        {
#define SMMU_NUMBER(name, type, min, max, reg, field, needs, small, typical, maximal, help)        \
    .name = typical,
#define SMMU_SWITCH(name, reg, field, needs, small, typical, maximal, help) .name = typical,
#define SMMU_SHAPE(name, small, typical, maximal, help)                     .name = typical,
#include "smmu/config.def"
        },
    [SMMU_PRESET_MAXIMAL] =
        {
#define SMMU_NUMBER(name, type, min, max, reg, field, needs, small, typical, maximal, help)        \
    .name = maximal,
#define SMMU_SWITCH(name, reg, field, needs, small, typical, maximal, help) .name = maximal,
#define SMMU_SHAPE(name, small, typical, maximal, help)                     .name = maximal,
#include "smmu/config.def"
        },
};

void smmu_config_preset(struct smmu_config *cfg, enum smmu_preset preset)
{
    *cfg = presets[preset < SMMU_PRESET_COUNT ? preset : SMMU_PRESET_TYPICAL];
}

struct smmu_config smmu_config_default(void)
{
    return presets[SMMU_PRESET_TYPICAL];
}
