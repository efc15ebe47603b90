// SPDX-License-Identifier: Apache-2.0
// The bursts of AXI that a TLM transaction is made of.
#ifndef SMMU_PINS_AXI_SPLIT_HPP
#define SMMU_PINS_AXI_SPLIT_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <tlm>

#include "smmu/pins/axi_attributes.hpp"

namespace smmu::pins {

// A burst, and the bytes of the payload that it transfers.
struct axi_burst_piece {
    axi_request request;
    std::size_t offset; // of its first byte
    unsigned bytes;     // how many; what lanes it has beyond is not the payload's
};

// What becomes of a payload.
struct axi_split {
    std::vector<axi_burst_piece> pieces; // in the order they are sent; none: it ends at once
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE; // then; else if all of them succeed
    std::string refused = {};                               // why; empty: it is not
    // Of an atomic transaction, else empty: what it writes, in the order of addresses, in place of
    // the data of the payload, and what it returns, by read data if it does.
    std::vector<unsigned char> operand = {};
    std::vector<unsigned char> old = {};
    std::optional<axi_burst_piece> returned = {};

    // How many responses there are to come.
    std::size_t responses() const { return pieces.size() + (returned ? 1 : 0); }
};

// The bursts for `payload` on a bus of `shape`. None crosses 4 KiB, all are legal. They transfer
// exactly the bytes that the payload names, but on a bus without bursts, where a transfer has the
// width of the bus.
axi_split split(const tlm::tlm_generic_payload &payload, const axi_shape &shape);

} // namespace smmu::pins

#endif
