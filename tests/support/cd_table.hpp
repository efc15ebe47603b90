// SPDX-License-Identifier: Apache-2.0
// Linear and 2-level CD tables in memory (IHI 0070 5.2 S1Fmt, 5.3).
#ifndef TESTS_SUPPORT_CD_TABLE_HPP
#define TESTS_SUPPORT_CD_TABLE_HPP

#include "support/cd.hpp"
#include "support/memory.hpp"
#include "support/ste.hpp"

namespace support {

class cd_table {
  public:
    // 2^`cd_max` CDs; `s1fmt` as STE.S1Fmt: 0 linear, 1 and 2 with leaves of 4 KiB and 64 KiB.
    cd_table(memory &mem, frame_allocator &frames, unsigned s1fmt, unsigned cd_max);

    // Put S1Fmt, S1CDMax and S1ContextPtr into an STE.
    void apply(ste &entry) const;

    // Where CD `index` is. A leaf that is not there yet is made.
    uint64_t cd_address(uint32_t index);

    // 2-level tables only: where the L1CD for `index` is.
    uint64_t l1cd_address(uint32_t index) const
    {
        return base_ + 8 * uint64_t{index >> leaf_log2_};
    }

  private:
    memory &mem_;
    frame_allocator &frames_;
    unsigned s1fmt_;
    unsigned cd_max_;
    unsigned leaf_log2_;
    uint64_t base_;
};

} // namespace support

#endif
