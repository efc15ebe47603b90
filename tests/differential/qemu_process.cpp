// SPDX-License-Identifier: Apache-2.0
// qtest over a socket pair that is the child's standard input and output.
#include "differential/qemu_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace differential {

namespace {

constexpr int patience_ms = 60000;
constexpr size_t batch_bytes = 8192; // less than a socket buffers, so neither side blocks the other

[[noreturn]] void throw_errno(const char *what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

// Runs between fork and exec. The child dies with the test, and has no huge pages: accesses spread
// over 128 GiB of RAM would touch 2 MiB each.
[[noreturn]] void become(int fd, const std::vector<std::string> &arguments)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    dup2(fd, STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    std::vector<char *> argv;
    argv.reserve(arguments.size() + 1);
    for (const auto &argument : arguments)
        argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    _exit(127);
}

std::string hex(uint64_t value)
{
    std::ostringstream text;
    text << "0x" << std::hex << value;
    return text.str();
}

char width_letter(unsigned bytes)
{
    return bytes == 2 ? 'w' : bytes == 4 ? 'l' : 'q';
}

} // namespace

qemu_process::qemu_process(const std::vector<std::string> &arguments)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw_errno("socketpair");
    pid_ = fork();
    if (pid_ < 0)
        throw_errno("fork");
    if (pid_ == 0)
        become(ends[1], arguments);
    close(ends[1]);
    fd_ = ends[0];
}

qemu_process::~qemu_process()
{
    close(fd_);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

void qemu_process::send(const std::string &text)
{
    size_t done = 0;
    while (done < text.size()) {
        const ssize_t n = ::send(fd_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
        if (n < 0)
            throw_errno("QEMU takes no more commands");
        done += static_cast<size_t>(n);
    }
}

std::string qemu_process::reply()
{
    for (;;) {
        const size_t end = incoming_.find('\n');
        if (end != std::string::npos) {
            const std::string line = incoming_.substr(0, end);
            incoming_.erase(0, end + 1);
            if (line.compare(0, 2, "OK") != 0)
                throw std::runtime_error("QEMU says \"" + line + '"');
            return line.substr(line.size() > 2 ? 3 : 2);
        }
        pollfd readable{fd_, POLLIN, 0};
        if (poll(&readable, 1, patience_ms) <= 0)
            throw std::runtime_error("QEMU does not answer");
        char chunk[4096];
        const ssize_t n = recv(fd_, chunk, sizeof(chunk), 0);
        if (n <= 0)
            throw std::runtime_error("QEMU has ended");
        incoming_.append(chunk, static_cast<size_t>(n));
    }
}

void qemu_process::flush()
{
    send(outgoing_);
    outgoing_.clear();
    for (; outstanding_ > 0; --outstanding_)
        reply();
}

void qemu_process::post(const std::string &command)
{
    outgoing_ += command + '\n';
    ++outstanding_;
    if (outgoing_.size() >= batch_bytes)
        flush();
}

void qemu_process::write(unsigned bytes, uint64_t addr, uint64_t value)
{
    post(std::string("write") + width_letter(bytes) + ' ' + hex(addr) + ' ' + hex(value));
}

uint64_t qemu_process::read(unsigned bytes, uint64_t addr)
{
    flush();
    send(std::string("read") + width_letter(bytes) + ' ' + hex(addr) + '\n');
    return std::stoull(reply(), nullptr, 16);
}

void qemu_process::store(uint64_t addr, const void *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const auto *bytes = static_cast<const uint8_t *>(data);
    std::string text = "write " + hex(addr) + ' ' + hex(size) + " 0x";
    for (size_t i = 0; i < size; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    post(text);
}

void qemu_process::fill(uint64_t addr, uint64_t size, uint8_t value)
{
    post("memset " + hex(addr) + ' ' + hex(size) + ' ' + hex(value));
}

bool qemu_process::is_installed(const std::string &program)
{
    const char *path = std::getenv("PATH");
    std::istringstream directories(path != nullptr ? path : "");
    std::string directory;
    while (std::getline(directories, directory, ':')) {
        directory += '/';
        directory += program;
        if (access(directory.c_str(), X_OK) == 0)
            return true;
    }
    return false;
}

} // namespace differential
