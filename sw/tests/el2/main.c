/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU's EL2: where CPUs begin, traps, interrupts routed and injected, its own stage 1, a
 * guest's stage 2. The program is the guest, at EL1, and calls what it needs of a hypervisor at
 * EL2. */
#include <stdint.h>

#include "el2.h"
#include "gic.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "smp.h"
#include "tap.h"
#include "wait.h"

/* HCR_EL2 */
#define HCR_VM  (1UL << 0)
#define HCR_IMO (1UL << 4)
#define HCR_TWI (1UL << 13)
#define HCR_TSC (1UL << 19)
#define HCR_TVM (1UL << 26)
#define HCR_RW  (1UL << 31)

/* ESR_EL2 */
#define EC_WFX        0x01UL
#define EC_HVC        0x16UL
#define EC_SMC        0x17UL
#define EC_SYSREG     0x18UL
#define EC_DATA_ABORT 0x24UL
#define ISS_WNR       (1UL << 6)
#define ISS_ISV       (1UL << 24)
#define ISS_SRT(iss)  ((iss) >> 16 & 31)
#define FSC_MASK      0x3fUL
#define FSC_PERM_L2   0x0eUL
#define FSC_TRANS_L2  0x06UL

#define INTID_MAINTENANCE 25U
#define INTID_HYP_TIMER   26U
#define INTID_VIRTUAL     27U /* what the hypervisor injects */

/* Descriptors of both stages: 39-bit addresses, 4 KiB granule, from level 1. */
#define LEVEL1_SIZE    (1UL << 30)
#define LEVEL2_SIZE    (1UL << 21)
#define DESC_BLOCK     1UL
#define DESC_TABLE     3UL
#define DESC_AF        (1UL << 10)
#define DESC_SH_INNER  (3UL << 8)
#define S1_NORMAL      (1UL << 2) /* AttrIndx */
#define S1_EXECUTE_NOT (1UL << 54)
#define S2_DEVICE      (1UL << 2) /* MemAttr: Device-nGnRE */
#define S2_NORMAL      (0xfUL << 2)
#define S2_READ        (1UL << 6)
#define S2_WRITE       (1UL << 7)

/* What the handler was last called for, and how often. */
static volatile struct {
    unsigned count;
    enum el2_vector vector;
    uint64_t esr, far, hpfar, intid;
} seen;

/* What a stage 2 fault is answered with: the value that a device would have, or a change of tables.
 */
static volatile enum { EMULATE, MAP, ALLOW_WRITES } answer;
static uint64_t *stage2_level2;

static uint64_t class(uint64_t esr)
{
    return esr >> 26;
}

/* --- At EL2 --- */

static uint64_t current_el(uint64_t unused)
{
    (void)unused;
    return read_sysreg(CurrentEL) >> 2;
}

static uint64_t set_hcr(uint64_t value)
{
    write_sysreg(hcr_el2, HCR_RW | value);
    isb();
    return 0;
}

static uint64_t set_vmpidr(uint64_t value)
{
    write_sysreg(vmpidr_el2, value);
    return 0;
}

static uint64_t *stage2_entry(uint64_t address)
{
    return &stage2_level2[address % LEVEL1_SIZE / LEVEL2_SIZE];
}

static void invalidate_guest(void)
{
    __asm__ volatile("dsb ish\n\ttlbi vmalls12e1is\n\tdsb ish\n\tisb" ::: "memory");
}

static void answer_abort(struct exception_frame *frame, uint64_t iss, uint64_t ipa)
{
    switch (answer) {
    case EMULATE:
        frame->x[ISS_SRT(iss)] = 0x5a5a;
        frame->elr += 4;
        break;
    case MAP:
        *stage2_entry(ipa) =
            (ipa & ~(LEVEL2_SIZE - 1)) | S2_NORMAL | S2_READ | DESC_SH_INNER | DESC_AF | DESC_BLOCK;
        break;
    case ALLOW_WRITES:
        *stage2_entry(ipa) |= S2_WRITE;
        invalidate_guest();
        break;
    }
}

