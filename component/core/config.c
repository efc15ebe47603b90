/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations: their check, what of them is in effect, and their rows as data. */
#include "config.h"

#include <string.h>

#include "bank/bank.h"
#include "fixed_storage.h"
#include "smmu/smmu.h"

/* --- the check ----------------------------------------------------------------------------------
 */

/* 2^22 entries, so that numbers of slots of the micro TLBs of 64 TBUs have 32 bits. */
static bool shape_bad(struct smmu_cache_shape shape)
{
    bool power_of_two = (shape.sets & (shape.sets - 1)) == 0;
    return !power_of_two || shape.sets > 1048576 ||
           (shape.sets != 0 &&
            (shape.ways < 1 || shape.ways > 64 || shape.sets * shape.ways > 4194304));
}

/* The tree has a node for each half of the ways. */
static bool policy_bad(struct smmu_cache_shape shape, uint8_t policy)
{
    return shape.sets != 0 && policy == SMMU_REPLACE_PLRU && (shape.ways & (shape.ways - 1)) != 0;
}

static bool oas_bad(unsigned bits)
{
    static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48, 52, 56};
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

const struct smmu_error *config_first_broken(const struct config_rule *rules, size_t count,
                                             struct smmu_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!rules[i].broken)
            continue;
        *error = rules[i].error;
        return error;
    }
    return NULL;
}

