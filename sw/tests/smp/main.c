/* SPDX-License-Identifier: Apache-2.0 */
/* Four CPUs: power, shared memory, interrupts between them, maintenance of TLBs and code, events.
 */
#include <stdbool.h>
#include <stdint.h>

#include "gic.h"
#include "io.h"
#include "mmu.h"
#include "pages.h"
#include "platform.h"
#include "psci.h"
#include "smp.h"
#include "tap.h"
#include "wait.h"

#define CPUS       4U
#define EVERYONE   ((1U << CPUS) - 1)
#define ROUNDS     5000U
#define SGI_COUNT  3U
#define SGI_WAKE   4U
#define TEST_PAGE  0x80000000UL
#define CODE_PAGE  0x80001000UL
#define TIMER_WAIT 1000UL /* ticks of the counter */

#define INSN_MOV_W0(value) (0x52800000U | (value) << 5)
#define INSN_RET           0xd65f03c0U

typedef unsigned number_function(void);

/* What a CPU is asked to do, and its answer: one at a time, `done` follows `asked`. */
static struct worker {
    volatile uint32_t asked, done;
    uint64_t (*volatile job)(unsigned cpu);
    volatile uint64_t answer;
    volatile bool leave;
} workers[CPUS];

static volatile uint32_t sgis[CPUS];
static volatile uint32_t timers[CPUS];

/* ---- Handlers, on whichever CPU ---- */

static void on_sgi(void *context)
{
    (void)context;
    sgis[smp_cpu()]++;
}

static void on_timer(void *context)
{
    (void)context;
    write_sysreg(cntv_ctl_el0, 0);
    timers[smp_cpu()]++;
}

/* ---- Workers ---- */

static void enable_interrupts(void)
{
    gic_enable(SGI_COUNT, GIC_EDGE, on_sgi, 0);
    gic_enable(SGI_WAKE, GIC_EDGE, on_sgi, 0);
    gic_enable(PLATFORM_INTID_VTIMER, GIC_LEVEL, on_timer, 0);
}

static void work(void *argument)
{
    struct worker *me = argument;
    unsigned cpu = smp_cpu();

    enable_interrupts();
    me->done = me->asked;
    while (!me->leave) {
        while (me->done == me->asked && !me->leave)
            __asm__ volatile("wfe" ::: "memory");
        if (me->leave)
            break;
        __asm__ volatile("dmb ish" ::: "memory");
        me->answer = me->job(cpu);
        __asm__ volatile("dmb ish" ::: "memory");
        me->done = me->asked;
    }
}

static void ask(unsigned cpu, uint64_t (*job)(unsigned cpu))
{
    workers[cpu].job = job;
    __asm__ volatile("dmb ish" ::: "memory");
    workers[cpu].asked++;
    __asm__ volatile("dsb ish\n\tsev" ::: "memory");
}

static bool finished(unsigned cpu)
{
    return wait_until(workers[cpu].done == workers[cpu].asked);
}

static uint64_t answer_of(unsigned cpu, uint64_t (*job)(unsigned cpu))
{
    ask(cpu, job);
    return finished(cpu) ? workers[cpu].answer : ~0UL;
}

/* The job on every CPU at once, this one included. */
static bool all_do(uint64_t (*job)(unsigned cpu))
{
    bool all = true;

    for (unsigned cpu = 1; cpu < CPUS; cpu++)
        ask(cpu, job);
    job(0);
    for (unsigned cpu = 1; cpu < CPUS; cpu++)
        all = finished(cpu) && all;
    return all;
}

/* ---- Power ---- */

static void test_refusals(void)
{
    uint64_t entry = (uint64_t)enable_interrupts;

    tap_equal((unsigned long)psci_cpu_on(CPUS, entry, 0), (unsigned long)PSCI_INVALID_PARAMETERS,
              "CPU_ON of a CPU that is not there");
    tap_equal((unsigned long)psci_cpu_on(0, entry, 0), (unsigned long)PSCI_ALREADY_ON,
              "CPU_ON of this CPU");
    tap_equal((unsigned long)psci_affinity_info(1), PSCI_IS_OFF, "CPU 1 is off");
}

