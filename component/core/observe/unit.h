/* SPDX-License-Identifier: Apache-2.0 */
/* Units of the microarchitecture: the one place where the host is told that one is used. Everything
 * here but unit_give() may block. */
#ifndef SMMU_CORE_UNIT_H
#define SMMU_CORE_UNIT_H

#include "smmu_priv.h"

/* Whether the host gives any of `units` a time, a set of BIT64(enum smmu_unit). */
static inline bool unit_any_watched(const struct smmu_state *smmu, uint64_t units)
{
    return __builtin_expect((smmu->ops.units & units) != 0, false);
}

/* Whether the host gives `unit` a time. */
static inline bool unit_watched(const struct smmu_state *smmu, enum smmu_unit unit)
{
    return unit_any_watched(smmu, BIT64(unit));
}

__attribute__((cold)) void unit_tell_txn(const struct smmu_state *smmu, enum smmu_unit unit,
                                         const struct smmu_txn *txn, uint32_t count);
__attribute__((cold)) void unit_tell_bank(const struct smmu_state *smmu, enum smmu_unit unit,
                                          const struct bank *bank, uint32_t count);
__attribute__((cold)) bool unit_tell_call(const struct call *call, enum smmu_unit unit,
                                          uint64_t addr, uint32_t count);

/* A transaction uses `unit` before its call begins. */
static inline void unit_use_txn(const struct smmu_state *smmu, enum smmu_unit unit,
                                const struct smmu_txn *txn)
{
    if (unit_watched(smmu, unit))
        unit_tell_txn(smmu, unit, txn, 1);
}

/* A command or a CPU uses `unit`, for `count` entries or once. */
static inline void unit_use_bank(const struct smmu_state *smmu, enum smmu_unit unit,
                                 const struct bank *bank, uint32_t count)
{
    if (unit_watched(smmu, unit))
        unit_tell_bank(smmu, unit, bank, count);
}

/* `call` uses `unit`. False if it was overtaken meanwhile. Probes use nothing. */
static inline bool unit_use(const struct call *call, enum smmu_unit unit)
{
    return !unit_watched(call->smmu, unit) || unit_tell_call(call, unit, call->txn->addr, 1);
}

/* The same with what smmu_use.count is for that unit. */
static inline bool unit_use_count(const struct call *call, enum smmu_unit unit, uint32_t count)
{
    return !unit_watched(call->smmu, unit) || unit_tell_call(call, unit, call->txn->addr, count);
}

/* A slot that a call holds, or did not need to take. Declare it AT_END(unit_give) of its scope. */
struct unit_slot {
    const struct call *call; /* NULL: there is nothing to give back */
    enum smmu_unit unit;
    bool overtaken; /* the call, while it waited for the slot; or a prefetch has not got it */
};

/* Take a slot, for what is at `addr`. A call that holds one of the kind goes on with it. */
__attribute__((cold)) struct unit_slot unit_take_watched(const struct call *call,
                                                         enum smmu_unit unit, uint64_t addr);
static inline struct unit_slot unit_take_at(const struct call *call, enum smmu_unit unit,
                                            uint64_t addr)
{
    return unit_watched(call->smmu, unit) ? unit_take_watched(call, unit, addr)
                                          : (struct unit_slot){0};
}

/* The same for the call's own address. */
static inline struct unit_slot unit_take(const struct call *call, enum smmu_unit unit)
{
    return unit_take_at(call, unit, call->txn->addr);
}

/* Whether nobody waits for a slot that a prefetch holds: else it is over. */
__attribute__((cold)) bool unit_keep(const struct call *call);

/* Give the slot back, if one was taken. Does not block. */
__attribute__((cold)) void unit_give_taken(const struct unit_slot *slot);
static inline void unit_give(const struct unit_slot *slot)
{
    if (__builtin_expect(slot->call != NULL, false))
        unit_give_taken(slot);
}

#endif
