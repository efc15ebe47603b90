// SPDX-License-Identifier: Apache-2.0
// How much a bridge lets pass: its limits, and what its user asks for at each edge.
#ifndef SMMU_PINS_AXI_PASSAGE_HPP
#define SMMU_PINS_AXI_PASSAGE_HPP

#include <string>

#include <systemc>

#include "smmu/pins/axi_bridge.hpp"

namespace smmu::pins {

class axi_passage {
  public:
    // `owner`, whose name goes into reports, must outlive it.
    explicit axi_passage(const sc_core::sc_object &owner) : owner_(owner) {}

    void set_outstanding(const axi_outstanding &limits)
    {
        if (limits.reads && limits.writes)
            limits_ = limits;
        else
            SC_REPORT_ERROR(axi_outstanding_id,
                            (std::string(owner_.name()) + ": a limit of 0").c_str());
    }
    void set_throttle(const axi_throttle &throttle) { throttle_ = throttle; }

    const axi_outstanding &limits() const { return limits_; }
    bool is_free() const { return !throttle_; }
    bool may(axi_channel channel) const { return !throttle_ || throttle_(channel); }

    // The warning about a request that is answered with an error.
    void refuse(const std::string &why) const
    {
        SC_REPORT_WARNING(axi_refused_id, (std::string(owner_.name()) + ": " + why).c_str());
    }

  private:
    const sc_core::sc_object &owner_;
    axi_outstanding limits_;
    axi_throttle throttle_;
};

} // namespace smmu::pins

#endif
