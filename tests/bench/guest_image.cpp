// SPDX-License-Identifier: Apache-2.0
// Builds the image with the table builder of the tests.
#include "guest_image.hpp"

#include "support/cd.hpp"
#include "support/memory.hpp"
#include "support/registers.hpp"
#include "support/ste.hpp"
#include "support/stream_table.hpp"
#include "support/translation_table.hpp"

namespace bench {

namespace {

// Maps the memory of the image to itself.
void add_stage2(support::memory &memory, support::frame_allocator &frames, support::ste &stream)
{
    constexpr unsigned input_bits = 40;
    support::translation_table table(memory, frames, input_bits);
    for (std::uint64_t at = 0; at < guest_image::size; at += guest_image::page_size)
        table.map(guest_image::base + at, guest_image::base + at, 3, support::stage2_attributes{});
    stream.config = support::STE_NESTED;
    stream.s2vmid = 1;
    stream.s2t0sz = 64 - input_bits;
    stream.s2sl0 = 2; // the walk begins at level 0
    stream.s2ps = 5;
    stream.s2aa64 = 1;
    stream.s2ttb = table.base();
}

} // namespace

guest_image make_guest_image(bool nested)
{
    constexpr unsigned strtab_log2 = 4;
    support::memory memory;
    support::frame_allocator frames(guest_image::base);
    support::stream_table streams(memory, frames, frames.allocate(64 << strtab_log2, 4096),
                                  {strtab_log2});

    support::translation_table table(memory, frames);
    for (unsigned page = 0; page < guest_image::pages; page++) {
        const std::uint64_t offset = page * guest_image::page_size;
        table.map(guest_image::input + offset, guest_image::output + offset);
    }

    support::cd context;
    context.ttb0 = table.base();
    context.epd1 = 1;
    support::ste stream;
    stream.config = support::STE_S1_TRANS;
    stream.s1contextptr = frames.allocate(64, 64);
    if (nested)
        add_stage2(memory, frames, stream);
    memory.store_image(stream.s1contextptr, context.encode());
    memory.store_image(streams.ste_address(guest_image::sid), stream.encode());

    guest_image image;
    image.bytes.resize(guest_image::size);
    memory.load(guest_image::base, image.bytes.data(), image.bytes.size());
    image.bring_up = {
        {support::reg::STRTAB_BASE, 8, streams.base()},
        {support::reg::STRTAB_BASE_CFG, 4, streams.base_cfg()},
        {support::reg::CR0, 4, support::reg::CR0_SMMUEN},
    };
    return image;
}

} // namespace bench