static void answer_sync(struct exception_frame *frame)
{
    switch (class(seen.esr)) {
    case EC_DATA_ABORT:
        answer_abort(frame, seen.esr & 0x1ffffff, seen.hpfar << 8 | (seen.far & 0xfff));
        break;
    case EC_SYSREG: /* CONTEXTIDR_EL1, which is written as the guest wants, less a bit */
        write_sysreg(contextidr_el1, frame->x[seen.esr >> 5 & 31] & ~1UL);
        frame->elr += 4;
        break;
    case EC_WFX:
    case EC_SMC:
        frame->elr += 4;
        break;
    default: /* HVC returns behind itself */
        break;
    }
}

static void answer_interrupt(void)
{
    seen.intid = read_sysreg(S3_0_C12_C12_0); /* ICC_IAR1_EL1 */
    write_sysreg(cnthp_ctl_el2, 0);
    if (seen.intid == INTID_MAINTENANCE)
        write_sysreg(S3_4_C12_C12_0, 0); /* ICH_LR0_EL2: the one that wanted it */
    write_sysreg(S3_0_C12_C12_1, seen.intid);
}

static bool hypervisor(enum el2_vector vector, struct exception_frame *frame)
{
    seen.count++;
    seen.vector = vector;
    seen.esr = read_sysreg(esr_el2);
    seen.far = read_sysreg(far_el2);
    seen.hpfar = read_sysreg(hpfar_el2);
    if (vector == EL2_SYNC_FROM_EL1)
        answer_sync(frame);
    else if (vector == EL2_IRQ_FROM_EL1)
        answer_interrupt();
    return vector == EL2_SYNC_FROM_EL1 || vector == EL2_IRQ_FROM_EL1;
}

/* --- Where CPUs begin --- */

static volatile uint64_t second_cpu_el;

static void second_cpu(void *unused)
{
    (void)unused;
    second_cpu_el = el2_call(current_el, 0);
}

static void test_start(void)
{
    tap_ok(el2_present(), "ID_AA64PFR0_EL1 tells of EL2");
    tap_equal(current_el(0), 1, "programs run at EL1");
    tap_equal(el2_call(current_el, 0), 2, "a call reaches EL2 and returns");
    tap_equal((unsigned long)smp_start(1, second_cpu, NULL), 0, "the other CPU starts");
    tap_ok(wait_until(second_cpu_el != 0), "and gets to its program");
    tap_equal(second_cpu_el, 2, "having begun at EL2 as well");
}

/* --- Traps --- */

static void test_traps(void)
{
    uint64_t mpidr = read_sysreg(mpidr_el1);
    unsigned before;

    __asm__ volatile("hvc #7" ::: "memory");
    tap_equal(seen.esr, EC_HVC << 26 | 1UL << 25 | 7, "HVC reports its immediate");

    el2_call(set_hcr, HCR_TVM);
    write_sysreg(contextidr_el1, 0x123);
    el2_call(set_hcr, 0);
    tap_equal(class(seen.esr), EC_SYSREG, "TVM traps a write of CONTEXTIDR_EL1");
    tap_equal(read_sysreg(contextidr_el1), 0x122, "EL2 writes in its place");

    el2_call(set_hcr, HCR_TWI);
    before = seen.count;
    __asm__ volatile("wfi" ::: "memory");
    tap_equal(seen.count, before + 1, "TWI traps a WFI that would wait");
    tap_equal(class(seen.esr), EC_WFX, "as what it is");

    el2_call(set_hcr, HCR_TSC);
    __asm__ volatile("smc #3" ::: "memory");
    tap_equal(seen.esr, EC_SMC << 26 | 1UL << 25 | 3, "TSC traps SMC with its immediate");
    el2_call(set_hcr, 0);

    el2_call(set_vmpidr, mpidr | 0x300);
    tap_equal(read_sysreg(mpidr_el1), mpidr | 0x300, "MPIDR_EL1 is what EL2 says");
    el2_call(set_vmpidr, mpidr);
}

