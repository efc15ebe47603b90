// SPDX-License-Identifier: Apache-2.0
// Memory as a driver leaves it for an SMMU: one stream, 64 pages mapped through 4 levels of
// stage 1.
#ifndef BENCH_GUEST_IMAGE_HPP
#define BENCH_GUEST_IMAGE_HPP

#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>

namespace bench {

// One register write of the bring-up.
struct register_write {
    std::uint32_t offset;
    unsigned size; // bytes, 4 or 8
    std::uint64_t value;
};

struct guest_image {
    static constexpr std::uint32_t sid = 3;
    static constexpr unsigned pages = 64; // a power of two
    static constexpr std::uint64_t page_size = 4096;
    static constexpr std::uint64_t base = 0x4000'0000; // of the memory that `bytes` holds
    static constexpr std::uint64_t input = 0x5a5a'1234'5000;
    static constexpr std::uint64_t output = base + 0x10'0000;
    static constexpr std::uint64_t size = 0x10'0000 + pages * page_size;

    std::vector<std::uint8_t> bytes;      // physical addresses base to base + size - 1
    std::vector<register_write> bring_up; // to make in this order; SMMUEN comes last
};

// `nested`: stage 2 translates as well, every address to itself, through 4 levels and 4 KiB pages.
guest_image make_guest_image(bool nested = false);

// Makes the register writes of `image` through `registers`, an initiator socket.
template <typename SOCKET> void program(SOCKET &registers, const guest_image &image)
{
    for (register_write w : image.bring_up) {
        tlm::tlm_generic_payload payload;
        payload.set_command(tlm::TLM_WRITE_COMMAND);
        payload.set_address(w.offset);
        payload.set_data_ptr(reinterpret_cast<unsigned char *>(&w.value));
        payload.set_data_length(w.size);
        payload.set_streaming_width(w.size);
        sc_core::sc_time delay;
        registers->b_transport(payload, delay);
    }
}

} // namespace bench

#endif
