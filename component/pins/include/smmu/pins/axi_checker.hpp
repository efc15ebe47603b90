// SPDX-License-Identifier: Apache-2.0
// Checks that both sides of an AXI bus keep to its rules.
#ifndef SMMU_PINS_AXI_CHECKER_HPP
#define SMMU_PINS_AXI_CHECKER_HPP

#include <cstddef>
#include <cstdint>
#include <memory>

#include <systemc>

#include "smmu/pins/axi_bundle.hpp"
#include "smmu/pins/axi_values.hpp"

namespace smmu::pins {

class axi_watch;

// How long things may take, in cycles; 0: for ever, as AXI has it.
struct axi_limits {
    std::uint64_t ready = 0;    // from VALID to READY
    std::uint64_t response = 0; // from the request of a transaction to its last response
};

// A checker but for its pins, which axi_checker adds.
class axi_checker_base : public sc_core::sc_module {
  public:
    ~axi_checker_base() override;

    // Limits from now on; at first there are none.
    void set_limits(const axi_limits &limits);

    // Breaches that have been reported here.
    std::uint64_t complaints() const;
    // Rising edges of the clock so far.
    std::uint64_t cycles() const;
    // Transactions that are outstanding. None is right at the end of most simulations, but no rule.
    std::size_t in_flight() const;

  protected:
    // Makes a checker that has seen nothing, of a bus of `shape`.
    axi_checker_base(const sc_core::sc_module_name &name, const axi_shape &shape);

    // At each rising edge of the clock. The reset is active low.
    void edge(const axi_pins &pins, pin_level aresetn);
    void edge(const axi_values &pins, pin_level aresetn); // likewise

  private:
    std::unique_ptr<axi_watch> watch_;
};

// Looks at a bus of configuration C (axi_config.hpp), with pins of STYLE (pin_style.hpp). It drives
// nothing and can be put on any bus, with or without bridges.
//
// A breach is an SC_ERROR, which ends the simulation unless sc_report_handler says otherwise. Its
// id names the rule ("/smmu/pins/axi/valid_held"; all are rows of axi_rules.def), its text the
// checker, the signal, the cycle (the number of the rising edge, from 1) and the section. One
// breach is reported once, where it is first seen.
//
// In reset, and where it is X or Z, nothing else is checked but that VALID is low, from the second
// edge on: what resets synchronously needs one. Transactions are forgotten.
//
// An unaligned burst may write the lanes from its address on, not all of its container: that is
// what the issues of IHI 0022 agree on (A3.1.7 of Issue L, A3.4.3 of Issue H).
template <class C, class STYLE = two_state> class axi_checker : public axi_checker_base {
  public:
    // The clock, whose rising edge everything is sampled at.
    sc_core::sc_in<bool> ACLK{"ACLK"};
    sc_core::sc_in<typename STYLE::template value<1>> ARESETn{"ARESETn"}; // active low
    axi_monitor_pins<C, STYLE> axi;                                       // the bus

    // Makes a checker that has seen nothing.
    explicit axi_checker(const sc_core::sc_module_name &name)
        : axi_checker_base(name, axi_shape::of<C>())
    {
        SC_HAS_PROCESS(axi_checker);
        SC_METHOD(clocked);
        this->sensitive << ACLK.pos();
        this->dont_initialize();
    }

  private:
    void clocked() { edge(axi, level_of(ARESETn.read())); }
};

// The same for a bus whose cycles are calls: see axi_to_tlm_stepped. It is called before the
// bridges.
template <class C> class axi_checker_stepped : public axi_checker_base {
  public:
    // Makes a checker that has seen nothing.
    explicit axi_checker_stepped(const sc_core::sc_module_name &name)
        : axi_checker_base(name, axi_shape::of<C>())
    {
    }

    using axi_checker_base::edge;
};

} // namespace smmu::pins

#endif
