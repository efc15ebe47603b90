// SPDX-License-Identifier: Apache-2.0
// Fibers on ucontext, and what AddressSanitizer has to know of them.
#include "support/fiber.hpp"

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

#include <ucontext.h>

// Of AddressSanitizer, if the program has it, whichever parts are compiled for it.
extern "C" {
__attribute__((weak)) void __sanitizer_start_switch_fiber(void **fake, const void *bottom,
                                                          std::size_t size);
__attribute__((weak)) void __sanitizer_finish_switch_fiber(void *fake, const void **bottom,
                                                           std::size_t *size);
}

namespace support {

namespace {

constexpr std::size_t stack_size = 256 * 1024;

using stack = std::unique_ptr<char[]>;
thread_local std::vector<stack> spare_stacks;

stack take_stack()
{
    if (spare_stacks.empty())
        return stack(new char[stack_size]);
    stack taken = std::move(spare_stacks.back());
    spare_stacks.pop_back();
    return taken;
}

// Leaving a stack: `*fake` keeps what the sanitizer has of it, for the return; NULL: for good.
void leave_stack(void **fake, const void *bottom, std::size_t size)
{
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(fake, bottom, size);
}

// Having come to a stack; `*bottom` and `*size` get those of the one left, if not NULL.
void enter_stack(void *fake, const void **bottom, std::size_t *size)
{
    if (__sanitizer_finish_switch_fiber)
        __sanitizer_finish_switch_fiber(fake, bottom, size);
}

} // namespace

struct fiber::state {
    static thread_local state *current;

    std::function<void()> body;
    stack memory = take_stack();
    ucontext_t own{};
    ucontext_t caller{};
    void *own_fake = nullptr;
    void *caller_fake = nullptr;
    const void *caller_bottom = nullptr;
    std::size_t caller_size = 0;
    std::exception_ptr escaped;
    bool finished = false;

    static void start();
    void back(bool for_good);
};

thread_local fiber::state *fiber::state::current = nullptr;

void fiber::state::start()
{
    state &self = *current;
    enter_stack(nullptr, &self.caller_bottom, &self.caller_size);
    try {
        self.body();
    } catch (...) {
        self.escaped = std::current_exception();
    }
    self.finished = true;
    self.back(true);
}

void fiber::state::back(bool for_good)
{
    leave_stack(for_good ? nullptr : &own_fake, caller_bottom, caller_size);
    swapcontext(&own, &caller);
    enter_stack(own_fake, &caller_bottom, &caller_size);
}

fiber::fiber(std::function<void()> body) : state_(std::make_unique<state>())
{
    state_->body = std::move(body);
    getcontext(&state_->own);
    state_->own.uc_stack.ss_sp = state_->memory.get();
    state_->own.uc_stack.ss_size = stack_size;
    makecontext(&state_->own, &state::start, 0);
}

fiber::~fiber()
{
    spare_stacks.push_back(std::move(state_->memory));
}

void fiber::resume()
{
    if (inside() || done())
        throw std::logic_error("a fiber that cannot be resumed");
    state::current = state_.get();
    leave_stack(&state_->caller_fake, state_->memory.get(), stack_size);
    swapcontext(&state_->caller, &state_->own);
    enter_stack(state_->caller_fake, nullptr, nullptr);
    state::current = nullptr;
    if (state_->escaped)
        std::rethrow_exception(std::exchange(state_->escaped, nullptr));
}

bool fiber::done() const
{
    return state_->finished;
}

void fiber::yield()
{
    state::current->back(false);
}

bool fiber::inside()
{
    return state::current != nullptr;
}

} // namespace support
