/* SPDX-License-Identifier: Apache-2.0 */
/* GICv3: Non-secure Group 1 interrupts through the system register interface. */
#ifndef LIB_GIC_H
#define LIB_GIC_H

#include <stdbool.h>
#include <stdint.h>

#define GIC_SPI(n) (32U + (n))   /* INTID of a shared peripheral interrupt */
#define GIC_LPI(n) (8192U + (n)) /* INTID of a message of the ITS (its.h) */
#define GIC_LPIS   64U           /* how many of them can have handlers */

enum gic_trigger { GIC_LEVEL, GIC_EDGE };

/* Called with interrupts masked, between acknowledge and end of interrupt. */
typedef void gic_handler(void *context);

/* Bring up distributor, redistributor and CPU interface; unmask interrupts at the PE. */
void gic_init(void);

/* Bring up what this PE has of its own: for every PE but the first. */
void gic_init_cpu(void);

/* Route `intid` (an SGI, a PPI or an SPI) to this PE, call `handler(context)` for it, and enable
 * it. */
void gic_enable(unsigned intid, enum gic_trigger trigger, gic_handler *handler, void *context);

/* Call `handler(context)` for `intid`, which is enabled elsewhere. */
void gic_handle(unsigned intid, gic_handler *handler, void *context);

/* Send software generated interrupt `intid` (0 to 15) to this PE. */
void gic_send_sgi(unsigned intid);

/* Send it to the PEs of cluster 0 whose Aff0 is a bit of `cpus`, or to all PEs but this one. */
void gic_send_sgi_to(unsigned intid, unsigned cpus);
void gic_send_sgi_to_others(unsigned intid);

/* Acknowledge and serve what is pending; called from the vectors. */
void gic_dispatch(void);

/* Keep interrupts from this PE, and let them come again. */
void gic_mask(void);
void gic_unmask(void);

/* Interrupts acknowledged that had no handler. */
unsigned gic_unexpected(void);

/* Sleep until `*counter` reaches `goal`; a handler advances it. */
void gic_sleep_until(const volatile uint32_t *counter, uint32_t goal);

#endif
