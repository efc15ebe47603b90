/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine of software step (DDI 0487 D2.11). */
#include "debug_regs.h"
#include "exception.h"
#include "selfhosted.h"

bool step_is_active(const struct a64_cpu *c)
{
    return (c->sysreg[SR_MDSCR_EL1] & MDSCR_SS) && selfhosted_enabled(c, c->el, c->daif & DAIF_D);
}

/* The PE has to come from where it is not stepped. An illegal return stays at its level. */
uint64_t step_return(const struct a64_cpu *c, uint64_t spsr)
{
    unsigned target = pstate_legal(c, spsr) ? bits_get(spsr, SPSR_EL) : c->el;
    bool begins = (c->sysreg[SR_MDSCR_EL1] & MDSCR_SS) &&
                  !selfhosted_enabled(c, c->el, c->daif & DAIF_D) &&
                  selfhosted_enabled(c, target, spsr & SPSR_D);
    return begins ? spsr : spsr & ~SPSR_SS;
}

void step_begin(struct a64_cpu *c, const struct a64_op *o)
{
    struct a64_selfhosted *s = &c->selfhosted;
    unsigned row = a64_decoder_find(&c->decoder, o->word);
    s->stepping = true;
    s->exclusive = a64_decoder_row_is(row) & ROW_IS_LOAD_EXCLUSIVE;
}

void step_advance(struct a64_cpu *c)
{
    c->selfhosted.ss = false;
}

void step_end(struct a64_cpu *c)
{
    struct a64_selfhosted *s = &c->selfhosted;
    if (!s->stepping)
        return;
    s->stepping = false;
    s->stepped = step_is_active(c); /* what it did may have switched stepping off */
    step_advance(c);
}

void step_abandon(struct a64_cpu *c)
{
    c->selfhosted.ss = c->selfhosted.stepping = c->selfhosted.stepped = false;
}

/* ISV tells that an instruction was stepped, and EX is valid (D2.11.9.1). */
void step_exception(struct a64_cpu *c)
{
    const struct a64_selfhosted *s = &c->selfhosted;
    uint64_t iss = s->stepped ? ISS_ISV | (s->exclusive ? ISS_STEP_EX : 0) : 0;
    exception_debug(c, c->pc, EC_SOFTWARE_STEP, iss);
}
