// SPDX-License-Identifier: Apache-2.0
// An AXI bus whose two sides a test plays by hand, with a checker on it.
#ifndef TESTS_PINS_HAND_BUS_HPP
#define TESTS_PINS_HAND_BUS_HPP

#include <functional>

#include <systemc>

#include "../tlm/error_log.hpp"
#include "buses.hpp"
#include "smmu/pins/axi_bundle.hpp"
#include "smmu/pins/axi_checker.hpp"
#include "smmu/pins/axi_request.hpp"

namespace pins_test {

using smmu::pins::axi_request;

// A bus but for its configuration and style. Signals change between rising edges of the clock.
class hand_bus : public sc_core::sc_module {
  public:
    explicit hand_bus(const sc_core::sc_module_name &name);
    ~hand_bus() override;

    // Runs `test` in a process, out of reset.
    void run(const std::function<void()> &test);

    // Puts `beat` on a channel, with VALID; it stays until READY has been seen.
    void put(axi_channel channel, const axi_beat &beat);
    void put(const axi_request &request);
    void drop(axi_channel channel); // VALID goes at once
    void ready(axi_channel channel, bool high);
    // Until behind the next rising edge, `count` times.
    void cycle(unsigned count = 1);
    void reset(bool active);

    // The same with READY and a cycle.
    void send(axi_channel channel, const axi_beat &beat);
    void request(const axi_request &request);
    void data(unsigned strobe = 0xff, bool last = true);
    void answer_write(unsigned id, unsigned response = smmu::pins::AXI_OKAY);
    void answer_read(unsigned id, bool last = true, unsigned response = smmu::pins::AXI_OKAY);
    // A whole transaction.
    void write(const axi_request &request, unsigned response = smmu::pins::AXI_OKAY);
    void read(const axi_request &request, unsigned response = smmu::pins::AXI_OKAY);

    virtual smmu::pins::axi_checker_base &checker() = 0;
    virtual sc_core::sc_signal<sc_dt::sc_logic> &aresetn() = 0;
    virtual sc_core::sc_signal<sc_dt::sc_logic> &awvalid() = 0;
    virtual sc_core::sc_signal<sc_dt::sc_logic> &wready() = 0;

    tlm_test::error_log errors;

  protected:
    virtual smmu::pins::axi_pins &transmitter(axi_channel channel) = 0;
    virtual smmu::pins::axi_pins &receiver(axi_channel channel) = 0;

    sc_core::sc_signal<bool> clock_{"clock"};

  private:
    void play();

    std::function<void()> test_;
    bool valid_[smmu::pins::axi_channels] = {};
    bool ready_[smmu::pins::axi_channels] = {};
};

// With pins of four states.
template <class C> class hand_bus_of : public hand_bus {
  public:
    using style = smmu::pins::four_state;

    explicit hand_bus_of(const sc_core::sc_module_name &name) : hand_bus(name)
    {
        manager_.bind(wires);
        subordinate_.bind(wires);
        checker_.ACLK(clock_);
        checker_.ARESETn(aresetn_);
        checker_.axi.bind(wires);
    }

    smmu::pins::axi_wires<C, style> wires{"wires_"};

    smmu::pins::axi_checker_base &checker() override { return checker_; }
    sc_core::sc_signal<sc_dt::sc_logic> &aresetn() override { return aresetn_; }
    sc_core::sc_signal<sc_dt::sc_logic> &awvalid() override { return wires.AWVALID; }
    sc_core::sc_signal<sc_dt::sc_logic> &wready() override { return wires.WREADY; }

  private:
    static bool by_manager(axi_channel channel)
    {
        return smmu::pins::transmitter_of(channel) == axi_side::manager;
    }
    smmu::pins::axi_pins &transmitter(axi_channel channel) override
    {
        if (by_manager(channel))
            return manager_;
        return subordinate_;
    }
    smmu::pins::axi_pins &receiver(axi_channel channel) override
    {
        if (by_manager(channel))
            return subordinate_;
        return manager_;
    }

    smmu::pins::axi_manager_pins<C, style> manager_{"manager_"};
    smmu::pins::axi_subordinate_pins<C, style> subordinate_{"subordinate_"};
    sc_core::sc_signal<sc_dt::sc_logic> aresetn_{"aresetn"};
    smmu::pins::axi_checker<C, style> checker_{"checker"};
};

// Legal requests of one transfer of 8 bytes, ID 1, Non-secure, Normal Non-cacheable, System.
axi_request a_write();
axi_request a_read();

} // namespace pins_test

#endif
