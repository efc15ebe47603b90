/* SPDX-License-Identifier: Apache-2.0 */
/* 2-level stream and CD tables: one stream, an address space for each SubstreamID, and what happens
 * where a table of level 2 is missing. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

#define LOG2_WIDE_STREAMS 12U /* four bits of level 1 */
#define LOG2_SSIDS        12U /* six bits of level 1 */

/* The same addresses in every address space. */
#define SOURCE_IOVA      0x000100000000UL
#define DESTINATION_IOVA 0x000200000000UL

/* Contexts with tables of their own: the first and last CD of the first page, one of another. */
static const uint32_t ssids[] = {1, 0x3f, 0x5a7};
#define SPACES (sizeof(ssids) / sizeof(ssids[0]))

#define SSID_WITHOUT_L2 0x800U  /* its L1CD is not valid */
#define SSID_WITHOUT_CD 2U      /* its CD is not valid */
#define SSID_TOO_LARGE  0x1000U /* beyond S1CDMax */

struct space {
    struct pgtable table;
    uint8_t *source, *destination;
};

struct client {
    struct endpoint endpoint;
    uint64_t *directory;
    struct smmu_contexts contexts;
    struct space spaces[SPACES];
};

static uint8_t byte_of(unsigned space)
{
    return (uint8_t)(0x51 + space);
}

static void open_space(struct smmu *smmu, struct client *client, unsigned i)
{
    struct space *space = &client->spaces[i];

    space->table = pgtable_create();
    space->source = testbed_page(byte_of(i));
    space->destination = testbed_page(0);
    pgtable_map(&space->table, RING_IOVA, (uintptr_t)client->endpoint.ring, PGTABLE_PAGE, 0);
    pgtable_map(&space->table, SOURCE_IOVA, (uintptr_t)space->source, PGTABLE_PAGE, 0);
    pgtable_map(&space->table, DESTINATION_IOVA, (uintptr_t)space->destination, PGTABLE_PAGE, 0);

    struct smmu_cd_config config = {.table = pgtable_address(&space->table),
                                    .asid = (uint16_t)(0x100 + i),
                                    .ips = smmu->features.oas};
    smmu_cd_write(smmu_cd_of(client->directory, ssids[i]), &config);
}

static void write_ste(struct smmu *smmu, struct client *client, unsigned s1dss)
{
    client->contexts.s1dss = s1dss;
    smmu_ste_write(client->endpoint.ste, &client->contexts, NULL);
    testbed_invalidate_all(smmu);
}

static struct dma_result copy(struct client *client)
{
    return endpoint_copy(&client->endpoint, DESTINATION_IOVA, SOURCE_IOVA, PAGE_SIZE);
}

static void test_spaces(struct client *client)
{
    for (unsigned i = 0; i < SPACES; i++) {
        dma_set_ssid(&client->endpoint.channel, ssids[i]);
        struct dma_result result = copy(client);
        tap_equal(result.error, DMA_OK, "SubstreamID 0x%x: the copy is done", ssids[i]);
        tap_ok(testbed_page_is(client->spaces[i].destination, byte_of(i)),
               "SubstreamID 0x%x: in its own address space", ssids[i]);
    }
}

/* The channel cannot even fetch its descriptor. */
static bool expect_event(struct smmu *smmu, struct client *client, const char *name, uint8_t type,
                         struct smmu_event *event)
{
    struct dma_result result = copy(client);

    tap_equal(result.error, DMA_DESCRIPTOR_ABORT, "%s: ERROR_CODE", name);
    if (!testbed_take_event(smmu, name, event))
        return false;
    tap_equal(event->type, type, "%s: type %s", name, smmu_event_name(type));
    tap_equal(event->sid, client->endpoint.sid, "%s: StreamID", name);
    return true;
}

static void test_missing_contexts(struct smmu *smmu, struct client *client)
{
    static const struct {
        const char *name;
        uint32_t ssid;
        uint8_t type;
        bool ssv; /* C_BAD_SUBSTREAMID has the SubstreamID without SSV */
    } cases[] = {
        {"L1CD not valid", SSID_WITHOUT_L2, EVENT_C_BAD_SUBSTREAMID, false},
        {"CD not valid", SSID_WITHOUT_CD, EVENT_C_BAD_CD, true},
        {"SubstreamID beyond S1CDMax", SSID_TOO_LARGE, EVENT_C_BAD_SUBSTREAMID, false},
    };
    struct smmu_event event;

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        dma_set_ssid(&client->endpoint.channel, cases[i].ssid);
        if (expect_event(smmu, client, cases[i].name, cases[i].type, &event)) {
            tap_equal(event.ssid, cases[i].ssid, "%s: SubstreamID", cases[i].name);
            tap_equal(event.ssv, cases[i].ssv, "%s: SSV", cases[i].name);
        }
    }
}

static void test_fault_in_a_space(struct smmu *smmu, struct client *client)
{
    struct smmu_event event;

    dma_set_ssid(&client->endpoint.channel, ssids[2]);
    struct dma_result result =
        endpoint_copy(&client->endpoint, DESTINATION_IOVA, SOURCE_IOVA + PAGE_SIZE, 8);
    tap_equal(result.error, DMA_READ_ABORT, "unmapped in one space: ERROR_CODE");
    if (!testbed_take_event(smmu, "unmapped in one space", &event))
        return;
    tap_equal(event.type, EVENT_F_TRANSLATION, "unmapped in one space: F_TRANSLATION");
    tap_ok(event.ssv && event.ssid == ssids[2], "unmapped in one space: SSV and SubstreamID");
}

