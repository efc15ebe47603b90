/* SPDX-License-Identifier: Apache-2.0 */
/* Translations of stage 2: of what clients give, and of where structures and tables of stage 1 are
 * (IHI 0070 3.4; DDI 0487 D8.2). From the TLB or by a walk, which is here if it is plain. */
#ifndef SMMU_CORE_WALK_S2_H
#define SMMU_CORE_WALK_S2_H

#include "base/memattr.h"
#include "observe/observe.h"
#include "report/event.h"
#include "walk/leaf.h"
#include "walk/plain.h"
#include "walk/tlb.h"
#include "walk/walk.h"
#include "walk/walker.h"

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
                           .mpam = &ste->mpam,
                           .ia = ipa};
}

static inline bool s2_in_range(const struct ste_cfg *ste, uint64_t ipa)
{
    return ipa >> ste->s2.geometry.input_bits == 0;
}

/* A fault of stage 2, of `ipa`; the rights of stage 2 are not enough, or not for what got there.
 * False, for the caller to return. */
__attribute__((cold)) bool s2_fault(enum event_type type, unsigned cls, uint64_t ipa,
                                    struct fault *fault);
__attribute__((cold)) bool s2_denied(unsigned cls, uint64_t ipa, unsigned perm, unsigned need,
                                     bool refused, struct fault *fault);

/* --- plain walks ---------------------------------------------------------------------------------
 */

/* Find the leaf of `ipa` from `cached`, or NULL, which leads to a table above the last level. */
bool s2_from(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
             const struct walk_entry *cached, struct leaf *leaf, struct fault *fault);

/* Do what the access makes of the leaf: walker_settle(). */
__attribute__((cold)) bool s2_settle(const struct call *call, const struct ste_cfg *ste,
                                     unsigned cls, uint64_t ipa, unsigned need, struct leaf *leaf,
                                     struct fault *fault);

/* Find the leaf of `ipa` on a plain walk, its flags as the access makes them. */
PLAIN bool s2_leaf(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
                   unsigned need, struct leaf *leaf, struct fault *fault)
{
    const struct walker w = s2_walker(call, ste, cls, ipa);
    observe_call_of(call, SMMU_OBSERVE_walk_slot, ipa, 0, true);
    if (!s2_in_range(ste, ipa))
        return walker_fault_of(true, cls, ipa, EVENT_F_TRANSLATION, fault);
    const struct walk_entry *cached = cached_table(&w, FORM_PLAIN);
    observe_cached(&w, cached, FORM_PLAIN, true);
    if (__builtin_expect(plain_is_last(cached), true)) {
        struct smmu_mem_req req;
        plain_request(&w, cached, leaf, &req, true);
        if (!plain_read(&w, &req, leaf, fault, true))
            return false;
    } else {
        struct leaf found;
        if (!s2_from(call, ste, cls, ipa, cached, &found, fault))
            return false;
        plain_copy(leaf, &found);
    }
    if (__builtin_expect(plain_is_good(&w, leaf), true))
        return true;
    struct leaf settled = plain_whole(leaf);
    if (!s2_settle(call, ste, cls, ipa, need, &settled, fault))
        return false;
    plain_copy(leaf, &settled);
    return true;
}

/* Remember what a plain walk has found. */
void s2_fill(const struct call *call, const struct ste_cfg *ste, uint64_t ipa,
             const struct leaf *leaf);

/* --- what is found -------------------------------------------------------------------------------
 */

/* What the TLB has that an access which asks for `need` may go by, or NULL. It stays until the next
 * memory access. False on a conflict (3.21.1). */
static inline bool s2_cached(const struct call *call, const struct ste_cfg *ste, unsigned cls,
                             uint64_t ipa, unsigned need, const struct tlb_entry **usable,
                             struct fault *fault)
{
    struct tlb *tlb = &call->smmu->tlb;
    struct tlb_entry *found = tlb_find_in(tlb, ste->context, ipa, call->mode == CALL_REAL);
    *usable = found;
    if (found && found->caution) {
        *usable = tlb_cautious(tlb, ste->context, ipa, found, txn_op_dirties(need));
        if (*usable == &tlb_conflict)
            return s2_fault(EVENT_F_TLB_CONFLICT, cls, ipa, fault);
    }
    if (*usable)
        walk_note_use(call, &found->prefetched);
    return true;
}

/* What stage 2 says of an address. */
struct s2_mapping {
    uint64_t pa; /* the address that it becomes */
    struct smmu_memattr attr;
    uint8_t perm[2]; /* without the overlay */
    uint8_t pbha;
    uint8_t caution;
    bool clean, forces_wb;
    uint8_t base;                 /* tlb_entry.s2_base */
    uint8_t span_log2, leaf_log2; /* of what is cached, and of what the descriptor maps */
};

/* What an entry of the TLB says. */
static inline void s2_by_entry(const struct tlb_entry *entry, uint64_t ipa, struct s2_mapping *out)
{
    *out = (struct s2_mapping){
        .pa = entry->pa + (ipa - entry->tag.va),
        .attr = entry->attr,
        .perm = {entry->s2_perm[0], entry->s2_perm[1]},
        .pbha = entry->s2_pbha,
        .caution = entry->caution,
        .clean = entry->s2_clean,
        .forces_wb = entry->forces_wb,
        .base = entry->s2_base,
        .span_log2 = entry->tag.span_log2,
        .leaf_log2 = entry->tag.s2_leaf_log2,
    };
}

