// SPDX-License-Identifier: Apache-2.0
// Connects the kernel of the traffic generator to sockets, a wire and simulated time.
#include "traffic_generator.hpp"

#include <algorithm>
#include <stdexcept>

#include "vp/bus_access.hpp"
#include "vp/picoseconds.hpp"

namespace vp {

namespace {

using sc_core::sc_time;

std::uint64_t now()
{
    return to_ps(sc_core::sc_time_stamp());
}

tlm::tlm_command command_of(const traffic_access &access)
{
    return access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
}

void put_attributes(const traffic_access &access, smmu::attributes &attributes)
{
    attributes.sid = access.sid;
    attributes.ssv = access.ssid != VP_NO_SSID;
    attributes.ssid = attributes.ssv ? access.ssid : 0;
    attributes.id = access.id;
    attributes.qos = access.qos;
}

} // namespace

traffic_config traffic_generator::options::whole() const
{
    traffic_config all = config;
    all.sids = sids.data();
    all.sid_count = sids.size();
    all.pieces = pieces.data();
    all.piece_count = pieces.size();
    all.records = records.data();
    all.record_count = records.size();
    return all;
}

traffic *traffic_generator::create()
{
    const traffic_config config = options_.whole();
    traffic_error error = {};
    traffic_ops ops = {};

    ops.wires = {this, [](void *user, unsigned, bool level) {
                     auto &irq = static_cast<traffic_generator *>(user)->irq_;
                     if (irq.size() != 0)
                         irq->write(level);
                 }};
    ops.user = this;
    ops.start = [](void *user) {
        static_cast<traffic_generator *>(user)->changed_.notify(sc_core::SC_ZERO_TIME);
    };
    if (!traffic_config_check(&config, &error))
        throw std::invalid_argument(std::string(error.field) + ": " + error.reason);
    traffic *core = traffic_create(&config, &ops);
    if (core == nullptr)
        throw std::bad_alloc();
    return core;
}

traffic_generator::traffic_generator(const sc_core::sc_module_name &name, const options &opts)
    : sc_module(name), options_(opts),
      initiator_("initiator", *this,
                 [this]() -> tlm::tlm_fw_transport_if<> & { return *master_.operator->(); }),
      core_(create(), traffic_destroy), socket_("regs", traffic_frame, core_.get())
{
    master_.register_nb_transport_bw(this, &traffic_generator::nb_transport_bw);
    sc_core::sc_spawn([this] { serve(); }, "serve");
    if (opts.start)
        sc_core::sc_spawn([this] { start_itself(); }, "start");
}

std::vector<device::counter> traffic_generator::counters() const
{
    std::vector<counter> list;
    for (unsigned i = 0; i < TRAFFIC_STATISTICS; i++) {
        const auto which = static_cast<traffic_statistic>(i);
        list.push_back({traffic_statistic_name(which), traffic_statistic_of(core_.get(), which)});
    }
    return list;
}

void traffic_generator::start_itself()
{
    sc_core::wait(*options_.start);
    traffic_start(core_.get());
}

// A start, or an answer, that comes while this does something else is seen by the next question.
void traffic_generator::serve()
{
    for (;;) {
        traffic_access access;
        std::uint64_t when = 0;
        switch (traffic_next(core_.get(), now(), &access, &when)) {
        case TRAFFIC_ISSUE:
            issue(access);
            break;
        case TRAFFIC_AT:
            sc_core::wait(from_ps(when - now()), changed_);
            break;
        case TRAFFIC_WAIT:
        case TRAFFIC_IDLE:
            sc_core::wait(changed_);
            break;
        }
    }
}

// Nothing that is answered in no time would let time pass.
void traffic_generator::issue(const traffic_access &access)
{
    if (options_.approximate)
        send(access);
    else
        transport(access);
    pace_.step();
}

// --- one after the other ---

void traffic_generator::transport(const traffic_access &access)
{
    unsigned char data[TRAFFIC_MAX_ACCESS];
    smmu::attributes attributes;
    sc_time delay = sc_core::SC_ZERO_TIME;

    put_attributes(access, attributes);
    std::fill_n(data, access.bytes, access.fill);
    const vp_status status =
        bus_access(master_, command_of(access), access.addr, data, access.bytes, delay, attributes);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    traffic_complete(core_.get(), access.slot, now(), status == VP_OK, data);
}

// --- several outstanding ---

void traffic_generator::send(const traffic_access &access)
{
    auto &transaction = pool_.take(command_of(access), access.addr, access.bytes);
    transaction.context = access.slot;
    put_attributes(access, transaction.attributes());
    std::fill_n(transaction.get_data_ptr(), access.bytes, access.fill);
    initiator_.send(transaction);
}

void traffic_generator::response_arrived(tlm::tlm_generic_payload &payload)
{
    const auto &transaction = payload_pool<unsigned>::transaction_of(payload);
    traffic_complete(core_.get(), transaction.context, now(), payload.is_response_ok(),
                     payload.get_data_ptr());
    changed_.notify(sc_core::SC_ZERO_TIME);
}

tlm::tlm_sync_enum traffic_generator::nb_transport_bw(tlm::tlm_generic_payload &payload,
                                                      tlm::tlm_phase &phase, sc_time &delay)
{
    return initiator_.nb_transport_bw(payload, phase, delay);
}

} // namespace vp
