/* SPDX-License-Identifier: Apache-2.0 */
/* Prefetches (IHI 0070 4.2, 7.2): by the STE, in bits that it leaves to the implementation (5.2),
 * and by commands. */
#include "service/prefetch.h"

#include <assert.h>

#include "observe/observe.h"
#include "observe/unit.h"
#include "smmu/smmu.h"
#include "stream/ste_layout.h"
#include "walk/walk.h"

enum { PAGE_LOG2 = 12 };

static uint32_t entries(struct smmu_cache_shape shape)
{
    return shape.sets * shape.ways;
}

uint32_t prefetch_limit(const struct smmu_config *cfg)
{
    uint32_t tables = entries(cfg->walk_s1) + entries(cfg->walk_s2);
    return cfg->tlb.sets != 0 ? entries(cfg->tlb) : tables;
}

/* Transactions marked Translated give addresses of another kind; prefetches lead to no others. */
void prefetch_neighbour_of(const struct call *call, const struct stream *stream,
                           const struct smmu_tag *tag)
{
    const struct smmu_state *smmu = call->smmu;
    const struct smmu_txn *txn = call->txn;
    bool forwards = stream->ste->prefetch == STE_PREFETCH_FORWARDS;
    uint64_t neighbour = forwards ? tag->va + BIT64(tag->span_log2) : tag->va - BIT64(PAGE_LOG2);

    if (!smmu->ops.prefetch || call->mode != CALL_REAL || txn->translated ||
        forwards != (neighbour > tag->va))
        return; /* in the last place, there is none: the address wraps */
    const struct smmu_prefetch_request what = {
        .addr = neighbour,
        .sid = txn->sid,
        .ssid = txn->ssid,
        .pages = 1,
        .sec = txn->sec,
        .ssv = txn->ssv,
        .priv = txn->priv,
    };
    smmu->ops.prefetch(smmu->user, &what);
}

/* The configuration of the stream, and which way its transactions take; ROUTE_FAULT as well if it
 * is at fault. */
static enum route configuration(const struct call *call, struct stream *stream,
                                struct smmu_txn *overridden)
{
    struct fault fault = {0};
    if (!lookup_ste(call, stream, &fault))
        return ROUTE_FAULT;
    lookup_overridden(call->txn, stream->ste, overridden);
    enum route route = lookup_route(call->txn, stream, &fault);
    return route == ROUTE_STAGE1 && !lookup_cd(call, stream, &fault) ? ROUTE_FAULT : route;
}

/* Bring the translation of call->txn->addr in. Returns how many bytes from there have one now, at
 * least a page. */
static uint64_t page(const struct call *call, struct stream *stream)
{
    uint64_t addr = call->txn->addr;
    uint64_t ia = stream->cd ? lookup_effective_va(stream, addr) : addr;
    const struct tlb_entry *entry = lookup_tlb(call, stream, lookup_space(call, stream), ia);
    struct tlb_entry walked;
    struct fault fault = {0};

    if (!entry && !call->outcome->overtaken) {
        lookup_hold(stream);
        if (walk(call, stream->ste, stream->cd, ia, walk_needed_perm(call), &walked, &fault))
            entry = &walked;
    }
    bool one = entry && entry != &tlb_conflict;
    return one ? entry->tag.va + BIT64(entry->tag.span_log2) - ia : BIT64(PAGE_LOG2);
}

/* `left` addresses from txn->addr on, 2^stride_log2 bytes apart, as long as the world is the one
 * the call began in. In the last place the address wraps, and there are no more. */
static void pages(const struct call *call, struct stream *stream, struct smmu_txn *txn,
                  uint64_t left, unsigned stride_log2)
{
    while (left != 0 && call_fills(call) && !call->outcome->overtaken && !call->outcome->yielded) {
        uint64_t covered = page(call, stream);
        uint64_t count = ((covered - 1) >> stride_log2) + 1;
        uint64_t room = ~txn->addr >> stride_log2; /* how many there are behind this one */
        if (count >= left || count > room)
            break;
        left -= count;
        txn->addr += count << stride_log2;
    }
}

void smmu_prefetch(smmu_t *smmu, const struct smmu_prefetch_request *what)
{
    struct smmu_txn txn = {
        .addr = what->addr >> PAGE_LOG2 << PAGE_LOG2,
        .sid = what->sid,
        .ssid = what->ssid,
        .sec = what->sec,
        .ssv = what->ssv,
        .priv = what->priv,
        .cookie = what->cookie,
    };
    struct smmu_txn overridden = txn;
    struct call_outcome outcome = {0};
    struct call call = {.smmu = smmu,
                        .txn = &txn,
                        .outcome = &outcome,
                        .mode = CALL_PREFETCH,
                        .any = SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X};
    struct stream stream;

    assert(what->stride < 32);
    call_begin(&call);
    if (!call.bank || !bank_enabled(call.bank, CR0_SMMUEN) || sfm_active(smmu))
        return;
    observe_traffic(&call, SMMU_OBSERVE_prefetch, what->addr, what->pages);
    if (!unit_use(&call, SMMU_UNIT_PREFETCH))
        return;
    enum route route = configuration(&call, &stream, &overridden);
    call.txn = &overridden;
    if (route == ROUTE_STAGE1 || (route == ROUTE_NO_STAGE1 && stream.ste->config & STE_CONFIG_S2))
        pages(&call, &stream, &overridden, what->pages, PAGE_LOG2 + what->stride);
    if (outcome.yielded)
        observe_traffic(&call, SMMU_OBSERVE_prefetch_yield, what->addr, 0);
}
