// SPDX-License-Identifier: Apache-2.0
// Mostly good structures; the rest bypass, abort or are bad in some way.
#include "core/random_world.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "support/cd_table.hpp"
#include "support/stage2.hpp"

using namespace support;

// CDs and stage 1 tables lie in one window of physical memory, which stage 2 finds at IPA 0.
static constexpr uint64_t window = 0x40000000;
static constexpr uint64_t window_size = 1 << 25;

random_world::random_world(device_under_test &dut, random_source &rng, bool ats)
    : dut_(dut), rng_(rng), stage1_frames_(window), ats_(ats)
{
}

static unsigned tg0_of(granule g)
{
    return g == granule::k4 ? TG0_4K : g == granule::k16 ? TG0_16K : TG0_64K;
}

static unsigned tg1_of(granule g)
{
    return g == granule::k4 ? TG1_4K : g == granule::k16 ? TG1_16K : TG1_64K;
}

static unsigned output_bits_of(const smmu_config &cfg, unsigned ps)
{
    static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52, 56};
    return std::min<unsigned>(sizes[ps], cfg.oas_bits);
}

void random_world::spoil_ste(ste &entry)
{
    switch (rng_.below(dut_.config().d128 ? 21 : 20)) {
    case 0:
        entry.v = 0;
        break;
    case 1:
        entry.config = static_cast<unsigned>(rng_.bits(3));
        break;
    case 2:
        entry.s1stalld = 1;
        break;
    case 3:
        entry.s1contextptr |= random_bit(32, 55);
        break;
    case 4:
        entry.s1cdmax = static_cast<unsigned>(rng_.bits(5));
        break;
    case 5:
        entry.s2t0sz = static_cast<unsigned>(rng_.bits(6));
        break;
    case 6:
        entry.s2sl0 = static_cast<unsigned>(rng_.bits(2));
        break;
    case 7:
        entry.s2tg = static_cast<unsigned>(rng_.bits(2));
        break;
    case 8:
        entry.s2ttb |= random_bit(32, 55);
        break;
    case 9:
        entry.s2endi ^= 1;
        break;
    case 10:
        entry.s2ha = 1;
        break;
    case 11:
        entry.s2hd = 1;
        break;
    case 12:
        entry.s2s ^= 1;
        break;
    case 13:
        entry.s2fwb = 1;
        break;
    case 14:
        entry.s2ds ^= 1;
        break;
    case 15:
        entry.s2sl0_2 ^= 1;
        break;
    case 16:
        entry.s2pie ^= 1;
        break;
    case 17:
        entry.s2poe ^= 1;
        break;
    case 18:
        entry.s2haft = 1;
        break;
    case 20:
        entry.s2aa64 ^= 1;
        entry.s2skl = static_cast<unsigned>(rng_.bits(2));
        break;
    default:
        entry.s2vmid |= 0x100;
        break;
    }
}

void random_world::spoil_cd(cd &c)
{
    switch (rng_.below(dut_.config().d128 ? 17 : 15)) {
    case 0:
        c.v = 0;
        break;
    case 1:
        c.s ^= 1;
        break;
    case 2:
        c.t0sz = static_cast<unsigned>(rng_.bits(6));
        break;
    case 3:
        c.t1sz = static_cast<unsigned>(rng_.bits(6));
        break;
    case 4:
        c.tg0 = static_cast<unsigned>(rng_.bits(2));
        break;
    case 5:
        c.tg1 = static_cast<unsigned>(rng_.bits(2));
        break;
    case 6:
        c.endi ^= 1;
        break;
    case 7:
        c.ha = 1;
        break;
    case 8:
        c.hd = 1;
        break;
    case 9:
        c.ttb0 |= random_bit(32, 55);
        break;
    case 10:
        c.ttb1 |= random_bit(32, 55);
        break;
    case 11:
        c.ds ^= 1;
        break;
    case 12:
        c.pie ^= 1;
        break;
    case 13:
        c.haft = 1;
        break;
    case 15:
        c.aa64 ^= 1;
        break;
    case 16:
        c.skl0 = static_cast<unsigned>(rng_.bits(2));
        c.skl1 = static_cast<unsigned>(rng_.bits(2));
        break;
    default:
        c.asid |= 0x100;
        break;
    }
}

