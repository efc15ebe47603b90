// SPDX-License-Identifier: Apache-2.0
// The SMMU's node: properties, interrupt names, statistics.
#include "smmu_node.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <sstream>

#include "vp/dt_rows.hpp"

namespace vp {

namespace {

// The property that sets a parameter: "vp,oas-bits" for oas_bits.
std::string property_of(const std::string &parameter)
{
    return property_name("vp,", parameter);
}

void set_shape(const dt_node &node, const std::string &property, smmu_cache_shape &shape)
{
    const auto cells = node.cells(property.c_str());
    if (cells.size() != 2)
        node.fail(property.c_str(), "must be <sets ways>");
    shape = {cells[0], cells[1]};
}

// The number of the one of `count` names that the property has.
unsigned one_of(const dt_node &node, const std::string &property, unsigned count,
                const std::function<const char *(unsigned)> &name)
{
    const auto given = node.strings(property.c_str());
    std::string names;
    for (unsigned i = 0; i < count; i++) {
        if (given.size() == 1 && given[0] == name(i))
            return i;
        names += i == 0 ? "" : i + 1 < count ? ", " : " or ";
        names += std::string("\"") + name(i) + "\"";
    }
    node.fail(property.c_str(), "must be " + names);
}

unsigned policy(const dt_node &node, const std::string &property)
{
    return one_of(node, property, SMMU_REPLACE_COUNT, [](unsigned i) {
        return smmu_replacement_name(static_cast<smmu_replacement>(i));
    });
}

void set_parameter(const dt_node &node, const smmu_parameter &parameter, smmu_config &config)
{
    const std::string property = property_of(parameter.name);
    if (!node.has(property.c_str()))
        return;
    if (parameter.kind == SMMU_PARAMETER_SHAPE) {
        set_shape(node, property, *smmu_parameter_shape(&config, &parameter));
        return;
    }
    const std::uint64_t value = parameter.kind == SMMU_PARAMETER_POLICY ? policy(node, property)
                                : parameter.bytes == sizeof(std::uint64_t)
                                    ? node.u64(property.c_str(), 0)
                                    : node.u32(property.c_str(), 0);
    if (!smmu_parameter_set(&config, &parameter, value))
        node.fail(property.c_str(), std::to_string(value) + " is not " +
                                        std::to_string(parameter.min) + " to " +
                                        std::to_string(parameter.max));
}

smmu_preset preset(const dt_node &node)
{
    if (!node.has("vp,preset"))
        return SMMU_PRESET_TYPICAL;
    return static_cast<smmu_preset>(one_of(node, "vp,preset", SMMU_PRESET_COUNT, [](unsigned i) {
        return smmu_preset_name(static_cast<smmu_preset>(i));
    }));
}

// Pages 0 and 1, without which there are no queues; all pages, if some have Enhanced Command
// queues.
std::uint32_t least_frame(const smmu_config &config)
{
    return config.ecmdq ? smmu_frame_size(&config) : 0x20000;
}

void check_frame(const dt_node &node, const smmu_config &config)
{
    const std::uint32_t least = least_frame(config);
    if (node.reg()[0].size >= least)
        return;
    std::ostringstream message;
    message << "must be at least 0x" << std::hex << least << " bytes: "
            << (config.ecmdq ? "Command queue control pages begin at 0x30000" : "pages 0 and 1");
    node.fail("reg", message.str());
}

struct counter_row {
    const char *name;
    std::uint64_t smmu_stats::*value;
};

constexpr counter_row counter_rows[] = {
#define SMMU_OBSERVATION(name, counter, ...) {#counter, &smmu_stats::counter},
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
};

struct latency_row {
    const char *name;
    sc_core::sc_time smmu::timing::*value;
};

constexpr latency_row latency_rows[] = {
#define SMMU_LATENCY(name, help) {#name, &smmu::timing::name},
#define SMMU_LIMIT(name, most, help)
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT
};

struct limit_row {
    const char *name;
    unsigned smmu::timing::*value;
    std::uint32_t most;
};

constexpr limit_row limit_rows[] = {
#define SMMU_LATENCY(name, help)
#define SMMU_LIMIT(name, most, help) {#name, &smmu::timing::name, most},
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT
};

// Which wire each interrupt is.
std::vector<wire_out *> wires(const dt_node &node, smmu::smmuv3 &smmu)
{
    std::vector<wire_out *> list;
    for (const std::string &name : smmu_interrupt_names(node)) {
        if (name == "eventq")
            list.push_back(&smmu.irq_evtq());
        else if (name == "cmdq-sync")
            list.push_back(&smmu.irq_cmd_sync());
        else if (name == "gerror")
            list.push_back(&smmu.irq_gerror());
        else if (name == "priq")
            list.push_back(&smmu.irq_priq());
        else
            node.fail("interrupt-names", "the model has no interrupt \"" + name + "\"");
    }
    return list;
}

// Which clients get no direct memory access: the devices that `vp,no-dmi` names, or all if it names
// none.
std::vector<bool> without_dmi(const dt_node &node, const std::vector<smmu_device::client> &clients)
{
    const char *const property = "vp,no-dmi";
    const auto phandles = node.cells(property);
    std::vector<bool> without(clients.size(), node.has(property) && phandles.empty());
    for (const std::uint32_t phandle : phandles) {
        const dt_node named = node.by_phandle(property, phandle);
        bool found = false;
        for (std::size_t i = 0; i < clients.size(); i++)
            if (clients[i].node == named)
                found = without[i] = true;
        if (!found)
            node.fail(property, "no bus master of " + named.path() + " goes through this SMMU");
    }
    return without;
}

} // namespace

std::vector<std::string> smmu_interrupt_names(const dt_node &node)
{
    auto names = node.strings("interrupt-names");
    if (names.empty())
        return {"eventq", "priq", "cmdq-sync", "gerror"};
    return names;
}

std::optional<std::uint32_t> message_device_id(const dt_node &node)
{
    const auto parents = node.specifiers("msi-parent", "#msi-cells");
    if (parents.empty())
        return std::nullopt;
    const auto names = parents[0].target.compatible();
    if (std::find(names.begin(), names.end(), "arm,gic-v3-its") == names.end() ||
        !parents[0].target.enabled())
        node.fail("msi-parent", parents[0].target.path() + " is not an enabled arm,gic-v3-its");
    if (parents.size() != 1 || parents[0].args.size() != 1)
        node.fail("msi-parent", "must be one DeviceID of one ITS");
    return parents[0].args[0];
}

smmu_config smmu_config_of(const dt_node &node)
{
    smmu_config config;
    smmu_config_preset(&config, preset(node));
    const smmu_parameter *parameter = nullptr;
    for (unsigned i = 0; (parameter = smmu_parameter_at(i)) != nullptr; i++)
        if (std::string(parameter->name) != "tbus") // there is one for each device
            set_parameter(node, *parameter, config);
    if (config.ssid_bits == 0 && !node.has("vp,cd2l"))
        config.cd2l = false; // there is one CD for each stream
    if (config.rel && !node.has("vp,page0"))
        config.page0 = node.reg()[0].base;
    smmu_error error = {};
    if (!smmu_config_check(&config, &error))
        node.fail(property_of(error.field).c_str(), error.reason);
    return config;
}

smmu::timing smmu_timing_of(const dt_node &node, bool approximate)
{
    const sc_core::sc_time ps(1, sc_core::SC_PS);
    smmu::timing times =
        smmu::preset_timing(preset(node), approximate ? smmu::timing_mode::approximately_timed
                                                      : smmu::timing_mode::loosely_timed);
    for (const latency_row &row : latency_rows) {
        const std::string property = property_of(row.name) + "-ps";
        if (node.has(property.c_str()))
            times.*row.value = node.u32(property.c_str(), 0) * ps;
    }
    for (const limit_row &row : limit_rows)
        times.*row.value = number_up_to(node, property_of(row.name), times.*row.value, row.most);
    return times;
}

std::vector<std::optional<std::uint32_t>> tbus_of(const dt_node &node, std::size_t masters)
{
    constexpr std::uint32_t most = 64; // TBUs of an SMMU
    const char *const property = "vp,tbu";
    if (!node.has(property))
        return std::vector<std::optional<std::uint32_t>>(masters);
    const auto numbers = node.cells(property);
    if (numbers.size() != 1 && numbers.size() != masters)
        node.fail(property, "must have one number, or one for each of " + std::to_string(masters) +
                                " bus masters");
    for (const std::uint32_t number : numbers)
        if (number >= most)
            node.fail(property,
                      std::to_string(number) + " is not 0 to " + std::to_string(most - 1));
    std::vector<std::optional<std::uint32_t>> list(numbers.begin(), numbers.end());
    list.resize(masters, numbers[0]);
    return list;
}

// TBUs are counted as their first clients come.
std::vector<smmu_device::place> smmu_device::places(const std::vector<client> &clients)
{
    std::vector<place> list;
    unsigned tbus = 0;
    for (std::size_t i = 0; i < clients.size(); i++) {
        place mine = {clients[i].master, tbus, 0};
        for (std::size_t j = 0; j < i && clients[i].tbu; j++)
            if (clients[j].tbu == clients[i].tbu)
                mine = {clients[i].master, list[j].tbu, list[j].socket + 1};
        tbus = std::max(tbus, mine.tbu + 1);
        list.push_back(mine);
    }
    return list;
}

namespace {

// How many there are at each TBU, of which there is one without any, too.
template <typename T> std::vector<unsigned> sharing_of(const std::vector<T> &places)
{
    std::vector<unsigned> sharing;
    for (const T &each : places) {
        sharing.resize(std::max<std::size_t>(sharing.size(), each.tbu + 1));
        sharing[each.tbu]++;
    }
    return sharing.empty() ? std::vector<unsigned>{1} : sharing;
}

} // namespace

smmu_device::smmu_device(const dt_node &node, const char *name, const std::vector<client> &clients,
                         bool approximate, smmu::tcu_base::observer trace)
    : config_(smmu_config_of(node)), places_(places(clients)), sharing_(sharing_of(places_)),
      smmu_(name, config_, smmu_timing_of(node, approximate),
            static_cast<unsigned>(sharing_.size()), std::move(trace), sharing_),
      irqs_(wires(node, smmu_))
{
    check_frame(node, config_);
    if (const auto device_id = message_device_id(node)) {
        stamp_ = std::make_unique<msi_stamp>((std::string(name) + "_messages").c_str(), *device_id);
        smmu_.walk().bind(stamp_->in);
    }
    const std::vector<bool> without = without_dmi(node, clients);
    for (std::size_t i = 0; i < clients.size(); i++) {
        smmu_.dev(places_[i].tbu, places_[i].socket).bind(*clients[i].master);
        if (without[i])
            smmu_.allow_dmi(false, places_[i].tbu);
    }
}

// By smmu::attributes::id, as smmu/tlm/pmcg.hpp says.
bool smmu_device::stamp_messages(unsigned group, std::uint32_t device_id)
{
    if (!stamp_)
        return false;
    stamp_->add(group + 1, device_id);
    return true;
}

std::vector<device::initiator *> smmu_device::masters()
{
    std::vector<initiator *> list;
    if (stamp_)
        list.push_back(&stamp_->out);
    else
        list.push_back(&smmu_.walk());
    for (unsigned i = 0; i < sharing_.size(); i++)
        list.push_back(&smmu_.mem(i));
    return list;
}

smmu::ats_server &smmu_device::ats(const initiator &master)
{
    const auto found = std::find_if(places_.begin(), places_.end(), [&master](const place &each) {
        return each.master == &master;
    });
    return *smmu_.ats(found->tbu).operator->();
}

std::vector<device::counter> smmu_device::counters() const
{
    std::vector<counter> list;
    for (const counter_row &row : counter_rows)
        list.push_back({property_name("", row.name), smmu_.stats().*row.value});
    return list;
}

} // namespace vp
