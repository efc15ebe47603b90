// SPDX-License-Identifier: Apache-2.0
// A log of buses: see smmu/replay/axi_recorder.hpp.
#include "smmu/replay/axi_recorder.hpp"

#include <algorithm>
#include <list>
#include <map>

#include "record_rows.hpp"
#include "smmu/pins/axi_attributes.hpp"
#include "smmu/pins/axi_request.hpp"

namespace smmu {

using namespace pins;

// The bursts on a bus.
class axi_bursts {
  public:
    axi_bursts(log_recorder &log, recorded_interface which, const axi_shape &shape, unsigned tbu)
        : log_(log), which_(which), shape_(shape), tbu_(tbu)
    {
    }

    void edge(const axi_pins &pins, pin_level aresetn);

  private:
    struct burst {
        axi_request request;
        std::uint64_t since = 0;                     // when it began, in picoseconds
        std::map<std::uint64_t, std::uint8_t> bytes; // by address, those that have passed
        unsigned transfers = 0;                      // of data so far
        bool failed = false;                         // some response was no success
        log_recorder::transaction *client = nullptr;
    };

    void watch(const axi_pins &pins);
    void reset();
    void take_request(axi_channel channel, const axi_beat &beat);
    void take_write_data(const axi_beat &beat);
    void take_read_data(const axi_beat &beat);
    void take_response(const axi_beat &beat);
    static log_row row_of(log_record record, const burst &it);
    void written(const burst &it);
    void end(const burst &it);
    void write_bytes(log_record record, const burst &it);
    bool lacks_data(const burst &it) const
    {
        return it.transfers < write_transfers(it.request, shape_.domains);
    }
    recorded_access access_of(const axi_request &request) const;

