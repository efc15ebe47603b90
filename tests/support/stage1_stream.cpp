// SPDX-License-Identifier: Apache-2.0
// Wires STE, CD and translation tables of one stream together.
#include "support/stage1_stream.hpp"

namespace support {

stage1_stream::stage1_stream(device_under_test &dut, uint32_t sid, unsigned asid,
                             unsigned input_bits)
    : low(dut.mem, dut.frames, input_bits), high(dut.mem, dut.frames, input_bits), dut_(dut),
      sid_(sid)
{
    ste_.config = STE_S1_TRANS;
    ste_.s1contextptr = dut.frames.allocate(64, 64);
    cd_.asid = asid;
    cd_.t0sz = 64 - input_bits;
    cd_.t1sz = 64 - input_bits;
    cd_.ttb0 = low.base();
    cd_.ttb1 = high.base();
    publish();
}

void stage1_stream::publish()
{
    dut_.mem.store_image(ste_.s1contextptr, cd_.encode());
    dut_.set_ste(sid_, ste_);
}

} // namespace support
