/* SPDX-License-Identifier: Apache-2.0 */
/* Translations by one stage or both: what walks find, put together and remembered (IHI 0070 3.3,
 * 3.4). Stage 1 finds its tables through stage 2 where that translates: see walk_s2.h. */
#include "walk/walk.h"

#include "base/memattr.h"
#include "observe/observe.h"
#include "observe/unit.h"
#include "report/event.h"
#include "stream/ste_layout.h"
#include "vmsa/vmsa32.h"
#include "vmsa/vmsa_scheme.h"
#include "walk/leaf.h"
#include "walk/plain.h"
#include "walk/tlb.h"
#include "walk/walk_s2.h"
#include "walk/walker.h"

_Static_assert((int)VMSA_READ == SMMU_PERM_R && (int)VMSA_WRITE == SMMU_PERM_W &&
                   (int)VMSA_EXECUTE == SMMU_PERM_X && VMSA_UPDATE == TXN_OP_UPDATE,
               "the rights of a descriptor are those of the public interface, and one more");

void walk_fill(const struct call *call, struct tlb_entry *entry)
{
    struct smmu_state *smmu = call->smmu;
    entry->prefetched = call->mode == CALL_PREFETCH;
    observe_traffic(call, SMMU_OBSERVE_tlb_fill, entry->tag.va, 0);
    if (tlb_fill(&smmu->tlb, entry))
        observe_traffic(call, SMMU_OBSERVE_tlb_evict, entry->tag.va, 0);
}

/* --- stage 1 ------------------------------------------------------------------------------------
 */

static unsigned input_bits(const struct cd_cfg *cd, unsigned half)
{
    return cd->tt[half].stage.geometry.input_bits;
}

static const struct tt_cfg *table32(const struct cd_cfg *cd, uint64_t ia, bool privileged)
{
    int half = vmsa32_range(ia, input_bits(cd, 0), input_bits(cd, 1));
    return half >= 0 && !cd->tt[half].closed[privileged] ? &cd->tt[half] : NULL;
}

const struct tt_cfg *walk_table(const struct ste_cfg *ste, const struct cd_cfg *cd, uint64_t ia,
                                bool privileged)
{
    if (cd->vmsa32)
        return table32(cd, ia, privileged);
    bool upper = ste_upper_half(ste, ia);
    const struct tt_cfg *tt = &cd->tt[upper];
    return !tt->closed[privileged] && vmsa_in_range(&tt->stage.geometry, ia, upper) ? tt : NULL;
}

static inline struct walker s1_walker(const struct call *call, const struct ste_cfg *ste,
                                      const struct cd_cfg *cd, const struct tt_cfg *tt,
                                      unsigned cls, uint64_t ia, uint64_t split)
{
    return (struct walker){
        .call = call,
        .ste = ste,
        .stage = &tt->stage,
        .scheme = &tt->stage.scheme,
        .cache = &call->smmu->walk_s1,
        .context = cd_context(ste, cd),
        .nested = (ste->config & STE_CONFIG_S2) != 0,
        .cls = cls,
        .mpam = &cd->mpam,
        .ia = ia,
        .split = split,
    };
}

/* Do what the access makes of the leaf: walker_settle(). */
static __attribute__((cold, noinline)) bool
s1_settle(const struct call *call, const struct ste_cfg *ste, const struct cd_cfg *cd,
          const struct tt_cfg *tt, unsigned cls, uint64_t ia, unsigned need, struct leaf *leaf,
          struct fault *fault)
{
    const struct walker w = s1_walker(call, ste, cd, tt, cls, ia, 0);
    return walker_settle(&w, need, leaf, fault);
}

/* s2_from() of stage 1. */
static __attribute__((noinline)) bool s1_from(const struct call *call, const struct ste_cfg *ste,
                                              const struct cd_cfg *cd, const struct tt_cfg *tt,
                                              unsigned cls, uint64_t ia,
                                              const struct walk_entry *cached, struct leaf *leaf,
                                              struct fault *fault)
{
    const struct walker w = s1_walker(call, ste, cd, tt, cls, ia, 0);
    struct leaf found = {0};
    if (!follow_tables(&w, cached, &found, fault, FORM_PLAIN, false))
        return false;
    plain_copy(leaf, &found);
    return true;
}

