// SPDX-License-Identifier: Apache-2.0
// The three descriptors a program finds open, or not.
#include "standard_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "input_file.hpp"

namespace vp {

namespace {

bool is_closed(int descriptor)
{
    return fcntl(descriptor, F_GETFD) < 0 && errno == EBADF;
}

} // namespace

void claim_standard_files()
{
    const bool no_output = is_closed(STDOUT_FILENO);

    std::signal(SIGPIPE, SIG_IGN); // the write that fails says why
    std::signal(SIGXFSZ, SIG_IGN);
    // The lowest number that is free is the next one's, so they are filled in order.
    for (int each = STDIN_FILENO; each <= STDERR_FILENO; each++)
        if (is_closed(each) && open("/dev/null", O_RDWR) != each)
            throw input_error(std::string("/dev/null: ") + std::strerror(errno));
    if (no_output)
        throw input_error("standard output is closed: there is nowhere for the console to go");
}

// Writes that a file system puts off until a file is closed fail when a copy is.
bool finish_standard_output()
{
    const bool flushed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    const int copy = dup(STDOUT_FILENO);

    return copy >= 0 && close(copy) == 0 && flushed;
}

} // namespace vp
