/* SPDX-License-Identifier: Apache-2.0 */
/* Page requests and invalidations when they do not go well: groups, a queue that overflows, work
 * that is given up, PASIDs that are stopped, a function that does not answer. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "platform.h"
#include "requester.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE         6U
#define LOG2_PAGE_REQUESTS 2U /* so that it overflows */
#define MAX_UNSERVED       (1U << LOG2_PAGE_REQUESTS)
#define MAX_FUNCTIONS      8U

#define LATE_IOVA   0x000300000000UL /* pages here are mapped when they are asked for */
#define SOURCE_IOVA 0x000100000000UL

static struct ring_descriptor checksum(uint64_t source, unsigned pages)
{
    return (struct ring_descriptor){
        .control = RING_CRC, .source = source, .length = pages * (uint32_t)PAGE_SIZE};
}

static uint64_t late_page(unsigned i)
{
    return LATE_IOVA + i * PAGE_SIZE;
}

static void respond(struct smmu *smmu, const struct smmu_page_request *request,
                    enum smmu_page_answer answer)
{
    smmu_command_sync(smmu, smmu_cmd_pri_resp(request, answer));
}

static void unmap_late_pages(struct smmu *smmu, struct requester *r, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        requester_unmap(r, smmu, late_page(i));
}

/* Three pages in one group, and one response for all of them. */
static void test_group(struct smmu *smmu, struct requester *r, const uint8_t *page)
{
    struct smmu_page_request request;
    uint16_t group = 0;

    ring_set_group(&r->ring, 4);
    ring_start(&r->ring, checksum(LATE_IOVA, 3));
    for (unsigned i = 0; i < 3; i++) {
        if (!tap_ok(smmu_page_request_wait(smmu, &request), "a page of a group is asked for"))
            return;
        group = i == 0 ? request.group : group;
        tap_equal(request.address, late_page(i), "its address");
        tap_ok(request.group == group && request.last == (i == 2), "the last one says so");
        requester_map(r, request.address, page);
    }
    respond(smmu, &request, SMMU_PAGES_READY);
    tap_equal(ring_finish(&r->ring).status, RING_DONE, "one response: the work is done");
    tap_ok(!smmu_page_request_pop(smmu, &request), "and no page asked for again");
    ring_set_group(&r->ring, 1);
    unmap_late_pages(smmu, r, 3);
}

/* Requests that have been read, of groups whose end has not come yet. */
struct unserved {
    struct smmu_page_request request[MAX_UNSERVED];
    unsigned count;
};

/* Map the pages of the group that ends with the last of them, and respond. */
static void serve_group(struct smmu *smmu, struct requester *r, const uint8_t *page,
                        struct unserved *unserved)
{
    const struct smmu_page_request end = unserved->request[unserved->count - 1];
    unsigned left = 0;

    for (unsigned i = 0; i < unserved->count; i++) {
        const struct smmu_page_request request = unserved->request[i];
        if (request.group == end.group)
            requester_map(r, request.address, page);
        else
            unserved->request[left++] = request;
    }
    unserved->count = left;
    respond(smmu, &end, SMMU_PAGES_READY);
}

/* Read the queue to its end and serve the groups that are whole. What is read of the others stays:
 * their end may be on its way, and nothing is asked for again before it has its response. */
static void serve_queue(struct smmu *smmu, struct requester *r, const uint8_t *page,
                        struct unserved *unserved)
{
    struct smmu_page_request request;

    while (unserved->count < MAX_UNSERVED && smmu_page_request_pop(smmu, &request)) {
        unserved->request[unserved->count++] = request;
        if (request.last)
            serve_group(smmu, r, page, unserved);
    }
}

static bool second_is_served(struct smmu *smmu, struct requester *r, const uint8_t *page,
                             struct unserved *unserved)
{
    serve_queue(smmu, r, page, unserved);
    return ring_has_finished(&r->second);
}

/* IHI 0070 8.1: the queue has room for a group of two pages, and for half of one of four. The SMMU
 * answers the end of that one with success, and the function asks again. */
