// SPDX-License-Identifier: Apache-2.0
// Every initiator of the kit against every target: they keep to the base protocol, with each other.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "at_initiators.hpp"
#include "at_targets.hpp"
#include "error_log.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace tlm_test {

namespace {

class at_pair : public testing::TestWithParam<std::tuple<at_initiator_kind, at_target_kind>> {};

TEST_P(at_pair, does_every_transfer_once_and_breaks_no_rule)
{
    const auto &[initiator, target] = GetParam();
    error_log errors;
    storage bytes;
    at_sender sender("sender", initiator, 4);
    smmu::protocol_checker<> checker("checker");
    at_memory memory("memory", target, bytes);
    sender.socket.bind(checker.target_socket);
    checker.initiator_socket.bind(memory.socket);

    std::vector<at_transfer> transfers;
    for (unsigned char i = 0; i < 8; i++) {
        const std::uint64_t address = storage::base + 0x100 + 4u * i;
        bytes.store64(address, 0x0101'0101'0101'0101 * i);
        transfers.push_back(i % 2 == 0 ? at_write(address, {i, 0xaa, 0xbb, i})
                                       : at_read(address, 4));
    }
    for (at_transfer &transfer : transfers)
        sender.send(transfer);
    sc_core::sc_start();

    EXPECT_EQ(errors.texts, std::vector<std::string>());
    EXPECT_EQ(checker.in_flight(), 0u);
    EXPECT_EQ(sender.pool.in_use(), 0u);
    EXPECT_EQ(sender.ended.size(), transfers.size());
    ASSERT_EQ(bytes.log.size(), transfers.size());
    for (std::size_t i = 0; i < transfers.size(); i++) {
        const at_transfer &t = transfers[i];
        EXPECT_EQ(t.responses, 1u) << i;
        EXPECT_EQ(t.status, tlm::TLM_OK_RESPONSE) << i;
        EXPECT_EQ(bytes.log[i].address, t.address) << i;
        EXPECT_LE(t.begin_req, t.end_req) << i;
        EXPECT_LE(t.end_req, t.begin_resp) << i;
        EXPECT_LE(t.begin_resp, t.end_resp) << i;
        const std::vector<unsigned char> there(bytes.host(t.address), bytes.host(t.address) + 4);
        EXPECT_EQ(there[0], i) << i;
        EXPECT_EQ(t.data, there) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(all, at_pair,
                         testing::Combine(testing::ValuesIn(at_initiator_kinds),
                                          testing::ValuesIn(at_target_kinds)),
                         [](const testing::TestParamInfo<at_pair::ParamType> &info) {
                             return std::string(std::get<0>(info.param).name) + "__" +
                                    std::get<1>(info.param).name;
                         });

} // namespace

} // namespace tlm_test
