/* SPDX-License-Identifier: Apache-2.0 */
/* ID registers of the Non-secure programming interface (IHI 0070 6.3.1 to 6.3.8). */
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

/* IDR0 (6.3.1). Fields not named read zero: the feature is absent. */
static uint64_t idr0(const struct smmu_config *cfg)
{
    const uint64_t s1p = 1;         /* [1] stage 1 */
    const uint64_t ttf = 2;         /* [3:2] VMSAv8-64 */
    const uint64_t ttendian = 2;    /* [22:21] little-endian */
    const uint64_t st_level = 1;    /* [28:27] linear and 2-level Stream tables */
    const uint64_t stall_model = 1; /* [25:24] terminate only */
    const uint64_t coherent = cfg->cohacc;
    const uint64_t asid16 = cfg->asid16;
    return s1p << 1 | ttf << 2 | coherent << 4 | asid16 << 12 | ttendian << 21 | stall_model << 24 |
           st_level << 27;
}

/* IDR1 (6.3.2) */
static uint64_t idr1(const struct smmu_config *cfg)
{
    return (uint64_t)cfg->sid_bits | (uint64_t)cfg->ssid_bits << 6 |
           (uint64_t)cfg->evtq_log2_max << 16 | (uint64_t)cfg->cmdq_log2_max << 21;
}

/* IDR3 (6.3.4) */
static uint64_t idr3(void)
{
    const uint64_t had = 1; /* [2] hierarchical attribute disable, mandatory with stage 1 */
    return had << 2;
}

/* IDR5 (6.3.6) */
static uint64_t idr5(const struct smmu_config *cfg)
{
    const uint64_t gran4k = 1; /* [4] */
    return address_size_encoding(cfg->oas_bits) | gran4k << 4;
}

void idregs_set(struct bank *bank, const struct smmu_config *cfg)
{
    bank->reg[REG_IDR0] = idr0(cfg);
    bank->reg[REG_IDR1] = idr1(cfg);
    bank->reg[REG_IDR3] = idr3();
    bank->reg[REG_IDR5] = idr5(cfg);
    bank->reg[REG_IIDR] = cfg->iidr;
    bank->reg[REG_AIDR] = 0x01; /* SMMUv3.1 (6.3.8) */
}
