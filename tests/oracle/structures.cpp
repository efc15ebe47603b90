// SPDX-License-Identifier: Apache-2.0
// Validity of configuration structures, in the order of the specification's own functions.
#include "oracle/structures.hpp"

#include "oracle/labels.hpp"

#include <algorithm>
#include <stdexcept>

namespace oracle {

uint64_t bits(uint64_t number, unsigned high, unsigned low)
{
    const unsigned width = high - low + 1;
    number >>= low;
    return width == 64 ? number : number % (uint64_t{1} << width);
}

uint64_t raw512::field(unsigned high, unsigned low) const
{
    uint64_t value = 0;
    for (unsigned bit = high + 1; bit-- > low;)
        value = value * 2 + (bytes[bit / 8] >> bit % 8 & 1);
    return value;
}

// IHI 0070 6.3.6, SMMU_IDR5.OAS.
static unsigned address_size(unsigned encoding)
{
    static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52, 56};
    return sizes[encoding];
}

id_fields::id_fields(const registers &regs)
    : ns1ats(bits(regs.idr0, 11, 11)), xnx(bits(regs.idr3, 4, 4)),
      st_level(bits(regs.idr0, 28, 27)), term_model(bits(regs.idr0, 26, 26)),
      stall_model(bits(regs.idr0, 25, 24)), ttendian(bits(regs.idr0, 22, 21)),
      cd2l(bits(regs.idr0, 19, 19)), vmid16(bits(regs.idr0, 18, 18)),
      asid16(bits(regs.idr0, 12, 12)), ats(bits(regs.idr0, 10, 10)), hyp(bits(regs.idr0, 9, 9)),
      httu(bits(regs.idr0, 7, 6)), ttf(bits(regs.idr0, 3, 2)), s1p(bits(regs.idr0, 1, 1)),
      s2p(bits(regs.idr0, 0, 0)), attr_types_ovr(bits(regs.idr1, 27, 27)),
      attr_perms_ovr(bits(regs.idr1, 26, 26)), ssidsize(bits(regs.idr1, 10, 6)),
      sidsize(bits(regs.idr1, 5, 0)), had(bits(regs.idr3, 2, 2)), fwb(bits(regs.idr3, 8, 8)),
      stt(bits(regs.idr3, 9, 9)), e0pd(bits(regs.idr3, 13, 13)), epan(bits(regs.idr3, 17, 17)),
      s1pi(bits(regs.idr3, 18, 18)), s2pi(bits(regs.idr3, 19, 19)), s2po(bits(regs.idr3, 20, 20)),
      the(bits(regs.idr3, 21, 21)), aie(bits(regs.idr3, 23, 23)), mteperm(bits(regs.idr3, 22, 22)),
      pbha(bits(regs.idr3, 3, 3)), vax(bits(regs.idr5, 11, 10)), ds(bits(regs.idr5, 7, 7)),
      d128(bits(regs.idr5, 8, 8)), mpam(bits(regs.idr3, 7, 7)),
      partid_max(bits(regs.mpamidr, 15, 0)), pmg_max(bits(regs.mpamidr, 23, 16)),
      dpt(bits(regs.idr3, 15, 15)), minor(bits(regs.aidr, 3, 0)),
      gran4k(bits(regs.idr5, 4, 4) != 0), gran16k(bits(regs.idr5, 5, 5) != 0),
      gran64k(bits(regs.idr5, 6, 6) != 0), oas(address_size(bits(regs.idr5, 2, 0))),
      s2pii(regs.s2pii), ias(bits(regs.idr0, 2, 2) == 1 && oas < 40 ? 40 : oas)
{
    if (vax > 2)
        throw std::domain_error("the SMMU has a feature that the oracle does not know");
}

static bool is(uint64_t config, const char *pattern)
{
    for (unsigned i = 0; i < 3; ++i)
        if (pattern[i] != 'x' && bits(config, 2 - i, 2 - i) != uint64_t(pattern[i] - '0'))
            return false;
    return true;
}

