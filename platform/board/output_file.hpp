// SPDX-License-Identifier: Apache-2.0
// Files the program writes, which must be none of those it reads.
#ifndef VP_OUTPUT_FILE_HPP
#define VP_OUTPUT_FILE_HPP

#include <cstdio>
#include <string>
#include <vector>

namespace vp {

// Opens the file `path` for writing, empty; it is made if there is none. `what` it gets is for
// messages. Throws input_error, and leaves the file as it is, if it cannot be written, or is one of
// the files `in_use` or standard input, output or error, under whatever name.
std::FILE *open_output(const std::string &path, const std::string &what,
                       const std::vector<std::string> &in_use);

} // namespace vp

#endif
