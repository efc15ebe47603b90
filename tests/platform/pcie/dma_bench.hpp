// SPDX-License-Identifier: Apache-2.0
// The ring DMA engine on a flat memory that can abort, records accesses, and lets tests interrupt.
#ifndef TESTS_PCIE_DMA_BENCH_HPP
#define TESTS_PCIE_DMA_BENCH_HPP

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../devices/frame_access.hpp"
#include "../devices/memory_bench.hpp"
#include "pcie_dma/pcie_dma.h"

// Offsets in a ring's page, from docs/pcie-dma.md.
enum : std::uint64_t {
    RING_CTRL = 0x00,
    RING_STATUS = 0x04,
    RING_BASE = 0x08,
    RING_SIZE = 0x10,
    RING_PASID = 0x14,
    RING_TAIL = 0x18,
    RING_HEAD = 0x1C,
    RING_ERROR = 0x20,
    RING_VECTOR = 0x24,
    RING_FAULT_ADDR = 0x28,
    RING_BYTES = 0x30,
    RING_GROUP = 0x38,
    RING_PATH = 0x3C,
};
enum : std::uint64_t {
    DMA_ID = 0x00,
    DMA_CAPS = 0x04,
    INT_STATUS = 0x08,
    INT_ENABLE = 0x0C,
    DMA_STOP = 0x10,
    PORT_INT_ENABLE = 0x14,
};
enum : std::uint32_t {
    OP_NOTHING,
    OP_COPY,
    OP_FILL,
    OP_CRC,
    OP_COMPARE,
    OP_WRITE_PATTERN,
    OP_CHECK_PATTERN,
    OP_SCATTER,
    IRQ = 0x100,
    WITH_PASID = 0x200,
    UNTRANSLATED = 0x400,
    FROM_PORT = 0x800,
    TO_PORT = 0x1000,
};
enum : std::uint32_t {
    ST_DONE = 1,
    ST_SOURCE_FAILED,
    ST_DEST_FAILED,
    ST_MISMATCH,
    ST_MALFORMED,
    ST_NO_ATS,
    ST_DENIED,
    ST_NO_PAGE,
    ST_NO_PRI,
    ST_STOPPED,
};

class ring_bench : public memory_bench {
  protected:
    static constexpr std::uint64_t memory_size = 0x8000;
    static constexpr std::uint64_t ring_base = 0x100;

    struct access {
        bool write;
        std::uint64_t addr;
        std::uint32_t size;
        unsigned stream;
        std::uint32_t pasid;
        bool untranslated;
        unsigned pages;
        bool port;
        const pcie_dma_way *way; // while the access lasts
    };

    struct descriptor {
        std::uint32_t control;
        std::uint64_t src = 0;
        std::uint64_t dst = 0;
        std::uint32_t length = 0;
        std::uint64_t pattern = 0;
        std::uint32_t pasid = 0;
    };

    struct outcome {
        std::uint32_t status;
        std::uint32_t crc;
        std::uint64_t bytes;
        std::uint64_t fault;
    };

    explicit ring_bench(unsigned rings = 2, unsigned burst = 64, unsigned window = 1)
        : memory_bench(memory_size), core(create(rings, burst, window), pcie_dma_destroy)
    {
    }

    static std::uint64_t page(unsigned ring) { return (ring + 1) * std::uint64_t{PCIE_DMA_PAGE}; }

    std::uint64_t read(std::uint64_t offset, unsigned size = 4) const
    {
        return frame_access(pcie_dma_frame, core.get()).read(offset, size);
    }

    void write(std::uint64_t offset, std::uint64_t value, unsigned size = 4) const
    {
        frame_access(pcie_dma_frame, core.get()).write(offset, value, size);
    }

    void put_descriptor(unsigned index, const descriptor &d)
    {
        const std::uint64_t at = ring_base + 64 * std::uint64_t{index};
        put(at, d.control, 4);
        put(at + 4, d.pasid, 4);
        put(at + 8, d.src, 8);
        put(at + 16, d.dst, 8);
        put(at + 24, d.length, 4);
        put(at + 28, 0, 4);
        put(at + 32, d.pattern, 8);
        put(at + 40, 0, 8);
    }

    outcome result(unsigned index = 0) const
    {
        const std::uint64_t at = ring_base + 64 * std::uint64_t{index} + 40;
        return {static_cast<std::uint32_t>(get(at, 4)), static_cast<std::uint32_t>(get(at + 4, 4)),
                get(at + 8, 8), get(at + 16, 8)};
    }

    // A ring of four at `ring_base`.
    void enable(unsigned ring = 0)
    {
        write(page(ring) + RING_BASE, ring_base, 8);
        write(page(ring) + RING_SIZE, 2);
        write(page(ring) + RING_CTRL, 1);
    }

