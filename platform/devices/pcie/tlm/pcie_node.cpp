// SPDX-License-Identifier: Apache-2.0
// Reading the properties of the PCI bus binding (IEEE 1275) that a generic ECAM host has.
#include "pcie_node.hpp"

#include <algorithm>

#include "pcie/pcie_host.h"
#include "pcie_link_node.hpp"
#include "vp/coding_style.hpp"
#include "vp/hex.hpp"

namespace vp {

namespace {

// A PCI address has three cells: flags with the bus, device and function number, then 64 bits.
constexpr std::uint32_t pci_address_cells = 3;
constexpr std::uint32_t pci_size_cells = 2;
constexpr std::uint32_t requester_ids = 0x10000;

// Whether [base, base + size) and the other range share an address; neither is empty.
bool overlap(std::uint64_t base, std::uint64_t size, std::uint64_t other, std::uint64_t other_size)
{
    return base <= other + (other_size - 1) && other <= base + (size - 1);
}

void check_cells(const dt_node &node, const char *property, std::uint32_t wanted)
{
    if (node.u32(property) != wanted)
        node.fail(property, "must be " + std::to_string(wanted));
}

// The cells of `property`, which has rows of `row`.
std::vector<std::uint32_t> rows_of(const dt_node &node, const char *property, std::size_t row)
{
    auto cells = node.cells(property);
    if (cells.size() % row != 0)
        node.fail(property,
                  "is not a whole number of entries of " + std::to_string(row) + " cells");
    return cells;
}

std::uint64_t pair(const std::uint32_t *cells)
{
    return std::uint64_t{cells[0]} << 32 | cells[1];
}

// --- windows ---

pcie_window read_window(const dt_node &node, const std::uint32_t *cells, std::uint32_t parent_cells)
{
    enum space { config, io, memory32, memory64 };
    const auto space = cells[0] >> 24 & 3;
    const std::uint64_t bus = pair(cells + 1);
    const std::uint64_t base = parent_cells == 2 ? pair(cells + 3) : cells[3];
    const std::uint64_t size = pair(cells + 3 + parent_cells);
    const std::string name = "the window at " + hex(base);

    if (space == config)
        node.fail("ranges", name + " is for configuration space");
    if (size == 0)
        node.fail("ranges", name + " is empty");
    if (base + (size - 1) < base || bus + (size - 1) < bus)
        node.fail("ranges", name + " wraps around");
    if (space != memory64 && bus + (size - 1) > UINT32_MAX)
        node.fail("ranges", name + " goes beyond 32 bits on the bus");
    return {bus, {base, size}, space != io};
}

std::vector<pcie_window> read_windows(const dt_node &node)
{
    const std::uint32_t parent_cells = node.parent().u32("#address-cells", 2);
    const std::size_t row = pci_address_cells + parent_cells + pci_size_cells;
    const auto cells = rows_of(node, "ranges", row);
    std::vector<pcie_window> windows;

    if (cells.empty())
        node.fail("ranges", node.has("ranges") ? "has no windows" : "is missing");
    for (std::size_t at = 0; at < cells.size(); at += row) {
        const pcie_window fresh = read_window(node, &cells[at], parent_cells);
        for (const pcie_window &other : windows)
            if (other.memory == fresh.memory &&
                overlap(other.bus, other.system.size, fresh.bus, fresh.system.size))
                node.fail("ranges", "two windows have the bus address " +
                                        hex(std::max(other.bus, fresh.bus)));
        windows.push_back(fresh);
    }
    return windows;
}

// --- maps of requester IDs ---

unsigned target_index(std::vector<dt_node> &targets, const dt_node &target)
{
    const auto at = std::find(targets.begin(), targets.end(), target);
    const auto index = static_cast<unsigned>(at - targets.begin());
    if (at == targets.end())
        targets.push_back(target);
    return index;
}

void check_range(const dt_node &node, const char *property, const pcie_map &map,
                 const pcie_rid_range &range)
{
    const std::string name = "the entry at " + hex(range.first);

    if (range.count == 0)
        node.fail(property, name + " is empty");
    if (range.first >= requester_ids || range.count > requester_ids - range.first)
        node.fail(property, name + " goes beyond the 65536 requester IDs");
    if ((range.first & ~map.mask) != 0)
        node.fail(property, name + " is never met: the mask clears some of its bits");
    if (range.out + (range.count - 1) < range.out)
        node.fail(property, name + " maps beyond 32 bits");
    for (const pcie_rid_range &other : map.ranges)
        if (overlap(range.first, range.count, other.first, other.count))
            node.fail(property, name + " overlaps the one at " + hex(other.first));
}

// Rows of <requester ID, phandle, first number there, count>.
pcie_map read_map(const dt_node &node, const char *property, const char *cells_property)
{
    const auto cells = rows_of(node, property, 4);
    pcie_map map = {node.u32((std::string(property) + "-mask").c_str(), requester_ids - 1), {}, {}};

    for (std::size_t at = 0; at < cells.size(); at += 4) {
        const dt_node target = node.by_phandle(property, cells[at + 1]);
        if (target.u32(cells_property, 1) != 1)
            target.fail(cells_property, "must be 1");
        const pcie_rid_range range = {cells[at], cells[at + 3], target_index(map.targets, target),
                                      cells[at + 2]};
        check_range(node, property, map, range);
        map.ranges.push_back(range);
    }
    return map;
}

// --- interrupts ---

// One row of `interrupt-map`: address and pin, then the controller and its specifier.
struct interrupt_row {
    std::uint32_t device; // bits [15:11] of the first address cell
    std::uint32_t pin;
    dt_specifier to;
};

std::vector<interrupt_row> read_interrupt_map(const dt_node &node)
{
    const auto cells = node.cells("interrupt-map");
    const auto end = cells.size();
    std::vector<interrupt_row> rows;

    for (std::size_t at = 0; at < end;) {
        if (end - at < 5)
            node.fail("interrupt-map", "ends in the middle of an entry");
        const dt_node controller = node.by_phandle("interrupt-map", cells[at + 4]);
        const std::uint64_t address = controller.u32("#address-cells", 0);
        const std::uint64_t count = controller.u32("#interrupt-cells");
        if (address > end - at - 5 || count > end - at - 5 - address)
            node.fail("interrupt-map", "ends in the middle of an entry");
        const auto first = cells.begin() + static_cast<std::ptrdiff_t>(at + 5 + address);
        rows.push_back({cells[at],
                        cells[at + 3],
                        {controller, {first, first + static_cast<std::ptrdiff_t>(count)}}});
        at += 5 + address + count;
    }
    return rows;
}

unsigned line_index(std::vector<dt_specifier> &lines, const dt_specifier &wanted)
{
    const auto at = std::find_if(lines.begin(), lines.end(), [&](const dt_specifier &line) {
        return line.target == wanted.target && line.args == wanted.args;
    });
    const auto index = static_cast<unsigned>(at - lines.begin());
    if (at == lines.end())
        lines.push_back(wanted);
    return index;
}

// Every device and pin, masked, takes the first row that matches.
void read_interrupts(const dt_node &node, pcie_plan &plan)
{
    if (!node.has("interrupt-map"))
        return;
    check_cells(node, "#interrupt-cells", 1);
    const auto rows = read_interrupt_map(node);
    const auto mask = node.cells("interrupt-map-mask");
    if (mask.size() != 4)
        node.fail("interrupt-map-mask", "must have four cells");
    for (unsigned device = 0; device < PCIE_DEVICES; device++) {
        for (unsigned pin = 1; pin <= PCIE_PINS; pin++) {
            const auto row =
                std::find_if(rows.begin(), rows.end(), [&](const interrupt_row &candidate) {
                    return (device << 11 & mask[0]) == (candidate.device & mask[0]) &&
                           (pin & mask[3]) == (candidate.pin & mask[3]);
                });
            if (row != rows.end())
                plan.pins.push_back({device, pin, line_index(plan.lines, row->to)});
        }
    }
}

// --- children ---

// The first cell of `reg`, less the bus number: software chooses that.
unsigned read_devfn(const dt_node &node)
{
    const auto cells = rows_of(node, "reg", pci_address_cells + pci_size_cells);

    if (cells.empty())
        node.fail("reg", node.has("reg") ? "is empty" : "is missing");
    if ((cells[0] & 0xff0000ff) != 0)
        node.fail("reg", hex(cells[0]) + " is no configuration address");
    return cells[0] >> 8 & 0xff;
}

bool is_port(const dt_node &node)
{
    const auto names = node.compatible();
    return std::find(names.begin(), names.end(), pcie_port_compatible) != names.end();
}

std::vector<pcie_slot> read_slots(const dt_node &bus, const pcie_link_config &link);

// `link` is that of ports which say nothing else.
pcie_slot read_slot(const dt_node &node, const pcie_link_config &link)
{
    const unsigned devfn = read_devfn(node);

    if (!is_port(node))
        return {node, devfn, {}, {}};
    const pcie_link_config own = read_link(node, link);
    return {node, devfn, own, read_slots(node, own)};
}

std::vector<pcie_slot> read_slots(const dt_node &bus, const pcie_link_config &link)
{
    std::vector<pcie_slot> slots;

    check_cells(bus, "#address-cells", pci_address_cells);
    check_cells(bus, "#size-cells", pci_size_cells);
    for (const dt_node &child : bus.children())
        if (child.enabled() && !child.compatible().empty())
            slots.push_back(read_slot(child, link));
    std::stable_sort(slots.begin(), slots.end(),
                     [](const pcie_slot &a, const pcie_slot &b) { return a.devfn < b.devfn; });
    return slots;
}

unsigned read_first_bus(const dt_node &node)
{
    const auto buses =
        node.has("bus-range") ? node.cells("bus-range") : std::vector<std::uint32_t>{0, UINT8_MAX};

    if (buses.size() != 2 || buses[0] > buses[1] || buses[1] > UINT8_MAX)
        node.fail("bus-range", "must be two bus numbers, the lower first");
    const auto reg = node.reg();
    const std::uint64_t wanted = (buses[1] - buses[0] + 1) * std::uint64_t{PCIE_ECAM_BUS_SIZE};
    if (reg.size() != 1)
        node.fail("reg", "must have one entry");
    if (reg[0].size != wanted)
        node.fail("reg", "must have " + hex(wanted) + " bytes for the buses of bus-range");
    return buses[0];
}

// PCI Express gives functions a minute.
std::uint32_t read_invalidation_us(const dt_node &node)
{
    const std::uint32_t value = node.u32("vp,invalidation-timeout-us", 60'000'000);

    if (value == 0)
        node.fail("vp,invalidation-timeout-us", "must not be 0");
    return value;
}

pcie_atc_config read_atc(const dt_node &node)
{
    if (!node.has("vp,atc"))
        return translation_options().cache;
    const auto cells = node.cells("vp,atc");
    if (cells.size() != 2)
        node.fail("vp,atc", "must be <sets ways>");
    const pcie_atc_config config = {cells[0], cells[1]};
    char reason[80];
    pcie_atc *atc = pcie_atc_create(&config, reason, sizeof reason);
    if (atc == nullptr)
        node.fail("vp,atc", reason);
    pcie_atc_destroy(atc);
    return config;
}

} // namespace

translation_options read_translations(const dt_node &node)
{
    return {read_atc(node), sc_core::sc_time(node.u32("vp,invalidation-ns", 0), sc_core::SC_NS),
            sc_core::sc_time(node.u32("vp,atc-lookup-ps", 0), sc_core::SC_PS)};
}

request_options read_requests(const dt_node &node, pcie_kind kind)
{
    request_options options;
    const std::uint32_t outstanding = node.u32("vp,outstanding", options.outstanding);

    if (outstanding < 1 || outstanding > pcie_requests::max_outstanding)
        node.fail("vp,outstanding",
                  "must be 1 to " + std::to_string(pcie_requests::max_outstanding));
    if (kind == PCIE_ENDPOINT)
        options.link = read_link_above(node);
    options.outstanding = outstanding;
    options.phases =
        approximately_timed(node) && (outstanding > 1 || pcie_link_is_timed(&options.link));
    return options;
}

unsigned read_burst_bytes(const dt_node &node, unsigned otherwise)
{
    if (!node.has("vp,burst-bytes"))
        return otherwise;
    const std::uint32_t burst = node.u32("vp,burst-bytes");

    if (burst < PCIE_MIN_BURST || burst > PCIE_MAX_BURST || (burst & (burst - 1)) != 0)
        node.fail("vp,burst-bytes", "must be a power of two from " +
                                        std::to_string(PCIE_MIN_BURST) + " to " +
                                        std::to_string(PCIE_MAX_BURST));
    return burst;
}

pcie_plan read_pcie_node(const dt_node &node)
{
    if (node.string("device_type", "") != "pci")
        node.fail("device_type", "must be \"pci\"");
    if (node.parent().path() != "/")
        node.fail("", "must be a child of the root");
    pcie_plan plan = {};
    plan.first_bus = read_first_bus(node);
    plan.slots = read_slots(node, read_link(node, {}));
    plan.windows = read_windows(node);
    plan.iommus = read_map(node, "iommu-map", "#iommu-cells");
    plan.msis = read_map(node, "msi-map", "#msi-cells");
    plan.ats = node.has("ats-supported");
    plan.invalidation_us = read_invalidation_us(node);
    read_interrupts(node, plan);
    return plan;
}

} // namespace vp
