/* SPDX-License-Identifier: Apache-2.0 */
/* Debug registers that are more than storage: OS Lock, CLAIM tags, and the Debug Communications
 * Channel, at whose other end is no one (DDI 0487 D24.3). */
#include "exception/context.h"
#include "state/sysreg_fields.h"
#include "sysreg/sysreg.h"
#include "sysreg/sysreg_hooks.h"

enum { CLAIM_TAGS = 0xff };

enum sysreg_outcome write_os_lock(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)id;
    uint64_t locked = value & OSLAR_OSLK ? OSLSR_OSLK : 0;
    c->sysreg[SR_OSLSR_EL1] = (c->sysreg[SR_OSLSR_EL1] & ~OSLSR_OSLK) | locked;
    context_update_debug(c);
    return SYSREG_OK;
}

/* Debug exceptions depend on these. */
enum sysreg_outcome write_debug(struct a64_cpu *c, unsigned id, uint64_t value)
{
    sysreg_store(c, id, value);
    context_update_debug(c);
    return SYSREG_OK;
}

bool raw_write_debug(struct a64_cpu *c, unsigned id, uint64_t value)
{
    c->sysreg[id] = value;
    context_update_debug(c);
    return true;
}

/* OSECCR_EL1 ignores writes while the OS Lock is open (D24.3.26). */
enum sysreg_outcome write_exception_catch(struct a64_cpu *c, unsigned id, uint64_t value)
{
    if (c->sysreg[SR_OSLSR_EL1] & OSLSR_OSLK)
        sysreg_store(c, id, value);
    return SYSREG_OK;
}

/* ---- CLAIM tags: DBGCLAIMCLR_EL1 holds them ---- */

enum sysreg_outcome read_claim_set(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    (void)c, (void)id;
    *value = CLAIM_TAGS;
    return SYSREG_OK;
}

enum sysreg_outcome write_claim_set(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)id;
    c->sysreg[SR_DBGCLAIMCLR_EL1] |= value & CLAIM_TAGS;
    return SYSREG_OK;
}

enum sysreg_outcome write_claim_clear(struct a64_cpu *c, unsigned id, uint64_t value)
{
    c->sysreg[id] &= ~value;
    return SYSREG_OK;
}

/* ---- Debug Communications Channel: OSDTRRX_EL1 and OSDTRTX_EL1 hold DTRRX and DTRTX. Data sent
 * stays where it is, so that TXfull never falls, and RXfull never rises. ---- */

/* MDSCR_EL1.TDCC keeps EL0 from it. */
enum sysreg_outcome guard_debug_comms(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return c->el == 0 && (c->sysreg[SR_MDSCR_EL1] & MDSCR_TDCC) ? SYSREG_TRAP : SYSREG_OK;
}

enum sysreg_outcome read_receive(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    (void)id;
    *value = c->sysreg[SR_OSDTRRX_EL1];
    return SYSREG_OK;
}

enum sysreg_outcome write_transmit(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)id;
    c->sysreg[SR_OSDTRTX_EL1] = (uint32_t)value;
    c->sysreg[SR_MDCCSR_EL0] |= MDCCSR_TXFULL;
    return SYSREG_OK;
}

enum sysreg_outcome read_data_transfer(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    (void)id;
    *value = c->sysreg[SR_OSDTRTX_EL1] << 32 | c->sysreg[SR_OSDTRRX_EL1];
    return SYSREG_OK;
}

enum sysreg_outcome write_data_transfer(struct a64_cpu *c, unsigned id, uint64_t value)
{
    c->sysreg[SR_OSDTRRX_EL1] = value >> 32;
    return write_transmit(c, id, value);
}
