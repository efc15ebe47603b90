/* SPDX-License-Identifier: Apache-2.0 */
/* From table to table: descriptors are found, read, remembered, and their flags updated (IHI 0070
 * 3.13; DDI 0487 D8.2). Those of stage 1 are found through stage 2 where that translates. */
#include "walk/walker.h"

#include "access/fetch.h"
#include "observe/observe.h"
#include "observe/unit.h"
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

/* locate() through a stage 2 that asks for Assured translations, or which first tables these are:
 * an update is where the read was, and no first access. */
static __attribute__((cold, noinline)) bool locate_hardened(const struct walker *w,
                                                            struct leaf *leaf, bool read,
                                                            struct smmu_mem_req *req,
                                                            struct fault *fault)
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

/* Where the descriptor of `leaf` is in physical memory, by req->addr, and how it is accessed. */
static bool locate(const struct walker *w, struct leaf *leaf, bool read, struct smmu_mem_req *req,
                   struct fault *fault)
{
    req->attr = w->stage->attr;
    if (!w->nested) {
        req->addr = truncate_to_oas(w->call->smmu, req->addr); /* VMSAv8-32 gives 40 bits */
        return true;
    }
    if (__builtin_expect(w->ste->s2_hardened, false))
        return locate_hardened(w, leaf, read, req, fault);
    return walk_structure(w->call, w->ste, FAULT_CLASS_TT, read, &req->addr, &req->attr, fault);
}

/* What is compiled for descriptors of 64 bits and for `wide` ones, of 128. */
#define FOR_EACH_WIDTH static inline __attribute__((always_inline))

static bool is_wide(const struct stage *stage)
{
    return stage->geometry.format == VMSA_128;
}

/* A descriptor as words of memory, little-endian, or the way back. Of 128 bits it is one object for
 * endianness too (DDI 0487 D8.2.5.1). */
FOR_EACH_WIDTH struct vmsa128 descriptor_order(const struct stage *stage, struct vmsa128 d,
                                               bool wide)
{
    if (!stage->big_endian)
        return d;
    if (!wide)
        return (struct vmsa128){.low = __builtin_bswap64(d.low)};
    return (struct vmsa128){__builtin_bswap64(d.high), __builtin_bswap64(d.low)};
}

/* Let `raw` be the descriptor of leaf->level. */
static __attribute__((noinline)) void take_wide(const struct walker *w, struct leaf *leaf,
                                                struct vmsa128 raw)
{
    leaf->raw = raw;
    leaf->address = vmsa_address(&w->stage->geometry, raw.low, w->stage->geometry.granule);
    leaf->kind = vmsa128_kind(&w->stage->geometry, &raw, leaf->level);
    leaf->descriptor = vmsa128_attributes(&raw, w->s2);
    leaf->skl = vmsa128_skl(&raw);
}

FOR_EACH_WIDTH void take(const struct walker *w, struct leaf *leaf, struct vmsa128 raw, bool wide)
{
    if (wide) {
        take_wide(w, leaf, raw);
        return;
    }
    leaf->raw.low = leaf->descriptor = raw.low;
    leaf->address = vmsa_address(&w->stage->geometry, raw.low, w->stage->geometry.granule);
    leaf->kind = vmsa_kind(&w->stage->geometry, raw.low, leaf->level);
}

/* Accesses of `kind` to descriptors, but for which: req_at() is to follow. */
FOR_EACH_WIDTH void req_for(const struct walker *w, enum smmu_fetch kind, struct smmu_mem_req *req,
                            bool wide)
{
    fetch_req(req, w->call, kind, 0, &w->mpam, wide ? 2 : 1);
    req->stage = w->s2 ? 2 : 1;
}

/* Let the access be to the descriptor of `leaf`, where the tables say that it is: locate() is to
 * follow. */
static inline void req_at(const struct leaf *leaf, struct smmu_mem_req *req)
{
    req->addr = leaf->addr;
    req->level = (int8_t)leaf->level;
}

