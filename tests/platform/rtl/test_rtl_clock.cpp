// SPDX-License-Identifier: Apache-2.0
// The clock of models of RTL.
#include <gtest/gtest.h>

#include "rtl_clock.hpp"

namespace test_rtl_clock {
namespace {

sc_core::sc_time ns(double count)
{
    return {count, sc_core::SC_NS};
}

TEST(RtlClock, RunsWhereNobodySaysWhetherItIsWanted)
{
    vp::rtl_clock clock("clock", ns(10));
    sc_core::sc_start(ns(997));
    EXPECT_EQ(clock.cycles(), 100); // rising at 0, 10, ... 990
    EXPECT_FALSE(clock.clk.read());
    sc_core::sc_start(ns(5));
    EXPECT_TRUE(clock.clk.read());
}

TEST(RtlClock, ReleasesResetAfterItsCycles)
{
    vp::rtl_clock clock("clock", ns(10));
    sc_core::sc_start(ns(39));
    EXPECT_FALSE(clock.reset_n.read());
    sc_core::sc_start(ns(2));
    EXPECT_TRUE(clock.reset_n.read());
}

TEST(RtlClock, StandsWhileItIsNotWanted)
{
    vp::rtl_clock clock("clock", ns(10), [] { return false; });
    sc_core::sc_start(ns(1000));
    EXPECT_EQ(clock.cycles(), vp::rtl_clock::reset_cycles + vp::rtl_clock::extra_cycles);
    EXPECT_FALSE(clock.clk.read());
    EXPECT_TRUE(clock.reset_n.read());
    EXPECT_EQ(sc_core::sc_time_to_pending_activity(),
              sc_core::sc_max_time() - sc_core::sc_time_stamp());
}

TEST(RtlClock, RisesAtAMultipleOfItsPeriodWhenItIsWoken)
{
    bool wanted = false;
    vp::rtl_clock clock("clock", ns(10), [&wanted] { return wanted; });
    sc_core::sc_start(ns(1003));
    wanted = true;
    clock.wake();
    sc_core::sc_start(ns(6));
    EXPECT_EQ(clock.cycles(), 6);
    sc_core::sc_start(ns(2)); // 1011
    EXPECT_EQ(clock.cycles(), 7);
    EXPECT_TRUE(clock.clk.read());
    sc_core::sc_start(ns(100));
    EXPECT_EQ(clock.cycles(), 17);
}

TEST(RtlClock, TakesNoNoticeOfBeingWokenWhileItRuns)
{
    vp::rtl_clock clock("clock", ns(10), [] { return true; });
    for (unsigned i = 0; i < 20; i++) {
        sc_core::sc_start(ns(3));
        clock.wake();
    }
    EXPECT_EQ(clock.cycles(), 6); // 0 to 50
}

} // namespace
} // namespace test_rtl_clock
