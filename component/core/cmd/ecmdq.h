/* SPDX-License-Identifier: Apache-2.0 */
/* Enhanced Command queues (IHI 0070 3.5.6): a bank has any number beside its Command queue. */
#ifndef SMMU_CORE_ECMDQ_H
#define SMMU_CORE_ECMDQ_H

#include "smmu_priv.h"

/* Registers of each, in the order of ecmdq_regs.def. */
enum ecmdq_reg {
#define ECMDQ(name, ...) REG_##name,
#include "bank/ecmdq_regs.def"
    ECMDQ_REG_COUNT
};

/* ECMDQ_PROD and ECMDQ_CONS (6.3.108, 6.3.109); EN and ENACK, ERRACK and ERR are in one place. */
enum { ECMDQ_ERR = 1u << 23, ECMDQ_ERRACK = ECMDQ_ERR };
#define ECMDQ_EN     (1u << 31)
#define ECMDQ_ENACK  ECMDQ_EN
#define ECMDQ_REASON MASK64(26, 24)

/* log2 of the size of a Command queue control page (6.2.5). */
enum { ECMDQ_PAGE_LOG2 = 16 };

/* One of them. */
struct ecmdq {
    uint64_t reg[ECMDQ_REG_COUNT];
    bool busy; /* a run is at it */
};

/* Those of a bank, evenly spaced in pages that follow each other (6.2.5). */
struct ecmdqs {
    uint32_t base;  /* offset of the first page in the frame */
    uint32_t first; /* the same from the base of the bank */
    uint8_t pages_log2;
    uint8_t stride_log2; /* of the distance of queues in the frame */
    uint32_t count;
    struct ecmdq *queue;
    uint64_t *pending; /* bit n: queue n may have something to do */
};

/* Give `bank`, whose registers are at `frame` of the frame, the queues of `cfg`, whose registers
 * are at `base` of it. False if memory is short. */
bool ecmdq_init(struct bank *bank, const struct smmu_config *cfg, uint32_t frame, uint32_t base);
void ecmdq_free(struct bank *bank);

/* Registers take their reset values (6.3.107 to 6.3.109). */
void ecmdq_reset(struct bank *bank);

/* Whether one is enabled, or becomes enabled or disabled: CR1.QUEUE_* are read-only (3.5.6.1). */
bool ecmdq_any_enabled(const struct bank *bank);

/* Queue `n` may have something to do. */
void ecmdq_ring(struct smmu_state *smmu, struct bank *bank, uint32_t n);

/* Acknowledge enables, and consume a command of each queue that has one, but for those that another
 * run is at. False if nothing is left that this run could do. May block. */
bool ecmdq_run(struct smmu_state *smmu, struct bank *bank);

/* The 32-bit word at `offset`, from the base of the bank: 0 where there is no register of theirs.
 */
uint32_t ecmdq_read_word(const struct smmu_state *smmu, const struct bank *bank, uint32_t offset);

/* Write there, likewise. */
void ecmdq_write_word(struct smmu_state *smmu, struct bank *bank, uint32_t offset, uint32_t word);

#endif
