// SPDX-License-Identifier: Apache-2.0
// What an axi_to_tlm does: requests and data of AXI become transactions, responses come back.
#ifndef SMMU_PINS_AXI_GATHER_HPP
#define SMMU_PINS_AXI_GATHER_HPP

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "axi_handshake.hpp"
#include "axi_lanes.hpp"
#include "axi_passage.hpp"
#include "axi_request_rules.hpp"
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

    // At each rising edge of the clock.
    void edge(axi_pins &pins, pin_level aresetn);
    void edge(axi_values &pins, pin_level aresetn); // takes less
    // Whether that will ask nothing of TLM, with these pins, which then stay as they are, and
    // without reset, nor report anything: no request is accepted but of a write whose data are to
    // come, no data that end one, and none waits to be sent.
    template <class PINS> bool is_quiet(const PINS &pins) const;

    void set_outstanding(const axi_outstanding &limits);
    void set_throttle(const axi_throttle &throttle);
    std::size_t in_flight() const { return reads_.count + writes_.count; }
    std::size_t pending() const { return in_use_; }
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
        transaction *next = nullptr;     // in its line
        std::vector<unsigned char> data;
        std::vector<unsigned char> enables; // empty while all bytes that have come are enabled
        unsigned transfers = 0;             // of data that have come, or gone
        bool whole = false;                 // each has the whole width of the bus, in order
        axi_lanes lanes = {};               // of the next one
        unsigned returned_transfers = 0;    // on R, of a read
        bool has_data = false;              // the operation has some
        unsigned response = 0;
        bool refused = false;  // is not sent
        bool answered = false; // its response has come
    };
    // A request with what is to be known of it.
    struct examined {
        axi_beat beat;
        axi_request request = {};
        smmu::attributes attributes;
        bool has_data = false;  // the operation has some
        bool has_fault = false; // it is refused
        bool is_like = false;   // so is each that differs in address and ID, within 4 KiB
        bool whole = false;     // so are its transfers, if the address is aligned
    };
    // Transactions one behind the other. Each is in one line at most.
    class line {
      public:
        bool empty() const { return !first_; }
        transaction &front() const { return *first_; }
        void push(transaction &it)
        {
            it.next = nullptr;
            (first_ ? last_->next : first_) = &it;
            last_ = &it;
        }
        transaction &pop()
        {
            transaction &it = *first_;
            first_ = it.next;
            return it;
        }
        void clear() { first_ = nullptr; }

      private:
        transaction *first_ = nullptr;
        transaction *last_ = nullptr; // if there is a first one
    };
    // Those of one direction.
    struct direction {
        std::vector<transaction *> in_order; // of their requests, until they may be answered
        line answers;                        // which leave next
        std::size_t count = 0;               // of both
    };

    // Beats in the middle of a burst each of which has the whole width of the bus.
    struct run {
        unsigned char *at = nullptr; // bytes of the next one; nullptr: there is no such burst
        unsigned left = 0;           // to be shown, or to come before the last one
    };

    // Inline in the source that has and uses them: each cycle, or each beat, goes through them.
    [[gnu::always_inline]] inline void pass_beats(axi_values &pins);
    [[gnu::always_inline]] inline bool has_all_lanes(const axi_beat &beat) const;
    [[gnu::always_inline]] inline void show_next(axi_values &pins);
    [[gnu::always_inline]] inline void take_next(const axi_beat &beat);
    template <class PINS>
    [[gnu::always_inline]] inline void take(const PINS &pins, axi_channel_set moved);
    template <class PINS> [[gnu::always_inline]] inline void drive(PINS &pins);
    [[gnu::always_inline]] inline axi_channel_set ready() const;
    [[gnu::always_inline]] inline void take_bytes(transaction &it, const axi_beat &beat) const;
    [[gnu::always_inline]] inline void begin_runs();
    [[gnu::always_inline]] inline void begin(transaction &it, bool has_data, bool whole);
    [[gnu::always_inline]] inline void start(transaction &it);
    [[gnu::always_inline]] inline void fill(transaction &it);
    template <class PINS> [[gnu::always_inline]] inline bool ends_write(const PINS &pins) const;

    template <class PINS> [[gnu::noinline]] void pass(PINS &pins, axi_channel_set moved);
    template <class PINS>
    [[gnu::noinline]] bool takes_quietly(const PINS &pins, axi_channel_set coming) const;
    void end(run &beats, transaction &it, unsigned transfers) const;
    void end_reading();
    void end_writing();
    void take_last(const axi_beat &beat);
    void take_data(const axi_beat &beat);
    static void put_read_data(const transaction &it, axi_beat &beat);
    template <class PINS> void reset(PINS &pins);
    static void leave(direction &from);
    const examined &examine(axi_channel channel, const axi_beat &beat) const;
    void examine_all(axi_channel channel, const axi_beat &beat, examined &what) const;
    static bool has_fault(const examined &what, std::uint64_t address)
    {
        return what.is_like ? crosses_boundary(what.request, address) : what.has_fault;
    }
    void take_request(const examined &what, std::uint64_t id, std::uint64_t address);
    transaction &take_idle();
    void take_some(transaction &it, const axi_beat &beat, std::uint64_t strobes) const;
    std::string fault_of(const axi_request &request) const;
    void refuse(transaction &it, const std::string &why);
    [[gnu::noinline]] bool ends_here(transaction &it);
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
    const std::uint64_t all_strobes_ = axi_all_lanes(shape_.bus_bytes);
    std::function<tlm::tlm_fw_transport_if<> &()> target_;
    at_initiator initiator_;
    exclusive_monitor *monitor_ = nullptr; // nullptr: TLM is asked for exclusive accesses
    axi_handshakes<axi_side::subordinate> hands_;
    bool is_still_ = false; // the next edge changes nothing, if nothing comes
    run reading_;           // of the read that is shown
    run writing_;           // of the first one of without_data_
    mutable axi_beat room_; // for what is looked at, or made
    mutable examined examined_read_, examined_write_; // the last ones
    mutable bool is_examined_ = false; // what is on AW is the latter: is_quiet() has asked

    direction reads_, writes_;
    line without_data_; // writes whose data are to come
    line to_send_;
    bool at_edge_ = false;            // requests are sent
    std::vector<transaction *> late_; // whose responses have come meanwhile
    std::vector<std::unique_ptr<transaction>> all_;
    line idle_;
    std::size_t in_use_ = 0;
};

} // namespace smmu::pins

#endif
