/* SPDX-License-Identifier: Apache-2.0 */
/* The register frame of an ITS: the control page and the translation page (IHI 0069 12.18). */
#include "gic_priv.h"
#include "its_priv.h"
#include "vp/regpart.h"

#define TRANSLATION_PAGE 0x10000u
#define GITS_TRANSLATER  (TRANSLATION_PAGE + 0x40)

#define CTLR_ENABLED   (1u << 0)
#define CTLR_QUIESCENT (1u << 31)

#define TYPER_PHYSICAL       UINT64_C(1)
#define TYPER_ENTRY_SIZE(n)  ((uint64_t)((n)-1) << 4)
#define TYPER_EVENT_BITS(n)  ((uint64_t)((n)-1) << 8)
#define TYPER_DEVICE_BITS(n) ((uint64_t)((n)-1) << 13)

#define CBASER_WRITABLE UINT64_C(0xB8EFFFFFFFFFFCFF)
#define OFFSET_MASK     UINT64_C(0xFFFE0) /* of GITS_CWRITER and GITS_CREADR */
#define CWRITER_RETRY   UINT64_C(1)

#define BASER_WRITABLE       UINT64_C(0xF8E0FFFFFFFFFFFF)
#define BASER_PAGE_SIZE      (UINT64_C(3) << 8)
#define BASER_PAGE_16K       (UINT64_C(1) << 8)
#define BASER_PAGE_64K       (UINT64_C(2) << 8)
#define BASER_TYPE(n)        ((uint64_t)(n) << 56)
#define BASER_ENTRY_SIZE(n)  ((uint64_t)((n)-1) << 48)
#define BASER_ADDR_BELOW_16K UINT64_C(0x3000)
#define TYPE_DEVICES         1u
#define TYPE_COLLECTIONS     4u

/* --- 32 bits --- */

static uint32_t get_ctlr(const struct its *i)
{
    return (i->enabled ? CTLR_ENABLED : 0) | (its_quiescent(i) ? CTLR_QUIESCENT : 0);
}

static void set_ctlr(struct its *i, uint32_t value)
{
    i->enabled = value & CTLR_ENABLED;
    its_ring(i);
}

/* The identification registers are those of every frame of the GIC. */
static const struct gic_row id_rows[] = {{.offset = 0x0004, .value = GIC_IIDR}, GIC_ID_ROWS};
#define ID_ROW_COUNT (sizeof(id_rows) / sizeof(*id_rows))

/* --- 64 bits, accessed as a whole or by halves --- */

/* CIL, HCC and PTA are 0: collections of 16 bits, all in memory, that name PEs by number. */
static uint64_t get_typer(const struct its *i)
{
    (void)i;
    return TYPER_PHYSICAL | TYPER_ENTRY_SIZE(ITS_ENTRY_SIZE) | TYPER_EVENT_BITS(ITS_EVENT_BITS) |
           TYPER_DEVICE_BITS(ITS_DEVICE_BITS);
}

static uint64_t get_cbaser(const struct its *i)
{
    return i->cbaser;
}

/* Writes of GITS_CBASER and GITS_BASER<n> are UNPREDICTABLE unless the ITS is disabled and
 * quiescent: ignored. */
static void set_cbaser(struct its *i, uint64_t value)
{
    if (!its_quiescent(i))
        return;
    i->cbaser = value & CBASER_WRITABLE;
    i->creadr = 0;
    i->stalled = false;
}

static uint64_t get_cwriter(const struct its *i)
{
    return i->cwriter;
}

static void set_cwriter(struct its *i, uint64_t value)
{
    i->cwriter = value & OFFSET_MASK;
    if (value & CWRITER_RETRY)
        i->stalled = false;
    its_ring(i);
}

static uint64_t get_creadr(const struct its *i)
{
    return i->creadr | i->stalled;
}

static uint64_t get_devices(const struct its *i)
{
    return i->baser[ITS_DEVICES] | BASER_TYPE(TYPE_DEVICES) | BASER_ENTRY_SIZE(ITS_ENTRY_SIZE);
}

