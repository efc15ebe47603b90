// SPDX-License-Identifier: Apache-2.0
// "vp,dma-port", the platform interface of a DMA function: the same engine reached by registers of
// the platform, with an interrupt line and a bus master beside those of PCI Express.
#ifndef VP_PCIE_DMA_PORT_HPP
#define VP_PCIE_DMA_PORT_HPP

#include <cstdint>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "pcie/pcie_ats.h"
#include "vp/device.hpp"
#include "vp/register_socket.hpp"

namespace vp {

class pcie_dma_function;

class pcie_dma_port : public sc_core::sc_module, public device {
  public:
    // Throws dt_error for an `iommus` without StreamIDs. Of several, ring r has number r modulo
    // their count.
    pcie_dma_port(const sc_core::sc_module_name &name, const dt_node &node);

    // Finds the function that `vp,function` names, and becomes its port.
    void connect(const finder &find) override;

    std::vector<target *> regs() override { return {&regs_}; }
    std::vector<initiator *> masters() override { return {&master_}; }
    std::vector<wire_out *> irqs() override { return {&irq_}; }
    std::vector<counter> counters() const override;

    const dt_node &node() const { return node_; }

    // --- from the function ---

    // Accesses of a ring, from a SystemC process; they return when their time is over. An error on
    // the bus is known of writes too: they are not posted.
    pcie_access_end read(unsigned ring, std::uint64_t addr, void *data, std::uint32_t size);
    pcie_access_end write(unsigned ring, std::uint64_t addr, const void *data, std::uint32_t size);

    void set_irq(bool level);

  private:
    pcie_access_end transport(tlm::tlm_command command, unsigned ring, std::uint64_t addr,
                              void *data, std::uint32_t size);

    dt_node node_;
    std::vector<std::uint32_t> sids_; // never empty
    pcie_dma_function *function_ = nullptr;
    register_socket regs_;
    tlm_utils::simple_initiator_socket<pcie_dma_port> master_;
    wire_out irq_;
    std::uint64_t read_bytes_ = 0;
    std::uint64_t written_bytes_ = 0;
};

// Factory for "vp,dma-port"; docs/pcie-dma.md lists the properties.
std::unique_ptr<device> make_dma_port(const dt_node &node, const char *name);

} // namespace vp

#endif
