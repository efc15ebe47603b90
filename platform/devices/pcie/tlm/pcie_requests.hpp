// SPDX-License-Identifier: Apache-2.0
// Memory requests of a function by nb_transport, several outstanding.
#ifndef VP_PCIE_REQUESTS_HPP
#define VP_PCIE_REQUESTS_HPP

#include <cstdint>
#include <functional>
#include <set>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "pcie_request_header.hpp"
#include "smmu/tlm/at_initiator.hpp"
#include "vp/device.h"
#include "vp/payload_pool.hpp"

namespace vp {

class pcie_requests final : public sc_core::sc_module, private smmu::at_initiator::user {
  public:
    static constexpr unsigned max_outstanding = 256;

    struct request {
        tlm::tlm_command command;
        std::uint64_t addr;
        unsigned char *data; // of a write: copied by send(); of a read: there until its answer
        std::uint32_t size;
        pcie_requester from;
        bool relaxed;
    };
    // Told of the end of a request; must not block.
    using answered = std::function<void(vp_status)>;

    pcie_requests(const sc_core::sc_module_name &name, unsigned outstanding);

    tlm_utils::simple_initiator_socket<pcie_requests> socket{"socket"};

    // From a process: waits until fewer than `outstanding` are, and of reads fewer than `tags`;
    // then sends the request. Requests of one process are sent in the order of its calls.
    void send(const request &wanted, unsigned tags, answered end);

  private:
    struct context {
        request sent;
        unsigned tag = 0;
        answered end;
    };
    using pool = payload_pool<context>;

    void take_room(bool read, unsigned tags);
    unsigned take_tag();
    void response_arrived(tlm::tlm_generic_payload &payload) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);

    unsigned outstanding_;
    unsigned under_way_ = 0;
    std::set<unsigned> tags_; // that are free: each read has one
    sc_core::sc_event room_;
    pool pool_;
    smmu::at_initiator initiator_;
};

} // namespace vp

#endif
