// SPDX-License-Identifier: Apache-2.0
// Runs transactions through the timing of a DRAM and notes when each was accepted and answered.
#ifndef TESTS_PLATFORM_DRAM_BENCH_HPP
#define TESTS_PLATFORM_DRAM_BENCH_HPP

#include <cstdint>
#include <deque>
#include <memory>

#include "dram/dram.h"

namespace test {

constexpr std::uint64_t ns = 1000;

// Times that can be told apart in a sum. There is no refresh, rows stay open, and a row has four
// bursts.
inline dram_config plain_dram()
{
    dram_config config = {};
    dram_config_preset(&config, DRAM_DDR4_2400);
    config.channels = 1;
    config.banks = 8;
    config.row_bytes = 256;
    config.burst_bytes = 64;
    config.queue = 16;
    config.passes = 16;
    config.policy = DRAM_OPEN;
    config.frontend = 2 * ns;
    config.backend = 3 * ns;
    config.trcd = 10 * ns;
    config.trp = 12 * ns;
    config.tcl = 14 * ns;
    config.tcwl = 8 * ns;
    config.tburst = 4 * ns;
    config.tccd = 4 * ns;
    config.trtw = 3 * ns;
    config.twtr = 6 * ns;
    config.tras = 30 * ns;
    config.trtp = 5 * ns;
    config.twr = 15 * ns;
    config.trrd = 7 * ns;
    config.tfaw = 40 * ns;
    config.trefi = 0;
    config.trfc = 100 * ns;
    return config;
}

// Where a burst of plain_dram() is: its map is row, bank, column.
constexpr std::uint64_t at(unsigned row, unsigned bank, unsigned column = 0)
{
    return ((std::uint64_t{row} * 8 + bank) * 4 + column) * 64;
}

class dram_bench {
  public:
    explicit dram_bench(const dram_config &config, std::uint64_t size = 1 << 20)
        : core(dram_create(&config, size), dram_destroy)
    {
    }

    // A transaction, and what becomes of it.
    struct access {
        dram_txn txn = {};
        std::uint64_t arrived = 0;
        std::uint64_t accepted = 0;
        std::uint64_t responded = 0; // 0: never
    };

    // Accesses arrive in the order of these calls, whose times do not decrease.
    access &add(bool write, std::uint64_t address, std::uint32_t bytes, std::uint64_t when)
    {
        access &a = accesses.emplace_back();
        a.txn.address = address;
        a.txn.bytes = bytes;
        a.txn.write = write;
        a.txn.owner = &a;
        a.arrived = when;
        return a;
    }
    access &read(std::uint64_t address, std::uint64_t when = 0, std::uint32_t bytes = 64)
    {
        return add(false, address, bytes, when);
    }
    access &write(std::uint64_t address, std::uint64_t when = 0, std::uint32_t bytes = 64)
    {
        return add(true, address, bytes, when);
    }

    // Until nothing happens any more, or nothing before `end`.
    void run(std::uint64_t end = DRAM_NEVER)
    {
        for (;;) {
            std::uint64_t next = dram_next(core.get());
            if (next_ < accesses.size() && accesses[next_].arrived < next)
                next = accesses[next_].arrived;
            if (next == DRAM_NEVER || next >= end)
                return;
            now = next;
            while (next_ < accesses.size() && accesses[next_].arrived == now)
                dram_arrive(core.get(), &accesses[next_++].txn);
            dram_step step = DRAM_ACCEPTED;
            while (dram_txn *txn = dram_advance(core.get(), now, &step)) {
                access &a = *static_cast<access *>(txn->owner);
                (step == DRAM_ACCEPTED ? a.accepted : a.responded) = now;
            }
        }
    }

    const dram_stats &stats() const { return *dram_get_stats(core.get()); }

    std::unique_ptr<dram, void (*)(dram *)> core;
    std::deque<access> accesses;
    std::uint64_t now = 0;

  private:
    std::size_t next_ = 0; // access that has not arrived
};

} // namespace test

#endif
