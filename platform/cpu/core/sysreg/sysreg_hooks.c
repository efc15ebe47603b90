/* SPDX-License-Identifier: Apache-2.0 */
/* System registers that are more than storage: views of PSTATE, translation control, the GIC. */
#include "sysreg/sysreg_hooks.h"

#include "exception/context.h"
#include "exception/interrupt.h"
#include "mmu/cpu_tlb.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"
#include "sysreg/sysreg.h"

/* Bits of SCTLR_EL1 give EL0 access to things. */
static enum sysreg_outcome trap_el0_unless(const struct a64_cpu *c, uint64_t allow)
{
    bool allowed = c->el != 0 || (c->sysreg[SR_SCTLR_EL1] & allow);
    return allowed ? SYSREG_OK : SYSREG_TRAP;
}

enum sysreg_outcome guard_user_mask(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return trap_el0_unless(c, SCTLR_UMA);
}

enum sysreg_outcome guard_cache_type(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return trap_el0_unless(c, SCTLR_UCT);
}

enum sysreg_outcome guard_cache_ops(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return trap_el0_unless(c, SCTLR_UCI);
}

enum sysreg_outcome guard_zero(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return trap_el0_unless(c, SCTLR_DZE);
}

/* ---- Views of PSTATE, of stack pointers, of FPCR and FPSR ---- */

/* SP_EL0 is not accessible by name while it is the current stack pointer (C5.2.20). */
enum sysreg_outcome guard_sp_el0(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return c->spsel ? SYSREG_OK : SYSREG_UNDEFINED;
}

#define VIEW(name, get, set)                                                                       \
    bool raw_read_##name(const struct a64_cpu *c, unsigned id, uint64_t *value)                    \
    {                                                                                              \
        (void)id;                                                                                  \
        *value = (get);                                                                            \
        return true;                                                                               \
    }                                                                                              \
    bool raw_write_##name(struct a64_cpu *c, unsigned id, uint64_t value)                          \
    {                                                                                              \
        (void)id;                                                                                  \
        set;                                                                                       \
        return true;                                                                               \
    }

#define SP_EL0 (*(c->spsel ? &c->sp_bank[0] : &c->x[REG_SP]))
#define SP_EL1 (*(c->el == 1 && c->spsel ? &c->x[REG_SP] : &c->sp_bank[1]))

VIEW(sp_el0, SP_EL0, SP_EL0 = value)
VIEW(sp_el1, SP_EL1, SP_EL1 = value)
VIEW(spsel, c->spsel, context_set_el(c, c->el, value & 1))
VIEW(nzcv, bits_put(SPSR_NZCV, c->nzcv), c->nzcv = bits_get(value, SPSR_NZCV))
VIEW(daif, bits_put(SPSR_DAIF, c->daif), c->daif = (uint8_t)bits_get(value, SPSR_DAIF);
     context_update_attention(c))
VIEW(fpcr, c->fp.fpcr, c->fp.fpcr = value & FPCR_WRITABLE)
VIEW(fpsr, c->fp.fpsr, c->fp.fpsr = value & FPSR_WRITABLE)

bool raw_read_current_el(const struct a64_cpu *c, unsigned id, uint64_t *value)
{
    (void)id;
    *value = bits_put(SPSR_EL, c->el);
    return true;
}

enum sysreg_outcome read_interrupt_status(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    (void)id;
    *value = interrupt_status(c);
    return SYSREG_OK;
}

/* ---- What EL2 is and sets ---- */

/* RVBAR_EL1 exists only where EL1 is the highest exception level. */
enum sysreg_outcome guard_highest(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return el2_present(c) ? SYSREG_UNDEFINED : SYSREG_OK;
}

/* EL1 is who EL2 says it is. */
enum sysreg_outcome read_identity(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    unsigned at_el1 = id == SR_MIDR_EL1 ? SR_VPIDR_EL2 : SR_VMPIDR_EL2;
    *value = c->sysreg[c->el == 1 && el2_present(c) ? at_el1 : id];
    return SYSREG_OK;
}

enum sysreg_outcome write_hypervisor(struct a64_cpu *c, unsigned id, uint64_t value)
{
    sysreg_store(c, id, value);
    context_update(c);
    context_update_attention(c);
    return SYSREG_OK;
}

/* ---- Floating point ---- */

enum sysreg_outcome guard_fp(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return c->fp_trapped ? SYSREG_TRAP_FP : SYSREG_OK;
}

/* ---- Caches: described, not modelled ---- */

uint32_t a64_cache_id(unsigned selected)
{
    static const uint32_t ccsidr[] = {
        [A64_CACHE_L1_DATA] = 0x701fe00a,
        [A64_CACHE_L1_INSTRUCTION] = 0x201fe012,
        [A64_CACHE_L2] = 0x70ffe07a,
    };
    return selected < sizeof ccsidr / sizeof *ccsidr ? ccsidr[selected] : 0;
}

enum sysreg_outcome read_cache_size(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    (void)id;
    *value = a64_cache_id((unsigned)c->sysreg[SR_CSSELR_EL1]);
    return SYSREG_OK;
}

enum sysreg_outcome read_zero_size(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    bool prohibited = guard_zero(c, id) != SYSREG_OK || el2_asks(c, HCR_TDZ);
    *value = c->sysreg[id] | bits_put(DCZID_DZP, prohibited);
    return SYSREG_OK;
}

/* ---- Translation control ---- */

static bool is_of_el1(unsigned id)
{
    return bits_get(sysreg_encoding(id), ENCODING_OP1) == 0;
}

/* SCTLR, TCR and MAIR may be cached in TLB entries; the model drops them when these change. What
 * EL2 writes to those of EL1 is for a machine to come, whose entries have a VMID of their own. */
enum sysreg_outcome write_translation(struct a64_cpu *c, unsigned id, uint64_t value)
{
    uint64_t before = c->sysreg[id];
    sysreg_store(c, id, value);
    if (c->sysreg[id] != before) {
        if (c->el != 2 || !is_of_el1(id))
            tlb_flush(c);
        context_update(c);
    }
    return SYSREG_OK;
}

/* Of a new table under the same ASID, the old entries stay: software has to invalidate them. */
enum sysreg_outcome write_context(struct a64_cpu *c, unsigned id, uint64_t value)
{
    sysreg_store(c, id, value);
    context_update(c);
    return SYSREG_OK;
}

/* A debugger has written what translations were made with, or what is derived from it. */
bool raw_write_regime(struct a64_cpu *c, unsigned id, uint64_t value)
{
    c->sysreg[id] = value;
    tlb_flush(c);
    context_update(c);
    context_update_attention(c);
    return true;
}
