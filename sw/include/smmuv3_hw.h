/* SPDX-License-Identifier: Apache-2.0 */
/* SMMUv3 registers, structures, commands and events, typed in from IHI 0070 and shared with no one:
 * a mistake in the model's own tables must not be repeated here. */
#ifndef SMMUV3_HW_H
#define SMMUV3_HW_H

#include <stdint.h>

/* A field is its mask. Bits high..low of a word, and a value moved into or out of a field. */
#define HW_BITS(high, low) ((~0UL >> (63 - (high))) & (~0UL << (low)))
#define HW_BIT(n)          (1UL << (n))

static inline uint64_t hw_put(uint64_t mask, uint64_t value)
{
    return (value << __builtin_ctzl(mask)) & mask;
}

static inline uint64_t hw_get(uint64_t mask, uint64_t word)
{
    return (word & mask) >> __builtin_ctzl(mask);
}

/* Registers, page 0 (IHI 0070 6.2.1) and page 1 (6.2.2). */
#define SMMU_IDR0            0x0000
#define SMMU_IDR1            0x0004
#define SMMU_IDR3            0x000c
#define SMMU_IDR5            0x0014
#define SMMU_CR0             0x0020
#define SMMU_CR0ACK          0x0024
#define SMMU_CR1             0x0028
#define SMMU_CR2             0x002c
#define SMMU_S2PII           0x0030
#define SMMU_GBPA            0x0044
#define SMMU_IRQ_CTRL        0x0050
#define SMMU_IRQ_CTRLACK     0x0054
#define SMMU_GERROR          0x0060
#define SMMU_GERRORN         0x0064
#define SMMU_GERROR_IRQ_CFG0 0x0068 /* CFG1 is 8, CFG2 12 bytes behind; likewise below */
#define SMMU_STRTAB_BASE     0x0080
#define SMMU_STRTAB_BASE_CFG 0x0088
#define SMMU_CMDQ_BASE       0x0090
#define SMMU_CMDQ_PROD       0x0098
#define SMMU_CMDQ_CONS       0x009c
#define SMMU_EVENTQ_BASE     0x00a0
#define SMMU_EVENTQ_IRQ_CFG0 0x00b0
#define SMMU_PRIQ_BASE       0x00c0
#define SMMU_MPAMIDR         0x0130
#define SMMU_GMPAM           0x0138
#define SMMU_GBPMPAM         0x013c
#define SMMU_IDR6            0x0190
#define SMMU_DPT_BASE        0x0200
#define SMMU_DPT_BASE_CFG    0x0208
#define SMMU_DPT_CFG_FAR     0x0210
#define SMMU_EVENTQ_PROD     0x100a8
#define SMMU_EVENTQ_CONS     0x100ac
#define SMMU_PRIQ_PROD       0x100c8
#define SMMU_PRIQ_CONS       0x100cc

/* IDR0 (6.3.1) */
#define IDR0_S2P        HW_BIT(0)
#define IDR0_S1P        HW_BIT(1)
#define IDR0_TTF        HW_BITS(3, 2)
#define IDR0_TTF_AA64   2 /* bit of TTF: VMSAv8-64 */
#define IDR0_COHACC     HW_BIT(4)
#define IDR0_BTM        HW_BIT(5)
#define IDR0_HTTU       HW_BITS(7, 6)
#define IDR0_HTTU_DIRTY 2 /* Access flag and dirty state */
#define IDR0_ATS        HW_BIT(10)
#define IDR0_ASID16     HW_BIT(12)
#define IDR0_MSI        HW_BIT(13)
#define IDR0_PRI        HW_BIT(16)
#define IDR0_CD2L       HW_BIT(19)
#define IDR0_STALL      HW_BITS(25, 24)
#define IDR0_STALL_BOTH 0 /* stall and terminate */
#define IDR0_TERM_MODEL HW_BIT(26)
#define IDR0_ST_LEVEL   HW_BITS(28, 27)
#define IDR0_ST_LEVEL_2 1

