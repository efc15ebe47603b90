/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a walk: where a descriptor is, what it says, what it leads to. They are compiled for
 * each form of a walk: in walk.c and walk_s2.c for the one that is met most, whose last step is in
 * plain.h; in walker.c for all. */
#ifndef SMMU_CORE_STEPS_H
#define SMMU_CORE_STEPS_H

#include "access/fetch.h"
#include "observe/observe.h"
#include "observe/unit.h"
#include "walk/leaf.h"
#include "walk/walk.h"
#include "walk/walker.h"

/* What is compiled for walks of each form. */
#define FOR_EACH_FORM static inline __attribute__((always_inline))
enum form {
    FORM_PLAIN, /* of a transaction, by descriptors of 64 bits that are little-endian, have 48 bits
                   of address, and are only read; nothing that it uses takes time */
    FORM_ANY,   /* by descriptors of 64 bits */
    FORM_WIDE,  /* by those of 128 */
};

static inline bool is_wide(const struct stage *stage)
{
    return stage->geometry.format == VMSA_128;
}

/* Whether walks of the call are plain where their stages let them be. */
static inline bool call_is_plain(const struct call *call)
{
    const uint32_t units = 1u << SMMU_UNIT_TLB | 1u << SMMU_UNIT_TABLE_WALK |
                           1u << SMMU_UNIT_WALK_CACHE_S1 | 1u << SMMU_UNIT_WALK_CACHE_S2 |
                           1u << SMMU_UNIT_TABLE_S1 | 1u << SMMU_UNIT_TABLE_S2;
    return call->mode == CALL_REAL && !(call->smmu->ops.units & units);
}

/* Whether a stage lets them be; or all of an STE and a table of a CD. Whether stage 2 asks for
 * something of the tables of stage 1 (3.27.2) is a matter of the STE, which may be another than the
 * one that the CD was read by: software has changed it, and not said so. */
static inline bool stage_is_plain(const struct stage *stage)
{
    return !(stage->passing & STAGE_PECULIAR);
}
static inline bool stages_are_plain(const struct ste_cfg *ste, const struct stage *s1)
{
    return !((s1->passing | ste->s2.passing) & STAGE_PECULIAR) && !ste->s2_hardened;
}

enum step { STEP_TABLE, STEP_LEAF, STEP_FAULT };

/* --- what plain walks do not do ------------------------------------------------------------------
 */

/* The fetch of a descriptor at `addr` has ended with an abort. False, for the caller to return. */
__attribute__((cold)) bool walker_abort(bool s2, unsigned cls, uint64_t addr, struct fault *fault);

/* locate() through a stage 2 that asks for Assured translations, or which first tables these are:
 * an update is where the read was, and no first access. */
__attribute__((cold)) bool walker_locate_hardened(const struct walker *w, struct leaf *leaf,
                                                  bool read, struct smmu_mem_req *req,
                                                  struct fault *fault);

/* Let `raw`, of 128 bits, be the descriptor of leaf->level. */
void walker_take_wide(const struct walker *w, struct leaf *leaf, struct vmsa128 raw);

/* How many levels a walk cache that is looked into level by level, from the deepest on, would try
 * after the first. */
__attribute__((cold)) uint32_t walker_further_levels(const struct walker *w);

/* The address of the descriptor that the one that was read leads to, in a table so large that a
 * part of it may lie beyond the output size. */
uint64_t walker_next_of_many(const struct walker *w, const struct leaf *leaf, uint64_t table);

/* Do what the stage wants done at each descriptor. False: the walk ends, or it begins again. */
__attribute__((cold)) bool walker_pass(const struct walker *w, struct leaf *leaf,
                                       struct fault *fault);

/* Whether leaves of the table that the descriptor leads to have a Contiguous bit: stage 2 lets all
 * of them (DDI 0487 D8.7.1). */
void walker_limit_runs(const struct walker *w, struct leaf *leaf);

/* read_step() where a fetch takes a slot, as one that may lead to another table does. */
__attribute__((cold)) enum step walker_step_in_slot(const struct walker *w, struct leaf *leaf,
                                                    struct smmu_mem_req *req, uint64_t *table,
                                                    struct fault *fault);

/* Do what the access makes of a leaf that a plain walk has found and that is not good as it is.
 * False on a fault, or if the call was overtaken. */
__attribute__((cold)) bool walker_settle(const struct walker *w, unsigned need, struct leaf *leaf,
                                         struct fault *fault);

