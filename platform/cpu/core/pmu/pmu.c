/* SPDX-License-Identifier: Apache-2.0 */
/* Counting, filtering and overflow (DDI 0487 D13.3 to D13.7). */
#include "pmu/pmu.h"

#include <string.h>

#include "state/sysreg_fields.h"

enum { EVENT_SW_INCR = 0x00, EVENT_CHAIN = 0x1e };

/* Without prediction of branches, BR_PRED counts all of them, and BR_MIS_PRED and
 * BR_MIS_PRED_RETIRED those that are not taken (D14.3). */
static const struct {
    uint8_t number;
    enum pmu_source source;
} event_rows[] = {
    {0x02, PMU_L1I_TLB_REFILL}, {0x04, PMU_L1D_CACHE},    {0x05, PMU_L1D_TLB_REFILL},
    {0x08, PMU_INSTRUCTIONS},   {0x09, PMU_EXC_TAKEN},    {0x0a, PMU_EXC_RETURN},
    {0x0b, PMU_CID_WRITE},      {0x10, PMU_BR_NOT_TAKEN}, {0x11, PMU_CYCLES},
    {0x12, PMU_BR_RETIRED},     {0x13, PMU_MEM_ACCESS},   {0x21, PMU_BR_RETIRED},
    {0x22, PMU_BR_NOT_TAKEN},
};
enum { EVENTS = sizeof event_rows / sizeof *event_rows };

static uint64_t *counter(struct a64_cpu *c, unsigned n)
{
    return &c->sysreg[n == PMU_CYCLE_COUNTER ? SR_PMCCNTR_EL0 : SR_PMEVCNTR0_EL0 + n];
}

static unsigned event_of(const struct a64_cpu *c, unsigned n)
{
    return bits_get(c->sysreg[SR_PMEVTYPER0_EL0 + n], PMEVTYPER_EVENT);
}

/* PMU_SOURCES if the event is none of those counted for all. */
static enum pmu_source source_of(const struct a64_cpu *c, unsigned n)
{
    if (n == PMU_CYCLE_COUNTER)
        return PMU_CYCLES;
    for (unsigned i = 0; i < EVENTS; i++)
        if (event_rows[i].number == event_of(c, n))
            return event_rows[i].source;
    return PMU_SOURCES;
}

unsigned pmu_first_range(const struct a64_cpu *c)
{
    unsigned first = bits_get(c->sysreg[SR_MDCR_EL2], MDCR_HPMN);
    return first != 0 && first < PMU_EVENT_COUNTERS ? first : PMU_EVENT_COUNTERS;
}

uint64_t pmu_accessible(const struct a64_cpu *c)
{
    unsigned events = c->el == 2 ? PMU_EVENT_COUNTERS : pmu_first_range(c);
    return UINT64_C(1) << PMU_CYCLE_COUNTER | ((UINT64_C(1) << events) - 1);
}

/* The counters that PMCR_EL0.E and MDCR_EL2.HPME enable, each its own (D13.5.1). */
static uint64_t switched_on(const struct a64_cpu *c)
{
    uint64_t first = (UINT64_C(1) << pmu_first_range(c)) - 1;
    uint64_t second = PMU_EVENT_MASK & ~first;
    return (c->sysreg[SR_PMCR_EL0] & PMCR_E ? PMU_ALL_COUNTERS & ~second : 0) |
           (c->sysreg[SR_MDCR_EL2] & MDCR_HPME ? second : 0);
}

/* PMEVTYPER<n>_EL0.U and P leave out EL0 and EL1, NSH adds EL2. */
static bool is_filtered(const struct a64_cpu *c, uint64_t type)
{
    static const uint64_t bits[] = {PMU_TYPE_U, PMU_TYPE_P, PMU_TYPE_NSH};
    bool set = type & bits[c->el];
    return set == (c->el != 2);
}

/* Is counter `n` enabled, and not filtered out at the current exception level? */
static bool counts(const struct a64_cpu *c, unsigned n)
{
    uint64_t type =
        n == PMU_CYCLE_COUNTER ? c->sysreg[SR_PMCCFILTR_EL0] : c->sysreg[SR_PMEVTYPER0_EL0 + n];
    return (switched_on(c) & c->sysreg[SR_PMCNTENSET_EL0]) >> n & 1 && !is_filtered(c, type);
}

/* ---- Overflow ---- */

static void drive(struct a64_cpu *c)
{
    bool level = switched_on(c) & c->sysreg[SR_PMOVSSET_EL0] & c->sysreg[SR_PMINTENSET_EL1];
    if (level == c->pmu.level)
        return;
    c->pmu.level = level;
    if (c->ops.pmu)
        c->ops.pmu(c->user, level);
}

static void add_to_event_counter(struct a64_cpu *c, unsigned n, uint64_t delta)
{
    uint64_t sum = *counter(c, n) + delta, overflows = sum >> 32;
    *counter(c, n) = (uint32_t)sum;
    if (!overflows)
        return;
    c->sysreg[SR_PMOVSSET_EL0] |= UINT64_C(1) << n;
    bool chained = !(n & 1) && event_of(c, n + 1) == EVENT_CHAIN && counts(c, n + 1);
    if (chained)
        add_to_event_counter(c, n + 1, overflows);
}

