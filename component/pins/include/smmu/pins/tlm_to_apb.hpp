// SPDX-License-Identifier: Apache-2.0
// From TLM to the pins of APB: what comes by a target socket is asked for as a requester of APB.
#ifndef SMMU_PINS_TLM_TO_APB_HPP
#define SMMU_PINS_TLM_TO_APB_HPP

#include <cstddef>
#include <memory>

#include <systemc>
#include <tlm>

#include "smmu/pins/apb_bundle.hpp"

namespace smmu::pins {

class apb_issue;

// A tlm_to_apb but for its pins and its socket.
class tlm_to_apb_base : public sc_core::sc_module, protected tlm::tlm_fw_transport_if<> {
  public:
    ~tlm_to_apb_base() override;

    // Transactions of TLM that have come and have not been answered.
    std::size_t in_flight() const;
    // Notified when one comes: what stops the clock starts it again.
    const sc_core::sc_event &arrival() const;

  protected:
    // Makes a bridge for a bus of so many bytes of data and bits of address, with or without PNSE.
    tlm_to_apb_base(const sc_core::sc_module_name &name, unsigned bytes, unsigned address_width,
                    bool realms);

    // At each rising edge of the clock: everything is sampled at it and driven from it. The reset
    // is active low.
    void edge(apb_pins &pins, pin_level presetn);
    // The initiator before the socket.
    virtual tlm::tlm_bw_transport_if<> &initiator() = 0;

  private:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) override;
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    unsigned transport_dbg(tlm::tlm_generic_payload &payload) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi) override;

    std::unique_ptr<apb_issue> issue_;
};

// A requester on a bus of configuration C (apb_bundle.hpp), with pins of STYLE (pin_style.hpp), for
// the programming port of a device in RTL. Takes any length, address and byte enables, by
// b_transport from many processes and by the four-phase base protocol; one transfer after the
// other.
//
// A payload becomes a transfer for each word of the bus that has bytes of it that are enabled, at
// rising addresses. Writes have PSTRB; a read of a part of a word reads all of it. PPROT and PNSE
// are those of smmu::attributes. PWAKEUP is high while PSEL is.
//
// - PSLVERR is answered with TLM_GENERIC_ERROR_RESPONSE, and ends the payload.
// - Addresses beyond the bus are answered with TLM_ADDRESS_ERROR_RESPONSE, streaming and no length
//   with TLM_BURST_ERROR_RESPONSE, what is neither read nor write with TLM_COMMAND_ERROR_RESPONSE,
//   a physical address space that a bus without PNSE cannot say, Realm or Root, with
//   TLM_GENERIC_ERROR_RESPONSE; nothing is transferred then.
// - What is in flight when a reset begins ends with TLM_GENERIC_ERROR_RESPONSE. What comes in reset
//   waits for its end.
// - There is neither debug transport nor DMI.
template <class C, class STYLE = two_state, unsigned BUSWIDTH = 32>
class tlm_to_apb : public tlm_to_apb_base {
  public:
    // The clock, whose rising edge everything is sampled at and driven from.
    sc_core::sc_in<bool> PCLK{"PCLK"};
    sc_core::sc_in<typename STYLE::template value<1>> PRESETn{"PRESETn"}; // active low
    apb_requester_pins<C, STYLE> apb;                                     // the bus
    tlm::tlm_target_socket<BUSWIDTH> socket{"socket"};                    // to the initiator

    // Makes a bridge without anything in flight.
    explicit tlm_to_apb(const sc_core::sc_module_name &name)
        : tlm_to_apb_base(name, C::data_width / 8, C::address_width, C::realms)
    {
        socket.bind(*this);
        SC_HAS_PROCESS(tlm_to_apb);
        SC_METHOD(clocked);
        this->sensitive << PCLK.pos();
        this->dont_initialize();
    }

  private:
    void clocked() { edge(apb, level_of(PRESETn.read())); }
    tlm::tlm_bw_transport_if<> &initiator() override { return *socket.operator->(); }
};

} // namespace smmu::pins

#endif