/* Read the descriptor of `leaf` by `req`, which is one for reads of this walk. */
FOR_EACH_WIDTH bool read_descriptor(const struct walker *w, struct leaf *leaf,
                                    struct smmu_mem_req *req, struct fault *fault, bool wide)
{
    uint64_t words[2] = {0};
    req_at(leaf, req);
    if (!locate(w, leaf, true, req, fault))
        return false;
    bool read = fetch_descriptor(w->call, req, words, wide ? 2 : 1);
    struct vmsa128 raw = {read ? words[0] : 0, read && wide ? words[1] : 0};
    take(w, leaf, descriptor_order(w->stage, raw, wide), wide);
    if (__builtin_expect(read, true) || !w->call->outcome->yielded)
        observe_access(w->call, SMMU_OBSERVE_ttd_fetch, &w->mpam, req->addr, leaf->raw.low);
    return read || walk_abort(w, req->addr, fault);
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

/* How many levels a walk cache that is looked into level by level, from the deepest on, would try
 * after the first. */
static __attribute__((cold, noinline)) uint32_t further_levels(const struct walker *w)
{
    const struct walk_entry *entry = tlb_find(w->cache, tlb_space_of_all(w->context), w->ia, false);
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
        tlb_find(w->cache, tlb_space_of_all(w->context), w->ia, w->call->mode == CALL_REAL);
    if (entry)
        walk_note_use(w->call, &entry->prefetched);
    return entry;
}

/* Begin there, else at the first table. */
FOR_EACH_WIDTH uint64_t begin(const struct walker *w, struct leaf *leaf, bool wide)
{
    const struct walk_entry *cached = cached_table(w);
    observe_call(w->call, cached ? SMMU_OBSERVE_walk_hit : SMMU_OBSERVE_walk_miss, w->ia,
                 w->s2 ? 2 : 1);
    leaf->skipped = wide && cached ? cached->skipped : 0;
    leaf->level =
        cached ? cached->tag.level + 1 + (int)leaf->skipped : w->stage->geometry.start_level;
    leaf->span_log2 = vmsa_span_log2(&w->stage->geometry, leaf->level);
    leaf->limits = cached ? cached->limits : w->stage->limits;
    return cached ? cached->table : w->stage->table;
}

/* Whether the table is not to be cached while software changes its size (3.21.1.1, nT). */
static bool is_in_change(const struct walker *w, const struct leaf *leaf)
{
    return w->call->smmu->cfg.bbml == 1 && vmsa128_nt(&leaf->raw);
}

/* Cache the table descriptor of leaf->level, which leads to `table`. */
static __attribute__((noinline)) void remember_table(const struct walker *w,
                                                     const struct leaf *leaf, uint64_t table)
{
    bool wide = is_wide(w->stage);
    if (!call_fills(w->call) || (wide && is_in_change(w, leaf)))
        return;
    struct walk_entry entry = {.table = table,
                               .skipped = (uint8_t)(wide ? leaf->skl : 0),
                               .limits = leaf->limits,
                               .prefetched = w->call->mode == CALL_PREFETCH};
    walker_tag(w, w->s2, leaf->level, leaf->span_log2, false, &entry.tag);
    tlb_fill(w->cache, &entry);
}

enum update { UPDATE_DONE, UPDATE_RETRY, UPDATE_FAULT };

/* Replace the lower 64 bits of the descriptor by `low` in memory, if it is still there (3.13). */
static enum update update_descriptor(const struct walker *w, struct leaf *leaf, uint64_t low,
                                     struct fault *fault)
{
    bool wide = is_wide(w->stage);
    struct smmu_mem_req req;
    req_for(w, SMMU_FETCH_TTD_UPDATE, &req, wide);
    req_at(leaf, &req);
    const struct vmsa128 value = {low, leaf->raw.high};
    const struct vmsa128 from = descriptor_order(w->stage, leaf->raw, wide);
    const struct vmsa128 to = descriptor_order(w->stage, value, wide);
    bool swapped = true;

