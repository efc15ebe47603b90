// SPDX-License-Identifier: Apache-2.0
// The GICv3 as a SystemC module: two register frames, SPI inputs, lines to the PEs, a bus master.
#ifndef VP_GIC_HPP
#define VP_GIC_HPP

#include <functional>
#include <memory>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>

#include "gic/gic.h"
#include "vp/device.hpp"
#include "vp/gic_cpuif.h"
#include "vp/register_socket.hpp"

namespace vp {

class gic : public sc_core::sc_module, public device {
  public:
    using wire_in =
        sc_core::sc_port<sc_core::sc_signal_in_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

    // `affinities`: Aff1 and Aff0 of each PE, as its MPIDR_EL1 has them. `lpis`: there is an ITS
    // that sends LPIs. Throws std::invalid_argument for what the kernel does not support.
    gic(const sc_core::sc_module_name &name, const std::vector<std::uint32_t> &affinities,
        unsigned spis, bool lpis = false);

    // To the LPI tables in memory.
    tlm_utils::simple_initiator_socket<gic> bus{"bus"};

    // The distributor, then all redistributors, GIC_REDIST_SIZE bytes each.
    std::vector<target *> regs() override { return {&dist_, &redist_}; }
    std::vector<initiator *> masters() override { return {&bus}; }

    // Input of SPI n (INTID 32 + n); may stay unbound. Changes of a vp::wire arrive at once, those
    // of a signal in the next delta cycle.
    wire_in &spi(unsigned n) { return spis_[n]; }

    // Call `set` whenever an output to a PE (enum gic_line) changes; all start low.
    // It is called from inside the register access or wire change that causes it.
    void connect_pe(unsigned pe, std::function<void(unsigned line, bool level)> set);

    // The system registers of a PE; valid as long as this module.
    vp_gic_cpuif cpuif(unsigned pe);

    // Level of a private peripheral interrupt, ppi 0 to 15 (INTID 16 + ppi).
    void set_ppi(unsigned pe, unsigned ppi, bool level);

    // Wakes the redistributor of a PE, before the simulation starts.
    void wake(unsigned pe) { gic_wake(core_.get(), pe); }

    // The kernel, for an ITS.
    ::gic &core() { return *core_; }

  private:
    void end_of_elaboration() override;
    void start_of_simulation() override;
    void watch(unsigned spi);
    static vp_status on_read(void *user, std::uint64_t addr, void *data, std::uint32_t size,
                             unsigned stream, std::uint32_t ssid);
    static vp_status on_write(void *user, std::uint64_t addr, const void *data, std::uint32_t size,
                              unsigned stream, std::uint32_t ssid);
    static void on_line(void *user, unsigned line, bool level);

    std::vector<std::function<void(unsigned, bool)>> pes_;
    std::unique_ptr<::gic, void (*)(::gic *)> core_;
    register_socket dist_;
    register_socket redist_;
    sc_core::sc_vector<wire_in> spis_;
};

} // namespace vp

#endif
