/* SPDX-License-Identifier: Apache-2.0 */
/* Address translation operations (IHI 0070 9, 6.3.37 to 6.3.40, 6.3.44, 6.3.99 to 6.3.102). */
#include "service/atos.h"

#include "bank/regfile.h"
#include "observe/unit.h"
#include "report/event.h"
#include "stream/decode.h"
#include "stream/lookup.h"
#include "stream/ste_layout.h"
#include "walk/walk.h"

/* ATOS_ADDR (6.3.39) */
RAW_TYPE(atos_addr, 1)
RAW_FIELD(atos_addr, HTTUI, 6, 6)
RAW_FIELD(atos_addr, InD, 7, 7)
RAW_FIELD(atos_addr, RnW, 8, 8)
RAW_FIELD(atos_addr, PnU, 9, 9)
RAW_FIELD(atos_addr, TYPE, 11, 10)
RAW_FIELD(atos_addr, ADDR, 63, 12)

enum { TYPE_S1 = 1, TYPE_S2 = 2, TYPE_S12 = 3 };

/* ATOS_PAR (6.3.40): a result, or a fault. */
RAW_TYPE(par, 1)
RAW_FIELD(par, FAULT, 0, 0)
RAW_FIELD(par, SH, 9, 8)
RAW_FIELD(par, Size, 11, 11)
RAW_FIELD(par, ADDR, 55, 12)
RAW_FIELD(par, ATTR, 63, 56)
RAW_FIELD(par, REASON, 2, 1)
RAW_FIELD(par, FAULTCODE, 11, 4)
RAW_FIELD(par, FADDR, 55, 12)

/* Fault codes that are not event types (9.1.5). */
enum { ATOS_INV_REQ = 0xff, ATOS_INV_STAGE = 0xfe, ATOS_INTERNAL_ERR = 0xfd };

/* A group of registers. */
struct group {
    enum reg ctrl, sid, addr, par;
    bool virtual;
};

static const struct group groups[] = {
    {REG_GATOS_CTRL, REG_GATOS_SID, REG_GATOS_ADDR, REG_GATOS_PAR, false},
    {REG_VATOS_CTRL, REG_VATOS_SID, REG_VATOS_ADDR, REG_VATOS_PAR, true},
};

/* --- registers ----------------------------------------------------------------------------------
 */

/* RUN can be set while SMMUEN == 1 and no operation runs; other writes are ignored (6.3.37, the
 * SMMUv3.2 rule). */
static uint64_t write_ctrl(struct smmu_state *smmu, const struct bank *bank, uint64_t old,
                           uint64_t value)
{
    if (old || !value || !bank_enabled(bank, CR0_SMMUEN))
        return old;
    ring_doorbell(smmu);
    return value;
}

/* The parameters of an operation do not change while it runs (6.3.37). */
static uint64_t while_idle(const struct bank *bank, enum reg ctrl, uint64_t old, uint64_t value)
{
    return bank->reg[ctrl] ? old : value;
}

uint64_t write_gatos_ctrl(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    return write_ctrl(smmu, bank, old, value);
}

uint64_t write_gatos_args(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    (void)smmu;
    return while_idle(bank, REG_GATOS_CTRL, old, value);
}

uint64_t write_vatos_ctrl(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    return write_ctrl(smmu, bank, old, value);
}

uint64_t write_vatos_args(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    (void)smmu;
    return while_idle(bank, REG_VATOS_CTRL, old, value);
}

/* --- results ------------------------------------------------------------------------------------
 */

/* 6.3.40: the size of a mapping is shown by the lowest 1 bit of the address; bits at and above OAS
 * are RES0, though a 40-bit IPA may have them. */
static struct par_raw success(const struct smmu_state *smmu, uint64_t addr, unsigned span_log2,
                              struct smmu_memattr attr)
{
    struct par_raw par = {{0}};
    addr = truncate_to_oas(smmu, addr) >> span_log2 << span_log2;
    if (span_log2 > 12)
        addr |= BIT64(span_log2 - 1);
    par_set_ADDR(&par, addr >> 12);
    par_set_Size(&par, span_log2 > 12);
    par_set_ATTR(&par, attr.mair);
    par_set_SH(&par, attr.sh);
    return par;
}

