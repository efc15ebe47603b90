// SPDX-License-Identifier: Apache-2.0
// What transactions of one kind at one TBU add up to, by stream.
#ifndef SMMU_TLM_TRANSACTION_ACCOUNT_HPP
#define SMMU_TLM_TRANSACTION_ACCOUNT_HPP

#include <array>
#include <cstdint>
#include <map>
#include <memory>

#include "smmu/tlm/transaction_totals.hpp"

namespace smmu {

// Transactions that follow each other in a stream mostly take the same and do the same: one stands
// for all that were like it, until another comes. Those are only counted.
class transaction_account {
  public:
    // Streams that are told apart; what others do counts under other_streams.
    static constexpr std::size_t most_streams = 1024;
    // What they are called in place of a StreamID.
    static constexpr std::uint64_t other_streams = std::uint64_t{1} << 32;

    // Adds a transaction of stream `sid` that ends now, if that was found before and it took what
    // the one before it took; returns whether that is so.
    bool add_repeated(std::uint32_t sid, const transaction_record &one)
    {
        const place &where = found_[sid % found_.size()];
        if (where.sid != sid || !one.split.complete() || !one.split.resembles(where.data->last))
            return false;
        add_same_time(*where.data, one.done);
        return true;
    }
    // Adds any, whose time has been divided.
    void add(const transaction_record &one);

    // Calls `what` with each StreamID, or other_streams, and its transaction_totals.
    template <typename F> void each_stream(F what) const
    {
        for (const auto &[sid, each] : streams_)
            what(sid, all_of(each));
    }
    // How a part is distributed among the transactions that have it.
    smmu_histogram distribution(latency_part part) const;

  private:
    struct stream {
        std::uint64_t times = 0;      // how often the last one's came in succession
        std::uint64_t done_times = 0; // how many of these did the same
        transaction_tally done = {};
        latency_split last;        // how the last one's time was divided
        transaction_totals totals; // but for those that these stand for
    };
    // Where that is kept.
    struct place {
        std::uint64_t sid = other_streams; // of a stream; that is of none
        stream *data = nullptr;
    };
    using part_histograms = std::array<std::unique_ptr<smmu_histogram>, latency_parts>;

    static void add_same_time(stream &to, const transaction_tally &done)
    {
        to.times++;
        if (to.done.equals(done))
            to.done_times++;
        else
            to.totals.sums.add(done, 1);
    }
    stream &find(std::uint32_t sid);
    static void add_times(transaction_totals &to, part_histograms *distributions,
                          const latency_split &split, std::uint64_t times);
    void end_run(stream &of);
    static transaction_totals all_of(const stream &of);

    std::map<std::uint64_t, stream> streams_;
    std::array<place, 64> found_; // those found last, by the low bits of their StreamIDs
    part_histograms distributions_;
};

} // namespace smmu

#endif
