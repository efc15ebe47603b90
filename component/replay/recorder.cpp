// SPDX-License-Identifier: Apache-2.0
// A log of sockets: see smmu/replay/recorder.hpp.
#include "smmu/replay/recorder.hpp"

#include <algorithm>
#include <cmath>

#include "record_rows.hpp"

namespace smmu {

namespace {

bool is_of_software(log_record what)
{
    return what == log_record::reg_write || what == log_record::reset || what == log_record::tlbi ||
           what == log_record::page;
}

// A log has accesses of whole words.
bool is_of_register(const tlm::tlm_generic_payload &payload)
{
    return (payload.get_data_length() == 4 || payload.get_data_length() == 8) &&
           !payload.get_byte_enable_ptr();
}

std::uint64_t picoseconds_now()
{
    return static_cast<std::uint64_t>(
        std::llround(sc_core::sc_time_stamp() / sc_core::sc_time(1, sc_core::SC_PS)));
}

std::uint64_t result_of(const tlm::tlm_generic_payload &payload)
{
    return payload.is_response_ok() ? log_ok : log_abort;
}

} // namespace

log_row begun(log_row row)
{
    return row.set_time(log_column::since, picoseconds_now());
}

void log_recorder::put(log_row &row)
{
    row.set_time(log_column::time, picoseconds_now());
    writer_.write(row);
}

void log_recorder::write(log_row row)
{
    if (is_of_software(row.what))
        for (transaction &each : under_way_) {
            if (each.has_begun)
                continue;
            each.has_begun = true;
            each.row.what = log_record::begin;
            each.row.set(log_column::tag, "t" + std::to_string(++tags_));
            put(each.row);
        }
    put(row);
}

log_recorder::transaction *log_recorder::begin(const log_row &row)
{
    under_way_.push_back({begun(row)});
    return &under_way_.back();
}

void log_recorder::end(transaction *it, std::uint64_t result)
{
    log_row row = it->row;
    if (it->has_begun) {
        row = log_row(log_record::end);
        row.set(log_column::tag, it->row.text(log_column::tag));
    }
    row.set(log_column::result, result);
    put(row);
    lose(it);
}

void log_recorder::lose(transaction *it)
{
    under_way_.remove_if([it](const transaction &each) { return &each == it; });
}

// A process in b_transport, which may be killed.
struct socket_recorder_base::blocked {
    log_recorder &log;
    passage it;

    ~blocked()
    {
        if (it.client)
            log.lose(it.client);
    }
};

socket_recorder_base::socket_recorder_base(const sc_core::sc_module_name &name, log_recorder &log,
                                           recorded_interface which, unsigned tbu)
    : sc_module(name), log_(log), which_(which), tbu_(tbu)
{
}

log_row socket_recorder_base::request_row(const tlm::tlm_generic_payload &payload,
                                          const attributes &from) const
{
    const recorded_access access = {payload.get_address() + from.begins_at(),
                                    payload.get_data_length() - from.begins_at(),
                                    payload.is_write()};
    return which_ == recorded_interface::mem ? output_row(access, from)
                                             : client_row(access, from, tbu_);
}

socket_recorder_base::passage socket_recorder_base::begin(const tlm::tlm_generic_payload &payload)
{
    passage it;
    it.from = attributes::of(payload);
    switch (which_) {
    case recorded_interface::dev:
        it.client = log_.begin(request_row(payload, it.from));
        break;
    case recorded_interface::mem:
        it.row = begun(request_row(payload, it.from));
        break;
    case recorded_interface::walk:
        it.row = begun(log_row(payload.is_write() ? log_record::write : log_record::read));
        it.row.set(log_column::addr, payload.get_address());
        it.row.set(log_column::sid, std::uint64_t{it.from.sid});
        break;
    case recorded_interface::prog:
        it.row = log_row(payload.is_write() ? log_record::reg_write : log_record::reg_read);
        it.row.set(log_column::addr, payload.get_address());
        if (payload.is_write() && is_of_register(payload))
            log_.write(it.row.set_data(payload.get_data_ptr(), payload.get_data_length()));
        break;
    }
    return it;
}

// A compare-and-swap is a read, and a write if it has changed something.
void socket_recorder_base::end_walk(const passage &it, const tlm::tlm_generic_payload &payload)
{
    log_row row = it.row;
    if (!payload.is_response_ok())
        row.set(log_column::result, std::uint64_t{log_abort});
    if (payload.is_response_ok() || payload.is_write())
        row.set_data(payload.get_data_ptr(), payload.get_data_length());
    else
        row.set(log_column::size, std::uint64_t{payload.get_data_length()});
    log_.write(row);
    const compare_and_swap *const swap = it.from.swap;
    if (!swap || !swap->done ||
        !std::equal(swap->expected, swap->expected + swap->size, payload.get_data_ptr()))
        return;
    log_row written(log_record::write);
    written.set(log_column::addr, it.row.get(log_column::addr));
    log_.write(written.set_data(swap->value, swap->size));
}

void socket_recorder_base::end(passage &it, tlm::tlm_generic_payload &payload)
{
    payload.set_dmi_allowed(false);
    switch (which_) {
    case recorded_interface::dev:
        log_.end(it.client, result_of(payload));
        it.client = nullptr;
        break;
    case recorded_interface::mem:
        log_.write(it.row.set(log_column::result, result_of(payload)));
        break;
    case recorded_interface::walk:
        end_walk(it, payload);
        break;
    case recorded_interface::prog:
        if (payload.is_read() && payload.is_response_ok() && is_of_register(payload))
            log_.write(it.row.set_data(payload.get_data_ptr(), payload.get_data_length()));
        break;
    }
}

void socket_recorder_base::end(tlm::tlm_generic_payload &payload)
{
    const auto found = under_way_.find(&payload);
    if (found == under_way_.end())
        return;
    end(found->second, payload);
    under_way_.erase(found);
}

void socket_recorder_base::b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    blocked process = {log_, begin(payload)};
    downstream().b_transport(payload, delay);
    end(process.it, payload);
}

