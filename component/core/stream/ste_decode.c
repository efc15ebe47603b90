/* SPDX-License-Identifier: Apache-2.0 */
/* The meaning of a Stream table entry, and its legality (IHI 0070 5.2, 5.2.2). */
#include "base/memattr.h"
#include "base/mpam.h"
#include "config.h"
#include "stream/decode.h"
#include "stream/ste.h"
#include "stream/ste_layout.h"
#include "vmsa/vmsa128.h"
#include "vmsa/vmsa32.h"
#include "vmsa/vmsa_control.h"

static enum decode_format s2_format(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    return decode_format(cfg, ste_S2AA64(raw) != 0);
}

/* S2DS, where it counts: RES0 without IDR5.DS, of other formats, and with the 64 KiB granule (5.2).
 */
static bool effective_s2ds(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    return cfg->ds && ste_S2DS(raw) && ste_S2AA64(raw) &&
           vmsa_tg0(ste_S2TG(raw)) != VMSA_GRANULE_64K;
}

/* Begin to walk VMSAv8-64 tables where S2SL0 says. */
static void s2_begin64(const struct smmu_config *cfg, const struct ste_raw *raw,
                       struct vmsa_geometry *g)
{
    const struct vmsa_s2_features features = {cfg->oas_bits, cfg->stt, effective_s2ds(cfg, raw)};
    unsigned sl = ste_S2SL0(raw) | (unsigned)ste_S2SL0_2(raw) << 2;
    g->start_level = (int8_t)vmsa_s2_start_level(g->granule, sl, &features);
    g->format = (uint8_t)vmsa_format_of(g->granule, cfg->oas_bits >= 52, features.ds);
}

/* Begin to walk VMSAv9-128 tables where S2SKL says, which counts from the level of the input size.
 */
static void s2_begin128(const struct ste_raw *raw, struct vmsa_geometry *g)
{
    bool known = g->granule != 0 && g->input_bits > g->granule;
    g->format = VMSA_128;
    g->start_level = (int8_t)(known ? vmsa128_start_level(g, ste_S2SKL(raw)) : VMSA_NO_LEVEL);
}

/* The geometry of tables, whose fields VMSAv8-32 gives another meaning (5.2, S2T0SZ, S2SL0, S2SKL,
 * S2TG, S2PS). */
static struct vmsa_geometry s2_geometry(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    enum decode_format format = s2_format(cfg, raw);
    struct vmsa_geometry g = {
        .granule = (uint8_t)decode_tg0(cfg, ste_S2TG(raw)),
        .input_bits = (uint8_t)(64 - ste_S2T0SZ(raw)),
        .output_bits = (uint8_t)decode_output_bits(cfg, format, ste_S2PS(raw)),
    };
    if (format == DECODE_VMSA64) {
        s2_begin64(cfg, raw, &g);
    } else if (format == DECODE_VMSA128) {
        s2_begin128(raw, &g);
    } else {
        g.granule = VMSA32_GRANULE;
        g.input_bits = (uint8_t)vmsa32_s2_input_bits(ste_S2T0SZ(raw));
        g.start_level = (int8_t)vmsa32_s2_start_level(ste_S2SL0(raw));
    }
    return g;
}

/* Encodings without tag access are not of VMSAv8-32 (3.23.1; DDI 0487 table D8-96). */
static enum memattr_s2_encoding s2_memattr(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    if (cfg->fwb && ste_S2FWB(raw))
        return MEMATTR_S2_FWB;
    return cfg->mteperm && s2_format(cfg, raw) != DECODE_VMSA32 ? MEMATTR_S2_NO_TAG : MEMATTR_S2;
}

/* Indirect permissions: S2PIE of VMSAv8-64, always of VMSAv9-128 (5.2, S2PIE). */
static bool effective_s2pie(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    enum decode_format format = s2_format(cfg, raw);
    return format == DECODE_VMSA128 || (format == DECODE_VMSA64 && cfg->s2pi && ste_S2PIE(raw));
}

static struct stage s2_stage(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    return (struct stage){
        .attr = memattr_walk_access(ste_S2IR0(raw), ste_S2OR0(raw), ste_S2SH0(raw)),
        .geometry = s2_geometry(cfg, raw),
        .scheme = {.stage2 = true,
                   .vmsa32 = s2_format(cfg, raw) == DECODE_VMSA32,
                   .indirect = effective_s2pie(cfg, raw),
                   .hd = ste_S2HA(raw) && ste_S2HD(raw),
                   .xnx = config_xnx(cfg)},
        .hwu = cfg->pbha && s2_format(cfg, raw) != DECODE_VMSA128 ? ste_S2HWU(raw) : 0,
        .sh = ste_S2SH0(raw),
        .big_endian = ste_S2ENDI(raw),
        .affd = ste_S2AFFD(raw),
        .ha = ste_S2HA(raw),
        .passing = cfg->httu == SMMU_HTTU_TABLES && ste_S2HA(raw) && ste_S2HAFT(raw)
                       ? STAGE_FLAG_TABLES
                       : 0,
        .memattr = (uint8_t)s2_memattr(cfg, raw),
        .adjust =
            (decode_keep_apart(cfg) ? STAGE_KEEP_APART : 0) | (cfg->contiguous ? STAGE_RUNS : 0),
    };
}

