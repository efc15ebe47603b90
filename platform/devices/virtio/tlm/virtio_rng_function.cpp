// SPDX-License-Identifier: Apache-2.0
// The node of an entropy device, and what PCI is told of it.
#include "virtio_rng_function.hpp"

#include "virtio/virtio_rng.h"

namespace vp {

virtio_rng_function::virtio_rng_function(const sc_core::sc_module_name &name, std::uint64_t seed,
                                         const options &opts, pcie_kind kind)
    : virtio_function(name, {4, 0x00ff00, 1, 0}, opts, kind)
{
    const virtio_ops world = ops();

    attach(virtio_rng_create(seed, &world));
}

std::vector<device::counter> virtio_rng_function::counters() const
{
    auto list = virtio_function::counters();

    list.push_back({"bytes", virtio_rng_bytes(core())});
    return list;
}

std::unique_ptr<pcie_function> make_virtio_rng_function(const dt_node &node, const char *name,
                                                        pcie_kind kind)
{
    const std::uint64_t seed = node.u64("vp,seed", virtio_rng_function::default_seed);

    return std::make_unique<virtio_rng_function>(name, seed, read_virtio_options(node, kind), kind);
}

} // namespace vp
