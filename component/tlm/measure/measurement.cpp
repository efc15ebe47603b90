// SPDX-License-Identifier: Apache-2.0
// What an SMMU takes: see smmu/tlm/measurement.hpp.
#include "smmu/tlm/measurement.hpp"

#include <algorithm>
#include <utility>

namespace smmu {

namespace {

constexpr unsigned first_window_log2 = 20; // about a microsecond, of picoseconds

// A level, and the limit at which it is full; NULL: there is none.
struct level_row {
    const char *name;
    unsigned timing::*limit;
};

#define SMMU_LIMIT(name, most, help) constexpr unsigned timing::*limit_##name = &timing::name;
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

} // namespace

const char *tbu_level_name(tbu_level which)
{
    return tbu_rows[static_cast<unsigned>(which)].name;
}

const char *tcu_level_name(tcu_level which)
{
    return tcu_rows[static_cast<unsigned>(which)].name;
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
        each.accounts = {};
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
    account_of(number, kind).each_stream([&all](std::uint64_t, const transaction_totals &each) {
        all.merge(each);
    });
    return all;
}

std::map<std::uint64_t, transaction_totals> measurement::streams(transaction_kind kind) const
{
    std::map<std::uint64_t, transaction_totals> all;
    for (unsigned i = 0; i < tbus(); i++)
        account_of(i, kind).each_stream(
            [&all](std::uint64_t sid, const transaction_totals &each) { all[sid].merge(each); });
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
    return account_of(tbu, kind).distribution(part);
}

smmu_stats measurement::stats() const
{
    smmu_stats since = now_;
#define SMMU_OBSERVATION(name, counter, ...) since.counter -= before_.counter;
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
    return since;
}

void measurement::ended(transaction_record &one)
{
    one.split.passed(latency_part::other);
    account_of(one.tbu, one.done.kind).add(one);
    if (listener_)
        listener_(one);
}

} // namespace smmu
