/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration lookup (IHI 0070 3.3.2, 3.3.3). */
#include "stream/lookup.h"

#include "observe/observe.h"
#include "observe/unit.h"
#include "report/event.h"
#include "stream/cache.h"
#include "stream/decode.h"
#include "stream/ste_layout.h"
#include "walk/walk.h"

bool lookup_ste(const struct call *call, struct stream *stream, struct fault *fault)
{
    stream->cd = NULL;
    stream->label = NULL;
    stream->ste = NULL;
    stream->kind = NULL;
    if (call->mode == CALL_REAL && inject_take(call->smmu, SMMU_INJECT_CFG_CONFLICT)) {
        *fault = (struct fault){.type = EVENT_F_CFG_CONFLICT};
        return false;
    }
    stream->ste = ste_get(call, &stream->ste_copy, fault);
    return stream->ste != NULL;
}

static enum route substream_fault(struct fault *fault, uint8_t type, uint32_t ssid)
{
    *fault = (struct fault){.type = type, .ssid = ssid};
    return ROUTE_FAULT;
}

enum route lookup_route(const struct smmu_txn *txn, struct stream *stream, struct fault *fault)
{
    const struct ste_cfg *ste = stream->ste;
    stream->cd_index = 0;
    if (!(ste->config & STE_CONFIG_PASS))
        return ROUTE_ABORT;
    bool s1 = (ste->config & STE_CONFIG_S1) != 0;
    bool substreams = s1 && ste->s1cdmax > 0;
    if (txn->ssv && (!substreams || (uint64_t)txn->ssid >= BIT64(ste->s1cdmax)))
        return substream_fault(fault, EVENT_C_BAD_SUBSTREAMID, txn->ssid);
    if (!s1)
        return ROUTE_NO_STAGE1;
    if (!substreams)
        return ROUTE_STAGE1;
    if (txn->ssv) {
        stream->cd_index = txn->ssid;
        if (txn->ssid == 0 && ste->s1dss == STE_S1DSS_SUBSTREAM0)
            return substream_fault(fault, EVENT_F_STREAM_DISABLED, 0);
        return ROUTE_STAGE1;
    }
    if (ste->s1dss == STE_S1DSS_BYPASS)
        return ROUTE_NO_STAGE1;
    if (ste->s1dss == STE_S1DSS_SUBSTREAM0)
        return ROUTE_STAGE1;
    return substream_fault(fault, EVENT_F_STREAM_DISABLED, 0);
}

static void hold_ste(struct stream *stream)
{
    if (stream->ste != &stream->ste_copy) {
        stream->ste_copy = *stream->ste;
        stream->ste = &stream->ste_copy;
    }
}

void lookup_hold(struct stream *stream)
{
    const struct cd_cfg **cd = stream->cd ? &stream->cd : &stream->label;
    hold_ste(stream);
    if (stream->kind && stream->kind != &stream->kind_copy) {
        stream->kind_copy = *stream->kind;
        stream->kind = &stream->kind_copy;
    }
    if (*cd && *cd != &stream->cd_copy) {
        stream->cd_copy = **cd;
        *cd = &stream->cd_copy;
    }
}

/* The call uses `unit`, which may block: what lies in the cache is copied. False if it was
 * overtaken meanwhile. */
static bool use(const struct call *call, struct stream *stream, enum smmu_unit unit, uint32_t count)
{
    if (!unit_watched(call->smmu, unit))
        return true;
    lookup_hold(stream);
    return unit_use_count(call, unit, count);
}

/* Fetch the CD and remember it, unless another call has while this one waited for its slot. */
static bool cd_walk(const struct call *call, struct stream *stream, struct fault *fault)
{
    struct unit_slot slot AT_END(unit_give) = unit_take(call, SMMU_UNIT_CONTEXT_WALK);
    if (slot.overtaken)
        return fault_overtaken(fault);
    stream->cd = slot.call ? cache_filled_cd(call, stream->cd_index) : NULL;
    if (stream->cd)
        return true;
    if (!cd_fetch(call, stream->ste, stream->cd_index, &stream->cd_copy, fault))
        return false;
    cache_fill_cd(call, stream->cd_index, &stream->cd_copy);
    stream->cd = &stream->cd_copy;
    return true;
}

bool lookup_cd(const struct call *call, struct stream *stream, struct fault *fault)
{
    if (!use(call, stream, SMMU_UNIT_CONFIG_CACHE, 1))
        return fault_overtaken(fault);
    stream->cd = cache_find_cd(call, stream->cd_index);
    if (!stream->cd) {
        hold_ste(stream);
        if (!cd_walk(call, stream, fault))
            return false;
    }
    if (stream->cd->illegal) {
        *fault = (struct fault){.type = EVENT_C_BAD_CD};
        return false;
    }
    return true;
}

bool lookup_too_large(const struct call *call, bool stage2)
{
    return call->txn->addr >> decode_input_bits(&call->smmu->cfg, stage2) != 0;
}

bool lookup_override_perm(unsigned cfg, bool in)
{
    return cfg & 2 ? (cfg & 1) != 0 : in;
}

void lookup_override(const struct smmu_txn *txn, const struct ste_cfg *ste,
                     struct smmu_txn *overridden)
{
    *overridden = *txn;
    overridden->priv = lookup_override_perm(ste->privcfg, txn->priv);
    overridden->instr = lookup_override_perm(ste->instcfg, txn->instr);
}

bool lookup_use_tlb(const struct call *call, struct stream *stream, struct tlb_space space,
                    uint64_t ia)
{
    return use(call, stream, SMMU_UNIT_TLB, tlb_further_sizes(&call->smmu->tlb, space.context, ia));
}

/* What to go by where `entry` was found, which has some caution. */
static const struct tlb_entry *cautious(const struct call *call, struct stream *stream, uint64_t ia,
                                        const struct tlb_entry *found)
{
    const struct tlb_entry *entry =
        tlb_cautious(&call->smmu->tlb, cd_context(stream->ste, stream->cd), ia, found,
                     txn_op_dirties(walk_needed_perm(call)));
    if (entry != found || !(entry->caution & (TLB_OVERLAID | TLB_ASSURED_ONLY)))
        return entry;
    stream->limited = *entry;
    walk_overlay(stream->ste, &stream->limited);
    if ((entry->caution & TLB_ASSURED_ONLY) && !walk_assured(call, stream->cd)) {
        stream->limited.s2_perm[0] = stream->limited.s2_perm[1] = 0;
        stream->limited.s2_clean = false;
    }
    return &stream->limited;
}

const struct tlb_entry *lookup_found(const struct call *call, struct stream *stream, uint64_t ia,
                                     struct tlb_entry *found)
{
    const struct tlb_entry *entry = found->caution ? cautious(call, stream, ia, found) : found;
    if (entry && entry != &tlb_conflict)
        walk_note_use(call, &found->prefetched);
    return entry;
}
