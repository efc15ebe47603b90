// SPDX-License-Identifier: Apache-2.0
// Random transfers of all kinds, and what plain memory makes of them.
#ifndef TESTS_PINS_BRIDGE_TRAFFIC_HPP
#define TESTS_PINS_BRIDGE_TRAFFIC_HPP

#include <deque>
#include <vector>

#include "../tlm/at_initiators.hpp"
#include "../tlm/ram.hpp"
#include "bridge_hop.hpp"
#include "support/random.hpp"

namespace pins_test {

// Rounds of transfers that may overlap in time: each has a block of memory of its own.
class bridge_traffic {
  public:
    // For buses that can say `words`.
    bridge_traffic(std::uint64_t seed, const bus_words &words);

    // New transfers, which belong to this class until the next call.
    std::deque<tlm_test::at_transfer> &next_round(unsigned transfers);
    // Whether those of the last round have ended as on plain memory; says what has not.
    void check_round(tlm_test::storage &memory);

  private:
    static constexpr std::uint64_t block = 0x2000;

    tlm_test::at_transfer transfer(std::uint64_t base);
    void shape(tlm_test::at_transfer &it, std::uint64_t base);
    void wrap(tlm_test::at_transfer &it, std::uint64_t base);
    void attribute(tlm_test::at_transfer &it);
    void operate(tlm_test::at_transfer &it);
    void make_atomic(tlm_test::at_transfer &it, std::uint64_t base);
    void make_swap(tlm_test::at_transfer &it, std::uint64_t base);
    void expect_atomic(const tlm_test::at_transfer &it);
    void check_atomics() const;
    void expect(const tlm_test::at_transfer &it);
    void check_attributes(const tlm_test::storage &memory);

    support::random_source chance_;
    const bus_words words_;
    std::vector<unsigned char> model_;
    std::deque<tlm_test::at_transfer> round_;
    std::vector<std::vector<unsigned char>> expected_; // data of each of the round
    std::deque<smmu::atomic_access> atomics_;          // of the round
    std::deque<smmu::compare_and_swap> swaps_;         // likewise
    std::vector<std::vector<unsigned char>> held_;     // before each of atomics_
    std::vector<smmu::attributes> sent_;               // of all rounds, by StreamID
    std::size_t checked_ = 0;                          // entries of the memory's log
};

} // namespace pins_test

#endif
