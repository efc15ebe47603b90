/* SPDX-License-Identifier: Apache-2.0 */
/* A GICv3 as a C library: distributor, redistributors and CPU interfaces (Arm IHI 0069).
 *
 * One Security state (GICD_CTLR.DS is RAO/WI), affinity routing only, SGIs, PPIs, SPIs and LPIs,
 * which come from an ITS (gic/its.h). Priorities have 5 bits, INTIDs 16. */
#ifndef GIC_GIC_H
#define GIC_GIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GIC_MAX_PES     512u
#define GIC_MAX_SPIS    988u
#define GIC_PPIS        16u
#define GIC_FIRST_LPI   8192u
#define GIC_DIST_SIZE   0x10000u /* bytes of the distributor frame */
#define GIC_REDIST_SIZE 0x20000u /* bytes of the redistributor frame, per PE */

typedef struct gic gic;

struct gic_config {
    unsigned pes;  /* 1 to GIC_MAX_PES */
    unsigned spis; /* 1 to GIC_MAX_SPIS: SPI n is INTID 32 + n */
    bool lpis;     /* there are LPIs: GICD_TYPER.LPIS, GICR_TYPER.PLPIS */
    /* Affinity of each PE in the layout of MPIDR_EL1, which must agree: Aff0 (0 to 15, so that
     * target lists of SGIs reach every PE) and Aff1, no two the same. Copied. NULL: PE p has Aff0
     * p % 16 and Aff1 p / 16. */
    const uint32_t *affinities;
};

/* The host; copied. */
struct gic_ops {
    struct vp_bus bus;     /* to the LPI tables, as stream 0; unused without LPIs */
    struct vp_wires wires; /* the interrupt outputs */
};

/* Interrupt outputs of PE p: vp_wires line p * GIC_LINES + one of these. The maintenance interrupt
 * of the virtual CPU interface is to be wired to a PPI; the last is the redistributor's
 * WakeRequest, for who controls the power of a PE (IHI 0069 chapter 10). */
enum gic_line {
    GIC_IRQ,
    GIC_FIQ,
    GIC_VIRQ,
    GIC_VFIQ,
    GIC_MAINTENANCE,
    GIC_WAKE_REQUEST,
    GIC_LINES
};

/* Build a GIC in reset; the wires are driven whenever an output changes, from inside the call that
 * caused it, and all outputs are low at first. Returns NULL and one line in `err` (at most
 * `err_size` bytes) if the configuration is bad. The caller owns the result. */
gic *gic_create(const struct gic_config *config, const struct gic_ops *ops, char *err,
                size_t err_size);
void gic_destroy(gic *g); /* NULL is fine */

unsigned gic_pes(const gic *g); /* how many PEs there are */

/* Wake the redistributor of PE `pe` before software runs, as firmware does for what it starts
 * (GICR_WAKER.ProcessorSleep, IHI 0069 12.11.44). */
void gic_wake(gic *g, unsigned pe);

/* Register frames; the device is the gic. The redistributor frame has GIC_REDIST_SIZE bytes for
 * each PE in turn (RD_base, then SGI_base). Sizes a register does not support and unaligned
 * accesses end with VP_SLVERR, accesses past the frame with VP_DECERR; reserved registers are
 * RAZ/WI. A write to GICR_CTLR may block: it reads or writes the LPI pending table. */
extern const struct vp_frame gic_dist_frame;
extern const struct vp_frame gic_redist_frame;

/* Levels of the interrupt inputs. `spi` counts from 0 (INTID 32), `ppi` from 0 to 15 (INTID 16). */
void gic_set_spi(gic *g, unsigned spi, bool level);
void gic_set_ppi(gic *g, unsigned pe, unsigned ppi, bool level);

/* Actions of an ITS on LPI `intid` of PE `pe` (below gic_pes()). LPIs that the redistributor has
 * not enabled, or that GICR_PROPBASER.IDbits leaves out, are ignored. Configurations are read from
 * memory when they are first needed, and kept: these functions may block. */
void gic_lpi_set(gic *g, unsigned pe, uint32_t intid);   /* becomes pending */
void gic_lpi_clear(gic *g, unsigned pe, uint32_t intid); /* is no longer pending */
/* The pending state of one LPI, of all LPIs, goes to another PE. */
void gic_lpi_move(gic *g, unsigned from, unsigned to, uint32_t intid);
void gic_lpi_move_all(gic *g, unsigned from, unsigned to);
/* The configuration of one LPI, of all LPIs, is read from memory again. */
void gic_lpi_invalidate(gic *g, unsigned pe, uint32_t intid);
void gic_lpi_invalidate_all(gic *g, unsigned pe);

/* ICC_*_EL1, ICC_SRE_EL2 and ICH_*_EL2 system registers of PE `pe`, in the form of struct
 * vp_gic_cpuif
 * (`dev` is the gic). The virtual CPU interface has 4 list registers and 5 bits of priority.
 * Reading an IAR acknowledges. Return false if the register cannot be accessed that way. */
bool gic_cpuif_read(void *dev, unsigned pe, uint32_t reg, uint64_t *value);
bool gic_cpuif_write(void *dev, unsigned pe, uint32_t reg, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
