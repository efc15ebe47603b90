/* SPDX-License-Identifier: Apache-2.0 */
/* Enhanced Command queues: two CPUs, each with a queue on a control page of its own and a DMA
 * channel in an address space of its own, change mappings and invalidate them at once, without a
 * lock. */
#include <stdbool.h>
#include <stdint.h>

#include "ecmdq.h"
#include "io.h"
#include "pages.h"
#include "psci.h"
#include "smp.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define CPUS       2U
#define LOG2_QUEUE 4U
#define ROUNDS     200U

/* The same addresses in both address spaces. */
#define SOURCE_IOVA      0x000100000000UL
#define DESTINATION_IOVA 0x000200000000UL

/* What a CPU works with. */
static struct player {
    struct endpoint endpoint;
    struct smmu_ecmdq ecmdq;
    uint8_t *pages[2]; /* what the source is mapped to, by turns */
    uint8_t *destination;
    /* The answers of a round of play. */
    unsigned stale, failed, errors;
    volatile uint32_t asked, done;
    volatile bool leave;
} players[CPUS];

static uint8_t byte_of(unsigned cpu, unsigned page)
{
    return (uint8_t)(0x40 + 2 * cpu + page);
}

static void open_player(struct smmu *smmu, unsigned cpu)
{
    struct player *me = &players[cpu];

    endpoint_open(&me->endpoint, smmu, cpu, (uint16_t)(0x20 + cpu));
    me->destination = testbed_page(0);
    for (unsigned i = 0; i < 2; i++)
        me->pages[i] = testbed_page(byte_of(cpu, i));
    pgtable_map(&me->endpoint.table, SOURCE_IOVA, (uintptr_t)me->pages[0], PGTABLE_PAGE, 0);
    pgtable_map(&me->endpoint.table, DESTINATION_IOVA, (uintptr_t)me->destination, PGTABLE_PAGE, 0);
    endpoint_restore(&me->endpoint, smmu);
    smmu_ecmdq_open(&me->ecmdq, smmu, cpu, cpu, LOG2_QUEUE);
}

/* Whether a copy finds `byte` in the source. */
static bool copy_finds(struct player *me, uint8_t byte)
{
    struct dma_result result =
        endpoint_copy(&me->endpoint, DESTINATION_IOVA, SOURCE_IOVA, PAGE_SIZE);

    if (result.error != DMA_OK || !result.finished)
        me->failed++;
    return testbed_page_is(me->destination, byte);
}

/* Map the other page, invalidate by the own queue, and see it; so many times. */
static void play(unsigned cpu)
{
    struct player *me = &players[cpu];

    me->stale = me->failed = me->errors = 0;
    for (unsigned i = 1; i <= ROUNDS; i++) {
        pgtable_map(&me->endpoint.table, SOURCE_IOVA, (uintptr_t)me->pages[i % 2], PGTABLE_PAGE, 0);
        dsb();
        if (!smmu_ecmdq_push(&me->ecmdq, smmu_cmd_tlbi_va(0, me->endpoint.asid, SOURCE_IOVA)) ||
            smmu_ecmdq_sync(&me->ecmdq) != CERROR_NONE)
            me->errors++;
        if (!copy_finds(me, byte_of(cpu, i % 2)))
            me->stale++;
    }
}

static void work(void *argument)
{
    struct player *me = argument;

    while (!me->leave) {
        while (me->done == me->asked && !me->leave)
            __asm__ volatile("wfe" ::: "memory");
        if (me->leave)
            break;
        __asm__ volatile("dmb ish" ::: "memory");
        play(smp_cpu());
        __asm__ volatile("dmb ish" ::: "memory");
        me->done = me->asked;
    }
}

static void ask(unsigned cpu)
{
    players[cpu].asked++;
    __asm__ volatile("dsb ish\n\tsev" ::: "memory");
}

static void expect_good(unsigned cpu)
{
    tap_equal(players[cpu].errors, 0, "CPU %u: %u commands by its queue are good", cpu, 2 * ROUNDS);
    tap_equal(players[cpu].failed, 0, "CPU %u: every copy is done", cpu);
    tap_equal(players[cpu].stale, 0, "CPU %u: none finds a stale mapping", cpu);
}

