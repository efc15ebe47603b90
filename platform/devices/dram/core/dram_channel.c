/* SPDX-License-Identifier: Apache-2.0 */
/* A channel chooses bursts one after the other, each early enough that its row can be opened while
 * the data of those before it are still on the bus, and gives their commands times at once. */
#include <stddef.h>

#include "dram_priv.h"

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The commands of a burst. */
struct plan {
    bool hit;
    uint64_t precharge; /* DRAM_NEVER: none */
    uint64_t activate;  /* DRAM_NEVER: none */
    uint64_t column;
};

static struct plan plan_of(const struct dram_channel *ch, const struct dram_config *config,
                           const struct dram_burst *burst, uint64_t now)
{
    const struct dram_bank *bank = &ch->banks[burst->bank];
    const uint64_t bus = burst->write ? ch->write_at : ch->read_at;
    struct plan plan = {.precharge = DRAM_NEVER, .activate = DRAM_NEVER};

    plan.hit = bank->open && bank->row == burst->row;
    plan.column = later(now, bus); /* the row has been opened for an earlier one */
    if (plan.hit)
        return plan;
    plan.activate = later(now, bank->activate);
    if (bank->open) {
        plan.precharge = later(now, bank->precharge);
        plan.activate = later(plan.activate, plan.precharge + config->trp);
    }
    plan.activate = later(plan.activate, later(ch->act_at, ch->faw_at[ch->oldest_act]));
    plan.column = later(bus, plan.activate + config->trcd);
    return plan;
}

/* Whether an older burst that waits is for the same bytes, and one of both writes them. */
static bool must_wait(const struct dram_channel *ch, unsigned index)
{
    const struct dram_burst *burst = &ch->queue[index];

    for (unsigned i = 0; i < index; i++) {
        const struct dram_burst *older = &ch->queue[i];
        if (!older->issued && older->number == burst->number && (older->write || burst->write))
            return true;
    }
    return false;
}

/* The oldest burst that waits. There is one. */
static unsigned oldest(const struct dram_channel *ch)
{
    unsigned i = 0;

    while (ch->queue[i].issued)
        i++;
    return i;
}

/* Row hits go first, then what can have its data earliest, then the oldest; but the oldest has been
 * passed often enough at some time. */
static unsigned choose(struct dram_channel *ch, const struct dram_config *config, uint64_t now)
{
    const unsigned first = oldest(ch);
    unsigned best = first;
    struct plan plan_of_best = plan_of(ch, config, &ch->queue[first], now);

    if (ch->queue[first].passed >= config->passes)
        return first;
    for (unsigned i = first + 1; i < ch->count; i++) {
        if (ch->queue[i].issued)
            continue;
        const struct plan plan = plan_of(ch, config, &ch->queue[i], now);
        const bool better =
            plan.hit != plan_of_best.hit ? plan.hit : plan.column < plan_of_best.column;
        if (better && !must_wait(ch, i)) {
            best = i;
            plan_of_best = plan;
        }
    }
    if (best != first)
        ch->queue[first].passed++;
    return best;
}

static void open_row(struct dram_channel *ch, const struct dram_config *config,
                     const struct dram_burst *burst, uint64_t activate)
{
    struct dram_bank *bank = &ch->banks[burst->bank];

    bank->open = true;
    bank->row = burst->row;
    bank->precharge = activate + config->tras;
    ch->act_at = activate + config->trrd;
    ch->faw_at[ch->oldest_act] = activate + config->tfaw;
    ch->oldest_act = (ch->oldest_act + 1) % DRAM_ACTS;
}

static void close_row(struct dram_bank *bank, const struct dram_config *config)
{
    bank->open = false;
    bank->activate = later(bank->activate, bank->precharge + config->trp);
}

/* Whether a burst that waits is for the row that the bank has open. */
static bool is_wanted(const struct dram_channel *ch, unsigned bank)
{
    for (unsigned i = 0; i < ch->count; i++)
        if (!ch->queue[i].issued && ch->queue[i].bank == bank &&
            ch->queue[i].row == ch->banks[bank].row)
            return true;
    return false;
}

