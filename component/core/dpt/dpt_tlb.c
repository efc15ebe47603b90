/* SPDX-License-Identifier: Apache-2.0 */
/* The DPT TLB: see dpt_tlb.h. */
#include "dpt/dpt_tlb.h"

#include <stdlib.h>

#include "cmd/inval.h"
#include "service/txn_op.h"

struct dpt_entry {
    struct dpt_region region; /* of a table: only what it is about */
    uint64_t level1;          /* of a table: where it is */
    bool table;
    bool by_ats; /* made of an ATS completion */
    uint8_t sec; /* enum smmu_sec */
};

bool dpt_tlb_init(struct smmu_state *smmu)
{
    const struct smmu_config *cfg = &smmu->cfg;
    if (!cfg->dpt)
        return true;
    smmu->dpt_tlb = calloc(1, sizeof(*smmu->dpt_tlb));
    return smmu->dpt_tlb &&
           assoc_init(&smmu->dpt_tlb->store, ASSOC_PLAN(cfg, dpt_tlb, struct dpt_entry));
}

void dpt_tlb_free(struct smmu_state *smmu)
{
    if (smmu->dpt_tlb)
        assoc_free(&smmu->dpt_tlb->store);
    free(smmu->dpt_tlb);
}

bool dpt_tlb_empty(const struct smmu_state *smmu)
{
    return !smmu->dpt_tlb ||
           (smmu->dpt_tlb->spans.present == 0 && smmu->dpt_tlb->tables.present == 0);
}

/* --- look-ups -----------------------------------------------------------------------------------
 */

static uint64_t id_of(uint8_t sec, unsigned span_log2, bool table)
{
    return (uint64_t)sec | (uint64_t)span_log2 << 8 | (uint64_t)table << 16;
}

static struct dpt_entry *find(const struct call *call, uint64_t pa, unsigned span_log2, bool table)
{
    struct assoc *store = &call->smmu->dpt_tlb->store;
    uint64_t page = pa >> span_log2, id = id_of(call->bank->sec, span_log2, table);
    uint32_t slot;
    if (call->mode == CALL_REAL)
        return assoc_find(store, page, page << span_log2, id);
    return assoc_peek(store, page, page << span_log2, id, &slot);
}

bool dpt_grants(const struct dpt_region *region, const struct dpt_client *client)
{
    return dpt_vmid_passes(region, client->vmatch, client->vmid) &&
           txn_op_permitted(dpt_rights(region), client->need);
}

/* Where several overlap, one that grants is enough (3.24.2.1). */
enum dpt_known dpt_tlb_find(const struct call *call, uint64_t pa, const struct dpt_client *client,
                            struct dpt_region *region)
{
    enum dpt_known known = DPT_UNKNOWN;
    for (uint64_t spans = call->smmu->dpt_tlb->spans.present; spans != 0; spans &= spans - 1) {
        const struct dpt_entry *entry = find(call, pa, (unsigned)__builtin_ctzll(spans), false);
        if (!entry)
            continue;
        if (dpt_grants(&entry->region, client)) {
            *region = entry->region;
            return DPT_GRANTED;
        }
        if (!entry->by_ats)
            known = DPT_REFUSED;
    }
    return known;
}

bool dpt_tlb_find_table(const struct call *call, uint64_t pa, unsigned l0_log2, uint64_t *level1)
{
    const struct dpt_entry *entry =
        call->smmu->dpt_tlb->tables.present >> l0_log2 & 1 ? find(call, pa, l0_log2, true) : NULL;
    if (entry)
        *level1 = entry->level1;
    return entry != NULL;
}

/* --- fills --------------------------------------------------------------------------------------
 */

static struct spans *spans_of(struct dpt_tlb *tlb, const struct dpt_entry *entry)
{
    return entry->table ? &tlb->tables : &tlb->spans;
}

static void fill(const struct call *call, const struct dpt_entry *what)
{
    if (!call_fills(call))
        return;
    struct dpt_tlb *tlb = call->smmu->dpt_tlb;
    unsigned span = what->region.span_log2;
    const struct assoc_key key = {.addr = what->region.addr,
                                  .id = id_of(call->bank->sec, span, what->table),
                                  .id_mask = ~UINT64_C(0)};
    struct assoc_place place;
    struct dpt_entry *entry = assoc_insert(&tlb->store, what->region.addr >> span, &key, &place);
    if (!entry)
        return;
    if (place.was == ASSOC_EVICTED)
        spans_drop(spans_of(tlb, entry), entry->region.span_log2);
    if (place.was != ASSOC_SAME)
        spans_add(spans_of(tlb, what), span);
    *entry = *what;
    entry->sec = call->bank->sec;
}

void dpt_tlb_fill(const struct call *call, const struct dpt_region *region)
{
    const struct dpt_entry entry = {.region = *region};
    fill(call, &entry);
}

void dpt_tlb_fill_table(const struct call *call, uint64_t pa, unsigned l0_log2, uint64_t level1)
{
    const struct dpt_entry entry = {
        .region = {.addr = pa >> l0_log2 << l0_log2, .span_log2 = (uint8_t)l0_log2},
        .level1 = level1,
        .table = true};
    fill(call, &entry);
}

void dpt_tlb_fill_granted(const struct call *call, const struct dpt_region *region)
{
    const struct dpt_entry entry = {.region = *region, .by_ats = true};
    fill(call, &entry);
}

/* --- invalidation (4.6, 3.24.5) -----------------------------------------------------------------
 */

/* A region has to be as large as what is named, or smaller. */
bool dpt_inval_names(const struct smmu_inval *inval, uint64_t addr, unsigned span_log2)
{
    return inval->kind == SMMU_INVAL_DPT_ALL ||
           (inval->kind == SMMU_INVAL_DPT_PA && addr >= inval->addr &&
            addr - inval->addr <= inval->reach &&
            BIT64(span_log2) - 1 <= inval->reach - (addr - inval->addr));
}

/* Any address will do for what points to a table, unless the last level alone is meant. */
static bool names_table(const struct smmu_inval *inval, const struct dpt_region *region)
{
    uint64_t last = region->addr | (BIT64(region->span_log2) - 1);
    return inval->kind == SMMU_INVAL_DPT_ALL ||
           (!inval->leaf && region->addr <= inval->addr + inval->reach && last >= inval->addr);
}

struct removal {
    struct dpt_tlb *tlb;
    const struct smmu_inval *inval;
};

static bool selected(const void *what, const void *context)
{
    const struct dpt_entry *entry = what;
    const struct removal *removal = context;
    const struct smmu_inval *inval = removal->inval;
    const struct dpt_region *region = &entry->region;
    bool named = entry->table ? names_table(inval, region)
                              : dpt_inval_names(inval, region->addr, region->span_log2);
    if (entry->sec != inval->sec || (inval->kind != SMMU_INVAL_ALL && !named))
        return false;
    spans_drop(spans_of(removal->tlb, entry), region->span_log2);
    return true;
}

uint32_t dpt_tlb_invalidate(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    bool all = inval->kind == SMMU_INVAL_ALL;
    if (!smmu->dpt_tlb || !(all || inval_about_dpt(inval->kind)))
        return 0;
    const struct removal removal = {smmu->dpt_tlb, inval};
    return assoc_remove_if(&smmu->dpt_tlb->store, 0, 0, selected, &removal);
}