    if (w->call->mode != CALL_REAL)
        w->call->outcome->left_out = true;
    if (w->call->mode == CALL_PREFETCH) {
        walker_fault(w, EVENT_F_ACCESS, fault); /* of which nobody hears */
        return UPDATE_FAULT;
    }
    if (w->call->mode == CALL_PASSIVE) {
        take(w, leaf, value, wide);
        return UPDATE_DONE;
    }
    if (!locate(w, leaf, false, &req, fault))
        return UPDATE_FAULT;
    if (w->call->mode == CALL_REAL) {
        const uint64_t expected[2] = {from.low, from.high}, swap[2] = {to.low, to.high};
        if (!fetch_cas(w->call, &req, expected, swap, &swapped)) {
            walk_abort(w, req.addr, fault);
            return UPDATE_FAULT;
        }
    }
    take(w, leaf, value, wide);
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
    leaf->span_log2 = vmsa_span_log2(&w->stage->geometry, leaf->level);
    leaf->skl = cached->skipped;
    leaf->limits = cached->limits;
    *table = cached->table;
    return true;
}

/* The address of the table that the descriptor leads to, if it leads to one. */
FOR_EACH_WIDTH uint64_t next_table(const struct walker *w, const struct leaf *leaf, bool wide)
{
    return wide ? vmsa_next_table(&w->stage->geometry, leaf->raw.low, leaf->skl) : leaf->address;
}

/* The address of the descriptor that the one that was read leads to, in a table so large that a
 * part of it may lie beyond the output size. */
static __attribute__((noinline)) uint64_t next_of_many(const struct walker *w,
                                                       const struct leaf *leaf, uint64_t table)
{
    int level = leaf->level + 1 + (int)leaf->skl;
    return vmsa_descriptor_addr(&w->stage->geometry, table, level, leaf->skl, w->ia);
}

/* Whether what the descriptor that was read leads to, in `table`, lies beyond the output size. */
FOR_EACH_WIDTH bool leads_too_far(const struct walker *w, const struct leaf *leaf, uint64_t table,
                                  bool wide)
{
    uint64_t next = wide ? next_of_many(w, leaf, table) : table;
    return vmsa_too_large(&w->stage->geometry, next);
}

/* Set the Access flag of what was read, if it is a table descriptor that is good (3.13.6): on the
 * way, so that those above have theirs whatever comes after (DDI 0487 R_XYNNS). False: the walk
 * ends, or it begins again. */
static bool flag_table(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    bool wide = is_wide(w->stage);
    if (leaf->kind != VMSA_TABLE || leads_too_far(w, leaf, next_table(w, leaf, wide), wide) ||
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
static __attribute__((cold, noinline)) bool pass(const struct walker *w, struct leaf *leaf,
                                                 struct fault *fault)
{
    if ((w->stage->passing & STAGE_FLAG_TABLES) && !flag_table(w, leaf, fault))
        return false;
    if (w->stage->passing & STAGE_HARDENED)
        follow_assured(w, leaf);
    return true;
}

/* Whether leaves of the table that the descriptor leads to have a Contiguous bit: stage 2 lets all
 * of them (DDI 0487 D8.7.1). */
static void limit_runs(const struct walker *w, struct leaf *leaf)
{
    bool disch = !w->s2 && vmsa128_disch(&leaf->raw);
    leaf->limits = (uint8_t)((leaf->limits & ~VMSA_NO_RUNS) | (disch ? VMSA_NO_RUNS : 0));
}

/* Read the descriptor at leaf->addr, and let `table` be the table it leads to. */
FOR_EACH_WIDTH enum step read_step(const struct walker *w, struct leaf *leaf,
                                   struct smmu_mem_req *req, uint64_t *table, struct fault *fault,
                                   bool wide)
{
    if (!read_descriptor(w, leaf, req, fault, wide))
        return STEP_FAULT;
    if (w->stage->passing != 0 && !pass(w, leaf, fault))
        return STEP_FAULT;
    if (leaf->kind == VMSA_LEAF)
        return STEP_LEAF;
    *table = next_table(w, leaf, wide);
    if (leaf->kind == VMSA_INVALID || leads_too_far(w, leaf, *table, wide)) {
        bool large = leaf->kind != VMSA_INVALID;
        walker_fault(w, large ? EVENT_F_ADDR_SIZE : EVENT_F_TRANSLATION, fault);
        return STEP_FAULT;
    }
    leaf->limits = vmsa_limit(w->scheme, leaf->limits, leaf->descriptor);
    if (wide)
        limit_runs(w, leaf);
    if (!tlb_absent(w->cache))
        remember_table(w, leaf, *table);
    return STEP_TABLE;
}

/* The same where a fetch takes a slot, as one that may lead to another table does. */
static __attribute__((cold, noinline)) enum step step_in_slot(const struct walker *w,
                                                              struct leaf *leaf,
                                                              struct smmu_mem_req *req,
                                                              uint64_t *table, struct fault *fault)
{
    struct unit_slot slot AT_END(unit_give) = unit_take_at(w->call, table_unit(w), leaf->addr);
    if (slot.overtaken) {
        fault_overtaken(fault);
        return STEP_FAULT;
    }
    if (slot.call && skip_fetch(w, leaf, table))
        return STEP_TABLE;
    return is_wide(w->stage) ? read_step(w, leaf, req, table, fault, true)
                             : read_step(w, leaf, req, table, fault, false);
}

/* Read the descriptor of leaf->level in `table`, and let that be the table it leads to. */
FOR_EACH_WIDTH enum step step(const struct walker *w, struct leaf *leaf, struct smmu_mem_req *req,
                              uint64_t *table, struct fault *fault, bool wide)
{
    const struct vmsa_geometry *g = &w->stage->geometry;
    leaf->addr = vmsa_descriptor_addr_at(g, wide ? 4 : 3, *table, leaf->level, leaf->span_log2,
                                         wide ? leaf->skipped : 0, w->ia);
    if (wide && vmsa_too_large(g, leaf->addr)) { /* of a table, in part: R_PMLSH */
        walker_fault(w, EVENT_F_ADDR_SIZE, fault);
        return STEP_FAULT;
    }
    if (unit_watched(w->call->smmu, table_unit(w)) && leaf->level != VMSA_LAST_LEVEL)
        return step_in_slot(w, leaf, req, table, fault);
    return read_step(w, leaf, req, table, fault, wide);
}

/* Whether the last descriptor would be read in vain: a prefetch has no cache to keep what it says.
 * Where a table is, in stage 2, is another matter. */
static bool in_vain(const struct walker *w, const struct leaf *leaf)
{
    return w->call->mode == CALL_PREFETCH && leaf->level == VMSA_LAST_LEVEL &&
           tlb_absent(&w->call->smmu->tlb) && (!w->s2 || (uint8_t)w->cls == FAULT_CLASS_IN);
}

/* Go below a table descriptor. That of VMSAv9-128 may skip some levels. */
FOR_EACH_WIDTH void go_down(const struct walker *w, struct leaf *leaf, bool wide)
{
    unsigned levels = 1;
    if (wide) {
        leaf->skipped = leaf->skl;
        levels += leaf->skl;
    }
    leaf->level += (int)levels;
    leaf->span_log2 -= levels * (w->stage->geometry.granule - (wide ? 4u : 3u));
}

/* Follow tables to the block or page of w->ia. */
FOR_EACH_WIDTH bool follow_tables(const struct walker *w, struct leaf *leaf, struct fault *fault,
                                  bool wide)
{
    if (!use_walk_cache(w)) {
        fault_overtaken(fault);
        return false;
    }
    uint64_t table = begin(w, leaf, wide);
    enum step done = STEP_TABLE;
    struct smmu_mem_req req;
    req_for(w, SMMU_FETCH_TTD, &req, wide);
    while (!in_vain(w, leaf) && (done = step(w, leaf, &req, &table, fault, wide)) == STEP_TABLE)
        go_down(w, leaf, wide);
    return done == STEP_LEAF;
}

static __attribute__((noinline)) bool follow_wide(const struct walker *w, struct leaf *leaf,
                                                  struct fault *fault)
{
    return follow_tables(w, leaf, fault, true);
}

static bool find_leaf(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    if (__builtin_expect(is_wide(w->stage), false))
        return follow_wide(w, leaf, fault);
    return follow_tables(w, leaf, fault, false);
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
