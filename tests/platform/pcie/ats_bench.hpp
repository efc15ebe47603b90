// SPDX-License-Identifier: Apache-2.0
// A host with DMA functions that have ATS, memory that takes its time, and in the place of the
// SMMU's ATS port one that answers as tests want it to.
#ifndef TESTS_ATS_BENCH_HPP
#define TESTS_ATS_BENCH_HPP

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "ecam_bench.hpp"
#include "root_ats.hpp"

namespace test {

inline sc_core::sc_time ns(double count)
{
    return {count, sc_core::SC_NS};
}

// The simulated time, by value: what sc_time_stamp() refers to moves on.
inline sc_core::sc_time now()
{
    return sc_core::sc_time_stamp();
}

// 1 MiB of memory behind each way out. `latency` passes during an access.
struct slow_memory : sc_core::sc_module {
    struct access {
        bool write;
        std::uint64_t addr;
        smmu::attributes attributes;
        sc_core::sc_time time;
    };

    explicit slow_memory(const sc_core::sc_module_name &name)
        : sc_module(name), sockets("socket", 3), bytes(0x100000)
    {
        for (auto &socket : sockets)
            socket.register_b_transport(this, &slow_memory::transport);
    }

    void transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &)
    {
        const std::uint64_t at = trans.get_address();

        seen.push_back({trans.is_write(), at, smmu::attributes::of(trans), now()});
        if (latency != sc_core::SC_ZERO_TIME)
            sc_core::wait(latency);
        ended.push_back(at);
        move(trans, bytes);
    }

    sc_core::sc_vector<tlm_utils::simple_target_socket<slow_memory>> sockets;
    std::vector<std::uint8_t> bytes;
    std::vector<access> seen;         // in the order they began
    std::vector<std::uint64_t> ended; // addresses in the order they ended
    sc_core::sc_time latency;
};

// Translates by a map of pages; notes who asks for what.
struct translator : smmu::ats_server {
    struct leaf {
        std::uint64_t addr;
        bool r, w;
    };

    // The answer is made up before the latency passes.
    void translate(smmu_ats_request request, smmu_ats_completion &completion,
                   sc_core::sc_time &) override
    {
        requests.push_back(request);
        completion = {};
        completion.status = status;
        const auto at = pages.find(request.addr);
        if (status == SMMU_ATS_SUCCESS) {
            completion.span_log2 = 12;
            if (at != pages.end()) {
                completion.addr = at->second.addr;
                completion.r = at->second.r;
                completion.w = at->second.w && !request.nw;
            }
        }
        if (latency != sc_core::SC_ZERO_TIME)
            sc_core::wait(latency);
    }

    void request_page(smmu_page_request request, sc_core::sc_time &) override
    {
        asked.push_back(request);
        if (on_page)
            on_page(request);
    }

    void hint_pages(smmu_page_hint, sc_core::sc_time &) override {}

    std::map<std::uint64_t, leaf> pages;
    smmu_ats_status status = SMMU_ATS_SUCCESS;
    sc_core::sc_time latency;
    std::vector<smmu_ats_request> requests;
    std::vector<smmu_page_request> asked;
    std::function<void(const smmu_page_request &)> on_page;
};

// Functions with the StreamIDs of their places, 00:01.0, 00:03.0, and 01:00.0 behind the port at
// 00:04.0; invalidations have 100 us.
struct ats_bench : host_bench<slow_memory> {
    static constexpr std::uint32_t punctual = 0x08; // completes invalidations at once,
    static constexpr std::uint32_t slow = 0x18;     // after 60 us, and looks up in 7 ns
    static constexpr std::uint32_t port = 0x20;
    static constexpr std::uint32_t behind_port = 0x100;

    ats_bench() : host_bench(machine())
    {
        for (unsigned i = 0; i < 2; i++)
            host->irqs()[i]->bind(wires[i]);
        root().server(smmu);
    }

    static edited_tree machine()
    {
        auto tree = pcie_machine();
        tree.cells(pcie, "ats-supported", {}).cells(pcie, "vp,invalidation-timeout-us", {100});
        plug_dma(tree, "dma@1,0", punctual);
        plug_dma(tree, "dma@3,0", slow)
            .cells(below_pcie("dma@3,0"), "vp,invalidation-ns", {60'000})
            .cells(below_pcie("dma@3,0"), "vp,atc-lookup-ps", {7'000});
        plug_port(tree, "port@4,0", port);
        plug_dma(tree, "port@4,0/dma@0,0", behind_port & 0xff);
        return tree;
    }

    static edited_tree &plug_dma(edited_tree &tree, const char *name, std::uint32_t devfn)
    {
        return plug(tree, name, "vp,pcie-dma", devfn)
            .cells(below_pcie(name), "vp,burst-ns", {10})
            .cells(below_pcie(name), "vp,burst-bytes", {64})
            .cells(below_pcie(name), "vp,rings", {2});
    }

    vp::root_ats &root() { return *host->ats(0); }

    translator smmu;
    sc_core::sc_vector<vp::wire> wires{"wire", 2};
};

} // namespace test

#endif
