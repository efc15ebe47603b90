// SPDX-License-Identifier: Apache-2.0
// The ITS as a SystemC module: a register frame, a bus master, a process for its commands.
#ifndef VP_ITS_HPP
#define VP_ITS_HPP

#include <cstdint>
#include <memory>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "gic.hpp"
#include "gic/its.h"
#include "smmu/tlm/pace.hpp"
#include "vp/capabilities.hpp"
#include "vp/device.hpp"

namespace vp {

// A write to GITS_TRANSLATER is an interrupt of the device that its msi_extension names, of device
// 0 without one. A write that leaves commands to process returns when its delay has passed and the
// commands have had a delta cycle to be processed in: software that polls sees them done, however
// far its initiator runs ahead of time.
class its : public sc_core::sc_module, public device, public msi_controller {
  public:
    // `drop_errors`: commands with an error do not stall the queue.
    explicit its(const sc_core::sc_module_name &name, bool drop_errors = false);

    // Send LPIs to `g`, which has some and lives longer. Once, before the simulation starts.
    void attach(gic &g);
    void deliver_to(device &controller) override;

    std::vector<target *> regs() override { return {&socket_}; }
    std::vector<initiator *> masters() override { return {&bus}; }
    std::vector<counter> counters() const override;

    // To tables and command queue.
    tlm_utils::simple_initiator_socket<its> bus{"bus"};

  private:
    static vp_status on_read(void *user, std::uint64_t addr, void *data, std::uint32_t size,
                             unsigned stream, std::uint32_t ssid);
    static vp_status on_write(void *user, std::uint64_t addr, const void *data, std::uint32_t size,
                              unsigned stream, std::uint32_t ssid);
    static void on_defer(void *user);

    void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    unsigned transport_dbg(tlm::tlm_generic_payload &trans);
    void work();

    bool drop_errors_;
    std::unique_ptr<::its, void (*)(::its *)> core_{nullptr, its_destroy};
    tlm_utils::simple_target_socket<its> socket_{"regs"};
    sc_core::sc_event wake_;
    smmu::pace pace_;
    std::uint64_t rung_ = 0;   // times the kernel asked for its_run()
    std::uint64_t served_ = 0; // value of rung_ the last its_run() began with
};

// Factory for "arm,gic-v3-its". The machine attaches it to its GIC.
std::unique_ptr<device> make_its(const dt_node &node, const char *name);

} // namespace vp

#endif
