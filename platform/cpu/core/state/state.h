/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a PE, private to the CPU library. */
#ifndef A64_STATE_H
#define A64_STATE_H

#include "a64/cpu.h"
#include "fp.h"
#include "state/op.h"
#include "state/state_code.h"
#include "state/state_debug.h"
#include "state/state_pmu.h"
#include "state/state_tlb.h"
#include "state/sysreg_id.h"

#define A64_LIKELY(x)   __builtin_expect(!!(x), 1)
#define A64_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Reasons to leave the fast path at the next instruction boundary (a64_cpu.attention). */
enum {
    ATTN_STOP = 1,
    ATTN_INTERRUPT = 2,
    ATTN_ILLEGAL = 4,
    ATTN_SNOOP = 8,
    ATTN_TRACE = 16,
    ATTN_STEP = 32,
    ATTN_COUNTERS = 64,
    ATTN_BRANCHES = 128, /* they are counted, so that blocks end at them */
    ATTN_MODES = ATTN_TRACE | ATTN_STEP | ATTN_BRANCHES, /* how to go on, if nothing else is due */
};

/* PSTATE.{D,A,I,F}, in SPSR order shifted down by 6. */
enum { DAIF_F = 1, DAIF_I = 2, DAIF_A = 4, DAIF_D = 8 };

enum { MAX_DMI = 8 };

/* A SIMD and floating-point register; lane 0 is the least significant. */
union a64_vreg {
    uint8_t b[16];
    uint16_t h[8];
    uint32_t s[4];
    uint64_t d[2];
};

/* The mark of the last load-exclusive, see monitor.h. */
struct a64_monitor {
    bool set; /* in the Exclusive Access state */
    unsigned size;
    uint64_t pa;
};

/* Broadcasts that came in the middle of an instruction, which goes on with what it has translated
 * and fetched: they wait for its end. */
struct a64_snoops {
    struct a64_dvm waiting[8];
    unsigned count;
    bool all; /* more came than there was room for: everything has to go */
};

struct a64_decoder;
struct a64_translator;

struct a64_cpu { /* NOLINT(clang-analyzer-optin.performance.Padding): grouped by use */
    /* Touched by every instruction. */
    uint64_t x[REG_SLOTS];
    uint32_t nzcv;      /* N is bit 3, V is bit 0 */
    uint32_t attention; /* ATTN_* */
    uint64_t pc;        /* while a block runs: the address of its first instruction */

    /* Touched by every memory access. */
    const struct a64_tlb_entry *tlb; /* those of the current exception level */
    uint64_t tlb_context;            /* tag bits of the current regime, ASID and VMID */
    uint8_t el;
    uint64_t align;       /* address bits checked for natural alignment: all or none */
    uint8_t sp_align;     /* 15 if the stack pointer must be aligned, else 0 */
    uint8_t ignored_tags; /* see mmu_ignored_tags() */

    /* Touched by every SIMD and floating-point instruction. */
    bool fp_trapped; /* CPACR_EL1 or CPTR_EL2 traps them at the current exception level */
    struct fp_env fp;
    union a64_vreg v[32];

    /* The run in progress. */
    const struct a64_op *op; /* the instruction in its slow path, or the last one that was */
    uint64_t budget;
    uint64_t held;      /* budget held back: a counter overflows before it is used */
    uint64_t remaining; /* what is left of the rest before the current block */
    bool in_block;      /* a block is in progress: at `op`, as far as slow paths need to know */
    bool ran_through;   /* a block has been left at its end, by no branch */
    bool waiting;       /* WFI or WFE ended the run */
    bool running;       /* inside a64_run() */
    enum a64_stop stop;
    uint64_t jump_context;     /* the one of the two that code has which runs here */
    uint64_t jump_contexts[2]; /* of jumps to pages of the ASID, and to global ones */

    /* PSTATE but for NZCV and EL. */
    uint8_t daif;
    bool spsel;
    bool illegal;
    uint64_t sp_bank[4]; /* stack pointers that are not current */

    bool line[A64_LINES]; /* enum a64_line */
    bool event;           /* event register */
    struct a64_monitor monitor;
    struct a64_snoops snoops;
    bool incomplete; /* a broadcast was sent since the last DSB */
    struct a64_breakpoints breakpoints;
    struct a64_selfhosted selfhosted;
    uint64_t sysreg[SYSREG_COUNT];
    bool timer_level[A64_TIMERS];

    struct a64_jump jump[JUMP_ENTRIES];
    struct a64_jump_pages jump_pages;
    struct a64_tlb tlbs;
    struct a64_blocks blocks;
    struct a64_stats stats;
    struct a64_dmi dmi[MAX_DMI];
    unsigned dmi_count;
    unsigned dmi_victim;

    struct a64_decoder *decoder;
    struct a64_translator *translator; /* NULL: none */
    struct a64_repeat repeat;
    struct a64_tracer tracer;
    struct a64_traced traced;
    struct a64_watchpoints watchpoints;
    struct a64_pmu pmu;
    struct a64_config config;
    struct a64_ops ops;
    void *user;
};

/* Ends the current block after instruction `o`: the next one is at `pc`. */
static inline void cpu_leave(struct a64_cpu *c, const struct a64_op *o, uint64_t pc)
{
    c->remaining -= o->index + 1u;
    c->in_block = false;
    c->pc = pc;
}

/* Where the jump table has `pc`, if it does. */
static inline struct a64_jump *jump_entry(struct a64_cpu *c, uint64_t pc)
{
    return &c->jump[(pc >> 2) % JUMP_ENTRIES];
}

static inline uint64_t op_pc(const struct a64_cpu *c, const struct a64_op *o)
{
    return c->pc + 4u * o->index;
}

/* Instructions of the run in progress that are done. */
static inline uint64_t cpu_progress(const struct a64_cpu *c)
{
    uint64_t done = c->budget - c->held - c->remaining;
    return c->in_block ? done + c->op->index : done;
}

/* The run ends after the current instruction. */
static inline void cpu_request_stop(struct a64_cpu *c)
{
    c->attention |= ATTN_STOP;
}

#endif
