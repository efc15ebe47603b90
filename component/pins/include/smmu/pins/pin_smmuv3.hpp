// SPDX-License-Identifier: Apache-2.0
// A whole SMMU with pins: what a testbench holds where RTL of an SMMU will be.
#ifndef SMMU_PINS_PIN_SMMUV3_HPP
#define SMMU_PINS_PIN_SMMUV3_HPP

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <systemc>

#include "smmu/pins/apb_to_tlm.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/pins/register_map.hpp"
#include "smmu/pins/tlm_to_axi.hpp"
#include "smmu/tlm/pmcg.hpp"
#include "smmu/tlm/smmuv3.hpp"

namespace smmu::pins {

// Which buses a pin_smmuv3 has: configurations of axi_config.hpp and apb_bundle.hpp. What differs
// is declared again by a type that derives from it.
struct pin_smmuv3_buses {
    using device = axi5_untranslated<128, 8, 64>; // from devices, to each TBU
    using memory = axi5<128, 8, 52>;              // from each TBU, what has been translated
    using walk = axi5<128, 4, 52>;                // tables, queues, interrupt messages
    using prog = apb4<32, 32>;                    // registers: APB4, APB5 or AXI4-Lite
};

// What a pin_smmuv3 is: what the SMMU of smmu/tlm/smmuv3.hpp is made from.
struct pin_smmuv3_setup {
    smmu_config config = smmu_config_default(); // the architecture
    smmu::timing times = {};                    // how long it takes
    unsigned tbus = 1;                          // 1 to 64
    std::vector<smmu_pmcg_config> groups = {};  // counter groups
};

// The interrupt wires, and the event, in the order they are counted; those of counter groups follow
// (IHI 0070 3.18.2, 4.4).
enum class pin_smmuv3_wire {
    evtq,     // the Event queue is no longer empty
    priq,     // the PRI queue: no longer empty, or the last request of a group
    cmd_sync, // a CMD_SYNC that asks for it has completed
    gerror,   // a global error has become active
    sev,      // wakes PEs from WFE
    groups,   // how many these are
};

// A pin_smmuv3 but for what depends on its buses: clocks, reset and wires.
class pin_smmuv3_base : public sc_core::sc_module {
  public:
    ~pin_smmuv3_base() override;

    // The clock of AXI and of the interrupt wires, whose rising edge everything is sampled at and
    // driven from.
    sc_core::sc_in<bool> ACLK{"ACLK"};
    // The clock of the programming port, which may be the same.
    sc_core::sc_in<bool> PCLK{"PCLK"};

    // Transactions on the pins that have begun and not ended: of devices, of the SMMU's own, and
    // of the programming port.
    std::size_t in_flight() const;
    // Whether it is out of reset: pins are quiet until it is, however long the reset has been.
    bool is_running() const { return state_ == state::running; }

    // Limits of each port to devices, memory and tables from now on:
    // axi_to_tlm_base::set_outstanding().
    void set_outstanding(const axi_outstanding &limits);
    // Slows all of these down, for tests of what is around it.
    void set_throttle(const axi_throttle &throttle);

    // Where counter group `number` has its page 0 in the address map of the programming port: each
    // page is alone in 64 KiB, behind the registers of the SMMU (IHI 0070 10.5).
    std::uint64_t pmcg_page0(unsigned number) const;
    // The same of page 1.
    std::uint64_t pmcg_page1(unsigned number) const { return pmcg_page0(number) + page_pitch; }

  protected:
    static constexpr std::uint64_t page_pitch = 0x10000; // from one page to the next

    // Makes one whose registers have `frame` bytes, with `wires` of pin_smmuv3_wire and groups.
    pin_smmuv3_base(const sc_core::sc_module_name &name, std::uint32_t frame, std::size_t wires);

    // Its bridges, which it goes by: from devices; to memory; how many transfers of the programming
    // port are pending, and how to reset the SMMU.
    void adopt(axi_to_tlm_base &from_pins) { from_pins_.push_back(&from_pins); }
    // Likewise.
    void adopt(tlm_to_axi_base &to_pins);
    // Likewise.
    void adopt(std::function<std::size_t()> registers, tcu_base &tcu);
    // The reset input, which is to be watched.
    void watch_reset(sc_core::sc_port_base &input);
    // Where wire `number` pulses.
    sc_core::sc_signal<bool> &pulses(std::size_t number) { return *pulses_.at(number); }
    // The places of registers: the SMMU's, and the pages of `groups`.
    std::vector<register_map_base::frame> places(const std::vector<smmu_pmcg_config> &groups) const;

    // The reset input, which is active low.
    virtual pin_level aresetn() const = 0;
    // Drive resets of bridges, active low: of those to memory, and of the others.
    virtual void drive_resets(bool memory, bool clients) = 0;
    // Drive wire `number`.
    virtual void drive_wire(std::size_t number, bool high) = 0;

  private:
    enum class state {
        asserted, // in reset, or what is of before it has not ended
        memory,   // one cycle before all are out of reset
        running,  // out of reset
    };

    void aclk_edge();
    void pclk_edge();
    void reset_changes();
    void go(state to);
    void drive_state();
    bool is_drained() const;
    void drive_wires();

