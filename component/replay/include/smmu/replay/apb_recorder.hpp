// SPDX-License-Identifier: Apache-2.0
// Writes a log of what passes on the pins of an APB bus that an SMMU is programmed by.
#ifndef SMMU_REPLAY_APB_RECORDER_HPP
#define SMMU_REPLAY_APB_RECORDER_HPP

#include <optional>

#include <systemc>

#include "smmu/pins/apb_bundle.hpp"
#include "smmu/replay/recorder.hpp"

namespace smmu {

// A recorder of a bus but for its pins.
class apb_recorder_base : public sc_core::sc_module {
  protected:
    // Makes a recorder that has seen nothing.
    apb_recorder_base(const sc_core::sc_module_name &name, log_recorder &log);

    // At each rising edge of the clock. The reset is active low.
    void edge(const pins::apb_watched_pins &pins, pins::pin_level presetn);

  private:
    void begin(const pins::apb_sample &now);
    void end(const pins::apb_sample &now);

    log_recorder &log_;
    std::optional<log_row> row_; // of the transfer that is under way
    bool reset_ = true;          // at the last edge, or there has been none
};

// Looks at a bus of configuration C (smmu/pins/apb_bundle.hpp) with pins of STYLE. It drives
// nothing. A write of a whole word is recorded where it begins, as the SMMU may act on it before
// the transfer ends; a read where it ends, unless by PSLVERR. The beginning of a reset is a row
// `reset`.
template <class C, class STYLE = pins::two_state> class apb_recorder : public apb_recorder_base {
    static_assert(C::data_width == 32, "logs have registers of 4 and 8 bytes");

  public:
    // The clock, whose rising edge everything is sampled at.
    sc_core::sc_in<bool> PCLK{"PCLK"};
    sc_core::sc_in<typename STYLE::template value<1>> PRESETn{"PRESETn"}; // active low
    pins::apb_monitor_pins<C, STYLE> apb;                                 // the bus

    // Makes a recorder that has seen nothing; `log` must outlive it.
    apb_recorder(const sc_core::sc_module_name &name, log_recorder &log)
        : apb_recorder_base(name, log)
    {
        SC_HAS_PROCESS(apb_recorder);
        SC_METHOD(clocked);
        this->sensitive << PCLK.pos();
        this->dont_initialize();
    }

  private:
    void clocked() { edge(apb, pins::level_of(PRESETn.read())); }
};

} // namespace smmu

#endif