/* --- Interrupts --- */

static uint64_t start_timer(uint64_t ticks)
{
    write_sysreg(cnthp_tval_el2, ticks);
    write_sysreg(cnthp_ctl_el2, 1);
    return 0;
}

/* List register 0 gets a pending interrupt of group 1, which tells EL2 when it has ended. */
static uint64_t inject(uint64_t intid)
{
    write_sysreg(S3_4_C12_C11_7, 0xf0UL << 24 | 1UL << 1); /* ICH_VMCR_EL2 */
    write_sysreg(S3_4_C12_C12_0, 1UL << 62 | 1UL << 60 | 0x80UL << 48 | 1UL << 41 | intid);
    write_sysreg(S3_4_C12_C11_0, 1); /* ICH_HCR_EL2.En */
    return 0;
}

static uint64_t stop_injecting(uint64_t unused)
{
    (void)unused;
    write_sysreg(S3_4_C12_C11_0, 0);
    return read_sysreg(S3_4_C12_C11_5); /* ICH_ELRSR_EL2 */
}

static volatile unsigned virtual_interrupts;

static void count_virtual(void *unused)
{
    (void)unused;
    virtual_interrupts++;
}

static void no_handler(void *unused)
{
    (void)unused;
}

static void test_interrupts(void)
{
    unsigned before = seen.count;

    gic_enable(INTID_HYP_TIMER, GIC_LEVEL, no_handler, NULL);
    gic_enable(INTID_MAINTENANCE, GIC_LEVEL, no_handler, NULL);
    gic_handle(INTID_VIRTUAL, count_virtual, NULL);
    gic_mask();
    el2_call(set_hcr, HCR_IMO);
    el2_call(start_timer, 100);
    tap_ok(wait_until(seen.count != before), "IMO brings EL2 an interrupt that EL1 has masked");
    tap_equal(seen.vector, EL2_IRQ_FROM_EL1, "as an IRQ from below");
    tap_equal(seen.intid, INTID_HYP_TIMER, "the one of EL2's timer");

    el2_call(inject, INTID_VIRTUAL);
    tap_equal(virtual_interrupts, 0, "EL1 masks a virtual interrupt");
    before = seen.count;
    gic_unmask();
    tap_ok(wait_until(virtual_interrupts == 1), "and takes it from the list register");
    tap_ok(wait_until(seen.count != before), "EL2 hears of its end");
    tap_equal(seen.intid, INTID_MAINTENANCE, "by a maintenance interrupt");
    tap_equal(el2_call(stop_injecting, 0) & 1, 1, "the list register is free again");
    el2_call(set_hcr, 0);
}

/* --- Stage 1 of EL2 --- */

#define ALIAS (2 * LEVEL1_SIZE) /* where EL2 sees RAM once more */

static uint64_t stage1_result[2];

static uint64_t translate(uint64_t table)
{
    static uint64_t value = 0x1234567;
    uint64_t alias = (uint64_t)&value - PLATFORM_RAM_BASE + ALIAS;
    uint64_t off = read_sysreg(sctlr_el2);

    write_sysreg(mair_el2, 0x04UL | 0xffUL << 8);
    write_sysreg(tcr_el2, 0x80800000UL | 2UL << 16 | 25);
    write_sysreg(ttbr0_el2, table);
    __asm__ volatile("dsb sy\n\ttlbi alle2\n\tdsb sy\n\tisb" ::: "memory");
    write_sysreg(sctlr_el2, off | 1);
    isb();
    stage1_result[0] = *(volatile uint64_t *)alias;
    __asm__ volatile("at s1e2r, %0\n\tisb" ::"r"(alias) : "memory");
    stage1_result[1] = read_sysreg(par_el1);
    write_sysreg(sctlr_el2, off);
    isb();
    return (uint64_t)&value;
}