/* Find the leaf of w->ia, its flags as the access makes them, and write the entry that it becomes:
 * `need` are the rights that the access asks for. Of stage 1, whose entry has the address of that
 * stage, `*limits` are those of the leaf; of stage 2. False on a fault, or if the call was
 * overtaken. May block. */
bool walker_any_s1(const struct walker *w, const struct cd_cfg *cd, unsigned need,
                   struct tlb_entry *entry, unsigned *limits, struct fault *fault);
bool walker_any_s2(const struct walker *w, unsigned need, struct tlb_entry *entry,
                   struct fault *fault);

/* --- each step -----------------------------------------------------------------------------------
 */

/* Where the descriptor of `leaf` is in physical memory, by req->addr, and how it is accessed. */
FOR_EACH_FORM bool locate(const struct walker *w, struct leaf *leaf, bool read,
                          struct smmu_mem_req *req, struct fault *fault, enum form form, bool s2)
{
    req->attr = w->stage->attr;
    if (s2 || !w->nested) {
        req->addr = truncate_to_oas(w->call->smmu, req->addr); /* VMSAv8-32 gives 40 bits */
        return true;
    }
    if (form == FORM_PLAIN)
        return walk_plain_table(w->call, w->ste, req, fault);
    if (__builtin_expect(w->ste->s2_hardened, false))
        return walker_locate_hardened(w, leaf, read, req, fault);
    return walk_structure(w->call, w->ste, FAULT_CLASS_TT, read, &req->addr, &req->attr, fault);
}

/* A descriptor as words of memory, little-endian, or the way back. Of 128 bits it is one object for
 * endianness too (DDI 0487 D8.2.5.1). */
FOR_EACH_FORM struct vmsa128 descriptor_order(const struct stage *stage, struct vmsa128 d,
                                              enum form form)
{
    if (form == FORM_PLAIN || !stage->big_endian)
        return d;
    if (form != FORM_WIDE)
        return (struct vmsa128){.low = __builtin_bswap64(d.low)};
    return (struct vmsa128){__builtin_bswap64(d.high), __builtin_bswap64(d.low)};
}

/* The geometry of a walk, whose format follows from the form where that says so. */
FOR_EACH_FORM struct vmsa_geometry geometry_of(const struct walker *w, enum form form)
{
    const struct vmsa_geometry *g = &w->stage->geometry;
    return (struct vmsa_geometry){.granule = g->granule,
                                  .input_bits = g->input_bits,
                                  .output_bits = g->output_bits,
                                  .start_level = g->start_level,
                                  .format = form == FORM_PLAIN ? (uint8_t)VMSA_48_BITS : g->format};
}

FOR_EACH_FORM void take(const struct walker *w, struct leaf *leaf, struct vmsa128 raw,
                        enum form form)
{
    if (form == FORM_WIDE) {
        walker_take_wide(w, leaf, raw);
        return;
    }
    const struct vmsa_geometry g = geometry_of(w, form);
    leaf->raw.low = leaf->descriptor = raw.low;
    leaf->address =
        form == FORM_PLAIN ? raw.low & w->stage->address : vmsa_address(&g, raw.low, g.granule);
    leaf->kind = vmsa_kind(&g, raw.low, leaf->level);
}

/* Accesses of `kind` to descriptors, but for which: req_at() is to follow. */
FOR_EACH_FORM void req_for(const struct walker *w, enum smmu_fetch kind, struct smmu_mem_req *req,
                           enum form form, bool s2)
{
    fetch_req(req, w->call, kind, 0, w->mpam, form == FORM_WIDE ? 2 : 1);
    req->stage = s2 ? 2 : 1;
}

/* Let the access be to the descriptor of `leaf`, where the tables say that it is: locate() is to
 * follow. */
static inline void req_at(const struct leaf *leaf, struct smmu_mem_req *req)
{
    req->addr = leaf->addr;
    req->level = (int8_t)leaf->level;
}

