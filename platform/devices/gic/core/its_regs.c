/* SPDX-License-Identifier: Apache-2.0 */
/* The register frame of an ITS: the control page and the translation page (IHI 0069 12.18). */
#include "gic_priv.h"
#include "its_priv.h"

#define CTLR_ENABLED   (1u << 0)
#define CTLR_QUIESCENT (1u << 31)

#define TYPER_PHYSICAL       UINT64_C(1)
#define TYPER_ENTRY_SIZE(n)  (((n)-1) << 4)
#define TYPER_EVENT_BITS(n)  (((n)-1) << 8)
#define TYPER_DEVICE_BITS(n) (((n)-1) << 13)

#define CBASER_WRITABLE UINT64_C(0xb8effffffffffcff)
#define OFFSET_MASK     UINT64_C(0xfffe0) /* of GITS_CWRITER and GITS_CREADR */
#define CWRITER_RETRY   UINT64_C(1)

#define BASER_WRITABLE       UINT64_C(0xf8e0ffffffffffff)
#define BASER_PAGE_SIZE      (UINT64_C(3) << 8)
#define BASER_PAGE_16K       (UINT64_C(1) << 8)
#define BASER_TYPE(n)        ((uint64_t)(n) << 56)
#define BASER_ENTRY_SIZE(n)  ((uint64_t)((n)-1) << 48)
#define BASER_ADDR_BELOW_16K UINT64_C(0x3000)
#define TYPE_DEVICES         1u
#define TYPE_COLLECTIONS     4u

static struct its *its_of(const void *dev)
{
    return ((const struct its_requester *)dev)->its;
}

static uint64_t get_ctlr(const void *dev)
{
    const struct its *i = its_of(dev);

    return (i->enabled ? CTLR_ENABLED : 0) | (its_quiescent(i) ? CTLR_QUIESCENT : 0);
}

static void set_ctlr(void *dev, uint64_t value)
{
    struct its *i = its_of(dev);

    i->enabled = value & CTLR_ENABLED;
    its_ring(i);
}

static uint64_t get_cbaser(const void *dev)
{
    return its_of(dev)->cbaser;
}

/* Writes of GITS_CBASER and GITS_BASER<n> are UNPREDICTABLE unless the ITS is disabled and
 * quiescent: ignored. */
static bool is_quiescent(const void *dev)
{
    return its_quiescent(its_of(dev));
}

static void set_cbaser(void *dev, uint64_t value)
{
    struct its *i = its_of(dev);

    i->cbaser = value & CBASER_WRITABLE;
    i->creadr = 0;
    i->stalled = false;
}

static uint64_t get_cwriter(const void *dev)
{
    return its_of(dev)->cwriter;
}

static void set_cwriter(void *dev, uint64_t value)
{
    struct its *i = its_of(dev);

    i->cwriter = value & OFFSET_MASK;
    if (value & CWRITER_RETRY)
        i->stalled = false;
    its_ring(i);
}

static uint64_t get_creadr(const void *dev)
{
    return its_of(dev)->creadr | its_of(dev)->stalled;
}

/* GITS_BASER2 to GITS_BASER7 are RES0. */
static uint64_t get_baser(const void *dev, unsigned table)
{
    static const uint64_t types[ITS_TABLES] = {
        [ITS_DEVICES] = BASER_TYPE(TYPE_DEVICES),
        [ITS_COLLECTIONS] = BASER_TYPE(TYPE_COLLECTIONS),
    };

    if (table >= ITS_TABLES)
        return 0;
    return its_of(dev)->baser[table] | types[table] | BASER_ENTRY_SIZE(ITS_ENTRY_SIZE);
}

/* Page_Size 3 is treated as 2; address bits below a page of 16 KiB are RES0, below one of 64 KiB
 * they are part of the address. */
static void set_baser(void *dev, unsigned table, uint64_t value)
{
    if (table >= ITS_TABLES)
        return;
    value &= BASER_WRITABLE;
    if ((value & BASER_PAGE_SIZE) == BASER_PAGE_SIZE)
        value = (value & ~BASER_PAGE_SIZE) | ITS_PAGE_64K;
    if ((value & BASER_PAGE_SIZE) == BASER_PAGE_16K)
        value &= ~BASER_ADDR_BELOW_16K;
    its_of(dev)->baser[table] = value;
}

static void set_translater(void *dev, uint64_t value)
{
    const struct its_requester *from = dev;

    its_message(from->its, from->device_id, (uint32_t)value);
}

/* CIL, HCC and PTA of GITS_TYPER are 0: collections of 16 bits, all in memory, that name PEs by
 * number. The identification registers are those of every frame of the GIC. */
static const struct vp_reg rows[] = {
    {"GITS_CTLR", 0x0000, 4, .get = get_ctlr, .set = set_ctlr},
    {"GITS_IIDR", 0x0004, 4, .value = GIC_IIDR},
    {"GITS_TYPER", 0x0008, 8, 4 | 8,
     .value = TYPER_PHYSICAL | TYPER_ENTRY_SIZE(ITS_ENTRY_SIZE) | TYPER_EVENT_BITS(ITS_EVENT_BITS) |
              TYPER_DEVICE_BITS(ITS_DEVICE_BITS)},
    {"GITS_CBASER", 0x0080, 8, 4 | 8, .get = get_cbaser, .set = set_cbaser, .guard = is_quiescent},
    {"GITS_CWRITER", 0x0088, 8, 4 | 8, .get = get_cwriter, .set = set_cwriter},
    {"GITS_CREADR", 0x0090, 8, 4 | 8, .get = get_creadr},
    {"GITS_BASER", 0x0100, 8, 4 | 8, .count = 8, .get_nth = get_baser, .set_nth = set_baser,
     .guard = is_quiescent},
    GIC_ID_ROWS("GITS"),
    {"GITS_TRANSLATER", 0x10040, 4, 2 | 4, .set = set_translater},
};

static const struct vp_regs regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = ITS_SIZE,
    .sizes = 4,
    .align = 4, /* an EventID of 16 bits is not in the upper half of GITS_TRANSLATER */
};

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    return vp_regs_read(&regs, dev, offset, size, value);
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    return vp_regs_write(&regs, dev, offset, size, value);
}

static const char *frame_name(uint64_t offset)
{
    return vp_regs_name(&regs, offset);
}

const struct vp_frame its_frame = {.read = frame_read, .write = frame_write, .name = frame_name};