    const std::uint32_t frame_;
    std::vector<axi_to_tlm_base *> from_pins_;
    std::vector<tlm_to_axi_base *> to_pins_;
    std::function<std::size_t()> registers_;
    tcu_base *tcu_ = nullptr;
    state state_ = state::asserted;
    sc_core::sc_event state_changed_; // the two inputs of this may come at once
    bool aclk_seen_ = false;          // in this reset
    bool pclk_seen_ = false;          // likewise

    std::vector<std::unique_ptr<sc_core::sc_signal<bool>>> pulses_;
    std::vector<unsigned> due_; // pulses of each wire that have not been on the pins
    std::vector<bool> high_;    // the wires
};

// An interrupt wire of STYLE: like sc_out, but allowed to stay unconnected.
template <class STYLE>
using pin_wire = sc_core::sc_port<sc_core::sc_signal_inout_if<typename STYLE::template value<1>>, 1,
                                  sc_core::SC_ZERO_OR_MORE_BOUND>;

// The bridge of the programming port, for APB.
template <class C, class STYLE, unsigned BUSWIDTH, class = void>
class pin_smmuv3_prog : public apb_to_tlm<C, STYLE, BUSWIDTH> {
  public:
    using pins = apb_bundle<C, STYLE, axi_side::subordinate>; // of the SMMU

    using apb_to_tlm<C, STYLE, BUSWIDTH>::apb_to_tlm;

    // Connects it to the ports of the SMMU.
    void connect(sc_core::sc_in<bool> &clock,
                 sc_core::sc_signal<typename STYLE::template value<1>> &reset_n, pins &outside)
    {
        this->PCLK(clock);
        this->PRESETn(reset_n);
        this->apb.bind(outside);
    }
};

// The same for AXI4-Lite.
template <class C, class STYLE, unsigned BUSWIDTH>
class pin_smmuv3_prog<C, STYLE, BUSWIDTH, std::void_t<decltype(C::bursts)>>
    : public axi_to_tlm<C, STYLE, BUSWIDTH> {
  public:
    using pins = axi_subordinate_pins<C, STYLE>; // of the SMMU

    using axi_to_tlm<C, STYLE, BUSWIDTH>::axi_to_tlm;

    // Connects it to the ports of the SMMU.
    void connect(sc_core::sc_in<bool> &clock,
                 sc_core::sc_signal<typename STYLE::template value<1>> &reset_n, pins &outside)
    {
        this->ACLK(clock);
        this->ARESETn(reset_n);
        this->axi.bind(outside);
    }
};

// An SMMU with the buses of BUSES and pins of STYLE (pin_style.hpp): a smmu::smmuv3, and bridges
// before its sockets. Ports are named as in the specifications, behind prefixes: `dev0_AWVALID` and
// on for the device of TBU 0, `mem0_`, `walk_`, `prog_`.
//
// Reset is asserted at once and ends at a rising edge of ACLK, when everything that had begun
// before has ended inside: till then pins are as in reset, which AXI allows. Registers have their
// reset values then. Transactions of before reach the pins no more.
//
// An interrupt is a pulse of one cycle of ACLK; the next one is a cycle behind it or later.
template <class BUSES = pin_smmuv3_buses, class STYLE = two_state, unsigned BUSWIDTH = 32>
class pin_smmuv3 : public pin_smmuv3_base {
    using level = typename STYLE::template value<1>;
    using prog_bridge = pin_smmuv3_prog<typename BUSES::prog, STYLE, BUSWIDTH>;

  public:
    // Bundles of ports.
    using dev_pins = axi_subordinate_pins<typename BUSES::device, STYLE>; // from a device
    using mem_pins = axi_manager_pins<typename BUSES::memory, STYLE>;     // what it has asked for
    using walk_pins = axi_manager_pins<typename BUSES::walk, STYLE>;      // the SMMU's own accesses
    using prog_pins = typename prog_bridge::pins;                         // its registers

    sc_core::sc_in<level> ARESETn{"ARESETn"};     // active low, of all ports
    std::deque<dev_pins> dev;                     // of each TBU
    std::deque<mem_pins> mem;                     // likewise
    walk_pins walk{"walk_"};                      // accesses to tables and queues, and messages
    prog_pins prog{"prog_"};                      // the programming port
    pin_wire<STYLE> irq_evtq{"irq_evtq"};         // pin_smmuv3_wire says when each pulses
    pin_wire<STYLE> irq_priq{"irq_priq"};         // likewise
    pin_wire<STYLE> irq_cmd_sync{"irq_cmd_sync"}; // likewise
    pin_wire<STYLE> irq_gerror{"irq_gerror"};     // likewise
    pin_wire<STYLE> sev{"sev"};                   // likewise
    sc_core::sc_vector<pin_wire<STYLE>> irq_pmcg; // of each counter group