static void test_stage1(void)
{
    uint64_t *table = pages_alloc(PAGE_SIZE, PAGE_SIZE);
    uint64_t address;

    table[0] = S1_EXECUTE_NOT | DESC_AF | DESC_BLOCK;
    table[1] = PLATFORM_RAM_BASE | S1_NORMAL | DESC_SH_INNER | DESC_AF | DESC_BLOCK;
    table[2] =
        PLATFORM_RAM_BASE | S1_EXECUTE_NOT | S1_NORMAL | DESC_SH_INNER | DESC_AF | DESC_BLOCK;
    address = el2_call(translate, (uint64_t)table);
    tap_equal(stage1_result[0], 0x1234567, "EL2 reads memory by its own tables");
    tap_equal(stage1_result[1] & 0xfffffffff001, address & ~0xfffUL, "AT S1E2R says where");
}

/* --- Stage 2 --- */

static uint64_t enter_guest(uint64_t table)
{
    write_sysreg(vtcr_el2, 1UL << 31 | 2UL << 16 | 3UL << 12 | 1UL << 6 | 25);
    write_sysreg(vttbr_el2, table | 5UL << 48);
    invalidate_guest();
    return set_hcr(HCR_VM);
}

/* All as it is, but for one block of RAM. */
static uint64_t *make_stage2(uint64_t hole)
{
    uint64_t *level1 = pages_alloc(PAGE_SIZE, PAGE_SIZE);

    stage2_level2 = pages_alloc(PAGE_SIZE, PAGE_SIZE);
    level1[0] = S2_DEVICE | S2_READ | S2_WRITE | DESC_AF | DESC_BLOCK;
    level1[PLATFORM_RAM_BASE / LEVEL1_SIZE] = (uint64_t)stage2_level2 | DESC_TABLE;
    for (uint64_t offset = 0; offset < PLATFORM_RAM_SIZE; offset += LEVEL2_SIZE)
        *stage2_entry(offset) = (PLATFORM_RAM_BASE + offset) | S2_NORMAL | S2_READ | S2_WRITE |
                                DESC_SH_INNER | DESC_AF | DESC_BLOCK;
    *stage2_entry(hole) = 0;
    return level1;
}

static void test_stage2(void)
{
    uint64_t hole = PLATFORM_RAM_BASE + PLATFORM_RAM_SIZE / 2;
    uint64_t value;

    write64(hole + 0x128, 0x77);
    el2_call(enter_guest, (uint64_t)make_stage2(hole));

    answer = EMULATE;
    value = read64(hole + 0x128);
    tap_equal(value, 0x5a5a, "EL2 reads in place of the guest");
    tap_equal(class(seen.esr), EC_DATA_ABORT, "on a data abort");
    tap_equal(seen.esr & FSC_MASK, FSC_TRANS_L2, "for want of a stage 2 translation");
    tap_equal(seen.esr & ISS_ISV, ISS_ISV, "whose instruction is described");
    tap_equal(seen.far, hole + 0x128, "FAR_EL2 has the address");
    tap_equal(seen.hpfar << 8, hole, "HPFAR_EL2 the page");

    answer = MAP;
    tap_equal(read64(hole + 0x128), 0x77, "mapped, it is read");

    answer = ALLOW_WRITES;
    write64(hole + 0x128, 0x88);
    tap_equal(seen.esr & (FSC_MASK | ISS_WNR), FSC_PERM_L2 | ISS_WNR, "a write needs permission");
    tap_equal(read64(hole + 0x128), 0x88, "and happens once it has it");
    el2_call(set_hcr, 0);
}

int main(void)
{
    el2_handle(hypervisor);
    test_start();
    test_traps();
    test_interrupts();
    test_stage1();
    test_stage2();
    tap_equal(gic_unexpected(), 0, "no interrupt came that nobody waits for");
    return 0;
}