/* s2_leaf() of stage 1. */
PLAIN bool s1_leaf(const struct walker *w, const struct cd_cfg *cd, const struct tt_cfg *tt,
                   unsigned need, struct leaf *leaf, struct fault *fault)
{
    observe_call_of(w->call, SMMU_OBSERVE_walk_slot, w->ia, 0, true);
    const struct walk_entry *cached = cached_table(w, FORM_PLAIN);
    observe_cached(w, cached, FORM_PLAIN, false);
    if (__builtin_expect(plain_is_last(cached), true)) {
        struct smmu_mem_req req;
        plain_request(w, cached, leaf, &req, false);
        if ((w->nested && !s2_structure(w->call, w->ste, FAULT_CLASS_TT, true, true, &req.addr,
                                        &req.attr, NULL, fault)) ||
            !plain_read(w, &req, leaf, fault, false))
            return false;
    } else {
        struct leaf found;
        if (!s1_from(w->call, w->ste, cd, tt, w->cls, w->ia, cached, &found, fault))
            return false;
        plain_copy(leaf, &found);
    }
    if (__builtin_expect(plain_is_good(w, leaf), true))
        return true;
    struct leaf settled = plain_whole(leaf);
    if (!s1_settle(w->call, w->ste, cd, tt, w->cls, w->ia, need, &settled, fault))
        return false;
    plain_copy(leaf, &settled);
    return true;
}

static __attribute__((cold, noinline)) bool s1_denied(unsigned perm, unsigned need,
                                                      struct fault *fault)
{
    *fault = (struct fault){.type = EVENT_F_PERMISSION,
                            .cls = FAULT_CLASS_IN,
                            .lacks_read = txn_op_lacks_read(perm, need)};
    return false;
}

/* --- both ---------------------------------------------------------------------------------------
 */

/* Make a stage 1 entry one of both stages: the smaller of the two mappings, the final address. What
 * stage 1 maps may thus be cached in pieces. */
static inline __attribute__((always_inline)) void
combine(struct tlb_entry *entry, const struct s2_mapping *s2, uint64_t va, uint64_t ipa)
{
    struct tag_words words = tag_words(&entry->tag);
    unsigned span = entry->tag.span_log2;
    if (s2->span_log2 < span) {
        words.context ^= (uint64_t)(span ^ s2->span_log2) << TAG_SPAN;
        span = s2->span_log2;
    }
    words.stages |= UINT64_C(1) << TAG_S2 | (uint64_t)s2->leaf_log2 << TAG_LEAF2;
    tag_set(&entry->tag, va >> span << span, words);
    entry->ipa = ipa >> span << span;
    entry->pa = s2->pa >> span << span;
    entry->s2_perm[0] = s2->perm[0];
    entry->s2_perm[1] = s2->perm[1];
    entry->s2_pbha = s2->pbha;
    entry->caution |= s2->caution;
    entry->s2_clean = s2->clean;
    entry->attr = memattr_stage2(entry->attr, s2->attr, s2->forces_wb);
}

void walk_overlay(const struct ste_cfg *ste, struct tlb_entry *entry)
{
    if (!ste->s2_overlaid || !entry->tag.s2)
        return;
    entry->s2_perm[0] &= leaf_overlay(ste, entry->s2_pbha, false);
    entry->s2_perm[1] &= leaf_overlay(ste, entry->s2_pbha, true);
    entry->s2_clean &=
        (leaf_overlay(ste, entry->s2_pbha, true) & VMSA_WRITE) != 0; /* of both alike */
}

/* What a call goes by that translates by stage 1, and by stage 2 where that translates. */
struct both {
    const struct ste_cfg *ste;
    const struct cd_cfg *cd;
    const struct tt_cfg *tt;
    unsigned need;
    uint64_t ia;
};

/* The class of a walk of stage 2 for an address that clients give, `limits` being those of the leaf
 * of stage 1 that it comes from. */
static inline unsigned s2_class(const struct call *call, const struct cd_cfg *cd, unsigned limits)
{
    bool assured = walk_assured(call, cd) && !(limits & VMSA_NOT_ASSURED);
    return FAULT_CLASS_IN | (assured ? 0 : WALK_NOT_ASSURED);
}

/* Whether the call ends with what stage 1 gives, rights of `perm`. */
static inline bool ends_at_s1(const struct call *call, unsigned perm)
{
    return call->s1_only || (call->any && !(perm & call->any));
}

/* The walks are plain. What the leaf of stage 1 becomes is made last, as it is large. */
static inline __attribute__((always_inline)) bool both_plain(const struct call *call,
                                                             const struct both *by,
                                                             struct tlb_entry *entry,
                                                             struct fault *fault)
{
    const struct walker w = s1_walker(call, by->ste, by->cd, by->tt, FAULT_CLASS_IN, by->ia, 0);
    const bool privileged = call->txn->priv;
    struct leaf leaf = {0};
    struct s2_mapping s2;

