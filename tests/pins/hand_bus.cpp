// SPDX-License-Identifier: Apache-2.0
// A bus that a test plays by hand: see hand_bus.hpp.
#include "hand_bus.hpp"

namespace pins_test {

using namespace smmu::pins;

namespace {

constexpr axi_channel channels[] = {axi_channel::AW, axi_channel::W, axi_channel::B,
                                    axi_channel::AR, axi_channel::R};

std::size_t index(axi_channel channel)
{
    return static_cast<std::size_t>(channel);
}

} // namespace

hand_bus::hand_bus(const sc_core::sc_module_name &name) : sc_module(name)
{
    SC_HAS_PROCESS(hand_bus);
    SC_THREAD(play);
}

hand_bus::~hand_bus() = default;

void hand_bus::run(const std::function<void()> &test)
{
    test_ = test;
    sc_core::sc_start();
}

void hand_bus::play()
{
    reset(true);
    for (const axi_channel channel : channels) {
        transmitter(channel).drive_valid(channel, false);
        receiver(channel).drive_ready(channel, false);
    }
    cycle(2);
    reset(false);
    cycle();
    test_();
    sc_core::sc_stop();
}

void hand_bus::put(axi_channel channel, const axi_beat &beat)
{
    valid_[index(channel)] = true;
    transmitter(channel).drive_valid(channel, true);
    transmitter(channel).drive(channel, beat);
}

void hand_bus::put(const axi_request &request)
{
    put(request.write ? axi_channel::AW : axi_channel::AR, beat_of(request));
}

void hand_bus::drop(axi_channel channel)
{
    valid_[index(channel)] = false;
    transmitter(channel).drive_valid(channel, false);
}

void hand_bus::ready(axi_channel channel, bool high)
{
    ready_[index(channel)] = high;
    receiver(channel).drive_ready(channel, high);
}

void hand_bus::cycle(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        sc_core::wait(5, sc_core::SC_NS);
        clock_ = true;
        sc_core::wait(5, sc_core::SC_NS);
        clock_ = false;
        for (const axi_channel channel : channels)
            if (valid_[index(channel)] && ready_[index(channel)])
                drop(channel);
    }
}

void hand_bus::reset(bool active)
{
    aresetn() = sc_dt::sc_logic(!active);
}

void hand_bus::send(axi_channel channel, const axi_beat &beat)
{
    put(channel, beat);
    ready(channel, true);
    cycle();
    ready(channel, false);
}

void hand_bus::request(const axi_request &request)
{
    send(request.write ? axi_channel::AW : axi_channel::AR, beat_of(request));
}

void hand_bus::data(unsigned strobe, bool last)
{
    axi_beat beat;
    beat.set(axi_signal::WDATA, 0x0123456789abcdef);
    beat.set(axi_signal::WSTRB, strobe);
    beat.set(axi_signal::WLAST, last);
    send(axi_channel::W, beat);
}

void hand_bus::answer_write(unsigned id, unsigned response)
{
    axi_beat beat;
    beat.set(axi_signal::BID, id);
    beat.set(axi_signal::BRESP, response);
    send(axi_channel::B, beat);
}

void hand_bus::answer_read(unsigned id, bool last, unsigned response)
{
    axi_beat beat;
    beat.set(axi_signal::RID, id);
    beat.set(axi_signal::RLAST, last);
    beat.set(axi_signal::RRESP, response);
    send(axi_channel::R, beat);
}

void hand_bus::write(const axi_request &request, unsigned response)
{
    this->request(request);
    for (unsigned i = 0; i < request.transfers(); i++)
        data(0xff, i == request.len);
    answer_write(request.id, response);
}

void hand_bus::read(const axi_request &request, unsigned response)
{
    this->request(request);
    for (unsigned i = 0; i < request.transfers(); i++)
        answer_read(request.id, i == request.len, response);
}

axi_request a_write()
{
    axi_request request = {};
    request.write = true;
    request.id = 1;
    request.addr = 0x12340;
    request.size = 3;
    request.burst = AXI_BURST_INCR;
    request.cache = 2;
    request.prot = 2;
    request.domain = AXI_DOMAIN_SYSTEM;
    request.mmuvalid = true;
    return request;
}

axi_request a_read()
{
    axi_request request = a_write();
    request.write = false;
    return request;
}

} // namespace pins_test
