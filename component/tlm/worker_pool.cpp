// SPDX-License-Identifier: Apache-2.0
// Processes for work that may block: see worker_pool.hpp.
#include "worker_pool.hpp"

#include <algorithm>
#include <utility>

namespace smmu {

struct worker_pool::worker {
    job *work = nullptr;
    sc_core::sc_event begin;
    sc_core::sc_process_handle process;

    [[noreturn]] void loop(std::vector<worker *> &idle)
    {
        for (;;) {
            while (!work)
                sc_core::wait(begin);
            work->run();
            work = nullptr;
            idle.push_back(this);
        }
    }
};

worker_pool::worker_pool()
{
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&more_);
    sc_core::sc_spawn([this] { grow(); }, sc_core::sc_gen_unique_name("workers"), &options);
}

worker_pool::~worker_pool() = default;

void worker_pool::run(job &work)
{
    if (!idle_.empty()) {
        worker &woken = *idle_.back();
        idle_.pop_back();
        woken.work = &work;
        woken.begin.notify();
        return;
    }
    waiting_.push_back(&work);
    more_.notify();
}

// In a process of the pool's own, which is the parent of those it makes: the one that has work may
// be killed with its descendants.
void worker_pool::grow()
{
    for (job *each : std::exchange(waiting_, {})) {
        worker &made = all_.emplace_back();
        made.work = each;
        made.process = sc_core::sc_spawn([this, &made] { made.loop(idle_); });
    }
}

void worker_pool::kill(job &work)
{
    waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), &work), waiting_.end());
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [&work](const worker &each) { return each.work == &work; });
    if (found == all_.end())
        return;
    found->process.kill();
    all_.erase(found);
}

} // namespace smmu
