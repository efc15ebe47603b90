// SPDX-License-Identifier: Apache-2.0
// An SMMU whose ATS ports are asked by hand: four pages of a stream that has ATS.
#ifndef TESTS_TLM_ATS_LINK_BENCH_HPP
#define TESTS_TLM_ATS_LINK_BENCH_HPP

#include <vector>

#include <gtest/gtest.h>

#include "at_bench.hpp"

namespace tlm_test {

// A Root Complex that writes down when something reaches it. Its endpoints take `completion` from a
// question to the answer.
struct root_complex : smmu::ats_client {
    sc_core::sc_time completion;
    std::vector<sc_core::sc_time> invalidated, asked, responded;
    std::vector<unsigned> groups; // that were responded to

    void invalidate(const smmu_atc_inv &) override { invalidated.push_back(now()); }
    bool wait_invalidated(std::uint32_t) override
    {
        asked.push_back(now());
        if (completion != sc_core::SC_ZERO_TIME)
            sc_core::wait(completion);
        return true;
    }
    void respond(const smmu_prg_response &response) override
    {
        responded.push_back(now());
        groups.push_back(response.prgi);
    }
};

struct ats_link_bench {
    static constexpr std::uint32_t sid = 1;
    static constexpr std::uint64_t va = at_bench::va;
    static constexpr std::uint64_t priq = bench::evtq + 0x8000;
    static sc_core::sc_time memory_time() { return nanoseconds(at_bench::memory_ns); }

    root_complex root;
    bench b;
    stream s{b, sid};

    explicit ats_link_bench(const smmu::timing &times, unsigned tbus = 1,
                            const smmu_config &cfg = smmu_config_default())
        : b("bench", times, tbus, cfg)
    {
        b.smmu.ats_clients()(root);
        s.entry().eats = 1;
        for (unsigned page = 0; page < 4; page++)
            s.map(va + page * 0x1000, bench::data + page * 0x1000);
        s.publish();
    }

    // With nothing cached.
    template <typename F> void run_cold(F test)
    {
        b.run([&] {
            b.bring_up();
            b.memory.latency = memory_time();
            test();
        });
    }

    // With configuration and translations cached.
    template <typename F> void run(F test)
    {
        b.run([&] {
            b.bring_up();
            for (unsigned page = 0; page < 4; page++)
                request(page);
            b.memory.latency = memory_time();
            sc_core::wait(nanoseconds(1000));
            test(now());
        });
    }

    // Returns the delay that is left.
    sc_core::sc_time request(unsigned page, unsigned tbu = 0, sc_core::sc_time delay = {})
    {
        smmu_ats_request r{};
        r.sid = sid;
        r.addr = va + page * 0x1000;
        r.stus = 1;
        smmu_ats_completion c{};
        b.smmu.ats(tbu)->translate(r, c, delay);
        EXPECT_EQ(c.addr, bench::data + page * 0x1000);
        return delay;
    }

    sc_core::sc_time request_page()
    {
        smmu_page_request r{};
        r.sid = sid;
        r.addr = va;
        r.last = true;
        r.r = true;
        sc_core::sc_time delay;
        b.smmu.ats()->request_page(r, delay);
        return delay;
    }

    // Requests on the ports of `tbus`, all at once; returns when each has been answered.
    std::vector<sc_core::sc_time> request_at_once(const std::vector<unsigned> &tbus)
    {
        std::vector<sc_core::sc_time> done(tbus.size());
        for (unsigned i = 0; i < tbus.size(); i++)
            sc_core::sc_spawn([this, i, &done, &tbus] {
                request(i, tbus[i]);
                done[i] = now();
            });
        sc_core::wait(nanoseconds(1000));
        return done;
    }

    void enable_pri()
    {
        b.write64(reg::PRIQ_BASE, priq | 3);
        b.write32(reg::CR0, b.read32(reg::CR0) | reg::CR0_PRIQEN);
        sc_core::wait(nanoseconds(1000));
    }

    sc_core::sc_time time_of_sync()
    {
        const sc_core::sc_time start = now();
        const std::uint64_t before = b.smmu.stats().syncs;
        b.submit(support::cmd_sync());
        while (b.smmu.stats().syncs == before)
            sc_core::wait(sc_core::sc_time(125, sc_core::SC_PS));
        return now() - start;
    }
};

} // namespace tlm_test

#endif
