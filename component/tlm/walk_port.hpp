// SPDX-License-Identifier: Apache-2.0
// The memory accesses an SMMU makes on its own, as TLM-2.0 transactions or through DMI.
#ifndef SMMU_TLM_WALK_PORT_HPP
#define SMMU_TLM_WALK_PORT_HPP

#include <functional>
#include <memory>
#include <vector>

#include <tlm>

#include "smmu/ops.h"
#include "smmu/tlm/at_initiator.hpp"
#include "smmu/tlm/compare_and_swap.hpp"
#include "smmu/tlm/measurement.hpp"
#include "smmu/tlm/timing.hpp"

namespace smmu {

// The content of smmu_txn.cookie: how accesses made for the call are done. Accesses without one
// come from background work.
struct call_context {
    sc_core::sc_time *delay;        // the delay of the transaction; unused by debug accesses
    bool debug;                     // by debug transport
    latency_split *split = nullptr; // the latency of a transaction that is measured
};

class walk_port : private at_initiator::user {
  public:
    // `times` must outlive the port, and so must what `memory` returns, the target it accesses.
    walk_port(const timing &times, std::function<tlm::tlm_fw_transport_if<> &()> memory);
    ~walk_port();

    // Do the access `request`. May suspend the calling process, except if its call is a debug one.
    smmu_mem_status access(tlm::tlm_command command, const smmu_mem_req &request,
                           unsigned char *data);

    // Do `swap` on the 8 bytes that `request` names; `old` gets what they were. One transaction. If
    // memory does not know compare-and-swap, that was a read, and where its response arrives the
    // comparison and the write are made by debug transport. That may not suspend, so no one in the
    // simulation can come between.
    smmu_mem_status update(const smmu_mem_req &request, const compare_and_swap &swap,
                           unsigned char *old);

    // `level`, which lives as long, is how many accesses are under way from now on.
    void measure(smmu_level &level) { level_ = &level; }

    // Forget direct memory access to start .. end, both included.
    void invalidate(sc_dt::uint64 start, sc_dt::uint64 end);

    // To be registered with the socket.
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        return sender_.nb_transport_bw(payload, phase, delay);
    }

  private:
    class access_payload;
    class lease;
    class presence;

    struct window {
        tlm::tlm_dmi dmi;
        std::uint8_t pas; // the address space it was granted for

        bool holds(const smmu_mem_req &request) const; // all bytes that it asks for
    };

    bool approximate() const { return times_.mode == timing_mode::approximately_timed; }
    bool transfer(lease &leased, tlm::tlm_command command, const smmu_mem_req &request,
                  unsigned char *data, sc_core::sc_time &delay);
    bool debug(tlm::tlm_command command, const smmu_mem_req &request, unsigned char *data);
    bool update_by_debug(const smmu_mem_req &request, compare_and_swap swap, unsigned char *old);
    const window *window_for(tlm::tlm_command command, const smmu_mem_req &request) const;
    bool direct(tlm::tlm_command command, const smmu_mem_req &request, unsigned char *data,
                sc_core::sc_time &delay) const;
    void ask_for_window(tlm::tlm_generic_payload &payload, const smmu_mem_req &request);
    void response_arrived(tlm::tlm_generic_payload &payload) override;

    const timing &times_;
    std::function<tlm::tlm_fw_transport_if<> &()> memory_;
    std::vector<window> windows_;
    std::vector<std::unique_ptr<access_payload>> all_; // one payload per access under way, reused
    std::vector<access_payload *> idle_;
    smmu_level *level_ = nullptr;
    at_initiator sender_;
};

} // namespace smmu

#endif
