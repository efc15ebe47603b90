// SPDX-License-Identifier: Apache-2.0
// Stalled transactions hold their initiators until software lets them go (IHI 0070 3.12.2, 4.7).
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "bench.hpp"
#include "both_timings.hpp"

namespace tlm_test::test_stalls {

namespace {

constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;
constexpr std::uint32_t sid = 5;

// An access in a process of its own.
class access_under_way {
  public:
    access_under_way(initiator &from, std::uint32_t stream, transfer &t,
                     sc_core::sc_time delay = sc_core::SC_ZERO_TIME)
        : delay_left(delay)
    {
        t.of_stream(stream);
        process_ = sc_core::sc_spawn([&from, &t, this] {
            from.socket->b_transport(t.payload, delay_left);
            status = t.payload.get_response_status();
            done = true;
        });
    }

    void kill() { process_.kill(); }

    bool done = false;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
    sc_core::sc_time delay_left;

  private:
    sc_core::sc_process_handle process_;
};

struct stalls : timing_test {
    bench b{"b", times()};
    stream s{b, sid};

    stalls()
    {
        s.context().s = 1;
        s.publish();
        b.memory.store64(pa, 0x1122'3344'5566'7788);
    }

    static void settle() { sc_core::wait(1, sc_core::SC_US); }

    void answer(std::uint32_t stream, unsigned stag, support::resume_action action)
    {
        b.submit(support::cmd_resume(stream, stag, action));
        b.sync();
        settle();
    }
};

TEST_P(stalls, hold_the_initiator_and_tell_software)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        access_under_way access(b.device(), sid, t);
        settle();
        EXPECT_FALSE(access.done);
        ASSERT_EQ(b.event_count(), 1u);
        const support::event e = b.event(0);
        EXPECT_EQ(e.type, support::F_TRANSLATION);
        EXPECT_TRUE(e.stall);
        EXPECT_EQ(e.sid, sid);
        EXPECT_EQ(e.input_addr, va);
        EXPECT_EQ(b.smmu.stats().stalls, 1u);
        answer(sid, e.stag, support::resume_action::terminate_abort);
    });
}

TEST_P(stalls, retried_after_mapping_the_page_go_on)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        access_under_way access(b.device(), sid, t);
        settle();
        s.map(va, pa);
        answer(sid, b.event(0).stag, support::resume_action::retry);
        EXPECT_TRUE(access.done);
        EXPECT_EQ(access.status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.data[0], 0x88);
        EXPECT_EQ(t.data[7], 0x11);
        EXPECT_EQ(b.event_count(), 1u);
    });
}

TEST_P(stalls, retried_without_a_mapping_stall_again)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        access_under_way access(b.device(), sid, t);
        settle();
        answer(sid, b.event(0).stag, support::resume_action::retry);
        EXPECT_FALSE(access.done);
        ASSERT_EQ(b.event_count(), 2u);
        s.map(va, pa);
        answer(sid, b.event(1).stag, support::resume_action::retry);
        EXPECT_TRUE(access.done);
        EXPECT_EQ(access.status, tlm::TLM_OK_RESPONSE);
    });
}

TEST_P(stalls, terminated_with_abort_are_generic_errors)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        access_under_way access(b.device(), sid, t);
        settle();
        answer(sid, b.event(0).stag, support::resume_action::terminate_abort);
        EXPECT_TRUE(access.done);
        EXPECT_EQ(access.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(t.data, std::vector<unsigned char>(8, 0xee));
    });
}

TEST_P(stalls, terminated_without_abort_read_zeros)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        access_under_way access(b.device(), sid, t);
        settle();
        answer(sid, b.event(0).stag, support::resume_action::terminate_razwi);
        EXPECT_TRUE(access.done);
        EXPECT_EQ(access.status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.data, std::vector<unsigned char>(8, 0));
    });
}

