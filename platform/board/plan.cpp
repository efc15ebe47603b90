// SPDX-License-Identifier: Apache-2.0
// From device tree to plan: sort the nodes by role, read each, then check them against each other.
#include "plan.hpp"

#include <algorithm>
#include <cassert>
#include <map>

#include "bus_node.hpp"
#include "dram_node.hpp"
#include "vp/coding_style.hpp"
#include "vp/dt_rows.hpp"
#include "vp/hex.hpp"

namespace vp {

namespace {

enum class role { device, gic, smmu, pmcg, psci, timer, pmu, passive };

struct role_row {
    const char *compatible;
    role what;
};

// Nodes the machine itself deals with, and those that are deliberately no models: they describe
// what the hardware around the models is, and nothing answers at an address of theirs.
constexpr role_row special[] = {
    {"arm,gic-v3", role::gic},        {"arm,smmu-v3", role::smmu},
    {"arm,smmu-v3-pmcg", role::pmcg}, {"arm,psci-1.0", role::psci},
    {"arm,psci-0.2", role::psci},     {"arm,armv8-timer", role::timer},
    {"arm,armv8-pmuv3", role::pmu},   {"arm,cortex-a57-pmu", role::pmu},
    {"fixed-clock", role::passive},   {"fixed-factor-clock", role::passive},
    {"simple-bus", role::passive},
};

// Children of the root that hold no devices, whatever is below them.
constexpr const char *not_hardware[] = {"cpus", "chosen", "aliases", "reserved-memory"};

struct cpu_row {
    const char *compatible;
    std::uint8_t pa_bits;
};

constexpr cpu_row cpu_models[] = {{"arm,cortex-a57", 44}, {"arm,armv8", 48}};

bool is_memory(const dt_node &node)
{
    return node.string("device_type", "") == "memory";
}

// Builds the plan: one visit per node collects, finish() connects.
class planner {
  public:
    explicit planner(const std::vector<device_model> &models) : models_(models) {}

    machine_plan make(const dt_tree &tree);

  private:
    void read_bus(const dt_node &root);
    void read_cpus(const dt_tree &tree);
    cpu_plan read_cpu(const dt_node &node) const;
    void check_cpus() const;
    void visit(const dt_node &node);
    void visit_children(const dt_node &node);
    bool place(const dt_node &node);
    void place_memory(const dt_node &node);
    void read_gic(const dt_node &node);
    void read_psci(const dt_node &node);
    void read_timer(const dt_node &node);
    void read_pmu(const dt_node &node);
    void check_overlaps();
    unsigned gic_line(const dt_node &node, const char *property, const dt_specifier &interrupt,
                      std::uint32_t type) const;
    spi_list read_spis(const dt_node &node, const char *property,
                       const std::vector<dt_specifier> &interrupts);
    std::vector<stream_plan> read_streams(const dt_node &node, const char *property,
                                          const std::vector<dt_specifier> &streams) const;
    std::size_t smmu_of(const dt_node &node, const char *property, const dt_node &target) const;
    void connect(device_plan &device);
    void connect(pmcg_plan &group);
    void place_device(const dt_node &node, const device_model &model);

