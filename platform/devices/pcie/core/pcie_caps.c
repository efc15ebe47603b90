/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities in the first 256 bytes: power management, MSI, MSI-X, PCI Express. */
#include "pcie_function_priv.h"

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

#define PM_VERSION_3     0x0003u
#define PM_NO_SOFT_RESET 0x0008u /* D3hot keeps the configuration */

static const struct pcie_config_row pm[] = {
    {PM_CAPS, 2, .reset = PM_VERSION_3},
    {PM_CONTROL, 2, .reset = PM_NO_SOFT_RESET, .rw = PM_STATE, .written = pcie_power_written},
};

#define MSI_64_BIT        0x0080u
#define MSI_MASKING       0x0100u
#define MSI_COUNT_ENABLED 0x0070u
#define MSI_COUNT_SHIFT   1

static const struct pcie_config_row msi[] = {
    {MSI_CONTROL, 2, .rw = MSI_ENABLE | MSI_COUNT_ENABLED, .written = pcie_interrupts_written},
    {MSI_ADDR, 4, .rw = 0xfffffffcu},
    {MSI_ADDR_HI, 4, .rw = UINT32_MAX},
    {MSI_DATA, 2, .rw = 0xffff},
};

static void build_msi(pcie_fn *fn)
{
    unsigned vectors = fn->desc.msi_vectors;
    uint32_t vector_bits = (uint32_t)((UINT64_C(1) << vectors) - 1);
    const struct pcie_config_row mask = {MSI_MASK, 4, .rw = vector_bits,
                                         .written = pcie_interrupts_written};
    uint16_t base = pcie_config_add_cap(&fn->config, CAP_MSI, 0x18, msi, COUNT(msi));

    pcie_config_rows(&fn->config, base, &mask, 1);
    pcie_config_preset(&fn->config, base + MSI_CONTROL, 2,
                       MSI_64_BIT | MSI_MASKING |
                           (uint32_t)__builtin_ctz(vectors) << MSI_COUNT_SHIFT);
    fn->caps.msi = base;
}

static const struct pcie_config_row msix[] = {
    {MSIX_CONTROL, 2, .rw = MSIX_ENABLE | MSIX_FUNCTION_MASK, .written = pcie_interrupts_written},
};

static void build_msix(pcie_fn *fn)
{
    const struct pcie_msix_desc *desc = &fn->desc.msix;
    uint16_t base = pcie_config_add_cap(&fn->config, CAP_MSIX, 12, msix, COUNT(msix));

    pcie_config_preset(&fn->config, base + MSIX_CONTROL, 2, desc->vectors - 1u);
    pcie_config_preset(&fn->config, base + MSIX_TABLE, 4, desc->table | desc->bar);
    pcie_config_preset(&fn->config, base + MSIX_PBA, 4, desc->pba | desc->bar);
    fn->caps.msix = base;
}

#define EXP_VERSION_2   0x2u
#define EXP_TYPE_SHIFT  4
#define DEVCAP_COMMON   0x8022u     /* 512-byte payloads, extended tags, role-based errors */
#define DEVCAP_FLR      0x10000000u /* function-level reset */
#define DEVCTL_RW       0x79ffu
#define DEVCTL_RESET    0x2810u     /* 512-byte reads, relaxed ordering, no snoop */
#define DEVCAP2         0x00600010u /* one end-to-end prefix, no completion timeout needed */
#define DEVCTL2_RW      0x0010u
#define LINK_SPEED      3u /* 8 GT/s */
#define LINK_WIDTH      4u
#define LINK_SLOT_CLOCK 0x1000u
#define LINKCAP_ACTIVE  0x00100000u /* tells when the link is up */
#define LINKCTL_RW      0x00cbu     /* ASPM, RCB, common clock, extended synch */
#define LINKCTL2_SPEED  0x000fu     /* target; RWS */

static const struct pcie_config_row express[] = {
    {EXP_DEVCAP, 4, .reset = DEVCAP_COMMON},
    {EXP_DEVSTA, 2, .w1c = 0x000f},
    {EXP_DEVCAP2, 4, .reset = DEVCAP2},
    {EXP_DEVCTL2, 2, .rw = DEVCTL2_RW},
};

/* A function-level reset spares what belongs to the link: both of its ends have to agree (PCI
 * Express 5.0, 6.6.2; docs/choices.md has a public list of it). */
