// SPDX-License-Identifier: Apache-2.0
// The Context descriptor as software writes it (IHI 0070 5.4), fields of SMMUv3.0 to v3.3, and
// those of 52-bit addresses, Enhanced PAN, Indirect permissions, AIE and translation hardening.
#ifndef TESTS_SUPPORT_CD_HPP
#define TESTS_SUPPORT_CD_HPP

#include "support/bits.hpp"

namespace support {

// CD.TG0 and CD.TG1 encode granules differently.
enum cd_tg0 : unsigned { TG0_4K = 0b00, TG0_64K = 0b01, TG0_16K = 0b10 };
enum cd_tg1 : unsigned { TG1_16K = 0b01, TG1_4K = 0b10, TG1_64K = 0b11 };

// Fields have the names of the specification. The defaults are a valid CD for two 48-bit halves
// with 4 KiB granules, 48-bit output and faults that abort and are recorded.
struct cd {
    unsigned t0sz = 16;
    unsigned tg0 = TG0_4K;
    unsigned ir0 = 1;
    unsigned or0 = 1;
    unsigned sh0 = 3;
    unsigned epd0 = 0;
    unsigned endi = 0;
    unsigned t1sz = 16;
    unsigned tg1 = TG1_4K;
    unsigned ir1 = 1;
    unsigned or1 = 1;
    unsigned sh1 = 3;
    unsigned epd1 = 0;
    unsigned v = 1;
    unsigned ips = 5;
    unsigned affd = 0;
    unsigned wxn = 0;
    unsigned uwxn = 0;
    unsigned tbi0 = 0;
    unsigned tbi1 = 0;
    unsigned pan = 0;
    unsigned aa64 = 1;
    unsigned hd = 0;
    unsigned ha = 0;
    unsigned s = 0;
    unsigned r = 1;
    unsigned a = 1;
    unsigned aset = 0;
    unsigned asid = 0;

    unsigned nscfg0 = 0;
    unsigned had0 = 0;
    unsigned e0pd0 = 0;
    unsigned haft = 0;
    uint64_t ttb0 = 0;
    unsigned hwu0 = 0; // HWU062 to HWU059 as bits 3 to 0
    unsigned skl0 = 0; // in the place of HWU062 and HWU061

    unsigned nscfg1 = 0;
    unsigned had1 = 0;
    unsigned e0pd1 = 0;
    unsigned ds = 0;
    unsigned pnch = 0;
    unsigned epan = 0;
    unsigned pie = 0;
    unsigned aie = 0;
    uint64_t ttb1 = 0;
    unsigned hwu1 = 0; // HWU162 to HWU159 as bits 3 to 0
    unsigned skl1 = 0;

    uint64_t mair = 0x0444ff; // 0: Normal WB, 1: Normal NC, 2: Device-nGnRE
    uint64_t amair = 0;
    unsigned partid = 0;
    unsigned pmg = 0;
    uint64_t piiu = 0; // PIIU15 to PIIU0, 3 bits each
    uint64_t piip = 0;

    image<8> encode() const;
};

// Level 1 Context descriptor (IHI 0070 5.3).
struct l1cd {
    unsigned v = 1;
    uint64_t l2ptr = 0;

    image<1> encode() const;
};

} // namespace support

#endif
