// SPDX-License-Identifier: Apache-2.0
// The traffic generator on a bus: times by hand, what transactions carry, how runs begin and end.
// Each test runs in a process of its own.
#include <memory>

#include <gtest/gtest.h>
#include <systemc>

#include "smmu/tlm/protocol_checker.hpp"
#include "timed_memory.hpp"
#include "traffic_generator.hpp"
#include "vp/wire.hpp"

namespace test_traffic_tlm {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

constexpr std::uint64_t ns = 1000; // picoseconds

class traffic_on_a_bus : public ::testing::Test {
  protected:
    traffic_on_a_bus()
    {
        opts.config.window_bytes = 0x10000;
        opts.approximate = true;
        opts.start = sc_core::SC_ZERO_TIME;
    }

    // Makes the bench and runs it for so long.
    void run(double duration_ns)
    {
        if (!generator) {
            generator = std::make_unique<vp::traffic_generator>("generator", opts);
            checker.target_socket.bind(*generator->masters()[0]);
            checker.initiator_socket.bind(memory.socket);
            host.socket.bind(*generator->regs()[0]);
            generator->irqs()[0]->bind(line);
        }
        sc_core::sc_start(duration_ns, SC_NS);
    }

    std::uint64_t counter(const std::string &name) const
    {
        for (const auto &each : generator->counters())
            if (each.name == name)
                return each.value;
        ADD_FAILURE() << "there is no " << name;
        return 0;
    }

    std::uint64_t reg(tlm::tlm_command command, std::uint64_t address, std::uint32_t value = 0)
    {
        tlm::tlm_generic_payload payload;
        sc_time delay;
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
        payload.set_data_length(4);
        payload.set_streaming_width(4);
        host.socket->b_transport(payload, delay);
        EXPECT_TRUE(payload.is_response_ok());
        return value;
    }

    std::vector<double> times() const // in nanoseconds
    {
        std::vector<double> list;
        for (const auto &access : memory.seen)
            list.push_back(access.time / sc_time(1, SC_NS));
        return list;
    }

