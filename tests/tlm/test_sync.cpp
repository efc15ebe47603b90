// SPDX-License-Identifier: Apache-2.0
// CMD_SYNC waits for what goes by invalidated translations (IHI 0070 3.21.1, 4.7.3).
#include "sync_bench.hpp"

namespace tlm_test::test_sync {

namespace {

class sync : public sync_bench {};

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

INSTANTIATE_TEST_SUITE_P(modes, sync, both_timings(), timing_name);

} // namespace

} // namespace tlm_test::test_sync
