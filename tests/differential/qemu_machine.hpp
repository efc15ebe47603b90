// SPDX-License-Identifier: Apache-2.0
// QEMU's "virt" machine with an SMMUv3 and a few "edu" devices on PCIe, driven by qtest.
#ifndef TESTS_DIFFERENTIAL_QEMU_MACHINE_HPP
#define TESTS_DIFFERENTIAL_QEMU_MACHINE_HPP

#include "differential/machine.hpp"
#include "differential/qemu_process.hpp"

namespace differential {

class qemu_machine : public machine {
  public:
    static constexpr const char *program = "qemu-system-aarch64";

    qemu_machine();

    uint32_t read32(uint32_t offset) override;
    uint64_t read64(uint32_t offset) override;
    void write32(uint32_t offset, uint32_t value) override;
    void write64(uint32_t offset, uint64_t value) override;
    void store(uint64_t addr, const void *data, size_t size) override;
    uint64_t load64(uint64_t addr) override;
    void zero(uint64_t addr, uint64_t size) override;
    uint64_t dma_read(unsigned device, uint64_t addr) override;
    void dma_write(unsigned device, uint64_t addr, uint64_t data) override;

  private:
    enum class direction : uint64_t { to_device = 0, to_memory = 2 };
    void transfer(unsigned device, uint64_t addr, direction way);
    void transfer_untranslated(unsigned device, direction way);

    qemu_process qemu_;
};

} // namespace differential

#endif
