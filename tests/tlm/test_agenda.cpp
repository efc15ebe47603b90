// SPDX-License-Identifier: Apache-2.0
// smmu::agenda: what has been entered comes when it is due, in the order of its time and its entry.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <random>
#include <vector>

#include <tlm>
#include <tlm_utils/peq_with_cb_and_phase.h>

#include "smmu/tlm/agenda.hpp"

namespace tlm_test::test_agenda {

namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using sc_core::SC_ZERO_TIME;

struct taken {
    unsigned number;
    sc_time at;
    sc_dt::uint64 delta;

    bool operator==(const taken &other) const
    {
        return number == other.number && at == other.at && delta == other.delta;
    }
};

taken now(unsigned number)
{
    return {number, sc_core::sc_time_stamp(), sc_core::sc_delta_count()};
}

// Who has an agenda, and notes what it takes.
class keeper : public sc_core::sc_module {
  public:
    explicit keeper(const sc_core::sc_module_name &name) : sc_module(name) {}

    std::vector<taken> seen;
    std::function<void(unsigned number)> then = [](unsigned) {};

    void enter(unsigned number, const sc_time &delay) { agenda_.enter(delay, number); }

    std::vector<unsigned> numbers() const
    {
        std::vector<unsigned> all;
        for (const taken &each : seen)
            all.push_back(each.number);
        return all;
    }

  private:
    struct thing {
        unsigned number;
    };
    void take(const thing &due)
    {
        seen.push_back(now(due.number));
        then(due.number);
    }

    smmu::agenda<thing, keeper, &keeper::take> agenda_{"agenda", *this};
};

// The same by the queue of TLM-2.0.
class peq_keeper : public sc_core::sc_module {
  public:
    explicit peq_keeper(const sc_core::sc_module_name &name) : sc_module(name) {}

    std::vector<taken> seen;
    std::function<void(unsigned number)> then = [](unsigned) {};

    void enter(unsigned number, const sc_time &delay)
    {
        payloads_.emplace_back().set_address(number);
        peq_.notify(payloads_.back(), tlm::BEGIN_REQ, delay);
    }

  private:
    void take(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &)
    {
        const auto number = static_cast<unsigned>(payload.get_address());
        seen.push_back(now(number));
        then(number);
    }

    std::deque<tlm::tlm_generic_payload> payloads_;
    tlm_utils::peq_with_cb_and_phase<peq_keeper> peq_{"peq", this, &peq_keeper::take};
};

void run(const std::function<void()> &test)
{
    sc_core::sc_spawn([&test] { test(); });
    sc_core::sc_start();
}

TEST(agenda, takes_in_the_order_of_time)
{
    keeper k("k");
    run([&] {
        k.enter(4, sc_time(4, SC_NS));
        k.enter(1, sc_time(1, SC_NS));
        k.enter(3, sc_time(3, SC_NS));
        k.enter(2, sc_time(2, SC_NS));
        sc_core::wait(2, SC_NS);
        k.enter(5, sc_time(3, SC_NS));
    });
    EXPECT_EQ(k.numbers(), (std::vector<unsigned>{1, 2, 3, 4, 5}));
    for (const taken &each : k.seen)
        EXPECT_EQ(each.at, sc_time(each.number, SC_NS));
}

TEST(agenda, takes_what_is_due_at_one_time_in_the_order_of_entry)
{
    keeper k("k");
    run([&] {
        k.enter(1, sc_time(2, SC_NS));
        k.enter(5, sc_time(3, SC_NS));
        k.enter(2, sc_time(2, SC_NS));
        sc_core::wait(1, SC_NS);
        k.enter(3, sc_time(1, SC_NS));
        k.enter(4, sc_time(1, SC_NS));
    });
    EXPECT_EQ(k.numbers(), (std::vector<unsigned>{1, 2, 3, 4, 5}));
}

TEST(agenda, takes_what_has_no_delay_in_the_next_delta_cycle)
{
    keeper k("k");
    k.then = [&](unsigned number) {
        if (number < 3)
            k.enter(number + 1, SC_ZERO_TIME);
    };
    sc_dt::uint64 begin = 0;
    run([&] {
        begin = sc_core::sc_delta_count();
        k.enter(1, SC_ZERO_TIME);
    });
    ASSERT_EQ(k.numbers(), (std::vector<unsigned>{1, 2, 3}));
    for (const taken &each : k.seen)
        EXPECT_EQ(each.delta, begin + each.number);
}

// The run that takes the first one comes in the delta cycle that the second one is entered in.
TEST(agenda, takes_nothing_in_the_delta_cycle_it_was_entered_in)
{
    keeper k("k");
    sc_dt::uint64 begin = 0;
    run([&] {
        begin = sc_core::sc_delta_count();
        k.enter(1, SC_ZERO_TIME);
        sc_core::wait(SC_ZERO_TIME);
        k.enter(2, SC_ZERO_TIME);
    });
    ASSERT_EQ(k.numbers(), (std::vector<unsigned>{1, 2}));
    EXPECT_EQ(k.seen[0].delta, begin + 1);
    EXPECT_EQ(k.seen[1].delta, begin + 2);
}

TEST(agenda, what_has_no_delay_does_not_lose_what_has)
{
    keeper k("k");
    run([&] {
        k.enter(2, sc_time(1, SC_NS));
        k.enter(1, SC_ZERO_TIME);
    });
    EXPECT_EQ(k.numbers(), (std::vector<unsigned>{1, 2}));
}

// Whatever is entered, by processes and by what is taken, at the times and in the delta cycles and
// the order of the queue of TLM-2.0.
TEST(agenda, takes_as_the_queue_of_tlm_does)
{
    constexpr unsigned seed = 20260118;
    constexpr unsigned entries = 20000;
    keeper ours("ours");
    peq_keeper theirs("theirs");
    const auto delay_of = [](unsigned number) { return sc_time(number * 7 % 5, SC_NS); };
    const auto go_on = [&](auto &queue) {
        queue.then = [&queue, delay_of](unsigned number) { // a third enters one more, and so on
            if (number && number % 3 == 0)
                queue.enter(number / 3, delay_of(number));
        };
    };
    go_on(ours);
    go_on(theirs);
    run([&] {
        std::mt19937 random(seed);
        for (unsigned i = 0; i < entries; i++) {
            const sc_time delay(random() % 6, SC_NS);
            ours.enter(i, delay);
            theirs.enter(i, delay);
            if (random() % 4 == 0)
                sc_core::wait(random() % 3, SC_NS);
        }
    });
    EXPECT_GT(ours.seen.size(), entries * 4 / 3);
    EXPECT_EQ(ours.seen == theirs.seen, true) << "seed " << seed;
}

} // namespace

} // namespace tlm_test::test_agenda
