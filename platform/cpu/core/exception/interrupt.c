/* SPDX-License-Identifier: Apache-2.0 */
/* Physical and virtual interrupts: pending, routed, masked (DDI 0487 D1.3.5, D1.3.6). */
#include "exception/interrupt.h"

#include "state/el2.h"
#include "state/sysreg_fields.h"

struct row {
    uint64_t route;  /* HCR_EL2: to EL2 if physical, else what enables it */
    uint64_t pended; /* HCR_EL2: pending by software */
    uint64_t status; /* in ISR_EL1 */
    uint8_t mask;    /* of PSTATE.DAIF */
    uint8_t line;    /* enum a64_line; A64_LINES: none */
    bool is_virtual;
};

static const struct row rows[] = {
    [INTERRUPT_FIQ] = {HCR_FMO, 0, ISR_F, DAIF_F, A64_FIQ, false},
    [INTERRUPT_IRQ] = {HCR_IMO, 0, ISR_I, DAIF_I, A64_IRQ, false},
    [INTERRUPT_VIRTUAL_SERROR] = {HCR_AMO, HCR_VSE, ISR_A, DAIF_A, A64_LINES, true},
    [INTERRUPT_VIRTUAL_FIQ] = {HCR_FMO, HCR_VF, ISR_F, DAIF_F, A64_VFIQ, true},
    [INTERRUPT_VIRTUAL_IRQ] = {HCR_IMO, HCR_VI, ISR_I, DAIF_I, A64_VIRQ, true},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* Virtual ones exist only below EL2, and not for an EL0 that has no EL1 above it. */
static bool is_pending(const struct a64_cpu *c, const struct row *r)
{
    uint64_t hcr = el2_hcr(c);
    bool line = r->line != A64_LINES && c->line[r->line];
    if (!r->is_virtual)
        return line;
    return c->el < 2 && (hcr & r->route) && !(hcr & HCR_TGE) && (line || (hcr & r->pended));
}

unsigned interrupt_target(const struct a64_cpu *c, enum interrupt which)
{
    const struct row *r = &rows[which];
    return !r->is_virtual && (el2_hcr(c) & (r->route | HCR_TGE)) ? 2 : 1;
}

/* Taken to a higher level, masks do not hold it; to a lower one, it is not taken at all. */
static bool is_masked(const struct a64_cpu *c, enum interrupt which)
{
    unsigned target = interrupt_target(c, which);
    if (c->el == 2)
        return target == 1 || (c->daif & rows[which].mask);
    return target == 1 && (c->daif & rows[which].mask);
}

enum interrupt interrupt_next(const struct a64_cpu *c)
{
    for (unsigned which = INTERRUPT_FIQ; which < ROWS; which++)
        if (is_pending(c, &rows[which]) && !is_masked(c, which))
            return which;
    return INTERRUPT_NONE;
}

bool interrupt_wakes(const struct a64_cpu *c)
{
    for (unsigned which = INTERRUPT_FIQ; which < ROWS; which++)
        if (is_pending(c, &rows[which]))
            return true;
    return false;
}

/* EL1 sees virtual interrupts in place of the physical ones that go to EL2. */
uint64_t interrupt_status(const struct a64_cpu *c)
{
    uint64_t status = 0;
    for (unsigned which = INTERRUPT_FIQ; which < ROWS; which++) {
        const struct row *r = &rows[which];
        bool sees_virtual = el2_asks(c, r->route);
        if (r->is_virtual == sees_virtual && is_pending(c, r))
            status |= r->status;
    }
    return status;
}
