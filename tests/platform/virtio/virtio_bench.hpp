// SPDX-License-Identifier: Apache-2.0
// A virtio device on a flat memory, with the queues of a small driver.
#ifndef TESTS_VIRTIO_BENCH_HPP
#define TESTS_VIRTIO_BENCH_HPP

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../devices/frame_access.hpp"
#include "../devices/ways_bench.hpp"
#include "virtio/virtio.h"

// Registers and bits, typed again from Virtual I/O Device Version 1.2.
enum : std::uint64_t { // 4.1.4.3
    DEVICE_FEATURE_SELECT = 0x00,
    DEVICE_FEATURE = 0x04,
    DRIVER_FEATURE_SELECT = 0x08,
    DRIVER_FEATURE = 0x0C,
    CONFIG_MSIX_VECTOR = 0x10,
    NUM_QUEUES = 0x12,
    DEVICE_STATUS = 0x14,
    CONFIG_GENERATION = 0x15,
    QUEUE_SELECT = 0x16,
    QUEUE_SIZE = 0x18,
    QUEUE_MSIX_VECTOR = 0x1A,
    QUEUE_ENABLE = 0x1C,
    QUEUE_NOTIFY_OFF = 0x1E,
    QUEUE_DESC = 0x20,
    QUEUE_DRIVER = 0x28,
    QUEUE_DEVICE = 0x30,
    QUEUE_RESET = 0x3A,
    ISR = 0x1000, // where the frame has the other structures
    DEVICE = 0x2000,
    NOTIFY = 0x3000,
};
enum : std::uint8_t { // 2.1
    ACKNOWLEDGE = 1,
    DRIVER = 2,
    DRIVER_OK = 4,
    FEATURES_OK = 8,
    NEEDS_RESET = 64,
    FAILED = 128,
};
enum : std::uint16_t { // 2.7.5
    NEXT = 1,
    WRITE = 2,
    INDIRECT = 4,
};
enum : std::uint16_t { NO_VECTOR_ASSIGNED = 0xFFFF };

constexpr std::uint64_t bit(unsigned n)
{
    return std::uint64_t{1} << n;
}
constexpr std::uint64_t INDIRECT_DESC = bit(28);
constexpr std::uint64_t EVENT_IDX = bit(29);
constexpr std::uint64_t VERSION_1 = bit(32);
constexpr std::uint64_t ACCESS_PLATFORM = bit(33);
constexpr std::uint64_t RING_PACKED = bit(34);
constexpr std::uint64_t RING_RESET = bit(40);
constexpr std::uint64_t BASIC = VERSION_1 | ACCESS_PLATFORM;

class virtio_bench : public ways_bench {
  protected:
    static constexpr std::uint64_t memory_size = 0x40000;
    static constexpr std::uint64_t rings = 0x1000; // 0x1000 for each queue
    static constexpr std::uint64_t buffer = 0x20000;
    static constexpr std::uint64_t table = 0x10000; // of indirect descriptors

    struct used_entry {
        std::uint32_t id;
        std::uint32_t length;
        bool operator==(const used_entry &o) const { return id == o.id && length == o.length; }
    };

    // As the driver knows a queue.
    struct queue {
        unsigned size = 0;
        std::uint64_t desc = 0;
        std::uint64_t avail = 0;
        std::uint64_t used = 0;
        std::uint16_t made = 0; // index of the available ring
        std::uint16_t seen = 0; // of the used ring
    };

    virtio_bench() : ways_bench(memory_size), core(nullptr, virtio_destroy) {}

    // What the device is made with.
    virtio_ops ops()
    {
        virtio_ops ops = {};
        ops.user = this;
        ops.bus = ring_bus();
        ops.data = data_bus();
        ops.kick = [](void *user) { self(user)->kicks++; };
        ops.messages = [](const void *user) {
            return static_cast<const virtio_bench *>(user)->msix;
        };
        ops.raise = [](void *user, unsigned vector) { self(user)->raised.push_back(vector); };
        ops.pin = [](void *user, bool level) {
            EXPECT_NE(self(user)->pin, level) << "no change";
            self(user)->pin = level;
        };
        return ops;
    }

    std::uint64_t read(std::uint64_t offset, unsigned size) const
    {
        return frame_access(virtio_frame, core.get()).read(offset, size);
    }

    void write(std::uint64_t offset, std::uint64_t value, unsigned size) const
    {
        frame_access(virtio_frame, core.get()).write(offset, value, size);
    }

    std::uint64_t status() const { return read(DEVICE_STATUS, 1); }
    bool broken() const { return (status() & NEEDS_RESET) != 0; }

