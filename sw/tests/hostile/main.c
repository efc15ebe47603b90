/* SPDX-License-Identifier: Apache-2.0 */
/* Two guests, each with a DMA channel that translates by the guest's own tables, and each out for
 * the other's memory: neither gets there, and each hears of its own faults alone. */
#include <stdbool.h>
#include <stdint.h>

#include "hypervisor.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "string.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 4U
#define GUESTS     2U
#define FLOOD      40U /* faults, more than the event queue holds */

/* Both guests have these pages, at the same addresses. */
#define RING_IPA        0x48000000UL
#define SOURCE_IPA      0x48010000UL
#define DESTINATION_IPA 0x48020000UL
#define EVENTS_IPA      0x48030000UL /* what the hypervisor tells it of its faults */

#define NO_MEMORY_IPA  0x7000000000UL
#define BEYOND_39_BITS 0x8000000000UL
#define BEYOND_OAS     0x1000000000000UL

/* Registers of the channel (docs/dma-engine.md) that a driver has no use for. */
#define CTRL      (VM_DEVICE_IPA + 0x08)
#define STATUS    (VM_DEVICE_IPA + 0x0c)
#define DESC      (VM_DEVICE_IPA + 0x10)
#define CTRL_STOP 2U
#define BUSY      1U

#define SSID 5U

/* The faults of a guest, in its memory: the hypervisor appends, the guest takes. */
#define MAX_EVENTS 32U
struct events {
    uint64_t appended, taken;
    struct smmu_event event[MAX_EVENTS];
};
_Static_assert(sizeof(struct events) <= PAGE_SIZE, "events are a page");

struct guest {
    struct vm vm;
    uint32_t sid;
    uint8_t byte; /* in each byte of its source */
    uint8_t *ring, *source, *destination;
    struct events *events;
};

struct scene {
    struct smmu smmu;
    struct guest guest[GUESTS];
    uint8_t *secret; /* of the hypervisor */
};

/* --- In a guest --- */

static void set_up(struct dma_channel *channel, uint64_t source, uint64_t destination,
                   uint32_t length)
{
    struct dma_transfer transfer = {source, destination, length};

    dma_open(channel, 0);
    dma_build((struct dma_descriptor *)RING_IPA, RING_IPA, &transfer, 1);
}

static uint64_t guest_start(uint64_t source, uint64_t destination, uint64_t length)
{
    struct dma_channel channel;

    set_up(&channel, source, destination, (uint32_t)length);
    dma_start(&channel, RING_IPA);
    return 0;
}

static uint64_t guest_finish(uint64_t unused, uint64_t b, uint64_t c)
{
    struct dma_channel channel;

    (void)unused;
    (void)b;
    (void)c;
    dma_open(&channel, 0);
    struct dma_result result = dma_poll(&channel);
    return result.finished ? result.error : ~0UL;
}

static uint64_t guest_copy(uint64_t source, uint64_t destination, uint64_t length)
{
    guest_start(source, destination, length);
    return guest_finish(0, 0, 0);
}

/* The same, with a SubstreamID that nobody has given it. */
static uint64_t guest_copy_substream(uint64_t source, uint64_t destination, uint64_t length)
{
    struct dma_channel channel;
    uint64_t error;

    dma_open(&channel, 0);
    dma_set_ssid(&channel, SSID);
    error = guest_copy(source, destination, length);
    dma_clear_ssid(&channel);
    return error;
}

/* Descriptors that are somewhere else. */
static uint64_t guest_follow(uint64_t ring, uint64_t unused, uint64_t c)
{
    struct dma_channel channel;

    (void)unused;
    (void)c;
    dma_open(&channel, 0);
    dma_start(&channel, ring);
    return guest_finish(0, 0, 0);
}

