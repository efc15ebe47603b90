/* SPDX-License-Identifier: Apache-2.0 */
/* The Command queue (IHI 0070 4.1, 7.1): fetch, dispatch, consume, stop at an error. */
#include "cmd/cmdq.h"

#include <stddef.h>

#include "access/fetch.h"
#include "base/queue.h"
#include "observe/observe.h"
#include "observe/unit.h"

#define CMD_LOG2 4 /* log2 of CMD_SIZE */

/* A Command queue: its registers, what enables it and what stops it. */
struct cmdq {
    enum reg base, prod, cons;
    uint32_t enable; /* bit of CR0 */
    uint32_t error;  /* bit of GERROR: active, no command is consumed */
    size_t log2_max; /* of the entries at most: where struct smmu_config has it, a uint8_t */
};

static const struct cmdq queues[] = {
    {.base = REG_CMDQ_BASE,
     .prod = REG_CMDQ_PROD,
     .cons = REG_CMDQ_CONS,
     .enable = CR0_CMDQEN,
     .error = GERROR_CMDQ_ERR,
     .log2_max = offsetof(struct smmu_config, cmdq_log2_max)},
};

/* A command; exec is NULL for TLB maintenance, which has `kind` and `regime`. */
struct cmd_row {
    bool ssec;
    cmd_exec *exec;
    cmd_after *after;
    enum smmu_inval_kind kind;
    enum cmd_regime regime;
};

static const struct cmd_row rows[] = {
#define SSEC                                         true
#define CMD(name, opcode, exists, ssec, exec, after) [opcode] = {ssec, exec, after, 0, 0},
#define TLBI(name, opcode, exists, kind, regime)                                                   \
    [opcode] = {false, NULL, NULL, SMMU_INVAL_TLB_##kind, CMD_##regime},
#include "cmd/cmd.def"
};

/* Whether an SMMU of this configuration has the command. */
static bool present(const struct smmu_config *cfg, unsigned opcode)
{
    return false
#define CMD(name, code, exists, ssec, exec, after) || (opcode == (code) && (exists))
#define TLBI(name, code, exists, kind, regime)     || (opcode == (code) && (exists))
#include "cmd/cmd.def"
        ;
}

/* Whether the command is one, of this configuration and of this queue: one of the Non-secure queue
 * is about Non-secure streams (4.1.6). */
static bool legal(const struct smmu_config *cfg, const struct cmd_raw *cmd)
{
    return present(cfg, cmd_Opcode(cmd)) && !(rows[cmd_Opcode(cmd)].ssec && cmd_SSec(cmd));
}

static enum cerror execute(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    if (!legal(&smmu->cfg, cmd))
        return CERROR_ILL;
    const struct cmd_row *row = &rows[cmd_Opcode(cmd)];
    if (row->exec)
        return row->exec(smmu, bank, cmd);
    return cmd_tlbi(smmu, bank, cmd, row->kind, row->regime);
}

/* 4.1.2. No command is begun once the enable is written 0 (6.3.9.3). */
static bool can_process(const struct bank *bank, const struct cmdq *queue, unsigned log2)
{
    return bank_enabled(bank, queue->enable) && !gerror_active(bank, queue->error) &&
           !queue_empty(bank->reg[queue->prod], bank->reg[queue->cons], log2);
}

/* 7.1: the error code is visible before the error is; the index stays at the command. */
static void stop(struct smmu_state *smmu, struct bank *bank, const struct cmdq *queue,
                 enum cerror error)
{
    bank->reg[queue->cons] = (bank->reg[queue->cons] & MASK64(23, 0)) | (uint64_t)error << 24;
    gerror_activate(smmu, bank, queue->error);
}

/* 4.1.2: PEs that wait for room in a full queue are woken. */
static void consume(struct smmu_state *smmu, struct bank *bank, const struct cmdq *queue,
                    const struct cmd_raw *cmd, unsigned log2)
{
    uint64_t cons = bank->reg[queue->cons];
    bool was_full = queue_full(bank->reg[queue->prod], cons, log2);
    bank->reg[queue->cons] = (cons & MASK64(30, 24)) | queue_next(cons, log2);
    observe_bank(smmu, SMMU_OBSERVE_command, bank, cmd_Opcode(cmd), queue_index(cons, log2));
    if (was_full && smmu->cfg.sev && smmu->ops.sev)
        smmu->ops.sev(smmu->user);
}

/* Consume one command of `queue`. False if there is none, or it is not consumed. */
static bool step(struct smmu_state *smmu, struct bank *bank, const struct cmdq *queue)
{
    unsigned log2 = programmed_log2(smmu, bank, queue->base, queue->log2_max);
    if (!can_process(bank, queue, log2))
        return false;

    uint64_t base = bank->reg[queue->base];
    uint64_t addr = queue_entry(base, bank->reg[queue->cons], log2, CMD_LOG2);
    uint32_t resets = bank->resets;
    struct cmd_raw cmd;
    bool fetched = fetch_queue_read(smmu, bank, queue->base, addr, cmd.w, 2);
    if (fetched && bank->resets == resets)
        unit_use_bank(smmu, SMMU_UNIT_COMMAND, bank, 1);
    if (bank->resets != resets)
        return false;
    enum cerror error = fetched ? execute(smmu, bank, &cmd) : CERROR_ABT;
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

bool cmdq_step(struct smmu_state *smmu, struct bank *bank)
{
    bool stepped = false;
    for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++)
        stepped |= step(smmu, bank, &queues[i]);
    return stepped;
}
