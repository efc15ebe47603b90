// SPDX-License-Identifier: Apache-2.0
// From the files a user names to a machine's memory at its start.
#ifndef VP_BOOT_HPP
#define VP_BOOT_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "input_file.hpp"
#include "program.hpp"
#include "vp/dt.hpp"

namespace vp {

// Names of files. One of `elf`, `kernel` and `firmware` is not empty, or `kernel` and `firmware`,
// which is then offered the kernel.
struct boot_files {
    std::string elf;
    std::string kernel;                // an arm64 Image
    std::string firmware;              // of the first bank of flash, where the CPU starts
    std::string flash;                 // of the second bank, or empty
    std::string initrd;                // for the kernel, or empty
    std::optional<std::string> append; // the kernel's command line
};

// Reads the files and finds everything a place in `ram` (in order of address), all but an
// executable where `tree` reserves nothing. `tree` becomes the guest's. Throws input_error about
// the files, dt_error about the tree.
boot_image make_boot_image(const boot_files &files, const dt_tree &tree,
                           const std::vector<dt_range> &ram);

} // namespace vp

#endif
