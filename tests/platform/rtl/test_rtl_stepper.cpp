// SPDX-License-Identifier: Apache-2.0
// Models of RTL whose cycles are calls: nobody can tell from when things happen.
#include <gtest/gtest.h>

#include <vector>

#include "platform/rtl/rtl_engines.hpp"

namespace test_rtl_stepper {
namespace {

sc_core::sc_time ns(double count)
{
    return {count, sc_core::SC_NS};
}

// Something that happens, from the beginning of a copy on.
struct happening {
    sc_core::sc_time when;
    std::uint64_t address;
    bool write;

    bool operator==(const happening &other) const
    {
        return when == other.when && address == other.address && write == other.write;
    }
};

void PrintTo(const happening &of, std::ostream *out)
{
    *out << of.when << (of.write ? " write " : " read ") << of.address;
}

// Every access of memory, which takes `latencies` in turn, and the interrupt.
std::vector<happening> copy_with(rtl_test::rtl_platform &engine,
                                 const std::vector<sc_core::sc_time> &latencies)
{
    std::vector<happening> seen;
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    engine.accessed = [&](const tlm::tlm_generic_payload &payload) {
        seen.push_back(
            {sc_core::sc_time_stamp() - begin, payload.get_address(), payload.is_write()});
        sc_core::wait(latencies[seen.size() % latencies.size()]);
    };
    EXPECT_TRUE(engine.copy());
    seen.push_back({sc_core::sc_time_stamp() - begin, 0, false});
    engine.accessed = {};
    return seen;
}

TEST(RtlStepper, TakesTheCyclesThatWiresTake)
{
    rtl_test::rtl_stepped stepped("stepped", rtl_test::rtl_memory::calls_accessed);
    rtl_test::rtl_wired wired("wired", rtl_test::rtl_memory::calls_accessed);
    bool done = false;
    sc_core::sc_spawn([&] {
        for (const std::vector<sc_core::sc_time> &latencies :
             {std::vector{ns(0)}, std::vector{ns(0), ns(23), ns(10)},
              std::vector{ns(401), ns(7)}}) {
            sc_core::wait(ns(1'000'000) -
                          sc_core::sc_time::from_value(sc_core::sc_time_stamp().value() %
                                                       ns(1'000'000).value()));
            const std::vector<happening> by_calls = copy_with(stepped, latencies);
            sc_core::wait(ns(1'000'000) -
                          sc_core::sc_time::from_value(sc_core::sc_time_stamp().value() %
                                                       ns(1'000'000).value()));
            EXPECT_EQ(by_calls, copy_with(wired, latencies));
            EXPECT_GT(by_calls.size(), 2000u);
        }
        done = true;
    });
    sc_core::sc_start(ns(20'000'000));
    EXPECT_TRUE(done);
}

// A model that is quiet and has outputs of its own now and then.
class counting : public vp::rtl_steps_of<counting> {
  public:
    void cycle(bool reset_n, const sc_core::sc_time &rises) override
    {
        edges.push_back(rises);
        in_reset += !reset_n;
    }
    bool wanted() const override { return is_wanted; }
    bool is_quiet() const override { return true; }
    bool has_news() const override { return edges.size() % 10 == 0 && told != edges.size(); }
    void publish() override
    {
        told = edges.size();
        published.push_back(sc_core::sc_time_stamp());
        EXPECT_EQ(published.back(), edges.back());
    }

