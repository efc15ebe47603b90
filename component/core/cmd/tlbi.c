/* SPDX-License-Identifier: Apache-2.0 */
/* TLB maintenance (IHI 0070 3.17, 4.4): what each kind is about, and the selector it becomes. */
#include "cmd/tlbi.h"

#include "config.h"

/* The entries that a kind is about. */
struct scope {
    bool s1, s2;   /* stages */
    bool el1_only; /* exists in the EL1 regime alone */
    bool by_asid;
    bool all_vmids; /* its VMID does not count, nor do VMIDs in the regimes of EL2 */
    uint64_t addr;  /* the bits of its address; 0: it names none */
};

static const struct scope scopes[] = {
    [SMMU_INVAL_TLB_NH] = {.s1 = true, .s2 = true, .all_vmids = true},
    [SMMU_INVAL_TLB_EL2] = {.s1 = true},
    [SMMU_INVAL_TLB_S12] = {.s1 = true, .s2 = true, .el1_only = true},
    [SMMU_INVAL_TLB_IPA] = {.s2 = true, .el1_only = true, .addr = MASK64(63, 12)},
    [SMMU_INVAL_TLB_S1] = {.s1 = true},
    [SMMU_INVAL_TLB_ASID] = {.s1 = true, .by_asid = true},
    [SMMU_INVAL_TLB_VA] = {.s1 = true, .by_asid = true, .addr = MASK64(63, 12)},
    [SMMU_INVAL_TLB_VAA] = {.s1 = true, .addr = MASK64(63, 12)},
};

bool tlbi_applies(const struct smmu_config *cfg, enum smmu_inval_kind kind, uint8_t world)
{
    const struct scope *scope = &scopes[kind];
    bool stage = (scope->s1 && cfg->s1p) || (scope->s2 && cfg->s2p);
    bool regime =
        world == SMMU_WORLD_NS_EL1 || (world < SMMU_WORLD_COUNT && cfg->hyp && !scope->el1_only);
    return stage && regime;
}

bool tlbi_by_address(enum smmu_inval_kind kind)
{
    return kind < sizeof(scopes) / sizeof(scopes[0]) && scopes[kind].addr != 0;
}

/* Sizes of what descriptors of the levels `from` to `to` stand for, a bit for each: of those alone
 * and, where there are `runs`, of those with the Contiguous bit. */
static uint64_t sizes_of(unsigned tg, enum vmsa_format format, int from, int to, bool runs)
{
    const struct vmsa_geometry g = {.granule = (uint8_t)tlbi_granule(tg),
                                    .format = (uint8_t)format};
    uint64_t sizes = 0;
    for (int level = from; level <= to; level++) {
        unsigned span_log2 = vmsa_span_log2(&g, level);
        sizes |= span_log2 < 64 ? BIT64(span_log2) : 0; /* large granules have fewer levels */
        sizes |= runs && vmsa_run_log2(&g, level) != 0 ? BIT64(vmsa_run_log2(&g, level)) : 0;
    }
    return sizes;
}

/* What the hints TG and TTL leave of leaves of one format, and of the tables above these, of which
 * the topmost level is given (4.4.1.1). */
static void add_sizes(const struct tlbi *tlbi, enum vmsa_format format, int topmost, bool runs,
                      struct smmu_inval *inval)
{
    bool any = tlbi->level == TLBI_ANY_LEVEL;
    int last = any ? VMSA_LAST_LEVEL : tlbi->level;
    inval->leaf_sizes |= sizes_of(tlbi->tg, format, any ? 0 : last, last, runs);
    inval->table_sizes |= sizes_of(tlbi->tg, format, topmost, last - 1, false);
}

static void apply_hints(const struct tlbi *tlbi, bool runs, struct smmu_inval *inval)
{
    int below_4k = tlbi->tg == TLBI_TG_4K ? -1 : 0;
    if (tlbi->tg == TLBI_TG_ANY)
        return;
    if (tlbi->formats & TLBI_64_BIT)
        add_sizes(tlbi, VMSA_48_BITS, below_4k, runs, inval);
    if (tlbi->formats & TLBI_128_BIT)
        add_sizes(tlbi, VMSA_128, below_4k - 1, runs, inval);
}

/* Without stage 2 the VMID parameter is RES0 and not matched: entries are tagged 0 (4.4.2). */
void tlbi_apply(struct smmu_state *smmu, const struct bank *bank, const struct tlbi *tlbi)
{
    const struct scope *scope = &scopes[tlbi->kind];
    bool ipa = tlbi->kind == SMMU_INVAL_TLB_IPA;
    uint64_t addr = scope->addr & (ipa ? MASK64(config_address_bits(&smmu->cfg) - 1, 0) : ~0ull);
    bool by_vmid = tlbi->world == SMMU_WORLD_NS_EL1 && smmu->cfg.s2p && !scope->all_vmids;
    struct smmu_inval inval = {
        .kind = tlbi->kind,
        .sec = bank->sec,
        .world = tlbi->world,
        .leaf = tlbi->leaf && tlbi_by_address(tlbi->kind),
        .shared = tlbi->broadcast && scope->by_asid,
        .nested = ipa && smmu->cfg.ipa_inval_nested,
        .vmid_wildcard = by_vmid ? inval_vmid_wildcard(bank) : 0,
        .asid = scope->by_asid ? tlbi->asid : 0,
        .vmid = by_vmid ? tlbi->vmid : 0,
        .addr = tlbi->addr & addr,
        .reach = tlbi->reach,
    };
    apply_hints(tlbi, smmu->cfg.contiguous, &inval);
    inval_maintain(smmu, bank, &inval);
}
