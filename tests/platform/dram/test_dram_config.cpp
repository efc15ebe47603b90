// SPDX-License-Identifier: Apache-2.0
// Configurations of a DRAM: address maps, and what is refused.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dram_bench.hpp"

namespace test_dram_config {
namespace {

using namespace test;

// What is wrong with plain_dram() after an edit.
std::string mistake(const std::function<void(dram_config &)> &edit)
{
    dram_config config = plain_dram();
    dram_error error = {};
    edit(config);
    const bool right = dram_config_check(&config, &error);
    dram *const made = dram_create(&config, 1 << 20);
    EXPECT_EQ(made != nullptr, right);
    dram_destroy(made);
    return right ? "" : std::string(error.field) + " " + error.reason;
}

TEST(dram_config, of_presets_is_right)
{
    for (int preset = 0; preset < DRAM_PRESET_COUNT; preset++) {
        dram_config config = {};
        dram_error error = {};
        dram_config_preset(&config, static_cast<dram_preset>(preset));
        EXPECT_TRUE(dram_config_check(&config, &error)) << error.field;
    }
}

TEST(dram_config, has_limits)
{
    EXPECT_EQ(mistake([](dram_config &c) { c.channels = 0; }), "channels is not 1 to 64");
    EXPECT_EQ(mistake([](dram_config &c) { c.banks = 257; }), "banks is not 1 to 256");
    EXPECT_EQ(mistake([](dram_config &c) { c.queue = 0; }), "queue is not 1 to 1024");
    EXPECT_EQ(mistake([](dram_config &c) { c.burst_bytes = 4; }), "burst_bytes is not 8 to 4096");
    EXPECT_EQ(mistake([](dram_config &c) { c.trcd = 1000000001; }), "trcd is more than 1000000000");
}

TEST(dram_config, has_rows_of_whole_bursts)
{
    EXPECT_EQ(mistake([](dram_config &c) { c.row_bytes = 96; }),
              "row_bytes is not a multiple of burst_bytes");
}

TEST(dram_config, leaves_time_between_refreshes)
{
    const char *const reason = "trefi is less than twice trfc and trp";
    EXPECT_EQ(mistake([](dram_config &c) { c.trefi = 2 * (100 + 12) * ns - 1; }), reason);
    EXPECT_EQ(mistake([](dram_config &c) { c.trefi = 2 * (100 + 12) * ns; }), "");
}

TEST(dram_config, has_each_part_of_an_address_once)
{
    EXPECT_EQ(mistake([](dram_config &c) { c.map[0] = c.map[1]; }),
              "map does not have each part once");
}

TEST(dram_map, is_read_from_the_most_significant_part_on)
{
    dram_field map[DRAM_FIELD_COUNT];
    ASSERT_TRUE(dram_parse_map("channel:row:column:bank", map));
    EXPECT_EQ(map[0], DRAM_CHANNEL);
    EXPECT_EQ(map[1], DRAM_ROW);
    EXPECT_EQ(map[2], DRAM_COLUMN);
    EXPECT_EQ(map[3], DRAM_BANK);
}

TEST(dram_map, names_each_part_once)
{
    dram_field map[DRAM_FIELD_COUNT];
    for (const char *text :
         {"", ":::", "row", "row:bank:column", "row:bank:column:row",
          "row:bank:column:channel:", "row:bank:column:channel:row", "row:bank:column:chan",
          "row:bank:column:channels", "Row:bank:column:channel"})
        EXPECT_FALSE(dram_parse_map(text, map)) << text;
}

// Two channels, eight banks, four columns. Of the bursts with these numbers each pair of neighbours
// is in the same row, in another of the same bank, or elsewhere.
struct map_case {
    const char *map;
    std::uint64_t same_row;  // number of the burst that is in the row of number 0
    std::uint64_t same_bank; // in another row of its bank
    std::uint64_t channel;   // in the other channel
};

class dram_maps : public testing::TestWithParam<map_case> {
  protected:
    // What the second of two reads, of burst 0 and of this one, finds.
    dram_stats second(std::uint64_t number)
    {
        dram_config config = plain_dram();
        config.channels = 2;
        EXPECT_TRUE(dram_parse_map(GetParam().map, config.map));
        // 16 rows in each bank
        dram_bench b(config, 2 * 8 * 16 * 256 - 1);
        b.read(0);
        b.read(number * 64, 500 * ns);
        b.run();
        return b.stats();
    }
};

TEST_P(dram_maps, put_bursts_where_they_say)
{
    EXPECT_EQ(second(GetParam().same_row).row_hits, 1u);
    EXPECT_EQ(second(GetParam().same_bank).row_conflicts, 1u);
    EXPECT_EQ(second(GetParam().channel).row_misses, 2u);
}

INSTANTIATE_TEST_SUITE_P(dram, dram_maps,
                         testing::Values(map_case{"row:bank:column:channel", 2, 2 * 4 * 8, 1},
                                         map_case{"row:bank:channel:column", 3, 4 * 2 * 8, 4},
                                         map_case{"row:column:bank:channel", 2 * 8, 2 * 8 * 4, 1},
                                         map_case{"channel:row:bank:column", 1, 4 * 8, 16 * 4 * 8},
                                         map_case{"bank:column:row:channel", 2 * 16, 2, 1}),
                         [](const testing::TestParamInfo<map_case> &info) {
                             std::string name = info.param.map;
                             std::replace(name.begin(), name.end(), ':', '_');
                             return name;
                         });

} // namespace
} // namespace test_dram_config