// IHI 0070 5.2.2, IgnoreSTESTRW().
static bool ignore_strw(const id_fields &id, uint64_t config)
{
    return id.s1p == 0 || id.hyp == 0 || is(config, "11x") || is(config, "100");
}

stream_world world_of(const id_fields &id, const registers &regs, const raw512 &ste)
{
    const uint64_t strw = ste.field(95, 94);
    if (ignore_strw(id, ste.field(3, 1)) || strw != 0b10)
        return stream_world::ns_el1;
    return bits(regs.cr2, 0, 0) != 0 ? stream_world::el2_e2h : stream_world::el2;
}

bool s1_vmsa32(const id_fields &id, const raw512 &cd)
{
    return cd.field(41, 41) == 0 && id.d128 == 0;
}

bool s1_d128(const id_fields &id, const raw512 &cd)
{
    return cd.field(41, 41) == 0 && id.d128 == 1;
}

bool s2_fwb(const id_fields &id, const raw512 &ste)
{
    return id.fwb == 1 && ste.field(89, 89) == 1;
}

// VMSAv8-32 has no such encoding (DDI 0487 D8.6.5 is of VMSAv8-64).
memattr_form s2_memattr_form(const id_fields &id, const raw512 &ste)
{
    if (s2_fwb(id, ste))
        return memattr_form::fwb;
    const bool no_tag_access = id.mteperm == 1 && !s2_vmsa32(id, ste);
    return no_tag_access ? memattr_form::no_tag_access : memattr_form::plain;
}

bool s2_vmsa32(const id_fields &id, const raw512 &ste)
{
    return ste.field(179, 179) == 0 && id.d128 == 0;
}

bool s2_d128(const id_fields &id, const raw512 &ste)
{
    return ste.field(179, 179) == 0 && id.d128 == 1;
}

// DDI 0487 J1.1, AArch64.S1StartLevel(): each level resolves granule - 4 bits.
int d128_start_level(unsigned granule, unsigned region_bits, unsigned skl)
{
    int level = 3;
    for (unsigned resolved = granule + granule - 4; resolved < region_bits; resolved += granule - 4)
        --level;
    return level + static_cast<int>(skl);
}

// Capped to the OAS. A descriptor of VMSAv8-64 has no address of more than 52 bits (DDI 0487 J1.1,
// AArch64.PhysicalAddressSize()).
static unsigned output_size(const id_fields &id, unsigned encoded, bool d128)
{
    const unsigned size = std::min(address_size(encoded), id.oas);
    return d128 ? size : std::min(size, 52u);
}

unsigned effective_s2ps(const id_fields &id, const raw512 &ste)
{
    if (s2_vmsa32(id, ste))
        return 40;
    return output_size(id, static_cast<unsigned>(ste.field(178, 176)), s2_d128(id, ste));
}

unsigned s2_granule_of(const id_fields &id, const raw512 &ste)
{
    static const unsigned granules[] = {12, 16, 14, 0};
    return s2_vmsa32(id, ste) ? 12 : granules[ste.field(175, 174)];
}

unsigned s2_region_bits_of(const id_fields &id, const raw512 &ste)
{
    if (!s2_vmsa32(id, ste))
        return 64 - static_cast<unsigned>(ste.field(165, 160));
    const auto low = static_cast<int>(ste.field(162, 160)); // S2T0SZ[3] is the sign
    return static_cast<unsigned>(32 - (ste.field(163, 163) == 1 ? low - 8 : low));
}

bool s2_ds_of(const id_fields &id, const raw512 &ste)
{
    return id.ds == 1 && ste.field(195, 195) == 1 && ste.field(179, 179) == 1 &&
           s2_granule_of(id, ste) != 16;
}

