// SPDX-License-Identifier: Apache-2.0
// CMD_SYNC waits for what goes by invalidated translations (IHI 0070 3.21.1, 4.7.3).
#include <gtest/gtest.h>

#include <algorithm>

#include "bench.hpp"

namespace tlm_test {

namespace {

constexpr std::uint32_t sid = 5;
constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;

// A bench whose memory holds accesses to chosen addresses until the test releases them.
struct sync : testing::TestWithParam<smmu::timing_mode> {
    static smmu::timing times()
    {
        smmu::timing t;
        t.mode = GetParam();
        return t;
    }
    bench b{"b", times(), 2};
    stream s{b, sid};
    std::vector<std::uint64_t> held;
    sc_core::sc_event release;
    bool done[2] = {};

    sync()
    {
        s.map(va, pa);
        b.memory.before = [this](std::uint64_t address) {
            while (std::find(held.begin(), held.end(), address) != held.end())
                sc_core::wait(release);
        };
    }

    void let_go(std::uint64_t address)
    {
        held.erase(std::remove(held.begin(), held.end(), address), held.end());
        release.notify();
        settle();
    }

    // A write by device `i`, in a process of its own.
    void begin_write(unsigned i, std::uint64_t address)
    {
        sc_core::sc_spawn([this, i, address] {
            EXPECT_EQ(b.devices[i].write64(sid, address, 42), tlm::TLM_OK_RESPONSE);
            done[i] = true;
        });
        settle();
    }

    std::uint32_t consumed() { return reg::queue_index(b.read32(reg::CMDQ_CONS)); }
    static void settle() { sc_core::wait(100, sc_core::SC_NS); }
};

TEST_P(sync, waits_until_a_translated_write_is_in_memory)
{
    b.run([&] {
        b.bring_up();
        held = {pa};
        begin_write(0, va);
        b.submit(support::tlbi_nh_va(va, s.asid()));
        b.submit(support::cmd_sync());
        settle();
        EXPECT_FALSE(done[0]);
        EXPECT_EQ(consumed(), 1u); // the invalidation does not wait
        let_go(pa);
        EXPECT_TRUE(done[0]);
        EXPECT_EQ(consumed(), 2u);
        EXPECT_EQ(b.memory.load64(pa), 42u);
    });
}

TEST_P(sync, does_not_wait_for_what_arrives_later)
{
    b.run([&] {
        b.bring_up();
        held = {pa, pa + 0x100};
        begin_write(0, va);
        b.submit(support::cmd_sync());
        settle();
        begin_write(1, va + 0x100);
        let_go(pa);
        EXPECT_TRUE(done[0]);
        EXPECT_FALSE(done[1]);
        EXPECT_EQ(consumed(), 1u);
        let_go(pa + 0x100);
    });
}

TEST_P(sync, waits_for_a_walk_that_began_before_it)
{
    const std::uint64_t leaf = s.descriptor_address(va, 3);
    b.run([&] {
        b.bring_up();
        held = {leaf};
        begin_write(0, va);
        b.submit(support::tlbi_nh_va(va, s.asid()));
        b.submit(support::cmd_sync());
        settle();
        EXPECT_EQ(consumed(), 1u);
        let_go(leaf);
        EXPECT_TRUE(done[0]);
        EXPECT_EQ(consumed(), 2u);
    });
}

TEST_P(sync, one_after_the_other_each_waits_for_its_own)
{
    b.run([&] {
        b.bring_up();
        for (unsigned round = 0; round < 3; round++) {
            done[0] = false;
            held = {pa};
            begin_write(0, va);
            b.submit(support::cmd_sync());
            settle();
            EXPECT_EQ(consumed(), round);
            let_go(pa);
            EXPECT_TRUE(done[0]);
            EXPECT_EQ(consumed(), round + 1);
        }
    });
}

INSTANTIATE_TEST_SUITE_P(modes, sync,
                         testing::Values(smmu::timing_mode::loosely_timed,
                                         smmu::timing_mode::approximately_timed),
                         [](const auto &info) {
                             return info.param == smmu::timing_mode::loosely_timed
                                        ? "loosely_timed"
                                        : "approximately_timed";
                         });

} // namespace

} // namespace tlm_test
