// SPDX-License-Identifier: Apache-2.0
// A stream with stage 1 translation, ready to map addresses: STE, CD and two tables.
#ifndef TESTS_SUPPORT_STAGE1_STREAM_HPP
#define TESTS_SUPPORT_STAGE1_STREAM_HPP

#include "support/device_under_test.hpp"
#include "support/translation_table.hpp"

namespace support {

// Where the descriptors of one stream lie, and what software wrote there. Change `ste` or `cd`,
// then publish() them; nothing is invalidated.
class stage1_stream {
  public:
    // 48-bit tables by default; `sid` must lie within the Stream table.
    stage1_stream(device_under_test &dut, uint32_t sid, unsigned asid = 1,
                  unsigned input_bits = 48);

    void publish();

    uint32_t sid() const { return sid_; }
    uint64_t cd_address() const { return ste_.s1contextptr; }
    ste &stream() { return ste_; }
    cd &context() { return cd_; }

    translation_table low;  // through CD.TTB0
    translation_table high; // through CD.TTB1

  private:
    device_under_test &dut_;
    uint32_t sid_;
    ste ste_;
    cd cd_;
};

} // namespace support

#endif
