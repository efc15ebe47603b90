/* SPDX-License-Identifier: Apache-2.0 */
/* The check of a configuration. */
#include "smmu/config.h"

#include <stdio.h>

#include "bank.h"

/* One rule: what is wrong when `broken`. */
struct rule {
    bool broken;
    const char *field;
    const char *reason;
};

static bool shape_bad(const struct smmu_cache_shape *shape)
{
    bool power_of_two = (shape->sets & (shape->sets - 1)) == 0;
    return !power_of_two || shape->sets > 65536 ||
           (shape->sets != 0 && (shape->ways < 1 || shape->ways > 64));
}

static bool oas_bad(unsigned bits)
{
    static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48, 52};
    for (unsigned i = 0; i < sizeof(sizes); i++)
        if (sizes[i] == bits)
            return false;
    return true;
}

/* GBPA holds no more than software could write there (6.3.14). */
static bool gbpa_bad(const struct smmu_config *cfg)
{
    uint32_t allowed = GBPA_ABORT | (cfg->attr_types_ovr ? GBPA_TYPES : 0) |
                       (cfg->attr_perms_ovr ? GBPA_PERMS : 0);
    return (cfg->gbpa & ~allowed) != 0;
}

static bool report(const struct rule *rule, char *err, size_t err_size)
{
    if (err_size > 0)
        snprintf(err, err_size, "smmu_config.%s: %s", rule->field, rule->reason);
    return false;
}

bool smmu_config_check(const struct smmu_config *cfg, char *err, size_t err_size)
{
    static const char shape_rule[] = "sets must be 0 or a power of two up to 65536, ways 1 to 64";
    bool stalls = cfg->stall_model != SMMU_TERMINATE_ONLY;
    const struct rule rules[] = {
        {oas_bad(cfg->oas_bits), "oas_bits", "must be 32, 36, 40, 42, 44, 48 or 52"},
        {cfg->oas_bits == 52 && !cfg->gran64k, "oas_bits", "52 needs the 64 KiB granule"},
        {cfg->sid_bits > 32, "sid_bits", "must be at most 32"},
        {cfg->ssid_bits > 20, "ssid_bits", "must be at most 20"},
        {cfg->cmdq_log2_max > 19, "cmdq_log2_max", "must be at most 19"},
        {cfg->evtq_log2_max > 19, "evtq_log2_max", "must be at most 19"},
        {cfg->priq_log2_max > 19, "priq_log2_max", "must be at most 19"},
        {cfg->pri && !cfg->ats, "pri", "needs ats"},
        {!cfg->s1p && !cfg->s2p, "s1p", "there must be stage 1, or stage 2 (s2p), or both"},
        {!cfg->gran4k && !cfg->gran16k && !cfg->gran64k, "gran4k", "there must be a granule"},
        {cfg->vax52 && !cfg->gran64k, "vax52", "needs the 64 KiB granule"},
        {cfg->vmsa32 && !cfg->gran4k, "vmsa32", "needs the 4 KiB granule"},
        {cfg->pbha && !cfg->s1p, "pbha", "needs stage 1"},
        {cfg->hyp && !(cfg->s1p && cfg->s2p), "hyp", "needs stage 1 and stage 2"},
        {cfg->ttendian == 1 || cfg->ttendian > SMMU_TT_BIG, "ttendian", "must be 0, 2 or 3"},
        {cfg->httu > SMMU_HTTU_DIRTY, "httu", "must be 0, 1 or 2"},
        {cfg->sid_bits > 6 && !cfg->st_level2, "st_level2",
         "2-level Stream tables are mandatory with more than 64 StreamIDs"},
        {cfg->cd2l && (!cfg->s1p || cfg->ssid_bits == 0), "cd2l", "needs stage 1 and SubstreamIDs"},
        {cfg->vatos && !(cfg->atos && cfg->s1p && cfg->s2p), "vatos",
         "needs atos, stage 1 and stage 2"},
        {cfg->stall_model > SMMU_STALL_ONLY, "stall_model", "must be 0, 1 or 2"},
        {stalls && cfg->stall_max == 0, "stall_max", "must not be 0 where transactions stall"},
        {cfg->operations & ~SMMU_OPERATIONS_ALL, "operations", "has bits that are no operation"},
        {gbpa_bad(cfg), "gbpa", "has bits that are no field, or an override that is not offered"},
        {shape_bad(&cfg->config_cache), "config_cache", shape_rule},
        {shape_bad(&cfg->tlb), "tlb", shape_rule},
        {shape_bad(&cfg->walk_s1), "walk_s1", shape_rule},
        {shape_bad(&cfg->walk_s2), "walk_s2", shape_rule},
        {shape_bad(&cfg->utlb), "utlb", shape_rule},
        {cfg->tbus < 1 || cfg->tbus > 64, "tbus", "must be 1 to 64"},
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].broken)
            return report(&rules[i], err, err_size);
    return true;
}