static void test_start(void)
{
    for (unsigned cpu = 1; cpu < CPUS; cpu++) {
        workers[cpu].asked = 1;
        long result = smp_start(cpu, work, &workers[cpu]);
        tap_ok(result == PSCI_SUCCESS && finished(cpu), "CPU %u starts", cpu);
        tap_equal((unsigned long)psci_affinity_info(cpu), PSCI_IS_ON, "CPU %u is on", cpu);
    }
    tap_equal((unsigned long)psci_cpu_on(1, (uint64_t)enable_interrupts, 0),
              (unsigned long)PSCI_ALREADY_ON, "CPU_ON of a CPU that runs");
}

static void test_stop(void)
{
    struct worker *last = &workers[CPUS - 1];

    last->leave = true;
    __asm__ volatile("dsb ish\n\tsev" ::: "memory");
    tap_ok(wait_until(psci_affinity_info(CPUS - 1) == PSCI_IS_OFF), "CPU_OFF");
    last->leave = false;
    last->asked++;
    tap_equal((unsigned long)smp_start(CPUS - 1, work, last), PSCI_SUCCESS, "CPU_ON after it");
    tap_ok(finished(CPUS - 1), "the CPU works again");
}

/* ---- Shared memory ---- */

static struct smp_lock lock;
static volatile uint64_t guarded;
static uint64_t added;

static uint64_t count_guarded(unsigned cpu)
{
    (void)cpu;
    for (unsigned i = 0; i < ROUNDS; i++) {
        smp_acquire(&lock);
        guarded = guarded + 1;
        smp_release(&lock);
    }
    return 0;
}

static uint64_t count_added(unsigned cpu)
{
    (void)cpu;
    for (unsigned i = 0; i < ROUNDS; i++)
        smp_add(&added, 1);
    return 0;
}

static void test_exclusives(void)
{
    tap_ok(all_do(count_guarded), "four CPUs share a lock");
    tap_equal(guarded, CPUS * ROUNDS, "what it guards is counted right");
    tap_ok(all_do(count_added), "four CPUs share a counter");
    tap_equal(added, CPUS * ROUNDS, "none of its increments is lost");
}

/* ---- Interrupts ---- */

static void test_sgis(void)
{
    for (unsigned cpu = 0; cpu < CPUS; cpu++) {
        gic_send_sgi_to(SGI_COUNT, 1U << cpu);
        tap_ok(wait_until(sgis[cpu] == 1), "an interrupt to CPU %u arrives", cpu);
    }
    gic_send_sgi_to(SGI_COUNT, EVERYONE & ~2U);
    tap_ok(wait_until(sgis[0] == 2 && sgis[2] == 2 && sgis[3] == 2), "a list reaches its CPUs");
    tap_equal(sgis[1], 1, "and no other");
    gic_send_sgi_to_others(SGI_COUNT);
    tap_ok(wait_until(sgis[1] == 2 && sgis[2] == 3 && sgis[3] == 3), "all others are reached");
    tap_equal(sgis[0], 2, "but not the sender");
}

static uint64_t wait_for_timer(unsigned cpu)
{
    write_sysreg(cntv_tval_el0, TIMER_WAIT);
    write_sysreg(cntv_ctl_el0, 1);
    gic_sleep_until(&timers[cpu], 1);
    return 0;
}

static uint64_t wake_first(unsigned cpu)
{
    (void)cpu;
    gic_send_sgi_to(SGI_WAKE, 1);
    return 0;
}

static void test_waiting(void)
{
    tap_ok(all_do(wait_for_timer), "every CPU has its timer");
    for (unsigned cpu = 0; cpu < CPUS; cpu++)
        tap_equal(timers[cpu], 1, "that of CPU %u came there", cpu);

    uint32_t before = sgis[0];
    __asm__ volatile("msr daifset, #2");
    ask(1, wake_first);
    tap_equal((unsigned long)psci_cpu_standby(), PSCI_SUCCESS, "CPU_SUSPEND");
    __asm__ volatile("msr daifclr, #2\n\tisb");
    tap_ok(wait_until(sgis[0] == before + 1) && finished(1), "an interrupt ends it");
}

