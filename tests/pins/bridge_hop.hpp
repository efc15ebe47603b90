// SPDX-License-Identifier: Apache-2.0
// From TLM to pins and back, with a checker on each side of each bridge.
#ifndef TESTS_PINS_BRIDGE_HOP_HPP
#define TESTS_PINS_BRIDGE_HOP_HPP

#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>

#include "buses.hpp"
#include "smmu/pins/axi_checker.hpp"
#include "smmu/pins/axi_request.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/pins/tlm_to_axi.hpp"
#include "smmu/tlm/protocol_checker.hpp"
#include "support/random.hpp"

namespace pins_test {

// What a bus can carry of smmu::attributes.
struct bus_words {
    bool streams;   // StreamID, SubstreamID, Security state
    bool domains;   // shareability
    bool pbha;      // Page-Based Hardware Attributes
    bool realms;    // physical address spaces of realms
    bool mpam;      // PARTID and PMG, and their space as MPAM_SP
    bool atomics;   // atomic operations
    unsigned ids;   // bits of ID
    unsigned bytes; // of a transfer
};

// A hop but for its configuration and style. Out of reset from the third edge on.
class bridge_hop : public sc_core::sc_module {
  public:
    bridge_hop(const sc_core::sc_module_name &name, const sc_core::sc_time &period);
    ~bridge_hop() override;

    smmu::protocol_checker<> up{"up"};     // an initiator is bound to it
    smmu::protocol_checker<> down{"down"}; // it is bound to a target

    virtual void reset(bool active) = 0;
    virtual bus_words words() const = 0;
    virtual smmu::pins::tlm_to_axi_base &to_pins() = 0;
    virtual smmu::pins::axi_to_tlm_base &from_pins() = 0;
    virtual smmu::pins::axi_checker_base &checker() = 0;
    virtual tlm::tlm_initiator_socket<32, tlm::tlm_base_protocol_types, 1,
                                      sc_core::SC_ZERO_OR_MORE_BOUND> &
    backdoor() = 0;

    // READY and VALID of both bridges come at random from now on.
    void stutter(std::uint64_t seed);
    // Everything that has begun has ended.
    bool idle();

    std::vector<smmu::pins::axi_request> requests; // that have been taken on the pins

  protected:
    virtual const smmu::pins::axi_pins &monitor() = 0;

    sc_core::sc_clock clock_;

  private:
    void watch();

    support::random_source chance_{0};
};

template <class C, class STYLE> class bridge_hop_of : public bridge_hop {
    using level = typename STYLE::template value<1>;

  public:
    bridge_hop_of(const sc_core::sc_module_name &name, const sc_core::sc_time &period)
        : bridge_hop(name, period)
    {
        to_pins_.ACLK(clock_);
        from_pins_.ACLK(clock_);
        checker_.ACLK(clock_);
        to_pins_.ARESETn(reset_n_);
        from_pins_.ARESETn(reset_n_);
        checker_.ARESETn(reset_n_);
        to_pins_.axi.bind(wires_);
        from_pins_.axi.bind(wires_);
        checker_.axi.bind(wires_);
        monitor_.bind(wires_);
        up.initiator_socket.bind(to_pins_.socket);
        from_pins_.socket.bind(down.target_socket);
    }

    void reset(bool active) override { reset_n_ = level(!active); }
    bus_words words() const override
    {
        return {C::untranslated != 0, C::domains, C::pbha,     C::realms,
                C::mpam_width == 12,  C::atomics, C::id_width, C::data_width / 8};
    }
    smmu::pins::tlm_to_axi_base &to_pins() override { return to_pins_; }
    smmu::pins::axi_to_tlm_base &from_pins() override { return from_pins_; }
    smmu::pins::axi_checker_base &checker() override { return checker_; }
    tlm::tlm_initiator_socket<32, tlm::tlm_base_protocol_types, 1, sc_core::SC_ZERO_OR_MORE_BOUND> &
    backdoor() override
    {
        return to_pins_.backdoor;
    }

  private:
    const smmu::pins::axi_pins &monitor() override { return monitor_; }

    smmu::pins::axi_wires<C, STYLE> wires_{"wires_"};
    smmu::pins::axi_monitor_pins<C, STYLE> monitor_{"monitor_"};
    sc_core::sc_signal<level> reset_n_{"reset_n", level(false)};
    smmu::pins::tlm_to_axi<C, STYLE> to_pins_{"to_pins"};
    smmu::pins::axi_to_tlm<C, STYLE> from_pins_{"from_pins"};
    smmu::pins::axi_checker<C, STYLE> checker_{"checker"};
};

} // namespace pins_test

#endif
