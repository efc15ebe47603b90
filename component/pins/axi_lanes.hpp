// SPDX-License-Identifier: Apache-2.0
// Which bytes of a payload are on which byte lanes.
#ifndef SMMU_PINS_AXI_LANES_HPP
#define SMMU_PINS_AXI_LANES_HPP

#include "smmu/pins/axi_request.hpp"

namespace smmu::pins {

// Bytes from the address to the end of its transfer: of the first one, or of each if it is fixed.
inline unsigned first_bytes(const axi_request &request)
{
    return request.bytes() - (static_cast<unsigned>(request.addr) & (request.bytes() - 1));
}

// Where the bytes of a burst begin in memory.
inline std::uint64_t payload_address(const axi_request &request)
{
    return request.burst == AXI_BURST_WRAP ? request.container() : request.addr;
}

// How many bytes it has: as a wrapping burst, a line in the order of addresses; as a fixed one, the
// same few again for each transfer.
inline unsigned payload_length(const axi_request &request)
{
    switch (request.burst) {
    case AXI_BURST_WRAP:
        return request.total();
    case AXI_BURST_FIXED:
        return request.transfers() * first_bytes(request);
    default:
        return request.total() - request.bytes() + first_bytes(request);
    }
}

// The lanes of a transfer, and which byte of the burst is on the first one.
struct axi_lanes {
    unsigned first_lane;
    unsigned end_lane; // behind the last one
    unsigned byte;
};

inline axi_lanes lanes_of(const axi_request &request, unsigned number, unsigned bus_bytes)
{
    const axi_transfer transfer = transfer_of(request, number, bus_bytes);
    const unsigned byte = request.burst == AXI_BURST_FIXED
                              ? number * first_bytes(request)
                              : static_cast<unsigned>(transfer.address - payload_address(request));
    return {transfer.first_lane, transfer.end_lane, byte};
}

// Makes those of transfer `number` of those of the one before.
inline void advance(axi_lanes &lanes, const axi_request &request, unsigned number,
                    unsigned bus_bytes)
{
    if (request.burst != AXI_BURST_INCR) {
        lanes = lanes_of(request, number, bus_bytes);
        return;
    }
    lanes.byte += lanes.end_lane - lanes.first_lane;
    lanes.first_lane = lanes.end_lane & (bus_bytes - 1);
    lanes.end_lane = lanes.first_lane + request.bytes();
}

} // namespace smmu::pins

#endif
