/* SPDX-License-Identifier: Apache-2.0 */
/* ITS driver (IHI 0069 chapter 5): a two-level device table, one collection, a queue of a page. */
#include "its.h"

#include "gic.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "tap.h"
#include "wait.h"

#define GICR_CTLR             (PLATFORM_GICR_BASE + 0x0000)
#define GICR_TYPER            (PLATFORM_GICR_BASE + 0x0008)
#define GICR_PROPBASER        (PLATFORM_GICR_BASE + 0x0070)
#define GICR_PENDBASER        (PLATFORM_GICR_BASE + 0x0078)
#define GICR_CTLR_ENABLE_LPIS (1U << 0)
#define GICR_CTLR_CES         (1U << 1)
#define GICR_CTLR_RWP         (1U << 3)
#define GICR_PENDBASER_PTZ    (1UL << 62)

#define GITS_CTLR    (PLATFORM_ITS_BASE + 0x0000)
#define GITS_TYPER   (PLATFORM_ITS_BASE + 0x0008)
#define GITS_CBASER  (PLATFORM_ITS_BASE + 0x0080)
#define GITS_CWRITER (PLATFORM_ITS_BASE + 0x0088)
#define GITS_CREADR  (PLATFORM_ITS_BASE + 0x0090)
#define GITS_BASER0  (PLATFORM_ITS_BASE + 0x0100)
#define GITS_BASERS  8U
#define GITS_PIDR2   (PLATFORM_ITS_BASE + 0xffe8)

#define GITS_CTLR_ENABLED    1U
#define GITS_CREADR_STALLED  1UL
#define GITS_CWRITER_RETRY   1UL
#define GITS_BASER_TYPE(reg) ((reg) >> 56 & 7)
#define TYPE_DEVICES         1U
#define TYPE_COLLECTIONS     4U
#define INDIRECT             (1UL << 62)
#define VALID                (1UL << 63)
#define WRITE_BACK           (7UL << 59 | 1UL << 10) /* InnerCache and Inner Shareable */
#define WRITE_BACK_LPI       (7UL << 7 | 1UL << 10)

#define INTID_BITS   16U
#define CONFIG_SIZE  0x10000UL
#define PENDING_SIZE 0x10000UL /* also its alignment */
#define QUEUE_SIZE   PAGE_SIZE
#define COMMAND_SIZE 32U

#define OP_INT     0x03UL
#define OP_CLEAR   0x04UL
#define OP_SYNC    0x05UL
#define OP_MAPD    0x08UL
#define OP_MAPC    0x09UL
#define OP_MAPTI   0x0aUL
#define OP_INV     0x0cUL
#define OP_DISCARD 0x0fUL

static struct {
    volatile uint8_t *config;
    volatile uint8_t *pending;
    uint64_t *devices; /* level 1: a page of pointers to pages of entries */
    uint64_t device_entry_size;
    uint64_t event_entry_size;
    uint64_t pe; /* Processor_Number, as commands want it */
    volatile uint64_t *queue;
    uint64_t tail; /* bytes */
} its;

/* --- Redistributor --- */

bool its_can_disable_lpis(void)
{
    return read32(GICR_CTLR) & GICR_CTLR_CES;
}

void its_enable_lpis(bool enable)
{
    uint32_t others = read32(GICR_CTLR) & ~GICR_CTLR_ENABLE_LPIS;

    dsb();
    write32(GICR_CTLR, others | (enable ? GICR_CTLR_ENABLE_LPIS : 0));
    if (!wait_until(!(read32(GICR_CTLR) & GICR_CTLR_RWP)))
        tap_bail_out("GICR_CTLR.RWP stays set");
}

void its_configure(unsigned intid, uint8_t priority, bool enabled)
{
    its.config[intid - GIC_LPI(0)] = (uint8_t)(priority | (enabled ? 1 : 0));
    dsb();
}

bool its_is_pending_in_memory(unsigned intid)
{
    return its.pending[intid / 8] >> intid % 8 & 1;
}

static void redistributor_init(void)
{
    its.config = pages_alloc(CONFIG_SIZE, PAGE_SIZE);
    its.pending = pages_alloc(PENDING_SIZE, PENDING_SIZE);
    its.pe = read64(GICR_TYPER) >> 8 & 0xffff;
    write64(GICR_PROPBASER, (uintptr_t)its.config | WRITE_BACK_LPI | (INTID_BITS - 1));
    write64(GICR_PENDBASER, (uintptr_t)its.pending | WRITE_BACK_LPI | GICR_PENDBASER_PTZ);
    its_enable_lpis(true);
}

/* --- Queue --- */

