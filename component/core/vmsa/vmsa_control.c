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
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 52, 56};
    return bits[ps & 7];
}

unsigned vmsa_address_encoding(unsigned bits)
{
    unsigned ps = 0;
    while (vmsa_address_bits(ps) != bits)
        ps++;
    return ps;
}

/* A start level, and what it needs. */
struct start {
    int8_t level;
    uint8_t pa_bits;
    bool ttst, ds;
};

/* AArch64.S2InvalidSL() (J1.1.4) has the needs. */
int vmsa_s2_start_level(unsigned granule, unsigned sl, const struct vmsa_s2_features *features)
{
    static const struct start starts[][5] = {
        {{2, 0, false, false},
         {1, 0, false, false},
         {0, 44, false, false},
         {3, 0, true, false},
         {-1, 52, false, true}},
        {{3, 0, false, false}, {2, 0, false, false}, {1, 42, false, false}, {0, 52, false, true}},
        {{3, 0, false, false},
         {2, 0, false, false},
         {1, 44, false, false},
         {VMSA_NO_LEVEL, 0, false, false}},
    };
    if (granule == 0)
        return VMSA_NO_LEVEL;
    if (granule != VMSA_GRANULE_4K || !features->ds)
        sl &= 3;
    if (sl > 4)
        return VMSA_NO_LEVEL;
    const struct start *start = &starts[(granule - VMSA_GRANULE_4K) / 2][sl];
    bool missing = features->pa_bits < start->pa_bits || (start->ttst && !features->ttst) ||
                   (start->ds && !features->ds);
    return missing ? VMSA_NO_LEVEL : start->level;
}
