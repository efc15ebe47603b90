/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of TLPs and their time on the lanes (PCI Express Base Specification 6.0, 2.2.9, 2.3.1.1,
 * 4.2). */
#include "pcie/pcie_link.h"

#include <stddef.h>

#define MIN_COMPLETION 64u

/* Picoseconds of a byte on one lane, as a fraction: bits that encode it, over the rate. */
struct rate {
    uint32_t numerator;
    uint32_t denominator;
};

static const struct rate rates[] = {
    [0] = {0, 1},        /* bytes take no time */
    [1] = {4000, 1},     /* 2.5 GT/s, 8b/10b */
    [2] = {2000, 1},     /* 5 GT/s, 8b/10b */
    [3] = {130000, 128}, /* 8 GT/s, 128b/130b */
    [4] = {65000, 128},  /* 16 GT/s */
    [5] = {32500, 128},  /* 32 GT/s */
    [6] = {32000, 242},  /* 64 GT/s: 242 bytes of TLPs and DLLPs in a flit of 256 */
};

static bool power_of_two(uint64_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

const char *pcie_link_fault(const struct pcie_link_config *config, const char **row)
{
    *row = "width";
    if (config->width != 0 && !power_of_two(config->width))
        return "is not 1, 2, 4, 8 or 16";
    if (config->generation != 0 && config->width == 0)
        return "must be given with a generation";
    if (config->generation == 0 && config->width != 0)
        return "says nothing without a generation";
    *row = "completion";
    if (config->completion != 0 &&
        (config->completion < MIN_COMPLETION || !power_of_two(config->completion)))
        return "is not a power of two from 64";
    return NULL;
}

bool pcie_link_is_timed(const struct pcie_link_config *config)
{
    uint64_t any = 0;
#define PCIE_LINK_PARAMETER(name, unit, most, help) any |= config->name;
#include "pcie/pcie_link.def"
    return any != 0;
}

static uint64_t time_of(const struct pcie_link_config *config, uint64_t bytes)
{
    const struct rate *rate = &rates[config->generation];
    const uint64_t lanes = config->width != 0 ? config->width : 1;
    const uint64_t divisor = rate->denominator * lanes;

    return (bytes * rate->numerator + divisor - 1) / divisor;
}

/* How many TLPs carry the data, each up to a multiple of `limit`; one if there are none. */
static uint64_t count_of(const struct pcie_tlps *tlps, uint64_t limit)
{
    const uint64_t into = tlps->addr % limit;

    return tlps->size == 0 ? 1 : (into + tlps->size + limit - 1) / limit;
}

uint64_t pcie_link_read_time(const struct pcie_link_config *config)
{
    return time_of(config, config->overhead);
}

uint64_t pcie_link_write_time(const struct pcie_link_config *config, const struct pcie_tlps *tlps)
{
    return time_of(config, tlps->size + count_of(tlps, tlps->max_payload) * config->overhead);
}

uint64_t pcie_link_completion_time(const struct pcie_link_config *config,
                                   const struct pcie_tlps *tlps)
{
    const bool split = config->completion != 0 && config->completion < tlps->max_payload;
    const uint64_t limit = split ? config->completion : tlps->max_payload;

    return time_of(config, tlps->size + count_of(tlps, limit) * config->overhead);
}

uint64_t pcie_link_send(struct pcie_link *link, enum pcie_link_direction direction, uint64_t now,
                        uint64_t time)
{
    uint64_t *free_at = &link->free_at[direction];

    *free_at = (*free_at > now ? *free_at : now) + time;
    return *free_at;
}
