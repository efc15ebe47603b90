// SPDX-License-Identifier: Apache-2.0
// An approximately-timed SMMU between an initiator of the four phases and memory, checked on each
// hop. Everything is measured: the parts of each latency are all of it.
#ifndef TESTS_TLM_AT_BENCH_HPP
#define TESTS_TLM_AT_BENCH_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "at_initiators.hpp"
#include "at_targets.hpp"
#include "bench.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace tlm_test {

constexpr sc_core::sc_time_unit ns = sc_core::SC_NS;

// Times in nanoseconds, as the tests calculate with.
inline sc_core::sc_time nanoseconds(double count)
{
    return {count, ns};
}

smmu::timing approximate_times();

// A time for each part of the way of a transaction, all different, for sums made by hand.
smmu::timing hand_times();

// Expects the parts of `one`, which has ended now, to be all of its latency, in either form.
void expect_all_divided(const smmu::transaction_record &one);

// How much there is of what a TBU and a TCU have a number of, and whether misses are merged.
extern const std::vector<unsigned smmu::timing::*> every_limit;

// A micro TLB of one page, no other caches but those of `cfg`.
class at_bench {
  public:
    static constexpr std::uint64_t va = 0x0000'0012'3440'0000; // begin of 2 MB with a table
    static constexpr unsigned pages = 64;
    static constexpr unsigned memory_ns = 50; // of each access

    // With `target` that is what the TBU's traffic goes to, over the bytes of b.memory.
    explicit at_bench(const smmu::timing &times, const smmu_config &cfg = smmu_config_default(),
                      std::size_t outstanding = 64,
                      const at_initiator_kind &kind = at_initiator_kinds[0],
                      const at_target_kind *target = nullptr);

    // Runs `test` when the SMMU translates, with nothing cached; expects no complaint.
    void run(std::function<void()> test);

    // A transfer of the stream on page `page`.
    static at_transfer read(unsigned page, unsigned offset = 0, unsigned length = 8);
    static at_transfer write(unsigned page, unsigned offset = 0, unsigned length = 8);

    // Sends them one after the other and waits until all have ended.
    void send(std::vector<at_transfer> &transfers);
    // Sends one alone; returns the time from BEGIN_REQ to BEGIN_RESP.
    sc_core::sc_time time(at_transfer transfer);
    sc_core::sc_time time_of_read(unsigned page) { return time(read(page)); }

    // Translates pages first .. last - 1, so that what is cached for them is.
    void warm(unsigned first, unsigned last);

    std::uint64_t complaints() const;

    // What was measured of each transaction that has ended, in this order.
    std::vector<smmu::transaction_record> ended;

    bench b;
    at_sender sender;
    smmu::protocol_checker<> dev_checker{"dev_checker"};
    std::unique_ptr<at_memory> target;
    stream s{b, 1};
};

} // namespace tlm_test

#endif
