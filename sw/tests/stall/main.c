/* SPDX-License-Identifier: Apache-2.0 */
/* Faults that stall: the device waits while software maps the page or gives the access up. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

#define SOURCE_IOVA      0x000100000000UL
#define DESTINATION_IOVA 0x000200000000UL
#define LATE_IOVA        0x000300000000UL /* mapped when the device has asked for it */

#define DATA_BYTE 0x5a
#define NO_BYTE   0xee

struct client {
    struct endpoint endpoint;
    uint8_t *source, *destination;
};

static void set_stalling(struct smmu *smmu, struct endpoint *endpoint)
{
    struct smmu_cd_config config = {
        .table = pgtable_address(&endpoint->table),
        .asid = endpoint->asid,
        .ips = smmu->features.oas,
        .stall = true,
    };

    smmu_cd_write(endpoint->cd, &config);
    testbed_invalidate_all(smmu);
}

static void open_client(struct client *client, struct smmu *smmu, unsigned channel, uint16_t asid)
{
    struct endpoint *endpoint = &client->endpoint;

    endpoint_open(endpoint, smmu, channel, asid);
    client->source = testbed_page(DATA_BYTE);
    client->destination = testbed_page(NO_BYTE);
    pgtable_map(&endpoint->table, SOURCE_IOVA, (uintptr_t)client->source, PGTABLE_PAGE, 0);
    pgtable_map(&endpoint->table, DESTINATION_IOVA, (uintptr_t)client->destination, PGTABLE_PAGE,
                0);
    set_stalling(smmu, endpoint);
}

static void start(struct client *client, uint64_t destination, uint64_t source)
{
    struct dma_transfer transfer = {source, destination, PAGE_SIZE};

    endpoint_start(&client->endpoint, &transfer, 1);
}

/* The stall event of an access to `address`. */
static struct smmu_event take_stall(struct smmu *smmu, const char *name, uint64_t address, bool rnw)
{
    struct smmu_event event = {0};

    if (!tap_ok(smmu_event_wait(smmu, &event), "%s: an event is recorded", name))
        return event;
    event_print(&event);
    tap_equal(event.type, EVENT_F_TRANSLATION, "%s: F_TRANSLATION", name);
    tap_ok(event.stall, "%s: Stall is 1", name);
    tap_equal(event.input_addr, address, "%s: InputAddr", name);
    tap_equal(event.rnw, rnw, "%s: RnW", name);
    return event;
}

static void answer(struct smmu *smmu, const struct smmu_event *event, enum smmu_action action)
{
    smmu_command_sync(smmu, smmu_cmd_resume(event->sid, event->stag, action));
}

static void test_retry(struct smmu *smmu, struct client *client)
{
    start(client, DESTINATION_IOVA, LATE_IOVA);
    struct smmu_event event = take_stall(smmu, "read of a late page", LATE_IOVA, true);
    tap_equal(event.sid, client->endpoint.sid, "read of a late page: StreamID");
    tap_equal(client->endpoint.channel.irqs, 0, "read of a late page: the device waits");
    smmu_sync(smmu);
    tap_equal(client->endpoint.channel.irqs, 0, "read of a late page: and CMD_SYNC does not");

    answer(smmu, &event, SMMU_RETRY);
    event = take_stall(smmu, "retried too early", LATE_IOVA, true);

    pgtable_map(&client->endpoint.table, LATE_IOVA, (uintptr_t)client->source, PGTABLE_PAGE, 0);
    answer(smmu, &event, SMMU_RETRY);
    struct dma_result result = dma_poll(&client->endpoint.channel);
    tap_ok(result.finished && result.error == DMA_OK, "retried once mapped: the copy is done");
    tap_ok(testbed_page_is(client->destination, DATA_BYTE), "retried once mapped: every byte");
    tap_equal(testbed_drain_events(smmu), 0, "retried once mapped: no more events");

    pgtable_unmap(&client->endpoint.table, LATE_IOVA);
    testbed_invalidate_all(smmu);
}

