// SPDX-License-Identifier: Apache-2.0
// Trace events of transactions: see smmu/tlm/perfetto_trace.hpp.
#include "smmu/tlm/perfetto_trace.hpp"

#include <algorithm>
#include <cinttypes>

#include "smmu/tlm/measured_tables.hpp"

namespace smmu {

namespace {

// Microseconds, of which events have them.
struct moment {
    std::uint64_t whole, fraction;

    explicit moment(ticks time)
        : whole(picoseconds_of(time) / 1000000), fraction(picoseconds_of(time) % 1000000)
    {
    }
};

} // namespace

// A TBU or a TCU.
struct perfetto_trace::unit {
    unsigned number;
    std::vector<ticks> lanes; // when the last transaction in each ended
};

// A level that is written.
struct perfetto_trace::counter {
    perfetto_trace &trace;
    unsigned unit;
    const char *name;

    static void changed(void *user, const smmu_level *level, std::uint64_t now)
    {
        const counter &self = *static_cast<counter *>(user);
        const moment at(now);
        std::fprintf(self.trace.next(),
                     "{\"ph\":\"C\",\"pid\":%u,\"name\":\"%s\",\"ts\":%" PRIu64 ".%06" PRIu64
                     ",\"args\":{\"%s\":%" PRIu64 "}}",
                     self.unit, self.name, at.whole, at.fraction, self.name, level->value);
    }
};

perfetto_trace::perfetto_trace(std::FILE *file) : file_(file)
{
    std::fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", file_);
}

perfetto_trace::~perfetto_trace() = default;

std::FILE *perfetto_trace::next()
{
    std::fputs(first_ ? "\n" : ",\n", file_);
    first_ = false;
    return file_;
}

perfetto_trace::unit &perfetto_trace::add_unit(const std::string &name)
{
    const auto number = static_cast<unsigned>(units_.size() + 1);
    units_.push_back(std::make_unique<unit>(unit{number, {}}));
    std::fprintf(next(),
                 "{\"ph\":\"M\",\"pid\":%u,\"name\":\"process_name\",\"args\":{\"name\":%s}}",
                 number, json_text(name).c_str());
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
        counters_.push_back(std::make_unique<counter>(counter{*this, whose.number, name}));
        level.changed = counter::changed;
        level.user = counters_.back().get();
    });
    of.listen(
        [this, tbus](const transaction_record &one) { write_transaction(*tbus[one.tbu], one); });
}

void perfetto_trace::write_slice(const unit &tbu, unsigned lane, const char *name, ticks begin,
                                 ticks end, const std::string &arguments)
{
    const moment at(begin), lasts(end - begin);
    std::fprintf(next(),
                 "{\"ph\":\"X\",\"pid\":%u,\"tid\":%u,\"name\":\"%s\",\"ts\":%" PRIu64 ".%06" PRIu64
                 ",\"dur\":%" PRIu64 ".%06" PRIu64 ",\"args\":{%s}}",
                 tbu.number, lane + 1, name, at.whole, at.fraction, lasts.whole, lasts.fraction,
                 arguments.c_str());
}

// Transactions come as they end, so one that begins when a lane has ended does not overlap it.
void perfetto_trace::write_transaction(unit &tbu, const transaction_record &one)
{
    const ticks begin = one.split.arrival(), end = begin + one.split.total();
    const auto free = std::find_if(tbu.lanes.begin(), tbu.lanes.end(),
                                   [begin](ticks last) { return last <= begin; });
    const auto lane = static_cast<unsigned>(free - tbu.lanes.begin());
    if (free == tbu.lanes.end())
        tbu.lanes.push_back(end);
    else
        *free = end;

    char text[200];
    std::snprintf(text, sizeof text,
                  "\"StreamID\":%" PRIu32 ",\"address\":\"0x%" PRIx64 "\",\"bytes\":%" PRIu64
                  ",\"failed\":%" PRIu64 ",\"ps\":%" PRIu64,
                  one.sid, one.address, one.sums[transaction_count::bytes_in],
                  one.sums[transaction_count::failed], picoseconds_of(one.split.total()));
    std::string arguments = text;
    if (one.ssv)
        arguments += ",\"SubstreamID\":" + std::to_string(one.ssid);
    write_slice(tbu, lane, one.write ? "write" : "read", begin, end, arguments);
    for (const latency_stretch &each : one.trail)
        write_slice(tbu, lane, latency_part_name(each.part), each.begin, each.end,
                    "\"ps\":" + std::to_string(picoseconds_of(each.end - each.begin)));
}

void perfetto_trace::finish()
{
    std::fputs("\n]}\n", file_);
}

} // namespace smmu
