// SPDX-License-Identifier: Apache-2.0
// A transaction that meets no other takes as long in either coding style, whatever becomes of it:
// two SMMUs with the same times, random ones, get the same random transactions.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "at_bench.hpp"
#include "support/random.hpp"
#include "two_stage_stream.hpp"

namespace tlm_test::test_same_times {

namespace {

constexpr unsigned accesses = 100;
constexpr unsigned pages = 10;
constexpr std::uint64_t va = at_bench::va;
constexpr std::uint64_t block = va + 0x20'0000; // of 2 MB
// Streams: of one stage, the same whose faults are RAZ/WI, of stage 2, of both, bypass; without an
// STE.
enum : std::uint32_t { one_stage = 1, raz_wi, stage_2, nested, bypass, unknown, streams };

constexpr sc_core::sc_time smmu::timing::*latencies[] = {
#define SMMU_LATENCY(name, help) &smmu::timing::name,
#define SMMU_LIMIT(name, most, help)
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT
};

// From one use to the next, which counts approximately timed.
constexpr sc_core::sc_time smmu::timing::*cycles[] = {
    &smmu::timing::tbu_cycle,     &smmu::timing::tbu_tlb_cycle, &smmu::timing::link_cycle,
    &smmu::timing::config_cycle,  &smmu::timing::tlb_cycle,     &smmu::timing::walk_s1_cycle,
    &smmu::timing::walk_s2_cycle, &smmu::timing::dpt_cycle};

// Without limits, and no use holds up the next of the same transaction: who comes alone never
// waits.
smmu::timing random_times(support::random_source &random)
{
    smmu::timing times;
    times.tbu_beat_bytes = 8;
    for (sc_core::sc_time smmu::timing::*each : latencies)
        times.*each = nanoseconds(1.0 + static_cast<double>(random.below(20)));
    for (sc_core::sc_time smmu::timing::*each : cycles)
        times.*each = nanoseconds(1);
    return times;
}

smmu::timing in_mode(smmu::timing times, smmu::timing_mode mode)
{
    times.mode = mode;
    return times;
}

// Software sees to it that pages of a stream lead elsewhere, may only be read, or are not there.
struct world {
    bench b;
    stream s1{b, one_stage, one_stage};
    stream terminated{b, raz_wi, raz_wi};
    two_stage_stream s2{b, stage_2, stage_2, two_stage_stream::kind::stage2};
    two_stage_stream both{b, nested, nested, two_stage_stream::kind::nested};

    world(const char *name, const smmu::timing &times, const smmu_config &cfg)
        : b(name, times, 1, cfg)
    {
        support::leaf_attributes read_only;
        read_only.ap = support::AP_ALL_RO;
        terminated.context().a = 0;
        terminated.publish();
        for (stream *each : {&s1, &terminated}) {
            for (unsigned page = 0; page < pages; page++)
                if (page % 5 != 4)
                    each->map(va + page * 0x1000, bench::data + page * 0x1000, 3,
                              page % 3 ? support::leaf_attributes{} : read_only);
            each->map(block, bench::data, 2);
        }
        for (unsigned page = 0; page < pages; page++) {
            s2.map_s2(va + page * 0x1000, bench::data + page * 0x1000, 3, page % 3 ? 0b11 : 0b01);
            both.map_s1(va + page * 0x1000, 0x40'0000'0000 + page * 0x1000);
            if (page % 5 != 4)
                both.map_s2(0x40'0000'0000 + page * 0x1000, bench::data + page * 0x1000);
        }
        support::ste through;
        through.config = support::STE_BYPASS;
        b.set_ste(bypass, through);
        b.memory.latency = nanoseconds(50);
    }
};

struct access {
    bool write;
    std::uint64_t address;
    std::vector<unsigned char> data;
    std::uint32_t sid;
};

access random_access(support::random_source &random)
{
    access one = {random.coin(), 0, std::vector<unsigned char>(random.between(1, 200)),
                  1 + static_cast<std::uint32_t>(random.below(streams - 1))};
    for (unsigned char &each : one.data)
        each = static_cast<unsigned char>(random.below(256));
    const std::uint64_t offset =
        random.below(pages) * 0x1000 +
        (random.coin() ? 0x1000 - random.below(one.data.size() + 1) : random.below(0x1000));
    one.address = one.sid == bypass ? bench::data + offset
                  : random.below(4) ? va + offset
                                    : block + offset;
    return one;
}

struct outcome {
    tlm::tlm_response_status status;
    std::vector<unsigned char> data;
    sc_core::sc_time took;
};

outcome send(world &w, const access &one)
{
    transfer t(one.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, one.address, one.data);
    const sc_core::sc_time begin = now();
    const tlm::tlm_response_status status = w.b.device().send(t.of_stream(one.sid));
    return {status, t.data, now() - begin};
}

struct caches {
    const char *name;
    smmu_config (*config)();
};

std::ostream &operator<<(std::ostream &out, const caches &of)
{
    return out << of.name;
}

smmu_config none()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = cfg.tlb.sets = cfg.walk_s1.sets = cfg.walk_s2.sets = cfg.config_cache.sets = 0;
    return cfg;
}

smmu_config small()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb = {1, 2};
    cfg.tlb = {1, 4};
    cfg.walk_s1 = cfg.walk_s2 = {1, 2};
    return cfg;
}

smmu_config at_tbus()
{
    smmu_config cfg = small();
    cfg.tbu_tlb = {2, 4};
    cfg.tlb.sets = 0;
    return cfg;
}

class same_times : public testing::TestWithParam<std::tuple<caches, unsigned>> {};

TEST_P(same_times, of_transactions_that_are_alone)
{
    const unsigned seed = std::get<1>(GetParam());
    SCOPED_TRACE("seed " + std::to_string(seed));
    support::random_source random(seed);
    const smmu::timing times = random_times(random);
    const smmu_config cfg = std::get<0>(GetParam()).config();
    world loose("loose", in_mode(times, smmu::timing_mode::loosely_timed), cfg);
    world tight("tight", in_mode(times, smmu::timing_mode::approximately_timed), cfg);
    tight.b.run([&] {
        loose.b.bring_up();
        tight.b.bring_up();
        for (unsigned i = 0; i < accesses && !testing::Test::HasFailure(); i++) {
            const access one = random_access(random);
            sc_core::wait(nanoseconds(100'000)); // everything of the one before is over
            const outcome expected = send(loose, one);
            sc_core::wait(nanoseconds(100'000));
            const outcome got = send(tight, one);
            const std::string which = "access " + std::to_string(i) + " of stream " +
                                      std::to_string(one.sid) +
                                      (one.write ? ", a write" : ", a read");
            EXPECT_EQ(got.status, expected.status) << which;
            EXPECT_EQ(got.data, expected.data) << which;
            EXPECT_EQ(got.took, expected.took) << which << ": " << got.status;
            if (random.below(20) == 0) {
                const support::command what =
                    random.coin() ? support::tlbi_nsnh_all() : support::cfgi_all();
                loose.b.submit(what);
                tight.b.submit(what);
            }
        }
    });
}

INSTANTIATE_TEST_SUITE_P(
    random, same_times,
    testing::Combine(testing::Values(caches{"default", smmu_config_default}, caches{"none", none},
                                     caches{"small", small}, caches{"at_tbus", at_tbus}),
                     testing::Range(1u, 3u)),
    [](const auto &info) {
        return std::string(std::get<0>(info.param).name) + "_" +
               std::to_string(std::get<1>(info.param));
    });

} // namespace

} // namespace tlm_test::test_same_times