static void add_to_cycle_counter(struct a64_cpu *c, uint64_t delta)
{
    uint64_t *cycles = counter(c, PMU_CYCLE_COUNTER);
    *cycles += delta;
    if (*cycles < delta)
        c->sysreg[SR_PMOVSSET_EL0] |= UINT64_C(1) << PMU_CYCLE_COUNTER;
}

/* ---- Counting ---- */

/* The sources that are measured. */
static void measure(struct a64_cpu *c)
{
    uint64_t executed = c->stats.instructions + (c->running ? cpu_progress(c) : 0);
    c->pmu.count[PMU_INSTRUCTIONS] = executed - c->pmu.unretired;
    c->pmu.count[PMU_CYCLES] = c->ops.cycles ? c->ops.cycles(c->user) : executed;
}

static void take_into_account(struct a64_cpu *c)
{
    const struct a64_pmu *p = &c->pmu;
    if (counts(c, PMU_CYCLE_COUNTER))
        add_to_cycle_counter(c, p->count[PMU_CYCLES] - p->seen[PMU_CYCLES]);
    for (unsigned n = 0; n < PMU_EVENT_COUNTERS; n++) {
        enum pmu_source source = source_of(c, n);
        if (source != PMU_SOURCES && counts(c, n))
            add_to_event_counter(c, n, p->count[source] - p->seen[source]);
    }
}

void pmu_sync(struct a64_cpu *c)
{
    measure(c);
    if (c->pmu.counting)
        take_into_account(c);
    memcpy(c->pmu.seen, c->pmu.count, sizeof c->pmu.seen);
    drive(c);
}

/* Does one of the event counters `enabled` count it, at some exception level? */
static bool is_wanted(const struct a64_cpu *c, uint64_t enabled, enum pmu_source source)
{
    for (unsigned n = 0; n < PMU_EVENT_COUNTERS; n++)
        if ((enabled >> n & 1) && source_of(c, n) == source)
            return true;
    return false;
}

void pmu_update(struct a64_cpu *c)
{
    uint64_t enabled = switched_on(c) & c->sysreg[SR_PMCNTENSET_EL0];
    c->pmu.counting = enabled != 0;
    c->pmu.armed = enabled & c->sysreg[SR_PMINTENSET_EL1];
    c->pmu.accesses = is_wanted(c, enabled, PMU_MEM_ACCESS) || is_wanted(c, enabled, PMU_L1D_CACHE);
    c->pmu.branches =
        is_wanted(c, enabled, PMU_BR_RETIRED) || is_wanted(c, enabled, PMU_BR_NOT_TAKEN);
    c->attention &= ~(uint32_t)ATTN_BRANCHES;
    c->attention |= ATTN_COUNTERS | (c->pmu.branches ? ATTN_BRANCHES : 0);
    drive(c);
}

uint64_t pmu_events(unsigned word)
{
    uint64_t known = UINT64_C(1) << EVENT_SW_INCR | UINT64_C(1) << EVENT_CHAIN;
    for (unsigned i = 0; i < EVENTS; i++)
        known |= UINT64_C(1) << event_rows[i].number;
    return known >> (32 * word) & UINT32_MAX;
}

void pmu_count(struct a64_cpu *c, enum pmu_source source)
{
    c->pmu.count[source]++;
    pmu_time_passed(c);
}

void pmu_time_passed(struct a64_cpu *c)
{
    if (c->pmu.armed)
        c->attention |= ATTN_COUNTERS;
}

void pmu_leave_level(struct a64_cpu *c)
{
    if (!c->pmu.counting)
        return;
    pmu_sync(c);
    pmu_time_passed(c);
}

void pmu_software_increment(struct a64_cpu *c, uint64_t counters)
{
    for (unsigned n = 0; n < PMU_EVENT_COUNTERS; n++)
        if ((counters >> n & 1) && event_of(c, n) == EVENT_SW_INCR && counts(c, n))
            add_to_event_counter(c, n, 1);
    drive(c);
}

/* ---- Foresight ---- */

/* Does an overflow of counter `n` interrupt, or one that is chained to it? */
static bool is_armed(const struct a64_cpu *c, unsigned n)
{
    uint64_t armed = c->sysreg[SR_PMCNTENSET_EL0] & c->sysreg[SR_PMINTENSET_EL1];
    bool chained = n < PMU_EVENT_COUNTERS && !(n & 1) && event_of(c, n + 1) == EVENT_CHAIN;
    return (armed >> n & 1) || (chained && (armed >> (n + 1) & 1));
}

/* An instruction is a cycle at least, and a retired instruction at most. */
static uint64_t distance(struct a64_cpu *c, unsigned n)
{
    enum pmu_source source = source_of(c, n);
    if (!is_armed(c, n) || !counts(c, n) || source > PMU_INSTRUCTIONS)
        return UINT64_MAX;
    uint64_t value = *counter(c, n);
    if (n != PMU_CYCLE_COUNTER)
        return (UINT64_C(1) << 32) - value;
    return value ? -value : UINT64_MAX;
}

uint64_t pmu_headroom(struct a64_cpu *c)
{
    if (!c->pmu.counting)
        return UINT64_MAX;
    pmu_sync(c);
    uint64_t headroom = distance(c, PMU_CYCLE_COUNTER);
    for (unsigned n = 0; n < PMU_EVENT_COUNTERS; n++) {
        uint64_t own = distance(c, n);
        if (own < headroom)
            headroom = own;
    }
    return headroom;
}