static bool finished(void)
{
    uint64_t creadr = read64(GITS_CREADR);

    return creadr == its.tail || creadr & GITS_CREADR_STALLED;
}

static bool announce(uint64_t retry)
{
    dsb(); /* the command is in memory before the ITS is told */
    write64(GITS_CWRITER, its.tail | retry);
    return wait_until(finished()) && read64(GITS_CREADR) == its.tail;
}

static void put(uint64_t at, uint64_t word0, uint64_t word1, uint64_t word2)
{
    volatile uint64_t *command = its.queue + at / sizeof(uint64_t);

    command[0] = word0;
    command[1] = word1;
    command[2] = word2;
    command[3] = 0;
}

static bool perform(uint64_t word0, uint64_t word1, uint64_t word2)
{
    put(its.tail, word0, word1, word2);
    its.tail = (its.tail + COMMAND_SIZE) % QUEUE_SIZE;
    return announce(0);
}

bool its_stalled(void)
{
    return read64(GITS_CREADR) & GITS_CREADR_STALLED;
}

bool its_recover(void)
{
    put(read64(GITS_CREADR) & ~GITS_CREADR_STALLED, OP_SYNC, 0, its.pe << 16);
    return announce(GITS_CWRITER_RETRY);
}

/* --- Commands --- */

/* The page of the device table that holds `device` must be there. */
static void provide_entry(uint32_t device)
{
    uint64_t *level1 = &its.devices[device / (PAGE_SIZE / its.device_entry_size)];

    if (!*level1)
        *level1 = (uintptr_t)pages_alloc(PAGE_SIZE, PAGE_SIZE) | VALID;
    dsb();
}

bool its_map_device(uint32_t device)
{
    void *itt = pages_alloc(ITS_EVENTS * its.event_entry_size, PAGE_SIZE);

    provide_entry(device);
    return perform(OP_MAPD | (uint64_t)device << 32, (uint64_t)__builtin_ctz(ITS_EVENTS) - 1,
                   (uintptr_t)itt | VALID);
}

bool its_map_event(uint32_t device, uint32_t event, unsigned intid)
{
    return perform(OP_MAPTI | (uint64_t)device << 32, (uint64_t)intid << 32 | event,
                   ITS_COLLECTION);
}

static bool perform_on(uint64_t opcode, uint32_t device, uint32_t event)
{
    return perform(opcode | (uint64_t)device << 32, event, 0);
}

bool its_discard(uint32_t device, uint32_t event)
{
    return perform_on(OP_DISCARD, device, event);
}

bool its_interrupt(uint32_t device, uint32_t event)
{
    return perform_on(OP_INT, device, event);
}

bool its_clear(uint32_t device, uint32_t event)
{
    return perform_on(OP_CLEAR, device, event);
}

bool its_invalidate(uint32_t device, uint32_t event)
{
    return perform_on(OP_INV, device, event);
}

/* --- Start --- */

/* Pages of 4 KiB: Page_Size and Size are 0. */
static void provide_table(uintptr_t baser)
{
    uint64_t reg = read64(baser);
    void *page;

    if (GITS_BASER_TYPE(reg) != TYPE_DEVICES && GITS_BASER_TYPE(reg) != TYPE_COLLECTIONS)
        return;
    page = pages_alloc(PAGE_SIZE, PAGE_SIZE);
    if (GITS_BASER_TYPE(reg) == TYPE_DEVICES) {
        its.devices = page;
        its.device_entry_size = (reg >> 48 & 0x1f) + 1;
    }
    write64(baser, (uintptr_t)page | WRITE_BACK | VALID |
                       (GITS_BASER_TYPE(reg) == TYPE_DEVICES ? INDIRECT : 0));
}

void its_init(void)
{
    if ((read32(GITS_PIDR2) >> 4 & 0xf) != 3)
        tap_bail_out("there is no ITS");
    redistributor_init();
    its.event_entry_size = (read64(GITS_TYPER) >> 4 & 0xf) + 1;
    for (unsigned i = 0; i < GITS_BASERS; i++)
        provide_table(GITS_BASER0 + 8UL * i);
    its.queue = pages_alloc(QUEUE_SIZE, PAGE_SIZE);
    write64(GITS_CBASER, (uintptr_t)its.queue | WRITE_BACK | VALID);
    write64(GITS_CWRITER, 0);
    write32(GITS_CTLR, GITS_CTLR_ENABLED);
    if (!perform(OP_MAPC, 0, ITS_COLLECTION | its.pe << 16 | VALID))
        tap_bail_out("the ITS does not take its first command");
}

uintptr_t its_doorbell(void)
{
    return PLATFORM_ITS_BASE + 0x10040;
}
