// SPDX-License-Identifier: Apache-2.0
// Functions that send requests by phases, the root complex, and memory: with protocol checkers on
// every hop.
#ifndef TESTS_REQUESTS_BENCH_HPP
#define TESTS_REQUESTS_BENCH_HPP

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "pcie_requests.hpp"
#include "root_requests.hpp"
#include "smmu/tlm/protocol_checker.hpp"
#include "timed_memory.hpp"

namespace test {

class requests_bench : public sc_core::sc_module {
  public:
    static constexpr unsigned max_payload = 128;

    explicit requests_bench(const sc_core::sc_module_name &name) : sc_module(name)
    {
        out.register_nb_transport_bw(this, &requests_bench::nb_transport_bw);
        out.bind(memory_checker.target_socket);
        memory_checker.initiator_socket.bind(memory.socket);
    }

    // A function behind `link`, or on the root bus.
    vp::pcie_requests &add(unsigned outstanding, pcie_link *link)
    {
        const std::string number = std::to_string(functions_.size());
        functions_.push_back(std::make_unique<function>(number, outstanding));
        function &made = *functions_.back();
        connect(made.requests, link);
        return made.requests;
    }

    // One that somebody else has.
    void connect(vp::pcie_requests &requests, pcie_link *link)
    {
        const std::string name = "checker_" + std::to_string(checkers_.size());
        checkers_.push_back(std::make_unique<smmu::protocol_checker<>>(name.c_str()));
        requests.socket.bind(checkers_.back()->target_socket);
        checkers_.back()->initiator_socket.bind(root.add(link, [] { return max_payload; }));
    }

    std::size_t in_flight() const
    {
        std::size_t sum = memory_checker.in_flight();
        for (const auto &checker : checkers_)
            sum += checker->in_flight();
        return sum;
    }

    timed_memory memory{"memory", 0x200000};
    tlm_utils::simple_initiator_socket<requests_bench> out{"out"};
    smmu::protocol_checker<> memory_checker{"memory_checker"};
    vp::root_requests root{
        "root",
        [](tlm::tlm_generic_payload &) { return 0u; },
        {[this]() -> tlm::tlm_fw_transport_if<> & { return *out.operator->(); }}};

  private:
    struct function {
        function(const std::string &number, unsigned outstanding)
            : requests(("function_" + number).c_str(), outstanding)
        {
        }
        vp::pcie_requests requests;
    };

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        return root.nb_transport_bw(0, payload, phase, delay);
    }

    std::vector<std::unique_ptr<function>> functions_;
    std::vector<std::unique_ptr<smmu::protocol_checker<>>> checkers_;
};

} // namespace test

#endif
