// SPDX-License-Identifier: Apache-2.0
// Transactions that the SMMU has stalled: see stalled_transactions.hpp.
#include "stalled_transactions.hpp"

#include <algorithm>

namespace smmu {

struct stalled_transactions::room : smmu_stall {
    enum { taken, released, abandoned } state = taken;
    smmu_resume action = SMMU_RESUME_ABORT; // once released
    sc_core::sc_event wake;
};

stalled_transactions::stalled_transactions() = default;
stalled_transactions::~stalled_transactions() = default;

// May come before the process waits: the event record can be seen before smmu_translate() returns.
// Processes go on in the order they are let go: delta notifications would not keep it.
void stalled_transactions::resume(smmu_stall *stall, smmu_resume action)
{
    room *const at = static_cast<room *>(stall);
    if (at->state == room::abandoned) {
        idle_.push_back(at);
        return;
    }
    at->state = room::released;
    at->action = action;
    at->wake.notify();
}

stalled_transactions::place::place(stalled_transactions &all, smmu_t *smmu) : all_(all), smmu_(smmu)
{
    if (all.idle_.empty()) {
        all.rooms_.push_back(std::make_unique<room>());
        room_ = all.rooms_.back().get();
    } else {
        room_ = all.idle_.back();
        all.idle_.pop_back();
    }
    room_->state = room::taken;
}

stalled_transactions::place::~place()
{
    if (!answered_ && smmu_stall_abandon(smmu_, room_))
        room_->state = room::abandoned;
    else
        all_.idle_.push_back(room_);
}

smmu_stall *stalled_transactions::place::stall()
{
    return room_;
}

smmu_resume stalled_transactions::place::wait(sc_core::sc_time &delay)
{
    const sc_core::sc_time arrival = sc_core::sc_time_stamp() + delay;
    while (room_->state != room::released)
        sc_core::wait(room_->wake);
    room_->state = room::taken;
    delay = std::max(arrival, sc_core::sc_time_stamp()) - sc_core::sc_time_stamp();
    return room_->action;
}

} // namespace smmu
