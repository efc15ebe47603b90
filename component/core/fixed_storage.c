/* SPDX-License-Identifier: Apache-2.0 */
/* Tables and queues whose place is fixed (IHI 0070 3.16): registers that say where they are hold
 * what software could have written there, and they do not overlap. */
#include "fixed_storage.h"

#include "bank/bank.h"
#include "base/queue.h"
#include "smmu/smmu.h"

enum { STE_LOG2 = 6, L1STD_LOG2 = 3, COMMAND_LOG2 = 4, EVENT_LOG2 = 5, REQUEST_LOG2 = 4 };

/* Physical addresses that are taken. */
struct region {
    const char *field;     /* the parameter that says so */
    uint64_t first, bytes; /* a power of two, but for those of registers; 0: there are none */
    uint64_t given;        /* what the parameter says of it: from page 0 on, with `rel` */
};

/* Whether STRTAB_BASE_CFG has bits that are no field, or a format or a split that is Reserved or
 * not offered (6.3.25). */
static bool format_bad(const struct smmu_config *cfg)
{
    const uint32_t reg = cfg->strtab_base_cfg;
    const unsigned split = strtab_base_cfg_SPLIT(reg);
    if (strtab_base_cfg_FMT(reg) == 0)
        return (reg & ~0x3fu) != 0;
    return !cfg->st_level2 || (reg & ~(STRTAB_FMT | STRTAB_SPLIT | 0x3fu)) != 0 ||
           strtab_base_cfg_FMT(reg) != 1 || (split != 6 && split != 8 && split != 10);
}

static bool table_too_large(const struct smmu_config *cfg)
{
    return strtab_base_cfg_LOG2SIZE(cfg->strtab_base_cfg) > cfg->sid_bits;
}

/* Bits that are no field of a base register of the Stream table or a queue (6.3.24, 6.3.26). */
static bool has_reserved(uint64_t base)
{
    return (base & MASK64(61, 56)) != 0;
}

static bool queue_too_large(uint64_t base, unsigned log2_max)
{
    return queue_base_LOG2SIZE(base) > log2_max;
}

/* CR1 has no more than the attributes that are fixed (6.3.11). */
static bool attributes_bad(const struct smmu_config *cfg)
{
    uint32_t fixed = (cfg->tables_preset ? CR1_TABLE : 0u) | (cfg->queues_preset ? CR1_QUEUE : 0u);
    return (cfg->cr1 & ~fixed) != 0;
}

static const struct smmu_error *check_fields(const struct smmu_config *cfg,
                                             struct smmu_error *error)
{
    const bool requests = cfg->queues_preset && cfg->pri;
    const struct config_rule rules[] = {
        {cfg->queues_preset && cfg->ecmdq, {"queues_preset", "is not with ecmdq"}},
        {cfg->rel && (cfg->page0 & MASK64(15, 0)) != 0, {"page0", "must be aligned to 64 KiB"}},
        {cfg->tables_preset && (has_reserved(cfg->strtab_base) || (cfg->strtab_base & 0x3f) != 0),
         {"strtab_base", "has bits that are no field"}},
        {cfg->tables_preset && format_bad(cfg),
         {"strtab_base_cfg", "has bits that are no field, or a format that is not offered"}},
        {cfg->tables_preset && table_too_large(cfg),
         {"strtab_base_cfg", "is for more StreamIDs than sid_bits"}},
        {cfg->queues_preset && has_reserved(cfg->cmdq_base),
         {"cmdq_base", "has bits that are no field"}},
        {cfg->queues_preset && queue_too_large(cfg->cmdq_base, cfg->cmdq_log2_max),
         {"cmdq_base", "is of a queue larger than cmdq_log2_max"}},
        {cfg->queues_preset && has_reserved(cfg->eventq_base),
         {"eventq_base", "has bits that are no field"}},
        {cfg->queues_preset && queue_too_large(cfg->eventq_base, cfg->evtq_log2_max),
         {"eventq_base", "is of a queue larger than evtq_log2_max"}},
        {requests && has_reserved(cfg->priq_base), {"priq_base", "has bits that are no field"}},
        {requests && queue_too_large(cfg->priq_base, cfg->priq_log2_max),
         {"priq_base", "is of a queue larger than priq_log2_max"}},
        {(cfg->tables_preset || cfg->queues_preset) && attributes_bad(cfg),
         {"cr1", "has bits other than attributes of what is fixed"}},
    };
    return config_first_broken(rules, COUNT(rules), error);
}

