/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a translation table walk, in the order of DDI 0487 D8.2 to D8.4. */
#include "mmu/cpu_walk.h"

#include "mmu/mmu.h"
#include "mmu/phys.h"
#include "state/sysreg_fields.h"

static bool fault(struct a64_fault *f, unsigned code, int level)
{
    f->fsc = code + (unsigned)level;
    return false;
}

static bool fetch(const struct a64_cpu *c, const struct walker *w, uint64_t at, int level,
                  uint64_t *desc, struct a64_fault *f)
{
    if (w->locate && !w->locate(c, w, at, &at, f))
        return false;
    bool ok =
        w->access ? phys_read_descriptor(w->access, at, desc) : phys_peek_descriptor(c, at, desc);
    return ok || fault(f, FSC_WALK_ABORT, level);
}

bool walk_tables(const struct a64_cpu *c, const struct walker *w, const struct walk_start *start,
                 uint64_t address, struct walk_leaf *leaf, struct a64_fault *f)
{
    const struct vmsa_geometry *g = &start->geometry;
    uint64_t table = vmsa_first_table(g, start->table & TTBR_BADDR);

    leaf->limits = 0;
    if (vmsa_too_large(g, table))
        return fault(f, FSC_ADDRESS_SIZE, 0);
    for (int level = (int)g->start_level;; level++) {
        uint64_t desc;
        if (!fetch(c, w, vmsa_descriptor_addr(g, table, level, 0, address), level, &desc, f))
            return false;
        enum vmsa_kind kind = vmsa_kind(g, desc, level);
        if (kind == VMSA_INVALID)
            return fault(f, FSC_TRANSLATION, level);
        uint64_t output =
            kind == VMSA_TABLE ? vmsa_next_table(g, desc, 0) : vmsa_output(g, desc, level);
        if (vmsa_too_large(g, output))
            return fault(f, FSC_ADDRESS_SIZE, level);
        if (kind == VMSA_LEAF) {
            leaf->desc = desc;
            leaf->base = output;
            leaf->level = (uint8_t)level;
            leaf->log2 = (uint8_t)vmsa_span_log2(g, level);
            return vmsa_accessed(desc) || fault(f, FSC_ACCESS_FLAG, level);
        }
        leaf->limits = vmsa_limit(&start->scheme, leaf->limits, desc);
        table = output;
    }
}
