// SPDX-License-Identifier: Apache-2.0
// The translation control unit: registers, queues and table walks of one SMMU as a SystemC module.
#ifndef SMMU_TLM_TCU_HPP
#define SMMU_TLM_TCU_HPP

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "smmu/pmcg.h"
#include "smmu/smmu.h"
#include "smmu/tlm/ats.hpp"
#include "smmu/tlm/measurement.hpp"
#include "smmu/tlm/pace.hpp"
#include "smmu/tlm/pulse_wire.hpp"
#include "smmu/tlm/timing.hpp"
#include "smmu/tlm/tlb_broadcast.hpp"

namespace smmu {

class prefetcher;
class register_word;
class slots;
class stalled_transactions;
class unit_times;
class walk_port;
struct call_context;

// A reset input: bound like sc_in<bool>, but allowed to stay unconnected.
using reset_port =
    sc_core::sc_port<sc_core::sc_signal_in_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

// A TCU but for its sockets, which basic_tcu adds in the width of the bus.
class tcu_base : public sc_core::sc_module, public tlb_broadcast_if {
  public:
    // A TBU as its TCU sees it.
    class tbu_interface {
      public:
        // Entries that `inval` selects are no longer to be used. Must not block.
        virtual void invalidate(const smmu_inval &inval) = 0;
        // Whether it still grants direct access to what the SMMU has answered.
        virtual bool holds_answers() const = 0;
        // `by`, which outlives it, measures from now on: transactions under way are not.
        virtual void measure(measurement &by) = 0;

      protected:
        ~tbu_interface() = default;
    };

    // A counter group as its TCU sees it.
    class pmcg_interface {
      public:
        // An overflow interrupts. Must not block.
        virtual void interrupt() = 0;

      protected:
        ~pmcg_interface() = default;
    };

    // Is told what the SMMU does: the rows of smmu/observations.def explain `a` and `b`.
    using observer = std::function<void(const smmu_observation &seen)>;

    ~tcu_base() override;

    // Wired interrupts of the Non-secure programming interface (IHI 0070 3.18.2): pulses.
    // The Event queue is no longer empty.
    irq_out irq_evtq{"irq_evtq"};
    irq_out irq_priq{"irq_priq"};         // the PRI queue: no longer empty, or the last of a group
    irq_out irq_cmd_sync{"irq_cmd_sync"}; // a CMD_SYNC that asks for it has completed
    irq_out irq_gerror{"irq_gerror"};     // a global error has become active

    // ATS and PRI, for any number of Root Complexes whose traffic goes through TBU `number` (IHI
    // 0070 3.9.1): their requests take the link of that TBU. An error "/smmu/smmuv3/port" if
    // smmu_config.tbus is not greater.
    sc_core::sc_export<ats_server> &ats(unsigned number = 0);
    // The Root Complexes themselves. Without one, CMD_ATC_INV and CMD_PRI_RESP reach nobody.
    sc_core::sc_port<ats_client, 0, sc_core::SC_ZERO_OR_MORE_BOUND> ats_clients{"ats_clients"};

    // Wakes PEs from WFE (IDR0.SEV): a pulse is one event.
    irq_out sev{"sev"};

    // The reset input: what reset() does, at its rising edge. The level does not matter.
    reset_port reset_in{"reset_in"};

    // TLB maintenance of CPUs, where smmu_config.btm is set and software takes part (CR2.PTM).
    sc_core::sc_export<tlb_broadcast_if> broadcast{"broadcast"};

    // A transaction from its arrival to its answer, for as long as the object lives: CMD_SYNC waits
    // for those that arrived before it (IHI 0070 4.7.3).
    class transit {
      public:
        // Is told that the transaction stalls, before the process that called request() waits.
        class listener {
          public:
            virtual void stalls() = 0; // must not block

          protected:
            ~listener() = default;
        };

