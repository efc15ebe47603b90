// SPDX-License-Identifier: Apache-2.0
// Replace, combine and consistency of IHI 0070 13.1, property by property.
#include "oracle/attributes.hpp"

#include <algorithm>

namespace oracle {

namespace {

// DDI 0487, MAIR_ELx: 0b0000 is not a Normal domain; 0b0100 is Non-cacheable.
domain domain_of(unsigned nibble)
{
    domain d;
    d.ra = (nibble & 2) != 0;
    d.wa = (nibble & 1) != 0;
    switch (nibble / 4) {
    case 0:
        d.cache = cacheability::wt;
        d.tr = true;
        break;
    case 1:
        d.cache = nibble == 4 ? cacheability::nc : cacheability::wb;
        d.tr = nibble != 4;
        break;
    case 2:
        d.cache = cacheability::wt;
        break;
    default:
        d.cache = cacheability::wb;
        break;
    }
    return d;
}

unsigned nibble_of(const domain &d)
{
    const unsigned hints = (d.ra ? 2 : 0) + (d.wa ? 1 : 0);
    if (d.cache == cacheability::nc)
        return 4;
    if (d.cache == cacheability::wt)
        return (d.tr ? 0 : 8) + hints;
    return (d.tr ? 4 : 12) + hints;
}

// Stage 2 MemAttr halves: 1 NC, 2 WT, 3 WB; no hints are given, which is RA, WA, nTR.
domain stage2_domain(unsigned code)
{
    static const cacheability kinds[] = {cacheability::nc, cacheability::nc, cacheability::wt,
                                         cacheability::wb};
    return {kinds[code], true, true, false};
}

// 5.2, MemAttr: 0b0100, 0b1000 and 0b1100 behave as Device-nGnRnE.
attributes from_memattr(unsigned memattr, unsigned sh)
{
    attributes a;
    a.sh = sh;
    if (memattr < 4) {
        a.device_type = memattr;
    } else if (memattr % 4 != 0) {
        a.device = false;
        a.outer = stage2_domain(memattr / 4);
        a.inner = stage2_domain(memattr % 4);
    }
    return a;
}

domain combine(const domain &a, const domain &b)
{
    return {std::min(a.cache, b.cache), a.ra && b.ra, a.wa && b.wa, a.tr || b.tr};
}

unsigned combine_sh(unsigned a, unsigned b)
{
    static const unsigned strength[] = {0, 0, 2, 1};
    return strength[a] >= strength[b] ? a : b;
}

bool cached(const domain &d)
{
    return d.cache != cacheability::nc;
}

void settle(domain &d)
{
    if (!cached(d))
        d = domain{};
    if (!d.ra && !d.wa)
        d.tr = false;
}

} // namespace

attributes from_mair(uint8_t mair, unsigned sh)
{
    attributes a;
    a.sh = sh;
    if (mair < 0x10) {
        a.device_type = mair / 4;
        return a;
    }
    a.device = false;
    a.outer = domain_of(mair / 16);
    a.inner = domain_of(mair % 16);
    return a;
}

uint8_t to_mair(const attributes &a)
{
    if (a.device)
        return static_cast<uint8_t>(4 * a.device_type);
    return static_cast<uint8_t>(16 * nibble_of(a.outer) + nibble_of(a.inner));
}

attributes consistent(attributes a)
{
    if (!a.device) {
        settle(a.outer);
        settle(a.inner);
    }
    if (a.device || (!cached(a.outer) && !cached(a.inner)))
        a.sh = 2;
    if (a.sh == 1)
        a.sh = 0;
    return a;
}

overrides overrides_of_ste(const id_fields &id, const raw512 &ste)
{
    if (id.attr_types_ovr == 0)
        return {};
    return {ste.field(100, 100) == 1, static_cast<unsigned>(ste.field(99, 96)),
            static_cast<unsigned>(ste.field(104, 101)), static_cast<unsigned>(ste.field(109, 108))};
}

overrides overrides_of_gbpa(const id_fields &id, uint32_t gbpa)
{
    if (id.attr_types_ovr == 0)
        return {};
    return {bits(gbpa, 4, 4) == 1, static_cast<unsigned>(bits(gbpa, 3, 0)),
            static_cast<unsigned>(bits(gbpa, 11, 8)), static_cast<unsigned>(bits(gbpa, 13, 12))};
}

attributes replace_attrs(const overrides &o, attributes in)
{
    in = consistent(in); // what is not cacheable arrives as Outer Shareable, without hints
    attributes out = in;
    if (o.mtcfg) {
        out = from_memattr(o.memattr, in.sh);
        // Hints stay those of the input where it has any, else the defaults of 13.1.3.
        if (!out.device && !in.device && cached(in.outer))
            out.outer = {out.outer.cache, in.outer.ra, in.outer.wa, in.outer.tr};
        if (!out.device && !in.device && cached(in.inner))
            out.inner = {out.inner.cache, in.inner.ra, in.inner.wa, in.inner.tr};
    }
    if (o.alloccfg >= 8) {
        const domain hints{cacheability::nc, (o.alloccfg & 4) != 0, (o.alloccfg & 2) != 0,
                           (o.alloccfg & 1) != 0};
        for (domain *d : {&out.outer, &out.inner})
            *d = {d->cache, hints.ra, hints.wa, hints.tr};
    }
    if (o.shcfg != 1)
        out.sh = o.shcfg;
    return consistent(out);
}

attributes default_hints(attributes a)
{
    for (domain *d : {&a.outer, &a.inner})
        if (a.device || !cached(*d))
            *d = {cacheability::nc, true, true, false};
    return a;
}

static domain with_hints_of(const domain &d, const domain &hints)
{
    return {d.cache, d.ra && hints.ra, d.wa && hints.wa, d.tr || hints.tr};
}

attributes stage1_attrs(const attributes &in, uint8_t mair, unsigned sh)
{
    // 5.4, MAIR: Reserved encodings.
    if (mair >= 0x10 && mair % 16 == 0)
        mair = static_cast<uint8_t>(mair + 3);
    const attributes client = default_hints(in);
    attributes out = default_hints(consistent(from_mair(mair, sh)));
    out.outer = with_hints_of(out.outer, client.outer);
    out.inner = with_hints_of(out.inner, client.inner);
    return out;
}

bool stage2_is_device(unsigned memattr, memattr_form form)
{
    switch (form) {
    case memattr_form::fwb: // 3.23.1: 0b11xx is Normal, the other half Reserved
        return memattr / 4 % 2 == 0;
    case memattr_form::no_tag_access:
        return memattr != 4 && from_memattr(memattr, 0).device;
    default:
        return from_memattr(memattr, 0).device;
    }
}

static attributes combine_types(const attributes &in, unsigned memattr, unsigned sh)
{
    const attributes s2 = consistent(from_memattr(memattr, sh));
    if (in.device && s2.device) {
        attributes out = in;
        out.device_type = std::min(in.device_type, s2.device_type);
        return out;
    }
    if (in.device || s2.device)
        return in.device ? in : s2;
    attributes out;
    out.device = false;
    // A domain that is not cached has lost its hints, so it is the cacheability that decides.
    out.outer = combine(in.outer, s2.outer);
    out.inner = combine(in.inner, s2.inner);
    out.sh = combine_sh(in.sh, s2.sh);
    return consistent(out);
}

// DDI 0487 J1.1, AArch64.S2ApplyFWBMemAttrs(), in its order; its comments name the cases.
static attributes apply_fwb(const attributes &in, unsigned memattr, unsigned sh)
{
    attributes out = in;
    if (memattr / 4 % 2 == 0) { // any Device type
        out.device = true;
        out.device_type = in.device ? std::min(in.device_type, memattr % 4) : memattr % 4;
    } else if (memattr % 4 == 2) { // Write-Back
        out.device = false;
        out.outer.cache = out.inner.cache = cacheability::wb;
    } else if (memattr % 4 != 3 && !in.device) { // Non-cacheable; else as it came
        out.outer.cache = out.inner.cache = cacheability::nc;
    }
    out.sh = combine_sh(in.sh, sh);
    return consistent(out);
}

// 3.23.1: 0b0100 is Write-Back, inner and outer, as far as an SMMU is concerned.
attributes combine_stage2(const attributes &in, unsigned memattr, unsigned sh, memattr_form form)
{
    if (form == memattr_form::fwb)
        return apply_fwb(in, memattr, sh);
    const bool write_back = form == memattr_form::no_tag_access && memattr == 4;
    return combine_types(in, write_back ? 0b1111 : memattr, sh);
}

} // namespace oracle
