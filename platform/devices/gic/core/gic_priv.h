/* SPDX-License-Identifier: Apache-2.0 */
/* State of the GIC, shared by its files and by nobody else. */
#ifndef GIC_PRIV_H
#define GIC_PRIV_H

#include "gic/gic.h"
#include "vp/regs.h"

#define GIC_PRIORITY_MASK 0xf8u /* 5 implemented bits (IHI 0069 4.8) */
#define GIC_IDLE_PRIORITY 0xffu
#define GIC_SPURIOUS      1023u
#define GIC_PER_BANK      32u
#define GIC_SPI_BANKS     31u

/* GICD_CTLR, the view of a GIC with one Security state (IHI 0069 12.9). */
#define GICD_CTLR_ENABLE_GRPS 0x3u /* bit n enables group n */
#define GICD_CTLR_ARE         (1u << 4)
#define GICD_CTLR_DS          (1u << 6)

/* GICR_CTLR.DPG0 and DPG1NS: this PE takes no 1-of-N interrupt of group 0, of group 1. */
#define GICR_CTLR_DPG(group) (1u << (24 + (group)))

/* The state of 32 interrupts with consecutive INTIDs, one bit each. */
struct gic_bank {
    uint32_t exists;
    uint32_t group; /* 1: group 1 */
    uint32_t enabled;
    uint32_t latch; /* pending by an edge or by software; acknowledging clears it */
    uint32_t line;  /* level of the input */
    uint32_t edge;  /* edge-triggered */
    uint32_t fixed; /* trigger mode cannot be changed (SGIs) */
    uint32_t active;
    uint8_t priority[GIC_PER_BANK];
};

/* Registers of a physical or virtual CPU interface that are not derived from anything; index =
 * group.
 */
struct gic_cpuif {
    uint8_t pmr;
    uint8_t bpr[2];
    bool cbpr;       /* ICC_CTLR_EL1.CBPR */
    bool eoimode;    /* ICC_CTLR_EL1.EOImode */
    uint8_t igrpen;  /* bit n: ICC_IGRPENn_EL1.Enable */
    uint32_t apr[2]; /* ICC_APnR0_EL1 */
};

#define GIC_LIST_REGISTERS 4u

/* EL2's part of the virtual CPU interface, and its guest's. */
struct gic_vcpuif {
    uint32_t hcr; /* ICH_HCR_EL2 */
    struct gic_cpuif cpu;
    uint64_t lr[GIC_LIST_REGISTERS]; /* ICH_LR<n>_EL2 */
};

/* A PE's share: its redistributor with SGIs, PPIs and LPIs, its CPU interfaces, its outputs. */
struct gic_pe {
    struct gic *gic;
    uint32_t affinity;     /* Aff1 and Aff0, as in MPIDR_EL1 */
    struct gic_bank own;   /* INTIDs 0 to 31 */
    uint32_t ctlr;         /* GICR_CTLR: the DPG bits */
    struct gic_lpis *lpis; /* NULL if there are none */
    bool asleep;           /* GICR_WAKER.ProcessorSleep, and ChildrenAsleep at once */
    struct gic_cpuif cpu;
    struct gic_vcpuif virt;
    bool out[GIC_LINES];
};

struct gic {
    struct vp_bus bus;
    struct vp_wires wires;
    unsigned pes;
    unsigned spis;
    unsigned spi_banks; /* in use */
    uint32_t ctlr;      /* GICD_CTLR: the group enables */
    struct gic_bank spi[GIC_SPI_BANKS];
    uint64_t router[GIC_SPI_BANKS * GIC_PER_BANK]; /* GICD_IROUTER<32 + n> */
    struct gic_pe *pe;
};

