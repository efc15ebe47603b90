/* SPDX-License-Identifier: Apache-2.0 */
/* Address translation: regimes EL1&0, in one stage or two, and EL2 (DDI 0487 D8). */
#ifndef A64_MMU_H
#define A64_MMU_H

#include "state/el2.h"
#include "state/state.h"
#include "vmsa_control.h"

/* Fault status codes; translation table levels are added to the first five. */
enum {
    FSC_ADDRESS_SIZE = 0x00,
    FSC_TRANSLATION = 0x04,
    FSC_ACCESS_FLAG = 0x08,
    FSC_PERMISSION = 0x0c,
    FSC_WALK_ABORT = 0x14,
    FSC_EXTERNAL = 0x10,
    FSC_ALIGNMENT = 0x21,
    FSC_DEBUG = 0x22,
};

enum a64_access {
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_EXEC,
    ACCESS_MAINTENANCE, /* cache maintenance: any permission will do, except at EL0 */
};

struct a64_request {
    uint64_t va;
    unsigned el; /* whose permissions count; 2 is the EL2 regime, else it is EL1&0 */
    enum a64_access access;
    bool misaligned; /* a data access that Device memory does not allow */
};

/* The fault of an address. To be zero before it is filled. */
struct a64_fault {
    unsigned fsc; /* fault status code with its level */
    bool stage2;  /* found by stage 2, hence EL2's business */
    bool s1ptw;   /* ... on an access to the tables of stage 1 */
    uint64_t ipa; /* of stage 2 faults: what stage 1 made of the address, or where its tables are */
};

/* Translates in the regime of the current exception level, through the TLB. Returns NULL and fills
 * `f` if that fails; else the entry, in which e->t.pa is the start of the 4 KiB page. */
const struct a64_tlb_entry *mmu_translate(struct a64_cpu *c, const struct a64_request *r,
                                          struct a64_fault *f);

/* Address translation instructions: without the TLB, in any regime, stage 1 alone or with
 * stage 2 if that is on. Permissions for `r` count. */
bool mmu_probe(struct a64_cpu *c, const struct a64_request *r, bool both_stages,
               struct a64_translation *t, struct a64_fault *f);

/* Translation at the current exception level for debuggers: without side effects, whoever may
 * access. */
bool mmu_peek(const struct a64_cpu *c, uint64_t va, struct a64_translation *t);

/* Tags that TCR_ELx.TBI ignores at `el`: bit 0 those of addresses with bit 55 clear, bit 1 with it
 * set. */
unsigned mmu_ignored_tags(const struct a64_cpu *c, unsigned el);

static inline uint64_t mmu_strip_tag(unsigned ignored, uint64_t va)
{
    return ignored >> vmsa_upper_half(va) & 1 ? vmsa_untagged(va, true) : va;
}

/* `va` without its tag byte, where the current exception level ignores one. */
static inline uint64_t mmu_untag(const struct a64_cpu *c, uint64_t va)
{
    return mmu_strip_tag(c->ignored_tags, va);
}

/* Where an indirect branch to `target` leads: tags do not enter the PC. */
static inline uint64_t mmu_branch_target(const struct a64_cpu *c, uint64_t target)
{
    return mmu_untag(c, target);
}

/* Is stage 1 of the regime of `el` on? */
static inline bool mmu_enabled(const struct a64_cpu *c, unsigned el)
{
    if (el == 2)
        return c->sysreg[SR_SCTLR_EL2] & SCTLR_M;
    return (c->sysreg[SR_SCTLR_EL1] & SCTLR_M) && !(el2_hcr(c) & (HCR_DC | HCR_TGE));
}

static inline bool mmu_has_stage2(const struct a64_cpu *c, unsigned el)
{
    return el != 2 && (el2_hcr(c) & (HCR_VM | HCR_DC));
}

/* The tag of TLB entries made at the current exception level; see tlb_context(). */
uint64_t mmu_context_key(const struct a64_cpu *c);

uint16_t mmu_cut_asid(const struct a64_cpu *c, uint64_t asid); /* by TCR_EL1.AS */

#endif
