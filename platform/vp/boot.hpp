// SPDX-License-Identifier: Apache-2.0
// From the files a user names to a machine's memory at its start.
#ifndef VP_BOOT_HPP
#define VP_BOOT_HPP

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "program.hpp"
#include "vp/dt.hpp"

namespace vp {

// A mistake in what the user gave; what() is one line that begins with the file's name.
class input_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Names of files; of `elf` and `kernel` exactly one is not empty.
struct boot_files {
    std::string elf;
    std::string kernel;                // an arm64 Image
    std::string initrd;                // for the kernel, or empty
    std::optional<std::string> append; // the kernel's command line
};

// Throws input_error if the file cannot be read.
std::vector<std::uint8_t> read_file(const std::string &path);

// Runs `read`, and turns what it has to say against the contents of `path` into an input_error.
template <typename F> auto about(const std::string &path, F read)
{
    try {
        return read();
    } catch (const dt_error &error) {
        throw input_error(path + ": " + error.what());
    } catch (const image_error &error) {
        throw input_error(path + ": " + error.what());
    }
}

// Reads the files and finds everything a place in `ram` (in order of address), all but an
// executable where `tree` reserves nothing. `tree` becomes the guest's. Throws input_error about
// the files, dt_error about the tree.
boot_image make_boot_image(const boot_files &files, const dt_tree &tree,
                           const std::vector<dt_range> &ram);

} // namespace vp

#endif