    vp::traffic_generator::options opts;
    test::timed_memory memory{"memory", 0x10000};
    smmu::protocol_checker<> checker{"checker"}; // its complaints end a test
    test::processor host{"host"};
    vp::wire line{"line"};
    std::unique_ptr<vp::traffic_generator> generator;
};

// 16 answers come at 100, 200, ... 9900 ns.
TEST_F(traffic_on_a_bus, ClosedLoopOfNOutstandingMakesNAccessesInEachLatency)
{
    opts.config.outstanding = 16;
    run(9950);
    EXPECT_EQ(counter("accesses"), 16u * 99);
    EXPECT_EQ(counter("bytes"), 16u * 99 * 64);
    EXPECT_EQ(counter("latency-min-ps"), 100 * ns);
    EXPECT_EQ(counter("latency-max-ps"), 100 * ns);
    EXPECT_EQ(counter("latency-p99.9-ps"), 100 * ns);
    EXPECT_EQ(counter("bandwidth-MBps"), 10240u) << "16 * 64 bytes in 100 ns";
    EXPECT_EQ(memory.most, 16u);
}

TEST_F(traffic_on_a_bus, IntervalIsExact)
{
    opts.config.arrival = TRAFFIC_INTERVAL;
    opts.config.interval_ps = 30 * ns;
    opts.config.outstanding = 4;
    opts.start = sc_time(5, SC_NS);
    opts.config.count = 4;
    run(1000);
    EXPECT_EQ(times(), (std::vector<double>{5, 35, 65, 95}));
    EXPECT_EQ(memory.most, 4u) << "the first answer comes at 105 ns";
}

TEST_F(traffic_on_a_bus, ChaseFollowsTheDataOneAfterTheOther)
{
    opts.config.pattern = TRAFFIC_CHASE;
    opts.config.window_base = 0x100;
    opts.config.outstanding = 4;
    opts.config.count = 3;
    memory.bytes[0x101] = 0x20; // at 0x100: 0x2000
    memory.bytes[0x2000] = 0x80;
    run(1000);
    ASSERT_EQ(memory.seen.size(), 3u);
    EXPECT_EQ(memory.seen[1].address, 0x2000u);
    EXPECT_EQ(memory.seen[2].address, 0x80u);
    EXPECT_EQ(times(), (std::vector<double>{0, 100, 200}));
}

// On average as many are outstanding as arrive in one latency: the memory and the generator tell
// the same.
TEST_F(traffic_on_a_bus, LittlesLawHolds)
{
    opts.config.arrival = TRAFFIC_POISSON;
    opts.config.interval_ps = 10 * ns;
    opts.config.outstanding = 512;
    opts.config.count = 20000;
    run(1e6);
    ASSERT_EQ(counter("accesses"), 20000u);
    EXPECT_EQ(counter("waited-ps"), 0u);
    const double time = static_cast<double>(counter("last-ps") - counter("first-ps"));
    const double mean = memory.area / sc_time(1, sc_core::SC_PS) / time;
    const double latency = static_cast<double>(counter("latency-sum-ps")) / 20000;
    EXPECT_DOUBLE_EQ(mean, 20000 / time * latency);
    EXPECT_NEAR(mean, 10, 0.3); // four standard deviations: 10 * 4 / sqrt(20000)
}

TEST_F(traffic_on_a_bus, TransactionsCarryTheirAttributesAndWriteTheirNumber)
{
    opts.sids = {0x40};
    opts.config.streams = 2;
    opts.config.ssid_first = 9;
    opts.config.ssid_count = 1;
    opts.config.ids = TRAFFIC_SLOT;
    opts.config.id_first = 3;
    opts.config.qos = 12;
    opts.config.outstanding = 2;
    opts.config.write_percent = 100;
    opts.config.count = 2;
    run(1000);
    ASSERT_EQ(memory.seen.size(), 2u);
    for (unsigned i = 0; i < 2; i++) {
        EXPECT_EQ(memory.seen[i].attributes.sid, 0x40 + i);
        EXPECT_TRUE(memory.seen[i].attributes.ssv);
        EXPECT_EQ(memory.seen[i].attributes.ssid, 9u);
        EXPECT_EQ(memory.seen[i].attributes.id, 3 + i);
        EXPECT_EQ(memory.seen[i].attributes.qos, 12u);
        EXPECT_EQ(memory.bytes[64 * i], i);
        EXPECT_EQ(memory.bytes[64 * i + 63], i);
    }
}

TEST_F(traffic_on_a_bus, FailuresAreCounted)
{
    opts.config.count = 5;
    memory.fails = [](const test::timed_memory::access &access) { return access.address == 0x80; };
    run(1000);
    EXPECT_EQ(counter("accesses"), 5u);
    EXPECT_EQ(counter("errors"), 1u);
    EXPECT_EQ(checker.in_flight(), 0u);
}

TEST_F(traffic_on_a_bus, LooselyTimedAccessesGoOneAfterTheOther)
{
    opts.approximate = false;
    opts.config.outstanding = 4;
    opts.config.count = 3;
    opts.config.write_percent = 100;
    run(1000);
    EXPECT_EQ(times(), (std::vector<double>{0, 100, 200}));
    EXPECT_EQ(counter("latency-mean-ps"), 100 * ns);
    EXPECT_EQ(memory.bytes[64 * 2], 2u);
}

// 1024 accesses, and a rest of 100 us, each time.
TEST_F(traffic_on_a_bus, AnswersInNoTimeLetTimePass)
{
    memory.latency = [](const test::timed_memory::access &) { return sc_core::SC_ZERO_TIME; };
    run(250000);
    EXPECT_EQ(counter("accesses"), 3u * 1024);
}

TEST_F(traffic_on_a_bus, LooselyTimedAnswersInNoTimeLetTimePass)
{
    opts.approximate = false;
    memory.latency = [](const test::timed_memory::access &) { return sc_core::SC_ZERO_TIME; };
    run(250000);
    EXPECT_EQ(counter("accesses"), 3u * 1024);
}

TEST_F(traffic_on_a_bus, SoftwareStartsAndStopsIt)
{
    opts.start.reset();
    run(500);
    EXPECT_EQ(counter("accesses"), 0u);
    reg(tlm::TLM_WRITE_COMMAND, 0x08, 1);
    run(250);
    EXPECT_EQ(counter("accesses"), 2u);
    EXPECT_EQ(counter("first-ps"), 500 * ns);
    reg(tlm::TLM_WRITE_COMMAND, 0x08, 2);
    run(1000);
    EXPECT_EQ(reg(tlm::TLM_READ_COMMAND, 0x0c), 0u);
    EXPECT_EQ(reg(tlm::TLM_READ_COMMAND, 0x10), 3u) << "the last was under way";
}

TEST_F(traffic_on_a_bus, InterruptRisesWhenTheRunIsDone)
{
    opts.start.reset();
    opts.config.count = 2;
    run(0);
    reg(tlm::TLM_WRITE_COMMAND, 0x08, 5);
    run(199);
    EXPECT_FALSE(line.read());
    run(2);
    EXPECT_TRUE(line.read());
    reg(tlm::TLM_WRITE_COMMAND, 0x0c, 2);
    EXPECT_FALSE(line.read());
}

TEST_F(traffic_on_a_bus, OptionsThatMakeNoSenseAreRefused)
{
    opts.config.window_bytes = 0;
    try {
        const vp::traffic_generator bad("bad", opts);
        ADD_FAILURE() << "there is no window";
    } catch (const std::invalid_argument &error) {
        EXPECT_STREQ(error.what(), "window_bytes: must be a multiple of access_bytes, and not 0");
    }
    opts.config.window_bytes = 64;
    opts.config.count = 1;
    run(1000);
}

// --- the pool ---

TEST_F(traffic_on_a_bus, TransactionIsUsedAgainWhenNobodyRefersToIt)
{
    vp::payload_pool<unsigned> pool;
    auto &first = pool.take(tlm::TLM_READ_COMMAND, 0x1000, 64);
    first.acquire();
    first.acquire();
    first.attributes().sid = 7;
    first.set_dmi_allowed(true);
    first.set_response_status(tlm::TLM_OK_RESPONSE);
    first.release();
    EXPECT_NE(&pool.take(tlm::TLM_READ_COMMAND, 0, 4), &first) << "somebody refers to it";
    first.release();
    auto &again = pool.take(tlm::TLM_WRITE_COMMAND, 0x2000, 8);
    ASSERT_EQ(&again, &first);
    EXPECT_EQ(again.get_address(), 0x2000u);
    EXPECT_EQ(again.get_data_length(), 8u);
    EXPECT_EQ(again.get_streaming_width(), 8u);
    EXPECT_EQ(again.attributes().sid, 0u);
    EXPECT_FALSE(again.is_dmi_allowed());
    EXPECT_EQ(again.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
    opts.config.count = 1;
    run(1000);
}

} // namespace
} // namespace test_traffic_tlm