// DDI 0487 tables D8-19, D8-29, D8-38; VTCR.SL0 of VMSAv8-32 has two values.
int s2_start_level_of(const id_fields &id, const raw512 &ste)
{
    const auto sl0 = static_cast<unsigned>(ste.field(167, 166));
    const bool sl2 = ste.field(194, 194) == 1 && s2_ds_of(id, ste);
    if (s2_d128(id, ste))
        return s2_granule_of(id, ste) == 0
                   ? 4
                   : d128_start_level(s2_granule_of(id, ste), s2_region_bits_of(id, ste),
                                      static_cast<unsigned>(ste.field(254, 253)));
    if (s2_vmsa32(id, ste))
        return sl0 == 0 ? 2 : sl0 == 1 ? 1 : 4;
    if (s2_granule_of(id, ste) != 12)
        return 3 - static_cast<int>(sl0);
    if (sl2)
        return sl0 == 0 ? -1 : 4;
    return sl0 == 3 ? 3 : 2 - static_cast<int>(sl0);
}

bool s1_aie(const id_fields &id, const raw512 &cd)
{
    return id.aie == 1 && cd.field(131, 131) == 1 && !s1_vmsa32(id, cd);
}

bool s1_indirect(const id_fields &id, const raw512 &ste, const raw512 &cd)
{
    if (s1_d128(id, cd)) // 5.4, PIE
        return true;
    return id.s1pi == 1 && ste.field(88, 88) == 1 && cd.field(187, 187) == 1 && !s1_vmsa32(id, cd);
}

bool s2_indirect(const id_fields &id, const raw512 &ste)
{
    if (s2_d128(id, ste)) // 5.2, S2PIE
        return true;
    return id.s2pi == 1 && ste.field(188, 188) == 1 && !s2_vmsa32(id, ste);
}

bool s2_overlaid(const id_fields &id, const raw512 &ste)
{
    return id.s2po == 1 && ste.field(189, 189) == 1;
}

// IHI 0070 5.2.2: the checks of S2PIE, S2POE and S2POI.
static bool s2_permissions_illegal(const id_fields &id, const raw512 &ste)
{
    if (id.s2pi == 1 && ste.field(188, 188) == 1 && s2_vmsa32(id, ste))
        return true;
    if (!s2_overlaid(id, ste))
        return false;
    if ((ste.field(188, 188) == 0 && !s2_d128(id, ste)) || (id.pbha == 1 && ste.field(75, 72) != 0))
        return true;
    for (unsigned i = 0; i < 16; ++i) {
        const uint64_t code = ste.field(4 * i + 451, 4 * i + 448);
        if (code == 0b0001 || code == 0b0101)
            return true;
    }
    return false;
}

// IHI 0070 5.4.2: the checks of PIIP and PIIU.
static bool interpretations_illegal(stream_world world, const raw512 &cd)
{
    for (unsigned i = 0; i < 16; ++i) {
        const uint64_t p = cd.field(3 * i + 450, 3 * i + 448);
        const uint64_t u = cd.field(3 * i + 386, 3 * i + 384);
        if (p == 0b100 || p == 0b110)
            return true;
        if (world == stream_world::el2)
            continue;
        if (u == 0b100 || u == 0b110 || (bits(p, 1, 1) == 1 && bits(u, 2, 2) == 1))
            return true;
    }
    return false;
}

static bool granule_supported(const id_fields &id, unsigned granule)
{
    return (granule == 12 && id.gran4k) || (granule == 14 && id.gran16k) ||
           (granule == 16 && id.gran64k);
}

static bool endianness_unsupported(const id_fields &id, bool big)
{
    return (id.ttendian == 2 && big) || (id.ttendian == 3 && !big);
}

// Table addresses are 48 bits, or with 64 KiB granules, DS or VMSAv9-128 all of the output size.
static bool ttb_out_of_range(uint64_t ttb, unsigned granule, bool ds_or_d128, unsigned output_bits)
{
    return ttb >> output_bits != 0 || (granule != 16 && !ds_or_d128 && ttb >> 48 != 0);
}

// IHI 0070 5.2, S2T0SZ, and 5.4, T0SZ: tables of VMSAv9-128 may be small without IDR3.STT.
static unsigned largest_txsz(const id_fields &id, unsigned granule, bool d128)
{
    if (id.stt == 0 && !d128)
        return 39;
    return granule == 16 ? 47 : 48;
}

