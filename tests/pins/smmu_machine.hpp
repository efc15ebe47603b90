// SPDX-License-Identifier: Apache-2.0
// An SMMU with memory, a CPU and devices, which are the same whether the SMMU has pins or not.
#ifndef TESTS_PINS_SMMU_MACHINE_HPP
#define TESTS_PINS_SMMU_MACHINE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "../tlm/initiator.hpp"
#include "smmu/pins/apb_checker.hpp"
#include "smmu/pins/axi_checker.hpp"
#include "smmu/pins/pin_smmuv3.hpp"
#include "smmu/pins/tlm_to_apb.hpp"
#include "support/device_under_test.hpp"
#include "support/random.hpp"

namespace pins_test {

// Memory that begins as what software has stored in another one, and as noise elsewhere. Knows
// atomic operations and compare-and-swap.
class world_memory : public sc_core::sc_module {
  public:
    static constexpr std::size_t page_size = 4096;
    using page = std::array<unsigned char, page_size>;

    sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<world_memory>> ports;

    world_memory(const sc_core::sc_module_name &name, const support::memory &first,
                 unsigned port_count);
    ~world_memory() override;

    struct access {
        std::uint64_t address;
        unsigned length;
        bool write; // and not atomic: an update of a descriptor is atomic, or a read
        int port;   // its number
        std::uint32_t id;
        smmu_pas pas;

        bool operator==(const access &other) const
        {
            return address == other.address && length == other.length && write == other.write &&
                   port == other.port && pas == other.pas;
        }
    };
    std::vector<access> log;
    sc_core::sc_time latency; // of each access, more or less

    // What it has become, by page number.
    const std::unordered_map<std::uint64_t, page> &pages() const { return pages_; }
    void store64(std::uint64_t address, std::uint64_t value);
    std::uint64_t load64(std::uint64_t address);
    // Begins anew.
    void forget() { pages_.clear(); }

  private:
    unsigned char &byte(std::uint64_t address);
    void b_transport(int id, tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    unsigned transport_dbg(int id, tlm::tlm_generic_payload &payload);
    void move(tlm::tlm_generic_payload &payload);

    const support::memory &first_;
    std::unordered_map<std::uint64_t, page> pages_;
};

// The machine but for its SMMU. What is called in a process.
class smmu_machine : public sc_core::sc_module {
  public:
    // Ports of the memory are those of `tbus` TBUs, of walks and, with `backdoor`, of that.
    smmu_machine(const sc_core::sc_module_name &name, const support::memory &first, unsigned tbus,
                 bool backdoor);
    ~smmu_machine() override;

    world_memory memory;
    tlm_test::initiator cpu{"cpu"};
    sc_core::sc_vector<tlm_test::initiator> devices; // one at each TBU

    std::uint32_t read32(std::uint32_t offset);
    void write32(std::uint32_t offset, std::uint32_t value);
    void write64(std::uint32_t offset, std::uint64_t value);
    // Registers and queues as `dut` has them, which has been brought up; enables the SMMU.
    void bring_up(support::device_under_test &dut, unsigned evtq_log2);
    void submit(const support::command &command);
    // Waits until all commands have been consumed; false if they are not.
    bool sync();
    // Records of the Event queue since the last call.
    std::vector<std::array<std::uint64_t, 4>> events();
    // Those that have come since the last call of either; they stay in the queue.
    std::vector<std::array<std::uint64_t, 4>> new_records();

  private:
    std::vector<std::array<std::uint64_t, 4>> records_from(std::uint32_t index);

    std::uint32_t cmdq_prod_ = 0;
    std::uint32_t evtq_cons_ = 0;
    std::uint32_t evtq_seen_ = 0;
    unsigned evtq_log2_ = 0;
};

// With the SMMU of TLM.
class tlm_machine : public smmu_machine {
  public:
    tlm_machine(const sc_core::sc_module_name &name, const support::memory &first,
                const smmu::pins::pin_smmuv3_setup &setup);

    smmu::smmuv3 smmu;
    sc_core::sc_signal<bool> evtq{"evtq"};
    unsigned evtq_pulses = 0;
};

// The other side of a programming port: APB.
template <class C, class STYLE, class = void>
class programming_side : public smmu::pins::tlm_to_apb<C, STYLE> {
  public:
    using wires = smmu::pins::apb_wires<C, STYLE>;
    using checker = smmu::pins::apb_checker<C, STYLE>;

