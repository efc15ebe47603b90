// SPDX-License-Identifier: Apache-2.0
// libfdt's sequential writer leaves no trace of what is dropped, and keeps nodes in order.
#include "tree_copy.hpp"

#include <stdexcept>

extern "C" {
#include <libfdt.h>
}

namespace vp {

void check_copy(int error)
{
    if (error < 0)
        throw std::runtime_error(std::string("cannot write the guest's device tree: ") +
                                 fdt_strerror(error));
}

namespace {

void copy_properties(void *to, const void *from, int node,
                     const std::function<bool(const char *property)> &handled)
{
    int property = 0;
    fdt_for_each_property_offset(property, from, node)
    {
        const char *name = nullptr;
        int length = 0;
        const void *value = fdt_getprop_by_offset(from, property, &name, &length);
        if (!handled || !handled(name))
            check_copy(fdt_property(to, name, value, length));
    }
}

void copy_changed(void *to, const void *from, int node, const tree_changes &changes)
{
    check_copy(fdt_begin_node(to, fdt_get_name(from, node, nullptr)));
    copy_properties(to, from, node,
                    [&](const char *name) { return changes.keep && !changes.keep(name); });
    int child = 0;
    fdt_for_each_subnode(child, from, node)
    {
        copy_changed(to, from, child, changes);
        if (changes.add_siblings)
            changes.add_siblings(to, from, child);
    }
    check_copy(fdt_end_node(to));
}

} // namespace

void copy_node(void *to, const void *from, int node, const char *name,
               const std::function<bool(const char *property)> &property)
{
    check_copy(fdt_begin_node(to, name));
    copy_properties(to, from, node, property);
    int child = 0;
    fdt_for_each_subnode(child, from, node)
        copy_node(to, from, child, fdt_get_name(from, child, nullptr), {});
    check_copy(fdt_end_node(to));
}

std::vector<std::uint8_t> copy_tree(const dt_tree &tree, std::size_t room,
                                    const tree_changes &changes)
{
    const void *from = tree.blob().data();
    std::vector<std::uint8_t> blob(tree.blob().size() + room);
    void *to = blob.data();

    check_copy(fdt_create(to, static_cast<int>(blob.size())));
    for (int i = 0; i < fdt_num_mem_rsv(from); i++) {
        std::uint64_t address = 0;
        std::uint64_t size = 0;
        check_copy(fdt_get_mem_rsv(from, i, &address, &size));
        check_copy(fdt_add_reservemap_entry(to, address, size));
    }
    check_copy(fdt_finish_reservemap(to));
    copy_changed(to, from, 0, changes);
    check_copy(fdt_finish(to));
    fdt_set_boot_cpuid_phys(to, fdt_boot_cpuid_phys(from));
    check_copy(fdt_open_into(to, to, static_cast<int>(blob.size())));
    return blob;
}

} // namespace vp
