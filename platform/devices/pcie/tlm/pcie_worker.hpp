// SPDX-License-Identifier: Apache-2.0
// An endpoint whose kernel works in one process, on rings in memory and on the data they are about.
#ifndef VP_PCIE_WORKER_HPP
#define VP_PCIE_WORKER_HPP

#include <cstdint>

#include <systemc>

#include "pcie_function.hpp"
#include "smmu/tlm/pace.hpp"
#include "vp/device.h"

namespace vp {

// The process, and the ways to memory that such a kernel is given.
class pcie_worker : public pcie_function {
  protected:
    // `process` names the process. The rest is that of pcie_function.
    pcie_worker(const sc_core::sc_module_name &name, const char *process, const pcie_fn_desc &desc,
                const translation_options &translations, const request_options &requests);

    // The way to rings: one access after the other. From the process; so below.
    vp_bus ring_bus();
    // The way of data: accesses that may be under way together.
    vp_data_bus data_bus();
    // Between pieces of work that take no time of their own: guests could have them go on for ever.
    void step() { pace_.step(); }

    // There is work, soon. From anywhere.
    void kick();

    void start_of_simulation() override;

  private:
    // All the work there is. A kick meanwhile asks for another round.
    virtual void work() = 0;
    void run();

    const char *process_;
    read_group reads_;  // of data
    bool work_ = false; // there may be some that no round has seen
    sc_core::sc_event kicked_;
    smmu::pace pace_;
};

} // namespace vp

#endif
