/* SPDX-License-Identifier: Apache-2.0 */
/* From table to table: descriptors are found, read, remembered, and their flags updated (IHI 0070
 * 3.13; DDI 0487 D8.2). Those of stage 1 are found through stage 2 where that translates. */
#include "walk/walker.h"

#include "walk/steps.h"

bool walker_fault_of(bool s2, unsigned cls, uint64_t ipa, enum event_type type, struct fault *fault)
{
    *fault = (struct fault){.type = (uint8_t)type, .cls = FAULT_CLASS_IN};
    if (s2) {
        fault->s2 = true;
        fault->cls = (uint8_t)cls;
        fault->ipa = ipa;
    }
    return false;
}

bool walker_abort(bool s2, unsigned cls, uint64_t addr, struct fault *fault)
{
    *fault = (struct fault){.type = EVENT_F_WALK_EABT,
                            .cls = (uint8_t)(s2 ? cls : FAULT_CLASS_TT),
                            .s2 = s2,
                            .fetch_addr = addr};
    return false;
}

bool walker_locate_hardened(const struct walker *w, struct leaf *leaf, bool read,
                            struct smmu_mem_req *req, struct fault *fault)
{
    bool first = leaf->level == w->stage->geometry.start_level;
    unsigned top = w->stage->passing & STAGE_UPPER ? VMSA_TOP_LEVEL1 : VMSA_TOP_LEVEL0;
    if (read)
        leaf->assured = !(w->cls & WALK_NOT_ASSURED) && !(leaf->limits & VMSA_NOT_ASSURED);
    struct walk_hardening hardening = {.assured = leaf->assured,
                                       .top = (uint8_t)(read && first ? top : 0)};
    if (!walk_hardened(w->call, w->ste, FAULT_CLASS_TT, read, &req->addr, &req->attr, &hardening,
                       fault))
        return false;
    if (read)
        leaf->mro = (hardening.for_tables & VMSA_MRO) != 0;
    return true;
}

/* Let `raw` be the descriptor of leaf->level. */
void walker_take_wide(const struct walker *w, struct leaf *leaf, struct vmsa128 raw)
{
    leaf->raw = raw;
    leaf->address = vmsa_address(&w->stage->geometry, raw.low, w->stage->geometry.granule);
    leaf->kind = vmsa128_kind(&w->stage->geometry, &raw, leaf->level);
    leaf->descriptor = vmsa128_attributes(&raw, w->s2);
    leaf->skl = vmsa128_skl(&raw);
}

/* VMSAv8-32: whether the ranges of TTB0 and TTB1 meet in the midst of the 2^span_log2 bytes around
 * `ia`. */
static bool is_split(uint64_t split, uint64_t ia, unsigned span_log2)
{
    return split != 0 && (split ^ ia) >> span_log2 == 0 && (split & (BIT64(span_log2) - 1)) != 0;
}

unsigned walker_unsplit(uint64_t split, uint64_t ia, unsigned span_log2)
{
    while (is_split(split, ia, span_log2))
        span_log2--;
    return span_log2;
}

/* How many levels a walk cache that is looked into level by level, from the deepest on, would try
 * after the first. */
uint32_t walker_further_levels(const struct walker *w)
{
    const struct walk_entry *entry = tlb_find(w->cache, tlb_space_of_all(w->context), w->ia, false);
    int last = entry ? entry->tag.level : w->stage->geometry.start_level;
    return last < VMSA_LAST_LEVEL ? (uint32_t)(VMSA_LAST_LEVEL - 1 - last) : 0;
}

enum update { UPDATE_DONE, UPDATE_RETRY, UPDATE_FAULT };

/* Replace the lower 64 bits of the descriptor by `low` in memory, if it is still there (3.13). */
static enum update update_descriptor(const struct walker *w, struct leaf *leaf, uint64_t low,
                                     struct fault *fault)
{
    enum form form = is_wide(w->stage) ? FORM_WIDE : FORM_ANY;
    struct smmu_mem_req req;
    req_for(w, SMMU_FETCH_TTD_UPDATE, &req, form, w->s2);
    req_at(leaf, &req);
    const struct vmsa128 value = {low, leaf->raw.high};
    const struct vmsa128 from = descriptor_order(w->stage, leaf->raw, form);
    const struct vmsa128 to = descriptor_order(w->stage, value, form);
    bool swapped = true;

