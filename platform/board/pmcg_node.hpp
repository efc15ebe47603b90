// SPDX-License-Identifier: Apache-2.0
// The arm,smmu-v3-pmcg node: a counter group of an SMMU as a device of the machine.
#ifndef VP_PMCG_NODE_HPP
#define VP_PMCG_NODE_HPP

#include <memory>
#include <vector>

#include "smmu/tlm/pmcg.hpp"
#include "smmu_node.hpp"
#include "vp/device.hpp"
#include "vp/dt.hpp"

namespace vp {

// The configuration that the `vp,` properties of `node` describe: the rows of smmu/pmcg.def. Throws
// dt_error if a property is malformed.
smmu_pmcg_config pmcg_config_of(const dt_node &node);

class pmcg_device : public device {
  public:
    // A group of `smmu`, which must outlive it. Throws dt_error if a property of `node` is wrong.
    pmcg_device(const dt_node &node, const char *name, smmu_device &smmu);

    std::vector<target *> regs() override;
    std::vector<wire_out *> irqs() override { return {&group_.irq}; }

  private:
    smmu_pmcg_config config_;
    smmu::pmcg group_;
};

} // namespace vp

#endif
