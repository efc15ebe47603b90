/* SPDX-License-Identifier: Apache-2.0 */
/* The LPI state of a PE, inside the GIC; what an ITS asks for is in gic/gic.h. */
#ifndef GIC_LPI_H
#define GIC_LPI_H

#include "gic_minset.h"
#include "gic_priv.h"

#define GIC_END_LPI 0x10000u /* one past the last INTID */
#define GIC_LPIS    (GIC_END_LPI - GIC_FIRST_LPI)

#define GICR_PROPBASER_ID_BITS  UINT64_C(0x1f)
#define GICR_PROPBASER_ADDR     UINT64_C(0x000ffffffffff000)
#define GICR_PROPBASER_WRITABLE UINT64_C(0x070fffffffffff9f)
#define GICR_PENDBASER_ADDR     UINT64_C(0x000fffffffff0000)
#define GICR_PENDBASER_PTZ      (UINT64_C(1) << 62)
#define GICR_PENDBASER_WRITABLE UINT64_C(0x470fffffffff0f80)

struct gic_lpis {
    uint64_t propbaser;
    uint64_t pendbaser;  /* with PTZ, which reads as 0 */
    bool enabled;        /* GICR_CTLR.EnableLPIs */
    bool busy;           /* GICR_CTLR.RWP: the pending table is being read or written */
    uint32_t end;        /* LPIs below are in reach; 0 while disabled */
    unsigned epoch;      /* advances whenever a cached configuration may have become stale */
    struct minset ready; /* those that may be signalled, by priority, then INTID */
    uint64_t pending[GIC_LPIS / 64];
    uint64_t cached[GIC_LPIS / 64]; /* config[] is known */
    uint8_t config[GIC_LPIS];       /* as in the configuration table */
};

/* A write of GICR_CTLR.EnableLPIs: reads the pending table, or writes it back. May block. Ignored
 * while `busy`. The caller drives the outputs. */
void gic_lpi_enable(struct gic *g, unsigned pe, bool on);

/* The LPI to signal first; false if there is none. */
bool gic_lpi_first(const struct gic_lpis *lpis, uint32_t *intid, uint8_t *priority);

/* An LPI has no active state: acknowledging it ends it (IHI 0069 4.1). */
void gic_lpi_acknowledge(struct gic_lpis *lpis, uint32_t intid);

#endif
