/* SPDX-License-Identifier: Apache-2.0 */
/* An AArch64 processing element as a C library: registers, a bus, and a run loop. */
#ifndef A64_CPU_H
#define A64_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One PE. Instances share nothing but constant tables. */
typedef struct a64_cpu a64_cpu;

/* How a bus access ends; anything but OK becomes a synchronous external abort. */
enum a64_bus_status { A64_BUS_OK, A64_BUS_ABORT };

/* Host memory that stands for a range of physical addresses. */
struct a64_dmi {
    uint8_t *host;  /* where `first` is */
    uint64_t first; /* physical addresses of the first and the last byte */
    uint64_t last;
    bool writable;
};

/* A call made with HVC or SMC: x[0] to x[7] in, x[0] to x[3] out (SMC Calling Convention). */
enum a64_conduit { A64_HVC, A64_SMC };

/* Maintenance of TLBs and instruction caches that a PE does for a whole shareability domain. TLBI
 * operations are named by their <type> (DDI 0487 D8.17.5). */
enum a64_dvm_op {
    A64_DVM_ALL,      /* TLBI ALLE1, ALLE2: all of the regime */
    A64_DVM_VMALLS12, /* TLBI VMALLS12E1: both stages of a VMID */
    A64_DVM_VMALL,    /* TLBI VMALLE1: all of stage 1, of a VMID */
    A64_DVM_ASID,     /* TLBI ASIDE1: an ASID, global entries excepted */
    A64_DVM_VA,       /* TLBI VAE1, VALE1, VAE2, VALE2: an address, of this ASID or global */
    A64_DVM_VAA,      /* TLBI VAAE1, VAALE1: an address, of any ASID */
    A64_DVM_IPA,      /* TLBI IPAS2E1, IPAS2LE1: stage 2 of an address */
    A64_DVM_IC_ALL,   /* IC IALLU: all instructions */
    A64_DVM_IC_LINE,  /* IC IVAU: those of a cache line */
};

/* The translation regime of a TLBI. */
enum a64_regime { A64_REGIME_EL10, A64_REGIME_EL2 };

/* One such operation. Parameters that `op` does not have are 0. */
struct a64_dvm {
    enum a64_dvm_op op;
    bool outer;    /* of the Outer Shareable domain, not only of the Inner Shareable one */
    bool leaf;     /* only last-level entries need go */
    uint16_t asid; /* zero-extended if the PE that asks uses 8-bit ASIDs */
    uint16_t vmid; /* of the EL1&0 regime; 0 if there is no EL2 */
    uint64_t addr; /* TLBI: VA, sign-extended, or IPA; page-aligned. IC: physical, any byte of the
                      line */
    enum a64_regime regime; /* of a TLBI */
};

/* The timers: CNTP_*, CNTV_* and, with EL2, CNTHP_*. */
enum a64_timer { A64_TIMER_PHYS, A64_TIMER_VIRT, A64_TIMER_HYP, A64_TIMERS };

struct a64_exception; /* below */

/* The world around a PE. A pointer marked optional may be NULL. */
struct a64_ops {
    /* Access device memory, or RAM that has no host pointer: size 1, 2, 4, 8 or 16 bytes, naturally
     * aligned, little-endian as in memory. May block; the PE's state is consistent meanwhile. */
    enum a64_bus_status (*read)(void *user, uint64_t pa, void *data, unsigned size);
    enum a64_bus_status (*write)(void *user, uint64_t pa, const void *data, unsigned size);

    /* Host memory around `pa`. Returns false if there is none; else fills `dmi`, which stays valid
     * until a64_dmi_invalidate(). Optional. */
    bool (*dmi)(void *user, uint64_t pa, struct a64_dmi *dmi);

    /* Reads memory for a64_debug_translate(), where there is no host pointer: no side effects, no
     * time. Returns false if that cannot be done. Optional. */
    bool (*peek)(void *user, uint64_t pa, void *data, unsigned size);

    /* A broadcast operation, done on this PE already: hand it to a64_snoop() of the others, and to
     * whatever else has caches of that kind. Optional. */
    void (*broadcast)(void *user, const struct a64_dvm *dvm);