    std::uint64_t offered() const
    {
        std::uint64_t features = 0;
        for (unsigned half : {0u, 1u}) {
            write(DEVICE_FEATURE_SELECT, half, 4);
            features |= read(DEVICE_FEATURE, 4) << (32 * half);
        }
        return features;
    }

    // Up to FEATURES_OK; returns whether the device has taken the features.
    bool negotiate(std::uint64_t features) const
    {
        write(DEVICE_STATUS, ACKNOWLEDGE | DRIVER, 1);
        for (unsigned half : {0u, 1u}) {
            write(DRIVER_FEATURE_SELECT, half, 4);
            write(DRIVER_FEATURE, features >> (32 * half) & 0xFFFFFFFF, 4);
        }
        write(DEVICE_STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK, 1);
        return (status() & FEATURES_OK) != 0;
    }

    // Queue `index` with `size` entries, and vector index + 1.
    void set_up(unsigned index, unsigned size)
    {
        queue &q = queues.at(index);
        const std::uint64_t base = rings + 0x3000 * std::uint64_t{index};
        q = {size, base, base + 16 * size, base + 16 * size + 2 * size + 8, 0, 0};
        q.used = (q.used + 3) & ~std::uint64_t{3};
        std::fill_n(memory.begin() + static_cast<std::ptrdiff_t>(base), 0x3000, 0);
        write(QUEUE_SELECT, index, 2);
        write(QUEUE_SIZE, size, 2);
        write(QUEUE_DESC, q.desc, 8);
        write(QUEUE_DRIVER, q.avail, 8);
        write(QUEUE_DEVICE, q.used, 8);
        write(QUEUE_MSIX_VECTOR, index + 1, 2);
        write(QUEUE_ENABLE, 1, 2);
    }

    // A driver that works, with queue 0.
    void start(std::uint64_t features = BASIC, unsigned size = 8)
    {
        EXPECT_TRUE(negotiate(features));
        accepted = features;
        set_up(0, size);
        go();
    }

    void go() const { write(DEVICE_STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK, 1); }

    void put_desc(std::uint64_t at, std::uint64_t addr, std::uint32_t size, std::uint16_t flags,
                  std::uint16_t next = 0)
    {
        put(at, addr, 8);
        put(at + 8, size, 4);
        put(at + 12, flags, 2);
        put(at + 14, next, 2);
    }

    // Descriptor `n` of a queue.
    void desc(unsigned n, std::uint64_t addr, std::uint32_t size, std::uint16_t flags,
              std::uint16_t next = 0, unsigned index = 0)
    {
        put_desc(queues[index].desc + 16 * n, addr, size, flags, next);
    }

    // Makes a chain available, without a notification.
    void offer(std::uint16_t head, unsigned index = 0)
    {
        queue &q = queues[index];
        put(q.avail + 4 + 2 * (q.made % q.size), head, 2);
        put(q.avail + 2, ++q.made, 2);
    }

    void notify(unsigned index = 0)
    {
        write(QUEUE_SELECT, index, 2);
        write(NOTIFY + 4 * read(QUEUE_NOTIFY_OFF, 2), index, 2);
    }

    void run() const { virtio_run(core.get()); }

    void offer_and_run(std::uint16_t head, unsigned index = 0)
    {
        offer(head, index);
        notify(index);
        run();
    }

    // What the device has put into a used ring since the last call.
    std::vector<used_entry> used(unsigned index = 0)
    {
        queue &q = queues[index];
        std::vector<used_entry> list;
        for (; q.seen != get(q.used + 2, 2) && list.size() < 2 * q.size; q.seen++) {
            const std::uint64_t at = q.used + 4 + 8 * (q.seen % q.size);
            list.push_back({static_cast<std::uint32_t>(get(at, 4)),
                            static_cast<std::uint32_t>(get(at + 4, 4))});
        }
        return list;
    }

    std::uint64_t used_event(unsigned index = 0) const
    {
        return queues[index].avail + 4 + 2 * queues[index].size;
    }
    std::uint64_t avail_event(unsigned index = 0) const
    {
        return queues[index].used + 4 + 8 * queues[index].size;
    }

    std::vector<queue> queues = std::vector<queue>(4);
    std::uint64_t accepted = 0;
    std::vector<unsigned> raised;
    unsigned kicks = 0;
    bool msix = true;
    bool pin = false;
    std::unique_ptr<virtio, void (*)(virtio *)> core;

  private:
    static virtio_bench *self(void *user) { return static_cast<virtio_bench *>(user); }
};

#endif
