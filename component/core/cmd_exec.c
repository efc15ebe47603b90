/* SPDX-License-Identifier: Apache-2.0 */
/* What each command does (IHI 0070 4.2, 4.3, 4.4, 4.7). */
#include "cmdq.h"
#include "inval.h"
#include "irq.h"

static enum cerror invalidate(struct smmu_state *smmu, const struct bank *bank,
                              struct smmu_inval inval)
{
    inval.sec = (uint8_t)bank->sec;
    smmu->stats.invalidations++;
    inval_apply(smmu, &inval);
    return CERROR_NONE;
}

/* 4.1.6: commands of the Non-secure queue must have SSec == 0. */
static bool ssec_illegal(const struct cmd_raw *cmd)
{
    return cmd_SSec(cmd) != 0;
}

/* 4.2: prefetching is a hint that need not be taken. */
enum cerror exec_prefetch(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    (void)smmu;
    (void)bank;
    return ssec_illegal(cmd) ? CERROR_ILL : CERROR_NONE;
}

enum cerror exec_cfgi_ste(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    if (ssec_illegal(cmd))
        return CERROR_ILL;
    uint32_t sid = (uint32_t)cmd_StreamID(cmd);
    return invalidate(
        smmu, bank,
        (struct smmu_inval){
            .kind = SMMU_INVAL_CFG_SIDS, .sid = sid, .sid_last = sid, .leaf = cmd_Leaf(cmd) != 0});
}

/* 4.3.2: an aligned range of 2^(Range+1) StreamIDs; Range 31 is CMD_CFGI_ALL. */
enum cerror exec_cfgi_ste_range(struct smmu_state *smmu, struct bank *bank,
                                const struct cmd_raw *cmd)
{
    if (ssec_illegal(cmd))
        return CERROR_ILL;
    unsigned range = (unsigned)cmd_Range(cmd);
    if (range == 31)
        return invalidate(smmu, bank, (struct smmu_inval){.kind = SMMU_INVAL_CFG_ALL});
    uint32_t low = (uint32_t)MASK64(range, 0);
    uint32_t sid = (uint32_t)cmd_StreamID(cmd) & ~low;
    return invalidate(
        smmu, bank,
        (struct smmu_inval){.kind = SMMU_INVAL_CFG_SIDS, .sid = sid, .sid_last = sid | low});
}

/* 4.3.3. A SubstreamID out of range selects no CD (4.1.7). */
enum cerror exec_cfgi_cd(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    if (ssec_illegal(cmd))
        return CERROR_ILL;
    return invalidate(smmu, bank,
                      (struct smmu_inval){.kind = SMMU_INVAL_CFG_CD,
                                          .sid = (uint32_t)cmd_StreamID(cmd),
                                          .ssid = (uint32_t)cmd_SubstreamID(cmd),
                                          .leaf = cmd_Leaf(cmd) != 0});
}

enum cerror exec_cfgi_cd_all(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    if (ssec_illegal(cmd))
        return CERROR_ILL;
    return invalidate(
        smmu, bank,
        (struct smmu_inval){.kind = SMMU_INVAL_CFG_CD_ALL, .sid = (uint32_t)cmd_StreamID(cmd)});
}

/* Without stage 2 the VMID parameter is RES0 and not matched (4.4.2): entries are tagged 0. */
enum cerror exec_tlbi_nh_all(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    (void)cmd;
    return invalidate(smmu, bank, (struct smmu_inval){.kind = SMMU_INVAL_TLB_VMID});
}

enum cerror exec_tlbi_nh_asid(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return invalidate(
        smmu, bank,
        (struct smmu_inval){.kind = SMMU_INVAL_TLB_ASID, .asid = (uint16_t)cmd_ASID(cmd)});
}

enum cerror exec_tlbi_nh_va(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return invalidate(smmu, bank,
                      (struct smmu_inval){.kind = SMMU_INVAL_TLB_VA,
                                          .asid = (uint16_t)cmd_ASID(cmd),
                                          .va = cmd_Address(cmd) << 12,
                                          .leaf = cmd_Leaf(cmd) != 0});
}

enum cerror exec_tlbi_nh_vaa(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return invalidate(smmu, bank,
                      (struct smmu_inval){.kind = SMMU_INVAL_TLB_VAA,
                                          .va = cmd_Address(cmd) << 12,
                                          .leaf = cmd_Leaf(cmd) != 0});
}

enum cerror exec_tlbi_nsnh_all(struct smmu_state *smmu, struct bank *bank,
                               const struct cmd_raw *cmd)
{
    (void)cmd;
    return invalidate(smmu, bank, (struct smmu_inval){.kind = SMMU_INVAL_TLB_ALL});
}

/* 4.7.3. Commands complete in order as they are executed and events are written before their
 * transaction ends, so there is nothing to wait for. */
enum cerror exec_sync(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    (void)bank;
    if (cmd_CS(cmd) == CS_RESERVED)
        return CERROR_ILL;
    smmu->stats.syncs++;
    return CERROR_NONE;
}

void after_sync(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    if (cmd_CS(cmd) == CS_SIG_IRQ)
        irq_pulse(smmu, bank, SMMU_IRQ_CMD_SYNC);
}
