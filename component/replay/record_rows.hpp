// SPDX-License-Identifier: Apache-2.0
// Rows of what recorders see.
#ifndef COMPONENT_REPLAY_RECORD_ROWS_HPP
#define COMPONENT_REPLAY_RECORD_ROWS_HPP

#include <cstdint>

#include "smmu/replay/log.hpp"
#include "smmu/tlm/attributes.hpp"

namespace smmu {

// An access as far as attributes do not say it.
struct recorded_access {
    std::uint64_t addr;
    std::uint64_t size; // in bytes; 0: not known
    bool write;
};

// What a client asks TBU `tbu` for.
log_row client_row(const recorded_access &access, const attributes &from, unsigned tbu);
// What leaves.
log_row output_row(const recorded_access &access, const attributes &from);

} // namespace smmu

#endif
