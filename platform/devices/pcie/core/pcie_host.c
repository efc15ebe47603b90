/* SPDX-License-Identifier: Apache-2.0 */
/* The host: who is where, and which accesses, resets and pins get through to whom. */
#include "pcie/pcie_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "pcie_function_priv.h"
#include "vp/little_endian.h"
#include "vp/regpart.h"

#define NO_LINE UINT8_MAX

struct pcie_host {
    uint8_t first_bus;
    struct vp_wires wires;
    pcie_fn *first; /* of all functions, in the order they were added */
    pcie_fn *last;
    uint8_t line[PCIE_DEVICES][PCIE_PINS]; /* NO_LINE: not connected */
    unsigned asserted[PCIE_MAX_LINES];     /* pins that are */
};

/* --- life --- */

pcie_host *pcie_host_create(uint8_t first_bus, const struct vp_wires *wires)
{
    pcie_host *host = calloc(1, sizeof(*host));

    if (!host)
        return NULL;
    host->first_bus = first_bus;
    host->wires = *wires;
    for (unsigned device = 0; device < PCIE_DEVICES; device++)
        for (unsigned pin = 0; pin < PCIE_PINS; pin++)
            host->line[device][pin] = NO_LINE;
    return host;
}

void pcie_host_destroy(pcie_host *host)
{
    free(host);
}

static pcie_fn *find(const pcie_host *host, const pcie_fn *port, unsigned devfn)
{
    for (pcie_fn *fn = host->first; fn; fn = fn->link.next)
        if (fn->link.port == port && fn->link.devfn == devfn)
            return fn;
    return NULL;
}

static const char *placement_fault(const pcie_host *host, const pcie_fn *port, unsigned devfn,
                                   const pcie_fn *fn)
{
    enum pcie_kind kind = fn->desc.kind;

    if (devfn >= PCIE_DEVICES * PCIE_FUNCTIONS)
        return "there are 32 devices of 8 functions";
    if (port && port->desc.kind != PCIE_ROOT_PORT)
        return "what is above is no port";
    if (port && devfn >= PCIE_FUNCTIONS)
        return "behind a port there is only device 0";
    if (port ? kind != PCIE_ENDPOINT : kind == PCIE_ENDPOINT)
        return "is not of the kind that goes there";
    if (find(host, port, devfn))
        return "another function is there";
    if (devfn % PCIE_FUNCTIONS && !find(host, port, devfn - devfn % PCIE_FUNCTIONS))
        return "the device has no function 0";
    return NULL;
}

/* --- links --- */

static void set_link(pcie_fn *port, bool up)
{
    unsigned at = port->caps.express + EXP_LINKSTA;
    uint32_t status = fn_get(port, at, 2) & ~LINKSTA_ACTIVE;

    port->link.up = up;
    fn_put(port, at, 2, status | (up ? LINKSTA_ACTIVE : 0));
}

/* A link that goes down resets what is behind it. */
static void bridge_written(pcie_fn *port)
{
    const pcie_host *host = port->link.host;
    bool down = fn_get(port, CFG_BRIDGE_CONTROL, 2) & BRIDGE_RESET ||
                fn_get(port, port->caps.express + EXP_LINKCTL, 2) & LINKCTL_DISABLE;
    bool was_up = port->link.up;

    set_link(port, !down && find(host, port, 0));
    if (!was_up || port->link.up)
        return;
    for (pcie_fn *fn = host->first; fn; fn = fn->link.next)
        if (fn->link.port == port)
            pcie_fn_reset(fn);
}

bool pcie_host_forwards(const pcie_fn *fn, bool translated)
{
    const pcie_fn *port = fn->link.port;

    if (!port)
        return true;
    uint32_t acs = fn_get(port, port->caps.acs + ACS_CONTROL, 2);
    if (acs & ACS_VALIDATION && (fn->bus < fn_get(port, CFG_SECONDARY_BUS, 1) ||
                                 fn->bus > fn_get(port, CFG_SUBORDINATE_BUS, 1)))
        return false;
    if (acs & ACS_BLOCKING && translated)
        return false;
    return port->link.up && pcie_fn_masters(port);
}

bool pcie_host_reaches(const pcie_fn *fn)
{
    return !fn->power && (!fn->link.port || fn->link.port->link.up);
}

/* --- pins --- */

void pcie_host_route_intx(pcie_host *host, unsigned device, unsigned pin, unsigned line)
{
    host->line[device][pin - 1] = (uint8_t)line;
}

/* A port passes pins of its device 0 on as they are, under its own device number. */
static void intx_changed(pcie_fn *fn)
{
    pcie_host *host = fn->link.host;
    const pcie_fn *on_root = fn->link.port ? fn->link.port : fn;
    uint8_t line = host->line[on_root->link.devfn / PCIE_FUNCTIONS][fn->desc.intx_pin - 1];

    if (line == NO_LINE)
        return;
    bool was = host->asserted[line] != 0;
    host->asserted[line] += fn->intx_out ? 1 : -1u;
    if (was != (host->asserted[line] != 0) && host->wires.set)
        host->wires.set(host->wires.user, line, !was);
}

bool pcie_host_add(pcie_host *host, pcie_fn *port, unsigned devfn, pcie_fn *fn, char *err,
                   size_t err_size)
{
    const char *fault = placement_fault(host, port, devfn, fn);

    if (fault) {
        snprintf(err, err_size, "%s", fault);
        return false;
    }
    *(host->last ? &host->last->link.next : &host->first) = fn;
    host->last = fn;
    fn->link = (struct pcie_host_link){.host = host,
                                       .port = port,
                                       .devfn = (uint8_t)devfn,
                                       .intx_changed = intx_changed,
                                       .bridge_written = bridge_written};
    if (devfn % PCIE_FUNCTIONS) {
        pcie_fn *first = find(host, port, devfn - devfn % PCIE_FUNCTIONS);
        uint32_t type = fn_get(first, CFG_HEADER_TYPE, 1);

        pcie_config_preset(&first->config, CFG_HEADER_TYPE, 1, type | HEADER_MULTIFUNCTION);
    }
    if (port)
        set_link(port, true);
    return true;
}

