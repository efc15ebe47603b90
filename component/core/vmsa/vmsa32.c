/* SPDX-License-Identifier: Apache-2.0 */
/* Peculiarities of VMSAv8-32 LPAE (DDI 0487 G5.5). */
#include "vmsa32.h"

#include "vmsa.h"

#define VA_BITS 32

uint64_t vmsa32_split(unsigned input_bits0, unsigned input_bits1)
{
    if (input_bits1 < VA_BITS)
        return (UINT64_C(1) << VA_BITS) - (UINT64_C(1) << input_bits1);
    return UINT64_C(1) << input_bits0;
}

int vmsa32_range(uint64_t va, unsigned input_bits0, unsigned input_bits1)
{
    if (va >> VA_BITS != 0)
        return -1;
    if (va >= vmsa32_split(input_bits0, input_bits1))
        return 1;
    return va >> input_bits0 == 0 ? 0 : -1;
}

unsigned vmsa32_s2_input_bits(unsigned t0sz)
{
    t0sz &= 15;
    return t0sz < 8 ? VA_BITS - t0sz : VA_BITS + 16 - t0sz;
}

int vmsa32_s2_start_level(unsigned sl0)
{
    static const int8_t level[] = {2, 1, VMSA_NO_LEVEL, VMSA_NO_LEVEL};
    return level[sl0 & 3];
}
