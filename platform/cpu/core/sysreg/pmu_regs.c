/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of the performance monitors (DDI 0487 D24.5). Counters are brought up to date
 * before they, or what they depend on, are accessed. */
#include "exception/context.h"
#include "mmu/cpu_tlb.h"
#include "pmu/pmu.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"
#include "sysreg/sysreg.h"
#include "sysreg/sysreg_hooks.h"

/* ---- EL0: PMUSERENR_EL0.EN opens all, the other bits some ---- */

static enum sysreg_outcome user_needs(const struct a64_cpu *c, uint64_t any_of)
{
    bool allowed = c->el != 0 || (c->sysreg[SR_PMUSERENR_EL0] & (PMUSERENR_EN | any_of));
    return allowed ? SYSREG_OK : SYSREG_TRAP;
}

static bool is_read(const struct a64_cpu *c)
{
    return c->op->word & INSN_L;
}

enum sysreg_outcome guard_pmu(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return user_needs(c, 0);
}

enum sysreg_outcome guard_pmu_cycles(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return user_needs(c, is_read(c) ? PMUSERENR_CR : 0);
}

enum sysreg_outcome guard_pmu_events(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return user_needs(c, is_read(c) ? PMUSERENR_ER : 0);
}

enum sysreg_outcome guard_pmu_select(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return user_needs(c, PMUSERENR_ER);
}

enum sysreg_outcome guard_pmu_increment(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return user_needs(c, PMUSERENR_SW);
}

/* ---- Event counters by number: those of the second range are EL2's alone (D13.11) ---- */

static bool is_accessible(const struct a64_cpu *c, unsigned n)
{
    return pmu_accessible(c) >> n & 1;
}

enum sysreg_outcome guard_pmu_counter(const struct a64_cpu *c, unsigned id)
{
    if (!is_accessible(c, id - SR_PMEVCNTR0_EL0))
        return SYSREG_UNDEFINED;
    return guard_pmu_events(c, id);
}

enum sysreg_outcome guard_pmu_type(const struct a64_cpu *c, unsigned id)
{
    if (!is_accessible(c, id - SR_PMEVTYPER0_EL0))
        return SYSREG_UNDEFINED;
    return guard_pmu(c, id);
}

/* ---- Controls and counters ---- */

/* Controls have changed. Accesses are told of if none takes the fast path. */
static void update(struct a64_cpu *c)
{
    bool before = c->pmu.accesses;
    pmu_update(c);
    if (c->pmu.accesses != before)
        tlb_retag(c);
}

enum sysreg_outcome read_pmu(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    pmu_sync(c);
    *value = c->sysreg[id];
    return SYSREG_OK;
}

enum sysreg_outcome write_pmu(struct a64_cpu *c, unsigned id, uint64_t value)
{
    pmu_sync(c);
    sysreg_store(c, id, value);
    update(c);
    return SYSREG_OK;
}

/* NSH is RES0 without EL2. */
enum sysreg_outcome write_pmu_type(struct a64_cpu *c, unsigned id, uint64_t value)
{
    return write_pmu(c, id, el2_present(c) ? value : value & ~PMU_TYPE_NSH);
}

/* EL1 and EL0 see as many event counters as they have. */
enum sysreg_outcome read_pmu_control(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    *value = c->sysreg[id];
    if (c->el != 2)
        *value = (*value & ~PMCR_N) | bits_put(PMCR_N, pmu_first_range(c));
    return SYSREG_OK;
}

enum sysreg_outcome write_pmu_control(struct a64_cpu *c, unsigned id, uint64_t value)
{
    pmu_sync(c);
    if (value & PMCR_C)
        c->sysreg[SR_PMCCNTR_EL0] = 0;
    for (unsigned n = 0; n < PMU_EVENT_COUNTERS && (value & PMCR_P); n++)
        if (is_accessible(c, n))
            c->sysreg[SR_PMEVCNTR0_EL0 + n] = 0;
    return write_pmu(c, id, value);
}

enum sysreg_outcome write_pmu_increment(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)id;
    pmu_software_increment(c, value & pmu_accessible(c));
    return SYSREG_OK;
}

/* ---- Sets of counters: the register that sets bits holds them ---- */

static unsigned set_of(unsigned id)
{
    switch (id) {
    case SR_PMCNTENCLR_EL0:
        return SR_PMCNTENSET_EL0;
    case SR_PMINTENCLR_EL1:
        return SR_PMINTENSET_EL1;
    case SR_PMOVSCLR_EL0:
        return SR_PMOVSSET_EL0;
    default:
        return id;
    }
}

enum sysreg_outcome read_pmu_set(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    enum sysreg_outcome outcome = read_pmu(c, set_of(id), value);
    *value &= pmu_accessible(c);
    return outcome;
}

enum sysreg_outcome write_pmu_set(struct a64_cpu *c, unsigned id, uint64_t value)
{
    pmu_sync(c);
    c->sysreg[id] |= value & pmu_accessible(c);
    update(c);
    return SYSREG_OK;
}

enum sysreg_outcome write_pmu_clear(struct a64_cpu *c, unsigned id, uint64_t value)
{
    pmu_sync(c);
    c->sysreg[set_of(id)] &= ~(value & pmu_accessible(c));
    update(c);
    return SYSREG_OK;
}

/* ---- PMXEVTYPER_EL0 and PMXEVCNTR_EL0: the counter that PMSELR_EL0 names; RAZ/WI if there is
 * none, or it is not of that kind ---- */

/* SYSREG_COUNT if it is none. */
static unsigned selected_row(const struct a64_cpu *c, unsigned id)
{
    unsigned n = bits_get(c->sysreg[SR_PMSELR_EL0], PMSELR_SEL);
    bool is_type = id == SR_PMXEVTYPER_EL0;
    if (n < PMU_EVENT_COUNTERS && is_accessible(c, n))
        return (is_type ? SR_PMEVTYPER0_EL0 : SR_PMEVCNTR0_EL0) + n;
    return is_type && n == PMU_CYCLE_COUNTER ? SR_PMCCFILTR_EL0 : SYSREG_COUNT;
}

enum sysreg_outcome read_pmu_selected(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    unsigned row = selected_row(c, id);
    *value = 0;
    return row == SYSREG_COUNT ? SYSREG_OK : read_pmu(c, row, value);
}

enum sysreg_outcome write_pmu_selected(struct a64_cpu *c, unsigned id, uint64_t value)
{
    unsigned row = selected_row(c, id);
    if (row == SYSREG_COUNT)
        return SYSREG_OK;
    return id == SR_PMXEVTYPER_EL0 ? write_pmu_type(c, row, value) : write_pmu(c, row, value);
}

/* ---- MDCR_EL2, which has controls of debug exceptions too ---- */

enum sysreg_outcome write_monitor_control(struct a64_cpu *c, unsigned id, uint64_t value)
{
    pmu_sync(c);
    sysreg_store(c, id, value);
    update(c);
    context_update_debug(c);
    return SYSREG_OK;
}

/* ---- CONTEXTIDR_EL1, whose writes are an event ---- */

enum sysreg_outcome write_context_id(struct a64_cpu *c, unsigned id, uint64_t value)
{
    sysreg_store(c, id, value);
    pmu_count(c, PMU_CID_WRITE);
    return SYSREG_OK;
}
