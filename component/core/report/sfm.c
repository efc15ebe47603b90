/* SPDX-License-Identifier: Apache-2.0 */
/* Service Failure Mode (IHI 0070 12.3): what ends when it begins. What does not begin any more asks
 * sfm_active(). */
#include "report/sfm.h"

#include "cmd/inval.h"
#include "report/stall.h"

/* Client transactions are terminated, those that stall too, as no command will let them go. */
static void end_service(struct smmu_state *smmu, struct bank *bank)
{
    const struct smmu_inval all = {.kind = SMMU_INVAL_ALL, .sec = bank->sec};
    bank_overtake(bank);
    stall_terminate_all(smmu, bank);
    smmu->epoch++; /* TBUs and hosts no longer answer */
    inval_notify(smmu, &all);
}

/* All states have ended before the first error is told of, which may take time. */
void sfm_enter_if_due(struct smmu_state *smmu)
{
    if (sfm_active(smmu) || !inject_take(smmu, SMMU_INJECT_SFM))
        return;
    smmu->serving_tbus = 0;
    for (struct bank *bank = bank_next(smmu, NULL); bank; bank = bank_next(smmu, bank))
        end_service(smmu, bank);
    for (struct bank *bank = bank_next(smmu, NULL); bank; bank = bank_next(smmu, bank))
        gerror_activate(smmu, bank, GERROR_SFM_ERR);
}
