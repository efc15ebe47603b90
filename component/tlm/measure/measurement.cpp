// SPDX-License-Identifier: Apache-2.0
// What an SMMU takes: see smmu/tlm/measurement.hpp.
#include "smmu/tlm/measurement.hpp"

#include <algorithm>
#include <utility>

namespace smmu {

namespace {

constexpr unsigned first_window_log2 = 20; // about a microsecond, of picoseconds

struct part_row {
    const char *name;
    const char *place;
};

constexpr const char *TBU = "tbu", *LINK = "link", *TCU = "tcu", *MEMORY = "memory",
                     *OTHER = "other";
constexpr part_row part_rows[] = {
#define SMMU_LATENCY_PART(name, where, help) {#name, where},
#include "smmu/tlm/latency_parts.def"
#undef SMMU_LATENCY_PART
};

constexpr const char *count_names[] = {
#define SMMU_TRANSACTION_COUNT(name, help) #name,
#include "smmu/tlm/transaction_counts.def"
#undef SMMU_TRANSACTION_COUNT
};

// A level, and the limit at which it is full; NULL: there is none.
struct level_row {
    const char *name;
    unsigned timing::*limit;
};

#define SMMU_LIMIT(name, help) constexpr unsigned timing::*limit_##name = &timing::name;
#define SMMU_LATENCY(name, help)
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT
constexpr unsigned timing::*limit_none = nullptr;

constexpr level_row tbu_rows[] = {
#define SMMU_TBU_LEVEL(name, limit, help) {#name, limit_##limit},
#define SMMU_TCU_LEVEL(name, limit, help)
#include "smmu/tlm/levels.def"
#undef SMMU_TBU_LEVEL
#undef SMMU_TCU_LEVEL
};
constexpr level_row tcu_rows[] = {
#define SMMU_TBU_LEVEL(name, limit, help)
#define SMMU_TCU_LEVEL(name, limit, help) {#name, limit_##limit},
#include "smmu/tlm/levels.def"
#undef SMMU_TBU_LEVEL
#undef SMMU_TCU_LEVEL
};

ticks now()
{
    return sc_core::sc_time_stamp().value();
}

template <std::size_t N>
void set_limits(std::array<smmu_level, N> &levels, const level_row *table, const timing &times)
{
    for (std::size_t i = 0; i < N; i++)
        levels[i].limit = table[i].limit ? times.limit(table[i].limit) : 0;
}

// Calls `what` with the number of each part that occurred.
template <typename F> void each_part(std::uint64_t used, F what)
{
    for (; used != 0; used &= used - 1)
        what(static_cast<unsigned>(__builtin_ctzll(used)));
}

smmu_histogram &in(std::unique_ptr<smmu_histogram> &place)
{
    if (__builtin_expect(!place, false))
        place = std::make_unique<smmu_histogram>();
    return *place;
}

} // namespace

const char *latency_part_name(latency_part part)
{
    return part_rows[static_cast<unsigned>(part)].name;
}

const char *latency_part_place(latency_part part)
{
    return part_rows[static_cast<unsigned>(part)].place;
}

const char *transaction_count_name(transaction_count which)
{
    return count_names[static_cast<unsigned>(which)];
}

const char *tbu_level_name(tbu_level which)
{
    return tbu_rows[static_cast<unsigned>(which)].name;
}

const char *tcu_level_name(tcu_level which)
{
    return tcu_rows[static_cast<unsigned>(which)].name;
}

void transaction_totals::merge(const transaction_totals &other)
{
    sums.add(other.sums);
    smmu_histogram_merge(&latency, &other.latency);
    for (unsigned i = 0; i < latency_parts; i++) {
        parts[i].transactions += other.parts[i].transactions;
        parts[i].uses += other.parts[i].uses;
        parts[i].time += other.parts[i].time;
        parts[i].max = std::max(parts[i].max, other.parts[i].max);
    }
}

measurement::measurement(unsigned tbus, const timing &times, const smmu_stats &stats)
    : clock_(sc_core::sc_time_stamp()), now_(stats), tbus_(tbus)
{
    for (tbu_data &each : tbus_)
        set_limits(each.levels, tbu_rows, times);
    set_limits(levels_, tcu_rows, times);
    clear();
}

measurement::~measurement() = default;

template <typename F> void measurement::each_level(F what)
{
    for (tbu_data &tbu : tbus_)
        std::for_each(tbu.levels.begin(), tbu.levels.end(), what);
    std::for_each(levels_.begin(), levels_.end(), what);
}

void measurement::clear()
{
    before_ = now_;
    begin_ = upto_ = now();
    for (tbu_data &each : tbus_) {
        each.streams.clear();
        each.found = {};
        each.distributions = {};
    }
    each_level([this](smmu_level &level) { smmu_level_begin(&level, begin_, first_window_log2); });
}

void measurement::listen(listener who)
{
    listener_ = std::move(who);
}

void measurement::watch_levels(const level_visitor &visit)
{
    for (unsigned i = 0; i < tbus(); i++)
        for (unsigned level = 0; level < tbu_levels; level++)
            visit(static_cast<int>(i), tbu_level_name(static_cast<tbu_level>(level)),
                  tbus_[i].levels[level]);
    for (unsigned level = 0; level < tcu_levels; level++)
        visit(of_tcu, tcu_level_name(static_cast<tcu_level>(level)), levels_[level]);
}

void measurement::update()
{
    upto_ = now();
    each_level([this](smmu_level &level) { smmu_level_update(&level, upto_); });
}

transaction_totals measurement::total() const
{
    transaction_totals all;
    for (unsigned i = 0; i < tbus(); i++)
        all.merge(tbu(i));
    return all;
}

transaction_totals measurement::tbu(unsigned number) const
{
    transaction_totals all;
    for (const auto &[sid, each] : tbus_[number].streams)
        all.merge(all_of(each));
    return all;
}

std::map<std::uint64_t, transaction_totals> measurement::streams() const
{
    std::map<std::uint64_t, transaction_totals> all;
    for (const tbu_data &tbu : tbus_)
        for (const auto &[sid, each] : tbu.streams)
            all[sid].merge(all_of(each));
    return all;
}

smmu_histogram measurement::distribution(latency_part part) const
{
    smmu_histogram all = {};
    for (unsigned i = 0; i < tbus(); i++) {
        const smmu_histogram one = distribution(part, i);
        smmu_histogram_merge(&all, &one);
    }
    return all;
}

smmu_histogram measurement::distribution(latency_part part, unsigned tbu) const
{
    const auto i = static_cast<unsigned>(part);
    const tbu_data &whose = tbus_[tbu];
    smmu_histogram all = whose.distributions[i] ? *whose.distributions[i] : smmu_histogram{};
    for (const auto &[sid, each] : whose.streams)
        if (const run &last = each.parts[i]; last.transactions != 0)
            smmu_histogram_add_times(&all, last.time, last.transactions);
    return all;
}

smmu_stats measurement::stats() const
{
    smmu_stats since = now_;
#define SMMU_OBSERVATION(name, counter, ...) since.counter -= before_.counter;
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
    return since;
}

transaction_record *measurement::new_record()
{
    all_.push_back(std::make_unique<transaction_record>());
    idle_.reserve(all_.size()); // so that giving one back does not allocate
    return all_.back().get();
}

transaction_record &measurement::arrive(unsigned tbu)
{
    transaction_record *one = nullptr;
    if (idle_.empty()) {
        one = new_record();
    } else {
        one = idle_.back();
        idle_.pop_back();
    }
    one->sums = {};
    one->trail.clear();
    one->tbu = static_cast<std::uint8_t>(tbu);
    one->split.begin(clock_, listener_ ? &one->trail : nullptr);
    return *one;
}

measurement::stream_data &measurement::find_stream(tbu_data &tbu, stream_place &place,
                                                   std::uint32_t sid)
{
    std::uint64_t key = sid;
    if (tbu.streams.size() >= most_streams && tbu.streams.find(key) == tbu.streams.end())
        key = other_streams;
    place = {sid, &tbu.streams[key]};
    return *place.data;
}

measurement::stream_data &measurement::stream_of(tbu_data &tbu, std::uint32_t sid)
{
    stream_place &place = tbu.found[sid % tbu.found.size()];
    return place.data && place.sid == sid ? *place.data : find_stream(tbu, place, sid);
}

void measurement::add_up(transaction_totals &to, const run &latency)
{
    if (latency.transactions != 0)
        smmu_histogram_add_times(&to.latency, latency.time, latency.transactions);
}

void measurement::add_up(part_totals &to, const run &part)
{
    to.transactions += part.transactions;
    to.uses += part.transactions * part.uses;
    to.time += part.transactions * part.time;
    to.max = std::max(to.max, part.time);
}

transaction_totals measurement::all_of(const stream_data &stream)
{
    transaction_totals all = stream.totals;
    add_up(all, stream.latency);
    for (unsigned i = 0; i < latency_parts; i++)
        add_up(all.parts[i], stream.parts[i]);
    return all;
}

void measurement::end_run(tbu_data &tbu, stream_data &stream, unsigned part)
{
    const run &last = stream.parts[part];
    if (last.transactions == 0)
        return;
    add_up(stream.totals.parts[part], last);
    smmu_histogram_add_times(&in(tbu.distributions[part]), last.time, last.transactions);
}

void measurement::ended(transaction_record &one)
{
    one.split.passed(latency_part::other);
    tbu_data &tbu = tbus_[one.tbu];
    stream_data &stream = stream_of(tbu, one.sid);
    stream.totals.sums.add(one.sums);
    if (stream.latency.time != one.split.total()) {
        add_up(stream.totals, stream.latency);
        stream.latency = {one.split.total(), 0, 0};
    }
    stream.latency.transactions++;
    each_part(one.split.used(), [&](unsigned i) {
        const latency_split::share &mine = one.split.of(i);
        run &last = stream.parts[i];
        if (last.time != mine.time || last.uses != mine.uses) {
            end_run(tbu, stream, i);
            last = {mine.time, mine.uses, 0};
        }
        last.transactions++;
    });
    if (listener_)
        listener_(one);
    idle_.push_back(&one);
}

} // namespace smmu
