// SPDX-License-Identifier: Apache-2.0
// A log of calls: see smmu/replay/call_recorders.hpp.
#include "smmu/replay/call_recorders.hpp"

#include <string>

namespace smmu {

namespace {

std::string letters(bool r, bool w, bool x)
{
    const std::string text = std::string(r ? "r" : "") + (w ? "w" : "") + (x ? "x" : "");
    return text.empty() ? "-" : text;
}

// What is about a function: its stream, and its PASID.
template <class T> log_row row_of(log_record record, const T &it)
{
    log_row row(record);
    row.set(log_column::sec, std::uint64_t{it.sec});
    row.set(log_column::sid, std::uint64_t{it.sid});
    if (it.ssv)
        row.set(log_column::ssid, std::uint64_t{it.ssid});
    return row;
}

} // namespace

ats_recorder::ats_recorder(const sc_core::sc_module_name &name, log_recorder &log)
    : sc_module(name), log_(log)
{
}

void ats_recorder::translate(smmu_ats_request request, smmu_ats_completion &completion,
                             sc_core::sc_time &delay)
{
    log_row row = begun(row_of(log_record::ats, request));
    row.set(log_column::addr, request.addr);
    row.set(log_column::priv, std::uint64_t{request.priv});
    row.set(log_column::nw, std::uint64_t{request.nw});
    row.set(log_column::exe, std::uint64_t{request.exe});
    server->translate(request, completion, delay);
    row.set(log_column::result, log_success + static_cast<std::uint64_t>(completion.status));
    if (completion.status == SMMU_ATS_SUCCESS) {
        row.set(log_column::span, std::uint64_t{completion.span_log2});
        row.set(log_column::perm, letters(completion.r, completion.w, completion.exe));
        if (completion.r || completion.w || completion.exe)
            row.set(log_column::out, completion.addr);
    }
    log_.write(row);
}

void ats_recorder::request_page(smmu_page_request request, sc_core::sc_time &delay)
{
    log_row row = row_of(log_record::page, request);
    row.set(log_column::addr, request.addr);
    row.set(log_column::priv, std::uint64_t{request.priv});
    row.set(log_column::prgi, std::uint64_t{request.prgi});
    row.set(log_column::last, std::uint64_t{request.last});
    row.set(log_column::perm, letters(request.r, request.w, request.exe));
    log_.write(row);
    server->request_page(request, delay);
}

void ats_recorder::hint_pages(smmu_page_hint hint, sc_core::sc_time &delay)
{
    server->hint_pages(hint, delay);
}

void ats_recorder::invalidate(const smmu_atc_inv &inv)
{
    log_row row = row_of(log_record::atc_inv, inv);
    row.set(log_column::addr, inv.addr);
    row.set(log_column::span, std::uint64_t{inv.span_log2});
    log_.write(row.set(log_column::global, std::uint64_t{inv.global}));
}

bool ats_recorder::wait_invalidated(std::uint32_t)
{
    return true;
}

void ats_recorder::respond(const smmu_prg_response &response)
{
    log_row row = row_of(log_record::prg, response);
    row.set(log_column::prgi, std::uint64_t{response.prgi});
    log_.write(row.set(log_column::code, std::uint64_t{response.code}));
}

broadcast_recorder::broadcast_recorder(const sc_core::sc_module_name &name, log_recorder &log)
    : sc_module(name), log_(log)
{
}

void broadcast_recorder::tlbi(const smmu_dvm &dvm)
{
    log_row row(log_record::tlbi);
    row.set(log_column::scope, std::uint64_t{dvm.op});
    row.set(log_column::sec, std::uint64_t{dvm.sec});
    row.set(log_column::world, std::uint64_t{dvm.world});
    row.set(log_column::leaf, std::uint64_t{dvm.leaf});
    row.set(log_column::asid, std::uint64_t{dvm.asid});
    row.set(log_column::vmid, std::uint64_t{dvm.vmid});
    row.set(log_column::addr, dvm.addr);
    if (dvm.range)
        row.set(log_column::num, std::uint64_t{dvm.num})
            .set(log_column::scale, std::uint64_t{dvm.scale});
    row.set(log_column::tg, std::uint64_t{dvm.tg});
    log_.write(row.set(log_column::ttl, std::uint64_t{dvm.ttl}));
    broadcast->tlbi(dvm);
}

void broadcast_recorder::dsb()
{
    broadcast->dsb();
}

reset_recorder::reset_recorder(const sc_core::sc_module_name &name, log_recorder &log)
    : sc_module(name), log_(log)
{
    SC_HAS_PROCESS(reset_recorder);
    SC_METHOD(rises);
    sensitive << reset.pos();
    dont_initialize();
}

void reset_recorder::rises()
{
    log_.write(log_row(log_record::reset));
}

} // namespace smmu