static void count(struct dram_stats *stats, const struct dram_channel *ch,
                  const struct dram_burst *burst, const struct plan *plan)
{
    uint64_t *const row = plan->hit                       ? &stats->row_hits
                          : plan->precharge == DRAM_NEVER ? &stats->row_misses
                                                          : &stats->row_conflicts;

    (*row)++;
    *(burst->write ? &stats->writes : &stats->reads) += 1;
    stats->turnarounds += burst->write != ch->writing ? 1 : 0;
    stats->waiting += burst->end - burst->entered;
}

static void issue(struct dram_channel *ch, const struct dram_config *config,
                  struct dram_burst *burst, uint64_t now, struct dram_stats *stats)
{
    struct dram_bank *bank = &ch->banks[burst->bank];
    const struct plan plan = plan_of(ch, config, burst, now);
    const uint64_t column = plan.column;

    burst->issued = true;
    burst->end = column + (burst->write ? config->tcwl : config->tcl) + config->tburst;
    count(stats, ch, burst, &plan);
    ch->writing = burst->write;
    if (!plan.hit)
        open_row(ch, config, burst, plan.activate);
    bank->precharge =
        later(bank->precharge, burst->write ? burst->end + config->twr : column + config->trtp);
    ch->read_at = burst->write ? burst->end + config->twtr : column + config->tccd;
    ch->write_at = column + (burst->write ? config->tccd : config->tburst + config->trtw);
    if (config->policy == DRAM_CLOSED && !is_wanted(ch, burst->bank))
        close_row(bank, config);
    if (burst->txn != NULL) {
        burst->txn->left--;
        burst->txn->due = later(burst->txn->due, burst->end);
    }
    const uint64_t next = earlier(ch->read_at, ch->write_at);
    const uint64_t ahead = config->trp + config->trcd;
    ch->decide_at = next > ahead ? next - ahead : 0;
}

/* A refresh of all banks, after what was issued before it was due. Those that came while nobody
 * wanted anything are over, and have closed all rows. */
static void refresh(struct dram_channel *ch, const struct dram_config *config, uint64_t now,
                    struct dram_stats *stats)
{
    const uint64_t over = (now - ch->refresh_at) / config->trefi;
    const uint64_t due = ch->refresh_at + over * config->trefi;
    uint64_t start = due;

    for (unsigned i = 0; i < config->banks; i++) {
        struct dram_bank *bank = &ch->banks[i];
        if (bank->open && over == 0)
            bank->precharge = later(bank->precharge, due);
        if (bank->open)
            close_row(bank, config);
        start = later(start, bank->activate);
    }
    for (unsigned i = 0; i < config->banks; i++)
        ch->banks[i].activate = start + config->trfc;
    ch->refresh_at = due + config->trefi;
    stats->refreshes++;
}

void dram_channel_schedule(struct dram_channel *ch, const struct dram_config *config, uint64_t now,
                           struct dram_stats *stats)
{
    while (dram_channel_due(ch) <= now) {
        if (config->trefi != 0 && ch->refresh_at <= now)
            refresh(ch, config, now, stats);
        issue(ch, config, &ch->queue[choose(ch, config, now)], now, stats);
    }
}

void dram_channel_retire(struct dram_channel *ch, uint64_t now)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < ch->count; i++)
        if (!ch->queue[i].issued || ch->queue[i].end > now)
            ch->queue[kept++] = ch->queue[i];
    ch->count = kept;
}

uint64_t dram_channel_due(const struct dram_channel *ch)
{
    for (unsigned i = 0; i < ch->count; i++)
        if (!ch->queue[i].issued)
            return ch->decide_at;
    return DRAM_NEVER;
}

uint64_t dram_channel_room(const struct dram_channel *ch)
{
    uint64_t room = DRAM_NEVER;

    for (unsigned i = 0; i < ch->count; i++)
        if (ch->queue[i].issued)
            room = earlier(room, ch->queue[i].end);
    return room;
}
