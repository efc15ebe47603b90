/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration header: type 0 of endpoints, type 1 of root ports. */
#include "pcie_function_priv.h"

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

#define COMMAND_RW                                                                                 \
    (COMMAND_MEMORY | COMMAND_MASTER | COMMAND_PARITY | COMMAND_SERR | COMMAND_INTX_DISABLE)

/* No function has I/O space, so I/O Space Enable reads as zero. */
static const struct pcie_config_row common[] = {
    {CFG_COMMAND, 2, .rw = COMMAND_RW, .written = pcie_interrupts_written},
    {CFG_STATUS, 2, .reset = STATUS_CAPABILITIES, .w1c = STATUS_W1C},
    {CFG_CACHE_LINE, 1, .rw = 0xff},
    {CFG_INT_LINE, 1, .rw = 0xff},
};

/* I/O base and limit are read-only zero: no I/O window. */
static const struct pcie_config_row bridge[] = {
    {CFG_PRIMARY_BUS, 1, .rw = 0xff},
    {CFG_SECONDARY_BUS, 1, .rw = 0xff},
    {CFG_SUBORDINATE_BUS, 1, .rw = 0xff},
    {CFG_SEC_STATUS, 2, .w1c = STATUS_W1C},
    {CFG_MEM_BASE, 2, .rw = 0xfff0},
    {CFG_MEM_LIMIT, 2, .rw = 0xfff0},
    {CFG_PREF_BASE, 2, .reset = 1, .rw = 0xfff0}, /* 1: 64-bit addresses */
    {CFG_PREF_LIMIT, 2, .reset = 1, .rw = 0xfff0},
    {CFG_PREF_BASE_HI, 4, .rw = UINT32_MAX},
    {CFG_PREF_LIMIT_HI, 4, .rw = UINT32_MAX},
    {CFG_BRIDGE_CONTROL, 2, .rw = BRIDGE_PARITY | BRIDGE_SERR | BRIDGE_RESET,
     .written = pcie_bridge_written},
};

/* A BAR tells its size by the address bits that cannot be written. */
static void build_bar(pcie_fn *fn, unsigned i)
{
    const struct pcie_bar_desc *bar = &fn->desc.bar[i];
    uint64_t address = ~(bar->size - 1);
    uint32_t type = (bar->wide ? BAR_64_BIT : 0) | (bar->prefetchable ? BAR_PREFETCHABLE : 0);
    struct pcie_config_row rows[] = {
        {0, 4, .reset = type, .rw = (uint32_t)address},
        {4, 4, .rw = (uint32_t)(address >> 32)},
    };

    if (bar->size)
        pcie_config_rows(&fn->config, CFG_BAR0 + 4 * i, rows, bar->wide ? 2 : 1);
}

void pcie_header_build(pcie_fn *fn)
{
    const struct pcie_fn_desc *desc = &fn->desc;
    struct pcie_config *config = &fn->config;

    pcie_config_rows(config, 0, common, COUNT(common));
    pcie_config_preset(config, CFG_VENDOR, 2, desc->vendor);
    pcie_config_preset(config, CFG_DEVICE, 2, desc->device);
    pcie_config_preset(config, CFG_REVISION, 4, desc->class_code << 8 | desc->revision);
    pcie_config_preset(config, CFG_INT_PIN, 1, desc->intx_pin);
    if (desc->kind == PCIE_ROOT_PORT) {
        pcie_config_preset(config, CFG_HEADER_TYPE, 1, HEADER_BRIDGE);
        pcie_config_rows(config, 0, bridge, COUNT(bridge));
        return;
    }
    pcie_config_preset(config, CFG_SUBSYSTEM_VID, 2, desc->subsystem_vendor);
    pcie_config_preset(config, CFG_SUBSYSTEM, 2, desc->subsystem);
    for (unsigned i = 0; i < PCIE_BARS; i++)
        build_bar(fn, i);
}
