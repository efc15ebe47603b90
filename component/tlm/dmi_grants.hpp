// SPDX-License-Identifier: Apache-2.0
// The direct memory access a TBU has granted: what it depends on, and when it must be withdrawn.
#ifndef SMMU_TLM_DMI_GRANTS_HPP
#define SMMU_TLM_DMI_GRANTS_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

#include "smmu/ops.h"

namespace smmu {

// Addresses first .. last, both included.
struct address_range {
    std::uint64_t first;
    std::uint64_t last;

    bool overlaps(const address_range &other) const
    {
        return first <= other.last && other.first <= last;
    }
    bool operator==(const address_range &other) const
    {
        return first == other.first && last == other.last;
    }
};

struct dmi_grant {
    address_range input;  // as the device addresses it
    address_range output; // as the target downstream does
    smmu_tag tag;         // the translation it came from
};

class dmi_grants {
  public:
    static constexpr std::size_t capacity = 4096;

    // Remember `grant`, once however often it is given. Returns false if there are too many.
    bool add(const dmi_grant &grant);

    // Forget the grants that `inval` selects, or that lead into `output`; returns their input
    // ranges for the initiator to drop.
    std::vector<address_range> withdraw(const smmu_inval &inval);
    std::vector<address_range> withdraw(const address_range &output);

    bool empty() const { return grants_.empty(); }

  private:
    template <typename PREDICATE> std::vector<address_range> withdraw_if(PREDICATE gone);

    std::vector<dmi_grant> grants_; // ordered by the start of the input range
};

} // namespace smmu

#endif