    if (w->call->mode != CALL_REAL)
        w->call->outcome->left_out = true;
    if (w->call->mode == CALL_PREFETCH) {
        walker_fault(w, EVENT_F_ACCESS, fault); /* of which nobody hears */
        return UPDATE_FAULT;
    }
    if (w->call->mode == CALL_PASSIVE) {
        take(w, leaf, value, form);
        return UPDATE_DONE;
    }
    if (!locate(w, leaf, false, &req, fault, form, w->s2))
        return UPDATE_FAULT;
    if (w->call->mode == CALL_REAL) {
        const uint64_t expected[2] = {from.low, from.high}, swap[2] = {to.low, to.high};
        if (!fetch_cas(w->call, &req, expected, swap, &swapped)) {
            walker_abort(w->s2, w->cls, req.addr, fault);
            return UPDATE_FAULT;
        }
    }
    take(w, leaf, value, form);
    return swapped ? UPDATE_DONE : UPDATE_RETRY;
}

/* Whether somebody has cached what the descriptor of leaf->level says; take it from there. */
static bool skip_fetch(const struct walker *w, struct leaf *leaf, uint64_t *table)
{
    const struct walk_entry *cached = cached_table(w, FORM_ANY);
    if (!cached || cached->tag.level < leaf->level)
        return false;
    leaf->level = (int)cached->tag.level;
    leaf->span_log2 = vmsa_span_log2(&w->stage->geometry, leaf->level);
    leaf->skl = cached->skipped;
    leaf->limits = cached->limits;
    *table = cached->table;
    return true;
}

/* The address of the descriptor that the one that was read leads to, in a table so large that a
 * part of it may lie beyond the output size. */
uint64_t walker_next_of_many(const struct walker *w, const struct leaf *leaf, uint64_t table)
{
    int level = leaf->level + 1 + (int)leaf->skl;
    return vmsa_descriptor_addr(&w->stage->geometry, table, level, leaf->skl, w->ia);
}

/* Set the Access flag of what was read, if it is a table descriptor that is good (3.13.6): on the
 * way, so that those above have theirs whatever comes after (DDI 0487 R_XYNNS). False: the walk
 * ends, or it begins again. */
static bool flag_table(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    enum form form = is_wide(w->stage) ? FORM_WIDE : FORM_ANY;
    bool wide = form == FORM_WIDE;
    if (leaf->kind != VMSA_TABLE || leads_too_far(w, leaf, next_table(w, leaf, wide), form) ||
        vmsa_accessed(leaf->raw.low))
        return true;
    enum update update = update_descriptor(w, leaf, vmsa_made_accessed(leaf->raw.low), fault);
    leaf->again = update == UPDATE_RETRY;
    return update == UPDATE_DONE;
}

/* What the descriptor that was read leads to is Assured no more, unless that is Protected, in
 * memory that is MRO (DDI 0487 D8.2.7.3). */
static void follow_assured(const struct walker *w, struct leaf *leaf)
{
    bool protected = (w->stage->passing & STAGE_PROTECTION) && vmsa_protected(leaf->descriptor);
    if (!protected || !leaf->mro)
        leaf->limits |= VMSA_NOT_ASSURED;
}

/* Do what the stage wants done at each descriptor. False: the walk ends, or it begins again. */
bool walker_pass(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    if ((w->stage->passing & STAGE_FLAG_TABLES) && !flag_table(w, leaf, fault))
        return false;
    if (w->stage->passing & STAGE_HARDENED)
        follow_assured(w, leaf);
    return true;
}

/* Whether leaves of the table that the descriptor leads to have a Contiguous bit: stage 2 lets all
 * of them (DDI 0487 D8.7.1). */
void walker_limit_runs(const struct walker *w, struct leaf *leaf)
{
    bool disch = !w->s2 && vmsa128_disch(&leaf->raw);
    leaf->limits = (uint8_t)((leaf->limits & ~VMSA_NO_RUNS) | (disch ? VMSA_NO_RUNS : 0));
}

/* The same where a fetch takes a slot, as one that may lead to another table does. */
enum step walker_step_in_slot(const struct walker *w, struct leaf *leaf, struct smmu_mem_req *req,
                              uint64_t *table, struct fault *fault)
{
    struct unit_slot slot AT_END(unit_give) = unit_take_at(w->call, table_unit(w), leaf->addr);
    if (slot.overtaken) {
        fault_overtaken(fault);
        return STEP_FAULT;
    }
    if (slot.call && skip_fetch(w, leaf, table))
        return STEP_TABLE;
    return is_wide(w->stage) ? read_step(w, leaf, req, table, fault, FORM_WIDE, w->s2)
                             : read_step(w, leaf, req, table, fault, FORM_ANY, w->s2);
}

