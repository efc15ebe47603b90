/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a configuration that count. */
#ifndef SMMU_CORE_CONFIG_H
#define SMMU_CORE_CONFIG_H

#include <stddef.h>

#include "smmu/config.h"

/* Members of an array, such as one of rules. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One rule of a configuration: what is wrong when `broken`. */
struct config_rule {
    bool broken;
    struct smmu_error error;
};

static inline bool config_outside(uint64_t value, uint64_t min, uint64_t max)
{
    return value < min || value > max;
}

/* The error of the first of `count` rules that is broken, in `*error`; NULL if none is. */
const struct smmu_error *config_first_broken(const struct config_rule *rules, size_t count,
                                             struct smmu_error *error);

/* `given`, which is good, with every parameter off that lacks what it needs: the column `needs` of
 * smmu/config.def. Pure. */
struct smmu_config config_in_effect(const struct smmu_config *given);

/* IDR3.XNX: stage 2 has it since SMMUv3.1, always (IHI 0070 6.3.4). */
static inline bool config_xnx(const struct smmu_config *cfg)
{
    return cfg->s2p && cfg->arch >= 1;
}

/* The bits that physical addresses and IPAs have in structures and commands, which grow with the
 * version; those above are RES0 (4.1.6, 5.2, 5.4). */
static inline unsigned config_address_bits(const struct smmu_config *cfg)
{
    return cfg->arch >= 4 ? 56 : cfg->arch >= 1 ? 52 : 48;
}

/* Whether the Non-secure state has VMSs (5.6.1). */
static inline bool config_vms(const struct smmu_config *cfg)
{
    return cfg->mpam && cfg->s1p && cfg->s2p && cfg->partid_max != 0;
}

#endif
