// SPDX-License-Identifier: Apache-2.0
// Trace events of rows: see smmu/replay/timeline.hpp.
#include "smmu/replay/timeline.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "log_schema.hpp"

namespace smmu {

namespace {

using column = log_column;

// Processes of the time line: TBUs begin with their number.
enum : unsigned { software = 1, smmu_itself = 2, first_tbu = 3 };
// Threads of one: each kind has lanes from its own number on.
constexpr unsigned lanes_of_a_kind = 1000;

// Who does what a row says, and in which thread; what is not here is not drawn.
struct place_row {
    log_record record;
    unsigned process; // first_tbu: the TBU of the row
    unsigned kind;
    const char *thread;
};
constexpr place_row places[] = {
    {log_record::txn, first_tbu, 0, "transactions"},
    {log_record::begin, first_tbu, 0, "transactions"},
    {log_record::out, first_tbu, 1, "outputs"},
    {log_record::read, smmu_itself, 0, "memory"},
    {log_record::write, smmu_itself, 0, "memory"},
    {log_record::irq, smmu_itself, 1, "interrupts"},
    {log_record::ats, smmu_itself, 2, "ATS"},
    {log_record::page, smmu_itself, 3, "PRI"},
    {log_record::prg, smmu_itself, 3, "PRI"},
    {log_record::atc_inv, smmu_itself, 4, "invalidations"},
    {log_record::reg_write, software, 0, "registers"},
    {log_record::reg_read, software, 0, "registers"},
    {log_record::reset, software, 1, "reset"},
    {log_record::tlbi, software, 2, "TLBI"},
};

const place_row *place_of(log_record record)
{
    const auto *const found =
        std::find_if(std::begin(places), std::end(places),
                     [record](const place_row &each) { return each.record == record; });
    return found == std::end(places) ? nullptr : found;
}

std::string json_text(const std::string &text)
{
    std::string quoted = "\"";
    for (const char each : text) {
        if (each == '"' || each == '\\')
            quoted += '\\';
        quoted += static_cast<unsigned char>(each) < ' ' ? '?' : each;
    }
    return quoted + '"';
}

// In microseconds, exact to the picosecond.
std::string time_text(std::uint64_t picoseconds)
{
    constexpr std::uint64_t per_microsecond = 1000000;
    const std::string fraction = std::to_string(per_microsecond + picoseconds % per_microsecond);
    return std::to_string(picoseconds / per_microsecond) + '.' + fraction.substr(1);
}

class timeline {
  public:
    explicit timeline(std::ostream &text) : text_(text)
    {
        text_ << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
        name("process_name", software, 0, "software");
        name("process_name", smmu_itself, 0, "SMMU");
    }
    ~timeline() { text_ << "\n]}\n"; }
    timeline(const timeline &) = delete;
    timeline &operator=(const timeline &) = delete;

    void add(const log_row &row)
    {
        if (row.has(column::time))
            now_ = std::max(now_, row.time);
        if (row.what == log_record::begin) {
            begun_[row.text(column::tag)] = {row, row.has(column::since) ? row.since : now_};
            return;
        }
        if (row.what == log_record::end)
            end(row);
        else if (place_of(row.what) && row.has(column::since))
            slice(row, row, std::min(row.since, now_));
        else if (place_of(row.what))
            instant(row);
    }

  private:
    struct opened {
        log_row row;
        std::uint64_t since;
    };
    // A thread of a process.
    struct lane {
        unsigned process;
        unsigned thread;
    };

    void end(const log_row &row)
    {
        const auto found = begun_.find(row.text(column::tag));
        if (found == begun_.end())
            return;
        slice(found->second.row, row, std::min(found->second.since, now_));
        begun_.erase(found);
    }

    std::ostream &next()
    {
        text_ << (first_ ? "\n" : ",\n");
        first_ = false;
        return text_;
    }

    void name(const char *what, unsigned process, unsigned thread, const std::string &text)
    {
        next() << "{\"ph\":\"M\",\"pid\":" << process << ",\"tid\":" << thread << ",\"name\":\""
               << what << "\",\"args\":{\"name\":" << json_text(text) << "}}";
    }

    // The first lane that is free from `since` on.
    lane lane_of(const log_row &row, std::uint64_t since)
    {
        const place_row &place = *place_of(row.what);
        const unsigned tbu = static_cast<unsigned>(row.get(column::tbu));
        const unsigned process = place.process == first_tbu ? first_tbu + tbu : place.process;
        if (process >= first_tbu && named_.insert(process).second)
            name("process_name", process, 0, "TBU " + std::to_string(tbu));
        const unsigned first = 1 + place.kind * lanes_of_a_kind;
        const std::pair kind(process, first);
        std::vector<std::uint64_t> &lanes = lanes_[kind];
        const auto free = std::find_if(lanes.begin(), lanes.end(),
                                       [since](std::uint64_t last) { return last <= since; });
        const auto number = static_cast<unsigned>(free - lanes.begin());
        if (free == lanes.end()) {
            name("thread_name", process, first + number, place.thread);
            lanes.push_back(now_);
        } else {
            *free = now_;
        }
        return {process, first + number};
    }

    void head(char phase, const log_row &row, const lane &where, std::uint64_t at)
    {
        const bool access = row.what == log_record::txn || row.what == log_record::begin;
        const std::string title =
            access ? word_of(column::op, row.get(column::op, log_read)) : name_of(row.what);
        next() << "{\"ph\":\"" << phase << "\",\"pid\":" << where.process
               << ",\"tid\":" << where.thread << ",\"name\":" << json_text(title)
               << ",\"ts\":" << time_text(at);
    }

    // All fields of a row; of `end` those that `row` has not.
    void fields(const log_row &row, const log_row &end)
    {
        text_ << ",\"args\":{";
        bool first = true;
        for (std::size_t i = 0; i < log_columns; i++) {
            const auto each = static_cast<column>(i);
            if (each == column::what || each == column::time || each == column::since)
                continue;
            const log_row &from = row.has(each) ? row : end;
            if (!from.has(each))
                continue;
            std::ostringstream value;
            put_field(value, from, each);
            text_ << (first ? "" : ",") << json_text(name_of(each)) << ':'
                  << json_text(value.str());
            first = false;
        }
        text_ << "}}";
    }

    void slice(const log_row &row, const log_row &end, std::uint64_t since)
    {
        head('X', row, lane_of(row, since), since);
        text_ << ",\"dur\":" << time_text(now_ - since);
        fields(row, end);
    }

    void instant(const log_row &row)
    {
        head('i', row, lane_of(row, now_), now_);
        text_ << ",\"s\":\"t\"";
        fields(row, row);
    }

    std::ostream &text_;
    bool first_ = true;
    std::uint64_t now_ = 0;
    std::map<std::string, opened> begun_; // by tag
    std::set<unsigned> named_;            // processes
    std::map<std::pair<unsigned, unsigned>, std::vector<std::uint64_t>> lanes_;
};

} // namespace

void write_timeline(const std::vector<log_row> &rows, std::ostream &text)
{
    timeline line(text);
    for (const log_row &each : rows)
        line.add(each);
}

} // namespace smmu