static uint64_t at_least(uint64_t bytes, uint64_t least)
{
    return bytes > least ? bytes : least;
}

/* Where what the register `base` says lies, of `bytes`. */
static struct region region(const struct smmu_config *cfg, const char *field, uint64_t base,
                            uint64_t lowest_bit, uint64_t bytes)
{
    const uint64_t addr = base & MASK64(55, 0) & ~(lowest_bit - 1);
    return (struct region){field, (cfg->rel ? cfg->page0 : 0) + addr, bytes, addr};
}

/* 6.3.24: STEs, or level 1 descriptors. */
static struct region table(const struct smmu_config *cfg)
{
    const unsigned log2 = strtab_base_cfg_LOG2SIZE(cfg->strtab_base_cfg);
    const unsigned split = strtab_base_cfg_SPLIT(cfg->strtab_base_cfg);
    uint64_t bytes = BIT64(log2 + STE_LOG2);
    if (strtab_base_cfg_FMT(cfg->strtab_base_cfg) != 0)
        bytes = at_least(log2 > split ? BIT64(log2 - split + L1STD_LOG2) : 0, 64);
    return region(cfg, "strtab_base", cfg->strtab_base, 64, bytes);
}

static struct region queue(const struct smmu_config *cfg, const char *field, uint64_t base,
                           unsigned entry_log2)
{
    const uint64_t bytes = at_least(BIT64(queue_base_LOG2SIZE(base) + entry_log2), 32);
    return region(cfg, field, base, 32, bytes);
}

/* Whether `all`[i] overlaps one before it. */
static bool overlaps(const struct region *all, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (all[j].first < all[i].first + all[i].bytes &&
            all[i].first < all[j].first + all[j].bytes)
            return true;
    return false;
}

/* Each is as the SMMU would align it, what is given and what comes of it, within OAS, and for
 * itself (3.16). */
static const struct smmu_error *check_regions(const struct smmu_config *cfg,
                                              const struct region *all, size_t count,
                                              struct smmu_error *error)
{
    for (size_t i = 1; i < count; i++) {
        if (all[i].bytes == 0)
            continue;
        const struct config_rule rules[] = {
            {((all[i].first | all[i].given) & (all[i].bytes - 1)) != 0,
             {all[i].field, "is not aligned to its size"}},
            {all[i].first + all[i].bytes > BIT64(cfg->oas_bits),
             {all[i].field, "is beyond what oas_bits reach"}},
            {overlaps(all, i),
             {all[i].field, "overlaps with registers or with others that are fixed"}},
        };
        if (config_first_broken(rules, COUNT(rules), error))
            return error;
    }
    return NULL;
}

const struct smmu_error *fixed_storage_check(const struct smmu_config *cfg,
                                             struct smmu_error *error)
{
    if (check_fields(cfg, error))
        return error;
    const bool requests = cfg->queues_preset && cfg->pri;
    const struct region none = {0};
    const struct region all[] = {
        cfg->rel ? (struct region){"page0", cfg->page0, smmu_frame_size(cfg), 0} : none,
        cfg->tables_preset ? table(cfg) : none,
        cfg->queues_preset ? queue(cfg, "cmdq_base", cfg->cmdq_base, COMMAND_LOG2) : none,
        cfg->queues_preset ? queue(cfg, "eventq_base", cfg->eventq_base, EVENT_LOG2) : none,
        requests ? queue(cfg, "priq_base", cfg->priq_base, REQUEST_LOG2) : none,
    };
    return check_regions(cfg, all, COUNT(all), error);
}
