// SPDX-License-Identifier: Apache-2.0
// Sparse memory for the tables of GIC and ITS, with accesses counted and places that abort.
#ifndef TESTS_TABLE_MEMORY_HPP
#define TESTS_TABLE_MEMORY_HPP

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "vp/device.h"

class table_memory {
  public:
    vp_bus bus()
    {
        return {this,
                [](void *user, std::uint64_t at, void *data, std::uint32_t size, unsigned,
                   std::uint32_t) { return self(user).read(at, data, size); },
                [](void *user, std::uint64_t at, const void *data, std::uint32_t size, unsigned,
                   std::uint32_t) { return self(user).write(at, data, size); }};
    }

    std::uint8_t get8(std::uint64_t at) const
    {
        const auto byte = bytes_.find(at);
        return byte == bytes_.end() ? 0 : byte->second;
    }

    void put8(std::uint64_t at, std::uint8_t value) { bytes_[at] = value; }

    std::uint64_t get64(std::uint64_t at) const
    {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < 8; i++)
            value |= std::uint64_t{get8(at + i)} << 8 * i;
        return value;
    }

    void put64(std::uint64_t at, std::uint64_t value)
    {
        for (unsigned i = 0; i < 8; i++)
            put8(at + i, static_cast<std::uint8_t>(value >> 8 * i));
    }

    // Accesses that touch first ... last abort.
    void abort_at(std::uint64_t first, std::uint64_t last)
    {
        abort_first_ = first;
        abort_last_ = last;
    }
    void abort_nowhere() { abort_at(1, 0); }

    unsigned reads = 0;
    unsigned writes = 0;
    std::function<void()> on_read; // called in the middle of the next read, once

  private:
    static table_memory &self(void *user) { return *static_cast<table_memory *>(user); }

    bool aborts(std::uint64_t at, std::uint32_t size) const
    {
        return at <= abort_last_ && at + (size - 1) >= abort_first_ && abort_first_ <= abort_last_;
    }

    vp_status read(std::uint64_t at, void *data, std::uint32_t size)
    {
        reads++;
        for (std::uint32_t i = 0; i < size; i++)
            static_cast<std::uint8_t *>(data)[i] = get8(at + i);
        if (on_read) {
            const auto interrupt = std::move(on_read);
            on_read = nullptr;
            interrupt();
        }
        return aborts(at, size) ? VP_SLVERR : VP_OK;
    }

    vp_status write(std::uint64_t at, const void *data, std::uint32_t size)
    {
        writes++;
        if (aborts(at, size))
            return VP_SLVERR;
        for (std::uint32_t i = 0; i < size; i++)
            put8(at + i, static_cast<const std::uint8_t *>(data)[i]);
        return VP_OK;
    }

    std::unordered_map<std::uint64_t, std::uint8_t> bytes_;
    std::uint64_t abort_first_ = 1;
    std::uint64_t abort_last_ = 0;
};

#endif
