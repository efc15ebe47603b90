// SPDX-License-Identifier: Apache-2.0
// Command queues of the fuzzer: see reentry_commands.hpp.
#include "core/reentry_commands.hpp"

#include <utility>

using namespace support;

uint32_t reentry_commands::cons(unsigned queue) const
{
    return host_.reg(queue == 0 ? uint32_t{reg::CMDQ_CONS} : reentry_host::ecmdq_cons(queue - 1));
}

void reentry_commands::bring_up()
{
    states_ = {};
    for (unsigned queue = 1; queue < queues; ++queue) {
        host_.write(reentry_host::ecmdq_base(queue - 1),
                    reentry_host::ecmdq_memory(queue - 1) | entries_log2, 8);
        enable(queue, true);
    }
}

bool reentry_commands::in_transition(unsigned queue) const
{
    return ((states_[queue].prod ^ cons(queue)) & enable_bit) != 0;
}

// Of an Enhanced queue in transition PROD is read-only (6.3.108): the write comes with the next
// one.
void reentry_commands::write_prod(unsigned queue)
{
    const state &s = states_[queue];
    const uint32_t wr = static_cast<uint32_t>(s.submitted) & index_mask;
    if (queue == 0)
        host_.write(reg::CMDQ_PROD, wr);
    else
        host_.write(reentry_host::ecmdq_prod(queue - 1), s.prod | wr);
}

bool reentry_commands::submit(unsigned queue, const command &cmd)
{
    state &s = states_[queue];
    if (s.submitted - s.consumed > ones(entries_log2))
        return false;
    const uint64_t memory =
        queue == 0 ? device_under_test::cmdq_base : reentry_host::ecmdq_memory(queue - 1);
    host_.mem.store_image(memory + 16 * (s.submitted & ones(entries_log2)), cmd);
    ++s.submitted;
    write_prod(queue);
    return true;
}

void reentry_commands::maintain(unsigned queue, const command &cmd, bool message,
                                std::function<void()> complete)
{
    if (!submit(queue, cmd))
        return;
    if (submit(queue, message ? cmd_sync_msi(reentry_host::sync_msi, 1) : cmd_sync()))
        states_[queue].barriers.push_back({states_[queue].submitted, std::move(complete)});
}

void reentry_commands::enable(unsigned queue, bool on)
{
    if (queue == 0 || in_transition(queue))
        return;
    states_[queue].prod = (states_[queue].prod & ~enable_bit) | (on ? enable_bit : 0);
    write_prod(queue);
}

void reentry_commands::acknowledge_error(unsigned queue)
{
    if (queue == 0)
        return;
    states_[queue].prod = (states_[queue].prod & ~error_bit) | (cons(queue) & error_bit);
    write_prod(queue);
}

void reentry_commands::observe()
{
    for (unsigned queue = 0; queue < queues; ++queue) {
        state &s = states_[queue];
        s.consumed += (cons(queue) - static_cast<uint32_t>(s.consumed)) & index_mask;
        check(s.consumed <= s.submitted, "more commands consumed than there were");
        while (!s.barriers.empty() && s.barriers.front().at <= s.consumed) {
            s.barriers.front().complete();
            s.barriers.pop_front();
        }
    }
}

bool reentry_commands::settled() const
{
    for (unsigned queue = 0; queue < queues; ++queue) {
        const bool enabled = queue == 0 || ((cons(queue) & states_[queue].prod) & enable_bit) != 0;
        if (!enabled || states_[queue].consumed != states_[queue].submitted)
            return false;
    }
    return true;
}

// No register is written without need.
void reentry_commands::settle()
{
    for (unsigned queue = 1; queue < queues; ++queue) {
        const state &s = states_[queue];
        const uint32_t written = host_.reg(reentry_host::ecmdq_prod(queue - 1));
        if (((cons(queue) ^ s.prod) & error_bit) != 0)
            acknowledge_error(queue);
        else if (!(s.prod & enable_bit))
            enable(queue, true);
        else if (written != (s.prod | (static_cast<uint32_t>(s.submitted) & index_mask)))
            write_prod(queue);
    }
}

bool reentry_commands::all_disabled() const
{
    for (unsigned queue = 1; queue < queues; ++queue)
        if ((cons(queue) & enable_bit) != 0)
            return false;
    return true;
}