static bool effective_s2poe(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    return cfg->s2po && ste_S2POE(raw);
}

/* 5.2.2, of S2PIE, S2POE and S2POI, whose codes 1 and 5 are Reserved. */
static bool permissions_illegal(const struct smmu_config *cfg, const struct ste_raw *raw,
                                const struct stage *s2)
{
    if (cfg->s2pi && ste_S2PIE(raw) && s2->scheme.vmsa32)
        return true;
    if (!effective_s2poe(cfg, raw))
        return false;
    for (uint64_t left = ste_S2POI(raw); left != 0; left >>= 4)
        if ((left & 15) == 1 || (left & 15) == 5)
            return true;
    return !s2->scheme.indirect || (cfg->pbha && ste_S2HWU(raw) != 0);
}

/* 5.2.2, the part under "Stage 2 Translation". */
static bool s2_illegal(const struct smmu_config *cfg, const struct ste_raw *raw,
                       const struct stage *s2)
{
    const struct vmsa_geometry *g = &s2->geometry;
    bool ds = g->format == VMSA_LPA2;
    enum decode_format format = s2_format(cfg, raw);
    unsigned input_max = decode_table_bits(format, g->granule, ds, decode_ias(cfg));
    unsigned ttb_bits = decode_table_bits(format, g->granule, ds, g->output_bits);

    if ((s2->scheme.vmsa32 && s2->memattr == MEMATTR_S2_FWB) || permissions_illegal(cfg, raw, s2))
        return true;
    if (ste_S2S(raw) && cfg->stall_model == SMMU_TERMINATE_ONLY)
        return true;
    if (!ste_S2S(raw) && cfg->stall_model == SMMU_STALL_ONLY)
        return true;
    if (s2->scheme.vmsa32 && !cfg->vmsa32)
        return true;
    if ((ste_S2HA(raw) || ste_S2HD(raw)) && (s2->scheme.vmsa32 || cfg->httu == SMMU_HTTU_NONE))
        return true;
    if (ste_S2HD(raw) && cfg->httu == SMMU_HTTU_ACCESS)
        return true;
    if (ste_S2HAFT(raw) && !ste_S2HA(raw) && cfg->httu == SMMU_HTTU_TABLES)
        return true;
    if (g->granule == 0 || decode_endianness_illegal(cfg, s2->big_endian))
        return true;
    if (decode_ttb(cfg, format, ste_S2TTB(raw)) >> ttb_bits != 0)
        return true;
    if (!s2->scheme.vmsa32 &&
        (ste_S2T0SZ(raw) > decode_tsz_max(cfg, format, g->granule) || g->input_bits > input_max))
        return true;
    return g->start_level == VMSA_NO_LEVEL || (format != DECODE_VMSA128 && !vmsa_s2_start_ok(g));
}

/* 5.2.2, the part under "Stage 1 Translation". */
static bool s1_illegal(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    uint64_t fmt = ste_S1Fmt(raw);

    if (ste_S1STALLD(raw) && cfg->stall_model != SMMU_STALL_AND_TERMINATE)
        return true;
    if (cfg->ssid_bits != 0 && ste_S1CDMax(raw) > cfg->ssid_bits)
        return true;
    if (cfg->ssid_bits != 0 && ste_S1CDMax(raw) != 0 && !cfg->cd2l &&
        (fmt == STE_S1FMT_4K || fmt == STE_S1FMT_64K))
        return true;
    bool stage2 = (ste_Config(raw) & STE_CONFIG_S2) != 0;
    return (ste_S1ContextPtr(raw) << 6) >> decode_input_bits(cfg, stage2) != 0;
}

/* EATS, where it counts: with ATS, for streams that some stage translates (5.2, EATS). */
static unsigned effective_eats(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    unsigned eats = ste_EATS(raw);
    bool ignored = !cfg->ats || !(ste_Config(raw) & (STE_CONFIG_S1 | STE_CONFIG_S2));
    return ignored || (eats == STE_EATS_DPT && !cfg->dpt) ? STE_EATS_NONE : eats;
}

/* 5.2 and 5.2.2, of EATS. S2S is looked at where stage 2 translates, as SMMUv3.1 asks; `el1` is
 * whether the StreamWorld is EL1. */
