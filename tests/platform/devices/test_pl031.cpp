// SPDX-License-Identifier: Apache-2.0
// The PL031: time, match, interrupt, registers.
#include <memory>

#include <gtest/gtest.h>

#include "frame_access.hpp"
#include "pl031/pl031.h"

namespace test_pl031 {
namespace {

enum : std::uint64_t {
    DR = 0x00,
    MR = 0x04,
    LR = 0x08,
    CR = 0x0C,
    IMSC = 0x10,
    RIS = 0x14,
    MIS = 0x18,
    ICR = 0x1C,
};

constexpr std::uint32_t epoch = 1000;

class pl031_rtc : public ::testing::Test {
  protected:
    pl031_rtc() : core(create(), pl031_destroy), regs(pl031_frame, core.get()) {}

    // Let time pass as a host does: alarms ring at their second.
    void pass(std::uint64_t seconds)
    {
        const std::uint64_t until = now + seconds;
        while (alarm <= until) {
            now = alarm;
            alarm = UINT64_MAX;
            pl031_alarm(core.get());
        }
        now = until;
    }

    std::uint64_t now = 50;
    std::uint64_t alarm = UINT64_MAX;
    bool irq = false;
    std::unique_ptr<pl031, void (*)(pl031 *)> core;
    frame_access regs;

