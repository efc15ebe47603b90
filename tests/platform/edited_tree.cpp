// SPDX-License-Identifier: Apache-2.0
// Device trees written with libfdt.
#include "edited_tree.hpp"

#include <stdexcept>

extern "C" {
#include <libfdt.h>
}

namespace test {

namespace {

void check(int error)
{
    if (error < 0)
        throw std::logic_error(std::string("test tree: ") + fdt_strerror(error));
}

} // namespace

edited_tree::edited_tree() : blob_(16384)
{
    check(fdt_create_empty_tree(blob_.data(), static_cast<int>(blob_.size())));
}

edited_tree::edited_tree(const std::vector<std::uint8_t> &blob) : blob_(blob.size() + 16384)
{
    check(fdt_open_into(blob.data(), blob_.data(), static_cast<int>(blob_.size())));
}

int edited_tree::offset(const std::string &path) const
{
    const int node = fdt_path_offset(blob_.data(), path.c_str());
    check(node);
    return node;
}

edited_tree &edited_tree::node(const std::string &path)
{
    const std::size_t slash = path.rfind('/');
    const int parent = offset(slash == 0 ? "/" : path.substr(0, slash));
    check(fdt_add_subnode(blob_.data(), parent, path.substr(slash + 1).c_str()));
    return *this;
}

edited_tree &edited_tree::bytes(const std::string &path, const char *property,
                                const std::vector<std::uint8_t> &values)
{
    check(fdt_setprop(blob_.data(), offset(path), property, values.data(),
                      static_cast<int>(values.size())));
    return *this;
}

edited_tree &edited_tree::cells(const std::string &path, const char *property,
                                const std::vector<std::uint32_t> &values)
{
    std::vector<std::uint8_t> list;
    for (const std::uint32_t value : values)
        for (int shift = 24; shift >= 0; shift -= 8)
            list.push_back(static_cast<std::uint8_t>(value >> shift));
    return bytes(path, property, list);
}

edited_tree &edited_tree::strings(const std::string &path, const char *property,
                                  const std::vector<std::string> &values)
{
    std::vector<std::uint8_t> list;
    for (const std::string &value : values)
        list.insert(list.end(), value.c_str(), value.c_str() + value.size() + 1);
    return bytes(path, property, list);
}

edited_tree &edited_tree::remove(const std::string &path)
{
    check(fdt_del_node(blob_.data(), offset(path)));
    return *this;
}

edited_tree &edited_tree::remove(const std::string &path, const char *property)
{
    check(fdt_delprop(blob_.data(), offset(path), property));
    return *this;
}

edited_tree &edited_tree::reserve(std::uint64_t address, std::uint64_t size)
{
    check(fdt_add_mem_rsv(blob_.data(), address, size));
    return *this;
}

std::vector<std::uint8_t> edited_tree::blob() const
{
    std::vector<std::uint8_t> copy = blob_;
    check(fdt_pack(copy.data()));
    copy.resize(fdt_totalsize(copy.data()));
    return copy;
}

edited_tree small_machine()
{
    edited_tree tree;
    tree.cells("/", "#address-cells", {1})
        .cells("/", "#size-cells", {1})
        .cells("/", "interrupt-parent", {1});
    tree.node("/cpus").cells("/cpus", "#address-cells", {1}).cells("/cpus", "#size-cells", {0});
    tree.node("/cpus/cpu@0")
        .strings("/cpus/cpu@0", "device_type", {"cpu"})
        .strings("/cpus/cpu@0", "compatible", {"arm,cortex-a57"})
        .cells("/cpus/cpu@0", "reg", {0});
    tree.node("/memory@40000000")
        .strings("/memory@40000000", "device_type", {"memory"})
        .cells("/memory@40000000", "reg", {0x40000000, 0x10000000});
    tree.node("/gic@8000000")
        .strings("/gic@8000000", "compatible", {"arm,gic-v3"})
        .cells("/gic@8000000", "reg", {0x8000000, 0x10000, 0x80a0000, 0xf60000})
        .cells("/gic@8000000", "#interrupt-cells", {3})
        .cells("/gic@8000000", "phandle", {1});
    tree.node("/smmu@9050000")
        .strings("/smmu@9050000", "compatible", {"arm,smmu-v3"})
        .cells("/smmu@9050000", "reg", {0x9050000, 0x20000})
        .cells("/smmu@9050000", "#iommu-cells", {1})
        .cells("/smmu@9050000", "phandle", {2});
    tree.node("/uart@9000000")
        .strings("/uart@9000000", "compatible", {"test,uart"})
        .cells("/uart@9000000", "reg", {0x9000000, 0x1000})
        .cells("/uart@9000000", "interrupts", {0, 1, 4});
    tree.node("/dma@c000000")
        .strings("/dma@c000000", "compatible", {"test,dma"})
        .cells("/dma@c000000", "reg", {0xc000000, 0x1000})
        .cells("/dma@c000000", "interrupts", {0, 112, 4})
        .cells("/dma@c000000", "iommus", {2, 0x10});
    return tree;
}

} // namespace test
