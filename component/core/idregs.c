/* SPDX-License-Identifier: Apache-2.0 */
/* ID registers of the Non-secure programming interface (IHI 0070 6.3.1 to 6.3.8). Fields not named
 * here read zero: the feature is absent. */
#include "idregs.h"

static const uint8_t address_sizes[] = {32, 36, 40, 42, 44, 48, 52, 52};

unsigned address_size_bits(unsigned encoding)
{
    return address_sizes[encoding & 7];
}

static uint64_t address_size_encoding(unsigned bits)
{
    uint64_t encoding = 0;
    while (address_sizes[encoding] != bits)
        encoding++;
    return encoding;
}

static uint64_t bit(bool value, unsigned position)
{
    return (uint64_t)value << position;
}

/* IDR0 (6.3.1) */
static uint64_t idr0(const struct smmu_config *cfg)
{
    return bit(cfg->s2p, 0) | bit(cfg->s1p, 1) | bit(cfg->vmsa32, 2) | bit(true, 3) /* TTF */ |
           bit(cfg->cohacc, 4) | bit(cfg->btm, 5) | (uint64_t)cfg->httu << 6 | bit(cfg->hyp, 9) |
           bit(cfg->ats, 10) | bit(cfg->ats && cfg->s1p && cfg->s2p && cfg->ns1ats, 11) |
           bit(cfg->asid16, 12) | bit(cfg->msi, 13) | bit(cfg->sev, 14) | bit(cfg->atos, 15) |
           bit(cfg->pri, 16) | bit(cfg->vmw && cfg->s2p, 17) | bit(cfg->vmid16 && cfg->s2p, 18) |
           bit(cfg->cd2l, 19) | bit(cfg->vatos, 20) | (uint64_t)cfg->ttendian << 21 |
           (uint64_t)cfg->stall_model << 24 | bit(cfg->term_abort_only, 26) |
           bit(cfg->st_level2, 27);
}

/* IDR1 (6.3.2) */
static uint64_t idr1(const struct smmu_config *cfg)
{
    return (uint64_t)cfg->sid_bits | (uint64_t)cfg->ssid_bits << 6 |
           (cfg->pri ? (uint64_t)cfg->priq_log2_max << 11 : 0) |
           (uint64_t)cfg->evtq_log2_max << 16 | (uint64_t)cfg->cmdq_log2_max << 21 |
           bit(cfg->attr_perms_ovr, 26) | bit(cfg->attr_types_ovr, 27);
}

/* IDR3 (6.3.4): what SMMUv3.1 makes mandatory. */
static uint64_t idr3(const struct smmu_config *cfg)
{
    return bit(cfg->s1p, 2) /* HAD */ | bit(cfg->pbha, 3) | bit(cfg->s2p, 4) /* XNX */ |
           bit(cfg->pri && cfg->ssid_bits != 0 && cfg->pps, 5);
}

/* IDR5 (6.3.6) */
static uint64_t idr5(const struct smmu_config *cfg)
{
    bool stalls = cfg->stall_model != SMMU_TERMINATE_ONLY;
    return address_size_encoding(cfg->oas_bits) | bit(cfg->gran4k, 4) | bit(cfg->gran16k, 5) |
           bit(cfg->gran64k, 6) | bit(cfg->vax52, 10) |
           (stalls ? (uint64_t)cfg->stall_max << 16 : 0);
}

void idregs_set(struct bank *bank, const struct smmu_config *cfg)
{
    bank->reg[REG_IDR0] = idr0(cfg);
    bank->reg[REG_IDR1] = idr1(cfg);
    bank->reg[REG_IDR3] = idr3(cfg);
    bank->reg[REG_IDR5] = idr5(cfg);
    bank->reg[REG_IIDR] = cfg->iidr;
    bank->reg[REG_AIDR] = 0x01; /* SMMUv3.1 (6.3.8) */
}
