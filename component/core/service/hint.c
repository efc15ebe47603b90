/* SPDX-License-Identifier: Apache-2.0 */
/* Hints of clients that they will soon access pages (IHI 0070 7.3.19). */
#include "report/event.h"
#include "report/evtq.h"

/* SMMU_PERM_* of unprivileged and of privileged accesses, as the record has them. */
static uint8_t rights(unsigned user, unsigned priv)
{
    return (uint8_t)((user & SMMU_PERM_R ? FAULT_RIGHT_UR : 0) |
                     (user & SMMU_PERM_W ? FAULT_RIGHT_UW : 0) |
                     (user & SMMU_PERM_X ? FAULT_RIGHT_UX : 0) |
                     (priv & SMMU_PERM_R ? FAULT_RIGHT_PR : 0) |
                     (priv & SMMU_PERM_W ? FAULT_RIGHT_PW : 0) |
                     (priv & SMMU_PERM_X ? FAULT_RIGHT_PX : 0));
}

void smmu_hint_pages(smmu_t *smmu, const struct smmu_page_hint *hint)
{
    struct bank *bank = bank_of(smmu, hint->sec);
    const struct smmu_txn txn = {.addr = hint->addr,
                                 .sid = hint->sid,
                                 .ssid = hint->ssid,
                                 .ssv = hint->ssv,
                                 .cookie = hint->cookie};
    const struct call call = {
        .smmu = smmu, .bank = bank, .txn = &txn, .disables = bank ? bank->disables : 0};
    const struct fault fault = {.type = EVENT_E_PAGE_REQUEST,
                                .span = hint->pages,
                                .rights = rights(hint->user, hint->priv)};

    if (!bank || !bank_enabled(bank, CR0_SMMUEN))
        return;
    if (hint->pages == 0 || substream_too_large(hint->ssv, hint->ssid))
        return; /* there is no record of that */
    struct evt_raw record = event_encode(smmu->cfg.oas_bits, &txn, &fault);
    evtq_record(&call, &record, false);
}
