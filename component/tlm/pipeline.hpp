// SPDX-License-Identifier: Apache-2.0
// Something that takes one piece of work after the other, and time for each.
#ifndef SMMU_TLM_PIPELINE_HPP
#define SMMU_TLM_PIPELINE_HPP

#include <algorithm>

#include <systemc>

namespace smmu {

class pipeline {
  public:
    // Enter work that comes after `ahead` from now and occupies the entry for `interval`. Returns
    // when it begins, from now: later than `ahead` where the entry is occupied by earlier work.
    sc_core::sc_time enter(const sc_core::sc_time &interval,
                           const sc_core::sc_time &ahead = sc_core::SC_ZERO_TIME)
    {
        const sc_core::sc_time &now = sc_core::sc_time_stamp();
        const sc_core::sc_time begin = std::max(now + ahead, free_);
        free_ = begin + interval;
        return begin - now;
    }

  private:
    sc_core::sc_time free_; // when the entry is free again
};

} // namespace smmu

#endif