static void test_queues(struct smmu *smmu)
{
    tap_ok(smmu_ecmdq_pages(smmu) >= CPUS, "there is a control page for each CPU");
    tap_ok(smmu_ecmdq_queues(smmu) >= CPUS, "with as many queues");
    for (unsigned cpu = 0; cpu < CPUS; cpu++)
        open_player(smmu, cpu);
    tap_equal((unsigned long)smp_start(1, work, &players[1]), PSCI_SUCCESS, "CPU 1 starts");
}

/* Without an invalidation the old mapping stays in use: what the others show is no accident. */
static void test_stale(void)
{
    struct player *me = &players[0];

    tap_ok(copy_finds(me, byte_of(0, 0)), "the first mapping is used");
    pgtable_map(&me->endpoint.table, SOURCE_IOVA, (uintptr_t)me->pages[1], PGTABLE_PAGE, 0);
    dsb();
    tap_ok(copy_finds(me, byte_of(0, 0)), "and stays without an invalidation");
}

static void test_both_at_once(void)
{
    ask(1);
    play(0);
    tap_ok(wait_until(players[1].done == players[1].asked), "CPU 1 comes to an end");
    for (unsigned cpu = 0; cpu < CPUS; cpu++)
        expect_good(cpu);
}

static bool cmdqp_error(const struct smmu *smmu)
{
    return ((read32(smmu->base + SMMU_GERROR) ^ read32(smmu->base + SMMU_GERRORN)) &
            GERROR_CMDQP_ERR) != 0;
}

/* An error in one queue while the other CPU is at work with its own. */
static void test_error(struct smmu *smmu)
{
    struct player *me = &players[0];
    struct smmu_command nonsense = {{0xff, 0}};
    uint32_t irqs = smmu->gerror_irqs;

    ask(1);
    tap_ok(smmu_ecmdq_push(&me->ecmdq, nonsense), "a command that is none");
    tap_equal(smmu_ecmdq_sync(&me->ecmdq), CERROR_ILL, "stops its queue with CERROR_ILL");
    tap_ok(cmdqp_error(smmu), "GERROR.CMDQP_ERR");
    tap_ok(wait_until(smmu->gerror_irqs == irqs + 1), "with an interrupt");
    tap_ok(wait_until(players[1].done == players[1].asked), "CPU 1 goes on");
    expect_good(1);
    smmu_sync(smmu);
    tap_ok(true, "and so does the Command queue");
    smmu_ecmdq_recover(&me->ecmdq, smmu_cmd_tlbi_nh_all(0));
    tap_equal(smmu_ecmdq_wait(&me->ecmdq), CERROR_NONE,
              "repaired and acknowledged, the queue goes on");
    tap_ok(cmdqp_error(smmu), "GERROR has an acknowledgement of its own");
    write32(smmu->base + SMMU_GERRORN,
            read32(smmu->base + SMMU_GERRORN) ^ (uint32_t)GERROR_CMDQP_ERR);
    tap_ok(!cmdqp_error(smmu), "which ends it");
}

static void test_close(void)
{
    struct player *me = &players[0];
    uint32_t cons = me->ecmdq.queue.cons;

    tap_ok(smmu_ecmdq_close(&me->ecmdq), "the queue is disabled");
    write32(me->ecmdq.base + ECMDQ_PROD, me->ecmdq.errack | 0xfU);
    tap_equal(hw_get(CMDQ_CONS_RD, read32(me->ecmdq.base + ECMDQ_CONS)), cons,
              "and consumes nothing");
}

int main(void)
{
    static struct smmu smmu;

    testbed_start(&smmu, LOG2_QUEUE);
    if (smmu_ecmdq_pages(&smmu) == 0)
        tap_bail_out("the SMMU has no Enhanced Command queues");
    test_queues(&smmu);
    test_stale();
    test_both_at_once();
    test_error(&smmu);
    test_close();
    players[1].leave = true;
    __asm__ volatile("dsb ish\n\tsev" ::: "memory");
    tap_ok(wait_until(psci_affinity_info(1) == PSCI_IS_OFF), "CPU 1 goes off");
    return 0;
}
