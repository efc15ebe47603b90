// SPDX-License-Identifier: Apache-2.0
// The transactions on one hop, and how far they are: the rules of a protocol_checker.
#ifndef COMPONENT_TLM_PROTOCOL_HOP_HPP
#define COMPONENT_TLM_PROTOCOL_HOP_HPP

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include <systemc>
#include <tlm>

#include "payload_rules.hpp"

namespace smmu {

// Is told of every call on the hop before it goes on, and of every return before it comes back.
// Reports what breaks a rule, and goes on as if the phase had not come, where it makes no sense.
class protocol_hop {
  public:
    using payload_type = tlm::tlm_generic_payload;

    enum class path { forward, backward };
    // A call of nb_transport as it was made.
    struct call {
        path way;
        tlm::tlm_phase phase;
        sc_core::sc_time delay;
    };

    // `owner`, whose name goes into reports, must outlive it.
    explicit protocol_hop(const sc_core::sc_object &owner) : owner_(owner) {}

    void called(const payload_type &payload, const call &made);
    void returned(const payload_type &payload, const call &made, tlm::tlm_sync_enum status,
                  const tlm::tlm_phase &phase, const sc_core::sc_time &delay);

    void b_called(const payload_type &payload, const sc_core::sc_time &delay);
    void b_returned(const payload_type &payload, const sc_core::sc_time &delay);
    // The transaction of `payload` is no longer under way, however that is.
    void forget(const payload_type &payload) { under_way_.erase(&payload); }

    std::uint64_t complaints() const { return complaints_; }
    std::size_t in_flight() const { return under_way_.size(); }

  private:
    // What a transaction that is under way waits for, as a bit.
    enum state : unsigned { requested = 1, accepted = 2, responding = 4, blocking = 8 };

    struct transaction {
        state at;
        payload_snapshot sent;
        sc_core::sc_time latest; // of its phases, with their delays
        bool referenced;         // as far as anybody has been told
    };

    // Requests, or responses: at most one at a time.
    struct exclusive {
        const payload_type *holder = nullptr;
        sc_core::sc_time free; // since when, if there is no holder

        bool begin(const payload_type &payload, const sc_core::sc_time &time);
        void end(const payload_type &payload, const sc_core::sc_time &time);
    };

    struct transition;
    static const transition transitions[];

    void begin(const payload_type &payload, const sc_core::sc_time &time);
    void advance(const payload_type &payload, path way, const tlm::tlm_phase &phase,
                 const sc_core::sc_time &time);
    void complete(const payload_type &payload, const call &made, const sc_core::sc_time &time);

    void end_request(const payload_type &payload, const sc_core::sc_time &time);
    void begin_response(const payload_type &payload, const sc_core::sc_time &time);
    void end_response(const payload_type &payload, const sc_core::sc_time &time);

    transaction *find(const payload_type &payload);
    void start(const payload_type &payload, state at, const sc_core::sc_time &time);
    void check_references(const payload_type &payload);
    void check_unchanged(const payload_type &payload);
    void check_answered(const payload_type &payload);
    void note_time(const payload_type &payload, const sc_core::sc_time &time);
    void complain(protocol_rule broken, const payload_type &payload);

    const sc_core::sc_object &owner_;
    std::unordered_map<const payload_type *, transaction> under_way_;
    exclusive request_;
    exclusive response_;
    std::uint64_t complaints_ = 0;
};

} // namespace smmu

#endif
