/* SPDX-License-Identifier: Apache-2.0 */
/* Bring-up: console, MMU, interrupts, and an SMMU that takes commands. Needs no DMA engine. */
#include <stdint.h>

#include "gic.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "printf.h"
#include "smmu.h"
#include "string.h"
#include "tap.h"
#include "wait.h"

#define TEST_SGI   5U
#define LOG2_QUEUE 4U /* 16 entries: the wrap test needs few commands */

#define CURRENT_EL_EL1 (1U << 2)
#define SCTLR_M        (1U << 0)
#define SCTLR_C        (1U << 2)
#define SCTLR_I        (1U << 12)

static void test_printf(void)
{
    char text[80];

    snprintf(text, sizeof(text), "%d|%5d|%-5d|%05d|%u", -7, 42, 42, 42, 4000000000U);
    tap_ok(!strcmp(text, "-7|   42|42   |00042|4000000000"), "printf prints decimals: %s", text);
    snprintf(text, sizeof(text), "%x|%08lx|%llx|%p", 0xbeefU, 0xc0ffeeUL, ~0ULL, (void *)0x1000);
    tap_ok(!strcmp(text, "beef|00c0ffee|ffffffffffffffff|0x1000"), "printf prints hexadecimals: %s",
           text);
    snprintf(text, sizeof(text), "%s|%6s|%-4s|%c%%", "abc", "right", "l", 'x');
    tap_ok(!strcmp(text, "abc| right|l   |x%"), "printf prints strings: %s", text);
}

static void test_processor(void)
{
    uint64_t wanted = SCTLR_M | SCTLR_C | SCTLR_I;

    tap_equal(read_sysreg(CurrentEL), CURRENT_EL_EL1, "the program runs at EL1");
    tap_equal(read_sysreg(sctlr_el1) & wanted, wanted, "MMU and caches are on");

    /* Unaligned accesses work only on Normal memory. */
    uint8_t *page = pages_alloc(PAGE_SIZE, PAGE_SIZE);
    *(volatile uint32_t __attribute__((aligned(1))) *)(page + 1) = 0x04030201;
    tap_ok(page[1] == 1 && page[4] == 4, "unaligned stores work");
}

/* Ask the MMU itself how it maps an address: PAR_EL1 after AT S1E1R/S1E1W. */
static void test_translation(void)
{
    extern char image_start[];
    uint64_t par;

    __asm__ volatile("at s1e1r, %0\n\tisb" ::"r"(image_start));
    par = read_sysreg(par_el1);
    tap_ok(!(par & 1) && (par & 0xfffffffff000UL) == (uint64_t)image_start,
           "code is mapped to itself (PAR_EL1=0x%lx)", par);
    tap_equal(par >> 56, 0xff, "RAM is Normal Write-Back");
    __asm__ volatile("at s1e1w, %0\n\tisb" ::"r"(image_start));
    tap_equal(read_sysreg(par_el1) & 0x7f, 0x1f, "code cannot be written (level 3 permission)");
    __asm__ volatile("at s1e1r, %0\n\tisb" ::"r"(PLATFORM_UART_BASE));
    tap_equal(read_sysreg(par_el1) >> 56, 0x04, "devices are Device-nGnRE");
}

static void count(void *context)
{
    volatile uint32_t *irqs = context;

    *irqs = *irqs + 1;
}

static void test_interrupts(void)
{
    static volatile uint32_t irqs;

    gic_enable(TEST_SGI, GIC_EDGE, count, (void *)&irqs);
    tap_equal(irqs, 0, "no interrupt before it is sent");
    gic_send_sgi(TEST_SGI);
    tap_ok(wait_until(irqs == 1), "a software generated interrupt arrives");
    gic_send_sgi(TEST_SGI);
    gic_sleep_until(&irqs, 2);
    tap_equal(irqs, 2, "and ends a sleep");
}

static void test_smmu(void)
{
    static struct smmu smmu;

    smmu_probe(&smmu, PLATFORM_SMMU_BASE);
    smmu_enable_interrupts(&smmu);
    smmu_reset(&smmu, 8, LOG2_QUEUE);
    tap_ok(true, "the SMMU comes out of reset translating");

    for (unsigned i = 0; i < 3U << LOG2_QUEUE; i++)
        smmu_cmdq_push(&smmu, smmu_cmd_tlbi_asid(0, (uint16_t)(i & 0xff)));
    smmu_sync(&smmu);
    tap_ok(true, "the command queue wraps");

    tap_equal(smmu.sync_irqs, 0, "CMD_SYNC with SIG_NONE raises no interrupt");
    smmu_cmdq_push(&smmu, smmu_cmd_sync(SYNC_SIG_IRQ));
    tap_ok(wait_until(smmu.sync_irqs == 1), "CMD_SYNC with SIG_IRQ raises its interrupt");

    struct smmu_event event;
    tap_ok(!smmu_event_pop(&smmu, &event), "the event queue is empty");
    tap_equal(smmu.gerror_irqs, 0, "no global error");
    tap_equal(gic_unexpected(), 0, "no stray interrupt");
}

int main(void)
{
    test_printf();
    test_processor();
    test_translation();
    test_interrupts();
    test_smmu();
    return 0;
}