// IHI 0070 5.2.2, STES2T0SZInvalid(), SMMUv3.1.
static bool s2t0sz_invalid(const id_fields &id, unsigned s2t0sz, unsigned granule, bool ds,
                           bool d128)
{
    const unsigned least = d128 ? 8 : granule == 16 || ds ? 12 : 16;
    const unsigned min = std::max(least, 64 - id.ias);
    return s2t0sz < min || s2t0sz > largest_txsz(id, granule, d128);
}

// DDI 0487 D8.2.2: the lookups below the first resolve 2^stride descriptors each; the first
// resolves at least one bit, and 16 tables at most are concatenated.
static bool s2_walk_inconsistent(unsigned granule, unsigned input_bits, int level)
{
    if (level > 3)
        return true;
    const unsigned stride = granule - 3;
    const unsigned smallest = granule + static_cast<unsigned>(3 - level) * stride + 1;
    return input_bits < smallest || input_bits > smallest - 1 + stride + 4;
}

// DDI 0487 J1.1, AArch64.S2InvalidSL(), and Table D8-9; PAMax is the OAS.
static bool s2sl0_invalid(const id_fields &id, const raw512 &ste)
{
    const unsigned granule = s2_granule_of(id, ste);
    const bool ds = s2_ds_of(id, ste);
    switch (s2_start_level_of(id, ste)) {
    case -1:
        return id.oas < 52;
    case 0:
        return granule == 12 ? id.oas < 44 : granule != 14 || !ds || id.oas < 52;
    case 1:
        return granule != 12 && id.oas < (granule == 14 ? 42 : 44);
    case 3:
        return granule == 12 && id.stt == 0;
    default:
        return false;
    }
}

// DDI 0487 G5.5.7.2, Table G5-5: 2^25 to 2^34 bytes from level 2, 2^31 to 2^40 from level 1.
static bool s2_walk_inconsistent32(unsigned input_bits, int level)
{
    return level == 2 ? input_bits > 34 : level != 1 || input_bits < 31;
}

// The part of SteIllegal() for Config == 0b11x.
static bool s2_illegal(const id_fields &id, const raw512 &ste)
{
    const bool s2s = ste.field(185, 185) == 1;
    const bool s2ha = ste.field(184, 184) == 1;
    const bool s2hd = ste.field(183, 183) == 1;
    const unsigned granule = s2_granule_of(id, ste);
    const auto s2t0sz = static_cast<unsigned>(ste.field(165, 160));

    if ((id.stall_model == 1 && s2s) || (id.stall_model == 2 && !s2s))
        return true;
    if (endianness_unsupported(id, ste.field(180, 180) == 1) || s2_permissions_illegal(id, ste))
        return true;
    if (s2_vmsa32(id, ste) && s2_fwb(id, ste))
        return true;
    if (s2_vmsa32(id, ste))
        return bits(id.ttf, 0, 0) == 0 || s2ha || s2hd ||
               (id.httu == 3 && ste.field(187, 187) == 1) || s2ttb_of(id, ste) >> 40 != 0 ||
               s2_walk_inconsistent32(s2_region_bits_of(id, ste), s2_start_level_of(id, ste));
    if (bits(id.ttf, 1, 1) == 0)
        return true;
    if (((s2ha || s2hd) && id.httu == 0) || (s2hd && id.httu == 1))
        return true;
    if (ste.field(187, 187) == 1 && !s2ha && id.httu == 3)
        return true;
    if (!granule_supported(id, granule))
        return true;
    const bool ds = s2_ds_of(id, ste);
    const bool d128 = s2_d128(id, ste);
    if (ttb_out_of_range(s2ttb_of(id, ste), granule, ds || d128, effective_s2ps(id, ste)))
        return true;
    if (s2t0sz_invalid(id, s2t0sz, granule, ds, d128))
        return true;
    if (d128)
        return s2_start_level_of(id, ste) > 3;
    return s2sl0_invalid(id, ste) ||
           s2_walk_inconsistent(granule, s2_region_bits_of(id, ste), s2_start_level_of(id, ste));
}

