// SPDX-License-Identifier: Apache-2.0
// One side of a bus by hand: see hand_side.hpp.
#include "hand_side.hpp"

#include <gtest/gtest.h>

namespace pins_test {

using namespace smmu::pins;

warning_log::warning_log()
{
    current() = this;
    sc_core::sc_report_handler::set_handler(&warning_log::handle);
}

warning_log::~warning_log()
{
    sc_core::sc_report_handler::set_handler(nullptr); // the default one
    current() = nullptr;
}

warning_log *&warning_log::current()
{
    static warning_log *log = nullptr;
    return log;
}

void warning_log::handle(const sc_core::sc_report &report, const sc_core::sc_actions &actions)
{
    if (report.get_severity() != sc_core::SC_ERROR &&
        report.get_severity() != sc_core::SC_WARNING) {
        sc_core::sc_report_handler::default_handler(report, actions);
        return;
    }
    const std::string text = report.get_msg();
    current()->ids.emplace_back(report.get_msg_type());
    current()->texts.push_back(text.substr(text.find(": ") + 2));
}

hand_side::hand_side(const sc_core::sc_module_name &name, axi_pins &mine)
    : sc_module(name), mine_(mine)
{
    checker.ACLK(clock);
    checker.ARESETn(reset_n);
    checker.axi.bind(wires);
}

hand_side::~hand_side() = default;

void hand_side::run(const std::function<void()> &test)
{
    bool ended = false;
    sc_core::sc_spawn([&] {
        cycle(3);
        reset_n = true;
        cycle(2);
        test();
        ended = true;
        sc_core::sc_stop();
    });
    sc_core::sc_start(1, sc_core::SC_MS);
    EXPECT_TRUE(ended);
}

void hand_side::cycle(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        wait(clock.posedge_event());
}

void hand_side::put(axi_channel channel, const axi_beat &beat)
{
    mine_.drive(channel, beat);
    mine_.drive_valid(channel, true);
    do
        cycle();
    while (mine_.ready(channel) != pin_level::high);
    mine_.drive_valid(channel, false);
}

void hand_side::put(const axi_request &request)
{
    put(request.write ? axi_channel::AW : axi_channel::AR, beat_of(request));
}

void hand_side::data(unsigned first, unsigned strobe, bool last)
{
    axi_beat beat;
    for (unsigned lane = 0; lane < 8; lane++)
        beat.set_byte(axi_signal::WDATA, lane, static_cast<unsigned char>(first + lane));
    beat.set(axi_signal::WSTRB, strobe);
    beat.set(axi_signal::WLAST, last);
    put(axi_channel::W, beat);
}

axi_beat hand_side::get(axi_channel channel)
{
    mine_.drive_ready(channel, true);
    do
        cycle();
    while (mine_.valid(channel) != pin_level::high);
    const axi_beat beat = mine_.sample(channel);
    mine_.drive_ready(channel, false);
    return beat;
}

bool hand_side::is_valid(axi_channel channel) const
{
    return mine_.valid(channel) == pin_level::high;
}

bool hand_side::is_ready(axi_channel channel) const
{
    return mine_.ready(channel) == pin_level::high;
}

axi_request write_at(std::uint64_t offset, unsigned id)
{
    axi_request request = {};
    request.write = true;
    request.id = id;
    request.addr = memory_base + offset;
    request.size = 3;
    request.burst = AXI_BURST_INCR;
    request.cache = 3;
    request.prot = 2;
    request.domain = AXI_DOMAIN_SYSTEM;
    request.mmuvalid = true;
    return request;
}

axi_request read_at(std::uint64_t offset, unsigned id)
{
    axi_request request = write_at(offset, id);
    request.write = false;
    return request;
}

} // namespace pins_test
