// SPDX-License-Identifier: Apache-2.0
// The signals of buses: what there is, and how wide. The numbers are those of IHI 0022 L, chapter
// B1.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <type_traits>

#include "buses.hpp"

namespace pins_test::test_axi_signals {

namespace {

using namespace smmu::pins;

using widths = std::map<std::string, unsigned>;

template <class C> widths widths_of()
{
    widths found;
    const widths all = {
#define SMMU_AXI_CHANNEL(channel, transmitter)
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise) {#name, (width)},
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
    };
    for (const auto &[name, width] : all)
        if (width)
            found[name] = width;
    return found;
}

widths for_both_directions(const widths &requests, widths others)
{
    for (const auto &[name, width] : requests) {
        others["AW" + name] = width;
        others["AR" + name] = width;
    }
    return others;
}

TEST(axi_signals, axi4_has_those_of_the_first_issue)
{
    EXPECT_EQ((widths_of<axi4<128, 6, 40>>()), for_both_directions({{"ID", 6},
                                                                    {"ADDR", 40},
                                                                    {"LEN", 8},
                                                                    {"SIZE", 3},
                                                                    {"BURST", 2},
                                                                    {"LOCK", 1},
                                                                    {"CACHE", 4},
                                                                    {"PROT", 3},
                                                                    {"QOS", 4},
                                                                    {"REGION", 4}},
                                                                   {{"WDATA", 128},
                                                                    {"WSTRB", 16},
                                                                    {"WLAST", 1},
                                                                    {"BID", 6},
                                                                    {"BRESP", 2},
                                                                    {"RID", 6},
                                                                    {"RDATA", 128},
                                                                    {"RRESP", 2},
                                                                    {"RLAST", 1}}));
}

TEST(axi_signals, axi4_lite_has_those_of_single_transfers)
{
    EXPECT_EQ((widths_of<axi4_lite<32, 20>>()),
              for_both_directions(
                  {{"ADDR", 20}, {"PROT", 3}},
                  {{"WDATA", 32}, {"WSTRB", 4}, {"BRESP", 2}, {"RDATA", 32}, {"RRESP", 2}}));
}

// What untranslated transactions of version 3 add to AXI4.
TEST(axi_signals, axi5_with_untranslated_transactions_has_those_of_streams)
{
    widths expected = widths_of<axi4<64, 4, 64>>();
    expected["BRESP"] = expected["RRESP"] = 3;
    expected["AWATOP"] = 6;
    expected["AWSNOOP"] = 5;
    expected["ARSNOOP"] = 4;
    expected["BIDUNQ"] = expected["RIDUNQ"] = 1;
    expected = for_both_directions({{"DOMAIN", 2},
                                    {"MMUVALID", 1},
                                    {"MMUSECSID", 1},
                                    {"MMUSID", 32},
                                    {"MMUSSIDV", 1},
                                    {"MMUSSID", 20},
                                    {"MMUFLOW", 2},
                                    {"PBHA", 4},
                                    {"MPAM", 11},
                                    {"IDUNQ", 1}},
                                   expected);
    EXPECT_EQ((widths_of<axi5_untranslated<64, 4, 64>>()), expected);
}

TEST(axi_signals, version_1_has_atst_and_no_valid)
{
    const widths first = widths_of<wide_bus>();
    EXPECT_EQ(first.count("AWMMUATST"), 1u);
    EXPECT_EQ(first.count("ARMMUFLOW"), 0u);
    EXPECT_EQ(first.count("ARMMUVALID"), 0u);
}

// Verilator's types of ports (its manual, "SystemC").
TEST(pin_styles, two_states_are_what_verilator_makes)
{
    using bus = axi_wires<axi4<512, 4, 40>, two_state>;
    using sc_core::sc_signal;
    EXPECT_TRUE((std::is_same_v<decltype(bus::AWVALID), sc_signal<bool>>));
    EXPECT_TRUE((std::is_same_v<decltype(bus::AWLOCK), sc_signal<bool>>));
    EXPECT_TRUE((std::is_same_v<decltype(bus::AWID), sc_signal<std::uint32_t>>));
    EXPECT_TRUE((std::is_same_v<decltype(bus::AWADDR), sc_signal<std::uint64_t>>));
    EXPECT_TRUE((std::is_same_v<decltype(bus::WSTRB), sc_signal<std::uint64_t>>));
    EXPECT_TRUE((std::is_same_v<decltype(bus::WDATA), sc_signal<sc_dt::sc_bv<512>>>));
}

template <class C, class STYLE> struct both_ends : sc_core::sc_module {
    explicit both_ends(const sc_core::sc_module_name &name) : sc_module(name)
    {
        manager.bind(wires);
        subordinate.bind(wires);
        monitor.bind(wires);
        SC_HAS_PROCESS(both_ends);
        SC_THREAD(play);
    }

    axi_wires<C, STYLE> wires{"wires_"};
    axi_manager_pins<C, STYLE> manager{"m_"};
    axi_subordinate_pins<C, STYLE> subordinate{"s_"};
    axi_monitor_pins<C, STYLE> monitor{"i_"};
    std::function<void()> test;

  private:
    void play() { test(); }
};

std::uint64_t pattern(unsigned signal, unsigned word)
{
    return 0x0123456789abcdefu * (signal + 3) * (word + 1);
}

// Every signal carries its own value from end to end, cut to its width.
template <class C, class STYLE> void carries_values()
{
    both_ends<C, STYLE> ends("ends");
    ends.test = [&] {
        const widths expected = widths_of<C>();
        for (unsigned c = 0; c < axi_channels; c++) {
            const axi_channel channel = static_cast<axi_channel>(c);
            axi_beat sent;
            for (unsigned s = 0; s < static_cast<unsigned>(axi_signal::count); s++)
                for (unsigned i = 0; i < axi_rows[s].words; i++)
                    if (axi_rows[s].channel == channel)
                        sent.bits(static_cast<axi_signal>(s))[i] = pattern(s, i);
            axi_pins &from = transmitter_of(channel) == axi_side::manager
                                 ? static_cast<axi_pins &>(ends.manager)
                                 : ends.subordinate;
            from.drive(channel, sent);
            from.drive_valid(channel, true);
            sc_core::wait(sc_core::SC_ZERO_TIME);
            EXPECT_EQ(ends.monitor.valid(channel), pin_level::high);
            const axi_beat seen = ends.monitor.sample(channel);
            for (unsigned s = 0; s < static_cast<unsigned>(axi_signal::count); s++) {
                const axi_signal signal = static_cast<axi_signal>(s);
                const auto width = expected.find(row_of(signal).name);
                if (row_of(signal).channel != channel || width == expected.end())
                    continue;
                for (unsigned bit = 0; bit < 64 * axi_rows[s].words; bit++)
                    EXPECT_EQ(seen.bits(signal)[bit / 64] >> bit % 64 & 1,
                              bit < width->second ? pattern(s, bit / 64) >> bit % 64 & 1 : 0)
                        << row_of(signal).name << " " << bit;
                EXPECT_FALSE(seen.is_unknown(signal));
            }
        }
    };
    sc_core::sc_start();
}

TEST(axi_bundle, carries_values_of_two_states)
{
    carries_values<axi_largest, two_state>();
}

TEST(axi_bundle, carries_values_of_four_states)
{
    carries_values<axi_largest, four_state>();
}

TEST(axi_bundle, carries_values_of_a_narrow_bus)
{
    carries_values<axi4<32, 3, 20>, two_state>();
}

// RTL in C++ relies on it.
TEST(axi_bundle, drives_no_bits_beyond_the_width)
{
    both_ends<axi4<32, 3, 20>, two_state> ends("ends");
    ends.test = [&] {
        axi_beat sent;
        sent.set(axi_signal::ARADDR, 0xffffffffff);
        sent.set(axi_signal::ARID, 0xff);
        ends.manager.drive(axi_channel::AR, sent);
        sc_core::wait(sc_core::SC_ZERO_TIME);
        EXPECT_EQ(ends.wires.ARADDR.read(), 0xfffffu);
        EXPECT_EQ(ends.wires.ARID.read(), 7u);
    };
    sc_core::sc_start();
}

// IHI 0022 L: defaults of tables A3.1, A3.4, A3.8, A3.22, A13.2.
TEST(axi_bundle, assumes_the_defaults_of_what_is_not_there)
{
    both_ends<axi4_lite<64, 32>, two_state> lite("lite");
    both_ends<wide_bus, two_state> first("first");
    lite.test = [&] {
        const axi_beat request = lite.monitor.sample(axi_channel::AW);
        EXPECT_EQ(request.get(axi_signal::AWLEN), 0u);
        EXPECT_EQ(request.get(axi_signal::AWSIZE), 3u);
        EXPECT_EQ(request.get(axi_signal::AWBURST), 1u);
        EXPECT_EQ(request.get(axi_signal::AWMMUVALID), 0u); // a physical address
        EXPECT_EQ(lite.monitor.sample(axi_channel::W).get(axi_signal::WLAST), 1u);
        EXPECT_EQ(lite.monitor.sample(axi_channel::R).get(axi_signal::RLAST), 1u);
    };
    first.test = [&] {
        EXPECT_EQ(first.monitor.sample(axi_channel::AR).get(axi_signal::ARMMUVALID), 1u);
    };
    sc_core::sc_start();
}

} // namespace

} // namespace pins_test::test_axi_signals
