// SPDX-License-Identifier: Apache-2.0
// What is compared of two machines.
#include "twins.hpp"

#include <tuple>

namespace cpu_test {

namespace {

auto registers_of(const machine &m)
{
    std::vector<std::uint64_t> all;
    for (unsigned n = 0; n < 32; n++)
        all.push_back(m.x(n));
    return all;
}

auto vectors_of(const machine &m)
{
    std::vector<std::uint64_t> all(64);
    for (unsigned n = 0; n < 32; n++)
        a64_get_v(m.cpu.get(), n, &all[2 * n]);
    return all;
}

auto stats_of(const machine &m)
{
    const a64_stats &s = *a64_get_stats(m.cpu.get());
    return std::make_tuple(s.instructions, s.exceptions, s.blocks_decoded, s.tlb_misses,
                           s.table_walks, s.bus_reads, s.bus_writes);
}

auto bus_of(const machine &m)
{
    std::vector<std::tuple<bool, std::uint64_t, unsigned, std::uint64_t, std::uint64_t>> all;
    for (const machine::bus_access &a : m.log)
        all.emplace_back(a.write, a.pa, a.size, a.value, a.progress);
    return all;
}

} // namespace

void twins::expect_same()
{
    EXPECT_EQ(translated.executed, interpreted.executed);
    EXPECT_EQ(translated.pc(), interpreted.pc());
    EXPECT_EQ(a64_get_pstate(translated.cpu.get()), a64_get_pstate(interpreted.cpu.get()));
    EXPECT_EQ(registers_of(translated), registers_of(interpreted));
    EXPECT_EQ(vectors_of(translated), vectors_of(interpreted));
    EXPECT_EQ(stats_of(translated), stats_of(interpreted));
    EXPECT_EQ(a64_exclusive(translated.cpu.get()), a64_exclusive(interpreted.cpu.get()));
    EXPECT_EQ(bus_of(translated), bus_of(interpreted));
    for (const std::uint32_t reg : {ELR_EL1, ESR_EL1, FAR_EL1, SPSR_EL1, SP_EL0})
        EXPECT_EQ(translated.sys(reg), interpreted.sys(reg));
}

void twins::run(std::uint64_t n)
{
    stop = translated.run(n);
    EXPECT_EQ(stop, interpreted.run(n));
    expect_same();
    both([](machine &m) { m.log.clear(); });
}

} // namespace cpu_test
