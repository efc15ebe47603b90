// SPDX-License-Identifier: Apache-2.0
// When smmu::pins::axi_to_tlm_stepped shows what has happened at an edge, and which edges are
// quiet.
#include <gtest/gtest.h>

#include "axi_to_tlm_bench.hpp"

namespace pins_test::test_axi_to_tlm_edges {

namespace {

using namespace smmu::pins;

class prompt_target : public sc_core::sc_module {
  public:
    tlm_utils::passthrough_target_socket<prompt_target> socket{"socket"};

    explicit prompt_target(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_nb_transport_fw(this, &prompt_target::nb_transport_fw);
    }

  private:
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        if (first_) {
            tlm::tlm_phase response = tlm::BEGIN_RESP;
            first_->set_response_status(tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(socket->nb_transport_bw(*first_, response, delay), tlm::TLM_COMPLETED);
        }
        first_ = &payload;
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    tlm::tlm_generic_payload *first_ = nullptr;
};

// As behind wires, where all that happens at an edge is seen at the next one.
TEST(axi_to_tlm, shows_what_is_answered_at_an_edge_from_the_next_one_on)
{
    axi_to_tlm_stepped<full_bus> bridge("bridge");
    prompt_target target("target");
    bridge.socket.bind(target.socket);
    axi_values pins = axi_values::of<full_bus>();
    const auto edge = [&] {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        bridge.edge(pins, pin_level::high);
    };
    edge(); // READY
    pins.drive_valid(axi_channel::AR, true);
    for (const unsigned id : {0, 1}) {
        pins.drive(axi_channel::AR, beat_of(read_at(8 * id, id)));
        edge();
        EXPECT_FALSE(pins.is_valid(axi_channel::R));
    }
    pins.drive_valid(axi_channel::AR, false);
    edge();
    EXPECT_TRUE(pins.is_valid(axi_channel::R));
    EXPECT_EQ(pins.beat(axi_channel::R).get(axi_signal::RID), 0u);
}

// Whether the edge at which a bridge of calls takes `request` is quiet.
bool is_quiet_with(const axi_request &request)
{
    axi_to_tlm_stepped<full_bus> bridge("bridge");
    patient_target target("target");
    bridge.socket.bind(target.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    axi_values pins = axi_values::of<full_bus>();
    bridge.edge(pins, pin_level::high); // READY
    const axi_channel channel = request.write ? axi_channel::AW : axi_channel::AR;
    pins.drive(channel, beat_of(request));
    pins.drive_valid(channel, true);
    return bridge.is_quiet(pins);
}

TEST(axi_to_tlm, is_quiet_when_it_takes_the_request_of_a_write)
{
    EXPECT_TRUE(is_quiet_with(write_at(0)));
}

TEST(axi_to_tlm, is_not_quiet_when_it_takes_the_request_of_a_read)
{
    EXPECT_FALSE(is_quiet_with(read_at(0)));
}

// AWSNOOP 12 is StashOnceShared (A7.2), of a line of the Shareable memory.
TEST(axi_to_tlm, is_not_quiet_when_it_takes_a_write_without_data)
{
    axi_request request = write_at(0);
    request.len = 7;
    request.cache = 7;
    request.domain = AXI_DOMAIN_INNER;
    request.snoop = 12;
    EXPECT_FALSE(is_quiet_with(request));
}

// It is reported at its time.
TEST(axi_to_tlm, is_not_quiet_when_it_refuses_a_write)
{
    axi_request request = write_at(0xff8); // crosses 4 KiB (A3.1)
    request.len = 1;
    EXPECT_FALSE(is_quiet_with(request));
}

TEST(axi_to_tlm, is_not_quiet_when_it_refuses_a_physical_address)
{
    axi_request request = write_at(0);
    request.mmuvalid = false;
    EXPECT_FALSE(is_quiet_with(request));
}

// What it has found when it was asked is of one edge.
TEST(axi_to_tlm, takes_requests_that_it_has_been_asked_about_and_others)
{
    axi_to_tlm_stepped<full_bus> bridge("bridge");
    patient_target target("target");
    bridge.socket.bind(target.socket);
    axi_values pins = axi_values::of<full_bus>();
    const auto edge = [&](pin_level reset_n) {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        bridge.edge(pins, reset_n);
    };
    const auto show = [&](const axi_request &request) {
        pins.drive(axi_channel::AW, beat_of(request));
        pins.drive_valid(axi_channel::AW, true);
    };
    edge(pin_level::high); // READY
    show(write_at(0x40));
    EXPECT_TRUE(bridge.is_quiet(pins));
    edge(pin_level::low); // not taken
    edge(pin_level::high);
    show(write_at(0x80));
    EXPECT_TRUE(bridge.is_quiet(pins));
    edge(pin_level::high);
    show(write_at(0xc0));
    edge(pin_level::high);
    pins.drive_valid(axi_channel::AW, false);
    axi_beat data;
    data.set(axi_signal::WSTRB, 0xff);
    data.set(axi_signal::WLAST, 1);
    pins.drive(axi_channel::W, data);
    pins.drive_valid(axi_channel::W, true);
    edge(pin_level::high);
    edge(pin_level::high);
    ASSERT_EQ(target.log.size(), 2u);
    EXPECT_EQ(target.log[0].address, memory_base + 0x80);
    EXPECT_EQ(target.log[1].address, memory_base + 0xc0);
}

} // namespace

} // namespace pins_test::test_axi_to_tlm_edges
