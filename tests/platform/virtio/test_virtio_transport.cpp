// SPDX-License-Identifier: Apache-2.0
// The registers of the transport: features, status, queues, interrupts, resets.
#include <gmock/gmock.h>

#include "echo_device.hpp"
#include "virtio_bench.hpp"

namespace test_virtio_transport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class virtio_transport : public virtio_bench {
  protected:
    virtio_transport() { core.reset(echo::create(ops())); }

    // A chain of queue 0: 4 bytes that are read, 4 that are written.
    void make_chain(std::uint16_t head = 0)
    {
        desc(head, buffer, 4, NEXT, head + 1);
        desc(head + 1u, buffer + 0x100, 4, WRITE);
    }

    std::uint64_t of_queue(unsigned index, std::uint64_t offset, unsigned size) const
    {
        write(QUEUE_SELECT, index, 2);
        return read(offset, size);
    }
};

// --- features (2.2, 6) ---

TEST_F(virtio_transport, OffersWhatAModernDeviceHas)
{
    EXPECT_EQ(offered() & (INDIRECT_DESC | EVENT_IDX | VERSION_1 | ACCESS_PLATFORM | RING_RESET),
              INDIRECT_DESC | EVENT_IDX | VERSION_1 | ACCESS_PLATFORM | RING_RESET);
    EXPECT_EQ(offered() & RING_PACKED, 0u);
    write(DEVICE_FEATURE_SELECT, 2, 4);
    EXPECT_EQ(read(DEVICE_FEATURE, 4), 0u);
}

TEST_F(virtio_transport, TakesADriverThatTranslatesOnly)
{
    EXPECT_FALSE(negotiate(VERSION_1));
    write(DEVICE_STATUS, 0, 1);
    EXPECT_FALSE(negotiate(ACCESS_PLATFORM));
    write(DEVICE_STATUS, 0, 1);
    EXPECT_TRUE(negotiate(BASIC));
}

TEST_F(virtio_transport, RefusesFeaturesThatItHasNot)
{
    EXPECT_FALSE(negotiate(BASIC | RING_PACKED));
    write(DEVICE_STATUS, 0, 1);
    write(DRIVER_FEATURE_SELECT, 2, 4); // beyond what there may be
    write(DRIVER_FEATURE, 1, 4);
    EXPECT_FALSE(negotiate(BASIC));
}

TEST_F(virtio_transport, KeepsFeaturesOnceTheyAreTaken)
{
    EXPECT_TRUE(negotiate(BASIC));
    write(DRIVER_FEATURE_SELECT, 1, 4);
    write(DRIVER_FEATURE, 0, 4);
    EXPECT_EQ(read(DRIVER_FEATURE, 4), BASIC >> 32);
}

TEST_F(virtio_transport, DoesNotWorkWithoutFeatures)
{
    write(DEVICE_STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK, 1);
    EXPECT_EQ(status(), ACKNOWLEDGE | DRIVER);
}

// --- status (2.1) ---

TEST_F(virtio_transport, BitsOfTheStatusStayUntilAReset)
{
    write(DEVICE_STATUS, ACKNOWLEDGE, 1);
    write(DEVICE_STATUS, FAILED, 1);
    EXPECT_EQ(status(), ACKNOWLEDGE | FAILED);
    write(DEVICE_STATUS, NEEDS_RESET, 1); // the device's to set
    EXPECT_EQ(status(), ACKNOWLEDGE | FAILED);
    write(DEVICE_STATUS, 0, 1);
    EXPECT_EQ(status(), 0u);
}

TEST_F(virtio_transport, UsesNoBufferBeforeTheDriverIsReady)
{
    EXPECT_TRUE(negotiate(BASIC));
    set_up(0, 8);
    make_chain();
    offer_and_run(0);
    EXPECT_EQ(accesses, 0u);
    EXPECT_EQ(kicks, 0u);
    go();
    EXPECT_EQ(kicks, 1u);
    run();
    EXPECT_THAT(used(), ElementsAre(used_entry{0, 4}));
}

// --- queues (4.1.4.3) ---

