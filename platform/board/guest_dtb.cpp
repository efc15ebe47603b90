// SPDX-License-Identifier: Apache-2.0
// Rewriting a blob for the guest.
#include "guest_dtb.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "program.hpp"
#include "tree_copy.hpp"
#include "vp/hex.hpp"
#include "vp/little_endian.h"
#include "vp/splitmix.h"

extern "C" {
#include <libfdt.h>
}

namespace vp {

namespace {

// Random numbers for the guest, the same in each run: `vp,seed` of /chosen chooses them. Linux
// takes where it is, and how its pool begins, from these properties (chosen.yaml of dt-schema).
struct random_seeds {
    std::uint64_t kaslr;
    std::array<std::uint8_t, 32> rng;
};

std::optional<random_seeds> seeds_of(const dt_tree &tree)
{
    const auto node = tree.by_path("/chosen");
    if (!node || !node->has("vp,seed"))
        return std::nullopt;
    std::uint64_t state = node->u64("vp,seed");
    random_seeds seeds = {vp_splitmix_next(&state), {}};
    for (std::size_t i = 0; i < seeds.rng.size(); i += 8)
        vp_store_le(&seeds.rng[i], vp_splitmix_next(&state), 8);
    return seeds;
}

int chosen_node(void *blob)
{
    int node = fdt_path_offset(blob, "/chosen");
    if (node == -FDT_ERR_NOTFOUND)
        node = fdt_add_subnode(blob, 0, "chosen");
    check_copy(node);
    return node;
}

void set_seeds(void *blob, const random_seeds &seeds)
{
    const int node = chosen_node(blob);
    check_copy(fdt_setprop_u64(blob, node, "kaslr-seed", seeds.kaslr));
    check_copy(
        fdt_setprop(blob, node, "rng-seed", seeds.rng.data(), static_cast<int>(seeds.rng.size())));
}

void set_chosen(void *blob, const chosen &given)
{
    const int node = chosen_node(blob);
    if (given.bootargs)
        check_copy(fdt_setprop_string(blob, node, "bootargs", given.bootargs->c_str()));
    if (given.initrd) {
        const dt_range &place = *given.initrd;
        check_copy(fdt_setprop_u64(blob, node, "linux,initrd-start", place.base));
        check_copy(fdt_setprop_u64(blob, node, "linux,initrd-end", place.base + place.size));
    }
}

} // namespace

std::vector<std::uint8_t> guest_dtb(const dt_tree &tree, const chosen &given)
{
    // Alignment of the blocks may differ from the source's; a node and five properties are new.
    const std::size_t room = 768 + (given.bootargs ? given.bootargs->size() : 0);
    const auto seeds = seeds_of(tree);
    tree_changes changes;
    changes.keep = [](const char *name) { return std::strncmp(name, "vp,", 3) != 0; };
    std::vector<std::uint8_t> blob = copy_tree(tree, room, changes);
    if (seeds)
        set_seeds(blob.data(), *seeds);
    if (given.bootargs || given.initrd)
        set_chosen(blob.data(), given);
    check_copy(fdt_pack(blob.data()));
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
    check_copy(fdt_setprop_inplace_namelen_partial(
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
