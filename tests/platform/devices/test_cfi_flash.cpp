// SPDX-License-Identifier: Apache-2.0
// A bank of flash: JEDEC's Common Flash Interface (JESD68.01), and the commands of set 0x0001 as
// the datasheet of Intel's P30 has them. Commands go to both chips, as drivers send them.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "cfi_flash/cfi_flash.h"
#include "frame_access.hpp"

namespace test_cfi_flash {
namespace {

constexpr std::uint64_t size = 0x100000;
constexpr std::uint32_t ready = 0x00800080;

struct cfi_flash_bank : testing::Test {
    struct stored {
        std::uint64_t offset;
        std::uint32_t size;
    };

    cfi_flash_bank() { power_up(false); }
    ~cfi_flash_bank() override { cfi_flash_destroy(core); }

    void power_up(bool write_protected)
    {
        const cfi_flash_config config = {bytes.data(), bytes.size(), write_protected};
        const cfi_flash_ops ops = {[](void *user, std::uint64_t offset, std::uint32_t length) {
                                       auto *self = static_cast<cfi_flash_bank *>(user);
                                       self->stores.push_back({offset, length});
                                       return self->storable;
                                   },
                                   [](void *user, bool array) {
                                       static_cast<cfi_flash_bank *>(user)->modes.push_back(array);
                                   }};
        char err[80];
        cfi_flash_destroy(core);
        core = cfi_flash_create(&config, &ops, this, err, sizeof err);
    }

    frame_access regs() const { return {cfi_flash_frame, core}; }
    std::uint64_t read(std::uint64_t offset, unsigned length = 4) const
    {
        return regs().read(offset, length);
    }
    void write(std::uint64_t offset, std::uint64_t value, unsigned length = 4) const
    {
        regs().write(offset, value, length);
    }
    // The same to both chips.
    void command(std::uint64_t offset, std::uint32_t code) const
    {
        write(offset, code << 16 | code);
    }
    std::uint64_t status() const
    {
        command(0, 0x70);
        return read(0);
    }
    std::uint64_t array(std::uint64_t offset, unsigned length = 4) const
    {
        command(0, 0xff);
        return read(offset, length);
    }
    void program(std::uint64_t offset, std::uint32_t value) const
    {
        command(offset, 0x40);
        write(offset, value);
    }
    void erase(std::uint64_t offset) const
    {
        command(offset, 0x20);
        command(offset, 0xd0);
    }
    void lock(std::uint64_t offset, std::uint32_t how) const
    {
        command(offset, 0x60);
        command(offset, how);
    }
    std::uint64_t lock_of(std::uint64_t block) const
    {
        command(0, 0x90);
        return read(block + (2 << 2));
    }

    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(size, 0xff);
    std::vector<stored> stores;
    std::vector<bool> modes;
    bool storable = true;
    cfi_flash *core = nullptr;
};

TEST_F(cfi_flash_bank, ReadsItsArrayAfterPowerUp)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[0x20000 + i] = static_cast<std::uint8_t>(0x11 * (i + 1));

