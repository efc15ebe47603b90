// SPDX-License-Identifier: Apache-2.0
// The PL031 as a SystemC module: one register frame, one interrupt, simulated time.
#ifndef VP_PL031_HPP
#define VP_PL031_HPP

#include <cstdint>
#include <memory>

#include "pl031/pl031.h"
#include "vp/device.hpp"
#include "vp/register_socket.hpp"

namespace vp {

class pl031 : public sc_core::sc_module, public device {
  public:
    // The clock's reading when simulated time begins, in seconds since 1970: 1 January 2025.
    static constexpr std::uint32_t default_epoch = 1735689600;

    explicit pl031(const sc_core::sc_module_name &name, std::uint32_t epoch = default_epoch);

    std::vector<target *> regs() override { return {&socket_}; }
    std::vector<wire_out *> irqs() override { return {&irq_}; }

  private:
    static std::uint64_t on_now(void *user);
    static void on_set_alarm(void *user, std::uint64_t second);
    static void on_irq(void *user, unsigned line, bool level);

    sc_core::sc_event alarm_;
    wire_out irq_;
    std::unique_ptr<::pl031, void (*)(::pl031 *)> core_;
    register_socket socket_;
};

// Factory for "arm,pl031": `vp,epoch` is what the clock shows at the start.
std::unique_ptr<device> make_pl031(const dt_node &node, const char *name);

} // namespace vp

#endif
