// SPDX-License-Identifier: Apache-2.0
// The access probe as a SystemC module: registers, and a window of memory whose accesses it
// watches.
#ifndef VP_PROBE_WINDOW_HPP
#define VP_PROBE_WINDOW_HPP

#include <cstdint>
#include <memory>

#include <tlm_utils/simple_target_socket.h>

#include "access_probe/access_probe.h"
#include "host_memory.hpp"
#include "vp/device.hpp"
#include "vp/register_socket.hpp"

namespace vp {

class probe_window : public sc_core::sc_module, public device {
  public:
    // The window has `size` bytes. It takes no time and grants no direct access, so that every
    // access is seen, but for those of debuggers.
    probe_window(const sc_core::sc_module_name &name, std::uint64_t size);

    std::vector<target *> regs() override { return {&registers_, &window_}; }

  private:
    void on_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    unsigned on_debug(tlm::tlm_generic_payload &trans) { return memory_.debug_access(trans); }

    host_memory memory_;
    std::unique_ptr<access_probe, void (*)(access_probe *)> core_;
    register_socket registers_;
    tlm_utils::simple_target_socket<probe_window> window_;
};

// Factory for "vp,access-probe": `reg` has the registers and the window.
std::unique_ptr<device> make_access_probe(const dt_node &node, const char *name);

} // namespace vp

#endif
