// SPDX-License-Identifier: Apache-2.0
// smmu::pins::axi_checker reports what breaks the rules of AXI, and nothing else (IHI 0022 L).
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "axi_breach.hpp"

namespace pins_test {

void PrintTo(const axi_breach &breach, std::ostream *out)
{
    *out << (breach.rule ? breach.rule : "legal") << " " << breach.how;
}

namespace test_axi_checker {

namespace {

using strings = std::vector<std::string>;

struct axi_breach_test : testing::TestWithParam<axi_breach> {
    template <class C> void breaks()
    {
        hand_bus_of<C> b("b");
        b.run([&] { GetParam().run(b); });
        EXPECT_EQ(b.errors.ids, strings{std::string("/smmu/pins/axi/") + GetParam().rule})
            << testing::PrintToString(b.errors.texts);
        EXPECT_EQ(b.checker().complaints(), 1u);
    }
};

struct axi_breach_of_a_full_bus : axi_breach_test {};
struct axi_breach_of_a_wide_bus : axi_breach_test {};

TEST_P(axi_breach_of_a_full_bus, is_reported_once_and_alone)
{
    breaks<full_bus>();
}

TEST_P(axi_breach_of_a_wide_bus, is_reported_once_and_alone)
{
    breaks<wide_bus>();
}

std::string breach_name(const testing::TestParamInfo<axi_breach> &info)
{
    return std::string(info.param.rule ? info.param.rule : "legal") + "__" + info.param.how;
}

INSTANTIATE_TEST_SUITE_P(levels, axi_breach_of_a_full_bus, testing::ValuesIn(level_breaches),
                         breach_name);
INSTANTIATE_TEST_SUITE_P(requests, axi_breach_of_a_full_bus, testing::ValuesIn(request_breaches),
                         breach_name);
INSTANTIATE_TEST_SUITE_P(transactions, axi_breach_of_a_full_bus,
                         testing::ValuesIn(transaction_breaches), breach_name);
INSTANTIATE_TEST_SUITE_P(requests, axi_breach_of_a_wide_bus, testing::ValuesIn(wide_breaches),
                         breach_name);

TEST(axi_rules, each_has_a_test_that_breaks_it)
{
    std::set<std::string> broken;
    for (const auto *rows :
         {&level_breaches, &request_breaches, &transaction_breaches, &wide_breaches})
        for (const axi_breach &row : *rows)
            broken.insert(row.rule);
    const std::set<std::string> rules = {
#define SMMU_AXI_RULE(name, clause, message) #name,
#include "smmu/pins/axi_rules.def"
#undef SMMU_AXI_RULE
    };
    EXPECT_EQ(broken, rules);
}

struct axi_legal : testing::TestWithParam<axi_breach> {};

TEST_P(axi_legal, traffic_is_not_reported)
{
    hand_bus_of<full_bus> b("b");
    b.run([&] { GetParam().run(b); });
    EXPECT_EQ(b.errors.texts, strings());
    EXPECT_EQ(b.checker().in_flight(), 0u);
}

INSTANTIATE_TEST_SUITE_P(traffic, axi_legal, testing::ValuesIn(legal_traffic), breach_name);

TEST(axi_complaint, names_checker_signal_cycle_and_section)
{
    hand_bus_of<full_bus> b("b");
    b.run([&] {
        axi_request request = a_read();
        request.addr = 0x1ff8;
        request.len = 1;
        b.request(request); // the fourth edge
    });
    ASSERT_EQ(b.errors.texts.size(), 1u);
    EXPECT_EQ(b.errors.texts[0], "b.checker: the burst crosses a boundary of 4 KiB (ARADDR, cycle "
                                 "4, IHI 0022 L A3.1)");
}

TEST(axi_checker, counts_what_is_outstanding)
{
    hand_bus_of<full_bus> b("b");
    b.run([&] {
        b.put(a_write());
        b.cycle();
        EXPECT_EQ(b.checker().in_flight(), 1u); // from VALID on
        b.request(a_write());
        b.request(a_read());
        EXPECT_EQ(b.checker().in_flight(), 2u);
        b.answer_read(1);
        b.data();
        EXPECT_EQ(b.checker().in_flight(), 1u);
        b.answer_write(1);
        EXPECT_EQ(b.checker().in_flight(), 0u);
    });
    EXPECT_EQ(b.errors.texts, strings());
}

} // namespace

} // namespace test_axi_checker

} // namespace pins_test