static bool eats_illegal(const struct smmu_config *cfg, const struct ste_raw *raw, bool el1)
{
    bool stage2 = (ste_Config(raw) & STE_CONFIG_S2) != 0;
    bool nested = stage2 && (ste_Config(raw) & STE_CONFIG_S1);

    switch (effective_eats(cfg, raw)) {
    case STE_EATS_FULL:
        return stage2 && ste_S2S(raw);
    case STE_EATS_SPLIT:
        return !nested || ste_S2S(raw) || cfg->ns1ats;
    case STE_EATS_DPT:
        return !el1 || (stage2 && ste_S2S(raw));
    default:
        return false;
    }
}

/* 5.2, VMSPtr. */
static bool vms_enabled(const struct smmu_config *cfg, const struct ste_raw *raw)
{
    const unsigned nested = STE_CONFIG_PASS | STE_CONFIG_S1 | STE_CONFIG_S2;
    return config_vms(cfg) && ste_Config(raw) == nested && ste_S1MPAM(raw);
}

/* STRW counts only for streams that stage 1 alone translates (5.2, STRW). */
static bool strw_used(const struct smmu_config *cfg, uint64_t config)
{
    return cfg->s1p && cfg->hyp && config == (STE_CONFIG_PASS | STE_CONFIG_S1);
}

static uint8_t stream_world(const struct smmu_config *cfg, const struct bank *bank,
                            const struct ste_raw *raw)
{
    if (!strw_used(cfg, ste_Config(raw)) || ste_STRW(raw) != STE_STRW_EL2)
        return SMMU_WORLD_NS_EL1;
    return bank->reg[REG_CR2] & CR2_E2H ? SMMU_WORLD_EL2_E2H : SMMU_WORLD_EL2;
}

/* 5.2.2: SteIllegal(), for a Non-secure STE. */
static bool ste_illegal(const struct smmu_config *cfg, const struct ste_raw *raw,
                        const struct stage *s2)
{
    uint64_t config = ste_Config(raw);
    bool s1_on = (config & STE_CONFIG_S1) != 0;
    bool s2_on = (config & STE_CONFIG_S2) != 0;
    bool el1 = !strw_used(cfg, config) || ste_STRW(raw) == STE_STRW_EL1;

    if (!ste_V(raw))
        return true;
    if (!(config & STE_CONFIG_PASS))
        return false;
    if ((s1_on && !cfg->s1p) || (s2_on && !cfg->s2p))
        return true;
    if (strw_used(cfg, config) && (ste_STRW(raw) & 1))
        return true;
    if (s1_on && s1_illegal(cfg, raw))
        return true;
    if (s2_on && s2_illegal(cfg, raw, s2))
        return true;
    if (eats_illegal(cfg, raw, el1))
        return true;
    if (vms_enabled(cfg, raw) && (ste_VMSPtr(raw) << 12) >> cfg->oas_bits != 0)
        return true;
    return cfg->s2p && !cfg->vmid16 && (s1_on || s2_on) && el1 && ste_S2VMID(raw) > 0xff;
}

/* Bits of S1ContextPtr that are RES0 for the table it points to are taken as zero (5.2, S1Fmt). */
static uint64_t context_ptr(const struct ste_raw *raw, unsigned s1cdmax)
{
    static const uint8_t leaf_log2[] = {0, 6, 10, 0}; /* CDs in a level 2 table */
    unsigned leaf = leaf_log2[ste_S1Fmt(raw)];
    unsigned size = s1cdmax + 6;
    if (leaf != 0)
        size = s1cdmax > leaf + 3 ? s1cdmax - leaf + 3 : 6;
    return (ste_S1ContextPtr(raw) << 6) & ~(BIT64(size) - 1);
}

static void decode_s1(const struct smmu_config *cfg, const struct ste_raw *raw, struct ste_cfg *ste)
{
    ste->s1cdmax = cfg->ssid_bits != 0 ? ste_S1CDMax(raw) : 0;
    ste->s1fmt = ste_S1Fmt(raw) == 3 || ste->s1cdmax == 0 ? STE_S1FMT_LINEAR : ste_S1Fmt(raw);
    ste->s1dss = ste_S1DSS(raw);
    ste->s1stalld = ste_S1STALLD(raw) != 0;
    ste->s1pie = cfg->s1pi && ste_S1PIE(raw);
    ste->s1_context_ptr =
        ste->s1cdmax == 0 ? ste_S1ContextPtr(raw) << 6 : context_ptr(raw, ste->s1cdmax);
    ste->cd_attr = memattr_cd_access(ste_S1CIR(raw), ste_S1COR(raw), ste_S1CSH(raw));
}