// Whether tables are read by two CDs, or by two STEs, in the same way. In another one runs are
// none.
static bool same_geometry(const cd &a, const cd &b)
{
    return std::tie(a.t0sz, a.t1sz, a.tg0, a.tg1, a.ds, a.aa64, a.skl0, a.skl1, a.endi) ==
           std::tie(b.t0sz, b.t1sz, b.tg0, b.tg1, b.ds, b.aa64, b.skl0, b.skl1, b.endi);
}

static bool same_geometry(const ste &a, const ste &b)
{
    return std::tie(a.config, a.s2t0sz, a.s2sl0, a.s2sl0_2, a.s2tg, a.s2ds, a.s2aa64, a.s2skl,
                    a.s2endi) == std::tie(b.config, b.s2t0sz, b.s2sl0, b.s2sl0_2, b.s2tg, b.s2ds,
                                          b.s2aa64, b.s2skl, b.s2endi);
}

// 16 codes of `width` bits, any of those that are not Reserved.
uint64_t random_world::random_interpretations(const std::vector<unsigned> &codes, unsigned width)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 16; ++i)
        word |= uint64_t{codes[rng_.below(codes.size())]} << width * i;
    return word;
}

// IHI 0070 5.4: what privileged accesses execute others do not write.
void random_world::make_s1_indirect(ste &entry, cd &c)
{
    const smmu_config &cfg = dut_.config();
    entry.s1pie = cfg.s1pi && (rng_.coin() || cfg.d128);
    c.pie = entry.s1pie != 0 ? !rng_.one_in(4) : rng_.coin();
    c.piiu = random_interpretations({0, 1, 2, 3, 5, 7}, 3);
    c.piip = random_interpretations({0, 1, 2, 3, 5, 7}, 3);
    for (unsigned bit = 0; bit < 48; bit += 3)
        if ((c.piip >> bit & 2) != 0 && (c.piiu >> bit & 4) != 0)
            c.piiu &= ~(uint64_t{7} << bit);
    if (rng_.one_in(24))
        (rng_.coin() ? c.piiu : c.piip) ^= random_bit(0, 47);
}

