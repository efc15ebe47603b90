/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1 translation table walk (IHI 0070 3.4; DDI 0487 D8.2). */
#include "walk_s1.h"

#include "event.h"
#include "fetch.h"
#include "memattr.h"
#include "vmsa.h"
#include "vmsa_perm.h"

/* 3.4.1: all bits from the top of the range up equal VA[55], which selected the table. */
static bool va_in_range(uint64_t va, unsigned input_bits)
{
    uint64_t upper = va >> input_bits;
    uint64_t ones = MASK64(63, 0) >> input_bits;
    return upper == (va & BIT64(55) ? ones : 0);
}

static bool stage1_fault(struct fault *fault, enum event_type type)
{
    *fault = (struct fault){.type = (uint8_t)type, .cls = FAULT_CLASS_IN};
    return false;
}

static bool fetch_descriptor(const struct call *call, const struct tt_cfg *tt, uint64_t addr,
                             uint64_t *descriptor, struct fault *fault)
{
    if (!fetch_for(call, SMMU_FETCH_TTD, addr, tt->attr, descriptor, 1)) {
        *fault =
            (struct fault){.type = EVENT_F_WALK_EABT, .cls = FAULT_CLASS_TT, .fetch_addr = addr};
        return false;
    }
    if (!call->probe) {
        call->smmu->stats.ttd_fetches++;
        trace(call->smmu, SMMU_TRACE_ttd_fetch, addr, *descriptor);
    }
    return true;
}

/* The leaf is found: address size, then Access flag; permissions are checked by the user of the
 * entry (DDI 0487 D8.15, priorities). */
static bool take_leaf(const struct cd_cfg *cd, const struct tt_cfg *tt, uint64_t va, unsigned level,
                      uint64_t descriptor, struct vmsa_limits limits, struct tlb_entry *entry,
                      struct fault *fault)
{
    unsigned span = vmsa_span_log2(tt->granule_log2, level);
    entry->pa = vmsa_leaf_addr(descriptor, tt->granule_log2, level);
    if (entry->pa >> cd->output_bits != 0)
        return stage1_fault(fault, EVENT_F_ADDR_SIZE);
    if (!vmsa_af(descriptor) && !cd->affd)
        return stage1_fault(fault, EVENT_F_ACCESS);

    entry->tag.va = va >> span << span;
    entry->tag.span_log2 = (uint8_t)span;
    entry->tag.level = (uint8_t)level;
    entry->tag.global = !vmsa_ng(descriptor);
    for (int privileged = 0; privileged < 2; privileged++)
        entry->perm[privileged] = vmsa_perm(descriptor, limits, cd->wxn, cd->pan, privileged != 0);
    entry->attr = memattr_consistent((struct smmu_memattr){
        .mair = cd->mair[vmsa_attr_index(descriptor)], .sh = (uint8_t)vmsa_sh(descriptor)});
    return true;
}

bool walk_s1(const struct call *call, const struct cd_cfg *cd, uint64_t va, struct tlb_entry *entry,
             struct fault *fault)
{
    const struct tt_cfg *tt = &cd->tt[bits_get(va, 55, 55)];
    if (tt->disabled || !va_in_range(va, tt->input_bits))
        return stage1_fault(fault, EVENT_F_TRANSLATION);

    unsigned granule = tt->granule_log2;
    uint64_t table = vmsa_start_table(tt->base, granule, tt->input_bits);
    struct vmsa_limits limits = {0};
    for (unsigned level = vmsa_start_level(granule, tt->input_bits);; level++) {
        uint64_t addr = vmsa_descriptor_addr(table, va, granule, level, tt->input_bits);
        uint64_t descriptor;
        if (!fetch_descriptor(call, tt, addr, &descriptor, fault))
            return false;
        switch (vmsa_kind(descriptor, granule, level)) {
        case VMSA_INVALID:
            return stage1_fault(fault, EVENT_F_TRANSLATION);
        case VMSA_LEAF:
            return take_leaf(cd, tt, va, level, descriptor, limits, entry, fault);
        case VMSA_TABLE:
            break;
        }
        table = vmsa_table_addr(descriptor, granule);
        if (table >> cd->output_bits != 0)
            return stage1_fault(fault, EVENT_F_ADDR_SIZE);
        if (!tt->had)
            limits = vmsa_limit(limits, descriptor);
    }
}
