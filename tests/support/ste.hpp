// SPDX-License-Identifier: Apache-2.0
// The Stream table entry as software writes it (IHI 0070 5.2), fields of SMMUv3.0 to v3.2, and
// those of 52-bit addresses, Indirect permissions, translation hardening and the DPT.
#ifndef TESTS_SUPPORT_STE_HPP
#define TESTS_SUPPORT_STE_HPP

#include "support/bits.hpp"

namespace support {

// Values of STE.Config.
enum ste_config : unsigned {
    STE_ABORT = 0b000,
    STE_BYPASS = 0b100,
    STE_S1_TRANS = 0b101,
    STE_S2_TRANS = 0b110,
    STE_NESTED = 0b111,
};

// Fields have the names of the specification. Pointers are whole addresses.
struct ste {
    unsigned v = 1;
    unsigned config = STE_BYPASS;
    unsigned s1fmt = 0;
    uint64_t s1contextptr = 0;
    unsigned s1cdmax = 0;

    unsigned s1dss = 0;
    unsigned s1cir = 0;
    unsigned s1cor = 0;
    unsigned s1csh = 0;
    unsigned s2hwu = 0; // S2HWU62 to S2HWU59 as bits 3 to 0
    unsigned dre = 0;
    unsigned cont = 0;
    unsigned dcp = 0;
    unsigned ppar = 0;
    unsigned mev = 0;
    unsigned sw_reserved = 0;
    unsigned s2fwb = 0;
    unsigned s1mpam = 0;
    unsigned s1stalld = 0;
    unsigned eats = 0;
    unsigned strw = 0;
    unsigned memattr = 0;
    unsigned mtcfg = 0;
    unsigned alloccfg = 0;
    unsigned shcfg = 0b01; // use incoming
    unsigned nscfg = 0;
    unsigned privcfg = 0;
    unsigned instcfg = 0;
    unsigned impdef = 0;

    unsigned s2vmid = 0;
    unsigned s2t0sz = 0;
    unsigned s2sl0 = 0;
    unsigned s2ir0 = 0;
    unsigned s2or0 = 0;
    unsigned s2sh0 = 0;
    unsigned s2tg = 0;
    unsigned s2ps = 0;
    unsigned s2aa64 = 0;
    unsigned s2endi = 0;
    unsigned s2affd = 0;
    unsigned s2ptw = 0;
    unsigned s2hd = 0;
    unsigned s2ha = 0;
    unsigned s2s = 0;
    unsigned s2r = 0;
    unsigned s1pie = 0;
    unsigned s2haft = 0;
    unsigned s2pie = 0;
    unsigned s2poe = 0;
    uint64_t s2poi = 0; // S2POI15 to S2POI0, 4 bits each
    unsigned dpt_vmatch = 0;
    unsigned s2sl0_2 = 0;
    unsigned s2ds = 0;
    uint64_t s2ttb = 0;
    unsigned s2skl = 0;
    unsigned partid = 0;
    unsigned pmg = 0;
    unsigned assuredonly = 0;
    unsigned tl0 = 0;
    unsigned tl1 = 0;
    uint64_t vmsptr = 0;

    image<8> encode() const;
};

// Level 1 Stream table descriptor (IHI 0070 5.1).
struct l1std {
    unsigned span = 0;
    uint64_t l2ptr = 0;

    image<1> encode() const;
};

} // namespace support

#endif
