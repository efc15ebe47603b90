// SPDX-License-Identifier: Apache-2.0
// Reading in pieces: a pipe does not know its size.
#include "input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace vp {

namespace {

constexpr std::uint64_t piece = 1u << 20;

[[noreturn]] void unreadable(const std::string &path, const std::string &reason)
{
    throw input_error(path + ": cannot be read: " + reason);
}

[[noreturn]] void too_large(const std::string &path, const read_limit &limit)
{
    throw input_error(path + ": has more than " + std::to_string(limit.bytes) + " bytes, " +
                      limit.reason);
}

class descriptor {
  public:
    explicit descriptor(const std::string &path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC))
    {
        if (fd_ < 0)
            unreadable(path, std::strerror(errno));
    }
    ~descriptor() { close(fd_); }
    descriptor(const descriptor &) = delete;
    descriptor &operator=(const descriptor &) = delete;

    int get() const { return fd_; }

  private:
    int fd_;
};

void check_kind(int fd, const std::string &path, const read_limit &limit)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        unreadable(path, std::strerror(errno));
    if (S_ISDIR(info.st_mode))
        unreadable(path, "is a directory");
    if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode))
        unreadable(path, "is a device");
    if (S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) > limit.bytes)
        too_large(path, limit);
}

// Appends up to `most` bytes. Returns false at the end.
bool append(int fd, const std::string &path, std::uint64_t most, std::vector<std::uint8_t> &bytes)
{
    const std::size_t had = bytes.size();
    bytes.resize(had + most);
    ssize_t got;
    do
        got = read(fd, bytes.data() + had, most);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        unreadable(path, std::strerror(errno));
    bytes.resize(had + static_cast<std::size_t>(got));
    return got > 0;
}

} // namespace

std::vector<std::uint8_t> read_file(const std::string &path, const read_limit &limit)
{
    const descriptor file(path);
    check_kind(file.get(), path, limit);
    try {
        std::vector<std::uint8_t> bytes;
        while (bytes.size() <= limit.bytes &&
               append(file.get(), path, std::min(piece, limit.bytes - bytes.size() + 1), bytes))
            continue;
        if (bytes.size() > limit.bytes)
            too_large(path, limit);
        return bytes;
    } catch (const std::bad_alloc &) {
        unreadable(path, "the host has not enough memory for it");
    }
}

} // namespace vp
