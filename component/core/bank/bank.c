/* SPDX-License-Identifier: Apache-2.0 */
/* The programming interfaces there are (IHI 0070 3.10, 6.2). */
#include "bank/idregs.h"
#include "cmd/ecmdq.h"
#include "smmu_priv.h"

static const struct bank_row {
    uint8_t sec; /* enum smmu_sec */
    uint8_t pas; /* enum smmu_pas */
    uint32_t first, last, control_pages;
    bool groups;
} rows[] = {
#define BANK(sec, pas, first, last, control_pages, groups)                                         \
    {SMMU_SEC_##sec, SMMU_PAS_##pas, first, last, control_pages, groups},
#include "bank/banks.def"
#undef BANK
};

bool bank_init_all(struct smmu_state *smmu)
{
    bool done = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bank *bank = &smmu->bank[rows[i].sec];
        bank->implemented = true;
        smmu->bank_at[rows[i].sec] = bank;
        bank->sec = rows[i].sec;
        bank->pas = rows[i].pas;
        idregs_set(bank, &smmu->cfg);
        done &= ecmdq_init(bank, &smmu->cfg, rows[i].first, rows[i].control_pages);
        if (done)
            bank_reset(bank, &smmu->cfg);
    }
    return done;
}

void bank_free_all(struct smmu_state *smmu)
{
    for (struct bank *bank = bank_next(smmu, NULL); bank; bank = bank_next(smmu, bank))
        ecmdq_free(bank);
}

bool bank_at(uint32_t *offset, enum smmu_sec *sec)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (*offset - rows[i].first > rows[i].last - rows[i].first)
            continue;
        *offset -= rows[i].first;
        *sec = rows[i].sec;
        return true;
    }
    return false;
}

struct bank *bank_of_groups(struct smmu_state *smmu)
{
    size_t i = 0;
    while (!rows[i].groups)
        i++;
    return &smmu->bank[rows[i].sec];
}

struct bank *bank_next(struct smmu_state *smmu, const struct bank *after)
{
    struct bank *bank = after ? &smmu->bank[after->sec] + 1 : smmu->bank;
    while (bank < smmu->bank + SMMU_SEC_COUNT && !bank->implemented)
        bank++;
    return bank < smmu->bank + SMMU_SEC_COUNT ? bank : NULL;
}
