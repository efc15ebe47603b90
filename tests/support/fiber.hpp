// SPDX-License-Identifier: Apache-2.0
// Threads of execution that give way to each other by name: a blocked call is left on its own stack
// while others go on, in any order.
#ifndef TESTS_SUPPORT_FIBER_HPP
#define TESTS_SUPPORT_FIBER_HPP

#include <functional>
#include <memory>

namespace support {

class fiber {
  public:
    // Runs nothing yet. One that ends must have been resumed until done().
    explicit fiber(std::function<void()> body);
    ~fiber();
    fiber(const fiber &) = delete;
    fiber &operator=(const fiber &) = delete;

    // Run it until it yields or ends. What it lets escape is thrown here. Not from inside a fiber.
    void resume();
    bool done() const;

    // Inside a fiber: back to the caller of resume(), until the next.
    static void yield();
    static bool inside();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace support

#endif
