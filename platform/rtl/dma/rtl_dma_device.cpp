// SPDX-License-Identifier: Apache-2.0
// The DMA engine in RTL as a device of the machine.
#include "rtl_dma_device.hpp"

#include "Vrtl_dma.h"
#include "rtl_stepper.hpp"
#include "rtl_trace.hpp"
#include "smmu/pins/axi_checker.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/pins/tlm_to_axi.hpp"

#define SMMU_AXI_TO_MODEL   registers_to_model
#define SMMU_AXI_FROM_MODEL registers_from_model
#define SMMU_AXI_PREFIX     s_
#include "smmu/pins/axi_model_values.hpp"
#define SMMU_AXI_TO_MODEL   memory_to_model
#define SMMU_AXI_FROM_MODEL memory_from_model
#define SMMU_AXI_PREFIX     m_
#include "smmu/pins/axi_model_values.hpp"

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

class rtl_dma_device final : public sc_core::sc_module,
                             public device,
                             private rtl_steps_of<rtl_dma_device> {
    friend rtl_steps_of<rtl_dma_device>;
    static constexpr auto manager = smmu::pins::axi_side::manager;
    static constexpr auto subordinate = smmu::pins::axi_side::subordinate;

  public:
    rtl_dma_device(const sc_core::sc_module_name &name, const sc_core::sc_time &period,
                   const std::string &trace_file)
        : sc_module(name), clock_("clock", period, *this), half_(period / 2),
          trace_(model_, trace_file)
    {
        SC_HAS_PROCESS(rtl_dma_device);
        SC_METHOD(wake);
        sensitive << to_registers_.arrival();
        dont_initialize();
    }

    std::vector<target *> regs() override { return {&to_registers_.socket}; }
    std::vector<initiator *> masters() override { return {&to_memory_.socket}; }
    std::vector<wire_out *> irqs() override { return {&irq_out_}; }
    std::vector<counter> counters() const override { return {{"cycles", clock_.cycles()}}; }
    std::vector<std::string> files() const override { return trace_.files(); }

  private:
    // What looks on goes before what drives.
    void cycle(bool reset_n, const sc_core::sc_time &rises) override
    {
        const smmu::pins::pin_level level =
            reset_n ? smmu::pins::pin_level::high : smmu::pins::pin_level::low;
        memory_checker_.edge(memory_, level);
        register_checker_.edge(registers_, level);
        to_memory_.edge(memory_, level);
        to_registers_.edge(registers_, level);

        model_.clk = 1;
        model_.rst_n = reset_n;
        model_.eval();
        memory_to_model<rtl_dma_bus, manager>(memory_, model_);
        registers_to_model<rtl_dma_registers, subordinate>(registers_, model_);
        if (trace_.is_on()) {
            model_.eval();
            trace_.note(rises);
        }
        model_.clk = 0;
        model_.eval();
        trace_.note(rises + half_);
        memory_from_model<rtl_dma_bus, manager>(model_, memory_);
        registers_from_model<rtl_dma_registers, subordinate>(model_, registers_);
    }

    bool wanted() const override
    {
        return model_.busy || to_memory_.in_flight() != 0 || to_registers_.in_flight() != 0;
    }
    bool is_quiet() const override
    {
        return to_memory_.is_quiet(memory_) && to_registers_.is_quiet(registers_);
    }
    bool has_news() const override { return model_.irq != told_irq_; }
    void publish() override
    {
        told_irq_ = model_.irq;
        if (irq_out_.size() != 0)
            irq_out_->write(told_irq_);
    }
    void wake() { clock_.wake(); }

    rtl_stepper clock_;
    const sc_core::sc_time half_;
    smmu::pins::axi_values registers_ = smmu::pins::axi_values::of<rtl_dma_registers>();
    smmu::pins::axi_values memory_ = smmu::pins::axi_values::of<rtl_dma_bus>();
    Vrtl_dma model_;
    smmu::pins::tlm_to_axi_stepped<rtl_dma_registers> to_registers_{"to_registers"};
    smmu::pins::axi_to_tlm_stepped<rtl_dma_bus> to_memory_{"to_memory"};
    smmu::pins::axi_checker_stepped<rtl_dma_bus> memory_checker_{"memory_checker"};
    smmu::pins::axi_checker_stepped<rtl_dma_registers> register_checker_{"register_checker"};
    bool told_irq_ = false;
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
