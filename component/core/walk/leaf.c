/* SPDX-License-Identifier: Apache-2.0 */
/* What a leaf says (IHI 0070 3.21.1, 13.4, 5.4; DDI 0487 D8.3, D8.6): see leaf.h. */
#include "walk/leaf.h"

#include "base/memattr.h"

/* Whether it is a block whose size software changes, which says so (3.21.1.2). */
static bool is_in_change(const struct walker *w, const struct leaf *leaf)
{
    return w->call->smmu->cfg.bbml == 1 && leaf->span_log2 != w->stage->geometry.granule &&
           vmsa_block_nt(leaf->descriptor);
}

/* Translations of different size may be cached of one address (3.21.1): look-ups are to find that
 * out, if that is a conflict. With nT a block is cached in pages, whose size is that of what may be
 * cached of the pages before or after, so that no entry overlaps another; to a page it makes no
 * difference. */
static void keep_apart(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    unsigned page = w->stage->geometry.granule;

    if (w->call->smmu->cfg.tlb_conflicts)
        entry->caution |= TLB_WARY;
    if (!is_in_change(w, leaf))
        return;
    entry->pa += (w->ia >> page << page) - entry->tag.va;
    entry->tag.va = w->ia >> page << page;
    entry->tag.span_log2 = (uint8_t)page;
    entry->ipa = w->s2 ? entry->tag.va : 0;
}

static bool is_contiguous(const struct walker *w, const struct leaf *leaf)
{
    if (w->stage->geometry.format != VMSA_128)
        return vmsa_contiguous(leaf->raw.low);
    return vmsa128_contiguous(&leaf->raw) && !(leaf->limits & VMSA_NO_RUNS);
}

/* Log2 of the bytes of the run that the leaf is one of, if it may stand for all of it: the run lies
 * within the input and the output size, where ranges are checked by walks alone, and its addresses
 * are those that the leaf's own place gives. Else 0: the Contiguous bit is ignored, as it may be
 * (DDI 0487 D8.7.1.2, D8.7.1.3). */
static unsigned run_log2(const struct walker *w, const struct leaf *leaf)
{
    const struct vmsa_geometry *g = &w->stage->geometry;
    unsigned run = is_contiguous(w, leaf) ? vmsa_run_log2(g, leaf->level) : 0;
    if (run == 0 || run > g->input_bits || run > g->output_bits ||
        run > w->call->smmu->cfg.oas_bits || is_in_change(w, leaf))
        return 0;
    uint64_t misplaced = (leaf_output(leaf) ^ w->ia) & (BIT64(run) - 1);
    return misplaced >> leaf->span_log2 == 0 ? run : 0;
}

/* Let the entry be of the whole run. Flags that hardware sets differ among members: those of the
 * member that was walked for count for all (DDI 0487 D8.5.5). */
static void widen(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    uint64_t was = entry->tag.va;
    unsigned run = run_log2(w, leaf);
    if (run == 0)
        return;
    walker_tag(w, w->s2, leaf->level, run, entry->tag.global, &entry->tag);
    entry->pa -= was - entry->tag.va;
    entry->ipa = w->s2 ? entry->tag.va : 0;
}

/* What translation hardening looks at. */
static void mark(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    entry->s2_base = (uint8_t)vmsa_s2_base(w->scheme, leaf->descriptor);
    if (leaf_assured_only(w, leaf))
        entry->caution |= TLB_ASSURED_ONLY;
}

void leaf_adjust(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    if (w->stage->adjust & STAGE_RUNS)
        widen(w, leaf, entry);
    if (w->stage->adjust & STAGE_KEEP_APART)
        keep_apart(w, leaf, entry);
    if (w->stage->adjust & STAGE_CLOSED_TO_EL0)
        entry->s1_perm[0] = 0;
    if (w->stage->adjust & STAGE_MARKED)
        mark(w, leaf, entry);
}
