// SPDX-License-Identifier: Apache-2.0
// The PL011 as a SystemC module: one register frame, one interrupt, characters to a function.
#ifndef VP_PL011_HPP
#define VP_PL011_HPP

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>

#include "pl011/pl011.h"
#include "vp/capabilities.hpp"
#include "vp/device.hpp"
#include "vp/register_socket.hpp"

namespace vp {

// Out of reset it is as a boot loader leaves it, enabled with 8 data bits and FIFOs: early console
// drivers rely on that. UARTCLK is 24 MHz; only the receive timeout depends on it.
class pl011 : public sc_core::sc_module, public device, public character_device {
  public:
    using sink = std::function<void(std::uint8_t)>;

    // Where characters go; standard output if nothing else is said.
    explicit pl011(const sc_core::sc_module_name &name, sink output = to_file(stdout));

    void set_output(sink output) { output_ = std::move(output); }

    // A sink that writes to `file` and flushes it after each line. The file stays the caller's. If
    // it cannot be written, the simulation stops, and ferror(file) tells why.
    static sink to_file(std::FILE *file);

    bool receive(std::uint8_t byte) override; // see pl011_receive()
    bool can_receive() const override { return pl011_can_receive(core_.get()); }

    std::vector<target *> regs() override { return {&socket_}; }
    std::vector<wire_out *> irqs() override { return {&irq_}; }
    std::vector<counter> counters() const override;

  private:
    static void on_tx(void *user, std::uint8_t byte);
    static void on_start_timeout(void *user, std::uint64_t cycles);
    static void on_irq(void *user, unsigned line, bool level);

    sink output_;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    sc_core::sc_event timeout_;
    wire_out irq_;
    std::unique_ptr<::pl011, void (*)(::pl011 *)> core_;
    register_socket socket_;
};

// Factory for "arm,pl011".
std::unique_ptr<device> make_pl011(const dt_node &node, const char *name);

} // namespace vp

#endif