/* Look up the walk cache and follow tables. */
static inline __attribute__((always_inline)) bool follow(const struct walker *w, struct leaf *leaf,
                                                         struct fault *fault, enum form form)
{
    if (!use_walk_cache(w))
        return fault_overtaken(fault);
    const struct walk_entry *cached = cached_table(w, form);
    observe_cached(w, cached, form, w->s2);
    return follow_tables(w, cached, leaf, fault, form, w->s2);
}

static __attribute__((noinline)) bool follow_wide(const struct walker *w, struct leaf *leaf,
                                                  struct fault *fault)
{
    return follow(w, leaf, fault, FORM_WIDE);
}

static bool find_leaf(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    if (__builtin_expect(is_wide(w->stage), false))
        return follow_wide(w, leaf, fault);
    return follow(w, leaf, fault, FORM_ANY);
}

/* What w->ia becomes: a block may be larger than the output size. */
static uint64_t output_of(const struct walker *w, const struct leaf *leaf)
{
    return leaf_output(leaf) | (w->ia & (BIT64(leaf->span_log2) - 1));
}

/* The checks a leaf must pass before its permissions count: address size, then Access flag, which
 * the SMMU may set itself (DDI 0487 D8.15; IHI 0070 3.13.2). */
static enum update settle_access(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    if (vmsa_too_large(&w->stage->geometry, output_of(w, leaf))) {
        walker_fault(w, EVENT_F_ADDR_SIZE, fault);
        return UPDATE_FAULT;
    }
    if (vmsa_accessed(leaf->descriptor))
        return UPDATE_DONE;
    if (w->stage->ha)
        return update_descriptor(w, leaf, vmsa_made_accessed(leaf->raw.low), fault);
    if (w->stage->affd)
        return UPDATE_DONE;
    walker_fault(w, EVENT_F_ACCESS, fault);
    return UPDATE_FAULT;
}

/* Rights that an access gets once hardware has made the leaf dirty. */
static unsigned gained(const struct walker *w, const struct leaf *leaf)
{
    bool privileged = w->call->txn->priv;
    unsigned clean = leaf_clean(w, leaf, privileged);
    if (w->s2 && (w->cls & WALK_NOT_ASSURED) && leaf_assured_only(w, leaf))
        return 0;
    return w->s2 ? clean & leaf_overlay(w->ste, vmsa_po_index(leaf->descriptor), privileged)
                 : clean;
}

/* Mark a writable-clean leaf as written to, if the access does that (3.13.3). `need` are the rights
 * that it asks for. */
static enum update settle_dirty(const struct walker *w, unsigned need, struct leaf *leaf,
                                struct fault *fault)
{
    if (!txn_op_dirties(need) || !(gained(w, leaf) & need))
        return UPDATE_DONE;
    uint64_t dirty = vmsa_made_dirty(w->scheme, leaf->raw.low);
    return update_descriptor(w, leaf, dirty, fault);
}

/* Do what the access makes of the leaf that was found. */
static enum update settle(const struct walker *w, unsigned need, struct leaf *leaf,
                          struct fault *fault)
{
    enum update update = settle_access(w, leaf, fault);
    return update == UPDATE_DONE ? settle_dirty(w, need, leaf, fault) : update;
}

static __attribute__((noinline)) bool find_any(const struct walker *w, unsigned need,
                                               struct leaf *leaf, struct fault *fault)
{
    enum update update;
    do {
        update = UPDATE_RETRY;
        if (find_leaf(w, leaf, fault))
            update = settle(w, need, leaf, fault);
        else if (!leaf->again)
            return false;
        leaf->again = false;
    } while (update == UPDATE_RETRY);
    return update == UPDATE_DONE;
}

/* The same of what a plain walk has found, if it is not good as it is. */
bool walker_settle(const struct walker *w, unsigned need, struct leaf *leaf, struct fault *fault)
{
    enum update update = settle(w, need, leaf, fault);
    return update == UPDATE_DONE || (update == UPDATE_RETRY && find_any(w, need, leaf, fault));
}

bool walker_any_s1(const struct walker *w, const struct cd_cfg *cd, unsigned need,
                   struct tlb_entry *entry, unsigned *limits, struct fault *fault)
{
    struct leaf leaf = {0};
    if (!find_any(w, need, &leaf, fault))
        return false;
    leaf_s1_entry(w, cd, &leaf, entry, false);
    *limits = leaf.limits;
    return true;
}

bool walker_any_s2(const struct walker *w, unsigned need, struct tlb_entry *entry,
                   struct fault *fault)
{
    struct leaf leaf = {0};
    if (!find_any(w, need, &leaf, fault))
        return false;
    leaf_s2_entry(w, &leaf, entry, false);
    return true;
}
