// SPDX-License-Identifier: Apache-2.0
// Split virtqueues: chains, indirect tables, notifications, and rings that make no sense.
#include <gmock/gmock.h>

#include "echo_device.hpp"
#include "virtio_bench.hpp"

namespace test_virtio_queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class virtio_queue_test : public virtio_bench {
  protected:
    virtio_queue_test() { core.reset(echo::create(ops())); }

    static constexpr std::uint64_t output = buffer + 0x1000;

    void fill(std::uint64_t addr, const std::string &text)
    {
        std::copy(text.begin(), text.end(), memory.begin() + static_cast<std::ptrdiff_t>(addr));
    }

    std::string text(std::uint64_t addr, std::size_t size) const
    {
        const auto first = memory.begin() + static_cast<std::ptrdiff_t>(addr);
        return {first, first + static_cast<std::ptrdiff_t>(size)};
    }

    // Two descriptors from `n` on.
    void make_chain(unsigned n = 0)
    {
        desc(n, buffer, 4, NEXT, static_cast<std::uint16_t>(n + 1));
        desc(n + 1, output, 4, WRITE);
    }

    void expect_broken(const char *why)
    {
        EXPECT_TRUE(broken()) << why;
        EXPECT_THAT(used(), IsEmpty()) << why;
        const unsigned before = accesses;
        notify();
        run();
        EXPECT_EQ(accesses, before) << "a broken device keeps away from its rings: " << why;
        write(DEVICE_STATUS, 0, 1);
        EXPECT_EQ(status(), 0u) << why;
    }
};

// --- what works (2.7) ---

TEST_F(virtio_queue_test, AChainIsReadAndWrittenInPieces)
{
    start();
    fill(buffer, "HAL");
    fill(buffer + 0x80, "IBM");
    desc(3, buffer, 3, NEXT, 0);
    desc(0, buffer + 0x80, 3, NEXT, 7);
    desc(7, output, 2, NEXT | WRITE, 1);
    desc(1, output + 0x100, 10, WRITE);
    offer_and_run(3);
    EXPECT_THAT(used(), ElementsAre(used_entry{3, 6}));
    EXPECT_EQ(text(output, 3), std::string("IB\0", 3));
    EXPECT_EQ(text(output + 0x100, 5), std::string("MJCN\0", 5));
}

TEST_F(virtio_queue_test, RingsGoRoundWithoutAnEnd)
{
    start(BASIC, 4);
    make_chain();
    make_chain(2);
    for (unsigned i = 0; i < 40000; i++) { // indices of 16 bits go round too
        offer(2 * (i % 2));
        if (i % 3 != 2)
            continue;
        notify();
        run();
        ASSERT_EQ(used().size(), 3u) << i;
    }
    EXPECT_FALSE(broken());
}

TEST_F(virtio_queue_test, ATableTakesThePlaceOfTheQueues)
{
    start(BASIC | INDIRECT_DESC);
    fill(buffer, "HAL");
    put_desc(table, buffer, 3, NEXT, 2);
    put_desc(table + 16, output, 8, WRITE);
    put_desc(table + 32, buffer + 1, 2, NEXT, 1);
    desc(5, table, 48, INDIRECT);
    offer_and_run(5);
    EXPECT_THAT(used(), ElementsAre(used_entry{5, 5}));
    EXPECT_EQ(text(output, 5), "IBMBM");
}

TEST_F(virtio_queue_test, ATableMayFollowOrdinaryDescriptors)
{
    start(BASIC | INDIRECT_DESC);
    fill(buffer, "HAL");
    desc(1, buffer, 3, NEXT, 2);
    desc(2, table, 16, INDIRECT);
    put_desc(table, output, 8, WRITE);
    offer_and_run(1);
    EXPECT_THAT(used(), ElementsAre(used_entry{1, 3}));
    EXPECT_EQ(text(output, 3), "IBM");
}

TEST_F(virtio_queue_test, ATableMayBeLongerThanOneAccess)
{
    start(BASIC | INDIRECT_DESC, 64);
    fill(buffer, "HAL");
    for (unsigned i = 0; i < 63; i++)
        put_desc(table + 16 * i, buffer, 1, NEXT, static_cast<std::uint16_t>(i + 1));
    put_desc(table + 16 * 63, output, 64, WRITE);
    desc(0, table, 64 * 16, INDIRECT);
    offer_and_run(0);
    EXPECT_THAT(used(), ElementsAre(used_entry{0, 63}));
    EXPECT_EQ(text(output, 63), std::string(63, 'I'));
}

