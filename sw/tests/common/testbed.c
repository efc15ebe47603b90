/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up shared by the DMA tests. */
#include "testbed.h"

#include "pages.h"
#include "platform.h"
#include "tap.h"

void testbed_invalidate_all(struct smmu *smmu)
{
    smmu_cmdq_push(smmu, smmu_cmd_cfgi_all());
    smmu_cmdq_push(smmu, smmu_cmd_tlbi_nsnh_all());
    smmu_sync(smmu);
}

void testbed_start(struct smmu *smmu, unsigned log2_queue)
{
    smmu_probe(smmu, PLATFORM_SMMU_BASE);
    smmu_enable_interrupts(smmu);
    smmu_reset(smmu, LOG2_STREAMS, log2_queue);
}

void endpoint_restore(struct endpoint *endpoint, struct smmu *smmu)
{
    struct smmu_cd_config config = {
        .table = endpoint->table.root,
        .asid = endpoint->asid,
        .ips = smmu->features.oas,
    };

    smmu_cd_write(endpoint->cd, &config);
    smmu_ste_write_stage1(endpoint->ste, endpoint->cd);
    testbed_invalidate_all(smmu);
}

void endpoint_open(struct endpoint *endpoint, struct smmu *smmu, unsigned index, uint16_t asid)
{
    dma_open(&endpoint->channel, index);
    dma_enable_interrupt(&endpoint->channel);
    endpoint->sid = PLATFORM_DMA_SID(index);
    endpoint->asid = asid;
    endpoint->ste = smmu_stream(smmu, endpoint->sid);
    endpoint->cd = smmu_cd_alloc();
    endpoint->table = pgtable_create();
    endpoint->ring = pages_alloc(PAGE_SIZE, PAGE_SIZE);
    pgtable_map(&endpoint->table, RING_IOVA, (uintptr_t)endpoint->ring, PGTABLE_PAGE,
                PGTABLE_READ_ONLY);
    endpoint_restore(endpoint, smmu);
}

void endpoint_start(struct endpoint *endpoint, const struct dma_transfer *transfers, unsigned count)
{
    if (count > RING_DESCRIPTORS)
        tap_bail_out("%u descriptors do not fit the ring", count);
    dma_build(endpoint->ring, RING_IOVA, transfers, count);
    dma_start(&endpoint->channel, RING_IOVA);
}

struct dma_result endpoint_copy(struct endpoint *endpoint, uint64_t destination, uint64_t source,
                                uint32_t length)
{
    struct dma_transfer transfer = {source, destination, length};

    endpoint_start(endpoint, &transfer, 1);
    return dma_poll(&endpoint->channel);
}
