// SPDX-License-Identifier: Apache-2.0
// Takes the escape key of an interactive console out of what is typed.
#include "console_keys.hpp"

#include <utility>

namespace vp {

std::optional<std::uint8_t> console_keys::press(std::uint8_t byte)
{
    const bool escaped = std::exchange(escaped_, byte == escape && !escaped_);

    quit_ = quit_ || (escaped && byte == 'x');
    if (quit_ || escaped_ || (escaped && byte != escape))
        return std::nullopt;
    return byte;
}

} // namespace vp
