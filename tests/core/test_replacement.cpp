// SPDX-License-Identifier: Apache-2.0
// Replacement policies (smmu/config.h): which entry of a full set goes, for every cache. The
// expected hits are worked out by hand from what each policy is.
#include <algorithm>
#include <string>

#include "core/core_test.hpp"
#include "support/random.hpp"
#include "support/stage2.hpp"

using namespace support;

namespace {

// One cache of a single set, and what has an entry of its own in it for each letter.
struct cache_case {
    const char *name;
    smmu_cache_shape smmu_config::*shape;
    uint8_t smmu_config::*policy;
    uint64_t smmu_stats::*hits;
    bool walks; // without a TLB in front
    uint32_t sid;
    uint32_t next_sid; // from one letter to the next
    uint64_t next_address;
};

constexpr uint64_t table_bytes = 0x200000; // what a level 3 table maps
constexpr uint32_t stage1_sid = 5, stage2_sid = 7, bypass_sid = 16;

const cache_case caches[] = {
    {"MicroTlb", &smmu_config::utlb, &smmu_config::utlb_policy, &smmu_stats::utlb_hits, false,
     stage1_sid, 0, table_bytes},
    {"MainTlb", &smmu_config::tlb, &smmu_config::tlb_policy, &smmu_stats::tlb_hits, false,
     stage1_sid, 0, table_bytes},
    {"ConfigurationCache", &smmu_config::config_cache, &smmu_config::config_cache_policy,
     &smmu_stats::config_hits, false, bypass_sid, 1, 0},
    {"WalkCacheOfStage1", &smmu_config::walk_s1, &smmu_config::walk_s1_policy,
     &smmu_stats::walk_hits, true, stage1_sid, 0, table_bytes},
    {"WalkCacheOfStage2", &smmu_config::walk_s2, &smmu_config::walk_s2_policy,
     &smmu_stats::walk_hits, true, stage2_sid, 0, table_bytes},
};

void PrintTo(const cache_case &c, std::ostream *out)
{
    *out << c.name;
}

// Tables begin at level 2, so that a walk meets one Table descriptor.
class small_cache {
  public:
    small_cache(const cache_case &of, smmu_replacement policy, uint32_t ways = 4, uint32_t seed = 1)
        : of_(of), dut(configuration(of, policy, ways, seed)), first(dut, stage1_sid, 1, 30),
          second(dut, 7, {30})
    {
        bring_up_options options;
        options.strtab.log2size = 8;
        dut.bring_up(options);
        first.context().epd1 = 1;
        first.publish();
        ste entry;
        entry.config = STE_S2_TRANS;
        second.apply(entry);
        dut.set_ste(stage2_sid, entry);
        entry = {};
        for (uint32_t i = 0; i < letters; i++) {
            dut.set_ste(bypass_sid + i, entry);
            first.low.map(i * table_bytes, 0x7000'0000);
            second.table.map(i * table_bytes, 0x7000'0000, 3, stage2_attributes{});
        }
        dut.invalidate_all();
    }

    bool hit(unsigned letter)
    {
        const uint64_t before = smmu_get_stats(dut.smmu())->*of_.hits;
        const smmu_result result =
            dut.translate(of_.sid + letter * of_.next_sid, letter * of_.next_address);
        EXPECT_EQ(result.outcome, SMMU_FORWARD);
        return smmu_get_stats(dut.smmu())->*of_.hits != before;
    }

    // What becomes of accesses to the letters: "h" or "m" for each.
    std::string hits(const std::string &accesses)
    {
        std::string found;
        for (char letter : accesses)
            found += hit(static_cast<unsigned>(letter - 'A')) ? 'h' : 'm';
        return found;
    }

    static constexpr uint32_t letters = 66;

  private:
    static smmu_config configuration(const cache_case &of, smmu_replacement policy, uint32_t ways,
                                     uint32_t seed)
    {
        smmu_config cfg = smmu_config_default();
        if (of.shape != &smmu_config::utlb)
            cfg.utlb.sets = 0;
        if (of.walks)
            cfg.tlb.sets = 0;
        cfg.*of.shape = {1, ways};
        cfg.*of.policy = static_cast<uint8_t>(policy);
        cfg.replacement_seed = seed;
        return cfg;
    }

    const cache_case &of_;

  public:
    device_under_test dut;
    stage1_stream first;
    stage2 second;
};

class Replacement : public testing::TestWithParam<cache_case> {
  protected:
    std::string hits(smmu_replacement policy, const std::string &accesses)
    {
        return small_cache(GetParam(), policy).hits(accesses);
    }
};

// E takes the place of B, then B that of C, C of D, D of E: always what was touched longest ago.
TEST_P(Replacement, LruGivesUpTheLeastRecentlyUsed)
{
    EXPECT_EQ(hits(SMMU_REPLACE_LRU, "ABCDAEABCD"), "mmmmhmhmmm");
}

// A, though it has just been used.
TEST_P(Replacement, FifoGivesUpWhatCameFirst)
{
    EXPECT_EQ(hits(SMMU_REPLACE_FIFO, "ABCDAEABCD"), "mmmmhmmmmm");
    EXPECT_EQ(hits(SMMU_REPLACE_FIFO, "ABCDAEBCD"), "mmmmhmhhh");
}

// AB | CD: the use of A turns the root to CD, where D was the last: C goes for E. Then B is found,
// the root stays at ED, E was the last of them: D goes for C. Then the root turns to AB: A goes.
TEST_P(Replacement, PlruFollowsTheTree)
{
    EXPECT_EQ(hits(SMMU_REPLACE_PLRU, "ABCDAEABCD"), "mmmmhmhhmm");
    EXPECT_EQ(hits(SMMU_REPLACE_PLRU, "ABCDAEABCDB"), "mmmmhmhhmmh");
    EXPECT_EQ(hits(SMMU_REPLACE_PLRU, "ABCDAEABCDA"), "mmmmhmhhmmm");
}

// C to G pass by and push out each other, as A and B have been used again; by age they would push
// out these.
TEST_P(Replacement, RripKeepsWhatWasUsedAgain)
{
    EXPECT_EQ(hits(SMMU_REPLACE_RRIP, "ABABCDEFGAB"), "mmhhmmmmmhh");
    EXPECT_EQ(hits(SMMU_REPLACE_LRU, "ABABCDEFGAB"), "mmhhmmmmmmm");
}

// All have been used again (0): all are put off to 3 and A goes for E (2). B, used, is 0; C, the
// first with 3, goes for F, then D for G. Left are E, F and G (2) and B (0): E goes for A.
TEST_P(Replacement, RripPutsAllOffUntilOneIsExpectedNever)
{
    EXPECT_EQ(hits(SMMU_REPLACE_RRIP, "ABCDABCDEBFGAE"), "mmmmhhhhmhmmmm");
    EXPECT_EQ(hits(SMMU_REPLACE_RRIP, "ABCDABCDEBFGABFG"), "mmmmhhhhmhmmmhhh");
}

TEST_P(Replacement, OneWayHasNoChoice)
{
    for (unsigned policy = 0; policy < SMMU_REPLACE_COUNT; policy++)
        EXPECT_EQ(small_cache(GetParam(), static_cast<smmu_replacement>(policy), 1).hits("AABA"),
                  "mhmm")
            << policy;
}

// Nothing goes as long as there is a place; the 65th goes into the first.
TEST_P(Replacement, TreeOf64Ways)
{
    small_cache cache(GetParam(), SMMU_REPLACE_PLRU, 64);
    for (unsigned i = 0; i < 65; i++)
        EXPECT_FALSE(cache.hit(i));
    for (unsigned i = 1; i < 65; i++)
        EXPECT_TRUE(cache.hit(i)) << i;
    EXPECT_FALSE(cache.hit(0));
}

TEST_P(Replacement, FreePlacesAreTakenFirst)
{
    for (unsigned policy = 0; policy < SMMU_REPLACE_COUNT; policy++) {
        small_cache cache(GetParam(), static_cast<smmu_replacement>(policy));
        EXPECT_EQ(cache.hits("ABCD"), "mmmm");
        cache.dut.invalidate_all();
        EXPECT_EQ(cache.hits("EFGHEFGH"), "mmmmhhhh") << policy;
    }
}

// Of four entries each goes in a quarter of 400 times, within four standard deviations.
TEST_P(Replacement, RandomGivesUpEachAsOften)
{
    small_cache cache(GetParam(), SMMU_REPLACE_RANDOM);
    for (char letter : std::string("ABCD")) {
        int gone = 0;
        for (int i = 0; i < 400; i++) {
            cache.dut.invalidate_all();
            cache.hits("ABCDE");
            gone += cache.hits(std::string(1, letter)) == "m";
        }
        EXPECT_GT(gone, 100 - 35) << letter;
        EXPECT_LT(gone, 100 + 35) << letter;
    }
}

TEST_P(Replacement, RandomFollowsItsSeed)
{
    random_source rng(0x5eed);
    std::string accesses;
    for (int i = 0; i < 300; i++)
        accesses += static_cast<char>('A' + rng.below(8));
    const auto of_seed = [&](uint32_t seed) {
        return small_cache(GetParam(), SMMU_REPLACE_RANDOM, 4, seed).hits(accesses);
    };
    EXPECT_EQ(of_seed(7), of_seed(7));
    EXPECT_NE(of_seed(7), of_seed(8));
}

INSTANTIATE_TEST_SUITE_P(Caches, Replacement, testing::ValuesIn(caches),
                         [](const auto &info) { return info.param.name; });

// --- the main TLB, which loses single entries ---------------------------------------------------

class ReplacementInTheTlb : public testing::TestWithParam<smmu_replacement> {};

TEST_P(ReplacementInTheTlb, WhatWasInvalidatedIsReplacedFirst)
{
    small_cache cache(caches[1], GetParam());
    EXPECT_EQ(cache.hits("ABCDC"), "mmmmh");
    cache.dut.submit(tlbi_nh_va(2 * table_bytes, 1));
    EXPECT_EQ(cache.hits("EABD"), "mhhh");
}

// A probe leaves no trace, in no policy.
TEST_P(ReplacementInTheTlb, ProbesAreNoUse)
{
    const std::string accesses = "ABCDAEABCDFGABCHHAB";
    small_cache cache(caches[1], GetParam()), probed(caches[1], GetParam());
    for (char letter : accesses) {
        for (unsigned i = 0; i < 8; i++)
            probed.dut.probe(stage1_sid, i * table_bytes);
        EXPECT_EQ(probed.hits({letter}), cache.hits({letter}));
    }
}

INSTANTIATE_TEST_SUITE_P(Policies, ReplacementInTheTlb,
                         testing::Values(SMMU_REPLACE_LRU, SMMU_REPLACE_PLRU, SMMU_REPLACE_FIFO,
                                         SMMU_REPLACE_RANDOM, SMMU_REPLACE_RRIP),
                         [](const auto &info) { return smmu_replacement_name(info.param); });

// --- parameters ---------------------------------------------------------------------------------

TEST(ReplacementNames, AreTotal)
{
    EXPECT_STREQ(smmu_replacement_name(SMMU_REPLACE_LRU), "lru");
    EXPECT_STREQ(smmu_replacement_name(SMMU_REPLACE_PLRU), "plru");
    EXPECT_STREQ(smmu_replacement_name(SMMU_REPLACE_FIFO), "fifo");
    EXPECT_STREQ(smmu_replacement_name(SMMU_REPLACE_RANDOM), "random");
    EXPECT_STREQ(smmu_replacement_name(SMMU_REPLACE_RRIP), "rrip");
    EXPECT_STREQ(smmu_replacement_name(SMMU_REPLACE_COUNT), "?");
}

TEST(ReplacementDefaults, AreLruAndRoundRobinInMicroTlbs)
{
    for (unsigned i = 0; i <= SMMU_PRESET_MAXIMAL; i++) {
        smmu_config cfg;
        smmu_config_preset(&cfg, static_cast<smmu_preset>(i));
        EXPECT_EQ(cfg.config_cache_policy, SMMU_REPLACE_LRU);
        EXPECT_EQ(cfg.tlb_policy, SMMU_REPLACE_LRU);
        EXPECT_EQ(cfg.walk_s1_policy, SMMU_REPLACE_LRU);
        EXPECT_EQ(cfg.walk_s2_policy, SMMU_REPLACE_LRU);
        EXPECT_EQ(cfg.utlb_policy, SMMU_REPLACE_FIFO);
    }
}

TEST(ReplacementDefaults, TreesNeedNoPowerOfTwoWhereThereIsNoCache)
{
    smmu_config cfg = smmu_config_default();
    cfg.walk_s2 = {0, 3};
    cfg.walk_s2_policy = SMMU_REPLACE_PLRU;
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr));
}

} // namespace
