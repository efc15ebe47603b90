/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration lookup (IHI 0070 3.3.3): the STE and the CD that a transaction goes by. */
#ifndef SMMU_CORE_LOOKUP_H
#define SMMU_CORE_LOOKUP_H

#include "observe/observe.h"
#include "observe/unit.h"
#include "report/fault.h"
#include "service/answer.h"
#include "stream/cd.h"
#include "stream/ste.h"
#include "walk/tlb.h"

/* What follows from the configuration of a stream and the kind of its transactions alone: found out
 * once for all of them, where they are translated. */
struct stream_kind {
    struct tlb_space space; /* of look-ups in the main TLB */
    struct answer answer;   /* what all answers have in common */
    struct smmu_memattr in; /* attributes of the transaction, overrides applied */
    uint8_t need;           /* walk_needed_perm() */
    bool tagged;            /* addresses of some range have tags (3.4.1) */
    bool plain;             /* they have not, and the operation is a read or a write */
};

/* The structures lie in the configuration cache or, once something was fetched, in the copies here.
 */
struct stream {
    const struct ste_cfg *ste;
    const struct cd_cfg *cd;        /* NULL if stage 1 does not translate */
    const struct cd_cfg *label;     /* the CD that gives no more than its label; NULL: none */
    uint32_t cd_index;              /* of either */
    const struct stream_kind *kind; /* who translates has set it: in a way, or below */
    struct stream_kind kind_copy;
    struct ste_cfg ste_copy;
    struct cd_cfg cd_copy;
    struct tlb_entry limited; /* what lookup_tlb() found, with no rights but those of the stream */
};

/* Which way the STE and the SubstreamID send a transaction. */
enum route { ROUTE_FAULT, ROUTE_ABORT, ROUTE_NO_STAGE1, ROUTE_STAGE1 };

/* Find the STE of the call's stream. False on C_BAD_STREAMID, F_STE_FETCH or C_BAD_STE. */
bool lookup_ste(const struct call *call, struct stream *stream, struct fault *fault);

/* The way of the call's transaction (5.2: Config, S1Fmt, S1CDMax, S1DSS). With ROUTE_STAGE1,
 * stream->cd_index is the CD it uses; with ROUTE_FAULT, `fault` says why. */
enum route lookup_route(const struct smmu_txn *txn, struct stream *stream, struct fault *fault);

/* Find the CD number stream->cd_index. False if there is none or it is illegal. */
bool lookup_cd(const struct call *call, struct stream *stream, struct fault *fault);

/* Copy what lies in the cache, to keep it through memory accesses: they may block. */
void lookup_hold(struct stream *stream);

/* The address stage 1 translates: with TBI the top byte of `addr` is a sign-extension of bit 55, or
 * in the EL2 regime zero (3.4.1). stream->cd is not NULL. */
static inline uint64_t lookup_effective_va(const struct stream *stream, uint64_t addr)
{
    if (!stream->cd->tt[ste_upper_half(stream->ste, addr)].tbi)
        return addr;
    return vmsa_untagged(addr, stream->ste->world != SMMU_WORLD_EL2);
}

/* The label of what goes on, and of accesses to stage 1 tables (17.2, 17.4): that of the CD, if
 * there is one. */
static inline const struct smmu_mpam *lookup_mpam(const struct stream *stream)
{
    if (stream->cd)
        return &stream->cd->mpam;
    return stream->label ? &stream->label->mpam : &stream->ste->mpam;
}

/* Whether the call's address, which stage 1 does not translate, is too large for stage 2's input,
 * or without stage 2 for the system (3.4). */
bool lookup_too_large(const struct call *call, bool stage2);

/* The attribute that INSTCFG or PRIVCFG makes of `in`: 0b10 clears it, 0b11 sets it (5.2). Pure. */
bool lookup_override_perm(unsigned cfg, bool in);

/* Apply the STE's overrides of INST and PRIV (13.1.2). False, and nothing is written, if there are
 * none. Pure. */
void lookup_override(const struct smmu_txn *txn, const struct ste_cfg *ste,
                     struct smmu_txn *overridden);
static inline bool lookup_overridden(const struct smmu_txn *txn, const struct ste_cfg *ste,
                                     struct smmu_txn *overridden)
{
    if (!((ste->privcfg | ste->instcfg) & 2))
        return false;
    lookup_override(txn, ste, overridden);
    return true;
}

/* Where the main TLB has what translates addresses of the stream. */
static inline struct tlb_space lookup_space(const struct call *call, const struct stream *stream)
{
    return tlb_space(&call->smmu->tlb, cd_context(stream->ste, stream->cd));
}

/* The main TLB is used for `ia`, to which the host gives a time. False if the call was overtaken
 * meanwhile. */
__attribute__((cold)) bool lookup_use_tlb(const struct call *call, struct stream *stream,
                                          struct tlb_space space, uint64_t ia);

/* What to go by where `found` may have some caution, or have been prefetched. */
__attribute__((cold)) const struct tlb_entry *
lookup_found(const struct call *call, struct stream *stream, uint64_t ia, struct tlb_entry *found);

/* The main TLB was asked for `ia`. The label is for who is told. */
static inline void lookup_observe(const struct call *call, const struct stream *stream,
                                  enum smmu_observation_id seen, uint64_t ia)
{
    if (observe_count(call->smmu, seen))
        observe_tell_call(call, seen, lookup_mpam(stream), ia, 0);
}

/* What to go by where the main TLB, asked for `ia`, has `found`; NULL: it has nothing. */
static inline const struct tlb_entry *lookup_settle(const struct call *call, struct stream *stream,
                                                    uint64_t ia, struct tlb_entry *found)
{
    struct smmu_state *smmu = call->smmu;
    const struct tlb_entry *entry = found;
    if (found && call->mode == CALL_REAL)
        replacement_used(&smmu->tlb.store.replacement, tlb_slot(&smmu->tlb, found));
    if (found && !__builtin_expect(tlb_entry_is_simple(found), true))
        entry = lookup_found(call, stream, ia, found);
    if (call->mode == CALL_REAL)
        lookup_observe(call, stream, entry ? SMMU_OBSERVE_tlb_hit : SMMU_OBSERVE_tlb_miss, ia);
    return entry;
}

/* The translation of `ia`, the address stage 1, or without it stage 2, is given, if the main TLB
 * has one in `space`, lookup_space() of the stream, that the call's transaction can go by;
 * &tlb_conflict if it has several, and that is a fault. It stays until the next memory access. May
 * block; NULL as well if the call was overtaken. */
static inline const struct tlb_entry *lookup_tlb(const struct call *call, struct stream *stream,
                                                 struct tlb_space space, uint64_t ia)
{
    if (unit_watched(call->smmu, SMMU_UNIT_TLB) && !lookup_use_tlb(call, stream, space, ia))
        return NULL;
    return lookup_settle(call, stream, ia, tlb_find(&call->smmu->tlb, space, ia, false));
}

#endif
