// SPDX-License-Identifier: Apache-2.0
// Who waits for whom in a TBU: order of an ID, misses of one page, commands behind transactions.
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include <tlm_utils/passthrough_target_socket.h>

#include "at_bench.hpp"

namespace tlm_test::test_tbu_order {

namespace {

constexpr unsigned memory_ns = at_bench::memory_ns;

// A miss on page 1, whose descriptor alone is fetched, and a hit on page 0.
struct miss_and_hit {
    std::vector<at_transfer> transfers = {at_bench::read(1), at_bench::read(0)};

    void send(at_bench &t)
    {
        t.warm(0, 1);
        t.send(transfers);
    }
    sc_core::sc_time miss() const { return transfers[0].begin_resp - transfers[0].begin_req; }
    sc_core::sc_time hit() const { return transfers[1].begin_resp - transfers[0].begin_req; }
};

TEST(tbu_order, what_has_the_same_id_waits_for_an_earlier_miss)
{
    at_bench t(approximate_times());
    t.run([&] {
        miss_and_hit both;
        both.send(t);
        EXPECT_EQ(both.miss(), nanoseconds(2 * memory_ns));
        EXPECT_EQ(both.hit(), nanoseconds(2 * memory_ns));
        EXPECT_EQ(t.b.memory.log.back().address, bench::data);
    });
}

TEST(tbu_order, what_has_another_id_passes)
{
    at_bench t(approximate_times());
    t.run([&] {
        miss_and_hit both;
        both.transfers[1].attributes.id = 0x8000'0000;
        both.send(t);
        EXPECT_EQ(both.miss(), nanoseconds(2 * memory_ns));
        EXPECT_EQ(both.hit(), nanoseconds(memory_ns));
    });
}

// Even where another has come between, and waits for longer.
TEST(tbu_order, what_has_the_same_id_goes_on_when_the_earlier_one_does)
{
    at_bench t(approximate_times());
    t.run([&] {
        miss_and_hit both;
        both.transfers.insert(both.transfers.begin() + 1, at_bench::read(0));
        both.transfers[1].address += 0x100'0000'0000; // no table: its event takes longer
        both.transfers[1].attributes.id = 1;
        both.send(t);
        EXPECT_EQ(both.transfers[2].begin_resp - both.transfers[0].begin_req,
                  nanoseconds(2 * memory_ns));
    });
}

TEST(tbu_order, what_goes_the_other_direction_passes)
{
    at_bench t(approximate_times());
    t.run([&] {
        miss_and_hit both;
        both.transfers[1] = at_bench::write(0);
        t.time(at_bench::write(0));
        both.send(t);
        EXPECT_EQ(both.hit(), nanoseconds(memory_ns));
    });
}

TEST(tbu_order, what_is_terminated_lets_later_ones_pass)
{
    at_bench t(approximate_times());
    t.run([&] {
        miss_and_hit both;
        both.transfers[0].address = at_bench::va + 0x1000'0000; // no table
        both.send(t);
        EXPECT_EQ(both.transfers[0].status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(both.transfers[1].status, tlm::TLM_OK_RESPONSE);
    });
}

// The one that waits must not hold up the command that lets the first one go.
TEST(tbu_order, what_waits_behind_a_stalled_one_does_not_hold_up_commands)
{
    at_bench t(approximate_times());
    t.s.context().s = 1;
    t.s.publish();
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> transfers = {at_bench::read(0), at_bench::read(0)};
        transfers[0].address += 0x1000'0000; // not mapped: it stalls
        t.sender.send(transfers[0]);
        t.sender.send(transfers[1]);
        sc_core::wait(nanoseconds(1000));
        ASSERT_EQ(t.b.event_count(), 1u);
        t.b.sync();
        EXPECT_EQ(transfers[1].responses, 0u);
        t.b.submit(
            support::cmd_resume(1, t.b.event(0).stag, support::resume_action::terminate_abort));
        t.sender.wait_until_idle();
        EXPECT_EQ(transfers[0].status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(transfers[1].status, tlm::TLM_OK_RESPONSE);
    });
}

// Nor must it go where its page led before.
TEST(tbu_order, what_waits_behind_a_stalled_one_is_translated_anew_after_an_invalidation)
{
    at_bench t(approximate_times());
    t.s.context().s = 1;
    t.s.publish();
    t.b.memory.store64(bench::data, 1);
    t.b.memory.store64(bench::data + 0x2'0000, 2);
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> transfers = {at_bench::read(0), at_bench::read(0)};
        transfers[0].address += 0x1000'0000;
        t.sender.send(transfers[0]);
        t.sender.send(transfers[1]);
        sc_core::wait(nanoseconds(1000));
        t.s.unmap(at_bench::va);
        t.s.map(at_bench::va, bench::data + 0x2'0000);
        t.b.submit(support::tlbi_nh_va(at_bench::va, t.s.asid()));
        t.b.sync();
        t.b.submit(
            support::cmd_resume(1, t.b.event(0).stag, support::resume_action::terminate_abort));
        t.sender.wait_until_idle();
        EXPECT_EQ(transfers[1].data[0], 2u);
    });
}

// When it goes on, it is one that commands wait for.
TEST(tbu_order, what_has_waited_behind_a_stalled_one_holds_up_commands_again)
{
    at_bench t(approximate_times());
    t.s.context().s = 1;
    t.s.publish();
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> transfers = {at_bench::read(0), at_bench::read(0)};
        transfers[0].address += 0x1000'0000;
        t.b.memory.before = [](std::uint64_t address) {
            if (address == bench::data)
                sc_core::wait(nanoseconds(2000));
        };
        t.sender.send(transfers[0]);
        t.sender.send(transfers[1]);
        sc_core::wait(nanoseconds(1000));
        t.b.submit(
            support::cmd_resume(1, t.b.event(0).stag, support::resume_action::terminate_abort));
        sc_core::wait(nanoseconds(500));
        ASSERT_EQ(transfers[0].responses, 1u);
        EXPECT_EQ(transfers[1].responses, 0u);
        t.b.sync();
        EXPECT_EQ(transfers[1].responses, 1u);
    });
}

