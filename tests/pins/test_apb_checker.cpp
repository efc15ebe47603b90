// SPDX-License-Identifier: Apache-2.0
// smmu::pins::apb_checker reports what breaks the rules of APB, and nothing else (IHI 0024).
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "../tlm/error_log.hpp"
#include "smmu/pins/apb_checker.hpp"

namespace pins_test::test_apb_checker {

namespace {

using namespace smmu::pins;
using strings = std::vector<std::string>;
using bus = apb5<32, 12>;

sc_dt::sc_logic level(bool high)
{
    return sc_dt::sc_logic(high);
}

// A bus whose two sides a test plays by hand, between rising edges of the clock.
class hand_apb : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(hand_apb);
    explicit hand_apb(const sc_core::sc_module_name &name) : sc_module(name)
    {
        checker.PCLK(clock_);
        checker.PRESETn(reset_n);
        checker.apb.bind(wires);
        SC_THREAD(play);
    }

    void run(const std::function<void()> &test)
    {
        test_ = test;
        sc_core::sc_start();
    }

    void cycle(unsigned count = 1)
    {
        for (unsigned i = 0; i < count; i++) {
            wait(5, sc_core::SC_NS);
            clock_ = true;
            wait(5, sc_core::SC_NS);
            clock_ = false;
        }
    }

    // The signals of a setup phase, without its cycle.
    void ask(bool write, std::uint32_t address, std::uint32_t data = 0, unsigned strobes = 0)
    {
        wires.PSEL = level(true);
        wires.PENABLE = level(false);
        wires.PWRITE = level(write);
        wires.PADDR = address;
        wires.PWDATA = data;
        wires.PSTRB = strobes;
        wires.PPROT = 2;
        wires.PNSE = level(false);
        wires.PWAKEUP = level(true);
    }
    void answer(bool ready, bool error = false, std::uint32_t data = 0)
    {
        wires.PREADY = level(ready);
        wires.PSLVERR = level(error);
        wires.PRDATA = data;
    }
    void idle()
    {
        wires.PSEL = level(false);
        wires.PENABLE = level(false);
        wires.PWAKEUP = level(false);
    }
    void enable() { wires.PENABLE = level(true); }
    // The access phase, with so many cycles of waiting, up to the end of the transfer.
    void finish(unsigned waits = 0)
    {
        enable();
        answer(false);
        cycle(waits);
        answer(true);
        cycle();
        idle();
    }
    void write(std::uint32_t address, unsigned waits = 0)
    {
        ask(true, address, 0x12345678, 0xf);
        cycle();
        finish(waits);
    }
    void read(std::uint32_t address, unsigned waits = 0)
    {
        ask(false, address);
        cycle();
        finish(waits);
    }

    sc_core::sc_signal<sc_dt::sc_logic> reset_n{"reset_n"};
    apb_wires<bus, four_state> wires{"wires_"};
    apb_checker<bus, four_state> checker{"checker"};
    tlm_test::error_log errors;

  private:
    void play()
    {
        reset_n = level(false); // all else is X
        cycle(2);
        idle();
        answer(false);
        reset_n = level(true);
        cycle();
        test_();
        cycle();
        sc_core::sc_stop();
    }

