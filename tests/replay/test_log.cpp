// SPDX-License-Identifier: Apache-2.0
// Logs as text: what is wrong with one is said by line and column; what is read is written as it
// was.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "smmu/replay/log.hpp"

namespace test_log {

namespace {

std::string example()
{
    std::ifstream file(SMMU_REPLAY_EXAMPLE);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace

struct wrong_log {
    const char *name;
    const char *text;
    const char *message;
};

void PrintTo(const wrong_log &of, std::ostream *out)
{
    *out << of.name;
}

class WrongLog : public testing::TestWithParam<wrong_log> {};

TEST_P(WrongLog, IsRefusedWithLineAndColumn)
{
    std::istringstream stream(GetParam().text);
    try {
        smmu::read_log(stream, ".");
        FAIL() << "is taken";
    } catch (const smmu::log_error &wrong) {
        EXPECT_STREQ(wrong.what(), GetParam().message);
    }
}

INSTANTIATE_TEST_SUITE_P(
    OfEachKind, WrongLog,
    testing::Values(
        wrong_log{"Empty", "", "line 1: there is none that names the columns"},
        wrong_log{"NoSuchColumn", "what,adr\n", "line 1, column adr: there is no such column"},
        wrong_log{"ColumnTwice", "what,addr,addr\n", "line 1, column addr: is there twice"},
        wrong_log{"NoRecordColumn", "addr\n",
                  "line 1, column what: is missing in the first line, which names the columns"},
        wrong_log{"NoSuchRecord", "what,addr\n\n# more\nmen,0\n",
                  "line 4, column what: \"men\" is no record"},
        wrong_log{"TooManyFields", "what,addr\ntxn,0,1\n",
                  "line 2: has 3 fields, the first line 2"},
        wrong_log{"MissingField", "what,addr,data\nmem,0\n",
                  "line 2, column data: is empty, which a mem cannot do without"},
        wrong_log{"FieldOfAnotherRecord", "what,addr,fault\nreset,0\n",
                  "line 2, column addr: a reset has none"},
        wrong_log{"BadNumber", "what,addr\ntxn,12z\n",
                  "line 2, column addr: \"12z\" is no number: decimal, or hexadecimal behind 0x"},
        wrong_log{"NegativeNumber", "what,addr\ntxn,-1\n",
                  "line 2, column addr: \"-1\" is no number: decimal, or hexadecimal behind 0x"},
        wrong_log{"LargeNumber", "what,addr,ssid\ntxn,0,0x100000\n",
                  "line 2, column ssid: \"0x100000\" is above 1048575"},
        wrong_log{"HugeNumber", "what,addr\ntxn,0x10000000000000000\n",
                  "line 2, column addr: \"0x10000000000000000\" is above 18446744073709551615"},
        wrong_log{"BadWord", "what,addr,result\ntxn,0,forwards\n",
                  "line 2, column result: \"forwards\" is none of its words"},
        wrong_log{"BadEvent", "what,addr,fault\ntxn,0,F_TRANSLATON\n",
                  "line 2, column fault: \"F_TRANSLATON\" is none of its words"},
        wrong_log{
            "OddDigits", "what,addr,data\nmem,0,0x123\n",
            "line 2, column data: \"0x123\" is not 0x and two hexadecimal digits for each byte"},
        wrong_log{"OtherSize", "what,addr,data,size\nmem,0,0x1234,4\n",
                  "line 2, column size: data has 2 bytes"},
        wrong_log{"RegisterOfTwoBytes", "what,addr,data\nreg_write,0x20,0x0001\n",
                  "line 2, column data: a register access has 4 or 8 bytes"},
        wrong_log{"ReadWithoutData", "what,addr\nread,0\n",
                  "line 2, column data: is empty, which only a read that aborts can be"},
        wrong_log{"ResultOfAnotherRecord", "what,addr,sid,result\nats,0,1,forward\n",
                  "line 2, column result: \"forward\" is no result of a ats"},
        wrong_log{
            "BadTime", "what,time\nreset,1.2345\n",
            "line 2, column time: \"1.2345\" is no time: nanoseconds with at most three decimals"},
        wrong_log{"BadRights", "what,addr,sid,prgi,perm\npage,0,1,2,ry\n",
                  "line 2, column perm: is not letters of rwx, or -"},
        wrong_log{"TagTwice", "what,addr,tag\nbegin,0,a\nbegin,0,a\n",
                  "line 3, column tag: \"a\" has begun on line 2 and not ended"},
        wrong_log{"EndWithoutBegin", "what,tag\nend,a\n",
                  "line 2, column tag: \"a\" has not begun"},
        wrong_log{"ImageWithoutEnd", "what,addr,file\nimage,0,/dev/zero\n",
                  "line 2, column file: \"/dev/zero\" is no regular file"},
        wrong_log{"ImageThatIsADirectory", "what,addr,file\nimage,0,/\n",
                  "line 2, column file: \"/\" is no regular file"},
        wrong_log{"NoSuchImage", "what,addr,file\nimage,0,no-such-file.bin\n",
                  "line 2, column file: \"no-such-file.bin\" cannot be read, or is empty"}),
    [](const auto &info) { return std::string(info.param.name); });

// What has been read is written as it was.
TEST(Log, IsReadAsItIsWritten)
{
    std::ostringstream first;
    std::ostringstream second;
    std::istringstream text(example());
    smmu::log_writer writer(first);
    for (const smmu::log_row &row : smmu::read_log(text, "."))
        writer.write(row);
    std::istringstream again(first.str());
    smmu::log_writer other(second);
    for (const smmu::log_row &row : smmu::read_log(again, "."))
        other.write(row);
    EXPECT_EQ(first.str(), second.str());
    EXPECT_NE(first.str().find("\n,,txn,,,,2,,0x12345678,,,write,"), std::string::npos);
}

TEST(Log, ImageIsMemoryFromItsFirstByteOn)
{
    const std::string name = testing::TempDir() + "/smmu_replay_image.bin";
    std::ofstream(name, std::ios::binary) << std::string(5000, 'a') << "bc";
    std::istringstream text("what,addr,file\nimage,0x1000," + name + "\n");
    const std::vector<smmu::log_row> rows = smmu::read_log(text, ".");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].data, std::vector<std::uint8_t>(4096, 'a'));
    EXPECT_EQ(rows[1].get(smmu::log_column::addr), 0x2000u);
    EXPECT_EQ(rows[1].data.size(), 906u);
    EXPECT_EQ(rows[1].data.back(), 'c');
}

} // namespace test_log
