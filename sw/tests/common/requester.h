/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of ATS share: a PCI Express DMA function with an address space, and the registers
 * of its capabilities. */
#ifndef TESTS_COMMON_REQUESTER_H
#define TESTS_COMMON_REQUESTER_H

#include <stdbool.h>
#include <stdint.h>

#include "pgtable.h"
#include "ring.h"
#include "smmu.h"

#define REQUESTERS_LOG2_STREAMS 10U /* buses 0 to 3 */

/* Where its second ring sees its descriptors; the first has RING_IOVA. */
#define SECOND_RING_IOVA 0x7f0000100000UL

/* The PASID that shares the function's address space. */
#define REQUESTER_PASID 0x321U

/* Bits of the PRI Status register. */
#define PRI_FAILED     1U
#define PRI_UNEXPECTED 2U
#define PRI_STOPPED    0x100U

struct requester {
    struct pcie_function function;
    struct ring ring, second;
    struct pgtable table;
    uint16_t asid;
    unsigned ats, pri, pasid; /* capabilities */
};

/* Open two rings of `function`, in an address space of its own with `asid`; only their descriptors
 * are mapped. Its STE does not allow ATS yet. Drops all the SMMU has cached. */
void requester_open(struct requester *r, struct smmu *smmu, const struct pcie_function *function,
                    uint16_t asid);

/* Switch ATS on or off; the same with page requests, of which 8 may be outstanding. */
void requester_set_ats(const struct requester *r, bool enable);
void requester_set_pri(const struct requester *r, bool enable);

/* Switch PASIDs on, which takes that ATS is off meanwhile. */
void requester_enable_pasids(const struct requester *r);

/* Its PRI Status register. */
uint16_t requester_pri_status(const struct requester *r);

/* Map a page to read at `iova`; unmap it, and drop all that the SMMU and the function know of it.
 */
void requester_map(struct requester *r, uint64_t iova, const uint8_t *page);
void requester_unmap(struct requester *r, struct smmu *smmu, uint64_t iova);

#endif
