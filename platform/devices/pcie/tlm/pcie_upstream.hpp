// SPDX-License-Identifier: Apache-2.0
// The root complex, as functions see it.
#ifndef VP_PCIE_UPSTREAM_HPP
#define VP_PCIE_UPSTREAM_HPP

#include <cstdint>

#include <systemc>
#include <tlm>

#include "pcie/pcie_ats.h"
#include "vp/device.h"

namespace vp {

// Who sends a memory request, and what kind of address it has.
struct pcie_requester {
    std::uint16_t rid;
    std::uint32_t pasid; // or VP_NO_SSID
    bool translated;
};

// The time of calls is added to `delay`; they may block as well.
class pcie_upstream {
  public:
    virtual ~pcie_upstream() = default;

    virtual vp_status request(tlm::tlm_command command, const pcie_requester &from,
                              std::uint64_t addr, void *data, std::uint32_t size,
                              sc_core::sc_time &delay) = 0;

    // Translation Requests and Page Requests of the requester ID `rid`. Where nobody translates,
    // the former are unsupported and the latter are lost.
    virtual pcie_translation translate(std::uint16_t /*rid*/,
                                       const pcie_translation_request & /*wanted*/,
                                       sc_core::sc_time & /*delay*/)
    {
        pcie_translation none = {};
        none.status = PCIE_UNSUPPORTED;
        return none;
    }
    virtual void request_page(std::uint16_t /*rid*/, const pcie_page_request & /*wanted*/,
                              sc_core::sc_time & /*delay*/)
    {
    }
};

} // namespace vp

#endif