/* A chain whose first transfer writes the second descriptor, which leads to `destination`. */
static uint64_t guest_rewrite(uint64_t source, uint64_t destination, uint64_t length)
{
    struct dma_descriptor *ring = (struct dma_descriptor *)RING_IPA;
    struct dma_channel channel;

    dma_open(&channel, 0);
    ring[2] = (struct dma_descriptor){source, destination, (uint32_t)length, DMA_LAST, 0};
    ring[1] = (struct dma_descriptor){SOURCE_IPA, DESTINATION_IPA, 1, DMA_LAST, 0};
    ring[0] = (struct dma_descriptor){(uint64_t)&ring[2], (uint64_t)&ring[1], sizeof(*ring), 0,
                                      (uint64_t)&ring[1]};
    dma_start(&channel, RING_IPA);
    return guest_finish(0, 0, 0);
}

/* A descriptor that follows itself, for ever. */
static uint64_t guest_loop(uint64_t unused, uint64_t b, uint64_t c)
{
    struct dma_descriptor *ring = (struct dma_descriptor *)RING_IPA;
    struct dma_channel channel;

    (void)unused;
    (void)b;
    (void)c;
    dma_open(&channel, 0);
    ring[0] = (struct dma_descriptor){SOURCE_IPA, DESTINATION_IPA, PAGE_SIZE, 0, RING_IPA};
    dma_start(&channel, RING_IPA);
    return 0;
}

static uint64_t guest_is_busy(uint64_t unused, uint64_t b, uint64_t c)
{
    (void)unused;
    (void)b;
    (void)c;
    return read32(STATUS) & BUSY;
}

static uint64_t guest_stop(uint64_t unused, uint64_t b, uint64_t c)
{
    (void)unused;
    (void)b;
    (void)c;
    write32(CTRL, CTRL_STOP);
    return wait_until(!(read32(STATUS) & BUSY));
}

static uint64_t guest_flood(uint64_t source, uint64_t destination, uint64_t count)
{
    uint64_t failed = 0;

    for (uint64_t i = 0; i < count; i++)
        failed += guest_copy(source, destination, 64) != DMA_OK;
    return failed;
}

/* Take the oldest event, to memory at `copy_to`. Returns its type, or 0 if there is none. */
static uint64_t guest_take_event(uint64_t copy_to, uint64_t unused, uint64_t c)
{
    volatile struct events *events = (volatile struct events *)EVENTS_IPA;
    struct smmu_event *to = (struct smmu_event *)copy_to;

    (void)unused;
    (void)c;
    if (events->taken == events->appended)
        return 0;
    *to = ((const struct events *)EVENTS_IPA)->event[events->taken % MAX_EVENTS];
    events->taken++;
    return to->type;
}

/* --- The hypervisor --- */

static void open_guest(struct scene *s, unsigned index)
{
    struct guest *g = &s->guest[index];
    struct smmu_stage2 stage2;

    vm_create(&g->vm, (uint16_t)(0x61 + index), PLATFORM_DMA_BASE + index * PLATFORM_DMA_STRIDE);
    g->sid = PLATFORM_DMA_SID(index);
    g->byte = (uint8_t)(0xa1 + index);
    g->ring = testbed_page(0);
    g->source = testbed_page(g->byte);
    g->destination = testbed_page(0);
    g->events = (struct events *)testbed_page(0);
    vm_map(&g->vm, RING_IPA, g->ring, 0);
    vm_map(&g->vm, SOURCE_IPA, g->source, 0);
    vm_map(&g->vm, DESTINATION_IPA, g->destination, 0);
    vm_map(&g->vm, EVENTS_IPA, g->events, 0);
    stage2 = vm_stage2(&g->vm, &s->smmu);
    smmu_ste_write(smmu_stream(&s->smmu, g->sid), NULL, &stage2);
}

static void open_scene(struct scene *s)
{
    testbed_start(&s->smmu, LOG2_QUEUE);
    if (!s->smmu.features.stage2)
        tap_bail_out("the SMMU has no stage 2");
    hypervisor_start();
    s->secret = testbed_page(0x5e);
    for (unsigned i = 0; i < GUESTS; i++)
        open_guest(s, i);
    testbed_invalidate_all(&s->smmu);
}

