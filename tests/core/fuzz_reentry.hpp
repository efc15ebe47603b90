// SPDX-License-Identifier: Apache-2.0
// Calls into the SMMU that overtake each other, as a string of bytes says.
#ifndef TESTS_CORE_FUZZ_REENTRY_HPP
#define TESTS_CORE_FUZZ_REENTRY_HPP

#include <array>
#include <cstddef>
#include <cstdint>

// How often each kind of access that there is has come through, or has been refused.
using reentry_counts = std::array<unsigned, 8>;

// Build an SMMU with a few streams. Then, until the bytes are used up, let transactions, ATS and
// page requests, commands, register writes, broadcasts and resets meet, each of them at any memory
// access of any other; accesses fail and clients are killed. Throws std::logic_error if a
// transaction is not answered once, an answer is older or newer than it may be, an acknowledgement
// is not true, or something does not come to an end.
reentry_counts fuzz_reentry(const uint8_t *data, size_t size);

#endif
