// SPDX-License-Identifier: Apache-2.0
// Where pages have led, and when; and so what memory may see of them.
#ifndef TESTS_TLM_PAGE_HISTORY_HPP
#define TESTS_TLM_PAGE_HISTORY_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

#include <systemc>

#include "ram.hpp"

namespace tlm_test {

class page_history {
  public:
    static constexpr std::uint64_t size = 0x1000;

    // Compares with the log of `memory`, which must outlive it.
    explicit page_history(const storage &memory) : memory_(memory) {}

    // From now on `page`, a number of the test's, may lead to `address`.
    void leads(unsigned page, std::uint64_t address)
    {
        pages_[page].push_back({address, sc_core::sc_time_stamp(), sc_core::sc_max_time()});
        for (withdrawn &each : withdrawn_)
            if (each.address == address)
                each.last = std::min(each.last, memory_.log.size());
    }

    // From now on it leads to nothing but the last of them.
    void is_invalidated(unsigned page)
    {
        lease &old = *std::next(pages_[page].rbegin());
        old.until = sc_core::sc_time_stamp();
        withdrawn_.push_back({old.address, memory_.log.size(), ~std::size_t{0}});
    }

    std::uint64_t address(unsigned page) const { return pages_.at(page).back().address; }

    // Where it may have led between two times.
    std::vector<std::uint64_t> addresses(unsigned page, const sc_core::sc_time &begin,
                                         const sc_core::sc_time &end) const
    {
        std::vector<std::uint64_t> found;
        for (const lease &each : pages_.at(page))
            if (each.from <= end && begin <= each.until)
                found.push_back(each.address);
        return found;
    }

    // How many accesses memory has seen of a page after it had been invalidated.
    std::size_t late_accesses() const
    {
        std::size_t count = 0;
        for (const withdrawn &each : withdrawn_)
            for (std::size_t i = each.first; i < std::min(each.last, memory_.log.size()); i++)
                count += (memory_.log[i].address & ~(size - 1)) == each.address;
        return count;
    }

  private:
    struct lease {
        std::uint64_t address;
        sc_core::sc_time from, until;
    };
    // Between two places in the log.
    struct withdrawn {
        std::uint64_t address;
        std::size_t first, last;
    };

    const storage &memory_;
    std::map<unsigned, std::vector<lease>> pages_;
    std::vector<withdrawn> withdrawn_;
};

} // namespace tlm_test

#endif
