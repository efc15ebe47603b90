// SPDX-License-Identifier: Apache-2.0
// Atomic operations and exclusive accesses as transactions of the base protocol.
#ifndef SMMU_TLM_ATOMIC_HPP
#define SMMU_TLM_ATOMIC_HPP

#include <cstdint>

namespace smmu {

// What an atomic operation makes of what memory holds, and of its operand (IHI 0022 L A6.4.2).
enum class atomic_function : std::uint8_t {
    add,          // the sum
    clear,        // without the bits that the operand has
    exclusive_or, // bits that one of both has
    set,          // bits that any of both has
    signed_max,   // the greater one
    signed_min,   // the lesser one
    unsigned_max, // the greater one, without signs
    unsigned_min, // the lesser one, without signs
    swap,         // the operand
    compare,      // the operand, if memory holds `expected`
};

// An atomic operation: what AtomicStore, AtomicLoad, AtomicSwap and AtomicCompare are on AXI5 and
// CHI. It is carried by a write of as many bytes as are operated on, a power of two that the
// address is a multiple of, whose smmu::attributes have the operation SMMU_OP_ATOMIC and point to
// it; its data are those of `operand`, and none of its byte enables is set. Memory that does it
// says so in `done`. Memory that has never heard of it writes nothing; the initiator sees that and
// does it in another way: axi_to_tlm by debug transport, in the moment when the response arrives.
//
// In a target, where an ordinary write would copy its bytes:
//
//     if (smmu::atomic_access *atomic = smmu::atomic_access_of(payload))
//         atomic->perform(bytes, payload.get_data_length());
struct atomic_access {
    static constexpr unsigned max_size = 16; // bytes; AXI has more than 8 for `compare` alone

    atomic_function function = atomic_function::swap; // what is done
    bool returns = false;    // somebody wants to know what memory held: not an AtomicStore
    bool big_endian = false; // what is a number begins with its highest byte
    unsigned char operand[max_size] = {};  // in the order of bytes in memory
    unsigned char expected[max_size] = {}; // likewise, to compare with
    unsigned char old[max_size] = {};      // likewise, what memory held
    bool done = false;                     // it has been done

    // Do it: `memory` is where the `size` bytes lie.
    void perform(unsigned char *memory, unsigned size);
};

// An exclusive access (IHI 0022 L A6.3): one of the two that a read, and a write of the same bytes
// that only succeeds if nobody has written there since, are together. Set on a read or write like
// others, which smmu::attributes point to it from. Who watches addresses, such as a memory behind
// AXI, says in `succeeded` that the read is watched, or that the write has been made. Who does not
// leaves it, does the access, and tells the initiator so that exclusive accesses fail here.
struct exclusive_access {
    bool succeeded = false; // EXOKAY
};

} // namespace smmu

#endif
