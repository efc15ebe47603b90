// SPDX-License-Identifier: Apache-2.0
// Copying the CPU node of a device tree blob.
#include "cpu_nodes.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>

extern "C" {
#include <libfdt.h>
}

#include "tree_copy.hpp"
#include "vp/dt.hpp"

namespace vp {

namespace {

std::vector<dt_node> enabled_cpus(const dt_tree &tree)
{
    std::vector<dt_node> list;
    if (const auto cpus = tree.by_path("/cpus"))
        for (const dt_node &node : cpus->children())
            if (node.string("device_type", "") == "cpu" && node.enabled())
                list.push_back(node);
    return list;
}

// Properties that identify a node are not copied.
bool is_identity(const char *name)
{
    constexpr const char *own[] = {"phandle", "linux,phandle"};
    return std::any_of(std::begin(own), std::end(own),
                       [&](const char *other) { return std::strcmp(name, other) == 0; });
}

std::string name_of(std::uint64_t affinity)
{
    char name[32];
    std::snprintf(name, sizeof name, "cpu@%" PRIx64, affinity);
    return name;
}

// Writes a copy of a CPU's node.
void add_cpu(void *to, const void *from, int node, std::uint64_t affinity)
{
    const bool wide = fdt_address_cells(from, fdt_parent_offset(from, node)) == 2;
    copy_node(to, from, node, name_of(affinity).c_str(), [&](const char *property) {
        if (std::strcmp(property, "reg") != 0)
            return is_identity(property);
        check_copy(wide ? fdt_property_u64(to, property, affinity)
                        : fdt_property_u32(to, property, static_cast<std::uint32_t>(affinity)));
        return true;
    });
}

} // namespace

std::vector<std::uint8_t> multiply_cpus(std::vector<std::uint8_t> blob, unsigned count)
{
    const dt_tree tree(blob);
    const auto cpus = enabled_cpus(tree);
    if (cpus.size() == count)
        return blob;
    if (cpus.size() != 1)
        throw dt_error("/cpus", "",
                       "has " + std::to_string(cpus.size()) + " CPUs, which cannot be made " +
                           std::to_string(count));

    const std::uint64_t affinity = cpus[0].reg()[0].base;
    for (unsigned i = 1; i < count; i++)
        if (tree.by_path("/cpus/" + name_of(affinity + i)))
            throw dt_error("/cpus", "", "has a node " + name_of(affinity + i) + " already");
    const int model = fdt_path_offset(blob.data(), cpus[0].path().c_str());
    const std::size_t node_size = 4096; // a generous bound on what a copy adds to its properties
    tree_changes changes;
    changes.add_siblings = [&](void *to, const void *from, int node) {
        for (unsigned i = 1; node == model && i < count; i++)
            add_cpu(to, from, node, affinity + i);
    };
    std::vector<std::uint8_t> grown =
        copy_tree(tree, count * (tree.blob().size() + node_size), changes);
    check_copy(fdt_pack(grown.data()));
    grown.resize(fdt_totalsize(grown.data()));
    return grown;
}

} // namespace vp
