// SPDX-License-Identifier: Apache-2.0
// A PE as a SystemC module: instructions take time, accesses are TLM-2.0 transactions.
#ifndef VP_CPU_HPP
#define VP_CPU_HPP

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

// Loosely timed: the PE runs ahead of SystemC time by up to a quantum. A transaction carries the
// lead as its delay; interrupts, events and timers are seen at quantum boundaries, after
// transactions, and at once while the PE waits in WFI or WFE.
class cpu : public sc_core::sc_module {
  public:
    struct timing {
        sc_core::sc_time cycle{1, sc_core::SC_NS};    // per instruction
        sc_core::sc_time quantum{10, sc_core::SC_US}; // at least one cycle
    };

    tlm_utils::simple_initiator_socket<cpu> bus;

    // Throws std::invalid_argument, with the reason, if the configuration is bad.
    cpu(sc_core::sc_module_name name, const a64_config &config, const timing &t);
    ~cpu() override;

    // Before the simulation starts.
    void connect_gic(const vp_gic_cpuif &gic);
    void set_conduit(std::function<bool(a64_conduit, std::uint64_t x[8])> conduit);
    void set_timer_output(std::function<void(a64_timer, bool)> output);
    void set_start(std::uint64_t pc, std::uint64_t x0);

    // From any process.
    void set_line(a64_line line, bool level);
    void send_event(); // SEV of another PE

    // Memory at first .. last was written by someone else: drop instructions decoded from it.
    void code_invalidate(std::uint64_t first, std::uint64_t last);

    // The PE's own time: SystemC time plus its lead.
    sc_core::sc_time local_time() const;

    const a64_stats &stats() const;
    sc_core::sc_time idle_time() const { return idle_; } // spent in WFI and WFE
    a64_cpu *core() const { return core_.get(); }        // for debuggers and tests

  private:
    // The library's quantum is one for all; each PE keeps its own.
    class keeper : public tlm_utils::tlm_quantumkeeper {
      public:
        explicit keeper(const sc_core::sc_time &quantum) : quantum_(quantum) {}
        sc_core::sc_time left() const; // until the next synchronisation

      protected:
        sc_core::sc_time compute_local_quantum() override;

      private:
        sc_core::sc_time quantum_;
    };

    void run();
    std::uint64_t slice() const;
    void wait_for_wakeup(bool bounded);
    void account();
    bool transport(tlm::tlm_command command, std::uint64_t pa, void *data, unsigned size);
    bool find_dmi(std::uint64_t pa, a64_dmi &dmi);
    void invalidate_dmi(sc_dt::uint64 first, sc_dt::uint64 last);
    std::uint64_t counter() const;
    sc_core::sc_time counter_time(std::uint64_t count) const;
    static a64_ops make_ops();

    timing timing_;
    std::uint32_t cntfrq_;
    keeper keeper_;
    std::uint64_t accounted_ = 0; // instructions of the slice whose time the keeper has
    bool sync_due_ = false;       // meet SystemC time after this slice
    vp_gic_cpuif gic_{};
    std::function<bool(a64_conduit, std::uint64_t *)> conduit_;
    std::function<void(a64_timer, bool)> timer_output_;
    sc_core::sc_event wakeup_;
    bool woken_ = false; // since the PE began to wait
    sc_core::sc_time idle_;
    std::unique_ptr<a64_cpu, void (*)(a64_cpu *)> core_;
};

} // namespace vp

#endif
