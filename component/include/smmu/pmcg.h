/* SPDX-License-Identifier: Apache-2.0 */
/* Performance Monitor Counter Groups (IHI 0070 10): free-standing registers beside those of an
 * SMMU, which count what its TCU or some of its TBUs do. They are Non-secure: there is no support
 * for Secure or Realm state (10.6, 10.7). */
#ifndef SMMU_PMCG_H
#define SMMU_PMCG_H

#include "smmu/smmu.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* Parameters of a group: the rows of smmu/pmcg.def. Start from smmu_pmcg_config_default(). */
struct smmu_pmcg_config {
#define SMMU_PMCG_NUMBER(name, type, ...) type name;
#define SMMU_PMCG_SWITCH(name, ...)       bool name;
#include "smmu/pmcg.def"
};

/* A group for the TCU: 8 counters of 64 bits, with capture, MSIs and page 1, all StreamIDs. */
struct smmu_pmcg_config smmu_pmcg_config_default(void);

/* Check `cfg` for a group of an SMMU with the configuration `smmu`. Returns true if it is good;
 * otherwise says in `error`, unless that is NULL, which parameter is bad. */
bool smmu_pmcg_config_check(const struct smmu_pmcg_config *cfg, const struct smmu_config *smmu,
                            struct smmu_error *error);

/* Bytes of a page of a group. Page 0 begins at offset 0; between the pages there is nothing. */
#define SMMU_PMCG_PAGE_SIZE 0x1000
/* The offset of page 1, as the functions below count offsets. */
#define SMMU_PMCG_PAGE1 0x10000

/* Give the SMMU another group, in its reset state. Groups live as long as the SMMU; no call into it
 * may be under way. `cfg` is copied. Returns the number of the group, counted from 0 on; -1 if the
 * configuration is bad or memory is short, and `error`, unless it is NULL, says which. */
int smmu_pmcg_add(smmu_t *smmu, const struct smmu_pmcg_config *cfg, struct smmu_error *error);

/* How many groups there are. */
unsigned smmu_pmcg_count(const smmu_t *smmu);

/* The configuration of group `group`: the one it was made from, sid_bits being no more than those
 * of the SMMU. NULL if there is no such group. Lives until the next smmu_pmcg_add(). */
const struct smmu_pmcg_config *smmu_pmcg_get_config(const smmu_t *smmu, unsigned group);

/* Read a register of a group (10.5), by the rules of smmu_reg_read(). SMMU_REG_BAD_ACCESS also if
 * there is no such group, or no such page. Brings counters of clock cycles up to date first. */
enum smmu_reg_status smmu_pmcg_read(smmu_t *smmu, unsigned group, uint32_t offset, unsigned size,
                                    uint64_t *value);

/* Write one, likewise. Only rings doorbells: Updates complete and interrupts are sent in
 * smmu_run(). */
enum smmu_reg_status smmu_pmcg_write(smmu_t *smmu, unsigned group, uint32_t offset, unsigned size,
                                     uint64_t value);

/* Bring counters of clock cycles up to date (event 0, smmu_ops.cycles), with all that follows from
 * an overflow. Returns in how many cycles the next one is due, 0 if none is: the host calls
 * again then, and after each smmu_pmcg_write(). */
uint64_t smmu_pmcg_clock(smmu_t *smmu);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
