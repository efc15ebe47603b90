// SPDX-License-Identifier: Apache-2.0
// Long runs with seeded randomness: I/O against a mirror, and a driver that has gone mad.
#include <algorithm>
#include <random>

#include "nvme_bench.hpp"

namespace test_random {
namespace {

class nvme_random : public nvme_bench {
  protected:
    nvme_random() { enable(); }

    std::uint32_t below(std::uint32_t limit) { return random() % limit; }

    // Pages from the upper half of memory, in any order, for a transfer of `size` bytes at `offset`
    // of the first page; the list is anywhere in its own pages, so that it may go on in a second.
    std::vector<std::uint64_t> scatter(std::uint64_t size, std::uint32_t offset)
    {
        std::vector<std::uint64_t> pages(256);
        for (std::size_t i = 0; i < pages.size(); i++)
            pages[i] = buffer + i * page;
        std::shuffle(pages.begin(), pages.end(), random);
        pages.resize((offset + size + page - 1) / page);
        return pages;
    }

    void make_prps(command &c, const std::vector<std::uint64_t> &pages, std::uint32_t offset)
    {
        c.prp1 = pages[0] + offset;
        c.prp2 = pages.size() == 2 ? pages[1] : 0;
        if (pages.size() <= 2)
            return;
        std::uint64_t at = list + 8 * below(512);
        c.prp2 = at;
        for (std::size_t i = 1; i < pages.size(); i++, at += 8) {
            if (at % page == page - 8 && i + 1 < pages.size()) {
                put(at, list + 4 * page, 8);
                at = list + 4 * page;
            }
            put(at, pages[i], 8);
        }
    }

    struct descriptor {
        std::uint8_t kind;
        std::uint64_t addr;
        std::uint32_t length;
    };

    // The same pages cut into blocks of any size, with others that are empty, and with bit buckets,
    // which only writes may have without a change to what is moved.
    std::vector<descriptor> cut(const std::vector<std::uint64_t> &pages, std::uint32_t offset,
                                std::size_t size, bool buckets)
    {
        std::vector<descriptor> blocks;
        for (std::size_t i = 0; size; i++) {
            for (std::uint32_t at = offset; at < page && size;) {
                const auto room =
                    static_cast<std::uint32_t>(std::min<std::size_t>(size, page - at));
                const std::uint32_t length = below(3) ? room : below(room + 1);
                blocks.push_back({DATA_BLOCK, pages[i] + at, length});
                if (buckets && below(8) == 0)
                    blocks.push_back({BIT_BUCKET, random(), below(100000)});
                at += length;
                size -= length;
            }
            offset = 0;
        }
        return blocks;
    }

    // An SGL of the blocks, in segments of any length.
    void make_sgl(command &c, const std::vector<descriptor> &blocks)
    {
        std::uint64_t segment = list + 8 * below(64);
        std::size_t done = 0;
        std::uint64_t link = 0; // where the descriptor of the segment goes; 0: into the command
        if (blocks.size() == 1) {
            c = with_sgl(c, DATA_BLOCK, blocks[0].addr, blocks[0].length);
            return;
        }
        while (done < blocks.size()) {
            const std::size_t count =
                below(2) ? blocks.size() - done
                         : 1 + below(static_cast<std::uint32_t>(blocks.size() - done));
            const bool last = done + count == blocks.size();
            const auto size = static_cast<std::uint32_t>(16 * (count + !last));
            if (link)
                put_descriptor(link, last ? LAST_SEGMENT : SEGMENT, segment, size);
            else
                c = with_sgl(c, last ? LAST_SEGMENT : SEGMENT, segment, size);
            for (std::size_t i = 0; i < count; i++, done++, segment += 16)
                put_descriptor(segment, blocks[done].kind, blocks[done].addr, blocks[done].length);
            link = segment;
            segment += 16 + 8 * std::uint64_t{below(64)};
        }
    }

    void describe(command &c, const std::vector<std::uint64_t> &pages, std::uint32_t offset,
                  std::size_t size)
    {
        if (below(2))
            make_prps(c, pages, offset);
        else
            make_sgl(c, cut(pages, offset, size, c.opcode == WRITE));
    }

    void copy(const std::vector<std::uint64_t> &pages, std::uint32_t offset, std::uint8_t *data,
              std::size_t size, bool to_memory)
    {
        for (std::size_t i = 0; size; i++) {
            std::uint8_t *at = &memory[pages[i] + offset];
            const std::size_t piece = std::min<std::size_t>(size, page - offset);
            std::copy_n(to_memory ? data : at, piece, to_memory ? at : data);
            data += piece;
            size -= piece;
            offset = 0;
        }
    }

