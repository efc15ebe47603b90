// SPDX-License-Identifier: Apache-2.0
// Device-tree blobs and nodes over libfdt: soundness, navigation, single properties.
#include "vp/dt.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

extern "C" {
#include <libfdt.h>
}

namespace vp {

namespace {

// libfdt knows no limit of nesting; ours keeps recursion over nodes safe.
constexpr int max_depth = 32;
// Some questions cost a pass over all nodes, so the time of all of them grows with the square.
constexpr int max_nodes = 16384;
// Oldest structure version whose node names are not whole paths (Devicetree specification 5.2).
constexpr int min_version = 16;

// One line of printable text, whatever bytes a blob had in its names.
std::string printable(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return std::isprint(c) == 0; }, '?');
    return text;
}

std::string message(const std::string &node, const std::string &property, const std::string &reason)
{
    std::string line = node.empty() ? "" : node + ": ";
    if (!property.empty())
        line += property + ": ";
    return printable(line + reason);
}

[[noreturn]] void unsound(const std::string &reason)
{
    throw dt_error("", "", "not a sound device tree: " + reason);
}

// Whether a property is for the models alone, and not for software.
bool is_for_models(const char *property)
{
    return std::strncmp(property, "vp,", 3) == 0;
}

std::uint32_t big_endian32(const std::uint8_t *bytes)
{
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
           std::uint32_t{bytes[2]} << 8 | bytes[3];
}

// Refuses trees whose nodes cannot be named by a path, or that are too deep or too large to walk.
void check_structure(const void *fdt)
{
    int depth = 0;
    int nodes = 0;
    for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(fdt, node, &depth)) {
        if (depth > max_depth)
            unsound("nodes are nested deeper than " + std::to_string(max_depth));
        if (++nodes > max_nodes)
            unsound("more than " + std::to_string(max_nodes) + " nodes");
        int length = 0;
        const char *name = fdt_get_name(fdt, node, &length);
        if (depth > 0 && (name == nullptr || length == 0))
            unsound("a node has no name");
        if (name != nullptr && std::string(name).find('/') != std::string::npos)
            unsound("a node has a '/' in its name");
        if (name != nullptr && name != printable(name))
            unsound("a node has a character in its name that cannot be printed");
    }
}

} // namespace

dt_error::dt_error(const std::string &node, const std::string &property, const std::string &reason)
    : std::runtime_error(message(node, property, reason))
{
}

dt_tree::dt_tree(std::vector<std::uint8_t> blob)
{
    if (blob.size() > max_size)
        unsound("larger than 2 MiB");
    if (int error = fdt_check_full(blob.data(), blob.size()); error != 0)
        unsound(fdt_strerror(error));
    if (fdt_version(blob.data()) < min_version)
        unsound("structure version " + std::to_string(fdt_version(blob.data())) + " is too old");
    check_structure(blob.data());
    blob.resize(fdt_totalsize(blob.data()));
    blob_ = std::make_shared<dt_blob>(dt_blob{std::move(blob), {}});
}

dt_node dt_tree::root() const
{
    return {blob_, 0, "/"};
}

std::optional<dt_node> dt_tree::by_path(const std::string &path) const
{
    int offset = fdt_path_offset(blob().data(), path.c_str());
    if (offset < 0)
        return std::nullopt;
    return dt_node(blob_, offset, path);
}

dt_node dt_tree::by_phandle(std::uint32_t phandle) const
{
    return root().by_phandle("", phandle);
}

void dt_tree::check_all_asked() const
{
    root().check_all_asked();
}

dt_node::dt_node(std::shared_ptr<dt_blob> blob, int offset, std::string path)
    : blob_(std::move(blob)), offset_(offset), path_(std::move(path))
{
}

std::string dt_node::name() const
{
    return path_.substr(path_.rfind('/') + 1);
}

dt_node dt_node::parent() const
{
    int offset = fdt_parent_offset(fdt(), offset_);
    if (offset < 0)
        throw std::logic_error("the root of a device tree has no parent");
    return {blob_, offset, path_.substr(0, std::max<std::size_t>(path_.rfind('/'), 1))};
}