    std::vector<sc_core::sc_time> edges;
    std::vector<sc_core::sc_time> published;
    std::size_t told = 0;
    unsigned in_reset = 0;
    bool is_wanted = true;
};

TEST(RtlStepper, SaysWhatIsNewAtItsTime)
{
    counting model;
    vp::rtl_stepper clock("clock", ns(10), model);
    sc_core::sc_start(ns(325));
    EXPECT_EQ(model.in_reset, vp::rtl_stepper::reset_cycles);
    EXPECT_EQ(model.published, (std::vector<sc_core::sc_time>{ns(90), ns(190), ns(290)}));
    for (std::size_t i = 0; i < model.edges.size(); i++)
        EXPECT_EQ(model.edges[i], ns(10.0 * static_cast<double>(i)));
}

TEST(RtlStepper, IsNotAheadOfWhatElseHappens)
{
    counting model;
    vp::rtl_stepper clock("clock", ns(10), model);
    std::vector<std::uint64_t> seen;
    sc_core::sc_spawn([&] {
        for (const double step : {55.0, 3.0, 42.0, 100.0}) { // 55, 58, 100, 200
            sc_core::wait(ns(step));
            seen.push_back(clock.cycles());
        }
    });
    sc_core::sc_start(ns(201));
    // At an edge it is that edge's turn after what comes at its time.
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{6, 6, 10, 20}));
}

TEST(RtlStepper, StandsWhileItIsNotWantedAndRisesAtAMultipleOfItsPeriod)
{
    counting model;
    model.is_wanted = false;
    vp::rtl_stepper clock("clock", ns(10), model);
    sc_core::sc_start(ns(1003));
    EXPECT_EQ(clock.cycles(), vp::rtl_stepper::reset_cycles + vp::rtl_stepper::extra_cycles);
    EXPECT_EQ(sc_core::sc_time_to_pending_activity(),
              sc_core::sc_max_time() - sc_core::sc_time_stamp());
    model.is_wanted = true;
    clock.wake();
    sc_core::sc_start(ns(8));
    ASSERT_GT(model.edges.size(), 6u);
    EXPECT_EQ(model.edges[6], ns(1010));
}

// One whose edge at 50 ns asks others for something, which they answer `deltas` delta cycles later,
// in its call if that is 0.
class asking final : public counting {
  public:
    explicit asking(unsigned deltas) : deltas_(deltas)
    {
        sc_core::sc_spawn_options options;
        options.spawn_method();
        options.dont_initialize();
        options.set_sensitivity(&answering_);
        sc_core::sc_spawn(
            [this] {
                if (++passed_ != deltas_)
                    answering_.notify(sc_core::SC_ZERO_TIME);
            },
            "answering", &options);
    }
    void cycle(bool reset_n, const sc_core::sc_time &rises) override
    {
        counting::cycle(reset_n, rises);
        if (edges.size() == 6 && deltas_)
            answering_.notify(sc_core::SC_ZERO_TIME);
    }
    bool is_quiet() const override { return edges.size() != 5; }

  private:
    const unsigned deltas_;
    unsigned passed_ = 0;
    sc_core::sc_event answering_;
};

TEST(RtlStepper, GoesOnWhenAnEdgeIsAnsweredInTheNextDeltaCycle)
{
    asking model(1);
    vp::rtl_stepper clock("clock", ns(10), model);
    sc_core::sc_start(ns(55));
    EXPECT_EQ(model.edges.size(), 10u); // the next one with news
}

TEST(RtlStepper, GoesOnInTheDeltaCycleOfAnEdgeThatIsAnsweredInItsCall)
{
    asking model(0);
    vp::rtl_stepper clock("clock", ns(10), model);
    sc_core::sc_start(ns(45));
    EXPECT_EQ(model.edges.size(), 5u);
    const sc_dt::uint64 before = sc_core::sc_delta_count();
    sc_core::sc_start(ns(10));
    EXPECT_EQ(model.edges.size(), 10u);
    EXPECT_EQ(sc_core::sc_delta_count(), before + 1);
}

TEST(RtlStepper, IsNotAheadOfWhatAnEdgeWaitsFor)
{
    asking model(3);
    vp::rtl_stepper clock("clock", ns(10), model);
    sc_core::sc_start(ns(55));
    EXPECT_EQ(model.edges.size(), 6u);
}

} // namespace
} // namespace test_rtl_stepper
