/* SPDX-License-Identifier: Apache-2.0 */
/* ATS from the inside: functions ask for translations and keep them until they are invalidated,
 * and ask for pages that are not there. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "platform.h"
#include "ring.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE      6U
#define LOG2_REQUESTERS 10U /* buses 0 to 3 */
#define LOG2_PASIDS     12U
#define MAX_FUNCTIONS   8U

#define SOURCE_IOVA      0x000100000000UL
#define DESTINATION_IOVA 0x000200000000UL
#define LATE_IOVA        0x000300000000UL /* mapped when the function has asked for it */
#define OTHER_IOVA       0x000400000000UL /* never mapped */

#define PASID 0x321U

/* Registers of the capabilities. */
#define ATS_CONTROL    6U
#define ATS_ENABLE     0x8000U
#define PRI_CONTROL    4U
#define PRI_STATUS     6U
#define PRI_ALLOCATION 12U
#define PRI_ENABLE     1U
#define PRI_STOPPED    0x100U
#define PRI_FAILED     1U
#define PASID_CONTROL  6U
#define PASID_ENABLE   1U

/* A function with its address space, which PASID shares. */
struct requester {
    struct pcie_function function;
    struct ring ring;
    struct pgtable table;
    uint16_t asid;
    uint8_t *first, *second, *destination;
    unsigned ats, pri; /* capabilities */
};

static void set_source(struct requester *r, const uint8_t *page)
{
    pgtable_map(&r->table, SOURCE_IOVA, (uintptr_t)page, PGTABLE_PAGE, PGTABLE_READ_ONLY);
}

static void open_requester(struct smmu *smmu, struct requester *r, uint16_t asid)
{
    struct smmu_contexts contexts = {
        .log2_count = LOG2_PASIDS, .two_level = true, .s1dss = STE_S1DSS_CD0};
    uint64_t *directory = smmu_cd_directory_alloc(LOG2_PASIDS);
    struct smmu_cd_config config = {.asid = asid, .ips = smmu->features.oas};

    ring_open(&r->ring, &r->function, 0, RING_IOVA);
    r->asid = asid;
    r->ats = pcie_extended_capability(r->function.rid, PCIE_EXT_ATS);
    r->pri = pcie_extended_capability(r->function.rid, PCIE_EXT_PRI);
    r->first = testbed_page(0x11);
    r->second = testbed_page(0x22);
    r->destination = testbed_page(0);
    r->table = pgtable_create();
    pgtable_map(&r->table, RING_IOVA, (uintptr_t)r->ring.descriptors, PGTABLE_PAGE, 0);
    pgtable_map(&r->table, DESTINATION_IOVA, (uintptr_t)r->destination, PGTABLE_PAGE, 0);
    set_source(r, r->first);

    config.table = pgtable_address(&r->table);
    smmu_cd_write(smmu_cd_of(directory, 0), &config);
    smmu_cd_write(smmu_cd_of(directory, PASID), &config);
    contexts.address = (uintptr_t)directory;
    smmu_ste_write(smmu_stream(smmu, r->function.rid), &contexts, NULL);
    testbed_invalidate_all(smmu);
}

static struct ring_descriptor copy_from(uint64_t source)
{
    return (struct ring_descriptor){.control = RING_COPY,
                                    .source = source,
                                    .destination = DESTINATION_IOVA,
                                    .length = PAGE_SIZE};
}

static void set_ats(const struct requester *r, bool enable)
{
    pcie_write16(r->function.rid, r->ats + ATS_CONTROL, enable ? ATS_ENABLE : 0);
}

/* The ring cannot reach even its descriptors: it halts. */
static void test_forbidden(struct smmu *smmu, struct requester *r)
{
    struct smmu_event event;

    set_ats(r, true);
    ring_run(&r->ring, copy_from(SOURCE_IOVA));
    tap_ok(testbed_page_is(r->destination, 0), "%04x: EATS = 0: nothing is translated",
           r->function.rid);
    if (testbed_take_event(smmu, "EATS = 0", &event)) {
        tap_equal(event.type, EVENT_F_BAD_ATS_TREQ, "EATS = 0: F_BAD_ATS_TREQ");
        tap_equal(event.sid, r->function.rid, "EATS = 0: its StreamID");
    }
    set_ats(r, false);
    smmu_ste_set_ats(smmu, r->function.rid, true);
    ring_open(&r->ring, &r->function, 0, RING_IOVA);
    pgtable_map(&r->table, RING_IOVA, (uintptr_t)r->ring.descriptors, PGTABLE_PAGE, 0);
    testbed_invalidate_all(smmu);
}

static void test_copy(struct requester *r)
{
    set_ats(r, true);
    tap_equal(ring_run(&r->ring, copy_from(SOURCE_IOVA)).status, RING_DONE, "%04x: a copy is done",
              r->function.rid);
    tap_ok(testbed_page_is(r->destination, 0x11), "%04x: of the right page", r->function.rid);
}

