// SPDX-License-Identifier: Apache-2.0
// Files a user names: reading them within limits, and what is said against them.
#ifndef VP_INPUT_FILE_HPP
#define VP_INPUT_FILE_HPP

#include <cstdint>
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

// How much of a file can be of use, and why no more: "more than that cannot be because ...".
struct read_limit {
    std::uint64_t bytes;
    std::string reason; // such as "all the memory there is"
};

// Regular files and pipes; a pipe nobody writes to is waited for. Throws input_error if the file
// cannot be read, is a directory or a device, or has more bytes than `limit` says.
std::vector<std::uint8_t> read_file(const std::string &path, const read_limit &limit);

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

} // namespace vp

#endif
