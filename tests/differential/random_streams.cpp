// SPDX-License-Identifier: Apache-2.0
// Choices within what the known gaps of QEMU leave (IHI 0070 5.2, 5.4; DDI 0487 D8.3).
#include "differential/random_streams.hpp"

#include <algorithm>
#include <sstream>

#include "differential/gaps.hpp"

using namespace support;

namespace differential {

namespace {

constexpr unsigned mappings_per_stream = 16;

granule pick_granule(random_source &rng)
{
    static const granule all[] = {granule::k4, granule::k16, granule::k64};
    return all[rng.below(3)];
}

unsigned tg0_of(granule g)
{
    return g == granule::k4 ? TG0_4K : g == granule::k16 ? TG0_16K : TG0_64K;
}

// The top level at which a leaf may be (DDI 0487 D8.3.1, output addresses of 48 bits).
unsigned first_leaf_level(granule g)
{
    return g == granule::k4 ? 1 : 2;
}

// One field that makes the STE ILLEGAL, or end the transaction, or change its way (5.2.2).
void spoil_ste(random_source &rng, ste &s)
{
    switch (rng.below(6)) {
    case 0:
        s.v = 0;
        break;
    case 1:
        s.config = static_cast<unsigned>(rng.bits(3));
        break;
    case 2:
        s.config = STE_BYPASS;
        break;
    case 3:
        s.s1stalld = 1;
        break;
    case 4:
        if (!masked(gap::context_ptr_size))
            s.s1contextptr |= uint64_t{1} << rng.between(44, 51);
        break;
    case 5:
        s.s1contextptr |= uint64_t{1} << rng.between(40, 43); // nothing answers there
        break;
    }
}

// One field that makes the CD ILLEGAL, or stops translation or the recording of faults (5.4.2).
void spoil_cd(random_source &rng, cd &c)
{
    switch (rng.below(14)) {
    case 0:
        c.v = 0;
        break;
    case 1:
        c.aa64 = 0;
        break;
    case 2:
        c.t0sz = static_cast<unsigned>(rng.coin() ? rng.below(16) : rng.between(40, 63));
        break;
    case 3:
        c.tg0 = 3;
        break;
    case 4:
        c.endi = 1;
        break;
    case 5:
        c.ha = 1;
        break;
    case 6:
        c.hd = 1;
        break;
    case 7:
        c.s = 1;
        break;
    case 8:
        c.a = 0;
        break;
    case 9:
        c.ttb0 |= uint64_t{1} << rng.between(44, 47);
        break;
    case 10:
        c.epd0 = 1;
        break;
    case 11:
        c.epd1 = 0;
        c.tg1 = 0;
        break;
    case 12:
        c.epd1 = 0;
        c.t1sz = static_cast<unsigned>(rng.coin() ? rng.below(16) : rng.between(40, 63));
        break;
    case 13:
        c.epd1 = 0;
        c.ttb1 |= uint64_t{1} << rng.between(44, 47);
        break;
    }
}

} // namespace

random_stream::random_stream(lockstep &steps, random_source &rng, unsigned device, unsigned asid)
    : steps_(steps), rng_(rng), device_(device), granule_(pick_granule(rng)),
      input_bits_(static_cast<unsigned>(rng.between(64 - 39, 64 - 16))),
      table_(steps.mem, steps.frames, input_bits_, granule_)
{
    randomise_context(asid);
    for (unsigned i = 0; i < mappings_per_stream; ++i)
        add_mapping();
    entry_.config = STE_S1_TRANS;
    entry_.s1contextptr = steps.frames.allocate(64, 64);
    entry_.s1cir = static_cast<unsigned>(rng.bits(2));
    entry_.s1cor = static_cast<unsigned>(rng.bits(2));
    entry_.s1csh = static_cast<unsigned>(rng.bits(2));
    entry_.eats = masked(gap::s1cdmax) ? 0 : static_cast<unsigned>(rng.bits(2));
    entry_.s1cdmax = masked(gap::s1cdmax) ? 0 : static_cast<unsigned>(rng.bits(2));
    store_cd(context_);
    steps.set_ste(sid(), entry_);
    if (rng.one_in(12))
        change_ste();
    if (rng.one_in(12))
        change_cd();
}

void random_stream::randomise_context(unsigned asid)
{
    context_.asid = asid;
    context_.t0sz = 64 - input_bits_;
    context_.tg0 = tg0_of(granule_);
    context_.ttb0 = table_.base();
    context_.epd1 = masked(gap::ttb1) || rng_.coin();
    context_.t1sz = static_cast<unsigned>(rng_.between(16, 39));
    context_.ttb1 = table_.base();
    context_.ips = static_cast<unsigned>(rng_.below(6));
    context_.affd = rng_.coin();
    context_.wxn = rng_.coin();
    context_.uwxn = rng_.coin();
    context_.pan = masked(gap::pan) ? 0 : rng_.coin();
    context_.had0 = rng_.coin();
    context_.r = !rng_.one_in(6);
    context_.ir0 = static_cast<unsigned>(rng_.bits(2));
    context_.or0 = static_cast<unsigned>(rng_.bits(2));
    context_.sh0 = static_cast<unsigned>(rng_.between(2, 3));
}

void random_stream::store_cd(const cd &context)
{
    steps_.mem.store_image(entry_.s1contextptr, context.encode());
}

// RAM above the tables, within what CD.IPS allows.
uint64_t random_stream::random_output()
{
    static const unsigned sizes[] = {32, 36, 40, 42, 44, 48};
    const bool beyond = !masked(gap::output_size) && rng_.one_in(8);
    const uint64_t limit = std::min(ram_end, ones(sizes[beyond ? 5 : context_.ips]) + 1);
    return lockstep::data_base + rng_.below(limit - lockstep::data_base);
}

uint64_t random_stream::random_leaf(unsigned level)
{
    leaf_attributes a;
    a.attr_index = static_cast<unsigned>(rng_.bits(3));
    a.ns = rng_.coin();
    a.ap = static_cast<unsigned>(rng_.bits(2));
    a.sh = static_cast<unsigned>(rng_.between(2, 3));
    a.af = !(rng_.one_in(4) && (context_.affd || !masked(gap::access_flag)));
    a.ng = 1;
    a.pxn = rng_.coin();
    a.uxn = rng_.coin();
    return leaf_descriptor(random_output() & ~ones(level_shift(granule_, level)), level, a);
}

uint64_t random_stream::random_bad_descriptor(unsigned level)
{
    // A table where no memory answers, between RAM and the high PCIe windows.
    const uint64_t nowhere = ram_end + rng_.below(uint64_t{64} << 30);
    const bool may_be_nowhere = level < 3 && context_.ips >= 2;
    switch (rng_.below(may_be_nowhere ? 3 : 2)) {
    case 0:
        return rng_.bits(64) & ~uint64_t{1};
    case 1: { // Reserved, at the levels where it is
        const bool no_block = level < first_leaf_level(granule_) && !masked(gap::block_level);
        return level == 3 || no_block ? leaf_descriptor(0, 2) : 0;
    }
    default:
        return table_descriptor(nowhere & ~ones(static_cast<unsigned>(granule_)));
    }
}

void random_stream::add_mapping()
{
    uint64_t va = rng_.bits(input_bits_);
    if (!mappings_.empty() && rng_.coin()) // near another one, to share tables
        va = (mappings_[rng_.below(mappings_.size())].va ^ rng_.bits(26)) & ones(input_bits_);
    const unsigned top = table_.start_level();
    const bool bad = rng_.one_in(6);
    const unsigned first = bad ? top : std::max(top, first_leaf_level(granule_));
    const unsigned level = rng_.coin() ? 3 : static_cast<unsigned>(rng_.between(first, 3));
    table_attributes limits;
    if (context_.had0 || !masked(gap::table_permissions))
        limits.ap_table = static_cast<unsigned>(rng_.bits(2));
    limits.pxn_table = rng_.coin();
    limits.uxn_table = rng_.coin();
    limits.ns_table = rng_.coin();
    const uint64_t at = table_.descriptor_address(va, level, limits);
    if (steps_.mem.load64(at) != 0 && rng_.coin())
        return; // what was there first, perhaps a table, often stays
    steps_.mem.store64(at, bad ? random_bad_descriptor(level) : random_leaf(level));
    mappings_.push_back({va, level});
}

std::string random_stream::describe() const
{
    std::ostringstream text;
    text << std::hex << " sid 0x" << sid();
    const auto print = [&](const char *what, uint64_t addr) {
        text << '\n' << what << " at 0x" << addr << ':';
        for (const uint64_t word : steps_.mem.load_image<8>(addr).word)
            text << " 0x" << word;
    };
    print("STE", steps_.ste_address(sid()));
    print("CD", entry_.s1contextptr);
    return text.str();
}

const mapping &random_stream::pick_mapping()
{
    return mappings_[rng_.below(mappings_.size())];
}

uint64_t random_stream::address_in(const mapping &m)
{
    return m.va ^ rng_.bits(level_shift(granule_, m.level));
}

uint64_t random_stream::pick_address()
{
    uint64_t va = address_in(pick_mapping());
    if (rng_.one_in(8))
        va ^= uint64_t{1} << rng_.below(48);
    if (rng_.one_in(24))
        va = rng_.bits(masked(gap::input_size) ? 48 : 64);
    return va;
}

bool random_stream::change_mapping(const mapping &m)
{
    const uint64_t frames_before = steps_.frames.allocate(0, 1);
    const uint64_t at = table_.descriptor_address(m.va, m.level);
    const bool table_made = steps_.frames.allocate(0, 1) != frames_before;
    const uint64_t old = steps_.mem.load64(at);
    const bool table_lost = m.level < 3 && (old & 3) == 3;
    const bool may_be_leaf = m.level >= first_leaf_level(granule_);
    const uint64_t dice = rng_.below(8);
    uint64_t descriptor = 0;
    if (dice < 2 && may_be_leaf)
        descriptor = old ^ uint64_t { 1 } << 7; // AP[2]
    else if (dice == 2)
        descriptor = random_bad_descriptor(m.level);
    else if (dice > 3 && may_be_leaf)
        descriptor = random_leaf(m.level);
    steps_.mem.store64(at, descriptor);
    return table_made || table_lost;
}

void random_stream::change_ste()
{
    ste changed = entry_;
    if (!rng_.one_in(3))
        spoil_ste(rng_, changed);
    steps_.set_ste(sid(), changed);
}

void random_stream::change_cd()
{
    cd changed = context_;
    if (!rng_.one_in(3))
        spoil_cd(rng_, changed);
    changed.r = rng_.coin();
    store_cd(changed);
}

} // namespace differential
