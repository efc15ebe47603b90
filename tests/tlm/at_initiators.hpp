// SPDX-License-Identifier: Apache-2.0
// Initiators of the four-phase base protocol, for tests and benchmarks. They share nothing with
// smmu::at_initiator.
#ifndef TESTS_TLM_AT_INITIATORS_HPP
#define TESTS_TLM_AT_INITIATORS_HPP

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <ostream>
#include <unordered_map>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>

#include "smmu/tlm/attributes.hpp"

namespace tlm_test {

// How an initiator plays its part.
struct at_initiator_kind {
    const char *name;
    // How a response ends that has come by a call. One that came in a return path ends by a call.
    enum class end {
        completed,    // TLM_COMPLETED
        updated,      // TLM_UPDATED
        called,       // a call when it has been taken
        called_ahead, // a call when it has begun, with the rest as its delay
    } end_resp;
    unsigned accept_ns; // BEGIN_RESP to END_RESP
    unsigned ahead_ns;  // BEGIN_REQ is sent that long before it begins, which is its delay
};

inline std::ostream &operator<<(std::ostream &out, const at_initiator_kind &kind)
{
    return out << kind.name;
}

// A row of each.
extern const std::vector<at_initiator_kind> at_initiator_kinds;

// Payloads with a memory manager.
class payload_pool : public tlm::tlm_mm_interface {
  public:
    ~payload_pool() override;

    // A payload with one reference, which is the caller's, and nothing else set.
    tlm::tlm_generic_payload &take();
    // Payloads that somebody has a reference to.
    std::size_t in_use() const { return all_.size() - idle_.size(); }

  private:
    void free(tlm::tlm_generic_payload *payload) override;

    std::vector<std::unique_ptr<tlm::tlm_generic_payload>> all_;
    std::vector<tlm::tlm_generic_payload *> idle_;
};

// What to transfer, and what has become of it.
struct at_transfer {
    tlm::tlm_command command = tlm::TLM_READ_COMMAND;
    std::uint64_t address = 0;
    std::vector<unsigned char> data; // to write, or that were read; their number is the length
    std::vector<unsigned char> byte_enables;
    unsigned streaming_width = 0; // 0: the length
    smmu::attributes attributes;
    sc_core::sc_time not_before; // when it is sent

    // When its phases counted. One that was left out counts with the one that implies it.
    sc_core::sc_time begin_req, end_req, begin_resp, end_resp;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
    unsigned responses = 0; // 1 is right
};

// A transfer that reads `length` bytes, or writes `data`.
at_transfer at_read(std::uint64_t address, unsigned length);
at_transfer at_write(std::uint64_t address, std::vector<unsigned char> data);

// Makes a new payload what `transfer` says, which it shares the bytes with.
void fill(tlm::tlm_generic_payload &payload, at_transfer &transfer);

// Sends transfers one request after the other, several in flight.
class at_sender : public sc_core::sc_module {
  public:
    tlm_utils::simple_initiator_socket<at_sender> socket{"socket"};

    // With at most `outstanding` transfers between BEGIN_REQ and END_RESP.
    at_sender(const sc_core::sc_module_name &name, const at_initiator_kind &kind,
              std::size_t outstanding);
    ~at_sender() override;

    // Send `transfer`, in the order of these calls. It belongs to the caller and stays where it is
    // until it has ended.
    void send(at_transfer &transfer);

    // Suspends the process until everything sent has ended.
    void wait_until_idle();

    std::vector<const at_transfer *> ended; // in the order of their responses
    payload_pool pool;

  private:
    struct in_flight {
        at_transfer *transfer;
        bool owes_end = false; // has to call END_RESP
    };

    void begin_next();
    void issue(at_transfer &transfer);
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);
    void respond(tlm::tlm_generic_payload &payload, const sc_core::sc_time &delay, bool owes_end);
    void arrive(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &phase);
    void call_end(tlm::tlm_generic_payload &payload, sc_core::sc_time delay);
    void finish(tlm::tlm_generic_payload &payload);

    const at_initiator_kind kind_;
    const sc_core::sc_time accept_;
    const std::size_t outstanding_;
    std::deque<at_transfer *> waiting_;
    std::unordered_map<tlm::tlm_generic_payload *, in_flight> under_way_;
    tlm::tlm_generic_payload *requesting_ = nullptr; // until its request has been accepted
    sc_core::sc_event kick_, idle_;
    tlm_utils::peq_with_cb_and_phase<at_sender> to_come_; // what counts when its delay has passed
};

} // namespace tlm_test

#endif
