/* SPDX-License-Identifier: Apache-2.0 */
/* From table to table: descriptors are found, read, remembered, and their flags updated (IHI 0070
 * 3.13; DDI 0487 D8.2). Those of stage 1 are found through stage 2 where that translates. */
#include "walk/walker.h"

#include "access/fetch.h"
#include "observe/observe.h"
#include "observe/unit.h"
#include "stream/ste_layout.h"
#include "walk/leaf.h"
#include "walk/walk.h"

bool walker_fault(const struct walker *w, enum event_type type, struct fault *fault)
{
    *fault = (struct fault){.type = (uint8_t)type, .cls = FAULT_CLASS_IN};
    if (w->s2) {
        fault->s2 = true;
        fault->cls = (uint8_t)w->cls;
        fault->ipa = w->ia;
    }
    return false;
}

static bool walk_abort(const struct walker *w, uint64_t addr, struct fault *fault)
{
    *fault = (struct fault){.type = EVENT_F_WALK_EABT,
                            .cls = (uint8_t)(w->s2 ? w->cls : FAULT_CLASS_TT),
                            .s2 = w->s2,
                            .fetch_addr = addr};
    return false;
}

/* Where a descriptor at `addr` is in physical memory, and how it is accessed. */
static bool locate(const struct walker *w, bool read, uint64_t *addr, struct smmu_memattr *attr,
                   struct fault *fault)
{
    *attr = w->stage->attr;
    if (w->s2 || !(w->ste->config & STE_CONFIG_S2)) {
        *addr = truncate_to_oas(w->call->smmu, *addr); /* VMSAv8-32 gives 40 bits */
        return true;
    }
    return walk_structure(w->call, w->ste, FAULT_CLASS_TT, read, addr, attr, fault);
}

static uint64_t descriptor_order(const struct stage *stage, uint64_t value)
{
    return stage->big_endian ? __builtin_bswap64(value) : value;
}

/* The access of `kind` to the descriptor of `leaf`, where the tables say that it is: locate() is to
 * follow. */
static inline void req_for(const struct walker *w, const struct leaf *leaf, enum smmu_fetch kind,
                           struct smmu_mem_req *req)
{
    fetch_req(req, w->call, kind, leaf->addr, &w->mpam, 1);
    req->stage = w->s2 ? 2 : 1;
    req->level = (int8_t)leaf->level;
}

static inline __attribute__((always_inline)) bool
read_descriptor(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    struct smmu_mem_req req;
    uint64_t descriptor;
    req_for(w, leaf, SMMU_FETCH_TTD, &req);
    if (!locate(w, true, &req.addr, &req.attr, fault))
        return false;
    bool read = fetch_descriptor(w->call, &req, &descriptor);
    leaf->descriptor = read ? descriptor_order(w->stage, descriptor) : 0;
    if (__builtin_expect(read, true) || !w->call->outcome->yielded)
        observe_access(w->call, SMMU_OBSERVE_ttd_fetch, &w->mpam, req.addr, leaf->descriptor);
    return read || walk_abort(w, req.addr, fault);
}

/* VMSAv8-32: whether the ranges of TTB0 and TTB1 meet in the midst of the 2^span_log2 bytes around
 * w->ia. */
static bool is_split(const struct walker *w, unsigned span_log2)
{
    return w->split != 0 && (w->split ^ w->ia) >> span_log2 == 0 &&
           (w->split & (BIT64(span_log2) - 1)) != 0;
}

unsigned walker_unsplit(const struct walker *w, unsigned span_log2)
{
    while (is_split(w, span_log2))
        span_log2--;
    return span_log2;
}

static struct tlb *walk_cache(const struct walker *w)
{
    return w->s2 ? &w->call->smmu->walk_s2 : &w->call->smmu->walk_s1;
}

/* How many levels a walk cache that is looked into level by level, from the deepest on, would try
 * after the first. */
static __attribute__((cold, noinline)) uint32_t further_levels(const struct walker *w)
{
    const struct walk_entry *entry = tlb_find(walk_cache(w), w->context, w->ia, false);
    int last = entry ? entry->tag.level : w->stage->geometry.start_level;
    return last < VMSA_LAST_LEVEL ? (uint32_t)(VMSA_LAST_LEVEL - 1 - last) : 0;
}

static bool use_walk_cache(const struct walker *w)
{
    enum smmu_unit unit = w->s2 ? SMMU_UNIT_WALK_CACHE_S2 : SMMU_UNIT_WALK_CACHE_S1;
    return !unit_watched(w->call->smmu, unit) || unit_use_count(w->call, unit, further_levels(w));
}

