/* SPDX-License-Identifier: Apache-2.0 */
/* Default configuration and its check. */
#include "smmu/config.h"

#include <stdio.h>

struct smmu_config smmu_config_default(void)
{
    return (struct smmu_config){
        .oas_bits = 48,
        .sid_bits = 16,
        .ssid_bits = 0,
        .cmdq_log2_max = 19,
        .evtq_log2_max = 19,
        .asid16 = true,
        .cohacc = true,
        .iidr = 0,
        .config_cache = {.sets = 64, .ways = 4},
        .tlb = {.sets = 256, .ways = 8},
    };
}

static bool fail(char *err, size_t err_size, const char *field, const char *reason)
{
    if (err_size > 0)
        snprintf(err, err_size, "smmu_config.%s: %s", field, reason);
    return false;
}

static bool shape_ok(const struct smmu_cache_shape *shape)
{
    bool power_of_two = (shape->sets & (shape->sets - 1)) == 0;
    return power_of_two && shape->sets <= 65536 &&
           (shape->sets == 0 || (shape->ways >= 1 && shape->ways <= 64));
}

static bool oas_ok(unsigned bits)
{
    return bits == 32 || bits == 36 || bits == 40 || bits == 42 || bits == 44 || bits == 48;
}

bool smmu_config_check(const struct smmu_config *cfg, char *err, size_t err_size)
{
    static const char shape_rule[] = "sets must be 0 or a power of two up to 65536, ways 1 to 64";

    if (!oas_ok(cfg->oas_bits))
        return fail(err, err_size, "oas_bits", "must be 32, 36, 40, 42, 44 or 48");
    if (cfg->sid_bits > 32)
        return fail(err, err_size, "sid_bits", "must be at most 32");
    if (cfg->ssid_bits > 20)
        return fail(err, err_size, "ssid_bits", "must be at most 20");
    if (cfg->cmdq_log2_max > 19)
        return fail(err, err_size, "cmdq_log2_max", "must be at most 19");
    if (cfg->evtq_log2_max > 19)
        return fail(err, err_size, "evtq_log2_max", "must be at most 19");
    if (!shape_ok(&cfg->config_cache))
        return fail(err, err_size, "config_cache", shape_rule);
    if (!shape_ok(&cfg->tlb))
        return fail(err, err_size, "tlb", shape_rule);
    return true;
}
