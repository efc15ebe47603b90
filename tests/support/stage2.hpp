// SPDX-License-Identifier: Apache-2.0
// Stage 2 of a stream: a translation table, and the STE fields that point to it (IHI 0070 5.2).
#ifndef TESTS_SUPPORT_STAGE2_HPP
#define TESTS_SUPPORT_STAGE2_HPP

#include "support/device_under_test.hpp"
#include "support/translation_table.hpp"

namespace support {

// STE.S2SL0_2:S2SL0 for a walk that begins at `level`.
unsigned s2sl0_of(granule g, int level);

class stage2 {
  public:
    stage2(device_under_test &dut, unsigned vmid, const table_shape &shape = {40});

    // Put the S2* fields into an STE; Config stays.
    void apply(ste &entry) const;

    // Map the memory that structures and tables of the tests lie in to itself, with 2 MiB blocks
    // (or the level 2 blocks of other granules) that permit everything.
    void map_structures(const stage2_attributes &attributes = {});

    translation_table table;

  private:
    table_shape shape_;
    unsigned vmid_;
    uint64_t structures_;
};

} // namespace support

#endif
