/* SPDX-License-Identifier: Apache-2.0 */
/* ATS from the inside: functions ask for translations and keep them until they are invalidated,
 * and ask for pages that are not there. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "platform.h"
#include "requester.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE    6U
#define MAX_FUNCTIONS 8U

#define SOURCE_IOVA      0x000100000000UL
#define DESTINATION_IOVA 0x000200000000UL
#define LATE_IOVA        0x000300000000UL /* mapped when the function has asked for it */
#define OTHER_IOVA       0x000400000000UL /* never mapped */

/* A function and its pages. */
struct copier {
    struct requester requester;
    uint8_t *first, *second, *destination;
};

static void open_copier(struct smmu *smmu, struct copier *c, const struct pcie_function *function,
                        uint16_t asid)
{
    struct requester *r = &c->requester;

    requester_open(r, smmu, function, asid);
    c->first = testbed_page(0x11);
    c->second = testbed_page(0x22);
    c->destination = testbed_page(0);
    requester_map(r, SOURCE_IOVA, c->first);
    pgtable_map(&r->table, DESTINATION_IOVA, (uintptr_t)c->destination, PGTABLE_PAGE, 0);
}

static struct ring_descriptor copy_from(uint64_t source)
{
    return (struct ring_descriptor){.control = RING_COPY,
                                    .source = source,
                                    .destination = DESTINATION_IOVA,
                                    .length = PAGE_SIZE};
}

/* The ring cannot reach even its descriptors: it halts. */
static void test_forbidden(struct smmu *smmu, struct copier *c)
{
    struct requester *r = &c->requester;
    struct smmu_event event;

    requester_set_ats(r, true);
    ring_run(&r->ring, copy_from(SOURCE_IOVA));
    tap_ok(testbed_page_is(c->destination, 0), "%04x: EATS = 0: nothing is translated",
           r->function.rid);
    if (testbed_take_event(smmu, "EATS = 0", &event)) {
        tap_equal(event.type, EVENT_F_BAD_ATS_TREQ, "EATS = 0: F_BAD_ATS_TREQ");
        tap_equal(event.sid, r->function.rid, "EATS = 0: its StreamID");
        tap_equal(event.treq_span, 1, "EATS = 0: one translation was asked for");
        tap_ok(event.treq_rights & TREQ_RIGHT_R, "EATS = 0: to read");
    }
    requester_set_ats(r, false);
    smmu_ste_set_ats(smmu, r->function.rid, true);
    ring_close(&r->ring);
    ring_reopen(&r->ring);
}

static void test_copy(struct copier *c)
{
    struct requester *r = &c->requester;

    requester_set_ats(r, true);
    tap_equal(ring_run(&r->ring, copy_from(SOURCE_IOVA)).status, RING_DONE, "%04x: a copy is done",
              r->function.rid);
    tap_ok(testbed_page_is(c->destination, 0x11), "%04x: of the right page", r->function.rid);
}

/* What the function was told stays true for it until CMD_ATC_INV, whatever the SMMU forgets. */
static void test_invalidation(struct smmu *smmu, struct copier *c)
{
    struct requester *r = &c->requester;
    struct ring_descriptor plain = copy_from(SOURCE_IOVA);

    plain.control |= RING_PLAIN;
    requester_map(r, SOURCE_IOVA, c->second);
    smmu_command_sync(smmu, smmu_cmd_tlbi_va(0, r->asid, SOURCE_IOVA));
    ring_run(&r->ring, copy_from(SOURCE_IOVA));
    tap_ok(testbed_page_is(c->destination, 0x11), "a stale translation is used");
    ring_run(&r->ring, plain);
    tap_ok(testbed_page_is(c->destination, 0x22), "an untranslated request sees the new one");
    smmu_command_sync(smmu, smmu_cmd_atc_inv(r->function.rid, DESTINATION_IOVA, 0));
    ring_run(&r->ring, copy_from(SOURCE_IOVA));
    tap_ok(testbed_page_is(c->destination, 0x11), "CMD_ATC_INV of another page changes nothing");
    smmu_command_sync(smmu, smmu_cmd_atc_inv(r->function.rid, SOURCE_IOVA, 0));
    ring_run(&r->ring, copy_from(SOURCE_IOVA));
    tap_ok(testbed_page_is(c->destination, 0x22), "CMD_ATC_INV and CMD_SYNC: the new one is used");
}

