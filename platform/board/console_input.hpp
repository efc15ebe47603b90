// SPDX-License-Identifier: Apache-2.0
// Interactive use: what is typed reaches a UART, and simulated time does not outrun the clock on
// the wall.
#ifndef VP_CONSOLE_INPUT_HPP
#define VP_CONSOLE_INPUT_HPP

#include <cstdint>
#include <deque>

#include <systemc>

#include "bystander.hpp"
#include "console_keys.hpp"
#include "raw_terminal.hpp"
#include "vp/capabilities.hpp"
#include "vp/wall_clock.hpp"

namespace vp {

// A run with one of these depends on the host's clock and input, as wall_clock says.
class console_input : public sc_core::sc_module, public bystander {
  public:
    // Reads standard input, and puts it into raw mode for the lifetime of this object if it is a
    // terminal; at its end there is no more input. Standard output is no longer buffered. `uart`
    // must outlive this object.
    console_input(const sc_core::sc_module_name &name, character_device &uart);

    // The first UART among the children of `machine`; nullptr if there is none.
    static character_device *find_uart(const sc_core::sc_object &machine);

    // Reads while the simulation stands still; the user may quit then, too.
    int descriptor() const override;
    bool look() override;

  private:
    void run();
    bool wait_for_wall();
    void read_keys();

    raw_terminal terminal_;
    character_device &uart_;
    console_keys keys_;
    std::deque<std::uint8_t> typed_; // and not yet received by the UART
    bool ended_ = false;             // there is no more to read
    wall_clock wall_;
};

} // namespace vp

#endif