/* GICD_IIDR or GICR_IIDR, and the rows of the identification registers every frame has. */
#define GIC_IIDR 0x0000043bu
#define GIC_ID_ROWS(frame)                                                                         \
    {frame "_PIDR4", 0xffd0, 4, .value = 0x04}, {frame "_PIDR0", 0xffe0, 4, .value = 0x92},        \
        {frame "_PIDR1", 0xffe4, 4, .value = 0xb4}, {frame "_PIDR2", 0xffe8, 4, .value = 0x3b},    \
        {frame "_CIDR0", 0xfff0, 4, .value = 0x0d}, {frame "_CIDR1", 0xfff4, 4, .value = 0xf0},    \
        {frame "_CIDR2", 0xfff8, 4, .value = 0x05},                                                \
    {                                                                                              \
        frame "_CIDR3", 0xfffc, 4, .value = 0xb1                                                   \
    }

/* gic_bank.c: the registers with a bit or a field per interrupt, at the offsets they have in the
 * distributor; the device is a struct gic_span. Its `banks` are `count` banks whose first holds
 * INTID 32 * `first`; INTIDs outside of them are RAZ/WI. */
struct gic_span {
    struct gic_bank *banks;
    unsigned first;
    unsigned count;
};
extern const struct vp_regs gic_bank_regs;
bool gic_bank_covers(uint64_t offset);

/* gic_bank.c: the pending state of 32 interrupts, and a change of one input. */
uint32_t gic_bank_pending(const struct gic_bank *bank);
void gic_bank_input(struct gic_bank *bank, unsigned n, bool level);

/* gic.c: the bank of an INTID as PE `pe` sees it; NULL if there is no such interrupt, or an LPI. */
struct gic_bank *gic_bank_of(struct gic *g, unsigned pe, uint64_t intid);

/* gic_arbiter.c */
struct gic_candidate {
    uint32_t intid; /* GIC_SPURIOUS: none */
    uint8_t priority;
    uint8_t group;
};
/* The highest priority pending interrupt of a PE among enabled groups (IHI 0069 4.6). */
struct gic_candidate gic_highest_pending(const struct gic *g, unsigned pe);
/* Drive the outputs for physical interrupts after any change of state. */
void gic_update(struct gic *g);
void gic_drive(struct gic *g, unsigned pe, enum gic_line line, bool level);

/* gic_cpuif.c: an interrupt is no longer active. */
void gic_deactivate(struct gic *g, unsigned pe, uint64_t intid);

/* gic_cpuif_regs.c */
#define GIC_ICC(crn, crm, op2) (3u << 14 | (crn) << 7 | (crm) << 3 | (op2)) /* ICC_*_EL1 */
#define GIC_ICH(crm, op2)      (GIC_ICC(12u, crm, op2) | 4u << 11) /* ICC_*_EL2, ICH_*_EL2 */
/* Whether the mask and the running priority let `c` be signalled (IHI 0069 4.8). */
bool gic_may_signal(const struct gic_cpuif *cpu, const struct gic_candidate *c);
/* The priority of `c`, which has been acknowledged, becomes the running one. */
void gic_raise_priority(struct gic_cpuif *cpu, const struct gic_candidate *c);
bool gic_drop_priority(struct gic_cpuif *cpu, unsigned group);
bool gic_is_special(uint64_t intid);
/* A register that is about the interface alone; false if it has no such, or not that way. */
bool gic_cpuif_get(const struct gic_cpuif *cpu, uint32_t reg, uint64_t *value);
bool gic_cpuif_set(struct gic_cpuif *cpu, uint32_t reg, uint64_t value);

/* gic_vcpuif.c: ICH_*_EL2, and ICV_*_EL1, whose numbers have GIC_VIRTUAL added. */
#define GIC_VIRTUAL (UINT32_C(1) << 16)
bool gic_vcpuif_has(uint32_t reg);
bool gic_vcpuif_read(struct gic *g, unsigned pe, uint32_t reg, uint64_t *value);
bool gic_vcpuif_write(struct gic *g, unsigned pe, uint32_t reg, uint64_t value);

#endif