    sc_core::sc_signal<bool> clock_{"clock"};
    std::function<void()> test_;
};

struct breach {
    const char *rule; // the row of apb_rules.def; nullptr: none is broken
    const char *how;
    void (*run)(hand_apb &);
};

void PrintTo(const breach &it, std::ostream *out)
{
    *out << (it.rule ? it.rule : "legal") << " " << it.how;
}

constexpr sc_dt::sc_logic_value_t X = sc_dt::Log_X;

const std::vector<breach> breaches = {
    {"reset_unknown", "undefined",
     [](hand_apb &b) {
         b.reset_n = sc_dt::sc_logic(X);
         b.cycle(3);
         b.reset_n = level(true);
     }},
    {"control_unknown", "select",
     [](hand_apb &b) {
         b.wires.PSEL = sc_dt::sc_logic(X);
         b.cycle(3);
         b.idle();
     }},
    {"control_unknown", "enable_in_the_setup_phase",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.wires.PENABLE = sc_dt::sc_logic(X);
         b.cycle();
         b.finish();
     }},
    {"control_unknown", "enable_in_the_access_phase",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.cycle();
         b.wires.PENABLE = sc_dt::sc_logic('Z');
         b.cycle(2);
         b.finish();
     }},
    {"control_unknown", "ready",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.enable();
         b.wires.PREADY = sc_dt::sc_logic(X);
         b.cycle(2);
         b.finish();
     }},
    {"control_unknown", "wake_up",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.wires.PWAKEUP = sc_dt::sc_logic(X);
         b.cycle();
         b.wires.PWAKEUP = level(true);
         b.finish();
     }},
    {"payload_unknown", "address_space",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.wires.PNSE = sc_dt::sc_logic(X);
         b.cycle();
         b.finish();
     }},
    {"payload_unknown", "address",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.wires.PADDR = sc_dt::sc_lv<12>("00000000010X");
         b.cycle();
         b.finish();
     }},
    {"payload_unknown", "direction",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.wires.PWRITE = sc_dt::sc_logic(X);
         b.cycle();
         b.finish();
     }},
    {"payload_unknown", "data_that_are_written",
     [](hand_apb &b) {
         b.ask(true, 4, 0, 0x2);
         b.wires.PWDATA = sc_dt::sc_lv<32>("0000000000000000X000000000000000");
         b.cycle();
         b.finish();
     }},
    {"payload_unknown", "data_that_are_read",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.enable();
         b.answer(true);
         b.wires.PRDATA = sc_dt::sc_lv<32>("X0000000000000000000000000000000");
         b.cycle();
         b.idle();
     }},
    {"payload_unknown", "error",
     [](hand_apb &b) {
         b.ask(true, 4, 0, 0xf);
         b.cycle();
         b.enable();
         b.answer(true);
         b.wires.PSLVERR = sc_dt::sc_logic(X);
         b.cycle();
         b.idle();
     }},
    {"setup", "first_transfer",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.finish(1);
     }},
    {"setup", "behind_another_transfer",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.cycle();
         b.enable();
         b.answer(true);
         b.cycle(2); // the second one has no setup phase
         b.idle();
     }},
    {"setup", "behind_a_reset",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.cycle();
         b.enable();
         b.reset_n = level(false);
         b.cycle();
         b.reset_n = level(true);
         b.finish();
     }},
    {"setup_length", "two_cycles",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.cycle(4);
         b.finish();
     }},
    {"select_held", "behind_the_setup_phase",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.cycle();
         b.idle();
     }},
    {"select_held", "in_the_access_phase",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.enable();
         b.cycle(2);
         b.idle();
     }},
    {"enable_held", "in_the_access_phase",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.enable();
         b.cycle();
         b.wires.PENABLE = level(false);
         b.cycle(2);
         b.finish();
     }},
    {"stable", "address_behind_the_setup_phase",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.wires.PADDR = 8;
         b.finish();
     }},
    {"stable", "address_while_it_waits",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.enable();
         b.cycle();
         b.wires.PADDR = 8;
         b.cycle(2);
         b.finish();
     }},
    {"stable", "direction",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.wires.PWRITE = level(true);
         b.finish();
     }},
    {"stable", "protection",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.wires.PPROT = 3;
         b.finish();
     }},
    {"stable", "address_space",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.wires.PNSE = level(true);
         b.finish();
     }},
    {"wakeup_held", "behind_the_setup_phase",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.wires.PWAKEUP = level(false);
         b.finish(2);
     }},
    {"wakeup_held", "in_the_access_phase",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.cycle();
         b.enable();
         b.wires.PWAKEUP = level(true);
         b.cycle(2);
         b.wires.PWAKEUP = level(false);
         b.cycle();
         b.finish();
     }},
    {"stable", "strobes",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0x3);
         b.cycle();
         b.wires.PSTRB = 1;
         b.finish();
     }},
    {"stable", "data",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.cycle();
         b.wires.PWDATA = 2;
         b.finish();
     }},
    {"read_strobe", "one_lane",
     [](hand_apb &b) {
         b.ask(false, 4, 0, 4);
         b.cycle();
         b.finish();
     }},
    {"ready_limit", "one_cycle_too_long",
     [](hand_apb &b) {
         b.checker.set_ready_limit(3);
         b.read(4, 2);
         b.read(4, 5);
     }},
};

