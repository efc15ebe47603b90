// SPDX-License-Identifier: Apache-2.0
// How long the DMA engine takes on a bus whose accesses take 100 ns, with several bursts under way.
// Each test runs in a process of its own.
#include <cstring>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <systemc>

#include "dma_engine.hpp"
#include "smmu/tlm/protocol_checker.hpp"
#include "timed_memory.hpp"
#include "vp/wire.hpp"

namespace test_dma_times {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

constexpr std::uint64_t source = 0x1000;
constexpr std::uint64_t destination = 0x2000;
constexpr unsigned burst = 64;
constexpr unsigned bursts = 16;
constexpr double access_ns = 100;
constexpr double burst_ns = 10; // the engine's own, after the write

class dma_times : public ::testing::Test {
  protected:
    dma_times()
    {
        opts.sids = {0x10};
        opts.burst_bytes = burst;
        opts.burst_time = sc_time(burst_ns, SC_NS);
        opts.approximate = true;
        for (unsigned i = 0; i < burst * bursts; i++)
            memory.bytes[source + i] = static_cast<std::uint8_t>(i * 7);
        put_descriptor(0, source, destination);
        put_descriptor(32, source, destination + burst * bursts);
    }

    void put_descriptor(std::uint64_t at, std::uint64_t from, std::uint64_t to)
    {
        const std::uint64_t words[] = {from, to, std::uint64_t{1} << 32 | burst * bursts, 0};
        std::memcpy(&memory.bytes[at], words, sizeof words);
    }

    void write(std::uint64_t address, std::uint32_t value)
    {
        tlm::tlm_generic_payload payload;
        sc_time delay;
        payload.set_write();
        payload.set_address(address);
        payload.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
        payload.set_data_length(4);
        payload.set_streaming_width(4);
        host.socket->b_transport(payload, delay);
        ASSERT_TRUE(payload.is_response_ok());
    }

    std::uint32_t read(std::uint64_t address)
    {
        std::uint32_t value = 0;
        tlm::tlm_generic_payload payload;
        sc_time delay;
        payload.set_read();
        payload.set_address(address);
        payload.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
        payload.set_data_length(4);
        payload.set_streaming_width(4);
        host.socket->b_transport(payload, delay);
        EXPECT_TRUE(payload.is_response_ok());
        return value;
    }

    // Runs transfers of all channels; returns when the interrupt of the first came, in nanoseconds.
    double run()
    {
        engine = std::make_unique<vp::dma_engine>("engine", opts);
        checker.target_socket.bind(*engine->masters()[0]);
        checker.initiator_socket.bind(memory.socket);
        host.socket.bind(*engine->regs()[0]);
        engine->irqs()[0]->bind(line);
        double end = 0;
        line.listen([&](bool) { end = sc_core::sc_time_stamp() / sc_time(1, SC_NS); });
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        for (std::uint32_t channel = 0; channel < opts.sids.size(); channel++) {
            write(channel * DMA_PAGE_SIZE + 0x10, channel * 32);
            write(channel * DMA_PAGE_SIZE + 0x08, 5);
        }
        sc_core::sc_start(100, sc_core::SC_US);
        return end;
    }

    bool is_moved(std::uint64_t to) const
    {
        return std::memcmp(&memory.bytes[source], &memory.bytes[to], burst * bursts) == 0;
    }

