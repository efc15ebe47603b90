// SPDX-License-Identifier: Apache-2.0
// Keys of an interactive console: some are for the guest, some for the simulator.
#ifndef VP_CONSOLE_KEYS_HPP
#define VP_CONSOLE_KEYS_HPP

#include <cstdint>
#include <optional>

namespace vp {

// Every byte is the guest's, but for those after Ctrl-A: x quits, another Ctrl-A is a Ctrl-A for
// the guest, anything else is for nobody.
class console_keys {
  public:
    static constexpr std::uint8_t escape = 0x01; // Ctrl-A

    // The byte for the guest that `byte` of the terminal makes, if any. After quit() has become
    // true there is none.
    std::optional<std::uint8_t> press(std::uint8_t byte);

    bool quit() const { return quit_; }

  private:
    bool escaped_ = false; // the byte before was an escape
    bool quit_ = false;
};

} // namespace vp

#endif
