// SPDX-License-Identifier: Apache-2.0
// Random rings, good ones and others, against a model that goes through them in its own way.
#include <optional>

#include "echo_device.hpp"
#include "support/random.hpp"
#include "virtio_bench.hpp"

namespace test_virtio_random {
namespace {

// What a device makes of the rings in `memory`: descriptor by descriptor, none of them kept. It
// writes to data only, which lie from `data` on, where there are no rings.
class model {
  public:
    struct ring {
        unsigned size;
        std::uint64_t desc, avail, used;
        bool indirect;
    };

    model(std::vector<std::uint8_t> bytes, const ring &queue)
        : memory(std::move(bytes)), queue_(queue)
    {
    }

    // As a driver's notification makes the device do.
    void work()
    {
        const auto made = static_cast<std::uint16_t>(get(queue_.avail + 2, 2));
        if (broken || static_cast<std::uint16_t>(made - taken) > queue_.size) {
            broken = true;
            return;
        }
        while (taken != made && !broken) {
            const std::uint64_t head = get(queue_.avail + 4 + 2 * (taken % queue_.size), 2);
            const auto parts = chain(head);
            if (!parts) {
                broken = true;
                break;
            }
            taken++;
            done.push_back({head, echo(*parts)});
        }
        // What was done before a breakdown is not told any more.
        if (!broken)
            publish();
    }

    std::vector<std::uint8_t> memory;
    std::uint16_t taken = 0;
    bool broken = false;

  private:
    struct part {
        std::uint64_t addr;
        std::uint32_t size;
        bool write;
    };
    struct entry {
        std::uint64_t head;
        std::uint32_t size;
    };

    std::uint64_t get(std::uint64_t addr, unsigned size) const
    {
        std::uint64_t value = 0;
        for (unsigned i = size; i-- > 0;)
            value = value << 8 | memory.at(addr + i);
        return value;
    }

    bool there(std::uint64_t addr, std::uint64_t size) const
    {
        return addr <= memory.size() && size <= memory.size() - addr;
    }

    // 2.7.5, rule by rule; nothing if one is broken.
    std::optional<std::vector<part>> chain(std::uint64_t index) const
    {
        std::vector<part> parts;
        std::uint64_t table = queue_.desc;
        std::uint64_t count = queue_.size;
        bool inside = false;
        unsigned steps = 0;
        std::uint64_t sum = 0;

        for (;;) {
            const std::uint64_t at = table + 16 * index;
            // A table that ends outside of memory cannot be read, whatever part of it is wanted:
            // the device may fetch several descriptors at a time.
            if (index >= count || !there(table, 16 * count))
                return std::nullopt;
            const auto size = static_cast<std::uint32_t>(get(at + 8, 4));
            const std::uint64_t addr = get(at, 8);
            const std::uint64_t flags = get(at + 12, 2);
            const std::uint64_t next = get(at + 14, 2);
            if ((flags & INDIRECT) != 0) {
                if (inside || !queue_.indirect || (flags & NEXT) != 0 || size == 0 ||
                    size % 16 != 0 || size / 16 > queue_.size || addr + (size - 1) < addr)
                    return std::nullopt;
                inside = true;
                table = addr;
                count = size / 16;
                index = 0;
                continue;
            }
            const bool write = (flags & WRITE) != 0;
            for (const part &before : parts)
                if (before.write && !write)
                    return std::nullopt;
            sum += size;
            if (sum > 0xFFFFFFFF || (size != 0 && addr + (size - 1) < addr))
                return std::nullopt;
            if (size != 0)
                parts.push_back({addr, size, write});
            if ((flags & NEXT) == 0)
                return parts;
            if (++steps == queue_.size)
                return std::nullopt;
            index = next;
        }
    }

