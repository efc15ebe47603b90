// SPDX-License-Identifier: Apache-2.0
// The traffic generator's register frame.
#include "traffic_bench.hpp"

namespace test_traffic_registers {
namespace {

enum : std::uint64_t { ID = 0x00, CTRL = 0x08, STATUS = 0x0c, ACCESSES = 0x10, BANDWIDTH = 0x88 };
enum : std::uint64_t { START = 1, STOP = 2, IRQ_EN = 4 };
enum : std::uint64_t { BUSY = 1, DONE = 2 };

class traffic_registers : public traffic_bench {
  protected:
    frame_access regs() { return {traffic_frame, core()}; }
};

TEST_F(traffic_registers, ResetValues)
{
    EXPECT_EQ(regs().read(ID), 0x314e4754u);
    EXPECT_EQ(regs().read(CTRL), 0u);
    EXPECT_EQ(regs().read(STATUS), 0u);
}

TEST_F(traffic_registers, StartBeginsARunAndStatusTells)
{
    config.count = 3;
    regs().write(CTRL, START);
    EXPECT_EQ(regs().read(STATUS), BUSY);
    EXPECT_EQ(regs().read(CTRL), 0u);
    run();
    EXPECT_EQ(regs().read(STATUS), DONE);
    EXPECT_EQ(regs().read(ACCESSES, 8), 3u);
    regs().write(STATUS, DONE);
    EXPECT_EQ(regs().read(STATUS), 0u);
    EXPECT_EQ(regs().read(ACCESSES, 8), 3u) << "counters stay";
}

TEST_F(traffic_registers, StartAgainBeginsAtZero)
{
    config.count = 3;
    run();
    regs().write(CTRL, START);
    EXPECT_EQ(regs().read(STATUS), BUSY);
    EXPECT_EQ(regs().read(ACCESSES, 8), 0u);
}

TEST_F(traffic_registers, StatisticsAreRegistersInTheirOrder)
{
    config.count = 3;
    run();
    for (unsigned i = 0; i < TRAFFIC_STATISTICS; i++)
        EXPECT_EQ(regs().read(ACCESSES + 8 * i, 8),
                  statistic(static_cast<enum traffic_statistic>(i)));
    EXPECT_STREQ(traffic_frame.name(ACCESSES), "ACCESSES");
    EXPECT_STREQ(traffic_frame.name(BANDWIDTH), "BANDWIDTH");
    EXPECT_EQ(regs().read(BANDWIDTH), 640u) << "a half of 32 bits";
}

TEST_F(traffic_registers, StatisticsCannotBeWritten)
{
    config.count = 3;
    run();
    regs().write(ACCESSES, 77, 8);
    EXPECT_EQ(regs().read(ACCESSES, 8), 3u);
}

TEST_F(traffic_registers, StopEndsTheRunOnceAllIsAnswered)
{
    config.outstanding = 2;
    traffic_start(core());
    traffic_access access = {};
    std::uint64_t when = 0;
    ASSERT_EQ(traffic_next(core(), 0, &access, &when), TRAFFIC_ISSUE);
    regs().write(CTRL, STOP | IRQ_EN);
    EXPECT_EQ(traffic_next(core(), 0, &access, &when), TRAFFIC_WAIT);
    EXPECT_EQ(regs().read(STATUS), BUSY);
    traffic_complete(core(), access.slot, 10, true, nullptr);
    EXPECT_EQ(regs().read(STATUS), 0u) << "it was not done";
    EXPECT_FALSE(line);
}

TEST_F(traffic_registers, StopWhileNothingIsOutstandingEndsTheRunAtOnce)
{
    config.arrival = TRAFFIC_INTERVAL;
    config.interval_ps = 300 * ns;
    run(200 * ns); // the second access is not due
    ASSERT_EQ(regs().read(STATUS), BUSY);
    ASSERT_EQ(statistic(TRAFFIC_ACCESSES), 1u);
    regs().write(CTRL, STOP);
    EXPECT_EQ(regs().read(STATUS), 0u);
}

TEST_F(traffic_registers, StopAndStartTogetherActOnTheRunInProgress)
{
    regs().write(CTRL, STOP | START);
    EXPECT_EQ(regs().read(STATUS), BUSY) << "there was none: it starts";
    regs().write(CTRL, STOP | START);
    EXPECT_EQ(regs().read(STATUS), 0u) << "it stops";
}

TEST_F(traffic_registers, StartDuringARunIsIgnored)
{
    config.count = 4;
    run(250 * ns);
    regs().write(CTRL, START);
    EXPECT_EQ(statistic(TRAFFIC_ACCESSES), 2u);
}

TEST_F(traffic_registers, InterruptIsHighWhileEnabledAndDone)
{
    config.count = 1;
    regs().write(CTRL, START | IRQ_EN);
    EXPECT_FALSE(line);
    run();
    EXPECT_TRUE(line);
    regs().write(CTRL, 0);
    EXPECT_FALSE(line);
    regs().write(CTRL, IRQ_EN);
    EXPECT_TRUE(line);
    regs().write(STATUS, DONE);
    EXPECT_FALSE(line);
}

TEST_F(traffic_registers, StartLetsTheInterruptFall)
{
    config.count = 1;
    regs().write(CTRL, START | IRQ_EN);
    run();
    regs().write(CTRL, START | IRQ_EN);
    EXPECT_FALSE(line);
}

TEST_F(traffic_registers, OtherSizesAndAlignmentsAreRefused)
{
    EXPECT_EQ(regs().read_status(ID, 1), VP_SLVERR);
    EXPECT_EQ(regs().read_status(ID, 2), VP_SLVERR);
    EXPECT_EQ(regs().read_status(ID, 8), VP_SLVERR);
    EXPECT_EQ(regs().read_status(ACCESSES + 2, 4), VP_SLVERR);
    EXPECT_EQ(regs().read_status(TRAFFIC_FRAME_SIZE, 4), VP_DECERR);
    EXPECT_EQ(regs().write_status(CTRL, 2), VP_SLVERR);
}

} // namespace
} // namespace test_traffic_registers