/* --- configuration accesses --- */

/* Bus numbers below a port are those software gave it; only its own bus has something on it. */
static pcie_fn *config_target(const pcie_host *host, uint64_t offset)
{
    unsigned bus = (unsigned)(offset / PCIE_ECAM_BUS_SIZE) + host->first_bus;
    unsigned devfn = offset / PCIE_CONFIG_SIZE % (PCIE_DEVICES * PCIE_FUNCTIONS);

    if (bus > UINT8_MAX)
        return NULL;
    if (bus == host->first_bus)
        return find(host, NULL, devfn);
    for (const pcie_fn *port = host->first; port; port = port->link.next) {
        if (port->desc.kind == PCIE_ROOT_PORT && port->link.up &&
            bus == fn_get(port, CFG_SECONDARY_BUS, 1))
            return find(host, port, devfn);
    }
    return NULL;
}

typedef uint32_t config_reader(const pcie_fn *fn, uint16_t offset, unsigned size);

static enum vp_status read_config(const pcie_host *host, config_reader *read, uint64_t offset,
                                  unsigned size, uint64_t *value)
{
    uint64_t high = 0;

    *value = 0;
    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    if (size == 8) {
        read_config(host, read, offset + 4, 4, &high);
        size = 4;
    }
    const pcie_fn *fn = config_target(host, offset);
    *value = fn ? read(fn, offset % PCIE_CONFIG_SIZE, size) : vp_reg_mask(size);
    *value |= high << 32;
    return VP_OK;
}

static enum vp_status ecam_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    return read_config(dev, pcie_fn_config_read, offset, size, value);
}

static enum vp_status ecam_peek(const void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    return read_config(dev, pcie_fn_config_peek, offset, size, value);
}

static enum vp_status ecam_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    const pcie_host *host = dev;

    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    if (size == 8) {
        ecam_write(dev, offset, 4, value & UINT32_MAX);
        return ecam_write(dev, offset + 4, 4, value >> 32);
    }
    pcie_fn *fn = config_target(host, offset);
    if (fn) {
        fn->bus = (uint8_t)(offset / PCIE_ECAM_BUS_SIZE + host->first_bus);
        pcie_fn_config_write(fn, offset % PCIE_CONFIG_SIZE, size, (uint32_t)value);
    }
    return VP_OK;
}

const struct vp_frame pcie_ecam_frame = {.read = ecam_read, .write = ecam_write, .peek = ecam_peek};

/* --- memory accesses --- */

/* A window from the registers of its base and its limit, both of which count whole MiB. */
static bool in_window(uint64_t base, uint64_t limit, uint64_t addr)
{
    return addr >= base && addr <= (limit | 0xfffff);
}

static uint64_t window_bound(const pcie_fn *port, unsigned low, unsigned high)
{
    uint64_t bound = (fn_get(port, low, 2) & 0xfff0) << 16;

    return high ? bound | (uint64_t)fn_get(port, high, 4) << 32 : bound;
}

static bool passes_down(const pcie_fn *port, uint64_t addr)
{
    if (!(fn_get(port, CFG_COMMAND, 2) & COMMAND_MEMORY) || port->power)
        return false;
    return in_window(window_bound(port, CFG_MEM_BASE, 0), window_bound(port, CFG_MEM_LIMIT, 0),
                     addr) ||
           in_window(window_bound(port, CFG_PREF_BASE, CFG_PREF_BASE_HI),
                     window_bound(port, CFG_PREF_LIMIT, CFG_PREF_LIMIT_HI), addr);
}

static pcie_fn *memory_target(const pcie_host *host, uint64_t addr, unsigned *bar, uint64_t *offset)
{
    for (pcie_fn *fn = host->first; fn; fn = fn->link.next) {
        if (pcie_fn_decodes(fn, addr, bar, offset) &&
            (!fn->link.port || passes_down(fn->link.port, addr)))
            return fn;
    }
    return NULL;
}

/* The largest aligned piece at `addr` that is not larger than `left`. */
static unsigned piece(uint64_t addr, size_t left)
{
    unsigned size = 8;

    while (addr % size || size > left)
        size /= 2;
    return size;
}

void pcie_host_read(pcie_host *host, uint64_t addr, uint8_t *data, size_t size)
{
    for (unsigned n; size; addr += n, data += n, size -= n) {
        uint64_t value = UINT64_MAX;
        uint64_t offset;
        unsigned bar;
        pcie_fn *fn = memory_target(host, addr, &bar, &offset);

        n = piece(addr, size);
        if (fn && pcie_fn_bar_read(fn, bar, offset, n, &value) != VP_OK)
            value = UINT64_MAX;
        vp_store_le(data, value, n);
    }
}

void pcie_host_write(pcie_host *host, uint64_t addr, const uint8_t *data, size_t size)
{
    for (unsigned n; size; addr += n, data += n, size -= n) {
        uint64_t offset;
        unsigned bar;
        pcie_fn *fn = memory_target(host, addr, &bar, &offset);

        n = piece(addr, size);
        if (fn)
            pcie_fn_bar_write(fn, bar, offset, n, vp_load_le(data, n));
    }
}
