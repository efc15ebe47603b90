// SPDX-License-Identifier: Apache-2.0
// Transactions on their way through a TBU, many at a time.
#ifndef SMMU_TLM_TBU_TRAFFIC_HPP
#define SMMU_TLM_TBU_TRAFFIC_HPP

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>

#include "backlog.hpp"
#include "order_gate.hpp"
#include "piece.hpp"
#include "pipeline.hpp"
#include "question.hpp"
#include "smmu/tlm/agenda.hpp"
#include "smmu/tlm/at_initiator.hpp"
#include "smmu/tlm/at_target.hpp"
#include "smmu/tlm/tcu.hpp"
#include "tbu_meter.hpp"
#include "worker_pool.hpp"

namespace smmu {

// The way of a transaction, which timing.def has the times and limits of:
//
//  arrive   it waits until it may enter: its initiator has fewer than the limit in the TBU, a
//           translation slot is free, and room for its data
//  enter    its beats pass; the request is accepted, and is looked up in the micro TLB
//  miss     a process asks the main TLB, then the TCU, or it waits for an earlier miss on the page
//  answer   it is terminated, or becomes a piece with the output address
//  gate     it waits until earlier ones of its initiator, ID and direction have gone on, and until
//           fewer than the limit are outstanding downstream
//  depart   its beats pass downstream; the slot is free when the request has been accepted there
//  respond  the response goes to the client, or the next piece is looked up
//
// No step but the TCU's answer needs a process: what hits is scheduled in SystemC methods.
class tbu_traffic {
  public:
    struct source; // an initiator that the TBU serves
    using device_side = basic_at_target<source>;
    using memory_side = basic_at_initiator<tbu_traffic>;

    // What the TBU does with a translation, which is the same in either coding style.
    class translator {
      public:
        // What others have in common with `client`, a read or a write, that ask the same but for
        // their address, for tcu_base::look_up(). Returns whether there is anything.
        virtual bool kind_of(const client_payload &client, smmu_txn_kind &kind) = 0;
        // Whether the micro TLB, or no translation at all, answers for the byte at `address`.
        virtual bool answer(const client_payload &client, std::uint64_t address,
                            smmu_result &result) = 0;
        // Ask the TCU; may block.
        virtual void request(const client_payload &client, std::uint64_t address,
                             tcu_base::transit &in_transit, sc_core::sc_time &delay,
                             smmu_result &result) = 0;

      protected:
        ~translator() = default;
    };

    // `initiators`: how many there are, numbered from 0. `upstream` returns the backward interface
    // of one. All must outlive it.
    tbu_traffic(translator &by, tcu_base &owner, unsigned initiators,
                const std::function<tlm::tlm_bw_transport_if<> &(unsigned initiator)> &upstream,
                std::function<tlm::tlm_fw_transport_if<> &()> downstream);
    ~tbu_traffic();

    // A transaction of an initiator that blocks: waits like the others, and returns at its end. A
    // process that is killed meanwhile leaves its transaction to go on without it.
    void transport(unsigned initiator, tlm::tlm_generic_payload &payload);

    // `by`, which outlives it, measures what arrives from now on, as TBU `number`.
    void measure(measurement &by, unsigned number);

    device_side &device(unsigned initiator);
    memory_side &memory() { return memory_; }

  private:
    friend memory_side;
    struct flight;
    class visit;
    // Whether it is of the SMMU as it is, or as it was when it was asked: flight::generation.
    enum class answer_is { now, late };
    // What happens to a flight next.
    struct step {
        flight *to;
        void (*what)(tbu_traffic &, flight &); // less to keep, and to call, than of a member
    };

    // Its memory_side tells.
    [[gnu::always_inline]] inline void request_accepted(tlm::tlm_generic_payload &payload);
    [[gnu::always_inline]] inline void response_arrived(tlm::tlm_generic_payload &payload);

