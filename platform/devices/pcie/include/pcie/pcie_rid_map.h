/* SPDX-License-Identifier: Apache-2.0 */
/* Maps from requester IDs to what others know a function by: StreamIDs, DeviceIDs. */
#ifndef PCIE_RID_MAP_H
#define PCIE_RID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `count` requester IDs from `first` on become `out` and what follows, at `target`. */
struct pcie_rid_range {
    uint32_t first;
    uint32_t count;
    unsigned target;
    uint32_t out;
};

struct pcie_rid_map {
    uint32_t mask; /* applied to a requester ID before it is looked up */
    const struct pcie_rid_range *range;
    size_t count;
};

/* Translates `rid`; false if no range has it. */
bool pcie_rid_lookup(const struct pcie_rid_map *map, uint16_t rid, unsigned *target, uint32_t *out);

#ifdef __cplusplus
}
#endif

#endif
