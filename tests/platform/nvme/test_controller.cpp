// SPDX-License-Identifier: Apache-2.0
// Life and registers of the controller.
#include "nvme_bench.hpp"

namespace test_controller {
namespace {

std::string mistake(const nvme_config &config)
{
    const nvme_ops ops = {};
    char reason[80] = "";
    nvme_destroy(nvme_create(&config, &ops, reason, sizeof reason));
    return reason;
}

TEST(nvme_controller, MistakesOfAConfigurationAreNamed)
{
    EXPECT_EQ(mistake({1, 8, "1", 10}), "block_shift: is not between 9 and 12");
    EXPECT_EQ(mistake({1, 13, "1", 10}), "block_shift: is not between 9 and 12");
    EXPECT_EQ(mistake({0, 9, "1", 10}), "blocks: the namespace has no size, or one beyond 64 bits");
    EXPECT_EQ(mistake({1ull << 55, 9, "1", 10}),
              "blocks: the namespace has no size, or one beyond 64 bits");
    nvme_config config = {1, 9, "", 10};
    std::memset(config.serial, 'x', sizeof config.serial);
    EXPECT_EQ(mistake(config), "serial: does not have 1 to 20 characters");
    EXPECT_EQ(mistake({1, 9, "", 10}), "serial: does not have 1 to 20 characters");
    EXPECT_EQ(mistake({1, 9, "1", 0}), "data_shift: is not between 1 and 10");
    EXPECT_EQ(mistake({1, 9, "1", 11}), "data_shift: is not between 1 and 10");
}

class nvme_registers : public nvme_bench {};

TEST_F(nvme_registers, CapabilitiesAndVersion)
{
    EXPECT_EQ(read(CAP, 8), 0x00400020140103ffu)
        << "1024 entries, contiguous, 10 s, NVM commands, pages of 4 to 64 KiB";
    EXPECT_EQ(read(VS), 0x00010400u);
    EXPECT_EQ(read(CSTS), 0u);
}

TEST_F(nvme_registers, EnablingMakesReady)
{
    enable();
    EXPECT_EQ(read(CSTS), 1u);
    EXPECT_EQ(read(CC), 0x00460001u);
    write(CC, 0);
    EXPECT_EQ(read(CSTS), 0u);
    EXPECT_EQ(read(ASQ, 8), asq) << "kept";
}

TEST_F(nvme_registers, AdminQueuesAreFixedWhileEnabled)
{
    enable();
    write(AQA, 0);
    write(ASQ, 0, 8);
    write(ACQ, 0, 8);
    EXPECT_EQ(read(AQA), (entries - 1) << 16 | (entries - 1));
    EXPECT_EQ(read(ASQ, 8), asq);
    EXPECT_EQ(read(ACQ, 8), acq);
}

TEST_F(nvme_registers, HalvesOf64BitRegisters)
{
    write(ASQ + 4, 0x12);
    write(ASQ, 0x34567fff);
    EXPECT_EQ(read(ASQ, 8), 0x1234567000u) << "whole pages";
    EXPECT_EQ(read(ASQ + 4), 0x12u);
}

TEST_F(nvme_registers, OtherSizesAreRefused)
{
    std::uint64_t value = 1;
    EXPECT_EQ(nvme_frame.read(core.get(), CAP, 2, &value), VP_SLVERR);
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(nvme_frame.write(core.get(), CC + 2, 4, 0), VP_SLVERR);
}

TEST_F(nvme_registers, WhatIsNotOfferedIsFatal)
{
    const std::uint32_t bad[] = {1 << 4 | 1, 1 << 11 | 1, 5 << 7 | 1};
    write(AQA, 7 << 16 | 7);
    for (const std::uint32_t cc : bad) {
        write(CC, cc);
        EXPECT_EQ(read(CSTS), 2u) << cc;
        write(CC, 0);
        EXPECT_EQ(read(CSTS), 0u) << "a reset is the way out";
    }
}

TEST_F(nvme_registers, AdminQueuesHaveTwoEntriesAtLeast)
{
    for (const std::uint32_t aqa : {7u, 7u << 16}) {
        write(AQA, aqa);
        write(CC, 1);
        EXPECT_EQ(read(CSTS), 2u) << aqa;
        write(CC, 0);
    }
}

TEST_F(nvme_registers, FieldsOfCcAreFixedWhileEnabled)
{
    enable();
    write(CC, 0x00330081);
    EXPECT_EQ(read(CC), 0x00460001u);
}

TEST_F(nvme_registers, QueuesMustBeAlignedToPages)
{
    write(AQA, 7 << 16 | 7);
    write(ASQ, 0x11000, 8);
    write(CC, 4 << 7 | 1); // 64 KiB
    EXPECT_EQ(read(CSTS), 2u);
}

TEST_F(nvme_registers, DoorbellsDoNothingWhileDisabled)
{
    write(DOORBELL, 1);
    EXPECT_EQ(kicks, 0u);
    enable();
    write(DOORBELL, 1);
    EXPECT_EQ(kicks, 1u);
}

// --- shutdown ---

TEST_F(nvme_registers, ShutdownFlushesAndCompletes)
{
    enable();
    write(CC, read(CC) | 1 << 14);
    EXPECT_EQ(read(CSTS), 0x5u) << "in progress";
    EXPECT_EQ(kicks, 1u);
    nvme_run(core.get());
    EXPECT_EQ(flushes, 1u);
    EXPECT_EQ(read(CSTS), 0x9u);
}

TEST_F(nvme_registers, ShutdownEndsTheWorkUntilTheNextReset)
{
    completion done = {};
    enable();
    write(CC, read(CC) | 1 << 14);
    submit(0, {GET_FEATURES, 0, 0, 0, 7});
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done));
    restart();
    EXPECT_EQ(read(CSTS), 1u);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 7}).status, OK);
}

