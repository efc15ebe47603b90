// SPDX-License-Identifier: Apache-2.0
// What the SystemC component does is recorded, and the C library does the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "initiator.hpp"
#include "ram.hpp"
#include "smmu/pins/apb_to_tlm.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/pins/tlm_to_apb.hpp"
#include "smmu/pins/tlm_to_axi.hpp"
#include "smmu/replay/apb_recorder.hpp"
#include "smmu/replay/axi_recorder.hpp"
#include "smmu/replay/call_recorders.hpp"
#include "smmu/replay/replay.hpp"
#include "smmu/tlm/smmuv3.hpp"
#include "support/random.hpp"
#include "support/registers.hpp"
#include "support/tables.hpp"

namespace test_recorder {

namespace {

namespace reg = support::reg;
using tlm_test::initiator;
using tlm_test::ram;

constexpr std::uint64_t cmdq = ram::base;
constexpr std::uint64_t evtq = ram::base + 0x1'0000;
constexpr std::uint64_t strtab = ram::base + 0x2'0000;
constexpr std::uint64_t tables = ram::base + 0x10'0000;
constexpr std::uint64_t data = ram::base + 0x80'0000;
constexpr unsigned streams = 4;
constexpr unsigned pages = 6;

smmu_config config()
{
    smmu_config cfg = smmu_config_default();
    cfg.sid_bits = 6;
    cfg.btm = true;
    return cfg;
}

using smmu::recorded_interface;

// Recorders on sockets, and on the reset wire.
struct sockets {
    static constexpr bool any_access = true;

    explicit sockets(smmu::log_recorder &log)
        : prog("prog", log, recorded_interface::prog), dev("dev", log, recorded_interface::dev),
          mem("mem", log, recorded_interface::mem), walk("walk", log, recorded_interface::walk),
          reset_wire("reset_wire", log)
    {
        reset_wire.reset(reset);
    }
    void drive_reset(bool active) { reset = active; }

    sc_core::sc_signal<bool> reset{"reset"};
    smmu::socket_recorder<> prog, dev, mem, walk;
    smmu::reset_recorder reset_wire;
};

// A hop over pins, with a recorder on them.
template <class C> class pin_hop : public sc_core::sc_module {
  public:
    pin_hop(const sc_core::sc_module_name &name, smmu::log_recorder &log, recorded_interface which,
            sc_core::sc_clock &clock, sc_core::sc_signal<bool> &reset_n)
        : sc_module(name), recorder_("recorder", log, which)
    {
        to_pins_.ACLK(clock);
        to_tlm_.ACLK(clock);
        recorder_.ACLK(clock);
        to_pins_.ARESETn(reset_n);
        to_tlm_.ARESETn(reset_n);
        recorder_.ARESETn(reset_n);
        to_pins_.axi.bind(wires_);
        to_tlm_.axi.bind(wires_);
        recorder_.axi.bind(wires_);
    }

  private:
    smmu::pins::axi_wires<C> wires_{"wires_"};
    smmu::pins::tlm_to_axi<C> to_pins_{"to_pins"};
    smmu::pins::axi_to_tlm<C> to_tlm_{"to_tlm"};
    smmu::axi_recorder<C> recorder_;

  public:
    tlm::tlm_target_socket<> &target_socket = to_pins_.socket;
    tlm::tlm_initiator_socket<> &initiator_socket = to_tlm_.socket;
};

// The same on APB.
class apb_hop : public sc_core::sc_module {
    using bus = smmu::pins::apb4<32, 20>;

  public:
    apb_hop(const sc_core::sc_module_name &name, smmu::log_recorder &log, recorded_interface,
            sc_core::sc_clock &clock, sc_core::sc_signal<bool> &reset_n)
        : sc_module(name), recorder_("recorder", log)
    {
        to_pins_.PCLK(clock);
        to_tlm_.PCLK(clock);
        recorder_.PCLK(clock);
        to_pins_.PRESETn(reset_n);
        to_tlm_.PRESETn(reset_n);
        recorder_.PRESETn(reset_n);
        to_pins_.apb.bind(wires_);
        to_tlm_.apb.bind(wires_);
        recorder_.apb.bind(wires_);
    }

