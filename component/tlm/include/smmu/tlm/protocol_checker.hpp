// SPDX-License-Identifier: Apache-2.0
// Checks that both sides of a TLM-2.0 connection keep to the base protocol.
#ifndef SMMU_TLM_PROTOCOL_CHECKER_HPP
#define SMMU_TLM_PROTOCOL_CHECKER_HPP

#include <cstddef>
#include <cstdint>
#include <memory>

#include <systemc>
#include <tlm>

namespace smmu {

class protocol_hop;

// A protocol checker but for its sockets, which protocol_checker adds in the width of the bus.
class protocol_checker_base : public sc_core::sc_module,
                              protected tlm::tlm_fw_transport_if<>,
                              protected tlm::tlm_bw_transport_if<> {
  public:
    ~protocol_checker_base() override;

    // Breaches that have been reported here.
    std::uint64_t complaints() const;

    // Transactions that have begun here and not ended, of nb_transport and of b_transport. None is
    // right at the end of most simulations, but no rule of the protocol.
    std::size_t in_flight() const;

  protected:
    // Makes a checker that has seen nothing.
    explicit protocol_checker_base(const sc_core::sc_module_name &name);

    // The target behind the checker.
    virtual tlm::tlm_fw_transport_if<> &downstream() = 0;
    // The initiator before it.
    virtual tlm::tlm_bw_transport_if<> &upstream() = 0;

  private:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) override;
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    unsigned transport_dbg(tlm::tlm_generic_payload &payload) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

    std::unique_ptr<protocol_hop> hop_;
};

// Stands between an initiator socket and a target socket of BUSWIDTH bits, on any hop of a path,
// and passes on every call unchanged and in the same moment. Debug transport and DMI are not
// checked.
//
// A breach is an SC_ERROR, which ends the simulation unless sc_report_handler says otherwise. Its
// id names the rule ("/smmu/protocol/request_exclusion"; all are rows of protocol_rules.def), its
// text the checker and the address in the payload. One breach is reported once.
//
// What is checked is what one hop shows:
// - A phase counts where its annotated delay ends (sc_time_stamp() plus the delay), in calls and in
//   return paths, and a TLM_COMPLETED too. So a request must not begin before the end of the last
//   one in time either, even if END_REQ, an early BEGIN_RESP or TLM_COMPLETED has been seen.
// - A transaction that ends by TLM_COMPLETED in answer to its request has no response phase, which
//   could exclude others.
// - The address may change as soon as BEGIN_REQ is on its way: what lies behind the hop may be an
//   interconnect, which writes the address for the next hop into the same object, and then the
//   initiator can rely on it no more (IEEE 1666-2011 14.7). So it is not compared.
// - Data of a write, byte enables and all other attributes but response status, DMI hint and
//   extensions stay as they are from BEGIN_REQ until the response has been taken.
template <unsigned BUSWIDTH = 32> class protocol_checker : public protocol_checker_base {
  public:
    // The initiator is bound to it.
    tlm::tlm_target_socket<BUSWIDTH> target_socket{"target_socket"};
    // It is bound to the target.
    tlm::tlm_initiator_socket<BUSWIDTH> initiator_socket{"initiator_socket"};

    // Makes a checker that has seen nothing.
    explicit protocol_checker(const sc_core::sc_module_name &name) : protocol_checker_base(name)
    {
        target_socket.bind(*this);
        initiator_socket.bind(*this);
    }

  private:
    tlm::tlm_fw_transport_if<> &downstream() override { return *initiator_socket.operator->(); }
    tlm::tlm_bw_transport_if<> &upstream() override { return *target_socket.operator->(); }
};

// The usual width; the library has its code.
extern template class protocol_checker<32>;

} // namespace smmu

#endif
