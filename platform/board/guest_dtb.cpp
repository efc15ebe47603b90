// SPDX-License-Identifier: Apache-2.0
// Rewriting a blob for the guest: libfdt's sequential writer leaves no trace of what is dropped.
#include "guest_dtb.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "program.hpp"
#include "vp/hex.hpp"

extern "C" {
#include <libfdt.h>
}

namespace vp {

namespace {

void check(int error)
{
    if (error < 0)
        throw std::runtime_error(std::string("cannot write the guest's device tree: ") +
                                 fdt_strerror(error));
}

void copy_node(void *to, const void *from, int node)
{
    check(fdt_begin_node(to, fdt_get_name(from, node, nullptr)));
    int property = 0;
    fdt_for_each_property_offset(property, from, node)
    {
        const char *name = nullptr;
        int length = 0;
        const void *value = fdt_getprop_by_offset(from, property, &name, &length);
        if (std::strncmp(name, "vp,", 3) != 0)
            check(fdt_property(to, name, value, length));
    }
    int child = 0;
    fdt_for_each_subnode(child, from, node) copy_node(to, from, child);
    check(fdt_end_node(to));
}

// Without the properties of the simulator; `room` more bytes than the source needs.
std::vector<std::uint8_t> copy_tree(const dt_tree &tree, std::size_t room)
{
    const void *from = tree.blob().data();
    std::vector<std::uint8_t> blob(tree.blob().size() + room);
    void *to = blob.data();

    check(fdt_create(to, static_cast<int>(blob.size())));
    for (int i = 0; i < fdt_num_mem_rsv(from); i++) {
        std::uint64_t address = 0;
        std::uint64_t size = 0;
        check(fdt_get_mem_rsv(from, i, &address, &size));
        check(fdt_add_reservemap_entry(to, address, size));
    }
    check(fdt_finish_reservemap(to));
    copy_node(to, from, 0);
    check(fdt_finish(to));
    fdt_set_boot_cpuid_phys(to, fdt_boot_cpuid_phys(from));
    check(fdt_open_into(to, to, static_cast<int>(blob.size())));
    return blob;
}

void set_chosen(void *blob, const chosen &given)
{
    int node = fdt_path_offset(blob, "/chosen");
    if (node == -FDT_ERR_NOTFOUND)
        node = fdt_add_subnode(blob, 0, "chosen");
    check(node);
    if (given.bootargs)
        check(fdt_setprop_string(blob, node, "bootargs", given.bootargs->c_str()));
    if (given.initrd) {
        const dt_range &place = *given.initrd;
        check(fdt_setprop_u64(blob, node, "linux,initrd-start", place.base));
        check(fdt_setprop_u64(blob, node, "linux,initrd-end", place.base + place.size));
    }
}

} // namespace

std::vector<std::uint8_t> guest_dtb(const dt_tree &tree, const chosen &given)
{
    // Alignment of the blocks may differ from the source's; a node and three properties are new.
    const std::size_t room = 512 + (given.bootargs ? given.bootargs->size() : 0);
    std::vector<std::uint8_t> blob = copy_tree(tree, room);
    if (given.bootargs || given.initrd)
        set_chosen(blob.data(), given);
    check(fdt_pack(blob.data()));
    blob.resize(fdt_totalsize(blob.data()));
    return blob;
}

namespace {

std::vector<dt_node> memory_nodes(const dt_tree &tree)
{
    std::vector<dt_node> nodes;
    for (const dt_node &node : tree.root().children())
        if (node.string("device_type", "") == "memory" && node.enabled())
            nodes.push_back(node);
    return nodes;
}

} // namespace

std::vector<std::uint8_t> resize_memory(std::vector<std::uint8_t> blob, std::uint64_t size)
{
    const dt_tree tree(blob);
    const auto nodes = memory_nodes(tree);
    if (nodes.size() != 1)
        tree.root().fail("", "has " + std::to_string(nodes.size()) +
                                 " memory nodes: the size of one cannot be set");
    const dt_node &memory = nodes.front();
    if (memory.reg().size() != 1)
        memory.fail("reg", "has several banks: the size of one cannot be set");
    const std::uint32_t cells = tree.root().u32("#size-cells", 1);
    if (cells < 2 && size >> (32 * cells) != 0)
        memory.fail("reg", "has " + std::to_string(cells) + " cells for the size: " + hex(size) +
                               " bytes do not fit");
    // Big-endian, in the last cells of the only entry.
    std::size_t length = 0;
    memory.bytes("reg", length);
    const auto width = cells * sizeof(std::uint32_t);
    std::vector<std::uint8_t> value(width);
    for (std::size_t i = 0; i < width; i++)
        value[i] = static_cast<std::uint8_t>(size >> (8 * (width - 1 - i)));
    check(fdt_setprop_inplace_namelen_partial(
        blob.data(), fdt_path_offset(blob.data(), memory.path().c_str()), "reg", 3,
        static_cast<std::uint32_t>(length - width), value.data(), static_cast<int>(width)));
    return blob;
}

std::optional<std::uint64_t> place_dtb(std::uint64_t size, const std::vector<dt_range> &ram,
                                       const std::vector<dt_range> &used)
{
    constexpr std::uint64_t step = 2u << 20;
    std::optional<std::uint64_t> best;

    for (const dt_range &bank : ram) {
        if (bank.size < size)
            continue;
        std::uint64_t place = (bank.base + (bank.size - size)) & ~(step - 1);
        for (; place >= bank.base; place -= step) {
            const bool clear = std::none_of(used.begin(), used.end(), [&](const dt_range &other) {
                return overlap({place, size}, other);
            });
            if (clear && (!best || place > *best))
                best = place;
            if (clear || place < step)
                break;
        }
    }
    return best;
}

} // namespace vp
