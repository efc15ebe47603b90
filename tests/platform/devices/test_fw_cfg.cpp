// SPDX-License-Identifier: Apache-2.0
// The firmware configuration device, by docs/specs/fw_cfg.rst of QEMU.
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "frame_access.hpp"
#include "fw_cfg/fw_cfg.h"
#include "memory_bench.hpp"

namespace test_fw_cfg {
namespace {

constexpr std::uint64_t data = 0;
constexpr std::uint64_t selector = 8;
constexpr std::uint64_t dma = 16;

constexpr std::uint64_t request = 0x100; // of DMA, in memory

struct fw_cfg_registers : memory_bench {
    fw_cfg_registers() : memory_bench(0x4000)
    {
        fw_cfg_ops ops = {};
        ops.bus = {this,
                   [](void *user, std::uint64_t addr, void *to, std::uint32_t size, unsigned,
                      std::uint32_t) {
                       auto *self = static_cast<fw_cfg_registers *>(user);
                       if (addr + size > self->memory.size())
                           return VP_DECERR;
                       std::copy_n(self->memory.begin() + static_cast<long>(addr), size,
                                   static_cast<std::uint8_t *>(to));
                       return VP_OK;
                   },
                   [](void *user, std::uint64_t addr, const void *from, std::uint32_t size,
                      unsigned, std::uint32_t) {
                       auto *self = static_cast<fw_cfg_registers *>(user);
                       if (addr + size > self->memory.size())
                           return VP_DECERR;
                       std::copy_n(static_cast<const std::uint8_t *>(from), size,
                                   self->memory.begin() + static_cast<long>(addr));
                       return VP_OK;
                   }};
        ops.user = this;
        ops.start = [](void *user) { static_cast<fw_cfg_registers *>(user)->started++; };
        core = fw_cfg_create(&ops);
        std::iota(kernel.begin(), kernel.end(), std::uint8_t{1});
        fw_cfg_add(core, FW_CFG_KERNEL_DATA, kernel.data(), 10000);
    }
    ~fw_cfg_registers() override { fw_cfg_destroy(core); }

    frame_access regs() const { return {fw_cfg_frame, core}; }

    // The key, with its bytes in the order of the register.
    void select(std::uint16_t key) const
    {
        regs().write(selector, static_cast<std::uint16_t>(key << 8 | key >> 8), 2);
    }

    std::string text(unsigned length) const
    {
        std::string bytes;
        for (unsigned i = 0; i < length; i++)
            bytes += static_cast<char>(regs().read(data, 1));
        return bytes;
    }

    void put_big(std::uint64_t addr, std::uint64_t value, unsigned size)
    {
        for (unsigned i = 0; i < size; i++)
            put(addr + i, value >> (8 * (size - 1 - i)) & 0xff, 1);
    }

    void ask(std::uint32_t control, std::uint32_t length, std::uint64_t address)
    {
        put_big(request, control, 4);
        put_big(request + 4, length, 4);
        put_big(request + 8, address, 8);
    }

    // Does it, and returns the control word.
    std::uint64_t run(std::uint32_t control, std::uint32_t length, std::uint64_t address)
    {
        ask(control, length, address);
        regs().write(dma, 0x0001000000000000, 8); // 0x100, big-endian
        fw_cfg_run(core);
        return get(request, 4);
    }

