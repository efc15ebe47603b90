// SPDX-License-Identifier: Apache-2.0
// Physical memory as one translation sees it: what it has updated itself shows in later reads.
#ifndef TESTS_ORACLE_MEMORY_VIEW_HPP
#define TESTS_ORACLE_MEMORY_VIEW_HPP

#include "oracle/oracle.hpp"

namespace oracle {

class memory_view {
  public:
    explicit memory_view(const memory_reader &reader) : reader_(reader) {}

    // False is an external abort.
    bool read(fetch what, uint64_t addr, unsigned size, uint8_t *data, const label &with);

    // Replace the descriptor at `addr`, in one access. False is an external abort.
    bool replace(uint64_t addr, const std::vector<uint8_t> &descriptor, const label &with);

    // Whether the updates from number `first` on happen is UNKNOWN.
    void make_optional(size_t first);

    const std::vector<update> &updates() const { return updates_; }
    const std::vector<labelled_access> &accesses() const { return accesses_; }

  private:
    const memory_reader &reader_;
    std::vector<update> updates_;
    std::vector<labelled_access> accesses_;
};

} // namespace oracle

#endif
