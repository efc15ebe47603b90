// SPDX-License-Identifier: Apache-2.0
// Cutting reservations out of memory.
#include "reserved.hpp"

#include "program.hpp"

extern "C" {
#include <libfdt.h>
}

namespace vp {

namespace {

std::vector<dt_range> reservations(const dt_tree &tree)
{
    std::vector<dt_range> list;
    const void *blob = tree.blob().data();
    for (int i = 0; i < fdt_num_mem_rsv(blob); i++) {
        dt_range range = {};
        if (fdt_get_mem_rsv(blob, i, &range.base, &range.size) == 0 && range.size != 0)
            list.push_back(range);
    }
    const auto parent = tree.by_path("/reserved-memory");
    if (!parent)
        return list;
    for (const dt_node &child : parent->children())
        if (child.enabled() && child.has("reg")) // without: software finds a place for it
            for (const dt_range &range : child.reg())
                list.push_back(range);
    return list;
}

// `whole` without `hole`: nothing, or what is below and above.
std::vector<dt_range> without(const dt_range &whole, const dt_range &hole)
{
    if (!overlap(whole, hole))
        return {whole};
    std::vector<dt_range> parts;
    if (hole.base > whole.base)
        parts.push_back({whole.base, hole.base - whole.base});
    const std::uint64_t last = whole.base + (whole.size - 1);
    const std::uint64_t hole_last = hole.base + (hole.size - 1);
    if (hole_last < last)
        parts.push_back({hole_last + 1, last - hole_last});
    return parts;
}

} // namespace

std::vector<dt_range> unreserved(const dt_tree &tree, const std::vector<dt_range> &ram)
{
    std::vector<dt_range> left = ram;
    for (const dt_range &hole : reservations(tree)) {
        std::vector<dt_range> next;
        for (const dt_range &whole : left)
            for (const dt_range &part : without(whole, hole))
                next.push_back(part);
        left = std::move(next);
    }
    return left;
}

} // namespace vp