    /* A DSB after broadcasts of this PE: wait until what others began by the entries that had to go
     * is over. May block, as read may. Optional for a world where that is so at once. */
    void (*dsb)(void *user);

    /* SEV: call a64_send_event() of the other PEs. Optional. */
    void (*send_event)(void *user);

    /* HVC or SMC with immediate 0 that no exception level of the model takes: HVC goes to EL2 if
     * there is one. Returns false if no one answers: the instruction is then UNDEFINED. Optional.
     */
    bool (*conduit)(void *user, enum a64_conduit conduit, uint64_t x[8]);

    /* GIC CPU interface system registers (ICC_*_EL1, ICH_*_EL2). `reg` is
     * A64_SYSREG(op0,op1,crn,crm,op2), plus A64_GIC_VIRTUAL if the access is to the virtual CPU
     * interface: ICV_*_EL1. Returns false if there is no such register: UNDEFINED. Optional. */
    bool (*gic_read)(void *user, uint32_t reg, uint64_t *value);
    bool (*gic_write)(void *user, uint32_t reg, uint64_t value);

    /* System counter (CNTPCT) now, in ticks of a64_config.cntfrq. Optional: the counter reads 0. */
    uint64_t (*counter)(void *user);

    /* Cycles of the PE's clock since some fixed point: one more with each instruction executed, and
     * those that pass while it waits for the bus; none in WFI and WFE. Optional: an instruction is
     * a cycle. */
    uint64_t (*cycles)(void *user);

    /* Overflow interrupt of the performance monitors. Optional. */
    void (*pmu)(void *user, bool level);

    /* The PE has crashed: the instruction at the vector of `exception` takes the same one again,
     * and did so before. Returns whether the rest of the run may be counted as executed without
     * being so: whether no access to the bus has taken time, or let others run, since the last
     * call. It is called at least once in each run in which that goes on. Optional: all is
     * executed. */
    bool (*repeats)(void *user, const struct a64_exception *exception);

    /* Output of a generic timer. If present, a write to a timer register also ends the run like
     * a64_request_stop(), so that its caller can look at a64_timer_deadline() again. Optional. */
    void (*timer)(void *user, enum a64_timer timer, bool level);
};

#define A64_SYSREG(op0, op1, crn, crm, op2)                                                        \
    ((uint32_t)(op0) << 14 | (uint32_t)(op1) << 11 | (uint32_t)(crn) << 7 | (uint32_t)(crm) << 3 | \
     (uint32_t)(op2))
#define A64_GIC_VIRTUAL (UINT32_C(1) << 16)

struct a64_config {
    uint64_t mpidr;    /* affinity as MPIDR_EL1 shows it; bit 31 is set by the PE */
    uint64_t reset_pc; /* physical address of the first instruction */
    uint32_t cntfrq;   /* system counter ticks per second */
    uint8_t pa_bits;   /* 32, 36, 40, 42, 44 or 48: ID_AA64MMFR0_EL1.PARange */
    uint8_t reset_el;  /* exception level out of reset, the highest there is: 1 or 2 */
    /* How often code runs before it is translated for the host; 0: never. Nothing else depends on
     * it than how long a run takes. */
    uint32_t translate_after;
};

/* What is best for most programs. */
enum { A64_TRANSLATE_AFTER = 800 };

/* The caches that a PE says it has, numbered as CSSELR_EL1 selects them. */
enum { A64_CACHE_L1_DATA, A64_CACHE_L1_INSTRUCTION, A64_CACHE_L2 };

/* What CCSIDR_EL1 says of the cache `selected`; 0 if there is none. */
uint32_t a64_cache_id(unsigned selected);

/* Build a PE in reset, at `reset_pc`, with MMU and caches off and interrupts masked. Returns NULL
 * and one line in `err` (at most `err_size` bytes) if the configuration is bad. */
a64_cpu *a64_create(const struct a64_config *config, const struct a64_ops *ops, void *user,
                    char *err, size_t err_size);
void a64_destroy(a64_cpu *cpu); /* NULL is fine */
void a64_reset(a64_cpu *cpu);