/* IDR1 (6.3.2) */
#define IDR1_SIDSIZE       HW_BITS(5, 0)
#define IDR1_SSIDSIZE      HW_BITS(10, 6)
#define IDR1_PRIQS         HW_BITS(15, 11)
#define IDR1_EVENTQS       HW_BITS(20, 16)
#define IDR1_CMDQS         HW_BITS(25, 21)
#define IDR1_QUEUES_PRESET HW_BIT(29)
#define IDR1_TABLES_PRESET HW_BIT(30)
#define IDR1_ECMDQ         HW_BIT(31)

/* IDR6 (6.3.45): queues of a Command queue control page, and pages, log2 */
#define IDR6_LOG2NUMQ HW_BITS(19, 16)
#define IDR6_LOG2NUMP HW_BITS(27, 24)

/* IDR3 (6.3.4), GMPAM and GBPMPAM (6.3.42, 6.3.43) */
#define IDR3_MPAM   HW_BIT(7)
#define IDR3_DPT    HW_BIT(15)
#define IDR3_THE    HW_BIT(21)
#define MPAM_UPDATE HW_BIT(31)

/* IDR5 (6.3.6) */
#define IDR5_OAS    HW_BITS(2, 0)
#define IDR5_GRAN4K HW_BIT(4)
#define IDR5_D128   HW_BIT(8)

/* CR0 (6.3.9), CR1 (6.3.11), CR2 (6.3.12) */
#define CR0_SMMUEN    HW_BIT(0)
#define CR0_PRIQEN    HW_BIT(1)
#define CR0_EVENTQEN  HW_BIT(2)
#define CR0_CMDQEN    HW_BIT(3)
#define CR0_ATSCHK    HW_BIT(4)
#define CR0_DPT_WALK  HW_BIT(10)
#define CR1_QUEUE_IC  HW_BITS(1, 0)
#define CR1_QUEUE_OC  HW_BITS(3, 2)
#define CR1_QUEUE_SH  HW_BITS(5, 4)
#define CR1_TABLE_IC  HW_BITS(7, 6)
#define CR1_TABLE_OC  HW_BITS(9, 8)
#define CR1_TABLE_SH  HW_BITS(11, 10)
#define CR1_CACHE_WB  1
#define CR2_RECINVSID HW_BIT(1)
#define CR2_PTM       HW_BIT(2)

/* GBPA (6.3.14), IRQ_CTRL (6.3.16), GERROR (6.3.19) */
#define GBPA_SHCFG            HW_BITS(13, 12)
#define GBPA_SHCFG_INCOMING   1
#define GBPA_ABORT            HW_BIT(20)
#define GBPA_UPDATE           HW_BIT(31)
#define IRQ_CTRL_GERROR_IRQEN HW_BIT(0)
#define IRQ_CTRL_EVENTQ_IRQEN HW_BIT(2)
#define GERROR_CMDQ_ERR       HW_BIT(0)
#define GERROR_EVENTQ_ABT_ERR HW_BIT(2)
#define GERROR_MSI_CMDQ_ABT   HW_BIT(4)
#define GERROR_CMDQP_ERR      HW_BIT(9)
#define GERROR_DPT_ERR        HW_BIT(10)
#define IRQ_CFG1              8 /* offsets from the CFG0 register of an interrupt */
#define IRQ_CFG2              12
#define IRQ_CFG2_SH           HW_BITS(5, 4)
#define IRQ_CFG2_MEMATTR      HW_BITS(3, 0)
#define MEMATTR_NORMAL_WB     0xf /* as STE.MemAttr: inner and outer Write-Back */

