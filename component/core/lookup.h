/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration lookup (IHI 0070 3.3.3): the STE and the CD that a transaction goes by. */
#ifndef SMMU_CORE_LOOKUP_H
#define SMMU_CORE_LOOKUP_H

#include "cd.h"
#include "fault.h"
#include "ste.h"

/* The structures lie in the configuration cache or, once something was fetched, in the copies here.
 */
struct config {
    const struct ste_cfg *ste;
    const struct cd_cfg *cd; /* NULL if stage 1 does not translate */
    uint32_t cd_index;
    struct ste_cfg ste_copy;
    struct cd_cfg cd_copy;
};

/* Which way the STE and the SubstreamID send a transaction. */
enum route { ROUTE_FAULT, ROUTE_ABORT, ROUTE_NO_STAGE1, ROUTE_STAGE1 };

/* Find the STE of the call's stream. False on C_BAD_STREAMID, F_STE_FETCH or C_BAD_STE. */
bool lookup_ste(const struct call *call, const struct bank *bank, struct config *config,
                struct fault *fault);

/* The way of the call's transaction (5.2: Config, S1Fmt, S1CDMax, S1DSS). With ROUTE_STAGE1,
 * config->cd_index is the CD it uses; with ROUTE_FAULT, `fault` says why. */
enum route lookup_route(const struct smmu_txn *txn, struct config *config, struct fault *fault);

/* Find the CD number config->cd_index. False if there is none or it is illegal. */
bool lookup_cd(const struct call *call, const struct bank *bank, struct config *config,
               struct fault *fault);

/* Copy what lies in the cache, to keep it through memory accesses: they may block. */
void lookup_hold(struct config *config);

/* The address stage 1 translates: with TBI the top byte of `addr` is a sign-extension of bit 55, or
 * in the EL2 regime zero (3.4.1). config->cd is not NULL. */
uint64_t lookup_effective_va(const struct config *config, uint64_t addr);

#endif
