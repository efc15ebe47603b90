// SPDX-License-Identifier: Apache-2.0
// A network device, with a driver of its queues and a network that keeps what is sent.
#ifndef TESTS_VIRTIO_NET_BENCH_HPP
#define TESTS_VIRTIO_NET_BENCH_HPP

#include <algorithm>

#include <gmock/gmock.h>

#include "virtio/virtio_net.h"
#include "virtio_bench.hpp"

// Features (5.1.3) and the header before each frame (5.1.6), typed again.
constexpr std::uint64_t CSUM = bit(0);
constexpr std::uint64_t GUEST_CSUM = bit(1);
constexpr std::uint64_t MTU = bit(3);
constexpr std::uint64_t MAC = bit(5);
constexpr std::uint64_t GUEST_TSO4 = bit(7);
constexpr std::uint64_t HOST_TSO4 = bit(11);
constexpr std::uint64_t MRG_RXBUF = bit(15);
constexpr std::uint64_t STATUS = bit(16);
constexpr std::uint64_t CTRL_VQ = bit(17);
constexpr std::uint64_t MQ = bit(22);
constexpr unsigned header_size = 12;
enum : unsigned { RX = 0, TX = 1, CONTROL = 2 };

using frame = std::vector<std::uint8_t>;

class virtio_net_bench : public virtio_bench {
  protected:
    virtio_net_bench()
    {
        queues.resize(9);
        create(1);
    }

    void create(unsigned pairs)
    {
        const virtio_ops world = ops();
        const virtio_net_config config = {{0x02, 1, 2, 3, 4, 5}, 1500, pairs};
        const virtio_net_ops network = {
            this, [](void *user, const std::uint8_t *bytes, std::uint32_t size) {
                static_cast<virtio_net_bench *>(user)->sent.emplace_back(bytes, bytes + size);
            }};
        core.reset(virtio_net_create(&config, &network, &world));
    }

    void begin(std::uint64_t features = 0, const std::vector<unsigned> &used_queues = {RX, TX})
    {
        EXPECT_TRUE(negotiate(BASIC | features));
        for (const unsigned index : used_queues)
            set_up(index, 8);
        go();
    }

    static frame bytes(std::size_t size, std::uint8_t first = 1)
    {
        frame made(size);
        for (std::size_t i = 0; i < size; i++)
            made[i] = static_cast<std::uint8_t>(first + i * 3);
        return made;
    }

    // A frame of IPv4 with ports.
    static frame packet(std::uint32_t from, std::uint32_t to, unsigned from_port, unsigned to_port)
    {
        frame made(60);
        made[12] = 0x08;
        made[14] = 0x45;
        made[23] = 6; // TCP
        for (unsigned i = 0; i < 4; i++) {
            made[26 + i] = static_cast<std::uint8_t>(from >> (24 - 8 * i));
            made[30 + i] = static_cast<std::uint8_t>(to >> (24 - 8 * i));
        }
        made[34] = static_cast<std::uint8_t>(from_port >> 8);
        made[35] = static_cast<std::uint8_t>(from_port);
        made[36] = static_cast<std::uint8_t>(to_port >> 8);
        made[37] = static_cast<std::uint8_t>(to_port);
        return made;
    }

    // The driver sends a frame, with a header whose first bytes are given.
    void send(const frame &what, const frame &header = {}, unsigned index = TX)
    {
        std::fill_n(memory.begin() + buffer, header_size, 0);
        std::copy(header.begin(), header.end(), memory.begin() + buffer);
        std::copy(what.begin(), what.end(), memory.begin() + buffer + header_size);
        desc(0, buffer, static_cast<std::uint32_t>(header_size + what.size()), 0, 0, index);
        offer_and_run(0, index);
    }

    void receive(const frame &what)
    {
        virtio_net_receive(core.get(), what.data(), static_cast<std::uint32_t>(what.size()));
        run();
    }

    // Makes `count` buffers of `size` bytes available, the first at `buffer`, each 0x1000 further.
    void give_buffers(unsigned count, std::uint32_t size, unsigned index = RX)
    {
        for (unsigned i = 0; i < count; i++) {
            desc(i, buffer + 0x1000 * i, size, WRITE, 0, index);
            offer(static_cast<std::uint16_t>(i), index);
        }
        notify(index);
        run();
    }

    frame in_memory(std::uint64_t addr, std::size_t size) const
    {
        const auto first = memory.begin() + static_cast<std::ptrdiff_t>(addr);
        return {first, first + static_cast<std::ptrdiff_t>(size)};
    }

    std::uint8_t command(const frame &what, unsigned index = CONTROL)
    {
        std::copy(what.begin(), what.end(), memory.begin() + buffer);
        put(buffer + 0x100, 0xEE, 1);
        desc(0, buffer, static_cast<std::uint32_t>(what.size()), NEXT, 1, index);
        desc(1, buffer + 0x100, 1, WRITE, 0, index);
        offer_and_run(0, index);
        EXPECT_THAT(used(index), ::testing::ElementsAre(used_entry{0, 1}));
        return static_cast<std::uint8_t>(get(buffer + 0x100, 1));
    }

    virtio_net_counts counts() const { return virtio_net_counted(core.get()); }

    std::vector<frame> sent;
};

#endif