tlm::tlm_sync_enum socket_recorder_base::nb_transport_fw(tlm::tlm_generic_payload &payload,
                                                         tlm::tlm_phase &phase,
                                                         sc_core::sc_time &delay)
{
    if (phase == tlm::BEGIN_REQ)
        under_way_[&payload] = begin(payload);
    const tlm::tlm_sync_enum status = downstream().nb_transport_fw(payload, phase, delay);
    if (status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP))
        end(payload);
    return status;
}

tlm::tlm_sync_enum socket_recorder_base::nb_transport_bw(tlm::tlm_generic_payload &payload,
                                                         tlm::tlm_phase &phase,
                                                         sc_core::sc_time &delay)
{
    if (phase == tlm::BEGIN_RESP)
        end(payload);
    return upstream().nb_transport_bw(payload, phase, delay);
}

// The SMMU updates descriptors by it where memory does not swap.
unsigned socket_recorder_base::transport_dbg(tlm::tlm_generic_payload &payload)
{
    const unsigned bytes = downstream().transport_dbg(payload);
    if (which_ == recorded_interface::walk && payload.is_write() && bytes) {
        log_row row(log_record::write);
        row.set(log_column::addr, payload.get_address());
        log_.write(row.set_data(payload.get_data_ptr(), bytes));
    }
    return bytes;
}

bool socket_recorder_base::get_direct_mem_ptr(tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi)
{
    dmi.allow_none();
    dmi.set_start_address(0);
    dmi.set_end_address(~sc_dt::uint64{0});
    return false;
}

void socket_recorder_base::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end)
{
    upstream().invalidate_direct_mem_ptr(start, end);
}

interrupt_recorder::interrupt_recorder(const sc_core::sc_module_name &name, log_recorder &log,
                                       smmu_sec sec)
    : sc_module(name), log_(log), sec_(sec)
{
    struct wire {
        sc_core::sc_in<bool> &port;
        smmu_irq irq;
    } const wires[] = {{evtq, SMMU_IRQ_EVTQ},
                       {priq, SMMU_IRQ_PRIQ},
                       {cmd_sync, SMMU_IRQ_CMD_SYNC},
                       {gerror, SMMU_IRQ_GERROR}};
    for (const wire &each : wires) {
        sc_core::sc_spawn_options options;
        options.spawn_method();
        options.set_sensitivity(&each.port.pos());
        options.dont_initialize();
        const smmu_irq irq = each.irq;
        sc_core::sc_spawn([this, irq] { pulse(irq); }, sc_core::sc_gen_unique_name("pulse"),
                          &options);
    }
}

void interrupt_recorder::pulse(smmu_irq irq)
{
    log_row row(log_record::irq);
    row.set(log_column::irq, std::uint64_t{irq});
    log_.write(row.set(log_column::sec, std::uint64_t{sec_}));
}

} // namespace smmu
