/* SPDX-License-Identifier: Apache-2.0 */
/* One programming interface: the registers, queues and tables a security state owns (IHI 0070 6).
 */
#ifndef SMMU_CORE_BANK_H
#define SMMU_CORE_BANK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bits.h"
#include "smmu/ops.h"

/* Registers of a bank, in the order of regs.def. */
enum reg {
#define REG(name, offset, bytes, kind, exists, writable, guard, hook) REG_##name,
#include "bank/regs.def"
#undef REG
    REG_COUNT
};

/* CR0 and CR0ACK (IHI 0070 6.3.9). */
enum {
    CR0_SMMUEN = 1u << 0,
    CR0_PRIQEN = 1u << 1,
    CR0_EVENTQEN = 1u << 2,
    CR0_CMDQEN = 1u << 3,
    CR0_ATSCHK = 1u << 4,
    CR0_VMW = 7u << 6,
    CR0_DPT_WALK_EN = 1u << 10,
    CR0_IMPLEMENTED = CR0_SMMUEN | CR0_PRIQEN | CR0_EVENTQEN | CR0_CMDQEN | CR0_ATSCHK | CR0_VMW |
                      CR0_DPT_WALK_EN,
};

REG_FIELD(cr0, VMW, 8, 6)

/* CR1 (6.3.11): cacheability, outer and inner, and shareability of accesses to tables and queues */
REG_FIELD(cr1, TABLE_SH, 11, 10)
REG_FIELD(cr1, TABLE_OC, 9, 8)
REG_FIELD(cr1, TABLE_IC, 7, 6)
REG_FIELD(cr1, QUEUE_SH, 5, 4)
REG_FIELD(cr1, QUEUE_OC, 3, 2)
REG_FIELD(cr1, QUEUE_IC, 1, 0)

/* Of these, table attributes are Guarded by SMMUEN, queue attributes by the queue enables. */
enum {
    CR1_TABLE = 0xfc0,
    CR1_QUEUE = 0x03f,
};

/* CR2 (6.3.12) */
enum {
    CR2_E2H = 1u << 0,
    CR2_RECINVSID = 1u << 1,
    CR2_PTM = 1u << 2,
    CR2_REC_CFG_ATS = 1u << 3,
};

/* GBPA, GMPAM, GBPMPAM (6.3.14, 6.3.42, 6.3.43) */
#define UPDATE (1u << 31)

/* GBPA (6.3.14) */
enum {
    GBPA_ABORT = 1u << 20,
    GBPA_PERMS = 0xfu << 16, /* INSTCFG, PRIVCFG */
    GBPA_TYPES = 0x3f1fu,    /* SHCFG, ALLOCCFG, MTCFG, MemAttr */
    GBPA_SHCFG_INCOMING = 1u << 12,
};

REG_FIELD(gbpa, INSTCFG, 19, 18)
REG_FIELD(gbpa, PRIVCFG, 17, 16)
REG_FIELD(gbpa, SHCFG, 13, 12)
REG_FIELD(gbpa, ALLOCCFG, 11, 8)
REG_FIELD(gbpa, MTCFG, 4, 4)
REG_FIELD(gbpa, MemAttr, 3, 0)

/* GMPAM and GBPMPAM (6.3.42, 6.3.43): PMG and PARTID, of accesses of the SMMU's own and of global
 * bypass */
#define MPAM_LABEL 0xffffffu
REG_FIELD(mpam, PMG, 23, 16)
REG_FIELD(mpam, PARTID, 15, 0)

/* STATUSR (6.3.13) */
enum { STATUSR_DORMANT = 1u << 0 };

/* IRQ_CTRL and IRQ_CTRLACK (6.3.16) */
enum {
    IRQ_CTRL_GERROR_IRQEN = 1u << 0,
    IRQ_CTRL_PRIQ_IRQEN = 1u << 1,
    IRQ_CTRL_EVENTQ_IRQEN = 1u << 2,
    IRQ_CTRL_IMPLEMENTED = IRQ_CTRL_GERROR_IRQEN | IRQ_CTRL_PRIQ_IRQEN | IRQ_CTRL_EVENTQ_IRQEN,
};