static struct par_raw failure(unsigned code, unsigned reason, uint64_t faddr)
{
    struct par_raw par = {{0}};
    par_set_FAULT(&par, 1);
    par_set_FAULTCODE(&par, code);
    par_set_REASON(&par, reason);
    par_set_FADDR(&par, faddr >> 12);
    return par;
}

/* 9.1.4: how a fault is reported depends on what was asked. A stage 1 look-up presents faults of
 * stage 2 below it as aborts of its own fetches; a stage 2 look-up has all faults at its input. TLB
 * conflicts are of no stage. */
static struct par_raw faulted(const struct smmu_state *smmu, unsigned type,
                              const struct fault *fault)
{
    static const uint8_t reasons[] = {
        [FAULT_CLASS_CD] = 1, [FAULT_CLASS_TT] = 2, [FAULT_CLASS_IN] = 3};

    if (type == TYPE_S2)
        return failure(fault->type, reasons[FAULT_CLASS_IN], 0);
    if (!fault->s2 || fault->type == EVENT_F_TLB_CONFLICT)
        return failure(fault->type, 0, 0);
    if (type == TYPE_S1)
        return failure(fault->cls == FAULT_CLASS_CD ? EVENT_F_CD_FETCH : EVENT_F_WALK_EABT, 0, 0);
    bool has_ipa = event_translation_related(fault->type);
    return failure(fault->type, reasons[fault->cls],
                   has_ipa ? truncate_to_oas(smmu, fault->ipa) : 0);
}

/* --- the operation ------------------------------------------------------------------------------
 */

/* Requests that no configuration could satisfy (9.1.3). */
static bool invalid_request(const struct smmu_config *cfg, const struct group *group, unsigned type,
                            bool ssv)
{
    switch (type) {
    case TYPE_S1:
        return !cfg->s1p;
    case TYPE_S2:
        return group->virtual || !cfg->s2p || ssv;
    case TYPE_S12:
        return group->virtual || !cfg->s1p || !cfg->s2p;
    default:
        return true;
    }
}

/* Whether the STE enables the stages asked for; the encoding of TYPE is that of Config[1:0]. */
static bool stages_enabled(const struct ste_cfg *ste, unsigned type)
{
    return (ste->config & STE_CONFIG_PASS) && (ste->config & type) == type;
}

/* 9.1.6: a VATOS request sees streams of the selected VMID. */
static bool hidden(const struct bank *bank, const struct ste_cfg *ste)
{
    bool translates =
        (ste->config & STE_CONFIG_PASS) && (ste->config & (STE_CONFIG_S1 | STE_CONFIG_S2));
    return !translates || ste->world != SMMU_WORLD_NS_EL1 || ste->vmid != bank->reg[REG_VATOS_SEL];
}

/* Translate, the configuration being found and its stages enabled. */
static struct par_raw look_up(const struct call *call, struct stream *stream, unsigned type)
{
    const struct smmu_state *smmu = call->smmu;
    const struct smmu_txn *txn = call->txn;
    enum route route = ROUTE_NO_STAGE1;
    struct fault fault = {0};
    struct tlb_entry entry;

