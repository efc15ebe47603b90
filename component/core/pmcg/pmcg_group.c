/* SPDX-License-Identifier: Apache-2.0 */
/* Life of counter groups, and their interrupts (IHI 0070 10.1, 10.2). */
#include "pmcg/pmcg_group.h"

#include <stdlib.h>

#include "access/fetch.h"
#include "base/memattr.h"
#include "base/mpam.h"
#include "config.h"
#include "pmcg/pmcg_regs.h"
#include "smmu_priv.h"

struct smmu_pmcg_config smmu_pmcg_config_default(void)
{
    return (struct smmu_pmcg_config){
#define SMMU_PMCG_NUMBER(name, type, min, max, otherwise, help) .name = (otherwise),
#define SMMU_PMCG_SWITCH(name, otherwise, help)                 .name = (otherwise),
#include "smmu/pmcg.def"
    };
}

/* --- the check ----------------------------------------------------------------------------------
 */

/* The sizes that CFGR.SIZE can say (10.5.2.13). */
static bool counter_bits_bad(unsigned bits)
{
    return bits != 32 && bits != 36 && bits != 40 && bits != 44 && bits != 48 && bits != 64;
}

bool smmu_pmcg_config_check(const struct smmu_pmcg_config *cfg, const struct smmu_config *smmu,
                            struct smmu_error *error)
{
    const struct config_rule rules[] = {
#define SMMU_PMCG_NUMBER(name, type, min, max, ...)                                                \
    {config_outside(cfg->name, min, max), {#name, "must be " #min " to " #max}},
#include "smmu/pmcg.def"
        {counter_bits_bad(cfg->counter_bits), {"counter_bits", "must be 32, 36, 40, 44, 48 or 64"}},
        {cfg->mpam && !smmu->mpam, {"mpam", "needs an SMMU that has it"}},
        {cfg->mpam && !cfg->msi, {"mpam", "needs msi"}},
        {cfg->mpam && cfg->arch < 2, {"mpam", "is not in SMMUv3.1"}},
        {cfg->mpam_filter && !cfg->mpam,
         {"mpam_filter", "needs mpam: else MPAMIDR says that there is nothing to filter by"}},
        {cfg->mpam_filter && cfg->arch < 3, {"mpam_filter", "is not in SMMUv3.1 and SMMUv3.2"}},
        {cfg->tbus != 0 && cfg->first_tbu + cfg->tbus > smmu->tbus,
         {"tbus", "are more than the SMMU has from first_tbu on"}},
        {cfg->tbus == 0 && cfg->first_tbu != 0, {"first_tbu", "is of no use without tbus"}},
        {(uint64_t)cfg->first_sid >> smmu->sid_bits != 0,
         {"first_sid", "is no StreamID of the SMMU"}},
    };
    struct smmu_error unseen;
    return !config_first_broken(rules, COUNT(rules), error ? error : &unseen);
}

/* --- life ---------------------------------------------------------------------------------------
 */

/* Fields whose reset value is UNKNOWN are zero (10.5.2). */
static void reset(struct smmu_state *smmu, struct pmcg *group)
{
    *group = (struct pmcg){
        .cfg = group->cfg,
        .bank = group->bank,
        .resets = group->resets + 1,
    };
    pmcg_identify(smmu, group);
}

int smmu_pmcg_add(smmu_t *smmu, const struct smmu_pmcg_config *cfg, struct smmu_error *error)
{
    if (!smmu_pmcg_config_check(cfg, &smmu->cfg, error))
        return -1;
    struct pmcg *groups = realloc(smmu->pmcgs, (smmu->pmcg_count + 1) * sizeof(*groups));
    if (!groups) {
        if (error)
            *error = (struct smmu_error){"memory", "is short"};
        return -1;
    }
    struct pmcg *group = &groups[smmu->pmcg_count];
    *group = (struct pmcg){.cfg = *cfg, .bank = bank_of_groups(smmu)};
    if (group->cfg.sid_bits > smmu->cfg.sid_bits)
        group->cfg.sid_bits = smmu->cfg.sid_bits;
    reset(smmu, group);
    smmu->pmcgs = groups;
    return (int)smmu->pmcg_count++;
}

unsigned smmu_pmcg_count(const smmu_t *smmu)
{
    return smmu->pmcg_count;
}

const struct smmu_pmcg_config *smmu_pmcg_get_config(const smmu_t *smmu, unsigned group)
{
    return group < smmu->pmcg_count ? &smmu->pmcgs[group].cfg : NULL;
}

void pmcg_free(struct smmu_state *smmu)
{
    free(smmu->pmcgs);
}

void pmcg_reset(struct smmu_state *smmu)
{
    for (unsigned i = 0; i < smmu->pmcg_count; i++)
        reset(smmu, &smmu->pmcgs[i]);
    pmcg_watch(smmu);
}

void pmcg_watch(struct smmu_state *smmu)
{
    smmu->counting = false;
    for (unsigned i = 0; i < smmu->pmcg_count; i++)
        smmu->counting |= pmcg_enabled(&smmu->pmcgs[i]) != 0;
    smmu->watched = smmu->counting || smmu->ops.observe != NULL;
}

/* --- interrupts (10.2.1, 10.5.2.19 to 10.5.2.24) -------------------------------------------------
 */

/* Pulse, and send the message if there is one; the enable that the overflow met is still in force,
 * or its Update waits for this. */
static void signal(struct smmu_state *smmu, unsigned index)
{
    struct pmcg *group = &smmu->pmcgs[index];
    uint32_t resets = group->resets;
    uint64_t cfg2 = group->irq_cfg2;
    const struct fetch_attr attr = {memattr_override(irq_cfg2_MemAttr(cfg2), irq_cfg2_SH(cfg2)),
                                    group->mpam};
    group->pending = false;
    if (smmu->ops.pmcg_irq)
        smmu->ops.pmcg_irq(smmu->user, index);
    if (group->irq_cfg0 != 0 &&
        !fetch_msi(smmu, group->bank, index + 1, group->irq_cfg0, (uint32_t)group->irq_cfg1,
                   &attr) &&
        group->resets == resets)
        group->irq_status |= PMCG_IRQ_ABT;
}

/* Complete the Update of GMPAM (10.5.2.25). */
static bool complete_label(const struct smmu_config *cfg, struct pmcg *group)
{
    if (!(group->gmpam & UPDATE))
        return false;
    group->gmpam &= ~(uint64_t)UPDATE;
    group->mpam =
        mpam_label(cfg, group->bank->sec, mpam_PARTID(group->gmpam), mpam_PMG(group->gmpam));
    return true;
}

/* Complete the Update of IRQ_CTRL; the status is cleared as the enable becomes 1 (10.5.2.24). */
static bool complete_enable(struct pmcg *group)
{
    if (group->irq_ctrl == group->irq_ctrlack)
        return false;
    if (group->irq_ctrl & PMCG_IRQEN)
        group->irq_status &= ~(uint64_t)PMCG_IRQ_ABT;
    group->irq_ctrlack = group->irq_ctrl;
    return true;
}

bool pmcg_run(struct smmu_state *smmu)
{
    bool done = false;
    for (unsigned i = 0; i < smmu->pmcg_count; i++) {
        bool pending = smmu->pmcgs[i].pending;
        if (pending)
            signal(smmu, i);
        done |= complete_label(&smmu->cfg, &smmu->pmcgs[i]) || pending;
        done |= complete_enable(&smmu->pmcgs[i]);
    }
    return done;
}
