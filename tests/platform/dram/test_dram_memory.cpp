// SPDX-License-Identifier: Apache-2.0
// A DRAM as a TLM target: by phases, by blocked callers, by direct access.
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "at_initiators.hpp"
#include "dram_bench.hpp"
#include "dram_memory.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace test_dram_memory {
namespace {

using sc_core::sc_time;
using tlm_test::at_read;
using tlm_test::at_transfer;
using tlm_test::at_write;
using bytes = std::vector<unsigned char>;

constexpr std::uint64_t size = 1 << 20;

sc_time ns(double count)
{
    return {count, sc_core::SC_NS};
}

// Of dram_bench.hpp: frontend, PRE, ACT, read, data, backend.
const sc_time miss = ns(2 + 10 + 14 + 4 + 3);
const sc_time hit = ns(2 + 14 + 4 + 3);
const sc_time write_time = ns(2);

class dram_memory : public testing::Test {
  protected:
    void make(bool approximate = true, dram_config config = test::plain_dram(), bool direct = true)
    {
        memory = std::make_unique<vp::dram_memory>("memory", size, config, approximate, direct);
        sender.socket.bind(checker.target_socket);
        checker.initiator_socket.bind(memory->socket);
    }

    at_transfer &send(at_transfer transfer, const sc_time &when = sc_core::SC_ZERO_TIME)
    {
        transfers.push_back(std::make_unique<at_transfer>(std::move(transfer)));
        transfers.back()->not_before = when;
        sender.send(*transfers.back());
        return *transfers.back();
    }

    // A read, or a write, by b_transport from a process of its own.
    struct blocked {
        sc_core::sc_process_handle process;
        bytes data = bytes(64);
        sc_time returned;
        sc_time delay;
        tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
        bool dmi_hint = false;
    };
    blocked &block(std::uint64_t address, const sc_time &when, const sc_time &delay = {},
                   tlm::tlm_command command = tlm::TLM_READ_COMMAND)
    {
        calls.push_back(std::make_unique<blocked>());
        blocked &b = *calls.back();
        b.delay = delay;
        b.process = sc_core::sc_spawn([this, &b, address, when, command] {
            tlm::tlm_generic_payload trans;
            sc_core::wait(when);
            trans.set_command(command);
            trans.set_address(address);
            trans.set_data_ptr(b.data.data());
            trans.set_data_length(64);
            trans.set_streaming_width(64);
            sender.socket->b_transport(trans, b.delay);
            b.returned = sc_core::sc_time_stamp();
            b.status = trans.get_response_status();
            b.dmi_hint = trans.is_dmi_allowed();
        });
        return b;
    }

    std::uint64_t counter(const std::string &name) const
    {
        for (const vp::device::counter &c : memory->counters())
            if (c.name == name)
                return c.value;
        ADD_FAILURE() << "no counter " << name;
        return 0;
    }

