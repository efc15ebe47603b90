// SPDX-License-Identifier: Apache-2.0
// A complete SMMU of the usual width: see smmu/tlm/smmuv3.hpp.
#include "smmu/tlm/smmuv3.hpp"

namespace smmu {

template class basic_smmuv3<32>;

} // namespace smmu
