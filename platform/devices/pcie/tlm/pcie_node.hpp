// SPDX-License-Identifier: Apache-2.0
// The node of a generic ECAM host, read and checked: windows, maps, interrupts, what is plugged in.
#ifndef VP_PCIE_NODE_HPP
#define VP_PCIE_NODE_HPP

#include <cstdint>
#include <vector>

#include "pcie/pcie_link.h"
#include "pcie/pcie_rid_map.h"
#include "pcie_function.hpp"
#include "vp/device.hpp"
#include "vp/dt.hpp"

namespace vp {

// An entry of `ranges`.
struct pcie_window {
    std::uint64_t bus; // address on the bus of the first byte
    dt_range system;
    bool memory; // else I/O, where nothing answers
};

// `iommu-map` or `msi-map` with its mask.
struct pcie_map {
    std::uint32_t mask;
    std::vector<pcie_rid_range> ranges; // `target`: index into `targets`
    std::vector<dt_node> targets;       // each once, in order of appearance

    pcie_rid_map view() const { return {mask, ranges.data(), ranges.size()}; }
};

// Where a pin of a device of the root bus goes, by `interrupt-map`.
struct pcie_pin {
    unsigned device;
    unsigned pin;  // 1 to 4
    unsigned line; // index into pcie_plan::lines
};

// A child node: a function, or a root port with functions behind it.
struct pcie_slot {
    dt_node node;
    unsigned devfn;
    pcie_link_config link; // of a root port
    std::vector<pcie_slot> behind;
};

struct pcie_plan {
    unsigned first_bus;
    std::vector<pcie_window> windows;
    pcie_map iommus;
    pcie_map msis;
    std::vector<dt_specifier> lines; // interrupts that pins lead to, each once
    std::vector<pcie_pin> pins;
    bool ats;                      // Translation Requests go to SMMUs
    std::uint32_t invalidation_us; // within which functions complete an invalidation
    std::vector<pcie_slot> slots;  // in order of device and function number
};

// `compatible` of a root port.
constexpr const char *pcie_port_compatible = "vp,pcie-root-port";

// The translations of a function: `vp,atc`, <sets ways>, and `vp,invalidation-ns`. Throws dt_error
// if they make no sense.
translation_options read_translations(const dt_node &node);

// How a function sends its requests: `vp,outstanding`, and the link above it, in an
// approximately-timed machine. Throws dt_error if that makes no sense.
request_options read_requests(const dt_node &node, pcie_kind kind);

// The largest request of a function: `vp,burst-bytes`, a power of two from PCIE_MIN_BURST to
// PCIE_MAX_BURST; `otherwise` without it. Throws dt_error for another number.
unsigned read_burst_bytes(const dt_node &node, unsigned otherwise);

// Throws dt_error for whatever is malformed or contradicts itself.
pcie_plan read_pcie_node(const dt_node &node);

} // namespace vp

#endif
