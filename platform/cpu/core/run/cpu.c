/* SPDX-License-Identifier: Apache-2.0 */
/* A PE's life cycle, derived state, and the loop that runs blocks. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/selfhosted.h"
#include "debug/watch.h"
#include "decode/cpu_decode.h"
#include "decode/cpu_fetch.h"
#include "exception/context.h"
#include "exception/cpu_dvm.h"
#include "exception/exception.h"
#include "exception/interrupt.h"
#include "mmu/block.h"
#include "mmu/cpu_tlb.h"
#include "mmu/jump.h"
#include "mmu/mmu.h"
#include "mmu/monitor.h"
#include "mmu/phys.h"
#include "pmu/pmu.h"
#include "run/cpu_trace.h"
#include "run/debugger.h"
#include "sysreg/sysreg.h"
#include "sysreg/timer.h"
#include "translate/translator.h"

/* ---- Life cycle ---- */

static bool check_config(const struct a64_config *config, char *err, size_t err_size)
{
    static const char sizes[] = {32, 36, 40, 42, 44, 48};
    if (!memchr(sizes, config->pa_bits, sizeof sizes)) {
        snprintf(err, err_size, "pa_bits: %u is not one of 32, 36, 40, 42, 44, 48",
                 config->pa_bits);
        return false;
    }
    if (config->reset_el != 1 && config->reset_el != 2) {
        snprintf(err, err_size, "reset_el: %u is neither 1 nor 2", config->reset_el);
        return false;
    }
    if (config->reset_pc & 3) {
        snprintf(err, err_size, "reset_pc: 0x%llx is not a multiple of 4",
                 (unsigned long long)config->reset_pc);
        return false;
    }
    if (config->mpidr & ~UINT64_C(0xff40ffffff)) {
        snprintf(err, err_size, "mpidr: 0x%llx has bits that are not affinity",
                 (unsigned long long)config->mpidr);
        return false;
    }
    return true;
}

a64_cpu *a64_create(const struct a64_config *config, const struct a64_ops *ops, void *user,
                    char *err, size_t err_size)
{
    assert(config && ops && ops->read && ops->write);
    if (!check_config(config, err, err_size))
        return NULL;
    struct a64_cpu *c = calloc(1, sizeof *c);
    struct a64_decoder *decoder = calloc(1, sizeof *decoder);
    if (!c || !decoder) {
        snprintf(err, err_size, "out of memory");
        free(c);
        free(decoder);
        return NULL;
    }
    c->decoder = decoder;
    c->config = *config;
    c->ops = *ops;
    c->user = user;
    c->translator = translator_create(config->translate_after);
    a64_decoder_init(c->decoder);
    a64_reset(c);
    return c;
}

void a64_destroy(a64_cpu *c)
{
    if (!c)
        return;
    breakpoints_free(&c->breakpoints);
    watchpoints_free(&c->watchpoints);
    translator_destroy(c->translator);
    free(c->decoder);
    free(c);
}

void a64_reset(a64_cpu *c)
{
    memset(c->x, 0, sizeof c->x);
    memset(c->v, 0, sizeof c->v);
    c->fp = (struct fp_env){0, 0};
    memset(c->sp_bank, 0, sizeof c->sp_bank);
    monitor_clear(c);
    c->nzcv = 0;
    c->daif = DAIF_D | DAIF_A | DAIF_I | DAIF_F;
    c->illegal = false;
    c->event = false;
    c->waiting = false;
    c->el = c->config.reset_el;
    c->spsel = true;
    c->pc = c->config.reset_pc;
    sysreg_reset(c);
    step_abandon(c);
    block_flush(c);
    tlb_flush(c);
    context_update(c);
    context_update_debug(c);
    pmu_update(c);
    timer_reset(c);
}

/* ---- Running ---- */

/* Finds the code at c->pc. NULL if a breakpoint ends the run, if fetching it, which may reach the
 * world outside, has called for attention, or if that took an exception, which costs one
 * instruction: an exception vector that cannot be fetched must not keep the run from ending. */
static const struct a64_block *fetch(struct a64_cpu *c)
{
    uint64_t pc = c->pc;
    struct a64_fault fault;
    c->in_block = false;
    if (pc & 3) {
        c->remaining--;
        exception_pc_align(c, pc);
        return NULL;
    }
    const struct a64_tlb_entry *e =
        mmu_translate(c, &(struct a64_request){pc, c->el, ACCESS_EXEC, false}, &fault);
    const struct a64_block *block = NULL;
    if (e) {
        fault.fsc = FSC_EXTERNAL;
        block = fetch_block(c, e->t.pa | (pc & ~TLB_PAGE_MASK));
    }
    if (!block) {
        c->remaining--;
        exception_insn_abort(c, pc, &fault);
        return NULL;
    }
    if (A64_UNLIKELY(breakpoint_in(c, pc, block->insns)))
        block = breakpoint_cut(c, block);
    else
        jump_enter(c, e, block);
    return c->attention & ~(uint32_t)ATTN_MODES ? NULL : block;
}