/* GERROR and GERRORN (6.3.19) */
enum {
    GERROR_CMDQ_ERR = 1u << 0,
    GERROR_EVENTQ_ABT_ERR = 1u << 2,
    GERROR_PRIQ_ABT_ERR = 1u << 3,
    GERROR_MSI_CMDQ_ABT_ERR = 1u << 4,
    GERROR_MSI_EVENTQ_ABT_ERR = 1u << 5,
    GERROR_MSI_PRIQ_ABT_ERR = 1u << 6,
    GERROR_MSI_GERROR_ABT_ERR = 1u << 7,
    GERROR_SFM_ERR = 1u << 8,
    GERROR_CMDQP_ERR = 1u << 9,
    GERROR_DPT_ERR = 1u << 10,
    GERROR_PRI = GERROR_PRIQ_ABT_ERR | GERROR_MSI_PRIQ_ABT_ERR,
    GERROR_MSI = GERROR_MSI_CMDQ_ABT_ERR | GERROR_MSI_EVENTQ_ABT_ERR | GERROR_MSI_PRIQ_ABT_ERR |
                 GERROR_MSI_GERROR_ABT_ERR,
    GERROR_IMPLEMENTED = GERROR_CMDQ_ERR | GERROR_EVENTQ_ABT_ERR | GERROR_PRIQ_ABT_ERR |
                         GERROR_MSI | GERROR_SFM_ERR | GERROR_CMDQP_ERR | GERROR_DPT_ERR,
};

/* *_IRQ_CFG2 (6.3.23, 6.3.36): SH and MemAttr of the message; LO of the PRI queue */
#define IRQ_CFG2_ATTR    0x3fu
#define PRIQ_IRQ_CFG2_LO 0x80000000u
REG_FIELD(irq_cfg2, SH, 5, 4)
REG_FIELD(irq_cfg2, MemAttr, 3, 0)

/* STRTAB_BASE (6.3.24), *_BASE of queues (6.3.26), DPT_BASE (6.3.46): allocate in caches */
REG_FIELD(base, Allocate, 62, 62)

/* STRTAB_BASE_CFG (6.3.25) */
enum {
    STRTAB_FMT = 3u << 16,
    STRTAB_SPLIT = 0x1fu << 6,
};
REG_FIELD(strtab_base_cfg, FMT, 17, 16)
REG_FIELD(strtab_base_cfg, SPLIT, 10, 6)
REG_FIELD(strtab_base_cfg, LOG2SIZE, 5, 0)

/* DPT_BASE, DPT_BASE_CFG, DPT_CFG_FAR (6.3.46, 6.3.47, 6.3.48) */
#define DPT_BASE_BADDR    MASK64(55, 12)
#define DPT_CFG_FAR_FADDR MASK64(55, 12)
#define DPT_CFG_FAR_FAULT BIT64(0)
REG_FIELD(dpt_base_cfg, L0DPTSZ, 23, 20)
REG_FIELD(dpt_base_cfg, DPTGS, 15, 14)
REG_FIELD(dpt_base_cfg, DPTPS, 2, 0)

#define ATOS_SID_SSV BIT64(52) /* GATOS_SID, VATOS_SID (6.3.38) */
REG_FIELD(atos_sid, SSV, 52, 52)
REG_FIELD(atos_sid, SubstreamID, 51, 32)
REG_FIELD(atos_sid, StreamID, 31, 0)

/* ERR of CMDQ_CONS (6.3.28), and in the same place ERR_REASON of ECMDQ_CONS */
#define CMDQ_CONS_ERR MASK64(30, 24)

/* OVFLG of EVENTQ_PROD and PRIQ_PROD, OVACKFLG of the CONS registers (7.4, 8.1) */
#define QUEUE_OVFLG 0x80000000u

/* Queues that the SMMU writes (7.2, 8). */
enum outqueue_id { OUTQUEUE_EVENTS, OUTQUEUE_REQUESTS, OUTQUEUE_COUNT };

struct bank {
    bool implemented;
    uint8_t sec; /* enum smmu_sec: of its streams */
    uint8_t pas; /* enum smmu_pas: of its structures, queues and messages */
    uint64_t reg[REG_COUNT];
    uint64_t last_event[4]; /* last record written; all zero: none that could be merged with */
    struct ecmdqs *ecmdqs;  /* Enhanced Command queues; NULL: there are none */

