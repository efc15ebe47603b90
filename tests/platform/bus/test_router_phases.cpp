// SPDX-License-Identifier: Apache-2.0
// The router by nb_transport: phases and their times, back-pressure, who goes first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "at_targets.hpp"
#include "bus_bench.hpp"
#include "smmu/tlm/at_initiator.hpp"

namespace test_router_phases {
namespace {

using namespace test;
using tlm_test::at_read;
using tlm_test::at_transfer;
using tlm_test::at_write;

TEST(router_phases, a_read_takes_the_sum_of_its_parts)
{
    bus_bench b("bench", {1, 1, true, ns(30)}, {16, 1000, 5250, 2125, 0, 0, CROSSBAR_ROUND_ROBIN});
    const at_transfer &read = b.read(0, memory_base(0) + 0x40, 64, ns(100));
    sc_core::sc_start();
    EXPECT_EQ(read.status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(read.begin_req, ns(100));
    EXPECT_EQ(read.end_req, ns(100)); // granted at once
    // A cycle, forward, memory, response, four beats.
    EXPECT_EQ(read.begin_resp, ns(100 + 1 + 5.25 + 30 + 2.125 + 4));
    EXPECT_EQ(read.end_resp, read.begin_resp);
}

TEST(router_phases, a_write_takes_the_sum_of_its_parts)
{
    bus_bench b("bench", {1, 1, true, ns(30)}, {16, 1000, 5250, 2125, 0, 0, CROSSBAR_ROUND_ROBIN});
    const at_transfer &write =
        b.send(0, at_write(memory_base(0), std::vector<unsigned char>(64)), ns(100));
    sc_core::sc_start();
    EXPECT_EQ(write.begin_resp, ns(100 + 4 + 5.25 + 30 + 2.125 + 1));
}

TEST(router_phases, takes_no_time_by_itself)
{
    bus_bench b("bench", {1, 1, true, ns(30)});
    const at_transfer &read = b.read(0, memory_base(0), 64);
    sc_core::sc_start();
    EXPECT_EQ(read.begin_resp, ns(30));
}

TEST(router_phases, the_data_are_those_of_the_address)
{
    bus_bench b("bench", {2, 2, true, ns(3)}, port_of_width(4));
    b.send(0, at_write(memory_base(0) + 0x10, {1, 2, 3, 4}));
    b.send(0, at_write(memory_base(1) + 0x10, {5, 6, 7, 8}));
    const at_transfer &first = b.read(1, memory_base(0) + 0x10, 4, ns(100));
    const at_transfer &second = b.read(1, memory_base(1) + 0x10, 4, ns(100));
    sc_core::sc_start();
    EXPECT_EQ(first.data, (std::vector<unsigned char>{1, 2, 3, 4}));
    EXPECT_EQ(second.data, (std::vector<unsigned char>{5, 6, 7, 8}));
}

// Both expect 0, which one of them finds.
void expect_one_swap(const dram_config *dram)
{
    bus_bench b("bench", {2, 1, true, ns(3), "completes", dram});
    smmu::compare_and_swap swaps[2];
    at_transfer *reads[2];
    for (unsigned i = 0; i < 2; i++) {
        swaps[i].value[0] = static_cast<unsigned char>(i + 1);
        at_transfer transfer = at_read(memory_base(0) + 8, 8);
        transfer.attributes.swap = &swaps[i];
        reads[i] = &b.send(i, transfer);
    }
    const at_transfer &after = b.read(0, memory_base(0) + 8, 8, ns(500));
    sc_core::sc_start();
    EXPECT_TRUE(swaps[0].done && swaps[1].done);
    EXPECT_EQ(reads[0]->data[0] + reads[1]->data[0], after.data[0]);
    EXPECT_NE(reads[0]->data, reads[1]->data);
}

TEST(router_phases, of_two_compare_and_swaps_of_a_word_of_a_ram_one_succeeds)
{
    expect_one_swap(nullptr);
}

TEST(router_phases, of_two_compare_and_swaps_of_a_word_of_a_dram_one_succeeds)
{
    dram_config config = {};
    dram_config_preset(&config, DRAM_DDR4_2400);
    expect_one_swap(&config);
}

// Notes the address that the payload has when its response arrives.
class address_watcher : public sc_core::sc_module, private smmu::at_initiator::user {
  public:
    explicit address_watcher(const sc_core::sc_module_name &name)
        : sc_module(name), phases("phases", *this, [this]() -> tlm::tlm_fw_transport_if<> & {
              return *socket.operator->();
          })
    {
        socket.register_nb_transport_bw(this, &address_watcher::nb_transport_bw);
    }

    tlm_utils::simple_initiator_socket<address_watcher> socket{"socket"};
    smmu::at_initiator phases;
    std::vector<std::uint64_t> addresses;

  private:
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                       sc_time &delay)
    {
        if (phase == tlm::BEGIN_RESP)
            addresses.push_back(trans.get_address());
        return phases.nb_transport_bw(trans, phase, delay);
    }
    void response_arrived(tlm::tlm_generic_payload &) override {}
};

TEST(router_phases, a_response_has_the_address_that_the_request_had)
{
    address_watcher watcher("watcher");
    vp::router router("router", 1, 1);
    vp::ram memory("memory", memory_size);
    watcher.socket.bind(router.up[0]);
    router.map(0, memory_base(3), memory_size);
    router.down[0].bind(memory.socket);
    tlm_test::payload_pool pool;
    std::uint8_t data[4] = {};
    for (const std::uint64_t address : {memory_base(3) + 0x24, std::uint64_t{0x88}}) {
        tlm::tlm_generic_payload &trans = pool.take();
        trans.set_address(address);
        trans.set_data_ptr(data);
        trans.set_data_length(4);
        trans.set_streaming_width(4);
        trans.set_read();
        watcher.phases.send(trans);
        trans.release();
    }
    sc_core::sc_start();
    EXPECT_THAT(watcher.addresses, testing::UnorderedElementsAre(memory_base(3) + 0x24, 0x88u));
}

TEST(router_phases, an_address_that_no_port_owns_is_answered_with_an_address_error)
{
    bus_bench b("bench", {1, 1}, {16, 1000, 5000, 2000, 0, 0, CROSSBAR_ROUND_ROBIN});
    const at_transfer &nowhere = b.read(0, 0x1000, 64);
    const at_transfer &across = b.read(0, memory_base(0) + memory_size - 4, 8, ns(50));
    sc_core::sc_start();
    EXPECT_EQ(nowhere.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(nowhere.begin_resp, ns(5 + 2 + 4)); // as many beats as a read has
    EXPECT_EQ(across.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(b.router.misses(), 2u);
    EXPECT_EQ(b.router.forwarded(), 0u);
}

TEST(router_phases, a_request_is_not_accepted_while_its_port_has_all_it_may)
{
    bus_bench b("bench", {1, 1, true, ns(20)});
    crossbar_port port = {};
    port.acceptance = 2;
    b.router.set_upstream(0, port);
    std::vector<const at_transfer *> reads;
    for (unsigned i = 0; i < 5; i++)
        reads.push_back(&b.read(0, memory_base(0), 4));
    sc_core::sc_start();
    const double accepted[] = {0, 0, 20, 20, 40};
    const double begun[] = {0, 0, 0, 20, 20}; // when the one before has been accepted
    for (unsigned i = 0; i < 5; i++) {
        EXPECT_EQ(reads[i]->begin_req, ns(begun[i])) << i;
        EXPECT_EQ(reads[i]->end_req, ns(accepted[i])) << i;
    }
}

TEST(router_phases, a_request_is_not_accepted_while_its_target_has_all_it_may)
{
    bus_bench b("bench", {2, 2, true, ns(20)});
    crossbar_port port = {};
    port.issuing = 1;
    b.router.set_downstream(0, port);
    const at_transfer &first = b.read(0, memory_base(0), 4);
    const at_transfer &held = b.read(1, memory_base(0), 4, ns(3));
    const at_transfer &behind = b.read(1, memory_base(1), 4, ns(4)); // to another target
    const at_transfer &other = b.read(0, memory_base(1), 4, ns(5));
    sc_core::sc_start();
    EXPECT_EQ(first.end_req, ns(0));
    EXPECT_EQ(held.end_req, ns(20));
    EXPECT_EQ(behind.begin_req, ns(20));
    EXPECT_EQ(other.end_req, ns(5));
}

// What the port of the memory was asked for first to last, by ports that each ask twice.
std::vector<unsigned> order_of(crossbar_arbitration how, const std::vector<unsigned> &qos)
{
    crossbar_port all = port_of_width(16);
    all.arbitration = how;
    bus_bench b("bench", {3, 1, true, ns(10)}, all);
    std::vector<const at_transfer *> reads;
    for (unsigned i = 0; i < 6; i++) {
        at_transfer read = at_read(memory_base(0), 16);
        read.attributes.qos = static_cast<std::uint8_t>(qos[i % 3]);
        reads.push_back(&b.send(i % 3, read));
    }
    sc_core::sc_start();
    std::vector<unsigned> order(6);
    for (unsigned i = 0; i < 6; i++)
        order[static_cast<std::size_t>(reads[i]->end_req / ns(1))] = i % 3;
    return order;
}

TEST(router_phases, ports_take_turns)
{
    EXPECT_EQ(order_of(CROSSBAR_ROUND_ROBIN, {1, 2, 3}), (std::vector<unsigned>{0, 1, 2, 0, 1, 2}));
}

TEST(router_phases, ports_go_by_number)
{
    EXPECT_EQ(order_of(CROSSBAR_FIXED, {1, 2, 3}), (std::vector<unsigned>{0, 0, 1, 1, 2, 2}));
}

TEST(router_phases, requests_go_by_the_qos_of_their_attributes)
{
    EXPECT_EQ(order_of(CROSSBAR_QOS, {2, 3, 2}), (std::vector<unsigned>{1, 1, 2, 0, 2, 0}));
}

TEST(router_phases, two_ports_share_the_width_of_a_memory)
{
    bus_bench narrow("narrow", {2, 1, true, ns(10)}, port_of_width(4));
    bus_bench wide("wide", {2, 1, true, ns(10)}, port_of_width(16));
    const at_transfer *last[2] = {};
    for (bus_bench *b : {&narrow, &wide}) {
        for (unsigned i = 0; i < 10; i++)
            b->send(i % 2, at_write(memory_base(0), std::vector<unsigned char>(64)));
        last[b == &wide] = &b->read(0, memory_base(0), 4);
    }
    sc_core::sc_start();
    for (bus_bench *b : {&narrow, &wide}) {
        const unsigned cycles = 10 * 64 / (b == &wide ? 16 : 4);
        EXPECT_EQ(last[b == &wide]->end_req, cycles * ns(1));
        EXPECT_EQ(b->router.downstream_stats(0).busy, (cycles + 1) * 1000);
        EXPECT_EQ(b->router.downstream_stats(0).bytes, 644u);
        EXPECT_EQ(b->router.upstream_stats(1).transactions, 5u);
    }
}

TEST(router_phases, a_response_waits_until_the_one_before_has_been_taken)
{
    bus_bench::shape shape = {1, 1, true, ns(10)};
    shape.kind = "calls_later"; // takes a response 7 ns after it has begun
    bus_bench b("bench", shape, port_of_width(16));
    const at_transfer &first = b.read(0, memory_base(0), 32);
    const at_transfer &second = b.read(0, memory_base(0), 32);
    sc_core::sc_start();
    EXPECT_EQ(first.begin_resp, ns(1 + 10 + 2));
    EXPECT_EQ(first.end_resp, ns(13 + 7));
    EXPECT_EQ(second.begin_resp, ns(20 + 2));
}

// Every initiator and every target of the kit, on both sides of a router.
class every_kind : public testing::TestWithParam<
                       std::tuple<tlm_test::at_initiator_kind, tlm_test::at_target_kind>> {};

TEST_P(every_kind, gets_its_data_and_sees_no_breach_of_the_protocol)
{
    const auto &[initiator, target] = GetParam();
    tlm_test::storage bytes;
    tlm_test::at_sender sender("sender", initiator, 4);
    smmu::protocol_checker<> above("above");
    vp::router router("router", 1, 1, {8, 1000, 3000, 2000, 3, 2, CROSSBAR_ROUND_ROBIN});
    smmu::protocol_checker<> below("below");
    tlm_test::at_memory memory("memory", target, bytes);
    sender.socket.bind(above.target_socket);
    above.initiator_socket.bind(router.up[0]);
    router.map(0, 0, tlm_test::storage::base + tlm_test::storage::size); // keeps addresses
    router.down[0].bind(below.target_socket);
    below.initiator_socket.bind(memory.socket);

    std::vector<at_transfer> transfers;
    for (unsigned char i = 0; i < 20; i++)
        transfers.push_back(i % 2 == 0 ? at_write(tlm_test::storage::base + i, {i, 0xaa})
                                       : at_read(tlm_test::storage::base + i - 1u, 2));
    for (at_transfer &transfer : transfers)
        sender.send(transfer);
    sc_core::sc_start();

    EXPECT_EQ(above.in_flight() + below.in_flight(), 0u);
    EXPECT_EQ(sender.pool.in_use(), 0u);
    for (unsigned char i = 1; i < 20; i += 2) {
        EXPECT_EQ(transfers[i].responses, 1u);
        EXPECT_EQ(transfers[i].data,
                  (std::vector<unsigned char>{static_cast<unsigned char>(i - 1), 0xaa}));
    }
}

INSTANTIATE_TEST_SUITE_P(router, every_kind,
                         testing::Combine(testing::ValuesIn(tlm_test::at_initiator_kinds),
                                          testing::ValuesIn(tlm_test::at_target_kinds)),
                         [](const testing::TestParamInfo<every_kind::ParamType> &info) {
                             return std::string(std::get<0>(info.param).name) + "__" +
                                    std::get<1>(info.param).name;
                         });

} // namespace
} // namespace test_router_phases
