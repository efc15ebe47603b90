// SPDX-License-Identifier: Apache-2.0
// The network that the command line asks for, as a node of the device tree.
#ifndef VP_NET_NODE_HPP
#define VP_NET_NODE_HPP

#include <cstdint>
#include <string>
#include <vector>

namespace vp {

// What --net says.
struct net_request {
    std::vector<std::string> forwards; // as the property has them
};

// Reads "user" or "user,hostfwd=...", with any number of forwards. Throws input_error about what is
// wrong.
net_request read_net(const std::string &text);

// The first network device of the tree gets the ports; where there is none, one is added to the
// root bus of the first PCI Express host, as the first device number that is free. Throws dt_error
// if there is no host, or no room in it.
std::vector<std::uint8_t> set_net(std::vector<std::uint8_t> blob, const net_request &wanted);

} // namespace vp

#endif