/* Bases (6.3.24 to 6.3.29) */
#define BASE_RA                  HW_BIT(62) /* read- or write-allocate hint of a base register */
#define STRTAB_BASE_ADDR         HW_BITS(55, 6)
#define STRTAB_BASE_CFG_LOG2SIZE HW_BITS(5, 0)
#define STRTAB_BASE_CFG_FMT      HW_BITS(17, 16)
#define STRTAB_FMT_LINEAR        0
#define STRTAB_FMT_2LEVEL        1
#define STRTAB_BASE_CFG_SPLIT    HW_BITS(10, 6)
#define QUEUE_BASE_LOG2SIZE      HW_BITS(4, 0)
#define QUEUE_BASE_ADDR          HW_BITS(55, 5)
#define CMDQ_CONS_RD             HW_BITS(19, 0)
#define CMDQ_CONS_ERR            HW_BITS(30, 24)
#define EVENTQ_OVERFLOW          HW_BIT(31) /* OVFLG of PROD, OVACKFLG of CONS */

/* Command queue control page n (6.3.49), and the queues on it (6.2.5, 6.3.107 to 6.3.109) */
#define SMMU_CMDQ_CONTROL_PAGE_BASE(n) (0x4000 + 32UL * (n))
#define CONTROL_PAGE_ADDR              HW_BITS(55, 16)
#define CONTROL_PAGE_SIZE              0x10000UL
#define ECMDQ_BASE                     0x0
#define ECMDQ_PROD                     0x8
#define ECMDQ_CONS                     0xc
#define ECMDQ_PROD_EN                  HW_BIT(31)
#define ECMDQ_PROD_ERRACK              HW_BIT(23)
#define ECMDQ_CONS_ENACK               HW_BIT(31)
#define ECMDQ_CONS_ERR_REASON          HW_BITS(26, 24)
#define ECMDQ_CONS_ERR                 HW_BIT(23)

/* CMDQ_CONS.ERR (7.1) */
#define CERROR_NONE 0x00
#define CERROR_ILL  0x01
#define CERROR_ABT  0x02

#define CERROR_ATC_INV_SYNC 0x03

/* Level 1 Stream table descriptor (5.1): one 64-bit word. */
#define L1STD_SPAN  HW_BITS(4, 0)
#define L1STD_L2PTR HW_BITS(55, 6)

/* Stream table entry (5.2). The number after STE is that of the 64-bit word. */
struct smmu_ste {
    uint64_t word[8];
};
#define STE0_V             HW_BIT(0)
#define STE0_CONFIG        HW_BITS(3, 1)
#define STE0_S1FMT         HW_BITS(5, 4)
#define STE0_S1CONTEXTPTR  HW_BITS(55, 6)
#define STE0_S1CDMAX       HW_BITS(63, 59)
#define STE1_S1DSS         HW_BITS(1, 0)
#define STE1_S1CIR         HW_BITS(3, 2)
#define STE1_S1COR         HW_BITS(5, 4)
#define STE1_S1CSH         HW_BITS(7, 6)
#define STE1_MEV           HW_BIT(19)
#define STE1_S1PIE         HW_BIT(24)
#define STE1_S1MPAM        HW_BIT(26)
#define STE1_S1STALLD      HW_BIT(27)
#define STE1_EATS          HW_BITS(29, 28)
#define STE1_STRW          HW_BITS(31, 30)
#define STE1_SHCFG         HW_BITS(45, 44)
#define STE2_S2VMID        HW_BITS(15, 0)
#define STE2_S2T0SZ        HW_BITS(37, 32)
#define STE2_S2SL0         HW_BITS(39, 38)
#define STE2_S2IR0         HW_BITS(41, 40)
#define STE2_S2OR0         HW_BITS(43, 42)
#define STE2_S2SH0         HW_BITS(45, 44)
#define STE2_S2TG          HW_BITS(47, 46)
#define STE2_S2PS          HW_BITS(50, 48)
#define STE2_S2AA64        HW_BIT(51)
#define STE2_S2HD          HW_BIT(55)
#define STE2_S2HA          HW_BIT(56)
#define STE2_S2S           HW_BIT(57)
#define STE2_S2R           HW_BIT(58)
#define STE2_S2PIE         HW_BIT(60)
#define STE3_S2TTB         HW_BITS(51, 4)
#define STE3_S2SKL         HW_BITS(62, 61)
#define STE4_PARTID        HW_BITS(31, 16)
#define STE5_PMG           HW_BITS(7, 0)
#define STE5_ASSUREDONLY   HW_BIT(9)
#define STE5_TL0           HW_BIT(10)
#define STE5_VMSPTR        HW_BITS(55, 12)
#define STE_CONFIG_ABORT   0
#define STE_CONFIG_BYPASS  4
#define STE_CONFIG_STAGE1  5
#define STE_CONFIG_STAGE2  6
#define STE_CONFIG_NESTED  7
#define STE_S1FMT_LINEAR   0
#define STE_S1FMT_4K       1 /* two levels, 64 CDs in a table of level 2 */
#define STE_S1DSS_ABORT    0
#define STE_S1DSS_BYPASS   1
#define STE_S1DSS_CD0      2
#define STE_S2TG_4K        0
#define STE_S2SL0_LEVEL1   1
#define STE_S2SL0_LEVEL0   2
#define STE_CACHE_WB       1
#define STE_SHCFG_INCOMING 1

