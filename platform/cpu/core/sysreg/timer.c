/* SPDX-License-Identifier: Apache-2.0 */
/* The EL1 physical and virtual timers, the EL2 physical timer, and the counters they compare with
 * (DDI 0487 D12.2). */
#include "sysreg/timer.h"

#include "state/sysreg_fields.h"
#include "sysreg/sysreg.h"
#include "sysreg/sysreg_hooks.h"

static const struct {
    uint16_t ctl, cval, tval;
} timers[A64_TIMERS] = {
    [A64_TIMER_PHYS] = {SR_CNTP_CTL_EL0, SR_CNTP_CVAL_EL0, SR_CNTP_TVAL_EL0},
    [A64_TIMER_VIRT] = {SR_CNTV_CTL_EL0, SR_CNTV_CVAL_EL0, SR_CNTV_TVAL_EL0},
    [A64_TIMER_HYP] = {SR_CNTHP_CTL_EL2, SR_CNTHP_CVAL_EL2, SR_CNTHP_TVAL_EL2},
};

static uint64_t timer_count(const struct a64_cpu *c)
{
    return c->ops.counter ? c->ops.counter(c->user) : 0;
}

/* How far the counter of a timer is behind the physical one. */
static uint64_t offset(const struct a64_cpu *c, unsigned which)
{
    return which == A64_TIMER_VIRT ? c->sysreg[SR_CNTVOFF_EL2] : 0;
}

static bool is_enabled(const struct a64_cpu *c, unsigned which)
{
    return c->sysreg[timers[which].ctl] & CNT_CTL_ENABLE;
}

static bool condition_met(const struct a64_cpu *c, unsigned which, uint64_t now)
{
    return is_enabled(c, which) && now - offset(c, which) >= c->sysreg[timers[which].cval];
}

static void drive(struct a64_cpu *c, unsigned which, bool level)
{
    if (level == c->timer_level[which])
        return;
    c->timer_level[which] = level;
    if (c->ops.timer)
        c->ops.timer(c->user, which, level);
}

void timer_reset(struct a64_cpu *c)
{
    for (unsigned which = 0; which < A64_TIMERS; which++)
        drive(c, which, false);
}

void a64_timer_update(a64_cpu *c)
{
    uint64_t now = timer_count(c);
    for (unsigned which = 0; which < A64_TIMERS; which++) {
        bool masked = c->sysreg[timers[which].ctl] & CNT_CTL_IMASK;
        drive(c, which, condition_met(c, which, now) && !masked);
    }
}

/* When the counter of a timer reaches `cval`, in terms of the physical one. */
static uint64_t due(const struct a64_cpu *c, unsigned which)
{
    uint64_t cval = c->sysreg[timers[which].cval], behind = offset(c, which);
    if (behind == 0)
        return cval;
    uint64_t now = timer_count(c), seen = now - behind;
    if (seen >= cval)
        return now;
    return cval - seen > UINT64_MAX - now ? UINT64_MAX : now + (cval - seen);
}

uint64_t a64_timer_deadline(const a64_cpu *c)
{
    uint64_t deadline = UINT64_MAX;
    for (unsigned which = 0; which < A64_TIMERS; which++) {
        bool masked = c->sysreg[timers[which].ctl] & CNT_CTL_IMASK;
        if (!is_enabled(c, which) || masked || c->timer_level[which])
            continue;
        uint64_t rises = due(c, which);
        if (rises < deadline)
            deadline = rises;
    }
    return deadline;
}

/* ---- Register hooks ---- */

static enum sysreg_outcome el0_needs(const struct a64_cpu *c, uint64_t any_of)
{
    bool allowed = c->el != 0 || (c->sysreg[SR_CNTKCTL_EL1] & any_of);
    return allowed ? SYSREG_OK : SYSREG_TRAP;
}

enum sysreg_outcome guard_counter_freq(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return el0_needs(c, CNTKCTL_EL0PCTEN | CNTKCTL_EL0VCTEN);
}

enum sysreg_outcome guard_counter_phys(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return el0_needs(c, CNTKCTL_EL0PCTEN);
}

enum sysreg_outcome guard_counter_virt(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return el0_needs(c, CNTKCTL_EL0VCTEN);
}

enum sysreg_outcome guard_timer_phys(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return el0_needs(c, CNTKCTL_EL0PTEN);
}

enum sysreg_outcome guard_timer_virt(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return el0_needs(c, CNTKCTL_EL0VTEN);
}

/* The timer that a CTL or TVAL register is of. */
static unsigned which_timer(unsigned id)
{
    unsigned which = 0;
    while (timers[which].ctl != id && timers[which].tval != id)
        which++;
    return which;
}

enum sysreg_outcome read_counter(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    *value = timer_count(c) - (id == SR_CNTVCT_EL0 ? offset(c, A64_TIMER_VIRT) : 0);
    return SYSREG_OK;
}

enum sysreg_outcome read_timer_ctl(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    bool met = condition_met(c, which_timer(id), timer_count(c));
    *value = c->sysreg[id] | (met ? CNT_CTL_ISTATUS : 0);
    return SYSREG_OK;
}

/* The next deadline may have moved: the run ends so that its owner can look. */
enum sysreg_outcome write_timer(struct a64_cpu *c, unsigned id, uint64_t value)
{
    sysreg_store(c, id, value);
    a64_timer_update(c);
    if (c->ops.timer && c->in_block)
        cpu_request_stop(c);
    return SYSREG_OK;
}

bool raw_write_timer(struct a64_cpu *c, unsigned id, uint64_t value)
{
    write_timer(c, id, value);
    return true;
}

/* TVAL is a signed 32-bit view of CVAL relative to the counter (D12.2.4.3). */
enum sysreg_outcome read_timer_tval(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    unsigned which = which_timer(id);
    *value = (uint32_t)(c->sysreg[timers[which].cval] - (timer_count(c) - offset(c, which)));
    return SYSREG_OK;
}

enum sysreg_outcome write_timer_tval(struct a64_cpu *c, unsigned id, uint64_t value)
{
    unsigned which = which_timer(id);
    uint64_t ticks = (uint64_t)(int32_t)value;
    return write_timer(c, timers[which].cval, timer_count(c) - offset(c, which) + ticks);
}