// POIndex 0 is that of plain pages.
void random_world::make_s2_indirect(ste &entry, bool s2_d128)
{
    const smmu_config &cfg = dut_.config();
    entry.s2pie = cfg.s2pi && (cfg.the ? !rng_.one_in(6) : rng_.coin());
    entry.s2poe = (entry.s2pie != 0 || s2_d128) && cfg.s2po && rng_.coin();
    entry.s2poi = random_interpretations({0, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 4);
    if (!rng_.one_in(8))
        entry.s2poi |= 15;
    if (rng_.one_in(24))
        entry.s2poi ^= random_bit(0, 63);
}

// Structures are mostly in MRO memory where first tables may be: S2PII8 is MRO-TL01, S2PII3 MRO,
// S2PII4 MRO-TL1, S2PII7 MRO-TL0. Some overlays leave it so.
void random_world::harden(random_stream &s, ste &entry, bool s2_d128)
{
    entry.assuredonly = !rng_.one_in(8);
    entry.tl0 = !rng_.one_in(6);
    entry.tl1 = !rng_.one_in(6);
    s.s2->hardened = !rng_.one_in(12);
    if (s.s2_vmsa32 || (entry.s2pie == 0 && !s2_d128) || rng_.one_in(12))
        return;
    s.s2->page_indexes.assign(30, 8);
    s.s2->page_indexes.insert(s.s2->page_indexes.end(), {1, 3, 4, 7});
}

// log2 of the largest tables of VMSAv9-128: mostly they are of a megabyte at most, which other
// tables lie behind.
unsigned random_world::largest_table()
{
    if (!spoiled_)
        return 20;
    return rng_.one_in(8) ? 36 : rng_.one_in(4) ? 28 : 20;
}

void random_world::build_stage2(random_stream &s, ste &entry, unsigned vmid)
{
    const smmu_config &cfg = dut_.config();
    s.s2_vmsa32 = cfg.vmsa32 && rng_.one_in(3);
    const bool s2_d128 = cfg.d128 && !rng_.one_in(3);
    entry.s2ds = cfg.ds && rng_.coin(); // RES0 of VMSAv8-32
    const table_limits limits{cfg.oas_bits, cfg.vax52, cfg.stt, entry.s2ds != 0, cfg.vax56};
    random_table::geometry g = s.s2_vmsa32 ? random_stage2_geometry32(rng_)
                               : s2_d128   ? random_geometry128(rng_, limits, true, largest_table())
                                           : random_stage2_geometry(rng_, limits);
    g.big_endian = cfg.ttendian == SMMU_TT_BIG || (cfg.ttendian == SMMU_TT_MIXED && rng_.coin());
    entry.s2ps = static_cast<unsigned>(rng_.one_in(4) ? rng_.bits(3) : s2_d128 ? 7 : 6);
    s.s2 = std::make_unique<random_table>(rng_, dut_.mem, dut_.frames, g);
    s.s2->runs = cfg.contiguous;
    s.s2->output_bits = s.s2_vmsa32 ? 40 : output_bits_of(cfg, entry.s2ps);

    entry.s2vmid = vmid;
    entry.s2t0sz = 64 - g.region_bits;
    const unsigned sl = s2_d128 ? 0 : s2sl0_of(g.size, g.start_level); // RES0 of VMSAv9-128
    entry.s2sl0 = sl & 3;
    entry.s2sl0_2 = entry.s2ds != 0 ? sl >> 2 : rng_.coin();
    entry.s2sh0 = static_cast<unsigned>(rng_.bits(2));
    entry.s2tg = tg0_of(g.size);
    entry.s2aa64 = !s2_d128;
    entry.s2endi = g.big_endian;
    entry.s2affd = rng_.one_in(3);
    entry.s2ptw = rng_.one_in(4);
    entry.s2fwb = rng_.coin();
    entry.s2ha = cfg.httu >= SMMU_HTTU_ACCESS && rng_.coin();
    entry.s2hd = cfg.httu >= SMMU_HTTU_DIRTY && rng_.coin();
    entry.s2haft = entry.s2ha != 0 ? rng_.coin() : cfg.httu < SMMU_HTTU_TABLES && rng_.coin();
    entry.s2s = cfg.stall_model == SMMU_STALL_ONLY ||
                (cfg.stall_model == SMMU_STALL_AND_TERMINATE && rng_.one_in(3));
    entry.s2r = !rng_.one_in(4);
    entry.s2ttb = s.s2->base();
    entry.s2skl = s2_d128 ? g.skl : static_cast<unsigned>(rng_.bits(2));
    if (s2_d128)
        entry.s2sl0 = static_cast<unsigned>(rng_.bits(2));
    make_s2_indirect(entry, s2_d128);
    if (cfg.the)
        harden(s, entry, s2_d128);
    if (!s.s2_vmsa32)
        return;
    entry.s2pie = entry.s2poe = 0;
    entry.s2aa64 = 0;
    entry.s2t0sz = ((32 - g.region_bits) & 15) | static_cast<unsigned>(rng_.bits(2)) << 4;
    entry.s2sl0 = static_cast<unsigned>(2 - g.start_level);
    entry.s2tg = static_cast<unsigned>(rng_.bits(2)); // ignored
    entry.s2ha = entry.s2hd = entry.s2haft = entry.s2fwb = 0;
}

void random_world::build_stage1(random_stream &s, ste &entry, cd &c, bool nested)
{
    const smmu_config &cfg = dut_.config();
    const uint64_t bias = nested ? window : 0;
    s.s1_vmsa32 = cfg.vmsa32 && (nested && s.s2_vmsa32 ? !rng_.one_in(30) : rng_.coin());
    c.ips = static_cast<unsigned>(rng_.one_in(3) ? rng_.bits(3) : cfg.d128 ? 7 : 6);
    c.ds = cfg.ds && rng_.coin(); // RES0 of VMSAv8-32
    c.sh0 = static_cast<unsigned>(rng_.bits(2));
    c.sh1 = static_cast<unsigned>(rng_.bits(2));
    const table_limits limits{cfg.oas_bits, cfg.vax52, cfg.stt, c.ds != 0, cfg.vax56};
    const bool el2 = !nested && entry.strw != 0 && (dut_.read32(reg::CR2) & reg::CR2_E2H) == 0;
    const bool d128 = cfg.d128 && !el2 && !rng_.one_in(3);
    frame_allocator &frames = d128 && !nested ? dut_.frames : stage1_frames_;
    c.endi = cfg.ttendian == SMMU_TT_BIG || (cfg.ttendian == SMMU_TT_MIXED && rng_.coin());
    for (unsigned n = 0; n < 2; ++n) {
        random_table::geometry g =
            s.s1_vmsa32 ? random_stage1_geometry32(rng_)
            : d128      ? random_geometry128(rng_, limits, false, nested ? 20 : largest_table())
                        : random_stage1_geometry(rng_, limits);
        g.big_endian = c.endi != 0;
        g.bias = bias;
        auto &table = n == 0 ? s.low : s.high;
        table = std::make_unique<random_table>(rng_, dut_.mem, frames, g);
        table->globals = globals_;
        table->runs = cfg.contiguous;
        table->hardened = cfg.the;
        table->output_bits = s.s1_vmsa32 ? 40 : output_bits_of(cfg, c.ips);
        if (nested && rng_.one_in(2))
            table->output_bits = std::min(table->output_bits, s.s2->shape().region_bits);
        (n == 0 ? c.t0sz : c.t1sz) =
            s.s1_vmsa32 ? (32 - g.region_bits) | static_cast<unsigned>(rng_.bits(3)) << 3
                        : 64 - g.region_bits;
        (n == 0 ? c.ttb0 : c.ttb1) = table->base();
        (n == 0 ? c.skl0 : c.skl1) = g.skl;
    }
    c.tg0 = tg0_of(s.low->shape().size);
    c.tg1 = tg1_of(s.high->shape().size);
    c.aa64 = !s.s1_vmsa32 && !d128;
    c.tbi0 = rng_.coin();
    c.tbi1 = rng_.coin();
    c.affd = rng_.one_in(3);
    c.wxn = rng_.one_in(3);
    c.uwxn = rng_.one_in(3);
    c.pan = rng_.one_in(3);
    c.epan = rng_.coin(); // RES0 of VMSAv8-32, and without IDR3.EPAN
    c.had0 = rng_.one_in(3);
    c.had1 = rng_.one_in(3);
    c.aie = rng_.coin(); // RES0 of VMSAv8-32, and without IDR3.AIE
    c.e0pd0 = rng_.one_in(4);
    c.e0pd1 = rng_.one_in(4);
    c.ha = cfg.httu >= SMMU_HTTU_ACCESS && rng_.coin();
    c.hd = cfg.httu >= SMMU_HTTU_DIRTY && rng_.coin();
    c.haft = c.ha != 0 ? rng_.coin() : cfg.httu < SMMU_HTTU_TABLES && rng_.coin();
    c.a = cfg.term_abort_only || !rng_.one_in(4);
    c.r = !rng_.one_in(4);
    c.s = cfg.stall_model == SMMU_STALL_ONLY ||
          (cfg.stall_model == SMMU_STALL_AND_TERMINATE && !entry.s1stalld && rng_.one_in(3));
    c.aset = rng_.coin();
    c.epd0 = rng_.one_in(12);
    c.epd1 = rng_.one_in(12);
    if (c.epd0 && rng_.coin()) // of VMSAv8-64 the other fields are IGNORED then
        c.t0sz = static_cast<unsigned>(rng_.coin() ? rng_.bits(6) : 0);
    if (c.epd1 && rng_.coin())
        c.t1sz = static_cast<unsigned>(rng_.coin() ? rng_.bits(6) : 0);
    c.mair = rng_.bits(64);
    make_s1_indirect(entry, c);
    c.pnch = cfg.the && !rng_.one_in(12); // RES0 but of VMSAv8-64
}

void random_world::fill_addresses(random_stream &s, bool stage1, bool stage2)
{
    for (unsigned i = 0; i < 16; ++i) {
        const unsigned n = rng_.coin() ? 1 : 0;
        random_table &first = stage1 ? (n == 0 ? *s.low : *s.high) : *s.s2;
        const unsigned region = first.shape().region_bits;
        uint64_t ia = rng_.bits(region);
        if (!s.addresses.empty() && rng_.coin()) // near another one, to share tables
            ia = (any(s.addresses).at ^ rng_.bits(24)) & ones(region);
        const auto out = first.grow(ia);
        if (stage1 && stage2 && out && *out >> s.s2->shape().region_bits == 0)
            s.s2->grow(*out);
        const uint64_t top = s.s1_vmsa32 ? ones(32) : ~uint64_t{0};
        s.addresses.push_back({stage1 && n == 1 ? ia | (top & ~ones(region)) : ia, &first});
    }
}

void random_world::store_cds(random_stream &s, ste &entry, const cd &context, bool nested)
{
    const smmu_config &cfg = dut_.config();
    const unsigned cd_max = cfg.ssid_bits >= 2 && !rng_.one_in(4) ? 2 : 0;
    const unsigned s1fmt = cfg.cd2l && cd_max != 0 ? static_cast<unsigned>(rng_.below(3)) : 0;
    cd_table cds(dut_.mem, stage1_frames_, s1fmt, cd_max);
    cds.apply(entry);
    for (uint32_t index = 0; index < 1u << cd_max; ++index) {
        cd c = context;
        c.v = c.v && (index == 0 || !rng_.one_in(4));
        s.contexts.push_back(c);
        s.cds.push_back(cds.cd_address(index));
        dut_.mem.store_image(s.cds.back(), c.encode());
    }
    if (nested)
        entry.s1contextptr -= window;
    if (s1fmt == 0)
        return;
    const uint64_t l1cd = dut_.mem.load64(cds.l1cd_address(0));
    dut_.mem.store64(cds.l1cd_address(0), rng_.one_in(16)   ? l1cd & ~uint64_t{1}
                                          : rng_.one_in(16) ? l1cd | random_bit(32, 55)
                                          : nested          ? l1cd - window
                                                            : l1cd);
}

// Stage 2 maps the window, but for what its random descriptors already say otherwise. With ATS it
// refuses some updates of stage 1 tables.
void random_world::map_structures(random_stream &s)
{
    const uint64_t page = uint64_t{1} << s.s2->page_bits();
    const uint64_t used = stage1_frames_.allocate(0, 1) - window;
    for (uint64_t ipa = 0; ipa < std::min(used, window_size); ipa += page)
        s.s2->map_page(ipa, window + ipa, ats_ && rng_.coin());
}

// Mostly what the stages allow.
void random_world::allow_ats(ste &entry)
{
    const bool split = entry.config == STE_NESTED && rng_.coin();
    const unsigned full = dut_.config().dpt && rng_.coin() ? 3 : 1;
    entry.eats = rng_.one_in(8) ? static_cast<unsigned>(rng_.bits(2)) : split ? 2 : full;
    if (!rng_.one_in(16))
        entry.s2s = 0;
}

// Mostly labels that there are, with a VMS of the stream's own.
void random_world::label(ste &entry, cd &context)
{
    const smmu_config &cfg = dut_.config();
    const auto partid = [&] {
        return static_cast<unsigned>(rng_.one_in(6) ? rng_.bits(16)
                                                    : rng_.below(cfg.partid_max + 1u));
    };
    const auto pmg = [&] {
        return static_cast<unsigned>(rng_.one_in(6) ? rng_.bits(8) : rng_.below(cfg.pmg_max + 1u));
    };
    entry.s1mpam = !rng_.one_in(3);
    entry.partid = partid();
    entry.pmg = pmg();
    context.partid = partid();
    context.pmg = pmg();
    entry.vmsptr = dut_.frames.allocate(4096, 4096);
    for (unsigned i = 0; i < 32; i += 4)
        dut_.mem.store64(entry.vmsptr + 2 * i, partid() | uint64_t{partid()} << 16 |
                                                   uint64_t{partid()} << 32 |
                                                   uint64_t{partid()} << 48);
    if (rng_.one_in(12))
        entry.vmsptr |= random_bit(32, 55);
    if (rng_.one_in(12))
        dut_.mem.abort_on({entry.vmsptr, entry.vmsptr + 63, SMMU_FETCH_VMS});
}

void random_world::build_stream(uint32_t sid, unsigned tag, bool el2_allowed)
{
    const smmu_config &cfg = dut_.config();
    random_stream s;
    s.sid = sid;
    ste entry;
    cd context;
    const uint64_t kind = rng_.below(10);
    const bool stage2 = cfg.s2p && (kind >= 3 || !cfg.s1p);
    const bool stage1 = cfg.s1p && (!stage2 || kind >= 5);
    entry.config = 4u | (stage1 ? 1u : 0u) | (stage2 ? 2u : 0u);
    entry.s1stalld = cfg.stall_model == SMMU_STALL_AND_TERMINATE && rng_.one_in(3);
    entry.strw = stage1 && !stage2 && el2_allowed && rng_.coin() ? 2 : 0;
    if (stage2)
        entry.strw = static_cast<unsigned>(rng_.bits(2)); // ignored
    entry.memattr = static_cast<unsigned>(rng_.bits(4));
    entry.mtcfg = rng_.coin();
    entry.alloccfg = static_cast<unsigned>(rng_.bits(4));
    entry.shcfg = static_cast<unsigned>(rng_.bits(2));
    entry.privcfg = static_cast<unsigned>(rng_.bits(2));
    entry.instcfg = static_cast<unsigned>(rng_.bits(2));
    entry.s1cir = static_cast<unsigned>(rng_.bits(2));
    entry.s1dss = static_cast<unsigned>(rng_.one_in(4) ? rng_.bits(2) : rng_.between(1, 2));
    entry.s2vmid = tag;
    context.asid = tag;

    if (stage2)
        build_stage2(s, entry, tag);
    if (stage1)
        build_stage1(s, entry, context, stage2);
    fill_addresses(s, stage1, stage2);
    if (cfg.mpam)
        label(entry, context);
    if (spoiled_ && rng_.one_in(12)) {
        cd spoilt = context;
        spoil_cd(spoilt);
        if (!cfg.contiguous || same_geometry(spoilt, context))
            context = spoilt;
    }
    if (stage1)
        store_cds(s, entry, context, stage2);
    if (stage1 && stage2)
        map_structures(s);
    if (spoiled_ && rng_.one_in(12)) {
        ste spoilt = entry;
        spoil_ste(spoilt);
        if (!cfg.contiguous || same_geometry(spoilt, entry))
            entry = spoilt;
    }
    if (rng_.one_in(16))
        entry.config = STE_BYPASS;
    if (ats_)
        allow_ats(entry);
    dut_.set_ste(sid, entry);
    s.entry = entry;
    streams_.push_back(std::move(s));
}

// Some level 1 descriptors end early, point beyond the OAS or cannot be read.
void random_world::spoil_l1std()
{
    const uint64_t at = dut_.l1std_address(streams_[0].sid);
    const uint64_t descriptor = dut_.mem.load64(at);
    if (rng_.one_in(8))
        dut_.mem.store64(at, (descriptor & ~ones(5)) | rng_.bits(5));
    if (rng_.one_in(16))
        dut_.mem.store64(at, descriptor | random_bit(32, 55));
    if (rng_.one_in(16))
        dut_.mem.abort_on({at, at + 7, SMMU_FETCH_L1STD});
}

void random_world::add_aborts()
{
    for (uint64_t region : {window, device_under_test::frames_base}) {
        const uint64_t at = region + (rng_.below(64) << 12);
        if (rng_.one_in(3))
            dut_.mem.abort_on({at, at + rng_.bits(13), SMMU_FETCH_TTD});
        if (rng_.one_in(6))
            dut_.mem.abort_on({at, at + rng_.bits(14), SMMU_FETCH_TTD_UPDATE});
    }
    if (rng_.one_in(24))
        dut_.mem.abort_on({window, window + window_size, SMMU_FETCH_CD});
    if (rng_.one_in(24))
        dut_.mem.abort_on({window, window + window_size, SMMU_FETCH_L1CD});
    if (rng_.one_in(16)) {
        const uint64_t at = dut_.ste_address(streams_[0].sid);
        dut_.mem.abort_on({at, at + 63, SMMU_FETCH_STE});
    }
}

void random_world::build(bool spoiled)
{
    spoiled_ = spoiled;
    dut_.mem.clear();
    dut_.mem.clear_aborts();
    dut_.frames = frame_allocator(dut_.frames_base);
    stage1_frames_ = frame_allocator(window);
    streams_.clear();
    last_tag_ = 20;
    // Global translations serve all ASIDs, so they need a round with one address space.
    globals_ = rng_.one_in(3);
    const unsigned count = globals_ ? 1 : 3;
    for (unsigned i = 0; i < count; ++i)
        build_stream(static_cast<uint32_t>(64 * i + rng_.below(64)), 10 + i, i == 0);
    add_aborts();
    if ((dut_.read32(reg::STRTAB_BASE_CFG) >> 16 & 3) == 1)
        spoil_l1std();
    dut_.invalidate_all();
    if (dut_.config().hyp)
        dut_.submit(tlbi_el2_all());
    dut_.submit(cmd_sync());
    if (dut_.cmdq_error() != 0)
        throw std::logic_error("invalidation failed");
}

oracle::transaction random_world::access()
{
    const random_stream &s = any(streams_);
    oracle::transaction t;
    t.sid = s.sid;
    t.addr = any(s.addresses).at;
    t.addr ^= rng_.bits(static_cast<unsigned>(rng_.between(1, 13)));
    if (rng_.one_in(8))
        t.addr ^= rng_.bits(8) << 56;
    if (rng_.one_in(8))
        t.addr ^= random_bit(0, 63);
    if (rng_.one_in(16))
        t.addr = rng_.bits(64);
    t.write = rng_.one_in(3);
    t.instr = rng_.one_in(3);
    t.priv = rng_.coin();
    t.ssv = rng_.one_in(dut_.config().ssid_bits > 0 ? 3 : 20);
    t.ssid = static_cast<uint32_t>(rng_.one_in(8) ? rng_.bits(20) : rng_.bits(2));
    t.can_stall = rng_.coin();
    t.mair = static_cast<uint8_t>(rng_.bits(8));
    if (t.mair >= 0x10 && t.mair % 16 == 0)
        t.mair = 0x44; // not an attribute
    if (t.mair < 0x10)
        t.mair &= 0x0c;
    t.sh = static_cast<uint8_t>(rng_.bits(2));
    if (rng_.one_in(30))
        t.sid = static_cast<uint32_t>(rng_.bits(rng_.coin() ? 8 : 32));
    return t;
}
