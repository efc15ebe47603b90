// SPDX-License-Identifier: Apache-2.0
// Memory map of QEMU's "virt" machine and registers of its "edu" device (QEMU's documentation).
#include "differential/qemu_machine.hpp"

#include <stdexcept>

#include "support/registers.hpp"

namespace reg = support::reg;

namespace differential {

namespace {

constexpr uint64_t smmu_base = 0x09050000;
constexpr uint64_t ecam_base = 0x4010000000;
constexpr uint64_t bar_base = 0x10000000;
constexpr uint64_t bar_stride = 0x100000;

// Below the tables of the test: what the CPU runs, and a word through which data enters and leaves
// the device's buffer, which only DMA can access.
constexpr uint64_t cpu_loop = ram_base + 0x200000;
constexpr uint64_t exchange = ram_base + 0x210000;

enum pci : uint64_t { PCI_COMMAND = 0x04, PCI_BAR0 = 0x10, PCI_MEMORY_AND_MASTER = 0x6 };

enum edu : uint64_t {
    EDU_DMA_FROM = 0x80,
    EDU_DMA_TO = 0x88,
    EDU_DMA_COUNT = 0x90,
    EDU_DMA_COMMAND = 0x98,
    EDU_DMA_START = 1,
    EDU_BUFFER = 0x40000, // as the DMA engine sees it
};

// Time is counted in instructions and jumps ahead while the CPU waits (WFI; B .-4), so that the
// 100 ms a transfer of "edu" lasts are over at once.
std::vector<std::string> command_line()
{
    const std::string size = std::to_string(ram_size >> 30) + "G";
    std::vector<std::string> line = {
        qemu_machine::program,
        "-machine",
        "virt,iommu=smmuv3,memory-backend=ram",
        "-object",
        "memory-backend-ram,id=ram,reserve=off,size=" + size,
        "-m",
        size,
        "-cpu",
        "cortex-a53",
        "-accel",
        "tcg",
        "-icount",
        "shift=0,sleep=off",
        "-nodefaults",
        "-display",
        "none",
        "-qtest",
        "stdio",
        "-qtest-log",
        "/dev/null",
        "-device",
        "loader,addr=" + std::to_string(cpu_loop) + ",data=0x17ffffffd503207f,data-len=8",
        "-device",
        "loader,addr=" + std::to_string(cpu_loop) + ",cpu-num=0",
    };
    for (unsigned device = 0; device < device_count; ++device) {
        line.emplace_back("-device");
        line.push_back("edu,dma_mask=0xffffffffffffffff,addr=" + std::to_string(device + 1) + ".0");
    }
    return line;
}

constexpr uint64_t bar_of(unsigned device)
{
    return bar_base + bar_stride * device;
}

} // namespace

qemu_machine::qemu_machine() : qemu_(command_line())
{
    for (unsigned device = 0; device < device_count; ++device) {
        const uint64_t function = ecam_base + (uint64_t{stream_of(device)} << 12);
        qemu_.write(4, function + PCI_BAR0, bar_of(device));
        qemu_.write(2, function + PCI_COMMAND, PCI_MEMORY_AND_MASTER);
    }
}

uint32_t qemu_machine::read32(uint32_t offset)
{
    return static_cast<uint32_t>(qemu_.read(4, smmu_base + offset));
}

uint64_t qemu_machine::read64(uint32_t offset)
{
    return qemu_.read(8, smmu_base + offset);
}

void qemu_machine::write32(uint32_t offset, uint32_t value)
{
    qemu_.write(4, smmu_base + offset, value);
}

void qemu_machine::write64(uint32_t offset, uint64_t value)
{
    qemu_.write(8, smmu_base + offset, value);
}

void qemu_machine::store(uint64_t addr, const void *data, size_t size)
{
    qemu_.store(addr, data, size);
}

uint64_t qemu_machine::load64(uint64_t addr)
{
    return qemu_.read(8, addr);
}

void qemu_machine::zero(uint64_t addr, uint64_t size)
{
    qemu_.fill(addr, size, 0);
}

void qemu_machine::transfer(unsigned device, uint64_t addr, direction way)
{
    const uint64_t bar = bar_of(device);
    const bool to_memory = way == direction::to_memory;
    qemu_.write(8, bar + EDU_DMA_FROM, to_memory ? EDU_BUFFER : addr);
    qemu_.write(8, bar + EDU_DMA_TO, to_memory ? addr : EDU_BUFFER);
    qemu_.write(8, bar + EDU_DMA_COUNT, 8);
    qemu_.write(8, bar + EDU_DMA_COMMAND, EDU_DMA_START | static_cast<uint64_t>(way));
    for (unsigned polls = 0; qemu_.read(8, bar + EDU_DMA_COMMAND) & EDU_DMA_START; ++polls)
        if (polls == 1000000)
            throw std::runtime_error("the DMA of edu does not end");
}

// Between `exchange` and the device's buffer, past a disabled SMMU. Caches keep what they hold.
void qemu_machine::transfer_untranslated(unsigned device, direction way)
{
    const uint32_t cr0 = read32(reg::CR0);
    write32(reg::CR0, cr0 & ~uint32_t{reg::CR0_SMMUEN});
    transfer(device, exchange, way);
    write32(reg::CR0, cr0);
}

uint64_t qemu_machine::dma_read(unsigned device, uint64_t addr)
{
    transfer(device, addr, direction::to_device);
    transfer_untranslated(device, direction::to_memory);
    return load64(exchange);
}

void qemu_machine::dma_write(unsigned device, uint64_t addr, uint64_t data)
{
    qemu_.write(8, exchange, data);
    transfer_untranslated(device, direction::to_device);
    transfer(device, addr, direction::to_memory);
}

} // namespace differential
