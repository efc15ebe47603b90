// SPDX-License-Identifier: Apache-2.0
// Translation table construction (DDI 0487 D8.2.1, D8.3).
#include "support/translation_table.hpp"

#include <stdexcept>

namespace support {

// Bits of a descriptor (DDI 0487 D8.3, Figures for the 48-bit output address formats).
enum : uint64_t {
    DESC_VALID = uint64_t{1} << 0,
    DESC_TABLE_OR_PAGE = uint64_t{1} << 1,
};

uint64_t table_descriptor(uint64_t next, const table_attributes &attributes)
{
    image<1> d;
    d.word[0] = DESC_VALID | DESC_TABLE_OR_PAGE | address_bits(next, 47, 12);
    d.set(59, 1, attributes.pxn_table).set(60, 1, attributes.uxn_table);
    d.set(61, 2, attributes.ap_table).set(63, 1, attributes.ns_table);
    return d.word[0];
}

uint64_t leaf_descriptor(uint64_t output, unsigned level, const leaf_attributes &attributes)
{
    image<1> d;
    d.word[0] = DESC_VALID | address_bits(output, 47, 12);
    d.set(1, 1, level == 3 ? 1 : 0);
    d.set(2, 3, attributes.attr_index).set(5, 1, attributes.ns).set(6, 2, attributes.ap);
    d.set(8, 2, attributes.sh).set(10, 1, attributes.af).set(11, 1, attributes.ng);
    d.set(52, 1, attributes.contiguous).set(53, 1, attributes.pxn).set(54, 1, attributes.uxn);
    return d.word[0];
}

// The level whose table resolves the topmost input bits (DDI 0487 D8.2.1).
static unsigned start_level_of(granule g, unsigned input_bits)
{
    const unsigned page = static_cast<unsigned>(g);
    const unsigned stride = page - 3;
    if (input_bits <= page || input_bits > 48)
        throw std::out_of_range("input size");
    const unsigned levels = (input_bits - page + stride - 1) / stride;
    return 4 - levels;
}

translation_table::translation_table(memory &mem, frame_allocator &frames, unsigned input_bits,
                                     granule g)
    : mem_(mem), frames_(frames), granule_(g), input_bits_(input_bits),
      start_level_(start_level_of(g, input_bits))
{
    const uint64_t size = uint64_t{8} << (input_bits_ - shift(start_level_));
    base_ = frames_.allocate(size, size < 64 ? 64 : size);
}

uint64_t translation_table::descriptor_address(uint64_t va, unsigned level,
                                               const table_attributes &attributes)
{
    const uint64_t input = va & ones(input_bits_);
    const uint64_t granule_size = uint64_t{1} << static_cast<unsigned>(granule_);
    uint64_t table = base_;
    for (unsigned at = start_level_;; ++at) {
        const unsigned top = at == start_level_ ? input_bits_ : shift(at - 1);
        const uint64_t index = (input & ones(top)) >> shift(at);
        const uint64_t address = table + 8 * index;
        if (at == level)
            return address;
        uint64_t descriptor = mem_.load64(address);
        if ((descriptor & (DESC_VALID | DESC_TABLE_OR_PAGE)) != (DESC_VALID | DESC_TABLE_OR_PAGE)) {
            descriptor = table_descriptor(frames_.allocate(granule_size, granule_size), attributes);
            mem_.store64(address, descriptor);
        }
        table = address_bits(descriptor, 47, static_cast<unsigned>(granule_));
    }
}

void translation_table::set_descriptor(uint64_t va, unsigned level, uint64_t raw)
{
    mem_.store64(descriptor_address(va, level), raw);
}

void translation_table::map(uint64_t va, uint64_t pa, unsigned level,
                            const leaf_attributes &attributes)
{
    set_descriptor(va, level, leaf_descriptor(pa & ~ones(shift(level)), level, attributes));
}

void translation_table::unmap(uint64_t va, unsigned level)
{
    set_descriptor(va, level, 0);
}

} // namespace support
