/* SPDX-License-Identifier: Apache-2.0 */
/* A PCI Express DMA function with an address space. */
#include "requester.h"

#include "testbed.h"

#define LOG2_PASIDS 12U

#define ATS_CONTROL    6U
#define ATS_ENABLE     0x8000U
#define PRI_CONTROL    4U
#define PRI_STATUS     6U
#define PRI_ALLOCATION 12U
#define PRI_ENABLE     1U
#define PASID_CONTROL  6U
#define PASID_ENABLE   1U

#define PAGE_REQUESTS 8U

static void map_descriptors(struct requester *r, uint64_t iova, const struct ring *ring)
{
    pgtable_map(&r->table, iova, (uintptr_t)ring->descriptors, PGTABLE_PAGE, 0);
}

static void write_contexts(struct requester *r, struct smmu *smmu)
{
    struct smmu_contexts contexts = {
        .log2_count = LOG2_PASIDS, .two_level = true, .s1dss = STE_S1DSS_CD0};
    uint64_t *directory = smmu_cd_directory_alloc(LOG2_PASIDS);
    struct smmu_cd_config config = {
        .asid = r->asid, .ips = smmu->features.oas, .table = pgtable_address(&r->table)};

    smmu_cd_write(smmu_cd_of(directory, 0), &config);
    smmu_cd_write(smmu_cd_of(directory, REQUESTER_PASID), &config);
    contexts.address = (uintptr_t)directory;
    smmu_ste_write(smmu_stream(smmu, r->function.rid), &contexts, NULL);
}

void requester_open(struct requester *r, struct smmu *smmu, const struct pcie_function *function,
                    uint16_t asid)
{
    *r = (struct requester){
        .function = *function,
        .table = pgtable_create(),
        .asid = asid,
        .ats = pcie_extended_capability(function->rid, PCIE_EXT_ATS),
        .pri = pcie_extended_capability(function->rid, PCIE_EXT_PRI),
        .pasid = pcie_extended_capability(function->rid, PCIE_EXT_PASID),
    };
    ring_open(&r->ring, function, 0, RING_IOVA);
    ring_open(&r->second, function, 1, SECOND_RING_IOVA);
    map_descriptors(r, RING_IOVA, &r->ring);
    map_descriptors(r, SECOND_RING_IOVA, &r->second);
    write_contexts(r, smmu);
    testbed_invalidate_all(smmu);
}

void requester_set_ats(const struct requester *r, bool enable)
{
    pcie_write16(r->function.rid, r->ats + ATS_CONTROL, enable ? ATS_ENABLE : 0);
}

void requester_set_pri(const struct requester *r, bool enable)
{
    pcie_write32(r->function.rid, r->pri + PRI_ALLOCATION, PAGE_REQUESTS);
    pcie_write16(r->function.rid, r->pri + PRI_CONTROL, enable ? PRI_ENABLE : 0);
}

void requester_enable_pasids(const struct requester *r)
{
    requester_set_ats(r, false);
    pcie_write16(r->function.rid, r->pasid + PASID_CONTROL, PASID_ENABLE);
    requester_set_ats(r, true);
}

uint16_t requester_pri_status(const struct requester *r)
{
    return pcie_read16(r->function.rid, r->pri + PRI_STATUS);
}

void requester_map(struct requester *r, uint64_t iova, const uint8_t *page)
{
    pgtable_map(&r->table, iova, (uintptr_t)page, PGTABLE_PAGE, PGTABLE_READ_ONLY);
}

void requester_unmap(struct requester *r, struct smmu *smmu, uint64_t iova)
{
    pgtable_unmap(&r->table, iova);
    smmu_command_sync(smmu, smmu_cmd_tlbi_va(0, r->asid, iova));
    smmu_command_sync(smmu, smmu_cmd_atc_inv(r->function.rid, iova, 0));
}
