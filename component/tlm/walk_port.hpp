// SPDX-License-Identifier: Apache-2.0
// The memory accesses an SMMU makes on its own, as TLM-2.0 transactions or through DMI.
#ifndef SMMU_TLM_WALK_PORT_HPP
#define SMMU_TLM_WALK_PORT_HPP

#include <memory>
#include <vector>

#include <tlm>

#include "smmu/ops.h"
#include "smmu/tlm/timing.hpp"

namespace smmu {

// The content of smmu_txn.cookie: how accesses made for the call are done.
// Accesses without one come from background work.
struct call_context {
    sc_core::sc_time *delay; // the delay of the transaction; unused by debug accesses
    bool debug;              // by debug transport
};

class walk_port {
  public:
    explicit walk_port(const timing &times); // `times` must outlive the port
    ~walk_port();

    // Do the access `request` in `memory`. May suspend the calling process, except if its call is
    // a debug one.
    smmu_mem_status access(tlm::tlm_fw_transport_if<> &memory, tlm::tlm_command command,
                           const smmu_mem_req &request, unsigned char *data);

    // Read the 8 bytes that `request` names in `memory` into `old` and, if they equal `expected`,
    // write `value` there. The base protocol has no atomic transactions: a read goes out, which
    // takes the time of the access, and where its response arrives the comparison and the write are
    // made by debug transport. That may not suspend, so no one in the simulation can come between.
    smmu_mem_status compare_and_swap(tlm::tlm_fw_transport_if<> &memory,
                                     const smmu_mem_req &request, const void *expected,
                                     const void *value, unsigned char *old);

    // Forget direct memory access to start .. end, both included.
    void invalidate(sc_dt::uint64 start, sc_dt::uint64 end);

  private:
    struct access_payload;
    class lease;

    struct window {
        tlm::tlm_dmi dmi;
        std::uint8_t pas; // the address space it was granted for

        bool holds(const smmu_mem_req &request) const; // all bytes that it asks for
    };

    bool direct(tlm::tlm_command command, const smmu_mem_req &request, unsigned char *data,
                sc_core::sc_time &delay) const;
    void ask_for_window(tlm::tlm_fw_transport_if<> &memory, tlm::tlm_generic_payload &payload,
                        const smmu_mem_req &request);

    const timing &times_;
    std::vector<window> windows_;
    std::vector<std::unique_ptr<access_payload>> idle_; // one payload per access under way, reused
};

} // namespace smmu

#endif
