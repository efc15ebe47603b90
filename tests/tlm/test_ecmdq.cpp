// SPDX-License-Identifier: Apache-2.0
// Enhanced Command queues of the component (IHI 0070 3.5.6): their registers in the frame, and work
// on several at once.
#include "sync_bench.hpp"

namespace tlm_test::test_ecmdq {

namespace {

constexpr std::uint32_t EN = 1u << 31;
constexpr unsigned queues = 4;

smmu_config with_ecmdqs()
{
    smmu_config cfg = smmu_config_default();
    cfg.ecmdq = true;
    cfg.ecmdq_log2_pages = 1;
    cfg.ecmdq_log2_queues = 1;
    return cfg;
}

constexpr std::uint32_t registers(unsigned queue)
{
    return 0x30000 + queue * 0x8000;
}

struct ecmdq : sync_bench {
    std::uint32_t prod[queues] = {};

    ecmdq() : sync_bench(with_ecmdqs()) {}

    static std::uint64_t memory(unsigned queue) { return bench::data + 0x10'0000 + queue * 0x1000; }

    void bring_up()
    {
        b.bring_up();
        for (unsigned i = 0; i < queues; i++) {
            b.write64(registers(i), memory(i) | 4);
            b.write32(registers(i) + 8, EN);
        }
        settle();
    }

    void submit(unsigned queue, const support::command &command)
    {
        b.memory.store64(memory(queue) + 16 * prod[queue], command.word[0]);
        b.memory.store64(memory(queue) + 16 * prod[queue] + 8, command.word[1]);
        b.write32(registers(queue) + 8, EN | ++prod[queue]);
    }

    std::uint32_t consumed_of(unsigned queue) { return b.read32(registers(queue) + 12) & 0xfffff; }
};

TEST_P(ecmdq, pages_are_in_the_register_frame)
{
    b.run([&] {
        bring_up();
        for (unsigned i = 0; i < queues; i++)
            EXPECT_EQ(b.read32(registers(i) + 12), EN);
        transfer last = read_of(0x4fffc, 4), behind = read_of(0x50000, 4),
                 half = read_of(0x30008, 2);
        EXPECT_EQ(b.cpu.send(last), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.cpu.send(behind), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(b.cpu.send(half), tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

// The CMD_SYNC of one waits for a write that is on its way; others are served meanwhile, one of
// whose CMD_SYNCs waits too.
TEST_P(ecmdq, a_sync_that_waits_holds_no_other_queue)
{
    b.run([&] {
        bring_up();
        held = {pa};
        begin_write(0, va);
        submit(0, support::tlbi_nh_va(va, s.asid()));
        submit(0, support::cmd_sync());
        settle();
        EXPECT_EQ(consumed_of(0), 1u);
        submit(1, support::cmd_sync());
        settle();
        EXPECT_EQ(consumed_of(1), 0u);
        submit(2, support::tlbi_nh_all());
        submit(3, support::cfgi_all());
        b.submit(support::tlbi_nh_all());
        settle();
        EXPECT_EQ(consumed_of(2), 1u);
        EXPECT_EQ(consumed_of(3), 1u);
        EXPECT_EQ(consumed(), 1u) << "the Command queue";
        let_go(pa);
        EXPECT_EQ(consumed_of(0), 2u);
        EXPECT_EQ(consumed_of(1), 1u);
    });
}

TEST_P(ecmdq, syncs_that_wait_in_all_of_them_do_not_hold_the_command_queue)
{
    b.run([&] {
        bring_up();
        held = {pa};
        begin_write(0, va);
        for (unsigned i = 0; i < queues; i++) {
            submit(i, support::cmd_sync());
            settle();
            EXPECT_EQ(consumed_of(i), 0u);
        }
        b.submit(support::tlbi_nh_all());
        settle();
        EXPECT_EQ(consumed(), 1u);
        let_go(pa);
        for (unsigned i = 0; i < queues; i++)
            EXPECT_EQ(consumed_of(i), 1u);
    });
}

TEST_P(ecmdq, an_error_of_one_is_told_and_stops_no_other)
{
    b.run([&] {
        bring_up();
        submit(1, support::raw_command(0));
        submit(2, support::cmd_sync());
        settle();
        EXPECT_EQ(b.read32(registers(1) + 12), EN | 1u << 24 | 1u << 23);
        EXPECT_EQ(b.read32(reg::GERROR), 1u << 9);
        EXPECT_EQ(b.gerror_irq.rises, 1u);
        EXPECT_EQ(consumed_of(2), 1u);
    });
}

INSTANTIATE_TEST_SUITE_P(modes, ecmdq, both_timings(), timing_name);

// A limit of one makes the SMMU serve one queue after the other.
TEST(ecmdq_limit, of_one_queue_at_a_time)
{
    constexpr std::uint64_t va = 0x4000, pa = bench::data;
    smmu::timing times;
    times.mode = smmu::timing_mode::approximately_timed;
    times.command_queues = 1;
    bench b("b", times, 1, with_ecmdqs());
    stream s(b, 5);
    bool hold = true;
    sc_core::sc_event release;
    s.map(va, pa);
    b.memory.before = [&](std::uint64_t address) {
        while (hold && address == pa)
            sc_core::wait(release);
    };
    b.run([&] {
        b.bring_up();
        for (unsigned i = 0; i < 2; i++) {
            b.write64(registers(i), ecmdq::memory(i) | 4);
            b.memory.store64(ecmdq::memory(i), support::cmd_sync().word[0]);
            b.memory.store64(ecmdq::memory(i) + 8, 0);
        }
        sc_core::sc_spawn([&] { b.device().write64(5, va, 1); });
        sync_bench::settle();
        b.write32(registers(0) + 8, EN | 1);
        sync_bench::settle();
        b.write32(registers(1) + 8, EN | 1);
        sync_bench::settle();
        EXPECT_EQ(b.read32(registers(1) + 12), 0u) << "not even enabled";
        hold = false;
        release.notify();
        sync_bench::settle();
        EXPECT_EQ(b.read32(registers(1) + 12), EN | 1u);
    });
}

} // namespace

} // namespace tlm_test::test_ecmdq
