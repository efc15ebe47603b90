// SPDX-License-Identifier: Apache-2.0
// Handlers call nothing but what POSIX lets them: tcsetattr(), sigaction(), raise() and the like.
#include "raw_terminal.hpp"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>

namespace vp {

namespace {

// All signals that end or stop a process where nobody handles them, up to the last real-time one,
// but for the two that nobody can handle. Signals that do neither are spared. SIGCONT comes after
// SIGTSTP and after stops that nothing can be done about.
constexpr std::array<int, 6> spared = {SIGKILL, SIGSTOP, SIGCONT, SIGCHLD, SIGURG, SIGWINCH};

// The state of handlers. They run on a stack of their own: that of a crash may be broken.
struct {
    bool active;
    termios saved;
    termios raw;
    std::array<struct sigaction, NSIG> before; // by number
    struct sigaction before_continue;
    stack_t stack_before;
    std::array<std::uint8_t, 65536> stack;
} state;

bool is_ours()
{
    const pid_t foreground = tcgetpgrp(STDIN_FILENO);
    return foreground < 0 || foreground == getpgrp();
}

void set_mode(const termios &mode)
{
    if (is_ours())
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

// Carriage returns and signals are the guest's business; what the host prints keeps its line ends.
termios raw_mode(termios mode)
{
    const tcflag_t output = mode.c_oflag;

    cfmakeraw(&mode);
    mode.c_oflag = output;
    return mode;
}

void on_ending(int signal);

// Installs `handler` unless it is, or the signal is ignored, as nohup wants SIGHUP to be.
void handle(int signal, void (*handler)(int), struct sigaction &before)
{
    struct sigaction now = {};
    struct sigaction action = {};

    action.sa_handler = handler;
    action.sa_flags = SA_ONSTACK | SA_RESTART;
    sigfillset(&action.sa_mask);
    if (sigaction(signal, nullptr, &now) != 0 || now.sa_handler == handler)
        return;
    before = now;
    if (now.sa_handler != SIG_IGN)
        sigaction(signal, &action, nullptr);
}

bool is_spared(int signal)
{
    for (const int each : spared)
        if (each == signal)
            return true;
    return false;
}

void handle_endings()
{
    for (int signal = 1; signal < NSIG; signal++)
        if (!is_spared(signal))
            handle(signal, on_ending, state.before[static_cast<std::size_t>(signal)]);
}

// The signal is raised once more, for whoever would have had it without us. Where that is not the
// end, because it was a stop or there is no shell that could undo a stop, all goes on as it was.
void on_ending(int signal)
{
    const int interrupted = errno;
    sigset_t only;

    set_mode(state.saved);
    sigaction(signal, &state.before[static_cast<std::size_t>(signal)], nullptr);
    raise(signal);
    sigemptyset(&only);
    sigaddset(&only, signal);
    sigprocmask(SIG_UNBLOCK, &only, nullptr);
    set_mode(state.raw);
    handle_endings();
    errno = interrupted;
}

// The terminal may have had another mode while the program was stopped.
void on_continue(int)
{
    const int interrupted = errno;

    set_mode(state.raw);
    errno = interrupted;
}

} // namespace

raw_terminal::raw_terminal()
{
    if (tcgetattr(STDIN_FILENO, &state.saved) != 0)
        return;
    state.active = true;
    state.raw = raw_mode(state.saved);
    const stack_t stack = {state.stack.data(), 0, state.stack.size()};
    sigaltstack(&stack, &state.stack_before);
    handle_endings();
    handle(SIGCONT, on_continue, state.before_continue);
    set_mode(state.raw);
}

raw_terminal::~raw_terminal()
{
    if (!state.active)
        return;
    set_mode(state.saved);
    for (int signal = 1; signal < NSIG; signal++)
        if (!is_spared(signal))
            sigaction(signal, &state.before[static_cast<std::size_t>(signal)], nullptr);
    sigaction(SIGCONT, &state.before_continue, nullptr);
    sigaltstack(&state.stack_before, nullptr);
    state.active = false;
}

} // namespace vp
