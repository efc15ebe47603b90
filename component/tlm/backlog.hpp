// SPDX-License-Identifier: Apache-2.0
// Work that leads to more of its kind.
#ifndef SMMU_TLM_BACKLOG_HPP
#define SMMU_TLM_BACKLOG_HPP

#include <deque>

#include "restored.hpp"

namespace smmu {

// One loop does all that comes while something is being done: calls within calls, one for each,
// would fill the stack of whoever begins.
template <typename THING> class backlog {
  public:
    // Do `what` with `thing`: now, or when that is done which is under way.
    template <typename WHAT> void add(THING &thing, const WHAT &what)
    {
        things_.push_back(&thing);
        if (busy_)
            return;
        const restored during(busy_, true);
        while (!things_.empty()) {
            THING &next = *things_.front();
            things_.pop_front();
            what(next);
        }
    }

  private:
    std::deque<THING *> things_;
    bool busy_ = false;
};

} // namespace smmu

#endif
