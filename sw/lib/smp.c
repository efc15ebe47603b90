/* SPDX-License-Identifier: Apache-2.0 */
/* More than one CPU: PSCI CPU_ON, a spinlock, an atomic counter (DDI 0487 B2.12). */
#include "smp.h"

#include "gic.h"
#include "io.h"
#include "mmu.h"
#include "psci.h"

#define STACK_SIZE 16384

/* What a CPU finds in x0 when it begins, its caches off; start.S reads the first member. */
struct smp_start {
    uint8_t *stack_top;
    smp_main *main;
    void *argument;
} __attribute__((aligned(64)));

static struct smp_start starts[SMP_MAX_CPUS];
static uint8_t stacks[SMP_MAX_CPUS][STACK_SIZE] __attribute__((aligned(16)));

void smp_entry(void);
void smp_run(struct smp_start *start);

unsigned smp_cpu(void)
{
    return read_sysreg(mpidr_el1) & 0xff;
}

long smp_start(unsigned cpu, smp_main *main, void *argument)
{
    struct smp_start *start = &starts[cpu];

    *start = (struct smp_start){stacks[cpu] + STACK_SIZE, main, argument};
    __asm__ volatile("dc cvac, %0" ::"r"(start) : "memory");
    dsb();
    return psci_cpu_on(cpu, (uint64_t)smp_entry, (uint64_t)start);
}

void smp_run(struct smp_start *start)
{
    mmu_enable_cpu();
    gic_init_cpu();
    start->main(start->argument);
    psci_cpu_off();
}

void smp_acquire(struct smp_lock *lock)
{
    uint32_t failed, seen;

    __asm__ volatile("   sevl\n"
                     "1: wfe\n"
                     "2: ldaxr %w0, [%2]\n"
                     "   cbnz  %w0, 1b\n"
                     "   stxr  %w1, %w3, [%2]\n"
                     "   cbnz  %w1, 2b\n"
                     : "=&r"(seen), "=&r"(failed)
                     : "r"(&lock->taken), "r"(1)
                     : "memory");
}

/* The store clears the monitors of those that wait, which is their event. */
void smp_release(struct smp_lock *lock)
{
    __asm__ volatile("stlr wzr, [%0]" ::"r"(&lock->taken) : "memory");
}

void smp_add(uint64_t *counter, uint64_t value)
{
    uint64_t sum;
    uint32_t failed;

    __asm__ volatile("1: ldxr %0, [%2]\n"
                     "   add  %0, %0, %3\n"
                     "   stxr %w1, %0, [%2]\n"
                     "   cbnz %w1, 1b\n"
                     : "=&r"(sum), "=&r"(failed)
                     : "r"(counter), "r"(value)
                     : "memory");
}
