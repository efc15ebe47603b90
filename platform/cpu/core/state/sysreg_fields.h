/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of system registers that the PE acts upon, by register (DDI 0487 D24). */
#ifndef A64_SYSREG_FIELDS_H
#define A64_SYSREG_FIELDS_H

#include "state/cpu_bits.h"

/* ---- Identification ---- */

#define ID_AA64PFR0_EL2      BITS(11, 8)
#define ID_AA64PFR0_GIC      BITS(27, 24)
#define ID_AA64MMFR0_PARANGE BITS(3, 0)
#define DCZID_DZP            BIT(4)

/* ---- Control ---- */

/* SCTLR_EL1, and what SCTLR_EL2 has of it. */
#define SCTLR_M    BIT(0)
#define SCTLR_A    BIT(1)
#define SCTLR_C    BIT(2)
#define SCTLR_SA   BIT(3)
#define SCTLR_SA0  BIT(4)
#define SCTLR_UMA  BIT(9)
#define SCTLR_DZE  BIT(14)
#define SCTLR_UCT  BIT(15)
#define SCTLR_NTWI BIT(16)
#define SCTLR_NTWE BIT(18)
#define SCTLR_WXN  BIT(19)
#define SCTLR_UCI  BIT(26)

#define CPACR_FPEN BITS(21, 20)
#define CPTR_TFP   BIT(10)
#define CPTR_TCPAC BIT(31)

#define HCR_VM    BIT(0)
#define HCR_PTW   BIT(2)
#define HCR_FMO   BIT(3)
#define HCR_IMO   BIT(4)
#define HCR_AMO   BIT(5)
#define HCR_VF    BIT(6)
#define HCR_VI    BIT(7)
#define HCR_VSE   BIT(8)
#define HCR_FB    BIT(9)
#define HCR_DC    BIT(12)
#define HCR_TWI   BIT(13)
#define HCR_TWE   BIT(14)
#define HCR_TID1  BIT(16)
#define HCR_TID2  BIT(17)
#define HCR_TID3  BIT(18)
#define HCR_TSC   BIT(19)
#define HCR_TIDCP BIT(20)
#define HCR_TACR  BIT(21)
#define HCR_TSW   BIT(22)
#define HCR_TPCP  BIT(23)
#define HCR_TPU   BIT(24)
#define HCR_TTLB  BIT(25)
#define HCR_TVM   BIT(26)
#define HCR_TGE   BIT(27)
#define HCR_TDZ   BIT(28)
#define HCR_HCD   BIT(29)
#define HCR_TRVM  BIT(30)
#define HCR_CD    BIT(32)

/* ---- Translation ---- */

/* TCR_EL1 and TCR_EL2. */
#define TCR_T0SZ BITS(5, 0)
#define TCR_TG0  BITS(15, 14)

#define TCR_EL1_EPD0 BIT(7)
#define TCR_EL1_T1SZ BITS(21, 16)
#define TCR_EL1_A1   BIT(22)
#define TCR_EL1_EPD1 BIT(23)
#define TCR_EL1_TG1  BITS(31, 30)
#define TCR_EL1_IPS  BITS(34, 32)
#define TCR_EL1_AS   BIT(36)
#define TCR_EL1_TBI  BITS(38, 37) /* TBI1 and TBI0 */

#define TCR_EL2_PS  BITS(18, 16)
#define TCR_EL2_TBI BIT(20)

#define VTCR_T0SZ BITS(5, 0)
#define VTCR_SL0  BITS(7, 6)
#define VTCR_TG0  BITS(15, 14)
#define VTCR_PS   BITS(18, 16)

#define TTBR_BADDR BITS(47, 0)
#define TTBR_ASID  BITS(63, 48)
#define VTTBR_VMID BITS(55, 48) /* of 8 bits */

/* PAR_EL1: what it says of a success, and of a fault. */
#define PAR_SH   BITS(8, 7)
#define PAR_NS   BIT(9)
#define PAR_PA   BITS(47, 12)
#define PAR_ATTR BITS(63, 56)
#define PAR_F    BIT(0)
#define PAR_FST  BITS(6, 1)
#define PAR_PTW  BIT(8)
#define PAR_S    BIT(9)
#define PAR_RES1 BIT(11) /* of both */

/* The operand of a TLBI instruction (C5.5). */
#define TLBI_ASID BITS(63, 48)
#define TLBI_VA   BITS(43, 0)
#define TLBI_IPA  BITS(35, 0)

/* ---- Exceptions ---- */

/* SPSR_ELx. */
#define SPSR_SP       BIT(0)
#define SPSR_RESERVED BIT(1)
#define SPSR_EL       BITS(3, 2)
#define SPSR_AARCH32  BIT(4)
#define SPSR_DAIF     BITS(9, 6)
#define SPSR_D        BIT(9)
#define SPSR_IL       BIT(20)
#define SPSR_SS       BIT(21)
#define SPSR_NZCV     BITS(31, 28)

