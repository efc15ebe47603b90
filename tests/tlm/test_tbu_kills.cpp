// SPDX-License-Identifier: Apache-2.0
// Initiators that block in an approximately-timed TBU and are killed there: others go on.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <tlm_utils/simple_target_socket.h>

#include "at_bench.hpp"

namespace tlm_test::test_tbu_kills {

namespace {

constexpr std::uint64_t va = at_bench::va;
constexpr std::uint64_t unmapped = va + 0x1000'0000;
constexpr std::uint32_t sid = 1;

// An access of 8 bytes by a process of its own.
struct blocking_access {
    transfer t;
    bool done = false;
    sc_core::sc_process_handle process;

    blocking_access(initiator &from, tlm::tlm_command command, std::uint64_t address)
        : t(command, address, std::vector<unsigned char>(8))
    {
        t.of_stream(sid);
        process = sc_core::sc_spawn([&from, this] {
            from.send(t);
            done = true;
        });
    }
    tlm::tlm_response_status status() const { return t.payload.get_response_status(); }
};

// Faults stall.
struct tbu_kills : testing::Test {
    std::unique_ptr<bench> b;
    std::unique_ptr<stream> s;

    void build(const smmu::timing &times, const smmu_config &cfg = smmu_config_default())
    {
        b = std::make_unique<bench>("bench", times, 1, cfg);
        s = std::make_unique<stream>(*b, sid);
        s->context().s = 1;
        s->publish();
        s->map(va, bench::data);
        s->map(va + 0x1000, bench::data + 0x1000);
    }

    std::unique_ptr<blocking_access> begin(tlm::tlm_command command, std::uint64_t address)
    {
        auto access = std::make_unique<blocking_access>(b->device(), command, address);
        settle();
        return access;
    }
    std::unique_ptr<blocking_access> begin_read(std::uint64_t address)
    {
        return begin(tlm::TLM_READ_COMMAND, address);
    }
    std::unique_ptr<blocking_access> begin_write(std::uint64_t address)
    {
        return begin(tlm::TLM_WRITE_COMMAND, address);
    }

    void let_go(std::uint32_t record)
    {
        b->submit(support::cmd_resume(sid, b->event(record).stag,
                                      support::resume_action::terminate_abort));
        settle();
    }

