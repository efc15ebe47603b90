// SPDX-License-Identifier: Apache-2.0
// As many CPUs as wanted, from a device tree that has one.
#ifndef VP_CPU_NODES_HPP
#define VP_CPU_NODES_HPP

#include <cstdint>
#include <vector>

namespace vp {

// `blob`, a device tree, with `count` CPUs (1 to 8): those added are copies of its only CPU, less
// what identifies that (phandle), with affinities that follow. A tree that has `count` CPUs already
// stays as it is. Throws dt_error if it is no device tree, or has another number of CPUs.
std::vector<std::uint8_t> multiply_cpus(std::vector<std::uint8_t> blob, unsigned count);

} // namespace vp

#endif
