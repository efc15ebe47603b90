/* SPDX-License-Identifier: Apache-2.0 */
/* Stream table entries (IHI 0070 3.3.1, 5.2, 6.3.24, 6.3.25). */
#include "ste.h"

#include "cache.h"
#include "event.h"
#include "fetch.h"
#include "memattr.h"
#include "ste_layout.h"

/* 6.3.25: whether a StreamID lies within the table. */
static bool sid_in_range(const struct smmu_state *smmu, const struct bank *bank, uint32_t sid)
{
    unsigned log2 = (unsigned)bits_get(bank->reg[REG_STRTAB_BASE_CFG], 5, 0);
    if (log2 > smmu->cfg.sid_bits)
        log2 = smmu->cfg.sid_bits;
    return (uint64_t)sid < BIT64(log2);
}

/* 6.3.24: the base of a linear table is aligned to its configured size. */
static uint64_t ste_address(const struct bank *bank, uint32_t sid)
{
    unsigned log2 = (unsigned)bits_get(bank->reg[REG_STRTAB_BASE_CFG], 5, 0);
    uint64_t base = bank->reg[REG_STRTAB_BASE] & MASK64(55, 6);
    base = log2 + 6 > 55 ? 0 : base & ~(BIT64(log2 + 6) - 1);
    return base + (uint64_t)sid * STE_SIZE;
}

/* 5.2.2: SteIllegal() for what this SMMU implements: stage 1, no ATS, no stalls, no EL2 streams,
 * linear CD tables. */
static bool ste_illegal(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    uint64_t config = ste_Config(raw);

    if (!ste_V(raw))
        return true;
    if (!(config & STE_CONFIG_PASS))
        return false;
    if (config & STE_CONFIG_S2)
        return true;
    if (!(config & STE_CONFIG_S1))
        return false;
    if (ste_S1STALLD(raw))
        return true;
    if (cfg->ssid_bits != 0 && ste_S1CDMax(raw) > cfg->ssid_bits)
        return true;
    if (cfg->ssid_bits != 0 && ste_S1CDMax(raw) != 0 &&
        (ste_S1Fmt(raw) == 1 || ste_S1Fmt(raw) == 2))
        return true;
    return (ste_S1ContextPtr(raw) << 6) >> cfg->oas_bits != 0;
}

static struct ste_cfg ste_decode(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    struct ste_cfg ste = {.illegal = ste_illegal(cfg, raw)};
    if (ste.illegal)
        return ste;
    ste.config = (uint8_t)ste_Config(raw);
    ste.s1cdmax = cfg->ssid_bits != 0 ? (uint8_t)ste_S1CDMax(raw) : 0;
    ste.s1dss = (uint8_t)ste_S1DSS(raw);
    /* S1ContextPtr[S1CDMax+5:6] are RES0 and taken as zero (5.2, S1Fmt). */
    ste.s1_context_ptr = (ste_S1ContextPtr(raw) << 6) & ~(BIT64(ste.s1cdmax + 6) - 1);
    ste.cd_attr = memattr_cd_access((unsigned)ste_S1CIR(raw), (unsigned)ste_S1COR(raw),
                                    (unsigned)ste_S1CSH(raw));
    return ste;
}

/* Access attributes of the Stream table (6.3.11, 6.3.24). */
static struct smmu_memattr table_attr(const struct bank *bank)
{
    uint64_t cr1 = bank->reg[REG_CR1];
    return memattr_cr1_access((unsigned)bits_get(cr1, 7, 6), (unsigned)bits_get(cr1, 9, 8),
                              (unsigned)bits_get(cr1, 11, 10),
                              bits_get(bank->reg[REG_STRTAB_BASE], 62, 62) ? MAIR_RA : 0);
}

static bool ste_fetch(const struct call *call, const struct bank *bank, struct ste_cfg *ste,
                      struct fault *fault)
{
    struct smmu_state *smmu = call->smmu;
    uint64_t addr = ste_address(bank, call->txn->sid);
    struct ste_raw raw;

    if (!call->probe) {
        smmu->stats.ste_fetches++;
        trace(smmu, SMMU_TRACE_ste_fetch, call->txn->sid, addr);
    }
    if (addr >> smmu->cfg.oas_bits != 0 ||
        !fetch_for(call, SMMU_FETCH_STE, addr, table_attr(bank), raw.w, 8)) {
        *fault = (struct fault){.type = EVENT_F_STE_FETCH, .fetch_addr = addr};
        return false;
    }
    *ste = ste_decode(&smmu->cfg, &raw);
    return true;
}

bool ste_get(const struct call *call, struct bank *bank, struct ste_cfg *ste, struct fault *fault)
{
    if (!sid_in_range(call->smmu, bank, call->txn->sid)) {
        *fault = (struct fault){.type = EVENT_C_BAD_STREAMID};
        return false;
    }
    const struct ste_cfg *cached = cache_find_ste(call, bank);
    if (cached) {
        *ste = *cached;
    } else {
        if (!ste_fetch(call, bank, ste, fault))
            return false;
        cache_fill_ste(call, bank, ste);
    }
    if (ste->illegal) {
        *fault = (struct fault){.type = EVENT_C_BAD_STE};
        return false;
    }
    return true;
}