    std::mt19937 random{4711};
};

TEST_F(nvme_random, TrafficMatchesAMirror)
{
    std::vector<std::uint8_t> mirror = disk;
    create_io_queues();
    for (unsigned round = 0; round < 3000; round++) {
        const std::uint32_t count = 1 + below(below(4) ? 32 : 256);
        const std::uint64_t block = below(static_cast<std::uint32_t>(blocks) - count + 1);
        const std::size_t size = std::size_t{count} * 512;
        const std::uint32_t offset = below(2) ? 0 : 4 * below(1024);
        std::uint8_t *const expected = &mirror[block * 512];
        const auto pages = scatter(size, offset);
        const std::uint8_t opcodes[] = {READ, READ, WRITE, WRITE, WRITE, WRITE_ZEROES};
        command c = transfer(opcodes[below(6)], block, count, 0);
        describe(c, pages, offset, size);
        std::vector<std::uint8_t> data(size);
        std::generate(data.begin(), data.end(),
                      [&] { return static_cast<std::uint8_t>(random()); });
        copy(pages, offset, data.data(), size, true);
        in_place = below(2);
        ASSERT_EQ(io(c).status, OK) << round;
        if (c.opcode == WRITE)
            std::copy(data.begin(), data.end(), expected);
        if (c.opcode == WRITE_ZEROES)
            std::fill_n(expected, size, std::uint8_t{0});
        copy(pages, offset, data.data(), size, false);
        ASSERT_EQ(c.opcode == READ && !std::equal(data.begin(), data.end(), expected), false)
            << round;
    }
    EXPECT_EQ(disk, mirror);
}

// Commands of several queues at once, with more of them than the queues have room for completions.
TEST_F(nvme_random, EveryCommandCompletesOnce)
{
    std::map<std::uint32_t, unsigned> outstanding;
    completion done = {};
    unsigned completed = 0;
    for (unsigned i = 1; i <= 3; i++) {
        const std::uint64_t at = 0x40000 + i * 0x2000;
        admin({CREATE_CQ, 0, at, 0, (entries - 1) << 16 | i, i << 16 | 3});
        admin({CREATE_SQ, 0, at + page, 0, (entries - 1) << 16 | i, i << 16 | 1});
        queues[i] = {at + page, at};
    }
    for (unsigned round = 0; round < 5000; round++) {
        const unsigned id = 1 + below(3);
        // There may be as many outside the submission queue as it holds: they are completed.
        if (outstanding[id] < entries - 1) {
            submit(id, {FLUSH, 1});
            outstanding[id]++;
        }
        if (below(3) == 0)
            nvme_run(core.get());
        const unsigned other = 1 + below(3);
        if (below(2) && take(other, done)) {
            EXPECT_EQ(done.sq, other);
            outstanding[other]--;
            completed++;
        }
    }
    nvme_run(core.get());
    for (unsigned id = 1; id <= 3; id++)
        for (; take(id, done); completed++)
            outstanding[id]--;
    EXPECT_EQ(outstanding, (std::map<std::uint32_t, unsigned>{{1, 0}, {2, 0}, {3, 0}}));
    EXPECT_EQ(completed, flushes);
}

// Nothing a driver does may harm the model; after a reset all is well.
TEST_F(nvme_random, AnythingAtAllIsSurvived)
{
    for (unsigned round = 0; round < 3000; round++) {
        for (unsigned i = 0; i < 8; i++) {
            const std::uint64_t at = 64 * below(0x5000 / 64);
            for (unsigned dword = 0; dword < 16; dword++)
                put(at + 4 * dword, random() >> below(32), 4);
            memory[at] = static_cast<std::uint8_t>(below(14)); // opcode
            memory[at + 1] = static_cast<std::uint8_t>(below(16) ? below(3) << 6 : random());
            put(at + 4, below(4) ? 1 : 0, 4);
            put(at + 24, below(8) ? page * below(0x200) : random(), 8);
            put(at + 32, below(8) ? page * below(0x200) : random(), 8);
            if (below(2)) // a descriptor that makes some sense
                put_descriptor(at + 24 - 8 * below(2), static_cast<std::uint8_t>(below(5) << 4),
                               8 * below(0x5000 / 8), 16 * below(64));
        }
        for (unsigned i = 0; i < 8; i++) {
            const std::uint64_t offset = below(3) ? DOORBELL + 4 * below(140) : 4 * below(0x50 / 4);
            const unsigned size = offset % 8 || below(2) ? 4 : 8;
            nvme_frame.write(core.get(), offset, size, below(2) ? below(32) : random());
        }
        abort_at = below(16) ? nowhere : below(memory_size);
        disk_state = below(64) ? DISK_OK : DISK_FAILED;
        meanwhile = nullptr;
        if (below(16) == 0)
            meanwhile = [this](std::uint64_t addr) {
                if (addr % 3 == 0)
                    nvme_frame.write(core.get(), below(2) ? CC : DOORBELL + 4 * below(8), 4,
                                     random() & 0x460001);
            };
        nvme_run(core.get());
        if (read(CSTS) != 1)
            restart();
    }
    meanwhile = nullptr;
    abort_at = nowhere;
    disk_state = DISK_OK;
    nvme_reset(core.get());
    restart();
    EXPECT_EQ(read(VS), 0x00010400u);
    create_io_queues();
    EXPECT_EQ(io(transfer(READ, 5, 8, buffer)).status, OK);
    EXPECT_TRUE(same(buffer, 5 * 512, 4096));
}

} // namespace
} // namespace test_random
