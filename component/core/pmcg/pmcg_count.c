/* SPDX-License-Identifier: Apache-2.0 */
/* What counter groups count: events, filters, overflow, capture (IHI 0070 10.2 to 10.4). */
#include "pmcg/pmcg_group.h"
#include "smmu_priv.h"

enum unit { UNIT_TBU, UNIT_TCU };
enum when { WHEN_ALL, WHEN_FIRST, WHEN_TRANSLATED, WHEN_STAGE1, WHEN_STAGE2, WHEN_ATS };

struct event_row {
    uint16_t number;
    uint8_t unit;
    uint8_t id; /* enum smmu_observation_id */
    uint8_t when;
};

static const struct event_row rows[] = {
#define SMMU_PMCG_EVENT(number, unit, observation, when, help)                                     \
    {number, UNIT_##unit, SMMU_OBSERVE_##observation, WHEN_##when},
#include "smmu/pmcg_events.def"
#undef SMMU_PMCG_EVENT
};

/* Observations that are about a stream. */
static const bool of_stream[] = {
#define SMMU_OBSERVATION(name, counter, stream, ...) stream,
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
};

_Static_assert(SMMU_OBSERVE_COUNT <= 64, "call_outcome.seen has a bit for each observation");

static enum unit unit_of(const struct pmcg *group)
{
    return group->cfg.tbus != 0 ? UNIT_TBU : UNIT_TCU;
}

/* --- events -------------------------------------------------------------------------------------
 */

static bool has_event(const struct smmu_state *smmu, const struct pmcg *group,
                      const struct event_row *row)
{
    bool of_ats = row->when == WHEN_ATS || row->when == WHEN_TRANSLATED;
    return row->unit == unit_of(group) && (smmu->cfg.ats || !of_ats);
}

uint64_t pmcg_event_bitmap(const struct smmu_state *smmu, const struct pmcg *group, unsigned first)
{
    uint64_t bitmap = first == PMCG_EVENT_CLOCK && smmu->ops.cycles ? BIT64(PMCG_EVENT_CLOCK) : 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (has_event(smmu, group, &rows[i]) && rows[i].number - first < 64)
            bitmap |= BIT64(rows[i].number - first);
    return bitmap;
}

static bool is_event(const struct event_row *row, const struct pmcg_sight *sight)
{
    if (row->id != sight->id)
        return false;
    switch ((enum when)row->when) {
    case WHEN_FIRST:
        return sight->first;
    case WHEN_TRANSLATED:
        return sight->txn->translated;
    case WHEN_STAGE1:
        return sight->b == 1;
    case WHEN_STAGE2:
        return sight->b == 2;
    case WHEN_ALL:
    case WHEN_ATS:
        break;
    }
    return true;
}

/* --- filters (10.4) -----------------------------------------------------------------------------
 */

/* Of a span the bits up to the lowest that is 0 are ignored, that one included. */
bool pmcg_sid_matches(uint64_t evtyper, uint64_t smr, unsigned bits, uint32_t sid)
{
    uint64_t ignored = evtyper_FILTER_SID_SPAN(evtyper) ? smr ^ (smr + 1) : 0;
    return ((smr ^ sid) & ~ignored & (BIT64(bits) - 1)) == 0;
}

/* Whether the group counts anything of the stream, or of what is no stream's: streams of its
 * state alone (10.6), and those of its span (10.4.1). */
static bool serves(const struct pmcg *group, const struct pmcg_sight *sight)
{
    const struct smmu_pmcg_config *cfg = &group->cfg;
    if (sight->sec != group->bank->sec)
        return false;
    if (of_stream[sight->id] && (uint64_t)(cfg->first_sid ^ sight->sid) >> cfg->sid_bits != 0)
        return false;
    return cfg->tbus == 0 ||
           (sight->txn && (unsigned)(sight->txn->tbu - cfg->first_tbu) < cfg->tbus);
}

/* Observations that come before it is known what label the transaction gets; they come again when
 * it is. */
static bool label_follows(uint8_t id)
{
    return id == SMMU_OBSERVE_translate || id == SMMU_OBSERVE_request ||
           id == SMMU_OBSERVE_ats_request;
}

/* 10.4.3: by PARTID, PMG or both. What has no label is counted all the same. FILTER_MPAM_NS has no
 * say: there is one PARTID space. */
static bool label_passes(uint64_t evtyper, uint64_t smr, const struct pmcg_sight *sight)
{
    if (!sight->mpam)
        return !label_follows(sight->id);
    return (!(evtyper & EVTYPER_FILTER_PARTID) || sight->mpam->partid == mpam_PARTID(smr)) &&
           (!(evtyper & EVTYPER_FILTER_PMG) || sight->mpam->pmg == mpam_PMG(smr));
}

static bool passes_filter(const struct pmcg *group, unsigned counter,
                          const struct pmcg_sight *sight)
{
    unsigned by = group->cfg.sid_filter_all ? 0 : counter;
    if (pmcg_by_label(group->evtyper[by]))
        return label_passes(group->evtyper[by], group->smr[by], sight);
    if (sight->settled)
        return false;
    return !of_stream[sight->id] ||
           pmcg_sid_matches(group->evtyper[by], group->smr[by], group->cfg.sid_bits, sight->sid);
}

/* --- counters -----------------------------------------------------------------------------------
 */

void pmcg_capture(struct pmcg *group)
{
    for (unsigned n = 0; n < group->cfg.counters; n++)
        group->svr[n] = group->evcntr[n];
}

/* Returns whether the counter overflows. */
static bool add(struct pmcg *group, unsigned counter, uint64_t count)
{
    uint64_t room = MASK64(group->cfg.counter_bits - 1, 0) - group->evcntr[counter];
    group->evcntr[counter] =
        (group->evcntr[counter] + count) & MASK64(group->cfg.counter_bits - 1, 0);
    return count > room;
}

/* What follows where counters have overflowed: their status, a capture, and an interrupt when all
 * that is visible (10.2.1). */
static void overflow(struct smmu_state *smmu, struct pmcg *group, uint64_t counters)
{
    bool capture = false;
    group->ovs |= counters;
    for (uint64_t left = counters; left != 0; left &= left - 1)
        capture |= (group->evtyper[__builtin_ctzll(left)] & EVTYPER_OVFCAP) != 0;
    if (capture)
        pmcg_capture(group);
    if ((counters & group->inten) != 0 && (group->irq_ctrl & PMCG_IRQEN)) {
        group->pending = true;
        ring_doorbell(smmu);
    }
}

/* Count an event in each counter that is for it. */
static uint64_t count_event(struct pmcg *group, unsigned number, const struct pmcg_sight *sight)
{
    uint64_t overflown = 0;
    for (uint64_t left = pmcg_enabled(group); left != 0; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctzll(left);
        if (evtyper_EVENT(group->evtyper[n]) == number && passes_filter(group, n, sight) &&
            add(group, n, 1))
            overflown |= BIT64(n);
    }
    return overflown;
}

/* An overflow captures the counters of all events that the observation is, as it has left them. */
static void observe_by(struct smmu_state *smmu, struct pmcg *group, const struct pmcg_sight *sight)
{
    uint64_t overflown = 0;
    if (pmcg_enabled(group) == 0 || !serves(group, sight))
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (has_event(smmu, group, &rows[i]) && is_event(&rows[i], sight))
            overflown |= count_event(group, rows[i].number, sight);
    if (overflown == 0)
        return;
    pmcg_sync_clock(smmu, group);
    overflow(smmu, group, overflown);
}

void pmcg_observe(struct smmu_state *smmu, const struct pmcg_sight *sight)
{
    for (unsigned i = 0; i < smmu->pmcg_count; i++)
        observe_by(smmu, &smmu->pmcgs[i], sight);
}

/* --- clock cycles -------------------------------------------------------------------------------
 */

/* The enabled counters of clock cycles. */
static uint64_t clock_counters(const struct pmcg *group)
{
    uint64_t counters = 0;
    for (uint64_t left = pmcg_enabled(group); left != 0; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctzll(left);
        if (evtyper_EVENT(group->evtyper[n]) == PMCG_EVENT_CLOCK)
            counters |= BIT64(n);
    }
    return counters;
}

/* Initiators may run ahead of each other: the count of cycles never goes back. */
void pmcg_sync_clock(struct smmu_state *smmu, struct pmcg *group)
{
    uint64_t now = smmu->ops.cycles ? smmu->ops.cycles(smmu->user) : 0;
    uint64_t overflown = 0;
    if (now <= group->cycles)
        return;
    for (uint64_t left = clock_counters(group); left != 0; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctzll(left);
        if (add(group, n, now - group->cycles))
            overflown |= BIT64(n);
    }
    group->cycles = now;
    if (overflown != 0)
        overflow(smmu, group, overflown);
}

/* In how many cycles the next counter of the group overflows; 0: in 2^64, or never. */
static uint64_t next_overflow(const struct pmcg *group)
{
    uint64_t due = 0; /* counted down by one, so that 0 is the largest */
    for (uint64_t left = clock_counters(group); left != 0; left &= left - 1) {
        uint64_t most = MASK64(group->cfg.counter_bits - 1, 0);
        uint64_t after = most - group->evcntr[__builtin_ctzll(left)] + 1;
        if (after - 1 < due - 1)
            due = after;
    }
    return due;
}

uint64_t smmu_pmcg_clock(smmu_t *smmu)
{
    uint64_t due = 0;
    if (!smmu->counting || !smmu->ops.cycles)
        return 0;
    uint64_t now = smmu->ops.cycles(smmu->user);
    for (unsigned i = 0; i < smmu->pmcg_count; i++) {
        struct pmcg *group = &smmu->pmcgs[i];
        pmcg_sync_clock(smmu, group);
        uint64_t after = next_overflow(group);
        if (after != 0)
            after += group->cycles - now; /* it may be ahead */
        if (after - 1 < due - 1)
            due = after;
    }
    return due;
}
