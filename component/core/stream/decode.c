/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that STEs and CDs share (IHI 0070 5.2, 5.4). */
#include "stream/decode.h"

#include "vmsa/vmsa32.h"
#include "vmsa/vmsa_control.h"

static unsigned supported(const struct smmu_config *cfg, unsigned granule)
{
    bool present = (granule == 12 && cfg->gran4k) || (granule == 14 && cfg->gran16k) ||
                   (granule == 16 && cfg->gran64k);
    return present ? granule : 0;
}

unsigned decode_tg0(const struct smmu_config *cfg, unsigned tg)
{
    return supported(cfg, vmsa_tg0(tg));
}

unsigned decode_tg1(const struct smmu_config *cfg, unsigned tg)
{
    return supported(cfg, vmsa_tg1(tg));
}

unsigned decode_granule_min(const struct smmu_config *cfg)
{
    return cfg->gran4k ? 12 : cfg->gran16k ? 14 : 16;
}

bool decode_keep_apart(const struct smmu_config *cfg)
{
    return cfg->bbml == 1 || cfg->tlb_conflicts;
}

bool decode_endianness_illegal(const struct smmu_config *cfg, bool big_endian)
{
    return (cfg->ttendian == SMMU_TT_LITTLE && big_endian) ||
           (cfg->ttendian == SMMU_TT_BIG && !big_endian);
}

unsigned decode_ias(const struct smmu_config *cfg)
{
    return cfg->vmsa32 && cfg->oas_bits < VMSA32_OUTPUT_BITS ? VMSA32_OUTPUT_BITS : cfg->oas_bits;
}

unsigned decode_input_bits(const struct smmu_config *cfg, bool stage2)
{
    return stage2 ? decode_ias(cfg) : cfg->oas_bits;
}

unsigned decode_output_bits(const struct smmu_config *cfg, unsigned ps, bool vmsa32)
{
    if (vmsa32)
        return VMSA32_OUTPUT_BITS;
    unsigned bits = vmsa_address_bits(ps);
    return bits < cfg->oas_bits ? bits : cfg->oas_bits;
}

unsigned decode_table_bits(unsigned granule, bool ds, unsigned bits)
{
    return vmsa_can_have_52_bits(granule, ds) || bits < 48 ? bits : 48;
}
