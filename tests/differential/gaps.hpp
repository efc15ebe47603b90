// SPDX-License-Identifier: Apache-2.0
// Where QEMU 7.2 departs from the specification, and what the comparison therefore leaves out.
#ifndef TESTS_DIFFERENTIAL_GAPS_HPP
#define TESTS_DIFFERENTIAL_GAPS_HPP

#include <vector>

#include "support/events.hpp"

namespace differential {

// Names of the rows of the table in gaps.cpp, which has the reasons.
enum class gap {
    event_class,
    event_privilege,
    event_per_part,
    cd_fetch_address,
    access_flag,
    output_size,
    pan,
    table_permissions,
    block_level,
    s1cdmax,
    input_size,
    ttb1,
    context_ptr_size,
    invalid_config,
    disabled_half,
    format_change,
    span,
    gbpa,
    silent_commands,
};

// Whether the table has a row for `what`. Without its row, the test compares that too.
bool masked(gap what);

// Whether QEMU consumes commands with this opcode that the core must refuse.
bool accepted_silently(unsigned opcode);

// One event for an access of 8 bytes at `addr`: the first of those QEMU recorded for its parts.
std::vector<support::event> merge_parts(const std::vector<support::event> &events, uint64_t addr);

// Make two events equal in the fields in which QEMU's is known to be wrong.
void forgive(support::event &core, support::event &qemu);

} // namespace differential

#endif
