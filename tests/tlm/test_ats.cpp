// SPDX-License-Identifier: Apache-2.0
// The ATS port: Translation Requests, Translated traffic, invalidations and page requests.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "bench.hpp"
#include "both_timings.hpp"

namespace tlm_test::test_ats {

namespace {

constexpr std::uint32_t sid = 5;
constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;

// A Root Complex whose endpoints answer when the test says so.
struct root_complex : smmu::ats_client {
    std::vector<smmu_atc_inv> invs;
    std::vector<smmu_prg_response> responses;
    unsigned outstanding = 0;
    bool timed_out = false;
    sc_core::sc_event completed;

    void invalidate(const smmu_atc_inv &inv) override
    {
        invs.push_back(inv);
        outstanding++;
    }
    bool wait_invalidated(std::uint32_t) override
    {
        while (outstanding != 0 && !timed_out)
            sc_core::wait(completed);
        const bool done = !timed_out;
        timed_out = false;
        return done;
    }
    void respond(const smmu_prg_response &response) override { responses.push_back(response); }

    void complete()
    {
        outstanding--;
        completed.notify();
    }
    void time_out()
    {
        outstanding = 0;
        timed_out = true;
        completed.notify();
    }
};

struct ats_port : timing_test {
    static smmu::timing times()
    {
        smmu::timing t = timing_test::times();
        t.lookup = sc_core::sc_time(3, sc_core::SC_NS);
        return t;
    }
    root_complex root, other;
    bench b{"b", times()};
    stream s{b, sid};

    ats_port()
    {
        b.smmu.ats_clients()(root);
        b.smmu.ats_clients()(other);
        s.entry().eats = 1;
        s.map(va, pa);
        s.publish();
    }

    smmu_ats_completion request(std::uint64_t addr)
    {
        smmu_ats_request r{};
        r.sid = sid;
        r.addr = addr;
        r.stus = 1;
        smmu_ats_completion c{};
        sc_core::sc_time delay;
        b.smmu.ats()->translate(r, c, delay);
        sc_core::wait(delay);
        return c;
    }

    // PRI queue of 8 entries at the end of the Event queue's memory.
    void enable_pri()
    {
        b.write64(reg::PRIQ_BASE, priq | 3);
        b.write32(reg::IRQ_CTRL, reg::IRQ_PRIQ);
        b.write32(reg::CR0, b.read32(reg::CR0) | reg::CR0_PRIQEN);
        settle();
    }

    void request_page(bool last)
    {
        smmu_page_request r{};
        r.sid = sid;
        r.addr = va;
        r.prgi = 3;
        r.last = last;
        r.r = true;
        sc_core::sc_time delay;
        b.smmu.ats()->request_page(r, delay);
        sc_core::wait(delay);
    }

    // A CMD_SYNC behind an invalidation fails once if `answers` are those of the root complexes.
    void expect_one_command_error(const std::function<void()> &answers)
    {
        b.run([&] {
            b.bring_up();
            b.submit(support::cmd_atc_inv({sid, false, 0, false, va, 0}));
            b.submit(support::cmd_sync());
            settle();
            answers();
            settle();
            EXPECT_EQ(reg::cmdq_cons_err(b.read32(reg::CMDQ_CONS)),
                      std::uint32_t{reg::CERROR_ATC_INV_SYNC});
            b.write32(reg::GERRORN, b.read32(reg::GERROR));
            settle();
            EXPECT_EQ(consumed(), 2u);
        });
    }

    std::uint32_t consumed() { return reg::queue_index(b.read32(reg::CMDQ_CONS)); }
    static void settle() { sc_core::wait(100, sc_core::SC_NS); }

