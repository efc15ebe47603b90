/* SPDX-License-Identifier: Apache-2.0 */
/* Translations by one stage or both: what a walk finds, from the TLB where that has it, put
 * together and remembered (IHI 0070 3.3, 3.4). Stage 1 finds its tables through stage 2 where that
 * translates; so stage 2 is written first. */
#include "walk/walk.h"

#include "base/memattr.h"
#include "observe/observe.h"
#include "observe/unit.h"
#include "report/event.h"
#include "stream/ste_layout.h"
#include "vmsa/vmsa32.h"
#include "vmsa/vmsa_scheme.h"
#include "walk/leaf.h"
#include "walk/steps.h"
#include "walk/tlb.h"
#include "walk/walker.h"

_Static_assert((int)VMSA_READ == SMMU_PERM_R && (int)VMSA_WRITE == SMMU_PERM_W &&
                   (int)VMSA_EXECUTE == SMMU_PERM_X && VMSA_UPDATE == TXN_OP_UPDATE,
               "the rights of a descriptor are those of the public interface, and one more");

/* --- stage 2 ------------------------------------------------------------------------------------
 */

/* Walk stage 2 for w->ia. `need` are the rights asked for; CDs never make a page dirty (3.13.3). */
static inline __attribute__((always_inline)) bool
s2_walk(const struct walker *w, unsigned need, struct tlb_entry *entry, struct fault *fault)
{
    if (w->ia >> w->stage->geometry.input_bits != 0)
        return walker_fault(w, EVENT_F_TRANSLATION, fault);
    return walker_s2(w, need, entry, fault);
}

static __attribute__((noinline)) void fill_there(const struct call *call, struct tlb_entry *entry)
{
    struct smmu_state *smmu = call->smmu;
    entry->prefetched = call->mode == CALL_PREFETCH;
    observe_traffic(call, SMMU_OBSERVE_tlb_fill, entry->tag.va, 0);
    if (tlb_fill(&smmu->tlb, entry))
        observe_traffic(call, SMMU_OBSERVE_tlb_evict, entry->tag.va, 0);
}

