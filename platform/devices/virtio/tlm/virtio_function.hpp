// SPDX-License-Identifier: Apache-2.0
// A virtio device as a PCI Express function: what all kinds of devices have in common.
#ifndef VP_VIRTIO_FUNCTION_HPP
#define VP_VIRTIO_FUNCTION_HPP

#include <cstdint>
#include <memory>
#include <vector>

#include "pcie_worker.hpp"
#include "virtio/virtio.h"

namespace vp {

class virtio_function : public pcie_worker {
  public:
    struct options {
        bool ats = false; // it has the capability
        translation_options translations;
        request_options requests;
    };

    std::vector<device::counter> counters() const override;

  protected:
    // What PCI has to know of a kind of device before there is one.
    struct shape {
        unsigned type; // of the specification
        std::uint32_t class_code;
        unsigned queues;
        unsigned device_bytes; // of its own structure; 0: it has none
    };

    virtio_function(const sc_core::sc_module_name &name, const shape &what, const options &opts,
                    pcie_kind kind);

    // The constructor of a kind of device makes its kernel with ops() and hands it over; throws
    // std::invalid_argument if that is nullptr, for want of memory.
    virtio_ops ops();
    void attach(virtio *core);

    virtio *core() const { return core_.get(); }

  private:
    struct deleter {
        void operator()(virtio *v) const { virtio_destroy(v); }
    };
    struct window_access;

    vp_status bar_read(unsigned bar, std::uint64_t offset, unsigned size,
                       std::uint64_t &value) override;
    vp_status bar_write(unsigned bar, std::uint64_t offset, unsigned size,
                        std::uint64_t value) override;
    void function_reset() override;
    void config_read(std::uint16_t offset, unsigned size, std::uint32_t &value) override;
    void config_written(std::uint16_t offset, unsigned size) override;
    window_access window();
    void work() override;

    std::unique_ptr<virtio, deleter> core_;
};

// `vp,ats` and what read_translations() and read_requests() read.
virtio_function::options read_virtio_options(const dt_node &node, pcie_kind kind);

} // namespace vp

#endif
