// SPDX-License-Identifier: Apache-2.0
// Checks that both sides of an APB bus keep to its rules.
#ifndef SMMU_PINS_APB_CHECKER_HPP
#define SMMU_PINS_APB_CHECKER_HPP

#include <cstddef>
#include <cstdint>
#include <optional>

#include <systemc>

#include "smmu/pins/apb_bundle.hpp"

namespace smmu::pins {

enum class apb_rule; // a row of apb_rules.def

// A checker but for its pins, which apb_checker adds.
class apb_checker_base : public sc_core::sc_module {
  public:
    // How many cycles of an access phase PREADY may be low from now on; 0, as at first: any number.
    void set_ready_limit(std::uint64_t cycles) { ready_limit_ = cycles; }

    // Breaches that have been reported here.
    std::uint64_t complaints() const { return complaints_; }
    // Rising edges of the clock so far.
    std::uint64_t cycles() const { return cycles_; }
    // Transfers that have ended.
    std::uint64_t transfers() const { return transfers_; }
    // Transfers that have begun and not ended: none or one.
    std::size_t in_flight() const { return begun_ ? 1 : 0; }

  protected:
    // Makes a checker that has seen nothing.
    explicit apb_checker_base(const sc_core::sc_module_name &name) : sc_module(name) {}

    // At each rising edge of the clock. The reset is active low.
    void edge(const apb_watched_pins &pins, pin_level presetn);

  private:
    void watch(const apb_sample &now);
    void begin(const apb_sample &now);
    void access(const apb_sample &now);
    void check_stable(const apb_sample &now);
    void check_request_known(const apb_sample &now);
    void end(const apb_sample &now);
    bool is_high(const apb_sample &now, apb_signal control);
    void complain(apb_rule broken, apb_signal signal);
    void complain(apb_rule broken, const char *signal);

    std::uint64_t ready_limit_ = 0;
    std::uint64_t complaints_ = 0;
    std::uint64_t cycles_ = 0;
    std::uint64_t transfers_ = 0;
    std::optional<apb_sample> begun_;           // the last cycle of a transfer that is under way
    std::uint64_t waits_ = 0;                   // cycles of its access phase
    std::optional<apb_signal> unknown_control_; // has been told
    bool reset_unknown_ = false;                // likewise
};

// Looks at a bus of configuration C (apb_bundle.hpp), with pins of STYLE (pin_style.hpp). It drives
// nothing and can be put on any bus, with or without bridges.
//
// A breach is an SC_ERROR, which ends the simulation unless sc_report_handler says otherwise. Its
// id names the rule ("/smmu/pins/apb/select_held"; all are rows of apb_rules.def), its text the
// checker, the signal, the cycle (the number of the rising edge, from 1) and the section. One
// breach is reported once, where it is first seen.
//
// While PSEL is low nothing else is checked: PENABLE may be about another completer of the same
// requester. In reset, and where it is X or Z, nothing is; a transfer is forgotten.
template <class C, class STYLE = two_state> class apb_checker : public apb_checker_base {
  public:
    // The clock, whose rising edge everything is sampled at.
    sc_core::sc_in<bool> PCLK{"PCLK"};
    sc_core::sc_in<typename STYLE::template value<1>> PRESETn{"PRESETn"}; // active low
    apb_monitor_pins<C, STYLE> apb;                                       // the bus

    // Makes a checker that has seen nothing.
    explicit apb_checker(const sc_core::sc_module_name &name) : apb_checker_base(name)
    {
        SC_HAS_PROCESS(apb_checker);
        SC_METHOD(clocked);
        this->sensitive << PCLK.pos();
        this->dont_initialize();
    }

  private:
    void clocked() { edge(apb, level_of(PRESETn.read())); }
};

} // namespace smmu::pins

#endif
