// SPDX-License-Identifier: Apache-2.0
// The block device: requests, and what becomes of wrong ones.
#include <gmock/gmock.h>

#include "virtio/virtio_blk.h"
#include "virtio_bench.hpp"

namespace test_virtio_blk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum : std::uint32_t { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, WRITE_ZEROES = 13 };
enum : std::uint8_t { OK = 0, IOERR = 1, UNSUPP = 2, NONE = 0xEE };
constexpr std::uint64_t SEG_MAX = bit(2);
constexpr std::uint64_t RO = bit(5);
constexpr std::uint64_t BLK_FLUSH = bit(9);
constexpr std::uint64_t MQ = bit(12);
constexpr std::uint64_t BLK_DISCARD = bit(13);
constexpr std::uint64_t BLK_WRITE_ZEROES = bit(14);

class virtio_blk : public virtio_bench {
  protected:
    static constexpr std::uint64_t header = 0xA000;
    static constexpr std::uint64_t state = 0xA100; // the byte of status
    static constexpr unsigned sectors = 1024;

    virtio_blk() : disk(sectors * 512)
    {
        for (std::size_t i = 0; i < disk.size(); i++)
            disk[i] = static_cast<std::uint8_t>(i * 7 + i / 512);
        create();
    }

    void create()
    {
        const virtio_ops world = ops();
        disk_medium medium = {};
        virtio_blk_config config = {sectors, queues_made, read_only, {}};
        std::strcpy(config.serial, "0123456789012345678X");
        medium.user = this;
        medium.read = [](void *user, std::uint64_t offset, void **data, std::uint32_t size) {
            std::uint8_t *const place = self(user)->at(offset, size);
            if (self(user)->in_place)
                *data = place;
            else
                std::memcpy(*data, place, size);
            return self(user)->disk_state;
        };
        medium.write = [](void *user, std::uint64_t offset, const void *data, std::uint32_t size) {
            if (self(user)->disk_state == DISK_OK)
                std::memcpy(self(user)->at(offset, size), data, size);
            return self(user)->disk_state;
        };
        medium.zero = [](void *user, std::uint64_t offset, std::uint64_t size, bool deallocate) {
            std::memset(self(user)->at(offset, size), 0, size);
            self(user)->deallocations += deallocate;
            return self(user)->disk_state;
        };
        medium.flush = [](void *user) {
            self(user)->flushes++;
            return self(user)->disk_state;
        };
        core.reset(virtio_blk_create(&config, &medium, &world));
        start();
    }

    void put_header(std::uint32_t type, std::uint64_t sector)
    {
        put(header, type, 4);
        put(header + 4, 0, 4);
        put(header + 8, sector, 8);
        put(state, NONE, 1);
    }

    // A request with `size` bytes at `buffer`; returns the status.
    std::uint8_t request(std::uint32_t type, std::uint64_t sector, std::uint32_t size)
    {
        const bool in = type == IN || type == GET_ID;
        put_header(type, sector);
        desc(0, header, 16, NEXT, 1);
        desc(1, buffer, size, in ? NEXT | WRITE : NEXT, 2);
        desc(2, state, 1, WRITE);
        offer_and_run(0);
        const auto done = used();
        EXPECT_EQ(done.size(), 1u);
        if (!done.empty())
            length = done[0].length;
        return static_cast<std::uint8_t>(get(state, 1));
    }

    void put_range(unsigned n, std::uint64_t sector, std::uint32_t count, std::uint32_t flags)
    {
        put(buffer + 16 * n, sector, 8);
        put(buffer + 16 * n + 8, count, 4);
        put(buffer + 16 * n + 12, flags, 4);
    }

    bool same(std::uint64_t sector, std::uint64_t size) const
    {
        return std::memcmp(&memory[buffer], &disk[512 * sector], size) == 0;
    }

    // Sectors from `first` on that are zeros.
    unsigned zeros(std::uint64_t first) const
    {
        std::size_t i = 512 * first;
        while (i < disk.size() && disk[i] == 0)
            i++;
        return static_cast<unsigned>(i / 512 - first);
    }

    std::vector<std::uint8_t> disk;
    bool in_place = true; // it shows data where they are
    disk_status disk_state = DISK_OK;
    std::function<void()> disk_meanwhile;
    unsigned queues_made = 1;
    bool read_only = false;
    unsigned deallocations = 0;
    unsigned flushes = 0;
    std::uint32_t length = 0; // of the last used entry

  private:
    std::uint8_t *at(std::uint64_t offset, std::uint64_t size)
    {
        EXPECT_TRUE(size && size % 512 == 0 && offset % 512 == 0) << offset << " " << size;
        EXPECT_LE(offset + size, disk.size());
        if (disk_meanwhile)
            disk_meanwhile();
        return &disk[offset];
    }