/* ESR_ELx, and the ISS of aborts, of traps and of software step. */
#define ESR_EC          BITS(31, 26)
#define ESR_IL          BIT(25)
#define ISS_WNR         BIT(6)
#define ISS_S1PTW       BIT(7)
#define ISS_CM          BIT(8)
#define ISS_ISV         BIT(24)
#define ISS_SAS         BITS(23, 22)
#define ISS_SSE         BIT(21)
#define ISS_SRT         BITS(20, 16)
#define ISS_SF          BIT(15)
#define ISS_AR          BIT(14)
#define ISS_STEP_EX     BIT(6)
#define ISS_WFX_WFE     BIT(0)
#define ISS_SYS_OP0     BITS(21, 20)
#define ISS_SYS_OP2     BITS(19, 17)
#define ISS_SYS_OP1     BITS(16, 14)
#define ISS_SYS_CRN     BITS(13, 10)
#define ISS_SYS_RT      BITS(9, 5)
#define ISS_SYS_CRM     BITS(4, 1)
#define ISS_SYS_READ    BIT(0)
#define ISS_CV          BIT(24)
#define ISS_COND        BITS(23, 20)
#define ISS_COND_ALWAYS (ISS_CV | bits_put(ISS_COND, 14))

#define HPFAR_FIPA BITS(39, 4)

#define ISR_F BIT(6)
#define ISR_I BIT(7)
#define ISR_A BIT(8)

/* ICH_HCR_EL2 (IHI 0069 12.4). */
#define ICH_HCR_TC    BIT(10)
#define ICH_HCR_TALL0 BIT(11)
#define ICH_HCR_TALL1 BIT(12)
#define ICH_HCR_TDIR  BIT(14)

/* ---- Debug ---- */

#define MDCR_HPMN  BITS(4, 0)
#define MDCR_TPMCR BIT(5)
#define MDCR_TPM   BIT(6)
#define MDCR_HPME  BIT(7)
#define MDCR_TDE   BIT(8)
#define MDCR_TDA   BIT(9)
#define MDCR_TDOSA BIT(10)
#define MDCR_TDRA  BIT(11)

#define MDSCR_SS          BIT(0)
#define MDSCR_TDCC        BIT(12)
#define MDSCR_KDE         BIT(13)
#define MDSCR_MDE         BIT(15)
#define MDCCSR_TXFULL     BIT(29)
#define OSLAR_OSLK        BIT(0)
#define OSLSR_OSLK        BIT(1)
#define OSDLR_DLK         BIT(0)
#define DBGPRCR_CORENPDRQ BIT(0)

/* DBGBCR<n>_EL1, and of a DBGBVR<n>_EL1 the VMID. */
#define BCR_E    BIT(0)
#define BCR_LBN  BITS(19, 16)
#define BCR_BT   BITS(23, 20)
#define BVR_VMID BITS(39, 32)

/* DBGWCR<n>_EL1. */
#define WCR_E    BIT(0)
#define WCR_LSC  BITS(4, 3)
#define WCR_BAS  BITS(12, 5)
#define WCR_LBN  BITS(19, 16)
#define WCR_WT   BIT(20)
#define WCR_MASK BITS(28, 24)

/* Of both: PMC or PAC, and HMC (bit 0) with SSC. */
#define XCR_PRIVILEGE BITS(2, 1)
#define XCR_OTHER     BITS(15, 13)

/* ---- Performance monitors ---- */

#define PMCR_E          BIT(0)
#define PMCR_P          BIT(1)
#define PMCR_C          BIT(2)
#define PMCR_N          BITS(15, 11)
#define PMUSERENR_EN    BIT(0)
#define PMUSERENR_SW    BIT(1)
#define PMUSERENR_CR    BIT(2)
#define PMUSERENR_ER    BIT(3)
#define PMSELR_SEL      BITS(4, 0)
#define PMEVTYPER_EVENT BITS(9, 0)

/* PMEVTYPER<n>_EL0 and PMCCFILTR_EL0. */
#define PMU_TYPE_P   BIT(31) /* not at EL1 */
#define PMU_TYPE_U   BIT(30) /* not at EL0 */
#define PMU_TYPE_NSH BIT(27) /* at EL2 */

/* ---- Timers ---- */

/* CNTP_CTL_EL0, CNTV_CTL_EL0, CNTHP_CTL_EL2. */
#define CNT_CTL_ENABLE  BIT(0)
#define CNT_CTL_IMASK   BIT(1)
#define CNT_CTL_ISTATUS BIT(2)

#define CNTKCTL_EL0PCTEN BIT(0)
#define CNTKCTL_EL0VCTEN BIT(1)
#define CNTKCTL_EL0VTEN  BIT(8)
#define CNTKCTL_EL0PTEN  BIT(9)
#define CNTHCTL_EL1PCTEN BIT(0)
#define CNTHCTL_EL1PCEN  BIT(1)

#endif