TEST_F(nvme_registers, ShutdownOfAFailingDiskIsFatal)
{
    enable();
    disk_state = DISK_FAILED;
    write(CC, read(CC) | 1 << 14);
    nvme_run(core.get());
    EXPECT_EQ(read(CSTS), 0xbu);
}

TEST_F(nvme_registers, ShutdownThatAResetOvertakesIsForgotten)
{
    enable();
    disk_meanwhile = [this] {
        write(CC, 0);
        enable();
    };
    write(CC, read(CC) | 1 << 14);
    nvme_run(core.get());
    EXPECT_EQ(read(CSTS), 1u);
}

TEST_F(nvme_registers, ShutdownThatAStartOvertakesIsForgotten)
{
    disk_meanwhile = [this] { enable(); };
    write(CC, 1 << 14); // never enabled
    nvme_run(core.get());
    EXPECT_EQ(read(CSTS), 1u);
}

// --- reset ---

TEST_F(nvme_registers, ResetOfTheBusClearsRegisters)
{
    enable();
    write(INTMS, 5);
    nvme_reset(core.get());
    EXPECT_EQ(read(CSTS), 0u);
    EXPECT_EQ(read(CC), 0u);
    EXPECT_EQ(read(AQA), 0u);
    EXPECT_EQ(read(ASQ, 8), 0u);
    EXPECT_EQ(read(ACQ, 8), 0u);
    EXPECT_EQ(read(INTMS), 0u);
}

TEST_F(nvme_registers, ResetInAnyAccessDropsTheCommand)
{
    const command commands[] = {
        transfer(READ, 0, 24, 0x100000, 0x20000), transfer(WRITE, 0, 24, 0x100000, 0x20000),
        transfer(COMPARE, 0, 24, 0x100000, 0x20000), transfer(WRITE_ZEROES, 0, 24, 0)};
    put(0x20000, 0x101000, 8);
    put(0x20008, 0x102000, 8);
    for (const command &c : commands) {
        for (unsigned when = 1; when <= 5; when++) {
            restart();
            create_io_queues();
            unsigned accesses = 0;
            const auto reset = [&] {
                if (++accesses == when)
                    nvme_reset(core.get());
            };
            meanwhile = [&](std::uint64_t) { reset(); };
            disk_meanwhile = reset;
            submit(1, c);
            nvme_run(core.get());
            meanwhile = nullptr;
            disk_meanwhile = nullptr;
            if (accesses < when)
                break;
            EXPECT_EQ(accesses, when) << "access after the reset, command " << unsigned{c.opcode};
            EXPECT_FALSE(pin);
            EXPECT_EQ(read(CSTS), 0u);
        }
    }
}

} // namespace
} // namespace test_controller
