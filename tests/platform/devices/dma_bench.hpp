// SPDX-License-Identifier: Apache-2.0
// A DMA engine on a flat memory that can abort, records its accesses, and lets tests interrupt.
#ifndef TESTS_DMA_BENCH_HPP
#define TESTS_DMA_BENCH_HPP

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "dma/dma.h"
#include "frame_access.hpp"
#include "memory_bench.hpp"

enum : std::uint64_t {
    DMA_ID = 0x00,
    DMA_CAPS = 0x04,
    DMA_CTRL = 0x08,
    DMA_STATUS = 0x0C,
    DMA_DESC = 0x10,
    DMA_CURRENT = 0x18,
    DMA_FAULT_ADDR = 0x20,
    DMA_BYTES = 0x28,
    DMA_ERROR_CODE = 0x30,
    DMA_SSID = 0x34,
};
enum : std::uint64_t { START = 1, STOP = 2, IRQ_EN = 4 };
enum : std::uint64_t { BUSY = 1, DONE = 2, ERROR = 4 };

class dma_bench : public memory_bench {
  protected:
    static constexpr std::uint64_t memory_size = 0x4000;
    static constexpr std::uint32_t last = 1;

    struct access {
        bool write;
        std::uint64_t addr;
        std::uint32_t size;
        unsigned stream;
        std::uint32_t ssid;
    };

    explicit dma_bench(unsigned channels = 2, unsigned burst = 64)
        : dma_bench(channels, burst, nullptr)
    {
    }

    // `move` is that of dma_ops.
    dma_bench(unsigned channels, unsigned burst, void (*move)(void *user, unsigned channel))
        : memory_bench(memory_size), lines(channels),
          core(create(channels, burst, move), dma_destroy), regs(dma_frame, core.get())
    {
    }

    void put_descriptor(std::uint64_t addr, std::uint64_t src, std::uint64_t dst,
                        std::uint32_t length, std::uint32_t flags, std::uint64_t next = 0)
    {
        put(addr, src, 8);
        put(addr + 8, dst, 8);
        put(addr + 16, length, 4);
        put(addr + 20, flags, 4);
        put(addr + 24, next, 8);
    }

    void start(std::uint64_t desc, unsigned channel = 0, std::uint64_t ctrl = START)
    {
        regs.write(page(channel) + DMA_DESC, desc, 8);
        regs.write(page(channel) + DMA_CTRL, ctrl);
    }

    void run(std::uint64_t desc, unsigned channel = 0)
    {
        start(desc, channel);
        dma_run_channel(core.get(), channel);
    }

    static std::uint64_t page(unsigned channel) { return channel * std::uint64_t{DMA_PAGE_SIZE}; }

    std::vector<bool> lines;
    std::vector<unsigned> started;
    std::vector<access> accesses;
    std::uint64_t abort_at = nowhere;              // an access that holds this address aborts,
    std::uint64_t abort_too = nowhere;             // and one that holds this
    std::function<void(const access &)> meanwhile; // happens while an access blocks
    std::unique_ptr<dma, void (*)(dma *)> core;
    frame_access regs;

  private:
    vp_status transport(const access &a, void *data)
    {
        accesses.push_back(a);
        if (meanwhile)
            meanwhile(a);
        for (const std::uint64_t place : {abort_at, abort_too})
            if (a.addr <= place && place - a.addr < a.size)
                return VP_SLVERR;
        if (a.addr >= memory_size || a.size > memory_size - a.addr)
            return VP_DECERR;
        if (a.write)
            std::memcpy(&memory[a.addr], data, a.size);
        else
            std::memcpy(data, &memory[a.addr], a.size);
        return VP_OK;
    }

    static vp_status on_read(void *user, std::uint64_t addr, void *data, std::uint32_t size,
                             unsigned stream, std::uint32_t ssid)
    {
        return static_cast<dma_bench *>(user)->transport({false, addr, size, stream, ssid}, data);
    }

    static vp_status on_write(void *user, std::uint64_t addr, const void *data, std::uint32_t size,
                              unsigned stream, std::uint32_t ssid)
    {
        return static_cast<dma_bench *>(user)->transport({true, addr, size, stream, ssid},
                                                         const_cast<void *>(data));
    }

    dma *create(unsigned channels, unsigned burst, void (*move)(void *user, unsigned channel))
    {
        const dma_config config = {channels, burst};
        const dma_ops ops = {{this, on_read, on_write},
                             {this,
                              [](void *user, unsigned line, bool level) {
                                  auto &recorded = static_cast<dma_bench *>(user)->lines;
                                  EXPECT_NE(recorded.at(line), level) << "no change";
                                  recorded.at(line) = level;
                              }},
                             this,
                             [](void *user, unsigned channel) {
                                 static_cast<dma_bench *>(user)->started.push_back(channel);
                             },
                             move};
        char reason[80];
        return dma_create(&config, &ops, reason, sizeof reason);
    }
};

#endif
