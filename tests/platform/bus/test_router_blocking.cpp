// SPDX-License-Identifier: Apache-2.0
// The router by b_transport: a caller takes the time and the turns of a transaction by phases.
#include <gtest/gtest.h>

#include "bus_bench.hpp"

namespace test_router_blocking {
namespace {

using namespace test;

constexpr crossbar_port timed = {16, 1000, 5250, 2125, 0, 0, CROSSBAR_ROUND_ROBIN};
using bytes = std::vector<unsigned char>;

TEST(router_blocking, a_caller_waits_as_long_as_phases_take)
{
    bus_bench b("bench", {1, 1, true, ns(30)}, timed);
    bytes data(64);
    const auto &read = b.block(0, tlm::TLM_READ_COMMAND, memory_base(0), data, ns(100));
    const auto &write = b.block(0, tlm::TLM_WRITE_COMMAND, memory_base(0), data, ns(200));
    sc_core::sc_start();
    EXPECT_EQ(read.returned, ns(100 + 1 + 5.25 + 30 + 2.125 + 4));
    EXPECT_EQ(read.delay, ns(0));
    EXPECT_EQ(read.status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(write.returned, ns(200 + 4 + 5.25 + 30 + 2.125 + 1));
}

TEST(router_blocking, a_delay_passes_before_the_request)
{
    bus_bench b("bench", {1, 1, true, ns(30)}, timed);
    bytes data(64);
    const auto &read = b.block(0, tlm::TLM_READ_COMMAND, memory_base(0), data, ns(0), ns(9));
    sc_core::sc_start();
    EXPECT_EQ(read.returned, ns(9 + 1 + 5.25 + 30 + 2.125 + 4));
}

TEST(router_blocking, callers_and_phases_take_turns_at_a_port)
{
    bus_bench b("bench", {2, 1, true, ns(10)}, port_of_width(16));
    bytes data(64);
    b.send(0, tlm_test::at_write(memory_base(0), bytes(64)));                             // 0 to 4
    const auto &called = b.block(1, tlm::TLM_WRITE_COMMAND, memory_base(0), data, ns(1)); // 4 to 8
    const auto &behind = b.block(1, tlm::TLM_WRITE_COMMAND, memory_base(0), data, ns(2)); // 9 to 13
    const auto &read = b.read(0, memory_base(0), 4, ns(3));                               // 8 to 9
    sc_core::sc_start();
    EXPECT_EQ(called.returned, ns(8 + 10 + 1));
    EXPECT_EQ(read.end_req, ns(8));
    EXPECT_EQ(behind.returned, ns(13 + 10 + 1));
}

TEST(router_blocking, a_target_serves_no_more_callers_than_it_may)
{
    bus_bench b("bench", {3, 1, true, ns(10)});
    crossbar_port port = {};
    port.issuing = 2;
    b.router.set_downstream(0, port);
    bytes data(4);
    std::vector<const bus_bench::blocked *> calls;
    for (unsigned i = 0; i < 6; i++)
        calls.push_back(&b.block(i % 3, tlm::TLM_READ_COMMAND, memory_base(0), data));
    sc_core::sc_start();
    for (unsigned i = 0; i < 6; i++) {
        const unsigned turn = 1 + i / 2;
        EXPECT_EQ(calls[i]->returned, turn * ns(10)) << i;
    }
}

TEST(router_blocking, an_address_that_no_port_owns_is_answered_with_an_address_error)
{
    bus_bench b("bench", {1, 1}, timed);
    bytes data(64);
    const auto &read = b.block(0, tlm::TLM_READ_COMMAND, 0x1000, data);
    sc_core::sc_start();
    EXPECT_EQ(read.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(read.returned, ns(5.25 + 2.125 + 4));
}

TEST(router_blocking, a_caller_that_is_killed_leaves_nothing_behind)
{
    bus_bench b("bench", {2, 1, true, ns(30)}, timed);
    crossbar_port port = timed;
    port.issuing = port.acceptance = 1;
    b.router.set_downstream(0, port);
    b.router.set_upstream(0, port);
    bytes data(64);
    // Waiting for the grant, on the way, at the memory, on the way back, in the middle of its
    // beats.
    const double moments[] = {0.5, 4, 20, 37, 39};
    for (unsigned i = 0; i < 5; i++) {
        const double start = 100. * i;
        if (i == 0) // somebody it has to wait for
            b.block(1, tlm::TLM_READ_COMMAND, memory_base(0), data, ns(start));
        auto &victim = b.block(0, tlm::TLM_READ_COMMAND, memory_base(0), data, ns(start + 0.25));
        sc_core::sc_spawn([&victim, when = ns(start + moments[i])] {
            sc_core::wait(when - sc_core::sc_time_stamp());
            victim.process.kill();
        });
        const auto &next = b.block(0, tlm::TLM_READ_COMMAND, memory_base(0), data, ns(start + 50));
        sc_core::sc_start(ns(100));
        EXPECT_FALSE(victim.done);
        EXPECT_EQ(next.returned, ns(start + 50 + 1 + 5.25 + 30 + 2.125 + 4)) << i;
    }
}

TEST(router_blocking, a_caller_that_is_killed_lets_the_next_go)
{
    bus_bench b("bench", {2, 1, true, ns(30)}, timed);
    crossbar_port port = timed;
    port.issuing = 1;
    b.router.set_downstream(0, port);
    bytes data(64);
    auto &victim = b.block(0, tlm::TLM_READ_COMMAND, memory_base(0), data);
    const auto &next = b.block(1, tlm::TLM_READ_COMMAND, memory_base(0), data, ns(1));
    sc_core::sc_spawn([&victim] {
        sc_core::wait(ns(20)); // it is at the memory
        victim.process.kill();
    });
    sc_core::sc_start(ns(200));
    EXPECT_EQ(next.returned, ns(20 + 1 + 5.25 + 30 + 2.125 + 4));
}

TEST(router_blocking, a_loosely_timed_router_adds_latencies_and_blocks_nobody)
{
    bus_bench b("bench", {2, 1, false, ns(30)}, timed);
    bytes data(64);
    const auto &first = b.block(0, tlm::TLM_READ_COMMAND, memory_base(0), data, ns(0), ns(2));
    const auto &second = b.block(1, tlm::TLM_READ_COMMAND, memory_base(0), data);
    const auto &nowhere = b.block(1, tlm::TLM_READ_COMMAND, 0x1000, data);
    sc_core::sc_start();
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(0));
    EXPECT_EQ(first.delay, ns(2 + 5.25 + 30 + 2.125));
    EXPECT_EQ(second.delay, ns(5.25 + 30 + 2.125));
    EXPECT_EQ(nowhere.delay, ns(5.25 + 2.125));
}

TEST(router_blocking, direct_access_has_the_latencies_of_the_port)
{
    bus_bench b("bench", {1, 1, true, ns(30)}, timed);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    tlm::tlm_generic_payload trans;
    trans.set_address(memory_base(0));
    tlm::tlm_dmi grant;
    ASSERT_TRUE(b.senders[0]->socket->get_direct_mem_ptr(trans, grant));
    EXPECT_EQ(grant.get_read_latency(), ns(5.25 + 30 + 2.125));
    EXPECT_EQ(grant.get_write_latency(), ns(5.25 + 30 + 2.125));
}

} // namespace
} // namespace test_router_blocking
