// SPDX-License-Identifier: Apache-2.0
// Random tables of both stages and all granules, changed under the caches, and random TLB
// invalidations: the oracle's list of what is still known says which old translations must be gone
// and which must have stayed. SMMU_TEST_ACCESSES sets the accesses per variant.
#include <memory>

#include "core/core_test.hpp"
#include "core/oracle_access.hpp"
#include "core/random_maintenance.hpp"

using namespace support;

namespace random_invalidation {
namespace {

constexpr unsigned accesses_per_round = 400;
constexpr unsigned long default_accesses = 24000;

struct variant {
    const char *name;
    uint64_t seed;
    void (*adjust)(smmu_config &);
    bool vmsa32 = false;
};

void PrintTo(const variant &v, std::ostream *out)
{
    *out << v.name;
}

class RandomInvalidation : public testing::TestWithParam<variant> {
  protected:
    RandomInvalidation()
        : rng(GetParam().seed), dut(config()),
          known([this](uint64_t at) { return dut.mem.load64(at); }, dut.config().ipa_inval_nested,
                dut.config().contiguous)
    {
        dut.mem.keep_log(false);
    }

    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.btm = true;
        cfg.config_cache = {64, 8};
        GetParam().adjust(cfg);
        return cfg;
    }

    // A new world. Configuration is cached already, no translation is.
    void build(bool globals)
    {
        world.emplace(dut, rng, GetParam().vmsa32, globals);
        for (const maintained_stream &stream : world->streams())
            dut.translate(stream.sid, 0);
        dut.submit(tlbi_nsnh_all());
        dut.submit(tlbi_el2_all());
        known.forget();
        dut.pop_events();
    }

    void compare(const touch &t)
    {
        const auto expected = known.translate(t.stream->space, t.address);
        const smmu_result have = dut.translate(t.stream->sid, t.address);
        if (expected) {
            ASSERT_EQ(have.outcome, SMMU_FORWARD) << smmu_event_name(have.event);
            ASSERT_EQ(have.addr, *expected);
        } else {
            ASSERT_EQ(have.outcome, SMMU_ABORT) << std::hex << have.addr;
            ASSERT_EQ(smmu_event_name(have.event), std::string("F_TRANSLATION"));
        }
        (expected ? forwarded : faulted)++;
    }

    void compare_once(unsigned long number)
    {
        const touch t = world->random_touch();
        compare(t);
        if (HasFatalFailure())
            FAIL() << "seed " << GetParam().seed << " access " << number << std::hex << " stream "
                   << t.stream->sid << " address 0x" << t.address;
        if (number % 8 == 0)
            dut.pop_events();
    }

