/* SPDX-License-Identifier: Apache-2.0 */
/* Command queue producer, its error recovery (IHI 0070 4.1, 7.1), and the command builders. */
#include "io.h"
#include "smmu.h"
#include "tap.h"
#include "wait.h"

/* The SMMU owns the read index; ours is a copy. Returns it as the register has it. */
static uint32_t refresh_cons(struct smmu *smmu)
{
    uint32_t cons = read32(smmu->base + SMMU_CMDQ_CONS);

    smmu->cmdq.cons = (uint32_t)hw_get(CMDQ_CONS_RD, cons);
    dmb_load(); /* the slots freed are reused only after the index was seen */
    return cons;
}

static bool has_error(const struct smmu *smmu)
{
    uint32_t active = read32(smmu->base + SMMU_GERROR) ^ read32(smmu->base + SMMU_GERRORN);

    return active & GERROR_CMDQ_ERR;
}

static bool has_room(struct smmu *smmu)
{
    refresh_cons(smmu);
    return !smmu_queue_full(&smmu->cmdq);
}

static void write_slot(struct smmu *smmu, uint32_t index, const struct smmu_command *command)
{
    volatile uint64_t *slot = smmu->cmdq.entries + 2UL * smmu_queue_slot(&smmu->cmdq, index);

    slot[0] = command->word[0];
    slot[1] = command->word[1];
    dsb(); /* the command is in memory before the SMMU hears of it */
}

void smmu_cmdq_push(struct smmu *smmu, struct smmu_command command)
{
    if (!wait_until(has_room(smmu)))
        tap_bail_out("the command queue stays full");
    write_slot(smmu, smmu->cmdq.prod, &command);
    smmu->cmdq.prod = smmu_queue_next(&smmu->cmdq, smmu->cmdq.prod);
    write32(smmu->base + SMMU_CMDQ_PROD, smmu->cmdq.prod);
}

static bool is_drained(struct smmu *smmu)
{
    refresh_cons(smmu);
    return smmu_queue_empty(&smmu->cmdq);
}

unsigned smmu_cmdq_wait(struct smmu *smmu)
{
    if (!wait_until(is_drained(smmu) || has_error(smmu)))
        tap_bail_out("the command queue makes no progress at index 0x%x", smmu->cmdq.cons);
    return has_error(smmu) ? (unsigned)hw_get(CMDQ_CONS_ERR, refresh_cons(smmu)) : CERROR_NONE;
}

void smmu_cmdq_recover(struct smmu *smmu, struct smmu_command replacement)
{
    refresh_cons(smmu);
    write_slot(smmu, smmu->cmdq.cons, &replacement);
    write32(smmu->base + SMMU_GERRORN,
            read32(smmu->base + SMMU_GERRORN) ^ (uint32_t)GERROR_CMDQ_ERR);
}

void smmu_sync(struct smmu *smmu)
{
    smmu_cmdq_push(smmu, smmu_cmd_sync(SYNC_SIG_NONE));

    unsigned error = smmu_cmdq_wait(smmu);
    if (error != CERROR_NONE)
        tap_bail_out("command error 0x%02x at index 0x%x", error, smmu->cmdq.cons);
}

void smmu_command_sync(struct smmu *smmu, struct smmu_command command)
{
    smmu_cmdq_push(smmu, command);
    smmu_sync(smmu);
}

static struct smmu_command command(uint64_t opcode, uint64_t word0, uint64_t word1)
{
    return (struct smmu_command){{hw_put(CMD_OPCODE, opcode) | word0, word1}};
}

struct smmu_command smmu_cmd_cfgi_ste(uint32_t sid)
{
    return command(CMD_CFGI_STE, hw_put(CMD0_CFGI_SID, sid), CMD1_CFGI_LEAF);
}

struct smmu_command smmu_cmd_cfgi_cd(uint32_t sid, uint32_t ssid)
{
    return command(CMD_CFGI_CD, hw_put(CMD0_CFGI_SID, sid) | hw_put(CMD0_CFGI_SSID, ssid),
                   CMD1_CFGI_LEAF);
}

struct smmu_command smmu_cmd_cfgi_cd_all(uint32_t sid)
{
    return command(CMD_CFGI_CD_ALL, hw_put(CMD0_CFGI_SID, sid), 0);
}

struct smmu_command smmu_cmd_cfgi_all(void)
{
    return command(CMD_CFGI_STE_RANGE, 0, hw_put(CMD1_CFGI_RANGE, CFGI_RANGE_ALL));
}

struct smmu_command smmu_cmd_cfgi_vms_pidm(uint16_t vmid)
{
    return command(CMD_CFGI_VMS_PIDM, hw_put(CMD0_TLBI_VMID, vmid), 0);
}

struct smmu_command smmu_cmd_tlbi_va(uint16_t vmid, uint16_t asid, uint64_t address)
{
    return command(CMD_TLBI_NH_VA, hw_put(CMD0_TLBI_VMID, vmid) | hw_put(CMD0_TLBI_ASID, asid),
                   (address & CMD1_TLBI_ADDRESS) | CMD1_TLBI_LEAF);
}

