/* SPDX-License-Identifier: Apache-2.0 */
/* Every fault a device can run into with stage 1 is aborted, recorded field by field and announced;
 * a bad command stops the queue and can be repaired. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 3U /* 8 entries: the event queue wraps during the test */

#define GOOD_IOVA      0x000100000000UL
#define UNMAPPED_IOVA  0x000200000000UL
#define READONLY_IOVA  0x000300000000UL
#define NO_AF_IOVA     0x000400000000UL
#define PRIVATE_IOVA   0x000500000000UL
#define FAR_IOVA       0x000600000000UL
#define BEYOND_48_BITS 0x0001000000000000UL /* outside what T0SZ admits */
#define FAR_PA         0x100000000UL        /* the first address that takes 33 bits */

#define IPS_32_BITS     0U
#define OPCODE_RESERVED 0x00U
#define COPY_BYTES      64U

/* One transfer that must fail, and how. */
struct fault_case {
    const char *name;
    uint64_t source, destination;
    uint8_t event;
    enum dma_error error;
};

static const struct fault_case cases[] = {
    {"read of an unmapped page", UNMAPPED_IOVA, GOOD_IOVA, EVENT_F_TRANSLATION, DMA_READ_ABORT},
    {"write to an unmapped page", GOOD_IOVA, UNMAPPED_IOVA, EVENT_F_TRANSLATION, DMA_WRITE_ABORT},
    {"read beyond the input range", BEYOND_48_BITS, GOOD_IOVA, EVENT_F_TRANSLATION, DMA_READ_ABORT},
    {"write to a read-only page", GOOD_IOVA, READONLY_IOVA, EVENT_F_PERMISSION, DMA_WRITE_ABORT},
    {"read of a privileged page", PRIVATE_IOVA, GOOD_IOVA, EVENT_F_PERMISSION, DMA_READ_ABORT},
    {"read with AF clear", NO_AF_IOVA, GOOD_IOVA, EVENT_F_ACCESS, DMA_READ_ABORT},
    {"write with AF clear", GOOD_IOVA, NO_AF_IOVA, EVENT_F_ACCESS, DMA_WRITE_ABORT},
    {"read of an output beyond IPS", FAR_IOVA, GOOD_IOVA, EVENT_F_ADDR_SIZE, DMA_READ_ABORT},
    {"write to an output beyond IPS", GOOD_IOVA, FAR_IOVA, EVENT_F_ADDR_SIZE, DMA_WRITE_ABORT},
};

/* What the engine says about the failed transfer. */
static void check_engine(const struct dma_result *result, const char *name, enum dma_error error,
                         uint64_t address)
{
    tap_equal(result->error, error, "%s: ERROR_CODE", name);
    tap_equal(result->fault_addr, address, "%s: FAULT_ADDR", name);
}

static void check_origin(const struct smmu_event *event, const char *name, uint8_t type,
                         uint32_t sid)
{
    tap_equal(event->type, type, "%s: type %s", name, smmu_event_name(type));
    tap_equal(event->sid, sid, "%s: StreamID", name);
    tap_equal(event->ssv, 0, "%s: SSV", name);
}

static void check_access(const struct smmu_event *event, const char *name, bool rnw,
                         uint64_t address)
{
    tap_equal(event->rnw, rnw, "%s: RnW", name);
    tap_equal(event->input_addr, address, "%s: InputAddr", name);
    tap_equal(event->class, EVENT_CLASS_IN, "%s: CLASS is IN", name);
    tap_ok(!event->s2 && !event->ind && !event->pnu && !event->stall,
           "%s: S2, InD, PnU and Stall are 0", name);
}

static void run_case(struct smmu *smmu, struct endpoint *endpoint, const struct fault_case *c)
{
    bool rnw = c->error == DMA_READ_ABORT;
    uint64_t address = rnw ? c->source : c->destination;
    uint32_t irqs = smmu->evtq_irqs;
    struct smmu_event event;

    struct dma_result result = endpoint_copy(endpoint, c->destination, c->source, COPY_BYTES);
    check_engine(&result, c->name, c->error, address);
    if (testbed_take_event(smmu, c->name, &event)) {
        check_origin(&event, c->name, c->event, endpoint->sid);
        check_access(&event, c->name, rnw, address);
    }
    tap_ok(wait_until(smmu->evtq_irqs > irqs), "%s: the event queue interrupts", c->name);
}

static void test_translation_faults(struct smmu *smmu, struct endpoint *endpoint)
{
    uintptr_t page = (uintptr_t)pages_alloc(PAGE_SIZE, PAGE_SIZE);
    struct smmu_cd_config config = {
        .table = pgtable_address(&endpoint->table), .asid = endpoint->asid, .ips = IPS_32_BITS};

    pgtable_map(&endpoint->table, GOOD_IOVA, page, PGTABLE_PAGE, 0);
    pgtable_map(&endpoint->table, READONLY_IOVA, page, PGTABLE_PAGE, PGTABLE_READ_ONLY);
    pgtable_map(&endpoint->table, NO_AF_IOVA, page, PGTABLE_PAGE, PGTABLE_NO_ACCESS_FLAG);
    pgtable_map(&endpoint->table, PRIVATE_IOVA, page, PGTABLE_PAGE, PGTABLE_PRIVILEGED);
    pgtable_map(&endpoint->table, FAR_IOVA, FAR_PA, PGTABLE_PAGE, 0);
    smmu_cd_write(endpoint->cd, &config);
    testbed_invalidate_all(smmu);

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        run_case(smmu, endpoint, &cases[i]);

    struct dma_result result =
        endpoint_copy(endpoint, GOOD_IOVA + COPY_BYTES, READONLY_IOVA, COPY_BYTES);
    tap_equal(result.error, DMA_OK, "a read of the read-only page is allowed");
    endpoint_restore(endpoint, smmu);
}

