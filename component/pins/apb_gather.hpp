// SPDX-License-Identifier: Apache-2.0
// What an apb_to_tlm does: transfers of APB become transactions, one after the other.
#ifndef SMMU_PINS_APB_GATHER_HPP
#define SMMU_PINS_APB_GATHER_HPP

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "smmu/pins/apb_bundle.hpp"
#include "smmu/tlm/at_initiator.hpp"
#include "smmu/tlm/attributes.hpp"

namespace smmu::pins {

class apb_gather : private at_initiator::user, private tlm::tlm_mm_interface {
  public:
    apb_gather(unsigned bytes, std::function<tlm::tlm_fw_transport_if<> &()> target);
    ~apb_gather();

    // At each rising edge of the clock.
    void edge(apb_answering_pins &pins, pin_level presetn);

    // Transfers that TLM has not answered; after a reset, those of before too.
    std::size_t pending() const { return all_.size() - idle_.size(); }
    at_initiator &initiator() { return initiator_; }

  private:
    // A transfer as a transaction. Whoever uses it holds a reference.
    struct transaction : tlm::tlm_generic_payload {
        explicit transaction(tlm::tlm_mm_interface *mm) : tlm_generic_payload(mm) {}

        smmu::attributes attributes;
        unsigned char data[4] = {};
        unsigned char enables[4] = {};
    };
    enum class phase { idle, waiting, answering };

    void begin(const apb_request &request);
    bool fill(transaction &it, const apb_request &request) const;
    void end(const tlm::tlm_generic_payload &payload);
    void response_arrived(tlm::tlm_generic_payload &payload) override;
    void free(tlm::tlm_generic_payload *payload) override;

    const unsigned bytes_; // of a word
    at_initiator initiator_;
    phase phase_ = phase::idle;
    const transaction *current_ = nullptr; // what has been sent; nullptr: it has been answered
    apb_response answer_;
    std::vector<std::unique_ptr<transaction>> all_;
    std::vector<transaction *> idle_;
};

} // namespace smmu::pins

#endif
