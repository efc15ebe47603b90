// SPDX-License-Identifier: Apache-2.0
// Edge-triggered interrupt outputs: see smmu/tlm/pulse_wire.hpp.
#include "smmu/tlm/pulse_wire.hpp"

namespace smmu {

pulse_wire::pulse_wire(const sc_core::sc_module_name &name, irq_out &out,
                       const sc_core::sc_time &width)
    : sc_module(name), out_(out), width_(width)
{
    SC_HAS_PROCESS(pulse_wire);
    SC_METHOD(drive);
    sensitive << requested_;
    dont_initialize();
}

void pulse_wire::fire()
{
    if (!out_.size())
        return;
    pending_ = true;
    requested_.notify(sc_core::SC_ZERO_TIME);
}

// While a pulse lasts the method waits for its end only: a request made meanwhile stays pending and
// is served when the wire has been low as long, so that whoever sees the pulse sees this edge too.
void pulse_wire::drive()
{
    if (high_) {
        high_ = false;
        out_->write(false);
        if (pending_ || width_ != sc_core::SC_ZERO_TIME)
            next_trigger(width_);
    } else if (pending_) {
        pending_ = false;
        high_ = true;
        out_->write(true);
        next_trigger(width_);
    }
}

} // namespace smmu
