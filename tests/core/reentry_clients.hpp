// SPDX-License-Identifier: Apache-2.0
// The clients of a reentry_host, and the pages they access. Every answer is held against what the
// registers say when it is given, and against invalidations that are complete.
#ifndef TESTS_CORE_REENTRY_CLIENTS_HPP
#define TESTS_CORE_REENTRY_CLIENTS_HPP

#include <array>

#include "core/reentry_dpt.hpp"
#include "support/stage1_stream.hpp"
#include "support/stage2.hpp"

class reentry_clients {
  public:
    static constexpr unsigned slots = 6, streams = 4, pages = 4;

    // Stage 1 with ATS; then stage 2; then both; then both with ATS that the DPT restricts.
    static constexpr uint32_t first_sid = 5, dpt_sid = first_sid + 3;

    // Page numbers in the order of the streams, with how often each was moved.
    using moves = std::array<std::array<unsigned, pages>, streams>;

    reentry_clients(reentry_host &host, const reentry_dpt &dpt);

    // Start what client `slot` can do now: a transaction `txn`, or a retry; a retry alone.
    void start(unsigned slot, const smmu_txn &txn);
    void retry(unsigned slot);

    // The client's transaction is lost, if it stalls or is to be retried.
    void lose(unsigned slot);
    void request_translation(const smmu_ats_request &request);

    // Software writes a page's descriptor: absent, or at its next place, accessed or not.
    void unmap(unsigned stream, unsigned page);
    void move(unsigned stream, unsigned page, bool accessed);
    static uint64_t address(unsigned page);

    // An invalidation of everything is complete: answers go by `then` or what came later.
    const moves &now() const { return moved_; }
    void invalidated(const moves &then);
    void check_output(unsigned stream, uint64_t addr) const;

    // A reset, or SMMUEN acknowledged as 0.
    void translation_ended();

    // After each step: the rooms that the SMMU holds are those of transactions that wait.
    void check_rooms() const;
    bool all_idle() const;

    // Accesses that went on translated, of each stream, and those that the DPT let through or not.
    struct counts {
        std::array<unsigned, streams> translated, granted_by_ats;
        unsigned dpt_passed, dpt_refused;
    };
    const counts &seen() const { return seen_; }

  private:
    enum class phase { idle, called, stalled, to_retry, abandoned };
    struct client {
        smmu_stall room{};
        smmu_txn txn{};
        phase at = phase::idle;
        bool resumed = false; // while called: before the call has returned
        smmu_resume action{};
        bool ended = false; // translation, since it stalled
    };

    void call(client &c);
    void answered(client &c, const smmu_result &result);
    void resumed(smmu_stall *stall, smmu_resume action);
    static void let_go(client &c);
    bool goes_by_dpt(const client &c) const;
    void check_forward(const client &c, const smmu_result &result);

    reentry_host &host_;
    const reentry_dpt &dpt_;
    support::stage1_stream stage1_, nested_, nested_ats_;
    support::stage2 second_, third_, fourth_;
    support::ste stage2_;
    std::array<client, slots> clients_{};
    moves moved_{}, floor_{};
    counts seen_{};
};

#endif
