// SPDX-License-Identifier: Apache-2.0
// Memories that answer by the four-phase base protocol, for tests and benchmarks. They share
// nothing with smmu::at_target.
#ifndef TESTS_TLM_AT_TARGETS_HPP
#define TESTS_TLM_AT_TARGETS_HPP

#include <cstddef>
#include <deque>
#include <ostream>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/peq_with_cb_and_phase.h>

#include "ram.hpp"

namespace tlm_test {

// How a target plays its part.
struct at_target_kind {
    const char *name;
    // How END_REQ comes.
    enum class accept {
        implied,      // not at all
        called,       // by a call when the request has been accepted
        called_ahead, // by a call when the request has begun, with the rest as its delay
        returned,     // by TLM_UPDATED
    } end_req;
    // How BEGIN_RESP comes.
    enum class answer {
        completed, // not at all: TLM_COMPLETED in answer to the request
        returned,  // by TLM_UPDATED in answer to the request; by a call while another one is taken
        called,    // by a call when it is due
        called_ahead, // by a call as soon as no other is taken, with the rest as its delay
    } begin_resp;
    unsigned accept_ns;  // BEGIN_REQ to END_REQ
    unsigned latency_ns; // from there, or from BEGIN_REQ if END_REQ is implied, to BEGIN_RESP
    unsigned swap_ns;    // every other transaction, beginning with the first, takes longer by that
    std::size_t room;    // END_REQ waits while that many are between END_REQ and END_RESP; 0: never
};

inline std::ostream &operator<<(std::ostream &out, const at_target_kind &kind)
{
    return out << kind.name;
}

// A row of each.
extern const std::vector<at_target_kind> at_target_kinds;

class at_memory : public sc_core::sc_module {
  public:
    tlm_utils::passthrough_target_socket<at_memory> socket{"socket"};

    // Reads and writes `bytes`, which must outlive it, when a request has begun.
    at_memory(const sc_core::sc_module_name &name, const at_target_kind &kind, storage &bytes);
    ~at_memory() override;

  private:
    // A response that has not begun.
    struct answer {
        tlm::tlm_generic_payload *payload;
        sc_core::sc_time due;
    };

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);
    void arrive(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &phase);
    void request(tlm::tlm_generic_payload &payload);
    void accept(tlm::tlm_generic_payload &payload);
    void schedule(tlm::tlm_generic_payload &payload, const sc_core::sc_time &accepted);
    void respond_next();
    void call(tlm::tlm_generic_payload &payload, tlm::tlm_phase phase, sc_core::sc_time delay);
    void end(tlm::tlm_generic_payload &payload);
    sc_core::sc_time latency();

    const at_target_kind kind_;
    storage &bytes_;
    const sc_core::sc_time accept_;
    unsigned long arrived_ = 0;
    std::size_t accepted_ = 0;                 // and not ended
    tlm::tlm_generic_payload *held_ = nullptr; // waits for room
    tlm::tlm_generic_payload *responding_ = nullptr;
    std::deque<answer> answers_;
    tlm_utils::peq_with_cb_and_phase<at_memory> to_come_;
};

} // namespace tlm_test

#endif