TEST_P(stalls, of_several_are_let_go_one_by_one)
{
    constexpr unsigned count = 3;
    b.run([&] {
        b.bring_up();
        std::vector<std::unique_ptr<transfer>> transfers;
        std::vector<std::unique_ptr<access_under_way>> accesses;
        for (unsigned i = 0; i < count; i++) {
            transfers.push_back(std::make_unique<transfer>(
                tlm::TLM_READ_COMMAND, va + 0x1000ull * i, std::vector<unsigned char>(8)));
            transfers.back()->attributes.id = i; // no order among them
            accesses.push_back(
                std::make_unique<access_under_way>(b.device(), sid, *transfers.back()));
        }
        settle();
        ASSERT_EQ(b.event_count(), count);
        for (unsigned i = 0; i < count; i++) {
            s.map(va + 0x1000ull * i, pa + 0x1000ull * i);
            b.memory.store64(pa + 0x1000ull * i, 0x40 + i);
        }
        for (unsigned i = count; i-- > 0;) {
            const support::event e = b.event(i);
            const auto which = static_cast<unsigned>((e.input_addr - va) >> 12);
            EXPECT_FALSE(accesses.at(which)->done);
            answer(sid, e.stag, support::resume_action::retry);
            EXPECT_TRUE(accesses.at(which)->done);
            EXPECT_EQ(transfers.at(which)->data[0], 0x40 + which);
        }
    });
}

