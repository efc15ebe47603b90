/* SPDX-License-Identifier: Apache-2.0 */
/* PSTATE in the layout of SPSR (DDI 0487 C5.2.19), and what follows from it and from system
 * registers. */
#include "exception/context.h"

#include "debug/selfhosted.h"
#include "exception/interrupt.h"
#include "mmu/cpu_tlb.h"
#include "mmu/jump.h"
#include "mmu/mmu.h"
#include "pmu/pmu.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"

bool context_fp_trapped_by_el1(const struct a64_cpu *c)
{
    unsigned fpen = bits_get(c->sysreg[SR_CPACR_EL1], CPACR_FPEN);
    if (c->el == 2)
        return false;
    return c->el == 0 ? fpen != 3 : !(fpen & 1);
}

/* CPACR_EL1 is about EL1 and EL0, CPTR_EL2 about EL2 as well. */
static bool fp_is_trapped(const struct a64_cpu *c)
{
    return context_fp_trapped_by_el1(c) || (c->sysreg[SR_CPTR_EL2] & CPTR_TFP);
}

void context_update(struct a64_cpu *c)
{
    uint64_t sctlr = c->sysreg[c->el == 2 ? SR_SCTLR_EL2 : SR_SCTLR_EL1];
    bool check_all = sctlr & SCTLR_A, check_sp = sctlr & (c->el == 0 ? SCTLR_SA0 : SCTLR_SA);
    bool cacheable = c->el != 2 && (el2_hcr(c) & HCR_DC);
    c->tlb = c->tlbs.entry[c->el];
    c->tlb_context = tlb_context(c, mmu_context_key(c));
    c->align = (!mmu_enabled(c, c->el) && !cacheable) || check_all ? ~UINT64_C(0) : 0;
    c->sp_align = check_sp ? 15 : 0;
    c->ignored_tags = (uint8_t)mmu_ignored_tags(c, c->el);
    c->fp_trapped = fp_is_trapped(c);
    jump_update_contexts(c);
}

void context_set_el(struct a64_cpu *c, unsigned el, bool spsel)
{
    if (el != c->el)
        pmu_leave_level(c);
    unsigned old_bank = c->spsel ? c->el : 0, new_bank = spsel ? el : 0;
    c->sp_bank[old_bank] = c->x[REG_SP];
    c->x[REG_SP] = c->sp_bank[new_bank];
    c->spsel = spsel;
    c->el = (uint8_t)el;
    context_update(c);
}

void context_update_attention(struct a64_cpu *c)
{
    c->attention &= ATTN_STOP | ATTN_SNOOP | ATTN_TRACE | ATTN_COUNTERS | ATTN_BRANCHES;
    if (interrupt_next(c) != INTERRUPT_NONE)
        c->attention |= ATTN_INTERRUPT;
    if (c->illegal)
        c->attention |= ATTN_ILLEGAL;
    if (step_is_active(c))
        c->attention |= ATTN_STEP;
}

void context_update_debug(struct a64_cpu *c)
{
    struct a64_selfhosted *s = &c->selfhosted;
    bool events = (c->sysreg[SR_MDSCR_EL1] & MDSCR_MDE) && !selfhosted_locked(c);
    uint32_t breakpoints = s->breakpoints, watchpoints = s->watchpoints;
    s->breakpoints = events ? selfhosted_armed_breakpoints(c) : 0;
    s->watchpoints = events ? selfhosted_armed_watchpoints(c) : 0;
    if (breakpoints | s->breakpoints)
        jump_forget(c); /* blocks of the jump table have not been cut */
    if (watchpoints | s->watchpoints)
        tlb_retag(c);
    context_update_attention(c);
}

/* ---- PSTATE ---- */

uint64_t pstate_get(const struct a64_cpu *c)
{
    return bits_put(SPSR_NZCV, c->nzcv) | bits_put(SPSR_DAIF, c->daif) |
           bits_put(SPSR_SS, c->selfhosted.ss) | bits_put(SPSR_IL, c->illegal) |
           bits_put(SPSR_EL, c->el) | bits_put(SPSR_SP, c->spsel);
}

void pstate_set(struct a64_cpu *c, uint64_t spsr)
{
    c->nzcv = bits_get(spsr, SPSR_NZCV);
    c->daif = (uint8_t)bits_get(spsr, SPSR_DAIF);
    c->illegal = spsr & SPSR_IL;
    c->selfhosted.ss = spsr & SPSR_SS;
    context_set_el(c, bits_get(spsr, SPSR_EL), spsr & SPSR_SP);
    context_update_attention(c);
}

/* To no higher level, and not to an EL1 that is out of use (D1.4.4). */
bool pstate_legal(const struct a64_cpu *c, uint64_t spsr)
{
    unsigned el = bits_get(spsr, SPSR_EL);
    if ((spsr & (SPSR_AARCH32 | SPSR_RESERVED)) || el > c->el)
        return false;
    if (el == 0)
        return !(spsr & SPSR_SP);
    return el != 1 || !(el2_hcr(c) & HCR_TGE);
}