    static constexpr std::uint64_t priq = bench::evtq + 0x8000;
};

TEST_P(ats_port, translates_and_lets_translated_traffic_pass)
{
    b.run([&] {
        b.bring_up();
        const sc_core::sc_time before = now();
        const smmu_ats_completion c = request(va);
        EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
        EXPECT_TRUE(c.r && c.w);
        EXPECT_EQ(c.addr, pa);
        EXPECT_EQ(now() - before, sc_core::sc_time(3, sc_core::SC_NS));

        smmu::attributes translated;
        translated.sid = sid;
        translated.translated = true;
        transfer t = write_of(c.addr, {1, 2, 3, 4, 5, 6, 7, 8});
        EXPECT_EQ(b.device().send(t.extend(translated)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(pa), 0x0807'0605'0403'0201u);
    });
}

TEST_P(ats_port, invalidation_reaches_every_root_complex)
{
    b.run([&] {
        b.bring_up();
        b.submit(support::cmd_atc_inv({sid, false, 0, false, va, 0}));
        settle();
        ASSERT_EQ(root.invs.size(), 1u);
        EXPECT_EQ(root.invs[0].sid, sid);
        EXPECT_EQ(root.invs[0].addr, va);
        EXPECT_EQ(other.invs.size(), 1u);
    });
}

TEST_P(ats_port, sync_waits_for_all_invalidations)
{
    b.run([&] {
        b.bring_up();
        b.submit(support::cmd_atc_inv({sid, false, 0, false, va, 0}));
        b.submit(support::cmd_sync());
        settle();
        EXPECT_EQ(consumed(), 1u);
        other.complete();
        settle();
        EXPECT_EQ(consumed(), 1u);
        root.complete();
        settle();
        EXPECT_EQ(consumed(), 2u);
    });
}

TEST_P(ats_port, time_out_of_one_is_a_command_error)
{
    expect_one_command_error([&] {
        root.time_out();
        other.complete();
    });
}

TEST_P(ats_port, time_outs_of_two_are_one_command_error)
{
    expect_one_command_error([&] {
        root.time_out();
        other.time_out();
    });
}

TEST_P(ats_port, sync_waits_for_a_request_in_progress)
{
    b.run([&] {
        b.bring_up();
        const std::uint64_t leaf = s.descriptor_address(va, 3);
        bool held = true, answered = false;
        sc_core::sc_event release;
        b.memory.before = [&](std::uint64_t address) {
            while (held && address == leaf)
                sc_core::wait(release);
        };
        sc_core::sc_spawn([&] {
            request(va);
            answered = true;
        });
        settle();
        b.submit(support::tlbi_nh_va(va, s.asid()));
        b.submit(support::cmd_sync());
        settle();
        EXPECT_FALSE(answered);
        EXPECT_EQ(consumed(), 1u);
        held = false;
        release.notify();
        settle();
        EXPECT_TRUE(answered);
        EXPECT_EQ(consumed(), 2u);
    });
}

TEST_P(ats_port, page_request_is_queued_signalled_and_answered)
{
    b.run([&] {
        b.bring_up();
        enable_pri();
        request_page(true);
        settle();
        EXPECT_EQ(b.priq_irq.rises, 1u);
        EXPECT_EQ(b.read32(reg::PRIQ_PROD), 1u);
        EXPECT_EQ(b.memory.load64(priq + 8), (va & ~0xfffull) | 3);
        b.submit(support::cmd_pri_resp(sid, 3, 2));
        settle();
        ASSERT_EQ(root.responses.size(), 1u);
        EXPECT_EQ(root.responses[0].prgi, 3);
        EXPECT_EQ(root.responses[0].code, SMMU_PRG_SUCCESS);
    });
}

TEST_P(ats_port, page_request_without_a_queue_is_refused)
{
    b.run([&] {
        b.bring_up();
        request_page(true);
        ASSERT_EQ(root.responses.size(), 1u);
        EXPECT_EQ(root.responses[0].code, SMMU_PRG_FAILURE);
    });
}

TEST_P(ats_port, hint_is_recorded)
{
    b.run([&] {
        b.bring_up();
        smmu_page_hint hint{};
        hint.sid = sid;
        hint.addr = va;
        hint.pages = 1;
        sc_core::sc_time delay;
        b.smmu.ats()->hint_pages(hint, delay);
        EXPECT_EQ(b.event_count(), 1u);
        EXPECT_EQ(b.event(0).type, support::E_PAGE_REQUEST);
    });
}

INSTANTIATE_TEST_SUITE_P(modes, ats_port, both_timings(), timing_name);

struct ats_approximately_timed : testing::Test {
    std::unique_ptr<bench> b;
    std::unique_ptr<stream> s;

    void build(unsigned tcu_slots)
    {
        smmu::timing times;
        times.mode = smmu::timing_mode::approximately_timed;
        times.tcu_slots = tcu_slots;
        b = std::make_unique<bench>("b", times);
        s = std::make_unique<stream>(*b, sid);
        s->entry().eats = 1;
        s->map(va, pa);
        s->map(va + 0x1000, pa);
        s->publish();
    }

    void request(std::uint64_t address, sc_core::sc_time &delay)
    {
        smmu_ats_request r{};
        r.sid = sid;
        r.addr = address;
        r.stus = 1;
        smmu_ats_completion c{};
        b->smmu.ats()->translate(r, c, delay);
        EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    }
};

// Even where nothing takes time.
TEST_F(ats_approximately_timed, requests_that_are_ahead_of_time_are_caught_up_with)
{
    build(0);
    b->run([&] {
        b->bring_up();
        sc_core::sc_time delay;
        request(va, delay);
        const sc_core::sc_time before = now();
        delay = sc_core::sc_time(10, sc_core::SC_NS);
        request(va, delay);
        EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
        EXPECT_EQ(now() - before, sc_core::sc_time(10, sc_core::SC_NS));
    });
}

TEST_F(ats_approximately_timed, requests_take_a_translation_slot_of_the_tcu)
{
    build(1);
    sc_core::sc_time done[2];
    b->run([&] {
        b->bring_up();
        b->memory.latency = sc_core::sc_time(50, sc_core::SC_NS);
        const sc_core::sc_time before = now();
        for (unsigned i = 0; i < 2; i++)
            sc_core::sc_spawn([&, i] {
                sc_core::sc_time delay;
                request(va + i * 0x1000, delay);
                done[i] = now();
            });
        sc_core::wait(1, sc_core::SC_US);
        // STE, CD and four descriptors; then the descriptor of the other page.
        EXPECT_EQ(done[0] - before, sc_core::sc_time(6 * 50, sc_core::SC_NS));
        EXPECT_EQ(done[1] - before, sc_core::sc_time(7 * 50, sc_core::SC_NS));
    });
}

} // namespace

} // namespace tlm_test::test_ats
