/* SPDX-License-Identifier: Apache-2.0 */
/* ATS and PRI commands (IHI 0070 4.5): messages to the endpoint of a stream. */
#include "cmd/cmdq.h"
#include "observe/observe.h"

/* 4.5.1: a Size of 52 means everything; what is greater is refused. */
enum { ATC_INV_SIZE_ALL = 52 };

/* 4.5: without SubstreamIDs the commands behave as though SSV were 0. */
static bool has_pasid(const struct smmu_state *smmu, const struct cmd_raw *cmd)
{
    return smmu->cfg.ssid_bits != 0 && cmd_SSV(cmd);
}

/* 4.5.1. The address is taken as aligned to the span. */
enum cerror exec_atc_inv(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd,
                         uint32_t queue)
{
    unsigned size = cmd_Size(cmd);
    if (size > ATC_INV_SIZE_ALL)
        return CERROR_ILL;
    if (!smmu->ops.atc_inv || !bank_enabled(bank, CR0_SMMUEN))
        return CERROR_NONE;

    bool ssv = has_pasid(smmu, cmd);
    bool all = size == ATC_INV_SIZE_ALL;
    struct smmu_atc_inv inv = {
        .addr = all ? 0 : cmd_Address(cmd) >> size << size << 12,
        .sid = cmd_StreamID(cmd),
        .ssid = ssv ? cmd_SubstreamID(cmd) : 0,
        .queue = queue,
        .sec = bank->sec,
        .span_log2 = (uint8_t)(12 + size),
        .ssv = ssv,
        .global = ssv && cmd_Global(cmd),
    };
    observe(smmu, SMMU_OBSERVE_atc_inv, inv.sec, inv.sid, inv.addr, inv.span_log2);
    smmu->ops.atc_inv(smmu->user, &inv);
    return CERROR_NONE;
}

/* 4.5.2, 8.3 */
enum cerror exec_pri_resp(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    static const uint8_t codes[] = {SMMU_PRG_FAILURE, SMMU_PRG_INVALID, SMMU_PRG_SUCCESS};
    unsigned resp = cmd_Resp(cmd);

    if (resp >= sizeof(codes))
        return CERROR_ILL;
    if (!smmu->ops.prg_response || !bank_enabled(bank, CR0_SMMUEN))
        return CERROR_NONE;

    bool ssv = has_pasid(smmu, cmd);
    struct smmu_prg_response response = {
        .sid = cmd_StreamID(cmd),
        .ssid = ssv ? cmd_SubstreamID(cmd) : 0,
        .prgi = cmd_PRGIndex(cmd),
        .sec = bank->sec,
        .code = codes[resp],
        .ssv = ssv,
    };
    smmu->ops.prg_response(smmu->user, &response);
    return CERROR_NONE;
}
