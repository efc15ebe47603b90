// SPDX-License-Identifier: Apache-2.0
// "vp,virtio-net", a network device as a PCI Express function, with a network of libslirp behind
// it.
#ifndef VP_VIRTIO_NET_FUNCTION_HPP
#define VP_VIRTIO_NET_FUNCTION_HPP

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "user_network.h"
#include "virtio/virtio_net.h"
#include "virtio_function.hpp"
#include "vp/wall_clock.hpp"

namespace vp {

// While the host has a socket open for the guest, simulated time does not outrun the clock on the
// wall. Without one, a run with a network is as deterministic as any other.
class virtio_net_function : public virtio_function {
  public:
    struct net_options {
        std::array<std::uint8_t, VIRTIO_NET_MAC_BYTES> mac = {};
        std::uint16_t mtu = 1500; // at most USER_NETWORK_MAX_MTU
        unsigned pairs = 1;       // of queues
    };

    virtio_net_function(const sc_core::sc_module_name &name, const net_options &net,
                        const options &opts, pcie_kind kind);

    // Before the simulation starts: opens a port of the host, and returns which, or 0 and the
    // reason in errno.
    std::uint16_t forward(const user_network_forward &wanted);

    std::vector<device::counter> counters() const override;

  private:
    struct closer {
        void operator()(user_network *network) const { user_network_destroy(network); }
    };

    void start_of_simulation() override;
    user_network *make_network(std::uint16_t mtu);
    void listen();

    std::unique_ptr<user_network, closer> network_;
    sc_core::sc_event transmitted_; // so that there may be a socket now
    wall_clock wall_;
};

// Factory for "vp,virtio-net"; docs/virtio.md lists the properties.
std::unique_ptr<pcie_function> make_virtio_net_function(const dt_node &node, const char *name,
                                                        pcie_kind kind);

} // namespace vp

#endif
