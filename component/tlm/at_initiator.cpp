// SPDX-License-Identifier: Apache-2.0
// The initiator's side of the four-phase base protocol: see smmu/tlm/at_initiator.hpp.
#include "smmu/tlm/at_initiator.hpp"

#include "at_initiator_body.hpp"

namespace smmu {

template class basic_at_initiator<at_initiator_user>;

} // namespace smmu
