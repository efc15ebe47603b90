// SPDX-License-Identifier: Apache-2.0
// The DMA engine in RTL as a device of the machine.
#include "rtl_dma_device.hpp"

#include "Vrtl_dma.h"
#include "rtl_clock.hpp"
#include "rtl_trace.hpp"
#include "smmu/pins/axi_checker.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/pins/tlm_to_axi.hpp"

#define SMMU_AXI_BIND   bind_registers
#define SMMU_AXI_PREFIX s_
#include "smmu/pins/axi_model_pins.hpp"
#define SMMU_AXI_BIND   bind_memory
#define SMMU_AXI_PREFIX m_
#include "smmu/pins/axi_model_pins.hpp"

namespace vp {

namespace {

// Its bus to memory: AXI4 with the StreamID.
struct rtl_dma_bus : smmu::pins::axi4<64, 2, 64> {
    static constexpr bool exclusives = false;
    static constexpr bool qos = false;
    static constexpr bool regions = false;
    static constexpr unsigned response_width = 3;
    static constexpr unsigned untranslated = 3;
    static constexpr unsigned sid_width = 16;
};
using rtl_dma_registers = smmu::pins::axi4_lite<32, 12>;

class rtl_dma_device : public sc_core::sc_module, public device {
  public:
    rtl_dma_device(const sc_core::sc_module_name &name, const sc_core::sc_time &period,
                   const std::string &trace_file)
        : sc_module(name), clock_("clock", period, [this] { return is_busy(); }),
          trace_(model_, trace_file)
    {
        SC_HAS_PROCESS(rtl_dma_device);
        bind_registers(model_, registers_);
        bind_memory(model_, memory_);
        for (auto *bridge : {&to_memory_.ACLK, &to_registers_.ACLK, &memory_checker_.ACLK,
                             &register_checker_.ACLK, &model_.clk})
            bridge->bind(clock_.clk);
        for (auto *bridge : {&to_memory_.ARESETn, &to_registers_.ARESETn, &memory_checker_.ARESETn,
                             &register_checker_.ARESETn, &model_.rst_n})
            bridge->bind(clock_.reset_n);
        to_memory_.axi.bind(memory_);
        memory_checker_.axi.bind(memory_);
        register_checker_.axi.bind(registers_);
        to_registers_.axi.bind(registers_);
        model_.irq.bind(irq_);
        model_.busy.bind(busy_);
        SC_METHOD(wake);
        sensitive << to_registers_.arrival();
        dont_initialize();
        SC_METHOD(interrupt);
        sensitive << irq_;
        dont_initialize();
    }

    std::vector<target *> regs() override { return {&to_registers_.socket}; }
    std::vector<initiator *> masters() override { return {&to_memory_.socket}; }
    std::vector<wire_out *> irqs() override { return {&irq_out_}; }
    std::vector<counter> counters() const override { return {{"cycles", clock_.cycles()}}; }
    std::vector<std::string> files() const override { return trace_.files(); }

  private:
    bool is_busy() const
    {
        return busy_.read() || to_memory_.in_flight() != 0 || to_registers_.in_flight() != 0;
    }
    void wake() { clock_.wake(); }
    void interrupt()
    {
        if (irq_out_.size() != 0)
            irq_out_->write(irq_.read());
    }

    rtl_clock clock_;
    smmu::pins::axi_wires<rtl_dma_registers> registers_{"registers_"};
    smmu::pins::axi_wires<rtl_dma_bus> memory_{"memory_"};
    Vrtl_dma model_{"model"};
    smmu::pins::tlm_to_axi<rtl_dma_registers> to_registers_{"to_registers"};
    smmu::pins::axi_to_tlm<rtl_dma_bus> to_memory_{"to_memory"};
    smmu::pins::axi_checker<rtl_dma_bus> memory_checker_{"memory_checker"};
    smmu::pins::axi_checker<rtl_dma_registers> register_checker_{"register_checker"};
    sc_core::sc_signal<bool> irq_{"irq_wire"};
    sc_core::sc_signal<bool> busy_{"busy"};
    wire_out irq_out_{"irq"};
    rtl_trace<Vrtl_dma> trace_;
};

} // namespace

std::unique_ptr<device> make_rtl_dma(const dt_node &node, const char *name)
{
    const std::uint32_t period = node.u32("vp,period-ps", 10000);
    if (period < 2)
        node.fail("vp,period-ps", "must be 2 or more");
    try {
        return std::make_unique<rtl_dma_device>(name, sc_core::sc_time(period, sc_core::SC_PS),
                                                node.string("vp,trace-file", ""));
    } catch (const std::invalid_argument &error) {
        node.fail("vp,trace-file", error.what());
    }
}

} // namespace vp
