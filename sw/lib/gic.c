/* SPDX-License-Identifier: Apache-2.0 */
/* GICv3 driver (IHI 0069): affinity routing on, everything in Group 1. */
#include "gic.h"

#include <stddef.h>

#include "io.h"
#include "platform.h"
#include "tap.h"
#include "wait.h"

#define INTIDS           256U
#define INTID_FIRST_SPI  32U
#define INTID_SPECIAL    1020U /* to 1023: nothing to acknowledge */
#define PRIORITY_DEFAULT 0xa0U

#define GICD_CTLR         (PLATFORM_GICD_BASE + 0x0000)
#define GICD_IROUTER(n)   (PLATFORM_GICD_BASE + 0x6000 + 8UL * (n))
#define GICD_CTLR_GRP1    (1U << 1)
#define GICD_CTLR_ARE     (1U << 4)
#define GICD_CTLR_RWP     (1U << 31)
#define GICR_WAKER        0x0014 /* offsets in the redistributor of a CPU */
#define GICR_SGI_FRAME    0x10000
#define GICR_WAKER_SLEEP  (1U << 1)
#define GICR_WAKER_ASLEEP (1U << 2)

/* Register banks, at the same offsets in the distributor and in the redistributor's SGI frame. */
#define GIC_IGROUPR(n)    (0x0080 + 4UL * ((n) / 32))
#define GIC_ISENABLER(n)  (0x0100 + 4UL * ((n) / 32))
#define GIC_IPRIORITYR(n) (0x0400 + 1UL * (n))
#define GIC_ICFGR(n)      (0x0c00 + 4UL * ((n) / 16))

#define ICC_PMR_EL1     S3_0_C4_C6_0
#define ICC_IAR1_EL1    S3_0_C12_C12_0
#define ICC_EOIR1_EL1   S3_0_C12_C12_1
#define ICC_BPR1_EL1    S3_0_C12_C12_3
#define ICC_SRE_EL1     S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define ICC_SGI1R_EL1   S3_0_C12_C11_5

#define ICC_SGI1R_ALL_OTHERS (1UL << 40)

static struct service {
    gic_handler *handler;
    void *context;
} services[INTIDS], lpi_services[GIC_LPIS];

static unsigned unexpected;

/* The redistributor of this CPU. They lie in the order of Aff0. */
static uintptr_t redistributor(void)
{
    return PLATFORM_GICR_BASE + (read_sysreg(mpidr_el1) & 0xff) * PLATFORM_GICR_STRIDE;
}

void gic_unmask(void)
{
    __asm__ volatile("msr daifclr, #2\n\tisb" ::: "memory");
}

void gic_mask(void)
{
    __asm__ volatile("msr daifset, #2\n\tisb" ::: "memory");
}

/* Who serves an interrupt; NULL if nobody can. */
static struct service *service_of(unsigned intid)
{
    if (intid >= GIC_LPI(0))
        return intid < GIC_LPI(GIC_LPIS) ? &lpi_services[intid - GIC_LPI(0)] : NULL;
    return intid < INTIDS ? &services[intid] : NULL;
}

static void distributor_init(void)
{
    write32(GICD_CTLR, GICD_CTLR_ARE);
    if (!wait_until(!(read32(GICD_CTLR) & GICD_CTLR_RWP)))
        tap_bail_out("GICD_CTLR.RWP stays set");
    write32(GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP1);
    if (!wait_until(!(read32(GICD_CTLR) & GICD_CTLR_RWP)))
        tap_bail_out("GICD_CTLR.RWP stays set");
}

static void redistributor_init(void)
{
    uintptr_t waker = redistributor() + GICR_WAKER;

    write32(waker, read32(waker) & ~GICR_WAKER_SLEEP);
    if (!wait_until(!(read32(waker) & GICR_WAKER_ASLEEP)))
        tap_bail_out("the redistributor does not wake up");
}