static enum smmu_unit table_unit(const struct walker *w)
{
    return w->s2 ? SMMU_UNIT_TABLE_S2 : SMMU_UNIT_TABLE_S1;
}

/* The deepest table descriptor that is cached; NULL if none is. */
static inline const struct walk_entry *cached_table(const struct walker *w)
{
    struct walk_entry *entry =
        tlb_find(walk_cache(w), w->context, w->ia, w->call->mode == CALL_REAL);
    if (entry)
        walk_note_use(w->call, &entry->prefetched);
    return entry;
}

/* Begin there, else at the first table. */
static uint64_t begin(const struct walker *w, struct leaf *leaf)
{
    const struct walk_entry *cached = cached_table(w);
    observe_call(w->call, cached ? SMMU_OBSERVE_walk_hit : SMMU_OBSERVE_walk_miss, w->ia,
                 w->s2 ? 2 : 1);
    leaf->level = cached ? cached->tag.level + 1 : w->stage->geometry.start_level;
    leaf->limits = cached ? cached->limits : 0;
    return cached ? cached->table : w->stage->table;
}

/* Cache the table descriptor of leaf->level, which leads to `table`. */
static __attribute__((noinline)) void remember_table(const struct walker *w,
                                                     const struct leaf *leaf, uint64_t table)
{
    if (!call_fills(w->call))
        return;
    struct walk_entry entry = {
        .table = table, .limits = leaf->limits, .prefetched = w->call->mode == CALL_PREFETCH};
    walker_tag(w, leaf->level, vmsa_span_log2(w->stage->geometry.granule, leaf->level), false,
               &entry.tag);
    tlb_fill(walk_cache(w), &entry);
}

enum update { UPDATE_DONE, UPDATE_RETRY, UPDATE_FAULT };

/* Replace the descriptor by `value` in memory, if it is still there (3.13). */
static enum update update_descriptor(const struct walker *w, struct leaf *leaf, uint64_t value,
                                     struct fault *fault)
{
    struct smmu_mem_req req;
    req_for(w, leaf, SMMU_FETCH_TTD_UPDATE, &req);
    uint64_t expected = descriptor_order(w->stage, leaf->descriptor);
    bool swapped = true;

    if (w->call->mode != CALL_REAL)
        w->call->outcome->left_out = true;
    if (w->call->mode == CALL_PREFETCH) {
        walker_fault(w, EVENT_F_ACCESS, fault); /* of which nobody hears */
        return UPDATE_FAULT;
    }
    if (w->call->mode == CALL_PASSIVE) {
        leaf->descriptor = value;
        return UPDATE_DONE;
    }
    if (!locate(w, false, &req.addr, &req.attr, fault))
        return UPDATE_FAULT;
    if (w->call->mode == CALL_REAL) {
        if (!fetch_cas(w->call, &req, expected, descriptor_order(w->stage, value), &swapped)) {
            walk_abort(w, req.addr, fault);
            return UPDATE_FAULT;
        }
    }
    leaf->descriptor = value;
    return swapped ? UPDATE_DONE : UPDATE_RETRY;
}

enum step { STEP_TABLE, STEP_LEAF, STEP_FAULT };

/* Whether somebody has cached what the descriptor of leaf->level says; take it from there. */
static bool skip_fetch(const struct walker *w, struct leaf *leaf, uint64_t *table)
{
    const struct walk_entry *cached = cached_table(w);
    if (!cached || cached->tag.level < leaf->level)
        return false;
    leaf->level = (int)cached->tag.level;
    leaf->limits = cached->limits;
    *table = cached->table;
    return true;
}

/* Set the Access flag of what was read, if it is a table descriptor that is good (3.13.6): on the
 * way, so that those above have theirs whatever comes after (DDI 0487 R_XYNNS). False: the walk
 * ends, or it begins again. */
static __attribute__((cold, noinline)) bool flag_table(const struct walker *w, struct leaf *leaf,
                                                       struct fault *fault)
{
    const struct vmsa_geometry *g = &w->stage->geometry;
    if (vmsa_kind(g, leaf->descriptor, leaf->level) != VMSA_TABLE ||
        vmsa_too_large(g, vmsa_next_table(g, leaf->descriptor)) || vmsa_accessed(leaf->descriptor))
        return true;
    enum update update = update_descriptor(w, leaf, vmsa_made_accessed(leaf->descriptor), fault);
    leaf->again = update == UPDATE_RETRY;
    return update == UPDATE_DONE;
}

