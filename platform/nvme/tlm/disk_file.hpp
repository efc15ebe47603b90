// SPDX-License-Identifier: Apache-2.0
// A file of the host as the medium of a disk.
#ifndef VP_DISK_FILE_HPP
#define VP_DISK_FILE_HPP

#include <cstdint>
#include <string>

namespace vp {

class disk_file {
  public:
    // Opens `path` for reading and writing. Throws std::invalid_argument, with the reason, if that
    // cannot be, if it is no regular file, or if its size is not a multiple of `block`, or 0.
    disk_file(const std::string &path, std::uint64_t block);
    ~disk_file();
    disk_file(const disk_file &) = delete;
    disk_file &operator=(const disk_file &) = delete;

    std::uint64_t size() const { return size_; }

    // Within the size. False: the host refused. What is written is in the file when the call
    // returns.
    bool read(std::uint64_t offset, void *data, std::uint32_t size) const;
    bool write(std::uint64_t offset, const void *data, std::uint32_t size);

  private:
    int fd_;
    std::uint64_t size_ = 0;
};

} // namespace vp

#endif
