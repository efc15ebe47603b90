/* SPDX-License-Identifier: Apache-2.0 */
/* The meaning of a Context descriptor, and its legality (IHI 0070 5.4, 5.4.2). */
#include "base/memattr.h"
#include "base/mpam.h"
#include "stream/cd.h"
#include "stream/cd_layout.h"
#include "stream/decode.h"
#include "stream/ste_layout.h"
#include "vmsa/vmsa128.h"
#include "vmsa/vmsa32.h"
#include "vmsa/vmsa_control.h"

/* The fields of TTB0 or of TTB1, in one form. */
struct tt_fields {
    uint64_t txsz, ttb, inner, outer, sh, hwu;
    unsigned granule; /* log2; 0: Reserved, or not supported */
    unsigned skl;     /* levels to skip, of VMSAv9-128 */
    bool epd, tbi, had, e0pd;
    bool disch; /* of VMSAv9-128, where HAD of VMSAv8-64 is */
    bool upper; /* TTB1 */
    bool ds;    /* 52-bit addresses with 4 KiB and 16 KiB granules; of no meaning with 64 KiB */
};

static enum decode_format cd_format(const struct smmu_config *cfg, const struct cd_raw *raw)
{
    return decode_format(cfg, cd_AA64(raw) != 0);
}

static struct tt_fields tt0_fields(const struct smmu_config *cfg, const struct cd_raw *raw)
{
    return (struct tt_fields){
        .txsz = cd_T0SZ(raw),
        .ttb = decode_ttb(cfg, cd_format(cfg, raw), cd_TTB0(raw)),
        .inner = cd_IR0(raw),
        .outer = cd_OR0(raw),
        .sh = cd_SH0(raw),
        .hwu = cd_HWU0(raw),
        .skl = cd_SKL0(raw),
        .granule = decode_tg0(cfg, cd_TG0(raw)),
        .epd = cd_EPD0(raw) != 0,
        .tbi = cd_TBI0(raw) != 0,
        .had = cfg->had && cd_HAD0(raw),
        .disch = cd_HAD0(raw),
        .e0pd = cfg->e0pd && cd_E0PD0(raw),
        .ds = cfg->ds && cd_DS(raw),
    };
}

static struct tt_fields tt1_fields(const struct smmu_config *cfg, const struct cd_raw *raw)
{
    return (struct tt_fields){
        .txsz = cd_T1SZ(raw),
        .ttb = decode_ttb(cfg, cd_format(cfg, raw), cd_TTB1(raw)),
        .inner = cd_IR1(raw),
        .outer = cd_OR1(raw),
        .sh = cd_SH1(raw),
        .hwu = cd_HWU1(raw),
        .skl = cd_SKL1(raw),
        .granule = decode_tg1(cfg, cd_TG1(raw)),
        .epd = cd_EPD1(raw) != 0,
        .tbi = cd_TBI1(raw) != 0,
        .had = cfg->had && cd_HAD1(raw),
        .disch = cd_HAD1(raw),
        .e0pd = cfg->e0pd && cd_E0PD1(raw),
        .upper = true,
        .ds = cfg->ds && cd_DS(raw),
    };
}

/* The fields as VMSAv8-32 has them: TxSZ has 3 bits, TGx and TBIx are ignored, DS and E0PDx are
 * RES0 (5.4). */
static void apply_vmsa32(struct tt_fields *tt)
{
    tt->txsz = 32 + (tt->txsz & 7);
    tt->granule = VMSA32_GRANULE;
    tt->tbi = false;
    tt->ds = false;
    tt->e0pd = false;
}

/* The fields as VMSAv9-128 has them: bits [127:126] are SKL0, HAD0 is DisCH0, and DS is RES0 (5.4).
 */
static void apply_vmsa128(struct tt_fields *tt)
{
    tt->hwu = 0;
    tt->had = false;
    tt->ds = false;
}

static void apply_format(enum decode_format format, struct tt_fields *tt)
{
    if (format == DECODE_VMSA32)
        apply_vmsa32(tt);
    else if (format == DECODE_VMSA128)
        apply_vmsa128(tt);
}

/* In the EL2 regime EPD0 and E0PD0 are ignored and TTB1 does not exist, as though T1SZ of VMSAv8-32
 * were 0 (5.4; 5.4.1). */
static void apply_world(uint8_t world, struct tt_fields tt[2])
{
    if (world != SMMU_WORLD_EL2)
        return;
    tt[0].epd = tt[0].e0pd = false;
    tt[1] = (struct tt_fields){.epd = true, .txsz = 32};
}