TEST(tbu_order, what_waits_at_the_gate_is_not_translated_anew_without_an_invalidation)
{
    at_bench t(approximate_times());
    t.run([&] {
        t.b.submit(support::tlbi_nsnh_all()); // one has gone before
        t.b.sync();
        t.warm(0, 1);
        const std::uint64_t before = t.b.smmu.stats().utlb_hits;
        miss_and_hit both;
        t.send(both.transfers);
        EXPECT_EQ(t.b.smmu.stats().utlb_hits - before, 1u);
    });
}

// A request that is to hit has been accepted; what is true when it is looked up counts.
TEST(tbu_order, an_invalidation_between_a_request_and_its_look_up_counts)
{
    smmu::timing times = approximate_times();
    times.lookup = nanoseconds(200); // the command takes a read from memory
    at_bench t(times);
    t.b.memory.store64(bench::data, 1);
    t.b.memory.store64(bench::data + 0x2'0000, 2);
    t.run([&] {
        t.warm(0, 1);
        at_transfer one = at_bench::read(0);
        t.sender.send(one);
        sc_core::wait(nanoseconds(4));
        EXPECT_EQ(one.end_req, one.begin_req);
        t.s.unmap(at_bench::va);
        t.s.map(at_bench::va, bench::data + 0x2'0000);
        t.b.submit(support::tlbi_nh_va(at_bench::va, t.s.asid()));
        t.sender.wait_until_idle();
        EXPECT_EQ(one.data[0], 2u);
    });
}

// A target that resets the SMMU in the call of its second request.
struct resetting : sc_core::sc_module {
    tlm_utils::passthrough_target_socket<resetting> socket{"socket"};
    std::vector<std::uint64_t> addresses;
    std::function<void()> reset;

    explicit resetting(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_nb_transport_fw(this, &resetting::nb_transport_fw);
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &,
                                       sc_core::sc_time &)
    {
        addresses.push_back(payload.get_address());
        if (addresses.size() == 2)
            reset();
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        return tlm::TLM_COMPLETED;
    }
};

// Two hits of one ID that are looked up at one time: what the call of the first one does is true
// for the second one.
TEST(tbu_order, a_reset_in_the_call_that_forwards_a_request_counts_for_the_next_one)
{
    smmu::timing times = approximate_times();
    times.lookup = nanoseconds(10);
    bench b("bench", times, 1, smmu_config_default(), 1, 1);
    at_sender sender("sender", at_initiator_kinds[0], 2);
    resetting target("target");
    target.reset = [&] { b.smmu.reset(); };
    sender.socket.bind(b.smmu.dev());
    b.mem_checkers[0].initiator_socket.bind(target.socket);
    stream s(b, 1);
    s.map(at_bench::va, bench::data);
    b.run([&] {
        b.bring_up();
        std::vector<at_transfer> warming = {at_bench::read(0)};
        std::vector<at_transfer> transfers = {at_bench::read(0), at_bench::read(0, 8)};
        for (std::vector<at_transfer> *each : {&warming, &transfers}) {
            for (at_transfer &one : *each)
                sender.send(one);
            sender.wait_until_idle();
        }
    });
    EXPECT_EQ(target.addresses,
              (std::vector<std::uint64_t>{bench::data, bench::data, at_bench::va + 8}));
    EXPECT_EQ(b.mem_checkers[0].complaints(), 0u);
}

smmu::timing merging()
{
    smmu::timing times = approximate_times();
    times.tbu_merging = 1;
    times.walk_merging = 1;
    return times;
}

unsigned walk_reads(const at_bench &t)
{
    return static_cast<unsigned>(t.b.smmu.stats().ttd_fetches);
}

TEST(tbu_order, misses_of_one_page_are_walked_for_once)
{
    at_bench t(merging());
    t.run([&] {
        std::vector<at_transfer> transfers(64, at_bench::read(0));
        t.send(transfers);
        EXPECT_EQ(walk_reads(t), 4u);
        EXPECT_EQ(t.b.smmu.stats().ste_fetches, 1u);
        for (const at_transfer &each : transfers)
            EXPECT_EQ(each.begin_resp - transfers[0].begin_req,
                      nanoseconds(2 * memory_ns + 4 * memory_ns + memory_ns));
    });
}

TEST(tbu_order, misses_of_one_page_leave_other_pages_in_the_micro_tlb)
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb = {1, 2};
    at_bench t(approximate_times(), cfg);
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> transfers(8, at_bench::read(1)); // none waits for another
        t.send(transfers);
        EXPECT_EQ(walk_reads(t), 4u + 8);
        const std::uint64_t before = t.b.smmu.stats().utlb_hits;
        t.warm(0, 2);
        EXPECT_EQ(t.b.smmu.stats().utlb_hits - before, 2u);
    });
}