static const struct pcie_config_row endpoint[] = {
    {EXP_DEVCAP, 4, .reset = DEVCAP_COMMON | DEVCAP_FLR},
    {EXP_DEVCTL, 2, .reset = DEVCTL_RESET, .rw = DEVCTL_RW | DEVCTL_FLR,
     .written = pcie_devctl_written, .spared = DEVCTL_PAYLOAD},
};

static const struct pcie_config_row port[] = {
    {EXP_DEVCTL, 2, .reset = DEVCTL_RESET, .rw = DEVCTL_RW},
    {EXP_ROOTCTL, 2, .rw = 0x000f},
};

static const struct pcie_config_row link[] = {
    {EXP_LINKCTL, 2, .rw = LINKCTL_RW, .spared = LINKCTL_RW},
    {EXP_LINKCTL2, 2, .rw = LINKCTL2_SPEED, .sticky = LINKCTL2_SPEED},
};

/* Retrain Link reads as zero: the link is retrained at once. */
static const struct pcie_config_row port_link[] = {
    {EXP_LINKCTL, 2, .rw = 0x00d3, .written = pcie_bridge_written},
};

/* The link is up with all it can: all speeds up to its own, and all lanes. */
static void preset_link(pcie_fn *fn, uint16_t base)
{
    const struct pcie_link_desc *desc = &fn->desc.link;
    uint32_t speed = desc->generation ? desc->generation : LINK_SPEED;
    uint32_t state = (desc->width ? desc->width : LINK_WIDTH) << 4 | speed;
    uint32_t speeds = ((1u << speed) - 1) << 1;
    uint32_t active = fn->desc.kind == PCIE_ROOT_PORT ? LINKCAP_ACTIVE : 0;

    pcie_config_preset(&fn->config, base + EXP_LINKCAP, 4, state | active);
    pcie_config_preset(&fn->config, base + EXP_LINKSTA, 2, state | LINK_SLOT_CLOCK);
    pcie_config_preset(&fn->config, base + EXP_LINKCAP2, 4, speeds);
    pcie_config_preset(&fn->config, base + EXP_LINKCTL2, 2, speed);
}

static void build_express(pcie_fn *fn)
{
    static const uint8_t type[] = {
        [PCIE_ENDPOINT] = 0x0, [PCIE_INTEGRATED] = 0x9, [PCIE_ROOT_PORT] = 0x4};
    struct pcie_config *config = &fn->config;
    uint16_t base = pcie_config_add_cap(config, CAP_PCIE, 0x3c, express, COUNT(express));

    pcie_config_preset(config, base + EXP_FLAGS, 2,
                       EXP_VERSION_2 | (uint32_t)type[fn->desc.kind] << EXP_TYPE_SHIFT);
    if (fn->desc.kind == PCIE_ROOT_PORT)
        pcie_config_rows(config, base, port, COUNT(port));
    else
        pcie_config_rows(config, base, endpoint, COUNT(endpoint));
    if (fn->desc.kind != PCIE_INTEGRATED)
        pcie_config_rows(config, base, link, COUNT(link));
    if (fn->desc.kind == PCIE_ROOT_PORT)
        pcie_config_rows(config, base, port_link, COUNT(port_link));
    if (fn->desc.kind != PCIE_INTEGRATED)
        preset_link(fn, base);
    fn->caps.express = base;
}

static void build_vendor(pcie_fn *fn, unsigned index)
{
    const struct pcie_vendor_cap *cap = &fn->desc.vendor_cap[index];
    uint16_t base = pcie_config_add_cap(&fn->config, CAP_VENDOR, cap->size, NULL, 0);

    for (unsigned i = 2; i < cap->size; i++) {
        const struct pcie_config_row byte = {(uint16_t)i, 1, .reset = cap->bytes[i],
                                             .rw = cap->rw[i]};
        pcie_config_rows(&fn->config, base, &byte, 1);
    }
    fn->caps.vendor[index] = base;
}

void pcie_caps_build(pcie_fn *fn)
{
    fn->caps.pm = pcie_config_add_cap(&fn->config, CAP_PM, 8, pm, COUNT(pm));
    if (fn->desc.msi_vectors)
        build_msi(fn);
    build_express(fn);
    if (fn->desc.msix.vectors)
        build_msix(fn);
    for (unsigned i = 0; i < PCIE_VENDOR_CAPS && fn->desc.vendor_cap[i].size; i++)
        build_vendor(fn, i);
}