  private:
    smmu::pins::apb_wires<bus> wires_{"wires_"};
    smmu::pins::tlm_to_apb<bus> to_pins_{"to_pins"};
    smmu::pins::apb_to_tlm<bus> to_tlm_{"to_tlm"};
    smmu::apb_recorder<bus> recorder_;

  public:
    tlm::tlm_target_socket<> &target_socket = to_pins_.socket;
    tlm::tlm_initiator_socket<> &initiator_socket = to_tlm_.socket;
};

// Recorders on pins. An access is one burst: of several, which are under way together, the records
// of faults may have another order than the responses.
template <class PROG> struct buses {
    static constexpr bool any_access = false;

    explicit buses(smmu::log_recorder &log)
        : prog("prog", log, recorded_interface::prog, clock, reset_n),
          dev("dev", log, recorded_interface::dev, clock, reset_n),
          mem("mem", log, recorded_interface::mem, clock, reset_n),
          walk("walk", log, recorded_interface::walk, clock, reset_n)
    {
    }
    void drive_reset(bool active)
    {
        reset = active;
        reset_n = !active;
    }

    sc_core::sc_clock clock{"clock", sc_core::sc_time(5, sc_core::SC_NS)};
    sc_core::sc_signal<bool> reset{"reset"};
    sc_core::sc_signal<bool> reset_n{"reset_n", true};
    PROG prog;
    pin_hop<smmu::pins::axi5_untranslated<64, 4, 64>> dev;
    pin_hop<smmu::pins::axi5<64, 4, 48>> mem;
    pin_hop<smmu::pins::axi5<128, 4, 48>> walk;
};

using lite_buses = buses<pin_hop<smmu::pins::axi4_lite<32, 20>>>;
using apb_buses = buses<apb_hop>;

// A Root Complex whose endpoints have nothing cached.
class root_complex : public sc_core::sc_module, public smmu::ats_client {
  public:
    explicit root_complex(const sc_core::sc_module_name &name) : sc_module(name) {}

    sc_core::sc_port<smmu::ats_server> server{"server"};
    unsigned invalidations = 0, responses = 0;

    void invalidate(const smmu_atc_inv &) override { invalidations++; }
    bool wait_invalidated(std::uint32_t) override { return true; }
    void respond(const smmu_prg_response &) override { responses++; }
};

// An SMMU between recorders, and software that maps and unmaps.
template <class Hops> class recorded : public sc_core::sc_module {
  public:
    recorded(const sc_core::sc_module_name &name, std::uint64_t seed, bool approximately)
        : sc_module(name), smmu("smmu", config(), times(approximately)), random(seed)
    {
        cpu.socket.bind(hops.prog.target_socket);
        hops.prog.initiator_socket.bind(smmu.prog());
        device.socket.bind(hops.dev.target_socket);
        hops.dev.initiator_socket.bind(smmu.dev());
        smmu.mem().bind(hops.mem.target_socket);
        hops.mem.initiator_socket.bind(memory.port);
        smmu.walk().bind(hops.walk.target_socket);
        hops.walk.initiator_socket.bind(memory.port);
        smmu.irq_evtq().bind(evtq_wire);
        smmu.irq_priq().bind(priq_wire);
        smmu.irq_cmd_sync().bind(sync_wire);
        smmu.irq_gerror().bind(gerror_wire);
        interrupts.evtq(evtq_wire);
        interrupts.priq(priq_wire);
        interrupts.cmd_sync(sync_wire);
        interrupts.gerror(gerror_wire);
        memory.swaps = random.coin();
        smmu.reset_in().bind(hops.reset);
        ats.server.bind(smmu.ats());
        smmu.ats_clients().bind(ats);
        smmu.ats_clients().bind(root);
        root.server.bind(ats);
        broadcasts.broadcast.bind(smmu.broadcast());
    }

    std::string run(unsigned steps)
    {
        sc_core::sc_spawn([this, steps] {
            wait(10, sc_core::SC_NS);
            bring_up();
            for (unsigned i = 0; i < steps; i++)
                step();
            wait(1, sc_core::SC_US);
            done = true;
        });
        for (unsigned i = 0; i < 100 && !done; i++)
            sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_US));
        EXPECT_TRUE(done);
        return log.str();
    }

