// SPDX-License-Identifier: Apache-2.0
// Rows for the tables, of the plan of the machine and of what the tree says beyond that.
#include "acpi_node.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <new>
#include <optional>
#include <string>

#include "a64/cpu.h"
#include "acpi/acpi.h"
#include "acpi_maps.hpp"
#include "flash_node.hpp"
#include "pcie_node.hpp"
#include "smmu_node.hpp"

namespace vp {

namespace {

constexpr unsigned first_ppi = 16;
constexpr unsigned first_spi = 32;

// What devices of the tree are in the namespace. Firmware keeps the clock and the flash for itself.
struct device_row {
    const char *compatible;
    const char *hid;
    const char *letters; // of the name
    bool master;
};

constexpr const char *uart_hid = "ARMH0011";

constexpr device_row device_rows[] = {
    {"arm,pl011", uart_hid, "CO", false},
    {"qemu,fw-cfg-mmio", "QEMU0002", "FC", false},
    {"vp,dma-engine", "SMVP0001", "DM", true},
    {"vp,dma-port", "SMVP0002", "DP", true},
    {"vp,traffic-generator", "SMVP0003", "TG", true},
};

bool is_compatible(const dt_node &node, const char *name)
{
    const auto names = node.compatible();
    return std::find(names.begin(), names.end(), name) != names.end();
}

// The cache that CSSELR_EL1 selects by this number: the fields of CCSIDR_EL1 (DDI 0487 D24.2.28).
acpi_cache cache_of(unsigned selected)
{
    const std::uint32_t id = a64_cache_id(selected);
    return {(id >> 13 & 0x7fff) + 1, static_cast<std::uint8_t>((id >> 3 & 0x3ff) + 1),
            static_cast<std::uint16_t>(16u << (id & 7))};
}

// Whether DMA of `node` is coherent: the nearest property on the way to the root says so.
bool is_coherent(dt_node node)
{
    for (;; node = node.parent()) {
        if (node.has("dma-coherent"))
            return true;
        if (node.has("dma-noncoherent") || node.path() == "/")
            return false;
    }
}

// Collects the rows; what they point to lives as long as it does.
class describer {
  public:
    describer(const dt_tree &tree, const machine_plan &plan) : tree_(tree), plan_(plan) {}

    acpi_files build();

  private:
    void describe_gic();
    void describe_timer();
    void describe_roots();
    void describe_root(const dt_node &node);
    std::uint16_t segment_of(const dt_node &node) const;
    void describe_smmus();
    void describe_pmcgs();
    void describe_devices();
    void describe_device(const device_plan &device, const device_row &row, unsigned number);
    void find_console();
    acpi_message message_of(const dt_node &node) const;
    unsigned its_number(const dt_node &node) const;
    unsigned smmu_number(const dt_node &node) const;