/* Read the descriptor at leaf->addr, and let `table` be the table it leads to. */
static inline __attribute__((always_inline)) enum step
read_step(const struct walker *w, struct leaf *leaf, uint64_t *table, struct fault *fault)
{
    const struct vmsa_geometry *g = &w->stage->geometry;
    if (!read_descriptor(w, leaf, fault))
        return STEP_FAULT;
    if (w->stage->haft && !flag_table(w, leaf, fault))
        return STEP_FAULT;
    enum vmsa_kind kind = vmsa_kind(g, leaf->descriptor, leaf->level);
    if (kind == VMSA_LEAF)
        return STEP_LEAF;
    bool large = kind == VMSA_TABLE && vmsa_too_large(g, vmsa_next_table(g, leaf->descriptor));
    if (kind == VMSA_INVALID || large) {
        walker_fault(w, large ? EVENT_F_ADDR_SIZE : EVENT_F_TRANSLATION, fault);
        return STEP_FAULT;
    }
    *table = vmsa_next_table(g, leaf->descriptor);
    leaf->limits = vmsa_limit(w->scheme, leaf->limits, leaf->descriptor);
    if (!tlb_absent(walk_cache(w)))
        remember_table(w, leaf, *table);
    return STEP_TABLE;
}

/* The same where a fetch takes a slot, as one that may lead to another table does. */
static __attribute__((cold, noinline)) enum step
step_in_slot(const struct walker *w, struct leaf *leaf, uint64_t *table, struct fault *fault)
{
    struct unit_slot slot AT_END(unit_give) = unit_take_at(w->call, table_unit(w), leaf->addr);
    if (slot.overtaken) {
        fault_overtaken(fault);
        return STEP_FAULT;
    }
    if (slot.call && skip_fetch(w, leaf, table))
        return STEP_TABLE;
    return read_step(w, leaf, table, fault);
}

/* Read the descriptor of leaf->level in `table`, and let that be the table it leads to. */
static inline enum step step(const struct walker *w, struct leaf *leaf, uint64_t *table,
                             struct fault *fault)
{
    leaf->addr = vmsa_descriptor_addr(&w->stage->geometry, *table, leaf->level, w->ia);
    if (unit_watched(w->call->smmu, table_unit(w)) && leaf->level != VMSA_LAST_LEVEL)
        return step_in_slot(w, leaf, table, fault);
    return read_step(w, leaf, table, fault);
}

/* Whether the last descriptor would be read in vain: a prefetch has no cache to keep what it says.
 * Where a table is, in stage 2, is another matter. */
static bool in_vain(const struct walker *w, const struct leaf *leaf)
{
    return w->call->mode == CALL_PREFETCH && leaf->level == VMSA_LAST_LEVEL &&
           tlb_absent(&w->call->smmu->tlb) && (!w->s2 || w->cls == FAULT_CLASS_IN);
}

/* Follow tables to the block or page of w->ia. */
static bool find_leaf(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    if (!use_walk_cache(w)) {
        fault_overtaken(fault);
        return false;
    }
    uint64_t table = begin(w, leaf);
    enum step done = STEP_TABLE;
    while (!in_vain(w, leaf) && (done = step(w, leaf, &table, fault)) == STEP_TABLE)
        leaf->level++;
    return done == STEP_LEAF;
}

/* The checks a leaf must pass before its permissions count: address size, then Access flag, which
 * the SMMU may set itself (DDI 0487 D8.15; IHI 0070 3.13.2). */
static enum update settle_access(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    if (vmsa_too_large(&w->stage->geometry, leaf_output(w, leaf))) {
        walker_fault(w, EVENT_F_ADDR_SIZE, fault);
        return UPDATE_FAULT;
    }
    if (vmsa_accessed(leaf->descriptor))
        return UPDATE_DONE;
    if (w->stage->ha)
        return update_descriptor(w, leaf, vmsa_made_accessed(leaf->descriptor), fault);
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
    uint64_t dirty = vmsa_made_dirty(w->scheme, leaf->descriptor);
    return update_descriptor(w, leaf, dirty, fault);
}

bool walker_find(const struct walker *w, unsigned need, struct leaf *leaf, struct fault *fault)
{
    enum update update;
    do {
        update = UPDATE_RETRY;
        if (!find_leaf(w, leaf, fault)) {
            if (!leaf->again)
                return false;
            leaf->again = false;
            continue;
        }
        update = settle_access(w, leaf, fault);
        if (update == UPDATE_DONE)
            update = settle_dirty(w, need, leaf, fault);
    } while (update == UPDATE_RETRY);
    return update == UPDATE_DONE;
}
