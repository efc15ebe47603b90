/* SPDX-License-Identifier: Apache-2.0 */
/* Address translation at EL1&0, stage 1 (DDI 0487 D8). */
#ifndef A64_MMU_H
#define A64_MMU_H

#include "state.h"

enum a64_access {
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_EXEC,
    ACCESS_MAINTENANCE, /* cache maintenance: any permission will do, except at EL0 */
};

struct a64_request {
    uint64_t va;
    unsigned el; /* whose permissions count */
    enum a64_access access;
    bool misaligned; /* a data access that Device memory does not allow */
};

/* Translates through the TLB. Returns NULL and a fault status code if it fails; else the entry, in
 * which e->t.pa is the start of the 4 KiB page. */
const struct a64_tlb_entry *mmu_translate(struct a64_cpu *c, const struct a64_request *r,
                                          unsigned *fsc);

/* Translation without the TLB; `*walk_abort`, if not NULL, tells external aborts on the walk. */
bool mmu_walk(struct a64_cpu *c, uint64_t va, struct a64_translation *t, unsigned *fsc);

/* The same for debuggers, without side effects. */
bool mmu_peek(const struct a64_cpu *c, uint64_t va, struct a64_translation *t);

/* Checks made after a successful walk; returns a fault status code or -1. */
int mmu_check(const struct a64_translation *t, const struct a64_request *r);

/* `va` without its tag byte, where TCR_EL1.TBI ignores one. */
uint64_t mmu_untag(const struct a64_cpu *c, uint64_t va);

/* Where an indirect branch to `target` leads: tags do not enter the PC. */
static inline uint64_t mmu_branch_target(const struct a64_cpu *c, uint64_t target)
{
    return mmu_untag(c, target);
}

static inline bool mmu_enabled(const struct a64_cpu *c)
{
    return c->sysreg[SR_SCTLR_EL1] & 1;
}

/* ASID in use: TTBR0's or TTBR1's, by TCR_EL1.A1, cut by TCR_EL1.AS. */
uint16_t mmu_asid(const struct a64_cpu *c);
uint16_t mmu_cut_asid(const struct a64_cpu *c, uint64_t asid);

#endif