    log_recorder &log_;
    const recorded_interface which_;
    const axi_shape shape_;
    const unsigned tbu_;
    std::list<burst> reads_, writes_;
    bool reset_ = true; // at the last edge, or there has been none
};

namespace {

bool is_success(std::uint64_t response)
{
    return response == AXI_OKAY || response == AXI_EXOKAY;
}

template <class List> auto first_of(List &bursts, std::uint64_t id)
{
    return std::find_if(bursts.begin(), bursts.end(),
                        [id](const auto &each) { return each.request.id == id; });
}

} // namespace

void axi_bursts::edge(const axi_pins &pins, pin_level aresetn)
{
    const bool was_reset = reset_;
    reset_ = aresetn != pin_level::high;
    if (!reset_)
        watch(pins);
    else if (!was_reset)
        reset();
}

// That of the programming port is the SMMU's.
void axi_bursts::reset()
{
    if (which_ == recorded_interface::prog)
        log_.write(log_row(log_record::reset));
    for (std::list<burst> *each : {&reads_, &writes_}) {
        for (const burst &it : *each)
            if (it.client)
                log_.lose(it.client);
        each->clear();
    }
}

// Responses before requests: they are of earlier ones.
void axi_bursts::watch(const axi_pins &pins)
{
    for (const axi_channel channel :
         {axi_channel::B, axi_channel::R, axi_channel::AW, axi_channel::AR, axi_channel::W}) {
        if (pins.valid(channel) != pin_level::high || pins.ready(channel) != pin_level::high)
            continue;
        const axi_beat beat = pins.sample(channel);
        switch (channel) {
        case axi_channel::B:
            take_response(beat);
            break;
        case axi_channel::R:
            take_read_data(beat);
            break;
        case axi_channel::W:
            take_write_data(beat);
            break;
        default:
            take_request(channel, beat);
            break;
        }
    }
}

recorded_access axi_bursts::access_of(const axi_request &request) const
{
    if (request.burst == AXI_BURST_WRAP)
        return {request.container(), request.total(), request.write};
    const unsigned before = static_cast<unsigned>(request.addr % request.bytes());
    const unsigned bytes = request.burst == AXI_BURST_FIXED ? request.bytes() : request.total();
    return {request.addr, bytes - before, request.write};
}

void axi_bursts::take_request(axi_channel channel, const axi_beat &beat)
{
    std::list<burst> &of = channel == axi_channel::AW ? writes_ : reads_;
    of.emplace_back();
    burst &it = of.back();
    it.request = request_of(channel, beat);
    it.since = begun(log_row()).since;
    if (which_ == recorded_interface::dev)
        it.client =
            log_.begin(client_row(access_of(it.request), attributes_of(it.request, shape_), tbu_));
}

// Data come in the order of requests; data before their request are not recorded.
void axi_bursts::take_write_data(const axi_beat &beat)
{
    const auto found = std::find_if(writes_.begin(), writes_.end(),
                                    [this](const burst &each) { return lacks_data(each); });
    if (found == writes_.end())
        return;
    const axi_transfer transfer = transfer_of(found->request, found->transfers, shape_.bus_bytes);
    for (unsigned lane = transfer.first_lane; lane < transfer.end_lane; lane++)
        if (beat.get(axi_signal::WSTRB) >> lane & 1)
            found->bytes[transfer.address + lane - transfer.first_lane] =
                beat.byte(axi_signal::WDATA, lane);
    found->transfers++;
    if (!lacks_data(*found))
        written(*found);
}

void axi_bursts::take_read_data(const axi_beat &beat)
{
    const auto found = first_of(reads_, beat.get(axi_signal::RID));
    if (found == reads_.end())
        return;
    const axi_transfer transfer = transfer_of(found->request, found->transfers, shape_.bus_bytes);
    for (unsigned lane = transfer.first_lane; lane < transfer.end_lane; lane++)
        found->bytes[transfer.address + lane - transfer.first_lane] =
            beat.byte(axi_signal::RDATA, lane);
    found->transfers++;
    found->failed |= !is_success(beat.get(axi_signal::RRESP));
    if (!beat.get(axi_signal::RLAST))
        return;
    end(*found);
    reads_.erase(found);
}

void axi_bursts::take_response(const axi_beat &beat)
{
    const auto found = first_of(writes_, beat.get(axi_signal::BID));
    if (found == writes_.end())
        return;
    found->failed = !is_success(beat.get(axi_signal::BRESP));
    end(*found);
    writes_.erase(found);
}

log_row axi_bursts::row_of(log_record record, const burst &it)
{
    return log_row(record).set_time(log_column::since, it.since);
}

// Rows for runs of bytes without gaps.
void axi_bursts::write_bytes(log_record record, const burst &it)
{
    std::vector<std::uint8_t> run;
    for (auto byte = it.bytes.begin(); byte != it.bytes.end(); ++byte) {
        run.push_back(byte->second);
        const auto next = std::next(byte);
        if (next != it.bytes.end() && next->first == byte->first + 1)
            continue;
        log_row row = row_of(record, it);
        row.set(log_column::addr, byte->first + 1 - run.size());
        row.set_data(run.data(), run.size());
        run.clear();
        const bool of_register = which_ == recorded_interface::prog;
        if (!of_register || row.data.size() == 4 || row.data.size() == 8)
            log_.write(row);
    }
}

// All data of a write have come: what follows from it may be before its response.
void axi_bursts::written(const burst &it)
{
    if (which_ == recorded_interface::prog)
        write_bytes(log_record::reg_write, it);
}

void axi_bursts::end(const burst &it)
{
    const std::uint64_t result = it.failed ? log_abort : log_ok;
    switch (which_) {
    case recorded_interface::dev:
        log_.end(it.client, result);
        break;
    case recorded_interface::mem: {
        const recorded_access access = access_of(it.request);
        log_row row = row_of(log_record::out, it);
        row.set(log_column::addr, access.addr).set(log_column::size, access.size);
        row.set(log_column::op, std::uint64_t{access.write ? log_write : log_read});
        if (shape_.sid_width)
            row.set(log_column::sid, std::uint64_t{it.request.mmusid});
        log_.write(row.set(log_column::result, result));
        break;
    }
    case recorded_interface::walk:
        if (it.request.write) {
            write_bytes(log_record::write, it);
        } else if (!it.failed) {
            write_bytes(log_record::read, it);
        } else {
            const recorded_access access = access_of(it.request);
            log_row row = row_of(log_record::read, it);
            row.set(log_column::addr, access.addr).set(log_column::size, access.size);
            log_.write(row.set(log_column::result, result));
        }
        break;
    case recorded_interface::prog:
        if (!it.request.write && !it.failed)
            write_bytes(log_record::reg_read, it);
        break;
    }
}

axi_recorder_base::axi_recorder_base(const sc_core::sc_module_name &name, log_recorder &log,
                                     recorded_interface which, const axi_shape &shape, unsigned tbu)
    : sc_module(name), bursts_(std::make_unique<axi_bursts>(log, which, shape, tbu))
{
}

axi_recorder_base::~axi_recorder_base() = default;

void axi_recorder_base::edge(const axi_pins &pins, pin_level aresetn)
{
    bursts_->edge(pins, aresetn);
}

} // namespace smmu
