// SPDX-License-Identifier: Apache-2.0
// The traffic generator against every way in which a target may play its part of the base protocol.
#include <gtest/gtest.h>

#include "at_targets.hpp"
#include "error_log.hpp"
#include "smmu/tlm/protocol_checker.hpp"
#include "timed_memory.hpp"
#include "traffic_generator.hpp"

namespace test_traffic_targets {
namespace {

class traffic_against : public testing::TestWithParam<tlm_test::at_target_kind> {};

TEST_P(traffic_against, KeepsToTheBaseProtocol)
{
    vp::traffic_generator::options opts;
    opts.approximate = true;
    opts.start = sc_core::SC_ZERO_TIME;
    opts.config.pattern = TRAFFIC_RANDOM;
    opts.config.window_base = tlm_test::storage::base;
    opts.config.window_bytes = 0x4000;
    opts.config.write_percent = 50;
    opts.config.ids = TRAFFIC_SLOT;
    opts.config.outstanding = 4;
    opts.config.count = 100;

    tlm_test::error_log errors;
    tlm_test::storage bytes;
    vp::traffic_generator generator("generator", opts);
    smmu::protocol_checker<> checker("checker");
    tlm_test::at_memory memory("memory", GetParam(), bytes);
    test::processor host("host");
    checker.target_socket.bind(*generator.masters()[0]);
    checker.initiator_socket.bind(memory.socket);
    host.socket.bind(*generator.regs()[0]);
    sc_core::sc_start(1, sc_core::SC_MS);

    EXPECT_EQ(errors.texts, std::vector<std::string>());
    EXPECT_EQ(checker.in_flight(), 0u);
    EXPECT_EQ(bytes.log.size(), 100u);
    const auto counters = generator.counters();
    EXPECT_EQ(counters[TRAFFIC_ACCESSES].value, 100u);
    EXPECT_EQ(counters[TRAFFIC_ERRORS].value, 0u);
}

INSTANTIATE_TEST_SUITE_P(all, traffic_against, testing::ValuesIn(tlm_test::at_target_kinds),
                         [](const auto &info) { return std::string(info.param.name); });

} // namespace
} // namespace test_traffic_targets
