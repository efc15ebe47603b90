// SPDX-License-Identifier: Apache-2.0
// A log against the C library: component/replay/examples/stage1.csv, as it is and with something
// changed.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "smmu/replay/replay.hpp"

namespace test_replay {

namespace {

std::string example()
{
    std::ifstream file(SMMU_REPLAY_EXAMPLE);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// `text` with `from`, which is in it once, made `to`.
std::string with(std::string text, const std::string &from, const std::string &to)
{
    const std::size_t place = text.find(from);
    EXPECT_NE(place, std::string::npos) << from;
    EXPECT_EQ(text.find(from, place + 1), std::string::npos) << from;
    return place == std::string::npos ? text : text.replace(place, from.size(), to);
}

std::optional<std::string> difference_of(const std::string &text)
{
    smmu_config cfg = smmu_config_default();
    cfg.sid_bits = 7;
    smmu::replay_counts counts;
    std::istringstream stream(text);
    return smmu::replay_log(cfg, smmu::read_log(stream, "."), counts);
}

} // namespace

struct change {
    const char *name;
    const char *from;
    const char *to;
    std::vector<const char *> words; // that the difference has
};

void PrintTo(const change &of, std::ostream *out)
{
    *out << of.name;
}

class Difference : public testing::TestWithParam<change> {};

TEST(Replay, HandWrittenLogHasNoDifference)
{
    EXPECT_EQ(difference_of(example()), std::nullopt);
}

TEST_P(Difference, NamesWhatIsDifferentAndWhy)
{
    const std::optional<std::string> found =
        difference_of(with(example(), GetParam().from, GetParam().to));
    ASSERT_TRUE(found);
    for (const char *word : GetParam().words)
        EXPECT_NE(found->find(word), std::string::npos) << word << " is not in\n" << *found;
}

INSTANTIATE_TEST_SUITE_P(
    OfEachKind, Difference,
    testing::Values(
        change{"OutputAddress",
               "0x1292345678",
               "0x1292345670",
               {"line 21: write of 0x12345678 by stream 0x2",
                "log says    forward, to 0x1292345670", "model says  forward, to 0x1292345678",
                "STE at 0x1080: 0x000000000000200b", "CD at 0x2000: 0x00097202c0003519",
                "stage 1 descriptor of level 1 at 0x3000: 0x0000001280000f41"}},
        change{"Result",
               "0x40000000,,2,read,abort,,,,F_TRANSLATION",
               "0x40000000,,2,read,razwi,,,,F_TRANSLATION",
               {"line 22: read of 0x40000000 by stream 0x2", "log says    razwi",
                "model says  abort, fault F_TRANSLATION", "level 1 at 0x3008: 0x0000000000000000"}},
        change{"Fault",
               "read,abort,,,,F_TRANSLATION",
               "read,abort,,,,F_PERMISSION",
               {"line 22", "fault F_PERMISSION", "fault F_TRANSLATION"}},
        change{"Stream",
               "mem,0x1080",
               "mem,0x10c0",
               {"line 21", "the model reads 64 bytes at 0x1080, the STE of stream 0x2"}},
        change{"Descriptor",
               "mem,0x3000,0x0000001280000f41",
               "mem,0x3000,0x0000001280000fc1",
               {"line 21", "model says  abort, to none, fault F_PERMISSION",
                "level 1 at 0x3000: 0x0000001280000fc1"}},
        change{"EventRecord",
               "0000000040000000000002080",
               "0000000040001000000002080",
               {"line 24: a write of the SMMU at 0x20010", "log says    0x0000000040001000",
                "model says  0x0000000040000000, by what line 22 asks for"}},
        change{
            "Interrupt", "\nirq,", "\n#", {"line 22: interrupt evtq of ns", "model has done it"}},
        change{"AtsAddress",
               "0x1280000000,rw,30",
               "0x12c0000000,rw,30",
               {"line 26: an ATS request of 0x12345000 by stream 0x2", "success, to 0x12c0000000",
                "success, to 0x1280000000"}},
        change{"AtsRights", "0x1280000000,rw,30", "0x1280000000,r,30", {"grants r\n", "grants rw"}},
        change{"InvalidateRequest",
               "atc_inv,0x200000",
               "atc_inv,0x400000",
               {"line 29: an Invalidate Request to stream 0x2", "address 0x400000, 2^21 bytes",
                "address 0x200000, 2^21 bytes, by what line 28 asks for"}},
        change{"PrgResponse",
               ",7,,15",
               ",7,,0",
               {"line 32: a PRG Response to stream 0x2", "group 7, code 0", "group 7, code 15"}},
        change{"Register",
               "reg_read,0x20,0x0000000d",
               "reg_read,0x20,0x0000000f",
               {"line 20: register 0x20", "0xf", "0xd"}}),
    [](const auto &info) { return std::string(info.param.name); });

// The log goes on to where the model does nothing, and the other way round.
TEST(Replay, WhatOneSideDoesAloneIsADifference)
{
    const std::string extra = example() + "write,0x20020,0x0000000000000010\n";
    EXPECT_EQ(difference_of(extra), "line 33: a write of the SMMU at 0x20020, 0x0000000000000010\n"
                                    "  the log says so; the model has not done it");
    const std::optional<std::string> lost =
        difference_of(with(example(), "\nwrite,0x20000", "\nmem,0x20000"));
    ASSERT_TRUE(lost);
    EXPECT_EQ(lost->find("line 22: a write of the SMMU at 0x20000, 0x0000000200000010"), 0u)
        << *lost;
}

// A transaction that stalls until CMD_RESUME with Ab (IHI 0070 4.6.1): it is under way while
// software writes a register. The record has Stall, bit 31 of its second word (7.3).
TEST(Replay, StalledTransactionEndsAsSoftwareSays)
{
    std::string log = with(example(), "last,code\n", "last,code,tag\n");
    log.resize(log.find("ats,"));
    log = with(log, "txn,0x40000000,,2,read,abort,,,,F_TRANSLATION,,,,",
               "begin,0x40000000,,2,read,,,,,,,,,,one");
    log = with(log, "000002080", "000002088");
    log = with(log, "mem,0x10000,0x00000000002000090000000200000040",
               "mem,0x10000,0x00000000000000000000000200002044");
    log += "reg_write,0x98,0x00000001\n";
    EXPECT_EQ(difference_of(log + "end,,,,,abort,,,,,,,,,one\n"), std::nullopt);
    const std::optional<std::string> found = difference_of(log + "end,,,,,razwi,,,,,,,,,one\n");
    ASSERT_TRUE(found);
    EXPECT_NE(found->find("line 27: read of 0x40000000 by stream 0x2\n  the log says    razwi\n"
                          "  the model says  abort"),
              std::string::npos)
        << *found;
}

// A TLBI of a CPU takes what the main TLB has (IHI 0070 3.17): then a changed descriptor counts.
TEST(Replay, BroadcastInvalidationReachesTheModel)
{
    const auto replayed = [](const char *between) {
        smmu_config cfg = smmu_config_default();
        cfg.sid_bits = 7;
        cfg.btm = true;
        smmu::replay_counts counts;
        std::string log = with(example(), "last,code\n", "last,code,scope,asid\n");
        log = with(log, "reg_write,0x20,", "reg_write,0x2c,0x00000000\nreg_write,0x20,"); // CR2.PTM
        log.resize(log.find("txn,0x40000000"));
        log += "mem,0x3000,0x0000001300000f41\n";
        log += between;
        log += "txn,0x12345678,,2,read,forward,0x1312345678\n";
        std::istringstream stream(log);
        return smmu::replay_log(cfg, smmu::read_log(stream, "."), counts);
    };
    const std::optional<std::string> stale = replayed("");
    ASSERT_TRUE(stale);
    EXPECT_NE(stale->find("but was cached: memory alone would say forward, to 0x1312345678"),
              std::string::npos)
        << *stale;
    EXPECT_EQ(replayed("tlbi,,,,,,,,,,,,,,asid,9\n"), std::nullopt);
}

// The same for a range of IHI 0070 4.4.1: (NUM + 1) << (5 * SCALE + 1) granules, here of 4 KiB.
TEST(Replay, BroadcastInvalidationOfARangeReachesTheModel)
{
    const auto replayed = [](const char *tlbi) {
        smmu_config cfg = smmu_config_default();
        cfg.sid_bits = 7;
        cfg.btm = true;
        smmu::replay_counts counts;
        std::string log = with(example(), "last,code\n", "last,code,scope,asid,num,scale,tg\n");
        log = with(log, "reg_write,0x20,", "reg_write,0x2c,0x00000000\nreg_write,0x20,"); // CR2.PTM
        log.resize(log.find("txn,0x40000000"));
        log += "mem,0x3000,0x0000001300000f41\n";
        log += tlbi;
        log += "txn,0x12345678,,2,read,forward,0x1312345678\n";
        std::istringstream stream(log);
        return smmu::replay_log(cfg, smmu::read_log(stream, "."), counts);
    };
    EXPECT_EQ(replayed("tlbi,0x12344000,,,,,,,,,,,,,va,9,0,0,1\n"), std::nullopt);
    EXPECT_TRUE(replayed("tlbi,0x92344000,,,,,,,,,,,,,va,9,0,0,1\n"));
}

// The SMMU fetches when it likes: software may have rung again by then. What the entry held before
// is not the command.
TEST(Replay, CommandIsTheOneThatIsFetchedNextHoweverLate)
{
    std::string log = with(example(), "mem,0x10000,0x00000000002000090000000200000040",
                           "mem,0x10000,0x00000000000000000000000000000046");
    log.resize(log.find("# CMDQ_PROD"));
    log += "reg_write,0x98,0x00000001\n"
           "reg_write,0x98,0x00000002\n"
           "read,0x10000,0x00000000002000090000000200000040\n"
           "atc_inv,0x200000,,2,,,,,21\n"
           "read,0x10010,0x00000000000000000000000000000046\n";
    EXPECT_EQ(difference_of(log), std::nullopt);
}

// What a reset falls into ends as it likes, and what it has left half done is nobody's difference;
// behind it the SMMU is as out of reset.
TEST(Replay, ResetAmidTrafficAsksNothingOfWhatItEnds)
{
    std::string log = with(example(), "last,code\n", "last,code,tag\n");
    log.resize(log.find("txn,0x40000000"));
    const std::string begins = "begin,0x40000000,,2,read,,,,,,,,,,one\n";
    const std::string behind = "write,0x20008,0x0000000000000000\nirq,,,,,,,,,,evtq\n"
                               "end,,,,,abort,,,,,,,,,one\n"
                               "reg_read,0x20,0x00000000\n"
                               "txn,0x40000000,,2,read,forward,0x40000000\n";
    EXPECT_EQ(difference_of(log + begins + "reset\n" + behind), std::nullopt);
    EXPECT_TRUE(difference_of(log + begins + behind));
    EXPECT_TRUE(difference_of(log + "reset\ntxn,0x12345678,,2,write,forward,0x1292345678\n"));
}

// What leaves is in rows of its own, as on the pins behind a TBU.
TEST(Replay, OutputsAreComparedWhereTheLogHasThem)
{
    std::string log = with(example(), "forward,0x1292345678,,,none", "ok,,,,");
    log.resize(log.find("txn,0x40000000"));
    const std::string out = "out,0x1292345678,,2,write\n";
    const auto among = [&](const std::string &row) { return with(log, "txn,", row + "txn,"); };
    EXPECT_EQ(difference_of(among(out)), std::nullopt);
    const std::optional<std::string> other = difference_of(among("out,0x1292346678,,2,write\n"));
    ASSERT_TRUE(other);
    EXPECT_NE(other->find("line 22: write of 0x12345678 by stream 0x2\n"
                          "  the log says    it leaves at 0x1292346678 (line 21)\n"
                          "  the model says  it leaves at 0x1292345678"),
              std::string::npos)
        << *other;
    EXPECT_EQ(difference_of(among(out + out)),
              "line 22: an access leaves at 0x1292345678\n"
              "  the log says so; no transaction of the model goes there");
}

} // namespace test_replay