static inline void fill(const struct call *call, struct tlb_entry *entry)
{
    if (!tlb_absent(&call->smmu->tlb) && call_fills(call))
        fill_there(call, entry);
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

static inline struct walker s2_walker(const struct call *call, const struct ste_cfg *ste,
                                      unsigned cls, uint64_t ipa)
{
    return (struct walker){.call = call,
                           .ste = ste,
                           .stage = &ste->s2,
                           .scheme = &ste->s2.scheme,
                           .s2 = true,
                           .cache = &call->smmu->walk_s2,
                           .context = ste->context,
                           .cls = cls,
                           .mpam = ste->mpam,
                           .ia = ipa};
}

/* Walk for the stage 2 translation of `ipa`, which the TLB does not have. */
static inline __attribute__((always_inline)) bool
s2_missed(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
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
    if (!s2_walk(&w, need, entry, fault))
        return false;
    fill(call, entry);
    return true;
}

/* A fault of stage 2, of `ipa`. */
static __attribute__((cold, noinline)) const struct tlb_entry *
s2_fault(enum event_type type, unsigned cls, uint64_t ipa, struct fault *fault)
{
    *fault = (struct fault){.type = (uint8_t)type, .cls = (uint8_t)cls, .s2 = true, .ipa = ipa};
    return NULL;
}

/* The rights of stage 2 are not enough, or not for what got there. */
static __attribute__((cold, noinline)) const struct tlb_entry *
s2_denied(unsigned cls, uint64_t ipa, unsigned perm, unsigned need, bool refused,
          struct fault *fault)
{
    s2_fault(EVENT_F_PERMISSION, cls, ipa, fault);
    fault->lacks_read = !refused && txn_op_lacks_read(perm, need);
    fault->tt_read = need == SMMU_PERM_R;
    return NULL;
}

/* The stage 2 translation of `ipa`, from the TLB or by a walk, then in `walked`, if it gives the
 * rights asked for and, with WALK_NOT_ASSURED in `cls`, is not AssuredOnly; else NULL. It stays
 * until the next memory access. Its rights are without the overlay. */
static inline __attribute__((always_inline)) const struct tlb_entry *
s2_translate(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
             unsigned need, bool privileged, struct tlb_entry *walked, struct fault *fault)
{
    struct tlb *tlb = &call->smmu->tlb;
    struct tlb_entry *found = tlb_find_in(tlb, ste->context, ipa, call->mode == CALL_REAL);
    const struct tlb_entry *entry = found;

    if (entry && entry->caution) {
        entry = tlb_cautious(tlb, ste->context, ipa, entry, txn_op_dirties(need));
        if (entry == &tlb_conflict)
            return s2_fault(EVENT_F_TLB_CONFLICT, cls, ipa, fault);
    }
    if (entry)
        walk_note_use(call, &found->prefetched);
    else if (s2_missed(call, ste, cls, ipa, need, walked, fault))
        entry = walked;
    else
        return NULL;
    unsigned perm = entry->s2_perm[privileged] & leaf_overlay(ste, entry->s2_pbha, privileged);
    bool refused = (entry->caution & TLB_ASSURED_ONLY) && (cls & WALK_NOT_ASSURED);
    if (__builtin_expect(txn_op_permitted(perm, need) && !refused, true))
        return entry;
    return s2_denied(cls, ipa, perm, need, refused, fault);
}

/* The same, for an address that the call has not looked up yet. */
static inline __attribute__((always_inline)) const struct tlb_entry *
s2_look_up(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
           unsigned need, bool privileged, struct tlb_entry *walked, struct fault *fault)
{
    const struct tlb *tlb = &call->smmu->tlb;
    if (unit_watched(call->smmu, SMMU_UNIT_TLB) &&
        !unit_use_count(call, SMMU_UNIT_TLB, tlb_further_sizes(tlb, ste->context, ipa))) {
        fault_overtaken(fault);
        return NULL;
    }
    return s2_translate(call, ste, cls, ipa, need, privileged, walked, fault);
}

/* Whether translation hardening lets a structure be where `entry` is; say what that is. */
static __attribute__((cold, noinline)) bool
hardened(const struct ste_cfg *ste, const struct tlb_entry *entry, struct walk_hardening *hardening)
{
    unsigned overlay =
        ste->s2_overlaid ? (unsigned)(ste->s2_overlay >> 4 * entry->s2_pbha & 15) : VMSA_NO_OVERLAY;
    hardening->assured_only = (entry->caution & TLB_ASSURED_ONLY) != 0;
    hardening->for_tables = vmsa_s2_for_tables(entry->s2_base, overlay);
    return hardening->top == 0 || vmsa_top_level_ok(ste->s2_tops, hardening->for_tables,
                                                    hardening->top == VMSA_TOP_LEVEL1);
}

static inline __attribute__((always_inline)) bool
find_structure(const struct call *call, const struct ste_cfg *ste, enum fault_class cls, bool read,
               uint64_t *addr, struct smmu_memattr *attr, struct walk_hardening *hardening,
               struct fault *fault)
{
    struct tlb_entry walked;
    unsigned need = read ? SMMU_PERM_R : TXN_OP_UPDATE;
    unsigned to = (unsigned)cls | (hardening && !hardening->assured ? WALK_NOT_ASSURED : 0);

    const struct tlb_entry *entry = s2_look_up(call, ste, to, *addr, need, true, &walked, fault);
    if (!entry)
        return false;
    struct smmu_memattr s2 = entry->attr;
    bool device = memattr_is_device(s2);
    if ((ste->s2_ptw && device) || (hardening && !hardened(ste, entry, hardening))) {
        *fault = (struct fault){.type = EVENT_F_PERMISSION,
                                .cls = (uint8_t)cls,
                                .s2 = true,
                                .ipa = *addr,
                                .tt_read = read};
        return false;
    }
    if (device && call->smmu->cfg.ptwnnc) /* 5.2, S2PTW */
        s2 = (struct smmu_memattr){SMMU_MAIR_NORMAL_NC, SMMU_SH_OUTER};
    *addr = entry->pa + (*addr - entry->tag.va);
    *attr = memattr_stage2(*attr, s2, entry->forces_wb);
    return true;
}

bool walk_structure(const struct call *call, const struct ste_cfg *ste, enum fault_class cls,
                    bool read, uint64_t *addr, struct smmu_memattr *attr, struct fault *fault)
{
    return find_structure(call, ste, cls, read, addr, attr, NULL, fault);
}

bool walk_hardened(const struct call *call, const struct ste_cfg *ste, enum fault_class cls,
                   bool read, uint64_t *addr, struct smmu_memattr *attr,
                   struct walk_hardening *hardening, struct fault *fault)
{
    return find_structure(call, ste, cls, read, addr, attr, hardening, fault);
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

/* `*limits` are those of what it leads to. */
static inline __attribute__((always_inline)) bool s1_walk(const struct walker *w,
                                                          const struct cd_cfg *cd, unsigned need,
                                                          struct tlb_entry *entry, unsigned *limits,
                                                          struct fault *fault)
{
    const struct smmu_txn *txn = w->call->txn;

    if (!walker_s1(w, cd, need, entry, limits, fault))
        return false;
    if (txn_op_permitted(entry->s1_perm[txn->priv], need))
        return true;
    walker_fault(w, EVENT_F_PERMISSION, fault);
    fault->lacks_read = txn_op_lacks_read(entry->s1_perm[txn->priv], need);
    return false;
}

/* --- both ---------------------------------------------------------------------------------------
 */

/* Make a stage 1 entry one of both stages: the smaller of the two mappings, the final address. What
 * stage 1 maps may thus be cached in pieces. */
static void combine(struct tlb_entry *entry, const struct tlb_entry *s2, uint64_t va, uint64_t ipa)
{
    struct tag_words words = tag_words(&entry->tag);
    unsigned span = entry->tag.span_log2;
    if (s2->tag.span_log2 < span) {
        words.context ^= (uint64_t)(span ^ s2->tag.span_log2) << TAG_SPAN;
        span = s2->tag.span_log2;
    }
    words.stages |= UINT64_C(1) << TAG_S2 | (uint64_t)s2->tag.s2_leaf_log2 << TAG_LEAF2;
    tag_set(&entry->tag, va >> span << span, words);
    entry->ipa = ipa >> span << span;
    entry->pa = (s2->pa + (ipa - s2->tag.va)) >> span << span;
    entry->s2_perm[0] = s2->s2_perm[0];
    entry->s2_perm[1] = s2->s2_perm[1];
    entry->s2_pbha = s2->s2_pbha;
    entry->caution |= s2->caution;
    entry->s2_clean = s2->s2_clean;
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

/* walk_stages() of stage 2 alone. */
static __attribute__((noinline)) bool s2_alone(const struct call *call, const struct ste_cfg *ste,
                                               unsigned cls, uint64_t ipa, unsigned need,
                                               struct tlb_entry *entry, struct fault *fault)
{
    const struct tlb_entry *s2 =
        s2_translate(call, ste, cls, ipa, need, call->txn->priv, entry, fault);
    if (s2 && s2 != entry)
        *entry = *s2;
    return s2 != NULL;
}

/* walk(), but for the overlay. */
static inline __attribute__((always_inline)) bool
walk_stages(const struct call *call, const struct ste_cfg *ste, const struct cd_cfg *cd,
            uint64_t ia, struct tlb_entry *entry, struct fault *fault)
{
    const struct smmu_txn *txn = call->txn;
    unsigned need = walk_needed_perm(call), limits;
    unsigned cls = FAULT_CLASS_IN | (walk_assured(call, cd) ? 0 : WALK_NOT_ASSURED);

    if (!cd)
        return s2_alone(call, ste, cls, ia, need, entry, fault);
    const struct tt_cfg *tt = walk_table(ste, cd, ia, txn->priv);
    struct walker w = {.call = call,
                       .ste = ste,
                       .cls = cls,
                       .cache = &call->smmu->walk_s1,
                       .nested = (ste->config & STE_CONFIG_S2) != 0,
                       .context = cd_context(ste, cd),
                       .mpam = cd->mpam,
                       .ia = ia};
    if (!tt)
        return walker_fault(&w, EVENT_F_TRANSLATION, fault);
    w.stage = &tt->stage;
    w.scheme = &tt->stage.scheme;
    if (cd->vmsa32)
        w.split = vmsa32_split(input_bits(cd, 0), input_bits(cd, 1));
    struct unit_slot slot AT_END(unit_give) = unit_take(call, SMMU_UNIT_TABLE_WALK);
    if (slot.overtaken)
        return fault_overtaken(fault);
    observe_traffic(call, SMMU_OBSERVE_walk_slot, ia, 0);
    if (!s1_walk(&w, cd, need, entry, &limits, fault))
        return false;
    if (call->s1_only || (call->any && !(entry->s1_perm[txn->priv] & call->any)))
        return true;
    if (ste->config & STE_CONFIG_S2) {
        struct tlb_entry walked;
        uint64_t ipa = entry->pa + (ia - entry->tag.va);
        cls |= limits & VMSA_NOT_ASSURED ? WALK_NOT_ASSURED : 0;
        const struct tlb_entry *s2 =
            s2_look_up(call, ste, cls, ipa, need, txn->priv, &walked, fault);
        if (!s2)
            return false;
        combine(entry, s2, ia, ipa);
    } else {
        entry->pa = truncate_to_oas(call->smmu, entry->pa);
    }
    fill(call, entry);
    return true;
}

bool walk(const struct call *call, const struct ste_cfg *ste, const struct cd_cfg *cd, uint64_t ia,
          struct tlb_entry *entry, struct fault *fault)
{
    if (!walk_stages(call, ste, cd, ia, entry, fault))
        return false;
    walk_overlay(ste, entry);
    return true;
}
