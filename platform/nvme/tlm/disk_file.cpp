// SPDX-License-Identifier: Apache-2.0
// Disk accesses by POSIX calls at offsets.
#include "disk_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace vp {

disk_file::disk_file(const std::string &path, std::uint64_t block)
    : fd_(open(path.c_str(), O_RDWR | O_CLOEXEC))
{
    struct stat info = {};
    std::string reason;

    if (fd_ < 0 || fstat(fd_, &info) != 0)
        reason = std::strerror(errno);
    else if (!S_ISREG(info.st_mode))
        reason = "is no regular file";
    else if (info.st_size <= 0 || static_cast<std::uint64_t>(info.st_size) % block != 0)
        reason = "its size is not a multiple of " + std::to_string(block) + " bytes, or 0";
    if (!reason.empty()) {
        if (fd_ >= 0)
            close(fd_);
        throw std::invalid_argument(path + ": " + reason);
    }
    size_ = static_cast<std::uint64_t>(info.st_size);
}

disk_file::~disk_file()
{
    close(fd_);
}

bool disk_file::read(std::uint64_t offset, void *data, std::uint32_t size) const
{
    auto *bytes = static_cast<std::uint8_t *>(data);

    for (std::uint32_t done = 0; done < size;) {
        const ssize_t n = pread(fd_, bytes + done, size - done, static_cast<off_t>(offset + done));
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        done += n < 0 ? 0 : static_cast<std::uint32_t>(n);
    }
    return true;
}

bool disk_file::write(std::uint64_t offset, const void *data, std::uint32_t size)
{
    const auto *bytes = static_cast<const std::uint8_t *>(data);

    for (std::uint32_t done = 0; done < size;) {
        const ssize_t n = pwrite(fd_, bytes + done, size - done, static_cast<off_t>(offset + done));
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        done += n < 0 ? 0 : static_cast<std::uint32_t>(n);
    }
    return true;
}

} // namespace vp