    const dt_tree &tree_;
    const machine_plan &plan_;
    acpi_machine machine_ = {};
    std::vector<std::uint64_t> cpus_;
    std::vector<std::uint64_t> its_frames_;
    std::vector<dt_node> its_nodes_;
    std::vector<dt_node> device_nodes_;
    std::vector<acpi_smmu> smmus_;
    std::vector<acpi_pmcg> pmcgs_;
    std::vector<acpi_root> roots_;
    std::vector<acpi_device> devices_;
    std::vector<std::vector<acpi_id_map>> smmu_maps_;
    std::deque<std::vector<acpi_id_map>> maps_;
    std::deque<std::vector<acpi_range>> ranges_;
    std::deque<std::vector<acpi_irq>> irqs_;
    std::deque<std::vector<acpi_window>> windows_;
    std::deque<std::vector<acpi_pin>> pins_;
};

unsigned describer::its_number(const dt_node &node) const
{
    return static_cast<unsigned>(std::find(its_nodes_.begin(), its_nodes_.end(), node) -
                                 its_nodes_.begin());
}

unsigned describer::smmu_number(const dt_node &node) const
{
    const auto at = std::find_if(plan_.smmus.begin(), plan_.smmus.end(),
                                 [&](const smmu_plan &row) { return row.node == node; });
    return static_cast<unsigned>(at - plan_.smmus.begin());
}

acpi_message describer::message_of(const dt_node &node) const
{
    const auto device_id = message_device_id(node);
    if (!device_id)
        return {false, 0, 0};
    const auto parent = node.specifiers("msi-parent", "#msi-cells");
    return {true, *device_id, its_number(parent[0].target)};
}

void describer::describe_gic()
{
    const gic_plan &gic = *plan_.gic;
    machine_.gic.distributor = gic.reg[0].base;
    machine_.gic.redistributors = {gic.reg[1].base, gic.reg[1].size};
    machine_.gic.maintenance = gic.maintenance ? *gic.maintenance + first_ppi : 0;
    machine_.gic.pmu = plan_.pmu_ppi ? *plan_.pmu_ppi + first_ppi : 0;
    for (const device_plan &device : plan_.devices)
        if (is_compatible(device.node, "arm,gic-v3-its")) {
            its_nodes_.push_back(device.node);
            its_frames_.push_back(device.reg[0].base);
        }
    for (const cpu_plan &cpu : plan_.cpus)
        cpus_.push_back(cpu.mpidr);
}

void describer::describe_timer()
{
    const auto gsiv = [this](unsigned which) {
        const auto &ppi = plan_.timer.ppi[which];
        return ppi ? *ppi + first_ppi : 0;
    };
    const auto node = find_compatible(tree_, "arm,armv8-timer");
    machine_.timer = {gsiv(timer_plan::secure_physical), gsiv(timer_plan::physical),
                      gsiv(timer_plan::virtual_), gsiv(timer_plan::hypervisor),
                      node && node->has("always-on")};
}

// --- PCI Express ---

std::vector<acpi_window> windows_of(const pcie_plan &pcie)
{
    std::vector<acpi_window> list;
    for (const pcie_window &window : pcie.windows)
        list.push_back({!window.memory, window.bus, window.system.base, window.system.size});
    return list;
}

std::vector<acpi_pin> pins_of(const pcie_plan &pcie)
{
    std::vector<acpi_pin> list;
    for (const pcie_pin &pin : pcie.pins)
        list.push_back({pin.device, pin.pin, pcie.lines[pin.line].args[1] + first_spi});
    return list;
}

// An IORT has no masks: those of the tree must change nothing.
void check_mask(const dt_node &node, const char *property, const pcie_map &map)
{
    if (map.mask != 0xffff && !map.ranges.empty())
        node.fail(property, "cannot be said by ACPI; vp,no-acpi of the node of the firmware "
                            "configuration device leaves its tables out");
}

void describer::describe_root(const dt_node &node)
{
    const pcie_plan pcie = read_pcie_node(node);
    check_mask(node, "iommu-map-mask", pcie.iommus);
    check_mask(node, "msi-map-mask", pcie.msis);
    std::vector<unsigned> smmus;
    std::vector<unsigned> translators;
    unsigned pasid_bits = pcie.iommus.targets.empty() ? 0 : 20;
    for (const dt_node &target : pcie.iommus.targets) {
        smmus.push_back(smmu_number(target));
        pasid_bits = std::min<unsigned>(pasid_bits, smmu_config_of(target).ssid_bits);
    }
    for (const dt_node &target : pcie.msis.targets)
        translators.push_back(its_number(target));

    const id_ranges streams = id_ranges_of(pcie.iommus, smmus);
    const id_ranges messages = id_ranges_of(pcie.msis, translators);
    for (const id_range &row : followed_by(streams, messages))
        smmu_maps_[row.smmu].push_back(
            {row.first, row.count, row.out, ACPI_IORT_ITS_GROUP, row.target, false});
    std::vector<acpi_id_map> &maps = maps_.emplace_back();
    for (const id_range &row : streams)
        maps.push_back({row.first, row.count, row.out, ACPI_IORT_SMMU_V3, row.target, false});
    for (const id_range &row : without(messages, streams))
        maps.push_back({row.first, row.count, row.out, ACPI_IORT_ITS_GROUP, row.target, false});

    const auto buses =
        node.has("bus-range") ? node.cells("bus-range") : std::vector<std::uint32_t>{0, UINT8_MAX};
    const dt_range ecam = node.reg()[0];
    const std::vector<acpi_window> &windows = windows_.emplace_back(windows_of(pcie));
    const std::vector<acpi_pin> &pins = pins_.emplace_back(pins_of(pcie));
    roots_.push_back({{ecam.base, ecam.size},
                      segment_of(node),
                      static_cast<std::uint8_t>(buses[0]),
                      static_cast<std::uint8_t>(buses[1]),
                      is_coherent(node),
                      pcie.ats,
                      static_cast<std::uint8_t>(pasid_bits),
                      windows.data(),
                      windows.size(),
                      pins.data(),
                      pins.size(),
                      maps.data(),
                      maps.size()});
}

// The segment group of a host: 16 bits, and no two hosts have the same (PCI Firmware Specification
// 3.3, 4.1.2). Hosts that the tree does not number are numbered in order.
std::uint16_t describer::segment_of(const dt_node &node) const
{
    const std::uint32_t segment =
        node.u32("linux,pci-domain", static_cast<std::uint32_t>(roots_.size()));
    if (segment > UINT16_MAX)
        node.fail("linux,pci-domain", "is " + std::to_string(segment) + ", and ACPI ends at 65535");
    for (const acpi_root &root : roots_)
        if (root.segment == segment)
            node.fail("linux,pci-domain",
                      "another host has domain " + std::to_string(segment) + " already");
    return static_cast<std::uint16_t>(segment);
}

void describer::describe_roots()
{
    smmu_maps_.resize(plan_.smmus.size());
    for (const device_plan &device : plan_.devices)
        if (is_compatible(device.node, "pci-host-ecam-generic"))
            describe_root(device.node);
}

// --- SMMUs ---

void describer::describe_smmus()
{
    for (std::size_t i = 0; i < plan_.smmus.size(); i++) {
        const smmu_plan &plan = plan_.smmus[i];
        const auto names = smmu_interrupt_names(plan.node);
        acpi_smmu row = {};
        row.base = plan.reg[0].base;
        row.coherent = is_coherent(plan.node);
        row.httu = std::min<unsigned>(smmu_config_of(plan.node).httu, SMMU_HTTU_DIRTY);
        const std::pair<const char *, std::uint32_t *> wires[] = {{"eventq", &row.event},
                                                                  {"priq", &row.pri},
                                                                  {"gerror", &row.gerror},
                                                                  {"cmdq-sync", &row.sync}};
        for (std::size_t n = 0; n < plan.spis.size() && n < names.size(); n++)
            for (const auto &[name, gsiv] : wires)
                if (names[n] == name)
                    *gsiv = plan.spis[n] + first_spi;
        row.message = message_of(plan.node);
        row.maps = smmu_maps_[i].data();
        row.map_count = smmu_maps_[i].size();
        smmus_.push_back(row);
    }
}

void describer::describe_pmcgs()
{
    for (const pmcg_plan &group : plan_.pmcgs)
        pmcgs_.push_back({group.reg.front().base, group.reg.back().base,
                          group.spis.empty() ? 0 : group.spis[0] + first_spi,
                          static_cast<unsigned>(group.smmu), message_of(group.node)});
}

// --- the namespace ---

void describer::describe_device(const device_plan &device, const device_row &row, unsigned number)
{
    std::vector<acpi_range> &regs = ranges_.emplace_back();
    for (const dt_range &range : device.reg)
        regs.push_back({range.base, range.size});
    std::vector<acpi_irq> &irqs = irqs_.emplace_back();
    const auto interrupts = device.node.interrupts();
    for (std::size_t i = 0; i < device.spis.size(); i++)
        irqs.push_back({device.spis[i] + first_spi, interrupts[i].args[2] == 1});
    std::vector<acpi_id_map> &maps = maps_.emplace_back();
    for (const stream_plan &stream : device.streams)
        if (stream.smmu != stream_plan::no_smmu)
            maps.push_back(
                {0, 1, stream.sid, ACPI_IORT_SMMU_V3, static_cast<unsigned>(stream.smmu), true});

    acpi_device entry = {};
    std::snprintf(entry.name, sizeof entry.name, "%s%02X", row.letters, number & 0xff);
    entry.hid = row.hid;
    entry.uid = number;
    entry.master = row.master;
    entry.coherent = is_coherent(device.node);
    entry.regs = regs.data();
    entry.reg_count = regs.size();
    entry.irqs = irqs.data();
    entry.irq_count = irqs.size();
    entry.maps = maps.data();
    entry.map_count = maps.size();
    devices_.push_back(entry);
    device_nodes_.push_back(device.node);
}

void describer::describe_devices()
{
    for (const device_row &row : device_rows) {
        unsigned number = 0;
        for (const device_plan &device : plan_.devices) {
            if (!is_compatible(device.node, row.compatible))
                continue;
            if (number == ACPI_MAX_DEVICES)
                device.node.fail("", "is one device of its kind too many for ACPI");
            describe_device(device, row, number++);
        }
    }
}

// The UART that `stdout-path` of /chosen names, by a path or an alias.
void describer::find_console()
{
    const auto chosen = tree_.by_path("/chosen");
    std::string path = chosen ? chosen->string("stdout-path", "") : "";
    path.resize(std::min(path.size(), path.find(':')));
    const auto aliases = tree_.by_path("/aliases");
    if (!path.empty() && path[0] != '/' && aliases)
        path = aliases->string(path.c_str(), "");
    for (std::size_t i = 0; i < devices_.size(); i++)
        if (device_nodes_[i].path() == path && devices_[i].hid == uart_hid)
            machine_.console = &devices_[i];
}

acpi_files describer::build()
{
    machine_.psci = plan_.psci == psci_conduit::hvc ? ACPI_PSCI_HVC : ACPI_PSCI_SMC;
    describe_gic();
    describe_timer();
    describe_roots();
    describe_smmus();
    describe_pmcgs();
    describe_devices();
    find_console();
    machine_.cpus = cpus_.data();
    machine_.cpu_count = cpus_.size();
    machine_.caches = {cache_of(A64_CACHE_L1_DATA), cache_of(A64_CACHE_L1_INSTRUCTION),
                       cache_of(A64_CACHE_L2)};
    machine_.its = its_frames_.data();
    machine_.its_count = its_frames_.size();
    machine_.smmus = smmus_.data();
    machine_.smmu_count = smmus_.size();
    machine_.pmcgs = pmcgs_.data();
    machine_.pmcg_count = pmcgs_.size();
    machine_.roots = roots_.data();
    machine_.root_count = roots_.size();
    machine_.devices = devices_.data();
    machine_.device_count = devices_.size();
    acpi_files files = {};
    if (!acpi_build(&machine_, &files))
        throw std::bad_alloc();
    return files;
}

named_file to_named(const char *name, const acpi_file &file)
{
    return {name, {file.data, file.data + file.size}};
}

} // namespace

std::vector<named_file> acpi_files_of(const dt_tree &tree, const machine_plan &plan)
{
    const auto device = find_compatible(tree, "qemu,fw-cfg-mmio");
    if (!device || device->has("vp,no-acpi") || !plan.gic || plan.gic->reg.size() < 2 ||
        plan.psci == psci_conduit::none)
        return {};
    acpi_files files = describer(tree, plan).build();
    std::vector<named_file> list = {to_named(ACPI_TABLES_FILE, files.tables),
                                    to_named(ACPI_RSDP_FILE, files.rsdp),
                                    to_named(ACPI_LOADER_FILE, files.loader)};
    acpi_free(&files);
    return list;
}

} // namespace vp