/* Give each event to the guest whose stream it is of. Returns how many are nobody's. */
static unsigned route_events(struct scene *s)
{
    struct smmu_event event;
    unsigned lost = 0;

    smmu_sync(&s->smmu);
    while (smmu_event_pop(&s->smmu, &event)) {
        unsigned index = event.sid - PLATFORM_DMA_SID(0);
        event_print(&event);
        if (index >= GUESTS) {
            lost++;
            continue;
        }
        struct events *events = s->guest[index].events;
        events->event[events->appended % MAX_EVENTS] = event;
        events->appended++;
    }
    return lost;
}

static uint64_t call(const struct guest *g, vm_function *function, uint64_t a, uint64_t b,
                     uint64_t c)
{
    struct vm_exit exit = vm_run(&g->vm, function, a, b, c);

    if (!exit.returned)
        tap_bail_out("a guest stopped: ESR 0x%lx FAR 0x%lx", exit.esr, exit.far);
    return exit.value;
}

/* The event that the guest takes, by way of its ring's page. */
static bool take_event(const struct guest *g, struct smmu_event *event)
{
    uint64_t type = call(g, guest_take_event, RING_IPA + PAGE_SIZE / 2, 0, 0);

    memcpy(event, g->ring + PAGE_SIZE / 2, sizeof(*event));
    return type != 0;
}

/* --- What must not change --- */

static uint64_t add_words(uint64_t sum, const void *from)
{
    const volatile uint64_t *word = from;

    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*word); i++)
        sum = (sum ^ word[i]) * 0x100000001b3UL;
    return sum;
}

/* Of tables of stage 2, and of all memory that they lead to. */
static uint64_t add_tables(uint64_t sum, const uint64_t *table, unsigned level)
{
    sum = add_words(sum, table);
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*table); i++) {
        const uint64_t *next = (const uint64_t *)(table[i] & PTE_ADDRESS);
        if (table[i] == 0 || (uintptr_t)next < PLATFORM_RAM_BASE)
            continue;
        sum = level == 3 ? add_words(sum, next) : add_tables(sum, next, level + 1);
    }
    return sum;
}

static uint64_t sum_of(const struct scene *s, const struct guest *victim)
{
    uint64_t sum = add_tables(0, victim->vm.stage2.root, 1);

    sum = add_words(sum, s->smmu.stream_table);
    sum = add_words(sum, s->secret);
    return add_words(sum, s->guest[0].vm.stage2.root) ^ add_words(0, s->guest[1].vm.stage2.root);
}

/* --- Attacks --- */

/* Addresses that an attack is about: intermediate ones, or physical ones of what is not the
 * attacker's, which it has guessed. */
enum target {
    OWN_SOURCE,
    OWN_DESTINATION,
    OTHERS_SOURCE,
    OTHERS_RING,
    SECRET,
    STREAM_TABLE,
    OWN_STAGE2,
    BEYOND_REGISTERS,
    NO_MEMORY,
    WIDE,
    TOO_WIDE,
    LAST_BYTES,
};

static uint64_t address_of(const struct scene *s, unsigned attacker, enum target target)
{
    const struct guest *own = &s->guest[attacker], *other = &s->guest[!attacker];
    const uint64_t addresses[] = {
        [OWN_SOURCE] = SOURCE_IPA,
        [OWN_DESTINATION] = DESTINATION_IPA,
        [OTHERS_SOURCE] = (uintptr_t)other->source,
        [OTHERS_RING] = (uintptr_t)other->ring,
        [SECRET] = (uintptr_t)s->secret,
        [STREAM_TABLE] = (uintptr_t)s->smmu.stream_table,
        [OWN_STAGE2] = pgtable_address(&own->vm.stage2),
        [BEYOND_REGISTERS] = PLATFORM_DMA_BASE + PLATFORM_DMA_STRIDE,
        [NO_MEMORY] = NO_MEMORY_IPA,
        [WIDE] = BEYOND_39_BITS,
        [TOO_WIDE] = BEYOND_OAS,
        [LAST_BYTES] = ~0UL - 63,
    };

    return addresses[target];
}

