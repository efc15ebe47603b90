// SPDX-License-Identifier: Apache-2.0
// Messages of the program on standard error.
#ifndef VP_MESSAGE_HPP
#define VP_MESSAGE_HPP

#include <string>

namespace vp {

// `text` as one line that leaves a terminal as it is: control characters as "\n" or "\x1b".
std::string visible(const std::string &text);

// Prints it on standard error, behind the program's name.
void say(const std::string &text);

} // namespace vp

#endif
