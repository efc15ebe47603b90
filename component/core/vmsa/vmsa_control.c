/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that configure translation (DDI 0487 D24.2; IHI 0070 5.2, 5.4). */
#include "vmsa_control.h"

unsigned vmsa_tg0(unsigned tg0)
{
    static const uint8_t granule[] = {12, 16, 14, 0};
    return granule[tg0 & 3];
}

unsigned vmsa_tg1(unsigned tg1)
{
    static const uint8_t granule[] = {0, 14, 12, 16};
    return granule[tg1 & 3];
}

unsigned vmsa_address_bits(unsigned ps)
{
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 52, 52};
    return bits[ps & 7];
}

unsigned vmsa_address_encoding(unsigned bits)
{
    unsigned ps = 0;
    while (vmsa_address_bits(ps) != bits)
        ps++;
    return ps;
}

unsigned vmsa_s2_start_level(unsigned granule, unsigned sl0, unsigned pa_bits, bool ttst)
{
    static const uint8_t top_needs_bits[VMSA_GRANULE_64K + 1] = {[12] = 44, [14] = 42, [16] = 44};
    if (sl0 == 3)
        return granule == 12 && ttst ? VMSA_LAST_LEVEL : VMSA_NO_LEVEL;
    if (sl0 == 2 && pa_bits < top_needs_bits[granule])
        return VMSA_NO_LEVEL;
    return (granule == 12 ? 2 : 3) - sl0;
}