static struct vmsa_geometry tt_geometry(const struct smmu_config *cfg, const struct cd_raw *raw,
                                        const struct tt_fields *tt)
{
    enum decode_format format = cd_format(cfg, raw);
    struct vmsa_geometry g = {
        .granule = (uint8_t)tt->granule,
        .input_bits = (uint8_t)(64 - tt->txsz),
        .output_bits = (uint8_t)decode_output_bits(cfg, format, cd_IPS(raw)),
        .format = (uint8_t)vmsa_format_of(tt->granule, cfg->oas_bits >= 52, tt->ds),
    };
    if (format == DECODE_VMSA128)
        g.format = VMSA_128;
    return g;
}

static int tt_start_level(const struct tt_fields *tt, const struct vmsa_geometry *g)
{
    return g->format == VMSA_128 ? vmsa128_start_level(g, tt->skl) : vmsa_start_level(g);
}

/* 5.4, T0SZ. */
static unsigned txsz_min(const struct smmu_config *cfg, enum decode_format format,
                         const struct tt_fields *tt)
{
    bool vmsa128 = format == DECODE_VMSA128;
    if (cfg->vax56 && vmsa128)
        return VMSA128_TSZ_MIN_TWO_RANGES;
    bool va_52 = cfg->vax52 && (vmsa128 || vmsa_can_have_52_bits(tt->granule, tt->ds));
    return va_52 ? VMSA_TSZ_MIN_52 : VMSA_TSZ_MIN;
}

/* 5.4.2, of what EPDx makes IGNORED. All TxSZ of VMSAv8-32 are good. */
static bool tt_illegal(const struct smmu_config *cfg, const struct cd_raw *raw,
                       const struct tt_fields *tt)
{
    enum decode_format format = cd_format(cfg, raw);
    if (tt->epd)
        return false;
    const struct vmsa_geometry g = tt_geometry(cfg, raw, tt);
    if (tt->granule == 0 ||
        tt->ttb >> decode_table_bits(format, tt->granule, tt->ds, g.output_bits) != 0)
        return true;
    if (format != DECODE_VMSA32 && (tt->txsz < txsz_min(cfg, format, tt) ||
                                    tt->txsz > decode_tsz_max(cfg, format, tt->granule)))
        return true;
    return tt_start_level(tt, &g) == VMSA_NO_LEVEL;
}

static bool stall_illegal(const struct smmu_config *cfg, const struct ste_cfg *ste,
                          const struct cd_raw *raw)
{
    if (cd_S(raw))
        return ste->s1stalld || cfg->stall_model == SMMU_TERMINATE_ONLY;
    return cfg->stall_model == SMMU_STALL_ONLY;
}

/* AA64: VMSAv8-32 is for the EL1 and EL2 regimes, VMSAv8-64 is not for one of its stage 2, and
 * VMSAv9-128 is for regimes of two ranges and for streams that may have Indirect permissions (5.4).
 */
static bool format_illegal(const struct smmu_config *cfg, const struct ste_cfg *ste,
                           const struct cd_raw *raw)
{
    switch (cd_format(cfg, raw)) {
    case DECODE_VMSA32:
        return !cfg->vmsa32 || ste->world == SMMU_WORLD_EL2_E2H;
    case DECODE_VMSA128:
        return ste->world == SMMU_WORLD_EL2 || !ste->s1pie;
    default:
        return (ste->config & STE_CONFIG_S2) && ste->s2.scheme.vmsa32;
    }
}

static bool httu_illegal(const struct smmu_config *cfg, const struct cd_raw *raw)
{
    if (cd_format(cfg, raw) == DECODE_VMSA32)
        return false;
    return ((cd_HA(raw) || cd_HD(raw)) && cfg->httu == SMMU_HTTU_NONE) ||
           (cd_HD(raw) && cfg->httu == SMMU_HTTU_ACCESS) ||
           (cd_HAFT(raw) && !cd_HA(raw) && cfg->httu == SMMU_HTTU_TABLES);
}

/* PIE, where it counts (3.26.1); VMSAv9-128 always has Indirect permissions (5.4, PIE). */
static bool effective_pie(const struct smmu_config *cfg, const struct ste_cfg *ste,
                          const struct cd_raw *raw)
{
    enum decode_format format = cd_format(cfg, raw);
    return format == DECODE_VMSA128 || (format == DECODE_VMSA64 && ste->s1pie && cd_PIE(raw));
}