    struct claim {
        dt_node node;
        dt_range range;
    };
    std::vector<device_model> models_;
    machine_plan plan_;
    std::vector<claim> claims_;
    std::optional<dt_node> timer_;
    std::optional<dt_node> pmu_;
    std::map<unsigned, std::string> spi_users_;
};

// `vp,latency-ns` is `vp,bus-forward-ps` in other units, with the same limit.
void planner::read_bus(const dt_node &root)
{
    constexpr std::uint64_t most_ns = 1000000;
    plan_.bus.forward = std::uint64_t{number_up_to(root, "vp,latency-ns", 0, most_ns)} * 1000;
    if (plan_.bus.forward != 0 && root.has("vp,bus-forward-ps"))
        root.fail("vp,latency-ns", "must not be there beside vp,bus-forward-ps");
    plan_.bus = bus_port_of(root, plan_.bus);
    plan_.system_cache_ps = root.u32("vp,system-cache-ps", 0);
}

machine_plan planner::make(const dt_tree &tree)
{
    const dt_node root = tree.root();
    plan_.approximate = approximately_timed(root);
    read_bus(root);
    read_cpus(tree);
    visit_children(root);
    if (plan_.memory.empty())
        root.fail("", "no enabled memory node");
    check_overlaps();
    std::sort(plan_.memory.begin(), plan_.memory.end(),
              [](const ram_plan &a, const ram_plan &b) { return a.range.base < b.range.base; });

    // Interrupts and streams lead to nodes that may come later in the tree.
    for (auto &smmu : plan_.smmus)
        smmu.spis = read_spis(smmu.node, "interrupts", smmu.node.interrupts());
    for (auto &group : plan_.pmcgs)
        connect(group);
    for (auto &device : plan_.devices)
        connect(device);
    if (timer_)
        read_timer(*timer_);
    if (pmu_)
        read_pmu(*pmu_);
    return std::move(plan_);
}

cpu_plan planner::read_cpu(const dt_node &node) const
{
    const auto names = node.compatible();
    const auto *model =
        std::find_if(std::begin(cpu_models), std::end(cpu_models), [&](const cpu_row &row) {
            return std::find(names.begin(), names.end(), row.compatible) != names.end();
        });
    if (model == std::end(cpu_models))
        node.fail("compatible", "no CPU model for " + (names.empty() ? "it" : names[0]));
    if (node.string("enable-method", "psci") != "psci")
        node.fail("enable-method", "only psci is supported");
    const std::uint64_t frequency = node.u64("clock-frequency", 1000000000);
    if (frequency < 1000000 || frequency > 100000000000)
        node.fail("clock-frequency", "must be from 1 MHz to 100 GHz");
    return {node, node.reg()[0].base, frequency, model->pa_bits, node.has("vp,el2")};
}

void planner::read_cpus(const dt_tree &tree)
{
    if (const auto cpus = tree.by_path("/cpus")) {
        for (const dt_node &node : cpus->children())
            if (node.string("device_type", "") == "cpu" && node.enabled())
                plan_.cpus.push_back(read_cpu(node));
    }
    if (plan_.cpus.empty())
        tree.root().fail("", "no enabled node with device_type \"cpu\" in /cpus");
    std::stable_sort(plan_.cpus.begin(), plan_.cpus.end(),
                     [](const cpu_plan &a, const cpu_plan &b) { return a.mpidr < b.mpidr; });
    check_cpus();
}

// Affinities as MPIDR_EL1 has them: Aff0 and Aff1, each PE its own. Interrupts between CPUs reach
// 16 in a cluster.
void planner::check_cpus() const
{
    constexpr std::uint64_t affinity_levels = 0xffff;
    constexpr std::size_t max_cpus = 8;
    if (plan_.cpus.size() > max_cpus)
        plan_.cpus[max_cpus].node.fail("", "is one CPU too many: there can be 8");
    for (const cpu_plan &cpu : plan_.cpus) {
        if ((cpu.mpidr & ~affinity_levels) != 0)
            cpu.node.fail("reg", hex(cpu.mpidr) + " has more than Aff0 and Aff1");
        if ((cpu.mpidr & 0xff) >= 16)
            cpu.node.fail("reg", hex(cpu.mpidr) + " has an Aff0 above 15");
        if (cpu.el2 != plan_.cpus[0].el2)
            cpu.node.fail("vp,el2", "must be on all CPUs or on none, " + plan_.cpus[0].node.path() +
                                        " differs");
    }
    for (std::size_t i = 1; i < plan_.cpus.size(); i++)
        if (plan_.cpus[i].mpidr == plan_.cpus[i - 1].mpidr)
            plan_.cpus[i].node.fail("reg", hex(plan_.cpus[i].mpidr) + " is the affinity of " +
                                               plan_.cpus[i - 1].node.path());
}

void planner::visit_children(const dt_node &node)
{
    for (const dt_node &child : node.children()) {
        const bool skipped = node.path() == "/" &&
                             std::any_of(std::begin(not_hardware), std::end(not_hardware),
                                         [&](const char *name) { return child.name() == name; });
        if (!skipped && child.enabled())
            visit(child);
    }
}

void planner::visit(const dt_node &node)
{
    if (is_memory(node))
        place_memory(node);
    else if (!place(node))
        return;
    visit_children(node);
}

void planner::place_memory(const dt_node &node)
{
    for (const dt_range &range : node.reg()) {
        plan_.memory.push_back(
            {node, range, node.u32("vp,latency-ns", 0), dram_of(node), !node.has("vp,no-dmi")});
        claims_.push_back({node, range});
    }
}

void planner::place_device(const dt_node &node, const device_model &model)
{
    device_plan device = {node, model.make, model.bus, node.reg(), {}, {}};
    if (model.bus) {
        const auto windows = model.bus->windows(node);
        device.reg.insert(device.reg.end(), windows.begin(), windows.end());
    }
    for (const dt_range &range : device.reg)
        claims_.push_back({node, range});
    plan_.devices.push_back(std::move(device));
}

// Returns whether the children of the node are for the machine to place.
bool planner::place(const dt_node &node)
{
    const auto names = node.compatible();
    const device_model *served = nullptr;
    auto what = names.empty() ? std::optional(role::passive) : std::nullopt;

    for (std::size_t i = 0; i < names.size() && !what; i++) {
        for (const role_row &row : special)
            if (names[i] == row.compatible)
                what = row.what;
        for (const device_model &model : models_)
            if (names[i] == model.compatible) {
                what = role::device;
                served = &model;
            }
    }
    if (!what) {
        if (node.has("reg"))
            node.fail("compatible", "no model for " + names[0]);
        return true;
    }
    switch (*what) {
    case role::device:
        assert(served); // the model says what it is
        place_device(node, *served);
        return served->bus == nullptr;
    case role::gic:
        read_gic(node);
        break;
    case role::smmu:
        plan_.smmus.push_back({node, node.reg(), {}});
        break;
    case role::pmcg:
        plan_.pmcgs.push_back({node, node.reg(), 0, {}});
        break;
    case role::psci:
        read_psci(node);
        return true;
    case role::timer:
        timer_ = node;
        return true;
    case role::pmu:
        pmu_ = node;
        return true;
    case role::passive:
        return true;
    }
    for (const dt_range &range : node.reg())
        claims_.push_back({node, range});
    return true;
}

void planner::read_gic(const dt_node &node)
{
    if (plan_.gic)
        node.fail("compatible", "a second interrupt controller beside " + plan_.gic->node.path());
    const std::uint32_t spis = node.u32("vp,spis", 256);
    if (spis < 32 || spis > 960 || spis % 32 != 0)
        node.fail("vp,spis", "must be a multiple of 32 from 32 to 960");
    if (node.u32("#interrupt-cells") != 3)
        node.fail("#interrupt-cells", "must be 3");
    plan_.gic = gic_plan{node, node.reg(), spis, {}};
    const auto interrupts = node.interrupts();
    if (interrupts.size() > 1)
        node.fail("interrupts", "has more than the maintenance interrupt");
    if (!interrupts.empty())
        plan_.gic->maintenance = gic_line(node, "interrupts", interrupts[0], 1);
}

void planner::read_psci(const dt_node &node)
{
    const std::string method = node.string("method");
    if (method != "hvc" && method != "smc")
        node.fail("method", "must be \"hvc\" or \"smc\"");
    if (method == "hvc" && plan_.cpus[0].el2)
        node.fail("method", "must be \"smc\": with vp,el2 in " + plan_.cpus[0].node.path() +
                                ", HVC is a call of EL2");
    plan_.psci = method == "hvc" ? psci_conduit::hvc : psci_conduit::smc;
    plan_.trng_seed = node.u64("vp,trng-seed", plan_.trng_seed);
}

void planner::read_timer(const dt_node &node)
{
    const auto interrupts = node.interrupts();
    if (interrupts.size() > timer_plan::count)
        node.fail("interrupts", "has more than the four of the binding");
    for (std::size_t i = 0; i < interrupts.size(); i++)
        plan_.timer.ppi[i] = gic_line(node, "interrupts", interrupts[i], 1);
    plan_.timer.frequency = node.u32("clock-frequency", plan_.timer.frequency);
    if (plan_.timer.frequency == 0)
        node.fail("clock-frequency", "must not be 0");
}

void planner::read_pmu(const dt_node &node)
{
    const auto interrupts = node.interrupts();
    if (interrupts.size() != 1)
        node.fail("interrupts", "must be one PPI, which all CPUs have");
    const unsigned ppi = gic_line(node, "interrupts", interrupts[0], 1);
    for (const auto &other : plan_.timer.ppi)
        if (other == ppi)
            node.fail("interrupts",
                      "PPI " + std::to_string(ppi) + " is wired to " + timer_->path());
    plan_.pmu_ppi = ppi;
}

void planner::check_overlaps()
{
    std::stable_sort(claims_.begin(), claims_.end(),
                     [](const claim &a, const claim &b) { return a.range.base < b.range.base; });
    for (std::size_t i = 1; i < claims_.size(); i++) {
        const claim &low = claims_[i - 1];
        const claim &high = claims_[i];
        const std::uint64_t last = low.range.base + (low.range.size - 1);
        if (high.range.base <= last)
            high.node.fail("reg", hex(high.range.base) + " overlaps " + low.node.path() + " (" +
                                      hex(low.range.base) + " to " + hex(last) + ")");
    }
}

// The number in an interrupt specifier of the GIC: <type number flags>, type 0 SPI, 1 PPI.
unsigned planner::gic_line(const dt_node &node, const char *property, const dt_specifier &interrupt,
                           std::uint32_t type) const
{
    enum { edge_rising = 1, level_high = 4 };
    if (!plan_.gic || !(interrupt.target == plan_.gic->node))
        node.fail(property, interrupt.target.path() + " is not an enabled arm,gic-v3");
    const auto &cells = interrupt.args;
    if (cells[0] > 1)
        node.fail(property, "type " + std::to_string(cells[0]) + " is neither SPI nor PPI");
    if (cells[0] != type)
        node.fail(property, type == 1
                                ? "must be PPIs"
                                : "a PPI belongs to one CPU: only its timer and PMU have some");
    const unsigned count = type == 1 ? 16 : plan_.gic->spis;
    if (cells[1] >= count)
        node.fail(property, "number " + std::to_string(cells[1]) + " is beyond the " +
                                std::to_string(count) + (type == 1 ? " PPIs" : " SPIs") + " of " +
                                interrupt.target.path());
    if (cells[2] != edge_rising && cells[2] != level_high)
        node.fail(property, "trigger " + std::to_string(cells[2]) +
                                " is neither 1 (rising edge) nor 4 (level high)");
    return cells[1];
}

spi_list planner::read_spis(const dt_node &node, const char *property,
                            const std::vector<dt_specifier> &interrupts)
{
    spi_list list;
    for (const dt_specifier &interrupt : interrupts) {
        const unsigned spi = gic_line(node, property, interrupt, 0);
        const auto [user, fresh] = spi_users_.emplace(spi, node.path());
        if (!fresh)
            node.fail(property, "SPI " + std::to_string(spi) + " is wired to " + user->second);
        list.push_back(spi);
    }
    return list;
}

// Which SMMU `target` is, that a property of `node` names.
std::size_t planner::smmu_of(const dt_node &node, const char *property, const dt_node &target) const
{
    const auto smmu = std::find_if(plan_.smmus.begin(), plan_.smmus.end(),
                                   [&](const smmu_plan &row) { return row.node == target; });
    if (smmu == plan_.smmus.end())
        node.fail(property, target.path() + " is not an enabled arm,smmu-v3");
    return static_cast<std::size_t>(smmu - plan_.smmus.begin());
}

std::vector<stream_plan> planner::read_streams(const dt_node &node, const char *property,
                                               const std::vector<dt_specifier> &streams) const
{
    std::vector<stream_plan> list;
    for (const dt_specifier &stream : streams) {
        const std::size_t smmu = smmu_of(node, property, stream.target);
        if (stream.args.size() != 1)
            stream.target.fail("#iommu-cells", "must be 1");
        list.push_back({smmu, stream.args[0]});
    }
    return list;
}

void planner::connect(device_plan &device)
{
    const dt_node &node = device.node;
    if (!device.bus) {
        device.spis = read_spis(node, "interrupts", node.interrupts());
        device.streams = read_streams(node, "iommus", node.specifiers("iommus", "#iommu-cells"));
        return;
    }
    device.spis = read_spis(node, device.bus->interrupts_property, device.bus->interrupts(node));
    device.streams = read_streams(node, device.bus->streams_property, device.bus->streams(node));
    device.streams.push_back({stream_plan::no_smmu, 0});
}

void planner::connect(pmcg_plan &group)
{
    const char *const property = "vp,smmu";
    const dt_node &node = group.node;
    const auto named = node.cells(property);
    if (named.size() != 1)
        node.fail(property, "must name one SMMU");
    group.smmu = smmu_of(node, property, node.by_phandle(property, named[0]));
    group.spis = read_spis(node, "interrupts", node.interrupts());
}

} // namespace

machine_plan make_plan(const dt_tree &tree, const std::vector<device_model> &models)
{
    return planner(models).make(tree);
}

} // namespace vp