  private:
    static smmu::timing times(bool approximately)
    {
        smmu::timing made;
        if (approximately)
            made.mode = smmu::timing_mode::approximately_timed;
        return made;
    }

    void write32(std::uint32_t offset, std::uint32_t value) { write(offset, value, 4); }
    void write(std::uint32_t offset, std::uint64_t value, unsigned size)
    {
        std::vector<unsigned char> bytes(size);
        for (unsigned i = 0; i < size; i++)
            bytes[i] = static_cast<unsigned char>(value >> 8 * i);
        auto access = tlm_test::write_of(offset, bytes);
        ASSERT_EQ(cpu.send(access), tlm::TLM_OK_RESPONSE);
    }

    void submit(const support::command &command)
    {
        memory.store_image(cmdq + 16 * (prod % 64), command);
        prod = (prod + 1) % 128;
        write32(reg::CMDQ_PROD, prod);
    }
    void sync()
    {
        submit(support::cmd_sync());
        wait(1, sc_core::SC_US);
        auto access = tlm_test::read_of(reg::CR0, 4);
        ASSERT_EQ(cpu.send(access), tlm::TLM_OK_RESPONSE);
    }

    void publish()
    {
        const std::uint64_t end = frames.allocate(0, 8);
        for (std::uint64_t at = tables; at < end; at += 8)
            memory.store64(at, scratch.load64(at));
    }

    void bring_up()
    {
        for (unsigned sid = 0; sid < streams; sid++) {
            table.push_back(std::make_unique<support::translation_table>(scratch, frames));
            support::ste ste;
            support::cd cd;
            ste.config = support::STE_S1_TRANS;
            ste.eats = 1;
            ste.s1contextptr = frames.allocate(64, 64);
            cd.asid = sid + 1;
            cd.ttb0 = table[sid]->base();
            cd.epd1 = 1;
            scratch.store_image(ste.s1contextptr, cd.encode());
            memory.store_image(strtab + 64 * sid, ste.encode());
        }
        publish();
        enable();
    }

    void enable()
    {
        write32(reg::CR2, 0); // takes part in broadcasts
        write(reg::STRTAB_BASE, strtab, 8);
        write32(reg::STRTAB_BASE_CFG, 6);
        write(reg::CMDQ_BASE, cmdq | 6, 8);
        write(reg::EVENTQ_BASE, evtq | 6, 8);
        write32(reg::IRQ_CTRL, reg::IRQ_EVENTQ | reg::IRQ_GERROR);
        write32(reg::CR0, reg::CR0_SMMUEN | reg::CR0_EVENTQEN | reg::CR0_CMDQEN);
    }