static const struct attack {
    const char *name;
    vm_function *function;
    enum target source, destination;
    uint32_t length;
    enum dma_error error;
    uint8_t event; /* or 0 */
    bool s2;
    enum target fault; /* the address of the event, */
    uint64_t beyond;   /* this much further */
} attacks[] = {
    {"reads the other's memory", guest_copy, OTHERS_SOURCE, OWN_DESTINATION, 64, DMA_READ_ABORT,
     EVENT_F_TRANSLATION, true, OTHERS_SOURCE, 0},
    {"writes the other's memory", guest_copy, OWN_SOURCE, OTHERS_SOURCE, 64, DMA_WRITE_ABORT,
     EVENT_F_TRANSLATION, true, OTHERS_SOURCE, 0},
    {"reads the hypervisor's", guest_copy, SECRET, OWN_DESTINATION, 64, DMA_READ_ABORT,
     EVENT_F_TRANSLATION, true, SECRET, 0},
    {"writes the stream table", guest_copy, OWN_SOURCE, STREAM_TABLE, PAGE_SIZE, DMA_WRITE_ABORT,
     EVENT_F_TRANSLATION, true, STREAM_TABLE, 0},
    {"writes its own stage 2", guest_copy, OWN_SOURCE, OWN_STAGE2, PAGE_SIZE, DMA_WRITE_ABORT,
     EVENT_F_TRANSLATION, true, OWN_STAGE2, 0},
    {"goes beyond its registers", guest_copy, OWN_SOURCE, BEYOND_REGISTERS, 8, DMA_WRITE_ABORT,
     EVENT_F_TRANSLATION, true, BEYOND_REGISTERS, 0},
    {"follows the other's descriptors", guest_follow, OTHERS_RING, 0, 0, DMA_DESCRIPTOR_ABORT,
     EVENT_F_TRANSLATION, true, OTHERS_RING, 0},
    {"writes a descriptor on its way", guest_rewrite, OWN_SOURCE, OTHERS_SOURCE, PAGE_SIZE,
     DMA_WRITE_ABORT, EVENT_F_TRANSLATION, true, OTHERS_SOURCE, 0},
    {"copies 4 GiB", guest_copy, OWN_SOURCE, OWN_DESTINATION, 0xffffffff, DMA_READ_ABORT,
     EVENT_F_TRANSLATION, true, OWN_SOURCE, PAGE_SIZE},
    {"goes where no memory is", guest_copy, OWN_SOURCE, NO_MEMORY, 64, DMA_WRITE_ABORT,
     EVENT_F_TRANSLATION, true, NO_MEMORY, 0},
    {"has more than 39 bits", guest_copy, WIDE, OWN_DESTINATION, 64, DMA_READ_ABORT,
     EVENT_F_TRANSLATION, true, WIDE, 0},
    {"has more than 48 bits", guest_copy, TOO_WIDE, OWN_DESTINATION, 64, DMA_READ_ABORT,
     EVENT_F_ADDR_SIZE, false, TOO_WIDE, 0},
    {"wraps around", guest_copy, LAST_BYTES, OWN_DESTINATION, PAGE_SIZE, DMA_READ_ABORT,
     EVENT_F_ADDR_SIZE, false, LAST_BYTES, 0},
    {"invents a SubstreamID", guest_copy_substream, OWN_SOURCE, OWN_DESTINATION, 64,
     DMA_DESCRIPTOR_ABORT, EVENT_C_BAD_SUBSTREAMID, false, 0, 0},
    {"copies nothing", guest_copy, OWN_SOURCE, OWN_DESTINATION, 0, DMA_MALFORMED, 0, false, 0, 0},
};

static void expect_no_event(const struct guest *g, const char *name)
{
    struct smmu_event event;

    tap_ok(!take_event(g, &event), "%s", name);
}

