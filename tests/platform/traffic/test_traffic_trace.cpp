// SPDX-License-Identifier: Apache-2.0
// Traces as text: what a line means, and what is wrong with one.
#include <cstdlib>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "traffic/traffic_trace.h"

namespace test_traffic_trace {
namespace {

struct parsed {
    std::vector<traffic_record> records;
    std::string error; // "LINE: REASON"
};

parsed parse(const std::string &text)
{
    std::size_t count = 0;
    traffic_trace_error error = {};
    const std::unique_ptr<traffic_record, void (*)(void *)> records(
        traffic_trace_parse(text.data(), text.size(), &count, &error), std::free);
    if (!records)
        return {{}, std::to_string(error.line) + ": " + error.reason};
    return {{records.get(), records.get() + count}, ""};
}

TEST(traffic_trace, LineIsTimeAddressLengthDirectionAndStreams)
{
    const auto result = parse("10 0x80001000 64 R 0x10\n"
                              "20000 4096 0x1000 W 17 0xfffff\n");
    ASSERT_EQ(result.error, "");
    ASSERT_EQ(result.records.size(), 2u);
    EXPECT_EQ(result.records[0].time, 10u);
    EXPECT_EQ(result.records[0].addr, 0x80001000u);
    EXPECT_EQ(result.records[0].bytes, 64u);
    EXPECT_FALSE(result.records[0].write);
    EXPECT_EQ(result.records[0].sid, 0x10u);
    EXPECT_EQ(result.records[0].ssid, VP_NO_SSID);
    EXPECT_EQ(result.records[1].time, 20000u);
    EXPECT_EQ(result.records[1].addr, 4096u);
    EXPECT_EQ(result.records[1].bytes, 4096u);
    EXPECT_TRUE(result.records[1].write);
    EXPECT_EQ(result.records[1].sid, 17u);
    EXPECT_EQ(result.records[1].ssid, 0xfffffu);
}

TEST(traffic_trace, CommentsBlanksAndEmptyLinesAreNothing)
{
    const auto result = parse("# time address length direction\n\n  \t\r\n"
                              "\t 1  0xAbCdEf 8\tR 1 # a comment\r\n"
                              "2 2 2 W 2 3#no blank before it");
    ASSERT_EQ(result.error, "");
    ASSERT_EQ(result.records.size(), 2u);
    EXPECT_EQ(result.records[0].addr, 0xabcdefu);
    EXPECT_EQ(result.records[1].ssid, 3u);
}

TEST(traffic_trace, LargestValuesAreTaken)
{
    const auto result = parse("1000000000000000000 0xffffffffffffffff 1 R 4294967295 1048575\n"
                              "1000000000000000000 18446744073709551615 1 R 0 0\n");
    ASSERT_EQ(result.error, "");
    EXPECT_EQ(result.records[0].addr, UINT64_MAX);
    EXPECT_EQ(result.records[1].addr, UINT64_MAX);
}

TEST(traffic_trace, BadLineIsNamedWithTheReason)
{
    const std::string good = "5 0 4 R 0\n#\n";
    for (const auto &[line, reason] : std::vector<std::pair<std::string, std::string>>{
             {"x 0 4 R 0", "time: x is not a number of picoseconds up to 10^18"},
             {"-1 0 4 R 0", "time: -1 is not a number of picoseconds up to 10^18"},
             {"1000000000000000001 0 4 R 0",
              "time: 1000000000000000001 is not a number of picoseconds up to 10^18"},
             {"4 0 4 R 0", "time: is earlier than that of the access before"},
             {"5 0x 4 R 0", "address: 0x is not a number of 64 bits"},
             {"5 1f 4 R 0", "address: 1f is not a number of 64 bits"},
             {"5 0x1g 4 R 0", "address: 0x1g is not a number of 64 bits"},
             {"5 18446744073709551616 4 R 0",
              "address: 18446744073709551616 is not a number of 64 bits"},
             {"5 0x10000000000000000 4 R 0",
              "address: 0x10000000000000000 is not a number of 64 bits"},
             {"5 0 0 R 0", "length: 0 is not a number from 1 to 4096"},
             {"5 0 4097 R 0", "length: 4097 is not a number from 1 to 4096"},
             {"5 0 4 r 0", "direction: r is not R or W"},
             {"5 0 4 RW 0", "direction: RW is not R or W"},
             {"5 0 4 R 4294967296", "StreamID: 4294967296 is not a number of 32 bits"},
             {"5 0 4 R 0 1048576", "SubstreamID: 1048576 is not a number of 20 bits"},
             {"5 0 4 R 0 0 9", "9 is a word too many"},
             {"5 0 4 R", "the StreamID is missing"},
             {"5 # 0 4 R 0", "the address is missing"},
         }) {
        std::string text = good;
        text.append(line).append("\n").append(good);
        EXPECT_EQ(parse(text).error, "3: " + reason);
    }
}

TEST(traffic_trace, LongWordIsCut)
{
    EXPECT_EQ(parse(std::string(5000, 'a')).error,
              "1: time: " + std::string(32, 'a') + " is not a number of picoseconds up to 10^18");
}

TEST(traffic_trace, TextWithoutAccessIsNoTrace)
{
    EXPECT_EQ(parse("").error, "1: there is no access");
    EXPECT_EQ(parse("# nothing\n\n").error, "3: there is no access");
}

TEST(traffic_trace, BytesThatAreNoTextAreRefused)
{
    EXPECT_EQ(parse(std::string("\0 0 4 R 0", 9)).error.substr(0, 8), "1: time:");
    EXPECT_NE(parse("\xff\xfe 0 4 R 0").error, "");
}

} // namespace
} // namespace test_traffic_trace
