// SPDX-License-Identifier: Apache-2.0
// Physical address spaces as AMBA has them: AxNSE above AxPROT[1] (IHI 0022 L A4.5), and PNSE above
// PPROT[1] (IHI 0024).
#ifndef SMMU_PINS_AMBA_SPACES_HPP
#define SMMU_PINS_AMBA_SPACES_HPP

#include "smmu/types.h"

namespace smmu::pins {

// By the two bits.
inline constexpr smmu_pas amba_spaces[] = {SMMU_PAS_S, SMMU_PAS_NS, SMMU_PAS_ROOT, SMMU_PAS_REALM};

// The space of two bits.
constexpr smmu_pas amba_space_of(unsigned bits)
{
    return amba_spaces[bits & 3];
}

// The two bits of a space.
constexpr unsigned amba_space_bits(smmu_pas space)
{
    for (unsigned bits = 1; bits < 4; bits++)
        if (amba_spaces[bits] == space)
            return bits;
    return 0;
}

} // namespace smmu::pins

#endif
