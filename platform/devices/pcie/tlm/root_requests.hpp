// SPDX-License-Identifier: Apache-2.0
// Requests of functions on their way through the root complex, phase by phase: links, the order of
// what is posted, the ways out.
#ifndef VP_ROOT_REQUESTS_HPP
#define VP_ROOT_REQUESTS_HPP

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>

#include "pcie/pcie_link.h"
#include "pcie_request_header.hpp"
#include "smmu/tlm/at_initiator.hpp"
#include "smmu/tlm/at_target.hpp"

namespace vp {

class root_requests;

// The requests of one function. They leave in the order they came, and one without Relaxed Ordering
// when all writes before it have been answered: then no fabric can put them in another order.
class root_lane : public sc_core::sc_module, private smmu::at_target::user {
  public:
    using payload_size = std::function<std::uint32_t()>;

    // `link` is that of the port above it, shared by all functions behind it; nullptr without one.
    // `max_payload` tells the largest data of a TLP.
    root_lane(const sc_core::sc_module_name &name, root_requests &root, unsigned number,
              pcie_link *link, payload_size max_payload);

    tlm_utils::simple_target_socket<root_lane> socket{"socket"};

    // From the way out.
    void accepted(tlm::tlm_generic_payload &payload);
    void responded(tlm::tlm_generic_payload &payload);

  private:
    void request_arrived(tlm::tlm_generic_payload &payload) override;
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);
    bool has_credit(const tlm::tlm_generic_payload &payload) const;
    void begin_transfer();
    void sent(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &phase);
    void arrived(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &phase);
    void completed(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &phase);
    void forward();
    pcie_tlps tlps_of(const tlm::tlm_generic_payload &payload) const;

    root_requests &root_;
    unsigned number_;
    pcie_link *link_;
    payload_size max_payload_;
    smmu::at_target target_;
    tlm::tlm_generic_payload *begun_ = nullptr; // by the function, and not on the link yet
    unsigned held_[2] = {};                     // reads and writes that have credits
    std::deque<tlm::tlm_generic_payload *> arrived_;
    bool forwarding_ = false; // the first of them is offered to the way out
    unsigned writes_ = 0;     // that have left and not been answered
    tlm_utils::peq_with_cb_and_phase<root_lane> to_sent_;
    tlm_utils::peq_with_cb_and_phase<root_lane> to_arrive_;
    tlm_utils::peq_with_cb_and_phase<root_lane> to_complete_;
};

class root_requests : public sc_core::sc_module {
  public:
    // Puts what the root complex has to say of its requester on a payload; returns the way out.
    using router = std::function<unsigned(tlm::tlm_generic_payload &payload)>;
    // The forward interface behind a way out.
    using way_out = std::function<tlm::tlm_fw_transport_if<> &()>;

    root_requests(const sc_core::sc_module_name &name, router route, std::vector<way_out> ways);
    ~root_requests() override;

    // Before simulation starts: the target for the requests of one more function.
    tlm::tlm_base_target_socket<> &add(pcie_link *link, root_lane::payload_size max_payload);

    // Of the socket of a way out.
    tlm::tlm_sync_enum nb_transport_bw(unsigned way, tlm::tlm_generic_payload &payload,
                                       tlm::tlm_phase &phase, sc_core::sc_time &delay);

    // From a lane: sends a payload out.
    void forward(tlm::tlm_generic_payload &payload);

  private:
    class way;

    router route_;
    std::vector<std::unique_ptr<way>> ways_;
    std::vector<std::unique_ptr<root_lane>> lanes_;
};

} // namespace vp

#endif
