// SPDX-License-Identifier: Apache-2.0
// Registers of an SMMU, as system software uses them. Accesses must be accepted, else
// std::logic_error. Writes are followed by smmu_run(), as a host that defers would do soon after.
#ifndef TESTS_SUPPORT_REGISTER_ACCESS_HPP
#define TESTS_SUPPORT_REGISTER_ACCESS_HPP

#include <cstdint>
#include <stdexcept>

#include "smmu/smmu.h"

namespace support {

inline void require(smmu_reg_status status)
{
    if (status != SMMU_REG_OK)
        throw std::logic_error("register access refused");
}

// `size` is 4 or 8 bytes.
inline uint64_t read_register(const smmu_t *smmu, uint32_t offset, unsigned size)
{
    uint64_t value = 0;
    require(smmu_reg_read(smmu, offset, size, &value));
    return value;
}

inline void write_register(smmu_t *smmu, uint32_t offset, unsigned size, uint64_t value)
{
    require(smmu_reg_write(smmu, offset, size, value));
    smmu_run(smmu);
}

} // namespace support

#endif
