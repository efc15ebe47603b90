/* SPDX-License-Identifier: Apache-2.0 */
/* One device with two ways to memory, each behind an SMMU of its own: as a PCI Express function and
 * by a port of the platform. What both are to reach has to be mapped twice. */
#include <stdbool.h>
#include <stdint.h>

#include "gic.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "ring.h"
#include "string.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 6U

#define FUNCTION_IOVA 0x000100000000UL /* of the shared pages, by the function */
#define PORT_IOVA     0x123400000000UL /* and by the port */
#define FRONT         0U               /* offsets of the pages from there */
#define BACK          PAGE_SIZE
#define NOWHERE       (2 * PAGE_SIZE)

#define REQUEST 256U /* bytes: a copy of no more is one read and one write */

#define PORT_RING     0U /* the ring that is driven by the port, its descriptors too */
#define FUNCTION_RING 1U /* and by the function */

#define RING_CTRL      0x00U /* in the page of a ring */
#define RING_HEAD      0x1cU
#define DEVICE_CONTROL 8U /* in the PCI Express capability */
#define FUNCTION_RESET 0x8000U

/* A way to memory with the SMMU it goes through. */
struct path {
    const char *name;
    uint64_t iova; /* of the shared pages */
    uint32_t sid;
    uint32_t as_source, as_destination; /* what a descriptor says to go this way */
    struct smmu smmu;
    struct pgtable table;
    struct ring ring;
};

/* Memory that both ways are to reach. */
struct shared {
    uint8_t *front, *back;
    uint8_t byte; /* of the last copy */
};

static void map_ring(struct path *path)
{
    pgtable_map(&path->table, RING_IOVA, (uintptr_t)path->ring.descriptors, PGTABLE_PAGE, 0);
}

/* An address space with nothing in it but the descriptors of the ring. */
static void open_path(struct path *path)
{
    struct smmu_cd *cd = smmu_cd_alloc();
    struct smmu_cd_config config = {.asid = 1, .ips = path->smmu.features.oas};

    path->table = pgtable_create();
    map_ring(path);
    config.table = pgtable_address(&path->table);
    smmu_cd_write(cd, &config);
    smmu_ste_write_stage1(smmu_stream(&path->smmu, path->sid), cd);
    testbed_invalidate_all(&path->smmu);
}

static void map(struct path *path, uint64_t offset, const uint8_t *page)
{
    pgtable_map(&path->table, path->iova + offset, (uintptr_t)page, PGTABLE_PAGE, 0);
}

/* A copy by the ring of `driver`, from one path at `from` to another one at `to`. */
static struct ring_descriptor copy(struct path *driver, const struct path *source, uint64_t from,
                                   const struct path *destination, uint64_t to, uint32_t length)
{
    return ring_run(&driver->ring,
                    (struct ring_descriptor){.control = RING_COPY | source->as_source |
                                                        destination->as_destination,
                                             .source = source->iova + from,
                                             .destination = destination->iova + to,
                                             .length = length});
}

/* What is at the front of one path arrives at the back of another one, or of the same. */
static void expect_copy(struct path *driver, struct shared *shared, const struct path *source,
                        const struct path *destination)
{
    memset(shared->front, ++shared->byte, PAGE_SIZE);
    testbed_page_clear(shared->back);
    struct ring_descriptor done = copy(driver, source, FRONT, destination, BACK, PAGE_SIZE);

    tap_equal(done.status, RING_DONE, "%s to %s, by the ring of %s", source->name,
              destination->name, driver->name);
    tap_ok(testbed_page_is(shared->back, shared->byte), "%s to %s: every byte", source->name,
           destination->name);
}

/* After `irqs` interrupts there is one event: of `path` at `address`, in its own SMMU. */
static void expect_event(struct path *path, struct path *other, uint32_t irqs, uint64_t address,
                         const char *what)
{
    struct smmu_event event;

    tap_ok(wait_until(path->smmu.evtq_irqs == irqs + 1), "%s: the SMMU of %s interrupts", what,
           path->name);
    if (testbed_take_event(&path->smmu, what, &event)) {
        tap_equal(event.type, EVENT_F_TRANSLATION, "%s: F_TRANSLATION", what);
        tap_equal(event.sid, path->sid, "%s: its StreamID", what);
        tap_equal(event.input_addr, address, "%s: its address", what);
    }
    tap_equal(testbed_drain_events(&other->smmu), 0, "%s: no event in the other SMMU", what);
}

/* `path` cannot read what only the other one has mapped, which reads it all the while. */
static void expect_fault(struct path *path, struct path *other, struct shared *shared,
                         const char *what)
{
    uint32_t irqs = path->smmu.evtq_irqs;
    struct ring_descriptor done = copy(other, path, FRONT, other, BACK, PAGE_SIZE);

    tap_equal(done.status, RING_SOURCE_FAILED, "%s: %s is refused", what, path->name);
    tap_equal(done.fault_addr, path->iova + FRONT, "%s: at its address", what);
    expect_event(path, other, irqs, path->iova + FRONT, what);
    expect_copy(other, shared, other, other);
}

/* --- the tests --- */

