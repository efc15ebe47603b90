// SPDX-License-Identifier: Apache-2.0
// Pages that a device accesses by their physical addresses, as the Device Permission Table lets it
// (IHI 0070 3.24), while software changes that.
#ifndef TESTS_TLM_STRESS_DPT_HPP
#define TESTS_TLM_STRESS_DPT_HPP

#include <cstdint>

#include "bench.hpp"
#include "page_history.hpp"
#include "support/random.hpp"

namespace tlm_test {

// A page that nobody may access leads to `nowhere` in the history.
class stress_dpt {
  public:
    static constexpr unsigned pages = 4;
    static constexpr std::uint64_t nowhere = ~std::uint64_t{0xfff};

    // Pages are numbers `first_number` on of `history`. Stream `sid` is made, of the table alone.
    // All must outlive it.
    stress_dpt(bench &b, page_history &history, unsigned first_number, std::uint32_t sid,
               support::random_source &random);

    // After bring_up(): registers, and walks and checks on.
    void enable();

    // Let a page be accessed, or no longer; then the command that software has to issue, and once a
    // CMD_SYNC behind it is complete is_invalidated().
    support::command toggle(unsigned page);
    void is_invalidated(unsigned page) { history_.is_invalidated(number(page)); }

    smmu::attributes attributes() const;
    std::uint64_t address(unsigned page) const;

    // An access of the page has ended so.
    void check(unsigned page, tlm::tlm_response_status status, const sc_core::sc_time &begin,
               const sc_core::sc_time &end);

    unsigned passed = 0, refused = 0;

  private:
    unsigned number(unsigned page) const { return first_number_ + page; }
    void set(unsigned page, bool accessible);

    bench &bench_;
    page_history &history_;
    const unsigned first_number_;
    support::random_source &random_;
    stream stream_;
};

} // namespace tlm_test

#endif
