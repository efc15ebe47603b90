// SPDX-License-Identifier: Apache-2.0
// A stream of a virtual machine: see two_stage_stream.hpp.
#include "two_stage_stream.hpp"

namespace tlm_test {

namespace {

// A stage 2 Block or Page descriptor (DDI 0487 D8.3.2): with fetches, Normal Write-Back, Inner
// Shareable, accessed.
std::uint64_t s2_leaf(std::uint64_t pa, unsigned level, unsigned s2ap)
{
    support::image<1> d;
    d.word[0] = support::address_bits(pa, 47, 12);
    d.set(0, 1, 1).set(1, 1, level == 3 ? 1 : 0);
    d.set(2, 4, 0b1111).set(6, 2, s2ap).set(8, 2, 0b11).set(10, 1, 1);
    return d.word[0];
}

} // namespace

two_stage_stream::two_stage_stream(bench &b, std::uint32_t sid, unsigned vmid, kind stages)
    : bench_(b), sid_(sid), s1_(b.scratch, b.frames), s2_(b.scratch, b.frames)
{
    ste_.config = stages == kind::nested ? support::STE_NESTED : support::STE_S2_TRANS;
    ste_.s2vmid = vmid;
    ste_.s2t0sz = 16; // 48 bits from level 0
    ste_.s2sl0 = 2;
    ste_.s2ps = 5;
    ste_.s2aa64 = 1;
    ste_.s2r = 1;
    ste_.s2ttb = s2_.base();
    if (stages == kind::nested) {
        ste_.s1contextptr = b.frames.allocate(64, 64);
        cd_.asid = 1;
        cd_.ttb0 = s1_.base();
        cd_.epd1 = 1;
        const std::uint64_t block = bench::tables & ~support::ones(21);
        map_s2(block, block, 2);
    }
    publish();
}

void two_stage_stream::publish()
{
    bench_.set_ste(sid_, ste_);
    if (ste_.config == support::STE_NESTED)
        bench_.scratch.store_image(ste_.s1contextptr, cd_.encode());
    bench_.publish_tables();
}

void two_stage_stream::map_s1(std::uint64_t va, std::uint64_t ipa, unsigned level)
{
    s1_.map(va, ipa, level);
    bench_.publish_tables();
}

void two_stage_stream::map_s2(std::uint64_t ipa, std::uint64_t pa, unsigned level, unsigned s2ap)
{
    s2_.set_descriptor(ipa, level, s2_leaf(pa, level, s2ap));
    bench_.publish_tables();
}

void two_stage_stream::unmap_s1(std::uint64_t va)
{
    s1_.unmap(va);
    bench_.publish_tables();
}

void two_stage_stream::unmap_s2(std::uint64_t ipa)
{
    s2_.unmap(ipa);
    bench_.publish_tables();
}

} // namespace tlm_test
