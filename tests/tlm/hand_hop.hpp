// SPDX-License-Identifier: Apache-2.0
// A hop with a protocol checker, both of whose ends the test plays by hand.
#ifndef TESTS_TLM_HAND_HOP_HPP
#define TESTS_TLM_HAND_HOP_HPP

#include <cstdint>
#include <functional>
#include <utility>

#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include "error_log.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace tlm_test {

// A transaction that keeps to the rules until the test changes it: 8 bytes to write, with byte
// enables, referenced once.
class hand_transaction : private tlm::tlm_mm_interface {
  public:
    explicit hand_transaction(bool managed = true);

    tlm::tlm_generic_payload payload;
    unsigned char data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    unsigned char enables[8];
    unsigned char others[8] = {}; // what a pointer may be changed to

    void answer() { payload.set_response_status(tlm::TLM_OK_RESPONSE); }

  private:
    void free(tlm::tlm_generic_payload *) override {} // lives as long as the test
};

class hand_hop : public sc_core::sc_module {
  public:
    explicit hand_hop(const sc_core::sc_module_name &name);

    tlm_utils::simple_initiator_socket<hand_hop> initiator{"initiator"};
    smmu::protocol_checker<> checker{"checker"};
    tlm_utils::passthrough_target_socket<hand_hop> target{"target"};
    error_log errors;

    // What the side that is called does. At first it returns TLM_ACCEPTED.
    using answer = std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload &, tlm::tlm_phase &,
                                                    sc_core::sc_time &)>;
    answer target_does, initiator_does;
    std::function<void(tlm::tlm_generic_payload &, sc_core::sc_time &)> target_blocks;

    // Both return what is returned, with what has become of `phase` and `delay`.
    struct result {
        tlm::tlm_sync_enum status;
        tlm::tlm_phase phase;
        sc_core::sc_time delay;
    };
    result forward(hand_transaction &t, tlm::tlm_phase phase, unsigned delay_ns = 0);
    result backward(hand_transaction &t, tlm::tlm_phase phase, unsigned delay_ns = 0);
    void block(hand_transaction &t, unsigned delay_ns = 0);
    void request(hand_transaction &t); // BEGIN_REQ, END_REQ
    void respond(hand_transaction &t); // the same and BEGIN_RESP

    std::pair<std::uint64_t, std::uint64_t> withdrawn; // the last DMI window

    // Answers for `target_does` and `initiator_does`. Each answers the transaction.
    static answer updates(tlm::tlm_phase_enum to, unsigned delay_ns = 0);
    static answer completes(unsigned delay_ns = 0);

    // Runs `test` as a process, to its end.
    static void run(const std::function<void()> &test);

  private:
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    unsigned transport_dbg(tlm::tlm_generic_payload &payload);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi);
    void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last);
};

// Lets `ns` nanoseconds pass.
void pass(unsigned ns);

} // namespace tlm_test

#endif