/* Read the descriptor of `leaf` by `req`, which is one for reads of this walk. */
FOR_EACH_FORM bool read_descriptor(const struct walker *w, struct leaf *leaf,
                                   struct smmu_mem_req *req, struct fault *fault, enum form form,
                                   bool s2)
{
    const bool wide = form == FORM_WIDE, real = form == FORM_PLAIN;
    uint64_t words[2] = {0};
    req_at(leaf, req);
    if (!locate(w, leaf, true, req, fault, form, s2))
        return false;
    bool read = fetch_descriptor(w->call, req, words, wide ? 2 : 1, real);
    if (!__builtin_expect(read, true)) {
        if (!w->call->outcome->yielded)
            observe_access_of(w->call, SMMU_OBSERVE_ttd_fetch, &req->mpam, req->addr, 0, real);
        return walker_abort(w->s2, w->cls, req->addr, fault);
    }
    const struct vmsa128 raw =
        descriptor_order(w->stage, (struct vmsa128){words[0], wide ? words[1] : 0}, form);
    observe_access_of(w->call, SMMU_OBSERVE_ttd_fetch, &req->mpam, req->addr, raw.low, real);
    take(w, leaf, raw, form);
    return true;
}

static inline bool use_walk_cache(const struct walker *w)
{
    enum smmu_unit unit = w->s2 ? SMMU_UNIT_WALK_CACHE_S2 : SMMU_UNIT_WALK_CACHE_S1;
    return !unit_watched(w->call->smmu, unit) ||
           unit_use_count(w->call, unit, walker_further_levels(w));
}

static inline enum smmu_unit table_unit(const struct walker *w)
{
    return w->s2 ? SMMU_UNIT_TABLE_S2 : SMMU_UNIT_TABLE_S1;
}

/* The deepest table descriptor that is cached; NULL if none is. */
FOR_EACH_FORM const struct walk_entry *cached_table(const struct walker *w, enum form form)
{
    bool real = form == FORM_PLAIN || w->call->mode == CALL_REAL;
    struct walk_entry *entry = tlb_find_again(w->cache, w->context, w->ia, real);
    if (entry)
        walk_note_use(w->call, &entry->prefetched);
    return entry;
}

/* It was looked for. */
FOR_EACH_FORM void observe_cached(const struct walker *w, const struct walk_entry *cached,
                                  enum form form, bool s2)
{
    observe_call_of(w->call, cached ? SMMU_OBSERVE_walk_hit : SMMU_OBSERVE_walk_miss, w->ia,
                    s2 ? 2 : 1, form == FORM_PLAIN);
}

/* Begin there, else at the first table. */
FOR_EACH_FORM uint64_t begin(const struct walker *w, const struct walk_entry *cached,
                             struct leaf *leaf, enum form form)
{
    const struct vmsa_geometry g = geometry_of(w, form);
    leaf->skipped = form == FORM_WIDE && cached ? cached->skipped : 0;
    leaf->level = cached ? cached->tag.level + 1 + (int)leaf->skipped : g.start_level;
    leaf->span_log2 = vmsa_span_log2(&g, leaf->level);
    leaf->limits = cached ? cached->limits : w->stage->limits;
    return cached ? cached->table : w->stage->table;
}

/* Whether the table is not to be cached while software changes its size (3.21.1.1, nT). */
static inline bool is_in_change(const struct walker *w, const struct leaf *leaf)
{
    return w->call->smmu->cfg.bbml == 1 && vmsa128_nt(&leaf->raw);
}

/* Cache the table descriptor of leaf->level, which leads to `table`. */
FOR_EACH_FORM void remember_table(const struct walker *w, const struct leaf *leaf, uint64_t table,
                                  enum form form)
{
    bool wide = form == FORM_WIDE;
    if (tlb_absent(w->cache) || !call_fills(w->call) || (wide && is_in_change(w, leaf)))
        return;
    struct walk_entry entry = {.table = table,
                               .skipped = (uint8_t)(wide ? leaf->skl : 0),
                               .limits = leaf->limits,
                               .prefetched = w->call->mode == CALL_PREFETCH};
    walker_tag(w, w->s2, leaf->level, leaf->span_log2, false, &entry.tag);
    tlb_fill(w->cache, &entry);
}

/* The address of the table that the descriptor leads to, if it leads to one. */
FOR_EACH_FORM uint64_t next_table(const struct walker *w, const struct leaf *leaf, bool wide)
{
    return wide ? vmsa_next_table(&w->stage->geometry, leaf->raw.low, leaf->skl) : leaf->address;
}

/* Whether what the descriptor that was read leads to, in `table`, lies beyond the output size. */
FOR_EACH_FORM bool leads_too_far(const struct walker *w, const struct leaf *leaf, uint64_t table,
                                 enum form form)
{
    if (form == FORM_PLAIN)
        return (leaf->descriptor & w->stage->too_far) != 0;
    uint64_t next = form == FORM_WIDE ? walker_next_of_many(w, leaf, table) : table;
    return vmsa_too_large(&w->stage->geometry, next);
}