    tlm_test::at_sender sender{"sender", tlm_test::at_initiator_kinds[0], 16};
    smmu::protocol_checker<> checker{"checker"};
    std::unique_ptr<vp::dram_memory> memory;
    std::vector<std::unique_ptr<at_transfer>> transfers;
    std::vector<std::unique_ptr<blocked>> calls;
};

TEST_F(dram_memory, takes_the_time_of_its_timing_by_phases)
{
    make();
    const auto &read = send(at_read(test::at(0, 0), 64), ns(100));
    const auto &again = send(at_read(test::at(0, 0, 1), 64), ns(200));
    const auto &write = send(at_write(test::at(1, 1), bytes(64)), ns(300));
    sc_core::sc_start();
    EXPECT_EQ(read.end_req, ns(100));
    EXPECT_EQ(read.begin_resp, ns(100) + miss);
    EXPECT_EQ(again.begin_resp, ns(200) + hit);
    EXPECT_EQ(write.begin_resp, ns(300) + write_time);
    EXPECT_EQ(counter("row-hits"), 1u);
    EXPECT_EQ(counter("row-misses"), 2u);
    EXPECT_EQ(counter("read-bursts"), 2u);
    EXPECT_EQ(counter("write-bursts"), 1u);
}

TEST_F(dram_memory, blocks_callers_for_the_same_time)
{
    make();
    const auto &read = block(test::at(0, 0), ns(100));
    const auto &again = block(test::at(0, 0, 1), ns(200), ns(7));
    sc_core::sc_start();
    EXPECT_EQ(read.returned, ns(100) + miss);
    EXPECT_EQ(read.status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(again.returned, ns(207) + hit);
    EXPECT_EQ(again.delay, ns(0));
}

TEST_F(dram_memory, has_one_queue_for_callers_and_phases)
{
    dram_config config = test::plain_dram();
    config.queue = 1;
    make(true, config);
    const auto &first = send(at_read(test::at(0, 0), 64));
    const auto &second = block(test::at(0, 0, 1), ns(1));
    const auto &third = send(at_read(test::at(0, 0, 2), 64), ns(2));
    const auto &fourth = send(at_read(test::at(0, 0, 3), 64), ns(2));
    sc_core::sc_start();
    // A place is free when the data are there: 28, and then 18 later each time.
    EXPECT_EQ(first.begin_resp, miss);
    EXPECT_EQ(second.returned, ns(28) + hit);
    EXPECT_EQ(third.end_req, ns(46));
    EXPECT_EQ(third.begin_resp, ns(46) + hit);
    EXPECT_EQ(fourth.begin_req, ns(46)); // behind END_REQ of the one before
    EXPECT_EQ(fourth.end_req, ns(64));
}

TEST_F(dram_memory, takes_effect_in_the_order_of_arrival)
{
    make();
    send(at_read(test::at(0, 0), 64)); // opens a row
    const auto &before = send(at_read(test::at(1, 0), 4), ns(500));
    const auto &write = send(at_write(test::at(1, 0), {1, 2, 3, 4}), ns(500));
    const auto &after = send(at_read(test::at(1, 0), 4), ns(500));
    send(at_read(test::at(0, 0, 1), 64), ns(500)); // goes first
    sc_core::sc_start();
    EXPECT_LT(write.begin_resp, before.begin_resp);
    EXPECT_EQ(before.data, (bytes{0, 0, 0, 0}));
    EXPECT_EQ(after.data, (bytes{1, 2, 3, 4}));
}

TEST_F(dram_memory, answers_transactions_of_one_id_in_their_order)
{
    make();
    for (unsigned i = 0; i < 8; i++)
        send(at_read(test::at(0, 0), 64), ns(500)); // keeps the bus busy until all are there
    at_transfer other_row = at_read(test::at(1, 0), 64);
    at_transfer same_id = at_read(test::at(0, 0, 1), 64);
    at_transfer other_id = at_read(test::at(0, 0, 2), 64);
    at_transfer other_stream = at_read(test::at(0, 0, 3), 64);
    other_row.attributes.id = same_id.attributes.id = other_stream.attributes.id = 5;
    other_row.attributes.sid = same_id.attributes.sid = other_id.attributes.sid = 2;
    const auto &first = send(other_row, ns(500));
    const auto &second = send(same_id, ns(500));
    const auto &third = send(other_id, ns(500));
    const auto &fourth = send(other_stream, ns(500));
    sc_core::sc_start();
    EXPECT_LT(third.begin_resp, first.begin_resp);
    EXPECT_LT(fourth.begin_resp, first.begin_resp);
    EXPECT_GE(second.begin_resp, first.begin_resp);
}

TEST_F(dram_memory, forgets_a_caller_that_is_killed)
{
    dram_config config = test::plain_dram();
    config.queue = 1;
    make(true, config);
    auto &served = block(test::at(0, 0), ns(0));
    auto &outside = block(test::at(0, 0, 1), ns(1));
    const auto &next = block(test::at(0, 0, 2), ns(2));
    sc_core::sc_spawn([&] {
        sc_core::wait(ns(10));
        served.process.kill();
        outside.process.kill();
    });
    sc_core::sc_start();
    EXPECT_EQ(served.status, tlm::TLM_INCOMPLETE_RESPONSE);
    EXPECT_EQ(outside.status, tlm::TLM_INCOMPLETE_RESPONSE);
    EXPECT_EQ(next.returned, ns(28) + hit); // the second has never had the place
}

TEST_F(dram_memory, answers_an_error_after_the_controller)
{
    make();
    const auto &beyond = send(at_read(size - 32, 64));
    at_transfer nothing = at_read(0, 4);
    nothing.command = tlm::TLM_IGNORE_COMMAND;
    const auto &ignored = send(nothing, ns(100));
    sc_core::sc_start();
    EXPECT_EQ(beyond.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(beyond.begin_resp, ns(2));
    EXPECT_EQ(ignored.status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(ignored.begin_resp, ns(102));
    EXPECT_EQ(counter("read-bursts"), 0u);
}

TEST_F(dram_memory, loosely_timed_adds_the_time_of_an_undisturbed_access)
{
    make(false);
    const auto &first = block(test::at(0, 0), ns(0), ns(5));
    const auto &second = block(test::at(0, 0), ns(0));
    const auto &write = block(test::at(0, 0), ns(0), ns(0), tlm::TLM_WRITE_COMMAND);
    sc_core::sc_start();
    EXPECT_EQ(write.delay, write_time);
    EXPECT_TRUE(write.dmi_hint);
    EXPECT_EQ(first.returned, ns(0));
    EXPECT_EQ(first.delay, ns(5) + miss);
    EXPECT_EQ(second.delay, miss);
}

TEST_F(dram_memory, grants_direct_access_with_the_times_of_an_undisturbed_one)
{
    make();
    const auto &read = block(0, ns(0));
    sc_core::sc_start();
    EXPECT_TRUE(read.dmi_hint);
    tlm::tlm_generic_payload trans;
    tlm::tlm_dmi grant;
    trans.set_address(0x1234);
    ASSERT_TRUE(sender.socket->get_direct_mem_ptr(trans, grant));
    EXPECT_EQ(grant.get_start_address(), 0u);
    EXPECT_EQ(grant.get_end_address(), size - 1);
    EXPECT_EQ(grant.get_read_latency(), miss);
    EXPECT_EQ(grant.get_write_latency(), write_time);
}

TEST_F(dram_memory, grants_no_direct_access_where_it_has_none)
{
    make(true, test::plain_dram(), false);
    const auto &read = block(0, ns(0));
    sc_core::sc_start();
    tlm::tlm_generic_payload trans;
    tlm::tlm_dmi grant;
    EXPECT_FALSE(sender.socket->get_direct_mem_ptr(trans, grant));
    EXPECT_EQ(read.status, tlm::TLM_OK_RESPONSE);
    EXPECT_FALSE(read.dmi_hint);
}

TEST_F(dram_memory, is_read_and_written_by_debuggers_in_no_time)
{
    make();
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    unsigned char data[] = {1, 2, 3, 4};
    tlm::tlm_generic_payload trans;
    trans.set_address(0x40);
    trans.set_data_ptr(data);
    trans.set_data_length(4);
    trans.set_write();
    EXPECT_EQ(sender.socket->transport_dbg(trans), 4u);
    const auto &read = send(at_read(0x40, 4));
    sc_core::sc_start();
    EXPECT_EQ(read.data, (bytes{1, 2, 3, 4}));
    EXPECT_EQ(counter("write-bursts"), 0u);
}

TEST_F(dram_memory, names_the_parameter_that_is_wrong)
{
    dram_config config = test::plain_dram();
    config.banks = 0;
    try {
        const vp::dram_memory wrong("wrong", size, config, true, true);
        ADD_FAILURE();
    } catch (const std::invalid_argument &error) {
        EXPECT_EQ(std::string(error.what()), "banks is not 1 to 256");
    }
    make();
}

} // namespace
} // namespace test_dram_memory
