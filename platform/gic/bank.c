/* SPDX-License-Identifier: Apache-2.0 */
/* The registers that hold a bit, a byte or a field per interrupt: the same in GICD and GICR. */
#include "gic_priv.h"
#include "vp/regpart.h"

uint32_t gic_bank_pending(const struct gic_bank *bank)
{
    return bank->latch | (bank->line & ~bank->edge);
}

void gic_bank_input(struct gic_bank *bank, unsigned n, bool level)
{
    uint32_t bit = UINT32_C(1) << n;

    if (level && !(bank->line & bit))
        bank->latch |= bank->edge & bit;
    bank->line = level ? bank->line | bit : bank->line & ~bit;
}

/* One register array: `stride` bytes for each bank of 32 interrupts, starting with INTID 0. `at` is
 * the byte inside the bank's share, `size` 4 or (where `bytes`) 1. */
struct field {
    uint32_t first;
    unsigned stride;
    bool bytes;
    uint32_t (*get)(const struct gic_bank *bank, unsigned at, unsigned size);
    void (*set)(struct gic_bank *bank, unsigned at, unsigned size, uint32_t value);
};

#define WORD(name, read, on_write)                                                                 \
    static uint32_t get_##name(const struct gic_bank *bank, unsigned at, unsigned size)            \
    {                                                                                              \
        (void)at, (void)size;                                                                      \
        return read;                                                                               \
    }                                                                                              \
    static void set_##name(struct gic_bank *bank, unsigned at, unsigned size, uint32_t value)      \
    {                                                                                              \
        (void)at, (void)size;                                                                      \
        value &= bank->exists;                                                                     \
        on_write;                                                                                  \
    }

WORD(igroup, bank->group, bank->group = value)
WORD(isenable, bank->enabled, bank->enabled |= value)
WORD(icenable, bank->enabled, bank->enabled &= ~value)
WORD(ispend, gic_bank_pending(bank), bank->latch |= value)
WORD(icpend, gic_bank_pending(bank), bank->latch &= ~value)
WORD(isactive, bank->active, bank->active |= value)
WORD(icactive, bank->active, bank->active &= ~value)

static uint32_t get_priority(const struct gic_bank *bank, unsigned at, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)bank->priority[at + i] << (8 * i);
    return value;
}

static void set_priority(struct gic_bank *bank, unsigned at, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++)
        if (bank->exists >> (at + i) & 1)
            bank->priority[at + i] = (value >> (8 * i)) & GIC_PRIORITY_MASK;
}

/* ICFGR: bit 1 of an interrupt's two bits says edge-triggered; `at` selects 16 interrupts. */
static uint32_t get_config(const struct gic_bank *bank, unsigned at, unsigned size)
{
    uint32_t value = 0;

    (void)size;
    for (unsigned i = 0; i < 16; i++)
        value |= (bank->edge >> (at * 4 + i) & 1) << (2 * i + 1);
    return value;
}

static void set_config(struct gic_bank *bank, unsigned at, unsigned size, uint32_t value)
{
    uint32_t writable = bank->exists & ~bank->fixed & UINT32_C(0xFFFF) << (at * 4);
    uint32_t edge = 0;

    (void)size;
    for (unsigned i = 0; i < 16; i++)
        edge |= (value >> (2 * i + 1) & 1) << (at * 4 + i);
    bank->edge = (bank->edge & ~writable) | (edge & writable);
}

/* ITARGETSR has no storage: affinity routing is always on (IHI 0069 12.9, GICD_ITARGETSR<n>). */
static const struct field fields[] = {
    {0x080, 4, false, get_igroup, set_igroup},
    {0x100, 4, false, get_isenable, set_isenable},
    {0x180, 4, false, get_icenable, set_icenable},
    {0x200, 4, false, get_ispend, set_ispend},
    {0x280, 4, false, get_icpend, set_icpend},
    {0x300, 4, false, get_isactive, set_isactive},
    {0x380, 4, false, get_icactive, set_icactive},
    {0x400, 32, true, get_priority, set_priority},
    {0x800, 32, true, NULL, NULL},
    {0xC00, 8, false, get_config, set_config},
};

static const struct field *find(uint32_t offset)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        if (offset - fields[i].first < fields[i].stride * GIC_PER_BANK)
            return &fields[i];
    return NULL;
}

bool gic_bank_covers(uint32_t offset)
{
    return find(offset) != NULL;
}

static bool size_supported(const struct field *field, unsigned size)
{
    return size == 4 || (size == 1 && field->bytes);
}

/* The bank that answers at `offset`, or NULL where the field is RAZ/WI. */
static struct gic_bank *bank_at(struct gic_span span, const struct field *field, uint32_t offset)
{
    unsigned index = (offset - field->first) / field->stride - span.first;

    return field->get && index < span.count ? &span.banks[index] : NULL;
}

enum vp_status gic_bank_read(struct gic_span span, uint32_t offset, unsigned size, uint64_t *value)
{
    const struct field *field = find(offset);
    const struct gic_bank *bank;

    if (!size_supported(field, size))
        return VP_SLVERR;
    bank = bank_at(span, field, offset);
    *value = bank ? field->get(bank, (offset - field->first) % field->stride, size) : 0;
    return VP_OK;
}

enum vp_status gic_bank_write(struct gic_span span, uint32_t offset, unsigned size, uint64_t value)
{
    const struct field *field = find(offset);
    struct gic_bank *bank;

    if (!size_supported(field, size))
        return VP_SLVERR;
    bank = bank_at(span, field, offset);
    if (bank)
        field->set(bank, (offset - field->first) % field->stride, size, (uint32_t)value);
    return VP_OK;
}
