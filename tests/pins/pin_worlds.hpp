// SPDX-License-Identifier: Apache-2.0
// Random worlds of the core's tests on an SMMU with pins, and on that of TLM beside it.
#ifndef TESTS_PINS_PIN_WORLDS_HPP
#define TESTS_PINS_PIN_WORLDS_HPP

#include <functional>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "../core/random_world.hpp"
#include "../tlm/error_log.hpp"
#include "smmu_machine.hpp"
#include "support/events.hpp"

namespace pins_test {

using record = std::array<std::uint64_t, 4>;

constexpr unsigned tbus = 2;
constexpr unsigned evtq_log2 = 8;

// Narrow buses, and a programming port of AXI4-Lite.
struct narrow_buses : smmu::pins::pin_smmuv3_buses {
    using device = smmu::pins::axi5_untranslated<64, 4, 64>;
    using memory = smmu::pins::axi5<32, 6, 52>;
    using walk = smmu::pins::axi5<64, 4, 52>;
    using prog = smmu::pins::axi4_lite<32, 20>;
};

// Without atomic transactions: descriptors are updated by the back door.
struct plain_buses : smmu::pins::pin_smmuv3_buses {
    using memory = smmu::pins::axi4<256, 8, 52>;
    using walk = smmu::pins::axi4<128, 2, 52>;
};

inline smmu_config world_config(smmu_stall_model stalls = SMMU_TERMINATE_ONLY)
{
    smmu_config cfg = smmu_config_default();
    cfg.httu = SMMU_HTTU_DIRTY;
    cfg.stall_model = stalls;
    return cfg;
}

// An SMMU that takes its time, so that accesses overlap in it.
inline smmu::timing slow()
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

inline void do_it(smmu_machine &on, piece_of_work &it)
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

// Software that lets what stalls go: how, follows from the record; a retry comes once, and finds
// what was there before.
class stall_software {
  public:
    explicit stall_software(smmu_machine &on) : on_(on) {}

    void serve(const std::vector<record> &records)
    {
        for (const record &each : records) {
            const support::event fault = support::event::decode({each});
            if (!fault.stall)
                continue;
            on_.submit(support::cmd_resume(fault.sid, fault.stag, action_for(each, fault)));
            stalls++;
        }
    }

    // `it`, while software looks on.
    void serve_during(piece_of_work &it)
    {
        bool done = false;
        sc_core::sc_spawn([&] {
            do_it(on_, it);
            done = true;
        });
        const sc_core::sc_time look(40, sc_core::SC_NS);
        for (sc_core::wait(look); !done; sc_core::wait(look))
            serve(on_.new_records());
    }

    std::size_t stalls = 0;

  private:
    support::resume_action action_for(record of, const support::event &fault)
    {
        using support::resume_action;
        constexpr std::uint64_t stag = 0xffff;
        of[1] &= ~stag;
        switch ((fault.input_addr >> 12 ^ fault.sid) % 3) {
        case 0:
            return resume_action::terminate_abort;
        case 1:
            return resume_action::terminate_razwi;
        default:
            return retried_[of]++ ? resume_action::terminate_abort : resume_action::retry;
        }
    }

    smmu_machine &on_;
    std::map<record, unsigned> retried_;
};

// Both machines in one world.
template <class BUSES, class STYLE> struct worlds {
    explicit worlds(std::uint64_t seed, const smmu_config &cfg = world_config())
        : rng(seed), dut(cfg), world(dut, rng), plain("plain", dut.mem, {cfg, {}, tbus, {}}),
          pins("pins", dut.mem, {cfg, slow(), tbus, {}}, {10, sc_core::SC_NS},
               {17.3, sc_core::SC_NS})
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
        const bool high = smmu::pins::level_of(pins.evtq.read()) == smmu::pins::pin_level::high;
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
        EXPECT_EQ(errors.texts, std::vector<std::string>());
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
        plain_software.serve_during(one);
        pin_software.serve_during(other);
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
    stall_software plain_software{plain}, pin_software{pins};
    std::uint64_t cycles = 0;
    unsigned pulses = 0;
    bool was_high = false;
    std::size_t forwarded = 0, faults = 0;
};

// Accesses by several processes at once on the SMMU with pins.
template <class BUSES> struct crowd : worlds<BUSES, smmu::pins::two_state> {
    using worlds<BUSES, smmu::pins::two_state>::worlds;
    static constexpr unsigned workers = 10;

    std::deque<piece_of_work> all;
    std::vector<const piece_of_work *> begun; // in the order of their beginnings
    std::size_t next = 0;
    unsigned running = 0;
    bool stop = false;
    bool served = false;      // software lets go what stalls
    std::vector<record> seen; // by it
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
                if (served)
                    serve();
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

    void serve()
    {
        const std::vector<record> fresh = this->pins.events();
        this->pin_software.serve(fresh);
        seen.insert(seen.end(), fresh.begin(), fresh.end());
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

} // namespace pins_test

#endif