    // Returns how many bytes were written as they should be.
    std::uint32_t echo(const std::vector<part> &parts)
    {
        std::uint64_t in = 0;
        std::uint64_t out = 0;
        for (const part &row : parts)
            (row.write ? out : in) += row.size;
        const auto size = static_cast<std::uint32_t>(std::min({in, out, std::uint64_t{0x10000}}));
        std::vector<std::uint8_t> data;
        bool good = true;
        for (const part &row : parts) {
            const auto wanted = std::min<std::uint64_t>(row.size, size - data.size());
            if (row.write || wanted == 0)
                continue;
            good = good && there(row.addr, wanted);
            for (std::uint64_t i = 0; i < wanted; i++)
                data.push_back(good ? static_cast<std::uint8_t>(memory[row.addr + i] + 1) : 0);
        }
        std::size_t at = 0;
        for (const part &row : parts) {
            const auto wanted = std::min<std::uint64_t>(row.size, size - at);
            if (!row.write || wanted == 0 || !good)
                continue;
            good = there(row.addr, wanted);
            for (std::uint64_t i = 0; i < wanted && good; i++)
                memory[row.addr + i] = data[at + i];
            at += wanted;
        }
        return good ? size : 0;
    }

    void put(std::uint64_t addr, std::uint64_t value, unsigned size)
    {
        for (unsigned i = 0; i < size; i++)
            memory.at(addr + i) = static_cast<std::uint8_t>(value >> (8 * i));
    }

    void publish()
    {
        for (const entry &row : done) {
            const std::uint64_t at = queue_.used + 4 + 8 * (published_++ % queue_.size);
            put(at, row.head, 4);
            put(at + 4, row.size, 4);
        }
        put(queue_.used + 2, published_, 2);
        done.clear();
    }

    ring queue_;
    std::vector<entry> done;
    std::uint16_t published_ = 0;
};

class virtio_random : public virtio_bench {
  protected:
    virtio_random() { core.reset(echo::create(ops())); }

    static constexpr std::uint64_t data = 0x20000;
    static constexpr std::uint64_t data_size = 0x1000;

    std::uint64_t pick(std::uint64_t count) { return chance.below(count); }
    bool rarely() { return hostile && pick(64) == 0; }

    std::uint64_t any_address()
    {
        switch (rarely() ? pick(4) : 4) {
        case 0:
            return memory_size - pick(32);
        case 1:
            return ~std::uint64_t{0} - pick(64);
        case 2:
            return memory_size + pick(0x1000);
        case 3:
            return chance.bits(64);
        default:
            return data + pick(data_size);
        }
    }

    std::uint32_t any_size()
    {
        if (rarely())
            return static_cast<std::uint32_t>(pick(2) != 0 ? 0xFFFFFFFF - pick(0x10000)
                                                           : pick(0x8000));
        return static_cast<std::uint32_t>(pick(40));
    }

    // Descriptors of a table: one after the other, in any order, what is read before what is
    // written.
    void make_table(std::uint64_t at, const std::vector<unsigned> &order, unsigned entries)
    {
        const std::size_t reads = pick(order.size() + 1);
        for (std::size_t i = 0; i < order.size(); i++) {
            const bool last = i + 1 == order.size();
            std::uint64_t flags = (i < reads ? 0 : WRITE) | (last ? 0 : NEXT);
            if (rarely())
                flags ^= bit(static_cast<unsigned>(pick(3)));
            std::uint64_t next = last ? pick(entries) : order[i + 1];
            if (rarely())
                next = pick(entries + 4);
            put_desc(at + 16 * order[i], any_address(), any_size(),
                     static_cast<std::uint16_t>(flags), static_cast<std::uint16_t>(next));
        }
    }

    // Numbers below `entries`, each once, `count` of them.
    std::vector<unsigned> some(unsigned entries, std::size_t count)
    {
        std::vector<unsigned> list(entries);
        for (unsigned i = 0; i < entries; i++)
            list[i] = i;
        for (unsigned i = 0; i < entries; i++)
            std::swap(list[i], list[i + pick(entries - i)]);
        list.resize(count);
        return list;
    }