// IHI 0070 5.2.2, the ATS checks of SteIllegal().
static bool eats_illegal(const id_fields &id, const raw512 &ste)
{
    const uint64_t config = ste.field(3, 1);
    const uint64_t eats = ste.field(93, 92);
    const bool s2s = ste.field(185, 185) == 1;
    if (id.ats == 0 || is(config, "x00"))
        return false;
    return (eats == 0b10 && (!is(config, "111") || s2s || id.ns1ats == 1)) ||
           (eats == 0b01 && s2s && is(config, "11x")) ||
           (eats == 0b11 && id.dpt == 1 &&
            ((!ignore_strw(id, config) && ste.field(95, 94) != 0) || (s2s && is(config, "11x"))));
}

// IHI 0070 5.2.2, SteIllegal() of a Non-secure stream.
bool ste_illegal(const id_fields &id, const raw512 &ste)
{
    const uint64_t config = ste.field(3, 1);
    const uint64_t strw = ste.field(95, 94);
    const bool strw_unused = ignore_strw(id, config);

    if (ste.field(0, 0) == 0)
        return true;
    if (is(config, "0xx"))
        return false;
    if (is(config, "1x1") && id.s1p == 0)
        return true;
    if (is(config, "11x") && id.s2p == 0)
        return true;
    if (eats_illegal(id, ste))
        return true;
    if (!strw_unused && bits(strw, 0, 0) == 1)
        return true;
    if (is(config, "1x1")) {
        const uint64_t s1cdmax = ste.field(63, 59);
        const uint64_t s1fmt = ste.field(5, 4);
        if (ste.field(91, 91) == 1 && id.stall_model != 0)
            return true;
        if (id.ssidsize != 0 && s1cdmax > id.ssidsize)
            return true;
        if (id.ssidsize != 0 && s1cdmax != 0 && id.cd2l == 0 && (s1fmt == 1 || s1fmt == 2))
            return true;
        if (ste.field(55, 6) << 6 >> (is(config, "11x") ? id.ias : id.oas) != 0)
            return true;
    }
    if (is(config, "11x") && s2_illegal(id, ste))
        return true;
    if (vms_enabled(id, ste) && ste.field(375, 332) << 12 >> id.oas != 0)
        return true;
    const bool vmid_used = id.s2p == 1 && !is(config, "100") && (strw == 0 || strw_unused);
    return vmid_used && id.vmid16 == 0 && ste.field(143, 136) != 0;
}

unsigned effective_ips(const id_fields &id, const raw512 &cd)
{
    if (s1_vmsa32(id, cd))
        return 40;
    return output_size(id, static_cast<unsigned>(cd.field(34, 32)), s1_d128(id, cd));
}

bool effective_epd(const raw512 &cd, stream_world world, unsigned n)
{
    if (world == stream_world::el2)
        return n == 1; // TTB1 is unreachable: none of its fields matter
    return (n == 0 ? cd.field(14, 14) : cd.field(30, 30)) != 0;
}

unsigned granule_of(const id_fields &id, const raw512 &cd, unsigned n)
{
    static const unsigned tg0[] = {12, 16, 14, 0};
    static const unsigned tg1[] = {0, 14, 12, 16};
    if (s1_vmsa32(id, cd))
        return 12;
    return n == 0 ? tg0[cd.field(7, 6)] : tg1[cd.field(23, 22)];
}

// The topmost bit of an address in TTBn and S2TTB that is not RES0.
static unsigned top_of_ttb(const id_fields &id, bool d128)
{
    return d128 ? 55 : id.minor == 0 ? 47 : 51;
}

uint64_t ttb_of(const id_fields &id, const raw512 &cd, unsigned n)
{
    const unsigned first = n == 0 ? 68 : 132;
    return cd.field(first + top_of_ttb(id, s1_d128(id, cd)) - 4, first) << 4;
}

uint64_t s2ttb_of(const id_fields &id, const raw512 &ste)
{
    return ste.field(196 + top_of_ttb(id, s2_d128(id, ste)) - 4, 196) << 4;
}

