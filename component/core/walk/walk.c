/* SPDX-License-Identifier: Apache-2.0 */
/* Translation table walks (IHI 0070 3.3, 3.4, 3.13; DDI 0487 D8.2). A stage 1 walk finds its tables
 * through stage 2 where that translates; so stage 2 is written first. */
#include "walk/walk.h"

#include "access/fetch.h"
#include "base/memattr.h"
#include "observe/observe.h"
#include "observe/unit.h"
#include "report/event.h"
#include "stream/ste_layout.h"
#include "vmsa/vmsa.h"
#include "vmsa/vmsa32.h"
#include "vmsa/vmsa_control.h"
#include "vmsa/vmsa_scheme.h"
#include "walk/tlb.h"

_Static_assert((int)VMSA_READ == SMMU_PERM_R && (int)VMSA_WRITE == SMMU_PERM_W &&
                   (int)VMSA_EXECUTE == SMMU_PERM_X && VMSA_UPDATE == TXN_OP_UPDATE,
               "the rights of a descriptor are those of the public interface, and one more");

/* A walk of one stage. */
struct walker {
    const struct call *call;
    const struct ste_cfg *ste;
    const struct stage *stage;
    const struct vmsa_scheme *scheme; /* that of the stage, or what SMMU_S2PII makes of it */
    bool s2;
    enum fault_class cls;  /* stage 2: for what it translates */
    struct smmu_mpam mpam; /* of the accesses that it makes (17.4) */
    uint64_t ia;           /* the address to translate */
    uint16_t asid;         /* stage 1 */
    bool aset;             /* stage 1 */
    uint64_t split;        /* stage 1, VMSAv8-32: where the range of TTB1 begins, else 0 */
};

/* The last descriptor of a walk. */
struct leaf {
    uint64_t descriptor;
    uint64_t addr; /* where the descriptor is: an IPA if stage 2 translates stage 1's tables */
    int level;
    uint8_t limits; /* of rights: see vmsa_limit() */
    bool again;     /* a table descriptor has changed while it was updated */
};

static bool stage_fault(const struct walker *w, enum event_type type, struct fault *fault)
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

/* The descriptor of `leaf` as it is fetched, where the tables say that it is: locate() is to
 * follow.
 */
static inline void ttd_at(const struct walker *w, const struct leaf *leaf, struct fetch_ttd *ttd)
{
    ttd->addr = leaf->addr;
    ttd->attr.mpam = w->mpam;
    ttd->stage = w->s2 ? 2 : 1;
    ttd->level = (int8_t)leaf->level;
}

static bool read_descriptor(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    struct fetch_ttd ttd;
    ttd_at(w, leaf, &ttd);
    if (!locate(w, true, &ttd.addr, &ttd.attr.memory, fault))
        return false;
    bool read = fetch_descriptor(w->call, &ttd, &leaf->descriptor);
    leaf->descriptor = read ? descriptor_order(w->stage, leaf->descriptor) : 0;
    if (read || !w->call->outcome->yielded)
        observe_access(w->call, SMMU_OBSERVE_ttd_fetch, &w->mpam, ttd.addr, leaf->descriptor);
    return read || walk_abort(w, ttd.addr, fault);
}

/* VMSAv8-32: whether the ranges of TTB0 and TTB1 meet in the midst of the 2^span_log2 bytes around
 * w->ia. */
static bool is_split(const struct walker *w, unsigned span_log2)
{
    return w->split != 0 && (w->split ^ w->ia) >> span_log2 == 0 &&
           (w->split & (BIT64(span_log2) - 1)) != 0;
}

/* log2 of the aligned bytes around w->ia that a descriptor of 2^span_log2 bytes translates. */
static unsigned unsplit(const struct walker *w, unsigned span_log2)
{
    while (is_split(w, span_log2))
        span_log2--;
    return span_log2;
}

