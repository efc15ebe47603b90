// SPDX-License-Identifier: Apache-2.0
// RAM: transport, byte enables, streaming, direct access, debug.
#include <array>
#include <cstring>

#include <gtest/gtest.h>

#include "bench.hpp"
#include "smmu/tlm/attributes.hpp"

namespace test_ram {
namespace {

class ram : public testing::Test {
  protected:
    void SetUp() override
    {
        const std::vector<std::uint8_t> zeros(64);
        user.debug_write(0, zeros.data(), 64);
    }

    // A write of bytes 1, 2, 3 ... to address 0.
    void prepare(tlm::tlm_generic_payload &trans, unsigned size)
    {
        for (unsigned i = 0; i < size; i++)
            data[i] = static_cast<std::uint8_t>(i + 1);
        trans.set_command(tlm::TLM_WRITE_COMMAND);
        trans.set_address(0);
        trans.set_data_ptr(data);
        trans.set_data_length(size);
        trans.set_streaming_width(size);
    }

    std::vector<int> contents(unsigned size)
    {
        std::vector<std::uint8_t> bytes(size);
        user.debug_read(0, bytes.data(), size);
        return {bytes.begin(), bytes.end()};
    }

    bench::initiator &user = bench::get().ram_user;
    std::uint8_t data[16];
};

using sc_core::SC_NS;
using sc_core::sc_time;

TEST_F(ram, reads_back_what_was_written)
{
    const std::uint64_t written = 0x1122334455667788;
    std::uint64_t read = 0;
    EXPECT_EQ(user.write(0x123, &written, 8).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(user.read(0x123, &read, 8).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(read, written);
}

TEST_F(ram, is_zero_at_first)
{
    std::uint64_t value = 1;
    user.read(bench::ram_size - 8, &value, 8);
    EXPECT_EQ(value, 0u);
}

TEST_F(ram, adds_its_latency_to_the_delay)
{
    EXPECT_EQ(user.read(0, data, 4).delay, sc_time(7, SC_NS));
    EXPECT_EQ(user.write(0, data, 4).delay, sc_time(7, SC_NS));
}

TEST_F(ram, answers_an_address_error_outside)
{
    EXPECT_EQ(user.read(bench::ram_size, data, 1).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(user.read(UINT64_MAX - 3, data, 8).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(ram, answers_an_address_error_across_its_end)
{
    EXPECT_EQ(user.write(bench::ram_size - 4, data, 8).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(user.write(bench::ram_size - 8, data, 8).status, tlm::TLM_OK_RESPONSE);
}

TEST_F(ram, writes_enabled_bytes_only)
{
    std::uint8_t enables[] = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
    tlm::tlm_generic_payload trans;
    prepare(trans, 5);
    trans.set_byte_enable_ptr(enables);
    trans.set_byte_enable_length(2); // repeats
    EXPECT_EQ(user.send(trans).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(contents(6), (std::vector<int>{1, 0, 3, 0, 5, 0}));
}

TEST_F(ram, reads_enabled_bytes_only)
{
    std::uint8_t enables[] = {TLM_BYTE_DISABLED, TLM_BYTE_ENABLED};
    const std::uint8_t memory[] = {9, 8};
    user.debug_write(0, memory, 2);
    tlm::tlm_generic_payload trans;
    prepare(trans, 2);
    trans.set_command(tlm::TLM_READ_COMMAND);
    trans.set_byte_enable_ptr(enables);
    trans.set_byte_enable_length(2);
    user.send(trans);
    EXPECT_EQ(data[0], 1);
    EXPECT_EQ(data[1], 8);
}

TEST_F(ram, refuses_byte_enables_of_no_length)
{
    std::uint8_t enable = TLM_BYTE_ENABLED;
    tlm::tlm_generic_payload trans;
    prepare(trans, 4);
    trans.set_byte_enable_ptr(&enable);
    trans.set_byte_enable_length(0);
    EXPECT_EQ(user.send(trans).status, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
}

// A read of `length` bytes that asks for a compare-and-swap; returns what it read.
template <typename T>
T swap(bench::initiator &user, const T &expected, const T &value, bool &done,
       unsigned length = sizeof(T))
{
    smmu::compare_and_swap swap;
    swap.size = sizeof(T);
    std::memcpy(swap.expected, &expected, sizeof expected);
    std::memcpy(swap.value, &value, sizeof value);
    smmu::attributes attributes;
    attributes.swap = &swap;
    T old{};
    tlm::tlm_generic_payload trans;
    trans.set_command(tlm::TLM_READ_COMMAND);
    trans.set_address(16);
    trans.set_data_ptr(reinterpret_cast<unsigned char *>(&old));
    trans.set_data_length(length);
    trans.set_streaming_width(length);
    trans.set_extension(&attributes);
    EXPECT_EQ(user.send(trans).status, tlm::TLM_OK_RESPONSE);
    trans.clear_extension(&attributes);
    done = swap.done;
    return old;
}

TEST_F(ram, compares_and_swaps)
{
    bool done = false;
    std::uint64_t held = 5;
    user.write(16, &held, 8);
    EXPECT_EQ(swap<std::uint64_t>(user, 5, 6, done), 5u);
    EXPECT_TRUE(done);
    EXPECT_EQ(swap<std::uint64_t>(user, 5, 7, done), 6u); // another value than expected
    EXPECT_TRUE(done);
    user.read(16, &held, 8);
    EXPECT_EQ(held, 6u);
}

TEST_F(ram, compares_and_swaps_sixteen_bytes)
{
    using wide = std::array<std::uint64_t, 2>;
    bool done = false;
    wide held = {5, 6};
    user.write(16, held.data(), 16);
    EXPECT_EQ(swap<wide>(user, {5, 7}, {1, 2}, done), (wide{5, 6})) << "the upper half differs";
    EXPECT_TRUE(done);
    EXPECT_EQ(swap<wide>(user, {5, 6}, {1, 2}, done), (wide{5, 6}));
    EXPECT_TRUE(done);
    EXPECT_EQ(swap<wide>(user, {1, 2}, {3, 4}, done, 8), (wide{1, 0})) << "a read of half of it";
    EXPECT_FALSE(done);
    user.read(16, held.data(), 16);
    EXPECT_EQ(held, (wide{1, 2}));
}

TEST_F(ram, starts_again_after_the_streaming_width)
{
    tlm::tlm_generic_payload trans;
    prepare(trans, 6);
    trans.set_streaming_width(2);
    EXPECT_EQ(user.send(trans).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(contents(4), (std::vector<int>{5, 6, 0, 0}));
}

TEST_F(ram, streams_at_its_end)
{
    tlm::tlm_generic_payload trans;
    prepare(trans, 8);
    trans.set_address(bench::ram_size - 4);
    trans.set_streaming_width(4);
    EXPECT_EQ(user.send(trans).status, tlm::TLM_OK_RESPONSE);
    trans.set_streaming_width(5);
    EXPECT_EQ(user.send(trans).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(ram, refuses_empty_bursts)
{
    tlm::tlm_generic_payload trans;
    prepare(trans, 4);
    trans.set_streaming_width(0);
    EXPECT_EQ(user.send(trans).status, tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_F(ram, moves_nothing_for_an_ignore_command)
{
    tlm::tlm_generic_payload trans;
    prepare(trans, 4);
    trans.set_command(tlm::TLM_IGNORE_COMMAND);
    EXPECT_EQ(user.send(trans).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(contents(2), (std::vector<int>{0, 0}));
}

TEST_F(ram, hints_at_direct_access)
{
    tlm::tlm_generic_payload trans;
    prepare(trans, 4);
    user.send(trans);
    EXPECT_TRUE(trans.is_dmi_allowed());
}

TEST_F(ram, grants_all_of_it_for_direct_access)
{
    tlm::tlm_dmi grant;
    ASSERT_TRUE(user.dmi(0x1234, grant));
    EXPECT_EQ(grant.get_start_address(), 0u);
    EXPECT_EQ(grant.get_end_address(), bench::ram_size - 1);
    EXPECT_TRUE(grant.is_read_write_allowed());
    EXPECT_EQ(grant.get_read_latency(), sc_time(7, SC_NS));
    EXPECT_EQ(grant.get_write_latency(), sc_time(7, SC_NS));

    const std::uint8_t byte = 0x5a;
    user.write(0x17, &byte, 1);
    EXPECT_EQ(grant.get_dmi_ptr()[0x17], 0x5a);
}

TEST_F(ram, refuses_direct_access_outside)
{
    tlm::tlm_dmi grant;
    EXPECT_FALSE(user.dmi(bench::ram_size, grant));
    EXPECT_EQ(grant.get_start_address(), bench::ram_size);
}

TEST_F(ram, debug_access_is_cut_at_the_end)
{
    EXPECT_EQ(user.debug_write(bench::ram_size - 3, data, 8), 3u);
    EXPECT_EQ(user.debug_read(bench::ram_size - 3, data, 8), 3u);
    EXPECT_EQ(user.debug_read(bench::ram_size, data, 8), 0u);
}

TEST(host_memory, says_when_the_host_has_not_that_much)
{
    EXPECT_THROW(vp::host_memory(UINT64_C(1) << 62), std::system_error);
}

} // namespace
} // namespace test_ram
