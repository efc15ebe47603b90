// SPDX-License-Identifier: Apache-2.0
// The node of a network device, and the process that looks after the host's sockets.
#include "virtio_net_function.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>

#include "vp/dt_rows.hpp"
#include "vp/picoseconds.hpp"

namespace vp {

namespace {

constexpr auto period = std::chrono::milliseconds(1); // of simulated time, between two looks
// Bytes that wait for the guest, beyond which sockets of the host are left alone.
constexpr std::uint32_t enough = VIRTIO_NET_BACKLOG / 4;

virtio_net_function *network_of(void *user)
{
    return static_cast<virtio_net_function *>(user);
}

} // namespace

user_network *virtio_net_function::make_network(std::uint16_t mtu)
{
    user_network_ops ops = {};

    ops.user = this;
    ops.send = [](void *user, const void *frame, std::uint32_t size) {
        virtio_net_receive(network_of(user)->core(), frame, size);
    };
    ops.now = [](void *) {
        return static_cast<std::int64_t>(to_ps(sc_core::sc_time_stamp()) / 1000);
    };
    user_network *network = user_network_create(mtu, &ops);
    if (network == nullptr)
        throw std::bad_alloc();
    return network;
}

virtio_net_function::virtio_net_function(const sc_core::sc_module_name &name,
                                         const net_options &net, const options &opts,
                                         pcie_kind kind)
    : virtio_function(name, {1, 0x020000, virtio_net_queues(net.pairs), VIRTIO_NET_DEVICE_BYTES},
                      opts, kind),
      network_(make_network(net.mtu))
{
    const virtio_ops world = ops();
    virtio_net_config config = {{}, net.mtu, net.pairs};
    virtio_net_ops network = {};

    std::copy(net.mac.begin(), net.mac.end(), config.mac);
    network.user = this;
    network.transmit = [](void *user, const std::uint8_t *frame, std::uint32_t size) {
        user_network_transmit(network_of(user)->network_.get(), frame, size);
        network_of(user)->transmitted_.notify(sc_core::SC_ZERO_TIME);
    };
    attach(virtio_net_create(&config, &network, &world));
}

std::uint16_t virtio_net_function::forward(const user_network_forward &wanted)
{
    return user_network_open_port(network_.get(), &wanted);
}

// --- the host's sockets ---

void virtio_net_function::listen()
{
    for (;;) {
        const user_network_wait wanted = user_network_waits(network_.get());
        if (wanted.sockets)
            sc_core::wait(static_cast<double>(period.count()), sc_core::SC_MS);
        else if (wanted.timer)
            sc_core::wait(sc_core::sc_time(std::max(wanted.milliseconds, 1u), sc_core::SC_MS),
                          transmitted_);
        else
            sc_core::wait(transmitted_);
        const auto left = wanted.sockets ? wall_.behind(period) : wall_clock::nanoseconds(0);
        if (virtio_net_waiting(core()) < enough)
            user_network_poll(network_.get(), left.count());
    }
}

void virtio_net_function::start_of_simulation()
{
    virtio_function::start_of_simulation();
    sc_core::sc_spawn([this] { listen(); }, "network");
}

std::vector<device::counter> virtio_net_function::counters() const
{
    const virtio_net_counts counts = virtio_net_counted(core());
    auto list = virtio_function::counters();

    for (const device::counter &row : {device::counter{"frames-transmitted", counts.transmitted},
                                       {"bytes-transmitted", counts.transmitted_bytes},
                                       {"frames-received", counts.received},
                                       {"bytes-received", counts.received_bytes},
                                       {"frames-dropped", counts.dropped}})
        list.push_back(row);
    return list;
}

// --- device tree ---

namespace {

// Of no vendor, and one for each place in a machine.
std::array<std::uint8_t, VIRTIO_NET_MAC_BYTES> mac_of(const dt_node &node)
{
    std::array<std::uint8_t, VIRTIO_NET_MAC_BYTES> mac = {0x02, 'V'};
    std::uint32_t hash = 0x811c9dc5; // FNV-1a

    for (const char c : node.path())
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x01000193;
    for (std::size_t i = 2; i < mac.size(); i++)
        mac[i] = static_cast<std::uint8_t>(hash >> (8 * (i - 2)));
    return mac;
}

std::array<std::uint8_t, VIRTIO_NET_MAC_BYTES> read_mac(const dt_node &node)
{
    std::size_t size = 0;
    const std::uint8_t *bytes = node.bytes("local-mac-address", size);

    if (bytes == nullptr)
        return mac_of(node);
    std::array<std::uint8_t, VIRTIO_NET_MAC_BYTES> mac = {};
    if (size != mac.size() || (bytes[0] & 1) != 0)
        node.fail("local-mac-address", "must be 6 bytes, the address of one station");
    std::copy(bytes, bytes + size, mac.begin());
    return mac;
}

void open_ports(virtio_net_function &function, const dt_node &node)
{
    for (const std::string &text : node.strings("vp,hostfwd")) {
        user_network_forward wanted = {};
        char reason[160];
        if (!user_network_read_forward(text.c_str(), &wanted, reason, sizeof reason))
            node.fail("vp,hostfwd", reason);
        const std::uint16_t port = function.forward(wanted);
        if (port == 0)
            node.fail("vp,hostfwd", text + ": " + std::strerror(errno));
        if (wanted.host_port == 0)
            std::fprintf(stderr, "smmu-vp: %s is at port %u\n", text.c_str(), port);
    }
}

} // namespace

std::unique_ptr<pcie_function> make_virtio_net_function(const dt_node &node, const char *name,
                                                        pcie_kind kind)
{
    virtio_net_function::net_options net;

    net.mac = read_mac(node);
    net.mtu = static_cast<std::uint16_t>(
        number_between(node, "vp,mtu", net.mtu, 576, USER_NETWORK_MAX_MTU));
    net.pairs = number_between(node, "vp,queue-pairs", net.pairs, 1, VIRTIO_NET_MAX_PAIRS);
    auto function =
        std::make_unique<virtio_net_function>(name, net, read_virtio_options(node, kind), kind);
    open_ports(*function, node);
    return function;
}

} // namespace vp
