// SPDX-License-Identifier: Apache-2.0
// The packet layer of the GDB protocol: what is a packet, and what becomes of the rest.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "gdb_packet.h"

namespace test_gdb_packet {
namespace {

struct reader {
    std::unique_ptr<gdb_reader> state = std::make_unique<gdb_reader>();

    // What the bytes complete, in order, without GDB_NOTHING.
    std::vector<gdb_input> feed(const std::string &bytes)
    {
        std::vector<gdb_input> inputs;
        for (char c : bytes) {
            const gdb_input input = gdb_reader_feed(state.get(), static_cast<std::uint8_t>(c));
            if (input != GDB_NOTHING)
                inputs.push_back(input);
        }
        return inputs;
    }
    std::string packet() const { return {state->data, state->data + state->size}; }
};

using inputs = std::vector<gdb_input>;

std::string wrap(const std::string &data)
{
    std::vector<std::uint8_t> out(GDB_WRAPPED_SIZE(data.size()));
    const std::size_t size = gdb_packet_wrap(data.data(), data.size(), out.data());
    EXPECT_LE(size, out.size());
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
}

TEST(gdb_packet, has_contents_and_a_checksum)
{
    reader r;
    EXPECT_EQ(r.feed("$OK#9a"), inputs{GDB_PACKET});
    EXPECT_EQ(r.packet(), "OK");
    EXPECT_EQ(r.feed("$OK#9A"), inputs{GDB_PACKET}) << "in either case";
    EXPECT_EQ(r.feed("$#00"), inputs{GDB_PACKET});
    EXPECT_EQ(r.packet(), "");
}

TEST(gdb_packet, with_a_wrong_checksum_is_damaged)
{
    reader r;
    EXPECT_EQ(r.feed("$OK#9b"), inputs{GDB_DAMAGED});
    EXPECT_EQ(r.feed("$OK#9g"), inputs{GDB_DAMAGED});
    EXPECT_EQ(r.feed("$OK#9a"), inputs{GDB_PACKET}) << "and the next is sound";
}

TEST(gdb_packet, of_any_length_may_come_but_not_be_taken)
{
    reader r;
    EXPECT_EQ(r.feed("$" + std::string(GDB_PACKET_MAX, 'x') + "#00"), inputs{GDB_PACKET})
        << "16384 times 0x78 is 0 modulo 256";
    EXPECT_EQ(r.packet().size(), std::size_t{GDB_PACKET_MAX});
    EXPECT_EQ(r.feed("$" + std::string(GDB_PACKET_MAX + 256, 'x') + "#00"), inputs{GDB_DAMAGED});
    EXPECT_EQ(r.feed("$OK#9a"), inputs{GDB_PACKET});
}

TEST(gdb_packet, takes_the_place_of_one_that_was_cut_off)
{
    reader r;
    EXPECT_EQ(r.feed("$m1000,$OK#9a"), inputs{GDB_PACKET});
    EXPECT_EQ(r.packet(), "OK");
}

TEST(gdb_packet, may_have_escaped_bytes)
{
    reader r;
    EXPECT_EQ(r.feed("$a}\x03"
                     "b}]#1d"),
              inputs{GDB_PACKET});
    EXPECT_EQ(r.packet(), "a#b}");
    EXPECT_EQ(r.feed("$a}#de"), inputs{GDB_DAMAGED}) << "an escape of nothing";
}

TEST(gdb_packet, is_not_what_comes_between_packets)
{
    reader r;
    EXPECT_EQ(r.feed("++-x#00"), inputs{});
}

TEST(gdb_packet, is_interrupted_only_outside)
{
    reader r;
    EXPECT_EQ(r.feed("\x03"), inputs{GDB_INTERRUPT});
    EXPECT_EQ(r.feed("$\x03#03"), inputs{GDB_PACKET});
}

TEST(gdb_packet, is_wrapped_with_its_checksum)
{
    EXPECT_EQ(wrap("OK"), "$OK#9a");
    EXPECT_EQ(wrap(""), "$#00");
}

TEST(gdb_packet, comes_back_as_it_was_sent)
{
    std::string all;
    for (int i = 0; i < 256; i++)
        all += static_cast<char>(i);
    reader r;
    EXPECT_EQ(r.feed(wrap(all)), inputs{GDB_PACKET});
    EXPECT_EQ(r.packet(), all);
    EXPECT_EQ(wrap("$#}*").size(), 4 + 2 * 4u) << "what would mean something is escaped";
}

TEST(gdb_packet, hexadecimal_goes_both_ways)
{
    const std::uint8_t bytes[] = {0x00, 0x9f, 0xa0};
    char digits[6];
    std::uint8_t back[3] = {};
    gdb_hex_encode(bytes, 3, digits);
    EXPECT_EQ(std::string(digits, 6), "009fa0");
    EXPECT_TRUE(gdb_hex_decode("009FA0", 3, back));
    EXPECT_EQ(back[2], 0xa0);
    EXPECT_FALSE(gdb_hex_decode("0g", 1, back));
    EXPECT_FALSE(gdb_hex_decode("g0", 1, back));
}

} // namespace
} // namespace test_gdb_packet