TEST_F(virtio_queue_test, EmptyDescriptorsAreNone)
{
    start();
    fill(buffer, "HAL");
    desc(0, ~std::uint64_t{0}, 0, NEXT, 1);
    desc(1, buffer, 3, NEXT, 2);
    desc(2, ~std::uint64_t{0}, 0, WRITE | NEXT, 3);
    desc(3, output, 3, WRITE);
    offer_and_run(0);
    EXPECT_THAT(used(), ElementsAre(used_entry{0, 3}));
    EXPECT_EQ(text(output, 3), "IBM");
}

TEST_F(virtio_queue_test, AChainMayBeAsLongAsTheQueue)
{
    start(BASIC, 4);
    desc(0, buffer, 1, NEXT, 1);
    desc(1, buffer, 1, NEXT, 2);
    desc(2, buffer, 1, NEXT, 3);
    desc(3, output, 3, WRITE);
    offer_and_run(0);
    EXPECT_THAT(used(), ElementsAre(used_entry{0, 3}));
}

TEST_F(virtio_queue_test, DataThatCannotBeReachedAreNoBreakdown)
{
    start();
    make_chain();
    make_chain(2);
    abort_at = buffer;
    offer_and_run(0);
    EXPECT_THAT(used(), ElementsAre(used_entry{0, 0}));
    EXPECT_FALSE(broken());
    abort_at = nowhere;
    offer_and_run(2);
    EXPECT_THAT(used(), ElementsAre(used_entry{2, 4}));
}

// --- notifications (2.7.7, 2.7.10) ---

TEST_F(virtio_queue_test, ADriverCanDoWithoutInterrupts)
{
    start();
    make_chain();
    put(queues[0].avail, 1, 2); // VIRTQ_AVAIL_F_NO_INTERRUPT
    offer_and_run(0);
    EXPECT_EQ(used().size(), 1u);
    EXPECT_THAT(raised, IsEmpty());
    put(queues[0].avail, 0, 2);
    offer_and_run(0);
    EXPECT_THAT(raised, ElementsAre(1u));
}

TEST_F(virtio_queue_test, AnEventIndexSaysWhenToInterrupt)
{
    start(BASIC | EVENT_IDX);
    make_chain();
    put(queues[0].avail, 1, 2); // the flag says nothing then
    put(used_event(), 2, 2);    // when entry 2 has been used
    for (const unsigned interrupts : {0u, 0u, 1u, 1u}) {
        offer_and_run(0);
        EXPECT_EQ(raised.size(), interrupts);
    }
    put(used_event(), 5, 2);
    offer(0);
    offer(0);
    offer_and_run(0); // three at once, the middle one is it
    EXPECT_EQ(raised.size(), 2u);
}

TEST_F(virtio_queue_test, TheDeviceSaysWhichEntryToNotifyOf)
{
    start(BASIC | EVENT_IDX);
    make_chain();
    offer(0);
    offer_and_run(0);
    EXPECT_EQ(get(avail_event(), 2), 2u);
}

// A driver that looks at the event index before it is written does not notify.
TEST_F(virtio_queue_test, AnEntryThatComesBeforeTheDriverKnowsIsFound)
{
    start(BASIC | EVENT_IDX);
    make_chain();
    bool late = true;
    meanwhile = [&](std::uint64_t addr) {
        if (addr == avail_event() && late) {
            late = false;
            offer(0);
        }
    };
    offer_and_run(0);
    EXPECT_FALSE(late);
    EXPECT_EQ(used().size(), 2u);
}

// --- what makes no sense ---

