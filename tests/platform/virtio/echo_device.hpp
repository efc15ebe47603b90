// SPDX-License-Identifier: Apache-2.0
// A kind of virtio device for tests: it writes what it reads, each byte one more.
#ifndef TESTS_ECHO_DEVICE_HPP
#define TESTS_ECHO_DEVICE_HPP

#include <algorithm>
#include <memory>
#include <vector>

extern "C" {
#include "virtio_priv.h"
}

namespace echo {

constexpr unsigned queues = 2;
constexpr unsigned entries = 64; // at most

inline virtio_chain &chain()
{
    static virtio_chain one;
    return one;
}

inline bool serve(virtio *v, unsigned queue)
{
    unsigned done = 0;

    for (; done < entries && virtio_queue_take(v, queue, &chain()); done++) {
        const std::uint32_t size =
            std::min({chain().readable, chain().writable, std::uint32_t{0x10000}});
        std::vector<std::uint8_t> data(size);
        bool moved = virtio_chain_read(v, &chain(), 0, data.data(), size);
        for (std::uint8_t &byte : data)
            byte++;
        moved = moved && virtio_chain_write(v, &chain(), 0, data.data(), size);
        virtio_queue_complete(v, &chain(), moved ? size : 0);
    }
    virtio_queue_publish(v, queue);
    return done != 0;
}

inline virtio *create(const virtio_ops &ops)
{
    static const virtio_kind kind = {63,      nullptr, 0,     entries,
                                     nullptr, nullptr, serve, [](virtio *) {}};
    return virtio_make(&kind, nullptr, 0, queues, &ops);
}

} // namespace echo

#endif
