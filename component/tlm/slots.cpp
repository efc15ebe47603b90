// SPDX-License-Identifier: Apache-2.0
// Places that are taken for a while: see slots.hpp.
#include "slots.hpp"

namespace smmu {

// A process in the queue, for as long as it waits.
class slots::turn {
  public:
    explicit turn(slots &all) : all_(all), place_(all.waiting_.insert(all.waiting_.end(), this)) {}
    // Whoever leaves may have been told that a slot is free: the next one is, then.
    ~turn()
    {
        all_.waiting_.erase(place_);
        all_.wake_first();
    }
    turn(const turn &) = delete;
    turn &operator=(const turn &) = delete;

    void wait()
    {
        while (all_.waiting_.front() != this || !all_.free())
            sc_core::wait(woken_);
    }
    void wake() { woken_.notify(); }

  private:
    slots &all_;
    std::list<turn *>::iterator place_;
    sc_core::sc_event woken_;
};

void slots::take()
{
    if (available()) {
        occupy();
        return;
    }
    turn mine(*this);
    mine.wait();
    occupy();
}

void slots::occupy()
{
    taken_++;
    set_level(level_, taken_);
}

void slots::give()
{
    taken_--;
    set_level(level_, taken_);
    wake_first();
}

void slots::wake_first()
{
    if (!waiting_.empty() && free())
        waiting_.front()->wake();
}

} // namespace smmu
