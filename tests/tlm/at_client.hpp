// SPDX-License-Identifier: Apache-2.0
// Modules that use smmu::at_initiator and smmu::at_target, and nothing else of the component.
#ifndef TESTS_TLM_AT_CLIENT_HPP
#define TESTS_TLM_AT_CLIENT_HPP

#include <functional>
#include <unordered_map>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>

#include "at_initiators.hpp"
#include "ram.hpp"
#include "smmu/tlm/at_initiator.hpp"
#include "smmu/tlm/at_target.hpp"

namespace tlm_test {

// Sends transfers by smmu::at_initiator. Notes end_req, and end_resp when the response arrives.
class at_client : public sc_core::sc_module, private smmu::at_initiator::user {
  public:
    tlm_utils::simple_initiator_socket<smmu::at_initiator> socket{"socket"};

    explicit at_client(const sc_core::sc_module_name &name,
                       smmu::at_initiator::told when = smmu::at_initiator::told::later);

    // Send `transfer` now, if the simulation runs, or when it begins.
    void send(at_transfer &transfer);
    bool busy() const { return side_.busy(); }
    smmu::at_initiator &side() { return side_; }

    std::vector<const at_transfer *> accepted, ended; // in this order
    payload_pool pool;
    // Called when something has been accepted or has ended.
    std::function<void(const at_transfer &)> when_accepted, when_ended;

  private:
    void begin();
    void request_accepted(tlm::tlm_generic_payload &payload) override;
    void response_arrived(tlm::tlm_generic_payload &payload) override;

    smmu::at_initiator side_;
    std::vector<at_transfer *> at_the_beginning_;
    std::unordered_map<tlm::tlm_generic_payload *, at_transfer *> under_way_;
};

// Answers by smmu::at_target from `bytes`, which must outlive it.
class at_server : public sc_core::sc_module, private smmu::at_target::user {
  public:
    tlm_utils::passthrough_target_socket<smmu::at_target> socket{"socket"};

    // Accepts a request `accept_ns` after its arrival, and gives the response `latency_ns` later.
    at_server(const sc_core::sc_module_name &name, storage &bytes, unsigned accept_ns,
              unsigned latency_ns);

    // Instead of the times above: what to do with a request that has arrived.
    std::function<void(tlm::tlm_generic_payload &)> when_arrived;
    smmu::at_target &side() { return side_; } // for that
    // Called when a response begins that has waited, and when one has been taken.
    std::function<void(tlm::tlm_generic_payload &)> when_begins, when_taken;

    std::vector<tlm::tlm_generic_payload *> arrived, taken; // in this order

  private:
    void request_arrived(tlm::tlm_generic_payload &payload) override;
    void response_begins(tlm::tlm_generic_payload &payload) override;
    void response_taken(tlm::tlm_generic_payload &payload) override;
    void act(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &phase);

    storage &bytes_;
    const sc_core::sc_time accept_, latency_;
    smmu::at_target side_;
    tlm_utils::peq_with_cb_and_phase<at_server> to_do_;
};

// Passes transactions on from its target socket to its initiator socket, as they are.
class at_relay : public sc_core::sc_module,
                 private smmu::at_target::user,
                 private smmu::at_initiator::user {
  public:
    tlm_utils::passthrough_target_socket<smmu::at_target> in{"in"};
    tlm_utils::simple_initiator_socket<smmu::at_initiator> out{"out"};

    explicit at_relay(const sc_core::sc_module_name &name);

  private:
    void request_arrived(tlm::tlm_generic_payload &payload) override;
    void request_accepted(tlm::tlm_generic_payload &payload) override;
    void response_arrived(tlm::tlm_generic_payload &payload) override;

    smmu::at_target upstream_;
    smmu::at_initiator downstream_;
};

} // namespace tlm_test

#endif
