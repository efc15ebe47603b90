// SPDX-License-Identifier: Apache-2.0
// The Command queues of a reentry_host as its software uses them: the first is that of CMDQ_BASE,
// the others are Enhanced Command queues (IHI 0070 3.5.6). A CMD_SYNC makes the commands of its own
// queue complete.
#ifndef TESTS_CORE_REENTRY_COMMANDS_HPP
#define TESTS_CORE_REENTRY_COMMANDS_HPP

#include <deque>
#include <functional>

#include "core/reentry_host.hpp"

class reentry_commands {
  public:
    static constexpr unsigned queues = 1 + reentry_host::ecmdqs;

    explicit reentry_commands(reentry_host &host) : host_(host) {}

    // After a reset, or at the beginning: Enhanced queues are programmed and enabled.
    void bring_up();

    // False if the queue is full.
    bool submit(unsigned queue, const support::command &cmd);
    // `cmd`, then a CMD_SYNC, with a message or not; `complete` is called once that is consumed.
    void maintain(unsigned queue, const support::command &cmd, bool message,
                  std::function<void()> complete);

    // Write EN of an Enhanced queue; only if what was written before is acknowledged.
    void enable(unsigned queue, bool on);
    void acknowledge_error(unsigned queue);

    // After each step: what has been consumed, and is complete.
    void observe();
    // Every command is consumed, and every queue enabled.
    bool settled() const;
    // What software has to do for that.
    void settle();
    bool all_disabled() const;

  private:
    static constexpr unsigned entries_log2 = reentry_host::cmdq_log2;
    static constexpr uint32_t index_mask = (2u << entries_log2) - 1;
    static constexpr uint32_t enable_bit = reentry_host::ECMDQ_EN;
    static constexpr uint32_t error_bit = reentry_host::ECMDQ_ERR;

    struct barrier {
        uint64_t at; // commands submitted up to its CMD_SYNC
        std::function<void()> complete;
    };
    struct state {
        uint64_t submitted = 0, consumed = 0; // since the last reset
        std::deque<barrier> barriers;
        uint32_t prod = 0; // of an Enhanced queue: EN and ERRACK
    };

    bool in_transition(unsigned queue) const;
    void write_prod(unsigned queue);
    uint32_t cons(unsigned queue) const;

    reentry_host &host_;
    std::array<state, queues> states_;
};

#endif