    // Builds what `setup` describes; errors are those of smmu::smmuv3 and smmu::pmcg.
    explicit pin_smmuv3(const sc_core::sc_module_name &name, const pin_smmuv3_setup &setup = {})
        : pin_smmuv3_base(name, smmu_frame_size(&setup.config),
                          static_cast<std::size_t>(pin_smmuv3_wire::groups) + setup.groups.size()),
          irq_pmcg("irq_pmcg", setup.groups.size()),
          smmu_("smmu", setup.config, setup.times, setup.tbus), from_devices_("from_device"),
          to_memory_("to_memory"), registers_("registers", places(setup.groups))
    {
        from_devices_.init(setup.tbus);
        to_memory_.init(setup.tbus);
        for (unsigned i = 0; i < setup.tbus; i++)
            connect(i);
        connect(to_walk_, walk);
        smmu_.walk().bind(to_walk_.socket);
        connect_registers(setup.groups);
        connect_wires();
        adopt([this] { return from_prog_.pending(); }, smmu_.tcu());
        watch_reset(ARESETn);
    }

    // The SMMU inside, for what has no pins: statistics, measuring, injected errors, ATS, TLB
    // maintenance. Its sockets are bound.
    basic_smmuv3<BUSWIDTH> &model() { return smmu_; }
    // Debug transport to memory, where updates of descriptors need it: on a walk bus without
    // atomics. May stay unbound.
    auto &walk_backdoor() { return to_walk_.backdoor; }

  private:
    void connect(unsigned tbu)
    {
        const std::string number = std::to_string(tbu);
        axi_to_tlm<typename BUSES::device, STYLE, BUSWIDTH> &from = from_devices_[tbu];
        from.ACLK(ACLK);
        from.ARESETn(clients_n_);
        from.axi.bind(dev.emplace_back("dev" + number + "_"));
        from.socket.bind(smmu_.dev(tbu));
        adopt(from);
        smmu_.mem(tbu).bind(to_memory_[tbu].socket);
        connect(to_memory_[tbu], mem.emplace_back("mem" + number + "_"));
    }

    template <class Bridge, class Pins> void connect(Bridge &to, Pins &outside)
    {
        to.ACLK(ACLK);
        to.ARESETn(memory_n_);
        to.axi.bind(outside);
        adopt(to);
    }

    void connect_registers(const std::vector<smmu_pmcg_config> &groups)
    {
        from_prog_.connect(PCLK, clients_n_, prog);
        from_prog_.socket.bind(registers_.socket);
        std::size_t frame = 0;
        registers_.frames[frame++].bind(smmu_.prog());
        for (std::size_t i = 0; i < groups.size(); i++) {
            groups_.push_back(std::make_unique<basic_pmcg<BUSWIDTH>>(
                ("group" + std::to_string(i)).c_str(), smmu_.tcu(), groups[i]));
            basic_pmcg<BUSWIDTH> &group = *groups_.back();
            registers_.frames[frame++].bind(group.page0);
            if (groups[i].reloc_ctrs)
                registers_.frames[frame++].bind(group.page1());
            group.irq.bind(pulses(static_cast<std::size_t>(pin_smmuv3_wire::groups) + i));
        }
    }

    void connect_wires()
    {
        smmu_.irq_evtq().bind(pulses(static_cast<std::size_t>(pin_smmuv3_wire::evtq)));
        smmu_.irq_priq().bind(pulses(static_cast<std::size_t>(pin_smmuv3_wire::priq)));
        smmu_.irq_cmd_sync().bind(pulses(static_cast<std::size_t>(pin_smmuv3_wire::cmd_sync)));
        smmu_.irq_gerror().bind(pulses(static_cast<std::size_t>(pin_smmuv3_wire::gerror)));
        smmu_.sev().bind(pulses(static_cast<std::size_t>(pin_smmuv3_wire::sev)));
    }

    pin_level aresetn() const override { return level_of(ARESETn.read()); }
    void drive_resets(bool memory, bool clients) override
    {
        memory_n_ = level(memory);
        clients_n_ = level(clients);
    }
    void drive_wire(std::size_t number, bool high) override
    {
        pin_wire<STYLE> *const own[] = {&irq_evtq, &irq_priq, &irq_cmd_sync, &irq_gerror, &sev};
        constexpr auto first_group = static_cast<std::size_t>(pin_smmuv3_wire::groups);
        pin_wire<STYLE> &wire =
            number < first_group ? *own[number] : irq_pmcg[number - first_group];
        if (wire.size())
            wire->write(level(high));
    }

    basic_smmuv3<BUSWIDTH> smmu_;
    sc_core::sc_signal<level> memory_n_{"memory_n"};
    sc_core::sc_signal<level> clients_n_{"clients_n"};
    sc_core::sc_vector<axi_to_tlm<typename BUSES::device, STYLE, BUSWIDTH>> from_devices_;
    sc_core::sc_vector<tlm_to_axi<typename BUSES::memory, STYLE, BUSWIDTH>> to_memory_;
    tlm_to_axi<typename BUSES::walk, STYLE, BUSWIDTH> to_walk_{"to_walk"};
    prog_bridge from_prog_{"from_prog"};
    register_map<BUSWIDTH> registers_;
    std::vector<std::unique_ptr<basic_pmcg<BUSWIDTH>>> groups_;
};

} // namespace smmu::pins

#endif
