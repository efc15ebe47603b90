// SPDX-License-Identifier: Apache-2.0
// Levels and handshakes that break the rules of AXI (IHI 0022 L A2).
#include "axi_breach.hpp"

namespace pins_test {

using namespace smmu::pins;

namespace {

axi_beat with_unknown(axi_beat beat, axi_signal signal, std::uint64_t bits)
{
    *beat.bits(signal) &= ~bits;
    *beat.unknown(signal) = bits;
    return beat;
}

axi_beat a_data_beat(unsigned strobe)
{
    axi_beat beat;
    beat.set(axi_signal::WSTRB, strobe);
    beat.set(axi_signal::WLAST, 1);
    return beat;
}

axi_beat a_read_beat(unsigned response)
{
    axi_beat beat;
    beat.set(axi_signal::RID, 1);
    beat.set(axi_signal::RLAST, 1);
    beat.set(axi_signal::RRESP, response);
    return beat;
}

} // namespace

const std::vector<axi_breach> level_breaches = {
    {"reset_unknown", "undefined",
     [](hand_bus &b) {
         b.aresetn() = sc_dt::sc_logic('X');
         b.cycle(3);
     }},
    {"handshake_unknown", "valid",
     [](hand_bus &b) {
         b.awvalid() = sc_dt::sc_logic('X');
         b.cycle(3);
     }},
    {"handshake_unknown", "ready",
     [](hand_bus &b) {
         b.wready() = sc_dt::sc_logic('Z');
         b.cycle(3);
     }},
    {"payload_unknown", "address",
     [](hand_bus &b) {
         b.send(axi_channel::AW, with_unknown(beat_of(a_write()), axi_signal::AWADDR, 0x100));
     }},
    {"payload_unknown", "data_that_are_written",
     [](hand_bus &b) {
         b.send(axi_channel::W,
                with_unknown(a_data_beat(0x80), axi_signal::WDATA, std::uint64_t{1} << 63));
     }},
    {"payload_unknown", "data_that_are_read",
     [](hand_bus &b) {
         b.request(a_read());
         b.send(axi_channel::R, with_unknown(a_read_beat(AXI_OKAY), axi_signal::RDATA, 0xff));
     }},
    {"payload_unknown", "response",
     [](hand_bus &b) {
         b.request(a_read());
         b.send(axi_channel::R, with_unknown(a_read_beat(AXI_OKAY), axi_signal::RUSER, 1));
     }},
    {"valid_in_reset", "at_the_second_edge",
     [](hand_bus &b) {
         b.put(a_write());
         b.reset(true);
         b.cycle(2);
         b.drop(axi_channel::AW);
         b.cycle();
     }},
    {"valid_in_reset", "at_the_first_edge_behind_it",
     [](hand_bus &b) {
         b.reset(true);
         b.cycle(2);
         b.reset(false);
         b.put(a_write());
         b.cycle();
     }},
    {"valid_held", "gone_on_a_request_channel",
     [](hand_bus &b) {
         b.put(a_write());
         b.cycle();
         b.drop(axi_channel::AW);
         b.cycle(2);
         b.write(a_write());
     }},
    {"valid_held", "gone_on_a_response_channel",
     [](hand_bus &b) {
         b.request(a_read());
         b.put(axi_channel::R, a_read_beat(AXI_OKAY));
         b.cycle();
         b.drop(axi_channel::R);
         b.cycle();
         b.answer_read(1);
     }},
    {"payload_stable", "address",
     [](hand_bus &b) {
         axi_request request = a_write();
         b.put(request);
         b.cycle();
         request.addr += 8;
         b.write(request);
     }},
    {"payload_stable", "unused_lane_of_data",
     [](hand_bus &b) {
         axi_beat beat = a_data_beat(1);
         b.put(axi_channel::W, beat);
         b.cycle();
         beat.set_byte(axi_signal::WDATA, 7, 1);
         b.send(axi_channel::W, beat);
     }},
    {"payload_stable", "user_signal",
     [](hand_bus &b) {
         axi_request request = a_read();
         b.put(request);
         b.cycle();
         request.user = 1;
         b.read(request);
     }},
    {"ready_limit", "ready",
     [](hand_bus &b) {
         b.checker().set_limits({4, 0});
         b.put(a_write());
         b.cycle(5); // the edge that shows VALID, and four more
         b.ready(axi_channel::AW, true);
         b.cycle();
     }},
    {"response_limit", "of_a_write",
     [](hand_bus &b) {
         b.checker().set_limits({0, 10});
         b.request(a_write()); // the first edge
         b.data();
         b.cycle(9); // up to the eleventh
         b.answer_write(1);
     }},
    {"response_limit", "of_a_read",
     [](hand_bus &b) {
         b.checker().set_limits({0, 10});
         b.request(a_read());
         b.cycle(10);
         b.answer_read(1);
     }},
};

} // namespace pins_test
