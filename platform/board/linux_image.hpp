// SPDX-License-Identifier: Apache-2.0
// arm64 Linux kernels and their initial RAM disks, placed as the kernel's boot protocol wants it
// (Documentation/arch/arm64/booting.rst of Linux).
#ifndef VP_LINUX_IMAGE_HPP
#define VP_LINUX_IMAGE_HPP

#include <cstdint>
#include <vector>

#include "program.hpp"

namespace vp {

// Places the kernel in `file`, a raw arm64 Image, at the lowest address in `ram` (in order of
// address) that it accepts. Throws image_error if `file` is anything else or does not fit.
program place_kernel(std::vector<std::uint8_t> file, const std::vector<dt_range> &ram);

// Adds the initial RAM disk `file` to `kernel`, at the lowest 2 MiB boundary of `ram` (in order of
// address) behind it, and returns where it is. Throws image_error if it is empty or does not fit.
dt_range place_initrd(std::vector<std::uint8_t> file, program &kernel,
                      const std::vector<dt_range> &ram);

} // namespace vp

#endif
