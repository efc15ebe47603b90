// SPDX-License-Identifier: Apache-2.0
// Ranges of IDs and what becomes of them, put one after the other: requester IDs become StreamIDs
// at an SMMU, and those DeviceIDs at an ITS.
#ifndef VP_ACPI_MAPS_HPP
#define VP_ACPI_MAPS_HPP

#include <cstdint>
#include <vector>

#include "pcie_node.hpp"

namespace vp {

// `count` IDs from `first` on become `out` and what follows, at number `target`.
struct id_range {
    std::uint32_t first, count, out;
    unsigned target;
    unsigned smmu = 0; // of followed_by(): where `first` is
};

using id_ranges = std::vector<id_range>;

// Those of a map of the tree; `numbers` are those of its targets.
id_ranges id_ranges_of(const pcie_map &map, const std::vector<unsigned> &numbers);

// What `streams` make of an ID, to what `messages` make of the same one.
id_ranges followed_by(const id_ranges &streams, const id_ranges &messages);

// The parts of `ranges` that no range of `others` has.
id_ranges without(const id_ranges &ranges, const id_ranges &others);

} // namespace vp

#endif