TEST(tbu_order, misses_of_several_pages_share_tables_and_configuration)
{
    at_bench t(merging());
    t.run([&] {
        std::vector<at_transfer> transfers;
        for (unsigned page = 0; page < 64; page++)
            transfers.push_back(at_bench::read(page));
        t.send(transfers);
        EXPECT_EQ(walk_reads(t), 3u + 64);
        EXPECT_EQ(t.b.smmu.stats().ste_fetches, 1u);
        EXPECT_EQ(t.b.smmu.stats().cd_fetches, 1u);
        for (const at_transfer &each : transfers)
            EXPECT_EQ(each.begin_resp - transfers[0].begin_req,
                      nanoseconds(2 * memory_ns + 4 * memory_ns + memory_ns));
    });
}

TEST(tbu_order, misses_of_both_directions_are_walked_for_once)
{
    smmu::timing times = approximate_times();
    times.tbu_merging = 1;
    at_bench t(times);
    t.run([&] {
        std::vector<at_transfer> transfers = {at_bench::read(0), at_bench::write(0)};
        t.send(transfers);
        EXPECT_EQ(walk_reads(t), 4u);
    });
}

// Two transactions at one address that are not the same stream's, and when the second ends.
struct strangers {
    const char *what;
    smmu::attributes first, second;
    unsigned end_ns;

    friend std::ostream &operator<<(std::ostream &out, const strangers &of)
    {
        return out << of.what;
    }
};

smmu::attributes of(std::uint32_t sid, bool ssv, std::uint32_t ssid, smmu_sec sec = SMMU_SEC_NS)
{
    smmu::attributes given;
    given.sid = sid;
    given.ssv = ssv;
    given.ssid = ssid;
    given.sec = sec;
    return given;
}

class merging_strangers : public testing::TestWithParam<strangers> {};