/* Why a64_run() came back. */
enum a64_stop {
    A64_STOP_BUDGET,     /* the instructions asked for are done */
    A64_STOP_WFI,        /* waiting for an interrupt; call again when a line rises */
    A64_STOP_WFE,        /* waiting for an event or interrupt */
    A64_STOP_YIELD,      /* a64_request_stop() was called */
    A64_STOP_BREAKPOINT, /* the next instruction has a breakpoint; it has not been executed */
    A64_STOP_WATCHPOINT, /* the next instruction would access what is watched; it has not done so */
};

/* Execute at most `budget` instructions. `*executed` (never NULL) counts them: one that raises an
 * exception, or a fetch that does, counts as one; taking an interrupt as none. Returns early in WFI
 * or WFE that has to wait. */
enum a64_stop a64_run(a64_cpu *cpu, uint64_t budget, uint64_t *executed);

/* Make the a64_run() in progress return after the current instruction; callable from ops. */
void a64_request_stop(a64_cpu *cpu);

/* Instructions executed so far in the a64_run() in progress, for time stamps taken inside ops. */
uint64_t a64_run_progress(const a64_cpu *cpu);

/* Level of the interrupt inputs, physical and of the GIC's virtual CPU interface. Callable at any
 * time, from inside ops too. */
enum a64_line { A64_IRQ, A64_FIQ, A64_VIRQ, A64_VFIQ, A64_LINES };
void a64_set_line(a64_cpu *cpu, enum a64_line line, bool level);

/* Event register (SEV of another PE, or a device). */
void a64_send_event(a64_cpu *cpu);

/* The PE waits as if it had executed WFI, which is how firmware suspends it: not if an interrupt is
 * pending. From ops.conduit: when the call returns. */
void a64_wait_for_interrupt(a64_cpu *cpu);

/* Is the exclusive monitor set: has a load-exclusive been executed whose store is still to come?
 * While it is, a run should not end for want of budget alone; see a64_clear_exclusive(). */
bool a64_exclusive(const a64_cpu *cpu);

/* Clear the exclusive monitor, because other agents may have written memory since the last run: to
 * be called whenever they had the chance. The next store-exclusive fails (DDI 0487 B2.12). The PE
 * does the same by itself at each access to the bus. */
void a64_clear_exclusive(a64_cpu *cpu);

/* A broadcast operation of another PE. Callable at any time; it takes effect at once, or before the
 * next instruction if the PE is in the middle of one. */
void a64_snoop(a64_cpu *cpu, const struct a64_dvm *dvm);

/* Host memory for physical addresses first .. last is withdrawn. */
void a64_dmi_invalidate(a64_cpu *cpu, uint64_t first, uint64_t last);

/* Memory at first .. last was written by another agent: code decoded from it is dropped. */
void a64_code_invalidate(a64_cpu *cpu, uint64_t first, uint64_t last);

/* Counter value at which a timer output will rise next; UINT64_MAX: none will. */
uint64_t a64_timer_deadline(const a64_cpu *cpu);

/* Drive the timer outputs as the counter now demands; to be called when a deadline has come. */
void a64_timer_update(a64_cpu *cpu);

/* An exception taken, with the registers that describe it. Kinds are in the order of their vectors.
 */
enum a64_exception_kind {
    A64_EXCEPTION_SYNC,
    A64_EXCEPTION_IRQ,
    A64_EXCEPTION_FIQ,
    A64_EXCEPTION_SERROR, /* a virtual one, pended by HCR_EL2.VSE */
};
struct a64_exception {
    enum a64_exception_kind kind;
    unsigned el;  /* it is taken to */
    uint64_t elr; /* preferred return address */
    uint32_t spsr;
    uint64_t esr; /* of this exception only if it is synchronous */
    uint64_t far; /* of this exception only if it is an abort or a misaligned PC */
    uint64_t vector;
};

