/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine of software step (DDI 0487 D2.11). */
#include "debug/selfhosted.h"

#include "state/sysreg_fields.h"

bool step_is_active(const struct a64_cpu *c)
{
    return (c->sysreg[SR_MDSCR_EL1] & MDSCR_SS) && selfhosted_enabled(c, c->el, c->daif & DAIF_D);
}

/* The PE has to come from where it is not stepped. */
uint64_t step_return(const struct a64_cpu *c, uint64_t spsr, unsigned target)
{
    bool begins = (c->sysreg[SR_MDSCR_EL1] & MDSCR_SS) &&
                  !selfhosted_enabled(c, c->el, c->daif & DAIF_D) &&
                  selfhosted_enabled(c, target, spsr & SPSR_D);
    return begins ? spsr : spsr & ~SPSR_SS;
}

void step_begin(struct a64_cpu *c, bool exclusive)
{
    struct a64_selfhosted *s = &c->selfhosted;
    s->stepping = true;
    s->exclusive = exclusive;
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
    s->stepped = step_is_active(c); /* its work may have switched stepping off */
    step_advance(c);
}

void step_postpone(struct a64_cpu *c)
{
    c->selfhosted.stepping = false;
}

void step_abandon(struct a64_cpu *c)
{
    c->selfhosted.ss = c->selfhosted.stepping = c->selfhosted.stepped = false;
}

/* ISV tells that an instruction was stepped, and EX is valid (D2.11.9.1). */
uint64_t step_syndrome(const struct a64_cpu *c)
{
    const struct a64_selfhosted *s = &c->selfhosted;
    return s->stepped ? ISS_ISV | (s->exclusive ? ISS_STEP_EX : 0) : 0;
}
