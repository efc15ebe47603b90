// SPDX-License-Identifier: Apache-2.0
// "vp,virtio-rng", an entropy device as a PCI Express function.
#ifndef VP_VIRTIO_RNG_FUNCTION_HPP
#define VP_VIRTIO_RNG_FUNCTION_HPP

#include <cstdint>
#include <memory>

#include "virtio_function.hpp"

namespace vp {

class virtio_rng_function : public virtio_function {
  public:
    static constexpr std::uint64_t default_seed = 1;

    virtio_rng_function(const sc_core::sc_module_name &name, std::uint64_t seed,
                        const options &opts, pcie_kind kind);

    std::vector<device::counter> counters() const override;
};

// Factory for "vp,virtio-rng"; docs/virtio.md lists the properties.
std::unique_ptr<pcie_function> make_virtio_rng_function(const dt_node &node, const char *name,
                                                        pcie_kind kind);

} // namespace vp

#endif
