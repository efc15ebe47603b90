// SPDX-License-Identifier: Apache-2.0
// Any register, memory and client input, taken from a string of bytes.
#ifndef TESTS_CORE_FUZZ_CORE_HPP
#define TESTS_CORE_FUZZ_CORE_HPP

#include <cstddef>
#include <cstdint>

// Build an SMMU as `data` says, then write registers and memory, translate, probe, stall and reset
// until the bytes are used up. The core must survive, keep to its contract and end: throws
// std::logic_error if it breaks smmu/ops.h or gives an impossible answer.
void fuzz_core(const uint8_t *data, size_t size);

#endif
