/* SPDX-License-Identifier: Apache-2.0 */
/* LPIs through the ITS: commands, configuration and pending tables, and the SMMU's messages.
 * Without an SMMU that sends messages it ends before those. */
#include <stdbool.h>
#include <stdint.h>

#include "gic.h"
#include "io.h"
#include "its.h"
#include "pages.h"
#include "platform.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 3U

#define DEVICE        5U
#define DEVICE_OF_CPU 0U /* writes of the PE carry no other DeviceID */

#define EVENTS     4U /* of DEVICE, to LPIs 0 to 3 */
#define LPI_CPU    4U
#define LPI_EVENTQ 5U
#define LPI_GERROR 6U
#define LPI_SYNC   7U
#define LPIS       8U

#define UNMAPPED_IOVA 0x000200000000UL
#define OPCODE_BAD    0x00U

#define PRIORITY_LOW  0xa0U
#define PRIORITY_HIGH 0x80U

static volatile uint32_t arrived[LPIS];
static volatile uint32_t order[LPIS]; /* which was how-manieth since `served` was 0 */
static volatile uint32_t served;

static void serve(void *context)
{
    volatile uint32_t *counter = context;

    *counter = *counter + 1;
    served = served + 1;
    order[counter - arrived] = served;
}

static void map(uint32_t device, uint32_t event, unsigned lpi)
{
    gic_handle(GIC_LPI(lpi), serve, (void *)&arrived[lpi]);
    its_configure(GIC_LPI(lpi), PRIORITY_LOW, true);
    if (!its_map_event(device, event, GIC_LPI(lpi)))
        tap_bail_out("MAPTI of event %u of device %u fails", event, device);
}

static bool arrives(unsigned lpi, uint32_t count)
{
    return wait_until(arrived[lpi] == count);
}

/* --- Commands --- */

static void test_interrupt(void)
{
    tap_ok(its_map_device(DEVICE), "MAPD");
    for (unsigned i = 0; i < EVENTS; i++)
        map(DEVICE, i, i);
    tap_ok(its_interrupt(DEVICE, 1), "INT");
    tap_ok(arrives(1, 1), "the LPI arrives");
    tap_ok(its_interrupt(DEVICE, 1) && arrives(1, 2), "and once more");
    tap_equal(arrived[0] + arrived[2], 0, "no other does");
}

static void test_message(void)
{
    its_map_device(DEVICE_OF_CPU);
    map(DEVICE_OF_CPU, 9, LPI_CPU);
    write32(its_doorbell(), 9);
    tap_ok(arrives(LPI_CPU, 1), "a message of the PE arrives");
    its_discard(DEVICE_OF_CPU, 9);
    write32(its_doorbell(), 9);
    its_interrupt(DEVICE, 0);
    tap_ok(arrives(0, 1), "after DISCARD");
    tap_equal(arrived[LPI_CPU], 1, "it does not");
}

static void test_configuration(void)
{
    its_configure(GIC_LPI(2), PRIORITY_LOW, false);
    its_invalidate(DEVICE, 2);
    its_interrupt(DEVICE, 2);
    its_interrupt(DEVICE, 0);
    tap_ok(arrives(0, 2), "an enabled LPI arrives");
    tap_equal(arrived[2], 0, "a disabled one waits");
    its_configure(GIC_LPI(2), PRIORITY_LOW, true);
    its_invalidate(DEVICE, 2);
    tap_ok(arrives(2, 1), "until it is enabled, and INV makes that seen");

    its_configure(GIC_LPI(2), PRIORITY_LOW, false);
    its_invalidate(DEVICE, 2);
    its_interrupt(DEVICE, 2);
    tap_ok(its_clear(DEVICE, 2), "CLEAR");
    its_configure(GIC_LPI(2), PRIORITY_LOW, true);
    its_invalidate(DEVICE, 2);
    its_interrupt(DEVICE, 0);
    tap_ok(arrives(0, 3), "an LPI behind it arrives");
    tap_equal(arrived[2], 1, "a cleared one does not");
}