        // The transaction arrives at `tcu`, which must outlive it, like `told` and `measured`: what
        // is measured of it, if it is.
        explicit transit(tcu_base &tcu, listener *told = nullptr,
                         transaction_record *measured = nullptr)
            : tcu_(tcu), told_(told), measured_(measured)
        {
            enter();
        }
        // Those of an object that lives longer, one after the other: none until begin().
        transit(tcu_base &tcu, listener &told) : tcu_(tcu), told_(&told), measured_(nullptr) {}
        [[gnu::always_inline]] ~transit() { end(); }
        transit(const transit &) = delete;
        transit &operator=(const transit &) = delete;

        // Whether CMD_SYNC waits for one.
        bool under_way() const { return counted_; }
        // None is under way: one arrives.
        void begin() { enter(); }
        // What is measured of it, if it is.
        void measure(transaction_record *measured) { measured_ = measured; }
        // It has been answered; nothing if none is under way.
        [[gnu::always_inline]] void end()
        {
            if (counted_)
                leave();
        }

      private:
        friend class tcu_base;
        void enter()
        {
            counter_ = tcu_.arrivals_;
            ++*counter_;
            counted_ = true;
        }
        void stall()
        {
            leave(); // the command that lets it go may be behind a CMD_SYNC
            if (told_)
                told_->stalls();
        }
        // Inline, as each transaction does.
        [[gnu::always_inline]] void leave()
        {
            counted_ = false;
            const bool last = --*counter_ == 0;
            if (last && counter_ != tcu_.arrivals_) // a drain waits for it
                tcu_.drained_.notify(sc_core::SC_ZERO_TIME);
        }

        tcu_base &tcu_;
        listener *told_;
        transaction_record *measured_;
        std::uint64_t *counter_ = nullptr;
        bool counted_ = false; // not while it is stalled
    };

    // Serve `tbu` from now on; it must exist for as long as the simulation runs. Returns its
    // number, for smmu_txn.tbu. An error "/smmu/tcu/tbus" if there are smmu_config.tbus already.
    unsigned attach(tbu_interface &tbu);

    // Give the SMMU a counter group, likewise. Returns its number. An error "/smmu/config/refused",
    // with the name of `module` and the reason of smmu_pmcg_add(), if that cannot be.
    unsigned attach(pmcg_interface &group, const smmu_pmcg_config &cfg, const char *module);

    // Accesses to the page of counter group `number` that begins at `page`, of 0 and
    // SMMU_PMCG_PAGE1, by the rules of prog_b_transport().
    void pmcg_b_transport(unsigned number, std::uint32_t page, tlm::tlm_generic_payload &payload,
                          sc_core::sc_time &delay);
    // Those of a debugger, by the rules of prog_transport_dbg().
    unsigned pmcg_transport_dbg(unsigned number, std::uint32_t page,
                                tlm::tlm_generic_payload &payload);

    // The error "/smmu/smmuv3/port": there is no device port `number`.
    [[noreturn]] void no_port(unsigned number) const;

    // Whether the micro TLB of the TBU has the answer to `txn`: `result`, then. If not, request()
    // is to follow. No time passes.
    bool look_up(const smmu_txn &txn, smmu_result &result)
    {
        return smmu_look_up(smmu_.get(), &txn, &result);
    }

    // The kind of `txn`, for look_up() below; false: its TBU has no micro TLB.
    bool kind_of(const smmu_txn &txn, smmu_txn_kind &kind) const
    {
        return smmu_kind_of(smmu_.get(), &txn, &kind);
    }

    // The same for a transaction of `kind` at `address`, where the answer is at hand: it is
    // returned with the output address of the 4 KiB page, and is good until the next look_up(),
    // request() or process. nullptr: the other look_up() is to be asked.
    static const smmu_result *look_up(const smmu_txn_kind &kind, std::uint64_t address)
    {
        return smmu_look_up_kind(&kind, address);
    }

    // Another number as soon as answers given before may be wrong.
    std::uint64_t generation() const { return smmu_generation(smmu_.get()); }