    // One chain of descriptors that no other has, as far as there are any; its head.
    std::uint16_t make_chain(std::vector<unsigned> &free)
    {
        const std::size_t length = 1 + pick(std::min<std::size_t>(free.size(), 5));
        const std::vector<unsigned> order(free.end() - static_cast<std::ptrdiff_t>(length),
                                          free.end());
        free.resize(free.size() - length);
        make_table(queues[0].desc, order, queues[0].size);
        if ((indirect && pick(3) == 0) || rarely()) {
            const unsigned entries = 1 + static_cast<unsigned>(pick(queues[0].size));
            const std::uint64_t at = table + 0x400 * tables++ % 0x8000;
            make_table(at, some(entries, entries), entries);
            // The first of the table is not the first of a chain made in any order.
            make_table(at, in_order(1 + pick(entries)), entries);
            const unsigned size = rarely() ? static_cast<unsigned>(pick(0x500)) : 16 * entries;
            put_desc(queues[0].desc + 16 * order[0], rarely() ? any_address() : at, size, INDIRECT);
        }
        return rarely() ? static_cast<std::uint16_t>(chance.bits(64))
                        : static_cast<std::uint16_t>(order[0]);
    }

    static std::vector<unsigned> in_order(std::size_t count)
    {
        std::vector<unsigned> list(count);
        for (unsigned i = 0; i < count; i++)
            list[i] = i;
        return list;
    }

    // One life of a device, against the model. Returns whether it broke down.
    bool live(unsigned rounds)
    {
        const unsigned size = 1u << pick(7);
        indirect = pick(4) != 0;
        write(DEVICE_STATUS, 0, 1);
        start(BASIC | (indirect ? INDIRECT_DESC : 0), size);
        for (std::uint64_t i = 0; i < data_size + 64; i++)
            memory[data + i] = static_cast<std::uint8_t>(chance.bits(64));
        model wanted(memory, {size, queues[0].desc, queues[0].avail, queues[0].used, indirect});
        for (unsigned round = 0; round < rounds; round++) {
            std::vector<unsigned> free = some(size, size);
            for (std::uint64_t left = 1 + pick(8); left > 0 && !free.empty(); left--)
                offer(make_chain(free));
            if (rarely())
                put(queues[0].avail + 2, chance.bits(64), 2);
            copy_rings(wanted);
            notify();
            run();
            wanted.work();
            EXPECT_EQ(broken(), wanted.broken);
            if (broken() || wanted.broken)
                return true;
            if (memory != wanted.memory) {
                ADD_FAILURE() << "memory is not as it should be, round " << round;
                return false;
            }
        }
        return false;
    }

    // What the driver has written since; all but data, which are the same.
    void copy_rings(model &wanted) const
    {
        std::copy(memory.begin(), memory.begin() + data, wanted.memory.begin());
    }

    support::random_source chance{0};
    bool hostile = false;
    bool indirect = false; // the driver has accepted tables
    unsigned tables = 0;
};

TEST_F(virtio_random, GoodRingsAreServedAsTheModelDoes)
{
    for (unsigned seed = 1; seed <= 100; seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        chance = support::random_source(seed);
        ASSERT_FALSE(live(30)) << "broke down";
        ASSERT_FALSE(HasFailure());
    }
}

TEST_F(virtio_random, HostileRingsBreakDownWhereTheModelDoes)
{
    unsigned breakdowns = 0;
    hostile = true;
    for (unsigned seed = 1; seed <= 2000; seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        chance = support::random_source(seed);
        breakdowns += live(10);
        ASSERT_FALSE(HasFailure());
    }
    EXPECT_GT(breakdowns, 500u);
    EXPECT_LT(breakdowns, 1950u) << "not all of them shall be so bad";
}

} // namespace
} // namespace test_virtio_random