    static virtio_blk *self(void *user) { return static_cast<virtio_blk *>(user); }
};

TEST_F(virtio_blk, SaysWhatItIs)
{
    EXPECT_EQ(virtio_device_type(core.get()), 2u);
    EXPECT_EQ(virtio_device_bytes(core.get()), 60u);
    EXPECT_EQ(read(DEVICE, 4), sectors);   // capacity
    EXPECT_EQ(read(DEVICE + 12, 4), 254u); // seg_max: 256 entries
    EXPECT_EQ(read(DEVICE + 34, 2), 1u);   // num_queues
    EXPECT_EQ(read(DEVICE + 56, 1), 1u);   // write_zeroes_may_unmap
    EXPECT_EQ(offered() & (SEG_MAX | RO | BLK_FLUSH | MQ | BLK_DISCARD | BLK_WRITE_ZEROES),
              SEG_MAX | BLK_FLUSH | BLK_DISCARD | BLK_WRITE_ZEROES);
}

TEST_F(virtio_blk, ReadsAndWritesSectors)
{
    EXPECT_EQ(request(IN, 3, 1024), OK);
    EXPECT_EQ(length, 1025u);
    EXPECT_TRUE(same(3, 1024));
    EXPECT_EQ(request(OUT, sectors - 2, 1024), OK);
    EXPECT_EQ(length, 1u);
    EXPECT_TRUE(same(sectors - 2, 1024));
}

// A request of more than one access to the medium, its header and status in pieces among others.
TEST_F(virtio_blk, DescriptorsMayDivideARequestAnyhow)
{
    constexpr std::uint64_t place = 0x10000;
    constexpr std::uint32_t size = 131072 + 512;
    put_header(IN, 0);
    desc(0, header, 7, NEXT, 1);
    desc(1, header + 7, 9, NEXT, 2);
    desc(2, place, 100001, NEXT | WRITE, 3);
    desc(3, place + 100001, size + 1 - 100001, WRITE);
    offer_and_run(0);
    EXPECT_THAT(used(), ElementsAre(used_entry{0, size + 1}));
    EXPECT_EQ(std::memcmp(&memory[place], disk.data(), size), 0);
    EXPECT_EQ(get(place + size, 1), OK);
}

TEST_F(virtio_blk, ReadsWhatTheMediumDoesNotShow)
{
    in_place = false;
    EXPECT_EQ(request(IN, 3, 1024), OK);
    EXPECT_TRUE(same(3, 1024));
}

TEST_F(virtio_blk, RangesBeyondTheDiskAreErrors)
{
    EXPECT_EQ(request(IN, sectors, 512), IOERR);
    EXPECT_EQ(request(IN, sectors - 1, 1024), IOERR);
    EXPECT_EQ(request(OUT, ~std::uint64_t{0}, 512), IOERR);
    EXPECT_EQ(request(IN, 0, 100), IOERR) << "no whole sector";
    EXPECT_EQ(request(OUT, 0, 513), IOERR);
    EXPECT_EQ(request(IN, sectors, 0), OK) << "nothing at the end";
    EXPECT_EQ(virtio_blk_counted(core.get()).failures, 5u);
}

TEST_F(virtio_blk, AFailureOfTheMediumIsAnError)
{
    const std::vector<std::uint8_t> before = disk;
    disk_state = DISK_FAILED;
    EXPECT_EQ(request(IN, 0, 512), IOERR);
    EXPECT_EQ(request(OUT, 0, 512), IOERR);
    EXPECT_EQ(request(FLUSH, 0, 0), IOERR);
    EXPECT_EQ(disk, before);
    disk_state = DISK_FULL;
    EXPECT_EQ(request(OUT, 0, 512), IOERR);
}

TEST_F(virtio_blk, DataThatCannotBeReadChangeNothing)
{
    const std::vector<std::uint8_t> before = disk;
    abort_at = buffer + 100;
    EXPECT_EQ(request(OUT, 0, 512), IOERR);
    EXPECT_EQ(disk, before);
    abort_at = header + 8;
    EXPECT_EQ(request(OUT, 0, 512), IOERR);
    EXPECT_EQ(disk, before);
}

TEST_F(virtio_blk, FlushesAreThoseOfTheMedium)
{
    EXPECT_EQ(request(FLUSH, 0, 0), OK);
    EXPECT_EQ(flushes, 1u);
}

TEST_F(virtio_blk, HasAnIdentifierOfUpToTwentyBytes)
{
    EXPECT_EQ(request(GET_ID, 0, 20), OK);
    EXPECT_EQ(length, 21u);
    EXPECT_EQ(std::string(memory.begin() + buffer, memory.begin() + buffer + 20),
              "0123456789012345678X");
    put(buffer + 5, 0, 1);
    EXPECT_EQ(request(GET_ID, 0, 5), OK);
    EXPECT_EQ(get(buffer + 5, 1), 0u);
}

