/* SPDX-License-Identifier: Apache-2.0 */
/* Translations of stage 2 that are not plain, and what those that are plain rarely do (IHI
 * 0070 3.4, 3.13, 3.26, 3.27): see walk_s2.h. */
#include "walk/walk_s2.h"

#include "observe/unit.h"

bool s2_fault(enum event_type type, unsigned cls, uint64_t ipa, struct fault *fault)
{
    *fault = (struct fault){.type = (uint8_t)type, .cls = (uint8_t)cls, .s2 = true, .ipa = ipa};
    return false;
}

bool s2_denied(unsigned cls, uint64_t ipa, unsigned perm, unsigned need, bool refused,
               struct fault *fault)
{
    s2_fault(EVENT_F_PERMISSION, cls, ipa, fault);
    fault->lacks_read = !refused && txn_op_lacks_read(perm, need);
    fault->tt_read = need == SMMU_PERM_R;
    return false;
}

/* The Indirect permissions of stage 2 as SMMU_S2PII has them now: not cached with the STE (6.3.17).
 */
static const struct vmsa_scheme *
interpreted(const struct call *call, const struct vmsa_scheme *scheme, struct vmsa_scheme *out)
{
    *out = *scheme;
    out->base[0] = call->bank->reg[REG_S2PII];
    return out;
}

/* A walk of any form. `need` are the rights asked for; CDs never make a page dirty (3.13.3). */
static bool s2_any(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
                   unsigned need, struct tlb_entry *entry, struct fault *fault)
{
    struct walker w = s2_walker(call, ste, cls, ipa);
    struct unit_slot slot AT_END(unit_give) = unit_take(call, SMMU_UNIT_TABLE_WALK);
    if (slot.overtaken)
        return fault_overtaken(fault);
    observe_traffic(call, SMMU_OBSERVE_walk_slot, ipa, 0);
    struct vmsa_scheme indirect;
    if (w.scheme->indirect)
        w.scheme = interpreted(call, w.scheme, &indirect);
    if (!s2_in_range(ste, ipa))
        return walker_fault(&w, EVENT_F_TRANSLATION, fault);
    if (!walker_any_s2(&w, need, entry, fault))
        return false;
    if (walk_fills(call))
        walk_fill(call, entry);
    return true;
}

bool s2_from(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
             const struct walk_entry *cached, struct leaf *leaf, struct fault *fault)
{
    const struct walker w = s2_walker(call, ste, cls, ipa);
    struct leaf found = {0};
    if (!follow_tables(&w, cached, &found, fault, FORM_PLAIN, true))
        return false;
    plain_copy(leaf, &found);
    return true;
}

bool s2_settle(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
               unsigned need, struct leaf *leaf, struct fault *fault)
{
    const struct walker w = s2_walker(call, ste, cls, ipa);
    return walker_settle(&w, need, leaf, fault);
}

void s2_fill(const struct call *call, const struct ste_cfg *ste, uint64_t ipa,
             const struct leaf *leaf)
{
    const struct walker w = s2_walker(call, ste, FAULT_CLASS_IN, ipa);
    struct tlb_entry entry;
    leaf_s2_entry(&w, leaf, &entry, true);
    walk_fill(call, &entry);
}

bool s2_of_any(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
               unsigned need, struct s2_mapping *out, struct fault *fault)
{
    const struct tlb *tlb = &call->smmu->tlb;
    const struct tlb_entry *usable;
    struct tlb_entry entry = {0};
    if (unit_watched(call->smmu, SMMU_UNIT_TLB) &&
        !unit_use_count(call, SMMU_UNIT_TLB, tlb_further_sizes(tlb, ste->context, ipa)))
        return fault_overtaken(fault);
    if (!s2_cached(call, ste, cls, ipa, need, &usable, fault) ||
        (!usable && !s2_any(call, ste, cls, ipa, need, &entry, fault)))
        return false;
    s2_by_entry(usable ? usable : &entry, ipa, out);
    return true;
}

bool s2_lets_structure(const struct ste_cfg *ste, const struct s2_mapping *s2,
                       struct walk_hardening *hardening)
{
    unsigned overlay =
        ste->s2_overlaid ? (unsigned)(ste->s2_overlay >> 4 * s2->pbha & 15) : VMSA_NO_OVERLAY;
    hardening->assured_only = (s2->caution & TLB_ASSURED_ONLY) != 0;
    hardening->for_tables = vmsa_s2_for_tables(s2->base, overlay);
    return hardening->top == 0 || vmsa_top_level_ok(ste->s2_tops, hardening->for_tables,
                                                    hardening->top == VMSA_TOP_LEVEL1);
}

bool walk_structure(const struct call *call, const struct ste_cfg *ste, enum fault_class cls,
                    bool read, uint64_t *addr, struct smmu_memattr *attr, struct fault *fault)
{
    return s2_structure(call, ste, cls, read, false, addr, attr, NULL, fault);
}

bool walk_plain_table(const struct call *call, const struct ste_cfg *ste, struct smmu_mem_req *req,
                      struct fault *fault)
{
    return s2_structure(call, ste, FAULT_CLASS_TT, true, true, &req->addr, &req->attr, NULL, fault);
}

bool walk_hardened(const struct call *call, const struct ste_cfg *ste, enum fault_class cls,
                   bool read, uint64_t *addr, struct smmu_memattr *attr,
                   struct walk_hardening *hardening, struct fault *fault)
{
    return s2_structure(call, ste, cls, read, false, addr, attr, hardening, fault);
}

static bool s2_alone_found(const struct call *call, const struct ste_cfg *ste, unsigned cls,
                           uint64_t ipa, unsigned need, struct tlb_entry *entry,
                           struct fault *fault)
{
    const struct tlb_entry *usable;
    struct leaf leaf = {0};
    if (!s2_cached(call, ste, cls, ipa, need, &usable, fault))
        return false;
    if (usable) {
        *entry = *usable;
        return true;
    }
    if (!stage_is_plain(&ste->s2) || !call_is_plain(call))
        return s2_any(call, ste, cls, ipa, need, entry, fault);
    if (!s2_leaf(call, ste, cls, ipa, need, &leaf, fault))
        return false;
    const struct walker w = s2_walker(call, ste, cls, ipa);
    leaf_s2_entry(&w, &leaf, entry, true);
    if (walk_fills(call))
        walk_fill(call, entry);
    return true;
}

bool s2_alone(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
              unsigned need, struct tlb_entry *entry, struct fault *fault)
{
    const bool privileged = call->txn->priv;
    if (!s2_alone_found(call, ste, cls, ipa, need, entry, fault))
        return false;
    return s2_permits(ste, cls, ipa, entry->s2_perm[privileged], entry->s2_pbha, entry->caution,
                      need, privileged, fault);
}