    std::uint64_t any_page() { return 0x4000'0000 + (random.below(pages) << 12); }

    void step()
    {
        const auto sid = static_cast<std::uint32_t>(random.below(streams));
        switch (random.below(12)) {
        case 0: {
            support::leaf_attributes leaf;
            leaf.ap = random.coin() ? support::AP_ALL_RW : support::AP_ALL_RO;
            table[sid]->map(any_page(), data + (random.below(256) << 12), 3, leaf);
            publish();
            break;
        }
        case 1: {
            const std::uint64_t va = any_page();
            table[sid]->unmap(va);
            publish();
            submit(support::tlbi_nh_va(va, sid + 1));
            sync();
            break;
        }
        case 2:
            submit(random.coin() ? support::tlbi_nh_asid(sid + 1) : support::cfgi_ste(sid));
            sync();
            break;
        case 3:
            ask_by_ats(sid);
            break;
        case 4:
            invalidate_atc(sid);
            break;
        case 5:
            broadcast(sid);
            break;
        case 6:
            if (random.one_in(4))
                reset_amid_traffic(sid);
            break;
        default:
            access(sid);
            break;
        }
    }

    void invalidate_atc(std::uint32_t sid)
    {
        support::atc_inv pages;
        pages.sid = sid;
        pages.address = any_page();
        submit(support::cmd_atc_inv(pages));
        sync();
    }

    void ask_by_ats(std::uint32_t sid)
    {
        sc_core::sc_time delay;
        smmu_ats_completion completion = {};
        smmu_ats_request request = {};
        request.addr = any_page();
        request.sid = random.one_in(10) ? 63 : sid;
        request.stus = 1;
        request.nw = random.coin();
        root.server->translate(request, completion, delay);
        granted += completion.r;
        smmu_page_request page = {};
        page.addr = request.addr;
        page.sid = sid;
        page.prgi = static_cast<std::uint16_t>(random.below(512));
        page.last = page.r = true;
        if (random.coin())
            root.server->request_page(page, delay);
        wait(delay);
    }

    void broadcast(std::uint32_t sid)
    {
        smmu_dvm dvm = {};
        dvm.op = SMMU_DVM_VA;
        dvm.world = SMMU_WORLD_NS_EL1;
        dvm.asid = static_cast<std::uint16_t>(sid + 1);
        dvm.addr = any_page();
        table[sid]->unmap(dvm.addr);
        if (random.coin()) { // a range of two pages
            dvm.range = true;
            dvm.tg = 1;
            table[sid]->unmap(dvm.addr + 4096);
        }
        publish();
        broadcasts.tlbi(dvm);
        broadcasts.dsb();
    }

    void reset_amid_traffic(std::uint32_t sid)
    {
        bool ended = false;
        sc_core::sc_spawn([this, sid, &ended] {
            access(sid);
            ended = true;
        });
        wait(sc_core::sc_time(static_cast<double>(random.below(200)), sc_core::SC_NS));
        hops.drive_reset(true);
        wait(20, sc_core::SC_NS);
        hops.drive_reset(false);
        while (!ended)
            wait(20, sc_core::SC_NS);
        wait(1, sc_core::SC_US);
        prod = 0;
        resets++;
        enable();
    }

    // Within a page and across pages, of streams that are there and of one that is not.
    void access(std::uint32_t sid)
    {
        std::uint64_t address = any_page() + random.below(4096);
        auto length = static_cast<unsigned>(random.between(1, random.one_in(4) ? 5000 : 64));
        if (!Hops::any_access) {
            length = random.coin() ? 8 : 64;
            address -= address % length;
        }
        auto access = random.coin()
                          ? tlm_test::read_of(address, length)
                          : tlm_test::write_of(address, std::vector<unsigned char>(length));
        smmu::attributes attributes;
        attributes.sid = random.one_in(10) ? 63 : sid;
        attributes.priv = random.coin();
        access.extend(attributes);
        device.send(access);
    }

  public:
    std::ostringstream log;
    smmu::log_recorder recorder{log};
    ram memory{"memory"};
    smmu::smmuv3 smmu;
    initiator cpu{"cpu"};
    initiator device{"device"};
    Hops hops{recorder};
    smmu::interrupt_recorder interrupts{"interrupts", recorder};
    smmu::ats_recorder ats{"ats", recorder};
    smmu::broadcast_recorder broadcasts{"broadcasts", recorder};
    root_complex root{"root"};
    unsigned granted = 0; // by ATS
    unsigned resets = 0;
    sc_core::sc_signal<bool> evtq_wire{"evtq_wire"}, priq_wire{"priq_wire"}, sync_wire{"sync_wire"},
        gerror_wire{"gerror_wire"};

  private:
    support::random_source random;
    support::memory scratch;
    support::frame_allocator frames{tables};
    std::vector<std::unique_ptr<support::translation_table>> table;
    std::uint32_t prod = 0;
    bool done = false;
};

void replay(const std::string &text)
{
    std::istringstream log(text);
    smmu::replay_counts counts;
    const smmu_config cfg = config();
    const std::vector<smmu::log_row> rows = smmu::read_log(log, ".");
    const std::optional<std::string> found = smmu::replay_log(cfg, rows, counts);
    EXPECT_EQ(found.value_or(""), "");
    EXPECT_GT(counts.transactions, 100u);
    EXPECT_GT(counts.writes, 100u);
    EXPECT_GT(counts.interrupts, 0u);
}

template <class Hops> void expect_no_difference(const std::tuple<std::uint64_t, bool> &how)
{
    recorded<Hops> bench("bench", std::get<0>(how), std::get<1>(how));
    replay(bench.run(600));
    EXPECT_GT(bench.granted, 5u);
    EXPECT_GT(bench.root.invalidations, 10u);
    EXPECT_GT(bench.root.responses, 10u);
    EXPECT_GT(bench.resets, 2u);
    EXPECT_GT(bench.smmu.stats().broadcasts, 10u);
}

} // namespace