    random_source rng;
    device_under_test dut;
    oracle::caches known;
    std::optional<maintained_world> world;
    unsigned long forwarded = 0, faulted = 0, stale = 0;
};

// Nothing is pushed out of such caches, so that all that is not removed stays.
void large(smmu_config &cfg)
{
    cfg.tlb = cfg.walk_s1 = cfg.walk_s2 = {64, 64};
}

void small(smmu_config &cfg)
{
    cfg.tlb = {2, 4};
    cfg.walk_s1 = {1, 3};
    cfg.walk_s2 = {2, 2};
}

class ExactInvalidation : public RandomInvalidation {};

TEST_P(ExactInvalidation, TakesWhatItNamesAndNothingElse)
{
    const unsigned long total = accesses_wanted(default_accesses);
    for (unsigned long done = 0; done < total; ++done) {
        if (done % accesses_per_round == 0)
            build(true);
        if (rng.one_in(3))
            world->change();
        if (rng.one_in(6)) {
            const oracle::tlb_invalidation by = world->random_invalidation();
            world->issue(by);
            known.invalidate(by);
        }
        compare_once(done);
        if (HasFatalFailure())
            return;
    }
    EXPECT_EQ(smmu_get_stats(dut.smmu())->tlb_evictions, 0u);
    EXPECT_GT(forwarded, total / 4);
    EXPECT_GT(faulted, total / 20);
}

class DisciplinedSoftware : public RandomInvalidation {};

TEST_P(DisciplinedSoftware, NeverMeetsAnOldTranslation)
{
    const unsigned long total = accesses_wanted(default_accesses);
    for (unsigned long done = 0; done < total; ++done) {
        if (done % accesses_per_round == 0)
            build(false);
        if (rng.one_in(3))
            for (const oracle::tlb_invalidation &by : world->change())
                world->issue(by);
        known.forget();
        compare_once(done);
        if (HasFatalFailure())
            return;
    }
    EXPECT_GT(forwarded, total / 4);
    EXPECT_GT(faulted, total / 20);
}

void large_without_utlb(smmu_config &cfg)
{
    large(cfg);
    cfg.utlb.sets = 0;
}

void large_with_tlb_in_the_tbu(smmu_config &cfg)
{
    large(cfg);
    cfg.tbu_tlb = {64, 64};
}

void small_with_tlb_in_the_tbu(smmu_config &cfg)
{
    small(cfg);
    cfg.tbu_tlb = {4, 4};
    cfg.tbu_tlb_policy = SMMU_REPLACE_RANDOM;
}

void large_taking_nested(smmu_config &cfg)
{
    large(cfg);
    cfg.ipa_inval_nested = true;
}

void large_without_ranges(smmu_config &cfg)
{
    large(cfg);
    cfg.ril = false;
}

// 52-bit addresses with all granules; and levels that only those have.
void large_with_ds(smmu_config &cfg)
{
    large(cfg);
    cfg.oas_bits = 52;
    cfg.vax52 = cfg.ds = true;
}

void small_with_ds(smmu_config &cfg)
{
    large_with_ds(cfg);
    small(cfg);
}

void large_with_runs(smmu_config &cfg)
{
    large(cfg);
    cfg.contiguous = true;
}

void small_with_runs(smmu_config &cfg)
{
    small_with_tlb_in_the_tbu(cfg);
    cfg.contiguous = true;
}

// One set: the places of a range are never fewer.
void one_set(smmu_config &cfg)
{
    cfg.tlb = cfg.walk_s1 = cfg.walk_s2 = {1, 64};
}

const variant exact[] = {
    {"Vmsa64", 0x1a5e01, large},
    {"Vmsa64WithoutMicroTlb", 0x1a5e02, large_without_utlb},
    {"IpaTakesNested", 0x1a5e03, large_taking_nested},
    {"Vmsa32", 0x1a5e04, large, true},
    {"Vmsa64WithTlbInTheTbu", 0x1a5e05, large_with_tlb_in_the_tbu},
    {"Vmsa32WithTlbInTheTbu", 0x1a5e06, large_with_tlb_in_the_tbu, true},
    {"Vmsa64WithoutRanges", 0x1a5e07, large_without_ranges},
    {"LargeAddresses", 0x1a5e08, large_with_ds},
    {"Runs", 0x1a5e09, large_with_runs},
    {"RunsOfVmsa32", 0x1a5e0a, large_with_runs, true},
};

const variant disciplined[] = {
    {"LargeCaches", 0x1a5e11, large},
    {"SmallCaches", 0x1a5e12, small},
    {"LargeCachesVmsa32", 0x1a5e13, large, true},
    {"SmallCachesVmsa32", 0x1a5e14, small, true},
    {"OneSet", 0x1a5e17, one_set},
    {"LargeAddressesLargeCaches", 0x1a5e18, large_with_ds},
    {"LargeAddressesSmallCaches", 0x1a5e19, small_with_ds},
    {"Runs", 0x1a5e1a, small_with_runs},
    {"RunsOfVmsa32", 0x1a5e1b, small_with_runs, true},
    {"SmallCachesWithTlbInTheTbu", 0x1a5e15, small_with_tlb_in_the_tbu},
    {"SmallCachesWithTlbInTheTbuVmsa32", 0x1a5e16, small_with_tlb_in_the_tbu, true},
};

const auto named = [](const auto &info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Variants, ExactInvalidation, testing::ValuesIn(exact), named);
INSTANTIATE_TEST_SUITE_P(Variants, DisciplinedSoftware, testing::ValuesIn(disciplined), named);

} // namespace
} // namespace random_invalidation
