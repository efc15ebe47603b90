/* SPDX-License-Identifier: Apache-2.0 */
/* Operations beyond reads and writes: which go on as they are, and what becomes of the others. */
#include "service/txn_op.h"

#include "base/memattr.h"

/* Shareability that an operation must have to go on: an interconnect of the AMBA kind, where Device
 * and Non-cacheable memory are System shareable (3.22.3). */
enum shareable { SHAREABLE_ANY, SHAREABLE_NOT_SYS, SHAREABLE_DOMAIN };

struct op_row {
    uint8_t lesser;      /* what it is downgraded to; TXN_OP_NONE: nothing happens */
    uint8_t shareable;   /* enum shareable */
    bool by_dre, by_dcp; /* STE field that lets it pass stages that translate */
    bool needs_write;    /* ... with the right to write */
};

/* Cache maintenance that the interconnect does not have ends silently (16.7.2). */
static const struct op_row rows[SMMU_OP_COUNT] = {
    [SMMU_OP_ORDINARY] = {.lesser = SMMU_OP_ORDINARY},
    [SMMU_OP_READ_CLEAN_INVALIDATE] = {.lesser = SMMU_OP_ORDINARY, .shareable = SHAREABLE_DOMAIN},
    [SMMU_OP_READ_DESTRUCTIVE] = {.lesser = SMMU_OP_READ_CLEAN_INVALIDATE,
                                  .shareable = SHAREABLE_DOMAIN,
                                  .by_dre = true,
                                  .needs_write = true},
    [SMMU_OP_WRITE_PREFETCH] = {.lesser = SMMU_OP_ORDINARY,
                                .shareable = SHAREABLE_DOMAIN,
                                .by_dcp = true},
    [SMMU_OP_PREFETCH] = {.lesser = TXN_OP_NONE, .shareable = SHAREABLE_NOT_SYS, .by_dcp = true},
    [SMMU_OP_CLEAN] = {.lesser = TXN_OP_NONE},
    [SMMU_OP_CLEAN_INVALIDATE] = {.lesser = TXN_OP_NONE},
    [SMMU_OP_CLEAN_TO_PERSISTENCE] = {.lesser = TXN_OP_NONE},
    [SMMU_OP_INVALIDATE] = {.lesser = SMMU_OP_CLEAN_INVALIDATE,
                            .by_dre = true,
                            .needs_write = true},
    [SMMU_OP_DESTRUCTIVE_HINT] = {.lesser = TXN_OP_NONE, .by_dre = true, .needs_write = true},
    [SMMU_OP_ATOMIC] = {.lesser = TXN_OP_NONE},
};

static bool taken(const struct smmu_config *cfg, uint8_t op)
{
    return op == SMMU_OP_ORDINARY || (cfg->operations >> op & 1);
}

uint8_t txn_op_translated(uint8_t op, const struct ste_cfg *ste, uint8_t perm)
{
    const struct op_row *row = &rows[op];
    bool passes = (!row->by_dre || ste->dre) && (!row->by_dcp || ste->dcp) &&
                  (!row->needs_write || (perm & SMMU_PERM_W));
    return passes ? op : row->lesser;
}

static bool shareable(const struct op_row *row, struct smmu_memattr attr)
{
    bool sys = memattr_is_device(attr) || attr.mair == SMMU_MAIR_NORMAL_NC;
    switch (row->shareable) {
    case SHAREABLE_NOT_SYS:
        return !sys;
    case SHAREABLE_DOMAIN:
        return !sys && attr.sh != SMMU_SH_NON;
    default:
        return true;
    }
}

uint8_t txn_op_output(const struct smmu_config *cfg, uint8_t op, struct smmu_memattr attr)
{
    while (op != TXN_OP_NONE && !(taken(cfg, op) && shareable(&rows[op], attr)))
        op = rows[op].lesser;
    return op;
}
