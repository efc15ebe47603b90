/* SPDX-License-Identifier: Apache-2.0 */
/* Invalidation (IHI 0070 3.17, 4.3, 4.4, 4.6). Scopes are exact: nothing more goes than is asked
 * for. */
#include "cmd/inval.h"

#include "dpt/dpt_tlb.h"
#include "observe/unit.h"
#include "stream/cache.h"
#include "walk/tbu_tlb.h"
#include "walk/utlb.h"

/* Whether `a` and `b` are equal but for the `low` lowest bits. */
static bool equal_above(uint64_t a, uint64_t b, unsigned low)
{
    return low > 63 || (a ^ b) >> low == 0;
}

/* The last address that is named. */
static uint64_t last_addr(const struct smmu_inval *inval)
{
    return inval->addr <= UINT64_MAX - inval->reach ? inval->addr + inval->reach : UINT64_MAX;
}

/* VMSAv8-32: whether all that is named within the leaf of `tag` is translated by the other table.
 */
static bool beyond_cut(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    if (!tag->s1 || tag->s1_cut_log2 == 0)
        return false;
    uint64_t cut = tag->s1_cut_log2 < 32 ? BIT64(tag->s1_cut_log2) : BIT64(32);
    return tag->va >> 31 ? inval->addr >= BIT64(32) - cut : last_addr(inval) < cut;
}

/* Whether the descriptor that the entry was made from translates an address that is named, and has
 * a size that the hints allow. The entry itself may be a piece somewhere else in the same block or
 * page (DDI 0487 D8.17). */
static bool holds(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    unsigned leaf = inval_leaf_log2(tag);
    if (leaf > 63)
        return !beyond_cut(inval, tag);
    uint64_t first = tag->va >> leaf << leaf;
    return inval_size_selected(inval->leaf_sizes, leaf) && first <= last_addr(inval) &&
           (first | (BIT64(leaf) - 1)) >= inval->addr && !beyond_cut(inval, tag);
}

static bool is_config(enum smmu_inval_kind kind)
{
    return kind <= SMMU_INVAL_CFG_VMS;
}

static bool config_matches(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    switch (inval->kind) {
    case SMMU_INVAL_CFG_SIDS:
        return tag->sid >= inval->sid && tag->sid <= inval->sid_last;
    case SMMU_INVAL_CFG_CD:
        return tag->cd && tag->sid == inval->sid && tag->cd_index == inval->ssid;
    case SMMU_INVAL_CFG_CD_ALL:
        return tag->cd && tag->sid == inval->sid;
    case SMMU_INVAL_CFG_VMS:
        return false;
    default:
        return true;
    }
}

static bool is_el1(const struct smmu_tag *tag)
{
    return tag->world == SMMU_WORLD_NS_EL1;
}

/* 3.17.6: the low bits may be left out. */
static bool vmid_matches(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    return equal_above(tag->vmid, inval->vmid, inval->vmid_wildcard);
}

/* Stage 1 entries of the regime, and VMID where that has any, of a command (4.4.2). */
static bool s1_matches(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    return tag->s1 && tag->world == inval->world && (!is_el1(tag) || vmid_matches(inval, tag));
}

/* The same for a kind that names an ASID: CPUs do not mean those they do not share (3.17). */
static bool s1_asid_matches(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    return s1_matches(inval, tag) && !(inval->shared && tag->aset);
}

static bool tlb_matches(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    if (!tag->s1 && !tag->s2)
        return false; /* nothing is translated */
    switch (inval->kind) {
    case SMMU_INVAL_TLB_NH:
        return is_el1(tag);
    case SMMU_INVAL_TLB_EL2:
        return !is_el1(tag);
    case SMMU_INVAL_TLB_S12:
        return is_el1(tag) && vmid_matches(inval, tag);
    case SMMU_INVAL_TLB_IPA: /* entries of both stages may stay (4.4.3.1) */
        return is_el1(tag) && vmid_matches(inval, tag) &&
               (tag->s1 ? tag->s2 && inval->nested : holds(inval, tag));
    case SMMU_INVAL_TLB_S1:
        return s1_matches(inval, tag);
    case SMMU_INVAL_TLB_ASID:
        return s1_asid_matches(inval, tag) && !tag->global && tag->asid == inval->asid;
    case SMMU_INVAL_TLB_VA:
        return s1_asid_matches(inval, tag) && (tag->global || tag->asid == inval->asid) &&
               holds(inval, tag);
    case SMMU_INVAL_TLB_VAA:
        return s1_matches(inval, tag) && holds(inval, tag);
    default:
        return false;
    }
}

/* What the DPT lets through. Its tables, which Leaf spares, are cached by the SMMU alone. */
static bool dpt_matches(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    return !tag->s2 && tag->s2_leaf_log2 != 0 && dpt_inval_names(inval, tag->va, tag->s2_leaf_log2);
}

bool smmu_inval_matches(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    if (tag->sec != inval->sec)
        return false;
    if (inval_about_dpt(inval->kind))
        return dpt_matches(inval, tag);
    return is_config(inval->kind) ? config_matches(inval, tag) : tlb_matches(inval, tag);
}

uint8_t inval_vmid_wildcard(const struct bank *bank)
{
    unsigned vmw = cr0_VMW(bank->reg[REG_CR0ACK]);
    return vmw <= 4 ? (uint8_t)vmw : 0; /* the other values are Reserved */
}

void inval_notify(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    utlb_note(smmu, inval);
    tbu_tlb_invalidate(smmu, inval);
    if (smmu->ops.inval)
        smmu->ops.inval(smmu->user, inval);
}

/* An invalidation of last-level entries leaves table descriptors alone (4.4.2, Leaf), for which
 * hints say something else. */
static uint32_t invalidate_translations(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    uint32_t removed = tlb_invalidate(&smmu->tlb, inval);
    if (inval->leaf)
        return removed;
    struct smmu_inval of_tables = *inval;
    of_tables.leaf_sizes = inval->table_sizes;
    return removed + tlb_invalidate(&smmu->walk_s1, &of_tables) +
           tlb_invalidate(&smmu->walk_s2, &of_tables);
}

uint32_t inval_apply(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    uint32_t removed = 0;
    smmu->epoch++;
    if (is_config(inval->kind))
        removed += cache_invalidate(smmu, inval);
    if (inval->kind == SMMU_INVAL_ALL || !(is_config(inval->kind) || inval_about_dpt(inval->kind)))
        removed += invalidate_translations(smmu, inval);
    removed += dpt_tlb_invalidate(smmu, inval);
    inval_notify(smmu, inval);
    return removed;
}

void inval_maintain(struct smmu_state *smmu, const struct bank *bank,
                    const struct smmu_inval *inval)
{
    uint32_t removed = inval_apply(smmu, inval);
    unit_use_bank(smmu, SMMU_UNIT_INVALIDATION, bank, removed);
}
