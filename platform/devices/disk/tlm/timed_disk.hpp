// SPDX-License-Identifier: Apache-2.0
// A file of the host as the disk of a device: accesses to it take simulated time.
#ifndef VP_TIMED_DISK_HPP
#define VP_TIMED_DISK_HPP

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>

#include "disk/disk_file.h"

namespace vp {

class timed_disk {
  public:
    // Opens the file `path` of whole blocks of `block` bytes; if it is not there and `size` is not
    // 0, makes it with that many bytes. Every access takes `access_time`, whatever its size. Throws
    // std::invalid_argument if the file will not do.
    timed_disk(const std::string &path, std::uint32_t block, std::uint64_t size, bool read_only,
               const sc_core::sc_time &access_time);

    timed_disk(timed_disk &&) = delete; // the way to it has its address

    // The way to it for a kernel that runs in a SystemC thread; it must not outlive this object.
    disk_medium medium();

    std::uint64_t size() const { return disk_file_size(file_.get()); } // in bytes

    // Asked for so far, in bytes, and flushes.
    std::uint64_t read_bytes() const { return read_bytes_; }
    std::uint64_t written_bytes() const { return written_bytes_; }
    std::uint64_t flushes() const { return flushes_; }

  private:
    struct closer {
        void operator()(disk_file *file) const { disk_file_close(file); }
    };

    // The disk of `user` when the time of an access is over.
    static timed_disk &accessed(void *user);

    sc_core::sc_time access_time_;
    std::unique_ptr<disk_file, closer> file_;
    disk_medium in_file_; // without time
    std::uint64_t read_bytes_ = 0;
    std::uint64_t written_bytes_ = 0;
    std::uint64_t flushes_ = 0;
};

} // namespace vp

#endif