/* What a leaf of a plain walk says: as the entry that it becomes does. */
static inline void s2_by_leaf(const struct call *call, const struct ste_cfg *ste,
                              const struct leaf *leaf, uint64_t ipa, struct s2_mapping *out)
{
    const unsigned span = leaf->span_log2, memattr = vmsa_s2_memattr(leaf->descriptor);
    out->pa = truncate_to_oas(call->smmu, leaf_output(leaf)) + (ipa & (BIT64(span) - 1));
    out->attr = memattr_s2(ste->s2.memattr, memattr, vmsa_sh(leaf->descriptor));
    unsigned rights = vmsa_tabulated(&ste->s2.scheme, leaf->descriptor, 0);
    out->perm[0] = (uint8_t)vmsa_tabulated_for(rights, false);
    out->perm[1] = (uint8_t)vmsa_tabulated_for(rights, true);
    out->pbha = vmsa_pbha(leaf->descriptor);
    out->caution = 0;
    out->clean = false;
    out->forces_wb = memattr_s2_forces_wb(ste->s2.memattr, memattr);
    out->base = 0;
    out->span_log2 = out->leaf_log2 = (uint8_t)span;
}

/* Find what stage 2 says of `ipa`, which the call has not looked up yet, for an access that asks
 * for `need`, which is not checked: on a walk of any form, or on a plain one. */
bool s2_of_any(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
               unsigned need, struct s2_mapping *out, struct fault *fault);
PLAIN bool s2_of_plain(const struct call *call, const struct ste_cfg *ste, unsigned cls,
                       uint64_t ipa, unsigned need, struct s2_mapping *out, struct fault *fault)
{
    const struct tlb_entry *usable;
    struct leaf leaf = {0};
    if (!s2_cached(call, ste, cls, ipa, need, &usable, fault))
        return false;
    if (usable) {
        s2_by_entry(usable, ipa, out);
        return true;
    }
    if (!s2_leaf(call, ste, cls, ipa, need, &leaf, fault))
        return false;
    if (walk_fills(call)) {
        const struct leaf filled = plain_whole(&leaf);
        s2_fill(call, ste, ipa, &filled);
    }
    s2_by_leaf(call, ste, &leaf, ipa, out);
    return true;
}

/* Whether stage 2 gives the rights asked for to what got to `ipa`, the overlay applied, and with
 * WALK_NOT_ASSURED in `cls` is not AssuredOnly. */
static inline bool s2_permits(const struct ste_cfg *ste, unsigned cls, uint64_t ipa, unsigned perm,
                              unsigned pbha, unsigned caution, unsigned need, bool privileged,
                              struct fault *fault)
{
    perm &= leaf_overlay(ste, pbha, privileged);
    bool refused = (caution & TLB_ASSURED_ONLY) && (cls & WALK_NOT_ASSURED);
    if (__builtin_expect(txn_op_permitted(perm, need) && !refused, true))
        return true;
    return s2_denied(cls, ipa, perm, need, refused, fault);
}

/* Whether translation hardening lets a structure be where stage 2 says `s2`; say what that is. */
__attribute__((cold)) bool s2_lets_structure(const struct ste_cfg *ste, const struct s2_mapping *s2,
                                             struct walk_hardening *hardening);

/* Translate the address of a structure, as walk_structure() and walk_hardened() do; on a plain walk
 * or on any. */
static inline __attribute__((always_inline)) bool
s2_structure(const struct call *call, const struct ste_cfg *ste, enum fault_class cls, bool read,
             bool plain, uint64_t *addr, struct smmu_memattr *attr,
             struct walk_hardening *hardening, struct fault *fault)
{
    struct s2_mapping s2;
    unsigned need = read ? SMMU_PERM_R : TXN_OP_UPDATE;
    unsigned to = (unsigned)cls | (hardening && !hardening->assured ? WALK_NOT_ASSURED : 0);

    bool found = plain ? s2_of_plain(call, ste, to, *addr, need, &s2, fault)
                       : s2_of_any(call, ste, to, *addr, need, &s2, fault);
    if (!found || !s2_permits(ste, to, *addr, s2.perm[1], s2.pbha, s2.caution, need, true, fault))
        return false;
    bool device = memattr_is_device(s2.attr);
    if (__builtin_expect(ste->s2_ptw && device, false) ||
        (hardening && !s2_lets_structure(ste, &s2, hardening))) {
        s2_fault(EVENT_F_PERMISSION, cls, *addr, fault);
        fault->tt_read = read;
        return false;
    }
    if (device && call->smmu->cfg.ptwnnc) /* 5.2, S2PTW */
        s2.attr = (struct smmu_memattr){SMMU_MAIR_NORMAL_NC, SMMU_SH_OUTER};
    *addr = s2.pa;
    *attr = memattr_stage2(*attr, s2.attr, s2.forces_wb);
    return true;
}

/* Translate by stage 2 alone: walk(). */
bool s2_alone(const struct call *call, const struct ste_cfg *ste, unsigned cls, uint64_t ipa,
              unsigned need, struct tlb_entry *entry, struct fault *fault);

#endif
