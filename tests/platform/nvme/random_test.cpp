// SPDX-License-Identifier: Apache-2.0
// Long runs with seeded randomness: I/O against a mirror, and a driver that has gone mad.
#include <algorithm>
#include <random>

#include "nvme_bench.hpp"

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
        make_prps(c, pages, offset);
        std::vector<std::uint8_t> data(size);
        std::generate(data.begin(), data.end(),
                      [&] { return static_cast<std::uint8_t>(random()); });
        copy(pages, offset, data.data(), size, true);
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
            memory[at + 1] = below(16) == 0;
            put(at + 4, below(4) ? 1 : 0, 4);
            put(at + 24, below(8) ? page * below(0x200) : random(), 8);
            put(at + 32, below(8) ? page * below(0x200) : random(), 8);
        }
        for (unsigned i = 0; i < 8; i++) {
            const std::uint64_t offset = below(3) ? DOORBELL + 4 * below(140) : 4 * below(0x50 / 4);
            const unsigned size = offset % 8 || below(2) ? 4 : 8;
            nvme_frame.write(core.get(), offset, size, below(2) ? below(32) : random());
        }
        abort_at = below(16) ? nowhere : below(memory_size);
        disk_state = below(64) ? NVME_MEDIUM_OK : NVME_MEDIUM_FAILED;
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
    disk_state = NVME_MEDIUM_OK;
    nvme_reset(core.get());
    restart();
    EXPECT_EQ(read(VS), 0x00010400u);
    create_io_queues();
    EXPECT_EQ(io(transfer(READ, 5, 8, buffer)).status, OK);
    EXPECT_TRUE(same(buffer, 5 * 512, 4096));
}

} // namespace
