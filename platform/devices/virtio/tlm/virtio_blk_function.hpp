// SPDX-License-Identifier: Apache-2.0
// "vp,virtio-blk", a block device as a PCI Express function, with a file of the host as its disk.
#ifndef VP_VIRTIO_BLK_FUNCTION_HPP
#define VP_VIRTIO_BLK_FUNCTION_HPP

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "timed_disk.hpp"
#include "virtio/virtio_blk.h"
#include "virtio_function.hpp"

namespace vp {

class virtio_blk_function : public virtio_function {
  public:
    struct blk_options {
        std::string file;
        std::uint64_t size = 0; // of a file that is to be made if it is not there; 0: it must be
        bool read_only = false;
        unsigned queues = 1;
        std::string serial;                              // up to VIRTIO_BLK_SERIAL_BYTES characters
        sc_core::sc_time access_time{5, sc_core::SC_US}; // of each access to the medium
    };

    // Throws std::invalid_argument if the file will not do.
    virtio_blk_function(const sc_core::sc_module_name &name, const blk_options &blk,
                        const options &opts, pcie_kind kind);

    std::vector<device::counter> counters() const override;
    std::vector<std::string> files() const override { return {path_}; }

  private:
    std::string path_;
    timed_disk disk_;
};

// Factory for "vp,virtio-blk"; docs/virtio.md lists the properties.
std::unique_ptr<pcie_function> make_virtio_blk_function(const dt_node &node, const char *name,
                                                        pcie_kind kind);

} // namespace vp

#endif