TEST_F(virtio_queue_test, HostileRingsAreBreakdowns)
{
    struct {
        const char *why;
        std::function<void()> make; // and offer, descriptor 0 being the head if not
    } const rows[] = {
        {"a head that is no descriptor", [&] { offer(8); }},
        {"a head far beyond", [&] { offer(0xFFFF); }},
        {"a chain that leads nowhere", [&] { desc(0, buffer, 4, NEXT, 8); }},
        {"a descriptor that leads to itself", [&] { desc(0, buffer, 4, NEXT, 0); }},
        {"a chain that goes round",
         [&] {
             desc(0, buffer, 4, NEXT, 1);
             desc(1, buffer, 4, NEXT, 0);
         }},
        {"an empty descriptor that leads to itself", [&] { desc(0, buffer, 0, NEXT, 0); }},
        {"reading after writing",
         [&] {
             desc(0, buffer, 4, NEXT | WRITE, 1);
             desc(1, buffer, 4, 0);
         }},
        {"more than 32 bits of data",
         [&] {
             desc(0, 0x1000, 0xFFFFFFFF, NEXT, 1);
             desc(1, 0x1000, 1, 0);
         }},
        {"data that wrap around", [&] { desc(0, ~std::uint64_t{0}, 2, 0); }},
        {"a table in a table",
         [&] {
             desc(0, table, 16, INDIRECT);
             put_desc(table, table + 16, 16, INDIRECT);
         }},
        {"a table that is the queue's own", [&] { desc(0, queues[0].desc, 8 * 16, INDIRECT); }},
        {"a table and a next descriptor",
         [&] {
             desc(0, table, 16, INDIRECT | NEXT, 1);
             put_desc(table, buffer, 1, 0);
             desc(1, buffer, 1, 0);
         }},
        {"a table without descriptors", [&] { desc(0, table, 0, INDIRECT); }},
        {"a table with a part of one", [&] { desc(0, table, 24, INDIRECT); }},
        {"a table larger than the queue",
         [&] {
             desc(0, table, 9 * 16, INDIRECT);
             put_desc(table, buffer, 1, 0);
         }},
        {"a table that makes the chain longer than the queue",
         [&] {
             desc(0, buffer, 1, NEXT, 1);
             desc(1, table, 8 * 16, INDIRECT);
             for (unsigned i = 0; i < 8; i++)
                 put_desc(table + 16 * i, buffer, 1, i < 7 ? NEXT : 0,
                          static_cast<std::uint16_t>(i + 1));
         }},
        {"a table that wraps around", [&] { desc(0, ~std::uint64_t{0xF}, 32, INDIRECT); }},
        {"a table that leads nowhere",
         [&] {
             desc(0, table, 32, INDIRECT);
             put_desc(table, buffer, 1, NEXT, 2);
         }},
        {"a table that goes round",
         [&] {
             desc(0, table, 32, INDIRECT);
             put_desc(table, buffer, 1, NEXT, 1);
             put_desc(table + 16, buffer, 1, NEXT, 0);
         }},
        {"a table that cannot be read", [&] { desc(0, memory_size, 16, INDIRECT); }},
        {"more entries than the ring has", [&] { put(queues[0].avail + 2, 9, 2); }},
        {"an index that goes back", [&] { put(queues[0].avail + 2, 0xFFFF, 2); }},
    };
    for (const auto &row : rows) {
        start(BASIC | INDIRECT_DESC);
        row.make();
        if (get(queues[0].avail + 2, 2) == 0)
            offer(0);
        notify();
        run();
        expect_broken(row.why);
    }
}

TEST_F(virtio_queue_test, ATableWithoutTheFeatureIsABreakdown)
{
    start(BASIC);
    desc(0, table, 16, INDIRECT);
    put_desc(table, buffer, 1, 0);
    offer_and_run(0);
    expect_broken("indirect");
}

TEST_F(virtio_queue_test, RingsThatCannotBeReachedAreBreakdowns)
{
    const std::uint64_t places[] = {0, 2, 4}; // descriptor, index and entry of the available ring
    for (unsigned i = 0; i < 3; i++) {
        start();
        make_chain();
        abort_at = i == 0 ? queues[0].desc : queues[0].avail + places[i];
        offer_and_run(0);
        expect_broken("available");
        abort_at = nowhere;
    }
    for (const std::uint64_t place : {2, 4}) { // index and entry of the used ring
        start();
        make_chain();
        abort_at = queues[0].used + place;
        offer_and_run(0);
        EXPECT_TRUE(broken()) << place;
        EXPECT_THAT(raised, IsEmpty());
        abort_at = nowhere;
        write(DEVICE_STATUS, 0, 1);
    }
}

// A driver that makes available faster than the device can use keeps it busy, and no more.
TEST_F(virtio_queue_test, ARoundHasAnEndEvenIfTheRingHasNone)
{
    start(BASIC, 4);
    make_chain();
    unsigned made = 0;
    meanwhile = [&](std::uint64_t addr) {
        if (addr == buffer && made++ < 10000)
            offer(0);
    };
    set_up(1, 4);
    desc(0, buffer + 0x100, 4, NEXT, 1, 1);
    desc(1, output + 0x100, 4, WRITE, 0, 1);
    offer(0, 1);
    notify(1);
    offer(0);
    notify();
    std::vector<used_entry> other;
    std::function<void(std::uint64_t)> more = meanwhile;
    meanwhile = [&](std::uint64_t addr) {
        more(addr);
        if (other.empty() && made == 200)
            other = used(1);
    };
    run();
    EXPECT_THAT(other, ElementsAre(used_entry{0, 4})) << "the other queue had to wait for all";
    EXPECT_FALSE(broken());
}

} // namespace
} // namespace test_virtio_queue