static void test_rights(struct smmu *smmu, struct requester *r)
{
    struct ring_descriptor fill = {
        .control = RING_FILL, .destination = SOURCE_IOVA, .length = 64, .pattern = 0};
    struct ring_descriptor done = ring_run(&r->ring, fill);

    tap_equal(done.status, RING_DENIED, "a write to a read-only page is denied");
    tap_equal(done.fault_addr, SOURCE_IOVA, "where");
    tap_equal(ring_run(&r->ring, copy_from(OTHER_IOVA)).status, RING_DENIED,
              "so is a read of no page");
    tap_equal(testbed_drain_events(smmu), 0, "the SMMU records neither");
}

static bool take_request(struct smmu *smmu, const struct requester *r, uint64_t address,
                         struct smmu_page_request *request)
{
    if (!tap_ok(smmu_page_request_wait(smmu, request), "%04x: a page is asked for",
                r->function.rid))
        return false;
    tap_equal(request->sid, r->function.rid, "by its StreamID");
    tap_equal(request->address, address, "its address");
    return tap_ok(request->last && request->read && !request->write, "to read, in one request");
}

static void test_late_page(struct smmu *smmu, struct copier *c)
{
    struct requester *r = &c->requester;
    struct smmu_page_request request;

    requester_set_pri(r, true);
    ring_start(&r->ring, copy_from(LATE_IOVA));
    if (!take_request(smmu, r, LATE_IOVA, &request))
        return;
    requester_map(r, LATE_IOVA, c->first);
    smmu_command_sync(smmu, smmu_cmd_pri_resp(&request, SMMU_PAGES_READY));
    tap_equal(ring_finish(&r->ring).status, RING_DONE, "brought in: the copy is done");
    tap_ok(testbed_page_is(c->destination, 0x11), "of the page brought in");
    requester_unmap(r, smmu, LATE_IOVA);
}

static void test_late_page_of_pasid(struct smmu *smmu, struct requester *r)
{
    struct ring_descriptor work = copy_from(LATE_IOVA);
    struct smmu_page_request request;

    requester_enable_pasids(r);
    work.control |= RING_WITH_PASID;
    work.pasid = REQUESTER_PASID;
    ring_start(&r->ring, work);
    if (!take_request(smmu, r, LATE_IOVA, &request))
        return;
    tap_ok(request.ssv && request.ssid == REQUESTER_PASID, "of PASID 0x%x", REQUESTER_PASID);
    smmu_command_sync(smmu, smmu_cmd_pri_resp(&request, SMMU_PAGES_INVALID));
    tap_equal(ring_finish(&r->ring).status, RING_NO_PAGE, "Invalid Request: it ends so");
}

static void test_failure(struct smmu *smmu, struct requester *r)
{
    struct smmu_page_request request;

    ring_start(&r->ring, copy_from(OTHER_IOVA));
    if (!take_request(smmu, r, OTHER_IOVA, &request))
        return;
    smmu_command_sync(smmu, smmu_cmd_pri_resp(&request, SMMU_PAGES_FAILED));
    tap_equal(ring_finish(&r->ring).status, RING_NO_PRI, "Response Failure: it ends so");
    tap_ok(requester_pri_status(r) & PRI_FAILED, "and says so");
    tap_equal(ring_run(&r->ring, copy_from(OTHER_IOVA)).status, RING_NO_PRI, "nor asks again");
    requester_set_pri(r, false);
    tap_ok(requester_pri_status(r) & PRI_STOPPED, "switched off: stops");
}

int main(void)
{
    static struct smmu smmu;
    static struct copier copiers[MAX_FUNCTIONS];
    static struct pcie_function functions[MAX_FUNCTIONS];
    unsigned count = pcie_scan(functions, MAX_FUNCTIONS);

    smmu_probe(&smmu, PLATFORM_SMMU_BASE);
    tap_note("%u functions", count);
    tap_ok(smmu.features.ats && smmu.features.pri, "the SMMU has ATS and PRI");
    smmu_reset(&smmu, REQUESTERS_LOG2_STREAMS, LOG2_QUEUE);
    smmu_enable_page_requests(&smmu, LOG2_QUEUE);
    for (unsigned i = 0; i < count && i < MAX_FUNCTIONS; i++) {
        struct copier *c = &copiers[i];
        struct requester *r = &c->requester;
        open_copier(&smmu, c, &functions[i], (uint16_t)(i + 1));
        test_forbidden(&smmu, c);
        test_copy(c);
        test_invalidation(&smmu, c);
        test_rights(&smmu, r);
        test_late_page(&smmu, c);
        test_late_page_of_pasid(&smmu, r);
        test_failure(&smmu, r);
    }
    tap_equal(testbed_drain_events(&smmu), 0, "no event is left");
    return 0;
}