/* The guest hears of its fault, and of one. */
static void expect_event(const struct scene *s, unsigned attacker, const struct attack *a)
{
    const struct guest *g = &s->guest[attacker];
    uint64_t address = address_of(s, attacker, a->fault) + a->beyond;
    struct smmu_event event;

    if (!tap_ok(take_event(g, &event), "%u %s: it hears of it", attacker, a->name))
        return;
    tap_equal(event.type, a->event, "%u %s: %s", attacker, a->name, smmu_event_name(a->event));
    tap_equal(event.sid, g->sid, "%u %s: StreamID", attacker, a->name);
    if (!event.has_access)
        return;
    tap_equal(event.s2, a->s2, "%u %s: S2", attacker, a->name);
    tap_equal(event.input_addr, address, "%u %s: InputAddr", attacker, a->name);
    if (a->s2)
        tap_equal(event.ipa, address & ~(PAGE_SIZE - 1), "%u %s: IPA", attacker, a->name);
}

static void run_attack(struct scene *s, unsigned attacker, const struct attack *a)
{
    const struct guest *own = &s->guest[attacker], *other = &s->guest[!attacker];
    uint64_t before = sum_of(s, other);
    uint64_t error = call(own, a->function, address_of(s, attacker, a->source),
                          address_of(s, attacker, a->destination), a->length);

    tap_equal(error, a->error, "%u %s: ERROR_CODE", attacker, a->name);
    tap_equal(sum_of(s, other), before, "%u %s: nothing else has changed", attacker, a->name);
    tap_equal(route_events(s), 0, "%u %s: no event is nobody's", attacker, a->name);
    if (a->event)
        expect_event(s, attacker, a);
    expect_no_event(own, "of that alone");
    expect_no_event(other, "the other hears nothing");
}

