// SPDX-License-Identifier: Apache-2.0
// Reads the terminal once in a while of simulated time, and waits there for the clock on the wall.
#include "console_input.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>

#include <poll.h>
#include <unistd.h>

namespace vp {

namespace {

constexpr auto period = std::chrono::milliseconds(1); // of simulated time, between two looks
constexpr std::size_t typed_limit = 65536;            // beyond, input stays where it is

} // namespace

console_input::console_input(const sc_core::sc_module_name &name, character_device &uart)
    : sc_module(name), uart_(uart)
{
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    sc_core::sc_spawn([this] { run(); }, "run");
}

character_device *console_input::find_uart(const sc_core::sc_object &machine)
{
    for (sc_core::sc_object *child : machine.get_child_objects())
        if (auto *uart = dynamic_cast<character_device *>(child))
            return uart;
    return nullptr;
}

void console_input::run()
{
    while (!keys_.quit()) {
        while (!typed_.empty() && uart_.can_receive()) {
            uart_.receive(typed_.front());
            typed_.pop_front();
        }
        sc_core::wait(static_cast<double>(period.count()), sc_core::SC_MS);
        if (wait_for_wall())
            read_keys();
    }
    sc_core::sc_stop();
}

// Until this moment of simulated time is due. Returns true, perhaps earlier, if there is input.
bool console_input::wait_for_wall()
{
    const auto left = wall_.behind(period).count();
    const timespec timeout = {left / 1000000000, left % 1000000000};
    pollfd input = {descriptor(), POLLIN, 0};
    return ppoll(&input, 1, &timeout, nullptr) > 0;
}

int console_input::descriptor() const
{
    return ended_ || typed_.size() >= typed_limit ? -1 : STDIN_FILENO;
}

bool console_input::look()
{
    read_keys();
    return keys_.quit();
}

void console_input::read_keys()
{
    std::array<std::uint8_t, 256> bytes;
    const ssize_t count = read(STDIN_FILENO, bytes.data(), bytes.size());

    ended_ = count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
    for (ssize_t i = 0; i < count; i++)
        if (const auto byte = keys_.press(bytes[static_cast<std::size_t>(i)]))
            typed_.push_back(*byte);
}

} // namespace vp
