// SPDX-License-Identifier: Apache-2.0
// How the parts of the interrupt controller reach their tables in memory.
#ifndef VP_TABLE_ACCESS_HPP
#define VP_TABLE_ACCESS_HPP

#include <cstdint>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "vp/bus_access.hpp"

namespace vp {

// Move `size` bytes, and let the time pass that this takes: for the calling process only.
template <typename Owner>
vp_status table_access(tlm_utils::simple_initiator_socket<Owner> &bus, tlm::tlm_command command,
                       std::uint64_t addr, void *data, std::uint32_t size)
{
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const vp_status status = bus_access(bus, command, addr, data, size, delay);

    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    return status;
}

} // namespace vp

#endif
