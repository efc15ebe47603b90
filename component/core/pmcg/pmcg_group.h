/* SPDX-License-Identifier: Apache-2.0 */
/* Performance Monitor Counter Groups (IHI 0070 10), for the modules that make them up and for those
 * that tell them what happens. */
#ifndef SMMU_CORE_PMCG_GROUP_H
#define SMMU_CORE_PMCG_GROUP_H

#include "base/bits.h"
#include "smmu/pmcg.h"

#define PMCG_COUNTERS 64 /* at most (10.2) */

/* EVTYPER (10.5.2.2) */
REG_FIELD(evtyper, FILTER_SID_SPAN, 29, 29)
REG_FIELD(evtyper, EVENT, 15, 0)
#define EVTYPER_OVFCAP          (1u << 31)
#define EVTYPER_FILTER_SID_SPAN (1u << 29)
#define EVTYPER_FILTER_MPAM_NS  (1u << 18)
#define EVTYPER_FILTER_PMG      (1u << 17)
#define EVTYPER_FILTER_PARTID   (1u << 16)
#define EVTYPER_EVENT           0xffffu

/* IRQ_CFG2 (10.5.2.23) is laid out as those of the SMMU, bank/bank.h. */
#define PMCG_IRQEN   1u /* IRQ_CTRL, IRQ_CTRLACK (10.5.2.19) */
#define PMCG_IRQ_ABT 1u /* IRQ_STATUS (10.5.2.24) */

#define PMCG_ID_REGS_AT 0xfb0u /* identification registers (10.5.2.29): to the end of the page */
#define PMCG_ID_REGS    ((SMMU_PMCG_PAGE_SIZE - PMCG_ID_REGS_AT) / 4)

#define PMCG_EVENT_CLOCK 0u /* the event that no observation is (10.3) */

struct bank;

/* The state of a group, by the names of its registers. */
struct pmcg {
    struct smmu_pmcg_config cfg;
    struct bank *bank; /* whose streams it counts, and whose messages it sends */
    uint64_t evcntr[PMCG_COUNTERS];
    uint64_t svr[PMCG_COUNTERS];
    uint64_t evtyper[PMCG_COUNTERS];
    uint64_t smr[PMCG_COUNTERS];
    uint64_t cnten, inten, ovs; /* a bit for each counter */
    uint64_t cr;
    uint64_t irq_ctrl, irq_ctrlack, irq_status;
    uint64_t irq_cfg0, irq_cfg1, irq_cfg2;
    uint64_t gmpam;
    uint64_t zero;                               /* what reads as zero, whatever is written */
    uint64_t cfgr, iidr, aidr, mpamidr, ceid[2]; /* these and `id` stay as they are */
    uint64_t id[PMCG_ID_REGS];
    struct smmu_mpam mpam; /* of messages: GMPAM as in effect, once its Update is complete */

    uint64_t cycles; /* smmu_ops.cycles when clock counters were last brought up to date */
    bool pending;    /* an overflow interrupts, and has not been signalled */
    uint32_t resets; /* counts them: what began before one leaves no trace */
};

struct smmu_state;

/* Free all groups. */
void pmcg_free(struct smmu_state *smmu);

/* Put all groups into their reset state. */
void pmcg_reset(struct smmu_state *smmu);

/* Send the interrupts that are due and complete Updates of IRQ_CTRL and GMPAM. May block. Returns
 * whether there was anything to do. */
bool pmcg_run(struct smmu_state *smmu);

/* The counters that count now (10.5.2.14). */
static inline uint64_t pmcg_enabled(const struct pmcg *group)
{
    return group->cr & 1 ? group->cnten : 0;
}

/* Say whether groups are to be told of observations: after whatever enables a counter. */
void pmcg_watch(struct smmu_state *smmu);

/* An observation, for those groups that count it. */
struct pmcg_sight {
    uint8_t id; /* enum smmu_observation_id */
    uint8_t sec;
    uint32_t sid;
    uint64_t b;                   /* its second value */
    const struct smmu_txn *txn;   /* the transaction it is about; NULL: none */
    const struct smmu_mpam *mpam; /* of that, or of the access; NULL: not known */
    bool first;                   /* of its kind in a call */
    bool settled;                 /* it was told of before, when its label was not known yet */
};
void pmcg_observe(struct smmu_state *smmu, const struct pmcg_sight *sight);

/* Whether the filter that `evtyper` is goes by labels, and not by StreamIDs (10.5.2.2). Pure. */
static inline bool pmcg_by_label(uint64_t evtyper)
{
    return (evtyper & (EVTYPER_FILTER_PARTID | EVTYPER_FILTER_PMG)) != 0;
}

/* Capture all counters of a group (10.2.1). */
void pmcg_capture(struct pmcg *group);

/* Bring the clock counters of a group up to date. */
void pmcg_sync_clock(struct smmu_state *smmu, struct pmcg *group);

/* The events of 64 that groups like this one have, from event `first` on (CEID0, CEID1). */
uint64_t pmcg_event_bitmap(const struct smmu_state *smmu, const struct pmcg *group, unsigned first);

/* Whether a StreamID passes the filter that `evtyper` and `smr` are (10.4); `bits`: of the group's
 * StreamIDs. Pure. */
bool pmcg_sid_matches(uint64_t evtyper, uint64_t smr, unsigned bits, uint32_t sid);

#endif