    static void settle() { sc_core::wait(nanoseconds(2000)); }
};

TEST_F(tbu_kills, of_what_waits_to_enter_let_those_behind_it_enter)
{
    smmu::timing times = approximate_times();
    times.tbu_write_beats = 1;
    build(times);
    b->run([&] {
        b->bring_up();
        const auto holds_the_room = begin_write(unmapped);
        const auto waits_for_room = begin_write(va);
        const auto needs_none = begin_read(va);
        ASSERT_FALSE(needs_none->done);
        waits_for_room->process.kill();
        settle();
        EXPECT_TRUE(needs_none->done);
        EXPECT_FALSE(holds_the_room->done);
        let_go(0);
        EXPECT_TRUE(holds_the_room->done);
    });
}

// What waits for its translation is nothing, what has one goes on.
TEST_F(tbu_kills, are_measured_if_they_have_their_translation)
{
    smmu::timing times = approximate_times();
    times.tbu_write_beats = 1;
    build(times);
    const smmu::measurement &measured = b->smmu.measure();
    const auto counted = [&] {
        return measured.total().sums[smmu::transaction_count::transactions];
    };
    b->run([&] {
        b->bring_up();
        ASSERT_TRUE(begin_read(va)->done);
        EXPECT_EQ(counted(), 1u);
        const auto stalled = begin_write(unmapped);
        const auto waits_for_room = begin_write(va);
        waits_for_room->process.kill();
        stalled->process.kill();
        settle();
        let_go(0);
        EXPECT_EQ(counted(), 1u);
        b->memory.latency = nanoseconds(50);
        blocking_access downstream(b->device(), tlm::TLM_READ_COMMAND, va);
        sc_core::wait(nanoseconds(20));
        downstream.process.kill();
        settle();
        EXPECT_EQ(counted(), 2u);
    });
}

// The first to miss has made the process that asks the TCU, and another's miss has it now.
TEST_F(tbu_kills, with_all_descendants_leave_what_others_ask_for)
{
    build(approximate_times());
    b->run([&] {
        b->bring_up();
        bool first_done = false;
        sc_core::sc_process_handle first = sc_core::sc_spawn([&] {
            transfer t = read_of(va, 8);
            b->device().send(t.of_stream(sid));
            first_done = true;
            sc_core::wait(sc_core::sc_event());
        });
        settle();
        ASSERT_TRUE(first_done);
        const auto stalled = begin_read(unmapped);
        ASSERT_EQ(b->event_count(), 1u);
        first.kill(sc_core::SC_INCLUDE_DESCENDANTS);
        let_go(0);
        EXPECT_TRUE(stalled->done);
    });
}

// The first piece is answered at the time at which the process is killed, in either order. The
// second has to wait for a process that asks, as the only one there is stalls.
TEST_F(tbu_kills, when_the_next_piece_is_to_miss_leave_nothing_that_asks_for_it)
{
    build(approximate_times());
    b->run([&] {
        b->bring_up();
        ASSERT_TRUE(begin_read(va)->done);
        const auto stalled = begin_write(unmapped);
        b->memory.latency = nanoseconds(50);
        for (const unsigned ahead : {10, 0}) {
            sc_core::sc_process_handle victim;
            sc_core::sc_spawn([&victim, ahead] {
                sc_core::wait(nanoseconds(ahead + 50));
                victim.kill();
            });
            sc_core::wait(nanoseconds(ahead));
            blocking_access across(b->device(), tlm::TLM_READ_COMMAND, va + 0xffc);
            victim = across.process;
            settle();
            EXPECT_FALSE(across.done);
            EXPECT_TRUE(begin_read(va)->done);
        }
        let_go(0);
        EXPECT_TRUE(stalled->done);
    });
}

TEST_F(tbu_kills, where_they_stall_give_their_stag_back_when_software_has_answered)
{
    smmu_config cfg = smmu_config_default();
    cfg.stall_max = 2;
    build(approximate_times(), cfg);
    b->run([&] {
        b->bring_up();
        for (std::uint32_t record = 0; record < 8; record += 2) {
            begin_read(unmapped)->process.kill();
            settle();
            const auto other = begin_write(unmapped);
            ASSERT_EQ(b->event_count(), record + 2);
            let_go(record);
            EXPECT_FALSE(other->done);
            let_go(record + 1);
            EXPECT_TRUE(other->done);
        }
    });
}

// Accesses of one page, the first of which misses; memory is slow enough to kill them on the way.
struct tbu_kills_of_merged : tbu_kills {
    std::unique_ptr<blocking_access> first, second;

