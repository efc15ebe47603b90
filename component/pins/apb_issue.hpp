// SPDX-License-Identifier: Apache-2.0
// What a tlm_to_apb does: transactions become transfers of APB, one after the other.
#ifndef SMMU_PINS_APB_ISSUE_HPP
#define SMMU_PINS_APB_ISSUE_HPP

#include <functional>
#include <list>
#include <vector>

#include "smmu/pins/apb_bundle.hpp"
#include "smmu/tlm/at_target.hpp"

namespace smmu::pins {

class apb_issue : private at_target::user {
  public:
    apb_issue(unsigned bytes, unsigned address_width, bool realms,
              std::function<tlm::tlm_bw_transport_if<> &()> initiator);

    // At each rising edge of the clock.
    void edge(apb_pins &pins, pin_level presetn);
    // Suspends the process until the payload has its response.
    void transport(tlm::tlm_generic_payload &payload);

    std::size_t in_flight() const { return jobs_.size(); }
    const sc_core::sc_event &arrival() const { return arrival_; }
    at_target &target() { return target_; }

  private:
    // A process in b_transport.
    struct waiter {
        sc_core::sc_event event;
        bool ended = false;
    };
    // A payload that has come. The bus goes by the copy: a process that waits may be killed.
    struct job {
        tlm::tlm_generic_payload *payload; // nullptr: nobody waits any more
        waiter *who;                       // of b_transport; nullptr: of nb_transport, or killed
        bool write;
        std::uint64_t address;
        std::vector<unsigned char> data;
        std::vector<bool> enabled;
        std::uint32_t pprot;
        bool pnse;
        tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
        std::size_t next = 0; // byte that the next transfer begins with, or looks for one from
    };
    enum class phase { idle, setup, access };

    tlm::tlm_response_status refusal(const tlm::tlm_generic_payload &payload) const;
    bool begin(tlm::tlm_generic_payload &payload, waiter *who);
    bool find_transfer(job &of) const;
    void begin_transfer();
    void end_transfer(const apb_response &response);
    std::size_t end_of_word(const job &of) const;
    void finish();
    void reset(apb_pins &pins);
    void request_arrived(tlm::tlm_generic_payload &payload) override;

    const unsigned bytes_; // of a word
    const unsigned address_width_;
    const bool realms_; // there is PNSE
    at_target target_;
    std::list<job> jobs_; // the first one is on the bus
    phase phase_ = phase::idle;
    apb_request shown_;
    sc_core::sc_event arrival_;
    bool reset_ = true; // at the last edge, or there has been none
};

} // namespace smmu::pins

#endif
