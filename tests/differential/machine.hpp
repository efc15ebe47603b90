// SPDX-License-Identifier: Apache-2.0
// What the test sees of a machine: SMMU registers, memory, and devices that do DMA through the
// SMMU.
#ifndef TESTS_DIFFERENTIAL_MACHINE_HPP
#define TESTS_DIFFERENTIAL_MACHINE_HPP

#include <cstddef>
#include <cstdint>

namespace differential {

// Both machines have the same memory map.
constexpr uint64_t ram_base = 0x40000000;
constexpr uint64_t ram_size = uint64_t{128} << 30;
constexpr uint64_t ram_end = ram_base + ram_size;

// Device n is the stream 8 * (n + 1).
constexpr unsigned device_count = 3;
constexpr uint32_t stream_of(unsigned device)
{
    return 8 * (device + 1);
}

class machine {
  public:
    machine() = default;
    virtual ~machine() = default;
    machine(const machine &) = delete;
    machine &operator=(const machine &) = delete;

    // SMMU registers, by their offset from page 0.
    virtual uint32_t read32(uint32_t offset) = 0;
    virtual uint64_t read64(uint32_t offset) = 0;
    virtual void write32(uint32_t offset, uint32_t value) = 0;
    virtual void write64(uint32_t offset, uint64_t value) = 0;

    // RAM, as the CPU accesses it.
    virtual void store(uint64_t addr, const void *data, size_t size) = 0;
    virtual uint64_t load64(uint64_t addr) = 0;
    virtual void zero(uint64_t addr, uint64_t size) = 0;

    // A device reads or writes 8 bytes that lie within one page of 4 KiB, at any alignment. What is
    // read is zero if the access is aborted or reaches no RAM.
    virtual uint64_t dma_read(unsigned device, uint64_t addr) = 0;
    virtual void dma_write(unsigned device, uint64_t addr, uint64_t data) = 0;
};

} // namespace differential

#endif