/* The tag of what a descriptor of `level` says about w->ia. */
static struct smmu_tag tag_of(const struct walker *w, int level)
{
    unsigned leaf = vmsa_span_log2(w->stage->geometry.granule, level);
    unsigned span = leaf, cut = 0;
    if (__builtin_expect(is_split(w, leaf), false)) {
        span = unsplit(w, leaf);
        cut = (unsigned)__builtin_ctzll(w->split);
    }
    return (struct smmu_tag){
        .va = w->ia >> span << span,
        .asid = w->asid,
        .vmid = w->ste->vmid,
        .sec = w->call->txn->sec,
        .world = w->ste->world,
        .span_log2 = (uint8_t)span,
        .level = (int8_t)level,
        .s1 = !w->s2,
        .s2 = w->s2,
        .global = !w->s2 && w->ste->world == SMMU_WORLD_EL2, /* there are no ASIDs */
        .aset = w->aset,
        .s1_leaf_log2 = w->s2 ? 0 : (uint8_t)leaf,
        .s2_leaf_log2 = w->s2 ? (uint8_t)leaf : 0,
        .s1_cut_log2 = (uint8_t)cut,
    };
}

static struct tlb *walk_cache(const struct walker *w)
{
    return w->s2 ? &w->call->smmu->walk_s2 : &w->call->smmu->walk_s1;
}

static bool use_walk_cache(const struct walker *w)
{
    return unit_use(w->call, w->s2 ? SMMU_UNIT_WALK_CACHE_S2 : SMMU_UNIT_WALK_CACHE_S1);
}

