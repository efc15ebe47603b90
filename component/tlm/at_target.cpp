// SPDX-License-Identifier: Apache-2.0
// The target's side of the four-phase base protocol: see smmu/tlm/at_target.hpp.
#include "smmu/tlm/at_target.hpp"

#include "at_target_body.hpp"

namespace smmu {

template class basic_at_target<at_target_user>;

} // namespace smmu
