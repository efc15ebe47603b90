// SPDX-License-Identifier: Apache-2.0
// Linear and 2-level Stream tables in memory (IHI 0070 3.3.1, 5.1).
#ifndef TESTS_SUPPORT_STREAM_TABLE_HPP
#define TESTS_SUPPORT_STREAM_TABLE_HPP

#include "support/memory.hpp"
#include "support/ste.hpp"

namespace support {

// Shape of a table: `split` 0 is linear, else 6, 8 or 10.
struct stream_table_shape {
    unsigned log2size = 8;
    unsigned split = 0;
};

class stream_table {
  public:
    // `base` is aligned to the size of the table, or of its first level.
    stream_table(memory &mem, frame_allocator &frames, uint64_t base,
                 const stream_table_shape &shape)
        : mem_(mem), frames_(frames), base_(base), shape_(shape)
    {
    }

    // What software writes to SMMU_STRTAB_BASE and SMMU_STRTAB_BASE_CFG.
    uint64_t base() const { return base_; }
    uint32_t base_cfg() const;

    // Where the STE of `sid` is. A level 2 array that is not there yet is made.
    uint64_t ste_address(uint32_t sid);

    // 2-level tables only: where the descriptor for `sid` is.
    uint64_t l1std_address(uint32_t sid) const { return base_ + 8 * uint64_t{sid >> shape_.split}; }

  private:
    memory &mem_;
    frame_allocator &frames_;
    uint64_t base_;
    stream_table_shape shape_;
};

} // namespace support

#endif
