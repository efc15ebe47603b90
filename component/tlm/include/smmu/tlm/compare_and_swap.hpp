// SPDX-License-Identifier: Apache-2.0
// An atomic compare-and-swap as one transaction of the base protocol.
#ifndef SMMU_TLM_COMPARE_AND_SWAP_HPP
#define SMMU_TLM_COMPARE_AND_SWAP_HPP

#include <algorithm>

namespace smmu {

// What AtomicCompare is on AXI5 and CHI: memory that holds `expected` gets `value`, and what it
// held goes back to the initiator, with nobody else's access in between. It is carried by a read of
// as many bytes without byte enables, whose smmu::attributes point to it: the data that come back
// are those that memory held. Memory that does it says so in `done`. Memory that has never heard of
// it does the read, which is right and has changed nothing; the initiator sees that and makes the
// update in another way. The SMMU then compares and writes by debug transport, in the moment when
// the response arrives.
//
// In a target, where an ordinary read would copy its bytes:
//
//     if (smmu::compare_and_swap *swap = smmu::compare_and_swap_of(payload))
//         swap->perform(bytes, payload.get_data_ptr());
//
// A bridge to another protocol sends one transaction with both values, and sets `done` when it is
// answered without error.
struct compare_and_swap {
    static constexpr unsigned max_size = 16; // of a descriptor of VMSAv9-128; others have 8

    unsigned size = 8;                     // in bytes: 8 or 16; aligned to it
    unsigned char expected[max_size] = {}; // to compare with, in the order of bytes in memory
    unsigned char value[max_size] = {};    // to write, likewise
    bool done = false;                     // memory has compared, and written if it had to

    // Do it: `memory` is where the bytes lie, `data` gets what they were.
    void perform(unsigned char *memory, unsigned char *data)
    {
        std::copy(memory, memory + size, data);
        if (std::equal(expected, expected + size, memory))
            std::copy(value, value + size, memory);
        done = true;
    }
};

} // namespace smmu

#endif
