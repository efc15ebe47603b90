// SPDX-License-Identifier: Apache-2.0
// Trace events of transactions: see smmu/tlm/perfetto_trace.hpp.
#include "smmu/tlm/perfetto_trace.hpp"

#include <algorithm>

#include "smmu/tlm/measured_tables.hpp"
#include "trace_text.hpp"

namespace smmu {

// A TBU or a TCU.
struct perfetto_trace::unit {
    unsigned number;
    std::string slice;        // how its slices begin, up to the number of a lane
    std::vector<ticks> lanes; // when the last transaction in each ended
};

// A level that is written.
struct perfetto_trace::counter {
    perfetto_trace &trace;
    std::string begin; // up to the time
    std::string name;  // from there to the value

    counter(perfetto_trace &by, unsigned unit, const std::string &level)
        : trace(by), begin("{\"ph\":\"C\",\"pid\":" + std::to_string(unit) + ",\"name\":\"" +
                           level + "\",\"ts\":"),
          name(",\"args\":{\"" + level + "\":")
    {
    }

    static void changed(void *user, const smmu_level *level, std::uint64_t now)
    {
        const counter &self = *static_cast<counter *>(user);
        self.trace.next() << self.begin;
        self.trace.text_->microseconds(picoseconds_of(now)) << self.name << level->value << "}}";
    }
};

perfetto_trace::perfetto_trace(std::FILE *file) : text_(std::make_unique<trace_text>(file))
{
    *text_ << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
}

perfetto_trace::~perfetto_trace() = default;

trace_text &perfetto_trace::next()
{
    *text_ << (first_ ? "\n" : ",\n");
    first_ = false;
    return *text_;
}

perfetto_trace::unit &perfetto_trace::add_unit(const std::string &name)
{
    const auto number = static_cast<unsigned>(units_.size() + 1);
    const std::string text = std::to_string(number);
    units_.push_back(
        std::make_unique<unit>(unit{number, "{\"ph\":\"X\",\"pid\":" + text + ",\"tid\":", {}}));
    next() << "{\"ph\":\"M\",\"pid\":" << text
           << ",\"name\":\"process_name\",\"args\":{\"name\":" << json_text(name) << "}}";
    return *units_.back();
}

void perfetto_trace::watch(measurement &of, const std::string &smmu)
{
    std::vector<unit *> tbus;
    for (unsigned i = 0; i < of.tbus(); i++)
        tbus.push_back(&add_unit(smmu + " TBU " + std::to_string(i)));
    const unit &control = add_unit(smmu + " TCU");
    of.watch_levels([&](int tbu, const char *name, smmu_level &level) {
        const unit &whose = tbu < 0 ? control : *tbus[static_cast<unsigned>(tbu)];
        counters_.push_back(std::make_unique<counter>(*this, whose.number, name));
        smmu_level_tell(&level, counter::changed, counters_.back().get());
    });
    of.listen(
        [this, tbus](const transaction_record &one) { write_transaction(*tbus[one.tbu], one); });
}

// Up to its arguments.
void perfetto_trace::begin_slice(const unit &tbu, std::size_t lane, const char *name, ticks begin,
                                 ticks end)
{
    next() << tbu.slice << lane + 1 << ",\"name\":\"" << name << "\",\"ts\":";
    text_->microseconds(picoseconds_of(begin)) << ",\"dur\":";
    text_->microseconds(picoseconds_of(end - begin)) << ",\"args\":{";
}

// What its slice is called.
static const char *name_of(const transaction_record &one)
{
    if (one.done.kind != transaction_kind::transaction)
        return transaction_kind_name(one.done.kind);
    return one.done.write ? "write" : "read";
}

// Transactions come as they end, so one that begins when a lane has ended does not overlap it.
void perfetto_trace::write_transaction(unit &tbu, const transaction_record &one)
{
    const ticks begin = one.split.arrival(), end = begin + one.split.total();
    const auto free = std::find_if(tbu.lanes.begin(), tbu.lanes.end(),
                                   [begin](ticks last) { return last <= begin; });
    const auto lane = static_cast<std::size_t>(free - tbu.lanes.begin());
    if (free == tbu.lanes.end())
        tbu.lanes.push_back(end);
    else
        *free = end;

    begin_slice(tbu, lane, name_of(one), begin, end);
    *text_ << "\"StreamID\":" << one.sid << ",\"address\":\"0x";
    text_->hex(one.address) << "\",\"bytes\":" << one.done.bytes_in
                            << ",\"failed\":" << one.done.failed
                            << ",\"ps\":" << picoseconds_of(one.split.total());
    if (one.ssv)
        *text_ << ",\"SubstreamID\":" << one.ssid;
    *text_ << "}}";
    ticks at = begin;
    one.split.each([&](const latency_stretch &each) {
        if (each.time == 0)
            return;
        begin_slice(tbu, lane, latency_part_name(each.part), at, at + each.time);
        *text_ << "\"ps\":" << picoseconds_of(each.time) << "}}";
        at += each.time;
    });
}

void perfetto_trace::finish()
{
    *text_ << "\n]}\n";
    text_->flush();
}

} // namespace smmu
