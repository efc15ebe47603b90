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

uint64_t leaf_descriptor(uint64_t output, int level, const leaf_attributes &attributes)
{
    image<1> d;
    d.word[0] = DESC_VALID | address_bits(output, 47, 12);
    d.set(1, 1, level == 3 ? 1 : 0);
    d.set(2, 3, attributes.attr_index).set(5, 1, attributes.ns).set(6, 2, attributes.ap);
    d.set(8, 2, attributes.sh).set(10, 1, attributes.af).set(11, 1, attributes.ng);
    d.set(52, 1, attributes.contiguous).set(53, 1, attributes.pxn).set(54, 1, attributes.uxn);
    d.set(51, 1, attributes.dbm);
    return d.word[0];
}

uint64_t leaf_descriptor(uint64_t output, int level, const stage2_attributes &attributes)
{
    image<1> d;
    d.word[0] = DESC_VALID | address_bits(output, 47, 12);
    d.set(1, 1, level == 3 ? 1 : 0);
    d.set(2, 4, attributes.memattr).set(6, 2, attributes.s2ap).set(8, 2, attributes.sh);
    d.set(10, 1, attributes.af).set(51, 1, attributes.dbm).set(53, 2, attributes.xn);
    d.set(52, 1, attributes.contiguous);
    return d.word[0];
}

// The level whose table resolves the topmost input bits (DDI 0487 D8.2.1).
static int start_level_of(granule g, unsigned input_bits)
{
    const unsigned page = static_cast<unsigned>(g);
    const unsigned stride = page - 3;
    if (input_bits <= page || input_bits > 52)
        throw std::out_of_range("input size");
    const unsigned levels = (input_bits - page + stride - 1) / stride;
    return 4 - static_cast<int>(levels);
}

translation_table::translation_table(memory &mem, frame_allocator &frames, unsigned input_bits,
                                     granule g)
    : translation_table(mem, frames, table_shape{input_bits, g})
{
}

translation_table::translation_table(memory &mem, frame_allocator &frames, const table_shape &shape)
    : mem_(mem), frames_(frames), granule_(shape.size), input_bits_(shape.input_bits),
      start_level_(shape.start_level ? *shape.start_level
                                     : start_level_of(shape.size, shape.input_bits)),
      big_endian_(shape.big_endian), wide_(shape.wide)
{
    const uint64_t size = uint64_t{8} << (input_bits_ - shift(start_level_));
    base_ = frames_.allocate(size, size < 64 ? 64 : size);
}

static uint64_t swapped(uint64_t value)
{
    uint64_t out = 0;
    for (unsigned i = 0; i < 8; ++i)
        out = out << 8 | (value >> 8 * i & 0xff);
    return out;
}

uint64_t translation_table::load(uint64_t at) const
{
    const uint64_t raw = mem_.load64(at);
    return big_endian_ ? swapped(raw) : raw;
}

void translation_table::store(uint64_t at, uint64_t descriptor)
{
    mem_.store64(at, big_endian_ ? swapped(descriptor) : descriptor);
}

uint64_t with_high_address(granule g, uint64_t descriptor, uint64_t address)
{
    if (g == granule::k64)
        return (descriptor & ~(ones(4) << 12)) | (address >> 48 & ones(4)) << 12;
    return (descriptor & ~(ones(2) << 48 | ones(2) << 8)) | (address >> 48 & ones(2)) << 48 |
           (address >> 50 & ones(2)) << 8;
}

uint64_t high_address(granule g, uint64_t descriptor)
{
    if (g == granule::k64)
        return (descriptor >> 12 & ones(4)) << 48;
    return (descriptor >> 48 & ones(2)) << 48 | (descriptor >> 8 & ones(2)) << 50;
}

uint64_t translation_table::addressed(uint64_t descriptor, uint64_t address) const
{
    return wide_ ? with_high_address(granule_, descriptor, address) : descriptor;
}

uint64_t translation_table::descriptor_address(uint64_t va, int level,
                                               const table_attributes &attributes)
{
    const uint64_t input = va & ones(input_bits_);
    const uint64_t granule_size = uint64_t{1} << static_cast<unsigned>(granule_);
    uint64_t table = base_;
    for (int at = start_level_;; ++at) {
        const unsigned top = at == start_level_ ? input_bits_ : shift(at - 1);
        const uint64_t index = (input & ones(top)) >> shift(at);
        const uint64_t address = table + 8 * index;
        if (at == level)
            return address;
        uint64_t descriptor = load(address);
        if ((descriptor & (DESC_VALID | DESC_TABLE_OR_PAGE)) != (DESC_VALID | DESC_TABLE_OR_PAGE)) {
            const uint64_t next = frames_.allocate(granule_size, granule_size);
            descriptor = addressed(table_descriptor(next, attributes), next);
            store(address, descriptor);
        }
        table = address_bits(descriptor, 47, static_cast<unsigned>(granule_));
        if (wide_)
            table |= high_address(granule_, descriptor);
    }
}

void translation_table::set_descriptor(uint64_t va, int level, uint64_t raw)
{
    store(descriptor_address(va, level), raw);
}

uint64_t translation_table::descriptor(uint64_t va, int level)
{
    return load(descriptor_address(va, level));
}

void translation_table::map(uint64_t va, uint64_t pa, int level, const leaf_attributes &attributes)
{
    const uint64_t output = pa & ~ones(shift(level));
    set_descriptor(va, level, addressed(leaf_descriptor(output, level, attributes), output));
}

void translation_table::map(uint64_t ipa, uint64_t pa, int level,
                            const stage2_attributes &attributes)
{
    const uint64_t output = pa & ~ones(shift(level));
    set_descriptor(ipa, level, addressed(leaf_descriptor(output, level, attributes), output));
}

void translation_table::unmap(uint64_t va, int level)
{
    set_descriptor(va, level, 0);
}

} // namespace support
