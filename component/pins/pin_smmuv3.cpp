// SPDX-License-Identifier: Apache-2.0
// A whole SMMU with pins: see smmu/pins/pin_smmuv3.hpp.
#include "smmu/pins/pin_smmuv3.hpp"

#include <string>
#include <utility>

namespace smmu::pins {

pin_smmuv3_base::pin_smmuv3_base(const sc_core::sc_module_name &module_name, std::uint32_t frame,
                                 std::size_t wires)
    : sc_module(module_name), frame_(frame), due_(wires), high_(wires)
{
    SC_HAS_PROCESS(pin_smmuv3_base);
    SC_METHOD(aclk_edge);
    sensitive << ACLK.pos();
    dont_initialize();
    SC_METHOD(pclk_edge);
    sensitive << PCLK.pos();
    dont_initialize();
    SC_METHOD(drive_state);
    sensitive << state_changed_;
    for (std::size_t i = 0; i < wires; i++) {
        pulses_.push_back(
            std::make_unique<sc_core::sc_signal<bool>>(("pulses_" + std::to_string(i)).c_str()));
        sc_core::sc_spawn_options options;
        options.spawn_method();
        options.dont_initialize();
        options.set_sensitivity(&pulses_.back()->posedge_event());
        sc_core::sc_spawn([this, i] { due_[i]++; }, ("pulse_" + std::to_string(i)).c_str(),
                          &options);
    }
}

pin_smmuv3_base::~pin_smmuv3_base() = default;

void pin_smmuv3_base::adopt(tlm_to_axi_base &to_pins)
{
    to_pins.refuse_in_reset();
    to_pins_.push_back(&to_pins);
}

void pin_smmuv3_base::adopt(std::function<std::size_t()> registers, tcu_base &tcu)
{
    registers_ = std::move(registers);
    tcu_ = &tcu;
}

void pin_smmuv3_base::watch_reset(sc_core::sc_port_base &input)
{
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.set_sensitivity(&input);
    sc_core::sc_spawn([this] { reset_changes(); }, "reset_changes", &options);
}

std::uint64_t pin_smmuv3_base::pmcg_page0(unsigned number) const
{
    return (frame_ + page_pitch - 1) / page_pitch * page_pitch + 2 * page_pitch * number;
}

std::vector<register_map_base::frame>
pin_smmuv3_base::places(const std::vector<smmu_pmcg_config> &groups) const
{
    constexpr std::uint64_t page = 0x1000;
    std::vector<register_map_base::frame> result = {{0, frame_}};
    for (unsigned i = 0; i < groups.size(); i++) {
        result.push_back({pmcg_page0(i), page});
        if (groups[i].reloc_ctrs)
            result.push_back({pmcg_page1(i), page});
    }
    return result;
}

void pin_smmuv3_base::set_outstanding(const axi_outstanding &limits)
{
    for (axi_to_tlm_base *each : from_pins_)
        each->set_outstanding(limits);
    for (tlm_to_axi_base *each : to_pins_)
        each->set_outstanding(limits);
}

void pin_smmuv3_base::set_throttle(const axi_throttle &throttle)
{
    for (axi_to_tlm_base *each : from_pins_)
        each->set_throttle(throttle);
    for (tlm_to_axi_base *each : to_pins_)
        each->set_throttle(throttle);
}

std::size_t pin_smmuv3_base::in_flight() const
{
    std::size_t all = registers_();
    for (const axi_to_tlm_base *each : from_pins_)
        all += each->in_flight();
    for (const tlm_to_axi_base *each : to_pins_)
        all += each->in_flight();
    return all;
}

// Whether what had begun before the reset has ended, in the SMMU too.
bool pin_smmuv3_base::is_drained() const
{
    std::size_t all = registers_();
    for (const axi_to_tlm_base *each : from_pins_)
        all += each->pending();
    for (const tlm_to_axi_base *each : to_pins_)
        all += each->in_flight();
    return all == 0 && tcu_->is_idle();
}

// It begins at once, whatever the clocks do.
void pin_smmuv3_base::reset_changes()
{
    if (state_ == state::asserted || aresetn() == pin_level::high)
        return;
    aclk_seen_ = pclk_seen_ = false;
    tcu_->reset();
    go(state::asserted);
}

void pin_smmuv3_base::pclk_edge()
{
    pclk_seen_ = true;
}

// The SMMU is reset again behind the last access to its registers. Bridges to memory come first: in
// reset they would refuse what the others bring.
void pin_smmuv3_base::aclk_edge()
{
    if (state_ == state::memory) {
        go(state::running);
    } else if (state_ == state::asserted && aclk_seen_ && pclk_seen_ &&
               aresetn() == pin_level::high && is_drained()) {
        tcu_->reset();
        go(state::memory);
    }
    aclk_seen_ = true;
    drive_wires();
}

void pin_smmuv3_base::go(state to)
{
    state_ = to;
    state_changed_.notify(sc_core::SC_ZERO_TIME);
}

// The only writer of these signals.
void pin_smmuv3_base::drive_state()
{
    drive_resets(state_ != state::asserted, state_ == state::running);
}

void pin_smmuv3_base::drive_wires()
{
    for (std::size_t i = 0; i < due_.size(); i++) {
        if (state_ != state::running)
            due_[i] = 0;
        high_[i] = !high_[i] && due_[i] != 0;
        if (high_[i])
            due_[i]--;
        drive_wire(i, high_[i]);
    }
}

} // namespace smmu::pins
