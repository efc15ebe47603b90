// SPDX-License-Identifier: Apache-2.0
// Reading --net, and writing the node.
#include "net_node.hpp"

#include <cstdio>
#include <set>
#include <utility>

extern "C" {
#include <libfdt.h>
}

#include "flash_node.hpp"
#include "input_file.hpp"
#include "user_network.h"
#include "vp/dt.hpp"

namespace vp {

namespace {

constexpr const char *compatible = "vp,virtio-net";
constexpr const char *host_compatible = "pci-host-ecam-generic";
constexpr const char *ports_property = "vp,hostfwd";
constexpr unsigned devices = 32; // of a bus

std::vector<std::string> split(const std::string &text)
{
    std::vector<std::string> words;
    for (std::size_t at = 0; at != std::string::npos;) {
        const std::size_t end = text.find(',', at);
        words.push_back(text.substr(at, end == std::string::npos ? end : end - at));
        at = end == std::string::npos ? end : end + 1;
    }
    return words;
}

// The first device number of the root bus that no child has.
unsigned free_device(const dt_node &host)
{
    std::set<unsigned> taken;
    for (const dt_node &child : host.children()) {
        const auto reg = child.cells("reg");
        if (!reg.empty())
            taken.insert(reg[0] >> 11 & (devices - 1));
    }
    for (unsigned device = 1; device < devices; device++)
        if (taken.count(device) == 0)
            return device;
    host.fail("", "has no free device number for a network");
}

// The list as libfdt has it.
std::string string_list(const std::vector<std::string> &strings)
{
    std::string list;
    for (const std::string &text : strings)
        list += text + '\0';
    return list;
}

// Opens the blob, with room for one node more.
class open_blob {
  public:
    open_blob(const std::vector<std::uint8_t> &blob, std::size_t room, std::string about)
        : bytes_(blob.size() + 512 + room), about_(std::move(about))
    {
        check(fdt_open_into(blob.data(), bytes_.data(), static_cast<int>(bytes_.size())));
    }

    int find(const std::string &path) { return check(fdt_path_offset(data(), path.c_str())); }

    int add_node(int parent, const std::string &name)
    {
        return check(fdt_add_subnode(data(), parent, name.c_str()));
    }

    void set(int node, const char *property, const std::string &value)
    {
        check(fdt_setprop(data(), node, property, value.data(), static_cast<int>(value.size())));
    }

    std::vector<std::uint8_t> close()
    {
        check(fdt_pack(data()));
        bytes_.resize(fdt_totalsize(data()));
        return std::move(bytes_);
    }

  private:
    void *data() { return bytes_.data(); }

    int check(int result) const
    {
        if (result < 0)
            throw dt_error(about_, "", fdt_strerror(result));
        return result;
    }

    std::vector<std::uint8_t> bytes_;
    std::string about_;
};

// A function on the root bus: <phys.hi phys.mid phys.lo size.hi size.lo>.
std::string reg_of(unsigned device)
{
    std::string reg(20, '\0');
    reg[2] = static_cast<char>(device << 3); // bits [15:11]
    return reg;
}

std::vector<std::uint8_t> add_device(const std::vector<std::uint8_t> &blob, const dt_node &host,
                                     const std::string &ports)
{
    const unsigned device = free_device(host);
    char name[16];
    std::snprintf(name, sizeof name, "net@%x,0", device);
    open_blob tree(blob, ports.size(), host.path());
    const int node = tree.add_node(tree.find(host.path()), name);
    tree.set(node, "compatible", std::string(compatible) + '\0');
    tree.set(node, "reg", reg_of(device));
    if (!ports.empty())
        tree.set(node, ports_property, ports);
    return tree.close();
}

} // namespace

net_request read_net(const std::string &text)
{
    const std::string prefix = "hostfwd=";
    const std::vector<std::string> words = split(text);
    net_request wanted;

    if (words[0] != "user")
        throw input_error("--net: \"" + text + "\" does not begin with \"user\"");
    for (std::size_t i = 1; i < words.size(); i++) {
        user_network_forward forward = {};
        char reason[160];
        if (words[i].compare(0, prefix.size(), prefix) != 0)
            throw input_error("--net: \"" + words[i] + "\" is not hostfwd=...");
        const std::string port = words[i].substr(prefix.size());
        if (!user_network_read_forward(port.c_str(), &forward, reason, sizeof reason))
            throw input_error(std::string("--net: hostfwd=") + reason);
        wanted.forwards.push_back(port);
    }
    return wanted;
}

std::vector<std::uint8_t> set_net(std::vector<std::uint8_t> blob, const net_request &wanted)
{
    const dt_tree tree(blob);
    const std::string ports = string_list(wanted.forwards);
    const auto device = find_compatible(tree, compatible);
    const auto host = find_compatible(tree, host_compatible);

    if (device) {
        if (ports.empty())
            return blob;
        open_blob edited(blob, ports.size(), device->path());
        edited.set(edited.find(device->path()), ports_property, ports);
        return edited.close();
    }
    if (!host)
        tree.root().fail("", "has no enabled pci-host-ecam-generic for a network");
    return add_device(blob, *host, ports);
}

} // namespace vp
