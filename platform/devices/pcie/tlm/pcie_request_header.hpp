// SPDX-License-Identifier: Apache-2.0
// What a memory request says of itself beside address and data.
#ifndef VP_PCIE_REQUEST_HEADER_HPP
#define VP_PCIE_REQUEST_HEADER_HPP

#include <tlm>

#include "pcie_upstream.hpp"

namespace vp {

// On every payload between a function and the root complex.
class pcie_request_header : public tlm::tlm_extension<pcie_request_header> {
  public:
    pcie_requester from = {};
    bool relaxed = false; // Relaxed Ordering
    unsigned lane = 0;    // the root complex's own: which function it came from

    tlm::tlm_extension_base *clone() const override { return new pcie_request_header(*this); }
    void copy_from(const tlm::tlm_extension_base &other) override
    {
        *this = static_cast<const pcie_request_header &>(other);
    }

    // That of a payload which has one.
    static pcie_request_header &of(const tlm::tlm_generic_payload &payload)
    {
        return *payload.get_extension<pcie_request_header>();
    }
};

} // namespace vp

#endif
