// SPDX-License-Identifier: Apache-2.0
// What a read takes in the SMMUs of presets, in cycles: as docs/parameters.md says. For gem5 these
// are the delays of its smmu_v3_transl.cc added up.
#include <gtest/gtest.h>

#include "at_bench.hpp"
#include "support/commands.hpp"

namespace tlm_test::test_preset_times {

namespace {

struct preset_case {
    smmu_preset preset;
    double cycle_ns;
    unsigned utlb_entries;
    unsigned micro_hit, main_hit, walk; // cycles
};

void PrintTo(const preset_case &p, std::ostream *out)
{
    *out << smmu_preset_name(p.preset);
}

class preset_times : public testing::TestWithParam<preset_case> {
  protected:
    static smmu_config configuration()
    {
        smmu_config cfg;
        smmu_config_preset(&cfg, GetParam().preset);
        return cfg;
    }
    static smmu::timing times()
    {
        return smmu::preset_timing(GetParam().preset, smmu::timing_mode::approximately_timed);
    }
    // A cycle of a clock that is no whole number of picoseconds is rounded in each latency.
    static void expect_cycles(const sc_core::sc_time &took, unsigned cycles)
    {
        EXPECT_NEAR(took / nanoseconds(1), cycles * GetParam().cycle_ns, 0.003);
    }
};

TEST_P(preset_times, of_a_read_in_each_tlb_and_past_them)
{
    const preset_case &p = GetParam();
    at_bench t(times(), configuration());
    t.run([&] {
        const sc_core::sc_time memory = nanoseconds(at_bench::memory_ns);
        t.warm(0, 1);
        expect_cycles(t.time_of_read(0) - memory, p.micro_hit);
        t.warm(1, p.utlb_entries + 1); // which pushes page 0 out of the micro TLB
        expect_cycles(t.time_of_read(0) - memory, p.main_hit);
        // A page of the same last table, whose descriptor is read.
        expect_cycles(t.time_of_read(p.utlb_entries + 1) - 2 * memory, p.walk);
    });
}

INSTANTIATE_TEST_SUITE_P(each, preset_times,
                         testing::Values(preset_case{SMMU_PRESET_EMBEDDED, 2, 8, 2, 5, 20},
                                         preset_case{SMMU_PRESET_CLIENT, 1, 16, 2, 5, 28},
                                         preset_case{SMMU_PRESET_SERVER, 0.667, 32, 3, 6, 45},
                                         preset_case{SMMU_PRESET_GEM5, 1, 32, 3, 6, 32}),
                         [](const auto &info) { return smmu_preset_name(info.param.preset); });

// gem5: 25 cycles for TBU, link and configuration, 1 before the walk, 4 for each of three levels of
// the walk cache that are tried in vain, 2 with each of four reads.
TEST(preset_times_of_gem5, level_by_level_where_the_walk_cache_has_nothing)
{
    smmu_config cfg;
    smmu_config_preset(&cfg, SMMU_PRESET_GEM5);
    at_bench t(smmu::preset_timing(SMMU_PRESET_GEM5, smmu::timing_mode::approximately_timed), cfg);
    const auto picoseconds = [](unsigned count) { return sc_core::sc_time(count, sc_core::SC_PS); };
    t.run([&] {
        const unsigned memory = 1000 * at_bench::memory_ns;
        t.warm(0, 1);
        t.b.submit(support::tlbi_nsnh_all());
        t.b.submit(support::cmd_sync());
        sc_core::wait(nanoseconds(10'000));
        EXPECT_EQ(t.time_of_read(0), picoseconds(46'000 + 4 * memory + memory));
        // Page 1 shares the table of the last level: one level is tried.
        EXPECT_EQ(t.time_of_read(1), picoseconds(32'000 + 1 * memory + memory));
    });
}

struct preset_limits {
    smmu_preset preset;
    unsigned beat_bytes, slots, reads, writes, write_beats; // of a TBU
    unsigned tbus, tokens;
    unsigned tcu_slots, table_walks, context_walks, walk_merging;
};

void PrintTo(const preset_limits &p, std::ostream *out)
{
    *out << smmu_preset_name(p.preset);
}

class limits_of_presets : public testing::TestWithParam<preset_limits> {};

// Sizes that Arm, Intel and gem5 have published, in the order of the members.
INSTANTIATE_TEST_SUITE_P(
    each, limits_of_presets,
    testing::Values(
        preset_limits{SMMU_PRESET_EMBEDDED, 64 / 8, 8, 16, 16, 8, 2, 8, 32, 8, 1, 1},
        preset_limits{SMMU_PRESET_CLIENT, 128 / 8, 32, 128, 128, 16, 6, 10, 64, 16, 2, 1},
        preset_limits{SMMU_PRESET_SERVER, 256 / 8, 256, 256, 256, 128, 14, 36, 512, 64, 4, 1},
        preset_limits{SMMU_PRESET_GEM5, 16, 16, 0, 0, 16, 1, 0, 64, 16, 0, 0}),
    [](const auto &info) { return smmu_preset_name(info.param.preset); });

TEST_P(limits_of_presets, are_those_of_parts)
{
    const preset_limits &p = GetParam();
    const smmu::timing times =
        smmu::preset_timing(p.preset, smmu::timing_mode::approximately_timed);
    EXPECT_EQ(times.tbu_beat_bytes, p.beat_bytes);
    EXPECT_EQ(times.tbu_slots, p.slots);
    EXPECT_EQ(times.tbu_reads, p.reads);
    EXPECT_EQ(times.tbu_writes, p.writes);
    EXPECT_EQ(times.tbu_write_beats, p.write_beats);
    EXPECT_EQ(times.tbu_merging, 1u);
    EXPECT_EQ(times.link_tokens, p.tokens);
    EXPECT_EQ(times.tcu_slots, p.tcu_slots);
    EXPECT_EQ(times.table_walks, p.table_walks);
    EXPECT_EQ(times.context_walks, p.context_walks);
    EXPECT_EQ(times.walk_merging, p.walk_merging);
}

// Arm 100310 (2.2): what TBUs may ask for at a time finds room in the TCU, so that the link never
// stops. Arm 101542 (2.4): there are at least as many translation slots as walks.
TEST_P(limits_of_presets, fit_together)
{
    const preset_limits &p = GetParam();
    const smmu::timing times =
        smmu::preset_timing(p.preset, smmu::timing_mode::approximately_timed);
    EXPECT_LE(times.link_tokens * p.tbus, times.tcu_slots);
    EXPECT_LE(times.link_tokens, times.tbu_slots);
    EXPECT_LE(times.table_walks, times.tcu_slots);
}

TEST(preset_times_of_features, are_zero)
{
    for (unsigned i = 0; i <= SMMU_PRESET_MAXIMAL; i++) {
        const smmu::timing times = smmu::preset_timing(static_cast<smmu_preset>(i),
                                                       smmu::timing_mode::approximately_timed);
        EXPECT_EQ(times.mode, smmu::timing_mode::approximately_timed);
        EXPECT_EQ(times.lookup, sc_core::SC_ZERO_TIME);
        EXPECT_EQ(times.link, sc_core::SC_ZERO_TIME);
        EXPECT_EQ(times.tbu_slots, 0u);
    }
}

} // namespace

} // namespace tlm_test::test_preset_times
