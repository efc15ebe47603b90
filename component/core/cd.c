/* SPDX-License-Identifier: Apache-2.0 */
/* Context descriptors (IHI 0070 5.4). */
#include "cd.h"

#include "cache.h"
#include "cd_layout.h"
#include "event.h"
#include "fetch.h"
#include "idregs.h"
#include "memattr.h"

/* TxSZ of VMSAv8-64 with SMMU_IDR3.STT == 0 and SMMU_IDR5.VAX == 0 (5.4, T0SZ). */
enum { TXSZ_MIN = 16, TXSZ_MAX = 39 };

/* The fields of TTB0 or of TTB1, in one form. */
struct tt_fields {
    uint64_t txsz, ttb, inner, outer, sh;
    unsigned granule_log2; /* 0: Reserved, or not supported */
    bool epd, tbi, had;
};

static struct tt_fields tt0_fields(const struct cd_raw *raw)
{
    static const uint8_t granule[] = {[0] = 12}; /* 0b00: 4 KiB */
    uint64_t tg = cd_TG0(raw);
    return (struct tt_fields){
        .txsz = cd_T0SZ(raw),
        .ttb = cd_TTB0(raw) << CD_TTB_SHIFT,
        .inner = cd_IR0(raw),
        .outer = cd_OR0(raw),
        .sh = cd_SH0(raw),
        .granule_log2 = tg < sizeof(granule) ? granule[tg] : 0,
        .epd = cd_EPD0(raw) != 0,
        .tbi = cd_TBI0(raw) != 0,
        .had = cd_HAD0(raw) != 0,
    };
}

static struct tt_fields tt1_fields(const struct cd_raw *raw)
{
    static const uint8_t granule[] = {[2] = 12}; /* 0b10: 4 KiB */
    uint64_t tg = cd_TG1(raw);
    return (struct tt_fields){
        .txsz = cd_T1SZ(raw),
        .ttb = cd_TTB1(raw) << CD_TTB_SHIFT,
        .inner = cd_IR1(raw),
        .outer = cd_OR1(raw),
        .sh = cd_SH1(raw),
        .granule_log2 = tg < sizeof(granule) ? granule[tg] : 0,
        .epd = cd_EPD1(raw) != 0,
        .tbi = cd_TBI1(raw) != 0,
        .had = cd_HAD1(raw) != 0,
    };
}

/* Effective IPS: capped to OAS (5.4, IPS). */
static unsigned output_bits(const struct smmu_config *cfg, const struct cd_raw *raw)
{
    unsigned ips = address_size_bits((unsigned)cd_IPS(raw));
    return ips < cfg->oas_bits ? ips : cfg->oas_bits;
}

static bool tt_illegal(const struct tt_fields *tt, unsigned ips_bits)
{
    if (tt->epd)
        return false;
    return tt->granule_log2 == 0 || tt->txsz < TXSZ_MIN || tt->txsz > TXSZ_MAX ||
           tt->ttb >> ips_bits != 0;
}

/* 5.4.2: CdIllegal() for what this SMMU implements: VMSAv8-64, little-endian, no stalls, no HTTU.
 */
static bool cd_illegal(const struct smmu_config *cfg, const struct cd_raw *raw,
                       const struct tt_fields tt[2])
{
    unsigned ips_bits = output_bits(cfg, raw);

    if (!cd_V(raw))
        return true;
    if (cd_S(raw))
        return true;
    if (cd_ENDI(raw) && !(tt[0].epd && tt[1].epd))
        return true;
    if (!cd_AA64(raw))
        return true;
    if (cd_HA(raw) || cd_HD(raw))
        return true;
    if (!cfg->asid16 && cd_ASID(raw) > 0xff)
        return true;
    return tt_illegal(&tt[0], ips_bits) || tt_illegal(&tt[1], ips_bits);
}

static struct tt_cfg tt_decode(const struct tt_fields *tt)
{
    return (struct tt_cfg){
        .base = tt->ttb,
        .attr = memattr_walk_access((unsigned)tt->inner, (unsigned)tt->outer, (unsigned)tt->sh),
        .input_bits = (uint8_t)(64 - tt->txsz),
        .granule_log2 = (uint8_t)tt->granule_log2,
        .disabled = tt->epd,
        .tbi = tt->tbi,
        .had = tt->had,
    };
}

static struct cd_cfg cd_decode(const struct smmu_config *cfg, const struct cd_raw *raw)
{
    const struct tt_fields tt[2] = {tt0_fields(raw), tt1_fields(raw)};
    struct cd_cfg cd = {.illegal = cd_illegal(cfg, raw, tt)};
    if (cd.illegal)
        return cd;
    cd.tt[0] = tt_decode(&tt[0]);
    cd.tt[1] = tt_decode(&tt[1]);
    for (unsigned i = 0; i < 8; i++)
        cd.mair[i] = memattr_mair((uint8_t)(cd_MAIR(raw) >> 8 * i));
    cd.asid = (uint16_t)cd_ASID(raw);
    cd.output_bits = (uint8_t)output_bits(cfg, raw);
    cd.abort = cd_A(raw) != 0;
    cd.record = cd_R(raw) != 0;
    cd.affd = cd_AFFD(raw) != 0;
    cd.wxn = cd_WXN(raw) != 0;
    cd.pan = cd_PAN(raw) != 0;
    return cd;
}

static bool cd_fetch(const struct call *call, const struct ste_cfg *ste, uint32_t index,
                     struct cd_cfg *cd, struct fault *fault)
{
    struct smmu_state *smmu = call->smmu;
    uint64_t addr = ste->s1_context_ptr + (uint64_t)index * CD_SIZE;
    struct cd_raw raw;

    if (!call->probe) {
        smmu->stats.cd_fetches++;
        trace(smmu, SMMU_TRACE_cd_fetch, call->txn->sid, addr);
    }
    if (!fetch_for(call, SMMU_FETCH_CD, addr, ste->cd_attr, raw.w, 8)) {
        *fault = (struct fault){.type = EVENT_F_CD_FETCH, .fetch_addr = addr};
        return false;
    }
    *cd = cd_decode(&smmu->cfg, &raw);
    return true;
}

const struct cd_cfg *cd_get(const struct call *call, const struct bank *bank,
                            const struct ste_cfg *ste, uint32_t index, struct cd_cfg *local,
                            struct fault *fault)
{
    const struct cd_cfg *cd = cache_find_cd(call, bank, index);
    if (!cd) {
        if (!cd_fetch(call, ste, index, local, fault))
            return NULL;
        cache_fill_cd(call, bank, index, local);
        cd = local;
    }
    if (cd->illegal) {
        *fault = (struct fault){.type = EVENT_C_BAD_CD};
        return NULL;
    }
    return cd;
}