static void test_priority(void)
{
    its_configure(GIC_LPI(3), PRIORITY_HIGH, true);
    its_invalidate(DEVICE, 3);
    gic_mask();
    served = 0;
    for (unsigned i = 0; i < EVENTS; i++)
        its_interrupt(DEVICE, i);
    gic_unmask();
    tap_ok(wait_until(served == EVENTS), "four wait for the PE");
    tap_equal(order[3], 1, "the highest priority is served first");
    tap_ok(order[0] < order[1] && order[1] < order[2], "then the lowest INTID");
}

static void test_pending_table(void)
{
    uint32_t before = arrived[1];

    gic_mask();
    its_interrupt(DEVICE, 1);
    its_enable_lpis(false);
    tap_ok(its_is_pending_in_memory(GIC_LPI(1)), "disabled: the pending table is in memory");
    tap_ok(!its_is_pending_in_memory(GIC_LPI(2)), "what is not pending is not in it");
    gic_unmask();
    tap_equal(arrived[1], before, "nothing arrives");
    its_enable_lpis(true);
    tap_ok(arrives(1, before + 1), "enabled: it is read again");
}

static void test_error(void)
{
    tap_ok(!its_interrupt(DEVICE, ITS_EVENTS), "INT of an event that there is not");
    tap_ok(its_stalled(), "stalls the queue");
    tap_ok(its_recover(), "which goes on when repaired");
}

/* --- The SMMU's messages --- */

static void test_event_queue(struct smmu *smmu, struct endpoint *endpoint)
{
    static const struct dma_transfer fault = {UNMAPPED_IOVA, UNMAPPED_IOVA, 8};
    struct smmu_event event;

    map(PLATFORM_DEVICE_SMMU, 0, LPI_EVENTQ);
    smmu_set_message(smmu, SMMU_EVENTQ_IRQ_CFG0, its_doorbell(), 0);
    endpoint_start(endpoint, &fault, 1);
    gic_sleep_until(&arrived[LPI_EVENTQ], 1);
    tap_ok(true, "event queue: the LPI wakes the PE");
    tap_ok(smmu_event_pop(smmu, &event), "event queue: the record is there with it");
}

static void test_gerror(struct smmu *smmu)
{
    struct smmu_command bad = {{hw_put(CMD_OPCODE, OPCODE_BAD), 0}};

    map(PLATFORM_DEVICE_SMMU, 1, LPI_GERROR);
    smmu_set_message(smmu, SMMU_GERROR_IRQ_CFG0, its_doorbell(), 1);
    smmu_cmdq_push(smmu, bad);
    tap_ok(arrives(LPI_GERROR, 1), "global error: the LPI arrives");
    smmu_cmdq_recover(smmu, smmu_cmd_sync(SYNC_SIG_NONE));
    tap_equal(smmu_cmdq_wait(smmu), CERROR_NONE, "repaired");
}

static void test_sync(struct smmu *smmu)
{
    map(PLATFORM_DEVICE_SMMU, 2, LPI_SYNC);
    smmu_cmdq_push(smmu, smmu_cmd_sync_message(its_doorbell(), 2));
    tap_ok(arrives(LPI_SYNC, 1), "CMD_SYNC: the LPI arrives");
}

int main(void)
{
    static struct smmu smmu;
    static struct endpoint endpoint;

    its_init();
    test_interrupt();
    test_message();
    test_configuration();
    test_priority();
    if (its_can_disable_lpis())
        test_pending_table();

    testbed_start(&smmu, LOG2_QUEUE);
    if (!smmu.features.messages) {
        tap_note("the SMMU sends no messages");
        return 0;
    }
    test_error();
    endpoint_open(&endpoint, &smmu, 0, 1);
    tap_ok(its_map_device(PLATFORM_DEVICE_SMMU), "MAPD of the SMMU");
    test_event_queue(&smmu, &endpoint);
    test_gerror(&smmu);
    test_sync(&smmu);
    tap_equal(gic_unexpected(), 0, "no interrupt came that nobody waits for");
    return 0;
}