/* The same, found without a fetch if the PE has been there before. */
static const struct a64_block *find(struct a64_cpu *c)
{
    const struct a64_jump *j = jump_here(c);
    return j ? &c->blocks.pool[j->number] : fetch(c);
}

static inline void run_block(struct a64_cpu *c, const struct a64_block *block)
{
    if (A64_UNLIKELY(block->insns > c->remaining))
        block = fetch_head(c, block, (uint32_t)c->remaining);
    c->in_block = true;
    block->entry->exec(c, block->entry);
}

/* Runs the block at c->pc: what the jump table has of it is enough, if the budget is. */
static inline void run_next(struct a64_cpu *c)
{
    const struct a64_jump *j = jump_here(c);
    if (A64_LIKELY(j && j->insns <= c->remaining)) {
        c->in_block = true;
        j->entry->exec(c, j->entry);
        return;
    }
    const struct a64_block *block = j ? &c->blocks.pool[j->number] : fetch(c);
    if (block)
        run_block(c, block);
}

/* Runs `block` and nothing after it: the rest of the budget is out of reach for it, though it may
 * be used up all the same (repeat.h). */
static void run_alone(struct a64_cpu *c, const struct a64_block *block)
{
    uint64_t rest = c->remaining > block->insns ? c->remaining - block->insns : 0;
    c->held += rest;
    c->remaining -= rest;
    c->ran_through = false;
    run_block(c, block);
    if (rest > c->held)
        rest = c->held;
    c->held -= rest;
    c->remaining += rest;
}

/* Where the performance monitors count branches: `block` has none before its last instruction. */
static void run_to_branch(struct a64_cpu *c, const struct a64_block *block)
{
    uint64_t before = c->remaining, insns = block->insns;
    uint32_t is = block->ops[insns - 1].is;
    c->attention &= ~(uint32_t)ATTN_BRANCHES; /* which ends blocks at accesses */
    run_alone(c, block);
    if (!c->pmu.branches)
        return;
    c->attention |= ATTN_BRANCHES;
    if (!(is & ROW_IS_BRANCH) || before - c->remaining != insns)
        return;
    pmu_count(c, PMU_BR_RETIRED);
    if (!(is & ROW_IS_ENDS_BLOCK) && c->ran_through)
        pmu_count(c, PMU_BR_NOT_TAKEN);
}

static void run_counted(struct a64_cpu *c)
{
    const struct a64_block *block = find(c);
    uint32_t insns = 1;
    if (!block)
        return;
    while (insns < block->insns && !(block->ops[insns - 1].is & ROW_IS_BRANCH))
        insns++;
    run_to_branch(c, fetch_head(c, block, insns));
}

/* The next instruction of the block in progress, or of another: blocks begin and end where they do
 * if nobody traces, so that the same is fetched and decoded. Accesses end a block for what wants
 * attention, but not for the tracer; where one takes the tracer away, the block goes on to its
 * end. */
static void run_traced_insn(struct a64_cpu *c)
{
    struct a64_traced *t = &c->traced;
    if (!t->block) {
        *t = (struct a64_traced){find(c), 0};
        if (!t->block)
            return;
    }
    const struct a64_block *insn = fetch_insn(c, t->block, t->next++);
    trace_insn(c, &insn->ops[0]);
    c->attention &= ~(uint32_t)ATTN_TRACE;
    run_to_branch(c, insn);
    if (!c->ran_through || t->next == t->block->insns)
        t->block = NULL;
    if (t->block || c->tracer.insn)
        c->attention |= ATTN_TRACE;
}

static void run_step(struct a64_cpu *c)
{
    const struct a64_block *block = find(c);
    if (!block)
        return;
    step_begin(c, block->ops[0].is & ROW_IS_LOAD_EXCLUSIVE);
    if (c->attention & ATTN_TRACE)
        trace_insn(c, &block->ops[0]);
    run_to_branch(c, fetch_head(c, block, 1));
    step_end(c);
}

/* The budget, in parts: none goes beyond an instruction after which a counter may interrupt. */
static bool next_part(struct a64_cpu *c)
{
    c->in_block = false;
    c->traced.block = NULL;
    uint64_t part = pmu_headroom(c);
    c->remaining = part < c->held ? part : c->held;
    c->held -= c->remaining;
    return c->remaining;
}

/* Ends the part in progress: the next may be of another size. */
static void hold_back(struct a64_cpu *c)
{
    c->attention &= ~(uint32_t)ATTN_COUNTERS;
    c->held += c->remaining;
    c->remaining = 0;
}

/* Between blocks: what other PEs broadcast, a stop asked for, an interrupt, the end of a step, or
 * illegal state (D1.4.5.6 gives the order of the last two); if there is nothing of that, the next
 * instruction is to be stepped, or a tracer wants to see it and then the others of its block, or
 * the block is run to its first branch, because these are counted. Returns false if the run ends.
 */