    using smmu::pins::tlm_to_apb<C, STYLE>::tlm_to_apb;
    template <class Clock, class Reset>
    void connect(Clock &clock, Reset &reset_n, wires &to, checker &watch)
    {
        this->PCLK(clock);
        this->PRESETn(reset_n);
        this->apb.bind(to);
        watch.PCLK(clock);
        watch.PRESETn(reset_n);
        watch.apb.bind(to);
    }
};

// AXI4-Lite.
template <class C, class STYLE>
class programming_side<C, STYLE, std::void_t<decltype(C::bursts)>>
    : public smmu::pins::tlm_to_axi<C, STYLE> {
  public:
    using wires = smmu::pins::axi_wires<C, STYLE>;
    using checker = smmu::pins::axi_checker<C, STYLE>;

    using smmu::pins::tlm_to_axi<C, STYLE>::tlm_to_axi;
    template <class Clock, class Reset>
    void connect(Clock &clock, Reset &reset_n, wires &to, checker &watch)
    {
        this->ACLK(clock);
        this->ARESETn(reset_n);
        this->axi.bind(to);
        watch.ACLK(clock);
        watch.ARESETn(reset_n);
        watch.axi.bind(to);
    }
};

// With the SMMU with pins: bridges from TLM to pins and back around it, and checkers on all buses.
template <class BUSES, class STYLE> class pin_machine : public smmu_machine {
    using level = typename STYLE::template value<1>;
    using device = typename BUSES::device;
    using memory_bus = typename BUSES::memory;
    using walk_bus = typename BUSES::walk;
    using prog_bus = typename BUSES::prog;
    using prog_port = programming_side<prog_bus, STYLE>;

  public:
    pin_machine(const sc_core::sc_module_name &name, const support::memory &first,
                const smmu::pins::pin_smmuv3_setup &setup, const sc_core::sc_time &aclk_period,
                const sc_core::sc_time &pclk_period)
        : smmu_machine(name, first, setup.tbus, true), aclk("aclk", aclk_period),
          pclk("pclk", pclk_period), smmu("smmu", setup), to_dev_("to_dev", setup.tbus),
          from_mem_("from_mem", setup.tbus)
    {
        smmu.ACLK(aclk);
        smmu.PCLK(pclk);
        smmu.ARESETn(reset_n);
        for (unsigned i = 0; i < setup.tbus; i++) {
            devices[i].socket.bind(to_dev_[i].socket);
            connect(dev_wires_.emplace_back("dev" + std::to_string(i) + "_wires_"), to_dev_[i],
                    smmu.dev[i]);
            from_mem_[i].socket.bind(memory.ports[i]);
            connect(mem_wires_.emplace_back("mem" + std::to_string(i) + "_wires_"), from_mem_[i],
                    smmu.mem[i]);
        }
        from_walk_.socket.bind(memory.ports[setup.tbus]);
        smmu.walk_backdoor().bind(memory.ports[setup.tbus + 1]);
        connect(walk_wires_, from_walk_, smmu.walk);
        cpu.socket.bind(to_prog_.socket);
        smmu.prog.bind(prog_wires_);
        to_prog_.connect(pclk, reset_n, prog_wires_, prog_checker_);
        smmu.irq_evtq.bind(evtq);
    }

    sc_core::sc_clock aclk, pclk;
    sc_core::sc_signal<level> reset_n{"reset_n", level(false)};
    sc_core::sc_signal<level> evtq{"evtq"};
    smmu::pins::pin_smmuv3<BUSES, STYLE> smmu;

    // Suspends the process until out of reset, which lasts `time`.
    void reset(const sc_core::sc_time &time)
    {
        reset_n = level(false);
        wait(time);
        reset_n = level(true);
        while (!smmu.is_running())
            wait(aclk.posedge_event());
        wait(aclk.posedge_event());
    }
    // READY and VALID of both sides come at random from now on.
    void stutter(std::uint64_t seed)
    {
        chance_ = support::random_source(seed);
        const smmu::pins::axi_throttle throttle = [this](smmu::pins::axi_channel) {
            return chance_.one_in(3);
        };
        smmu.set_throttle(throttle);
        for (unsigned i = 0; i < to_dev_.size(); i++) {
            to_dev_[i].set_throttle(throttle);
            from_mem_[i].set_throttle(throttle);
        }
        from_walk_.set_throttle(throttle);
    }
    // The bridge from what TBU `number` sends to memory.
    smmu::pins::axi_to_tlm_base &from_mem(unsigned number) { return from_mem_[number]; }
    unsigned long complaints() const
    {
        unsigned long all = prog_checker_.complaints();
        for (const auto &each : checkers_)
            all += each->complaints();
        return all;
    }
    bool idle() const
    {
        std::size_t all = smmu.in_flight() + prog_checker_.in_flight();
        for (const auto &each : checkers_)
            all += each->in_flight();
        return all == 0;
    }

  private:
    template <class C, class Bridge, class Pins>
    void connect(smmu::pins::axi_wires<C, STYLE> &wires, Bridge &bridge, Pins &pins)
    {
        bridge.ACLK(aclk);
        bridge.ARESETn(reset_n);
        bridge.axi.bind(wires);
        pins.bind(wires);
        auto checker = std::make_unique<smmu::pins::axi_checker<C, STYLE>>(
            ("checker" + std::to_string(checkers_.size())).c_str());
        checker->ACLK(aclk);
        checker->ARESETn(reset_n);
        checker->axi.bind(wires);
        checkers_.push_back(std::move(checker));
    }

    std::deque<smmu::pins::axi_wires<device, STYLE>> dev_wires_;
    std::deque<smmu::pins::axi_wires<memory_bus, STYLE>> mem_wires_;
    smmu::pins::axi_wires<walk_bus, STYLE> walk_wires_{"walk_wires_"};
    typename prog_port::wires prog_wires_{"prog_wires_"};
    sc_core::sc_vector<smmu::pins::tlm_to_axi<device, STYLE>> to_dev_;
    sc_core::sc_vector<smmu::pins::axi_to_tlm<memory_bus, STYLE>> from_mem_;
    smmu::pins::axi_to_tlm<walk_bus, STYLE> from_walk_{"from_walk"};
    prog_port to_prog_{"to_prog"};
    typename prog_port::checker prog_checker_{"prog_checker"};
    std::vector<std::unique_ptr<smmu::pins::axi_checker_base>> checkers_;
    support::random_source chance_{0};
};

} // namespace pins_test

#endif