TEST_F(virtio_blk, DiscardedSectorsAreZeros)
{
    put_range(0, 10, 3, 0);
    put_range(1, 20, 1, 0);
    EXPECT_EQ(request(DISCARD, 0, 32), OK);
    EXPECT_EQ(zeros(10), 3u);
    EXPECT_EQ(zeros(20), 1u);
    EXPECT_EQ(deallocations, 2u);
}

TEST_F(virtio_blk, ZeroesNeedNotBeHoles)
{
    put_range(0, 10, 3, 0);
    EXPECT_EQ(request(WRITE_ZEROES, 0, 16), OK);
    EXPECT_EQ(zeros(10), 3u);
    EXPECT_EQ(deallocations, 0u);
    put_range(0, 20, 1, 1);
    EXPECT_EQ(request(WRITE_ZEROES, 0, 16), OK);
    EXPECT_EQ(deallocations, 1u);
}

TEST_F(virtio_blk, RangesAreCheckedBeforeAnythingChanges)
{
    const std::vector<std::uint8_t> before = disk;
    put_range(0, 10, 3, 0);
    put_range(1, sectors - 1, 2, 0);
    EXPECT_EQ(request(DISCARD, 0, 32), IOERR);
    put_range(1, 20, 1, 1); // a discard has no flags
    EXPECT_EQ(request(DISCARD, 0, 32), UNSUPP);
    put_range(1, 20, 1, 2);
    EXPECT_EQ(request(WRITE_ZEROES, 0, 32), UNSUPP);
    EXPECT_EQ(request(WRITE_ZEROES, 0, 17), IOERR);
    EXPECT_EQ(request(WRITE_ZEROES, 0, 0), IOERR);
    EXPECT_EQ(request(WRITE_ZEROES, 0, 17 * 16), IOERR) << "more ranges than it says";
    EXPECT_EQ(disk, before);
}

TEST_F(virtio_blk, ADiskThatIsOnlyReadSaysSo)
{
    read_only = true;
    create();
    const std::vector<std::uint8_t> before = disk;
    EXPECT_EQ(offered() & (RO | BLK_DISCARD | BLK_WRITE_ZEROES), RO);
    put_range(0, 10, 3, 0);
    EXPECT_EQ(request(OUT, 0, 512), IOERR);
    EXPECT_EQ(request(DISCARD, 0, 16), IOERR);
    EXPECT_EQ(request(WRITE_ZEROES, 0, 16), IOERR);
    EXPECT_EQ(disk, before);
    EXPECT_EQ(request(IN, 0, 512), OK);
}

TEST_F(virtio_blk, HasAsManyQueuesAsItIsMadeWith)
{
    queues_made = 3;
    create();
    EXPECT_EQ(read(NUM_QUEUES, 2), 3u);
    EXPECT_EQ(read(DEVICE + 34, 2), 3u);
    EXPECT_NE(offered() & MQ, 0u);
    set_up(2, 8);
    put_header(FLUSH, 0);
    desc(0, header, 16, NEXT, 1, 2);
    desc(1, state, 1, WRITE, 0, 2);
    offer_and_run(0, 2);
    EXPECT_EQ(used(2).size(), 1u);
    EXPECT_THAT(raised, ElementsAre(3u));
}

TEST_F(virtio_blk, OtherRequestsAreNotSupported)
{
    for (const std::uint32_t type : {2u, 5u, 10u, 14u, 0xFFFFFFFFu})
        EXPECT_EQ(request(type, 0, 512), UNSUPP) << type;
}

TEST_F(virtio_blk, ARequestWithoutHeaderOrStatusIsABreakdown)
{
    desc(0, header, 15, NEXT, 1);
    desc(1, state, 1, WRITE);
    offer_and_run(0);
    EXPECT_TRUE(broken());
    create();
    desc(0, header, 16, 0);
    offer_and_run(0);
    EXPECT_TRUE(broken());
}

TEST_F(virtio_blk, WhatAResetOvertakesIsDropped)
{
    disk_meanwhile = [&] { write(DEVICE_STATUS, 0, 1); };
    put_header(IN, 0);
    desc(0, header, 16, NEXT, 1);
    desc(1, buffer, 512, NEXT | WRITE, 2);
    desc(2, state, 1, WRITE);
    offer_and_run(0);
    EXPECT_THAT(used(), IsEmpty());
    EXPECT_EQ(get(buffer, 8), 0u);
    EXPECT_EQ(get(state, 1), NONE);
    EXPECT_EQ(status(), 0u);
}

} // namespace
} // namespace test_virtio_blk
