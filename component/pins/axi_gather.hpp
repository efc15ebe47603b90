// SPDX-License-Identifier: Apache-2.0
// What an axi_to_tlm does: requests and data of AXI become transactions, responses come back.
#ifndef SMMU_PINS_AXI_GATHER_HPP
#define SMMU_PINS_AXI_GATHER_HPP

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "axi_handshake.hpp"
#include "axi_lanes.hpp"
#include "axi_passage.hpp"
#include "smmu/pins/axi_attributes.hpp"
#include "smmu/pins/exclusive_monitor.hpp"
#include "smmu/tlm/at_initiator.hpp"

namespace smmu::pins {

class axi_gather : private at_initiator::user, private tlm::tlm_mm_interface {
  public:
    // `owner`, whose name goes into reports, must outlive it.
    axi_gather(const sc_core::sc_object &owner, const axi_shape &shape,
               std::function<tlm::tlm_fw_transport_if<> &()> target);
    ~axi_gather();

    // At each rising edge of the clock. PINS: axi_pins or, which takes less, axi_values.
    template <class PINS> void edge(PINS &pins, pin_level aresetn);
    // Whether that will ask nothing of TLM, with these pins, which then stay as they are, and
    // without reset, nor report anything: no request is accepted but of a write whose data are to
    // come, no data that end one, and none waits to be sent.
    template <class PINS> bool is_quiet(const PINS &pins) const;

    axi_passage &passage() { return passage_; }
    std::size_t in_flight() const { return reads_.count + writes_.count; }
    std::size_t pending() const { return all_.size() - idle_.size(); }
    at_initiator &initiator() { return initiator_; }
    void set_monitor(exclusive_monitor *monitor) { monitor_ = monitor; }

  private:
    // A burst as a transaction. Whoever uses it holds a reference, this class until it has been
    // answered on the pins.
    struct transaction : tlm::tlm_generic_payload {
        explicit transaction(tlm::tlm_mm_interface *mm) : tlm_generic_payload(mm) {}

        axi_request request = {};
        smmu::attributes attributes;
        atomic_access atomic;            // if it is one
        exclusive_access exclusive;      // likewise
        transaction *returned = nullptr; // the read data that it brings
        std::vector<unsigned char> data;
        std::vector<unsigned char> enables; // empty while all bytes that have come are enabled
        unsigned transfers = 0;             // of data that have come, or gone
        axi_lanes lanes = {};               // of the next one
        unsigned returned_transfers = 0;    // on R, of a read
        bool has_data = false;              // the operation has some
        unsigned response = 0;
        bool refused = false;  // is not sent
        bool answered = false; // its response has come
    };
    // A request with what is to be known of it first.
    struct examined {
        axi_request request;
        bool has_data;  // the operation has some
        bool has_fault; // it is refused
    };
    // Those of one direction.
    struct direction {
        std::vector<transaction *> in_order; // of their requests, until they may be answered
        std::deque<transaction *> answers;   // which leave next
        std::size_t count = 0;               // of both
    };

    // Inline in the source that has and uses them: each cycle, or each beat, goes through them.
    template <class PINS> [[gnu::always_inline]] inline void take(const PINS &pins);
    template <class PINS> [[gnu::always_inline]] inline void drive(PINS &pins);
    [[gnu::always_inline]] inline void take_data(const axi_beat &beat);
    [[gnu::always_inline]] inline void take_bytes(transaction &it, const axi_beat &beat) const;
    [[gnu::always_inline]] static inline void put_read_data(const transaction &it, axi_beat &beat);

    template <class PINS> void reset(PINS &pins);
    static void leave(direction &from);
    examined examine(axi_channel channel, const axi_beat &beat) const;
    void take_request(const examined &what);
    void take_some(transaction &it, const axi_beat &beat, std::uint64_t strobes) const;
    std::string fault_of(const axi_request &request) const;
    transaction &begin(const axi_request &request, bool has_data);
    void refuse(transaction &it, const std::string &why);
    void start(transaction &it);
    void fill(transaction &it);
    void fill_atomic(transaction &it);
    void send();
    bool may_be_sent(const transaction &it);
    void settle(transaction &it);
    bool perform(transaction &it);
    bool by_debug(tlm::tlm_command command, const transaction &it, unsigned char *bytes);
    void answer(transaction &it, unsigned response);
    void answer_late();
    static void put_response(const transaction &it, axi_beat &beat);

    void request_accepted(tlm::tlm_generic_payload &payload) override;
    void response_arrived(tlm::tlm_generic_payload &payload) override;
    void free(tlm::tlm_generic_payload *payload) override;

    axi_passage passage_;
    const axi_shape shape_;
    std::function<tlm::tlm_fw_transport_if<> &()> target_;
    at_initiator initiator_;
    exclusive_monitor *monitor_ = nullptr; // nullptr: TLM is asked for exclusive accesses
    axi_receiver aw_{axi_channel::AW}, w_{axi_channel::W}, ar_{axi_channel::AR};
    axi_transmitter b_{axi_channel::B}, r_{axi_channel::R};
    mutable axi_beat room_;                     // for what is looked at, or made
    mutable std::optional<examined> looked_at_; // is_quiet() has, on AW, since the last edge

    direction reads_, writes_;
    std::deque<transaction *> without_data_; // writes whose data are to come
    std::deque<transaction *> to_send_;
    bool at_edge_ = false;            // requests are sent
    std::vector<transaction *> late_; // whose responses have come meanwhile
    std::vector<std::unique_ptr<transaction>> all_;
    std::vector<transaction *> idle_;
};

} // namespace smmu::pins

#endif