struct smmu_command smmu_cmd_tlbi_va_tables(uint16_t vmid, uint16_t asid, uint64_t address)
{
    return command(CMD_TLBI_NH_VA, hw_put(CMD0_TLBI_VMID, vmid) | hw_put(CMD0_TLBI_ASID, asid),
                   address & CMD1_TLBI_ADDRESS);
}

struct smmu_command smmu_cmd_tlbi_range(uint16_t vmid, uint16_t asid, uint64_t address,
                                        unsigned log2_pages)
{
    struct smmu_command range = smmu_cmd_tlbi_va(vmid, asid, address);

    range.word[0] |= hw_put(CMD0_TLBI_SCALE, log2_pages);
    range.word[1] |= hw_put(CMD1_TLBI_TG, CMD_TLBI_TG_4K);
    return range;
}

struct smmu_command smmu_cmd_tlbi_asid(uint16_t vmid, uint16_t asid)
{
    return command(CMD_TLBI_NH_ASID, hw_put(CMD0_TLBI_VMID, vmid) | hw_put(CMD0_TLBI_ASID, asid),
                   0);
}

struct smmu_command smmu_cmd_tlbi_nh_all(uint16_t vmid)
{
    return command(CMD_TLBI_NH_ALL, hw_put(CMD0_TLBI_VMID, vmid), 0);
}

struct smmu_command smmu_cmd_tlbi_ipa(uint16_t vmid, uint64_t ipa)
{
    return command(CMD_TLBI_S2_IPA, hw_put(CMD0_TLBI_VMID, vmid),
                   (ipa & CMD1_TLBI_ADDRESS) | CMD1_TLBI_LEAF);
}

struct smmu_command smmu_cmd_tlbi_vmid(uint16_t vmid)
{
    return command(CMD_TLBI_S12_VMALL, hw_put(CMD0_TLBI_VMID, vmid), 0);
}

struct smmu_command smmu_cmd_tlbi_nsnh_all(void)
{
    return command(CMD_TLBI_NSNH_ALL, 0, 0);
}

struct smmu_command smmu_cmd_resume(uint32_t sid, uint16_t stag, enum smmu_action action)
{
    static const uint64_t bits[] = {
        [SMMU_RETRY] = CMD0_RESUME_AC,
        [SMMU_TERMINATE_ABORT] = CMD0_RESUME_AB,
        [SMMU_TERMINATE_RAZWI] = 0,
    };

    return command(CMD_RESUME, hw_put(CMD0_RESUME_SID, sid) | bits[action],
                   hw_put(CMD1_RESUME_STAG, stag));
}

struct smmu_command smmu_cmd_stall_term(uint32_t sid)
{
    return command(CMD_STALL_TERM, hw_put(CMD0_RESUME_SID, sid), 0);
}

struct smmu_command smmu_cmd_atc_inv(uint32_t sid, uint64_t address, unsigned log2_pages)
{
    return command(CMD_ATC_INV, hw_put(CMD0_ATS_SID, sid),
                   (address & CMD1_ATC_ADDRESS) | hw_put(CMD1_ATC_SIZE, log2_pages));
}

struct smmu_command smmu_cmd_atc_inv_all(uint32_t sid)
{
    return smmu_cmd_atc_inv(sid, 0, ATC_SIZE_ALL);
}

struct smmu_command smmu_cmd_pri_resp(const struct smmu_page_request *request,
                                      enum smmu_page_answer answer)
{
    uint64_t pasid = request->ssv ? CMD0_ATS_SSV | hw_put(CMD0_ATS_SSID, request->ssid) : 0;

    return command(CMD_PRI_RESP, hw_put(CMD0_ATS_SID, request->sid) | pasid,
                   hw_put(CMD1_PRI_PRGI, request->group) | hw_put(CMD1_PRI_RESP, answer));
}

struct smmu_command smmu_cmd_dpti_page(uint64_t address)
{
    return command(CMD_DPTI_PA, 0, (address & CMD1_DPTI_ADDRESS) | CMD1_DPTI_LEAF);
}

struct smmu_command smmu_cmd_dpti_all(void)
{
    return command(CMD_DPTI_ALL, 0, 0);
}

struct smmu_command smmu_cmd_sync_message(uint64_t address, uint32_t data)
{
    return command(CMD_SYNC,
                   hw_put(CMD0_SYNC_CS, SYNC_SIG_IRQ) | hw_put(CMD0_SYNC_MSH, SH_INNER) |
                       hw_put(CMD0_SYNC_MSIATTR, MEMATTR_NORMAL_WB) |
                       hw_put(CMD0_SYNC_MSIDATA, data),
                   address & CMD1_SYNC_MSIADDR);
}

struct smmu_command smmu_cmd_sync(unsigned signal)
{
    return command(CMD_SYNC, hw_put(CMD0_SYNC_CS, signal), 0);
}