    // What the TBU of `txn` (its `cookie` and `stall` are overwritten) asks its main TLB for, and
    // the TCU, when its look_up() had no answer; `in_transit` is the transaction. Time is spent as
    // times().mode says: on return `delay`, the delay of the transaction, has grown, or has passed
    // and is zero. A transaction that stalls holds the calling process in either mode, until
    // software resumes or terminates it: the outcome is never SMMU_STALLED.
    void request(smmu_txn txn, transit &in_transit, sc_core::sc_time &delay, smmu_result &result);

    // The same answer by debug accesses: no time passes and no state changes. A transaction that
    // would stall is aborted.
    void probe(smmu_txn txn, smmu_result &result);

    // Assert and release reset: registers take their reset values, caches are emptied, direct
    // memory access is withdrawn, commands are dropped, stalled transactions are aborted.
    // Statistics stay.
    void reset() { smmu_reset(smmu_.get()); }

    // Whether nothing is under way in it: no transaction but those that stall, and no work of its
    // own. After a reset, accesses to memory from before may come until then.
    bool is_idle() const
    {
        return under_way_[0] + under_way_[1] == 0 && idle_workers_ == workers_ && served_ == rung_;
    }

    // For tests: let the next `count` occasions of `what` go wrong, in place of what was still
    // left.
    void inject(smmu_injection what, std::uint32_t count = 1)
    {
        smmu_inject(smmu_.get(), what, count);
    }

    // Measures transactions, of an approximately-timed model, and the levels and counters of any,
    // from the first call on. It lives as long as the SMMU.
    measurement &measure();

    // Counters since the creation of the SMMU.
    const smmu_stats &stats() const { return *smmu_get_stats(smmu_.get()); }
    // The configuration it has.
    const smmu_config &config() const { return *smmu_get_config(smmu_.get()); }
    // The latencies it was built with.
    const timing &times() const { return timing_; }

  protected:
    // An error "/smmu/config/refused", with the name of the module, if `cfg` is bad.
    tcu_base(const sc_core::sc_module_name &name, const smmu_config &cfg, const timing &times,
             observer seen);

    // The target behind the walk socket.
    virtual tlm::tlm_fw_transport_if<> &memory() = 0;

    // Register accesses: aligned, 4 or 8 bytes, little-endian; byte enables may select the word out
    // of a wider access. Those beyond the frame end with an address error, misaligned ones and
    // those of 1 or 2 bytes with a generic error, others as register_word says. A write that rings
    // a doorbell returns when its delay has passed and the work behind it has had a delta cycle to
    // run: software that polls sees progress, however far its initiator runs ahead of time.
    void prog_b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);

    // A debugger's accesses, in no time. Reads are of any length inside the frame and without side
    // effects. Writes are what an access does, doorbells included: aligned and of 4 or 8 bytes,
    // others transfer nothing. The work behind a doorbell is done from the next delta cycle on.
    unsigned prog_transport_dbg(tlm::tlm_generic_payload &payload);

