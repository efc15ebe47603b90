// SPDX-License-Identifier: Apache-2.0
// Memory that takes any number of accesses at a time and answers each after a time of its own, and
// a module to set registers by.
#ifndef TESTS_TIMED_MEMORY_HPP
#define TESTS_TIMED_MEMORY_HPP

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "devices/flat_memory.hpp"
#include "smmu/tlm/at_target.hpp"
#include "smmu/tlm/attributes.hpp"

namespace test {

// By nb_transport, or by b_transport with the time as its delay. It moves data when an access
// arrives.
class timed_memory : public sc_core::sc_module, private smmu::at_target::user {
  public:
    struct access {
        sc_core::sc_time time;
        std::uint64_t address;
        unsigned length;
        bool write;
        smmu::attributes attributes;
    };

    timed_memory(const sc_core::sc_module_name &name, std::size_t size)
        : sc_module(name), bytes(size),
          target_("target", *this,
                  [this]() -> tlm::tlm_bw_transport_if<> & { return *socket.operator->(); }),
          to_answer_("to_answer", this, &timed_memory::answer)
    {
        socket.register_nb_transport_fw(this, &timed_memory::nb_transport_fw);
        socket.register_b_transport(this, &timed_memory::b_transport);
    }

    tlm_utils::simple_target_socket<timed_memory> socket{"socket"};
    std::vector<std::uint8_t> bytes;
    std::vector<access> seen;
    std::size_t outstanding = 0;
    std::size_t most = 0;  // that were outstanding
    sc_core::sc_time area; // outstanding accesses, over time

    // The time of an access, and whether it fails.
    std::function<sc_core::sc_time(const access &)> latency = [](const access &) {
        return sc_core::sc_time(100, sc_core::SC_NS);
    };
    std::function<bool(const access &)> fails = [](const access &) { return false; };

  private:
    sc_core::sc_time carry_out(tlm::tlm_generic_payload &payload)
    {
        seen.push_back({sc_core::sc_time_stamp(), payload.get_address(), payload.get_data_length(),
                        payload.is_write(), smmu::attributes::of(payload)});
        move(payload, bytes);
        if (fails(seen.back()))
            payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        return latency(seen.back());
    }

    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
    {
        delay += carry_out(payload);
    }

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        return target_.nb_transport_fw(payload, phase, delay);
    }

    void request_arrived(tlm::tlm_generic_payload &payload) override
    {
        change_outstanding(1);
        most = std::max(most, outstanding);
        to_answer_.notify(payload, tlm::BEGIN_RESP, carry_out(payload));
        target_.accept(payload);
    }

    void answer(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &)
    {
        change_outstanding(-1);
        target_.respond(payload);
    }

    void change_outstanding(int by)
    {
        area += (sc_core::sc_time_stamp() - changed_) * static_cast<double>(outstanding);
        changed_ = sc_core::sc_time_stamp();
        outstanding += static_cast<std::size_t>(by);
    }

    sc_core::sc_time changed_; // when `outstanding` did
    smmu::at_target target_;
    tlm_utils::peq_with_cb_and_phase<timed_memory> to_answer_;
};

// Who accesses registers.
struct processor : sc_core::sc_module {
    explicit processor(const sc_core::sc_module_name &name) : sc_module(name) {}
    tlm_utils::simple_initiator_socket<processor> socket{"socket"};
};

} // namespace test

#endif
