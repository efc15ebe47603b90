/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up shared by the DMA tests. */
#include "testbed.h"

#include "gic.h"
#include "pages.h"
#include "platform.h"
#include "string.h"
#include "tap.h"

void testbed_invalidate_all(struct smmu *smmu)
{
    smmu_cmdq_push(smmu, smmu_cmd_cfgi_all());
    smmu_cmdq_push(smmu, smmu_cmd_tlbi_nsnh_all());
    smmu_sync(smmu);
}

unsigned testbed_drain_events(struct smmu *smmu)
{
    struct smmu_event event;
    unsigned count = 0;

    smmu_sync(smmu);
    for (; smmu_event_pop(smmu, &event); count++)
        event_print(&event);
    return count;
}

bool testbed_take_event(struct smmu *smmu, const char *name, struct smmu_event *event)
{
    smmu_sync(smmu);
    if (!tap_ok(smmu_event_pop(smmu, event), "%s: an event is recorded", name))
        return false;
    event_print(event);
    tap_equal(testbed_drain_events(smmu), 0, "%s: and no other", name);
    return true;
}

uint8_t *testbed_page(uint8_t byte)
{
    return memset(pages_alloc(PAGE_SIZE, PAGE_SIZE), byte, PAGE_SIZE);
}

void testbed_page_clear(uint8_t *page)
{
    memset(page, 0, PAGE_SIZE);
}

bool testbed_page_is(const uint8_t *page, uint8_t byte)
{
    for (unsigned i = 0; i < PAGE_SIZE; i++) {
        if (page[i] != byte)
            return false;
    }
    return true;
}

void testbed_start(struct smmu *smmu, unsigned log2_queue)
{
    smmu_probe(smmu, PLATFORM_SMMU_BASE);
    smmu_enable_interrupts(smmu);
    smmu_reset(smmu, LOG2_STREAMS, log2_queue);
}

static void on_event(void *smmu)
{
    volatile uint32_t *irqs = &((struct smmu *)smmu)->evtq_irqs;

    *irqs = *irqs + 1;
}

void testbed_start_second(struct smmu *smmu, unsigned log2_queue)
{
    smmu_probe(smmu, PLATFORM_SMMU2_BASE);
    gic_enable(GIC_SPI(PLATFORM_SPI_SMMU2_EVENTQ), GIC_EDGE, on_event, smmu);
    smmu_reset(smmu, LOG2_STREAMS, log2_queue);
}

void endpoint_restore(struct endpoint *endpoint, struct smmu *smmu)
{
    struct smmu_cd_config config = {
        .table = pgtable_address(&endpoint->table),
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
    endpoint->ring_iova = RING_IOVA;
    pgtable_map(&endpoint->table, RING_IOVA, (uintptr_t)endpoint->ring, PGTABLE_PAGE,
                PGTABLE_READ_ONLY);
    endpoint_restore(endpoint, smmu);
}

void endpoint_virtualize(struct endpoint *endpoint, struct smmu *smmu, const struct pgtable *table,
                         uint16_t vmid, const struct smmu_contexts *contexts)
{
    struct smmu_stage2 stage2 = {
        .table = pgtable_address(table), .vmid = vmid, .ps = smmu->features.oas};

    smmu_ste_write(endpoint->ste, contexts, &stage2);
    testbed_invalidate_all(smmu);
}

void endpoint_start(struct endpoint *endpoint, const struct dma_transfer *transfers, unsigned count)
{
    if (count > RING_DESCRIPTORS)
        tap_bail_out("%u descriptors do not fit the ring", count);
    dma_build(endpoint->ring, endpoint->ring_iova, transfers, count);
    dma_start(&endpoint->channel, endpoint->ring_iova);
}

struct dma_result endpoint_copy(struct endpoint *endpoint, uint64_t destination, uint64_t source,
                                uint32_t length)
{
    struct dma_transfer transfer = {source, destination, length};

    endpoint_start(endpoint, &transfer, 1);
    return dma_poll(&endpoint->channel);
}
