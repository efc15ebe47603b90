// SPDX-License-Identifier: Apache-2.0
// The target's side of the four-phase base protocol: requests one after the other, with
// back-pressure, and responses one after the other (IEEE 1666 15).
#ifndef SMMU_TLM_AT_TARGET_HPP
#define SMMU_TLM_AT_TARGET_HPP

#include <deque>
#include <functional>

#include <systemc>
#include <tlm>

#include "smmu/tlm/agenda.hpp"

namespace smmu {

// Whom the owner of the socket is told by: at_target::user. Must not block: a request without a
// delay is told in the call that brings it, the rest from a SystemC method.
class at_target_user {
  public:
    // A request has arrived. No other will on this socket before accept() or respond().
    virtual void request_arrived(tlm::tlm_generic_payload &payload) = 0;
    // The response begins now, which did not when it was given.
    virtual void response_begins(tlm::tlm_generic_payload &) {}
    // The initiator has taken the response; it is not used here any more.
    virtual void response_taken(tlm::tlm_generic_payload &) {}

  protected:
    ~at_target_user() = default;
};

// Receives transactions by nb_transport and answers them, observing the response exclusion rule:
// the next response begins when the one before has ended. A member of the module that owns the
// socket. USER is the type of whoever is told: at_target::user, but within the component.
template <typename USER> class basic_at_target {
  public:
    // Whom it tells.
    using user = USER;

    // `owner` and what `initiator` returns, the backward interface behind the socket, must outlive
    // it. `initiator` is called once, before anything goes back.
    basic_at_target(const char *name, user &owner,
                    std::function<tlm::tlm_bw_transport_if<> &()> initiator);

    // Accept the request that has arrived: END_REQ. The initiator may begin the next one at once.
    void accept(tlm::tlm_generic_payload &payload)
    {
        if (requesting_ != &payload)
            return;
        requesting_ = nullptr;
        if (!calling_)
            end_request(payload);
    }

    // Begin the response of `payload` as soon as those given before have been taken. Its request
    // counts as accepted when it begins, if it was not. In the call that brings the request it is
    // the answer, TLM_COMPLETED, if no other response is under way: it is taken when that returns.
    void respond(tlm::tlm_generic_payload &payload);
    // The same, inline in the source that has the code.
    [[gnu::always_inline]] inline void respond_inline(tlm::tlm_generic_payload &payload);
    // Whether the response of `payload` begins at once if it is given now: else its user is told
    // when it does.
    bool begins_at_once(const tlm::tlm_generic_payload &payload) const;

    // To be registered with the socket. A request that breaks the request exclusion rule is an
    // error of the simulation, with the id "/smmu/at/request_exclusion"; an END_RESP of what has no
    // response under way is one with the id "/smmu/at/end_resp".
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);

  private:
    // A phase that is to come.
    struct moment {
        tlm::tlm_generic_payload *payload;
        tlm::tlm_phase phase;
    };

    // Inline in the source that has and uses it; so below.
    [[gnu::always_inline]] inline tlm::tlm_bw_nonblocking_transport_if<> &initiator();
    [[gnu::noinline]] void find_initiator();
    [[gnu::always_inline]] inline tlm::tlm_sync_enum
    begin(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase, const sc_core::sc_time &delay);
    // Those that are rare stay out of the way of those that are not.
    [[gnu::noinline]] tlm::tlm_sync_enum refuse(tlm::tlm_generic_payload &payload);
    [[gnu::noinline]] tlm::tlm_sync_enum expect(tlm::tlm_generic_payload &payload,
                                                const sc_core::sc_time &delay);
    [[gnu::noinline]] void end_request(tlm::tlm_generic_payload &payload);
    [[gnu::noinline]] void end(tlm::tlm_generic_payload &payload, const sc_core::sc_time &delay);
    [[gnu::noinline]] void begin_next();
    [[gnu::noinline]] void respond_later(tlm::tlm_generic_payload &payload);
    [[gnu::noinline]] void respond_in_call(tlm::tlm_generic_payload &payload);
    [[gnu::always_inline]] inline void begin_response(tlm::tlm_generic_payload &payload);
    [[gnu::always_inline]] inline void taken();
    void take(const moment &now);

    user &owner_;
    std::function<tlm::tlm_bw_transport_if<> &()> find_initiator_;
    tlm::tlm_bw_nonblocking_transport_if<> *initiator_ = nullptr; // nullptr: not asked for yet
    std::deque<tlm::tlm_generic_payload *> waiting_;              // responses that have not begun
    tlm::tlm_generic_payload *requesting_ = nullptr; // arrives, or has and is not accepted yet
    tlm::tlm_generic_payload *calling_ = nullptr;    // is told of in the initiator's call
    tlm::tlm_generic_payload *responding_ = nullptr; // its response has not been taken yet
    bool ending_ = false;                            // but END_RESP has come, with a delay
    // Phases whose delay has not passed.
    agenda<moment, basic_at_target, &basic_at_target::take> to_come_;
};

// The one for any user; the library has its code.
using at_target = basic_at_target<at_target_user>;
extern template class basic_at_target<at_target_user>;

} // namespace smmu

#endif
