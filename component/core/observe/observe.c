/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the host, and the names of observations. */
#include "observe/observe.h"

#include "pmcg/pmcg_group.h"

_Static_assert(sizeof(struct smmu_stats) == SMMU_OBSERVE_COUNT * sizeof(uint64_t),
               "a counter for each observation");

/* Counter groups come first: a host that is told may look at their counters. */
static void tell(struct smmu_state *smmu, const struct pmcg_sight *sight, uint64_t a)
{
    const struct smmu_observation seen = {
        .id = sight->id,
        .sec = sight->sec,
        .sid = sight->sid,
        .a = a,
        .b = sight->b,
        .labelled = sight->mpam != NULL && smmu->cfg.mpam,
        .mpam = sight->mpam ? *sight->mpam : (struct smmu_mpam){0},
    };
    if (smmu->counting)
        pmcg_observe(smmu, sight);
    if (smmu->ops.observe)
        smmu->ops.observe(smmu->user, &seen);
}

void observe_tell(struct smmu_state *smmu, enum smmu_observation_id id, uint8_t sec, uint32_t sid,
                  uint64_t a, uint64_t b)
{
    const struct pmcg_sight sight = {
        .id = (uint8_t)id, .sec = sec, .sid = sid, .b = b, .first = true};
    tell(smmu, &sight, a);
}

static struct pmcg_sight sight_of_txn(enum smmu_observation_id id, const struct smmu_txn *txn,
                                      uint64_t b)
{
    return (struct pmcg_sight){
        .id = (uint8_t)id, .sec = txn->sec, .sid = txn->sid, .b = b, .txn = txn, .first = true};
}

void observe_tell_txn(struct smmu_state *smmu, enum smmu_observation_id id,
                      const struct smmu_txn *txn, uint64_t a, uint64_t b)
{
    const struct pmcg_sight sight = sight_of_txn(id, txn, b);
    tell(smmu, &sight, a);
}

void observe_settle(struct smmu_state *smmu, enum smmu_observation_id id,
                    const struct smmu_txn *txn, const struct smmu_mpam *mpam)
{
    struct pmcg_sight sight = sight_of_txn(id, txn, 0);
    sight.mpam = mpam;
    sight.settled = true;
    if (smmu->counting)
        pmcg_observe(smmu, &sight);
}

void observe_tell_answer(struct smmu_state *smmu, enum smmu_observation_id id,
                         const struct smmu_txn *txn, uint64_t b, const struct smmu_mpam *mpam,
                         bool requested)
{
    struct pmcg_sight sight = sight_of_txn(id, txn, b);
    sight.mpam = mpam;
    tell(smmu, &sight, txn->addr);
    observe_settle(smmu, SMMU_OBSERVE_translate, txn, mpam);
    if (requested)
        observe_settle(smmu, SMMU_OBSERVE_request, txn, mpam);
}

void observe_tell_call(const struct call *call, enum smmu_observation_id id,
                       const struct smmu_mpam *mpam, uint64_t a, uint64_t b)
{
    struct pmcg_sight sight = sight_of_txn(id, call->txn, b);
    sight.mpam = mpam;
    sight.first = (call->outcome->seen >> id & 1) == 0;
    call->outcome->seen |= UINT64_C(1) << id;
    tell(call->smmu, &sight, a);
}

const char *smmu_observation_name(enum smmu_observation_id id)
{
    static const char *const names[] = {
#define SMMU_OBSERVATION(name, ...) #name,
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
    };
    return id < SMMU_OBSERVE_COUNT ? names[id] : "?";
}