/* 5.4.2, of PIIP and PIIU: codes 4 and 6 are Reserved, and nothing is executable for one privilege
 * and writable for the other. In the EL2 regime PIIU is RES0. */
static bool interpretations_illegal(const struct ste_cfg *ste, const struct cd_raw *raw)
{
    uint64_t priv = cd_PIIP(raw), unpriv = ste->world == SMMU_WORLD_EL2 ? 0 : cd_PIIU(raw);
    for (unsigned i = 0; i < 16; i++, priv >>= 3, unpriv >>= 3)
        if ((priv & 5) == 4 || (unpriv & 5) == 4 || ((priv & 2) && (unpriv & 4)))
            return true;
    return false;
}

/* 5.4.2: CdIllegal(), for a Non-secure stream. */
static bool cd_illegal(const struct smmu_config *cfg, const struct ste_cfg *ste,
                       const struct cd_raw *raw, const struct tt_fields tt[2])
{
    if (!cd_V(raw))
        return true;
    if (stall_illegal(cfg, ste, raw))
        return true;
    if (cfg->term_abort_only && !cd_A(raw))
        return true;
    if (!(tt[0].epd && tt[1].epd) && decode_endianness_illegal(cfg, cd_ENDI(raw) != 0))
        return true;
    if (format_illegal(cfg, ste, raw) || httu_illegal(cfg, raw))
        return true;
    if (effective_pie(cfg, ste, raw) && interpretations_illegal(ste, raw))
        return true;
    if (ste->world != SMMU_WORLD_EL2 && !cfg->asid16 && cd_ASID(raw) > 0xff)
        return true;
    return tt_illegal(cfg, raw, &tt[0]) || tt_illegal(cfg, raw, &tt[1]);
}

/* AIE, where it counts: descriptors of VMSAv8-32 have no index of four bits (5.4, MAIR0). */
static bool effective_aie(const struct smmu_config *cfg, const struct cd_raw *raw)
{
    return cfg->aie && cd_format(cfg, raw) != DECODE_VMSA32 && cd_AIE(raw);
}

static struct vmsa_scheme scheme_of(const struct smmu_config *cfg, const struct ste_cfg *ste,
                                    const struct cd_raw *raw, bool had)
{
    bool indirect = effective_pie(cfg, ste, raw), aie = effective_aie(cfg, raw);
    bool vmsa32 = cd_format(cfg, raw) == DECODE_VMSA32;
    return (struct vmsa_scheme){
        .vmsa32 = vmsa32,
        .indirect = indirect,
        .hd = !vmsa32 && cd_HA(raw) && cd_HD(raw),
        .hierarchical = !had && !indirect && !aie,
        .el0 = ste->world != SMMU_WORLD_EL2,
        .wxn = cd_WXN(raw),
        .uwxn = cd_UWXN(raw),
        .pan = cd_PAN(raw),
        .epan = cfg->epan && !vmsa32 && cd_EPAN(raw),
        .base = {cd_PIIU(raw), cd_PIIP(raw)},
    };
}

/* What translation hardening makes of a table: descriptors of VMSAv8-32 are never Protected, those
 * of VMSAv9-128 always may be (3.27.1; 5.4, PnCH). */
static unsigned hardening_of(const struct smmu_config *cfg, const struct ste_cfg *ste,
                             const struct cd_raw *raw, const struct tt_fields *tt)
{
    enum decode_format format = cd_format(cfg, raw);
    bool protection = format == DECODE_VMSA128 || (format == DECODE_VMSA64 && cd_PnCH(raw));
    if (!ste->s2_hardened)
        return 0;
    return STAGE_HARDENED | (protection ? STAGE_PROTECTION : 0) | (tt->upper ? STAGE_UPPER : 0);
}

/* Whether the first table is where Assured translations may begin (DDI 0487 D8.2.7.3). */
static bool begins_assured(const struct smmu_config *cfg, const struct ste_cfg *ste,
                           const struct cd_raw *raw, const struct tt_fields *tt)
{
    bool vmsa32 = cd_format(cfg, raw) == DECODE_VMSA32;
    return !vmsa32 && (ste->s2_tops & (tt->upper ? VMSA_TOP_LEVEL1 : VMSA_TOP_LEVEL0));
}

