// SPDX-License-Identifier: Apache-2.0
// One access of a bus master, as a blocking transaction.
#ifndef VP_BUS_ACCESS_HPP
#define VP_BUS_ACCESS_HPP

#include <cstdint>

#include <systemc>
#include <tlm>

#include "vp/device.h"

namespace vp {

// How the transaction of a bus master ended.
inline vp_status status_of(const tlm::tlm_generic_payload &trans)
{
    if (trans.is_response_ok())
        return VP_OK;
    return trans.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE ? VP_DECERR : VP_SLVERR;
}

// Moves `size` bytes between `data` and `addr` on what `bus`, an initiator socket, is bound to. The
// transaction carries `extensions`, which stay the caller's. The time of the access is added
// to `delay`; it may block as well.
template <typename Socket, typename... Extensions>
vp_status bus_access(Socket &bus, tlm::tlm_command command, std::uint64_t addr, void *data,
                     std::uint32_t size, sc_core::sc_time &delay, Extensions &...extensions)
{
    tlm::tlm_generic_payload trans;

    trans.set_command(command);
    trans.set_address(addr);
    trans.set_data_ptr(static_cast<unsigned char *>(data));
    trans.set_data_length(size);
    trans.set_streaming_width(size);
    (trans.set_extension(&extensions), ...);
    bus->b_transport(trans, delay);
    (trans.clear_extension(&extensions), ...);
    return status_of(trans);
}

} // namespace vp

#endif
