/* SPDX-License-Identifier: Apache-2.0 */
/* Command queues (IHI 0070 4.1, 7.1): fetch, dispatch, consume, stop at an error. */
#include "cmd/cmdq.h"

#include "access/fetch.h"
#include "base/queue.h"
#include "observe/observe.h"
#include "observe/unit.h"

#define CMD_LOG2 4 /* log2 of CMD_SIZE */

struct cmdq cmdq_of(struct bank *bank)
{
    return (struct cmdq){
        .base = &bank->reg[REG_CMDQ_BASE],
        .prod = &bank->reg[REG_CMDQ_PROD],
        .cons = &bank->reg[REG_CMDQ_CONS],
        .enable = {&bank->reg[REG_CR0], &bank->reg[REG_CR0ACK]},
        .enable_bit = CR0_CMDQEN,
        .error = {&bank->reg[REG_GERROR], &bank->reg[REG_GERRORN]},
        .error_bit = GERROR_CMDQ_ERR,
        .gerror = GERROR_CMDQ_ERR,
        .number = bank->sec,
    };
}

/* A command. Without exec and queue_exec it is TLB maintenance, which has `kind` and `regime`. */
struct cmd_row {
    bool ssec;
    cmd_exec *exec;
    cmd_queue_exec *queue_exec;
    cmd_after *after;
    enum smmu_inval_kind kind;
    enum cmd_regime regime;
};

static const struct cmd_row rows[] = {
#define SSEC                                         true
#define CMD(name, opcode, exists, ssec, exec, after) [opcode] = {ssec, exec, NULL, after, 0, 0},
#define QUEUE_CMD(name, opcode, exists, ssec, exec, after)                                         \
    [opcode] = {ssec, NULL, exec, after, 0, 0},
#define TLBI(name, opcode, exists, kind, regime)                                                   \
    [opcode] = {false, NULL, NULL, NULL, SMMU_INVAL_TLB_##kind, CMD_##regime},
#include "cmd/cmd.def"
};

/* Whether an SMMU of this configuration has the command. */
static bool present(const struct smmu_config *cfg, unsigned opcode)
{
    return false
#define CMD(name, code, exists, ssec, exec, after)       || (opcode == (code) && (exists))
#define QUEUE_CMD(name, code, exists, ssec, exec, after) || (opcode == (code) && (exists))
#define TLBI(name, code, exists, kind, regime)           || (opcode == (code) && (exists))
#include "cmd/cmd.def"
        ;
}

/* Whether the command is one, of this configuration and of this queue: one of the Non-secure queue
 * is about Non-secure streams (4.1.6). */
static bool legal(const struct smmu_config *cfg, const struct cmd_raw *cmd)
{
    return present(cfg, cmd_Opcode(cmd)) && !(rows[cmd_Opcode(cmd)].ssec && cmd_SSec(cmd));
}

static enum cerror execute(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd,
                           uint32_t queue)
{
    if (!legal(&smmu->cfg, cmd))
        return CERROR_ILL;
    const struct cmd_row *row = &rows[cmd_Opcode(cmd)];
    if (row->exec)
        return row->exec(smmu, bank, cmd);
    if (row->queue_exec)
        return row->queue_exec(smmu, bank, cmd, queue);
    return cmd_tlbi(smmu, bank, cmd, row->kind, row->regime);
}

/* 4.1.2. No command is begun once the enable is written 0 (6.3.9.3, 3.5.6.2). */
static bool can_process(const struct cmdq *queue, unsigned log2)
{
    return (*queue->enable[0] & *queue->enable[1] & queue->enable_bit) != 0 &&
           ((*queue->error[0] ^ *queue->error[1]) & queue->error_bit) == 0 &&
           !queue_empty(*queue->prod, *queue->cons, log2);
}

/* 7.1, 3.5.6.3: the error code is visible before the error is, and that before GERROR has one; the
 * index stays at the command. */
static void stop(struct smmu_state *smmu, struct bank *bank, const struct cmdq *queue,
                 enum cerror error)
{
    *queue->cons = (*queue->cons & ~CMDQ_CONS_ERR) | (uint64_t)error << 24;
    *queue->cons ^= queue->toggled;
    gerror_activate(smmu, bank, queue->gerror);
}

/* 4.1.2: PEs that wait for room in a full queue are woken. */
static void consume(struct smmu_state *smmu, struct bank *bank, const struct cmdq *queue,
                    const struct cmd_raw *cmd, unsigned log2)
{
    uint64_t cons = *queue->cons;
    bool was_full = queue_full(*queue->prod, cons, log2);
    *queue->cons = (cons & ~MASK64(19, 0)) | queue_next(cons, log2);
    observe_bank(smmu, SMMU_OBSERVE_command, bank, cmd_Opcode(cmd), queue_index(cons, log2));
    if (was_full && smmu->cfg.sev && smmu->ops.sev)
        smmu->ops.sev(smmu->user);
}

bool cmdq_step(struct smmu_state *smmu, struct bank *bank, const struct cmdq *queue)
{
    unsigned log2 = queue_log2(*queue->base, smmu->cfg.cmdq_log2_max);
    if (sfm_active(smmu) || !can_process(queue, log2))
        return false;

    uint64_t addr = queue_entry(*queue->base, *queue->cons, log2, CMD_LOG2);
    uint32_t resets = bank->resets;
    struct cmd_raw cmd;
    bool fetched = fetch_queue_read(smmu, bank, *queue->base, addr, cmd.w, 2);
    if (fetched && bank->resets == resets)
        unit_use_bank(smmu, SMMU_UNIT_COMMAND, bank, 1);
    if (bank->resets != resets)
        return false;
    enum cerror error = fetched ? execute(smmu, bank, &cmd, queue->number) : CERROR_ABT;
    if (bank->resets != resets) /* CMD_SYNC waits, invalidations take time */
        return false;
    if (error != CERROR_NONE) {
        stop(smmu, bank, queue, error);
        return false;
    }
    consume(smmu, bank, queue, &cmd, log2);
    const struct cmd_row *row = &rows[cmd_Opcode(&cmd)];
    if (row->after)
        row->after(smmu, bank, &cmd);
    return true;
}
