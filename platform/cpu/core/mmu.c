/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1 translation table walks of the EL1&0 regime in the order of DDI 0487 D8.2 to D8.4. */
#include "mmu.h"

#include "exception.h"
#include "phys.h"

enum { MIN_TSZ = 16, MAX_TSZ = 39 };

/* TCR_EL1, for the half of the address space that TTBR0 or TTBR1 translates. */
struct half {
    uint64_t ttbr;
    unsigned tsz;
    unsigned granule; /* log2 of the granule size */
    bool disabled;
    bool tbi;
};

/* Permissions that table descriptors take away from everything below them. */
struct table_limits {
    bool no_el0, read_only, uxn, pxn;
};

static unsigned bits(uint64_t value, unsigned low, unsigned width)
{
    return (unsigned)(value >> low & ((UINT64_C(1) << width) - 1));
}

/* Reserved granule encodings are taken as 4 KiB. */
static unsigned granule_tg0(unsigned tg)
{
    return tg == 1 ? 16 : tg == 2 ? 14 : 12;
}

static unsigned granule_tg1(unsigned tg)
{
    return tg == 3 ? 16 : tg == 1 ? 14 : 12;
}

static struct half select_half(const struct a64_cpu *c, bool upper)
{
    uint64_t tcr = c->sysreg[SR_TCR_EL1];
    struct half h;
    if (upper)
        h = (struct half){c->sysreg[SR_TTBR1_EL1], bits(tcr, 16, 6), granule_tg1(bits(tcr, 30, 2)),
                          bits(tcr, 23, 1), bits(tcr, 38, 1)};
    else
        h = (struct half){c->sysreg[SR_TTBR0_EL1], bits(tcr, 0, 6), granule_tg0(bits(tcr, 14, 2)),
                          bits(tcr, 7, 1), bits(tcr, 37, 1)};
    h.tsz = h.tsz < MIN_TSZ ? MIN_TSZ : h.tsz > MAX_TSZ ? MAX_TSZ : h.tsz;
    return h;
}

uint64_t mmu_untag(const struct a64_cpu *c, uint64_t va)
{
    bool upper = va >> 55 & 1;
    if (!(c->sysreg[SR_TCR_EL1] >> (upper ? 38 : 37) & 1))
        return va;
    return (uint64_t)((int64_t)(va << 8) >> 8);
}

uint16_t mmu_cut_asid(const struct a64_cpu *c, uint64_t asid)
{
    bool wide = c->sysreg[SR_TCR_EL1] >> 36 & 1;
    return (uint16_t)(wide ? asid & 0xffff : asid & 0xff);
}

uint16_t mmu_asid(const struct a64_cpu *c)
{
    bool a1 = c->sysreg[SR_TCR_EL1] >> 22 & 1;
    return mmu_cut_asid(c, c->sysreg[a1 ? SR_TTBR1_EL1 : SR_TTBR0_EL1] >> 48);
}

/* Output addresses are limited by TCR_EL1.IPS and by what the PE implements. */
static unsigned output_bits(const struct a64_cpu *c)
{
    static const uint8_t ips_bits[8] = {32, 36, 40, 42, 44, 48, 48, 48};
    unsigned ips = ips_bits[bits(c->sysreg[SR_TCR_EL1], 32, 3)];
    return ips < c->config.pa_bits ? ips : c->config.pa_bits;
}

static bool walk_off(const struct a64_cpu *c, uint64_t va, struct a64_translation *t, unsigned *fsc)
{
    if (va >> c->config.pa_bits) {
        *fsc = FSC_ADDRESS_SIZE;
        return false;
    }
    *t = (struct a64_translation){.pa = va,
                                  .log2 = TLB_PAGE_SHIFT,
                                  .sh = 2,
                                  .global = true,
                                  .device = true,
                                  .read = {true, true},
                                  .write = {true, true},
                                  .exec = {true, true}};
    return true;
}

static void set_permissions(const struct a64_cpu *c, uint64_t desc,
                            const struct table_limits *limits, struct a64_translation *t)
{
    bool wxn = c->sysreg[SR_SCTLR_EL1] >> 19 & 1;
    bool el0 = bits(desc, 6, 1) && !limits->no_el0;
    bool writable = !bits(desc, 7, 1) && !limits->read_only;
    t->read[0] = el0;
    t->read[1] = true;
    t->write[0] = el0 && writable;
    t->write[1] = writable;
    t->exec[0] = !(bits(desc, 54, 1) || limits->uxn) && !(wxn && t->write[0]);
    t->exec[1] = !(bits(desc, 53, 1) || limits->pxn) && !t->write[0] && !(wxn && t->write[1]);
}

static void set_leaf(const struct a64_cpu *c, uint64_t va, uint64_t desc, unsigned log2,
                     struct a64_translation *t)
{
    uint64_t offset = (UINT64_C(1) << log2) - 1;
    t->pa = (desc & UINT64_C(0x0000ffffffffffff) & ~offset) | (va & offset);
    t->log2 = (uint8_t)log2;
    t->attr = (uint8_t)(c->sysreg[SR_MAIR_EL1] >> (8 * bits(desc, 2, 3)));
    t->sh = (uint8_t)bits(desc, 8, 2);
    t->device = (t->attr & 0xf0) == 0;
    t->global = !bits(desc, 11, 1);
}

