// SPDX-License-Identifier: Apache-2.0
// Logs as time lines: trace events of the JSON format that ui.perfetto.dev reads.
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "smmu/replay/timeline.hpp"

namespace test_timeline {

namespace {

std::string timeline_of(const std::string &log)
{
    std::istringstream text(log);
    std::ostringstream line;
    smmu::write_timeline(smmu::read_log(text, "."), line);
    return line.str();
}

void expect_part(const std::string &text, const std::string &part)
{
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
}

} // namespace

TEST(Timeline, TransactionIsASliceOfItsTbu)
{
    const std::string text =
        timeline_of("time,since,what,addr,tbu,op,result\n1500.25,1000,txn,0x1000,2,write,ok\n");
    expect_part(text,
                R"({"ph":"M","pid":5,"tid":0,"name":"process_name","args":{"name":"TBU 2"}})");
    expect_part(text, R"({"ph":"X","pid":5,"tid":1,"name":"write","ts":1.000000,"dur":0.500250,)"
                      R"("args":{"tbu":"2","addr":"0x1000","op":"write","result":"ok"}})");
}

TEST(Timeline, BeginAndEndAreOneSlice)
{
    const std::string text = timeline_of("time,what,tag,addr,data,result\n"
                                         "2,begin,a \"b\",0x1000,,\n"
                                         "3,reg_write,,0x20,0x00000001,\n"
                                         "7,end,a \"b\",,,abort\n");
    expect_part(text, R"("name":"read","ts":0.002000,"dur":0.005000,"args":{"tag":"a \"b\"",)"
                      R"("addr":"0x1000","result":"abort"}})");
    expect_part(text, R"({"ph":"i","pid":1,"tid":1,"name":"reg_write","ts":0.003000,"s":"t",)"
                      R"("args":{"addr":"0x20","data":"0x00000001"}})");
}

TEST(Timeline, SlicesThatOverlapHaveLanesOfTheirOwn)
{
    const std::string text = timeline_of("time,since,what,addr\n5,1,txn,0x1\n6,4,txn,0x2\n"
                                         "9,5,txn,0x3\n");
    expect_part(text, R"("tid":1,"name":"read","ts":0.001000)");
    expect_part(text, R"("tid":2,"name":"read","ts":0.004000)");
    expect_part(text, R"("tid":1,"name":"read","ts":0.005000)");
}

TEST(Timeline, IsCompleteWithoutRows)
{
    const std::string text = timeline_of("what\n");
    EXPECT_EQ(text.substr(text.size() - 4), "\n]}\n");
}

} // namespace test_timeline
