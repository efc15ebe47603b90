// SPDX-License-Identifier: Apache-2.0
// An SMMU with pins does in random worlds what the one of TLM does: data, events and order.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>

#include "../core/random_world.hpp"
#include "../tlm/error_log.hpp"
#include "smmu_machine.hpp"

namespace pins_test::test_pin_smmuv3_worlds {

namespace {

using namespace smmu::pins;
using record = std::array<std::uint64_t, 4>;
using strings = std::vector<std::string>;
using accesses = std::vector<world_memory::access>;

constexpr unsigned tbus = 2;
constexpr unsigned evtq_log2 = 8;

// Narrow buses, and a programming port of AXI4-Lite.
struct narrow_buses : pin_smmuv3_buses {
    using device = axi5_untranslated<64, 4, 64>;
    using memory = axi5<32, 6, 52>;
    using walk = axi5<64, 4, 52>;
    using prog = axi4_lite<32, 20>;
};

// Without atomic transactions: descriptors are updated by the back door.
struct plain_buses : pin_smmuv3_buses {
    using memory = axi4<256, 8, 52>;
    using walk = axi4<128, 2, 52>;
};

smmu_config config()
{
    smmu_config cfg = smmu_config_default();
    cfg.httu = SMMU_HTTU_DIRTY;
    cfg.stall_model = SMMU_TERMINATE_ONLY; // nobody serves stalls here
    return cfg;
}

// An SMMU that takes its time, so that accesses overlap in it.
smmu::timing slow()
{
    smmu::timing times;
    times.mode = smmu::timing_mode::approximately_timed;
    times.lookup = sc_core::sc_time(3, sc_core::SC_NS);
    times.link = sc_core::sc_time(11, sc_core::SC_NS);
    times.walk_issue = sc_core::sc_time(7, sc_core::SC_NS);
    times.tbu_slots = 6;
    return times;
}

// One access of a device, and what came of it.
struct piece_of_work {
    unsigned tbu;
    std::uint32_t id;
    oracle::transaction what;
    std::vector<unsigned char> data;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
};

void do_it(smmu_machine &on, piece_of_work &it)
{
    tlm_test::transfer t(it.what.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND,
                         it.what.addr, it.data);
    smmu::attributes a;
    a.sid = it.what.sid;
    a.ssv = it.what.ssv;
    a.ssid = it.what.ssid;
    a.instr = it.what.instr;
    a.priv = it.what.priv;
    a.id = it.id;
    it.status = on.devices[it.tbu].send(t.extend(a));
    it.data = t.data;
}

// Both machines in one world.
template <class BUSES, class STYLE> struct worlds {
    explicit worlds(std::uint64_t seed, double pclk_ns = 17.3)
        : rng(seed), dut(config()), world(dut, rng),
          plain("plain", dut.mem, {config(), {}, tbus, {}}),
          pins("pins", dut.mem, {config(), slow(), tbus, {}}, {10, sc_core::SC_NS},
               {pclk_ns, sc_core::SC_NS})
    {
        std::cout << "seed " << seed << "\n";
        dut.bring_up();
        dut.mem.keep_log(false);
        dut.write64(support::reg::S2PII, random_world::s2pii);
        sc_core::sc_spawn_options options;
        options.spawn_method();
        options.dont_initialize();
        options.set_sensitivity(&pins.aclk.posedge_event());
        sc_core::sc_spawn([this] { look(); }, "look", &options);
    }

    // At each edge of the clock.
    void look()
    {
        cycles++;
        const bool high = level_of(pins.evtq.read()) == pin_level::high;
        EXPECT_FALSE(high && was_high) << "a pulse has one cycle";
        pulses += high;
        was_high = high;
    }

    void run(const std::function<void()> &test)
    {
        bool ended = false;
        sc_core::sc_spawn_options options;
        options.set_stack_size(1 << 20);
        sc_core::sc_spawn(
            [&] {
                plain.bring_up(dut, evtq_log2);
                pins.reset(sc_core::sc_time(35, sc_core::SC_NS));
                pins.bring_up(dut, evtq_log2);
                test();
                sc_core::wait(1, sc_core::SC_US);
                EXPECT_TRUE(pins.idle());
                ended = true;
                sc_core::sc_stop();
            },
            "test", &options);
        sc_core::sc_start(100, sc_core::SC_MS);
        EXPECT_TRUE(ended) << "dead-lock";
        EXPECT_EQ(pins.complaints(), 0u);
        EXPECT_EQ(errors.texts, strings());
    }

    void build()
    {
        world.build();
        for (smmu_machine *each :
             {static_cast<smmu_machine *>(&plain), static_cast<smmu_machine *>(&pins)}) {
            each->memory.forget();
            each->submit(support::cfgi_all());
            each->submit(support::tlbi_nsnh_all());
            each->submit(support::tlbi_el2_all());
            ASSERT_TRUE(each->sync());
            each->memory.log.clear();
        }
    }

    // One that a burst can do.
    piece_of_work work(bool writes = true)
    {
        piece_of_work it = {static_cast<unsigned>(rng.below(tbus)),
                            static_cast<std::uint32_t>(rng.below(4)),
                            world.access(),
                            {}};
        const std::uint64_t length = std::uint64_t{1} << rng.below(7);
        it.what.addr &= ~(length - 1);
        it.what.write = it.what.write && writes;
        for (std::uint64_t i = 0; i < length; i++)
            it.data.push_back(static_cast<unsigned char>(rng.bits(8)));
        return it;
    }

    // The same access on both, one after the other.
    void compare(const piece_of_work &it)
    {
        piece_of_work one = it;
        piece_of_work other = it;
        do_it(plain, one);
        do_it(pins, other);
        ASSERT_EQ(one.status, other.status) << std::hex << it.what.addr;
        ASSERT_EQ(one.data, other.data) << std::hex << it.what.addr;
        ASSERT_TRUE(plain.memory.log == pins.memory.log) << std::hex << it.what.addr;
        forwarded += one.status == tlm::TLM_OK_RESPONSE;
        plain.memory.log.clear();
        pins.memory.log.clear();
    }

    void compare_round(unsigned count)
    {
        build();
        for (unsigned i = 0; i < count && !testing::Test::HasFatalFailure(); i++) {
            compare(work());
            if (i % 16 == 15 || i + 1 == count) {
                const std::vector<record> want = plain.events();
                faults += want.size();
                ASSERT_EQ(want, pins.events());
                plain.memory.log.clear();
                pins.memory.log.clear();
            }
        }
        EXPECT_TRUE(plain.memory.pages() == pins.memory.pages());
    }

    tlm_test::error_log errors;
    support::random_source rng;
    support::device_under_test dut;
    random_world world;
    tlm_machine plain;
    pin_machine<BUSES, STYLE> pins;
    std::uint64_t cycles = 0;
    unsigned pulses = 0;
    bool was_high = false;
    std::size_t forwarded = 0, faults = 0;
};

template <class BUSES, class STYLE> void expect_the_same(std::uint64_t seed, bool stutter)
{
    worlds<BUSES, STYLE> w(seed);
    if (stutter)
        w.pins.stutter(seed + 1);
    w.run([&] {
        for (unsigned round = 0; round < 24 && !testing::Test::HasFatalFailure(); round++)
            w.compare_round(48);
        EXPECT_EQ(w.pulses, w.plain.evtq_pulses);
        EXPECT_GT(w.pulses, 10u);
    });
    EXPECT_GT(w.forwarded, 100u);
    EXPECT_GT(w.faults, 100u);
}

TEST(pin_smmuv3_worlds, access_by_access_are_the_same)
{
    expect_the_same<pin_smmuv3_buses, two_state>(1, false);
}

TEST(pin_smmuv3_worlds, are_the_same_at_any_pace_on_narrow_buses_with_axi4_lite)
{
    expect_the_same<narrow_buses, two_state>(2, true);
}

TEST(pin_smmuv3_worlds, are_the_same_on_pins_of_four_states)
{
    expect_the_same<pin_smmuv3_buses, four_state>(3, true);
}

TEST(pin_smmuv3_worlds, are_the_same_without_atomic_transactions)
{
    expect_the_same<plain_buses, two_state>(4, false);
}

// Accesses by several processes at once on the SMMU with pins.
template <class BUSES> struct crowd : worlds<BUSES, two_state> {
    using worlds<BUSES, two_state>::worlds;
    static constexpr unsigned workers = 10;

    std::deque<piece_of_work> all;
    std::vector<const piece_of_work *> begun; // in the order of their beginnings
    std::size_t next = 0;
    unsigned running = 0;
    bool stop = false;
    sc_core::sc_event idle;

    void begin(std::deque<piece_of_work> what)
    {
        all = std::move(what);
        begun.clear();
        next = 0;
        stop = false;
        running = workers + 1;
        sc_core::sc_spawn([this] { // software that polls meanwhile
            while (running > 1) {
                tlm_test::transfer t = tlm_test::read_of(support::reg::CMDQ_CONS, 4);
                this->pins.cpu.send(t);
            }
            running = 0;
            idle.notify(sc_core::SC_ZERO_TIME);
        });
        for (unsigned i = 0; i < workers; i++)
            sc_core::sc_spawn([this] {
                while (next < all.size() && !stop) {
                    piece_of_work &mine = all[next++];
                    begun.push_back(&mine);
                    do_it(this->pins, mine);
                }
                running--;
            });
    }

    void wait_for_idle()
    {
        if (running)
            sc_core::wait(idle);
    }

    std::deque<piece_of_work> reads(unsigned count)
    {
        std::deque<piece_of_work> result;
        for (unsigned i = 0; i < count; i++)
            result.push_back(this->work(false));
        return result;
    }
};

std::vector<record> kinds(std::vector<record> events)
{
    std::sort(events.begin(), events.end());
    events.erase(std::unique(events.begin(), events.end()), events.end());
    return events;
}

// Reads may overtake others of another ID: what comes of each is the same, and reads of one ID
// reach memory in the order of their beginnings.
TEST(pin_smmuv3_worlds, have_the_same_data_events_and_order_within_ids_in_a_crowd)
{
    crowd<pin_smmuv3_buses> c(5);
    c.pins.stutter(6);
    c.pins.memory.latency = sc_core::sc_time(23, sc_core::SC_NS);
    c.run([&] {
        for (unsigned round = 0; round < 10 && !testing::Test::HasFatalFailure(); round++) {
            c.build();
            c.begin(c.reads(100));
            c.wait_for_idle();
            std::map<std::pair<unsigned, std::uint32_t>, accesses> want;
            std::map<std::pair<unsigned, std::uint32_t>, accesses> have;
            const accesses reached = c.pins.memory.log;
            for (const world_memory::access &each : reached)
                if (each.port < static_cast<int>(tbus))
                    have[{each.port, each.id}].push_back(each);
            for (const piece_of_work *each : c.begun) {
                piece_of_work again = *each;
                c.plain.memory.log.clear();
                do_it(c.plain, again);
                ASSERT_EQ(again.status, each->status);
                if (again.status == tlm::TLM_OK_RESPONSE) {
                    ASSERT_EQ(again.data, each->data);
                }
                for (const world_memory::access &its : c.plain.memory.log)
                    if (its.port < static_cast<int>(tbus))
                        want[{its.port, its.id}].push_back(its);
            }
            ASSERT_TRUE(want == have);
            ASSERT_EQ(kinds(c.plain.events()), kinds(c.pins.events()));
        }
    });
}

// The reset comes anywhere in the traffic.
TEST(pin_smmuv3_worlds, go_on_after_a_reset_in_the_middle_of_traffic)
{
    crowd<pin_smmuv3_buses> c(7);
    c.pins.stutter(8);
    c.pins.memory.latency = sc_core::sc_time(31, sc_core::SC_NS);
    std::size_t failed = 0;
    c.run([&] {
        for (unsigned round = 0; round < 40 && !testing::Test::HasFatalFailure(); round++) {
            c.build();
            c.begin(c.reads(400));
            sc_core::wait(static_cast<double>(c.rng.between(50, 3000)), sc_core::SC_NS);
            c.stop = true;
            c.pins.submit(support::cfgi_all());
            c.pins.reset(
                sc_core::sc_time(static_cast<double>(c.rng.between(20, 90)), sc_core::SC_NS));
            c.pins.memory.log.clear();
            c.wait_for_idle();
            failed += static_cast<std::size_t>(
                std::count_if(c.begun.begin(), c.begun.end(), [](const piece_of_work *each) {
                    return each->status != tlm::TLM_OK_RESPONSE;
                }));
            sc_core::wait(500, sc_core::SC_NS);
            ASSERT_TRUE(c.pins.idle());
            ASSERT_EQ(c.pins.memory.log.size(), 0u) << "of before the reset";
            ASSERT_EQ(c.pins.read32(support::reg::CR0), 0u);
            c.pins.bring_up(c.dut, evtq_log2);
            c.plain.smmu.reset();
            c.plain.bring_up(c.dut, evtq_log2);
            c.compare_round(8);
        }
    });
    EXPECT_GT(failed, 40u);
}

// Nothing waits for ever, whichever READY comes late.
TEST(pin_smmuv3_worlds, do_not_lock_up_when_every_ready_drops_at_random)
{
    crowd<narrow_buses> c(9);
    c.pins.stutter(10);
    constexpr std::uint64_t enough = 1'000'000;
    std::size_t transactions = 0;
    c.run([&] {
        while (c.cycles < enough && !testing::Test::HasFatalFailure()) {
            c.build();
            c.begin(c.reads(400));
            c.wait_for_idle();
            transactions += c.begun.size();
            c.pins.events();
        }
    });
    std::cout << c.cycles << " cycles, " << transactions << " transactions\n";
    EXPECT_GE(c.cycles, enough);
}

} // namespace

} // namespace pins_test::test_pin_smmuv3_worlds
