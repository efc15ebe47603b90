// SPDX-License-Identifier: Apache-2.0
// The initiator's side of the four-phase base protocol: requests one after the other, responses at
// any time (IEEE 1666 15).
#ifndef SMMU_TLM_AT_INITIATOR_HPP
#define SMMU_TLM_AT_INITIATOR_HPP

#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include <systemc>
#include <tlm>

#include "smmu/tlm/agenda.hpp"

namespace smmu {

// Whom the owner of the socket is told by: at_initiator::user. Must not block: what is accepted at
// once is told from send(), the rest from a SystemC method, or as told::at_once says.
class at_initiator_user {
  public:
    // The target has accepted the request.
    virtual void request_accepted(tlm::tlm_generic_payload &) {}
    // The response has come, and `payload` is no longer used here. Comes after
    // request_accepted(), once for each send().
    virtual void response_arrived(tlm::tlm_generic_payload &payload) = 0;

  protected:
    ~at_initiator_user() = default;
};

// Sends transactions out of one socket by nb_transport and observes the request exclusion rule: the
// next request begins when the one before has been accepted. Responses are accepted as they come.
// Takes every choice of phases that a target may make: a bare TLM_COMPLETED, early responses, and
// annotated delays. A member of the module that owns the socket. USER is the type of whoever is
// told: at_initiator::user, but within the component.
template <typename USER> class basic_at_initiator {
  public:
    // Whom it tells.
    using user = USER;

    // Where its user is told of a response that comes without a delay: by a call after END_REQ, or
    // as TLM_COMPLETED in answer to the request.
    enum class told {
        later,   // in the next delta cycle, like all others
        at_once, // in the target's call, or before send() returns, which saves an event: the user
                 // sends nothing forward there but by send() of this one, whose request begins in
                 // the next delta cycle, or after the one that has been answered
    };

    // `owner` and what `target` returns, the forward interface behind the socket, must outlive it.
    // `target` is called once, before the first transaction.
    basic_at_initiator(const char *name, user &owner,
                       std::function<tlm::tlm_fw_transport_if<> &()> target,
                       told when = told::later);

    // Begin the request of `payload` as soon as those sent before have been accepted. The payload
    // has a memory manager (set_mm()) and stays as it is until its response has arrived. Without a
    // memory manager it is not sent, which is an error of the simulation, with the id
    // "/smmu/at/memory_manager".
    void send(tlm::tlm_generic_payload &payload);
    // The same with a memory manager, inline in the source that has the code.
    [[gnu::always_inline]] inline void send_inline(tlm::tlm_generic_payload &payload);

    // Whether a request sent now would wait for an earlier one: so it does while send() tells its
    // user of an earlier one that has been accepted at once.
    bool busy() const { return requesting_ != nullptr || responding_ != 0 || !waiting_.empty(); }

    // To be registered with the socket. A response of what was not sent, or the second one, is an
    // error of the simulation, with the id "/smmu/at/response".
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);

  private:
    // A phase that is to come. BEGIN_REQ: a request may begin.
    struct moment {
        tlm::tlm_generic_payload *payload;
        tlm::tlm_phase phase;
    };

    // Inline in the source that has and uses them; so below.
    [[gnu::always_inline]] inline tlm::tlm_fw_nonblocking_transport_if<> &target();
    [[gnu::always_inline]] inline void note_unanswered(const tlm::tlm_generic_payload &payload);
    [[gnu::noinline]] void make_room();
    auto &place(std::size_t number) { return unanswered_[number & places_]; }
    // Those that are rare stay out of the way of those that are not.
    [[gnu::noinline]] void send_later(tlm::tlm_generic_payload &payload);
    [[gnu::noinline]] void begin_next();
    [[gnu::noinline]] void find_target();
    [[gnu::noinline]] void refuse();
    [[gnu::always_inline]] inline void begin(tlm::tlm_generic_payload &payload);
    [[gnu::always_inline]] inline bool answer(const tlm::tlm_generic_payload &payload);
    [[gnu::noinline]] bool answer_later(const tlm::tlm_generic_payload &payload);
    [[gnu::always_inline]] inline void respond(tlm::tlm_generic_payload &payload);
    [[gnu::noinline]] void complete(tlm::tlm_generic_payload &payload);
    [[gnu::noinline]] void expect(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &phase,
                                  const sc_core::sc_time &delay);
    [[gnu::noinline]] void expect_later(tlm::tlm_generic_payload &payload,
                                        const tlm::tlm_phase &phase, const sc_core::sc_time &delay);
    void take(const moment &now);
    [[gnu::always_inline]] inline void accepted(tlm::tlm_generic_payload &payload);
    [[gnu::always_inline]] inline void responded(tlm::tlm_generic_payload &payload);

    user &owner_;
    const told told_;
    std::function<tlm::tlm_fw_transport_if<> &()> find_target_;
    tlm::tlm_fw_nonblocking_transport_if<> *target_ = nullptr; // nullptr: not asked for yet
    std::deque<tlm::tlm_generic_payload *> waiting_;           // requests that have not begun
    tlm::tlm_generic_payload *requesting_ = nullptr; // the one that has, until it is accepted
    unsigned responding_ = 0; // calls that bring responses, in which its user is told of them
    // Requests that have begun, each at the place() of its number. The oldest is mostly answered
    // first.
    std::vector<const tlm::tlm_generic_payload *> unanswered_;
    std::size_t places_; // less one: all bits of place()
    std::size_t oldest_ = 0;
    std::size_t next_ = 0; // the number of the next one
    // Phases whose delay has not passed.
    agenda<moment, basic_at_initiator, &basic_at_initiator::take> to_come_;
};

// The one for any user; the library has its code.
using at_initiator = basic_at_initiator<at_initiator_user>;
extern template class basic_at_initiator<at_initiator_user>;

} // namespace smmu

#endif
