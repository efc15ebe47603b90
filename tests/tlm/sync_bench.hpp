// SPDX-License-Identifier: Apache-2.0
// Fixture of tests of what waits for transactions on their way.
#ifndef TESTS_TLM_SYNC_BENCH_HPP
#define TESTS_TLM_SYNC_BENCH_HPP

#include <algorithm>

#include "bench.hpp"
#include "both_timings.hpp"

namespace tlm_test {

// A bench whose memory holds accesses to chosen addresses until the test releases them.
struct sync_bench : timing_test {
    static constexpr std::uint32_t sid = 5;
    static constexpr std::uint64_t va = 0x0000'1234'5678'9000;
    static constexpr std::uint64_t pa = bench::data + 0x3000;

    bench b;
    stream s;
    std::vector<std::uint64_t> held;
    sc_core::sc_event release;
    bool done[2] = {};

    explicit sync_bench(const smmu_config &cfg = smmu_config_default())
        : b("b", times(), 2, cfg), s(b, sid)
    {
        s.map(va, pa);
        b.memory.before = [this](std::uint64_t address) {
            while (std::find(held.begin(), held.end(), address) != held.end())
                sc_core::wait(release);
        };
    }

    void let_go(std::uint64_t address)
    {
        held.erase(std::remove(held.begin(), held.end(), address), held.end());
        release.notify();
        settle();
    }

    // A write by device `i`, in a process of its own.
    void begin_write(unsigned i, std::uint64_t address)
    {
        sc_core::sc_spawn([this, i, address] {
            EXPECT_EQ(b.devices[i].write64(sid, address, 42), tlm::TLM_OK_RESPONSE);
            done[i] = true;
        });
        settle();
    }

    std::uint32_t consumed() { return reg::queue_index(b.read32(reg::CMDQ_CONS)); }
    static void settle() { sc_core::wait(100, sc_core::SC_NS); }
};

} // namespace tlm_test

#endif
