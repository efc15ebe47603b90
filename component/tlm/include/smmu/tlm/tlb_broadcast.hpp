// SPDX-License-Identifier: Apache-2.0
// How the TLB maintenance of CPUs reaches an SMMU (IHI 0070 3.17).
#ifndef SMMU_TLM_TLB_BROADCAST_HPP
#define SMMU_TLM_TLB_BROADCAST_HPP

#include <systemc>

#include "smmu/dvm.h"

namespace smmu {

// A CPU calls it, from a process, for each TLBI instruction whose shareability domain has the SMMU,
// and for each DSB that waits for them.
class tlb_broadcast_if : public virtual sc_core::sc_interface {
  public:
    // A TLBI instruction. No time passes: on return, no cache holds what was to go.
    virtual void tlbi(const smmu_dvm &dvm) = 0;

    // A DSB. Returns when every transaction translated before has arrived where it goes, or has
    // stalled.
    virtual void dsb() = 0;
};

} // namespace smmu

#endif