    EXPECT_TRUE(cfi_flash_reads_array(core));
    EXPECT_EQ(read(0x20000, 8), 0x8877665544332211u);
    EXPECT_EQ(read(0x20004, 4), 0x88776655u);
    EXPECT_EQ(read(0x20002, 2), 0x4433u);
    EXPECT_EQ(read(0x20005, 1), 0x66u);
    EXPECT_EQ(read(size - 4), 0xffffffffu);
}

TEST_F(cfi_flash_bank, RefusesWhatIsNotAlignedOrBeyondIt)
{
    EXPECT_EQ(regs().read_status(2, 4), VP_SLVERR);
    EXPECT_EQ(regs().write_status(4, 8), VP_SLVERR);
    EXPECT_EQ(regs().read_status(size, 4), VP_DECERR);
    EXPECT_EQ(regs().write_status(size, 1), VP_DECERR);
}

// A query is sent to word 0x55; each word of the answer is there for each chip.
TEST_F(cfi_flash_bank, IsFoundByTheCommonFlashInterface)
{
    command(0x55 << 2, 0x98);
    EXPECT_EQ(read(0x10 << 2), 0x00510051u); // Q
    EXPECT_EQ(read(0x11 << 2), 0x00520052u); // R
    EXPECT_EQ(read(0x12 << 2), 0x00590059u); // Y
    EXPECT_EQ(read(0x13 << 2), 0x00010001u) << "the command set of Intel and Sharp";
    EXPECT_EQ(read(0x14 << 2), 0u);
    EXPECT_EQ(read(0x27 << 2), 0x00130013u) << "512 KiB in each chip";
    EXPECT_EQ(read(0x28 << 2), 0x00010001u) << "16 bits wide";
    EXPECT_EQ(read(0x2a << 2), 0x00060006u) << "a buffer of 64 bytes in each";
    EXPECT_EQ(read(0x2c << 2), 0x00010001u) << "one region";
    EXPECT_EQ(read(0x2d << 2), 0x00030003u) << "of 4 blocks";
    EXPECT_EQ(read(0x2e << 2), 0u);
    EXPECT_EQ(read(0x2f << 2), 0u);
    EXPECT_EQ(read(0x30 << 2), 0x00020002u) << "of 0x200 times 256 bytes";
    const std::uint64_t extended = (read(0x15 << 2) & 0xff) << 2;
    EXPECT_EQ(read(extended), 0x00500050u);      // P
    EXPECT_EQ(read(extended + 4), 0x00520052u);  // R
    EXPECT_EQ(read(extended + 8), 0x00490049u);  // I
    EXPECT_EQ(read(extended + 12), 0x00310031u); // version 1
    EXPECT_EQ(read(extended + 20), 0x00200020u) << "blocks are locked one by one";
    EXPECT_EQ(read((0x10 << 2) + 2, 2), 0x51u) << "16 bits are one chip's";
    EXPECT_EQ(read(0x400), 0u) << "behind the table";
    EXPECT_FALSE(cfi_flash_reads_array(core));
}

TEST_F(cfi_flash_bank, TellsManufacturerDeviceAndLocks)
{
    command(0, 0x90);
    EXPECT_EQ(read(0), 0x00890089u) << "Intel";
    EXPECT_EQ(read(1 << 2), 0x00180018u);
    EXPECT_EQ(read(2 << 2), 0u) << "not locked";
    EXPECT_EQ(read(3 << 2), 0u);
}

TEST_F(cfi_flash_bank, ProgramsAWord)
{
    program(0x1000, 0x12345678);
    EXPECT_EQ(status(), ready);
    EXPECT_EQ(array(0x1000), 0x12345678u);
    EXPECT_EQ(array(0x1004), 0xffffffffu);
    ASSERT_EQ(stores.size(), 1u) << "both chips";
    EXPECT_EQ(stores[0].offset, 0x1000u);
    EXPECT_EQ(stores[0].size, 4u);
}

TEST_F(cfi_flash_bank, ProgramsByEitherCommand)
{
    command(0x1000, 0x10);
    write(0x1000, 0x12345678);
    EXPECT_EQ(array(0x1000), 0x12345678u);
}

TEST_F(cfi_flash_bank, ProgrammingMakesNoOnes)
{
    program(0x1000, 0x0ff00ff0);
    program(0x1000, 0xffff00ff);
    EXPECT_EQ(array(0x1000), 0x0ff000f0u);
    EXPECT_EQ(status(), ready) << "which is no error";
}

TEST_F(cfi_flash_bank, ReadsGiveTheStatusWhileProgramming)
{
    program(0x1000, 0);
    EXPECT_EQ(read(0x1000), ready);
    EXPECT_EQ(read(0x8000), ready) << "at all addresses";
}

TEST_F(cfi_flash_bank, ErasesTheBlockOfTheConfirmation)
{
    bytes.assign(size, 0);
    command(0, 0x20);
    command(0x7abcd & ~3u, 0xd0);
    EXPECT_EQ(status(), ready);
    EXPECT_EQ(array(0x3fffc), 0u);
    EXPECT_EQ(array(0x40000), 0xffffffffu);
    EXPECT_EQ(array(0x7fffc), 0xffffffffu);
    EXPECT_EQ(array(0x80000), 0u);
    ASSERT_EQ(stores.size(), 1u);
    EXPECT_EQ(stores[0].offset, 0x40000u);
    EXPECT_EQ(stores[0].size, 0x40000u);
}

TEST_F(cfi_flash_bank, EraseWithoutConfirmationIsAWrongSequence)
{
    bytes[0] = 0;
    command(0, 0x20);
    command(0, 0xff);
    EXPECT_EQ(status(), 0x00b000b0u) << "both errors";
    EXPECT_EQ(array(0, 1), 0u);
    command(0, 0x50);
    EXPECT_EQ(status(), ready) << "cleared";
}

TEST_F(cfi_flash_bank, ProgramsABuffer)
{
    command(0x1000, 0xe8);
    EXPECT_EQ(read(0x1000), ready) << "there is one";
    command(0x1000, 3 - 1);
    write(0x1000, 0x11112222);
    write(0x1008, 0x55556666);
    write(0x1004, 0x33334444);
    EXPECT_TRUE(stores.empty()) << "not before the confirmation";
    command(0, 0xd0);
    EXPECT_EQ(status(), ready);
    EXPECT_EQ(array(0x1000, 8), 0x3333444411112222u);
    EXPECT_EQ(array(0x1008), 0x55556666u);
    EXPECT_EQ(array(0x100c), 0xffffffffu);
    ASSERT_EQ(stores.size(), 1u);
    EXPECT_EQ(stores[0].size, 12u);
}

TEST_F(cfi_flash_bank, ABufferHasUpTo32Words)
{
    command(0x1000, 0xe8);
    command(0x1000, 32 - 1);
    for (unsigned i = 0; i < 32; i++)
        write(0x1000 + 4 * i, i);
    command(0x1000, 0xd0);
    EXPECT_EQ(status(), ready);
    EXPECT_EQ(array(0x107c), 31u);

    command(0x1000, 0xe8);
    command(0x1000, 33 - 1);
    EXPECT_EQ(status(), 0x00b000b0u);
}

TEST_F(cfi_flash_bank, ABufferIsNotProgrammedIfItsCommandsAreWrong)
{
    const struct {
        const char *what;
        std::uint64_t first, second;
        std::uint32_t confirmation;
    } rows[] = {
        {"no confirmation", 0x1000, 0x1004, 0xff},
        {"a word beyond the last", 0x1000, 0x1008, 0xd0},
        {"a word before the first", 0x1000, 0x0ffc, 0xd0},
        {"a word of the next block", 0x3fffc, 0x40000, 0xd0},
    };

    for (const auto &row : rows) {
        command(0, 0x50);
        command(row.first, 0xe8);
        command(row.first, 2 - 1);
        write(row.first, 0);
        write(row.second, 0);
        command(0, row.confirmation);
        EXPECT_EQ(status(), 0x00b000b0u) << row.what;
        EXPECT_EQ(array(row.first), 0xffffffffu) << row.what;
        EXPECT_EQ(array(row.second), 0xffffffffu) << row.what;
    }
    EXPECT_TRUE(stores.empty());
}

TEST_F(cfi_flash_bank, ALockedBlockIsNeitherProgrammedNorErased)
{
    bytes[0x40000] = 0xf0;
    lock(0x40000, 0x01);
    EXPECT_EQ(lock_of(0x40000), 0x00010001u);
    EXPECT_EQ(lock_of(0), 0u) << "one by one";
    program(0x40000, 0);
    EXPECT_EQ(status(), 0x00920092u) << "programming failed, locked";
    command(0, 0x50);
    erase(0x40000);
    EXPECT_EQ(status(), 0x00a200a2u) << "erasing failed, locked";
    EXPECT_EQ(array(0x40000, 1), 0xf0u);
    EXPECT_TRUE(stores.empty());

    command(0, 0x50);
    lock(0x40000, 0xd0);
    EXPECT_EQ(lock_of(0x40000), 0u);
    erase(0x40000);
    EXPECT_EQ(status(), ready);
    EXPECT_EQ(array(0x40000, 1), 0xffu);
}

TEST_F(cfi_flash_bank, LockDownHoldsUntilPowerIsOff)
{
    lock(0x40000, 0x2f);
    lock(0x40000, 0xd0);
    EXPECT_EQ(lock_of(0x40000), 0x00030003u);
    power_up(false);
    EXPECT_EQ(lock_of(0x40000), 0u);
}

TEST_F(cfi_flash_bank, AnUnknownLockCommandIsAWrongSequence)
{
    lock(0, 0x55);
    EXPECT_EQ(status(), 0x00b000b0u);
    EXPECT_EQ(lock_of(0), 0u);
}

TEST_F(cfi_flash_bank, WithoutProgrammingVoltageNothingChanges)
{
    power_up(true);
    bytes[0] = 0xf0;
    program(0, 0);
    EXPECT_EQ(status(), 0x00980098u);
    command(0, 0x50);
    erase(0);
    EXPECT_EQ(status(), 0x00a800a8u);
    EXPECT_EQ(array(0, 1), 0xf0u);
    EXPECT_TRUE(stores.empty());
}

TEST_F(cfi_flash_bank, WhatCannotBeKeptHasFailed)
{
    storable = false;
    program(0, 0);
    EXPECT_EQ(status(), 0x00900090u);
    command(0, 0x50);
    erase(0);
    EXPECT_EQ(status(), 0x00a000a0u);
}

TEST_F(cfi_flash_bank, ErrorsStayUntilTheyAreCleared)
{
    command(0, 0x20);
    command(0, 0xff);
    program(0x1000, 0);
    EXPECT_EQ(status(), 0x00b000b0u);
}

TEST_F(cfi_flash_bank, SuspendAndResumeFindNothingUnderWay)
{
    command(0, 0xb0);
    EXPECT_EQ(read(0), ready) << "not suspended";
    command(0, 0xd0);
    EXPECT_EQ(read(0), ready);
}

TEST_F(cfi_flash_bank, UnknownCommandsChangeNothing)
{
    command(0, 0x33);
    EXPECT_TRUE(cfi_flash_reads_array(core));
    EXPECT_EQ(status(), ready);
}

// U-Boot takes a bank of 32 bits for one of 16, whose blocks are half as large.
TEST_F(cfi_flash_bank, AWriteOfHalfTheBusCommandsBothChips)
{
    write(0x1002, 0x70, 2);
    EXPECT_EQ(read(0x2000), ready);
    write(0x1001, 0xff, 1);
    EXPECT_TRUE(cfi_flash_reads_array(core));

    bytes[0x1ffff] = bytes[0x20000] = bytes[0x20002] = 0;
    write(0x20000, 0x20, 2);
    write(0x20000, 0xd0, 2);
    EXPECT_EQ(array(0x1fffc), 0xffffffffu);
    EXPECT_EQ(array(0x20000), 0xffffffffu);
}

TEST_F(cfi_flash_bank, AWriteOfHalfTheBusProgramsThatHalf)
{
    write(0x1000, 0x40, 2);
    write(0x1002, 0x1234, 2);
    EXPECT_EQ(array(0x1000), 0x1234ffffu);
    write(0x1000, 0x40, 2);
    write(0x1005, 0x56, 1);
    EXPECT_EQ(array(0x1004), 0xffff56ffu);
}

TEST_F(cfi_flash_bank, ABufferIsFilledByHalvesOfTheBus)
{
    write(0x1000, 0xe8, 2);
    write(0x1000, 32 - 1, 2);
    for (unsigned i = 0; i < 32; i++)
        write(0x1000 + 2 * i, i, 2);
    write(0x1000, 0xd0, 2);
    EXPECT_EQ(status(), ready);
    EXPECT_EQ(array(0x1000, 8), 0x0003000200010000u);
    EXPECT_EQ(array(0x103c), 0x001f001eu);
    EXPECT_EQ(array(0x1040), 0xffffffffu);
}

TEST_F(cfi_flash_bank, AWriteOf64BitsIsTwoOfTheBus)
{
    write(0x1000, 0x1111222200400040, 8); // program, the word for it
    EXPECT_EQ(array(0x1004), 0x11112222u);
}

TEST_F(cfi_flash_bank, TellsWhetherReadsGiveTheArray)
{
    command(0, 0x70);
    command(0, 0x90);
    command(0, 0xff);
    command(0, 0xff);
    EXPECT_EQ(modes, (std::vector<bool>{false, true})) << "changes only";
}

TEST_F(cfi_flash_bank, PeekingGivesTheArray)
{
    std::uint64_t value = 0;
    bytes[0x1000] = 0x12;
    command(0, 0x70);
    EXPECT_EQ(cfi_flash_frame.peek(core, 0x1000, 4, &value), VP_OK);
    EXPECT_EQ(value, 0xffffff12u);
}

TEST(cfi_flash_config, SizesArePowersOfTwo)
{
    std::vector<std::uint8_t> bytes(0x100000);
    char err[80];
    for (const std::uint64_t bad : {0x0ull, 0x40000ull, 0xc0000ull, 0x80000000ull}) {
        const cfi_flash_config config = {bytes.data(), bad, false};
        const cfi_flash_ops ops = {};
        EXPECT_EQ(cfi_flash_create(&config, &ops, nullptr, err, sizeof err), nullptr) << bad;
        EXPECT_STREQ(err, "its size must be a power of two from 0x80000 to 0x40000000");
    }
}

} // namespace
} // namespace test_cfi_flash
