// SPDX-License-Identifier: Apache-2.0
// One side of an AXI bus that a test plays by hand, against a bridge.
#ifndef TESTS_PINS_HAND_SIDE_HPP
#define TESTS_PINS_HAND_SIDE_HPP

#include <functional>
#include <string>
#include <vector>

#include <systemc>

#include "../tlm/error_log.hpp"
#include "buses.hpp"
#include "smmu/pins/axi_checker.hpp"
#include "smmu/pins/axi_request.hpp"

namespace pins_test {

// Warnings and errors, kept for the test; texts without the name of who reports.
class warning_log {
  public:
    warning_log();
    ~warning_log();
    warning_log(const warning_log &) = delete;
    warning_log &operator=(const warning_log &) = delete;

    std::vector<std::string> ids;
    std::vector<std::string> texts;

  private:
    static warning_log *&current();
    static void handle(const sc_core::sc_report &report, const sc_core::sc_actions &actions);
};

// Clock, reset, wires of a full_bus, checker; what the test does on its side.
class hand_side : public sc_core::sc_module {
  public:
    using style = smmu::pins::two_state;

    explicit hand_side(const sc_core::sc_module_name &name, smmu::pins::axi_pins &mine);
    ~hand_side() override;

    sc_core::sc_clock clock{"clock", 10, sc_core::SC_NS};
    sc_core::sc_signal<bool> reset_n{"reset_n"};
    smmu::pins::axi_wires<full_bus, style> wires{"wires_"};
    smmu::pins::axi_checker<full_bus, style> checker{"checker"};
    warning_log log;

    // Runs `test` in a process, out of reset; fails it if it does not end.
    void run(const std::function<void()> &test);
    // Until behind `count` rising edges.
    void cycle(unsigned count = 1);
    // Shows `beat` until it is taken.
    void put(axi_channel channel, const axi_beat &beat);
    void put(const smmu::pins::axi_request &request);
    // Write data of one transfer, of 8 bytes from `first` on.
    void data(unsigned first, unsigned strobe = 0xff, bool last = true);
    // Takes a beat.
    axi_beat get(axi_channel channel);
    // Whether the other side has VALID high, or READY.
    bool is_valid(axi_channel channel) const;
    bool is_ready(axi_channel channel) const;

  private:
    smmu::pins::axi_pins &mine_;
};

template <axi_side SIDE> class hand_side_of : public hand_side {
  public:
    explicit hand_side_of(const sc_core::sc_module_name &name) : hand_side(name, pins_)
    {
        pins_.bind(wires);
    }

  private:
    smmu::pins::axi_bundle<full_bus, style, SIDE> pins_{"mine_"};
};

// Legal requests of one transfer of 8 bytes in `memory_base`, Normal Non-cacheable, System.
constexpr std::uint64_t memory_base = 0x8000'0000;
smmu::pins::axi_request write_at(std::uint64_t offset, unsigned id = 1);
smmu::pins::axi_request read_at(std::uint64_t offset, unsigned id = 1);

} // namespace pins_test

#endif
