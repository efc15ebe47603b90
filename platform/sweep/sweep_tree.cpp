// SPDX-License-Identifier: Apache-2.0
#include "sweep_tree.hpp"

#include <stdexcept>

#include "vp/dt.hpp"

extern "C" {
#include <libfdt.h>
}

namespace vp {

namespace {

constexpr const char *symbols = "/__symbols__";

void check(int error)
{
    if (error < 0)
        throw std::runtime_error(std::string("cannot edit the device tree: ") +
                                 fdt_strerror(error));
}

void collect(const dt_node &node, const std::string &with, std::vector<std::string> &paths)
{
    if (!node.enabled())
        return;
    for (const std::string &each : node.compatible())
        if (each == with)
            paths.push_back(node.path());
    for (const dt_node &child : node.children())
        collect(child, with, paths);
}

// As a property has it: cells are big-endian, strings end with a zero.
std::vector<std::uint8_t> bytes_of(const sweep_property &value)
{
    std::vector<std::uint8_t> bytes;
    if (const std::string *text = std::get_if<std::string>(&value)) {
        bytes.assign(text->begin(), text->end());
        bytes.push_back(0);
    } else if (const auto *cells = std::get_if<std::vector<std::uint32_t>>(&value)) {
        for (const std::uint32_t cell : *cells)
            for (int shift = 24; shift >= 0; shift -= 8)
                bytes.push_back(static_cast<std::uint8_t>(cell >> shift));
    }
    return bytes;
}

} // namespace

sweep_tree::sweep_tree(std::vector<std::uint8_t> blob) : blob_(dt_tree(std::move(blob)).blob()) {}

std::optional<std::string> sweep_tree::find(const std::string &node) const
{
    const dt_tree tree(blob_);
    if (!node.empty() && node[0] == '/')
        return tree.by_path(node) ? std::optional(node) : std::nullopt;
    const auto labels = tree.by_path(symbols);
    if (!labels || node.empty() || !labels->has(node.c_str()))
        return std::nullopt;
    return labels->string(node.c_str());
}

std::vector<std::string> sweep_tree::compatible(const std::string &with) const
{
    std::vector<std::string> paths;
    collect(dt_tree(blob_).root(), with, paths);
    return paths;
}

void sweep_tree::set(const std::string &path, const std::string &property,
                     const sweep_property &value)
{
    constexpr std::size_t overhead = 64; // of a property, its alignment and its name's
    const std::vector<std::uint8_t> bytes = bytes_of(value);
    std::vector<std::uint8_t> grown(blob_.size() + bytes.size() + property.size() + overhead);
    check(fdt_open_into(blob_.data(), grown.data(), static_cast<int>(grown.size())));

    const int node = fdt_path_offset(grown.data(), path.c_str());
    check(node);
    if (const bool *there = std::get_if<bool>(&value); there != nullptr && !*there) {
        const int error = fdt_delprop(grown.data(), node, property.c_str());
        check(error == -FDT_ERR_NOTFOUND ? 0 : error);
    } else {
        check(fdt_setprop(grown.data(), node, property.c_str(), bytes.data(),
                          static_cast<int>(bytes.size())));
    }
    check(fdt_pack(grown.data()));
    grown.resize(fdt_totalsize(grown.data()));
    blob_ = std::move(grown);
}

std::vector<std::uint8_t> sweep_tree::blob() const
{
    std::vector<std::uint8_t> blob = blob_;
    const int node = fdt_path_offset(blob.data(), symbols);
    if (node >= 0)
        check(fdt_del_node(blob.data(), node));
    check(fdt_pack(blob.data()));
    blob.resize(fdt_totalsize(blob.data()));
    return blob;
}

} // namespace vp