    // Memory withdraws what it granted of `start` to `end`: tables are fetched by transactions
    // again.
    void walk_invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);

    // To be registered with the walk socket.
    tlm::tlm_sync_enum walk_nb_transport_bw(tlm::tlm_generic_payload &payload,
                                            tlm::tlm_phase &phase, sc_core::sc_time &delay);

  private:
    struct host; // the ops table
    struct tbu_link;
    struct prefetching;
    class frame; // of registers

    struct smmu_deleter {
        void operator()(smmu_t *smmu) const { smmu_destroy(smmu); }
    };

    void end_of_elaboration() override;
    // NULL: nobody measures, or a latency is no time that passes.
    measurement *measures_transactions() const
    {
        return timing_.mode == timing_mode::approximately_timed ? measurement_.get() : nullptr;
    }
    void serve(const smmu_txn &txn, call_context &call, transaction_record *measured,
               smmu_result &result);
    void prefetch(smmu_prefetch_request what);
    void access(const frame &registers, tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    std::uint64_t cycles() const;
    void advance_clock();
    void work();
    void hire();
    void drain();
    bool busy() const;
    void invalidate_atcs(const smmu_atc_inv &inv);
    bool wait_invalidated(std::uint32_t queue);
    void send_response(const smmu_prg_response &response);
    void deliver_response();
    void tlbi(const smmu_dvm &dvm) override;
    void dsb() override;

    timing timing_;
    observer observer_;
    std::unique_ptr<walk_port> port_;
    std::unique_ptr<unit_times> units_;
    std::unique_ptr<prefetcher> prefetcher_;
    std::unique_ptr<slots> slots_;                                  // for requests in service
    std::vector<std::unique_ptr<tbu_link>> links_;                  // to each TBU
    unsigned attached_ = 0;                                         // how many there are
    sc_core::sc_vector<sc_core::sc_export<ats_server>> ats_{"ats"}; // likewise
    std::set<std::uint32_t> atcs_invalidated_; // queues that did so since their last CMD_SYNC
    std::deque<smmu_prg_response> responses_;  // on the links
    unsigned page_requests_ = 0;               // of Root Complexes, under way
    sc_core::sc_event_queue response_arrives_{"response_arrives"};
    std::vector<pmcg_interface *> pmcgs_;
    pulse_wire evtq_pulse_;
    pulse_wire priq_pulse_;
    pulse_wire cmd_sync_pulse_;
    pulse_wire gerror_pulse_;
    pulse_wire sev_pulse_;
    std::unique_ptr<measurement> measurement_; // if anything is measured
    std::unique_ptr<stalled_transactions> stalled_;
    sc_core::sc_mutex mutex_;
    sc_core::sc_event wake_;
    pace pace_;                // of commands
    std::uint64_t rung_ = 0;   // times the core asked for smmu_run()
    std::uint64_t served_ = 0; // value of rung_ the last smmu_run() began with
    std::uint64_t paced_ = 0;  // commands that pace_ knows of
    unsigned workers_ = 1;     // processes for smmu_run()
    unsigned idle_workers_ = 0;
    sc_core::sc_event short_of_workers_;
    // Transactions under way, apart by whether they arrived before or after the last drain began. A
    // drain leaves none of the older ones, so that two counters serve any number of drains.
    std::uint64_t under_way_[2] = {};
    std::uint64_t *arrivals_ = under_way_;    // which of the two counts arrivals
    std::multiset<std::uint64_t> prefetches_; // under way: generation() as it was when they began
    sc_core::sc_event drained_;
    sc_core::sc_mutex draining_;
    sc_core::sc_time ahead_;      // how far the register access that is being made is
    sc_core::sc_event clock_due_; // a counter of clock cycles overflows
    std::unique_ptr<smmu_t, smmu_deleter> smmu_;
};

// A TCU on buses of BUSWIDTH bits; the width changes nothing but the type of its sockets.
template <unsigned BUSWIDTH = 32> class basic_tcu : public tcu_base {
  public:
    tlm_utils::simple_target_socket<tcu_base, BUSWIDTH> prog{"prog"};    // register frame
    tlm_utils::simple_initiator_socket<tcu_base, BUSWIDTH> walk{"walk"}; // tables and queues

    // Builds the SMMU that `cfg` describes. An error "/smmu/config/refused", with the name of the
    // module, the field and the reason of smmu_config_check(), if that cannot be. Without `seen`
    // nothing is computed for it.
    explicit basic_tcu(const sc_core::sc_module_name &name,
                       const smmu_config &cfg = smmu_config_default(), const timing &times = {},
                       observer seen = {})
        : tcu_base(name, cfg, times, std::move(seen))
    {
        prog.register_b_transport(this, &basic_tcu::prog_b_transport);
        prog.register_transport_dbg(this, &basic_tcu::prog_transport_dbg);
        walk.register_nb_transport_bw(this, &basic_tcu::walk_nb_transport_bw);
        walk.register_invalidate_direct_mem_ptr(this, &basic_tcu::walk_invalidate_direct_mem_ptr);
    }

  private:
    tlm::tlm_fw_transport_if<> &memory() override { return *walk.operator->(); }
};

// The usual width; the library has its code.
using tcu = basic_tcu<>;
extern template class basic_tcu<32>;

} // namespace smmu

#endif