TEST_P(stalls, end_with_CMD_STALL_TERM_of_their_stream_only)
{
    stream other(b, 6, 2);
    other.context().s = 1;
    other.publish();
    b.run([&] {
        b.bring_up();
        transfer first = read_of(va, 8);
        transfer second = read_of(va + 0x1000, 8);
        transfer third = read_of(va, 8);
        access_under_way a(b.device(), sid, first);
        access_under_way c(b.device(), sid, second);
        access_under_way d(b.device(), 6, third);
        settle();
        b.submit(support::cmd_stall_term(sid));
        b.sync();
        settle();
        EXPECT_EQ(a.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(c.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_FALSE(d.done);
        b.submit(support::cmd_stall_term(6));
        b.sync();
        settle();
        EXPECT_EQ(d.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

TEST_P(stalls, end_when_translation_is_disabled)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        access_under_way access(b.device(), sid, t);
        settle();
        b.write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
        settle();
        EXPECT_EQ(access.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

TEST_P(stalls, do_not_hold_up_CMD_SYNC_nor_other_transactions)
{
    s.map(va + 0x1000, pa);
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        access_under_way access(b.device(), sid, t);
        settle();
        b.submit(support::tlbi_nsnh_all());
        b.sync();
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(sid, va + 0x1000, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 0x1122'3344'5566'7788u);
        EXPECT_FALSE(access.done);
        answer(sid, b.event(0).stag, support::resume_action::terminate_abort);
    });
}

TEST_P(stalls, that_are_retried_hold_up_CMD_SYNC_again)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        access_under_way access(b.device(), sid, t);
        settle();
        s.map(va, pa);
        bool hold = true;
        sc_core::sc_event release;
        b.memory.before = [&](std::uint64_t address) {
            while (hold && address == s.descriptor_address(va, 3))
                sc_core::wait(release);
        };
        b.submit(support::cmd_resume(sid, b.event(0).stag, support::resume_action::retry));
        settle();
        b.submit(support::cmd_sync());
        settle();
        EXPECT_EQ(b.smmu.stats().syncs, 0u);
        hold = false;
        release.notify();
        settle();
        EXPECT_EQ(b.smmu.stats().syncs, 1u);
        EXPECT_EQ(access.status, tlm::TLM_OK_RESPONSE);
    });
}

TEST_P(stalls, in_the_second_page_of_an_access_go_on_there)
{
    s.map(va, pa);
    b.run([&] {
        b.bring_up();
        transfer t = write_of(va + 0xffc, {1, 2, 3, 4, 5, 6, 7, 8});
        access_under_way access(b.device(), sid, t);
        settle();
        EXPECT_FALSE(access.done);
        s.map(va + 0x1000, pa + 0x4000);
        const std::size_t before = b.memory.log.size();
        answer(sid, b.event(0).stag, support::resume_action::retry);
        EXPECT_EQ(access.status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(pa + 0xff8), 0x0403'0201'0000'0000u);
        EXPECT_EQ(b.memory.load64(pa + 0x4000), 0x0807'0605u);
        EXPECT_EQ(std::count_if(b.memory.log.begin() + static_cast<std::ptrdiff_t>(before),
                                b.memory.log.end(),
                                [](const ram::access &a) { return a.address == pa + 0xffc; }),
                  0);
    });
}

TEST_P(stalls, left_at_the_end_of_the_simulation_do_no_harm)
{
    transfer t = read_of(va, 8);
    std::unique_ptr<access_under_way> access;
    b.run([&] {
        b.bring_up();
        access = std::make_unique<access_under_way>(b.device(), sid, t);
        settle();
    });
    EXPECT_FALSE(access->done);
}

TEST_P(stalls, end_as_software_says_whatever_it_said_before)
{
    b.run([&] {
        b.bring_up();
        transfer first = read_of(va, 8);
        transfer second = read_of(va, 8);
        access_under_way aborted(b.device(), sid, first);
        settle();
        answer(sid, b.event(0).stag, support::resume_action::terminate_abort);
        EXPECT_EQ(aborted.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        access_under_way ignored(b.device(), sid, second);
        settle();
        answer(sid, b.event(1).stag, support::resume_action::terminate_razwi);
        EXPECT_EQ(ignored.status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(second.data, std::vector<unsigned char>(8, 0));
    });
}

TEST_P(stalls, whose_initiator_is_killed_can_still_be_answered)
{
    b.run([&] {
        b.bring_up();
        transfer first = read_of(va, 8);
        transfer second = read_of(va + 0x1000, 8);
        access_under_way gone(b.device(), sid, first);
        settle();
        gone.kill();
        answer(sid, b.event(0).stag, support::resume_action::retry);
        EXPECT_FALSE(gone.done);
        access_under_way next(b.device(), sid, second);
        settle();
        s.map(va + 0x1000, pa);
        answer(sid, b.event(1).stag, support::resume_action::retry);
        EXPECT_EQ(next.status, tlm::TLM_OK_RESPONSE);
    });
}

TEST_P(stalls, that_come_after_one_was_killed_do_not_get_its_answer)
{
    b.run([&] {
        b.bring_up();
        transfer first = read_of(va, 8);
        transfer second = read_of(va + 0x1000, 8);
        access_under_way gone(b.device(), sid, first);
        settle();
        gone.kill();
        access_under_way next(b.device(), sid, second);
        settle();
        ASSERT_EQ(b.event_count(), 2u);
        answer(sid, b.event(0).stag, support::resume_action::terminate_abort);
        EXPECT_FALSE(next.done);
        answer(sid, b.event(1).stag, support::resume_action::terminate_abort);
        EXPECT_TRUE(next.done);
    });
}

TEST_P(stalls, are_not_for_debug_nor_direct_access)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        t.of_stream(sid);
        EXPECT_EQ(b.device().debug(t), 0u);
        tlm::tlm_dmi granted;
        EXPECT_FALSE(b.device().dmi(t, granted));
        EXPECT_EQ(b.event_count(), 0u);
        EXPECT_EQ(b.smmu.stats().stalls, 0u);
    });
}

INSTANTIATE_TEST_SUITE_P(modes, stalls, both_timings(), timing_name);

struct slow_stalls : testing::Test {
    static smmu::timing times()
    {
        smmu::timing t;
        t.mode = smmu::timing_mode::approximately_timed;
        t.lookup = sc_core::sc_time(1, sc_core::SC_US);
        return t;
    }
    bench b{"b", times()};
    stream s{b, sid};

    slow_stalls()
    {
        s.context().s = 1;
        s.publish();
    }
};

TEST_F(slow_stalls, on_their_way_back_when_the_smmu_is_disabled_are_aborted)
{
    // IHI 0070 3.12.2.2, 6.3.9.6: they do not pass untranslated.
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        access_under_way access(b.device(), sid, t);
        sc_core::wait(10, sc_core::SC_US);
        b.submit(support::cmd_resume(sid, b.event(0).stag, support::resume_action::retry));
        sc_core::wait(200, sc_core::SC_NS); // less than the lookup takes
        b.write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
        ASSERT_EQ(b.read32(reg::CR0ACK), reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
        ASSERT_FALSE(access.done);
        sc_core::wait(10, sc_core::SC_US);
        EXPECT_TRUE(access.done);
        EXPECT_EQ(access.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

TEST_F(slow_stalls, let_go_together_go_on_in_the_order_they_came)
{
    b.run([&] {
        b.bring_up();
        b.write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_SMMUEN); // no room for events
        transfer t[3] = {read_of(va, 8), read_of(va + 0x1000, 8), read_of(va + 0x2000, 8)};
        access_under_way first(b.device(), sid, t[0]);
        sc_core::wait(5, sc_core::SC_US);
        access_under_way second(b.device(), sid, t[1]);
        sc_core::wait(5, sc_core::SC_US);
        access_under_way third(b.device(), sid, t[2]);
        sc_core::wait(5, sc_core::SC_US);
        b.write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_SMMUEN | reg::CR0_EVENTQEN);
        sc_core::wait(20, sc_core::SC_US);
        ASSERT_EQ(b.event_count(), 3u);
        for (unsigned i = 0; i < 3; ++i)
            EXPECT_EQ(b.event(i).input_addr, va + 0x1000 * i);
        b.submit(support::cmd_stall_term(sid));
        b.sync();
    });
}

struct recorded_stalls : testing::Test {
    static smmu::timing times()
    {
        smmu::timing t;
        t.mode = smmu::timing_mode::approximately_timed;
        t.walk_issue = sc_core::sc_time(10, sc_core::SC_NS);
        return t;
    }
    bench b{"b", times()};
    stream s{b, sid};

    recorded_stalls()
    {
        s.context().s = 1;
        s.publish();
    }
};

TEST_F(recorded_stalls, whose_initiator_is_killed_under_way_are_not_those_that_come_after)
{
    // Killed anywhere in the walk, the write of the record and that of its interrupt.
    unsigned recorded = 0;
    b.run([&] {
        b.write64(reg::EVENTQ_IRQ_CFG0, bench::data);
        b.bring_up();
        for (unsigned ns = 5; ns < 150; ns += 10) {
            transfer lost = read_of(va, 8), other = read_of(va + 0x1000, 8);
            access_under_way gone(b.device(), sid, lost);
            sc_core::wait(ns, sc_core::SC_NS);
            gone.kill();
            const std::uint32_t second = b.event_count();
            access_under_way next(b.device(), sid, other);
            stalls::settle();
            ASSERT_EQ(b.event_count(), second + 1) << ns;
            for (; recorded < second; recorded++) {
                b.submit(support::cmd_resume(sid, b.event(recorded).stag,
                                             support::resume_action::terminate_abort));
                stalls::settle();
                EXPECT_FALSE(next.done) << ns;
            }
            b.submit(support::cmd_resume(sid, b.event(recorded++).stag,
                                         support::resume_action::terminate_abort));
            stalls::settle();
            ASSERT_TRUE(next.done) << ns;
            b.write32(reg::EVENTQ_CONS, b.read32(reg::EVENTQ_PROD));
        }
    });
    EXPECT_GT(recorded, 15u) << "some were killed after their record was written";
}

struct stalls_of_an_initiator_ahead_of_time : testing::Test {
    bench b{"b"};
    stream s{b, sid};

    // The delay left when an access that was 100 ns ahead is let go after `held`.
    sc_core::sc_time delay_left(const sc_core::sc_time &held)
    {
        sc_core::sc_time left;
        b.run([&] {
            b.bring_up();
            transfer t = read_of(va, 8);
            access_under_way access(b.device(), sid, t, sc_core::sc_time(100, sc_core::SC_NS));
            sc_core::wait(held);
            b.submit(
                support::cmd_resume(sid, b.event(0).stag, support::resume_action::terminate_abort));
            sc_core::wait(500, sc_core::SC_NS);
            EXPECT_TRUE(access.done);
            left = access.delay_left;
        });
        return left;
    }

    stalls_of_an_initiator_ahead_of_time()
    {
        s.context().s = 1;
        s.publish();
    }
};

TEST_F(stalls_of_an_initiator_ahead_of_time, take_what_passes_off_its_delay)
{
    EXPECT_EQ(delay_left(sc_core::sc_time(30, sc_core::SC_NS)),
              sc_core::sc_time(70, sc_core::SC_NS));
}

TEST_F(stalls_of_an_initiator_ahead_of_time, leave_no_delay_once_time_has_caught_up)
{
    EXPECT_EQ(delay_left(sc_core::sc_time(300, sc_core::SC_NS)), sc_core::SC_ZERO_TIME);
}

} // namespace

} // namespace tlm_test::test_stalls