const std::vector<breach> legal = {
    {nullptr, "transfers_with_and_without_waits",
     [](hand_apb &b) {
         for (const unsigned waits : {0u, 1u, 7u}) {
             b.write(4, waits);
             b.read(8, waits);
             b.cycle(2);
         }
         EXPECT_EQ(b.checker.transfers(), 6u);
     }},
    {nullptr, "transfers_back_to_back",
     [](hand_apb &b) {
         for (unsigned i = 0; i < 3; i++) {
             b.ask(true, 4 * i, i, 1u << i);
             b.cycle();
             b.enable();
             b.answer(true);
             b.cycle();
         }
         b.idle();
         EXPECT_EQ(b.checker.transfers(), 3u);
     }},
    {nullptr, "data_of_a_read_that_has_failed",
     [](hand_apb &b) {
         b.ask(false, 4);
         b.cycle();
         b.enable();
         b.answer(true, true);
         b.wires.PRDATA = sc_dt::sc_lv<32>(X);
         b.cycle();
         b.idle();
     }},
    {nullptr, "data_that_do_not_count",
     [](hand_apb &b) {
         b.ask(true, 4, 0, 0x1);
         b.wires.PWDATA = sc_dt::sc_lv<32>("XXXXXXXXXXXXXXXXXXXXXXXX00000000");
         b.cycle();
         b.finish(1);
         b.ask(false, 4);
         b.wires.PWDATA = sc_dt::sc_lv<32>(X);
         b.cycle();
         b.wires.PWDATA = 0;
         b.finish();
     }},
    {nullptr, "answers_that_nobody_waits_for",
     [](hand_apb &b) {
         b.wires.PREADY = sc_dt::sc_logic(X);
         b.wires.PSLVERR = sc_dt::sc_logic(X);
         b.cycle();
         b.ask(false, 4);
         b.cycle();
         b.finish();
     }},
    {nullptr, "enable_of_another_completer",
     [](hand_apb &b) {
         b.enable();
         b.cycle(3);
         b.idle();
         b.read(4);
     }},
    {nullptr, "a_wake_up_before_a_transfer_late_in_it_and_none",
     [](hand_apb &b) {
         b.wires.PWAKEUP = level(true);
         b.cycle(3);
         b.wires.PWAKEUP = level(false);
         b.cycle();
         b.ask(false, 4);
         b.wires.PWAKEUP = level(false);
         b.cycle();
         b.enable();
         b.answer(false);
         b.cycle();
         b.wires.PWAKEUP = level(true);
         b.cycle();
         b.finish();
         b.ask(false, 4);
         b.wires.PWAKEUP = level(false);
         b.cycle();
         b.finish(1);
     }},
    {nullptr, "a_transfer_that_a_reset_ends",
     [](hand_apb &b) {
         b.ask(true, 4, 1, 0xf);
         b.cycle();
         b.enable();
         b.cycle();
         b.reset_n = level(false);
         b.cycle();
         b.idle();
         b.cycle();
         b.reset_n = level(true);
         b.read(4);
         EXPECT_EQ(b.checker.transfers(), 1u);
     }},
};

struct apb_breach : testing::TestWithParam<breach> {};

TEST_P(apb_breach, is_reported_once_and_alone)
{
    hand_apb b("b");
    b.run([&] { GetParam().run(b); });
    EXPECT_EQ(b.errors.ids, strings{std::string("/smmu/pins/apb/") + GetParam().rule})
        << testing::PrintToString(b.errors.texts);
    EXPECT_EQ(b.checker.complaints(), 1u);
    EXPECT_EQ(b.checker.in_flight(), 0u);
}

struct apb_legal : testing::TestWithParam<breach> {};

TEST_P(apb_legal, traffic_is_not_reported)
{
    hand_apb b("b");
    b.run([&] { GetParam().run(b); });
    EXPECT_EQ(b.errors.texts, strings());
    EXPECT_EQ(b.checker.in_flight(), 0u);
    EXPECT_GT(b.checker.transfers(), 0u);
}

std::string breach_name(const testing::TestParamInfo<breach> &info)
{
    return std::string(info.param.rule ? info.param.rule : "legal") + "__" + info.param.how;
}

INSTANTIATE_TEST_SUITE_P(rules, apb_breach, testing::ValuesIn(breaches), breach_name);
INSTANTIATE_TEST_SUITE_P(traffic, apb_legal, testing::ValuesIn(legal), breach_name);

TEST(apb_rules, each_has_a_test_that_breaks_it)
{
    std::set<std::string> broken;
    for (const breach &row : breaches)
        broken.insert(row.rule);
    const std::set<std::string> rules = {
#define SMMU_APB_RULE(name, section, message) #name,
#include "smmu/pins/apb_rules.def"
#undef SMMU_APB_RULE
    };
    EXPECT_EQ(broken, rules);
}

TEST(apb_complaint, names_checker_signal_cycle_and_section)
{
    hand_apb b("b");
    b.run([&] {
        b.ask(false, 4, 0, 1);
        b.cycle(); // the fourth edge
        b.finish();
    });
    ASSERT_EQ(b.errors.texts.size(), 1u);
    EXPECT_EQ(b.errors.texts[0],
              "b.checker: a strobe is high in a read (PSTRB, cycle 4, IHI 0024 Write strobes)");
}

} // namespace

} // namespace pins_test::test_apb_checker
