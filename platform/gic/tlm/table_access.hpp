// SPDX-License-Identifier: Apache-2.0
// How the parts of the interrupt controller reach their tables in memory.
#ifndef VP_TABLE_ACCESS_HPP
#define VP_TABLE_ACCESS_HPP

#include <cstdint>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "vp/device.h"

namespace vp {

// Move `size` bytes, and let the time pass that this takes: for the calling process only.
template <typename Owner>
vp_status table_access(tlm_utils::simple_initiator_socket<Owner> &bus, tlm::tlm_command command,
                       std::uint64_t addr, void *data, std::uint32_t size)
{
    tlm::tlm_generic_payload trans;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;

    trans.set_command(command);
    trans.set_address(addr);
    trans.set_data_ptr(static_cast<unsigned char *>(data));
    trans.set_data_length(size);
    trans.set_streaming_width(size);
    bus->b_transport(trans, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    if (trans.is_response_ok())
        return VP_OK;
    return trans.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE ? VP_DECERR : VP_SLVERR;
}

} // namespace vp

#endif