TEST_F(virtio_transport, QueuesHaveTheSizeThatTheDriverWants)
{
    EXPECT_EQ(read(NUM_QUEUES, 2), 2u);
    EXPECT_EQ(of_queue(1, QUEUE_SIZE, 2), 64u);
    for (const unsigned refused : {0u, 3u, 65u, 128u, 0x8000u}) {
        write(QUEUE_SIZE, refused, 2);
        EXPECT_EQ(read(QUEUE_SIZE, 2), 64u) << refused;
    }
    write(QUEUE_SIZE, 16, 2);
    EXPECT_EQ(read(QUEUE_SIZE, 2), 16u);
    EXPECT_EQ(of_queue(0, QUEUE_SIZE, 2), 64u);
}

TEST_F(virtio_transport, AQueueThatIsNotThereHasNoSize)
{
    EXPECT_EQ(of_queue(2, QUEUE_SIZE, 2), 0u);
    EXPECT_EQ(of_queue(0xFFFF, QUEUE_SIZE, 2), 0u);
    write(QUEUE_SIZE, 8, 2);
    write(QUEUE_DESC, 0x1000, 8);
    write(QUEUE_ENABLE, 1, 2);
    EXPECT_EQ(read(QUEUE_DESC, 8), 0u);
    EXPECT_EQ(read(QUEUE_ENABLE, 2), 0u);
    write(NOTIFY + 4 * 2, 2, 2);
    EXPECT_EQ(kicks, 0u);
}

TEST_F(virtio_transport, AddressesAreWrittenInHalvesToo)
{
    write(QUEUE_SELECT, 1, 2);
    write(QUEUE_DRIVER, 0x89ABCDE0, 4);
    write(QUEUE_DRIVER + 4, 0x01234567, 4);
    EXPECT_EQ(read(QUEUE_DRIVER, 8), 0x0123456789ABCDE0u);
    EXPECT_EQ(of_queue(0, QUEUE_DRIVER, 8), 0u);
}

TEST_F(virtio_transport, AQueueInUseStaysAsItIs)
{
    start();
    write(QUEUE_SELECT, 0, 2);
    write(QUEUE_SIZE, 16, 2);
    write(QUEUE_DESC, 0, 8);
    write(QUEUE_DRIVER, 0, 8);
    write(QUEUE_DEVICE, 0, 8);
    write(QUEUE_ENABLE, 0, 2);
    EXPECT_EQ(read(QUEUE_SIZE, 2), 8u);
    EXPECT_EQ(read(QUEUE_DESC, 8), queues[0].desc);
    EXPECT_EQ(read(QUEUE_DRIVER, 8), queues[0].avail);
    EXPECT_EQ(read(QUEUE_DEVICE, 8), queues[0].used);
    EXPECT_EQ(read(QUEUE_ENABLE, 2), 1u);
}

TEST_F(virtio_transport, AreasOfAQueueMustBeAlignedAndHaveAnEnd)
{
    struct {
        std::uint64_t desc, avail, used;
        bool good;
    } const rows[] = {
        {0x1000, 0x2002, 0x3004, true},
        {0x1008, 0x2000, 0x3000, false},
        {0x1000, 0x2001, 0x3000, false},
        {0x1000, 0x2000, 0x3002, false},
        {~std::uint64_t{0xF}, 0x2000, 0x3000, false},
        {0x1000, ~std::uint64_t{1}, 0x3000, false},
        {0x1000, 0x2000, ~std::uint64_t{3}, false},
    };
    for (const auto &row : rows) {
        write(DEVICE_STATUS, 0, 1);
        write(QUEUE_SELECT, 0, 2);
        write(QUEUE_DESC, row.desc, 8);
        write(QUEUE_DRIVER, row.avail, 8);
        write(QUEUE_DEVICE, row.used, 8);
        write(QUEUE_ENABLE, 1, 2);
        EXPECT_EQ(read(QUEUE_ENABLE, 2), row.good) << std::hex << row.desc;
        EXPECT_NE(broken(), row.good) << std::hex << row.desc;
    }
}

// --- interrupts (4.1.4.5, 4.1.5.1.2) ---