static void test_overflow(struct smmu *smmu, struct requester *r, const uint8_t *page)
{
    struct unserved unserved = {.count = 0};

    ring_set_group(&r->ring, 4);
    ring_set_group(&r->second, 4);
    ring_start(&r->ring, checksum(late_page(0), 2));
    tap_ok(wait_until(smmu_page_requests_waiting(smmu) == 2), "two requests are in the queue");
    ring_start(&r->second, checksum(late_page(2), 4));
    tap_ok(wait_until(smmu_page_requests_lost(smmu)), "the queue overflows");
    serve_queue(smmu, r, page, &unserved);
    tap_equal(unserved.count, 2, "two requests belong to a group without end");
    unserved.count = 0; /* it has been answered */
    tap_equal(ring_finish(&r->ring).status, RING_DONE, "the group that is whole is served");
    tap_ok(smmu_page_requests_lost(smmu), "reading is not acknowledging");
    tap_ok(!ring_has_finished(&r->second), "the other ring waits");
    smmu_page_requests_resume(smmu);
    tap_ok(!smmu_page_requests_lost(smmu), "acknowledged");
    tap_ok(wait_until(second_is_served(smmu, r, page, &unserved)), "its pages are asked for again");
    tap_equal(ring_finish(&r->second).status, RING_DONE, "and the work is done");
    tap_equal(requester_pri_status(r), 0, "no response was a surprise to the function");
    unmap_late_pages(smmu, r, 6);
}

/* What a ring waited for comes when nobody wants it. */
static void test_disabled_ring(struct smmu *smmu, struct requester *r, const uint8_t *page)
{
    struct smmu_page_request old, request;

    ring_start(&r->ring, checksum(LATE_IOVA, 1));
    tap_ok(smmu_page_request_wait(smmu, &old), "a page is asked for");
    tap_ok(ring_close(&r->ring), "disabled: the ring waits no longer");
    ring_reopen(&r->ring);
    ring_start(&r->ring, checksum(LATE_IOVA, 1));
    tap_ok(smmu_page_request_wait(smmu, &request), "enabled: it is asked for again");
    tap_ok(request.group != old.group, "by a new group, since the old one has no response");
    respond(smmu, &old, SMMU_PAGES_INVALID);
    requester_map(r, LATE_IOVA, page);
    respond(smmu, &request, SMMU_PAGES_READY);
    tap_equal(ring_finish(&r->ring).status, RING_DONE, "the late response is for nobody");
    tap_equal(requester_pri_status(r), 0, "and no surprise to the function");
    unmap_late_pages(smmu, r, 1);
}

static void take_stop_marker(struct smmu *smmu)
{
    struct smmu_page_request marker;

    if (!tap_ok(smmu_page_request_wait(smmu, &marker), "a Stop Marker is in the queue"))
        return;
    tap_ok(marker.ssv && marker.ssid == REQUESTER_PASID, "of PASID 0x%x", REQUESTER_PASID);
    tap_ok(marker.last && !marker.read && !marker.write, "last, and neither to read nor to write");
}

static void test_stopped_pasid(struct smmu *smmu, struct requester *r, const uint8_t *page)
{
    struct ring_descriptor work = checksum(LATE_IOVA, 1);
    struct smmu_page_request request;

    requester_enable_pasids(r);
    work.control |= RING_WITH_PASID;
    work.pasid = REQUESTER_PASID;
    ring_start(&r->ring, work);
    tap_ok(smmu_page_request_wait(smmu, &request), "a page of a PASID is asked for");
    tap_ok(ring_stop_pasid(&r->ring, REQUESTER_PASID), "the PASID is stopped");
    tap_equal(ring_finish(&r->ring).status, RING_STOPPED, "its work is given up");
    take_stop_marker(smmu);
    respond(smmu, &request, SMMU_PAGES_READY);
    tap_equal(requester_pri_status(r), 0, "the response was expected all the same");

    ring_start(&r->ring, work);
    tap_ok(smmu_page_request_wait(smmu, &request), "used again, it asks for the page again");
    requester_map(r, LATE_IOVA, page);
    respond(smmu, &request, SMMU_PAGES_READY);
    tap_equal(ring_finish(&r->ring).status, RING_DONE, "and gets it");
    tap_ok(ring_stop_pasid(&r->ring, REQUESTER_PASID), "stopped when all is done");
    take_stop_marker(smmu);
    tap_ok(!ring_stop_pasid(&r->ring, REQUESTER_PASID), "stopped once more: no page, no marker");
    unmap_late_pages(smmu, r, 1);
}