class RecordedRun : public testing::TestWithParam<std::tuple<std::uint64_t, bool>> {};

TEST_P(RecordedRun, OfSocketsIsReplayedWithoutDifference)
{
    expect_no_difference<sockets>(GetParam());
}

TEST_P(RecordedRun, OfPinsIsReplayedWithoutDifference)
{
    expect_no_difference<lite_buses>(GetParam());
}

TEST_P(RecordedRun, OfPinsWithApbIsReplayedWithoutDifference)
{
    expect_no_difference<apb_buses>(GetParam());
}

INSTANTIATE_TEST_SUITE_P(SeedsAndTimings, RecordedRun,
                         testing::Combine(testing::Values(1, 2, 3), testing::Bool()));

// A TLBI that has not been recorded leaves something stale in the model.
TEST(Recorder, LostBroadcastIsFound)
{
    recorded<sockets> bench("bench", 7, false);
    std::istringstream log(bench.run(600));
    std::vector<smmu::log_row> rows = smmu::read_log(log, ".");
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [](const auto &row) { return row.what == smmu::log_record::tlbi; }),
               rows.end());
    smmu::replay_counts counts;
    EXPECT_TRUE(smmu::replay_log(config(), rows, counts));
}

// A device whose process is killed in its transaction leaves nothing that a later row would begin.
TEST(Recorder, KilledProcessLeavesNothingBehind)
{
    std::ostringstream text;
    smmu::log_recorder log{text};
    smmu::socket_recorder<> dev("dev", log, recorded_interface::dev);
    initiator device("device");
    ram memory("memory");
    memory.before = [](std::uint64_t) { sc_core::wait(1, sc_core::SC_US); };
    device.socket.bind(dev.target_socket);
    dev.initiator_socket.bind(memory.port);
    sc_core::sc_spawn([&] {
        sc_core::sc_process_handle process = sc_core::sc_spawn([&] {
            auto access = tlm_test::read_of(ram::base, 8);
            device.send(access);
        });
        sc_core::wait(10, sc_core::SC_NS);
        process.kill();
        log.write(smmu::log_row(smmu::log_record::reset));
    });
    sc_core::sc_start(2, sc_core::SC_US);
    std::istringstream again(text.str());
    EXPECT_EQ(smmu::read_log(again, ".").size(), 1u);
}

// One answer of the component is changed in its log: the replay finds it.
TEST(Recorder, ChangedOutputIsFound)
{
    recorded<sockets> bench("bench", 7, false);
    std::istringstream log(bench.run(200));
    std::vector<smmu::log_row> rows = smmu::read_log(log, ".");
    smmu::replay_counts counts;
    for (smmu::log_row &row : rows)
        if (row.what == smmu::log_record::out) {
            row.set(smmu::log_column::out_mair, std::uint64_t{0x44});
            const std::optional<std::string> found = smmu::replay_log(config(), rows, counts);
            ASSERT_TRUE(found);
            EXPECT_NE(found->find("out_mair 0x44"), std::string::npos) << *found;
            return;
        }
    FAIL() << "nothing has left";
}

} // namespace test_recorder
