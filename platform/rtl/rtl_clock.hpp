// SPDX-License-Identifier: Apache-2.0
// Clock and reset of a model of RTL. The clock stands while the model has nothing to do, so that it
// costs the simulation nothing.
#ifndef VP_RTL_CLOCK_HPP
#define VP_RTL_CLOCK_HPP

#include <cstdint>
#include <functional>

#include <systemc>

namespace vp {

class rtl_clock : public sc_core::sc_module {
  public:
    // Cycles in reset at the beginning, and those that the clock runs on without being wanted.
    static constexpr unsigned reset_cycles = 4;
    static constexpr unsigned extra_cycles = 2;

    // Edges rise at multiples of `period`, which is not zero. `wanted`, which is asked in each
    // cycle, says whether the model or a bridge at it has something to do; without it the clock
    // never stands.
    rtl_clock(const sc_core::sc_module_name &name, const sc_core::sc_time &period,
              std::function<bool()> wanted = {});

    sc_core::sc_signal<bool> clk{"clk"};
    sc_core::sc_signal<bool> reset_n{"reset_n"}; // active low

    // Lets it run: something has come that `wanted` knows of.
    void wake();

    // Rising edges so far.
    std::uint64_t cycles() const { return cycles_; }

  private:
    void tick();
    sc_core::sc_time to_next_edge() const;

    const sc_core::sc_time period_;
    const std::function<bool()> wanted_;
    sc_core::sc_event woken_;
    std::uint64_t cycles_ = 0;
    unsigned idle_ = 0; // cycles in a row
    bool stands_ = false;
};

} // namespace vp

#endif
