// SPDX-License-Identifier: Apache-2.0
// What plain transactions ask that differ in nothing but their address.
#ifndef SMMU_TLM_QUESTION_HPP
#define SMMU_TLM_QUESTION_HPP

#include <cstring>

#include "smmu/tlm/attributes.hpp"
#include "smmu/types.h"

namespace smmu {

// Mostly a transaction asks what one before it has asked.
class question {
  public:
    question() { values_.op = SMMU_OP_COUNT; } // nobody has asked that

    // Whether `values` ask the same: there are no gaps between them (asked_values).
    [[gnu::always_inline]] bool is(const asked_values &values) const
    {
        const void *const mine = &values_, *const theirs = &values;
        return __builtin_expect(std::memcmp(theirs, mine, sizeof(values)) == 0, true);
    }
    // From now on it is what `values` ask; its kind is to be found out.
    void become(const asked_values &values)
    {
        values_ = values;
        kind.sets = nullptr;
    }

  private:
    asked_values values_;

  public:
    smmu_txn_kind kind = {}; // without sets: no answer is at hand, whatever the address
};

} // namespace smmu

#endif
