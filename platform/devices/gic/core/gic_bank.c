/* SPDX-License-Identifier: Apache-2.0 */
/* The registers that hold a bit, a byte or a field per interrupt: the same in GICD and GICR. */
#include "gic_priv.h"

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

/* --- Registers --- */

#define FIRST_OFFSET 0x080u
#define END_OFFSET   0xd00u

/* The bank with register `index` of those that have `each` registers for a bank; NULL where there
 * is none. */
static struct gic_bank *bank_of(const struct gic_span *span, unsigned index, unsigned each)
{
    unsigned bank = index / each - span->first;

    return bank < span->count ? &span->banks[bank] : NULL;
}

#define WORD(name, read, on_write)                                                                 \
    static uint64_t get_##name(const void *dev, unsigned index)                                    \
    {                                                                                              \
        const struct gic_bank *bank = bank_of(dev, index, 1);                                      \
                                                                                                   \
        return bank ? (read) : 0;                                                                  \
    }                                                                                              \
    static void set_##name(void *dev, unsigned index, uint64_t written)                            \
    {                                                                                              \
        struct gic_bank *bank = bank_of(dev, index, 1);                                            \
        uint32_t value;                                                                            \
                                                                                                   \
        if (!bank)                                                                                 \
            return;                                                                                \
        value = (uint32_t)written & bank->exists;                                                  \
        on_write;                                                                                  \
    }

WORD(igroup, bank->group, bank->group = value)
WORD(isenable, bank->enabled, bank->enabled |= value)
WORD(icenable, bank->enabled, bank->enabled &= ~value)
WORD(ispend, gic_bank_pending(bank), bank->latch |= value)
WORD(icpend, gic_bank_pending(bank), bank->latch &= ~value)
WORD(isactive, bank->active, bank->active |= value)
WORD(icactive, bank->active, bank->active &= ~value)

#define PRIORITIES 4u /* of a register */

static uint64_t get_priority(const void *dev, unsigned index)
{
    const struct gic_bank *bank = bank_of(dev, index, GIC_PER_BANK / PRIORITIES);
    unsigned first = index * PRIORITIES % GIC_PER_BANK;
    uint64_t value = 0;

    for (unsigned i = 0; bank && i < PRIORITIES; i++)
        value |= (uint64_t)bank->priority[first + i] << (8 * i);
    return value;
}

static void set_priority(void *dev, unsigned index, uint64_t value)
{
    struct gic_bank *bank = bank_of(dev, index, GIC_PER_BANK / PRIORITIES);
    unsigned first = index * PRIORITIES % GIC_PER_BANK;

    for (unsigned i = 0; bank && i < PRIORITIES; i++)
        if (bank->exists >> (first + i) & 1)
            bank->priority[first + i] = (value >> (8 * i)) & GIC_PRIORITY_MASK;
}

/* ICFGR: bit 1 of an interrupt's two bits says edge-triggered; a register has 16 interrupts. */
#define CONFIGS 16u

static uint64_t get_config(const void *dev, unsigned index)
{
    const struct gic_bank *bank = bank_of(dev, index, GIC_PER_BANK / CONFIGS);
    unsigned first = index * CONFIGS % GIC_PER_BANK;
    uint64_t value = 0;

    for (unsigned i = 0; bank && i < CONFIGS; i++)
        value |= (uint64_t)(bank->edge >> (first + i) & 1) << (2 * i + 1);
    return value;
}

static void set_config(void *dev, unsigned index, uint64_t value)
{
    struct gic_bank *bank = bank_of(dev, index, GIC_PER_BANK / CONFIGS);
    unsigned first = index * CONFIGS % GIC_PER_BANK;
    uint32_t edge = 0;

    if (!bank)
        return;
    uint32_t writable = bank->exists & ~bank->fixed & UINT32_C(0xffff) << first;
    for (unsigned i = 0; i < CONFIGS; i++)
        edge |= (uint32_t)(value >> (2 * i + 1) & 1) << (first + i);
    bank->edge = (bank->edge & ~writable) | (edge & writable);
}

/* ITARGETSR has no storage: affinity routing is always on (IHI 0069 12.9, GICD_ITARGETSR<n>). */
static const struct vp_reg rows[] = {
    {"IGROUPR", FIRST_OFFSET, 4, .count = 32, .get_nth = get_igroup, .set_nth = set_igroup},
    {"ISENABLER", 0x100, 4, .count = 32, .get_nth = get_isenable, .set_nth = set_isenable},
    {"ICENABLER", 0x180, 4, .count = 32, .get_nth = get_icenable, .set_nth = set_icenable},
    {"ISPENDR", 0x200, 4, .count = 32, .get_nth = get_ispend, .set_nth = set_ispend},
    {"ICPENDR", 0x280, 4, .count = 32, .get_nth = get_icpend, .set_nth = set_icpend},
    {"ISACTIVER", 0x300, 4, .count = 32, .get_nth = get_isactive, .set_nth = set_isactive},
    {"ICACTIVER", 0x380, 4, .count = 32, .get_nth = get_icactive, .set_nth = set_icactive},
    {"IPRIORITYR", 0x400, 4, 1 | 4, .count = 256, .get_nth = get_priority, .set_nth = set_priority},
    {"ITARGETSR", 0x800, 4, 1 | 4, .count = 256},
    {"ICFGR", 0xc00, 4, .count = 64, .get_nth = get_config, .set_nth = set_config},
};

const struct vp_regs gic_bank_regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = END_OFFSET,
    .sizes = 4,
};

bool gic_bank_covers(uint64_t offset)
{
    return offset >= FIRST_OFFSET && offset < END_OFFSET;
}
