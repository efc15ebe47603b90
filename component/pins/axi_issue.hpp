// SPDX-License-Identifier: Apache-2.0
// What a tlm_to_axi does: transactions become bursts of AXI, their data and responses come back.
#ifndef SMMU_PINS_AXI_ISSUE_HPP
#define SMMU_PINS_AXI_ISSUE_HPP

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "axi_handshake.hpp"
#include "axi_passage.hpp"
#include "axi_split.hpp"
#include "smmu/tlm/at_target.hpp"

namespace smmu::pins {

class axi_issue : private at_target::user {
  public:
    // `owner`, whose name goes into reports, must outlive it.
    axi_issue(const sc_core::sc_object &owner, const axi_shape &shape,
              std::function<tlm::tlm_bw_transport_if<> &()> initiator);

    // At each rising edge of the clock.
    void edge(axi_pins &pins, pin_level aresetn);
    // Whether that will change nothing, out of reset. Stays where it is.
    const bool &rests() const { return rests_; }
    // Suspends the process until the payload has its response.
    void transport(tlm::tlm_generic_payload &payload);

    void set_outstanding(const axi_outstanding &limits) { passage_.set_outstanding(limits); }
    void set_throttle(const axi_throttle &throttle);
    std::size_t in_flight() const { return jobs_.size(); }
    void refuse_in_reset() { refuses_in_reset_ = true; }
    const sc_core::sc_event &arrival() const { return arrival_; }
    at_target &target() { return target_; }

  private:
    // A process in b_transport.
    struct waiter {
        sc_core::sc_event event;
        bool ended = false;
    };
    // What stays of the payload of a process that has been killed.
    struct remains {
        explicit remains(const tlm::tlm_generic_payload &of);

        std::vector<unsigned char> data;
        std::vector<unsigned char> enables;
        tlm::tlm_generic_payload payload;
    };
    // A payload that has come.
    struct job {
        tlm::tlm_generic_payload *payload;
        axi_split split;
        waiter *who;            // of b_transport; nullptr: of nb_transport, or killed
        std::size_t issued = 0; // of its bursts
        std::size_t ended = 0;  // of their responses
        bool exclusive = true;  // all of these are EXOKAY
        std::unique_ptr<remains> kept = nullptr; // if it has been killed
        std::list<job>::iterator place = {};     // in jobs_
    };
    // A burst that has been issued.
    struct burst {
        job *of;
        const axi_burst_piece *piece;
        unsigned transfers;    // of data so far
        bool answered = false; // of one in data_: its response has come already
    };
    // Jobs and bursts of one direction.
    struct direction {
        std::deque<job *> to_issue;
        std::list<burst> outstanding; // in the order of their requests
    };

    void take(const axi_pins &pins);
    void issue(axi_pins &pins);
    void issue(direction &of, axi_channel by, unsigned limit, axi_pins &pins);
    void drive(axi_pins &pins);
    void reset(axi_pins &pins);
    bool has_to_wait(const axi_request &request) const;

    job *begin(tlm::tlm_generic_payload &payload, waiter *who);
    axi_beat next_write_data();
    static bool is_same(const burst &one, const burst &other)
    {
        return one.of == other.of && one.piece == other.piece;
    }
    burst *unsent(const burst &of);
    void take_response(const axi_beat &beat);
    void take_data(const axi_beat &beat);
    void note(job &of, unsigned response);
    void end(direction &of, std::list<burst>::iterator which);
    static void tell(const job &of);
    void finish(job &of);

    void request_arrived(tlm::tlm_generic_payload &payload) override;

    axi_passage passage_;
    const axi_shape shape_;
    at_target target_;
    axi_handshakes<axi_side::manager> hands_;
    axi_beat room_; // for what is looked at

    std::list<job> jobs_;
    direction reads_, writes_;
    std::size_t atomics_ = 0; // that have not all their responses
    std::deque<burst> data_;  // writes whose data have not all been shown
    sc_core::sc_event arrival_;
    bool reset_ = true; // at the last edge, or there has been none
    bool refuses_in_reset_ = false;
    bool rests_ = false; // the next edge changes nothing, if nothing comes
};

} // namespace smmu::pins

#endif