    if (!s1_leaf(&w, by->cd, by->tt, by->need, &leaf, fault))
        return false;
    unsigned rights = vmsa_tabulated(w.scheme, leaf.descriptor, leaf.limits);
    unsigned perm = vmsa_tabulated_for(rights, privileged);
    if (!txn_op_permitted(perm, by->need))
        return s1_denied(perm, by->need, fault);
    if (ends_at_s1(call, perm)) {
        leaf_s1_entry(&w, by->cd, &leaf, entry, true);
        return true;
    }
    if (!w.nested) {
        leaf_s1_entry(&w, by->cd, &leaf, entry, true);
        entry->pa = truncate_to_oas(call->smmu, entry->pa);
    } else {
        uint64_t ipa = leaf_output(&leaf) | (by->ia & (BIT64(leaf.span_log2) - 1));
        unsigned cls = FAULT_CLASS_IN;
        if (!s2_of_plain(call, by->ste, cls, ipa, by->need, &s2, fault))
            return false;
        if (s2.caution & TLB_ASSURED_ONLY) /* cached by another stream */
            cls = s2_class(call, by->cd, leaf.limits);
        if (!s2_permits(by->ste, cls, ipa, privileged ? s2.perm[1] : s2.perm[0], s2.pbha,
                        s2.caution, by->need, privileged, fault))
            return false;
        leaf_s1_entry(&w, by->cd, &leaf, entry, true);
        combine(entry, &s2, by->ia, ipa);
    }
    if (walk_fills(call))
        walk_fill(call, entry);
    return true;
}

/* The walks have any form. */
static __attribute__((noinline)) bool both_any(const struct call *call, const struct both *by,
                                               struct tlb_entry *entry, struct fault *fault)
{
    const struct cd_cfg *cd = by->cd;
    const uint64_t split = cd->vmsa32 ? vmsa32_split(input_bits(cd, 0), input_bits(cd, 1)) : 0;
    const struct walker w =
        s1_walker(call, by->ste, cd, by->tt, s2_class(call, cd, 0), by->ia, split);
    const bool privileged = call->txn->priv;
    struct s2_mapping s2;
    unsigned limits;

    struct unit_slot slot AT_END(unit_give) = unit_take(call, SMMU_UNIT_TABLE_WALK);
    if (slot.overtaken)
        return fault_overtaken(fault);
    observe_traffic(call, SMMU_OBSERVE_walk_slot, by->ia, 0);
    if (!walker_any_s1(&w, by->cd, by->need, entry, &limits, fault))
        return false;
    unsigned perm = entry->s1_perm[privileged];
    if (!txn_op_permitted(perm, by->need))
        return s1_denied(perm, by->need, fault);
    if (ends_at_s1(call, perm))
        return true;
    if (!w.nested) {
        entry->pa = truncate_to_oas(call->smmu, entry->pa);
    } else {
        uint64_t ipa = entry->pa + (by->ia - entry->tag.va);
        unsigned cls = s2_class(call, by->cd, limits);
        if (!s2_of_any(call, by->ste, cls, ipa, by->need, &s2, fault) ||
            !s2_permits(by->ste, cls, ipa, s2.perm[privileged], s2.pbha, s2.caution, by->need,
                        privileged, fault))
            return false;
        combine(entry, &s2, by->ia, ipa);
    }
    if (walk_fills(call))
        walk_fill(call, entry);
    return true;
}

/* walk(), but for the overlay. */
static inline __attribute__((always_inline)) bool
walk_stages(const struct call *call, const struct ste_cfg *ste, const struct cd_cfg *cd,
            uint64_t ia, unsigned need, struct tlb_entry *entry, struct fault *fault)
{
    if (!cd)
        return s2_alone(call, ste, s2_class(call, NULL, 0), ia, need, entry, fault);
    const struct tt_cfg *tt = walk_table(ste, cd, ia, call->txn->priv);
    if (!tt)
        return walker_fault_of(false, FAULT_CLASS_IN, ia, EVENT_F_TRANSLATION, fault);
    const struct both by = {ste, cd, tt, need, ia};
    if (__builtin_expect(call_is_plain(call) && stages_are_plain(ste, &tt->stage), true))
        return both_plain(call, &by, entry, fault);
    const struct both any = by;
    return both_any(call, &any, entry, fault);
}

bool walk(const struct call *call, const struct ste_cfg *ste, const struct cd_cfg *cd, uint64_t ia,
          unsigned need, struct tlb_entry *entry, struct fault *fault)
{
    if (!walk_stages(call, ste, cd, ia, need, entry, fault))
        return false;
    walk_overlay(ste, entry);
    return true;
}