/* Read the descriptor at leaf->addr, and let `table` be the table it leads to. */
FOR_EACH_FORM enum step read_step(const struct walker *w, struct leaf *leaf,
                                  struct smmu_mem_req *req, uint64_t *table, struct fault *fault,
                                  enum form form, bool s2)
{
    const bool wide = form == FORM_WIDE;
    if (!read_descriptor(w, leaf, req, fault, form, s2))
        return STEP_FAULT;
    if (form != FORM_PLAIN && (w->stage->passing & (STAGE_FLAG_TABLES | STAGE_HARDENED)) &&
        !walker_pass(w, leaf, fault))
        return STEP_FAULT;
    if (leaf->kind == VMSA_LEAF)
        return STEP_LEAF;
    *table = next_table(w, leaf, wide);
    if (leaf->kind == VMSA_INVALID || leads_too_far(w, leaf, *table, form)) {
        bool large = leaf->kind != VMSA_INVALID;
        walker_fault(w, large ? EVENT_F_ADDR_SIZE : EVENT_F_TRANSLATION, fault);
        return STEP_FAULT;
    }
    leaf->limits = vmsa_limit(w->scheme, leaf->limits, leaf->descriptor);
    if (wide)
        walker_limit_runs(w, leaf);
    remember_table(w, leaf, *table, form);
    return STEP_TABLE;
}

/* Read the descriptor of leaf->level in `table`, and let that be the table it leads to. */
FOR_EACH_FORM enum step step(const struct walker *w, struct leaf *leaf, struct smmu_mem_req *req,
                             uint64_t *table, struct fault *fault, enum form form, bool s2)
{
    const struct vmsa_geometry *g = &w->stage->geometry;
    const bool wide = form == FORM_WIDE;
    leaf->addr = vmsa_descriptor_addr_at(g, wide ? 4 : 3, *table, leaf->level, leaf->span_log2,
                                         wide ? leaf->skipped : 0, w->ia);
    if (wide && vmsa_too_large(g, leaf->addr)) { /* of a table, in part: R_PMLSH */
        walker_fault(w, EVENT_F_ADDR_SIZE, fault);
        return STEP_FAULT;
    }
    if (form != FORM_PLAIN && unit_watched(w->call->smmu, table_unit(w)) &&
        leaf->level != VMSA_LAST_LEVEL)
        return walker_step_in_slot(w, leaf, req, table, fault);
    return read_step(w, leaf, req, table, fault, form, s2);
}

/* Whether the last descriptor would be read in vain: a prefetch has no cache to keep what it says.
 * Where a table is, in stage 2, is another matter. */
static inline bool in_vain(const struct walker *w, const struct leaf *leaf)
{
    return w->call->mode == CALL_PREFETCH && leaf->level == VMSA_LAST_LEVEL &&
           tlb_absent(&w->call->smmu->tlb) && (!w->s2 || (uint8_t)w->cls == FAULT_CLASS_IN);
}

/* Go below a table descriptor. That of VMSAv9-128 may skip some levels. */
FOR_EACH_FORM void go_down(const struct walker *w, struct leaf *leaf, enum form form)
{
    const bool wide = form == FORM_WIDE;
    unsigned levels = 1;
    if (wide) {
        leaf->skipped = leaf->skl;
        levels += leaf->skl;
    }
    leaf->level += (int)levels;
    leaf->span_log2 -= levels * (w->stage->geometry.granule - (wide ? 4u : 3u));
}

/* Follow tables to the block or page of w->ia, from what is cached. */
FOR_EACH_FORM bool follow_tables(const struct walker *w, const struct walk_entry *cached,
                                 struct leaf *leaf, struct fault *fault, enum form form, bool s2)
{
    uint64_t table = begin(w, cached, leaf, form);
    enum step done = STEP_TABLE;
    struct smmu_mem_req req;
    req_for(w, SMMU_FETCH_TTD, &req, form, s2);
    while ((form == FORM_PLAIN || !in_vain(w, leaf)) &&
           (done = step(w, leaf, &req, &table, fault, form, s2)) == STEP_TABLE)
        go_down(w, leaf, form);
    return done == STEP_LEAF;
}

#endif