/* 5.2, AssuredOnly, TL0, TL1: always AssuredOnly of VMSAv9-128, and neither of VMSAv8-32. */
static void decode_hardening(const struct smmu_config *cfg, const struct ste_raw *raw,
                             struct ste_cfg *ste)
{
    enum decode_format format = s2_format(cfg, raw);
    if (!cfg->the || format == DECODE_VMSA32)
        return;
    ste->s2_assured = format == DECODE_VMSA128 || ste_AssuredOnly(raw);
    ste->s2_tops =
        (uint8_t)((ste_TL0(raw) ? VMSA_TOP_LEVEL0 : 0) | (ste_TL1(raw) ? VMSA_TOP_LEVEL1 : 0));
    ste->s2_hardened = ste->s2_assured || ste->s2_tops != 0;
    ste->s2.adjust |= ste->s2_hardened ? STAGE_MARKED : 0;
}

static void decode_s2(const struct smmu_config *cfg, const struct ste_raw *raw,
                      const struct stage *s2, struct ste_cfg *ste)
{
    ste->s2 = *s2;
    ste->s2.table =
        vmsa_first_table(&s2->geometry, decode_ttb(cfg, s2_format(cfg, raw), ste_S2TTB(raw)));
    ste->s2_overlaid = effective_s2poe(cfg, raw);
    ste->s2_overlay = ste_S2POI(raw);
    ste->s2_stall = ste_S2S(raw) != 0;
    ste->s2_record = ste_S2R(raw) != 0;
    ste->s2_ptw = ste_S2PTW(raw) != 0;
    decode_hardening(cfg, raw, ste);
    stage_settle(&ste->s2);
}

static void decode_mpam(const struct smmu_config *cfg, const struct bank *bank,
                        const struct ste_raw *raw, struct ste_cfg *ste)
{
    ste->mpam = mpam_label(cfg, bank->sec, ste_PARTID(raw), ste_PMG(raw));
    ste->s1_mpam = ste_S1MPAM(raw) != 0;
    ste->vms = vms_enabled(cfg, raw);
    ste->vms_ptr = ste_VMSPtr(raw) << 12;
}

static void decode_overrides(const struct smmu_config *cfg, const struct ste_raw *raw,
                             struct ste_cfg *ste)
{
    ste->types.shcfg = MEMATTR_SHCFG_INCOMING;
    if (cfg->attr_types_ovr)
        ste->types = (struct memattr_override){.mtcfg = ste_MTCFG(raw) != 0,
                                               .memattr = ste_MemAttr(raw),
                                               .alloccfg = ste_ALLOCCFG(raw),
                                               .shcfg = ste_SHCFG(raw)};
    if (cfg->attr_perms_ovr) {
        ste->privcfg = ste_PRIVCFG(raw);
        ste->instcfg = ste_INSTCFG(raw);
    }
}

struct ste_cfg ste_decode(const struct smmu_config *cfg, const struct bank *bank,
                          const struct ste_raw *raw)
{
    struct stage s2 = s2_stage(cfg, raw);
    struct ste_cfg ste = {.illegal = ste_illegal(cfg, raw, &s2)};
    if (ste.illegal)
        return ste;
    ste.config = ste_Config(raw);
    ste.world = stream_world(cfg, bank, raw);
    ste.run_log2 = cfg->ste_cont ? ste_CONT(raw) : 0;
    ste.merge = cfg->merge_events && ste_MEV(raw);
    ste.dre = ste_DRE(raw) != 0;
    ste.dcp = ste_DCP(raw) != 0;
    ste.ppar = ste_PPAR(raw) != 0;
    if (cfg->s2p && ste.world == SMMU_WORLD_NS_EL1)
        ste.vmid = ste_S2VMID(raw);
    ste.context = tlb_context_s2(ste.vmid, ste.world, bank->sec);
    if (!(ste.config & STE_CONFIG_PASS))
        return ste; /* Config 0b0xx: nothing else was checked */
    ste.eats = (uint8_t)effective_eats(cfg, raw);
    ste.dpt_vmatch = ste_DPT_VMATCH(raw) < 3 ? ste_DPT_VMATCH(raw) : 0; /* 0b11 is Reserved */
    if (cfg->prefetch && ste_PREFETCH(raw) >= STE_PREFETCH_FORWARDS)
        ste.prefetch = ste_PREFETCH(raw);
    if (ste.config & STE_CONFIG_S1)
        decode_s1(cfg, raw, &ste);
    if (ste.config & STE_CONFIG_S2)
        decode_s2(cfg, raw, &s2, &ste);
    decode_overrides(cfg, raw, &ste);
    decode_mpam(cfg, bank, raw, &ste);
    return ste;
}
