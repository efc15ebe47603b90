// SPDX-License-Identifier: Apache-2.0
// The C core as a machine, configured as QEMU's SMMU identifies itself.
#ifndef TESTS_DIFFERENTIAL_CORE_MACHINE_HPP
#define TESTS_DIFFERENTIAL_CORE_MACHINE_HPP

#include "differential/machine.hpp"
#include "smmu/smmu.h"
#include "support/memory.hpp"

namespace differential {

class core_machine : public machine {
  public:
    core_machine();
    ~core_machine() override;

    uint32_t read32(uint32_t offset) override;
    uint64_t read64(uint32_t offset) override;
    void write32(uint32_t offset, uint32_t value) override;
    void write64(uint32_t offset, uint64_t value) override;
    void store(uint64_t addr, const void *data, size_t size) override;
    uint64_t load64(uint64_t addr) override;
    void zero(uint64_t addr, uint64_t size) override;
    uint64_t dma_read(unsigned device, uint64_t addr) override;
    void dma_write(unsigned device, uint64_t addr, uint64_t data) override;

    // How an access would end now; changes nothing.
    smmu_result probe(unsigned device, uint64_t addr, bool write) const;

  private:
    smmu_result translate(unsigned device, uint64_t addr, bool write);

    support::memory mem_;
    smmu_t *smmu_;
};

} // namespace differential

#endif
