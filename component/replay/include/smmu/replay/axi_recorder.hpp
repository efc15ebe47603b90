// SPDX-License-Identifier: Apache-2.0
// Writes a log of what passes on the pins of AXI buses around an SMMU.
#ifndef SMMU_REPLAY_AXI_RECORDER_HPP
#define SMMU_REPLAY_AXI_RECORDER_HPP

#include <memory>

#include <systemc>

#include "smmu/pins/axi_bundle.hpp"
#include "smmu/replay/recorder.hpp"

namespace smmu {

class axi_bursts;

// A recorder of a bus but for its pins.
class axi_recorder_base : public sc_core::sc_module {
  public:
    ~axi_recorder_base() override;

    // At each rising edge of the clock: looks at a bus whose signals are sampled then. The reset is
    // active low; what is under way is forgotten in it.
    void edge(const pins::axi_pins &pins, pins::pin_level aresetn);

  protected:
    // Makes a recorder, which has seen nothing, of a bus of `shape`.
    axi_recorder_base(const sc_core::sc_module_name &name, log_recorder &log,
                      recorded_interface which, const pins::axi_shape &shape, unsigned tbu);

  private:
    std::unique_ptr<axi_bursts> bursts_;
};

// Looks at a bus of configuration C (smmu/pins/axi_config.hpp) with pins of STYLE, which is
// connection `which` of an SMMU, and writes to `log` as a socket_recorder does; a burst ends with
// its last response. It drives nothing. Attributes of outputs are not written, as AXI has no words
// for some.
template <class C, class STYLE = pins::two_state> class axi_recorder : public axi_recorder_base {
  public:
    // The clock, whose rising edge everything is sampled at.
    sc_core::sc_in<bool> ACLK{"ACLK"};
    sc_core::sc_in<typename STYLE::template value<1>> ARESETn{"ARESETn"}; // active low
    pins::axi_monitor_pins<C, STYLE> axi;                                 // the bus

    // Makes a recorder that has seen nothing; `log` must outlive it.
    axi_recorder(const sc_core::sc_module_name &name, log_recorder &log, recorded_interface which,
                 unsigned tbu = 0)
        : axi_recorder_base(name, log, which, pins::axi_shape::of<C>(), tbu)
    {
        SC_HAS_PROCESS(axi_recorder);
        SC_METHOD(clocked);
        this->sensitive << ACLK.pos();
        this->dont_initialize();
    }

  private:
    void clocked() { edge(axi, pins::level_of(ARESETn.read())); }
};

// The same for a bus whose cycles are calls of edge(), before those of bridges.
template <class C> class axi_recorder_stepped : public axi_recorder_base {
  public:
    // Makes a recorder that has seen nothing; `log` must outlive it.
    axi_recorder_stepped(const sc_core::sc_module_name &name, log_recorder &log,
                         recorded_interface which, unsigned tbu = 0)
        : axi_recorder_base(name, log, which, pins::axi_shape::of<C>(), tbu)
    {
    }
};

} // namespace smmu

#endif