TEST_P(merging_strangers, do_not_wait_for_each_other)
{
    smmu::timing times = approximate_times();
    times.tbu_merging = 1;
    times.config_lookup = nanoseconds(5);
    at_bench t(times);
    stream other(t.b, 2, 2);
    other.map(at_bench::va, bench::data);
    t.run([&] {
        std::vector<at_transfer> transfers(2, at_bench::read(0));
        transfers[0].attributes = GetParam().first;
        transfers[1].attributes = GetParam().second;
        transfers[1].attributes.id = 1;
        t.send(transfers);
        EXPECT_EQ(transfers[1].begin_resp - transfers[1].begin_req, nanoseconds(GetParam().end_ns));
    });
}

// Without a Context descriptor table, substreams end when the STE has been read and their events
// are written, one after the other; streams of a Security state that is not there at once.
INSTANTIATE_TEST_SUITE_P(
    of, merging_strangers,
    testing::Values(strangers{"stream", of(1, false, 0), of(2, false, 0),
                              2 * (5 + memory_ns) + 4 * memory_ns + memory_ns},
                    strangers{"no_substream", of(1, false, 0), of(1, true, 0), 5 + 2 * memory_ns},
                    strangers{"substream", of(1, true, 1), of(1, true, 2), 5 + 3 * memory_ns},
                    strangers{"security_state", of(1, false, 0), of(1, false, 0, SMMU_SEC_S), 0}),
    [](const auto &info) { return std::string(info.param.what); });

TEST(tbu_order, misses_that_are_not_merged_walk_each_for_themselves)
{
    at_bench t(approximate_times());
    t.run([&] {
        std::vector<at_transfer> transfers(8, at_bench::read(0));
        t.send(transfers);
        EXPECT_EQ(walk_reads(t), 8u * 4);
    });
}

// A page of faults: each is recorded.
TEST(tbu_order, what_waited_for_a_miss_that_fails_fails_for_itself)
{
    at_bench t(merging());
    t.run([&] {
        std::vector<at_transfer> transfers(3, at_bench::read(0));
        for (at_transfer &each : transfers)
            each.address += 0x1000'0000;
        t.send(transfers);
        for (const at_transfer &each : transfers)
            EXPECT_EQ(each.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(t.b.event_count(), 3u);
    });
}

// Nor do they hold up the command that lets the first one go.
TEST(tbu_order, what_waited_for_a_miss_that_stalls_stalls_for_itself)
{
    at_bench t(merging());
    t.s.context().s = 1;
    t.s.publish();
    t.run([&] {
        std::vector<at_transfer> transfers(3, at_bench::read(0));
        for (unsigned i = 0; i < 3; i++) {
            transfers[i].address += 0x1000'0000;
            transfers[i].attributes.id = i;
            t.sender.send(transfers[i]);
        }
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(t.b.event_count(), 3u);
        t.b.submit(support::cmd_stall_term(1));
        t.b.sync();
        t.sender.wait_until_idle();
    });
}

TEST(tbu_order, command_sync_waits_for_what_was_translated_before)
{
    at_bench t(approximate_times());
    t.run([&] {
        t.warm(0, 1);
        at_transfer slow = at_bench::read(0);
        t.b.memory.before = [&](std::uint64_t address) {
            if (address == bench::data)
                sc_core::wait(nanoseconds(1000));
        };
        t.sender.send(slow);
        sc_core::wait(nanoseconds(10));
        t.b.submit(support::cmd_sync());
        t.b.sync();
        EXPECT_EQ(slow.responses, 1u);
    });
}

TEST(tbu_order, invalidations_and_syncs_take_their_way_over_the_link)
{
    smmu::timing times = approximate_times();
    times.link = nanoseconds(20);
    times.command = nanoseconds(3);
    times.invalidation = nanoseconds(5);
    at_bench t(times);
    t.run([&] {
        t.b.submit(support::tlbi_nh_va(at_bench::va, 1));
        const sc_dt::uint64 start = sc_core::sc_time_stamp().value();
        const std::uint64_t before = t.b.smmu.stats().syncs;
        t.b.submit(support::cmd_sync());
        while (t.b.smmu.stats().syncs == before)
            sc_core::wait(nanoseconds(1));
        // Each is fetched and carried out; TLBI and SYNC each wait for the TBUs.
        EXPECT_EQ(sc_core::sc_time_stamp().value() - start,
                  nanoseconds(2 * (memory_ns + 3) + 5 + 2 * 20 + 2 * 20).value());
    });
}

} // namespace

} // namespace tlm_test::test_tbu_order
