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

struct kind_row {
    const char *name;
    const char *prefix;
};

constexpr kind_row kind_rows[] = {
#define SMMU_TRANSACTION_KIND(name, prefix, help) {#name, prefix},
#include "smmu/tlm/transaction_kinds.def"
#undef SMMU_TRANSACTION_KIND
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

// The stretches of a transaction, added up by their parts.
class part_shares {
  public:
    explicit part_shares(const latency_split &split)
    {
        split.each([this](const latency_stretch &one) {
            const auto i = static_cast<unsigned>(one.part);
            const std::uint64_t bit = std::uint64_t{1} << i;
            if (!(used_ & bit))
                shares_[i] = {};
            used_ |= bit;
            shares_[i].time += one.time;
            shares_[i].uses++;
        });
    }

    // Calls `what` with the number of each part that occurred, its time and how often it did.
    template <typename F> void each(F what) const
    {
        for (std::uint64_t left = used_; left != 0; left &= left - 1) {
            const auto i = static_cast<unsigned>(__builtin_ctzll(left));
            what(i, shares_[i].time, shares_[i].uses);
        }
    }

  private:
    static_assert(latency_parts <= 64, "a bit for each");
    struct share {
        ticks time;
        unsigned uses;
    };

    std::uint64_t used_ = 0;      // bit n: part n occurred
    share shares_[latency_parts]; // of those
};

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

const char *transaction_kind_name(transaction_kind kind)
{
    return kind_rows[static_cast<unsigned>(kind)].name;
}

const char *transaction_kind_prefix(transaction_kind kind)
{
    return kind_rows[static_cast<unsigned>(kind)].prefix;
}

ticks latency_split::time(latency_part part) const
{
    ticks sum = 0;
    each([&](const latency_stretch &one) { sum += one.part == part ? one.time : 0; });
    return sum;
}

unsigned latency_split::uses(latency_part part) const
{
    unsigned sum = 0;
    each([&](const latency_stretch &one) { sum += one.part == part; });
    return sum;
}

__attribute__((noinline, cold)) void latency_split::make_room()
{
    if (!many_)
        earlier_.clear();
    earlier_.insert(earlier_.end(), latest_.begin(), latest_.begin() + count_);
    many_ = true;
    count_ = 0;
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
    for (tbu_data &each : tbus_)
        each.kinds = {};
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

transaction_totals measurement::total(transaction_kind kind) const
{
    transaction_totals all;
    for (unsigned i = 0; i < tbus(); i++)
        all.merge(tbu(i, kind));
    return all;
}

transaction_totals measurement::tbu(unsigned number, transaction_kind kind) const
{
    transaction_totals all;
    for (const auto &[sid, each] : of(number, kind).streams)
        all.merge(all_of(each));
    return all;
}

std::map<std::uint64_t, transaction_totals> measurement::streams(transaction_kind kind) const
{
    std::map<std::uint64_t, transaction_totals> all;
    for (unsigned i = 0; i < tbus(); i++)
        for (const auto &[sid, each] : of(i, kind).streams)
            all[sid].merge(all_of(each));
    return all;
}

smmu_histogram measurement::distribution(latency_part part, transaction_kind kind) const
{
    smmu_histogram all = {};
    for (unsigned i = 0; i < tbus(); i++) {
        const smmu_histogram one = distribution(part, i, kind);
        smmu_histogram_merge(&all, &one);
    }
    return all;
}

smmu_histogram measurement::distribution(latency_part part, unsigned tbu,
                                         transaction_kind kind) const
{
    const kind_data &whose = of(tbu, kind);
    const auto &kept = whose.distributions[static_cast<unsigned>(part)];
    smmu_histogram all = kept ? *kept : smmu_histogram{};
    for (const auto &[sid, each] : whose.streams)
        if (each.repeated != 0 && each.last.uses(part) != 0)
            smmu_histogram_add_times(&all, each.last.time(part), each.repeated);
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

measurement::stream_data &measurement::find_stream(kind_data &all, std::uint32_t sid)
{
    std::uint64_t key = sid;
    if (all.streams.size() >= most_streams && all.streams.find(key) == all.streams.end())
        key = other_streams;
    stream_data &stream = all.streams[key];
    place_of(all, sid) = {sid, &stream};
    return stream;
}

// What the last one stands for, to all that came before; to distributions if there are any.
void measurement::add_last(transaction_totals &to, part_histograms *distributions,
                           const stream_data &stream)
{
    const std::uint64_t times = stream.repeated;
    if (times == 0)
        return;
    smmu_histogram_add_times(&to.latency, stream.last.total(), times);
    part_shares(stream.last).each([&](unsigned i, ticks time, unsigned uses) {
        part_totals &part = to.parts[i];
        part.transactions += times;
        part.uses += times * uses;
        part.time += times * time;
        part.max = std::max(part.max, time);
        if (distributions)
            smmu_histogram_add_times(&in((*distributions)[i]), time, times);
    });
}

transaction_totals measurement::all_of(const stream_data &stream)
{
    transaction_totals all = stream.totals;
    add_last(all, nullptr, stream);
    return all;
}

// Another one stands for what comes.
void measurement::begin_run(kind_data &all, stream_data &stream, const latency_split &one)
{
    add_last(stream.totals, &all.distributions, stream);
    stream.last.assign(one);
    stream.repeated = 0;
}

// One that is like the one before it, of a stream that was found before, of which nobody is told.
void measurement::ended(transaction_record &one)
{
    kind_data &all = kinds_of(one);
    const stream_place &place = place_of(all, one.sid);
    if (!listener_ && place.sid == one.sid && place.data && one.split.complete() &&
        place.data->last.resembles(one.split)) {
        place.data->totals.sums.add(one.sums);
        place.data->repeated++;
    } else {
        ended_otherwise(one);
    }
}

void measurement::ended_otherwise(transaction_record &one)
{
    one.split.passed(latency_part::other);
    kind_data &all = kinds_of(one);
    const stream_place &place = place_of(all, one.sid);
    stream_data &stream =
        place.data && place.sid == one.sid ? *place.data : find_stream(all, one.sid);
    stream.totals.sums.add(one.sums);
    if (!stream.last.resembles(one.split))
        begin_run(all, stream, one.split);
    stream.repeated++;
    if (listener_)
        listener_(one);
}

} // namespace smmu
