// SPDX-License-Identifier: Apache-2.0
// Random streams, accesses, changes of tables and invalidations: core and QEMU must do the same.
#include <array>
#include <iostream>
#include <memory>

#include <gtest/gtest.h>

#include "differential/gaps.hpp"
#include "differential/lockstep.hpp"
#include "differential/random_streams.hpp"
#include "support/environment.hpp"
#include "support/registers.hpp"

using namespace support;

namespace differential::test_stage1 {
namespace {

constexpr uint64_t seed = 0x5eed0d1f;
constexpr unsigned default_rounds = 200;
constexpr unsigned steps_per_round = 20;

// SMMU_DIFFERENTIAL_ROUNDS in the environment makes the test longer or shorter.
unsigned round_count()
{
    return static_cast<unsigned>(
        support::count_from_environment("SMMU_DIFFERENTIAL_ROUNDS", default_rounds));
}

class Stage1BesideQemu : public testing::Test {
  protected:
    void build_round(uint64_t round_seed, bool linear);
    void spoil_l1std();
    void step();
    void access(random_stream &stream, uint64_t va);
    void access_mapping(random_stream &stream, const mapping &m);
    bool can_be_compared(const random_stream &stream, uint64_t va, bool write) const;
    void change_table(random_stream &stream);
    void change_config(random_stream &stream);
    tlbi_range random_range(const random_stream &stream, const mapping &m);
    void invalidate_mapping(random_stream &stream, const mapping &m);
    void invalidate_other(random_stream &stream, const mapping &m);

    random_stream &pick_stream() { return *streams[rng.below(streams.size())]; }