    /* Registers as in effect, once their Update is complete: */
    uint32_t gbpa;           /* GBPA */
    struct smmu_mpam own;    /* GMPAM: of Stream tables, VMSs, queues and messages */
    struct smmu_mpam bypass; /* GBPMPAM: of transactions that SMMUEN or ATSCHK lets pass */

    /* Counters, by which a call that comes back from a memory access sees whether the world is
     * still the one it left: */
    uint32_t resets; /* what began before one leaves no trace in registers; entry to Service Failure
                        Mode is one here and below */
    uint32_t disables;                 /* ends of translation: SMMUEN cleared, or a reset */
    uint32_t closings[OUTQUEUE_COUNT]; /* ends of a queue's use: an enable cleared, or a reset */

    /* Transactions whose event could not be written: */
    struct smmu_stall *waiting; /* oldest first */
    uint64_t *retries;          /* turns of those let go to be retried, and not back yet: stall_max
                                   at most, as each has a free STAG */
    uint32_t retry_count;

    /* Acknowledgements wait until these are zero: */
    uint32_t msis[SMMU_IRQ_COUNT]; /* messages of each source under way (6.3.16) */
    uint32_t updates;              /* descriptors being updated (6.3.9.6) */
    uint32_t dpt_walks;            /* walks of the DPT under way (6.3.9) */
};

struct smmu_config;
struct smmu_state;

/* Build the banks that banks.def has. False if memory is short. */
bool bank_init_all(struct smmu_state *smmu);
void bank_free_all(struct smmu_state *smmu);

/* Whose register is at `*offset` of the frame, which becomes the offset that regs.def has. False:
 * nobody's. */
bool bank_at(uint32_t *offset, enum smmu_sec *sec);

/* The bank that comes after one, or with NULL the first. NULL: that was the last. */
struct bank *bank_next(struct smmu_state *smmu, const struct bank *after);

/* The bank whose state counter groups are of. */
struct bank *bank_of_groups(struct smmu_state *smmu);

/* Put the bank's registers into their reset state (6.3); ID registers keep their values. Calls
 * under way are overtaken. */
void bank_reset(struct bank *bank, const struct smmu_config *cfg);

/* Calls under way go on by the state of now, and leave no trace of that of before. */
void bank_overtake(struct bank *bank);

/* Let GBPA, GMPAM and GBPMPAM be in effect as they are, no Update being in progress. */
void bank_take_effect(struct bank *bank, const struct smmu_config *cfg);

/* Whether enables are in force, all of them: written 1 with the Update complete, and not written 0
 * since (6.3.9). During an Update either value may be gone by; 0 leaves what an Update to 0 waits
 * for finite, as nothing more of it begins. */
static inline bool bank_enabled(const struct bank *bank, uint32_t cr0_bits)
{
    return (bank->reg[REG_CR0] & bank->reg[REG_CR0ACK] & cr0_bits) == cr0_bits;
}

/* Whether none of the enables `cr0_bits` is set or in transition (Guarded registers, 6.2). */
static inline bool bank_unguarded(const struct bank *bank, uint32_t cr0_bits)
{
    return ((bank->reg[REG_CR0] | bank->reg[REG_CR0ACK]) & cr0_bits) == 0;
}

/* Complete the Updates in progress: CR0, IRQ_CTRL, GBPA, GMPAM, GBPMPAM (6.3.9, 6.3.14, 6.3.16,
 * 6.3.42, 6.3.43), once the record
 * that is being written is. Other work that an Update waits for rings the doorbell when it ends. */
void bank_complete_updates(struct smmu_state *smmu, struct bank *bank);

/* Make the errors `bits` of GERROR active, those already active excepted (7.5). Returns whether
 * that is to be signalled: gerror_activate() does so itself, gerror_set() is for callers that may
 * not block. */
bool gerror_set(struct smmu_state *smmu, struct bank *bank, uint32_t bits);
void gerror_activate(struct smmu_state *smmu, struct bank *bank, uint32_t bits);
bool gerror_active(const struct bank *bank, uint32_t bits);

#endif