/* Level 1 Context descriptor (5.3): one 64-bit word. */
#define L1CD_V     HW_BIT(0)
#define L1CD_L2PTR HW_BITS(55, 12)

/* Context descriptor (5.4). */
struct smmu_cd {
    uint64_t word[8];
};
#define CD0_T0SZ    HW_BITS(5, 0)
#define CD0_TG0     HW_BITS(7, 6)
#define CD0_IR0     HW_BITS(9, 8)
#define CD0_OR0     HW_BITS(11, 10)
#define CD0_SH0     HW_BITS(13, 12)
#define CD0_EPD0    HW_BIT(14)
#define CD0_EPD1    HW_BIT(30)
#define CD0_V       HW_BIT(31)
#define CD0_IPS     HW_BITS(34, 32)
#define CD0_AA64    HW_BIT(41)
#define CD0_HD      HW_BIT(42)
#define CD0_HA      HW_BIT(43)
#define CD0_S       HW_BIT(44)
#define CD0_R       HW_BIT(45)
#define CD0_A       HW_BIT(46)
#define CD0_ASET    HW_BIT(47)
#define CD0_ASID    HW_BITS(63, 48)
#define CD1_TTB0    HW_BITS(51, 4)
#define CD1_PNCH    HW_BIT(58)
#define CD1_SKL0    HW_BITS(63, 62)
#define CD5_PARTID  HW_BITS(47, 32)
#define CD5_PMG     HW_BITS(55, 48)
#define CD_TG0_4K   0
#define CD_CACHE_WB 1

/* Shareability, wherever it has two bits. */
#define SH_INNER 3

/* Device Permission Table (3.24.3, 6.3.47, 6.3.48) */
#define DPT_CFG_PS          HW_BITS(2, 0)
#define DPT_CFG_PS_40       2
#define DPT_CFG_L0SZ        HW_BITS(23, 20)
#define DPT_CFG_L0SZ_1G     0
#define DPT_FAR_FAULT       HW_BIT(0)
#define DPT_FAR_LEVEL       HW_BIT(1)
#define DPT_FAR_CODE        HW_BITS(7, 4)
#define DPT_FAR_CODE_WALK   1
#define DPT_FAR_ADDRESS     HW_BITS(55, 12)
#define DPT_L0_TABLE        3
#define DPT_L1_LOWER        HW_BIT(0)
#define DPT_L1_UPPER        HW_BIT(1)
#define DPT_L1_LOWER_W      HW_BIT(4)
#define DPT_L1_LOWER_VMID   HW_BITS(31, 16)
#define DPT_L1_UPPER_W      HW_BIT(36)
#define DPT_L1_UPPER_VMID   HW_BITS(63, 48)
#define DPT_L1_LOWER_FIELDS (DPT_L1_LOWER | HW_BITS(4, 2) | DPT_L1_LOWER_VMID)
#define DPT_L1_UPPER_FIELDS (DPT_L1_UPPER | HW_BITS(36, 34) | DPT_L1_UPPER_VMID)

