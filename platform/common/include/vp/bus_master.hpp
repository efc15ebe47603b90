// SPDX-License-Identifier: Apache-2.0
// A bus master for processes that each wait for the end of their access.
#ifndef VP_BUS_MASTER_HPP
#define VP_BUS_MASTER_HPP

#include <cstdint>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "smmu/tlm/at_initiator.hpp"
#include "smmu/tlm/attributes.hpp"
#include "vp/device.h"
#include "vp/payload_pool.hpp"

namespace vp {

// In a loosely-timed machine accesses are those of bus_access(). In an approximately-timed one they
// go by nb_transport, so that those of several processes are outstanding at a time.
class bus_master final : private smmu::at_initiator::user {
  public:
    // A member of a module.
    bus_master(const char *name, bool approximate);

    tlm_utils::simple_initiator_socket<bus_master> socket;

    // From a process: moves `size` bytes between `data` and `addr`. The time of the access is added
    // to `delay`, or passes.
    vp_status access(tlm::tlm_command command, std::uint64_t addr, void *data, std::uint32_t size,
                     smmu::attributes attributes, sc_core::sc_time &delay);

  private:
    struct wait_for_answer {
        bool over = false;
        sc_core::sc_event answered;
    };
    using pool = payload_pool<wait_for_answer>;

    vp_status send(tlm::tlm_command command, std::uint64_t addr, void *data, std::uint32_t size,
                   const smmu::attributes &attributes);
    void response_arrived(tlm::tlm_generic_payload &payload) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);

    bool approximate_;
    pool pool_;
    smmu::at_initiator initiator_;
};

} // namespace vp

#endif
