// SPDX-License-Identifier: Apache-2.0
// Router: decoding, address translation, direct access windows, debug.
#include <gtest/gtest.h>

#include "bench.hpp"

namespace test_router {
namespace {

using bench::device_base;
using bench::device_size;
using bench::ram_size;
using bench::range;
using bench::routed_ram_base;
using sc_core::SC_NS;
using sc_core::sc_time;

class router : public testing::Test {
  protected:
    void SetUp() override
    {
        all.device.calls = 0;
        all.left.invalidations.clear();
        all.right.invalidations.clear();
    }

    bench::modules &all = bench::get();
    std::uint8_t data[16] = {};
};

TEST_F(router, makes_addresses_relative_to_the_target)
{
    EXPECT_EQ(all.left.read(device_base + 0x24, data, 4).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(all.device.last_address, 0x24u);
}

TEST_F(router, gives_the_initiator_its_address_back)
{
    tlm::tlm_generic_payload trans;
    trans.set_command(tlm::TLM_READ_COMMAND);
    trans.set_address(device_base + 8);
    trans.set_data_ptr(data);
    trans.set_data_length(4);
    trans.set_streaming_width(4);
    all.left.send(trans);
    EXPECT_EQ(trans.get_address(), device_base + 8);
}

TEST_F(router, decodes_the_first_and_the_last_byte_of_a_range)
{
    EXPECT_EQ(all.left.read(device_base, data, 1).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(all.left.read(device_base + device_size - 1, data, 1).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(all.device.last_address, device_size - 1);
}

TEST_F(router, answers_an_address_error_where_nothing_is)
{
    EXPECT_EQ(all.left.read(device_base - 1, data, 1).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(all.left.read(device_base + device_size, data, 1).status,
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(all.device.calls, 0u);
}

TEST_F(router, answers_an_address_error_across_the_end_of_a_range)
{
    EXPECT_EQ(all.left.read(device_base + device_size - 4, data, 8).status,
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(all.device.calls, 0u);
}

TEST_F(router, joins_its_initiators_at_the_same_targets)
{
    const std::uint32_t written = 0xcafe;
    std::uint32_t read = 0;
    all.left.write(routed_ram_base + 0x40, &written, 4);
    all.right.read(routed_ram_base + 0x40, &read, 4);
    EXPECT_EQ(read, written);
}

TEST_F(router, adds_the_latency_of_the_hop)
{
    EXPECT_EQ(all.left.read(routed_ram_base, data, 4).delay, sc_time(7, SC_NS)); // 2 + 5
}

TEST_F(router, translates_a_direct_access_window_back)
{
    tlm::tlm_dmi grant;
    ASSERT_TRUE(all.left.dmi(routed_ram_base + 0x123, grant));
    EXPECT_EQ(grant.get_start_address(), routed_ram_base);
    EXPECT_EQ(grant.get_end_address(), routed_ram_base + ram_size - 1);
    EXPECT_EQ(grant.get_read_latency(), sc_time(7, SC_NS));
    EXPECT_EQ(grant.get_write_latency(), sc_time(7, SC_NS));
}

TEST_F(router, cuts_a_direct_access_window_to_the_range)
{
    tlm::tlm_dmi grant;
    all.device.window = {0x10, UINT64_MAX};
    ASSERT_TRUE(all.left.dmi(device_base + 0x20, grant));
    EXPECT_EQ(all.device.last_address, 0x20u);
    EXPECT_EQ(grant.get_start_address(), device_base + 0x10);
    EXPECT_EQ(grant.get_end_address(), device_base + device_size - 1);
    EXPECT_EQ(grant.get_dmi_ptr(), all.device.memory);
    EXPECT_FALSE(grant.is_write_allowed());
}

TEST_F(router, refuses_a_direct_access_window_beyond_the_range)
{
    tlm::tlm_dmi grant;
    all.device.window = {device_size, device_size + 1};
    EXPECT_FALSE(all.left.dmi(device_base, grant));
}

TEST_F(router, refuses_direct_access_to_the_whole_gap)
{
    tlm::tlm_dmi grant;
    EXPECT_FALSE(all.left.dmi(0x1000'0000, grant));
    EXPECT_EQ(grant.get_start_address(), device_base + device_size);
    EXPECT_EQ(grant.get_end_address(), routed_ram_base - 1);
}

TEST_F(router, tells_all_initiators_of_a_withdrawn_window)
{
    all.device.socket->invalidate_direct_mem_ptr(0x10, 0x1f);
    const std::vector<range> expected = {{device_base + 0x10, device_base + 0x1f}};
    EXPECT_EQ(all.left.invalidations, expected);
    EXPECT_EQ(all.right.invalidations, expected);
}

TEST_F(router, cuts_a_withdrawn_window_to_the_range)
{
    all.device.socket->invalidate_direct_mem_ptr(0, UINT64_MAX);
    EXPECT_EQ(all.left.invalidations,
              (std::vector<range>{{device_base, device_base + device_size - 1}}));
}

TEST_F(router, drops_a_withdrawn_window_beyond_the_range)
{
    all.device.socket->invalidate_direct_mem_ptr(device_size, UINT64_MAX);
    EXPECT_TRUE(all.left.invalidations.empty());
}

TEST_F(router, carries_debug_accesses)
{
    const std::uint32_t written = 0x1234;
    std::uint32_t read = 0;
    EXPECT_EQ(all.left.debug_write(routed_ram_base + 4, &written, 4), 4u);
    EXPECT_EQ(all.right.debug_read(routed_ram_base + 4, &read, 4), 4u);
    EXPECT_EQ(read, written);
}

TEST_F(router, cuts_debug_accesses_at_the_end_of_a_range)
{
    EXPECT_EQ(all.left.debug_read(device_base + device_size - 4, data, 16), 4u);
    EXPECT_EQ(all.device.last_length, 4u);
    EXPECT_EQ(all.left.debug_read(0, data, 16), 0u);
}

TEST_F(router, counts_hits_and_misses)
{
    const auto forwarded = all.router.forwarded();
    const auto misses = all.router.misses();
    all.left.read(device_base, data, 4);
    all.left.read(0, data, 4);
    EXPECT_EQ(all.router.forwarded(), forwarded + 1);
    EXPECT_EQ(all.router.misses(), misses + 1);
}

TEST_F(router, refuses_ranges_that_overlap_wrap_or_are_empty)
{
    EXPECT_THROW(all.router.map(0, device_base + 0xfff, 1), std::invalid_argument);
    EXPECT_THROW(all.router.map(0, UINT64_MAX, 2), std::invalid_argument);
    EXPECT_THROW(all.router.map(0, 0, 0), std::invalid_argument);
}

} // namespace
} // namespace test_router
