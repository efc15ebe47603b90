// SPDX-License-Identifier: Apache-2.0
// Bit positions of the Stream table structures (IHI 0070 5.1, 5.2).
#include "support/ste.hpp"

namespace support {

image<8> ste::encode() const
{
    image<8> w;
    w.set(0, 1, v).set(1, 3, config).set(4, 2, s1fmt).set(59, 5, s1cdmax);
    w.word[0] |= address_bits(s1contextptr, 55, 6);

    w.set(64, 2, s1dss).set(66, 2, s1cir).set(68, 2, s1cor).set(70, 2, s1csh);
    w.set(72, 4, s2hwu).set(76, 1, dre).set(77, 4, cont).set(81, 1, dcp);
    w.set(82, 1, ppar).set(83, 1, mev).set(84, 4, sw_reserved);
    w.set(89, 1, s2fwb).set(90, 1, s1mpam).set(91, 1, s1stalld).set(92, 2, eats).set(94, 2, strw);
    w.set(96, 4, memattr).set(100, 1, mtcfg).set(101, 4, alloccfg);
    w.set(108, 2, shcfg).set(110, 2, nscfg).set(112, 2, privcfg).set(114, 2, instcfg);
    w.set(116, 12, impdef);

    w.set(128, 16, s2vmid).set(160, 6, s2t0sz).set(166, 2, s2sl0);
    w.set(168, 2, s2ir0).set(170, 2, s2or0).set(172, 2, s2sh0).set(174, 2, s2tg);
    w.set(176, 3, s2ps).set(179, 1, s2aa64).set(180, 1, s2endi).set(181, 1, s2affd);
    w.set(182, 1, s2ptw).set(183, 1, s2hd).set(184, 1, s2ha).set(185, 1, s2s).set(186, 1, s2r);

    w.set(187, 1, s2haft).set(88, 1, s1pie).set(188, 1, s2pie).set(189, 1, s2poe);
    w.set(190, 2, dpt_vmatch).set(194, 1, s2sl0_2).set(195, 1, s2ds);
    w.word[7] = s2poi;
    w.set(253, 2, s2skl);
    w.word[3] |= address_bits(s2ttb, 55, 4);
    w.set(272, 16, partid).set(320, 8, pmg);
    w.set(329, 1, assuredonly).set(330, 1, tl0).set(331, 1, tl1);
    w.word[5] |= address_bits(vmsptr, 55, 12);
    return w;
}

image<1> l1std::encode() const
{
    image<1> w;
    w.set(0, 5, span);
    w.word[0] |= address_bits(l2ptr, 55, 6);
    return w;
}

} // namespace support
