/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions: interrupts are handed to the GIC driver, anything else is decoded and ends the run.
 */
#include "exception.h"

#include "gic.h"
#include "io.h"
#include "printf.h"
#include "psci.h"

/* Table entry 5: an IRQ taken from EL1 while it uses SP_EL1 (DDI 0487 D1.3.1.5). */
#define VECTOR_IRQ_CURRENT_SPX 5

struct name {
    unsigned value;
    const char *text;
};

/* ESR_ELx.EC, DDI 0487 D24.2.40. */
static const struct name class_names[] = {
    {0x00, "unknown reason (undefined instruction)"},
    {0x07, "trapped FP or SIMD"},
    {0x0e, "illegal execution state"},
    {0x15, "SVC"},
    {0x16, "HVC"},
    {0x17, "SMC"},
    {0x18, "trapped system register"},
    {0x20, "instruction abort from EL0"},
    {0x21, "instruction abort"},
    {0x22, "PC alignment"},
    {0x24, "data abort from EL0"},
    {0x25, "data abort"},
    {0x26, "SP alignment"},
    {0x2f, "SError"},
    {0x3c, "BRK"},
};

/* Fault status codes; the two low bits, a level in most of them, are masked out. */
static const struct name fault_names[] = {
    {0x00, "address size"}, {0x04, "translation"},    {0x08, "access flag"},
    {0x0c, "permission"},   {0x10, "external abort"}, {0x14, "external abort on walk"},
    {0x20, "alignment"},    {0x30, "TLB conflict"},
};

static const char *const kind_names[4] = {"synchronous", "IRQ", "FIQ", "SError"};
static const char *const from_names[4] = {"EL1 on SP_EL0", "EL1", "EL0 AArch64", "EL0 AArch32"};

static const char *find_name(const struct name *table, unsigned count, unsigned value)
{
    for (unsigned i = 0; i < count; i++) {
        if (table[i].value == value)
            return table[i].text;
    }
    return "?";
}

#define FIND_NAME(table, value) find_name(table, sizeof(table) / sizeof((table)[0]), value)

static void print_abort(uint64_t esr)
{
    unsigned status = esr & 0x3f;

    printf("  %s fault (status 0x%02x) on a %s, FAR=0x%016lx%s\n",
           FIND_NAME(fault_names, status & 0x3cU), status, esr & (1U << 6) ? "write" : "read",
           read_sysreg(far_el1), esr & (1U << 10) ? " (not valid)" : "");
}

static void print_registers(const struct exception_frame *frame)
{
    for (unsigned i = 0; i < 31; i++)
        printf("  x%-2u=%016lx%s", i, frame->x[i], i % 3 == 2 ? "\n" : "");
    printf("\n");
}

void exception_dispatch(uint64_t vector, struct exception_frame *frame)
{
    if (vector == VECTOR_IRQ_CURRENT_SPX) {
        gic_dispatch();
        return;
    }

    uint64_t esr = read_sysreg(esr_el1);
    unsigned class = (esr >> 26) & 0x3f;

    printf("\n%s exception from %s: %s\n", kind_names[vector & 3], from_names[(vector >> 2) & 3],
           FIND_NAME(class_names, class));
    printf("  ESR=0x%08lx (EC=0x%02x ISS=0x%06lx) ELR=0x%016lx SPSR=0x%08lx\n", esr, class,
           esr & 0x1ffffff, frame->elr, frame->spsr);
    if (class == 0x20 || class == 0x21 || class == 0x24 || class == 0x25)
        print_abort(esr);
    print_registers(frame);
    printf("Bail out! unexpected exception\n");
    psci_exit(EXIT_BROKEN);
}
