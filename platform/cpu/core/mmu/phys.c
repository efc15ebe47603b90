/* SPDX-License-Identifier: Apache-2.0 */
/* Physical memory accesses and the list of host memory windows. */
#include "mmu/phys.h"

#include <string.h>

#include "mmu/block.h"
#include "pmu/pmu.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "guest memory is accessed as it lies");

static const struct a64_dmi *find_window(const struct a64_cpu *c, uint64_t pa)
{
    for (unsigned i = 0; i < c->dmi_count; i++)
        if (pa >= c->dmi[i].first && pa <= c->dmi[i].last)
            return &c->dmi[i];
    return NULL;
}

/* A window is of use only if it holds whole pages: the TLB serves pages from it. */
static const struct a64_dmi *ask_for_window(struct a64_cpu *c, uint64_t pa)
{
    struct a64_dmi window;
    uint64_t page = pa & TLB_PAGE_MASK;
    if (!c->ops.dmi || !c->ops.dmi(c->user, pa, &window))
        return NULL;
    if (page < window.first || (page | ~TLB_PAGE_MASK) > window.last)
        return NULL;
    unsigned slot = c->dmi_count < MAX_DMI ? c->dmi_count++ : c->dmi_victim++ % MAX_DMI;
    c->dmi[slot] = window;
    return &c->dmi[slot];
}

uint8_t *phys_host(struct a64_cpu *c, uint64_t pa, bool for_write)
{
    const struct a64_dmi *window = find_window(c, pa);
    if (!window)
        window = ask_for_window(c, pa);
    if (!window || (for_write && !window->writable))
        return NULL;
    return window->host + (pa - window->first);
}

/* Sizes that all are of: a copy of a size that is known is a move. */
static void copy(void *to, const void *from, unsigned size)
{
    switch (size) {
    case 4:
        memcpy(to, from, 4);
        break;
    case 8:
        memcpy(to, from, 8);
        break;
    default:
        memcpy(to, from, size);
        break;
    }
}

bool phys_read(struct a64_cpu *c, uint64_t pa, unsigned size, uint64_t *value)
{
    *value = 0;
    const uint8_t *host = phys_host(c, pa, false);
    if (host) {
        copy(value, host, size);
        return true;
    }
    c->stats.bus_reads++;
    a64_clear_exclusive(c);
    pmu_time_passed(c);
    return c->ops.read(c->user, pa, value, size) == A64_BUS_OK;
}

bool phys_write(struct a64_cpu *c, uint64_t pa, unsigned size, uint64_t value)
{
    uint8_t *host = phys_host(c, pa, true);
    bool ok = true;
    if (host) {
        copy(host, &value, size);
    } else {
        c->stats.bus_writes++;
        a64_clear_exclusive(c);
        pmu_time_passed(c);
        ok = c->ops.write(c->user, pa, &value, size) == A64_BUS_OK;
    }
    if (block_page_has_code(c, pa))
        block_invalidate(c, pa, pa + size - 1);
    return ok;
}

bool phys_read_descriptor(struct a64_cpu *c, uint64_t pa, uint64_t *desc)
{
    return phys_read(c, pa, 8, desc);
}

bool phys_peek_descriptor(const struct a64_cpu *c, uint64_t pa, uint64_t *desc)
{
    const struct a64_dmi *window = find_window(c, pa);
    *desc = 0;
    if (window) {
        memcpy(desc, window->host + (pa - window->first), sizeof(*desc));
        return true;
    }
    return c->ops.peek && c->ops.peek(c->user, pa, desc, sizeof(*desc));
}

void phys_withdraw(struct a64_cpu *c, uint64_t first, uint64_t last)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < c->dmi_count; i++)
        if (c->dmi[i].last < first || c->dmi[i].first > last)
            c->dmi[kept++] = c->dmi[i];
    c->dmi_count = kept;
}
