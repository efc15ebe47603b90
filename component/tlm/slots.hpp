// SPDX-License-Identifier: Apache-2.0
// Places that are taken for a while and given back, to those who wait in the order they came.
#ifndef SMMU_TLM_SLOTS_HPP
#define SMMU_TLM_SLOTS_HPP

#include <list>

#include <systemc>

#include "smmu/tlm/measurement.hpp"

namespace smmu {

class slots {
  public:
    explicit slots(unsigned limit) : limit_(limit) {} // 0: there are always more

    // From a process: waits until one is free. A process that is killed meanwhile leaves the queue.
    void take();

    void give();

    // From anywhere: whether one could be taken at once, ahead of nobody.
    bool available() const { return waiting_.empty() && free(); }

    // From anywhere: whether somebody waits.
    bool wanted() const { return !waiting_.empty(); }

    // `level`, which lives as long, is how many are taken from now on.
    void measure(smmu_level &level)
    {
        level_ = &level;
        set_level(level_, taken_);
    }

  private:
    class turn;

    bool free() const { return limit_ == 0 || taken_ < limit_; }
    void wake_first();
    void occupy();

    unsigned limit_;
    unsigned taken_ = 0;
    smmu_level *level_ = nullptr;
    std::list<turn *> waiting_;
};

// A slot for as long as the object lives, from its turn on.
class held_slot {
  public:
    explicit held_slot(slots &of) : of_(of) { of_.take(); }
    ~held_slot() { of_.give(); }
    held_slot(const held_slot &) = delete;
    held_slot &operator=(const held_slot &) = delete;

  private:
    slots &of_;
};

} // namespace smmu

#endif
