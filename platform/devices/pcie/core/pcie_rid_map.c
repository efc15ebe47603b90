/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up a requester ID. */
#include "pcie/pcie_rid_map.h"

bool pcie_rid_lookup(const struct pcie_rid_map *map, uint16_t rid, unsigned *target, uint32_t *out)
{
    uint32_t masked = rid & map->mask;

    for (size_t i = 0; i < map->count; i++) {
        const struct pcie_rid_range *range = &map->range[i];

        if (masked >= range->first && masked - range->first < range->count) {
            *target = range->target;
            *out = range->out + (masked - range->first);
            return true;
        }
    }
    return false;
}
