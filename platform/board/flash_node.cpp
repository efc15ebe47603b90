// SPDX-License-Identifier: Apache-2.0
// Finding the node of the flash, and writing its properties.
#include "flash_node.hpp"

#include <algorithm>
#include <utility>

extern "C" {
#include <libfdt.h>
}

namespace vp {

namespace {

std::optional<dt_node> find_below(const dt_node &node, const std::string &compatible)
{
    for (const dt_node &child : node.children()) {
        if (!child.enabled())
            continue;
        const auto names = child.compatible();
        if (std::find(names.begin(), names.end(), compatible) != names.end())
            return child;
        if (auto found = find_below(child, compatible))
            return found;
    }
    return std::nullopt;
}

void set_property(std::vector<std::uint8_t> &blob, const std::string &path, const char *name,
                  const std::string &value)
{
    if (value.empty())
        return;
    const std::size_t room = 256 + value.size(); // for a property and its name
    std::vector<std::uint8_t> grown(blob.size() + room);
    int error = fdt_open_into(blob.data(), grown.data(), static_cast<int>(grown.size()));
    if (error == 0)
        error = fdt_setprop_string(grown.data(), fdt_path_offset(grown.data(), path.c_str()), name,
                                   value.c_str());
    if (error != 0)
        throw dt_error(path, name, fdt_strerror(error));
    fdt_pack(grown.data());
    grown.resize(fdt_totalsize(grown.data()));
    blob = std::move(grown);
}

} // namespace

std::optional<dt_node> find_compatible(const dt_tree &tree, const std::string &compatible)
{
    return find_below(tree.root(), compatible);
}

dt_node flash_node(const dt_tree &tree)
{
    const auto node = find_compatible(tree, "cfi-flash");
    if (!node)
        tree.root().fail("", "has no enabled cfi-flash for firmware");
    return *node;
}

std::vector<std::uint8_t> set_flash_files(std::vector<std::uint8_t> blob,
                                          const std::string &firmware, const std::string &kept)
{
    const std::string path = flash_node(dt_tree(blob)).path();
    set_property(blob, path, "vp,firmware", firmware);
    set_property(blob, path, "vp,backing-file", kept);
    return blob;
}

} // namespace vp
