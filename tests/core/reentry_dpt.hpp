// SPDX-License-Identifier: Apache-2.0
// The Device Permission Table of a reentry_host, and what has been accessed by it: every access is
// held against what the table has said since the last invalidation that is complete (IHI 0070
// 3.24).
#ifndef TESTS_CORE_REENTRY_DPT_HPP
#define TESTS_CORE_REENTRY_DPT_HPP

#include <array>
#include <vector>

#include "core/reentry_host.hpp"
#include "support/dpt.hpp"

class reentry_dpt {
  public:
    static constexpr unsigned pages = 2;

    // What devices may do with a page.
    enum class access : unsigned { none, read, read_write };
    static constexpr unsigned kinds_of_access = 3;

    // Page numbers, with how often each has changed.
    using changes = std::array<size_t, pages>;

    explicit reentry_dpt(reentry_host &host);

    // At the beginning and after a reset, before CR0 is written.
    void program();

    static uint64_t address(unsigned page) { return first + (uint64_t{page} << 12); }

    // Software writes a descriptor, and tells when an invalidation of pages is complete: answers go
    // by `then` or what came later.
    void set(unsigned page, access what);
    changes now() const;
    void invalidated(const changes &then);
    void invalidated(unsigned page, size_t then);

    // An access to `addr` has passed; one has passed, or not, where only what is said now counts.
    void check_passed(uint64_t addr, bool write) const;
    void check_exactly(uint64_t addr, bool write, bool passed) const;

    // After each step: a DPT_ERR that becomes active has something to report (6.3.48).
    void observe();

  private:
    static constexpr uint64_t first = 0x50'0000'3000; // across a descriptor's two granules
    static unsigned page_of(uint64_t addr);
    bool allows(unsigned page, size_t change, bool write) const;

    reentry_host &host_;
    support::dpt_builder table_;
    std::array<std::vector<access>, pages> history_;
    changes floor_{};
    bool error_ = false;
};

#endif