/* Blocks exist at level 2 of every granule and at level 1 of the 4 KiB granule (D8.3.1). */
static bool block_allowed(unsigned level, unsigned granule)
{
    return level == 2 || (level == 1 && granule == 12);
}

static bool fault(unsigned *fsc, unsigned code, unsigned level)
{
    *fsc = code + level;
    return false;
}

/* How a walk reads a descriptor; false: external abort. */
typedef bool read_descriptor(struct a64_cpu *c, uint64_t pa, uint64_t *desc);

static bool read_by_bus(struct a64_cpu *c, uint64_t pa, uint64_t *desc)
{
    return phys_read(c, pa, 8, desc);
}

static bool read_by_peek(struct a64_cpu *c, uint64_t pa, uint64_t *desc)
{
    return phys_peek(c, pa, 8, desc);
}

static bool walk_tables(struct a64_cpu *c, uint64_t va, const struct half *h, read_descriptor *read,
                        struct a64_translation *t, unsigned *fsc)
{
    unsigned input = 64 - h->tsz, stride = h->granule - 3, out = output_bits(c);
    unsigned level = 4 - (input - h->granule + stride - 1) / stride;
    unsigned low = h->granule + (3 - level) * stride;
    unsigned base_low = input - low + 3; /* a table is aligned to its size */
    uint64_t table = (h->ttbr & UINT64_C(0x0000ffffffffffff)) >> base_low << base_low;
    struct table_limits limits = {false, false, false, false};

    if (table >> out)
        return fault(fsc, FSC_ADDRESS_SIZE, 0);
    for (unsigned top = input;; level++, top = low, low -= stride) {
        uint64_t desc;
        if (!read(c, table + ((uint64_t)bits(va, low, top - low) << 3), &desc))
            return fault(fsc, FSC_WALK_ABORT, level);
        bool table_or_page = desc & 2;
        if (!(desc & 1) || (level == 3 && !table_or_page) ||
            (level < 3 && !table_or_page && !block_allowed(level, h->granule)))
            return fault(fsc, FSC_TRANSLATION, level);
        uint64_t output = (desc & UINT64_C(0x0000ffffffffffff)) >> h->granule << h->granule;
        if (output >> out)
            return fault(fsc, FSC_ADDRESS_SIZE, level);
        if (level < 3 && table_or_page) {
            limits.no_el0 |= bits(desc, 61, 1);
            limits.read_only |= bits(desc, 62, 1);
            limits.uxn |= bits(desc, 60, 1);
            limits.pxn |= bits(desc, 59, 1);
            table = output;
            continue;
        }
        if (!bits(desc, 10, 1))
            return fault(fsc, FSC_ACCESS_FLAG, level);
        t->level = (uint8_t)level;
        set_leaf(c, va, desc, low, t);
        set_permissions(c, desc, &limits, t);
        return true;
    }
}

static bool walk(struct a64_cpu *c, uint64_t va, read_descriptor *read, struct a64_translation *t,
                 unsigned *fsc)
{
    if (!mmu_enabled(c))
        return walk_off(c, va, t, fsc);
    bool upper = va >> 55 & 1;
    struct half h = select_half(c, upper);
    uint64_t above = (uint64_t)((int64_t)va >> (64 - h.tsz));
    if (above != (upper ? ~UINT64_C(0) : 0) || h.disabled)
        return fault(fsc, FSC_TRANSLATION, 0);
    return walk_tables(c, va, &h, read, t, fsc);
}

bool mmu_walk(struct a64_cpu *c, uint64_t va, struct a64_translation *t, unsigned *fsc)
{
    c->stats.table_walks += mmu_enabled(c);
    return walk(c, va, read_by_bus, t, fsc);
}

bool mmu_peek(const struct a64_cpu *c, uint64_t va, struct a64_translation *t)
{
    unsigned fsc;
    /* Peeking changes nothing, but shares its code with what does. */
    return walk((struct a64_cpu *)c, va, read_by_peek, t, &fsc);
}

int mmu_check(const struct a64_translation *t, const struct a64_request *r)
{
    if (t->device && r->misaligned)
        return FSC_ALIGNMENT;
    bool permitted = true;
    switch (r->access) {
    case ACCESS_READ:
        permitted = t->read[r->el];
        break;
    case ACCESS_WRITE:
        permitted = t->write[r->el];
        break;
    case ACCESS_EXEC:
        permitted = t->exec[r->el];
        break;
    case ACCESS_MAINTENANCE:
        permitted = r->el == 1 || t->read[0];
        break;
    }
    return permitted ? -1 : FSC_PERMISSION + t->level;
}

const struct a64_tlb_entry *mmu_translate(struct a64_cpu *c, const struct a64_request *r,
                                          unsigned *fsc)
{
    uint64_t va = mmu_untag(c, r->va);
    const struct a64_tlb_entry *e = tlb_find(c, r->el, va);
    if (!e) {
        struct a64_translation t;
        c->stats.tlb_misses++;
        pmu_count(c, r->access == ACCESS_EXEC ? PMU_L1I_TLB_REFILL : PMU_L1D_TLB_REFILL);
        if (!mmu_walk(c, va, &t, fsc))
            return NULL;
        e = tlb_fill(c, r->el, va, &t);
    }
    int failed = mmu_check(&e->t, r);
    if (failed < 0)
        return e;
    *fsc = (unsigned)failed;
    return NULL;
}
