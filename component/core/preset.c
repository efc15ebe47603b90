/* SPDX-License-Identifier: Apache-2.0 */
/* Ready-made configurations. */
#include "bank.h"
#include "smmu/config.h"

static const struct smmu_config small = {
    .oas_bits = 40,
    .sid_bits = 6,
    .cmdq_log2_max = 6,
    .evtq_log2_max = 6,
    .s1p = true,
    .gran4k = true,
    .ttendian = SMMU_TT_LITTLE,
    .httu = SMMU_HTTU_NONE,
    .stall_model = SMMU_TERMINATE_ONLY,
    .term_abort_only = true,
    .gbpa = GBPA_ABORT,
    .config_cache = {.sets = 4, .ways = 2},
    .tlb = {.sets = 16, .ways = 4},
    .walk_s1 = {.sets = 2, .ways = 2},
    .utlb = {.sets = 2, .ways = 4},
    .tbus = 1,
};

static const struct smmu_config typical = {
    .oas_bits = 48,
    .sid_bits = 16,
    .ssid_bits = 20,
    .cmdq_log2_max = 19,
    .evtq_log2_max = 19,
    .s1p = true,
    .s2p = true,
    .gran4k = true,
    .gran16k = true,
    .gran64k = true,
    .vmsa32 = true,
    .asid16 = true,
    .vmid16 = true,
    .vmw = true,
    .hyp = true,
    .ttendian = SMMU_TT_MIXED,
    .httu = SMMU_HTTU_DIRTY,
    .st_level2 = true,
    .cd2l = true,
    .ats = true,
    .pri = true,
    .priq_log2_max = 19,
    .atos = true,
    .vatos = true,
    .stall_model = SMMU_STALL_AND_TERMINATE,
    .stall_max = 64,
    .cohacc = true,
    .msi = true,
    .sev = true,
    .attr_types_ovr = true,
    .attr_perms_ovr = true,
    .operations = SMMU_OPERATIONS_ALL,
    .cache_invalid = true,
    .merge_events = true,
    .config_cache = {.sets = 64, .ways = 4},
    .tlb = {.sets = 256, .ways = 8},
    .walk_s1 = {.sets = 16, .ways = 4},
    .walk_s2 = {.sets = 16, .ways = 4},
    .utlb = {.sets = 64, .ways = 4},
    .tbus = 1,
};

/* The typical part with all that it lacks, and larger. */
static struct smmu_config maximal(void)
{
    struct smmu_config cfg = typical;
    cfg.oas_bits = 52;
    cfg.sid_bits = 32;
    cfg.vax52 = true;
    cfg.pbha = true;
    cfg.pps = true;
    cfg.stall_max = 1024;
    cfg.btm = true;
    cfg.gbpa = GBPA_SHCFG_INCOMING;
    cfg.ipa_inval_nested = true;
    cfg.config_cache = (struct smmu_cache_shape){.sets = 256, .ways = 8};
    cfg.tlb = (struct smmu_cache_shape){.sets = 1024, .ways = 16};
    cfg.walk_s1 = (struct smmu_cache_shape){.sets = 64, .ways = 8};
    cfg.walk_s2 = (struct smmu_cache_shape){.sets = 64, .ways = 8};
    cfg.utlb = (struct smmu_cache_shape){.sets = 128, .ways = 4};
    return cfg;
}

void smmu_config_preset(struct smmu_config *cfg, enum smmu_preset preset)
{
    switch (preset) {
    case SMMU_PRESET_SMALL:
        *cfg = small;
        break;
    case SMMU_PRESET_MAXIMAL:
        *cfg = maximal();
        break;
    default:
        *cfg = typical;
        break;
    }
}

struct smmu_config smmu_config_default(void)
{
    return typical;
}
