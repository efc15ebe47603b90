// SPDX-License-Identifier: Apache-2.0
// Bit positions of the Context descriptor structures (IHI 0070 5.3, 5.4).
#include "support/cd.hpp"

namespace support {

image<8> cd::encode() const
{
    image<8> w;
    w.set(0, 6, t0sz).set(6, 2, tg0).set(8, 2, ir0).set(10, 2, or0).set(12, 2, sh0);
    w.set(14, 1, epd0).set(15, 1, endi);
    w.set(16, 6, t1sz).set(22, 2, tg1).set(24, 2, ir1).set(26, 2, or1).set(28, 2, sh1);
    w.set(30, 1, epd1).set(31, 1, v);
    w.set(32, 3, ips).set(35, 1, affd).set(36, 1, wxn).set(37, 1, uwxn);
    w.set(38, 1, tbi0).set(39, 1, tbi1).set(40, 1, pan).set(41, 1, aa64);
    w.set(42, 1, hd).set(43, 1, ha).set(44, 1, s).set(45, 1, r).set(46, 1, a);
    w.set(47, 1, aset).set(48, 16, asid);

    w.set(64, 1, nscfg0)
        .set(65, 1, had0)
        .set(66, 1, e0pd0)
        .set(67, 1, haft)
        .set(122, 1, pnch)
        .set(123, 1, epan)
        .set(124, 4, hwu0 | skl0 << 2);
    w.word[1] |= address_bits(ttb0, 55, 4);

    w.set(128, 1, nscfg1)
        .set(129, 1, had1)
        .set(130, 1, e0pd1)
        .set(131, 1, aie)
        .set(186, 1, ds)
        .set(187, 1, pie)
        .set(188, 4, hwu1 | skl1 << 2);
    w.word[2] |= address_bits(ttb1, 55, 4);

    w.word[3] = mair;
    w.word[4] = amair;
    w.set(352, 16, partid).set(368, 8, pmg);
    w.word[6] = piiu;
    w.word[7] = piip;
    return w;
}

image<1> l1cd::encode() const
{
    image<1> w;
    w.set(0, 1, v);
    w.word[0] |= address_bits(l2ptr, 55, 12);
    return w;
}

} // namespace support
