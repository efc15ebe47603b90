// SPDX-License-Identifier: Apache-2.0
// Writes a log (smmu/replay/log.hpp) of what reaches the SystemC component by calls and wires: ATS,
// TLB maintenance of CPUs, the reset.
#ifndef SMMU_REPLAY_CALL_RECORDERS_HPP
#define SMMU_REPLAY_CALL_RECORDERS_HPP

#include <systemc>

#include "smmu/replay/recorder.hpp"
#include "smmu/tlm/ats.hpp"
#include "smmu/tlm/tlb_broadcast.hpp"

namespace smmu {

// Stands between Root Complexes and an ATS port of an SMMU, and passes on every call unchanged.
// What the SMMU sends it hears as a Root Complex does, without being one: bind one such recorder to
// smmuv3::ats_clients(), beside the Root Complexes.
class ats_recorder : public sc_core::sc_module, public ats_server, public ats_client {
  public:
    sc_core::sc_port<ats_server> server{"server"}; // smmuv3::ats()

    // `log` must outlive it.
    ats_recorder(const sc_core::sc_module_name &name, log_recorder &log);

    // Recorded with its completion.
    void translate(smmu_ats_request request, smmu_ats_completion &completion,
                   sc_core::sc_time &delay) override;
    // Recorded, and passed on.
    void request_page(smmu_page_request request, sc_core::sc_time &delay) override;
    // Passed on; logs have no such record.
    void hint_pages(smmu_page_hint hint, sc_core::sc_time &delay) override;

    // Recorded.
    void invalidate(const smmu_atc_inv &inv) override;
    // At once: it has nothing to invalidate.
    bool wait_invalidated(std::uint32_t queue) override;
    // Recorded.
    void respond(const smmu_prg_response &response) override;

  private:
    log_recorder &log_;
};

// Stands between CPUs and an SMMU, and passes on every call unchanged.
class broadcast_recorder : public sc_core::sc_module, public tlb_broadcast_if {
  public:
    sc_core::sc_port<tlb_broadcast_if> broadcast{"broadcast"}; // smmuv3::broadcast()

    // `log` must outlive it.
    broadcast_recorder(const sc_core::sc_module_name &name, log_recorder &log);

    // Recorded, and passed on.
    void tlbi(const smmu_dvm &dvm) override;
    // Passed on.
    void dsb() override;

  private:
    log_recorder &log_;
};

// Records the reset input of an SMMU.
class reset_recorder : public sc_core::sc_module {
  public:
    sc_core::sc_in<bool> reset{"reset"}; // what smmuv3::reset_in() is bound to

    // `log` must outlive it.
    reset_recorder(const sc_core::sc_module_name &name, log_recorder &log);

  private:
    void rises();

    log_recorder &log_;
};

} // namespace smmu

#endif