    vp::dma_engine::options opts;
    test::timed_memory memory{"memory", 0x4000};
    smmu::protocol_checker<> checker{"checker"}; // its complaints end a test
    test::processor host{"host"};
    vp::wire line{"line"};
    std::unique_ptr<vp::dma_engine> engine;
};

// The descriptor, then a read and a write for each burst.
TEST_F(dma_times, OneBurstAtATime)
{
    EXPECT_EQ(run(), access_ns + bursts * (access_ns + access_ns + burst_ns)); // 3460
    EXPECT_TRUE(is_moved(destination));
    EXPECT_EQ(memory.most, 1u);
    EXPECT_EQ(checker.in_flight(), 0u);
}

TEST_F(dma_times, FourBurstsAtATime)
{
    opts.outstanding = 4;
    EXPECT_EQ(run(), access_ns + 4 * (access_ns + access_ns + burst_ns)); // 940
    EXPECT_TRUE(is_moved(destination));
    EXPECT_EQ(memory.most, 4u);
    EXPECT_EQ(checker.in_flight(), 0u);
}

TEST_F(dma_times, AllBurstsAtATime)
{
    opts.outstanding = 16;
    EXPECT_EQ(run(), access_ns + access_ns + access_ns + burst_ns); // 310
    EXPECT_TRUE(is_moved(destination));
    EXPECT_EQ(memory.most, 16u);
    EXPECT_EQ(checker.in_flight(), 0u);
}

// The fifth round has no burst for the last two.
TEST_F(dma_times, WhatIsLeftOfTheLastRoundTakesARound)
{
    opts.outstanding = 6;
    EXPECT_EQ(run(), access_ns + 3 * (access_ns + access_ns + burst_ns)); // 6 + 6 + 4 bursts: 730
    EXPECT_TRUE(is_moved(destination));
}

TEST_F(dma_times, ReadsOfSomeBurstsGoOnWithWritesOfOthers)
{
    opts.outstanding = 2;
    memory.latency = [](const test::timed_memory::access &access) {
        return sc_time(access.address == source ? 250 : access_ns, SC_NS); // of the first burst
    };
    // From 100 ns on: the first burst takes 250 + 100 + 10 ns, and 7 more follow it, of 210 ns
    // each, the last of them at 1720 ns. Beside them there are 8 bursts, the last at 1570 ns.
    EXPECT_EQ(run(), access_ns + 360 + 7 * 210);
    EXPECT_TRUE(is_moved(destination));
    EXPECT_EQ(checker.in_flight(), 0u);
}

TEST_F(dma_times, LooselyTimedMachineMovesOneBurstAtATime)
{
    opts.approximate = false;
    opts.outstanding = 16;
    EXPECT_EQ(run(), access_ns + bursts * (access_ns + access_ns + burst_ns));
    EXPECT_TRUE(is_moved(destination));
}

TEST_F(dma_times, ChannelsHaveBurstsUnderWayEach)
{
    opts.sids = {0x10, 0x11};
    opts.outstanding = 16;
    EXPECT_EQ(run(), access_ns + access_ns + access_ns + burst_ns);
    EXPECT_TRUE(is_moved(destination));
    EXPECT_TRUE(is_moved(destination + burst * bursts));
    EXPECT_EQ(memory.most, 32u);
    for (const auto &access : memory.seen) {
        const bool first = access.address < destination + burst * bursts;
        if (access.write) {
            EXPECT_EQ(access.attributes.sid, first ? 0x10u : 0x11u);
            EXPECT_EQ(access.attributes.id, first ? 0u : 1u);
        }
    }
}

TEST_F(dma_times, FailureWaitsForTheBurstsBeforeIt)
{
    opts.outstanding = 4;
    memory.fails = [](const auto &access) {
        return access.address == source + 2 * burst || access.address == destination + burst;
    };
    memory.latency = [](const auto &access) {
        return sc_time(access.address == source + 2 * burst ? 50 : access_ns, SC_NS);
    };
    // The read of the third burst fails at 150 ns, before that of the fourth ends; the write of the
    // second fails at 300 ns.
    EXPECT_EQ(run(), access_ns + access_ns + access_ns + burst_ns);
    EXPECT_EQ(read(0x0c), 4u);
    EXPECT_EQ(read(0x30), 3u);
    EXPECT_EQ(read(0x20), destination + burst);
    EXPECT_EQ(read(0x28), burst) << "the first; the fourth is not written";
}

TEST_F(dma_times, OutstandingBeyondTheLimitIsRefused)
{
    opts.outstanding = 65;
    try {
        const vp::dma_engine bad("bad", opts);
        ADD_FAILURE() << "65 are too many";
    } catch (const std::invalid_argument &error) {
        EXPECT_STREQ(error.what(), "outstanding: is not between 1 and 64");
    }
    opts.outstanding = 64;
    run();
}

} // namespace
} // namespace test_dma_times