/* What the function was told stays true for it until CMD_ATC_INV, whatever the SMMU forgets. */
static void test_invalidation(struct smmu *smmu, struct requester *r)
{
    struct ring_descriptor plain = copy_from(SOURCE_IOVA);

    plain.control |= RING_PLAIN;
    set_source(r, r->second);
    smmu_command_sync(smmu, smmu_cmd_tlbi_va(0, r->asid, SOURCE_IOVA));
    ring_run(&r->ring, copy_from(SOURCE_IOVA));
    tap_ok(testbed_page_is(r->destination, 0x11), "a stale translation is used");
    ring_run(&r->ring, plain);
    tap_ok(testbed_page_is(r->destination, 0x22), "an untranslated request sees the new one");
    smmu_command_sync(smmu, smmu_cmd_atc_inv(r->function.rid, DESTINATION_IOVA, 0));
    ring_run(&r->ring, copy_from(SOURCE_IOVA));
    tap_ok(testbed_page_is(r->destination, 0x11), "CMD_ATC_INV of another page changes nothing");
    smmu_command_sync(smmu, smmu_cmd_atc_inv(r->function.rid, SOURCE_IOVA, 0));
    ring_run(&r->ring, copy_from(SOURCE_IOVA));
    tap_ok(testbed_page_is(r->destination, 0x22), "CMD_ATC_INV and CMD_SYNC: the new one is used");
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

static void set_pri(const struct requester *r, bool enable)
{
    pcie_write32(r->function.rid, r->pri + PRI_ALLOCATION, 8);
    pcie_write16(r->function.rid, r->pri + PRI_CONTROL, enable ? PRI_ENABLE : 0);
}

static void test_late_page(struct smmu *smmu, struct requester *r)
{
    struct smmu_page_request request;

    set_pri(r, true);
    ring_start(&r->ring, copy_from(LATE_IOVA));
    if (!take_request(smmu, r, LATE_IOVA, &request))
        return;
    pgtable_map(&r->table, LATE_IOVA, (uintptr_t)r->first, PGTABLE_PAGE, PGTABLE_READ_ONLY);
    smmu_command_sync(smmu, smmu_cmd_pri_resp(&request, SMMU_PAGES_READY));
    tap_equal(ring_finish(&r->ring).status, RING_DONE, "brought in: the copy is done");
    tap_ok(testbed_page_is(r->destination, 0x11), "of the page brought in");
    pgtable_unmap(&r->table, LATE_IOVA);
    smmu_command_sync(smmu, smmu_cmd_tlbi_va(0, r->asid, LATE_IOVA));
    smmu_command_sync(smmu, smmu_cmd_atc_inv_all(r->function.rid));
}

static void test_late_page_of_pasid(struct smmu *smmu, struct requester *r)
{
    unsigned cap = pcie_extended_capability(r->function.rid, PCIE_EXT_PASID);
    struct ring_descriptor work = copy_from(LATE_IOVA);
    struct smmu_page_request request;

    pcie_write16(r->function.rid, r->ats + ATS_CONTROL, 0);
    pcie_write16(r->function.rid, cap + PASID_CONTROL, PASID_ENABLE);
    set_ats(r, true);
    work.control |= RING_WITH_PASID;
    work.pasid = PASID;
    ring_start(&r->ring, work);
    if (!take_request(smmu, r, LATE_IOVA, &request))
        return;
    tap_ok(request.ssv && request.ssid == PASID, "of PASID 0x%x", PASID);
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
    tap_ok(pcie_read16(r->function.rid, r->pri + PRI_STATUS) & PRI_FAILED, "and says so");
    tap_equal(ring_run(&r->ring, copy_from(OTHER_IOVA)).status, RING_NO_PRI, "nor asks again");
    set_pri(r, false);
    tap_ok(pcie_read16(r->function.rid, r->pri + PRI_STATUS) & PRI_STOPPED, "switched off: stops");
}

int main(void)
{
    static struct smmu smmu;
    static struct requester requesters[MAX_FUNCTIONS];
    static struct pcie_function functions[MAX_FUNCTIONS];
    unsigned count = pcie_scan(functions, MAX_FUNCTIONS);

    smmu_probe(&smmu, PLATFORM_SMMU_BASE);
    tap_note("%u functions", count);
    tap_ok(smmu.features.ats && smmu.features.pri, "the SMMU has ATS and PRI");
    smmu_reset(&smmu, LOG2_REQUESTERS, LOG2_QUEUE);
    smmu_enable_page_requests(&smmu, LOG2_QUEUE);
    for (unsigned i = 0; i < count && i < MAX_FUNCTIONS; i++) {
        struct requester *r = &requesters[i];
        r->function = functions[i];
        open_requester(&smmu, r, (uint16_t)(i + 1));
        test_forbidden(&smmu, r);
        test_copy(r);
        test_invalidation(&smmu, r);
        test_rights(&smmu, r);
        test_late_page(&smmu, r);
        test_late_page_of_pasid(&smmu, r);
        test_failure(&smmu, r);
    }
    tap_equal(testbed_drain_events(&smmu), 0, "no event is left");
    return 0;
}
