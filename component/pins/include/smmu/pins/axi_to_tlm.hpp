// SPDX-License-Identifier: Apache-2.0
// From the pins of AXI to TLM: what a manager of AXI asks for is sent out of an initiator socket.
#ifndef SMMU_PINS_AXI_TO_TLM_HPP
#define SMMU_PINS_AXI_TO_TLM_HPP

#include <cstddef>
#include <memory>

#include <systemc>
#include <tlm>

#include "smmu/pins/axi_bridge.hpp"
#include "smmu/pins/axi_bundle.hpp"
#include "smmu/pins/axi_values.hpp"
#include "smmu/pins/exclusive_monitor.hpp"

namespace smmu::pins {

class axi_gather;

// An axi_to_tlm but for its pins and its socket.
class axi_to_tlm_base : public sc_core::sc_module, protected tlm::tlm_bw_transport_if<> {
  public:
    ~axi_to_tlm_base() override;

    // Limits from now on. READY of a request channel is low while as many are outstanding. A limit
    // of 0 is an SC_ERROR, and changes nothing.
    void set_outstanding(const axi_outstanding &limits);
    // Slows it down; without one, it is as fast as it can.
    void set_throttle(const axi_throttle &throttle);
    // Whom exclusive accesses are granted by, which must outlive the bridge; nullptr, as at first:
    // the target, by smmu::exclusive_access.
    void set_monitor(exclusive_monitor *monitor);

    // Transactions whose request has been taken and whose last response has not.
    std::size_t in_flight() const;
    // The same, and those that a reset has made it forget and TLM has not answered.
    std::size_t pending() const;

  protected:
    // Whether the next edge asks nothing of TLM, with these pins, which then stay as they are.
    bool is_quiet(const axi_pins &pins) const;
    bool is_quiet(const axi_values &pins) const; // likewise

    // Makes a bridge for a bus of `shape`.
    axi_to_tlm_base(const sc_core::sc_module_name &name, const axi_shape &shape);

    // At each rising edge of the clock: everything is sampled at it and driven from it. The reset
    // is active low.
    void edge(axi_pins &pins, pin_level aresetn);
    void edge(axi_values &pins, pin_level aresetn); // likewise
    // The target behind the socket.
    virtual tlm::tlm_fw_transport_if<> &target() = 0;

  private:
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

    std::unique_ptr<axi_gather> gather_;
};

// A subordinate of a bus of configuration C (axi_config.hpp), with pins of STYLE (pin_style.hpp).
// Each burst becomes one transaction of the four-phase base protocol with smmu::attributes
// (axi_attributes.hpp): a fixed burst one whose streaming width is less than its length, a wrapping
// one with wrap_beat; strobes that are low become byte enables.
//
// Requests are sent in the order they come, a write when its last data have come. Responses leave
// in the order they come; those of one ID and direction in the order of the requests.
//
// - Write data are taken when their request has been.
// - TLM_ADDRESS_ERROR_RESPONSE is answered with DECERR, other errors with SLVERR.
// - Exclusive accesses carry a smmu::exclusive_access, and are answered with EXOKAY if it has
//   succeeded, else with OKAY, which tells the manager that they have failed (IHI 0022 L A6.3.4).
//   With set_monitor() the bridge itself grants them, and does not send writes that fail.
// - Atomic transactions carry a smmu::atomic_access. If the target does not know them, the bridge
//   makes the update by debug transport when the response comes; where there is none, they are
//   answered with SLVERR and reported like the following.
// - Requests that break a rule of AXI, and those with AxMMUVALID low on a bus that has it are not
//   sent, but answered with SLVERR and reported as a warning with axi_refused_id.
//   StashTranslation is answered with OKAY and not sent.
// - In reset everything is forgotten. What has been sent by then ends in TLM by itself, what has
//   not is never sent.
template <class C, class STYLE = two_state, unsigned BUSWIDTH = 32>
class axi_to_tlm : public axi_to_tlm_base {
  public:
    // The clock, whose rising edge everything is sampled at and driven from.
    sc_core::sc_in<bool> ACLK{"ACLK"};
    sc_core::sc_in<typename STYLE::template value<1>> ARESETn{"ARESETn"}; // active low
    axi_subordinate_pins<C, STYLE> axi;                                   // the bus
    tlm::tlm_initiator_socket<BUSWIDTH> socket{"socket"};                 // to the target

    // Makes a bridge without anything in flight.
    explicit axi_to_tlm(const sc_core::sc_module_name &name)
        : axi_to_tlm_base(name, axi_shape::of<C>())
    {
        socket.bind(*this);
        SC_HAS_PROCESS(axi_to_tlm);
        SC_METHOD(clocked);
        this->sensitive << ACLK.pos();
        this->dont_initialize();
    }

  private:
    void clocked() { edge(axi, level_of(ARESETn.read())); }
    tlm::tlm_fw_transport_if<> &target() override { return *socket.operator->(); }
};

// The same for a model that is evaluated by a call for each cycle: the pins are axi_values, or
// others of any kind, and whoever calls the model calls the bridge.
template <class C, unsigned BUSWIDTH = 32> class axi_to_tlm_stepped : public axi_to_tlm_base {
  public:
    tlm::tlm_initiator_socket<BUSWIDTH> socket{"socket"}; // to the target

    // Makes a bridge without anything in flight.
    explicit axi_to_tlm_stepped(const sc_core::sc_module_name &name)
        : axi_to_tlm_base(name, axi_shape::of<C>())
    {
        socket.bind(*this);
    }

    using axi_to_tlm_base::edge;
    using axi_to_tlm_base::is_quiet;

  private:
    tlm::tlm_fw_transport_if<> &target() override { return *socket.operator->(); }
};

} // namespace smmu::pins

#endif
