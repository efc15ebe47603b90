// SPDX-License-Identifier: Apache-2.0
// Every initiator of the kit against every target, with nothing or a relay between them: nothing is
// lost, doubled or wrong, and nobody breaks the base protocol.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "at_client.hpp"
#include "at_initiators.hpp"
#include "at_targets.hpp"
#include "error_log.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace tlm_test::test_at_kit {

namespace {

class at_pair : public testing::TestWithParam<std::tuple<at_initiator_kind, at_target_kind>> {
  protected:
    // Eight writes and reads in turn.
    void transfer()
    {
        std::vector<at_transfer> transfers;
        for (unsigned char i = 0; i < 8; i++) {
            const std::uint64_t address = storage::base + 0x100 + 4u * i;
            bytes.store64(address, 0x0101'0101'0101'0101 * i);
            transfers.push_back(i % 2 == 0 ? at_write(address, {i, 0xaa, 0xbb, i})
                                           : at_read(address, 4));
        }
        for (at_transfer &one : transfers)
            sender.send(one);
        sc_core::sc_start();
        EXPECT_EQ(errors.texts, std::vector<std::string>());
        EXPECT_EQ(sender.pool.in_use(), 0u);
        EXPECT_EQ(sender.ended.size(), transfers.size());
        ASSERT_EQ(bytes.log.size(), transfers.size());
        for (std::size_t i = 0; i < transfers.size(); i++) {
            EXPECT_EQ(bytes.log[i].address, transfers[i].address);
            expect_done(transfers[i], static_cast<unsigned char>(i));
        }
    }

    void expect_done(const at_transfer &t, unsigned char first)
    {
        EXPECT_EQ(t.responses, 1u);
        EXPECT_EQ(t.status, tlm::TLM_OK_RESPONSE);
        EXPECT_LE(t.begin_req, t.end_req);
        EXPECT_LE(t.end_req, t.begin_resp);
        EXPECT_LE(t.begin_resp, t.end_resp);
        const unsigned char *there = bytes.host(t.address);
        EXPECT_EQ(there[0], first);
        EXPECT_EQ(t.data, std::vector<unsigned char>(there, there + 4));
    }

    error_log errors;
    storage bytes;
    at_sender sender{"sender", std::get<0>(GetParam()), 4};
    smmu::protocol_checker<> checker{"checker"};
    at_memory memory{"memory", std::get<1>(GetParam()), bytes};
};

TEST_P(at_pair, does_every_transfer_once)
{
    sender.socket.bind(checker.target_socket);
    checker.initiator_socket.bind(memory.socket);
    transfer();
    EXPECT_EQ(checker.in_flight(), 0u);
}

TEST_P(at_pair, does_every_transfer_once_through_a_relay)
{
    at_relay relay("relay");
    smmu::protocol_checker<> behind("behind");
    sender.socket.bind(checker.target_socket);
    checker.initiator_socket.bind(relay.in);
    relay.out.bind(behind.target_socket);
    behind.initiator_socket.bind(memory.socket);
    transfer();
    EXPECT_EQ(checker.in_flight(), 0u);
    EXPECT_EQ(behind.in_flight(), 0u);
}

INSTANTIATE_TEST_SUITE_P(all, at_pair,
                         testing::Combine(testing::ValuesIn(at_initiator_kinds),
                                          testing::ValuesIn(at_target_kinds)),
                         [](const testing::TestParamInfo<at_pair::ParamType> &info) {
                             return std::string(std::get<0>(info.param).name) + "__" +
                                    std::get<1>(info.param).name;
                         });

// Times of the kit that no row of at_times.hpp shows.
struct at_kit : testing::Test {
    storage bytes;
    at_sender sender{"sender", at_initiator_kinds.at(0), 2};
    at_memory memory{
        "memory",
        {"", at_target_kind::accept::called, at_target_kind::answer::called, 5, 20, 0, 0},
        bytes};
    at_transfer transfers[3] = {at_write(storage::base, {1}), at_write(storage::base + 8, {2}),
                                at_write(storage::base + 16, {3})};

    at_kit() { sender.socket.bind(memory.socket); }
    static sc_core::sc_time ns(unsigned n) { return {static_cast<double>(n), sc_core::SC_NS}; }
};

TEST_F(at_kit, sender_has_as_many_in_flight_as_it_may)
{
    for (at_transfer &one : transfers)
        sender.send(one);
    sc_core::sc_start();
    EXPECT_EQ(transfers[1].begin_req, ns(5));
    EXPECT_EQ(transfers[2].begin_req, ns(25)); // the first has ended
}

TEST_F(at_kit, sender_waits_for_the_moment_of_a_transfer)
{
    transfers[1].not_before = ns(50);
    for (at_transfer &one : transfers)
        sender.send(one);
    sc_core::sc_start();
    EXPECT_EQ(transfers[1].begin_req, ns(50));
    EXPECT_EQ(transfers[2].begin_req, ns(55)); // in the order of the calls
}

TEST_F(at_kit, sender_says_when_all_have_ended)
{
    sc_core::sc_time idle;
    sc_core::sc_spawn([&] {
        for (at_transfer &one : transfers)
            sender.send(one);
        sender.wait_until_idle();
        idle = sc_core::sc_time_stamp();
    });
    sc_core::sc_start();
    EXPECT_EQ(sender.ended.size(), 3u);
    EXPECT_EQ(idle, transfers[2].end_resp);
    EXPECT_EQ(idle, ns(50));
}

TEST_F(at_kit, transfers_have_byte_enables_and_attributes)
{
    bytes.store64(storage::base, 0);
    at_transfer t = at_write(storage::base, {1, 2, 3, 4});
    t.byte_enables = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
    t.attributes.sid = 7;
    sender.send(t);
    sc_core::sc_start();
    EXPECT_EQ(bytes.load64(storage::base), 0x00030001u);
    EXPECT_EQ(bytes.count(7), 1u);
}

} // namespace

} // namespace tlm_test::test_at_kit