    void run(std::function<void()> test)
    {
        smmu::timing times = approximate_times();
        times.tbu_merging = 1;
        build(times);
        b->run([this, test = std::move(test)] {
            b->bring_up();
            b->memory.latency = nanoseconds(50);
            first = std::make_unique<blocking_access>(b->device(), tlm::TLM_READ_COMMAND, va);
            second = std::make_unique<blocking_access>(b->device(), tlm::TLM_READ_COMMAND, va + 8);
            sc_core::wait(nanoseconds(120)); // in the walk
            test();
        });
    }
    // Where accesses have gone beyond the TBU.
    std::vector<std::uint64_t> accessed() const
    {
        std::vector<std::uint64_t> addresses;
        for (const storage::access &each : b->memory.log)
            if (each.address >= bench::data)
                addresses.push_back(each.address);
        return addresses;
    }
};

TEST_F(tbu_kills_of_merged, whose_miss_others_wait_for_let_them_ask_for_themselves)
{
    run([&] {
        first->process.kill();
        settle();
        EXPECT_TRUE(second->done);
        EXPECT_EQ(accessed(), std::vector<std::uint64_t>{bench::data + 8});
    });
}

TEST_F(tbu_kills_of_merged, that_wait_for_a_miss_do_not_go_on)
{
    run([&] {
        second->process.kill();
        settle();
        EXPECT_TRUE(first->done);
        EXPECT_EQ(accessed(), std::vector<std::uint64_t>{bench::data});
    });
}

TEST_F(tbu_kills_of_merged, whose_miss_has_been_answered_go_on)
{
    run([&] {
        sc_core::wait(nanoseconds(200)); // in the accesses themselves
        ASSERT_FALSE(second->done);
        first->process.kill();
        second->process.kill();
        settle();
        EXPECT_EQ(accessed(), (std::vector<std::uint64_t>{bench::data, bench::data + 8}));
        const blocking_access third(b->device(), tlm::TLM_READ_COMMAND, va);
        const blocking_access fourth(b->device(), tlm::TLM_READ_COMMAND, va + 0x1000);
        settle();
        EXPECT_TRUE(third.done);
        EXPECT_TRUE(fourth.done);
        EXPECT_EQ(accessed().size(), 4u);
    });
}

struct note : tlm::tlm_extension<note> {
    tlm::tlm_extension_base *clone() const override { return new note; }
    void copy_from(const tlm::tlm_extension_base &) override {}
};

// Keeps requests.
struct keeping_memory : sc_core::sc_module {
    tlm_utils::simple_target_socket<keeping_memory> socket{"socket"};
    std::vector<tlm::tlm_generic_payload *> kept;