static void test_attacks(struct scene *s)
{
    for (unsigned attacker = 0; attacker < GUESTS; attacker++)
        for (unsigned i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
            run_attack(s, attacker, &attacks[i]);
}

static bool copies(struct guest *g)
{
    memset(g->destination, 0, PAGE_SIZE);
    return call(g, guest_copy, SOURCE_IPA, DESTINATION_IPA, PAGE_SIZE) == DMA_OK &&
           testbed_page_is(g->destination, g->byte);
}

/* Equal addresses are memory of one's own, for both at once. */
static void test_own(struct scene *s)
{
    for (unsigned i = 0; i < GUESTS; i++)
        call(&s->guest[i], guest_start, SOURCE_IPA, DESTINATION_IPA, PAGE_SIZE);
    for (unsigned i = 0; i < GUESTS; i++) {
        struct guest *g = &s->guest[i];
        tap_equal(call(g, guest_finish, 0, 0, 0), DMA_OK, "guest %u: the copy is done", i);
        tap_ok(testbed_page_is(g->destination, g->byte), "guest %u: of its own page", i);
    }
}

static void test_cpu(struct scene *s)
{
    for (unsigned i = 0; i < GUESTS; i++) {
        uint64_t others = (uintptr_t)s->guest[!i].source;
        struct vm_exit exit = vm_run(&s->guest[i].vm, guest_load, others, 0, 0);
        tap_ok(!exit.returned, "guest %u: its CPU does not load from the other's memory", i);
        exit = vm_run(&s->guest[i].vm, guest_store, others, 0, 0);
        tap_ok(!exit.returned, "guest %u: nor store there", i);
        exit = vm_run(&s->guest[i].vm, guest_store, PLATFORM_SMMU_BASE, 0, 0);
        tap_ok(!exit.returned, "guest %u: nor get to the SMMU", i);
        tap_ok(testbed_page_is(s->guest[!i].source, s->guest[!i].byte),
               "guest %u: the other's page is as it was", i);
    }
}

/* Faults of both at a time. */
static void test_routing(struct scene *s)
{
    struct smmu_event event;

    for (uint64_t i = 0; i < GUESTS; i++)
        call(&s->guest[i], guest_start, NO_MEMORY_IPA + i * PAGE_SIZE, DESTINATION_IPA, 64);
    for (unsigned i = 0; i < GUESTS; i++)
        tap_equal(call(&s->guest[i], guest_finish, 0, 0, 0), DMA_READ_ABORT,
                  "both at a time: guest %u fails", i);
    tap_equal(route_events(s), 0, "both at a time: no event is nobody's");
    for (unsigned i = 0; i < GUESTS; i++) {
        tap_ok(take_event(&s->guest[i], &event), "both at a time: guest %u hears of it", i);
        tap_equal(event.input_addr, NO_MEMORY_IPA + i * PAGE_SIZE,
                  "both at a time: guest %u hears of its own address", i);
        expect_no_event(&s->guest[i], "and of no other");
    }
}

/* A list without an end keeps nobody else from working. */
static void test_loop(struct scene *s)
{
    for (unsigned i = 0; i < GUESTS; i++) {
        struct guest *looping = &s->guest[i], *other = &s->guest[!i];
        call(looping, guest_loop, 0, 0, 0);
        tap_ok(copies(other), "guest %u loops: the other copies", i);
        tap_equal(call(looping, guest_is_busy, 0, 0, 0), BUSY, "guest %u loops: it still does", i);
        tap_ok(call(looping, guest_stop, 0, 0, 0), "guest %u loops: until it is stopped", i);
        tap_ok(copies(looping), "guest %u: and then copies", i);
        tap_equal(route_events(s), 0, "guest %u: no event is nobody's", i);
        expect_no_event(other, "the other hears nothing");
    }
}

/* A device may reach registers of its own channel, and only these. */
static void test_own_registers(struct scene *s)
{
    for (unsigned i = 0; i < GUESTS; i++) {
        struct guest *g = &s->guest[i];
        uint64_t others = PLATFORM_DMA_BASE + (!i) * PLATFORM_DMA_STRIDE + DESC - VM_DEVICE_IPA;
        uint64_t before = read64(others);

        tap_equal(call(g, guest_copy, SOURCE_IPA, DESC, 8), DMA_OK,
                  "guest %u: its channel writes its own DESC", i);
        tap_equal(call(g, guest_load, DESC, 0, 0), g->byte * 0x0101010101010101UL,
                  "guest %u: as it finds", i);
        tap_equal(read64(others), before, "guest %u: the other channel's is as it was", i);
    }
}

/* More faults than the queue holds: the flood is of one, and what the other does then is told. */
static void test_flood(struct scene *s)
{
    struct guest *flooding = &s->guest[0], *other = &s->guest[1];
    uint64_t appended = flooding->events->appended;
    struct smmu_event event;

    tap_equal(call(flooding, guest_flood, NO_MEMORY_IPA, DESTINATION_IPA, FLOOD), FLOOD,
              "a flood: all transfers fail");
    tap_ok(copies(other), "a flood: the other copies");
    tap_equal(route_events(s), 0, "a flood: no event is nobody's");
    tap_equal(flooding->events->appended - appended, 1UL << LOG2_QUEUE,
              "a flood: a queue full of events is its own");
    while (take_event(flooding, &event))
        ;
    expect_no_event(other, "a flood: the other hears nothing");

    call(other, guest_copy, NO_MEMORY_IPA, DESTINATION_IPA, 64);
    route_events(s);
    tap_ok(take_event(other, &event), "after the flood: the other hears of its fault");
    tap_equal(event.input_addr, NO_MEMORY_IPA, "after the flood: with its address");
    expect_no_event(flooding, "after the flood: the first hears nothing");
}

int main(void)
{
    static struct scene scene;

    open_scene(&scene);
    test_own(&scene);
    test_cpu(&scene);
    test_attacks(&scene);
    test_routing(&scene);
    test_loop(&scene);
    test_own_registers(&scene);
    test_flood(&scene);
    for (unsigned i = 0; i < GUESTS; i++)
        tap_ok(copies(&scene.guest[i]), "guest %u is well", i);
    return 0;
}