    // One descriptor on a fresh ring; its outcome.
    outcome run(const descriptor &d)
    {
        put_descriptor(0, d);
        enable();
        write(page(0) + RING_TAIL, 1);
        pcie_dma_run(core.get(), 0);
        return result();
    }

    std::vector<unsigned> started;
    std::vector<unsigned> raised;
    unsigned reconsidered = 0;
    unsigned stops = 0;
    std::vector<std::uint32_t> drained;
    std::function<bool()> drain; // whether a Stop Marker is sent
    bool pins[PCIE_DMA_PATHS] = {};
    std::vector<access> accesses;
    std::map<std::pair<unsigned, unsigned>, pcie_access_end> under_way; // reads, by ring and number
    std::size_t most = 0;                                               // that were
    std::uint64_t abort_at = nowhere; // an access that holds this address ends with abort_with
    pcie_access_end abort_with = PCIE_ACCESS_ABORTED;
    std::function<void(const access &)> meanwhile; // happens while an access blocks
    std::unique_ptr<pcie_dma, void (*)(pcie_dma *)> core;

  private:
    static access access_of(bool write, std::uint64_t addr, std::uint32_t size,
                            const pcie_dma_way &way)
    {
        return {write,     addr,
                size,      way.ring,
                way.pasid, way.untranslated,
                way.pages, way.path == PCIE_DMA_PORT,
                &way};
    }

    pcie_access_end transport(const access &a, void *data)
    {
        accesses.push_back(a);
        if (meanwhile)
            meanwhile(a);
        if (a.addr <= abort_at && abort_at - a.addr < a.size)
            return abort_with;
        if (a.addr >= memory_size || a.size > memory_size - a.addr)
            return PCIE_ACCESS_ABORTED;
        if (a.write)
            std::memcpy(&memory[a.addr], data, a.size);
        else
            std::memcpy(data, &memory[a.addr], a.size);
        return PCIE_ACCESS_DONE;
    }

    pcie_dma *create(unsigned rings, unsigned burst, unsigned window)
    {
        const pcie_dma_config config = {rings, burst, window};
        pcie_dma_ops ops = {};
        char reason[80] = "";
        ops.user = this;
        ops.read = [](void *user, std::uint64_t addr, void *data, std::uint32_t size,
                      const pcie_dma_way *way) {
            return static_cast<ring_bench *>(user)->transport(access_of(false, addr, size, *way),
                                                              data);
        };
        ops.write = [](void *user, std::uint64_t addr, const void *data, std::uint32_t size,
                       const pcie_dma_way *way) {
            return static_cast<ring_bench *>(user)->transport(access_of(true, addr, size, *way),
                                                              const_cast<void *>(data));
        };
        // Reads fail when they end.
        ops.begin_read = [](void *user, unsigned number, std::uint64_t addr, void *data,
                            std::uint32_t size, const pcie_dma_way *way) {
            auto *self = static_cast<ring_bench *>(user);
            const pcie_access_end end = self->transport(access_of(false, addr, size, *way), data);
            EXPECT_TRUE(self->under_way.insert({{way->ring, number}, end}).second);
            self->most = std::max(self->most, self->under_way.size());
            return PCIE_ACCESS_DONE;
        };
        ops.end_read = [](void *user, unsigned ring, unsigned number) {
            auto *self = static_cast<ring_bench *>(user);
            const auto row = self->under_way.find({ring, number});
            if (row == self->under_way.end())
                return PCIE_ACCESS_DONE;
            const pcie_access_end end = row->second;
            self->under_way.erase(row);
            return end;
        };
        ops.start = [](void *user, unsigned ring) {
            static_cast<ring_bench *>(user)->started.push_back(ring);
        };
        ops.reconsider = [](void *user) { static_cast<ring_bench *>(user)->reconsidered++; };
        ops.stop = [](void *user) { static_cast<ring_bench *>(user)->stops++; };
        ops.drain = [](void *user, std::uint32_t pasid) {
            auto *self = static_cast<ring_bench *>(user);
            self->drained.push_back(pasid);
            return self->drain && self->drain();
        };
        ops.raise = [](void *user, unsigned vector) {
            static_cast<ring_bench *>(user)->raised.push_back(vector);
        };
        ops.pin = [](void *user, pcie_dma_path path, bool level) {
            EXPECT_NE(static_cast<ring_bench *>(user)->pins[path], level) << "no change";
            static_cast<ring_bench *>(user)->pins[path] = level;
        };
        pcie_dma *made = pcie_dma_create(&config, &ops, reason, sizeof reason);
        EXPECT_NE(made, nullptr) << reason;
        return made;
    }
};

#endif
