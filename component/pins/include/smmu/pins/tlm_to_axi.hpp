// SPDX-License-Identifier: Apache-2.0
// From TLM to the pins of AXI: what comes by a target socket is asked for as a manager of AXI.
#ifndef SMMU_PINS_TLM_TO_AXI_HPP
#define SMMU_PINS_TLM_TO_AXI_HPP

#include <cstddef>
#include <memory>

#include <systemc>
#include <tlm>

#include "smmu/pins/axi_bridge.hpp"
#include "smmu/pins/axi_bundle.hpp"

namespace smmu::pins {

class axi_issue;

// A tlm_to_axi but for its pins and its sockets.
class tlm_to_axi_base : public sc_core::sc_module,
                        protected tlm::tlm_fw_transport_if<>,
                        protected tlm::tlm_bw_transport_if<> {
  public:
    ~tlm_to_axi_base() override;

    // Limits from now on. A request of nb_transport is accepted when its last burst has been given
    // to the bus, which the limits hold up. A limit of 0 is an SC_ERROR, and changes nothing.
    void set_outstanding(const axi_outstanding &limits);
    // Slows it down; without one, it is as fast as it can.
    void set_throttle(const axi_throttle &throttle);
    // What comes in reset ends with TLM_GENERIC_ERROR_RESPONSE from now on: it is of before the
    // reset, where all that is before the bridge has the same.
    void refuse_in_reset();

    // Transactions of TLM that have come and have not been answered.
    std::size_t in_flight() const;
    // Notified when one comes: what stops the clock starts it again.
    const sc_core::sc_event &arrival() const;

  protected:
    // Whether the next edge, with these pins, tells TLM nothing: nobody waits for anything.
    bool is_quiet(const axi_pins &) const { return *rests_ || in_flight() == 0; }

    // Makes a bridge for a bus of `shape`.
    tlm_to_axi_base(const sc_core::sc_module_name &name, const axi_shape &shape);

    // At each rising edge of the clock: everything is sampled at it and driven from it. The reset
    // is active low.
    void edge(axi_pins &pins, pin_level aresetn)
    {
        if (!*rests_ || aresetn != pin_level::high)
            pass(pins, aresetn);
    }
    // The initiator before the socket.
    virtual tlm::tlm_bw_transport_if<> &initiator() = 0;
    // Where debug transport goes; nullptr: nowhere.
    virtual tlm::tlm_fw_transport_if<> *backdoor_target() = 0;

  private:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) override;
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    unsigned transport_dbg(tlm::tlm_generic_payload &payload) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

    void pass(axi_pins &pins, pin_level aresetn);

    std::unique_ptr<axi_issue> issue_;
    const bool *const rests_; // of issue_: the next edge changes nothing, if nothing comes
};

// A manager on a bus of configuration C (axi_config.hpp), with pins of STYLE (pin_style.hpp). Takes
// any length, address, byte enables and streaming width, by b_transport from many processes and by
// the four-phase base protocol; smmu::attributes become signals of requests (axi_attributes.hpp).
//
// A payload becomes bursts that transfer its bytes and no others, none of which crosses 4 KiB: a
// wrapping one for wrap_beat, fixed ones for a streaming width that a transfer can have, else
// incrementing ones; maintenance is a burst for each cache line. Reads and writes are issued
// independently, each in the order they come. AxID is attributes::id, its low bits if there are
// more; transactions of one direction and ID end in the order they came.
//
// - DECERR is answered with TLM_ADDRESS_ERROR_RESPONSE, SLVERR and others with
//   TLM_GENERIC_ERROR_RESPONSE; of several bursts the first error counts.
// - What the bus cannot say is not sent, but answered with an error and reported as a warning with
//   axi_refused_id: attributes that do not fit, addresses beyond it, atomics and maintenance
//   that it does not have, an exclusive access that is no burst, a wrapping burst that breaks the
//   rules of attributes::wrap_beat (TLM_BURST_ERROR_RESPONSE). Hints that it does not have end with
//   success.
// - A smmu::atomic_access becomes an atomic transaction, and a smmu::compare_and_swap an
//   AtomicCompare, where the bus has them; it is sent when nothing else of its ID is outstanding
//   (IHI 0022 L A6.4.4). Elsewhere a compare_and_swap is the read that carries it.
// - A smmu::exclusive_access sets AxLOCK, but on a bus without it, and where the memory is
//   Shareable, which AXI forbids (A6.3.3; IHI 0070 16.7.3): these are accesses like others, and
//   have not succeeded.
// - What is in flight when a reset begins ends with TLM_GENERIC_ERROR_RESPONSE. What comes in reset
//   waits for its end.
// - Pins have no debug transport: it goes out of `backdoor`, if that is bound, at the same address.
//   There is no DMI.
template <class C, class STYLE = two_state, unsigned BUSWIDTH = 32>
class tlm_to_axi : public tlm_to_axi_base {
  public:
    // The clock, whose rising edge everything is sampled at and driven from.
    sc_core::sc_in<bool> ACLK{"ACLK"};
    sc_core::sc_in<typename STYLE::template value<1>> ARESETn{"ARESETn"}; // active low
    axi_manager_pins<C, STYLE> axi;                                       // the bus
    tlm::tlm_target_socket<BUSWIDTH> socket{"socket"};                    // to the initiator
    // To the memory behind the bus, for debug transport; may stay unbound.
    tlm::tlm_initiator_socket<BUSWIDTH, tlm::tlm_base_protocol_types, 1,
                              sc_core::SC_ZERO_OR_MORE_BOUND>
        backdoor{"backdoor"};

    // Makes a bridge without anything in flight.
    explicit tlm_to_axi(const sc_core::sc_module_name &name)
        : tlm_to_axi_base(name, axi_shape::of<C>())
    {
        socket.bind(*this);
        backdoor.bind(*this);
        SC_HAS_PROCESS(tlm_to_axi);
        SC_METHOD(clocked);
        this->sensitive << ACLK.pos();
        this->dont_initialize();
    }

  private:
    void clocked() { edge(axi, level_of(ARESETn.read())); }
    tlm::tlm_bw_transport_if<> &initiator() override { return *socket.operator->(); }
    tlm::tlm_fw_transport_if<> *backdoor_target() override
    {
        return backdoor.size() ? backdoor.operator->() : nullptr;
    }
};

// The same for a model that is evaluated by a call for each cycle: see axi_to_tlm_stepped. There is
// no back door.
template <class C, unsigned BUSWIDTH = 32> class tlm_to_axi_stepped : public tlm_to_axi_base {
  public:
    tlm::tlm_target_socket<BUSWIDTH> socket{"socket"}; // to the initiator

    // Makes a bridge without anything in flight.
    explicit tlm_to_axi_stepped(const sc_core::sc_module_name &name)
        : tlm_to_axi_base(name, axi_shape::of<C>())
    {
        socket.bind(*this);
    }

    using tlm_to_axi_base::edge;
    using tlm_to_axi_base::is_quiet;

  private:
    tlm::tlm_bw_transport_if<> &initiator() override { return *socket.operator->(); }
    tlm::tlm_fw_transport_if<> *backdoor_target() override { return nullptr; }
};

} // namespace smmu::pins

#endif
