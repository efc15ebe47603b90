/* SPDX-License-Identifier: Apache-2.0 */
/* Prefetch commands (IHI 0070 4.2): hints that need not be taken. */
#include "cmd/cmdq.h"
#include "service/prefetch.h"

static enum cerror prefetch(const struct smmu_state *smmu, const struct bank *bank,
                            const struct cmd_raw *cmd, uint64_t addr, uint32_t pages,
                            unsigned stride)
{
    if (!smmu->cfg.prefetch_commands || !smmu->ops.prefetch || !bank_enabled(bank, CR0_SMMUEN))
        return CERROR_NONE;
    const struct smmu_prefetch_request what = {
        .addr = addr,
        .sid = cmd_StreamID(cmd),
        .ssid = cmd_SSV(cmd) ? cmd_SubstreamID(cmd) : 0,
        .pages = pages,
        .stride = (uint8_t)stride,
        .sec = bank->sec,
        .ssv = cmd_SSV(cmd),
    };
    smmu->ops.prefetch(smmu->user, &what);
    return CERROR_NONE;
}

enum cerror exec_prefetch_config(struct smmu_state *smmu, struct bank *bank,
                                 const struct cmd_raw *cmd)
{
    return prefetch(smmu, bank, cmd, 0, 0, 0);
}

/* 4.2.2: 2^Size translations at a stride of 2^(12 + Stride) bytes; in SMMUv3.0 Stride is RES0, and
 * ignored. */
enum cerror exec_prefetch_addr(struct smmu_state *smmu, struct bank *bank,
                               const struct cmd_raw *cmd)
{
    uint32_t limit = prefetch_limit(&smmu->cfg);
    uint64_t pages = BIT64(cmd_Pages(cmd));
    return prefetch(smmu, bank, cmd, cmd_Address(cmd) << 12,
                    pages < limit ? (uint32_t)pages : limit,
                    smmu->cfg.arch != 0 ? cmd_Stride(cmd) : 0);
}
