// SPDX-License-Identifier: Apache-2.0
// The entropy device.
#include <gmock/gmock.h>

#include "virtio/virtio_rng.h"
#include "virtio_bench.hpp"

namespace test_virtio_rng {
namespace {

using ::testing::ElementsAre;

class virtio_rng : public virtio_bench {
  protected:
    virtio_rng() { create(1); }

    void create(std::uint64_t seed)
    {
        const virtio_ops world = ops();
        core.reset(virtio_rng_create(seed, &world));
        start();
    }

    std::vector<std::uint8_t> numbers(std::uint32_t size)
    {
        desc(0, buffer, size, WRITE);
        offer_and_run(0);
        EXPECT_THAT(used(), ElementsAre(used_entry{0, size}));
        const auto first = memory.begin() + static_cast<std::ptrdiff_t>(buffer);
        return {first, first + size};
    }
};

TEST_F(virtio_rng, IsOfItsType)
{
    EXPECT_EQ(virtio_device_type(core.get()), 4u);
    EXPECT_EQ(virtio_device_bytes(core.get()), 0u);
    EXPECT_EQ(read(NUM_QUEUES, 2), 1u);
}

// The first numbers of SplitMix64 for this seed (as published with the test vectors of Rosetta
// Code).
TEST_F(virtio_rng, NumbersAreThoseOfTheSeed)
{
    create(1234567);
    numbers(24);
    EXPECT_EQ(get(buffer, 8), 6457827717110365317u);
    EXPECT_EQ(get(buffer + 8, 8), 3203168211198807973u);
    EXPECT_EQ(get(buffer + 16, 8), 9817491932198370423u);
}

TEST_F(virtio_rng, TheSequenceGoesOnAfterAReset)
{
    const auto first = numbers(16);
    write(DEVICE_STATUS, 0, 1);
    start();
    const auto second = numbers(16);
    EXPECT_NE(first, second);
    create(1);
    EXPECT_EQ(numbers(16), first);
    EXPECT_EQ(numbers(16), second);
}

TEST_F(virtio_rng, FillsBuffersOfAnySize)
{
    put(buffer + 5, 0xAA, 1);
    numbers(5);
    EXPECT_EQ(get(buffer + 5, 1), 0xAAu);
    numbers(4096);
    desc(0, buffer, 5000, WRITE);
    offer_and_run(0);
    EXPECT_THAT(used(), ElementsAre(used_entry{0, 4096})) << "some of it is enough";
    EXPECT_EQ(virtio_rng_bytes(core.get()), 5u + 4096 + 4096);
}

TEST_F(virtio_rng, ABufferThatCannotBeWrittenIsABreakdown)
{
    desc(0, buffer, 16, 0);
    offer_and_run(0);
    EXPECT_TRUE(broken());
}

} // namespace
} // namespace test_virtio_rng
