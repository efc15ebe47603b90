// SPDX-License-Identifier: Apache-2.0
// The program on a terminal, whose mode survives whatever happens to the program.
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_terminal {
namespace {

using namespace test;
using testing::HasSubstr;

class terminal : public program {
  protected:
    // Runs a shell script on a new terminal until the guest of $VP has printed a '!'.
    void start(const std::string &script)
    {
        auto code = talking_guest("!");
        code.resize(3); // goes on with what follows
        for (const std::uint32_t word : echo_guest())
            code.push_back(word);
        const std::string command = "cd " + directory +
                                    "; VP='" SMMU_VP_PROGRAM " --interactive "
                                    "--dtb " SMMU_VP_VIRT_DTB " --elf " +
                                    guest(code) + "'; " + script;
        child = forkpty(&screen, nullptr, nullptr, nullptr);
        ASSERT_GE(child, 0);
        if (child == 0) {
            const rlimit no_core = {0, 0};
            setrlimit(RLIMIT_CORE, &no_core);
            execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            _exit(127);
        }
        keyboard = open(ptsname(screen), O_RDWR | O_NOCTTY | O_CLOEXEC);
        ASSERT_EQ(wait_for('!'), '!');
        ASSERT_FALSE(is_sane());
    }

    // Reads what is on the screen to this character, or to the end.
    char wait_for(char wanted) const
    {
        char c = 0;
        while (c != wanted && read(screen, &c, 1) == 1)
            continue;
        return c;
    }

    // Lines are edited, keys echoed, Ctrl-C is a signal.
    bool is_sane() const
    {
        termios mode;
        EXPECT_EQ(tcgetattr(keyboard, &mode), 0);
        const tcflag_t wanted = ICANON | ECHO | ISIG;
        return (mode.c_lflag & wanted) == wanted;
    }

    void type(const char *keys, std::size_t count) const
    {
        ASSERT_EQ(write(screen, keys, count), static_cast<ssize_t>(count));
    }

    int wait_for_child() const
    {
        int status = 0;
        EXPECT_EQ(waitpid(child, &status, WUNTRACED), child);
        return status;
    }

    void TearDown() override
    {
        close(keyboard);
        close(screen);
        program::TearDown();
    }

    pid_t child = -1;
    int screen = -1;   // what is written to it has been typed
    int keyboard = -1; // the terminal itself, so that it outlives the program
};

TEST_F(terminal, is_as_before_when_the_guest_powers_off)
{
    start("exec $VP");
    type("q", 1);
    EXPECT_EQ(wait_for_child(), 0);
    EXPECT_TRUE(is_sane());
}

// Those of signal(7) that end a process; what ends it with a core is below.
std::vector<int> ending_signals()
{
    std::vector<int> signals = {SIGINT,  SIGTERM, SIGHUP,    SIGALRM, SIGUSR1,  SIGUSR2,
                                SIGPROF, SIGPWR,  SIGVTALRM, SIGIO,   SIGSTKFLT};
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++)
        signals.push_back(signal);
    return signals;
}

TEST_F(terminal, is_as_before_when_a_signal_ends_the_program)
{
    for (const int signal : ending_signals()) {
        start("exec $VP");
        kill(child, signal);
        const int status = wait_for_child();
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << strsignal(signal);
        EXPECT_TRUE(is_sane()) << strsignal(signal);
        close(keyboard);
        close(screen);
    }
}

TEST_F(terminal, is_as_before_when_the_program_crashes)
{
    for (const int signal :
         {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSYS, SIGTRAP, SIGXCPU}) {
        start("exec $VP");
        kill(child, signal);
        wait_for_child();
        EXPECT_TRUE(is_sane()) << strsignal(signal);
        close(keyboard);
        close(screen);
    }
}

// The shell notes the mode when the program has stopped, and again at the end.
TEST_F(terminal, is_as_before_while_the_program_is_stopped)
{
    for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) {
        start("set -m; $VP; stty -a >mode-stopped; fg; stty -a >mode-ended");
        const pid_t job = tcgetpgrp(screen);
        ASSERT_GT(job, 0);
        ASSERT_NE(job, child);
        kill(-job, signal);
        type("q", 1);
        EXPECT_EQ(wait_for_child(), 0) << strsignal(signal);
        EXPECT_THAT(read_file(directory + "/mode-stopped"), HasSubstr(" icanon"));
        EXPECT_THAT(read_file(directory + "/mode-ended"), HasSubstr(" icanon"));
        close(keyboard);
        close(screen);
    }
}

TEST_F(terminal, is_raw_again_when_the_program_goes_on)
{
    start("exec $VP");
    kill(child, SIGSTOP);
    EXPECT_TRUE(WIFSTOPPED(wait_for_child()));
    termios mode;
    ASSERT_EQ(tcgetattr(keyboard, &mode), 0);
    mode.c_lflag = (mode.c_lflag | ICANON | ISIG) & ~static_cast<tcflag_t>(ECHO);
    ASSERT_EQ(tcsetattr(keyboard, TCSANOW, &mode), 0);
    kill(child, SIGCONT);
    type("a", 1); // a line without an end, unless the terminal is raw
    EXPECT_EQ(wait_for('a'), 'a');
    EXPECT_FALSE(is_sane());
    type("q", 1);
    EXPECT_EQ(wait_for_child(), 0);
}

TEST_F(terminal, stays_raw_where_nobody_could_undo_a_stop)
{
    start("exec $VP"); // the leader of a session has no shell above it
    kill(child, SIGTSTP);
    type("q", 1); // no line either
    EXPECT_EQ(wait_for_child(), 0);
}

} // namespace
} // namespace test_program_terminal
