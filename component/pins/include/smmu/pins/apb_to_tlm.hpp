// SPDX-License-Identifier: Apache-2.0
// From the pins of APB to TLM: what a requester asks for is sent out of an initiator socket.
#ifndef SMMU_PINS_APB_TO_TLM_HPP
#define SMMU_PINS_APB_TO_TLM_HPP

#include <cstddef>
#include <memory>

#include <systemc>
#include <tlm>

#include "smmu/pins/apb_bundle.hpp"

namespace smmu::pins {

class apb_gather;

// An apb_to_tlm but for its pins and its socket.
class apb_to_tlm_base : public sc_core::sc_module, protected tlm::tlm_bw_transport_if<> {
  public:
    ~apb_to_tlm_base() override;

    // Transfers that TLM has not answered; those that a reset has made it forget are among them.
    std::size_t pending() const;

  protected:
    // Makes a bridge for a bus of so many bytes of data.
    apb_to_tlm_base(const sc_core::sc_module_name &name, unsigned bytes);

    // At each rising edge of the clock: everything is sampled at it and driven from it. The reset
    // is active low.
    void edge(apb_answering_pins &pins, pin_level presetn);
    // The target behind the socket.
    virtual tlm::tlm_fw_transport_if<> &target() = 0;

  private:
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

    std::unique_ptr<apb_gather> gather_;
};

// A completer on a bus of configuration C (apb_bundle.hpp), with pins of STYLE (pin_style.hpp): the
// programming port of a model in TLM. A transfer becomes a transaction of the four-phase base
// protocol, of one word; PREADY is low until it has been answered.
//
// - PSTRB becomes byte enables; a write without any ends at once. PPROT, and PNSE if there is one,
//   become `priv`, `pas` and `instr` of smmu::attributes. PWAKEUP is not needed.
// - An error becomes PSLVERR.
// - In reset a transfer is forgotten: it ends in TLM by itself.
template <class C, class STYLE = two_state, unsigned BUSWIDTH = 32>
class apb_to_tlm : public apb_to_tlm_base {
  public:
    // The clock, whose rising edge everything is sampled at and driven from.
    sc_core::sc_in<bool> PCLK{"PCLK"};
    sc_core::sc_in<typename STYLE::template value<1>> PRESETn{"PRESETn"}; // active low
    apb_completer_pins<C, STYLE> apb;                                     // the bus
    tlm::tlm_initiator_socket<BUSWIDTH> socket{"socket"};                 // to the target

    // Makes a bridge without anything in flight.
    explicit apb_to_tlm(const sc_core::sc_module_name &name)
        : apb_to_tlm_base(name, C::data_width / 8)
    {
        socket.bind(*this);
        SC_HAS_PROCESS(apb_to_tlm);
        SC_METHOD(clocked);
        this->sensitive << PCLK.pos();
        this->dont_initialize();
    }

  private:
    void clocked() { edge(apb, level_of(PRESETn.read())); }
    tlm::tlm_fw_transport_if<> &target() override { return *socket.operator->(); }
};

} // namespace smmu::pins

#endif
