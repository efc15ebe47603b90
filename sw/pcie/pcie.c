/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over the buses, and capabilities. */
#include "pcie.h"

#include <stdbool.h>

#include "io.h"
#include "platform.h"
#include "tap.h"

#define BUS_NUMBERS    0x18U
#define MEMORY_WINDOW  0x20U
#define CAPABILITIES   0x34U
#define FIRST_EXTENDED 0x100U

#define HEADER_BRIDGE        0x01U
#define HEADER_MULTIFUNCTION 0x80U

#define BAR_64_BIT  0x4U
#define BAR_ADDRESS 0xfffffff0U

#define WINDOW_STEP 0x100000UL /* of a bridge */

#define MSIX_CONTROL 2U
#define MSIX_TABLE   4U
#define MSIX_ENABLE  0x8000U

/* What a walk has given away so far. */
struct walk {
    struct pcie_function *functions;
    unsigned max, count;
    unsigned last_bus;
    uint64_t next; /* free address */
};

static uintptr_t address_of(uint16_t rid, unsigned offset)
{
    return PLATFORM_PCIE_ECAM_BASE + ((uintptr_t)rid << 12) + offset;
}

uint32_t pcie_read32(uint16_t rid, unsigned offset)
{
    return read32(address_of(rid, offset));
}

void pcie_write32(uint16_t rid, unsigned offset, uint32_t value)
{
    write32(address_of(rid, offset), value);
}

uint16_t pcie_read16(uint16_t rid, unsigned offset)
{
    return *(volatile uint16_t *)address_of(rid, offset);
}

void pcie_write16(uint16_t rid, unsigned offset, uint16_t value)
{
    *(volatile uint16_t *)address_of(rid, offset) = value;
}

static uint64_t align(uint64_t address, uint64_t size)
{
    return (address + size - 1) & ~(size - 1);
}

/* The address bits of BAR `n` that can be written say how large it is. */
static uint64_t bar_size(uint16_t rid, unsigned n, bool wide)
{
    uint64_t mask;

    pcie_write32(rid, PCIE_BAR(n), PCIE_ABSENT);
    mask = pcie_read32(rid, PCIE_BAR(n)) & BAR_ADDRESS;
    if (!wide)
        return mask ? (uint32_t)~mask + 1UL : 0;
    pcie_write32(rid, PCIE_BAR(n + 1), PCIE_ABSENT);
    mask |= (uint64_t)pcie_read32(rid, PCIE_BAR(n + 1)) << 32;
    return ~mask + 1;
}

static void place_bars(struct walk *walk, struct pcie_function *function)
{
    for (unsigned n = 0; n < 6; n++) {
        bool wide = pcie_read32(function->rid, PCIE_BAR(n)) & BAR_64_BIT;
        uint64_t size = bar_size(function->rid, n, wide);

        if (!size)
            continue;
        walk->next = align(walk->next, size);
        function->bar[n] = walk->next;
        pcie_write32(function->rid, PCIE_BAR(n), (uint32_t)walk->next);
        if (wide)
            pcie_write32(function->rid, PCIE_BAR(n + 1), (uint32_t)(walk->next >> 32));
        walk->next += size;
        n += wide;
    }
    if (walk->next > PLATFORM_PCIE_MMIO_BASE + PLATFORM_PCIE_MMIO_SIZE)
        tap_bail_out("the 32-bit window is too small for all BARs");
}

static void add_endpoint(struct walk *walk, uint16_t rid, uint16_t root_rid)
{
    struct pcie_function function = {.rid = rid, .root_rid = root_rid};

    place_bars(walk, &function);
    pcie_write16(rid, PCIE_COMMAND, PCIE_COMMAND_MEMORY | PCIE_COMMAND_MASTER);
    if (walk->count < walk->max)
        walk->functions[walk->count] = function;
    walk->count++;
}

/* Whether there is a function; the others of a device are looked for if function 0 has company. */
static bool present(uint16_t rid)
{
    if (rid % 8 && !(pcie_read16(rid & 0xfff8, PCIE_HEADER_TYPE) & HEADER_MULTIFUNCTION))
        return false;
    return pcie_read32(rid, PCIE_VENDOR) != PCIE_ABSENT;
}

/* One level below the root bus: root ports have endpoints behind them. */
static void scan_behind(struct walk *walk, uint16_t port)
{
    unsigned bus = ++walk->last_bus;
    uint64_t base = walk->next = align(walk->next, WINDOW_STEP);
    uint64_t end;

    pcie_write32(port, BUS_NUMBERS, bus << 16 | bus << 8);
    for (unsigned devfn = 0; devfn < 256; devfn++) {
        uint16_t rid = (uint16_t)(bus << 8 | devfn);
        if (present(rid))
            add_endpoint(walk, rid, port);
    }
    walk->next = end = align(walk->next, WINDOW_STEP);
    pcie_write32(port, MEMORY_WINDOW, (uint32_t)((base >> 16 & 0xfff0) | ((end - 1) & 0xfff00000)));
    pcie_write16(port, PCIE_COMMAND, PCIE_COMMAND_MEMORY | PCIE_COMMAND_MASTER);
}

unsigned pcie_scan(struct pcie_function *functions, unsigned max)
{
    struct walk walk = {.functions = functions, .max = max, .next = PLATFORM_PCIE_MMIO_BASE};

    for (uint16_t rid = 0; rid < 256; rid++) {
        if (!present(rid))
            continue;
        if (pcie_read16(rid, PCIE_HEADER_TYPE) & HEADER_BRIDGE)
            scan_behind(&walk, rid);
        else
            add_endpoint(&walk, rid, rid);
    }
    return walk.count;
}

unsigned pcie_capability(uint16_t rid, unsigned id)
{
    unsigned at = pcie_read32(rid, CAPABILITIES) & 0xff;

    while (at) {
        uint16_t header = pcie_read16(rid, at);
        if ((header & 0xff) == id)
            return at;
        at = header >> 8;
    }
    return 0;
}

unsigned pcie_extended_capability(uint16_t rid, unsigned id)
{
    unsigned at = FIRST_EXTENDED;

    while (at) {
        uint32_t header = pcie_read32(rid, at);
        if ((header & 0xffff) == id)
            return at;
        at = header >> 20;
    }
    return 0;
}

void pcie_msix_enable(const struct pcie_function *function, unsigned vector, uint64_t address,
                      uint32_t data)
{
    unsigned cap = pcie_capability(function->rid, PCIE_CAP_MSIX);
    uint32_t place = pcie_read32(function->rid, cap + MSIX_TABLE);
    uintptr_t entry = function->bar[place & 7] + (place & ~7U) + 16 * vector;

    write64(entry, address);
    write32(entry + 8, data);
    write32(entry + 12, 0);
    pcie_write16(function->rid, cap + MSIX_CONTROL, MSIX_ENABLE);
}

void pcie_msix_disable(const struct pcie_function *function)
{
    pcie_write16(function->rid, pcie_capability(function->rid, PCIE_CAP_MSIX) + MSIX_CONTROL, 0);
}
