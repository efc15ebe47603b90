// SPDX-License-Identifier: Apache-2.0
// Properties whose meaning depends on other nodes: reg, interrupts, phandle lists.
#include "vp/dt.hpp"

#include "vp/hex.hpp"

namespace vp {

namespace {

// Defaults of the Devicetree specification 2.3.5.
constexpr std::uint32_t default_address_cells = 2;
constexpr std::uint32_t default_size_cells = 1;

struct cell_counts {
    std::uint32_t address;
    std::uint32_t size;
};

// How the children of `bus` write addresses. Wider ones, such as PCI's, have no linear address.
cell_counts child_cells(const dt_node &bus)
{
    cell_counts counts = {bus.u32("#address-cells", default_address_cells),
                          bus.u32("#size-cells", default_size_cells)};
    if (counts.address < 1 || counts.address > 2)
        bus.fail("#address-cells", "must be 1 or 2 for addresses of the system bus");
    if (counts.size > 2)
        bus.fail("#size-cells", "must be 0, 1 or 2 for addresses of the system bus");
    return counts;
}

// Takes `count` (0 to 2) cells from the front.
std::uint64_t take(const std::uint32_t *&cell, std::uint32_t count)
{
    std::uint64_t value = 0;
    for (; count > 0; count--)
        value = value << 32 | *cell++;
    return value;
}

bool wraps(dt_range range)
{
    return range.base + (range.size - 1) < range.base;
}

bool contains(dt_range outer, dt_range inner)
{
    return inner.base >= outer.base && inner.base - outer.base < outer.size &&
           inner.size <= outer.size - (inner.base - outer.base);
}

} // namespace

// One step of address translation: from the children of `bus` to its parent (specification 2.3.8).
dt_range dt_node::to_parent(const dt_node &bus, dt_range range) const
{
    if (!bus.has("ranges"))
        fail("reg", "is not visible from the root: " + bus.path() + " has no ranges");
    const auto cells = bus.cells("ranges");
    if (cells.empty())
        return range;
    const cell_counts below = child_cells(bus);
    const std::uint32_t above = child_cells(bus.parent()).address;
    const std::size_t row = below.address + above + below.size;
    if (below.size == 0 || cells.size() % row != 0)
        bus.fail("ranges", "is not a whole number of entries of " + std::to_string(row) + " cells");
    for (const std::uint32_t *cell = cells.data(); cell != cells.data() + cells.size();) {
        const std::uint64_t child = take(cell, below.address);
        const std::uint64_t parent = take(cell, above);
        const dt_range window = {child, take(cell, below.size)};
        if (window.size != 0 && wraps({parent, window.size}))
            bus.fail("ranges", "the window at " + hex(parent) + " wraps around");
        if (contains(window, range))
            return {parent + (range.base - child), range.size};
    }
    fail("reg", hex(range.base) + " is in no window of the ranges of " + bus.path());
}

std::vector<dt_range> dt_node::reg() const
{
    const auto cells = this->cells("reg");
    if (cells.empty())
        fail("reg", has("reg") ? "is empty" : "is missing");
    const cell_counts counts = child_cells(parent());
    const std::size_t row = counts.address + counts.size;
    if (cells.size() % row != 0)
        fail("reg", std::to_string(cells.size()) + " cells are not a whole number of entries of " +
                        std::to_string(row));
    std::vector<dt_range> list;
    for (const std::uint32_t *cell = cells.data(); cell != cells.data() + cells.size();) {
        dt_range range = {take(cell, counts.address), 0};
        range.size = take(cell, counts.size);
        if (counts.size != 0) {
            if (range.size == 0)
                fail("reg", "the entry at " + hex(range.base) + " has size 0");
            for (dt_node bus = parent(); bus.path() != "/"; bus = bus.parent())
                range = to_parent(bus, range);
            if (wraps(range))
                fail("reg", "the entry at " + hex(range.base) + " wraps around");
        }
        list.push_back(range);
    }
    return list;
}

namespace {

// Reads `count` argument cells of a specifier from cells[at ...].
std::vector<std::uint32_t> arguments(const dt_node &node, const char *property,
                                     const std::vector<std::uint32_t> &cells, std::size_t at,
                                     std::uint32_t count)
{
    if (count > cells.size() - at)
        node.fail(property, "ends in the middle of a specifier of " + std::to_string(count) +
                                " argument cells");
    const auto first = cells.begin() + static_cast<std::ptrdiff_t>(at);
    return {first, first + count};
}

} // namespace

std::vector<dt_specifier> dt_node::specifiers(const char *property,
                                              const char *cells_property) const
{
    const auto cells = this->cells(property);
    std::vector<dt_specifier> list;
    for (std::size_t at = 0; at < cells.size();) {
        dt_node target = by_phandle(property, cells[at++]);
        if (!target.has(cells_property))
            fail(property, target.path() + " has no " + cells_property);
        auto args = arguments(*this, property, cells, at, target.u32(cells_property));
        at += args.size();
        list.push_back({std::move(target), std::move(args)});
    }
    return list;
}

dt_node dt_node::interrupt_parent() const
{
    for (dt_node node = *this;; node = node.parent()) {
        if (node.has("interrupt-parent"))
            return node.by_phandle("interrupt-parent", node.u32("interrupt-parent"));
        if (node.path() == "/")
            fail("interrupts", "no interrupt-parent here or above");
    }
}

std::vector<dt_specifier> dt_node::interrupts() const
{
    if (has("interrupts-extended"))
        return specifiers("interrupts-extended", "#interrupt-cells");
    const auto cells = this->cells("interrupts");
    if (cells.empty())
        return {};
    const dt_node controller = interrupt_parent();
    const std::uint32_t count = controller.u32("#interrupt-cells");
    if (count == 0)
        controller.fail("#interrupt-cells", "must not be 0");
    std::vector<dt_specifier> list;
    for (std::size_t at = 0; at < cells.size(); at += count)
        list.push_back({controller, arguments(*this, "interrupts", cells, at, count)});
    return list;
}

} // namespace vp
