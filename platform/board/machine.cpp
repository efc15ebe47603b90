// SPDX-License-Identifier: Apache-2.0
// Building the machine: models first, then the interconnect in their middle, then wires.
#include "machine.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <system_error>

#include "dram_memory.hpp"
#include "gic/gic.h"
#include "vp/capabilities.hpp"

namespace vp {

namespace {

sc_core::sc_time nanoseconds(std::uint32_t count)
{
    return {double(count), sc_core::SC_NS};
}

// Runs `make`, and turns what a model has against its parameters into an error of its node.
template <typename F> auto blaming(const dt_node &node, const char *property, F make)
{
    try {
        return make();
    } catch (const dt_error &) {
        throw;
    } catch (const std::invalid_argument &error) {
        node.fail(property, error.what());
    } catch (const std::system_error &error) {
        node.fail(property, error.what());
    }
}

} // namespace

machine::machine(const sc_core::sc_module_name &name, const machine_plan &plan, boot_image image,
                 const sc_core::sc_time &quantum, trace_log &trace)
    : sc_module(name), image_(std::move(image)), trace_(trace), loader_("loader")
{
    make_devices(plan);
    connect_devices();
    offer_files();
    make_smmus(plan);
    make_pmcgs(plan);
    connect_ats(plan);
    make_memory(plan);
    make_cpus(plan, quantum);
    connect_events();
    make_gic(plan);
    make_router(plan);
}

machine::~machine() = default;

// SystemC names allow fewer characters than device-tree names, and may not repeat.
std::string machine::instance_name(const dt_node &node)
{
    std::string name = node.name();
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    const auto same = std::find_if(names_.begin(), names_.end(),
                                   [&](const auto &row) { return row.first == name; });
    if (same != names_.end())
        node.fail("", "has the same name as " + same->second);
    names_.emplace_back(name, node.path());
    return name;
}

void machine::add_frames(const dt_node &node, const std::vector<device::target *> &sockets,
                         const std::vector<dt_range> &reg, bool memory)
{
    if (sockets.size() != reg.size())
        node.fail("reg", "must have " + std::to_string(sockets.size()) + " entries, has " +
                             std::to_string(reg.size()));
    for (std::size_t i = 0; i < reg.size(); i++)
        frames_.push_back({sockets[i], reg[i], node, memory});
}

void machine::make_devices(const machine_plan &plan)
{
    for (const device_plan &row : plan.devices) {
        const std::string name = instance_name(row.node);
        auto model = blaming(row.node, "", [&] { return row.make(row.node, name.c_str()); });
        add_frames(row.node, model->regs(), row.reg);
        devices_.push_back({row.node, std::move(model)});
    }
}

// Devices whose nodes name others find those.
void machine::connect_devices()
{
    const auto find = [this](const dt_node &node) {
        sc_core::sc_object *found = nullptr;
        for (std::size_t i = 0; found == nullptr && i < devices_.size(); i++)
            found = devices_[i].model->model_of(node);
        return found;
    };
    for (const instance &row : devices_)
        row.model->connect(find);
}

namespace {

void offer_kernel(firmware_files &to, offered_files &files)
{
    to.offer_kernel(std::move(files.kernel));
    if (!files.initrd.empty())
        to.offer_initrd(std::move(files.initrd));
    to.offer_command_line(files.command_line);
}

} // namespace

void machine::offer_files()
{
    for (const instance &row : devices_)
        if (auto *to = dynamic_cast<firmware_files *>(row.model.get())) {
            if (image_.offered)
                offer_kernel(*to, *image_.offered);
            for (named_file &file : image_.named)
                to->offer_file(file.name, std::move(file.data));
            return;
        }
}

namespace {

// The SMMU a bus master goes through: with as many masters as streams each has its own, a single
// master carries the streams of all.
std::size_t route(const device_plan &device, std::size_t master, std::size_t masters)
{
    if (masters != 1 && masters != device.streams.size())
        device.node.fail("iommus", "the model has " + std::to_string(masters) +
                                       " bus masters, the tree lists " +
                                       std::to_string(device.streams.size()) + " streams");
    for (const stream_plan &stream : device.streams)
        if (masters == 1 && stream.smmu != device.streams[0].smmu)
            device.node.fail("iommus", "the streams of one bus master lead to two SMMUs");
    return device.streams[master].smmu;
}

} // namespace

void machine::make_smmus(const machine_plan &plan)
{
    std::vector<std::vector<smmu_device::client>> clients(plan.smmus.size());
    for (std::size_t i = 0; i < plan.devices.size(); i++) {
        const auto masters = devices_[i].model->masters();
        if (masters.empty() && !plan.devices[i].streams.empty())
            plan.devices[i].node.fail("iommus", "the model has no bus master");
        const auto tbus = tbus_of(plan.devices[i].node, masters.size());
        bool placed = false;
        for (std::size_t m = 0; m < masters.size(); m++) {
            const std::size_t smmu = plan.devices[i].streams.empty()
                                         ? stream_plan::no_smmu
                                         : route(plan.devices[i], m, masters.size());
            if (smmu == stream_plan::no_smmu)
                masters_.push_back({masters[m], plan.devices[i].node, false});
            else
                clients[smmu].push_back({masters[m], plan.devices[i].node, tbus[m]});
            placed |= smmu != stream_plan::no_smmu;
        }
        if (!placed && plan.devices[i].node.has("vp,tbu"))
            plan.devices[i].node.fail("vp,tbu", "the device goes through no SMMU");
    }
    for (std::size_t i = 0; i < plan.smmus.size(); i++) {
        const smmu_plan &row = plan.smmus[i];
        auto model =
            std::make_unique<smmu_device>(row.node, instance_name(row.node).c_str(), clients[i],
                                          plan.approximate, trace_.smmu_tracer(row.node.name()));
        for (device::initiator *master : model->masters())
            masters_.push_back({master, row.node, master == model->masters()[0]});
        add_frames(row.node, model->regs(), row.reg);
        smmus_.push_back(model.get());
        devices_.push_back({row.node, std::move(model)});
    }
    for (const device_plan &device : plan.devices)
        for (const stream_plan &stream : device.streams)
            if (stream.smmu != stream_plan::no_smmu &&
                std::uint64_t{stream.sid} >> smmus_[stream.smmu]->config().sid_bits != 0)
                device.node.fail(device.bus ? device.bus->streams_property : "iommus",
                                 "StreamID " + std::to_string(stream.sid) + " is beyond those of " +
                                     plan.smmus[stream.smmu].node.path());
}

void machine::make_pmcgs(const machine_plan &plan)
{
    for (const pmcg_plan &row : plan.pmcgs) {
        auto model = std::make_unique<pmcg_device>(row.node, instance_name(row.node).c_str(),
                                                   *smmus_[row.smmu]);
        add_frames(row.node, model->regs(), row.reg);
        pmcgs_.push_back(model.get());
        devices_.push_back({row.node, std::move(model)});
    }
}

// Each way of a root complex into an SMMU has its own ATS port there.
void machine::connect_ats(const machine_plan &plan)
{
    for (std::size_t i = 0; i < plan.devices.size(); i++) {
        auto *source = dynamic_cast<ats_source *>(devices_[i].model.get());
        const auto masters = devices_[i].model->masters();
        for (std::size_t way = 0; source && way < plan.devices[i].streams.size(); way++) {
            if (plan.devices[i].streams[way].smmu == stream_plan::no_smmu)
                continue;
            smmu_device &smmu = *smmus_[plan.devices[i].streams[way].smmu];
            if (smmu::ats_client *client =
                    source->connect_ats(way, smmu.ats(*masters[masters.size() == 1 ? 0 : way])))
                smmu.ats_clients()(*client);
        }
    }
}

namespace {

std::unique_ptr<device> make_memory_model(const ram_plan &row, const char *name, bool approximate)
{
    if (row.dram)
        return std::make_unique<dram_memory>(name, row.range.size, *row.dram, approximate,
                                             row.direct);
    return std::make_unique<ram>(name, row.range.size, nanoseconds(row.latency_ns), row.direct);
}

} // namespace

void machine::make_memory(const machine_plan &plan)
{
    for (const ram_plan &row : plan.memory) {
        // A memory node may have several banks.
        const std::string name = "ram" + std::to_string(&row - plan.memory.data());
        auto model = blaming(row.node, "reg", [&] {
            return make_memory_model(row, name.c_str(), plan.approximate);
        });
        add_frames(row.node, model->regs(), {row.range}, true);
        devices_.push_back({row.node, std::move(model)});
    }
}

void machine::make_cpus(const machine_plan &plan, const sc_core::sc_time &quantum)
{
    std::vector<std::unique_ptr<cpu>> cpus;
    for (unsigned i = 0; i < plan.cpus.size(); i++) {
        cpus.push_back(make_cpu(plan, i, quantum));
        trace_.watch(*cpus[i], plan.cpus[i].node.name());
        masters_.push_back({&cpus[i]->bus, plan.cpus[i].node, false});
    }
    processors::surroundings around;
    around.end_run = [this](guest_end end, std::uint64_t status) { end_run(end, status); };
    around.measure = [this](const sc_core::sc_time &when) {
        if (measured_)
            measured_(when);
    };
    around.smmus = smmus_;
    processors_ = std::make_unique<processors>(plan, std::move(cpus), std::move(around),
                                               image_.program.entry, image_.x0);
}

std::unique_ptr<cpu> machine::make_cpu(const machine_plan &plan, unsigned index,
                                       const sc_core::sc_time &quantum)
{
    const cpu_plan &row = plan.cpus[index];
    a64_config config = {};
    config.mpidr = row.mpidr;
    config.reset_pc = image_.program.entry;
    config.cntfrq = plan.timer.frequency;
    config.pa_bits = row.pa_bits;
    config.reset_el = row.el2 ? 2 : 1;
    config.translate_after = A64_TRANSLATE_AFTER;
    const sc_core::sc_time cycle(1.0 / static_cast<double>(row.frequency), sc_core::SC_SEC);
    const cpu::timing times = {cycle, std::max(cycle, quantum), index};
    const std::string name = instance_name(row.node);
    return blaming(row.node, "",
                   [&] { return std::make_unique<cpu>(name.c_str(), config, times); });
}

void machine::make_gic(const machine_plan &plan)
{
    if (!plan.gic)
        return;
    const auto of_pes = affinities(plan);
    std::vector<msi_controller *> translators;
    for (const instance &row : devices_)
        if (auto *translator = dynamic_cast<msi_controller *>(row.model.get()))
            translators.push_back(translator);
    auto model = blaming(plan.gic->node, "vp,spis", [&] {
        return std::make_unique<gic>(instance_name(plan.gic->node).c_str(),
                                     std::vector<std::uint32_t>(of_pes.begin(), of_pes.end()),
                                     plan.gic->spis, !translators.empty());
    });
    for (msi_controller *translator : translators)
        translator->deliver_to(*model);
    for (device::initiator *master : model->masters())
        masters_.push_back({master, plan.gic->node, false});
    add_frames(plan.gic->node, model->regs(), plan.gic->reg);
    if (plan.gic->reg[1].size < of_pes.size() * GIC_REDIST_SIZE)
        plan.gic->node.fail("reg", "the second entry has no room for the redistributors");
    gic_ = model.get();
    devices_.push_back({plan.gic->node, std::move(model)});

    processors_->connect_gic(*gic_, plan);
    for (std::size_t i = 0; i < plan.devices.size(); i++)
        connect_wires(plan.devices[i].node, *devices_[i].model, plan.devices[i].spis);
    for (std::size_t i = 0; i < plan.smmus.size(); i++)
        connect_wires(plan.smmus[i].node, *smmus_[i], plan.smmus[i].spis);
    for (std::size_t i = 0; i < plan.pmcgs.size(); i++)
        connect_wires(plan.pmcgs[i].node, *pmcgs_[i], plan.pmcgs[i].spis);
}

// The event output of every SMMU is an event input of all CPUs.
void machine::connect_events()
{
    for (smmu_device *smmu : smmus_) {
        auto signal = std::make_unique<vp::wire>(sc_core::sc_gen_unique_name("event"));
        signal->listen([this](bool level) {
            if (level)
                processors_->send_events(nullptr);
        });
        smmu->sev().bind(*signal);
        wires_.push_back(std::move(signal));
    }
}

void machine::connect_wires(const dt_node &node, device &model, const spi_list &spis)
{
    const auto outputs = model.irqs();
    if (spis.size() > outputs.size())
        node.fail("interrupts", "the model has " + std::to_string(outputs.size()) +
                                    " outputs, the tree lists " + std::to_string(spis.size()));
    for (std::size_t i = 0; i < spis.size(); i++) {
        if (outputs[i] == nullptr)
            continue;
        auto signal = std::make_unique<vp::wire>(sc_core::sc_gen_unique_name("wire"));
        outputs[i]->bind(*signal);
        gic_->spi(spis[i]).bind(*signal);
        wires_.push_back(std::move(signal));
    }
}

void machine::make_router(const machine_plan &plan)
{
    masters_.push_back({&loader_, plan.cpus[0].node.parent(), false}); // has no node of its own
    router_ = make_interconnect(plan, masters_, frames_);
}

void machine::start_of_simulation()
{
    for (const segment &part : image_.program.segments)
        store(part.address, part.data);
    store(image_.dtb_address, image_.dtb);
}

void machine::store(std::uint64_t address, const std::vector<std::uint8_t> &data)
{
    std::vector<std::uint8_t> copy = data; // payloads point to bytes that a target could change
    tlm::tlm_generic_payload trans;
    trans.set_command(tlm::TLM_WRITE_COMMAND);
    for (std::size_t done = 0; done < copy.size();) {
        trans.set_address(address + done);
        trans.set_data_ptr(copy.data() + done);
        trans.set_data_length(
            static_cast<unsigned>(std::min<std::size_t>(copy.size() - done, 1u << 30)));
        const unsigned moved = loader_->transport_dbg(trans);
        if (moved == 0)
            throw std::runtime_error("the program does not fit into memory");
        done += moved;
    }
}

// The first to end it counts: other CPUs may still be at it until SystemC stops.
void machine::end_run(guest_end end, std::uint64_t status)
{
    if (end_ != guest_end::running)
        return;
    end_ = end;
    exit_status_ = status;
    sc_core::sc_stop();
}

std::vector<device::counter> machine::counters() const
{
    std::vector<device::counter> list = processors_->counters();
    for (const device::counter &counter : interconnect_counters(*router_, masters_, frames_))
        list.push_back({"interconnect." + counter.name, counter.value});
    for (const instance &row : devices_)
        for (const device::counter &counter : row.model->counters())
            list.push_back({row.node.name() + "." + counter.name, counter.value});
    return list;
}

std::vector<std::string> machine::files() const
{
    std::vector<std::string> list;
    for (const instance &row : devices_)
        for (const std::string &path : row.model->files())
            list.push_back(path);
    return list;
}

} // namespace vp
