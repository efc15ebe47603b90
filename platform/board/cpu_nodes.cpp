// SPDX-License-Identifier: Apache-2.0
// Copying the CPU node of a device tree blob.
#include "cpu_nodes.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <new>

extern "C" {
#include <libfdt.h>
}

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

void check_cpus(int error)
{
    if (error < 0)
        throw dt_error("/cpus", "", fdt_strerror(error));
}

// Properties that identify a node are not copied; `reg` is the copy's own.
bool is_copied(const char *name)
{
    constexpr const char *own[] = {"reg", "phandle", "linux,phandle"};
    return std::none_of(std::begin(own), std::end(own),
                        [&](const char *other) { return std::strcmp(name, other) == 0; });
}

struct property {
    std::string name;
    std::vector<std::uint8_t> value;
};

std::vector<property> properties(const void *fdt, int node)
{
    std::vector<property> list;
    int offset;
    fdt_for_each_property_offset(offset, fdt, node)
    {
        const char *name;
        int length;
        const auto *value =
            static_cast<const std::uint8_t *>(fdt_getprop_by_offset(fdt, offset, &name, &length));
        if (value != nullptr && is_copied(name))
            list.push_back({name, {value, value + length}});
    }
    return list;
}

void add_cpu(void *fdt, const std::vector<property> &model, std::uint64_t affinity)
{
    char name[32];
    std::snprintf(name, sizeof name, "cpu@%" PRIx64, affinity);
    const int cpus = fdt_path_offset(fdt, "/cpus");
    check_cpus(cpus);
    const int node = fdt_add_subnode(fdt, cpus, name);
    check_cpus(node);
    for (const property &row : model)
        check_cpus(fdt_setprop(fdt, node, row.name.c_str(), row.value.data(),
                               static_cast<int>(row.value.size())));
    check_cpus(fdt_address_cells(fdt, cpus) == 2
                   ? fdt_setprop_u64(fdt, node, "reg", affinity)
                   : fdt_setprop_u32(fdt, node, "reg", static_cast<std::uint32_t>(affinity)));
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
    const std::size_t node_size = 4096; // a generous bound on what a copy adds to its properties
    std::vector<std::uint8_t> grown(tree.blob().size() + count * (tree.blob().size() + node_size));
    check_cpus(fdt_open_into(tree.blob().data(), grown.data(), static_cast<int>(grown.size())));
    const auto model =
        properties(grown.data(), fdt_path_offset(grown.data(), cpus[0].path().c_str()));
    // A new node comes before those that are there.
    for (unsigned i = count - 1; i > 0; i--)
        add_cpu(grown.data(), model, affinity + i);
    check_cpus(fdt_pack(grown.data()));
    grown.resize(fdt_totalsize(grown.data()));
    return grown;
}

} // namespace vp
