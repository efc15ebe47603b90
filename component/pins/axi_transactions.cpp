// SPDX-License-Identifier: Apache-2.0
// Transactions that are under way: see axi_transactions.hpp.
#include "axi_transactions.hpp"

#include <algorithm>

namespace smmu::pins {

namespace {

template <class List> auto first_of(List &list, std::uint32_t id)
{
    return std::find_if(list.begin(), list.end(),
                        [id](const auto &each) { return each.request.id == id; });
}

template <class List> auto first_unaccepted(List &list)
{
    return std::find_if(list.begin(), list.end(), [](const auto &each) { return !each.accepted; });
}

bool is_stash(const axi_request &request)
{
    return request.write && opcode_of(request, false) == axi_opcode::StashTranslation;
}

bool needs_unique_id(const axi_request &request)
{
    return request.idunq || request.atop;
}

// What an exclusive write has to have of the read before it.
bool is_pair(const axi_request &read, const axi_request &write)
{
    return read.addr == write.addr && read.len == write.len && read.size == write.size &&
           read.burst == write.burst;
}

std::uint32_t id_of(const axi_beat &beat, axi_signal signal)
{
    return static_cast<std::uint32_t>(beat.get(signal));
}

} // namespace

void axi_transactions::request_seen(const axi_request &request, std::uint64_t cycle)
{
    check_id(request);
    if (request.lock)
        check_exclusive(request);
    begin(request.write ? writes_ : reads_, request, cycle);
    if (returns_data(request)) {
        begin(reads_, returned_by(request), cycle);
        reads_.back().atomic = true;
    }
}

void axi_transactions::check_id(const axi_request &request)
{
    for (const transaction &each : request.write ? writes_ : reads_)
        check_id_against(each, request);
    // An atomic transaction is on the channels of the other direction too.
    for (const transaction &each : request.write ? reads_ : writes_)
        if (each.request.id == request.id && !each.atomic &&
            (returns_data(request) || returns_data(each.request)))
            tell_(axi_rule::id_unique, signal_of(request, "ID"));
}

void axi_transactions::check_id_against(const transaction &other, const axi_request &request)
{
    if (other.request.id != request.id || other.atomic)
        return;
    if (needs_unique_id(request) || needs_unique_id(other.request) ||
        is_stash(request) != is_stash(other.request))
        tell_(axi_rule::id_unique, signal_of(request, "ID"));
    if (request.mmuvalid != other.request.mmuvalid)
        tell_(axi_rule::mixed_id, signal_of(request, "MMUVALID"));
}

void axi_transactions::check_exclusive(const axi_request &request)
{
    if (!request.write) { // it takes the monitor of the ID
        monitors_.erase(request.id);
        return;
    }
    for (const transaction &read : reads_)
        if (read.request.id == request.id && read.request.lock)
            tell_(axi_rule::exclusive_order, signal_of(request, "LOCK"));
}

void axi_transactions::begin(transactions &list, const axi_request &request, std::uint64_t cycle)
{
    list.emplace_back();
    list.back().request = request;
    list.back().begun = cycle;
}

void axi_transactions::request_withdrawn(bool write)
{
    transactions &list = write ? writes_ : reads_;
    const auto place = first_unaccepted(list);
    if (place == list.end())
        return;
    if (returns_data(place->request))
        reads_.remove_if([&](const transaction &each) {
            return each.atomic && each.request.id == place->request.id;
        });
    list.erase(place);
}

// The request is what it is now, should it have changed.
void axi_transactions::request_accepted(const axi_request &request)
{
    transactions &list = request.write ? writes_ : reads_;
    const auto place = std::find_if(list.begin(), list.end(), [](const transaction &each) {
        return !each.accepted && !each.atomic;
    });
    if (place == list.end())
        return;
    place->accepted = true;
    place->request = request;
    if (!request.write)
        return;
    const auto monitor = monitors_.find(request.id);
    place->paired = monitor != monitors_.end() && is_pair(monitor->second, request);
    place->ended = write_transfers(request, shape_.domains) == 0;
    for (transaction &each : reads_)
        if (each.atomic && each.request.id == request.id)
            each.accepted = true;
    match_data();
}

void axi_transactions::write_data_accepted(const axi_beat &beat)
{
    data_.push_back({beat.get(axi_signal::WSTRB), beat.get(axi_signal::WLAST) != 0});
    match_data();
}

// Data come in the order of requests, before or behind them.
void axi_transactions::match_data()
{
    while (!data_.empty()) {
        const auto place = std::find_if(writes_.begin(), writes_.end(), [](const transaction &w) {
            return w.accepted && !w.ended;
        });
        if (place == writes_.end())
            return;
        const write_beat beat = data_.front();
        data_.pop_front();
        if (!place->overrun)
            check_data(*place, beat);
        end_data(*place, beat);
    }
}

void axi_transactions::check_data(const transaction &write, const write_beat &beat)
{
    const axi_request &request = write.request;
    const bool last = write.transfers + 1 == request.transfers();
    if (beat.last != last)
        tell_(axi_rule::write_last, "WLAST");
    if (request.bytes() > shape_.bus_bytes)
        return; // has no lanes
    const axi_transfer transfer = transfer_of(request, write.transfers, shape_.bus_bytes);
    const std::uint64_t lanes = axi_all_lanes(transfer.end_lane - transfer.first_lane)
                                << transfer.first_lane;
    if (beat.strobe & ~lanes)
        tell_(axi_rule::write_strobe, "WSTRB");
    const axi_opcode opcode = opcode_of(request, shape_.domains);
    const bool all = request.atop ||
                     (opcode != axi_opcode::reserved && row_of(opcode).line == axi_extent::WHOLE);
    if (all && lanes & ~beat.strobe)
        tell_(axi_rule::write_strobe_missing, "WSTRB");
}

// WLAST ends a burst, even if it has been wrong about it.
void axi_transactions::end_data(transaction &write, const write_beat &beat)
{
    write.transfers++;
    write.ended = beat.last;
    write.overrun = write.transfers >= write.request.transfers();
}

void axi_transactions::write_response_seen(const axi_beat &beat)
{
    const auto place = first_of(writes_, id_of(beat, axi_signal::BID));
    if (place == writes_.end())
        tell_(axi_rule::write_response_unexpected, "BID");
    else if (!place->accepted || !place->ended)
        tell_(axi_rule::write_response_early, "BVALID");
    if (place == writes_.end())
        return;
    const unsigned response = static_cast<unsigned>(beat.get(axi_signal::BRESP));
    check_response(*place, response, "BRESP");
    if (shape_.unique_ids && place->request.idunq != (beat.get(axi_signal::BIDUNQ) != 0))
        tell_(axi_rule::response_unique, "BIDUNQ");
    if (response == AXI_EXOKAY && place->request.lock && !place->paired)
        tell_(axi_rule::response_unpaired, "BRESP");
}

void axi_transactions::write_response_accepted(const axi_beat &beat)
{
    const auto place = first_of(writes_, id_of(beat, axi_signal::BID));
    if (place == writes_.end())
        return;
    if (place->request.lock)
        monitors_.erase(place->request.id);
    writes_.erase(place);
}

// What no request here asks for is as good as reserved.
void axi_transactions::check_response(const transaction &of, unsigned response, const char *signal)
{
    if (response == AXI_EXOKAY && !of.request.lock)
        tell_(axi_rule::response_exclusive, signal);
    if (response == AXI_TRANSFAULT && !(of.request.mmuvalid && of.request.mmuflow == AXI_FLOW_PRI))
        tell_(axi_rule::response_flow, signal);
    if (response > AXI_DECERR && response != AXI_TRANSFAULT)
        tell_(axi_rule::response_reserved, signal);
}

void axi_transactions::read_data_seen(const axi_beat &beat)
{
    const auto place = first_of(reads_, id_of(beat, axi_signal::RID));
    if (place == reads_.end() || !place->accepted) {
        tell_(axi_rule::read_data_unexpected, "RID");
        return;
    }
    const unsigned response = static_cast<unsigned>(beat.get(axi_signal::RRESP));
    check_response(*place, response, "RRESP");
    check_mixture(*place, response);
    if (shape_.unique_ids && place->request.idunq != (beat.get(axi_signal::RIDUNQ) != 0))
        tell_(axi_rule::response_unique, "RIDUNQ");
    if (place->overrun)
        return;
    if (is_last(*place) != (beat.get(axi_signal::RLAST) != 0))
        tell_(axi_rule::read_last, "RLAST");
    if (response == AXI_OKAY || response == AXI_EXOKAY)
        check_lanes(*place, beat);
}

bool axi_transactions::is_last(const transaction &read) const
{
    return read.transfers + 1 >= read_transfers(read.request, shape_.domains);
}

void axi_transactions::check_mixture(const transaction &read, unsigned response)
{
    const unsigned before = read.responses;
    const bool fault = before >> AXI_TRANSFAULT & 1;
    if ((response == AXI_OKAY && before >> AXI_EXOKAY & 1) ||
        (response == AXI_EXOKAY && before >> AXI_OKAY & 1) ||
        (before && fault != (response == AXI_TRANSFAULT)))
        tell_(axi_rule::response_mixed, "RRESP");
}

void axi_transactions::check_lanes(const transaction &read, const axi_beat &beat)
{
    if (!beat.has_unknown())
        return;
    const axi_request &request = read.request;
    const axi_opcode opcode = opcode_of(request, shape_.domains);
    if (request.bytes() > shape_.bus_bytes ||
        (opcode != axi_opcode::reserved && !row_of(opcode).data))
        return;
    const axi_transfer transfer = transfer_of(request, read.transfers, shape_.bus_bytes);
    for (unsigned lane = transfer.first_lane; lane < transfer.end_lane; lane++)
        if (beat.is_unknown(axi_signal::RDATA, lane)) {
            tell_(axi_rule::payload_unknown, "RDATA");
            return;
        }
}

// RLAST ends a burst, even if it has been wrong about it.
void axi_transactions::read_data_accepted(const axi_beat &beat)
{
    const auto place = first_of(reads_, id_of(beat, axi_signal::RID));
    if (place == reads_.end() || !place->accepted)
        return;
    place->overrun = is_last(*place);
    place->transfers++;
    place->responses |= 1u << beat.get(axi_signal::RRESP);
    if (!beat.get(axi_signal::RLAST))
        return;
    if (place->request.lock)
        note_exclusive_read(*place);
    reads_.erase(place);
}

void axi_transactions::note_exclusive_read(const transaction &read)
{
    if (read.responses == 1u << AXI_EXOKAY)
        monitors_[read.request.id] = read.request;
}

void axi_transactions::check_ages(std::uint64_t cycle)
{
    for (transactions *list : {&writes_, &reads_})
        for (transaction &each : *list)
            if (each.begun <= cycle && !each.late) {
                each.late = true;
                tell_(axi_rule::response_limit, list == &writes_ ? "BVALID" : "RVALID");
            }
}

void axi_transactions::reset()
{
    writes_.clear();
    reads_.clear();
    data_.clear();
    monitors_.clear();
}

} // namespace smmu::pins
