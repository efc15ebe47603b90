/* SPDX-License-Identifier: Apache-2.0 */
/* The SMMU as a whole, for the modules that make it up. */
#ifndef SMMU_CORE_SMMU_PRIV_H
#define SMMU_CORE_SMMU_PRIV_H

#include "bank/bank.h"
#include "base/queue.h"
#include "smmu/smmu.h"
#include "walk/tlb.h"

struct smmu_state {
    struct smmu_config cfg;
    struct smmu_ops ops;
    void *user;
    uint64_t oas_mask; /* the bits of addresses that leave (3.4.3) */
    struct bank bank[SMMU_SEC_COUNT];
    struct bank *bank_at[SMMU_SEC_COUNT]; /* NULL: it is not implemented */

    struct utlb *utlb;          /* NULL: there are no micro TLBs */
    struct tbu_tlb *tbu_tlbs;   /* of each TBU; NULL: there are none */
    struct config_cache *cache; /* STEs and CDs */
    struct way *ways;           /* see stream/way.h */
    void *ways_room;            /* to be freed */
    uint64_t ways_mask;         /* their number, a power of two, minus 1 */
    struct tlb tlb;             /* struct tlb_entry */
    struct tlb walk_s1;         /* struct walk_entry */
    struct tlb walk_s2;         /* likewise */
    struct dpt_tlb *dpt_tlb;    /* NULL: there is no DPT */
    struct stalls *stalls;      /* NULL: no transaction stalls */
    uint8_t serving_tbus;       /* TBUs that let anything through: those there are; none in Service
                                   Failure Mode */
    bool watched;               /* observations are for somebody: ops.observe, or counter groups */
    bool counting;              /* a counter of a counter group is enabled */
    uint64_t epoch; /* counts invalidations, from 1 on: a fill is valid only in the epoch its walk
                       began in */
    bool running;   /* a smmu_run() is at what is not for Enhanced Command queues */
    bool asked;     /* ... and one was called since it last looked around */
    struct pmcg *pmcgs; /* counter groups */
    unsigned pmcg_count;
    uint32_t injected[SMMU_INJECT_COUNT]; /* errors to come */
    union {
        struct smmu_stats stats;
        uint64_t counters[SMMU_OBSERVE_COUNT];
    };
};

/* Run `function` on the address of the variable when it goes out of scope: at a return, and where
 * the host unwinds a call that waits for memory, its process having been killed. */
#define AT_END(function) __attribute__((cleanup(function), unused))

/* Whether a call leaves traces: events, fills, statistics, observations, hardware updates. */
enum call_mode {
    CALL_REAL,     /* it does */
    CALL_PROBE,    /* none of them (smmu_probe) */
    CALL_PREFETCH, /* fills alone; it ends where a hardware update is due, and gives way to others
                    */
    CALL_PASSIVE, /* none of them, and a hardware update counts as done, whatever would become of it
                     (9) */
};

/* The outcome of a call, beside its answer. */
struct call_outcome {
    bool overtaken; /* translation ended while the call waited: it fails, is to leave no trace, and
                       begins again (6.3.9.6) */
    bool left_out;  /* a hardware update was due, and was not made */
    bool yielded;   /* a prefetch has given way to others, and is over */
    uint32_t slots; /* bit n: a slot of enum smmu_unit n is held */
    struct smmu_mpam mpam; /* of an ATS request: the label it walks with, once that is known */
    uint64_t seen; /* bit n: enum smmu_observation_id n was told of; all: the call is no request of
                      a client, for performance events that requests count once (10.3) */
};

/* The translation of an address for a transaction or a request. */
struct call {
    struct smmu_state *smmu;
    struct bank *bank; /* of the stream; NULL: there is none */
    const struct smmu_txn *txn;
    struct call_outcome *outcome;
    uint64_t epoch;      /* of the SMMU at the start */
    uint32_t disables;   /* of the bank, likewise */
    enum call_mode mode; /* what it leaves behind */
    uint8_t any;  /* SMMU_PERM_*; 0: the rights of the transaction are needed, of every stage.
                     Else an ATS request: none is needed, and stage 2 is asked only if stage 1
                     gives one of these (3.9.1.2) */
    bool s1_only; /* the answer is the output of stage 1, though stage 2 translates (9.1.3) */
};

/* An address as it leaves the SMMU: bits at and above OAS are cut off (IHI 0070 3.4, 3.4.3). */
static inline uint64_t truncate_to_oas(const struct smmu_state *smmu, uint64_t addr)
{
    return addr & smmu->oas_mask;
}

/* The programming interface of Security state `sec`, which may be anything; NULL: there is none. */
static inline struct bank *bank_of(struct smmu_state *smmu, uint8_t sec)
{
    return sec < SMMU_SEC_COUNT ? smmu->bank_at[sec] : NULL;
}

/* Begin the call, or begin it again: its bank, epoch and disables are those of now. */
static inline void call_begin(struct call *call)
{
    call->bank = bank_of(call->smmu, call->txn->sec);
    call->epoch = call->smmu->epoch;
    call->disables = call->bank ? call->bank->disables : 0;
    call->outcome->overtaken = false;
}

/* Whether translation ended while the call waited. What it found is of no use then: the tables may
 * be gone, and the SMMU has nothing to do with them any more (6.3.9.6). */
static inline bool call_overtaken_since(const struct call *call, bool before)
{
    if (__builtin_expect(call->disables != call->bank->disables, false))
        call->outcome->overtaken = before = true;
    return before;
}
static inline bool call_overtaken(const struct call *call)
{
    return call_overtaken_since(call, call->outcome->overtaken);
}

/* Whether what the call finds enters the caches. */
static inline bool call_fills(const struct call *call)
{
    return (call->mode == CALL_REAL || call->mode == CALL_PREFETCH) &&
           call->epoch == call->smmu->epoch;
}

/* Whether a SubstreamID has more bits than there are anywhere: 20, as PASIDs have (3.2). */
static inline bool substream_too_large(bool ssv, uint32_t ssid)
{
    return ssv && ssid >> 20 != 0;
}

/* Whether an injected error happens now; it is used up. */
static inline bool inject_take(struct smmu_state *smmu, enum smmu_injection what)
{
    if (smmu->injected[what] == 0)
        return false;
    smmu->injected[what]--;
    return true;
}

/* Service Failure Mode (12.3): client transactions are aborted, queues are not accessed. */
static inline bool sfm_active(const struct smmu_state *smmu)
{
    return smmu->serving_tbus == 0;
}

/* log2 of the entries of a queue as its base register is programmed; `max` is where struct
 * smmu_config has the largest there may be, a uint8_t. */
static inline unsigned programmed_log2(const struct smmu_state *smmu, const struct bank *bank,
                                       enum reg base, size_t max)
{
    return queue_log2(bank->reg[base], ((const uint8_t *)&smmu->cfg)[max]);
}

/* Ask for smmu_run(). */
static inline void ring_doorbell(const struct smmu_state *smmu)
{
    if (smmu->ops.defer)
        smmu->ops.defer(smmu->user);
}

#endif
