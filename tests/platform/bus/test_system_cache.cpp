// SPDX-License-Identifier: Apache-2.0
// The system cache of a router, which answers some reads of some ports in the place of memory.
#include <gtest/gtest.h>

#include "bus_bench.hpp"

namespace test_system_cache {
namespace {

using namespace test;
using bytes = std::vector<unsigned char>;

constexpr std::uint64_t cache_latency = 12000;
constexpr crossbar_port timed = {16, 1000, 5000, 2000, 0, 0, CROSSBAR_ROUND_ROBIN};
const sc_time at_hit = ns(1 + 5 + 12 + 2 + 4); // 64 bytes
const sc_time at_miss = ns(1 + 5 + 30 + 2 + 4);

// A memory that is cached and one that is not; reads of the first initiator may hit.
class system_cache : public testing::Test {
  protected:
    void hits(std::uint32_t ppm)
    {
        b.router.set_system_cache(cache_latency);
        b.router.set_cached(0);
        b.router.cache_reads(0, ppm);
    }

    bus_bench b{"bench", {2, 2, true, ns(30)}, timed};
};

TEST_F(system_cache, answers_reads_of_its_port_in_its_time)
{
    hits(BUS_CHANCE_CERTAIN);
    bytes data(64);
    const auto &hit = b.read(0, memory_base(0), 64);
    const auto &uncached = b.read(0, memory_base(1), 64, ns(100));
    const auto &other_port = b.read(1, memory_base(0), 64, ns(200));
    const auto &called = b.block(0, tlm::TLM_READ_COMMAND, memory_base(0), data, ns(300));
    sc_core::sc_start();
    EXPECT_EQ(hit.end_resp, at_hit);
    EXPECT_EQ(uncached.end_resp, ns(100) + at_miss);
    EXPECT_EQ(other_port.end_resp, ns(200) + at_miss);
    EXPECT_EQ(called.returned, ns(300) + at_hit);
    EXPECT_EQ(b.router.system_cache_stats().transactions, 2u);
}

TEST_F(system_cache, leaves_writes_and_reads_of_single_bytes_to_memory)
{
    hits(BUS_CHANCE_CERTAIN);
    auto read = tlm_test::at_read(memory_base(0), 64);
    read.byte_enables = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
    const auto &enabled = b.send(0, read);
    const auto &write = b.send(0, tlm_test::at_write(memory_base(0), bytes(64)), ns(100));
    sc_core::sc_start();
    EXPECT_EQ(enabled.end_resp, at_miss);
    EXPECT_EQ(write.end_resp, ns(100 + 4 + 5 + 30 + 2 + 1));
}

TEST_F(system_cache, leaves_reads_that_stream_to_memory)
{
    hits(BUS_CHANCE_CERTAIN);
    sc_time took;
    bytes data(64);
    sc_core::sc_spawn([&] {
        tlm::tlm_generic_payload trans;
        trans.set_read();
        trans.set_address(memory_base(0));
        trans.set_data_ptr(data.data());
        trans.set_data_length(64);
        trans.set_streaming_width(32);
        b.senders[0]->socket->b_transport(trans, took);
        took += sc_core::sc_time_stamp();
    });
    sc_core::sc_start();
    EXPECT_EQ(took, at_miss);
}

TEST_F(system_cache, has_what_was_written)
{
    hits(BUS_CHANCE_CERTAIN);
    b.send(1, tlm_test::at_write(memory_base(0) + 0x20, {1, 2, 3, 4}));
    const auto &read = b.read(0, memory_base(0) + 0x20, 4, ns(100));
    sc_core::sc_start();
    EXPECT_EQ(read.status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(read.data, (bytes{1, 2, 3, 4}));
}

TEST_F(system_cache, hits_as_often_as_it_is_likely)
{
    hits(300000);
    std::vector<const tlm_test::at_transfer *> reads;
    for (unsigned i = 0; i < 1000; i++)
        reads.push_back(&b.read(0, memory_base(0), 64, ns(100. * i)));
    sc_core::sc_start();
    unsigned found = 0;
    for (unsigned i = 0; i < 1000; i++) {
        const sc_time took = reads[i]->end_resp - ns(100. * i);
        ASSERT_TRUE(took == at_hit || took == at_miss);
        found += took == at_hit ? 1 : 0;
    }
    EXPECT_NEAR(found, 300, 44); // three standard deviations
    EXPECT_EQ(b.router.system_cache_stats().transactions, found);
}

// The first numbers of splitmix64 from 0 and from 1 on, by an independent implementation: those
// whose remainder of a million is below the half. What cannot hit takes none of them.
TEST_F(system_cache, is_drawn_for_by_the_number_of_the_port)
{
    const std::vector<bool> numbers[] = {
        {false, true, false, false, true, true, true, true, false, true},
        {false, true, false, false, false, false, false, true, true, false}};
    hits(500000);
    b.router.cache_reads(1, 500000);
    std::vector<const tlm_test::at_transfer *> reads[2];
    for (unsigned i = 0; i < 10; i++) {
        for (unsigned port = 0; port < 2; port++)
            reads[port].push_back(&b.read(port, memory_base(0), 64, ns(100. * i)));
        b.send(0, tlm_test::at_write(memory_base(0), bytes(8)), ns(100. * i + 50));
        b.read(0, memory_base(1), 64, ns(100. * i + 50));
    }
    sc_core::sc_start();
    for (unsigned port = 0; port < 2; port++) {
        std::vector<bool> found;
        for (unsigned i = 0; i < 10; i++)
            found.push_back(reads[port][i]->end_resp - ns(100. * i) < at_miss);
        EXPECT_EQ(found, numbers[port]) << port;
    }
}

// With one at a time, the second is granted when the first has been answered.
TEST(system_cache_limit, counts_what_it_has_not_answered)
{
    crossbar_port one = timed;
    one.issuing = 1;
    bus_bench b("bench", {1, 1, true, ns(30)}, one);
    b.router.set_system_cache(cache_latency);
    b.router.set_cached(0);
    b.router.cache_reads(0, BUS_CHANCE_CERTAIN);
    const auto &first = b.read(0, memory_base(0), 64);
    const auto &second = b.read(0, memory_base(0), 64);
    sc_core::sc_start();
    EXPECT_EQ(first.end_resp, at_hit);
    EXPECT_EQ(second.end_resp, ns(1 + 5 + 12) + at_hit);
}

// Its data are what memory says to a debugger.
TEST(system_cache_of_a_small_memory, answers_no_read_that_memory_would_not)
{
    constexpr std::uint64_t present = memory_size / 2;
    bus_bench::shape small = {1, 1, true, ns(30)};
    small.present = present;
    bus_bench b("bench", small, timed);
    b.router.set_system_cache(cache_latency);
    b.router.set_cached(0);
    b.router.cache_reads(0, BUS_CHANCE_CERTAIN);
    const auto &last = b.read(0, memory_base(0) + present - 64, 64);
    const auto &across = b.read(0, memory_base(0) + present - 32, 64, ns(100));
    const auto &behind = b.read(0, memory_base(0) + present, 64, ns(200));
    sc_core::sc_start();
    EXPECT_EQ(b.router.system_cache_stats().transactions, 3u);
    EXPECT_EQ(last.status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(across.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(behind.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
}

TEST_F(system_cache, is_not_there_by_itself)
{
    const auto &read = b.read(0, memory_base(0), 64);
    sc_core::sc_start();
    EXPECT_EQ(read.end_resp, at_miss);
}

} // namespace
} // namespace test_system_cache
