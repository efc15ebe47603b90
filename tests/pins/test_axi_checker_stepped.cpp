// SPDX-License-Identifier: Apache-2.0
// smmu::pins::axi_checker_stepped with axi_values, where it passes channels on which nothing is
// shown, reports what it does with pins of any kind.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../tlm/error_log.hpp"
#include "buses.hpp"
#include "smmu/pins/axi_checker.hpp"
#include "smmu/pins/axi_request.hpp"
#include "support/random.hpp"

namespace pins_test::test_axi_checker_stepped {

namespace {

using namespace smmu::pins;
using strings = std::vector<std::string>;

class watched_values {
  public:
    axi_values pins = axi_values::of<full_bus>();
    tlm_test::error_log errors;

    explicit watched_values(const axi_limits &limits = {}) { checker_.set_limits(limits); }

    void cycle(pin_level aresetn = pin_level::high) { checker_.edge(pins, aresetn); }
    void show_read()
    {
        axi_request request = {};
        request.size = 3;
        request.burst = AXI_BURST_INCR;
        request.domain = AXI_DOMAIN_SYSTEM;
        request.cache = 2;
        request.prot = 2;
        pins.drive(axi_channel::AR, beat_of(request));
        pins.drive_valid(axi_channel::AR, true);
    }

  private:
    axi_checker_stepped<full_bus> checker_{"checker"};
};

TEST(axi_checker_stepped, reports_a_valid_that_goes_without_ready)
{
    watched_values bus;
    bus.show_read();
    bus.cycle();
    bus.pins.drive_valid(axi_channel::AR, false);
    bus.cycle();
    bus.cycle();
    EXPECT_EQ(bus.errors.ids, strings{"/smmu/pins/axi/valid_held"});
}

TEST(axi_checker_stepped, reports_values_that_change_while_they_wait)
{
    watched_values bus;
    bus.show_read();
    bus.cycle();
    bus.pins.beat(axi_channel::AR).set(axi_signal::ARADDR, 8);
    bus.cycle();
    EXPECT_EQ(bus.errors.ids, strings{"/smmu/pins/axi/payload_stable"});
}

TEST(axi_checker_stepped, reports_a_ready_that_does_not_come)
{
    watched_values bus({3, 0});
    bus.show_read();
    for (unsigned i = 0; i < 5; i++)
        bus.cycle();
    EXPECT_EQ(bus.errors.ids, strings{"/smmu/pins/axi/ready_limit"});
}

TEST(axi_checker_stepped, reports_a_response_that_does_not_come)
{
    watched_values bus({0, 3});
    bus.show_read();
    bus.pins.drive_ready(axi_channel::AR, true);
    bus.cycle();
    bus.pins.drive_valid(axi_channel::AR, false);
    for (unsigned i = 0; i < 5; i++)
        bus.cycle();
    EXPECT_EQ(bus.errors.ids, strings{"/smmu/pins/axi/response_limit"});
}

// Two sides that know no rules, and a checker for each way to look at them.
class wild_bus {
  public:
    axi_values pins = axi_values::of<full_bus>();

    wild_bus()
    {
        for (axi_checker_base *each : {static_cast<axi_checker_base *>(&of_values_),
                                       static_cast<axi_checker_base *>(&of_pins_)})
            each->set_limits({4, 30});
    }

    void cycle()
    {
        for (std::size_t i = 0; i < axi_channels; i++)
            change(static_cast<axi_channel>(i));
        const pin_level aresetn = !chance_.one_in(150) ? pin_level::high
                                  : chance_.coin()     ? pin_level::low
                                                       : pin_level::unknown;
        of_values_.edge(pins, aresetn);
        of_pins_.edge(static_cast<const axi_pins &>(pins), aresetn);
    }

    const axi_checker_base &of_values() const { return of_values_; }
    const axi_checker_base &of_pins() const { return of_pins_; }

  private:
    void change(axi_channel channel)
    {
        pins.drive_ready(channel, chance_.one_in(3));
        if (chance_.one_in(3))
            pins.drive_valid(channel, !pins.is_valid(channel));
        if (!chance_.one_in(4))
            return;
        axi_beat &beat = pins.beat(channel);
        for (unsigned i = 0; i < static_cast<unsigned>(axi_signal::count); i++)
            if (const auto signal = static_cast<axi_signal>(i);
                row_of(signal).channel == channel && chance_.one_in(6)) {
                beat.set(signal, chance_.bits(2));
                *beat.unknown(signal) = chance_.one_in(40);
            }
    }

    support::random_source chance_{1};
    axi_checker_stepped<full_bus> of_values_{"values"};
    axi_checker_stepped<full_bus> of_pins_{"pins"};
};

// What was reported, without the name of who did.
std::string told_by(const std::string &name, const std::string &text)
{
    return text.rfind(name + ": ", 0) == 0 ? text.substr(name.size()) : "";
}

TEST(axi_checker_stepped, reports_of_values_what_it_does_of_other_pins)
{
    tlm_test::error_log errors;
    wild_bus bus;
    for (unsigned i = 0; i < 2000; i++)
        bus.cycle();
    strings of_values, of_pins;
    for (const std::string &text : errors.texts) {
        if (const std::string told = told_by("values", text); !told.empty())
            of_values.push_back(told);
        if (const std::string told = told_by("pins", text); !told.empty())
            of_pins.push_back(told);
    }
    EXPECT_GT(of_values.size(), 1000u);
    EXPECT_EQ(of_values, of_pins);
    EXPECT_EQ(bus.of_values().in_flight(), bus.of_pins().in_flight());
}

} // namespace

} // namespace pins_test::test_axi_checker_stepped
