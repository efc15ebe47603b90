// SPDX-License-Identifier: Apache-2.0
// Requests: the bytes that their transfers are about, and what they ask for (IHI 0022 L).
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "smmu/pins/axi_request.hpp"

namespace pins_test::test_axi_request {

namespace {

using namespace smmu::pins;

axi_request burst(unsigned type, std::uint64_t addr, unsigned bytes, unsigned transfers)
{
    axi_request request = {};
    request.addr = addr;
    request.size = static_cast<unsigned>(axi_size_of(bytes));
    request.len = transfers - 1;
    request.burst = type;
    return request;
}

// Addresses and lanes of all transfers, as a string such as "1003:3-4 1004:4-8".
std::string transfers(const axi_request &request, unsigned bus_bytes)
{
    std::ostringstream text;
    for (unsigned i = 0; i < request.transfers(); i++) {
        const axi_transfer t = transfer_of(request, i, bus_bytes);
        text << (i ? " " : "") << std::hex << t.address << std::dec << ":" << t.first_lane << "-"
             << t.end_lane;
    }
    return text.str();
}

// A3.2.3, the examples of narrow transfers: 5 of 8 bits on 32, 3 of 32 bits on 64.
TEST(axi_transfers, narrow_ones_move_from_lane_to_lane)
{
    EXPECT_EQ(transfers(burst(AXI_BURST_INCR, 0, 1, 5), 4), "0:0-1 1:1-2 2:2-3 3:3-4 4:0-1");
    EXPECT_EQ(transfers(burst(AXI_BURST_INCR, 4, 4, 3), 8), "4:4-8 8:0-4 c:4-8");
}

// A3.1.6.
TEST(axi_transfers, of_an_unaligned_burst_are_aligned_but_for_the_first)
{
    EXPECT_EQ(transfers(burst(AXI_BURST_INCR, 0x1003, 4, 3), 4), "1003:3-4 1004:0-4 1008:0-4");
    EXPECT_EQ(transfers(burst(AXI_BURST_INCR, 0x1007, 2, 2), 8), "1007:7-8 1008:0-2");
}

TEST(axi_transfers, of_a_wrapping_burst_return_to_its_lowest_address)
{
    EXPECT_EQ(transfers(burst(AXI_BURST_WRAP, 0x1018, 8, 4), 8),
              "1018:0-8 1000:0-8 1008:0-8 1010:0-8");
    EXPECT_EQ(transfers(burst(AXI_BURST_WRAP, 0x1004, 4, 2), 8), "1004:4-8 1000:0-4");
    EXPECT_EQ(burst(AXI_BURST_WRAP, 0x1018, 8, 4).container(), 0x1000u);
}

TEST(axi_transfers, of_a_fixed_burst_stay_where_they_are)
{
    EXPECT_EQ(transfers(burst(AXI_BURST_FIXED, 0x1005, 4, 3), 8), "1005:5-8 1005:5-8 1005:5-8");
}

axi_request atomic(unsigned atop, axi_request request)
{
    request.write = true;
    request.atop = atop;
    return request;
}

// Figure A6.2: both halves are transferred, wherever the address points.
TEST(axi_transfers, of_a_compare_are_about_both_halves)
{
    EXPECT_EQ(transfers(atomic(0x31, burst(AXI_BURST_WRAP, 0x06, 4, 1)), 8), "4:4-8");
    EXPECT_EQ(transfers(atomic(0x31, burst(AXI_BURST_WRAP, 0x08, 8, 2)), 8), "8:0-8 0:0-8");
}

TEST(axi_atomics, return_as_many_bytes_as_the_operand_has)
{
    const axi_request load = returned_by(atomic(0x20, burst(AXI_BURST_INCR, 0x1008, 8, 1)));
    EXPECT_EQ(transfers(load, 16), "1008:8-16");
    EXPECT_FALSE(load.write);
    const axi_request narrow = returned_by(atomic(0x31, burst(AXI_BURST_WRAP, 0x1004, 8, 1)));
    EXPECT_EQ(transfers(narrow, 8), "1004:4-8");
    const axi_request two = returned_by(atomic(0x31, burst(AXI_BURST_WRAP, 0x1008, 8, 2)));
    EXPECT_EQ(transfers(two, 8), "1008:0-8");
}

// Table A6.8.
TEST(axi_atomics, have_the_form_of_their_encoding)
{
    const std::vector<std::pair<unsigned, axi_atomic>> encodings = {
        {0x00, axi_atomic::none},     {0x01, axi_atomic::reserved}, {0x0f, axi_atomic::reserved},
        {0x10, axi_atomic::store},    {0x1f, axi_atomic::store},    {0x20, axi_atomic::load},
        {0x2f, axi_atomic::load},     {0x30, axi_atomic::swap},     {0x31, axi_atomic::compare},
        {0x32, axi_atomic::reserved}, {0x3f, axi_atomic::reserved}};
    for (const auto &[atop, form] : encodings)
        EXPECT_EQ(atomic_of(atomic(atop, burst(AXI_BURST_INCR, 0, 8, 1))), form) << atop;
    EXPECT_FALSE(returns_data(atomic(0x10, burst(AXI_BURST_INCR, 0, 8, 1))));
    EXPECT_TRUE(returns_data(atomic(0x30, burst(AXI_BURST_INCR, 0, 8, 1))));
}

axi_request operation(bool write, unsigned snoop, unsigned domain)
{
    axi_request request = burst(AXI_BURST_INCR, 0, 8, 8);
    request.write = write;
    request.snoop = snoop;
    request.domain = domain;
    return request;
}

// Tables A7.3, A7.4.
TEST(axi_opcodes, depend_on_the_domain)
{
    EXPECT_EQ(opcode_of(operation(true, 0, 3), true), axi_opcode::WriteNoSnoop);
    EXPECT_EQ(opcode_of(operation(true, 0, 1), true), axi_opcode::WriteUniquePtl);
    EXPECT_EQ(opcode_of(operation(true, 13, 0), true), axi_opcode::StashOnceUnique);
    EXPECT_EQ(opcode_of(operation(true, 13, 3), true), axi_opcode::reserved);
    EXPECT_EQ(opcode_of(operation(false, 13, 2), true), axi_opcode::MakeInvalid);
    EXPECT_EQ(opcode_of(operation(false, 5, 2), true), axi_opcode::ReadOnceMakeInvalid);
    EXPECT_EQ(opcode_of(operation(false, 5, 3), true), axi_opcode::reserved);
}

TEST(axi_opcodes, have_transfers_of_data_or_not)
{
    EXPECT_EQ(write_transfers(operation(true, 0, 0), true), 8u);
    EXPECT_EQ(write_transfers(operation(true, 12, 0), true), 0u);
    EXPECT_EQ(write_transfers(operation(false, 0, 0), true), 0u);
    EXPECT_EQ(read_transfers(operation(false, 0, 0), true), 8u);
    EXPECT_EQ(read_transfers(operation(false, 8, 0), true), 1u);
}

// A3.1.8.
TEST(axi_requests, are_regular_if_they_fill_their_container)
{
    EXPECT_TRUE(is_regular(burst(AXI_BURST_INCR, 0x1040, 8, 8), 8));
    EXPECT_FALSE(is_regular(burst(AXI_BURST_INCR, 0x1048, 8, 8), 8)); // aligned to a transfer
    EXPECT_TRUE(is_regular(burst(AXI_BURST_WRAP, 0x1048, 8, 8), 8));
    EXPECT_FALSE(is_regular(burst(AXI_BURST_INCR, 0x1040, 4, 8), 8)); // narrow
    EXPECT_TRUE(is_regular(burst(AXI_BURST_INCR, 0x1044, 4, 1), 8));
    EXPECT_FALSE(is_regular(burst(AXI_BURST_INCR, 0x1000, 8, 3), 8));
    EXPECT_FALSE(is_regular(burst(AXI_BURST_FIXED, 0x1000, 8, 1), 8));
}

TEST(axi_requests, are_the_same_behind_the_signals)
{
    for (const bool write : {false, true}) {
        axi_request request = burst(AXI_BURST_WRAP, 0x123456789abc, 4, 16);
        request.write = write;
        request.id = 0xabcdef01;
        request.atop = write ? 0x2a : 0;
        request.mmusid = 0x13579bdf;
        request.mmuvalid = request.mmussidv = true;
        request.prot = 5;
        const axi_channel channel = write ? axi_channel::AW : axi_channel::AR;
        const axi_request same = request_of(channel, beat_of(request));
        EXPECT_EQ(same.write, request.write);
        EXPECT_EQ(same.id, request.id);
        EXPECT_EQ(same.addr, request.addr);
        EXPECT_EQ(same.len, request.len);
        EXPECT_EQ(same.size, request.size);
        EXPECT_EQ(same.burst, request.burst);
        EXPECT_EQ(same.atop, request.atop);
        EXPECT_EQ(same.mmusid, request.mmusid);
        EXPECT_EQ(same.mmussidv, request.mmussidv);
        EXPECT_EQ(same.prot, request.prot);
    }
}

} // namespace

} // namespace pins_test::test_axi_request