/* Each row by itself. */
static const struct smmu_error *check_rows(const struct smmu_config *cfg, struct smmu_error *error)
{
    static const char shape_rule[] =
        "sets must be 0 or a power of two up to 1048576, ways 1 to 64, both together 4194304";
    const struct config_rule rules[] = {
        {oas_bad(cfg->oas_bits), {"oas_bits", "must be 32, 36, 40, 42, 44, 48, 52 or 56"}},
        {cfg->ttendian == 1, {"ttendian", "must be 0, 2 or 3"}},
        {(cfg->operations & ~SMMU_OPERATIONS_ALL) != 0,
         {"operations", "has bits that are no operation"}},
#define SMMU_NUMBER(name, type, min, max, ...)                                                     \
    {config_outside(cfg->name, min, max), {#name, "must be " #min " to " #max}},
#define SMMU_SHAPE(name, ...) {shape_bad(cfg->name), {#name, shape_rule}},
#define SMMU_POLICY(name, cache, ...)                                                              \
    {cfg->name >= SMMU_REPLACE_COUNT, {#name, "is no policy"}},                                    \
        {policy_bad(cfg->cache, cfg->name), {#name, "plru needs ways that are a power of two"}},
#include "smmu/config.def"
    };
    return config_first_broken(rules, COUNT(rules), error);
}

/* Demands of one parameter on others. */
static const struct smmu_error *check_needs(const struct smmu_config *cfg, struct smmu_error *error)
{
    bool stalls = cfg->stall_model != SMMU_TERMINATE_ONLY;
    const struct config_rule rules[] = {
        {cfg->oas_bits == 52 && !cfg->gran64k && !cfg->ds && !cfg->d128,
         {"oas_bits", "52 needs the 64 KiB granule, ds or d128"}},
        {cfg->oas_bits == 56 && !cfg->d128, {"oas_bits", "56 needs d128"}},
        {cfg->pri && !cfg->ats, {"pri", "needs ats"}},
        {cfg->dpt && !cfg->ats, {"dpt", "needs ats"}},
        {cfg->dpt && cfg->vmsa32, {"dpt", "is not with VMSAv8-32 (vmsa32)"}},
        {!cfg->s1p && !cfg->s2p, {"s1p", "there must be stage 1, or stage 2 (s2p), or both"}},
        {!cfg->gran4k && !cfg->gran16k && !cfg->gran64k, {"gran4k", "there must be a granule"}},
        {cfg->vax52 && !cfg->gran64k && !cfg->ds, {"vax52", "needs the 64 KiB granule, or ds"}},
        {cfg->ds && !cfg->vax52, {"ds", "needs vax52"}},
        {cfg->vax56 && !cfg->vax52, {"vax56", "needs vax52"}},
        {cfg->vax56 && !cfg->d128, {"vax56", "needs d128"}},
        {cfg->ds && !cfg->gran4k && !cfg->gran16k, {"ds", "needs the 4 KiB or 16 KiB granule"}},
        {cfg->vmsa32 && !cfg->gran4k, {"vmsa32", "needs the 4 KiB granule"}},
        {cfg->d128 && cfg->vmsa32, {"d128", "is in place of VMSAv8-32 (vmsa32)"}},
        {cfg->d128 && cfg->s1p && !cfg->s1pi, {"d128", "needs s1pi, with stage 1"}},
        {cfg->d128 && cfg->s1p && !cfg->aie, {"d128", "needs aie, with stage 1"}},
        {cfg->d128 && cfg->s2p && !(cfg->s2pi && cfg->s2po && cfg->mteperm),
         {"d128", "needs s2pi, s2po and mteperm, with stage 2"}},
        {cfg->the && cfg->s1p && cfg->s2p && !cfg->s2pi, {"the", "needs s2pi, with stage 2"}},
        {cfg->pbha && !cfg->s1p, {"pbha", "needs stage 1"}},
        {cfg->pbha && !cfg->had, {"pbha", "needs had"}},
        {cfg->hyp && !(cfg->s1p && cfg->s2p), {"hyp", "needs stage 1 and stage 2"}},
        {cfg->sid_bits > 6 && !cfg->st_level2,
         {"st_level2", "2-level Stream tables are mandatory with more than 64 StreamIDs"}},
        {cfg->cd2l && (!cfg->s1p || cfg->ssid_bits == 0),
         {"cd2l", "needs stage 1 and SubstreamIDs"}},
        {cfg->ecmdq && !(cfg->cohacc && cfg->msi), {"ecmdq", "needs cohacc and msi"}},
        {cfg->vatos && !(cfg->atos && cfg->s1p && cfg->s2p),
         {"vatos", "needs atos, stage 1 and stage 2"}},
        {cfg->mpam && cfg->partid_max == 0 && cfg->pmg_max == 0,
         {"mpam", "needs a PARTID or a PMG beside 0 (partid_max, pmg_max)"}},
        {stalls && cfg->stall_max == 0, {"stall_max", "must not be 0 where transactions stall"}},
        {cfg->bbml == 2 && cfg->tlb_conflicts, {"tlb_conflicts", "there are none with bbml 2"}},
        {cfg->contiguous && cfg->tlb_conflicts,
         {"contiguous",
          "is not with tlb_conflicts, for a change of that bit alone is no conflict"}},
        {gbpa_bad(cfg), {"gbpa", "has bits that are no field, or an override that is not offered"}},
    };
    return config_first_broken(rules, COUNT(rules), error);
}

/* What the version of the architecture does not have yet, and what it demands (6.3.1 to 6.3.6). */
static const struct smmu_error *check_version(const struct smmu_config *cfg,
                                              struct smmu_error *error)
{
    const uint32_t atomics = 1u << SMMU_OP_ATOMIC;
    const struct config_rule rules[] = {
        {cfg->arch < 1 && cfg->oas_bits == 52, {"oas_bits", "52 is not in SMMUv3.0"}},
        {cfg->arch < 4 && cfg->oas_bits == 56, {"oas_bits", "56 is not in SMMUv3.3 and before"}},
        {cfg->arch < 1 && cfg->vax52, {"vax52", "is not in SMMUv3.0"}},
        {cfg->arch < 1 && cfg->pbha, {"pbha", "is not in SMMUv3.0"}},
        {cfg->arch < 1 && (cfg->operations & ~atomics) != 0,
         {"operations", "of SMMUv3.0 are far atomics at most"}},
        {cfg->arch < 2 && cfg->mpam, {"mpam", "is not in SMMUv3.0 and SMMUv3.1"}},
        {cfg->arch >= 1 && cfg->s1p && !cfg->had,
         {"had", "is mandatory since SMMUv3.1, with stage 1"}},
        {cfg->arch >= 2 && cfg->s1p && cfg->s2p && !cfg->hyp,
         {"hyp", "is mandatory since SMMUv3.2, with both stages"}},
        {cfg->arch >= 2 && !cfg->fwb, {"fwb", "is mandatory since SMMUv3.2"}},
        {cfg->arch >= 2 && !cfg->ril, {"ril", "is mandatory since SMMUv3.2"}},
        {cfg->arch >= 2 && cfg->bbml == 0, {"bbml", "is 1 or 2 since SMMUv3.2"}},
        {cfg->arch >= 4 && !cfg->epan, {"epan", "is mandatory since SMMUv3.4"}},
        {cfg->arch >= 4 && cfg->s2p && !cfg->mteperm,
         {"mteperm", "is mandatory since SMMUv3.4, with stage 2"}},
        {cfg->arch >= 3 && !cfg->e0pd, {"e0pd", "is mandatory since SMMUv3.3"}},
        {cfg->arch >= 3 && cfg->s2p && !cfg->ptwnnc,
         {"ptwnnc", "is mandatory since SMMUv3.3, with stage 2"}},
    };
    return config_first_broken(rules, COUNT(rules), error);
}

bool smmu_config_check(const struct smmu_config *cfg, struct smmu_error *error)
{
    struct smmu_error found;
    if (!check_rows(cfg, &found) && !check_needs(cfg, &found) && !check_version(cfg, &found) &&
        !fixed_storage_check(cfg, &found))
        return true;
    if (error)
        *error = found;
    return false;
}

uint32_t smmu_frame_size(const struct smmu_config *cfg)
{
    return SMMU_FRAME_SIZE + (cfg->ecmdq ? UINT32_C(0x10000) << cfg->ecmdq_log2_pages : 0);
}

struct smmu_config config_in_effect(const struct smmu_config *given)
{
    struct smmu_config effective = *given;
    const struct smmu_config *cfg = given;
#define SMMU_NUMBER(name, type, min, max, reg, field, needs, ...)                                  \
    if (!(needs))                                                                                  \
        effective.name = 0;
#define SMMU_SWITCH(name, reg, field, needs, ...)                                                  \
    if (!(needs))                                                                                  \
        effective.name = false;
#include "smmu/config.def"
    return effective;
}

/* --- rows as data ----------------------------------------------------------------------------- */

#define SMMU_NUMBER(name, type, ...)                                                               \
    _Static_assert(sizeof(type) <= sizeof(uint64_t), "smmu_parameter_set() cuts " #name);
#include "smmu/config.def"

static const struct smmu_parameter parameters[] = {
#define SMMU_NUMBER(name, type, min, max, reg, field, needs, small, typical, maximal, help)        \
    {#name,       help, min, max, offsetof(struct smmu_config, name), SMMU_PARAMETER_NUMBER,       \
     sizeof(type)},
#define SMMU_SWITCH(name, reg, field, needs, small, typical, maximal, help)                        \
    {#name, help, 0, 1, offsetof(struct smmu_config, name), SMMU_PARAMETER_SWITCH, sizeof(bool)},
#define SMMU_SHAPE(name, small, typical, maximal, help)                                            \
    {#name,                                                                                        \
     help,                                                                                         \
     0,                                                                                            \
     0,                                                                                            \
     offsetof(struct smmu_config, name),                                                           \
     SMMU_PARAMETER_SHAPE,                                                                         \
     sizeof(struct smmu_cache_shape)},
#define SMMU_POLICY(name, cache, small, typical, maximal, help)                                    \
    {#name,                                                                                        \
     help,                                                                                         \
     0,                                                                                            \
     SMMU_REPLACE_COUNT - 1,                                                                       \
     offsetof(struct smmu_config, name),                                                           \
     SMMU_PARAMETER_POLICY,                                                                        \
     1},
#include "smmu/config.def"
};

const struct smmu_parameter *smmu_parameter_at(unsigned index)
{
    return index < COUNT(parameters) ? &parameters[index] : NULL;
}

bool smmu_parameter_set(struct smmu_config *cfg, const struct smmu_parameter *parameter,
                        uint64_t value)
{
    unsigned char *member = (unsigned char *)cfg + parameter->offset;
    const uint8_t narrow = (uint8_t)value;
    const uint16_t medium = (uint16_t)value;
    const uint32_t wide = (uint32_t)value;
    const bool on = value != 0;

    if (parameter->kind == SMMU_PARAMETER_SHAPE || value < parameter->min || value > parameter->max)
        return false;
    if (parameter->kind == SMMU_PARAMETER_SWITCH)
        memcpy(member, &on, sizeof(on));
    else if (parameter->bytes == sizeof(narrow))
        memcpy(member, &narrow, sizeof(narrow));
    else if (parameter->bytes == sizeof(medium))
        memcpy(member, &medium, sizeof(medium));
    else if (parameter->bytes == sizeof(wide))
        memcpy(member, &wide, sizeof(wide));
    else
        memcpy(member, &value, sizeof(value));
    return true;
}

struct smmu_cache_shape *smmu_parameter_shape(struct smmu_config *cfg,
                                              const struct smmu_parameter *parameter)
{
    return (struct smmu_cache_shape *)(void *)((unsigned char *)cfg + parameter->offset);
}