/* Reports of a PE on its way. Any function may be NULL; none may call back but to look at state. */
struct a64_tracer {
    void *user;
    /* `word` at `pc` is the next instruction; `name` is a static string: its row of the decode
     * table. */
    void (*insn)(void *user, uint64_t pc, uint32_t word, const char *name);
    void (*exception)(void *user, const struct a64_exception *exception);
    /* ERET has gone to `pc` at level `el`. */
    void (*exception_return)(void *user, uint64_t pc, unsigned el);
};

/* Tell `tracer`, which is copied, from now on; NULL: no one. A run is the same with and without,
 * its times included; with `insn` it takes the host many times as long. */
void a64_set_tracer(a64_cpu *cpu, const struct a64_tracer *tracer);

/* State, for loaders, debuggers and tests; no side effects. n is 0 to 30; 31 is the stack pointer
 * of the current exception level. Writing the PC is a jump. */
uint64_t a64_get_x(const a64_cpu *cpu, unsigned n);
void a64_set_x(a64_cpu *cpu, unsigned n, uint64_t value);
/* SIMD and floating-point register V0 to V31; value[0] holds bits 63:0. */
void a64_get_v(const a64_cpu *cpu, unsigned n, uint64_t value[2]);
void a64_set_v(a64_cpu *cpu, unsigned n, const uint64_t value[2]);
uint64_t a64_get_pc(const a64_cpu *cpu);
void a64_set_pc(a64_cpu *cpu, uint64_t pc);
uint32_t a64_get_pstate(const a64_cpu *cpu); /* SPSR_EL1 layout: NZCV, DAIF, M[4:0] */
void a64_set_pstate(a64_cpu *cpu, uint32_t pstate);

/* Raw system register access: no traps, no side effects. Returns false if there is none. */
bool a64_get_sysreg(const a64_cpu *cpu, uint32_t reg, uint64_t *value);
bool a64_set_sysreg(a64_cpu *cpu, uint32_t reg, uint64_t value);

/* Breakpoints, by virtual address; setting one twice is like once. A run stops before the
 * instruction, also before the first one of the run. Returns false if memory is exhausted. */
bool a64_set_breakpoint(a64_cpu *cpu, uint64_t va);
void a64_clear_breakpoint(a64_cpu *cpu, uint64_t va); /* one that is not set: nothing */

/* Kinds of access that a watchpoint tells apart, a bit each. */
enum a64_watch { A64_WATCH_LOAD = 1, A64_WATCH_STORE = 2, A64_WATCH_ACCESS = 3 };

/* Bytes that are watched, from virtual address `va` on; at least one. */
struct a64_watchpoint {
    uint64_t va;
    uint64_t size;
    enum a64_watch kind;
};

/* Watchpoints on accesses of this PE; setting one twice is like once. A run stops before an
 * instruction that accesses a byte of one, as with a breakpoint; of one that accesses several
 * places in turn, those before may have been accessed. Returns false if memory is exhausted. */
bool a64_set_watchpoint(a64_cpu *cpu, const struct a64_watchpoint *watchpoint);
void a64_clear_watchpoint(a64_cpu *cpu,
                          const struct a64_watchpoint *watchpoint); /* not set: nothing */

/* The watchpoint of the last A64_STOP_WATCHPOINT; `va` gets the lowest watched byte of the access.
 */
struct a64_watchpoint a64_watchpoint_hit(const a64_cpu *cpu, uint64_t *va);

/* Where `va` leads now, in the TLB or by a walk, whoever may access it: no faults, no TLB fill, no
 * counters, no time. Returns false if it is not mapped, or if the tables cannot be peeked at. */
bool a64_debug_translate(const a64_cpu *cpu, uint64_t va, uint64_t *pa);

/* Is the PE inside an instruction, which waits for the bus? Its state is not to be changed then. */
bool a64_in_instruction(const a64_cpu *cpu);

struct a64_stats {
    uint64_t instructions;
    uint64_t exceptions;
    uint64_t blocks_decoded;
    uint64_t tlb_misses;
    uint64_t table_walks;
    uint64_t bus_reads;
    uint64_t bus_writes;
};
const struct a64_stats *a64_get_stats(const a64_cpu *cpu);

#ifdef __cplusplus
}
#endif

#endif
