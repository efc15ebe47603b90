/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the host which units are used, and the names of units. */
#include "observe/unit.h"

static struct smmu_use use_by_txn(enum smmu_unit unit, const struct smmu_txn *txn, uint64_t addr,
                                  uint32_t count)
{
    return (struct smmu_use){.unit = (uint8_t)unit,
                             .sec = txn->sec,
                             .tbu = txn->tbu,
                             .sid = txn->sid,
                             .addr = addr,
                             .count = count,
                             .cookie = txn->cookie};
}

/* Whether an SMMU of this configuration has the unit. */
static bool present(const struct smmu_config *cfg, enum smmu_unit unit)
{
    const bool present[] = {
#define SMMU_UNIT(name, slot, exists, help) exists,
#include "smmu/units.def"
#undef SMMU_UNIT
    };
    return present[unit];
}

/* A TBU that there is not has no unit either. */
static void tell(const struct smmu_state *smmu, enum smmu_unit unit, const struct smmu_txn *txn,
                 uint64_t addr, uint32_t count)
{
    if (txn->tbu >= smmu->cfg.tbus)
        return;
    const struct smmu_use use = use_by_txn(unit, txn, addr, count);
    smmu->ops.use(smmu->user, &use);
}

void unit_tell_txn(const struct smmu_state *smmu, enum smmu_unit unit, const struct smmu_txn *txn,
                   uint32_t count)
{
    tell(smmu, unit, txn, txn->addr, count);
}

void unit_tell_bank(const struct smmu_state *smmu, enum smmu_unit unit, const struct bank *bank,
                    uint32_t count)
{
    const struct smmu_use use = {.unit = (uint8_t)unit, .sec = bank->sec, .count = count};
    smmu->ops.use(smmu->user, &use);
}

bool unit_tell_call(const struct call *call, enum smmu_unit unit, uint64_t addr, uint32_t count)
{
    if (call->mode == CALL_PROBE || !present(&call->smmu->cfg, unit))
        return true;
    tell(call->smmu, unit, call->txn, addr, count);
    return !call_overtaken(call);
}

/* Whether a prefetch may take a slot or keep it. If not it is over. */
static bool unit_spare(const struct call *call, enum smmu_unit unit, bool held)
{
    const struct smmu_ops *ops = &call->smmu->ops;
    if (ops->spare && !ops->spare(call->smmu->user, unit, held))
        call->outcome->yielded = true;
    return !call->outcome->yielded;
}

bool unit_keep(const struct call *call)
{
    for (unsigned slots = call->outcome->slots; slots != 0; slots &= slots - 1)
        if (!unit_spare(call, (enum smmu_unit)__builtin_ctz(slots), true))
            return false;
    return true;
}

struct unit_slot unit_take_watched(const struct call *call, enum smmu_unit unit, uint64_t addr)
{
    struct unit_slot slot = {.unit = unit};
    bool held = (call->outcome->slots >> unit & 1) != 0;
    if (held || call->mode == CALL_PROBE || !present(&call->smmu->cfg, unit))
        return slot;
    if (call->mode == CALL_PREFETCH && !unit_spare(call, unit, false)) {
        slot.overtaken = true;
        return slot;
    }
    slot.overtaken = !unit_tell_call(call, unit, addr, 1);
    call->outcome->slots |= 1u << unit;
    slot.call = call;
    return slot;
}

void unit_give_taken(const struct unit_slot *slot)
{
    const struct smmu_txn *txn = slot->call->txn;
    const struct smmu_use use = use_by_txn(slot->unit, txn, txn->addr, 1);
    slot->call->outcome->slots &= ~(1u << slot->unit);
    slot->call->smmu->ops.release(slot->call->smmu->user, &use);
}

const char *smmu_unit_name(enum smmu_unit unit)
{
    static const char *const names[] = {
#define SMMU_UNIT(name, ...) #name,
#include "smmu/units.def"
#undef SMMU_UNIT
    };
    return unit < SMMU_UNIT_COUNT ? names[unit] : "?";
}