/* The deepest table descriptor that is cached; NULL if none is. */
static const struct walk_entry *cached_table(const struct walker *w)
{
    struct tlb_context context = {.asid = w->asid,
                                  .vmid = w->ste->vmid,
                                  .sec = w->call->txn->sec,
                                  .world = w->ste->world,
                                  .ipa = w->s2};
    struct walk_entry *entry = tlb_find(walk_cache(w), &context, w->ia, w->call->mode == CALL_REAL);
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
static void remember_table(const struct walker *w, const struct leaf *leaf, uint64_t table)
{
    if (!call_fills(w->call) || tlb_absent(walk_cache(w)))
        return;
    struct walk_entry entry = {.tag = tag_of(w, leaf->level),
                               .table = table,
                               .limits = leaf->limits,
                               .prefetched = w->call->mode == CALL_PREFETCH};
    tlb_fill(walk_cache(w), &entry);
}

enum update { UPDATE_DONE, UPDATE_RETRY, UPDATE_FAULT };

/* Replace the descriptor by `value` in memory, if it is still there (3.13). */
static enum update update_descriptor(const struct walker *w, struct leaf *leaf, uint64_t value,
                                     struct fault *fault)
{
    struct fetch_ttd ttd;
    ttd_at(w, leaf, &ttd);
    uint64_t expected = descriptor_order(w->stage, leaf->descriptor);
    bool swapped = true;

    if (w->call->mode != CALL_REAL)
        w->call->outcome->left_out = true;
    if (w->call->mode == CALL_PREFETCH) {
        stage_fault(w, EVENT_F_ACCESS, fault); /* of which nobody hears */
        return UPDATE_FAULT;
    }
    if (w->call->mode == CALL_PASSIVE) {
        leaf->descriptor = value;
        return UPDATE_DONE;
    }
    if (!locate(w, false, &ttd.addr, &ttd.attr.memory, fault))
        return UPDATE_FAULT;
    if (w->call->mode == CALL_REAL) {
        if (!fetch_cas(w->call, &ttd, expected, descriptor_order(w->stage, value), &swapped)) {
            walk_abort(w, ttd.addr, fault);
            return UPDATE_FAULT;
        }
    }
    leaf->descriptor = value;
    return swapped ? UPDATE_DONE : UPDATE_RETRY;
}

enum step { STEP_TABLE, STEP_LEAF, STEP_FAULT };

/* Take the slot of the fetch of leaf->addr, if it may lead to another table. */
static struct unit_slot take_fetch(const struct walker *w, const struct leaf *leaf)
{
    if (leaf->level == VMSA_LAST_LEVEL)
        return (struct unit_slot){0};
    return unit_take_at(w->call, w->s2 ? SMMU_UNIT_TABLE_S2 : SMMU_UNIT_TABLE_S1, leaf->addr);
}

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

/* Read the descriptor of leaf->level in `table`, and let that be the table it leads to. */
static enum step step(const struct walker *w, struct leaf *leaf, uint64_t *table,
                      struct fault *fault)
{
    const struct vmsa_geometry *g = &w->stage->geometry;
    leaf->addr = vmsa_descriptor_addr(g, *table, leaf->level, w->ia);
    struct unit_slot slot AT_END(unit_give) = take_fetch(w, leaf);
    if (slot.overtaken) {
        fault_overtaken(fault);
        return STEP_FAULT;
    }
    if (slot.call && skip_fetch(w, leaf, table))
        return STEP_TABLE;
    if (!read_descriptor(w, leaf, fault))
        return STEP_FAULT;
    if (w->stage->haft && !flag_table(w, leaf, fault))
        return STEP_FAULT;
    enum vmsa_kind kind = vmsa_kind(g, leaf->descriptor, leaf->level);
    if (kind == VMSA_LEAF)
        return STEP_LEAF;
    bool large = kind == VMSA_TABLE && vmsa_too_large(g, vmsa_next_table(g, leaf->descriptor));
    if (kind == VMSA_INVALID || large) {
        stage_fault(w, large ? EVENT_F_ADDR_SIZE : EVENT_F_TRANSLATION, fault);
        return STEP_FAULT;
    }
    *table = vmsa_next_table(g, leaf->descriptor);
    leaf->limits = vmsa_limit(w->scheme, leaf->limits, leaf->descriptor);
    remember_table(w, leaf, *table);
    return STEP_TABLE;
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

static uint64_t leaf_output(const struct walker *w, const struct leaf *leaf)
{
    return vmsa_output(&w->stage->geometry, leaf->descriptor, leaf->level);
}

/* The checks a leaf must pass before its permissions count: address size, then Access flag, which
 * the SMMU may set itself (DDI 0487 D8.15; IHI 0070 3.13.2). */
static enum update settle_access(const struct walker *w, struct leaf *leaf, struct fault *fault)
{
    if (vmsa_too_large(&w->stage->geometry, leaf_output(w, leaf))) {
        stage_fault(w, EVENT_F_ADDR_SIZE, fault);
        return UPDATE_FAULT;
    }
    if (vmsa_accessed(leaf->descriptor))
        return UPDATE_DONE;
    if (w->stage->ha)
        return update_descriptor(w, leaf, vmsa_made_accessed(leaf->descriptor), fault);
    if (w->stage->affd)
        return UPDATE_DONE;
    stage_fault(w, EVENT_F_ACCESS, fault);
    return UPDATE_FAULT;
}

/* SMMU_PERM_* of unprivileged and of privileged accesses. */
static void leaf_rights(const struct walker *w, const struct leaf *leaf, uint8_t rights[2])
{
    vmsa_rights_of_both(w->scheme, leaf->descriptor, leaf->limits, rights);
}

/* SH: with 52-bit addresses of 4 KiB and 16 KiB granules the stage has it (5.2, S2DS; 5.4, DS). */
static unsigned leaf_sh(const struct walker *w, const struct leaf *leaf)
{
    const struct stage *stage = w->stage;
    return stage->geometry.format == VMSA_LPA2 ? stage->sh : vmsa_sh(leaf->descriptor);
}

/* Rights that making the leaf dirty would bring. */
static uint8_t leaf_clean(const struct walker *w, const struct leaf *leaf, bool privileged)
{
    return vmsa_clean(w->scheme, leaf->descriptor, leaf->limits, privileged);
}

/* What the overlay of a stream leaves of stage 2's rights (3.26.2). Caches hold none of it: it is
 * the stream's, not the VMID's (5.2, S2POI). */
static uint8_t overlay(const struct ste_cfg *ste, unsigned po_index, bool privileged)
{
    return ste->s2_overlaid ? vmsa_s2_interpreted(ste->s2_overlay, po_index, privileged) : 0xff;
}

void walk_overlay(const struct ste_cfg *ste, struct tlb_entry *entry)
{
    if (!ste->s2_overlaid || !entry->tag.s2)
        return;
    entry->s2_perm[0] &= overlay(ste, entry->s2_pbha, false);
    entry->s2_perm[1] &= overlay(ste, entry->s2_pbha, true);
    entry->s2_clean &= (overlay(ste, entry->s2_pbha, true) & VMSA_WRITE) != 0; /* of both alike */
}

/* Rights that an access gets once hardware has made the leaf dirty. */
static unsigned gained(const struct walker *w, const struct leaf *leaf)
{
    bool privileged = w->call->txn->priv;
    unsigned clean = leaf_clean(w, leaf, privileged);
    return w->s2 ? clean & overlay(w->ste, vmsa_po_index(leaf->descriptor), privileged) : clean;
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

/* Translations of different size may be cached of one address (3.21.1): look-ups are to find that
 * out, if that is a conflict. With nT a block is cached in pages, whose size is that of what may be
 * cached of the pages before or after, so that no entry overlaps another; to a page it makes no
 * difference. */
static void keep_apart(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    const struct smmu_config *cfg = &w->call->smmu->cfg;
    unsigned page = w->stage->geometry.granule;

    if (cfg->tlb_conflicts)
        entry->caution |= TLB_WARY;
    if (cfg->bbml != 1 || !vmsa_block_nt(leaf->descriptor))
        return;
    entry->pa += (w->ia >> page << page) - entry->tag.va;
    entry->tag.va = w->ia >> page << page;
    entry->tag.span_log2 = (uint8_t)page;
    entry->ipa = w->s2 ? entry->tag.va : 0;
}

/* Change what a walk has found as its stage asks for. What unprivileged accesses may not reach
 * stays in the TLB without rights for them, so that a hit is looked at as a denial. */
static __attribute__((cold, noinline)) void adjust(const struct walker *w, const struct leaf *leaf,
                                                   struct tlb_entry *entry)
{
    if (w->stage->adjust & STAGE_KEEP_APART)
        keep_apart(w, leaf, entry);
    if (w->stage->adjust & STAGE_CLOSED_TO_EL0)
        entry->s1_perm[0] = 0;
}

/* Find the leaf of w->ia, its flags as the access makes them. */
static bool settle_leaf(const struct walker *w, unsigned need, struct leaf *leaf,
                        struct fault *fault)
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

/* --- stage 2 ------------------------------------------------------------------------------------
 */

static void s2_fill_entry(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    struct smmu_tag tag = tag_of(w, leaf->level);
    unsigned clean = leaf_clean(w, leaf, true); /* for both */
    unsigned memattr = vmsa_s2_memattr(leaf->descriptor), sh = leaf_sh(w, leaf);
    *entry = (struct tlb_entry){
        .tag = tag,
        .pa = truncate_to_oas(w->call->smmu, leaf_output(w, leaf)),
        .ipa = tag.va,
        .attr = w->stage->fwb ? memattr_s2_fwb(memattr, sh) : memattr_s2(memattr, sh),
        .forces_wb = w->stage->fwb && memattr_s2_forces_wb(memattr),
        .s1_perm = {SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X,
                    SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X},
        .s2_pbha = vmsa_pbha(leaf->descriptor),
        .caution = clean != 0 ? TLB_CLEAN : 0,
        .s2_clean = (clean & VMSA_WRITE) != 0,
    };
    if (w->scheme->indirect && w->call->smmu->cfg.s2po)
        entry->caution |= TLB_OVERLAID;
    leaf_rights(w, leaf, entry->s2_perm);
    if (w->stage->adjust)
        adjust(w, leaf, entry);
}

/* Walk stage 2 for w->ia. `need` are the rights asked for; CDs never make a page dirty (3.13.3). */
static bool s2_walk(const struct walker *w, unsigned need, struct tlb_entry *entry,
                    struct fault *fault)
{
    struct leaf leaf = {0};

    if (w->ia >> w->stage->geometry.input_bits != 0) {
        stage_fault(w, EVENT_F_TRANSLATION, fault);
        return false;
    }
    if (!settle_leaf(w, need, &leaf, fault))
        return false;
    s2_fill_entry(w, &leaf, entry);
    return true;
}

static void fill(const struct call *call, struct tlb_entry *entry)
{
    struct smmu_state *smmu = call->smmu;
    if (!call_fills(call) || tlb_absent(&smmu->tlb))
        return;
    entry->prefetched = call->mode == CALL_PREFETCH;
    observe_traffic(call, SMMU_OBSERVE_tlb_fill, entry->tag.va, 0);
    if (tlb_fill(&smmu->tlb, entry))
        observe_traffic(call, SMMU_OBSERVE_tlb_evict, entry->tag.va, 0);
}

static inline struct tlb_context s2_context(const struct call *call, const struct ste_cfg *ste)
{
    return (struct tlb_context){
        .vmid = ste->vmid, .sec = call->txn->sec, .world = ste->world, .ipa = true};
}

/* What to go by where `hit` was found, which has some caution. */
static __attribute__((cold, noinline)) const struct tlb_entry *
s2_cautious(const struct walker *w, unsigned need, const struct tlb_entry *hit)
{
    const struct tlb_context context = s2_context(w->call, w->ste);
    return tlb_cautious(&w->call->smmu->tlb, &context, w->ia, hit, txn_op_dirties(need));
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

/* The stage 2 translation of `ipa`, from the TLB or by a walk, if it gives the rights asked for.
 * Its rights in `entry` are without the overlay. */
static bool s2_translate(const struct call *call, const struct ste_cfg *ste, enum fault_class cls,
                         uint64_t ipa, unsigned need, bool privileged, struct tlb_entry *entry,
                         struct fault *fault)
{
    const struct tlb_context context = s2_context(call, ste);
    struct walker w = {.call = call,
                       .ste = ste,
                       .stage = &ste->s2,
                       .scheme = &ste->s2.scheme,
                       .s2 = true,
                       .cls = cls,
                       .mpam = ste->mpam,
                       .ia = ipa};
    struct tlb_entry *found = tlb_find(&call->smmu->tlb, &context, ipa, call->mode == CALL_REAL);

    const struct tlb_entry *hit = found;
    if (hit && hit->caution) {
        hit = s2_cautious(&w, need, hit);
        if (hit == &tlb_conflict)
            return stage_fault(&w, EVENT_F_TLB_CONFLICT, fault);
    }
    if (hit) {
        walk_note_use(call, &found->prefetched);
        *entry = *hit;
    } else {
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
    }
    unsigned perm = entry->s2_perm[privileged] & overlay(ste, entry->s2_pbha, privileged);
    if (txn_op_permitted(perm, need))
        return true;
    stage_fault(&w, EVENT_F_PERMISSION, fault);
    fault->lacks_read = txn_op_lacks_read(perm, need);
    fault->tt_read = need == SMMU_PERM_R;
    return false;
}

/* The same, for an address that the call has not looked up yet. */
static inline bool s2_look_up(const struct call *call, const struct ste_cfg *ste,
                              enum fault_class cls, uint64_t ipa, unsigned need, bool privileged,
                              struct tlb_entry *entry, struct fault *fault)
{
    const struct tlb *tlb = &call->smmu->tlb;
    struct tlb_context context = s2_context(call, ste);
    if (unit_watched(call->smmu, SMMU_UNIT_TLB) &&
        !unit_use_count(call, SMMU_UNIT_TLB, tlb_further_sizes(tlb, &context, ipa)))
        return fault_overtaken(fault);
    return s2_translate(call, ste, cls, ipa, need, privileged, entry, fault);
}

bool walk_structure(const struct call *call, const struct ste_cfg *ste, enum fault_class cls,
                    bool read, uint64_t *addr, struct smmu_memattr *attr, struct fault *fault)
{
    struct tlb_entry entry;
    unsigned need = read ? SMMU_PERM_R : TXN_OP_UPDATE;

    if (!s2_look_up(call, ste, cls, *addr, need, true, &entry, fault))
        return false;
    bool device = memattr_is_device(entry.attr);
    if (ste->s2_ptw && device) {
        *fault = (struct fault){.type = EVENT_F_PERMISSION,
                                .cls = (uint8_t)cls,
                                .s2 = true,
                                .ipa = *addr,
                                .tt_read = read};
        return false;
    }
    if (device && call->smmu->cfg.ptwnnc) /* 5.2, S2PTW */
        entry.attr = (struct smmu_memattr){SMMU_MAIR_NORMAL_NC, SMMU_SH_OUTER};
    *addr = entry.pa + (*addr - entry.tag.va);
    *attr = memattr_stage2(*attr, entry.attr, entry.forces_wb);
    return true;
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

/* 5.4, MAIR0: there are eight attributes, of which AttrIndx beyond 7 is the last. */
static uint8_t leaf_mair(const struct cd_cfg *cd, uint64_t leaf)
{
    if (!cd->aie)
        return cd->mair[vmsa_attr_index(leaf)];
    unsigned index = vmsa_wide_attr_index(leaf);
    return cd->mair[index < 8 ? index : 7];
}

static void s1_fill_entry(const struct walker *w, const struct cd_cfg *cd, const struct leaf *leaf,
                          struct tlb_entry *entry)
{
    struct smmu_tag tag = tag_of(w, leaf->level);

    tag.global |= vmsa_global(leaf->descriptor);
    *entry = (struct tlb_entry){
        .tag = tag,
        .pa = leaf_output(w, leaf) + (tag.va & (BIT64(tag.s1_leaf_log2) - 1)),
        .s2_perm = {SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X,
                    SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X},
        .s1_pbha = vmsa_pbha(leaf->descriptor),
        .attr = memattr_consistent((struct smmu_memattr){.mair = leaf_mair(cd, leaf->descriptor),
                                                         .sh = (uint8_t)leaf_sh(w, leaf)}),
    };
    leaf_rights(w, leaf, entry->s1_perm);
    if (leaf_clean(w, leaf, false) || leaf_clean(w, leaf, true))
        entry->caution = TLB_CLEAN;
    if (w->stage->adjust)
        adjust(w, leaf, entry);
}

static bool s1_walk(const struct walker *w, const struct cd_cfg *cd, struct tlb_entry *entry,
                    struct fault *fault)
{
    const struct smmu_txn *txn = w->call->txn;
    unsigned need = walk_needed_perm(w->call);
    struct leaf leaf = {0};

    if (!settle_leaf(w, need, &leaf, fault))
        return false;
    s1_fill_entry(w, cd, &leaf, entry);
    if (txn_op_permitted(entry->s1_perm[txn->priv], need))
        return true;
    stage_fault(w, EVENT_F_PERMISSION, fault);
    fault->lacks_read = txn_op_lacks_read(entry->s1_perm[txn->priv], need);
    return false;
}

/* --- both ---------------------------------------------------------------------------------------
 */

/* Make a stage 1 entry one of both stages: the smaller of the two mappings, the final address. What
 * stage 1 maps may thus be cached in pieces. */
static void combine(struct tlb_entry *entry, const struct tlb_entry *s2, uint64_t va, uint64_t ipa)
{
    unsigned span = entry->tag.span_log2;
    if (s2->tag.span_log2 < span)
        span = s2->tag.span_log2;
    entry->tag.va = va >> span << span;
    entry->tag.span_log2 = (uint8_t)span;
    entry->tag.s2 = true;
    entry->tag.s2_leaf_log2 = s2->tag.s2_leaf_log2;
    entry->ipa = ipa >> span << span;
    entry->pa = (s2->pa + (ipa - s2->tag.va)) >> span << span;
    entry->s2_perm[0] = s2->s2_perm[0];
    entry->s2_perm[1] = s2->s2_perm[1];
    entry->s2_pbha = s2->s2_pbha;
    entry->caution |= s2->caution;
    entry->s2_clean = s2->s2_clean;
    entry->attr = memattr_stage2(entry->attr, s2->attr, s2->forces_wb);
}

/* walk(), but for the overlay. */
static bool walk_stages(const struct call *call, const struct ste_cfg *ste, const struct cd_cfg *cd,
                        uint64_t ia, struct tlb_entry *entry, struct fault *fault)
{
    const struct smmu_txn *txn = call->txn;
    unsigned need = walk_needed_perm(call);

    if (!cd)
        return s2_translate(call, ste, FAULT_CLASS_IN, ia, need, txn->priv, entry, fault);

    const struct tt_cfg *tt = walk_table(ste, cd, ia, txn->priv);
    struct walker w = {
        .call = call, .ste = ste, .mpam = cd->mpam, .ia = ia, .asid = cd->asid, .aset = cd->aset};
    if (!tt)
        return stage_fault(&w, EVENT_F_TRANSLATION, fault);
    w.stage = &tt->stage;
    w.scheme = &tt->stage.scheme;
    if (cd->vmsa32)
        w.split = vmsa32_split(input_bits(cd, 0), input_bits(cd, 1));
    struct unit_slot slot AT_END(unit_give) = unit_take(call, SMMU_UNIT_TABLE_WALK);
    if (slot.overtaken)
        return fault_overtaken(fault);
    observe_traffic(call, SMMU_OBSERVE_walk_slot, ia, 0);
    if (!s1_walk(&w, cd, entry, fault))
        return false;
    if (call->s1_only || (call->any && !(entry->s1_perm[txn->priv] & call->any)))
        return true;
    if (ste->config & STE_CONFIG_S2) {
        struct tlb_entry s2;
        uint64_t ipa = entry->pa + (ia - entry->tag.va);
        if (!s2_look_up(call, ste, FAULT_CLASS_IN, ipa, need, txn->priv, &s2, fault))
            return false;
        combine(entry, &s2, ia, ipa);
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