/* Without a SubstreamID S1DSS decides. */
static void test_default_substream(struct smmu *smmu, struct client *client)
{
    struct smmu_event event;

    dma_clear_ssid(&client->endpoint.channel);
    write_ste(smmu, client, STE_S1DSS_ABORT);
    expect_event(smmu, client, "S1DSS = terminate", EVENT_F_STREAM_DISABLED, &event);

    struct space *space = &client->spaces[1];
    struct smmu_cd_config config = {
        .table = pgtable_address(&space->table), .asid = 0x200, .ips = smmu->features.oas};
    smmu_cd_write(smmu_cd_of(client->directory, 0), &config);
    write_ste(smmu, client, STE_S1DSS_CD0);
    testbed_page_clear(space->destination);
    struct dma_result result = copy(client);
    tap_equal(result.error, DMA_OK, "S1DSS = CD 0: the copy is done");
    tap_ok(testbed_page_is(space->destination, byte_of(1)), "S1DSS = CD 0: by the tables of CD 0");
    dma_set_ssid(&client->endpoint.channel, 0);
    expect_event(smmu, client, "S1DSS = CD 0, SubstreamID 0", EVENT_F_STREAM_DISABLED, &event);
    dma_clear_ssid(&client->endpoint.channel);

    write_ste(smmu, client, STE_S1DSS_BYPASS);
    testbed_page_clear(space->destination);
    struct dma_transfer transfer = {(uintptr_t)space->source, (uintptr_t)space->destination,
                                    PAGE_SIZE};
    dma_build(client->endpoint.ring, (uintptr_t)client->endpoint.ring, &transfer, 1);
    dma_start(&client->endpoint.channel, (uintptr_t)client->endpoint.ring);
    result = dma_poll(&client->endpoint.channel);
    tap_equal(result.error, DMA_OK, "S1DSS = bypass: physical addresses");
    tap_ok(testbed_page_is(space->destination, byte_of(1)), "S1DSS = bypass: every byte");
}

/* A CD that changes is stale until CMD_CFGI_CD of its SubstreamID. */
static void test_cd_invalidation(struct smmu *smmu, struct client *client)
{
    struct space *old = &client->spaces[0], *other = &client->spaces[1];
    struct smmu_cd_config config = {
        .table = pgtable_address(&other->table), .asid = 0x300, .ips = smmu->features.oas};

    write_ste(smmu, client, STE_S1DSS_ABORT);
    dma_set_ssid(&client->endpoint.channel, ssids[0]);
    copy(client);
    smmu_cd_write(smmu_cd_of(client->directory, ssids[0]), &config);
    testbed_page_clear(old->destination);
    testbed_page_clear(other->destination);
    smmu_command_sync(smmu, smmu_cmd_cfgi_cd(client->endpoint.sid, ssids[1]));
    copy(client);
    tap_ok(testbed_page_is(old->destination, byte_of(0)),
           "a changed CD is stale after CMD_CFGI_CD of another SubstreamID");
    smmu_command_sync(smmu, smmu_cmd_cfgi_cd(client->endpoint.sid, ssids[0]));
    copy(client);
    tap_ok(testbed_page_is(other->destination, byte_of(1)), "and new after its own");
}

static void test_stream_table(struct smmu *smmu, struct client *client, struct endpoint *absent)
{
    struct smmu_event event;

    smmu_use_two_level_table(smmu, LOG2_WIDE_STREAMS);
    dma_set_ssid(&client->endpoint.channel, ssids[0]);
    expect_event(smmu, client, "no table of level 2", EVENT_C_BAD_STREAMID, &event);

    client->endpoint.ste = smmu_stream(smmu, client->endpoint.sid);
    write_ste(smmu, client, STE_S1DSS_ABORT);
    testbed_page_clear(client->spaces[0].destination);
    struct dma_result result = copy(client);
    tap_equal(result.error, DMA_OK, "with one the stream translates");
    tap_ok(testbed_page_is(client->spaces[0].destination, byte_of(0)), "as before");

    result = endpoint_copy(absent, DESTINATION_IOVA, SOURCE_IOVA, PAGE_SIZE);
    tap_equal(result.error, DMA_DESCRIPTOR_ABORT, "its neighbour has no STE: ERROR_CODE");
    if (testbed_take_event(smmu, "its neighbour has no STE", &event)) {
        tap_equal(event.type, EVENT_C_BAD_STE, "its neighbour has no STE: C_BAD_STE");
        tap_equal(event.sid, absent->sid, "its neighbour has no STE: StreamID");
    }
}

int main(void)
{
    static struct smmu smmu;
    static struct client client;
    static struct endpoint neighbour;

    testbed_start(&smmu, LOG2_QUEUE);
    if (!smmu.features.two_level || smmu.features.ssid_bits < LOG2_SSIDS)
        tap_bail_out("no 2-level tables, or too few SubstreamIDs");
    endpoint_open(&client.endpoint, &smmu, 0, 0);
    endpoint_open(&neighbour, &smmu, 1, 0);
    client.directory = smmu_cd_directory_alloc(LOG2_SSIDS);
    client.contexts = (struct smmu_contexts){
        .address = (uintptr_t)client.directory, .log2_count = LOG2_SSIDS, .two_level = true};
    for (unsigned i = 0; i < SPACES; i++)
        open_space(&smmu, &client, i);
    write_ste(&smmu, &client, STE_S1DSS_ABORT);

    test_stream_table(&smmu, &client, &neighbour);
    test_spaces(&client);
    tap_equal(testbed_drain_events(&smmu), 0, "no event so far");
    test_missing_contexts(&smmu, &client);
    test_fault_in_a_space(&smmu, &client);
    test_default_substream(&smmu, &client);
    test_cd_invalidation(&smmu, &client);
    tap_equal(testbed_drain_events(&smmu), 0, "no event is left");
    return 0;
}