    explicit keeping_memory(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_nb_transport_fw(this, &keeping_memory::nb_transport_fw);
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &)
    {
        payload.acquire();
        kept.push_back(&payload);
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }
};

// They are the initiator's.
TEST_F(tbu_kills, take_their_extensions_off_what_is_on_its_way)
{
    b = std::make_unique<bench>("bench", approximate_times(), 1, smmu_config_default(), 0, 1);
    keeping_memory target("target");
    b->mem_checkers[0].initiator_socket.bind(target.socket);
    b->run([&] {
        sc_core::sc_process_handle victim = sc_core::sc_spawn([&] {
            transfer t = read_of(bench::data, 8);
            note own;
            t.payload.set_extension(&own);
            const struct removing {
                transfer &t;
                ~removing() { t.payload.clear_extension<note>(); }
            } at_the_end{t};
            b->device().send(t);
        });
        settle();
        ASSERT_EQ(target.kept.size(), 1u);
        ASSERT_NE(target.kept[0]->get_extension<note>(), nullptr);
        victim.kill();
        EXPECT_EQ(target.kept[0]->get_extension<note>(), nullptr);
    });
}

// What has not been looked up yet goes on without them too.
TEST_F(tbu_kills, before_an_atomic_operation_is_looked_up_leave_nobody_to_be_answered)
{
    smmu::timing times = approximate_times();
    times.lookup = nanoseconds(100);
    b = std::make_unique<bench>("bench", times, 1, smmu_config_default(), 0, 1);
    keeping_memory target("target");
    b->mem_checkers[0].initiator_socket.bind(target.socket);
    b->run([&] {
        sc_core::sc_process_handle victim = sc_core::sc_spawn([&] {
            smmu::atomic_access atomic;
            transfer t = write_of(bench::data, std::vector<unsigned char>(8, 1));
            smmu::attributes how;
            how.op = SMMU_OP_ATOMIC;
            how.atomic = &atomic;
            t.extend(how);
            b->device().send(t);
        });
        sc_core::wait(nanoseconds(50));
        victim.kill();
        sc_core::wait(nanoseconds(100));
        ASSERT_EQ(target.kept.size(), 1u);
        const auto *const seen = target.kept[0]->get_extension<smmu::attributes>();
        ASSERT_NE(seen, nullptr);
        EXPECT_EQ(seen->op, SMMU_OP_ATOMIC);
        EXPECT_EQ(seen->atomic, nullptr);
    });
}

// Who is killed is told nothing of what has left the TBU, by memory that answers later.
TEST_F(tbu_kills, of_an_atomic_operation_leave_a_write_of_nothing)
{
    build(approximate_times());
    b->run([&] {
        b->bring_up();
        b->memory.atomics = true;
        b->memory.before = [](std::uint64_t address) {
            if (address == bench::data)
                sc_core::wait(nanoseconds(5000));
        };
        smmu::atomic_access atomic;
        transfer t = write_of(va, std::vector<unsigned char>(8, 1));
        std::vector<unsigned char> none(8, TLM_BYTE_DISABLED);
        t.payload.set_byte_enable_ptr(none.data());
        t.payload.set_byte_enable_length(8);
        smmu::attributes how;
        how.sid = sid;
        how.op = SMMU_OP_ATOMIC;
        how.atomic = &atomic;
        atomic.operand[0] = 1;
        t.extend(how);
        sc_core::sc_process_handle killed = sc_core::sc_spawn([&] { b->device().send(t); });
        settle();
        killed.kill();
        sc_core::wait(nanoseconds(10000));
        EXPECT_FALSE(atomic.done);
        EXPECT_EQ(b->memory.load64(bench::data), 0u);
        b->device().send(t);
        EXPECT_TRUE(atomic.done);
        EXPECT_EQ(b->memory.load64(bench::data), 1u);
    });
}

// One place of everything.
smmu::timing one_of_each()
{
    smmu::timing times = approximate_times();
    for (sc_core::sc_time smmu::timing::*each :
         {&smmu::timing::tbu_cycle, &smmu::timing::lookup, &smmu::timing::tbu_issue,
          &smmu::timing::link, &smmu::timing::config_lookup, &smmu::timing::tlb_lookup,
          &smmu::timing::walk_s1_lookup, &smmu::timing::walk_issue})
        times.*each = nanoseconds(1);
    for (unsigned smmu::timing::*each : every_limit)
        times.*each = 1;
    return times;
}

class tbu_kills_anywhere : public tbu_kills, public testing::WithParamInterface<unsigned> {};

// Two accesses across the end of a page, with nothing cached, take about 100 ns; one is killed.
TEST_P(tbu_kills_anywhere, leave_others_all_that_they_need)
{
    smmu::timing times = one_of_each();
    times.tbu_slots = GetParam();
    build(times);
    b->run([&] {
        b->bring_up();
        b->memory.latency = nanoseconds(2);
        const auto forget = [&] {
            b->submit(support::cfgi_all());
            b->submit(support::tlbi_nsnh_all());
            b->sync();
        };
        const auto time_of_read = [&] {
            std::uint64_t value = 0;
            const sc_core::sc_time start = now();
            EXPECT_EQ(b->device().read64(sid, va + 0xffc, value), tlm::TLM_OK_RESPONSE);
            return now() - start;
        };
        forget();
        const sc_core::sc_time alone = time_of_read();
        for (unsigned ns = 0; ns < 150; ns++) {
            forget();
            blocking_access one(b->device(), tlm::TLM_READ_COMMAND, va + 0xffc);
            blocking_access two(b->device(), tlm::TLM_WRITE_COMMAND, va + 0xffc);
            sc_core::wait(nanoseconds(ns));
            (ns % 2 ? one : two).process.kill();
            settle();
            EXPECT_TRUE((ns % 2 ? two : one).done) << ns;
            b->sync();
            forget();
            ASSERT_EQ(time_of_read(), alone) << ns;
        }
    });
}

INSTANTIATE_TEST_SUITE_P(slots, tbu_kills_anywhere, testing::Values(1u, 2u));

} // namespace

} // namespace tlm_test::test_tbu_kills
