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
    if (!place)
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

void transaction_totals::add(const transaction_record &one)
{
    sums.add(one.sums);
    smmu_histogram_add(&latency, one.split.total());
    each_part(one.split.used(), [&](unsigned i) {
        const auto which = static_cast<latency_part>(i);
        parts[i].transactions++;
        parts[i].uses += one.split.uses(which);
        parts[i].time += one.split.time(which);
        parts[i].max = std::max(parts[i].max, one.split.time(which));
    });
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
        each.last = nullptr;
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
        all.merge(each);
    return all;
}

std::map<std::uint64_t, transaction_totals> measurement::streams() const
{
    std::map<std::uint64_t, transaction_totals> all;
    for (const tbu_data &tbu : tbus_)
        for (const auto &[sid, each] : tbu.streams)
            all[sid].merge(each);
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
    const auto &one = tbus_[tbu].distributions[static_cast<unsigned>(part)];
    return one ? *one : smmu_histogram{};
}

smmu_stats measurement::stats() const
{
    smmu_stats since = now_;
#define SMMU_OBSERVATION(name, counter, ...) since.counter -= before_.counter;
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
    return since;
}

transaction_record &measurement::arrive(unsigned tbu)
{
    if (idle_.empty()) {
        all_.push_back(std::make_unique<transaction_record>());
        idle_.push_back(all_.back().get());
    }
    transaction_record &one = *idle_.back();
    idle_.pop_back();
    one.sums = {};
    one.trail.clear();
    one.tbu = static_cast<std::uint8_t>(tbu);
    one.split.begin(clock_, listener_ ? &one.trail : nullptr);
    return one;
}

transaction_totals &measurement::stream_of(tbu_data &tbu, std::uint32_t sid)
{
    std::uint64_t key = sid;
    if (tbu.streams.size() >= most_streams && tbu.streams.find(key) == tbu.streams.end())
        key = other_streams;
    tbu.last_sid = sid;
    tbu.last = &tbu.streams[key];
    return *tbu.last;
}

void measurement::ended(transaction_record &one)
{
    one.split.passed(latency_part::other);
    tbu_data &tbu = tbus_[one.tbu];
    transaction_totals &stream =
        tbu.last && tbu.last_sid == one.sid ? *tbu.last : stream_of(tbu, one.sid);
    stream.add(one);
    each_part(one.split.used(), [&](unsigned i) {
        smmu_histogram_add(&in(tbu.distributions[i]), one.split.time(static_cast<latency_part>(i)));
    });
    if (listener_)
        listener_(one);
    idle_.push_back(&one);
}

} // namespace smmu
