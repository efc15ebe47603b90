// SPDX-License-Identifier: Apache-2.0
// Building the functions of a tree; the ways of their requests to memory and of the CPUs' to them.
#include "ecam_host.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <stdexcept>

#include "smmu/tlm/attributes.hpp"
#include "vp/bus_access.hpp"
#include "vp/msi_extension.hpp"
#include "vp/picoseconds.hpp"

namespace vp {

namespace {

constexpr std::uint16_t port_vendor = 0x1234;
constexpr std::uint16_t port_device = 0x5031;
constexpr std::uint32_t port_class = 0x060400; // PCI-to-PCI bridge
constexpr std::uint32_t translation_bytes = 8; // of a Translation Completion

std::string instance_name(const dt_node &node)
{
    std::string name = node.name();
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

// Those of the model, then those of its translations.
std::vector<device::counter> counters_of(const pcie_function &model)
{
    auto list = model.counters();
    if (model.translations() != nullptr) {
        const auto more = model.translations()->counters();
        list.insert(list.end(), more.begin(), more.end());
    }
    return list;
}

void attribute(smmu::attributes &attributes, const pcie_requester &from)
{
    attributes.ssv = from.pasid != VP_NO_SSID;
    attributes.ssid = attributes.ssv ? from.pasid : 0;
    attributes.translated = from.translated;
}

pcie_host *create_host(const pcie_plan &plan, const vp_wires &wires)
{
    pcie_host *host = pcie_host_create(static_cast<std::uint8_t>(plan.first_bus), &wires);
    if (host == nullptr)
        throw std::bad_alloc();
    for (const pcie_pin &row : plan.pins)
        pcie_host_route_intx(host, row.device, row.pin, row.line);
    return host;
}

} // namespace

ecam_host::ecam_host(const sc_core::sc_module_name &name, const pcie_plan &plan,
                     const std::vector<pcie_function_model> &models)
    : sc_module(name), plan_(plan), irqs_("irq", plan.lines.size()),
      masters_("master", plan.iommus.targets.size() + 1), windows_("window", plan.windows.size()),
      host_(create_host(plan, {this,
                               [](void *user, unsigned line, bool level) {
                                   auto &irq = static_cast<ecam_host *>(user)->irqs_[line];
                                   if (irq.size() != 0)
                                       irq->write(level);
                               }})),
      ecam_("ecam", pcie_ecam_frame, host_.get())
{
    for (unsigned i = 0; i < windows_.size(); i++)
        windows_[i].register_b_transport(this, &ecam_host::on_window, static_cast<int>(i));
    for (const pcie_slot &slot : plan_.slots)
        plug(slot, nullptr, models);
    make_requests();
    make_ats();
}

ecam_host::~ecam_host() = default;

// --- what is plugged in ---

void ecam_host::plug(const pcie_slot &slot, port *above,
                     const std::vector<pcie_function_model> &models)
{
    const auto names = slot.node.compatible();
    const bool is_port = std::find(names.begin(), names.end(), pcie_port_compatible) != names.end();
    port *made = is_port ? &make_port(slot) : nullptr;
    pcie_fn *fn = is_port ? made->fn.get() : make_endpoint(slot, above, models);
    char reason[80];

    if (!pcie_host_add(host_.get(), above != nullptr ? above->fn.get() : nullptr, slot.devfn, fn,
                       reason, sizeof reason))
        slot.node.fail("reg", reason);
    for (const pcie_slot &below : slot.behind)
        plug(below, made, models);
}

ecam_host::port &ecam_host::make_port(const pcie_slot &slot)
{
    pcie_fn_desc desc = {};
    char reason[80];

    desc.kind = PCIE_ROOT_PORT;
    desc.vendor = port_vendor;
    desc.device = port_device;
    desc.class_code = port_class;
    desc.msi_vectors = 1; // without one, Linux leaves the port without bus mastering
    desc.link = {static_cast<std::uint8_t>(slot.link.generation),
                 static_cast<std::uint8_t>(slot.link.width)};
    const pcie_fn_ops none = {};
    std::unique_ptr<pcie_fn, fn_deleter> fn(pcie_fn_create(&desc, &none, reason, sizeof reason));
    if (!fn)
        slot.node.fail("", reason);
    ports_.push_back({std::move(fn), {slot.link, {}}});
    return ports_.back();
}

pcie_fn *ecam_host::make_endpoint(const pcie_slot &slot, port *above,
                                  const std::vector<pcie_function_model> &models)
{
    const auto names = slot.node.compatible();
    const auto model =
        std::find_if(models.begin(), models.end(), [&](const pcie_function_model &row) {
            return std::find(names.begin(), names.end(), row.compatible) != names.end();
        });
    // Behind different ports there may be nodes of the same name.
    const std::string name = sc_core::sc_gen_unique_name(instance_name(slot.node).c_str());
    const std::string path = above ? slot.node.parent().name() + "." : "";
    const bool timed = above != nullptr && pcie_link_is_timed(&above->link.config);

    if (model == models.end())
        slot.node.fail("compatible", "no PCI Express model for " + names[0]);
    try {
        endpoints_.push_back(
            {slot.node, path + slot.node.name(),
             model->make(slot.node, name.c_str(), above ? PCIE_ENDPOINT : PCIE_INTEGRATED),
             timed ? &above->link : nullptr});
    } catch (const std::invalid_argument &error) {
        slot.node.fail("", error.what());
    }
    endpoints_.back().model->connect(*this);
    return endpoints_.back().model->bus_side();
}

// --- as a device ---

std::vector<device::target *> ecam_host::regs()
{
    std::vector<target *> list = {&ecam_};
    for (auto &window : windows_)
        list.push_back(&window);
    return list;
}

std::vector<device::initiator *> ecam_host::masters()
{
    std::vector<initiator *> list;
    for (auto &master : masters_)
        list.push_back(&master);
    return list;
}

std::vector<wire_out *> ecam_host::irqs()
{
    std::vector<wire_out *> list;
    for (auto &irq : irqs_)
        list.push_back(&irq);
    return list;
}

sc_core::sc_object *ecam_host::model_of(const dt_node &node)
{
    const auto row =
        std::find_if(endpoints_.begin(), endpoints_.end(),
                     [&](const endpoint &candidate) { return candidate.node == node; });
    return row != endpoints_.end() ? row->model.get() : nullptr;
}

std::vector<device::counter> ecam_host::counters() const
{
    std::vector<counter> list = {{"dma-reads", reads_}, {"dma-writes", writes_}};
    if (!ats_.empty())
        list.push_back(
            {"invalidation-timeouts", std::accumulate(ats_.begin(), ats_.end(), std::uint64_t{0},
                                                      [](std::uint64_t sum, const auto &ats) {
                                                          return sum + ats->timeouts();
                                                      })});
    for (const endpoint &row : endpoints_)
        for (const counter &counter : counters_of(*row.model))
            list.push_back({row.name + "." + counter.name, counter.value});
    return list;
}

std::vector<std::string> ecam_host::files() const
{
    std::vector<std::string> list;
    for (const endpoint &row : endpoints_)
        for (const std::string &path : row.model->files())
            list.push_back(path);
    return list;
}

// --- down: accesses of CPUs ---

// Nothing that happens on the bus is an error to who reads or writes a window.
void ecam_host::on_window(int window, tlm::tlm_generic_payload &trans, sc_core::sc_time &)
{
    const pcie_window &range = plan_.windows[static_cast<unsigned>(window)];
    const std::uint64_t addr = range.bus + trans.get_address();
    unsigned char *data = trans.get_data_ptr();
    const unsigned size = trans.get_data_length();

    if (trans.get_byte_enable_ptr() != nullptr) {
        trans.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        return;
    }
    if (trans.get_streaming_width() < size) {
        trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return;
    }
    if (trans.is_read() && range.memory)
        pcie_host_read(host_.get(), addr, data, size);
    else if (trans.is_read())
        std::fill(data, data + size, UINT8_MAX);
    else if (trans.is_write() && range.memory)
        pcie_host_write(host_.get(), addr, data, size);
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

// --- up: requests of functions ---

ecam_host::origin ecam_host::origin_of(std::uint16_t rid) const
{
    const pcie_rid_map iommus = plan_.iommus.view();
    const pcie_rid_map msis = plan_.msis.view();
    origin found = {};
    unsigned its = 0;

    if (!pcie_rid_lookup(&iommus, rid, &found.way, &found.sid))
        found.way = static_cast<unsigned>(masters_.size()) - 1;
    pcie_rid_lookup(&msis, rid, &its, &found.device_id);
    return found;
}

// The function with a requester ID, if the link above it takes time.
const ecam_host::endpoint *ecam_host::behind_link(std::uint16_t rid) const
{
    const auto row =
        std::find_if(endpoints_.begin(), endpoints_.end(), [&](const endpoint &candidate) {
            return candidate.link != nullptr &&
                   pcie_fn_requester_id(candidate.model->bus_side()) == rid;
        });
    return row != endpoints_.end() ? &*row : nullptr;
}

// How long a request, or its completions, is on an idle link.
sc_core::sc_time ecam_host::link_time(std::uint16_t rid, bool completion, bool write,
                                      std::uint64_t addr, std::uint32_t size) const
{
    const endpoint *function = behind_link(rid);

    if (function == nullptr)
        return sc_core::SC_ZERO_TIME;
    const pcie_link_config &config = function->link->config;
    const pcie_tlps tlps = {addr, size, pcie_fn_max_payload(function->model->bus_side())};
    return from_ps(config.latency + (completion ? pcie_link_completion_time(&config, &tlps)
                                     : write    ? pcie_link_write_time(&config, &tlps)
                                                : pcie_link_read_time(&config)));
}

vp_status ecam_host::request(tlm::tlm_command command, const pcie_requester &from,
                             std::uint64_t addr, void *data, std::uint32_t size,
                             sc_core::sc_time &delay)
{
    const origin known = origin_of(from.rid);
    const bool write = command == tlm::TLM_WRITE_COMMAND;
    smmu::attributes attributes;
    msi_extension msi(known.device_id);

    attributes.sid = known.sid;
    attribute(attributes, from);
    delay += link_time(from.rid, false, write, addr, size);
    const vp_status status =
        bus_access(masters_[known.way], command, addr, data, size, delay, attributes, msi);
    if (!write)
        delay += link_time(from.rid, true, write, addr, status == VP_OK ? size : 0);
    (command == tlm::TLM_READ_COMMAND ? reads_ : writes_)++;
    return status;
}

// --- up, by phases ---

void ecam_host::make_requests()
{
    std::vector<root_requests::way_out> ways;
    const auto by_phases = [](const endpoint &row) { return row.model->requests() != nullptr; };

    if (std::none_of(endpoints_.begin(), endpoints_.end(), by_phases))
        return;
    for (auto &master : masters_) {
        master.register_nb_transport_bw(this, &ecam_host::on_phase, static_cast<int>(ways.size()));
        ways.push_back(
            [&master]() -> tlm::tlm_fw_transport_if<> & { return *master.operator->(); });
    }
    requests_ = std::make_unique<root_requests>(
        "requests", [this](tlm::tlm_generic_payload &payload) { return route(payload); },
        std::move(ways));
    for (const endpoint &row : endpoints_) {
        if (!by_phases(row))
            continue;
        const pcie_fn *fn = row.model->bus_side();
        row.model->requests()->socket.bind(
            requests_->add(row.link, [fn] { return pcie_fn_max_payload(fn); }));
    }
}

// As request() does, and the function has made the extensions.
unsigned ecam_host::route(tlm::tlm_generic_payload &payload)
{
    const pcie_requester &from = pcie_request_header::of(payload).from;
    const origin known = origin_of(from.rid);
    auto &attributes = *payload.get_extension<smmu::attributes>();

    attributes.sid = known.sid;
    attribute(attributes, from);
    payload.get_extension<msi_extension>()->device_id = known.device_id;
    (payload.is_read() ? reads_ : writes_)++;
    return known.way;
}

tlm::tlm_sync_enum ecam_host::on_phase(int way, tlm::tlm_generic_payload &payload,
                                       tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return requests_->nb_transport_bw(static_cast<unsigned>(way), payload, phase, delay);
}

// --- translations ---

void ecam_host::make_ats()
{
    if (!plan_.ats)
        return;
    for (unsigned way = 0; way < plan_.iommus.targets.size(); way++)
        ats_.push_back(std::make_unique<root_ats>(
            ("ats_" + std::to_string(way)).c_str(),
            [this, way](std::uint32_t sid) { return functions_of(way, sid); },
            sc_core::sc_time(plan_.invalidation_us, sc_core::SC_US)));
}

root_ats *ecam_host::ats(std::size_t way) const
{
    return way < ats_.size() ? ats_[way].get() : nullptr;
}

smmu::ats_client *ecam_host::connect_ats(std::size_t way, smmu::ats_server &server)
{
    root_ats *port = ats(way);

    if (port != nullptr)
        port->server(server);
    return port;
}

// Messages to a function are routed by its requester ID.
std::vector<translation_client *> ecam_host::functions_of(unsigned way, std::uint32_t sid) const
{
    const pcie_rid_map iommus = plan_.iommus.view();
    std::vector<translation_client *> list;

    for (const endpoint &row : endpoints_) {
        pcie_fn *fn = row.model->bus_side();
        unsigned its_way = 0;
        std::uint32_t its_sid = 0;
        if (row.model->translations() != nullptr && pcie_host_reaches(fn) &&
            pcie_rid_lookup(&iommus, pcie_fn_requester_id(fn), &its_way, &its_sid) &&
            its_way == way && its_sid == sid)
            list.push_back(row.model->translations());
    }
    return list;
}

root_ats *ecam_host::ats_of(std::uint16_t rid, std::uint32_t &sid) const
{
    const pcie_rid_map iommus = plan_.iommus.view();
    unsigned way = 0;

    return pcie_rid_lookup(&iommus, rid, &way, &sid) ? ats(way) : nullptr;
}

pcie_translation ecam_host::translate(std::uint16_t rid, const pcie_translation_request &wanted,
                                      sc_core::sc_time &delay)
{
    std::uint32_t sid = 0;
    root_ats *ats = ats_of(rid, sid);

    delay += link_time(rid, false, false, wanted.addr, 0);
    const pcie_translation answer = ats != nullptr ? ats->translate(sid, wanted, delay)
                                                   : pcie_upstream::translate(rid, wanted, delay);
    delay +=
        link_time(rid, true, false, 0, answer.status == PCIE_COMPLETED ? translation_bytes : 0);
    return answer;
}

void ecam_host::request_page(std::uint16_t rid, const pcie_page_request &wanted,
                             sc_core::sc_time &delay)
{
    std::uint32_t sid = 0;

    delay += link_time(rid, false, false, wanted.addr, 0);
    if (root_ats *ats = ats_of(rid, sid))
        ats->request_page(sid, wanted, delay);
}

// --- what the tree says of it ---

namespace {

std::vector<dt_range> windows_of(const dt_node &node)
{
    std::vector<dt_range> list;
    for (const pcie_window &window : read_pcie_node(node).windows)
        list.push_back(window.system);
    return list;
}

std::vector<dt_specifier> interrupts_of(const dt_node &node)
{
    return read_pcie_node(node).lines;
}

// For each SMMU the largest StreamID that the map leads to.
std::vector<dt_specifier> streams_of(const dt_node &node)
{
    const pcie_map map = read_pcie_node(node).iommus;
    std::vector<dt_specifier> list;
    for (const dt_node &smmu : map.targets)
        list.push_back({smmu, {0}});
    for (const pcie_rid_range &range : map.ranges) {
        std::uint32_t &largest = list[range.target].args[0];
        largest = std::max(largest, range.out + (range.count - 1));
    }
    return list;
}

} // namespace

const device_bus ecam_bus = {windows_of, interrupts_of, "interrupt-map", streams_of, "iommu-map"};

} // namespace vp