    if (type != TYPE_S2)
        route = lookup_route(txn, stream, &fault);
    if (route == ROUTE_FAULT || (route == ROUTE_STAGE1 && !lookup_cd(call, stream, &fault)))
        return faulted(smmu, type, &fault);
    if (route == ROUTE_NO_STAGE1 &&
        lookup_too_large(call, (stream->ste->config & STE_CONFIG_S2) != 0))
        return failure(EVENT_F_ADDR_SIZE, 0, 0);
    if (route == ROUTE_NO_STAGE1 && type == TYPE_S1) /* S1DSS bypasses stage 1 */
        return success(smmu, txn->addr, decode_granule_min(&smmu->cfg), txn->attr);
    lookup_hold(stream);
    uint64_t ia = stream->cd ? lookup_effective_va(stream, txn->addr) : txn->addr;
    if (!stream->cd && !unit_use(call, SMMU_UNIT_TLB))
        return failure(ATOS_INTERNAL_ERR, 0, 0); /* the operation is done again */
    if (!walk(call, stream->ste, stream->cd, ia, walk_needed_perm(call), &entry, &fault))
        return faulted(smmu, type, &fault);
    return success(smmu, entry.pa + (ia - entry.tag.va), entry.tag.span_log2, entry.attr);
}

static struct par_raw operate(struct smmu_state *smmu, struct bank *bank, const struct group *group,
                              struct call_outcome *outcome)
{
    const struct atos_addr_raw addr = {{bank->reg[group->addr]}};
    uint64_t sid = bank->reg[group->sid];
    unsigned type = atos_addr_TYPE(&addr);
    struct smmu_txn txn = {
        .addr = atos_addr_ADDR(&addr) << 12,
        .sid = atos_sid_StreamID(sid),
        .ssid = atos_sid_SubstreamID(sid),
        .sec = bank->sec,
        .ssv = atos_sid_SSV(sid),
        .write = !atos_addr_RnW(&addr),
        .instr = atos_addr_InD(&addr) && atos_addr_RnW(&addr),
        .priv = atos_addr_PnU(&addr),
        .attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_NON},
    };
    /* Without hardware updates an operation changes nothing at all (6.3.39, HTTUI). */
    struct call call = {.smmu = smmu,
                        .txn = &txn,
                        .outcome = outcome,
                        .mode = atos_addr_HTTUI(&addr) ? CALL_PASSIVE : CALL_REAL,
                        .s1_only = type == TYPE_S1};
    struct stream stream;
    struct fault fault = {0};

    call_begin(&call);
    if (invalid_request(&smmu->cfg, group, type, txn.ssv))
        return failure(ATOS_INV_REQ, 0, 0);
    if (!lookup_ste(&call, &stream, &fault))
        return faulted(smmu, type, &fault);
    if (group->virtual && hidden(bank, stream.ste))
        return failure(EVENT_C_BAD_STE, 0, 0);
    if (!stages_enabled(stream.ste, type))
        return failure(ATOS_INV_STAGE, 0, 0);
    return look_up(&call, &stream, type);
}

/* Returns whether the operation is to be done again: an invalidation has overtaken it, and its
 * result must not be older than that (9), or SMMUEN is being cleared, which ends it. A reset leaves
 * nothing of it. */
static bool run_group(struct smmu_state *smmu, struct bank *bank, const struct group *group)
{
    uint32_t resets = bank->resets;
    uint64_t epoch = smmu->epoch;
    struct call_outcome outcome = {.seen = ~UINT64_C(0)};

    struct par_raw par = operate(smmu, bank, group, &outcome);
    if (bank->resets != resets)
        return false;
    if (outcome.overtaken || smmu->epoch != epoch)
        return true;
    bank->reg[group->par] = par.w[0];
    bank->reg[group->ctrl] = 0;
    return false;
}

bool atos_run(struct smmu_state *smmu, struct bank *bank)
{
    bool again = false;
    if (sfm_active(smmu))
        atos_terminate(bank);
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        if (bank->reg[groups[i].ctrl] && bank_enabled(bank, CR0_SMMUEN))
            again |= run_group(smmu, bank, &groups[i]);
    return again;
}

bool atos_any_runs(const struct bank *bank)
{
    return (bank->reg[REG_GATOS_CTRL] | bank->reg[REG_VATOS_CTRL]) != 0;
}

void atos_terminate(struct bank *bank)
{
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (!bank->reg[groups[i].ctrl])
            continue;
        bank->reg[groups[i].par] = failure(ATOS_INTERNAL_ERR, 0, 0).w[0];
        bank->reg[groups[i].ctrl] = 0;
    }
}