    std::vector<std::uint8_t> kernel = std::vector<std::uint8_t>(10000);
    int started = 0;
    fw_cfg *core;
};

TEST_F(fw_cfg_registers, HaveASignature)
{
    select(0x0000);
    EXPECT_EQ(text(4), "QEMU");
    select(0x0000);
    EXPECT_EQ(regs().read(data, 4), 0x554d4551u) << "the first byte at the lowest address";
    EXPECT_EQ(regs().read(dma, 8), 0x47464320554d4551u) << "QEMU CFG";
    EXPECT_EQ(regs().read(dma + 4, 4), 0x47464320u);
}

TEST_F(fw_cfg_registers, TellThatThereIsDma)
{
    select(0x0001);
    EXPECT_EQ(regs().read(data, 4), 3u);
}

TEST_F(fw_cfg_registers, ReadAnItemByPieces)
{
    select(0x11);
    EXPECT_EQ(regs().read(data, 1), 0x01u);
    EXPECT_EQ(regs().read(data, 2), 0x0302u);
    EXPECT_EQ(regs().read(data, 8), 0x0b0a090807060504u);
    select(0x11);
    EXPECT_EQ(regs().read(data, 1), 0x01u) << "selecting begins again";
}

TEST_F(fw_cfg_registers, ReadZerosBehindTheEnd)
{
    fw_cfg_add(core, FW_CFG_UUID, "abc", 3);
    select(0x02);
    EXPECT_EQ(regs().read(data, 8), 0x636261u);
    EXPECT_EQ(regs().read(data, 4), 0u);
    select(0x7fff);
    EXPECT_EQ(regs().read(data, 4), 0u) << "there is no such item";
}

// Bit 14 asked for writing, which registers no longer do.
TEST_F(fw_cfg_registers, IgnoreWritesOfData)
{
    select(0x4011);
    regs().write(data, 0xff, 1);
    EXPECT_EQ(regs().read(data, 1), 0x01u);
}

TEST_F(fw_cfg_registers, RefuseWhatIsNotAlignedOrBeyondThem)
{
    EXPECT_EQ(regs().read_status(dma + 2, 4), VP_SLVERR);
    EXPECT_EQ(regs().read_status(0x18, 4), VP_DECERR);
    EXPECT_EQ(regs().write_status(0x18, 8), VP_DECERR);
    EXPECT_EQ(regs().read(selector, 2), 0u) << "write only";
}

TEST_F(fw_cfg_registers, PeekWithoutSideEffect)
{
    std::uint64_t value = 0;
    select(0x11);
    EXPECT_EQ(fw_cfg_frame.peek(core, data, 2, &value), VP_OK);
    EXPECT_EQ(value, 0x0201u);
    EXPECT_EQ(regs().read(data, 1), 0x01u);
}

TEST_F(fw_cfg_registers, ListTheirFiles)
{
    ASSERT_TRUE(fw_cfg_add_file(core, "bootorder", "abcd", 4));
    ASSERT_TRUE(fw_cfg_add_file(core, "opt/other", "xyz", 3));
    select(0x19);
    EXPECT_EQ(regs().read(data, 4), 0x02000000u) << "two, big-endian";
    EXPECT_EQ(regs().read(data, 4), 0x04000000u) << "size";
    EXPECT_EQ(regs().read(data, 2), 0x2000u) << "key 0x20";
    EXPECT_EQ(regs().read(data, 2), 0u);
    EXPECT_EQ(text(56), std::string("bootorder") + std::string(47, '\0'));
    EXPECT_EQ(regs().read(data, 4), 0x03000000u);
    EXPECT_EQ(regs().read(data, 2), 0x2100u);
    select(0x21);
    EXPECT_EQ(text(3), "xyz");
}

TEST_F(fw_cfg_registers, TakeNoItemTwiceAndNoLongName)
{
    EXPECT_FALSE(fw_cfg_add(core, FW_CFG_KERNEL_DATA, "a", 1));
    EXPECT_FALSE(fw_cfg_add_file(core, std::string(56, 'a').c_str(), "a", 1));
    EXPECT_TRUE(fw_cfg_add_file(core, std::string(55, 'a').c_str(), "a", 1));
}

TEST_F(fw_cfg_registers, MoveAnItemByDma)
{
    EXPECT_EQ(run(0x0011000a, 9000, 0x1001), 0u) << "select and read; it has succeeded";
    EXPECT_EQ(get(0x1000, 1), 0u);
    for (unsigned i = 0; i < 9000; i++)
        ASSERT_EQ(memory[0x1001 + i], kernel[i]) << i;
    EXPECT_EQ(get(0x1001 + 9000, 1), 0u);
    EXPECT_EQ(regs().read(data, 1), kernel[9000]) << "the offset moves with it";
}

TEST_F(fw_cfg_registers, SkipByDma)
{
    EXPECT_EQ(run(0x0011000c, 5, 0), 0u);
    EXPECT_EQ(run(0x00000002, 1, 0x1000), 0u);
    EXPECT_EQ(get(0x1000, 1), 6u);
}

TEST_F(fw_cfg_registers, FillWithZerosBehindTheEnd)
{
    put(0x1000, 0xffffffff, 4);
    EXPECT_EQ(run(0x0011000c, 9999, 0), 0u);
    EXPECT_EQ(run(0x00000002, 3, 0x1000), 0u);
    EXPECT_EQ(get(0x1000, 4), 0xff000000u | kernel[9999]);
}

TEST_F(fw_cfg_registers, FailWritesByDma)
{
    EXPECT_EQ(run(0x00110018, 1, 0x1000), 0x01000000u) << "the error bit, big-endian";
    select(0x11);
    EXPECT_EQ(regs().read(data, 1), 1u);
}

TEST_F(fw_cfg_registers, FailDmaOutsideOfMemory)
{
    EXPECT_EQ(run(0x0011000a, 16, 0x100000), 0x01000000u);
}

TEST_F(fw_cfg_registers, StartDmaWithTheLowerHalf)
{
    ask(0x0011000a, 1, 0x1000);
    regs().write(dma, 0, 4);
    EXPECT_EQ(started, 0);
    regs().write(dma + 4, 0x00010000, 4);
    EXPECT_EQ(started, 1);
    fw_cfg_run(core);
    EXPECT_EQ(get(0x1000, 1), 1u);
    fw_cfg_run(core); // nothing is asked for
    EXPECT_EQ(get(request, 4), 0u);
}

TEST_F(fw_cfg_registers, FinishDmaBeforeTheyTakeAnother)
{
    ask(0x0011000a, 1, 0x1000);
    regs().write(dma, 0x0001000000000000, 8);
    regs().write(dma, 0x0030000000000000, 8);
    EXPECT_EQ(started, 1);
    fw_cfg_run(core);
    EXPECT_EQ(get(0x1000, 1), 1u);
}

TEST_F(fw_cfg_registers, ForgetTheUpperHalfAfterDma)
{
    ask(0x0011000a, 1, 0x1000);
    regs().write(dma, 0x01000000, 4); // beyond memory
    regs().write(dma + 4, 0x00010000, 4);
    fw_cfg_run(core);
    EXPECT_EQ(get(0x1000, 1), 0u);
    regs().write(dma + 4, 0x00010000, 4);
    fw_cfg_run(core);
    EXPECT_EQ(get(0x1000, 1), 1u);
}

} // namespace
} // namespace test_fw_cfg