    lockstep steps;
    random_source rng{seed};
    std::vector<std::unique_ptr<random_stream>> streams;
    std::array<unsigned, 256> seen{};
};

// New tables in cleared memory, and everything cached invalidated.
void Stage1BesideQemu::build_round(uint64_t round_seed, bool linear)
{
    static const stream_table_shape of_one_level[] = {{8, 0}, {5, 0}, {4, 0}};
    static const stream_table_shape of_two_levels[] = {{8, 6}, {10, 8}, {5, 6}};
    rng = random_source(round_seed);
    streams.clear();
    steps.bring_up((linear ? of_one_level : of_two_levels)[rng.below(3)]);
    const unsigned first_asid = static_cast<unsigned>(rng.bits(15));
    for (unsigned device = 0; device < device_count; ++device)
        streams.push_back(std::make_unique<random_stream>(steps, rng, device, first_asid + device));
    if (!linear && rng.one_in(8))
        spoil_l1std();
    steps.publish();
    steps.invalidate_all();
}

// A level 1 descriptor that is empty, or leads to where nothing answers (5.1).
void Stage1BesideQemu::spoil_l1std()
{
    const uint64_t at = steps.l1std_address(pick_stream().sid());
    const uint64_t descriptor = steps.mem.load64(at);
    const uint64_t span = masked(gap::span) ? 0 : rng.bits(5);
    if (rng.coin())
        steps.mem.store64(at, (descriptor & ~ones(5)) | span);
    else
        steps.mem.store64(at, descriptor | uint64_t{1} << rng.between(40, 43));
}

// Input addresses of streams that bypass are physical: they must not reach devices of the machine,
// nor the tables, nor lie beyond the OAS.
bool Stage1BesideQemu::can_be_compared(const random_stream &stream, uint64_t va, bool write) const
{
    const smmu_result end = steps.core.probe(stream.device(), va, write);
    if (end.event == F_ADDR_SIZE && va >> 44 != 0 && masked(gap::output_size))
        return false;
    if (end.outcome != SMMU_FORWARD)
        return true;
    return (end.addr >= lockstep::data_base && end.addr + 8 <= ram_end) || end.addr >> 41 != 0;
}

void Stage1BesideQemu::access(random_stream &stream, uint64_t va)
{
    if (HasFailure())
        return;
    const bool write = rng.coin();
    constexpr uint64_t page = 4096;
    if (va % page > page - 8)
        va -= 8;
    if (!can_be_compared(stream, va, write))
        return;
    const unsigned type = steps.access(stream.device(), va, write);
    ++seen[type];
    if (type != 0 && type <= C_BAD_CD && masked(gap::invalid_config))
        steps.submit(cfgi_ste(stream.sid()));
    if (HasFailure())
        FAIL() << std::hex << "va 0x" << va << " write " << write << stream.describe();
}

void Stage1BesideQemu::access_mapping(random_stream &stream, const mapping &m)
{
    access(stream, stream.address_in(m));
}

// A range that begins with `m` (4.4.1.1), or nothing.
tlbi_range Stage1BesideQemu::random_range(const random_stream &stream, const mapping &m)
{
    tlbi_range range;
    if (rng.coin())
        return range;
    range.tg = (stream.granule_log2() - 10) / 2;
    range.scale = static_cast<unsigned>(rng.between(1, 6));
    range.num = static_cast<unsigned>(rng.below(32));
    range.ttl = rng.coin() ? m.level : 0;
    return range;
}

// One of the commands that remove what is cached of `m` (4.4).
void Stage1BesideQemu::invalidate_mapping(random_stream &stream, const mapping &m)
{
    const bool leaf = rng.coin();
    const command commands[] = {
        with_range(tlbi_nh_va(m.va, stream.asid(), leaf), random_range(stream, m)),
        with_range(tlbi_nh_vaa(m.va, leaf), random_range(stream, m)),
        tlbi_nh_asid(stream.asid()),
        tlbi_nh_all(),
        tlbi_nsnh_all(),
    };
    steps.submit(commands[rng.below(5)]);
    steps.submit(cmd_sync());
}

// One that is about something else: what is cached of `m` survives in both implementations.
void Stage1BesideQemu::invalidate_other(random_stream &stream, const mapping &m)
{
    const unsigned other_asid = stream.asid() ^ 1u << rng.between(4, 14);
    const uint64_t other_va = m.va ^ uint64_t { 1 } << rng.between(40, 47);
    const command commands[] = {
        tlbi_nh_va(m.va, other_asid), tlbi_nh_va(other_va, stream.asid()),
        tlbi_nh_vaa(other_va),        tlbi_nh_asid(other_asid),
        cfgi_ste(stream.sid()),       cfgi_all(),
    };
    steps.submit(commands[rng.below(6)]);
    steps.submit(cmd_sync());
}

// Access, change the descriptor, see what was cached, invalidate, see the change.
void Stage1BesideQemu::change_table(random_stream &stream)
{
    const mapping m = stream.pick_mapping();
    if (rng.coin())
        access_mapping(stream, m);
    const bool resized = stream.change_mapping(m);
    steps.publish();
    if (resized) {
        steps.submit(tlbi_nh_asid(stream.asid()));
        access_mapping(stream, m);
        return;
    }
    access_mapping(stream, m);
    if (rng.coin()) {
        invalidate_other(stream, m);
        access_mapping(stream, m);
    }
    invalidate_mapping(stream, m);
    access_mapping(stream, m);
}

// The same with the STE or the CD (4.3).
void Stage1BesideQemu::change_config(random_stream &stream)
{
    const bool whole = rng.coin();
    const command of_ste[] = {cfgi_ste(stream.sid()), cfgi_ste_range(stream.sid(), 3), cfgi_all()};
    const command of_cd[] = {cfgi_cd(stream.sid()), cfgi_cd_all(stream.sid())};
    access(stream, stream.pick_address());
    if (whole)
        stream.change_ste();
    else
        stream.change_cd();
    steps.publish();
    access(stream, stream.pick_address());
    steps.submit(whole ? of_ste[rng.below(3)] : of_cd[rng.below(2)]);
    if (masked(gap::disabled_half))
        steps.submit(tlbi_nh_asid(stream.asid()));
    steps.submit(cmd_sync());
    access(stream, stream.pick_address());
}

void Stage1BesideQemu::step()
{
    random_stream &stream = pick_stream();
    const uint64_t dice = rng.below(10);
    if (dice < 3)
        change_table(stream);
    else if (dice < 4)
        change_config(stream);
    else
        access(stream, stream.pick_address());
}

TEST_F(Stage1BesideQemu, DoesTheSame)
{
    const unsigned rounds = round_count();
    std::cout << std::hex << "seed 0x" << seed << std::dec << ", " << rounds << " rounds of "
              << steps_per_round << " steps\n";
    for (unsigned round = 0; round < rounds; ++round) {
        const bool linear_first = round < rounds / 2;
        build_round(seed + round, masked(gap::format_change) ? linear_first : rng.coin());
        for (unsigned i = 0; i < steps_per_round; ++i) {
            step();
            if (HasFailure())
                FAIL() << "round " << round << " step " << i << std::hex << " STRTAB_BASE_CFG 0x"
                       << steps.read32(reg::STRTAB_BASE_CFG).core;
        }
    }
    // The comparison is worth something only if it reached every kind of answer.
    for (const unsigned type :
         {0u, unsigned{C_BAD_STREAMID}, unsigned{F_STE_FETCH}, unsigned{C_BAD_STE},
          unsigned{F_CD_FETCH}, unsigned{C_BAD_CD}, unsigned{F_WALK_EABT}, unsigned{F_TRANSLATION},
          unsigned{F_PERMISSION}})
        EXPECT_GT(seen[type], rounds / 30) << "event type " << type;
}

} // namespace
} // namespace differential::test_stage1
