/* SPDX-License-Identifier: Apache-2.0 */
/* PCI Express as an operating system does it: find functions, number buses, place BARs. */
#ifndef PCIE_PCIE_H
#define PCIE_PCIE_H

#include <stdint.h>

#define PCIE_VENDOR      0x00U
#define PCIE_COMMAND     0x04U
#define PCIE_STATUS      0x06U
#define PCIE_HEADER_TYPE 0x0eU
#define PCIE_BAR(n)      (0x10U + 4U * (n))

#define PCIE_COMMAND_MEMORY 0x2U
#define PCIE_COMMAND_MASTER 0x4U

#define PCIE_CAP_EXPRESS 0x10U
#define PCIE_CAP_MSIX    0x11U
#define PCIE_EXT_ATS     0x0fU
#define PCIE_EXT_PRI     0x13U
#define PCIE_EXT_PASID   0x1bU

#define PCIE_ABSENT 0xffffffffU

/* An endpoint. */
struct pcie_function {
    uint16_t rid;      /* bus, device, function; its StreamID in this machine */
    uint16_t root_rid; /* of itself, or of the root port it is behind */
    uint64_t bar[6];   /* bus and CPU addresses are the same */
};

/* Find the endpoints, give each bus a number and each BAR a place in the 32-bit window, switch
 * memory decoding and bus mastering on. Returns how many there are; only `max` are filled in. */
unsigned pcie_scan(struct pcie_function *functions, unsigned max);

/* Registers of configuration space; `offset` is a multiple of 4, or of 2. */
uint32_t pcie_read32(uint16_t rid, unsigned offset);
uint16_t pcie_read16(uint16_t rid, unsigned offset);
void pcie_write32(uint16_t rid, unsigned offset, uint32_t value);
void pcie_write16(uint16_t rid, unsigned offset, uint16_t value);

/* Where a capability, or an extended one, is; 0: there is none. */
unsigned pcie_capability(uint16_t rid, unsigned id);
unsigned pcie_extended_capability(uint16_t rid, unsigned id);

/* Let MSI-X vector `vector` write `data` to `address`, and switch MSI-X on; off again. */
void pcie_msix_enable(const struct pcie_function *function, unsigned vector, uint64_t address,
                      uint32_t data);
void pcie_msix_disable(const struct pcie_function *function);

#endif
