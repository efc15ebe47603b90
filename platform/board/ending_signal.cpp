// SPDX-License-Identifier: Apache-2.0
// A handler may do next to nothing, so it writes to a descriptor. A thread waits for that, because
// SystemC takes requests from threads, and polls of the debugger wait for it too.
#include "ending_signal.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace vp {

namespace {

constexpr std::array<int, 3> handled = {SIGINT, SIGTERM, SIGHUP};

// What the handler and the others share.
struct {
    int descriptor = -1;
    volatile std::sig_atomic_t number = 0;
    std::array<struct sigaction, handled.size()> before;
} shared;

void write_event()
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t done = write(shared.descriptor, &one, sizeof one);
}

void on_signal(int number)
{
    const int interrupted = errno;
    if (shared.number == 0)
        shared.number = number;
    write_event();
    errno = interrupted;
}

// Those that are ignored, as nohup wants it of SIGHUP, stay so.
void install()
{
    struct sigaction action = {};
    action.sa_handler = on_signal;
    action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
    sigfillset(&action.sa_mask);
    for (std::size_t i = 0; i < handled.size(); i++) {
        sigaction(handled[i], nullptr, &shared.before[i]);
        if (shared.before[i].sa_handler != SIG_IGN)
            sigaction(handled[i], &action, nullptr);
    }
}

// A thread that no signal interrupts: handlers run in that of the simulation.
template <typename F> std::thread undisturbed_thread(F body)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(body);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

void wait_for_event()
{
    pollfd event = {shared.descriptor, POLLIN, 0};
    while (poll(&event, 1, -1) <= 0) {
    }
}

} // namespace

ending_signal::ending_signal(const char *name) : sc_prim_channel(name)
{
    shared.number = 0;
    shared.descriptor = eventfd(0, EFD_CLOEXEC);
    if (shared.descriptor < 0)
        throw std::system_error(errno, std::generic_category(), "eventfd");
    waiter_ = undisturbed_thread([this] {
        wait_for_event();
        async_request_update();
    });
    install();
}

ending_signal::~ending_signal()
{
    for (std::size_t i = 0; i < handled.size(); i++)
        sigaction(handled[i], &shared.before[i], nullptr);
    write_event();
    waiter_.join();
    close(shared.descriptor);
    shared.descriptor = -1;
}

int ending_signal::number() const
{
    return shared.number;
}

int ending_signal::descriptor() const
{
    return shared.descriptor;
}

void ending_signal::update()
{
    sc_core::sc_stop();
}

void end_by_signal(int number)
{
    std::signal(number, SIG_DFL);
    std::raise(number);
    std::abort(); // it was blocked
}

} // namespace vp
