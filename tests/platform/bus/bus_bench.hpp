// SPDX-License-Identifier: Apache-2.0
// Initiators, a router and memories, with a protocol checker on every hop.
#ifndef TESTS_PLATFORM_BUS_BENCH_HPP
#define TESTS_PLATFORM_BUS_BENCH_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>

#include "at_initiators.hpp"
#include "dram_memory.hpp"
#include "ram.hpp"
#include "router.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace test {

using sc_core::SC_NS;
using sc_core::SC_PS;
using sc_core::sc_time;

// A time in nanoseconds.
inline sc_time ns(double count)
{
    return {count, SC_NS};
}

constexpr std::uint64_t memory_size = 0x10000;

// The first address of a memory.
constexpr std::uint64_t memory_base(unsigned number)
{
    return 0x4000'0000 + 0x100'0000 * std::uint64_t{number};
}

// A breach of the protocol throws an exception; a bench ends with nothing left on the way.
class bus_bench : public sc_core::sc_module {
  public:
    struct shape {
        unsigned initiators = 1;
        unsigned memories = 1;
        bool approximate = true;
        sc_time latency = sc_core::SC_ZERO_TIME; // of the memories
        const char *kind = "completes";          // of the initiators
        const dram_config *dram = nullptr;       // memories are DRAMs of this configuration
        std::size_t outstanding = 64;            // of each
        std::uint64_t present = memory_size;     // bytes of each RAM; all of memory_size is mapped
    };
    bus_bench(const sc_core::sc_module_name &name, const shape &s, const crossbar_port &all = {});
    ~bus_bench() override;

    vp::router router;
    std::vector<std::unique_ptr<tlm_test::at_sender>> senders;
    std::vector<std::unique_ptr<vp::device>> memories;

    // Sends a transfer, which the bench keeps.
    tlm_test::at_transfer &send(unsigned from, tlm_test::at_transfer transfer,
                                const sc_time &when = sc_core::SC_ZERO_TIME);
    tlm_test::at_transfer &read(unsigned from, std::uint64_t address, unsigned length,
                                const sc_time &when = sc_core::SC_ZERO_TIME)
    {
        return send(from, tlm_test::at_read(address, length), when);
    }

    // Reads or writes by b_transport from a process of its own.
    struct blocked {
        sc_core::sc_process_handle process;
        sc_time returned; // when, with the delay that was left
        sc_time delay;    // at first what it is called with
        tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
        bool done = false;
    };
    blocked &block(unsigned from, tlm::tlm_command command, std::uint64_t address,
                   std::vector<unsigned char> &data, const sc_time &when = sc_core::SC_ZERO_TIME,
                   const sc_time &delay = sc_core::SC_ZERO_TIME);

  private:
    std::vector<std::unique_ptr<smmu::protocol_checker<>>> checkers_;
    std::vector<std::unique_ptr<tlm_test::at_transfer>> transfers_;
    std::vector<std::unique_ptr<blocked>> blocked_;
};

// A port of `width` bytes per nanosecond, without latencies and limits.
inline crossbar_port port_of_width(std::uint64_t width)
{
    crossbar_port port = {};
    port.width = width;
    port.period = 1000;
    return port;
}

} // namespace test

#endif