    // `values`, its attributes, are good until it has been answered.
    template <bool PLAIN>
    [[gnu::always_inline]] inline void
    arrive(flight &f, source &from, tlm::tlm_generic_payload &payload, const attributes &values);
    void arrive_copied(flight &f, source &from); // of an initiator that blocks
    // Inline in the source: a transaction that waits for nothing goes through most of them at once.
    // Those that always are have more callers, all but one for transactions that have waited.
    inline bool may_enter(const flight &f) const;
    inline bool source_full(const flight &f) const;
    [[gnu::always_inline]] inline void let_enter();
    [[gnu::noinline]] void wait_to_enter(flight &f);
    [[gnu::noinline]] void let_first_enter();
    template <bool PLAIN> [[gnu::always_inline]] inline void enter(flight &f);
    [[gnu::noinline]] void count(flight &f);
    [[gnu::noinline]] void pass_entry(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void entered(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void look_up_after(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void leave_room(flight &f);
    void look_up(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void look_up_all(flight &f);
    [[gnu::always_inline]] inline const smmu_result *at_hand(const client_payload &client);
    [[gnu::noinline]] const smmu_result *ask_anew(const client_payload &client, question &other);
    [[gnu::noinline]] void look_up_part(flight &f);
    void follow(flight &f);
    void ask(flight &f);
    std::vector<flight *> leave_missing(flight &f);
    void let_followers_go(flight &f);
    void answered(flight &f, const smmu_result &result, answer_is when);
    template <bool PLAIN>
    [[gnu::always_inline]] inline void forward(flight &f, const smmu_result &result,
                                               std::uint64_t address, unsigned done,
                                               unsigned length, answer_is when);
    template <bool PLAIN> [[gnu::always_inline]] inline void pass_gate(flight &f, answer_is when);
    [[gnu::noinline]] void pass_gate_after(flight &f);
    void pass_gate_in_turn(flight &f);
    [[gnu::noinline]] void leave_gate(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void leave(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void depart(flight &f);
    [[gnu::noinline]] void let_depart(bool write);
    template <bool PLAIN> [[gnu::always_inline]] inline void has_left(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void is_back(flight &f);
    [[gnu::noinline]] void pass_exit(flight &f);
    [[gnu::always_inline]] inline void send(flight &f);
    void abandon(flight &f);
    void drop(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void go_on(flight &f);
    [[gnu::noinline]] void go_on_behind(flight &f);
    void look_up_rest(flight &f);
    [[gnu::noinline]] void go_on_unsent(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void finish(flight &f);
    void end(flight &f);
    [[gnu::noinline]] void pass_answers(flight &f);
    [[gnu::noinline]] void begin_response(flight &f);
    template <bool PLAIN> [[gnu::always_inline]] inline void respond(flight &f);

    // WHAT happens to it next, when `delay` has passed, which is of these parts of its latency,
    // each with its time.
    template <void (tbu_traffic::*WHAT)(flight &), typename... PARTS>
    [[gnu::always_inline]] inline void after(const sc_core::sc_time &delay, flight &f,
                                             const PARTS &...parts);
    [[gnu::noinline]] void enter_step(const sc_core::sc_time &delay, flight &f,
                                      void (*what)(tbu_traffic &, flight &));
    template <void (tbu_traffic::*WHAT)(flight &)>
    static void does(tbu_traffic &traffic, flight &f);
    void take(const step &due) { due.what(*this, *due.to); }
    inline void give_back(flight &f);
    sc_core::sc_time turn(pipeline &path, unsigned beats,
                          const sc_core::sc_time &ahead = sc_core::SC_ZERO_TIME);
    inline bool full(bool write) const;
    [[gnu::noinline]] void make_flight();
    inline flight &new_flight();

    translator &by_;
    tcu_base &tcu_;
    const timing times_;        // its limits are none if they do not count
    const bool clocked_;        // beats take time
    const bool entry_limited_;  // who enters, and room within; one test where nothing is
    const bool exit_limited_;   // how many are outstanding downstream
    const bool leaves_at_once_; // nothing takes time at the exit
    // Nothing is limited, nothing takes time but looking up, and nothing is measured: what is done
    // as PLAIN, with none of the questions that this answers.
    bool plain_;
    const bool has_micro_tlb_;
    question questions_[2]; // of the last read and of the last write
    worker_pool workers_;
    piece_pool pieces_;
    std::vector<std::unique_ptr<flight>> all_;
    flight *idle_ = nullptr; // of them, the last that came back

    std::vector<std::unique_ptr<source>> sources_; // by the initiators' numbers
    std::deque<flight *> arrived_;                 // have not entered
    order_gate gate_;                              // those that have
    std::list<flight *> missing_;                  // ask the TCU, and are not stalled
    std::deque<flight *> held_[2]; // reads and writes at the limit of those outstanding
    bool entering_ = false;        // let_first_enter() is under way
    backlog<flight> at_gate_;      // have somebody before them no more
    backlog<flight> rests_;        // go on to their next piece

    tbu_meter meter_;

    pipeline entry_;
    pipeline exit_;
    pipeline answers_;
    unsigned slots_taken_ = 0;
    unsigned write_beats_ = 0;     // of data in the TBU
    unsigned outstanding_[2] = {}; // reads and writes downstream

    agenda<step, tbu_traffic, &tbu_traffic::take> steps_;
    memory_side memory_;
};

} // namespace smmu

#endif