/* Commands (chapter 4): two 64-bit words. */
struct smmu_command {
    uint64_t word[2];
};
#define CMD_OPCODE         HW_BITS(7, 0)
#define CMD_CFGI_STE       0x03
#define CMD_CFGI_STE_RANGE 0x04
#define CMD_CFGI_CD        0x05
#define CMD_CFGI_CD_ALL    0x06
#define CMD_CFGI_VMS_PIDM  0x07
#define CMD_TLBI_NH_ALL    0x10
#define CMD_TLBI_NH_ASID   0x11
#define CMD_TLBI_NH_VA     0x12
#define CMD_TLBI_S12_VMALL 0x28
#define CMD_TLBI_S2_IPA    0x2a
#define CMD_TLBI_NSNH_ALL  0x30
#define CMD_ATC_INV        0x40
#define CMD_PRI_RESP       0x41
#define CMD_RESUME         0x44
#define CMD_STALL_TERM     0x45
#define CMD_SYNC           0x46
#define CMD_DPTI_ALL       0x70
#define CMD_DPTI_PA        0x73
#define CMD0_CFGI_SID      HW_BITS(63, 32)
#define CMD0_CFGI_SSID     HW_BITS(31, 12)
#define CMD1_CFGI_LEAF     HW_BIT(0)
#define CMD1_CFGI_RANGE    HW_BITS(4, 0)
#define CFGI_RANGE_ALL     31
#define CMD0_TLBI_VMID     HW_BITS(47, 32)
#define CMD0_TLBI_ASID     HW_BITS(63, 48)
#define CMD0_TLBI_SCALE    HW_BITS(24, 20)
#define CMD1_TLBI_LEAF     HW_BIT(0)
#define CMD1_TLBI_TG       HW_BITS(11, 10)
#define CMD_TLBI_TG_4K     1
#define CMD1_TLBI_ADDRESS  HW_BITS(63, 12)
#define CMD0_ATS_SSV       HW_BIT(11) /* of CMD_ATC_INV and CMD_PRI_RESP */
#define CMD0_ATS_SSID      HW_BITS(31, 12)
#define CMD0_ATS_SID       HW_BITS(63, 32)
#define CMD1_ATC_SIZE      HW_BITS(5, 0) /* log2 of the pages */
#define ATC_SIZE_ALL       52
#define CMD1_ATC_ADDRESS   HW_BITS(63, 12)
#define CMD1_DPTI_LEAF     HW_BIT(0)
#define CMD1_DPTI_SIZE     HW_BITS(11, 8)
#define CMD1_DPTI_ADDRESS  HW_BITS(63, 12)
#define CMD1_PRI_PRGI      HW_BITS(8, 0)
#define CMD1_PRI_RESP      HW_BITS(13, 12)
#define CMD0_SYNC_CS       HW_BITS(13, 12)
#define SYNC_SIG_NONE      0
#define SYNC_SIG_IRQ       1
#define SYNC_SIG_SEV       2
#define CMD0_SYNC_MSH      HW_BITS(23, 22)
#define CMD0_SYNC_MSIATTR  HW_BITS(27, 24)
#define CMD0_SYNC_MSIDATA  HW_BITS(63, 32)
#define CMD1_SYNC_MSIADDR  HW_BITS(55, 2)
#define CMD0_RESUME_AC     HW_BIT(12) /* retry */
#define CMD0_RESUME_AB     HW_BIT(13) /* terminate with an abort */
#define CMD0_RESUME_SID    HW_BITS(63, 32)
#define CMD1_RESUME_STAG   HW_BITS(15, 0)