static bool attend(struct a64_cpu *c)
{
    c->in_block = false;
    if (c->traced.block) {
        run_traced_insn(c);
        return true;
    }
    if (c->attention & ATTN_SNOOP) {
        dvm_drain(c);
        return true;
    }
    if (c->attention & ATTN_COUNTERS) {
        hold_back(c);
        return true;
    }
    if (c->attention & ATTN_STOP)
        return false;
    if (c->attention & ATTN_INTERRUPT) {
        exception_interrupt(c, interrupt_next(c));
    } else if (c->attention & ATTN_STEP && !c->selfhosted.ss) {
        c->remaining--;
        exception_debug(c, c->pc, EC_SOFTWARE_STEP, step_syndrome(c));
    } else if (c->attention & ATTN_ILLEGAL) {
        c->remaining--;
        exception_sync(c, c->pc, EC_ILLEGAL_STATE, 0);
    } else if (c->attention & ATTN_STEP) {
        run_step(c);
    } else if (c->attention & ATTN_TRACE) {
        run_traced_insn(c);
    } else {
        run_counted(c);
    }
    return true;
}

/* A wait goes on until there is a reason to wake up. */
static bool still_waiting(struct a64_cpu *c)
{
    if (!c->waiting)
        return false;
    bool woken = interrupt_wakes(c);
    if (c->stop == A64_STOP_WFE && c->event) {
        c->event = false;
        woken = true;
    }
    c->waiting = !woken;
    return !woken;
}

/* Does WFI or WFE end the run? Not if it makes a counter overflow, which interrupts. */
static inline bool falls_asleep(struct a64_cpu *c)
{
    if (A64_LIKELY(!c->waiting))
        return false;
    c->in_block = false;
    if (c->pmu.counting)
        pmu_sync(c);
    if (still_waiting(c))
        return true;
    c->stop = A64_STOP_BUDGET;
    return false;
}

enum a64_stop a64_run(a64_cpu *c, uint64_t budget, uint64_t *executed)
{
    c->budget = c->held = budget;
    c->remaining = 0;
    c->attention &= ~(uint32_t)ATTN_STOP;
    *executed = 0;
    if (still_waiting(c))
        return c->stop;
    c->stop = A64_STOP_BUDGET;
    c->running = true;
    while (!falls_asleep(c) && (c->remaining || next_part(c))) {
        if (A64_UNLIKELY(c->attention)) {
            if (!attend(c))
                break;
            continue;
        }
        run_next(c);
    }
    c->in_block = false;
    if (c->pmu.counting)
        pmu_sync(c);
    c->running = false;
    dvm_drain(c);
    if (c->stop == A64_STOP_BUDGET && (c->attention & ATTN_STOP))
        c->stop = A64_STOP_YIELD;
    *executed = a64_run_progress(c);
    c->stats.instructions += *executed;
    return c->stop;
}

void a64_request_stop(a64_cpu *c)
{
    cpu_request_stop(c);
}

uint64_t a64_run_progress(const a64_cpu *c)
{
    return cpu_progress(c);
}

void a64_set_line(a64_cpu *c, enum a64_line line, bool level)
{
    c->line[line] = level;
    context_update_attention(c);
}

void a64_send_event(a64_cpu *c)
{
    c->event = true;
}

void a64_wait_for_interrupt(a64_cpu *c)
{
    if (interrupt_wakes(c))
        return;
    c->waiting = true;
    c->stop = A64_STOP_WFI;
}

void a64_dmi_invalidate(a64_cpu *c, uint64_t first, uint64_t last)
{
    phys_withdraw(c, first, last);
    tlb_invalidate_pa(c, first, last);
    block_invalidate(c, first, last);
}

void a64_code_invalidate(a64_cpu *c, uint64_t first, uint64_t last)
{
    block_invalidate(c, first, last);
}

/* ---- State for loaders, debuggers and tests ---- */

uint64_t a64_get_x(const a64_cpu *c, unsigned n)
{
    assert(n <= REG_SP);
    return c->x[n];
}

void a64_set_x(a64_cpu *c, unsigned n, uint64_t value)
{
    assert(n <= REG_SP);
    c->x[n] = value;
}

void a64_get_v(const a64_cpu *c, unsigned n, uint64_t value[2])
{
    assert(n < 32);
    memcpy(value, &c->v[n], sizeof c->v[n]);
}

void a64_set_v(a64_cpu *c, unsigned n, const uint64_t value[2])
{
    assert(n < 32);
    memcpy(&c->v[n], value, sizeof c->v[n]);
}

uint64_t a64_get_pc(const a64_cpu *c)
{
    return c->in_block ? op_pc(c, c->op) : c->pc;
}

void a64_set_pc(a64_cpu *c, uint64_t pc)
{
    c->pc = pc;
    c->waiting = false;
}

uint32_t a64_get_pstate(const a64_cpu *c)
{
    return (uint32_t)pstate_get(c);
}

void a64_set_pstate(a64_cpu *c, uint32_t pstate)
{
    pstate_set(c, pstate);
}

const struct a64_stats *a64_get_stats(const a64_cpu *c)
{
    return &c->stats;
}
