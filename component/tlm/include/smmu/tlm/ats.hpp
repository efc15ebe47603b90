// SPDX-License-Identifier: Apache-2.0
// The ATS port of a TCU: how a Root Complex and an SMMU talk to each other (IHI 0070 3.9.1).
#ifndef SMMU_TLM_ATS_HPP
#define SMMU_TLM_ATS_HPP

#include <systemc>

#include "smmu/ats.h"

namespace smmu {

// A TCU as Root Complexes see it. Calls are made from SC_THREADs: they may block. `call` of the
// requests is overwritten. Time is spent as timing::mode says: requests and their answers, which
// messages have as well, are those of a TBU (timing.def).
class ats_server : public virtual sc_core::sc_interface {
  public:
    // Serve a Translation Request (3.9.1).
    virtual void translate(smmu_ats_request request, smmu_ats_completion &completion,
                           sc_core::sc_time &delay) = 0;

    // Take a Page Request or a Stop Marker (8). Answers come by ats_client::respond(), some of them
    // before the call returns.
    virtual void request_page(smmu_page_request request, sc_core::sc_time &delay) = 0;

    // Record a client's hint (7.3.19).
    virtual void hint_pages(smmu_page_hint hint, sc_core::sc_time &delay) = 0;
};

// A Root Complex as a TCU sees it. A TCU with several of them tells each of everything: messages
// for StreamIDs that are not its own are for another one.
class ats_client : public virtual sc_core::sc_interface {
  public:
    // Send an Invalidate Request (4.5.1), which has come by the link. May block, while an endpoint
    // has no room for another.
    virtual void invalidate(const smmu_atc_inv &inv) = 0;

    // Wait until all Invalidate Requests of a Command queue (smmu_atc_inv.queue) that were sent so
    // far have completed, and until what endpoints accessed by the invalidated translations has
    // left for the SMMU. False if one timed out (3.9.1.4), which is then forgotten. May block, as
    // may calls for other queues meanwhile.
    virtual bool wait_invalidated(std::uint32_t queue) = 0;

    // Pass a PRG Response on (8.3). Must not block.
    virtual void respond(const smmu_prg_response &response) = 0;
};

} // namespace smmu

#endif
