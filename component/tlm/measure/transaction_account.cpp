// SPDX-License-Identifier: Apache-2.0
// What transactions add up to: see smmu/tlm/transaction_totals.hpp and transaction_account.hpp.
#include "smmu/tlm/transaction_account.hpp"

#include <algorithm>

namespace smmu {

namespace {

constexpr const char *count_names[] = {
#define SMMU_TRANSACTION_COUNT(name, of_one, help) #name,
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

transaction_account::stream &transaction_account::find(std::uint32_t sid)
{
    place &where = found_[sid % found_.size()];
    if (where.sid != sid) {
        std::uint64_t key = sid;
        if (streams_.size() >= most_streams && streams_.find(key) == streams_.end())
            key = other_streams;
        where = {sid, &streams_[key]};
    }
    return *where.data;
}

// `times` that each took what `split` says; to distributions too, if there are any.
void transaction_account::add_times(transaction_totals &to, part_histograms *distributions,
                                    const latency_split &split, std::uint64_t times)
{
    if (times == 0)
        return;
    smmu_histogram_add_times(&to.latency, split.total(), times);
    part_shares(split).each([&](unsigned i, ticks time, unsigned uses) {
        part_totals &part = to.parts[i];
        part.transactions += times;
        part.uses += times * uses;
        part.time += times * time;
        part.max = std::max(part.max, time);
        if (distributions)
            smmu_histogram_add_times(&in((*distributions)[i]), time, times);
    });
}

// What is only counted, to all that came before.
void transaction_account::end_run(stream &of)
{
    add_times(of.totals, &distributions_, of.last, of.times);
    of.totals.sums.add(of.done, of.done_times);
    of.times = of.done_times = 0;
}

void transaction_account::add(const transaction_record &one)
{
    stream &to = find(one.sid);
    if (one.split.is_long()) {
        add_times(to.totals, &distributions_, one.split, 1);
        to.totals.sums.add(one.done, 1);
        return;
    }
    if (!one.split.resembles(to.last)) {
        end_run(to);
        to.last.assign(one.split);
        to.done = one.done;
    }
    add_same_time(to, one.done);
}

transaction_totals transaction_account::all_of(const stream &of)
{
    transaction_totals all = of.totals;
    add_times(all, nullptr, of.last, of.times);
    all.sums.add(of.done, of.done_times);
    return all;
}

smmu_histogram transaction_account::distribution(latency_part part) const
{
    const auto &kept = distributions_[static_cast<unsigned>(part)];
    smmu_histogram all = kept ? *kept : smmu_histogram{};
    for (const auto &[sid, each] : streams_)
        if (each.times != 0 && each.last.uses(part) != 0)
            smmu_histogram_add_times(&all, each.last.time(part), each.times);
    return all;
}

} // namespace smmu