/* ---- Events ---- */

static volatile uint32_t ball;

static uint64_t play(unsigned cpu)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        while (ball % 2 != cpu)
            __asm__ volatile("wfe" ::: "memory");
        ball = ball + 1;
        __asm__ volatile("dsb ish\n\tsev" ::: "memory");
    }
    return 0;
}

static void test_events(void)
{
    ask(1, play);
    play(0);
    tap_ok(finished(1) && ball == 2 * ROUNDS, "two CPUs pass a ball by SEV and WFE");
}

/* ---- Maintenance ---- */

static uint64_t read_page(unsigned cpu)
{
    (void)cpu;
    return *(volatile uint64_t *)TEST_PAGE;
}

static void test_tlbi(void)
{
    uint64_t *one = pages_alloc(PAGE_SIZE, PAGE_SIZE), *two = pages_alloc(PAGE_SIZE, PAGE_SIZE);

    *one = 1;
    *two = 2;
    volatile uint64_t *descriptor = mmu_map_page(TEST_PAGE, one, MMU_DATA);
    for (unsigned cpu = 1; cpu < CPUS; cpu++)
        tap_equal(answer_of(cpu, read_page), 1, "CPU %u sees the page", cpu);
    *descriptor = (*descriptor & 0xfffUL) | (*descriptor & 0xfffUL << 52) | (uint64_t)two;
    dsb();
    tap_equal(answer_of(1, read_page), 1, "another page in its place is not seen at once");
    __asm__ volatile("tlbi vae1, %0\n\tdsb ish\n\tisb" ::"r"(TEST_PAGE >> 12) : "memory");
    tap_equal(answer_of(1, read_page), 1, "nor after TLBI of this CPU alone");
    __asm__ volatile("tlbi vae1is, %0\n\tdsb ish\n\tisb" ::"r"(TEST_PAGE >> 12) : "memory");
    for (unsigned cpu = 1; cpu < CPUS; cpu++)
        tap_equal(answer_of(cpu, read_page), 2, "CPU %u sees it after TLBI VAE1IS", cpu);
}

static uint64_t call_page(unsigned cpu)
{
    (void)cpu;
    isb();
    return ((number_function *)CODE_PAGE)();
}

static void put_code(uint32_t *page, unsigned value)
{
    page[0] = INSN_MOV_W0(value);
    page[1] = INSN_RET;
    __asm__ volatile("dc cvau, %0\n\tdsb ish" ::"r"(page) : "memory");
}

static void test_code(void)
{
    uint32_t *page = pages_alloc(PAGE_SIZE, PAGE_SIZE);

    put_code(page, 1);
    mmu_map_page(CODE_PAGE, page, MMU_CODE);
    tap_equal(answer_of(1, call_page), 1, "CPU 1 runs code that CPU 0 wrote");
    put_code(page, 2);
    tap_equal(answer_of(1, call_page), 1, "new code in its place is not seen at once");
    __asm__ volatile("ic ivau, %0\n\tdsb ish\n\tisb" ::"r"(CODE_PAGE) : "memory");
    tap_equal(answer_of(1, call_page), 2, "CPU 1 runs it after IC IVAU of CPU 0");
    put_code(page, 3);
    __asm__ volatile("ic ialluis\n\tdsb ish\n\tisb" ::: "memory");
    tap_equal(answer_of(1, call_page), 3, "and after IC IALLUIS");
}

int main(void)
{
    enable_interrupts();
    test_refusals();
    test_start();
    test_exclusives();
    test_sgis();
    test_waiting();
    test_events();
    test_tlbi();
    test_code();
    test_stop();
    tap_equal(gic_unexpected(), 0, "no interrupt came that nobody waits for");
    return 0;
}