std::vector<dt_node> dt_node::children() const
{
    const std::string prefix = offset_ == 0 ? "/" : path_ + "/";
    std::vector<dt_node> nodes;
    int child = 0;
    fdt_for_each_subnode(child, fdt(), offset_)
        nodes.push_back({blob_, child, prefix + fdt_get_name(fdt(), child, nullptr)});
    return nodes;
}

bool dt_node::enabled() const
{
    const std::string status = string("status", "okay");
    return status == "okay" || status == "ok";
}

bool dt_node::has(const char *property) const
{
    std::size_t size = 0;
    return bytes(property, size) != nullptr;
}

std::vector<std::string> dt_node::compatible() const
{
    return strings("compatible");
}

const std::uint8_t *dt_node::bytes(const char *property, std::size_t &size) const
{
    int length = 0;
    const void *data = fdt_getprop(fdt(), offset_, property, &length);
    if (is_for_models(property))
        blob_->asked.emplace(offset_, property);
    size = data == nullptr ? 0 : static_cast<std::size_t>(length);
    return static_cast<const std::uint8_t *>(data);
}

std::vector<std::uint32_t> dt_node::cells(const char *property) const
{
    std::size_t size = 0;
    const std::uint8_t *data = bytes(property, size);
    if (size % 4 != 0)
        fail(property, std::to_string(size) + " bytes are not a whole number of cells");
    std::vector<std::uint32_t> values;
    for (std::size_t at = 0; at < size; at += 4)
        values.push_back(big_endian32(data + at));
    return values;
}

std::uint32_t dt_node::u32(const char *property) const
{
    if (!has(property))
        fail(property, "is missing");
    const auto values = cells(property);
    if (values.size() != 1)
        fail(property, "must be one cell, is " + std::to_string(values.size()));
    return values[0];
}

std::uint32_t dt_node::u32(const char *property, std::uint32_t otherwise) const
{
    return has(property) ? u32(property) : otherwise;
}

std::uint64_t dt_node::u64(const char *property) const
{
    if (!has(property))
        fail(property, "is missing");
    const auto values = cells(property);
    if (values.empty() || values.size() > 2)
        fail(property, "must be one or two cells, is " + std::to_string(values.size()));
    return values.size() == 1 ? values[0] : std::uint64_t{values[0]} << 32 | values[1];
}

std::uint64_t dt_node::u64(const char *property, std::uint64_t otherwise) const
{
    return has(property) ? u64(property) : otherwise;
}

std::vector<std::string> dt_node::strings(const char *property) const
{
    std::size_t size = 0;
    const auto *text = reinterpret_cast<const char *>(bytes(property, size));
    if (text == nullptr)
        return {};
    if (size == 0 || text[size - 1] != '\0')
        fail(property, "is not a list of NUL-terminated strings");
    std::vector<std::string> list;
    for (std::size_t at = 0; at < size; at += list.back().size() + 1)
        list.emplace_back(text + at);
    return list;
}

std::string dt_node::string(const char *property) const
{
    if (!has(property))
        fail(property, "is missing");
    const auto list = strings(property);
    if (list.size() != 1)
        fail(property, "must be one string, is " + std::to_string(list.size()));
    return list[0];
}

std::string dt_node::string(const char *property, const std::string &otherwise) const
{
    return has(property) ? string(property) : otherwise;
}

dt_node dt_node::by_phandle(const char *property, std::uint32_t phandle) const
{
    const void *fdt = this->fdt();
    const int offset = fdt_node_offset_by_phandle(fdt, phandle);
    std::vector<char> path(blob_->bytes.size() + max_depth + 2);
    if (offset < 0 || fdt_get_path(fdt, offset, path.data(), static_cast<int>(path.size())) != 0)
        fail(property, "no node has phandle " + std::to_string(phandle));
    return {blob_, offset, path.data()};
}

void dt_node::check_all_asked() const
{
    if (!enabled())
        return;
    int property = 0;
    fdt_for_each_property_offset(property, fdt(), offset_)
    {
        const char *name = nullptr;
        fdt_getprop_by_offset(fdt(), property, &name, nullptr);
        if (is_for_models(name) && blob_->asked.count({offset_, name}) == 0)
            fail(name, "is not a property of this node");
    }
    for (const dt_node &child : children())
        child.check_all_asked();
}

void dt_node::fail(const char *property, const std::string &reason) const
{
    throw dt_error(path_, property, reason);
}

} // namespace vp
