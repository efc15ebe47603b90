// SPDX-License-Identifier: Apache-2.0
// A PE as a SystemC module: instructions take time, accesses are TLM-2.0 transactions.
#ifndef VP_CPU_HPP
#define VP_CPU_HPP

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "a64/cpu.h"
#include "vp/gic_cpuif.h"

namespace vp {

class cpu;

// A debugger's control of PEs. Called from the process of the PE.
class run_control {
  public:
    virtual ~run_control() = default;

    // Before a slice of at most `budget` instructions: returns how many there may be, at least 1.
    // May wait, to hold the PE.
    virtual std::uint64_t before_slice(cpu &pe, std::uint64_t budget) = 0;

    // After a slice that ended so.
    virtual void after_slice(cpu &pe, a64_stop stop, std::uint64_t executed) = 0;
};

// The latest time that the PEs of a machine have seen on the system counter. PEs run ahead one
// after the other, but the counter is one for all: what one has seen, no other may see the time
// before.
class system_time {
  public:
    sc_core::sc_time see(const sc_core::sc_time &local)
    {
        latest_ = std::max(latest_, local);
        return latest_;
    }

  private:
    sc_core::sc_time latest_;
};

// Loosely timed: the PE runs ahead of SystemC time by up to a quantum. A transaction carries the
// lead as its delay; interrupts, events and timers are seen at quantum boundaries, after
// transactions, and at once while the PE waits in WFI or WFE.
class cpu : public sc_core::sc_module {
  public:
    struct timing {
        sc_core::sc_time cycle{1, sc_core::SC_NS};    // per instruction
        sc_core::sc_time quantum{10, sc_core::SC_US}; // at least one cycle
        unsigned turn = 0; // PEs that start a quantum together do so in the order of these
    };

    tlm_utils::simple_initiator_socket<cpu> bus;

    // Throws std::invalid_argument, with the reason, if the configuration is bad.
    cpu(sc_core::sc_module_name name, const a64_config &config, const timing &t);
    ~cpu() override;

    // Before the simulation starts.
    void connect_gic(const vp_gic_cpuif &gic);
    void set_conduit(std::function<bool(a64_conduit, std::uint64_t x[8])> conduit);
    void set_timer_output(std::function<void(a64_timer, bool)> output);
    void set_pmu_output(std::function<void(bool)> output); // overflow interrupt
    void set_start(std::uint64_t pc, std::uint64_t x0);
    // Is told of an exception that the PE takes again and again, since the instruction at its
    // vector does nothing else; once, until the PE comes out of that. Time and counters go on.
    void set_crash_output(std::function<void(const a64_exception &)> output);
    void set_broadcast(std::function<void(const a64_dvm &)> broadcast);
    void set_dsb(std::function<void()> dsb);               // waits for what broadcasts began
    void set_send_event(std::function<void()> send_event); // to the other PEs
    void share_time(system_time &time);                    // which outlives the PE
    void set_run_control(run_control *control);            // which does so, too; nullptr: none

    // From any process.
    void set_line(a64_line line, bool level);
    void send_event(); // SEV of another PE
    void snoop(const a64_dvm &dvm);

    // Power. Off, the PE executes nothing: from the next instruction on, or from the start if
    // called before that. On, it begins out of reset at `pc` with x0 as given, not before `when`;
    // `started` (may be empty) is called as it does.
    void power_off();
    void power_on(std::uint64_t pc, std::uint64_t x0, const sc_core::sc_time &when,
                  std::function<void()> started);
    bool is_off() const { return off_; }

    // The PE waits for an interrupt, as if it had executed WFI; from its conduit.
    void standby() { a64_wait_for_interrupt(core_.get()); }

    // Memory at first .. last was written by someone else: drop instructions decoded from it.
    void code_invalidate(std::uint64_t first, std::uint64_t last);

    // The PE's own time: SystemC time plus its lead.
    sc_core::sc_time local_time() const;

    const a64_stats &stats() const;
    sc_core::sc_time idle_time() const { return idle_; } // spent in WFI and WFE
    a64_cpu *core() const { return core_.get(); }        // for debuggers and tests

  private:
    // The library's quantum is one for all; each PE keeps its own. At its end PEs meet exactly:
    // what the last instruction took beyond it remains as a lead.
    class keeper : public tlm_utils::tlm_quantumkeeper {
      public:
        explicit keeper(const sc_core::sc_time &quantum) : quantum_(quantum) {}
        sc_core::sc_time left() const; // until the next synchronisation
        void meet();                   // waits for the last end of a quantum passed

      protected:
        sc_core::sc_time compute_local_quantum() override;

      private:
        sc_core::sc_time quantum_;
    };

    void run();
    a64_stop run_slice();
    a64_stop execute(std::uint64_t budget);
    std::uint64_t slice() const;
    void synchronise();
    void wait_for_wakeup(bool bounded);
    void wait_for_power();
    void account();
    bool repeats(const a64_exception &exception);
    bool transport(tlm::tlm_command command, std::uint64_t pa, void *data, unsigned size);
    bool peek(std::uint64_t pa, void *data, unsigned size);
    bool find_dmi(std::uint64_t pa, a64_dmi &dmi);
    void invalidate_dmi(sc_dt::uint64 first, sc_dt::uint64 last);
    std::uint64_t cycles() const;
    std::uint64_t counter() const;
    sc_core::sc_time counter_time(std::uint64_t count) const;
    static a64_ops make_ops();
    static void add_outside(a64_ops &ops);

    timing timing_;
    std::uint32_t cntfrq_;
    keeper keeper_;
    std::uint64_t accounted_ = 0; // instructions of the slice whose time the keeper has
    bool sync_due_ = false;       // meet SystemC time after this slice
    vp_gic_cpuif gic_{};
    std::function<bool(a64_conduit, std::uint64_t *)> conduit_;
    std::function<void(a64_timer, bool)> timer_output_;
    std::function<void(bool)> pmu_output_;
    std::function<void(const a64_exception &)> crash_output_;
    std::function<void(const a64_dvm &)> broadcast_;
    std::function<void()> dsb_;
    std::function<void()> send_event_;
    run_control *control_ = nullptr;
    system_time own_time_;
    system_time *time_ = &own_time_;

    bool repeats_ = false; // some exception did in the slice
    bool crash_told_ = false;
    bool bus_took_time_ = false; // or let others run, since the exception came last

    bool off_ = false;
    bool power_due_ = false; // power_on() was called, and the PE has not begun yet
    sc_core::sc_time power_at_;
    std::uint64_t power_pc_ = 0;
    std::uint64_t power_x0_ = 0;
    std::function<void()> started_;
    sc_core::sc_event power_;
    sc_core::sc_event wakeup_;
    bool woken_ = false; // since the PE began to wait
    sc_core::sc_time idle_;
    std::unique_ptr<a64_cpu, void (*)(a64_cpu *)> core_;
};

} // namespace vp

#endif
