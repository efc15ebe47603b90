// SPDX-License-Identifier: Apache-2.0
#include "timed_disk.hpp"

#include <stdexcept>

namespace vp {

namespace {

disk_file *open_disk(const std::string &path, std::uint32_t block, std::uint64_t size,
                     bool read_only)
{
    char reason[120];
    disk_file *file = disk_file_open(path.c_str(), block, size, read_only, reason, sizeof reason);
    if (file == nullptr)
        throw std::invalid_argument(path + ": " + reason);
    return file;
}

} // namespace

timed_disk::timed_disk(const std::string &path, std::uint32_t block, std::uint64_t size,
                       bool read_only, const sc_core::sc_time &access_time)
    : access_time_(access_time), file_(open_disk(path, block, size, read_only)),
      in_file_(disk_file_medium(file_.get()))
{
}

timed_disk &timed_disk::accessed(void *user)
{
    timed_disk *const disk = static_cast<timed_disk *>(user);

    sc_core::wait(disk->access_time_);
    return *disk;
}

disk_medium timed_disk::medium()
{
    disk_medium timed = {};

    timed.user = this;
    timed.read = [](void *user, std::uint64_t offset, void **data, std::uint32_t size) {
        timed_disk &disk = accessed(user);
        disk.read_bytes_ += size;
        return disk.in_file_.read(disk.in_file_.user, offset, data, size);
    };
    timed.write = [](void *user, std::uint64_t offset, const void *data, std::uint32_t size) {
        timed_disk &disk = accessed(user);
        disk.written_bytes_ += size;
        return disk.in_file_.write(disk.in_file_.user, offset, data, size);
    };
    timed.zero = [](void *user, std::uint64_t offset, std::uint64_t size, bool deallocate) {
        timed_disk &disk = accessed(user);
        return disk.in_file_.zero(disk.in_file_.user, offset, size, deallocate);
    };
    timed.flush = [](void *user) {
        timed_disk &disk = accessed(user);
        disk.flushes_++;
        return disk.in_file_.flush(disk.in_file_.user);
    };
    return timed;
}

} // namespace vp
