// SPDX-License-Identifier: Apache-2.0
// The DMA engine as a SystemC module: one register frame, a wire per channel, and a bus
// master for all channels or for each.
#ifndef VP_DMA_ENGINE_HPP
#define VP_DMA_ENGINE_HPP

#include <cstdint>
#include <memory>
#include <vector>

#include "dma/dma.h"
#include "vp/bus_master.hpp"
#include "vp/device.hpp"
#include "vp/register_socket.hpp"

namespace vp {

class dma_engine : public sc_core::sc_module, public device {
  public:
    struct options {
        std::vector<std::uint32_t> sids; // StreamID of each channel; as many as there are channels
        bool own_masters = false;        // each channel has a bus master of its own
        unsigned burst_bytes = 256;
        sc_core::sc_time burst_time{100, sc_core::SC_NS}; // of each burst moved; not zero, so that
                                                          // an endless transfer lets time pass
        bool approximate = false; // the coding style; by the other one there is one burst at a time
        unsigned outstanding = 1; // bursts of a channel under way, 1 to max_outstanding
    };
    static constexpr unsigned max_outstanding = 64;

    // Throws std::invalid_argument for options that make no sense.
    dma_engine(const sc_core::sc_module_name &name, const options &opts);

    std::vector<target *> regs() override { return {&socket_}; }
    std::vector<initiator *> masters() override;
    std::vector<wire_out *> irqs() override;
    std::vector<counter> counters() const override;

  private:
    // The processes that move the bursts of a channel beside its own.
    struct helpers {
        sc_core::sc_event wanted;
        sc_core::sc_event done;
        unsigned busy = 0;
    };

    static vp_status on_read(void *user, std::uint64_t addr, void *data, std::uint32_t size,
                             unsigned stream, std::uint32_t ssid);
    static vp_status on_write(void *user, std::uint64_t addr, const void *data, std::uint32_t size,
                              unsigned stream, std::uint32_t ssid);
    static void on_irq(void *user, unsigned line, bool level);
    static void on_start(void *user, unsigned channel);
    static void on_move(void *user, unsigned channel);

    dma *create();
    void serve(unsigned channel);
    void help(unsigned channel);
    void move(unsigned channel);
    vp_status transport(tlm::tlm_command command, std::uint64_t addr, void *data,
                        std::uint32_t size, unsigned stream, std::uint32_t ssid);

    options options_;
    // Carry an smmu::attributes extension with the channel's StreamID on every transaction.
    std::vector<std::unique_ptr<bus_master>> masters_;
    std::uint64_t bytes_ = 0;
    std::uint64_t bursts_ = 0;
    sc_core::sc_vector<wire_out> irqs_;
    std::vector<std::unique_ptr<sc_core::sc_event>> started_;
    std::vector<std::unique_ptr<helpers>> helpers_;
    std::unique_ptr<dma, void (*)(dma *)> core_;
    register_socket socket_;
};

// Factory for "vp,dma-engine"; docs/dma-engine.md lists the properties.
std::unique_ptr<device> make_dma_engine(const dt_node &node, const char *name);

} // namespace vp

#endif