unsigned skl_of(const raw512 &cd, unsigned n)
{
    return static_cast<unsigned>(n == 0 ? cd.field(127, 126) : cd.field(191, 190));
}

unsigned txsz_of(const raw512 &cd, unsigned n)
{
    return static_cast<unsigned>(n == 0 ? cd.field(5, 0) : cd.field(21, 16));
}

unsigned region_bits_of(const id_fields &id, const raw512 &cd, unsigned n)
{
    const unsigned txsz = txsz_of(cd, n);
    return s1_vmsa32(id, cd) ? 32 - bits(txsz, 2, 0) : 64 - txsz;
}

bool ds_of(const id_fields &id, const raw512 &cd, unsigned n)
{
    return id.ds == 1 && cd.field(186, 186) == 1 && cd.field(41, 41) == 1 &&
           granule_of(id, cd, n) != 16;
}

// IHI 0070 5.4.2, CDTxSZInvalid().
static bool txsz_invalid(const id_fields &id, unsigned txsz, unsigned granule, bool ds, bool d128)
{
    unsigned min = 16;
    if (id.vax == 2 && d128)
        min = 9;
    else if (id.vax != 0 && (granule == 16 || ds || d128))
        min = 12;
    return txsz < min || txsz > largest_txsz(id, granule, d128);
}

// The checks of one TTBn that EPDn switches off.
static bool ttb_illegal(const id_fields &id, const raw512 &cd, unsigned n)
{
    const unsigned granule = granule_of(id, cd, n);
    if (s1_vmsa32(id, cd))
        return ttb_of(id, cd, n) >> 40 != 0;
    const bool ds = ds_of(id, cd, n), d128 = s1_d128(id, cd);
    if (!granule_supported(id, granule) || txsz_invalid(id, txsz_of(cd, n), granule, ds, d128))
        return true;
    if (d128 && d128_start_level(granule, region_bits_of(id, cd, n), skl_of(cd, n)) > 3)
        return true;
    return ttb_out_of_range(ttb_of(id, cd, n), granule, ds || d128, effective_ips(id, cd));
}

// IHI 0070 5.4.2, CdIllegal().
bool cd_illegal(const id_fields &id, const raw512 &ste, stream_world world, const raw512 &cd)
{
    const bool vmsa32 = s1_vmsa32(id, cd);
    const bool s = cd.field(44, 44) == 1;
    const bool a = cd.field(46, 46) == 1;
    const bool endi = cd.field(15, 15) == 1;
    const bool off0 = effective_epd(cd, world, 0);
    const bool off1 = effective_epd(cd, world, 1);

    if (cd.field(31, 31) == 0)
        return true;
    if (ste.field(91, 91) == 1 && s)
        return true;
    if (id.term_model == 1 && !a)
        return true;
    if ((id.stall_model == 1 && s) || (id.stall_model == 2 && !s))
        return true;
    if ((!off0 || !off1) && endianness_unsupported(id, endi))
        return true;
    if (vmsa32 && (bits(id.ttf, 0, 0) == 0 || world == stream_world::el2_e2h))
        return true;
    if (!vmsa32 && (bits(id.ttf, 1, 1) == 0 || (ste.field(2, 2) == 1 && s2_vmsa32(id, ste))))
        return true;
    if (s1_d128(id, cd) && (world == stream_world::el2 || ste.field(88, 88) == 0))
        return true;
    if (!vmsa32 &&
        ((cd.field(43, 42) != 0 && id.httu == 0) || (cd.field(42, 42) != 0 && id.httu == 1) ||
         (cd.field(67, 67) != 0 && cd.field(43, 43) == 0 && id.httu == 3))) // else IGNORED
        return true;
    if (s1_indirect(id, ste, cd) && interpretations_illegal(world, cd))
        return true;
    if (world != stream_world::el2 && id.asid16 == 0 && cd.field(63, 56) != 0)
        return true;
    return (!off0 && ttb_illegal(id, cd, 0)) || (!off1 && ttb_illegal(id, cd, 1));
}

} // namespace oracle
