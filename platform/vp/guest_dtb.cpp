// SPDX-License-Identifier: Apache-2.0
// Rewriting a blob for the guest: libfdt's sequential writer leaves no trace of what is dropped.
#include "guest_dtb.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

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

} // namespace

std::vector<std::uint8_t> guest_dtb(const dt_tree &tree)
{
    const void *from = tree.blob().data();
    // Alignment of the blocks may differ from the source's.
    std::vector<std::uint8_t> blob(tree.blob().size() + 64);
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
    blob.resize(fdt_totalsize(to));
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
                return place <= other.base + (other.size - 1) && other.base <= place + (size - 1);
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