  private:
    pl031 *create()
    {
        const pl031_ops ops = {
            [](void *user) { return static_cast<pl031_rtc *>(user)->now; },
            [](void *user, std::uint64_t at) { static_cast<pl031_rtc *>(user)->alarm = at; }};
        const vp_wires wires = {this, [](void *user, unsigned line, bool level) {
                                    EXPECT_EQ(line, 0u);
                                    static_cast<pl031_rtc *>(user)->irq = level;
                                }};
        return pl031_create(&ops, this, &wires, epoch);
    }
};

TEST_F(pl031_rtc, StartsAtTheEpochAndRuns)
{
    EXPECT_EQ(regs.read(DR), epoch);
    pass(7);
    EXPECT_EQ(regs.read(DR), epoch + 7);
    EXPECT_EQ(regs.read(CR), 1u);
    regs.write(CR, 0);
    pass(1);
    EXPECT_EQ(regs.read(DR), epoch + 8) << "it cannot be stopped";
    EXPECT_EQ(regs.read(CR), 1u);
}

TEST_F(pl031_rtc, DataRegisterIsReadOnly)
{
    regs.write(DR, 5);
    EXPECT_EQ(regs.read(DR), epoch);
}

TEST_F(pl031_rtc, LoadRegisterSetsTheTime)
{
    pass(3);
    regs.write(LR, 0xFFFFFFFE);
    EXPECT_EQ(regs.read(DR), 0xFFFFFFFEu);
    pass(3);
    EXPECT_EQ(regs.read(DR), 1u) << "wraps around";
    EXPECT_EQ(regs.read(LR), 0xFFFFFFFEu) << "what was loaded last";
}

TEST_F(pl031_rtc, MatchRaisesTheRawInterrupt)
{
    regs.write(MR, epoch + 5);
    EXPECT_EQ(regs.read(MR), epoch + 5);
    pass(4);
    EXPECT_EQ(regs.read(RIS), 0u);
    pass(1);
    EXPECT_EQ(regs.read(RIS), 1u);
    EXPECT_EQ(regs.read(MIS), 0u);
    EXPECT_FALSE(irq) << "masked";
}

TEST_F(pl031_rtc, MatchInterruptsWithoutAnyAccess)
{
    regs.write(IMSC, 1);
    regs.write(MR, epoch + 5);
    pass(4);
    EXPECT_FALSE(irq);
    pass(1);
    EXPECT_TRUE(irq);
    EXPECT_EQ(regs.read(MIS), 1u);
}

TEST_F(pl031_rtc, MatchOfThePresentSecondIsAtOnce)
{
    regs.write(IMSC, 1);
    regs.write(MR, epoch);
    EXPECT_TRUE(irq);
}

TEST_F(pl031_rtc, ClearEndsTheInterruptUntilTheNextMatch)
{
    regs.write(IMSC, 1);
    regs.write(MR, epoch);
    regs.write(ICR, 0);
    EXPECT_TRUE(irq);
    regs.write(ICR, 1);
    EXPECT_FALSE(irq);
    EXPECT_EQ(regs.read(RIS), 0u) << "in the same second";
    pass(100);
    EXPECT_FALSE(irq);
    regs.write(MR, epoch + 101);
    pass(1);
    EXPECT_TRUE(irq);
}

TEST_F(pl031_rtc, MaskSelectsWhatRaisesTheInterrupt)
{
    regs.write(MR, epoch);
    EXPECT_FALSE(irq);
    regs.write(IMSC, 0xFFFFFFFF);
    EXPECT_TRUE(irq);
    EXPECT_EQ(regs.read(IMSC), 1u);
    regs.write(IMSC, 0);
    EXPECT_FALSE(irq);
    EXPECT_EQ(regs.read(RIS), 1u);
}

TEST_F(pl031_rtc, LoadMovesTheMatch)
{
    regs.write(IMSC, 1);
    regs.write(MR, 2000);
    regs.write(LR, 1990);
    pass(9);
    EXPECT_FALSE(irq);
    pass(1);
    EXPECT_TRUE(irq);
}

TEST_F(pl031_rtc, LoadOfTheMatchValueMatches)
{
    regs.write(IMSC, 1);
    regs.write(MR, 2000);
    regs.write(LR, 2000);
    EXPECT_TRUE(irq);
}

TEST_F(pl031_rtc, LateHostStillSeesTheMatch)
{
    regs.write(MR, epoch + 5);
    alarm = UINT64_MAX; // that never rings
    pass(20);
    EXPECT_EQ(regs.read(RIS), 1u);
}

TEST_F(pl031_rtc, LateHostSeesTheMatchBeforeAWrite)
{
    regs.write(MR, epoch + 5);
    alarm = UINT64_MAX; // that never rings
    pass(20);
    regs.write(MR, epoch + 100);
    EXPECT_EQ(regs.read(RIS), 1u);
}

TEST_F(pl031_rtc, MatchesAgainAfterAWrap)
{
    regs.write(IMSC, 1);
    regs.write(MR, epoch + 1);
    pass(1);
    regs.write(ICR, 1);
    pass((std::uint64_t{1} << 32) - 1);
    EXPECT_FALSE(irq);
    pass(1);
    EXPECT_TRUE(irq);
}

TEST_F(pl031_rtc, PrimeCellIdentification)
{
    const std::uint64_t ids[] = {0x31, 0x10, 0x14, 0x00, 0x0D, 0xF0, 0x05, 0xB1};

    for (unsigned i = 0; i < 8; i++)
        EXPECT_EQ(regs.read(0xFE0 + 4 * i), ids[i]) << i;
}

// Firmware reads the identification by bytes, and some drivers write the one bit of a register so.
TEST_F(pl031_rtc, NarrowAccessesReachTheRegister)
{
    EXPECT_EQ(regs.read(0xFE0, 1), 0x31u);
    EXPECT_EQ(regs.read(0xFE4, 2), 0x10u);
    regs.write(MR, 0x12345678);
    regs.write(MR, 0xAB, 1);
    EXPECT_EQ(regs.read(MR), 0xABu) << "the rest is 0";
}

TEST_F(pl031_rtc, BadAccessesAreRefused)
{
    EXPECT_EQ(regs.read_status(DR + 2, 2), VP_SLVERR);
    EXPECT_EQ(regs.read_status(DR, 8), VP_SLVERR);
    EXPECT_EQ(regs.write_status(MR + 2, 4), VP_SLVERR);
    EXPECT_EQ(regs.read_status(PL031_SIZE, 4), VP_DECERR);
    EXPECT_EQ(regs.read(0x20), 0u) << "reserved";
}

TEST_F(pl031_rtc, PeekLeavesTheInterruptAlone)
{
    std::uint64_t value = 0;

    regs.write(MR, epoch + 5);
    alarm = UINT64_MAX;
    pass(5);
    EXPECT_EQ(pl031_frame.peek(core.get(), RIS, 4, &value), VP_OK);
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(regs.read(RIS), 1u);
}

} // namespace
} // namespace test_pl031
