/* SPDX-License-Identifier: Apache-2.0 */
/* Operations beyond reads and writes (IHI 0070 3.22, 16.7.2, 16.7.6): what they need, and what they
 * become on the way out. All functions are pure. */
#ifndef SMMU_CORE_TXN_OP_H
#define SMMU_CORE_TXN_OP_H

#include "smmu/config.h"
#include "stream/ste.h"

/* A right of any kind will do (3.22.2, NW-DCP). */
#define TXN_OP_ANY (SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X)

/* Beside SMMU_PERM_*, the right to update a stage 1 descriptor, which stage 2 gives by itself (DDI
 * 0487 table D8-80, MMUWrite). No transaction needs it. */
#define TXN_OP_UPDATE 8u

/* Whether a transaction has a choice of Instruction and Data: writes, atomics among them, and
 * prefetches are always Data, whatever overrides say (13.1.2, Table 13.4). */
static inline bool txn_op_may_be_instr(const struct smmu_txn *txn)
{
    return !txn->write && txn->op != SMMU_OP_PREFETCH;
}

/* Whether it is an instruction fetch. */
static inline bool txn_op_instr(const struct smmu_txn *txn)
{
    return txn->instr && txn_op_may_be_instr(txn);
}

/* The rights a transaction needs of every stage: all of these SMMU_PERM_* bits or, with TXN_OP_ANY,
 * one of them (13.4.1, 3.22.2, 16.7.2.2). All writes are data. */
static inline unsigned txn_op_need(const struct smmu_txn *txn)
{
    if (txn->op == SMMU_OP_PREFETCH)
        return TXN_OP_ANY;
    if (txn->op == SMMU_OP_ATOMIC)
        return SMMU_PERM_R | SMMU_PERM_W;
    if (txn->write)
        return SMMU_PERM_W;
    return txn_op_instr(txn) ? SMMU_PERM_X : SMMU_PERM_R;
}

/* Whether rights `perm` are enough for `need`. */
static inline bool txn_op_permitted(unsigned perm, unsigned need)
{
    return (perm & need) == need || (need == TXN_OP_ANY && perm != 0);
}

/* Whether rights `perm`, not enough for `need`, lack only the right to read: an atomic operation's
 * record says which is missing (13.1.1). */
static inline bool txn_op_lacks_read(unsigned perm, unsigned need)
{
    return (perm & need) == SMMU_PERM_W;
}

/* Whether what needs `need` makes a writable-clean descriptor dirty (3.13.8). */
static inline bool txn_op_dirties(unsigned need)
{
    return (need & (SMMU_PERM_W | TXN_OP_UPDATE)) && need != TXN_OP_ANY;
}

/* Hints end without effect where another transaction would fault (3.22.2, 16.7.2.2). */
static inline bool txn_op_is_hint(uint8_t op)
{
    return op == SMMU_OP_PREFETCH || op == SMMU_OP_DESTRUCTIVE_HINT;
}

/* Whether the SMMU cannot take the transaction at all: F_UUT (7.3.2, 16.7.6). */
static inline bool txn_op_unsupported(const struct smmu_config *cfg, const struct smmu_txn *txn)
{
    return txn->op >= SMMU_OP_ATOMIC &&
           !(txn->op == SMMU_OP_ATOMIC && (cfg->operations >> SMMU_OP_ATOMIC & 1));
}

/* The attributes a transaction is taken to arrive with: cache maintenance has no memory type, so
 * that its shareability stands as given (16.7.2.3). */
static inline struct smmu_memattr txn_op_input_attr(const struct smmu_txn *txn)
{
    struct smmu_memattr attr = txn->attr;
    if (txn->op >= SMMU_OP_CLEAN && txn->op <= SMMU_OP_DESTRUCTIVE_HINT)
        attr.mair = SMMU_MAIR_NORMAL_WB_RAWA;
    return attr;
}

/* No operation is left: the transaction completes without effect. */
#define TXN_OP_NONE SMMU_OP_COUNT

/* The operation that a permitted transaction becomes by STE.DRE and DCP, having rights `perm` in
 * the result of translation (3.22.1, 3.22.2, 16.7.2.1, 16.7.2.2). enum smmu_op or TXN_OP_NONE. */
uint8_t txn_op_translated(uint8_t op, const struct ste_cfg *ste, uint8_t perm);

/* The operation that `op` is made into where the interconnect does not take it, at all or with
 * attributes `attr` (3.22, 3.22.3, 16.7.2). enum smmu_op or TXN_OP_NONE. */
uint8_t txn_op_output(const struct smmu_config *cfg, uint8_t op, struct smmu_memattr attr);

#endif
