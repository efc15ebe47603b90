/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that STEs and CDs share (IHI 0070 5.2, 5.4). */
#include "stream/decode.h"

#include "config.h"
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

static unsigned at_most(unsigned bits, unsigned limit)
{
    return bits < limit ? bits : limit;
}

uint64_t decode_ttb(const struct smmu_config *cfg, enum decode_format format, uint64_t ttb)
{
    unsigned bits = format == DECODE_VMSA128 ? 56 : at_most(config_address_bits(cfg), 52);
    return (ttb << 4) & MASK64(bits - 1, 4);
}

unsigned decode_tsz_max(const struct smmu_config *cfg, enum decode_format format, unsigned granule)
{
    return vmsa_tsz_max(granule, cfg->stt || format == DECODE_VMSA128);
}

unsigned decode_output_bits(const struct smmu_config *cfg, enum decode_format format, unsigned ps)
{
    if (format == DECODE_VMSA32)
        return VMSA32_OUTPUT_BITS;
    unsigned bits = at_most(vmsa_address_bits(ps), cfg->oas_bits);
    return format == DECODE_VMSA64 ? at_most(bits, 52) : bits;
}

unsigned decode_table_bits(enum decode_format format, unsigned granule, bool ds, unsigned bits)
{
    if (format == DECODE_VMSA128)
        return bits;
    return at_most(bits, vmsa_can_have_52_bits(granule, ds) ? 52 : 48);
}