TEST_F(virtio_transport, VectorsAreThoseThatThereAre)
{
    EXPECT_EQ(virtio_vectors(core.get()), 3u);
    EXPECT_EQ(read(CONFIG_MSIX_VECTOR, 2), NO_VECTOR_ASSIGNED);
    write(CONFIG_MSIX_VECTOR, 2, 2);
    EXPECT_EQ(read(CONFIG_MSIX_VECTOR, 2), 2u);
    write(CONFIG_MSIX_VECTOR, 3, 2);
    EXPECT_EQ(read(CONFIG_MSIX_VECTOR, 2), NO_VECTOR_ASSIGNED);
    EXPECT_EQ(of_queue(1, QUEUE_MSIX_VECTOR, 2), NO_VECTOR_ASSIGNED);
    write(QUEUE_MSIX_VECTOR, 1, 2);
    EXPECT_EQ(read(QUEUE_MSIX_VECTOR, 2), 1u);
    EXPECT_EQ(of_queue(0, QUEUE_MSIX_VECTOR, 2), NO_VECTOR_ASSIGNED);
}

TEST_F(virtio_transport, AUsedBufferIsAMessageOfItsQueue)
{
    start();
    make_chain();
    offer_and_run(0);
    EXPECT_THAT(raised, ElementsAre(1u));
    EXPECT_EQ(read(ISR, 1), 0u) << "of messages it says nothing";
}

TEST_F(virtio_transport, AQueueWithoutAVectorSendsNoMessage)
{
    start();
    write(QUEUE_SELECT, 0, 2);
    write(QUEUE_MSIX_VECTOR, NO_VECTOR_ASSIGNED, 2);
    make_chain();
    offer_and_run(0);
    EXPECT_THAT(raised, IsEmpty());
    EXPECT_EQ(used().size(), 1u);
}

TEST_F(virtio_transport, WithoutMessagesThePinIsHighUntilTheStatusIsRead)
{
    msix = false;
    start();
    make_chain();
    offer_and_run(0);
    EXPECT_TRUE(pin);
    std::uint64_t peeked = 0;
    EXPECT_EQ(virtio_frame.peek(core.get(), ISR, 1, &peeked), VP_OK);
    EXPECT_EQ(peeked, 1u);
    EXPECT_EQ(read(ISR, 1), 1u);
    EXPECT_FALSE(pin);
    EXPECT_EQ(read(ISR, 1), 0u);
    EXPECT_THAT(raised, IsEmpty());
}

TEST_F(virtio_transport, TheNeedOfAResetIsAConfigurationInterrupt)
{
    start();
    write(CONFIG_MSIX_VECTOR, 0, 2);
    offer_and_run(8); // no such descriptor
    EXPECT_TRUE(broken());
    EXPECT_THAT(raised, ElementsAre(0u));
    EXPECT_EQ(read(ISR, 1), 2u);
    EXPECT_EQ(virtio_breakdowns(core.get()), 1u);
}

// --- resets (2.4, 2.6.1) ---

TEST_F(virtio_transport, AResetLeavesNothing)
{
    start();
    write(CONFIG_MSIX_VECTOR, 1, 2);
    write(DEVICE_STATUS, 0, 1);
    EXPECT_EQ(status(), 0u);
    EXPECT_EQ(read(CONFIG_MSIX_VECTOR, 2), NO_VECTOR_ASSIGNED);
    EXPECT_EQ(of_queue(0, QUEUE_ENABLE, 2), 0u);
    EXPECT_EQ(read(QUEUE_SIZE, 2), 64u);
    EXPECT_EQ(read(QUEUE_DESC, 8), 0u);
    EXPECT_EQ(read(QUEUE_MSIX_VECTOR, 2), NO_VECTOR_ASSIGNED);
    write(DRIVER_FEATURE_SELECT, 1, 4);
    EXPECT_EQ(read(DRIVER_FEATURE, 4), 0u);
}

TEST_F(virtio_transport, ABrokenDeviceWorksAgainAfterAReset)
{
    start();
    offer_and_run(8);
    EXPECT_TRUE(broken());
    write(DEVICE_STATUS, 0, 1);
    start();
    make_chain();
    offer_and_run(0);
    EXPECT_FALSE(broken());
    EXPECT_THAT(used(), ElementsAre(used_entry{0, 4}));
}