/* Whether leaves have a Contiguous bit that counts: not of VMSAv8-64 with PnCH (5.4). */
static bool has_runs(const struct smmu_config *cfg, const struct cd_raw *raw)
{
    bool protection = cd_format(cfg, raw) == DECODE_VMSA64 && cfg->the && cd_PnCH(raw);
    return cfg->contiguous && !protection;
}

/* What walks begin with. */
static unsigned first_limits(const struct smmu_config *cfg, const struct ste_cfg *ste,
                             const struct cd_raw *raw, const struct tt_fields *tt)
{
    bool no_runs = cd_format(cfg, raw) == DECODE_VMSA128 && tt->disch;
    return (begins_assured(cfg, ste, raw, tt) ? 0 : VMSA_NOT_ASSURED) |
           (no_runs ? VMSA_NO_RUNS : 0);
}

static struct tt_cfg tt_decode(const struct smmu_config *cfg, const struct ste_cfg *ste,
                               const struct cd_raw *raw, const struct tt_fields *tt)
{
    struct tt_cfg out = {.closed = {tt->epd || tt->e0pd, tt->epd}, .tbi = tt->tbi};
    struct vmsa_geometry *g = &out.stage.geometry;
    *g = tt_geometry(cfg, raw, tt);
    if (tt->epd)
        return out;
    g->start_level = (int8_t)tt_start_level(tt, g);
    out.stage.table = vmsa_first_table(g, tt->ttb);
    out.stage.attr =
        memattr_walk_access((unsigned)tt->inner, (unsigned)tt->outer, (unsigned)tt->sh);
    out.stage.scheme = scheme_of(cfg, ste, raw, tt->had);
    out.stage.hwu = cfg->pbha && tt->had ? (uint8_t)tt->hwu : 0;
    out.stage.sh = (uint8_t)tt->sh;
    out.stage.big_endian = cd_ENDI(raw);
    out.stage.affd = cd_AFFD(raw);
    out.stage.ha = !out.stage.scheme.vmsa32 && cd_HA(raw);
    bool haft = out.stage.ha && cfg->httu == SMMU_HTTU_TABLES && cd_HAFT(raw);
    out.stage.passing = (uint8_t)(hardening_of(cfg, ste, raw, tt) | (haft ? STAGE_FLAG_TABLES : 0));
    out.stage.limits = (uint8_t)first_limits(cfg, ste, raw, tt);
    out.stage.adjust = (decode_keep_apart(cfg) ? STAGE_KEEP_APART : 0) |
                       (tt->e0pd ? STAGE_CLOSED_TO_EL0 : 0) | (has_runs(cfg, raw) ? STAGE_RUNS : 0);
    stage_settle(&out.stage);
    return out;
}

static struct smmu_mpam label_of(const struct smmu_config *cfg, const struct ste_cfg *ste,
                                 const struct cd_raw *raw)
{
    return ste->s1_mpam ? mpam_label(cfg, ste->mpam.space, cd_PARTID(raw), cd_PMG(raw)) : ste->mpam;
}

struct cd_cfg cd_decode(const struct smmu_config *cfg, const struct ste_cfg *ste,
                        const struct cd_raw *raw)
{
    struct tt_fields tt[2] = {tt0_fields(cfg, raw), tt1_fields(cfg, raw)};
    apply_format(cd_format(cfg, raw), &tt[0]);
    apply_format(cd_format(cfg, raw), &tt[1]);
    apply_world(ste->world, tt);
    struct cd_cfg cd = {.illegal = cd_illegal(cfg, ste, raw, tt)};
    if (cd.illegal)
        return cd;
    cd.tt[0] = tt_decode(cfg, ste, raw, &tt[0]);
    cd.tt[1] = tt_decode(cfg, ste, raw, &tt[1]);
    for (unsigned i = 0; i < 8; i++)
        cd.mair[i] = memattr_mair((uint8_t)(cd_MAIR(raw) >> 8 * i));
    cd.asid = ste->world == SMMU_WORLD_EL2 ? 0 : cd_ASID(raw);
    cd.stall = cd_S(raw) != 0;
    cd.abort = cd_A(raw) != 0;
    cd.record = cd_R(raw) != 0;
    cd.vmsa32 = cd_format(cfg, raw) == DECODE_VMSA32;
    cd.aie = effective_aie(cfg, raw);
    cd.aset = ste->world != SMMU_WORLD_EL2 && cd_ASET(raw);
    cd.context = tlb_context_asid(cd.asid, cd.aset);
    cd.mpam = label_of(cfg, ste, raw);
    return cd;
}
