/* SPDX-License-Identifier: Apache-2.0 */
/* The Command queue (IHI 0070 4.1, 7.1): fetch, dispatch, consume, stop at an error. */
#include "cmd/cmdq.h"

#include "access/fetch.h"
#include "base/queue.h"
#include "observe/observe.h"

#define CMD_LOG2 4 /* log2 of CMD_SIZE */

struct cmd_row {
    uint8_t opcode;
    bool ssec;
    cmd_exec *exec;
    cmd_after *after;
};

static const struct cmd_row rows[] = {
#define SSEC                                         true
#define CMD(name, opcode, exists, ssec, exec, after) {opcode, ssec, exec, after},
#include "cmd/cmd.def"
#undef CMD
};

static const struct cmd_row *row_of(uint64_t opcode)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].opcode == opcode)
            return &rows[i];
    return NULL;
}

/* Whether an SMMU of this configuration has the command. */
static bool present(const struct smmu_config *cfg, const struct cmd_row *row)
{
    const bool present[] = {
#define CMD(name, opcode, exists, ssec, exec, after) exists,
#include "cmd/cmd.def"
#undef CMD
    };
    return present[row - rows];
}

/* Whether the command is one, of this configuration and of this queue: one of the Non-secure queue
 * is about Non-secure streams (4.1.6). */
static bool legal(const struct smmu_config *cfg, const struct cmd_row *row,
                  const struct cmd_raw *cmd)
{
    return row && present(cfg, row) && !(row->ssec && cmd_SSec(cmd));
}

/* 4.1.2. No command is begun once CMDQEN is written 0 (6.3.9.3). */
static bool can_process(const struct bank *bank, unsigned log2)
{
    return bank_enabled(bank, CR0_CMDQEN) && !gerror_active(bank, GERROR_CMDQ_ERR) &&
           !queue_empty(bank->reg[REG_CMDQ_PROD], bank->reg[REG_CMDQ_CONS], log2);
}

/* 7.1: the error code is visible before the error is; the index stays at the command. */
static void stop(struct smmu_state *smmu, struct bank *bank, enum cerror error)
{
    bank->reg[REG_CMDQ_CONS] = (bank->reg[REG_CMDQ_CONS] & MASK64(23, 0)) | (uint64_t)error << 24;
    gerror_activate(smmu, bank, GERROR_CMDQ_ERR);
}

/* 4.1.2: PEs that wait for room in a full queue are woken. */
static void consume(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd,
                    unsigned log2)
{
    uint64_t cons = bank->reg[REG_CMDQ_CONS];
    bool was_full = queue_full(bank->reg[REG_CMDQ_PROD], cons, log2);
    bank->reg[REG_CMDQ_CONS] = (cons & MASK64(30, 24)) | queue_next(cons, log2);
    observe_bank(smmu, SMMU_OBSERVE_command, bank, cmd_Opcode(cmd), queue_index(cons, log2));
    if (was_full && smmu->cfg.sev && smmu->ops.sev)
        smmu->ops.sev(smmu->user);
}

bool cmdq_step(struct smmu_state *smmu, struct bank *bank)
{
    unsigned log2 = queue_log2(bank->reg[REG_CMDQ_BASE], smmu->cfg.cmdq_log2_max);
    if (!can_process(bank, log2))
        return false;

    uint64_t cons = bank->reg[REG_CMDQ_CONS];
    uint64_t addr = queue_entry(bank->reg[REG_CMDQ_BASE], cons, log2, CMD_LOG2);
    uint32_t resets = bank->resets;
    struct cmd_raw cmd;
    bool fetched = fetch_queue_read(smmu, bank, addr, cmd.w, 2);
    if (bank->resets != resets)
        return false;
    if (!fetched) {
        stop(smmu, bank, CERROR_ABT);
        return false;
    }
    const struct cmd_row *row = row_of(cmd_Opcode(&cmd));
    enum cerror error = legal(&smmu->cfg, row, &cmd) ? row->exec(smmu, bank, &cmd) : CERROR_ILL;
    if (bank->resets != resets) /* CMD_SYNC waits */
        return false;
    if (error != CERROR_NONE) {
        stop(smmu, bank, error);
        return false;
    }
    consume(smmu, bank, &cmd, log2);
    if (row->after)
        row->after(smmu, bank, &cmd);
    return true;
}
