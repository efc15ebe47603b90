// SPDX-License-Identifier: Apache-2.0
// Every kind of target and of initiator, with the kit's own other side and with a module that uses
// the component's class: when each phase counts, and that nothing is lost, doubled or out of order.
#include <gtest/gtest.h>

#include "at_client.hpp"
#include "at_targets.hpp"
#include "at_times.hpp"
#include "error_log.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace tlm_test::test_at_times {

namespace {

using times = std::vector<sc_core::sc_time>;

times in_ns(const std::vector<unsigned> &values)
{
    times all;
    for (const unsigned ns : values)
        all.emplace_back(ns, sc_core::SC_NS);
    return all;
}

// Three writes, and a checker on their way.
class three_writes {
  public:
    three_writes()
    {
        for (unsigned char i = 0; i < 3; i++)
            transfers.push_back(at_write(storage::base + 8u * i, {i, 1, 2, 3}));
    }

    template <class Initiator, class Target> void run(Initiator &initiator, Target &target)
    {
        initiator.socket.bind(checker.target_socket);
        checker.initiator_socket.bind(target.socket);
        for (at_transfer &transfer : transfers)
            initiator.send(transfer);
        sc_core::sc_start();
        EXPECT_EQ(errors.texts, std::vector<std::string>());
        EXPECT_EQ(checker.in_flight(), 0u);
        EXPECT_EQ(initiator.pool.in_use(), 0u);
        ASSERT_EQ(bytes.log.size(), 3u);
        for (unsigned i = 0; i < 3; i++) {
            EXPECT_EQ(bytes.log[i].address, transfers[i].address);
            EXPECT_EQ(transfers[i].responses, 1u);
            EXPECT_EQ(transfers[i].status, tlm::TLM_OK_RESPONSE);
        }
        EXPECT_EQ(initiator.ended.size(), 3u);
    }

    times each(sc_core::sc_time at_transfer::*phase) const
    {
        times all;
        for (const at_transfer &transfer : transfers)
            all.push_back(transfer.*phase);
        return all;
    }

    error_log errors;
    storage bytes;
    smmu::protocol_checker<> checker{"checker"};
    std::vector<at_transfer> transfers;
};

void expect_all(const three_writes &writes, const at_times &row)
{
    EXPECT_EQ(writes.each(&at_transfer::begin_req), in_ns(row.begin_req));
    EXPECT_EQ(writes.each(&at_transfer::end_req), in_ns(row.end_req));
    EXPECT_EQ(writes.each(&at_transfer::begin_resp), in_ns(row.begin_resp));
    EXPECT_EQ(writes.each(&at_transfer::end_resp), in_ns(row.end_resp));
}

class target_kind : public testing::TestWithParam<at_target_kind> {
  protected:
    const at_times &row = times_of(target_times, GetParam().name);
    three_writes writes;
    at_memory memory{"memory", GetParam(), writes.bytes};
};

TEST_P(target_kind, keeps_its_times_with_an_initiator_of_the_kit)
{
    at_sender sender("sender", at_initiator_kinds.at(0), 4); // completes
    writes.run(sender, memory);
    expect_all(writes, row);
}

TEST_P(target_kind, keeps_its_times_with_at_initiator)
{
    at_client client("client");
    writes.run(client, memory);
    EXPECT_EQ(writes.each(&at_transfer::end_req), in_ns(row.end_req));
    EXPECT_EQ(writes.each(&at_transfer::end_resp), in_ns(row.end_resp));
    EXPECT_EQ(client.accepted,
              (std::vector<const at_transfer *>{&writes.transfers[0], &writes.transfers[1],
                                                &writes.transfers[2]}));
}

INSTANTIATE_TEST_SUITE_P(all, target_kind, testing::ValuesIn(at_target_kinds),
                         [](const auto &info) { return std::string(info.param.name); });

class initiator_kind : public testing::TestWithParam<at_initiator_kind> {
  protected:
    const at_times &row = times_of(initiator_times, GetParam().name);
    three_writes writes;
    at_sender sender{"sender", GetParam(), 4};
};

TEST_P(initiator_kind, keeps_its_times_with_a_target_of_the_kit)
{
    const at_target_kind kind = {
        "", at_target_kind::accept::called, at_target_kind::answer::called, 5, 10, 0, 0};
    at_memory memory("memory", kind, writes.bytes);
    writes.run(sender, memory);
    expect_all(writes, row);
}

TEST_P(initiator_kind, keeps_its_times_with_at_target)
{
    at_server server("server", writes.bytes, 5, 10);
    writes.run(sender, server);
    expect_all(writes, row);
    EXPECT_EQ(server.taken, server.arrived);
}

INSTANTIATE_TEST_SUITE_P(all, initiator_kind, testing::ValuesIn(at_initiator_kinds),
                         [](const auto &info) { return std::string(info.param.name); });

} // namespace

} // namespace tlm_test::test_at_times