/* Page requests (chapter 8): two 64-bit words. */
#define PRI0_STREAMID    HW_BITS(31, 0)
#define PRI0_SUBSTREAMID HW_BITS(51, 32)
#define PRI0_READ        HW_BIT(60)
#define PRI0_WRITE       HW_BIT(61)
#define PRI0_LAST        HW_BIT(62)
#define PRI0_SSV         HW_BIT(63)
#define PRI1_PRGI        HW_BITS(8, 0)
#define PRI1_ADDRESS     HW_BITS(63, 12)
#define PRIQ_OVERFLOW    HW_BIT(31)

/* Event records (7.3): four 64-bit words. */
struct smmu_event_record {
    uint64_t word[4];
};
#define EVENT0_TYPE        HW_BITS(7, 0)
#define EVENT0_SSV         HW_BIT(11)
#define EVENT0_SUBSTREAMID HW_BITS(31, 12)
#define EVENT0_STREAMID    HW_BITS(63, 32)
#define EVENT1_STAG        HW_BITS(15, 0)
#define EVENT1_STALL       HW_BIT(31)
#define EVENT1_PNU         HW_BIT(33)
#define EVENT1_IND         HW_BIT(34)
#define EVENT1_RNW         HW_BIT(35)
#define EVENT1_S2          HW_BIT(39)
#define EVENT1_CLASS       HW_BITS(41, 40)
#define EVENT1_TTRNW       HW_BIT(44)
#define EVENT1_TREQ_SPAN   HW_BITS(3, 0)   /* F_BAD_ATS_TREQ */
#define EVENT1_TREQ_RIGHTS HW_BITS(31, 28) /* R, W, X, PRIV from the highest */
#define EVENT2_TREQ_PAGE   HW_BITS(63, 12)
#define EVENT3_IPA         HW_BITS(55, 12)
#define EVENT3_FETCHADDR   HW_BITS(55, 3)

#define EVENT_C_BAD_STREAMID     0x02
#define EVENT_F_STE_FETCH        0x03
#define EVENT_C_BAD_STE          0x04
#define EVENT_F_BAD_ATS_TREQ     0x05
#define EVENT_F_STREAM_DISABLED  0x06
#define EVENT_F_TRANSL_FORBIDDEN 0x07
#define EVENT_C_BAD_SUBSTREAMID  0x08
#define EVENT_F_CD_FETCH         0x09
#define EVENT_C_BAD_CD           0x0a
#define EVENT_F_WALK_EABT        0x0b
#define EVENT_F_TRANSLATION      0x10
#define EVENT_F_ADDR_SIZE        0x11
#define EVENT_F_ACCESS           0x12
#define EVENT_F_PERMISSION       0x13

#define TREQ_RIGHT_PRIV 1
#define TREQ_RIGHT_X    2
#define TREQ_RIGHT_W    4
#define TREQ_RIGHT_R    8

#define EVENT_CLASS_CD 0
#define EVENT_CLASS_TT 1
#define EVENT_CLASS_IN 2

/* Stage 1 translation table descriptors, VMSAv8-64 with the 4 KiB granule (DDI 0487 D8.3). */
#define PTE_TABLE     3UL
#define PTE_BLOCK     1UL
#define PTE_PAGE      3UL
#define PTE_ATTRINDX  HW_BITS(4, 2)
#define PTE_AP_USER   HW_BIT(6)
#define PTE_AP_RDONLY HW_BIT(7)
#define PTE_SH        HW_BITS(9, 8)
#define PTE_AF        HW_BIT(10)
#define PTE_NG        HW_BIT(11)
#define PTE_ADDRESS   HW_BITS(47, 12)
#define PTE_DBM       HW_BIT(51)

/* Stage 2 descriptors differ in their attributes. */
#define PTE_S2_MEMATTR   HW_BITS(5, 2)
#define PTE_S2_NORMAL_WB 0xf
#define PTE_S2_READ      HW_BIT(6)
#define PTE_S2_WRITE     HW_BIT(7)

#endif