// Until then the device may still write to memory.
TEST_F(virtio_transport, AResetIsOverWhenTheAccessInProgressIs)
{
    start();
    make_chain();
    unsigned resets = 0;
    meanwhile = [&](std::uint64_t addr) {
        if (addr == buffer && resets++ == 0) {
            write(DEVICE_STATUS, 0, 1);
            EXPECT_NE(status(), 0u);
            EXPECT_EQ(of_queue(0, QUEUE_ENABLE, 2), 0u);
        }
    };
    offer_and_run(0);
    EXPECT_EQ(resets, 1u);
    EXPECT_EQ(status(), 0u);
    EXPECT_THAT(used(), IsEmpty());
    EXPECT_THAT(raised, IsEmpty());
    EXPECT_EQ(get(buffer + 0x100, 4), 0u);
}

TEST_F(virtio_transport, AResetByTheBusIsOverAtOnce)
{
    start();
    make_chain();
    meanwhile = [&](std::uint64_t addr) {
        if (addr == buffer)
            virtio_reset(core.get());
    };
    offer_and_run(0);
    EXPECT_EQ(status(), 0u);
    EXPECT_THAT(used(), IsEmpty());
}

TEST_F(virtio_transport, AQueueIsResetAloneIfTheDriverAsksForThat)
{
    start(BASIC | RING_RESET);
    set_up(1, 8);
    write(QUEUE_SELECT, 0, 2);
    write(QUEUE_RESET, 1, 2);
    EXPECT_EQ(read(QUEUE_RESET, 2), 0u) << "nothing is in progress";
    EXPECT_EQ(read(QUEUE_ENABLE, 2), 0u);
    EXPECT_EQ(of_queue(1, QUEUE_ENABLE, 2), 1u);
    set_up(0, 16);
    make_chain();
    offer_and_run(0);
    EXPECT_THAT(used(), ElementsAre(used_entry{0, 4}));
}

TEST_F(virtio_transport, AResetOfAQueueWaitsForTheAccessInProgress)
{
    start(BASIC | RING_RESET);
    make_chain();
    unsigned resets = 0;
    meanwhile = [&](std::uint64_t addr) {
        if (addr == buffer && resets++ == 0) {
            write(QUEUE_SELECT, 0, 2);
            write(QUEUE_RESET, 1, 2);
            EXPECT_EQ(read(QUEUE_RESET, 2), 1u);
            write(QUEUE_ENABLE, 1, 2);
            EXPECT_EQ(read(QUEUE_ENABLE, 2), 0u);
        }
    };
    offer_and_run(0);
    EXPECT_EQ(resets, 1u);
    EXPECT_EQ(of_queue(0, QUEUE_RESET, 2), 0u);
    EXPECT_THAT(used(), IsEmpty());
    EXPECT_FALSE(broken());
}

TEST_F(virtio_transport, WithoutTheFeatureAQueueIsNotResetAlone)
{
    start(BASIC);
    write(QUEUE_SELECT, 0, 2);
    write(QUEUE_RESET, 1, 2);
    EXPECT_EQ(read(QUEUE_ENABLE, 2), 1u);
}

// --- accesses ---

TEST_F(virtio_transport, RegistersAreAccessedInTheirOwnSize)
{
    const frame_access frame(virtio_frame, core.get());
    EXPECT_EQ(frame.read_status(DEVICE_FEATURE_SELECT, 8), VP_SLVERR);
    EXPECT_EQ(frame.read_status(NUM_QUEUES, 4), VP_SLVERR);
    EXPECT_EQ(frame.write_status(DEVICE_STATUS, 2), VP_SLVERR);
    EXPECT_EQ(frame.read_status(QUEUE_DESC + 4, 4), VP_OK);
    EXPECT_EQ(frame.read_status(QUEUE_DESC + 2, 4), VP_SLVERR);
    EXPECT_EQ(frame.read_status(0x4000, 4), VP_DECERR);
    EXPECT_EQ(frame.write_status(0x4000, 4), VP_DECERR);
    EXPECT_EQ(frame.read(CONFIG_GENERATION, 1), 0u);
    EXPECT_EQ(frame.read(DEVICE, 4), 0u) << "this kind of device has no structure";
}

} // namespace
} // namespace test_virtio_transport
