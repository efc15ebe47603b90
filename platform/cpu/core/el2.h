/* SPDX-License-Identifier: Apache-2.0 */
/* What the hypervisor registers say about EL1 and EL0. Without EL2 they keep their reset values,
 * with which they control nothing, so that hardly anyone has to ask whether there is an EL2. */
#ifndef A64_EL2_H
#define A64_EL2_H

#include "state.h"

/* HCR_EL2 (DDI 0487 D24.2.62). */
#define HCR_VM    (UINT64_C(1) << 0)
#define HCR_PTW   (UINT64_C(1) << 2)
#define HCR_FMO   (UINT64_C(1) << 3)
#define HCR_IMO   (UINT64_C(1) << 4)
#define HCR_AMO   (UINT64_C(1) << 5)
#define HCR_VF    (UINT64_C(1) << 6)
#define HCR_VI    (UINT64_C(1) << 7)
#define HCR_VSE   (UINT64_C(1) << 8)
#define HCR_FB    (UINT64_C(1) << 9)
#define HCR_DC    (UINT64_C(1) << 12)
#define HCR_TWI   (UINT64_C(1) << 13)
#define HCR_TWE   (UINT64_C(1) << 14)
#define HCR_TID1  (UINT64_C(1) << 16)
#define HCR_TID2  (UINT64_C(1) << 17)
#define HCR_TID3  (UINT64_C(1) << 18)
#define HCR_TSC   (UINT64_C(1) << 19)
#define HCR_TIDCP (UINT64_C(1) << 20)
#define HCR_TACR  (UINT64_C(1) << 21)
#define HCR_TSW   (UINT64_C(1) << 22)
#define HCR_TPCP  (UINT64_C(1) << 23)
#define HCR_TPU   (UINT64_C(1) << 24)
#define HCR_TTLB  (UINT64_C(1) << 25)
#define HCR_TVM   (UINT64_C(1) << 26)
#define HCR_TGE   (UINT64_C(1) << 27)
#define HCR_TDZ   (UINT64_C(1) << 28)
#define HCR_HCD   (UINT64_C(1) << 29)
#define HCR_TRVM  (UINT64_C(1) << 30)

/* CPTR_EL2, MDCR_EL2, CNTHCTL_EL2. */
#define CPTR_TFP         (UINT64_C(1) << 10)
#define CPTR_TCPAC       (UINT64_C(1) << 31)
#define MDCR_TPMCR       (UINT64_C(1) << 5)
#define MDCR_TPM         (UINT64_C(1) << 6)
#define MDCR_TDE         (UINT64_C(1) << 8)
#define MDCR_TDA         (UINT64_C(1) << 9)
#define MDCR_TDOSA       (UINT64_C(1) << 10)
#define MDCR_TDRA        (UINT64_C(1) << 11)
#define CNTHCTL_EL1PCTEN (UINT64_C(1) << 0)
#define CNTHCTL_EL1PCEN  (UINT64_C(1) << 1)

static inline bool el2_present(const struct a64_cpu *c)
{
    return c->config.reset_el == 2;
}

static inline uint64_t el2_hcr(const struct a64_cpu *c)
{
    return c->sysreg[SR_HCR_EL2];
}

/* Does this control apply where the PE is now: at EL1 or EL0? */
static inline bool el2_asks(const struct a64_cpu *c, uint64_t hcr_bits)
{
    return c->el < 2 && (el2_hcr(c) & hcr_bits);
}

/* Debug exceptions go to EL2 with TDE, and so do those of an EL0 that has no EL1 above it. */
static inline bool el2_takes_debug(const struct a64_cpu *c)
{
    return (c->sysreg[SR_MDCR_EL2] & MDCR_TDE) || (el2_hcr(c) & HCR_TGE);
}

/* VTTBR_EL2.VMID: it tags translations of EL1&0 whether stage 2 is on or not (DDI 0487 D8.17). */
static inline uint16_t el2_vmid(const struct a64_cpu *c)
{
    return (uint16_t)(c->sysreg[SR_VTTBR_EL2] >> 48 & 0xff);
}

#endif