/* A configuration error stops the very first access, the fetch of the descriptor. */
static void check_bad_configuration(struct smmu *smmu, struct endpoint *endpoint, const char *name,
                                    uint8_t type)
{
    struct smmu_event event;
    struct dma_result result = endpoint_copy(endpoint, GOOD_IOVA, GOOD_IOVA, COPY_BYTES);

    check_engine(&result, name, DMA_DESCRIPTOR_ABORT, RING_IOVA);
    if (testbed_take_event(smmu, name, &event))
        check_origin(&event, name, type, endpoint->sid);
}

/* As above, where the architecture asks for silence. */
static void check_silent_abort(struct smmu *smmu, struct endpoint *endpoint, const char *name)
{
    struct dma_result result = endpoint_copy(endpoint, GOOD_IOVA, GOOD_IOVA, COPY_BYTES);

    check_engine(&result, name, DMA_DESCRIPTOR_ABORT, RING_IOVA);
    tap_equal(testbed_drain_events(smmu), 0, "%s: no event", name);
}

static void test_stream_table_faults(struct smmu *smmu, struct endpoint *endpoint)
{
    endpoint->ste->word[0] &= ~STE0_V;
    testbed_invalidate_all(smmu);
    check_bad_configuration(smmu, endpoint, "STE not valid", EVENT_C_BAD_STE);

    smmu_ste_write_abort(endpoint->ste);
    testbed_invalidate_all(smmu);
    check_silent_abort(smmu, endpoint, "STE.Config = abort");
    endpoint_restore(endpoint, smmu);

    smmu_set_stream_limit(smmu, 0, true);
    check_bad_configuration(smmu, endpoint, "StreamID out of range", EVENT_C_BAD_STREAMID);
    smmu_set_stream_limit(smmu, 0, false);
    check_silent_abort(smmu, endpoint, "StreamID out of range, RECINVSID = 0");
    smmu_set_stream_limit(smmu, smmu->log2_streams, true);
}

static void test_context_faults(struct smmu *smmu, struct endpoint *endpoint)
{
    endpoint->cd->word[0] &= ~CD0_V;
    testbed_invalidate_all(smmu);
    check_bad_configuration(smmu, endpoint, "CD not valid", EVENT_C_BAD_CD);

    endpoint->cd->word[0] |= CD0_V;
    endpoint->cd->word[0] &= ~CD0_T0SZ; /* 64-bit input addresses: no such tables */
    testbed_invalidate_all(smmu);
    check_bad_configuration(smmu, endpoint, "CD.T0SZ out of range", EVENT_C_BAD_CD);
    endpoint_restore(endpoint, smmu);
}

static void test_command_error(struct smmu *smmu)
{
    struct smmu_command bad = {{hw_put(CMD_OPCODE, OPCODE_RESERVED), 0}};
    uint32_t gerrors = smmu->gerror_irqs;
    uint32_t syncs = smmu->sync_irqs;

    smmu_cmdq_push(smmu, smmu_cmd_tlbi_nh_all(0));
    uint32_t index = smmu->cmdq.prod;
    smmu_cmdq_push(smmu, bad);
    smmu_cmdq_push(smmu, smmu_cmd_sync(SYNC_SIG_IRQ));

    tap_equal(smmu_cmdq_wait(smmu), CERROR_ILL, "a Reserved opcode: CERROR_ILL");
    tap_equal(smmu->cmdq.cons, index, "CMDQ_CONS.RD stays at the bad command");
    tap_ok(wait_until(smmu->gerror_irqs == gerrors + 1), "GERROR.CMDQ_ERR interrupts");
    tap_equal(smmu->sync_irqs, syncs, "the commands behind it wait");

    smmu_cmdq_recover(smmu, smmu_cmd_sync(SYNC_SIG_NONE));
    tap_equal(smmu_cmdq_wait(smmu), CERROR_NONE, "acknowledged, the queue goes on");
    tap_ok(wait_until(smmu->sync_irqs == syncs + 1), "and the CMD_SYNC behind completes");
}

static void test_recovery(struct smmu *smmu, struct endpoint *endpoint)
{
    struct dma_result result = endpoint_copy(endpoint, GOOD_IOVA, GOOD_IOVA + 512, COPY_BYTES);

    tap_equal(result.error, DMA_OK, "after all that the stream translates again");
    tap_equal(testbed_drain_events(smmu), 0, "without an event");
}

int main(void)
{
    static struct smmu smmu;
    static struct endpoint endpoint;

    testbed_start(&smmu, LOG2_QUEUE);
    endpoint_open(&endpoint, &smmu, 0, 0x11);

    test_translation_faults(&smmu, &endpoint);
    test_stream_table_faults(&smmu, &endpoint);
    test_context_faults(&smmu, &endpoint);
    test_command_error(&smmu);
    test_recovery(&smmu, &endpoint);
    return 0;
}
