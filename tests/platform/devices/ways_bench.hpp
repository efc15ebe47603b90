// SPDX-License-Identifier: Apache-2.0
// A fixture with flat memory, and the ways to it that a kernel with rings and data is given.
#ifndef TESTS_WAYS_BENCH_HPP
#define TESTS_WAYS_BENCH_HPP

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#include "memory_bench.hpp"
#include "vp/device.h"

class ways_bench : public memory_bench {
  protected:
    using memory_bench::memory_bench;

    vp_bus ring_bus()
    {
        return {this,
                [](void *user, std::uint64_t addr, void *data, std::uint32_t size, unsigned,
                   std::uint32_t) { return way(user)->transport(false, addr, data, size); },
                [](void *user, std::uint64_t addr, const void *data, std::uint32_t size, unsigned,
                   std::uint32_t) {
                    return way(user)->transport(true, addr, const_cast<void *>(data), size);
                }};
    }

    // Writes are in memory before anything that is written by the bus.
    vp_data_bus data_bus()
    {
        return {this,
                [](void *user, std::uint64_t addr, const void *data, std::uint32_t size) {
                    return way(user)->transport(true, addr, const_cast<void *>(data), size);
                },
                [](void *user, std::uint64_t addr, void *data, std::uint32_t size) {
                    way(user)->reads.push_back({addr, data, size});
                    return VP_OK;
                },
                [](void *user) { return way(user)->settle(); }};
    }

    unsigned accesses = 0;
    std::uint32_t largest = 0;                    // of them, in bytes
    std::uint64_t abort_at = nowhere;             // an access that holds this address aborts
    std::function<void(std::uint64_t)> meanwhile; // happens while an access to the address blocks

  private:
    struct begun_read {
        std::uint64_t addr;
        void *data;
        std::uint32_t size;
    };

    static ways_bench *way(void *user) { return static_cast<ways_bench *>(user); }

    // The last comes first.
    vp_status settle()
    {
        vp_status status = VP_OK;
        for (; !reads.empty(); reads.pop_back()) {
            const begun_read last = reads.back();
            const vp_status end = transport(false, last.addr, last.data, last.size);
            if (end != VP_OK)
                status = end;
        }
        return status;
    }

    vp_status transport(bool is_write, std::uint64_t addr, void *data, std::uint32_t size)
    {
        accesses++;
        if (meanwhile)
            meanwhile(addr);
        largest = std::max(largest, size);
        if (addr <= abort_at && abort_at - addr < size)
            return VP_SLVERR;
        if (addr >= memory.size() || size > memory.size() - addr)
            return VP_DECERR;
        if (is_write)
            std::memcpy(&memory[addr], data, size);
        else
            std::memcpy(data, &memory[addr], size);
        return VP_OK;
    }

    std::vector<begun_read> reads; // of data, under way
};

#endif