/* The function does not complete in time (IHI 0070 3.9.1.4): what it knows stays in use until
 * software takes its translations away. */
static void test_late_invalidation(struct smmu *smmu, struct requester *r, const uint8_t *first,
                                   const uint8_t *second)
{
    uint32_t crc;

    requester_map(r, SOURCE_IOVA, first);
    crc = ring_run(&r->ring, checksum(SOURCE_IOVA, 1)).crc;
    requester_map(r, SOURCE_IOVA, second);
    smmu_command_sync(smmu, smmu_cmd_tlbi_va(0, r->asid, SOURCE_IOVA));
    smmu_cmdq_push(smmu, smmu_cmd_atc_inv(r->function.rid, SOURCE_IOVA, 0));
    smmu_cmdq_push(smmu, smmu_cmd_sync(SYNC_SIG_NONE));
    tap_equal(smmu_cmdq_wait(smmu), CERROR_ATC_INV_SYNC, "%04x: CMD_SYNC tells of a time-out",
              r->function.rid);
    smmu_cmdq_recover(smmu, smmu_cmd_sync(SYNC_SIG_NONE));
    tap_equal(smmu_cmdq_wait(smmu), CERROR_NONE, "acknowledged: the queue goes on");
    tap_equal(ring_run(&r->ring, checksum(SOURCE_IOVA, 1)).crc, crc, "the old page is in use");
    requester_set_ats(r, false);
    requester_set_ats(r, true);
    tap_ok(ring_run(&r->ring, checksum(SOURCE_IOVA, 1)).crc != crc, "ATS off and on: no longer");
}

int main(void)
{
    static struct smmu smmu;
    static struct requester requesters[MAX_FUNCTIONS];
    static struct pcie_function functions[MAX_FUNCTIONS];
    const uint8_t *first = testbed_page(0x11), *second = testbed_page(0x22);
    unsigned count = pcie_scan(functions, MAX_FUNCTIONS);

    smmu_probe(&smmu, PLATFORM_SMMU_BASE);
    tap_ok(count > 1, "there are %u functions", count);
    smmu_reset(&smmu, REQUESTERS_LOG2_STREAMS, LOG2_QUEUE);
    smmu_enable_page_requests(&smmu, LOG2_PAGE_REQUESTS);
    if (smmu.priq.log2_size != LOG2_PAGE_REQUESTS) /* it is to overflow after so many */
        tap_bail_out("the SMMU has no queue of %u page requests", 1U << LOG2_PAGE_REQUESTS);
    for (unsigned i = 0; i < count && i < MAX_FUNCTIONS; i++) {
        struct requester *r = &requesters[i];
        requester_open(r, &smmu, &functions[i], (uint16_t)(i + 1));
        smmu_ste_set_ats(&smmu, r->function.rid, true);
        requester_set_ats(r, true);
        if (r->function.rid != r->function.root_rid) { /* behind the port: it is late */
            test_late_invalidation(&smmu, r, first, second);
            continue;
        }
        requester_set_pri(r, true);
        test_group(&smmu, r, first);
        test_overflow(&smmu, r, first);
        test_disabled_ring(&smmu, r, first);
        test_stopped_pasid(&smmu, r, first);
    }
    tap_equal(testbed_drain_events(&smmu), 0, "no event is left");
    return 0;
}
