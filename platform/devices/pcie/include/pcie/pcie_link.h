/* SPDX-License-Identifier: Apache-2.0 */
/* How long a PCI Express link takes: rates and encodings, TLPs and what they carry beside data.
 * Times are in picoseconds, rounded up. */
#ifndef PCIE_LINK_H
#define PCIE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The rows of pcie_link.def. All zero: a link that takes no time and has no limits. */
struct pcie_link_config {
#define PCIE_LINK_PARAMETER(name, unit, most, help) uint64_t name;
#include "pcie/pcie_link.def"
};

/* The directions, seen from the function. */
enum pcie_link_direction { PCIE_LINK_UP, PCIE_LINK_DOWN, PCIE_LINK_DIRECTIONS };

struct pcie_link {
    struct pcie_link_config config;
    uint64_t
        free_at[PCIE_LINK_DIRECTIONS]; /* when the last byte of all that was sent is on its way */
};

/* What is sent: `size` bytes at `addr`, of TLPs that carry at most `max_payload`, a power of two.
 */
struct pcie_tlps {
    uint64_t addr;
    uint32_t size;
    uint32_t max_payload;
};

/* Which row makes no sense with the others, and why: `*row` is the name. NULL if all do. */
const char *pcie_link_fault(const struct pcie_link_config *config, const char **row);

/* Whether any row is set. */
bool pcie_link_is_timed(const struct pcie_link_config *config);

/* How long the link is occupied by a read request, by a write, and by the completions of a read;
 * by a completion without data if there are no bytes. */
uint64_t pcie_link_read_time(const struct pcie_link_config *config);
uint64_t pcie_link_write_time(const struct pcie_link_config *config, const struct pcie_tlps *tlps);
uint64_t pcie_link_completion_time(const struct pcie_link_config *config,
                                   const struct pcie_tlps *tlps);

/* Sends what occupies a direction for `time`, from `now` on or when all that was sent before has
 * left. Returns when its last byte leaves; it arrives `latency` later. */
uint64_t pcie_link_send(struct pcie_link *link, enum pcie_link_direction direction, uint64_t now,
                        uint64_t time);

#ifdef __cplusplus
}
#endif

#endif
