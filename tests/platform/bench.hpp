// SPDX-License-Identifier: Apache-2.0
// The modules under test, with initiators and a target that record: one instance for all tests.
#ifndef TESTS_PLATFORM_BENCH_HPP
#define TESTS_PLATFORM_BENCH_HPP

#include <cstdint>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "ram.hpp"
#include "router.hpp"

namespace bench {

using range = std::pair<std::uint64_t, std::uint64_t>; // first, last

// A bus master.
class initiator : public sc_core::sc_module {
  public:
    explicit initiator(const sc_core::sc_module_name &name);
    tlm_utils::simple_initiator_socket<initiator> bus{"bus"};

    struct result {
        tlm::tlm_response_status status;
        sc_core::sc_time delay;
    };
    result read(std::uint64_t address, void *data, unsigned size);
    result write(std::uint64_t address, const void *data, unsigned size);
    result send(tlm::tlm_generic_payload &trans);
    unsigned debug_read(std::uint64_t address, void *data, unsigned size);
    unsigned debug_write(std::uint64_t address, const void *data, unsigned size);
    bool dmi(std::uint64_t address, tlm::tlm_dmi &grant);

    std::vector<range> invalidations;

  private:
    void invalidate(sc_dt::uint64 first, sc_dt::uint64 last);
};

// A target that notes what reaches it and grants the DMI window it is told to.
class recorder : public sc_core::sc_module {
  public:
    explicit recorder(const sc_core::sc_module_name &name);
    tlm_utils::simple_target_socket<recorder> socket{"socket"};

    std::uint64_t last_address = 0;
    unsigned last_length = 0;
    unsigned calls = 0;
    range window = {0, 0};
    std::uint8_t memory[16] = {};

  private:
    void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
    unsigned transport_dbg(tlm::tlm_generic_payload &trans);
};

constexpr std::uint64_t ram_size = 0x10000;
constexpr std::uint64_t routed_ram_base = 0x4000'0000;
constexpr std::uint64_t device_base = 0x900'0000; // of the recorder, behind the router
constexpr std::uint64_t device_size = 0x1000;

struct modules {
    modules();

    // RAM alone, 7 ns per access.
    vp::ram ram;
    initiator ram_user;

    // Two initiators, a router of 2 ns per hop, RAM of 5 ns and a recorder.
    vp::router router;
    initiator left;
    initiator right;
    vp::ram routed_ram;
    recorder device;
};

modules &get(); // for tests: simulation has begun

} // namespace bench

#endif