static uint64_t get_collections(const struct its *i)
{
    return i->baser[ITS_COLLECTIONS] | BASER_TYPE(TYPE_COLLECTIONS) |
           BASER_ENTRY_SIZE(ITS_ENTRY_SIZE);
}

/* Page_Size 3 is treated as 2; address bits below a page of 16 KiB are RES0, below one of 64 KiB
 * they are part of the address. */
static uint64_t checked_baser(uint64_t value)
{
    value &= BASER_WRITABLE;
    if ((value & BASER_PAGE_SIZE) == BASER_PAGE_SIZE)
        value = (value & ~BASER_PAGE_SIZE) | BASER_PAGE_64K;
    if ((value & BASER_PAGE_SIZE) == BASER_PAGE_16K)
        value &= ~BASER_ADDR_BELOW_16K;
    return value;
}

static void set_devices(struct its *i, uint64_t value)
{
    if (its_quiescent(i))
        i->baser[ITS_DEVICES] = checked_baser(value);
}

static void set_collections(struct its *i, uint64_t value)
{
    if (its_quiescent(i))
        i->baser[ITS_COLLECTIONS] = checked_baser(value);
}

static const struct wide_row {
    uint32_t offset;
    uint64_t (*get)(const struct its *i);
    void (*set)(struct its *i, uint64_t value);
} wide_rows[] = {
    {0x0008, get_typer, NULL},                  /* GITS_TYPER */
    {0x0080, get_cbaser, set_cbaser},           /* GITS_CBASER */
    {0x0088, get_cwriter, set_cwriter},         /* GITS_CWRITER */
    {0x0090, get_creadr, NULL},                 /* GITS_CREADR */
    {0x0100, get_devices, set_devices},         /* GITS_BASER0 */
    {0x0108, get_collections, set_collections}, /* GITS_BASER1 */
};

static const struct wide_row *find_wide(uint32_t at)
{
    for (size_t n = 0; n < sizeof(wide_rows) / sizeof(*wide_rows); n++)
        if (wide_rows[n].offset == (at & ~7u))
            return &wide_rows[n];
    return NULL;
}

/* GITS_BASER2 to GITS_BASER7 are RES0, in both sizes. */
static bool takes_64_bits(uint32_t at)
{
    return find_wide(at) || (at >= 0x0110 && at < 0x0140);
}

/* --- The frame --- */

static enum vp_status check(uint64_t offset, unsigned size)
{
    if (offset >= ITS_SIZE)
        return VP_DECERR;
    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    if (offset == GITS_TRANSLATER)
        return size == 2 || size == 4 ? VP_OK : VP_SLVERR;
    return size == 4 || (size == 8 && takes_64_bits((uint32_t)offset)) ? VP_OK : VP_SLVERR;
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    const struct its_requester *from = dev;
    enum vp_status status = check(offset, size);
    const struct wide_row *wide = find_wide((uint32_t)offset);

    *value = 0;
    if (status != VP_OK)
        return status;
    if (wide)
        *value = vp_reg_part(wide->get(from->its), offset, size);
    else if (offset == 0)
        *value = get_ctlr(from->its);
    else
        *value = gic_row_read(id_rows, ID_ROW_COUNT, NULL, 0, (uint32_t)offset);
    return VP_OK;
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    const struct its_requester *from = dev;
    enum vp_status status = check(offset, size);
    const struct wide_row *wide = find_wide((uint32_t)offset);

    if (status != VP_OK)
        return status;
    if (offset == GITS_TRANSLATER)
        its_message(from->its, from->device_id, (uint32_t)(value & vp_reg_mask(size)));
    else if (offset == 0)
        set_ctlr(from->its, (uint32_t)value);
    else if (wide && wide->set)
        wide->set(from->its, vp_reg_merge(wide->get(from->its), offset, size, value));
    return VP_OK;
}

const struct vp_frame its_frame = {.read = frame_read, .write = frame_write};