static void test_terminate(struct smmu *smmu, struct client *client)
{
    start(client, LATE_IOVA, SOURCE_IOVA);
    struct smmu_event event = take_stall(smmu, "aborted write", LATE_IOVA, false);
    answer(smmu, &event, SMMU_TERMINATE_ABORT);
    struct dma_result result = dma_poll(&client->endpoint.channel);
    tap_equal(result.error, DMA_WRITE_ABORT, "aborted write: ERROR_CODE");
    tap_equal(result.fault_addr, LATE_IOVA, "aborted write: FAULT_ADDR");
}

/* One burst, so that there is one stall to answer. */
static void test_terminate_without_abort(struct smmu *smmu, struct client *client)
{
    struct smmu_event event;
    struct dma_transfer transfer = {LATE_IOVA, DESTINATION_IOVA, sizeof(uint64_t)};

    testbed_drain_events(smmu);
    endpoint_start(&client->endpoint, &transfer, 1);
    event = take_stall(smmu, "RAZ/WI", LATE_IOVA, true);
    answer(smmu, &event, SMMU_TERMINATE_RAZWI);
    struct dma_result result = dma_poll(&client->endpoint.channel);
    tap_equal(result.error, DMA_OK, "RAZ/WI: no error");
    tap_equal(*(volatile uint64_t *)client->destination, 0, "RAZ/WI: the read gave zeros");
}

static void test_two_at_once(struct smmu *smmu, struct client *clients)
{
    struct smmu_event first, second;

    start(&clients[0], DESTINATION_IOVA, LATE_IOVA);
    first = take_stall(smmu, "channel 0", LATE_IOVA, true);
    start(&clients[1], DESTINATION_IOVA, LATE_IOVA);
    second = take_stall(smmu, "channel 1", LATE_IOVA, true);
    tap_equal(second.sid, clients[1].endpoint.sid, "channel 1: StreamID");
    tap_ok(first.stag != second.stag, "two stalled at once have two STAGs");

    /* The STAG of one with the StreamID of the other: nobody's. */
    smmu_command_sync(smmu, smmu_cmd_resume(second.sid, first.stag, SMMU_TERMINATE_ABORT));
    tap_equal(clients[0].endpoint.channel.irqs + clients[1].endpoint.channel.irqs, 0,
              "a STAG of another stream resumes no one");

    pgtable_map(&clients[1].endpoint.table, LATE_IOVA, (uintptr_t)clients[1].source, PGTABLE_PAGE,
                0);
    answer(smmu, &second, SMMU_RETRY);
    struct dma_result result = dma_poll(&clients[1].endpoint.channel);
    tap_equal(result.error, DMA_OK, "channel 1 is resumed");
    tap_ok(testbed_page_is(clients[1].destination, DATA_BYTE), "and copies its page");
    tap_equal(clients[0].endpoint.channel.irqs, 0, "channel 0 still waits");

    smmu_command_sync(smmu, smmu_cmd_stall_term(clients[0].endpoint.sid));
    result = dma_poll(&clients[0].endpoint.channel);
    tap_equal(result.error, DMA_READ_ABORT, "CMD_STALL_TERM aborts it");
}

static void test_disable(struct smmu *smmu, struct client *client)
{
    start(client, DESTINATION_IOVA, LATE_IOVA);
    take_stall(smmu, "SMMUEN = 0", LATE_IOVA, true);
    smmu_set_bypass_abort(smmu, true);
    smmu_set_enabled(smmu, false);
    struct dma_result result = dma_poll(&client->endpoint.channel);
    tap_equal(result.error, DMA_READ_ABORT, "SMMUEN = 0 aborts what is stalled");
    smmu_set_enabled(smmu, true);
}

int main(void)
{
    static struct smmu smmu;
    static struct client clients[2];

    testbed_start(&smmu, LOG2_QUEUE);
    if (!smmu.features.stall)
        tap_bail_out("faults cannot stall");
    open_client(&clients[0], &smmu, 0, 1);
    open_client(&clients[1], &smmu, 1, 2);

    test_retry(&smmu, &clients[0]);
    test_terminate(&smmu, &clients[0]);
    if (!smmu.features.terminate_always)
        test_terminate_without_abort(&smmu, &clients[0]);
    test_two_at_once(&smmu, clients);
    test_disable(&smmu, &clients[0]);
    tap_equal(testbed_drain_events(&smmu), 0, "no event is left");
    return 0;
}