static void cpu_interface_init(void)
{
    write_sysreg(ICC_SRE_EL1, 1);
    isb();
    write_sysreg(ICC_PMR_EL1, 0xff);
    write_sysreg(ICC_BPR1_EL1, 0);
    write_sysreg(ICC_IGRPEN1_EL1, 1);
    isb();
}

void gic_init(void)
{
    distributor_init();
    gic_init_cpu();
}

void gic_init_cpu(void)
{
    redistributor_init();
    cpu_interface_init();
    gic_unmask();
}

static void set_trigger(uintptr_t frame, unsigned intid, enum gic_trigger trigger)
{
    uintptr_t reg = frame + GIC_ICFGR(intid);
    uint32_t edge = 2U << (2 * (intid % 16));

    write32(reg, (read32(reg) & ~edge) | (trigger == GIC_EDGE ? edge : 0));
}

void gic_handle(unsigned intid, gic_handler *handler, void *context)
{
    struct service *service = service_of(intid);

    service->handler = handler;
    service->context = context;
    dsb(); /* in place before the interrupt can come */
}

void gic_enable(unsigned intid, enum gic_trigger trigger, gic_handler *handler, void *context)
{
    bool shared = intid >= INTID_FIRST_SPI;
    uintptr_t frame = shared ? PLATFORM_GICD_BASE : redistributor() + GICR_SGI_FRAME;
    uint32_t bit = 1U << (intid % 32);

    gic_handle(intid, handler, context);
    if (shared) {
        set_trigger(frame, intid, trigger);
        write64(GICD_IROUTER(intid), read_sysreg(mpidr_el1) & 0xff00ffffffUL);
    }
    write32(frame + GIC_IGROUPR(intid), read32(frame + GIC_IGROUPR(intid)) | bit);
    write8(frame + GIC_IPRIORITYR(intid), PRIORITY_DEFAULT);
    write32(frame + GIC_ISENABLER(intid), bit);
}

void gic_send_sgi(unsigned intid)
{
    uint64_t affinity = read_sysreg(mpidr_el1);
    uint64_t cluster =
        (affinity & 0xff00) << 8 | (affinity & 0xff0000) << 16 | (affinity & 0xff00000000) << 16;

    dsb();
    write_sysreg(ICC_SGI1R_EL1, cluster | (uint64_t)intid << 24 | 1UL << (affinity & 0xf));
    isb();
}

void gic_send_sgi_to(unsigned intid, unsigned cpus)
{
    dsb(); /* what the handler will look at is there */
    write_sysreg(ICC_SGI1R_EL1, (uint64_t)intid << 24 | cpus);
    isb();
}

void gic_send_sgi_to_others(unsigned intid)
{
    dsb();
    write_sysreg(ICC_SGI1R_EL1, ICC_SGI1R_ALL_OTHERS | (uint64_t)intid << 24);
    isb();
}

void gic_dispatch(void)
{
    for (;;) {
        unsigned intid = read_sysreg(ICC_IAR1_EL1) & 0xffffff;

        dsb(); /* the acknowledge takes effect before the handler looks at the device */
        if (intid >= INTID_SPECIAL && intid < GIC_LPI(0))
            return;
        struct service *service = service_of(intid);
        if (service && service->handler)
            service->handler(service->context);
        else
            unexpected++;
        dsb(); /* a level the handler took away is gone before the interrupt ends */
        write_sysreg(ICC_EOIR1_EL1, intid);
        isb();
    }
}

unsigned gic_unexpected(void)
{
    return unexpected;
}

void gic_sleep_until(const volatile uint32_t *counter, uint32_t goal)
{
    /* Masked, so that an interrupt cannot slip in between the test and the sleep; a pending one
     * ends the sleep all the same. */
    gic_mask();
    while (*counter < goal) {
        wfi();
        gic_unmask();
        gic_mask();
    }
    gic_unmask();
}
