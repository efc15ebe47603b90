/* SPDX-License-Identifier: Apache-2.0 */
/* A PCI Express host: the root bus and the buses of its root ports, as configuration accesses,
 * memory accesses and interrupt pins see them. */
#ifndef PCIE_HOST_H
#define PCIE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcie/pcie_function.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PCIE_DEVICES       32u /* on a bus */
#define PCIE_FUNCTIONS     8u  /* of a device */
#define PCIE_PINS          4u
#define PCIE_MAX_LINES     (PCIE_DEVICES * PCIE_PINS)
#define PCIE_ECAM_BUS_SIZE 0x100000u /* bytes of ECAM per bus */

typedef struct pcie_host pcie_host;

/* An empty host whose root bus is `first_bus`. `wires` are those that pcie_host_route_intx() names.
 * NULL if memory is short. The caller owns the result. */
pcie_host *pcie_host_create(uint8_t first_bus, const struct vp_wires *wires);
void pcie_host_destroy(pcie_host *host); /* NULL is fine; functions live on */

/* Put `fn` below `port`, or on the root bus where `port` is NULL, as device and function number
 * `devfn` (bits [7:3], [2:0]). False and one line in `err` if that cannot be: function 0 of a
 * device comes first, there is no device but 0 behind a port. `fn` must live as long as the host is
 * used. */
bool pcie_host_add(pcie_host *host, pcie_fn *port, unsigned devfn, pcie_fn *fn, char *err,
                   size_t err_size);

/* Wire pin `pin` (1 to 4) of device `device` of the root bus to `line` (below PCIE_MAX_LINES). A
 * line is high while any pin wired to it is. Pins that are not wired are not connected. Before any
 * function is added. */
void pcie_host_route_intx(pcie_host *host, unsigned device, unsigned pin, unsigned line);

/* Configuration space as memory, PCIE_ECAM_BUS_SIZE for each bus from `first_bus` on; the device is
 * the pcie_host. Functions that are not there read as all ones and ignore writes. 8-byte accesses
 * are two of 4; others that are not aligned end with VP_SLVERR. */
extern const struct vp_frame pcie_ecam_frame;

/* An access to bus address `addr` from the side of the CPUs, in aligned pieces of at most 8 bytes.
 * Bytes that no BAR answers, or the function refuses, read as all ones and ignore writes. */
void pcie_host_read(pcie_host *host, uint64_t addr, uint8_t *data, size_t size);
void pcie_host_write(pcie_host *host, uint64_t addr, const uint8_t *data, size_t size);

/* Whether what is above `fn` lets its requests through: those with untranslated addresses, or the
 * others, which ask for a translation or have one. */
bool pcie_host_forwards(const pcie_fn *fn, bool translated);

/* Whether `fn` can take a message: its link is up and it is not in D3hot. */
bool pcie_host_reaches(const pcie_fn *fn);

#ifdef __cplusplus
}
#endif

#endif