/* The port needs no bus: the function has no BAR and is no bus master. */
static void test_port_alone(struct path *function, struct path *port, struct shared *shared)
{
    tap_equal(pcie_read16(PLATFORM_PORT_FUNCTION, PCIE_COMMAND), 0, "the function is switched off");
    tap_equal(read32(PLATFORM_PORT_BASE), RING_ID_VALUE, "the port shows the engine");
    tap_ok(read32(PLATFORM_PORT_BASE + RING_CAPS) & RING_CAPS_PORT, "which says that it has one");
    ring_open_port(&port->ring, PLATFORM_PORT_BASE, PORT_RING, RING_IOVA);
    open_path(port);
    map(port, FRONT, shared->front);
    map(port, BACK, shared->back);
    expect_copy(port, shared, port, port);
    tap_equal(copy(port, function, FRONT, port, BACK, REQUEST).status, RING_SOURCE_FAILED,
              "the function cannot read yet");
    tap_equal(copy(port, port, FRONT, function, BACK, REQUEST).status, RING_DESTINATION_FAILED,
              "nor write");
    tap_equal(testbed_drain_events(&function->smmu), 0, "and sends nothing");
}

struct line {
    const struct ring *ring;
    volatile uint32_t count;
};

/* The handler lowers the line: it is level-sensitive. */
static void on_line(void *context)
{
    struct line *line = context;

    ring_acknowledge(line->ring, PORT_RING);
    line->count++;
}

static void test_line(struct path *port)
{
    static struct line line;

    line.ring = &port->ring;
    ring_acknowledge(&port->ring, PORT_RING); /* of the descriptors that failed */
    gic_enable(GIC_SPI(PLATFORM_SPI_PORT), GIC_LEVEL, on_line, &line);
    ring_enable_line(&port->ring, PORT_RING);
    ring_run(&port->ring, (struct ring_descriptor){.control = RING_NOTHING | RING_IRQ});
    tap_ok(wait_until(line.count == 1), "the port interrupts once");
}

static void test_one_engine(struct path *function, struct path *port)
{
    static struct pcie_function found;
    uint64_t ring = port->ring.registers - port->ring.engine;

    tap_equal(pcie_scan(&found, 1), 1, "there is one function");
    tap_equal(found.rid, PLATFORM_PORT_FUNCTION, "in its place");
    tap_equal(read32(found.bar[0] + ring + RING_HEAD), read32(port->ring.registers + RING_HEAD),
              "its BAR shows the ring that the port drives");
    ring_open(&function->ring, &found, FUNCTION_RING, RING_IOVA);
    open_path(function);
}

static void test_mapped_once(struct path *function, struct path *port, struct shared *shared)
{
    expect_fault(function, port, shared, "mapped for the port");
    map(function, FRONT, shared->front);
    map(function, BACK, shared->back);
    pgtable_unmap(&port->table, port->iova + FRONT);
    testbed_invalidate_all(&port->smmu);
    expect_fault(port, function, shared, "mapped for the function");
}

static void test_mapped_twice(struct path *function, struct path *port, struct shared *shared)
{
    map(port, FRONT, shared->front);
    expect_copy(function, shared, function, port);
    expect_copy(function, shared, port, function);
    expect_copy(port, shared, function, port);
    expect_copy(port, shared, port, function);
}

/* Writes of the function are posted, those of the port are answered. */
static void test_lost_writes(struct path *function, struct path *port)
{
    uint32_t irqs = function->smmu.evtq_irqs;

    tap_equal(copy(port, port, FRONT, function, NOWHERE, REQUEST).status, RING_DONE,
              "a write of the function that is lost: nobody tells it");
    expect_event(function, port, irqs, function->iova + NOWHERE, "a write of the function");
    irqs = port->smmu.evtq_irqs;
    tap_equal(copy(function, function, FRONT, port, NOWHERE, REQUEST).status,
              RING_DESTINATION_FAILED, "a write of the port that is lost is known");
    expect_event(port, function, irqs, port->iova + NOWHERE, "a write of the port");
}

/* A mapping that is taken away has to be invalidated in the SMMU that has it. */
static void test_invalidation(struct path *function, struct path *port, struct shared *shared)
{
    pgtable_unmap(&port->table, port->iova + FRONT);
    testbed_invalidate_all(&function->smmu);
    expect_copy(function, shared, port, function);
    testbed_invalidate_all(&port->smmu);
    expect_fault(port, function, shared, "unmapped for the port");
    map(port, FRONT, shared->front);
}

/* The reset of the function is one of the engine. The port works again before the function does. */
static void test_reset(struct path *port, struct shared *shared)
{
    unsigned express = pcie_capability(PLATFORM_PORT_FUNCTION, PCIE_CAP_EXPRESS);

    pcie_write16(PLATFORM_PORT_FUNCTION, express + DEVICE_CONTROL, FUNCTION_RESET);
    tap_equal(read32(port->ring.registers + RING_CTRL), 0, "a reset ends the rings of the port");
    ring_open_port(&port->ring, PLATFORM_PORT_BASE, PORT_RING, RING_IOVA);
    map_ring(port);
    testbed_invalidate_all(&port->smmu);
    expect_copy(port, shared, port, port);
}

int main(void)
{
    static struct path function = {
        .name = "the function", .iova = FUNCTION_IOVA, .sid = PLATFORM_PORT_FUNCTION};
    static struct path port = {.name = "the port",
                               .iova = PORT_IOVA,
                               .sid = PLATFORM_PORT_SID,
                               .as_source = RING_FROM_PORT,
                               .as_destination = RING_TO_PORT};
    struct shared shared = {.front = testbed_page(0), .back = testbed_page(0)};

    testbed_start(&function.smmu, LOG2_QUEUE);
    testbed_start_second(&port.smmu, LOG2_QUEUE);
    test_port_alone(&function, &port, &shared);
    test_line(&port);
    test_one_engine(&function, &port);
    test_mapped_once(&function, &port, &shared);
    test_mapped_twice(&function, &port, &shared);
    test_lost_writes(&function, &port);
    test_invalidation(&function, &port, &shared);
    test_reset(&port, &shared);
    return 0;
}
