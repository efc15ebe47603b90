// SPDX-License-Identifier: Apache-2.0
// Drives an edge-triggered interrupt output: each request becomes a pulse that others can see.
#ifndef SMMU_TLM_PULSE_WIRE_HPP
#define SMMU_TLM_PULSE_WIRE_HPP

#include <systemc>

namespace smmu {

// An interrupt output: written like sc_out<bool>, but allowed to stay unconnected.
using irq_out =
    sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

// The only writer of `out`, so that requests may come from any process. Requests made during a
// pulse share the one that follows it (IHI 0070 3.18 allows identical interrupts to coalesce).
class pulse_wire : public sc_core::sc_module {
  public:
    // `out` must outlive the wire; a pulse is high for `width`, or one delta cycle if that is zero,
    // and the wire is low as long before the next.
    pulse_wire(const sc_core::sc_module_name &name, irq_out &out, const sc_core::sc_time &width);

    // Ask for a pulse; it begins in the next delta cycle.
    void fire();

  private:
    void drive();

    irq_out &out_;
    sc_core::sc_time width_;
    sc_core::sc_event requested_;
    bool pending_ = false;
    bool high_ = false;
};

} // namespace smmu

#endif
