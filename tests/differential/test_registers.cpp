// SPDX-License-Identifier: Apache-2.0
// Registers and commands: what software reads back from the core and from QEMU.
#include <gtest/gtest.h>

#include "differential/gaps.hpp"
#include "differential/lockstep.hpp"
#include "support/random.hpp"
#include "support/registers.hpp"

using namespace support;

namespace differential::test_registers {
namespace {

class RegistersBesideQemu : public testing::Test {
  protected:
    void expect_same(uint32_t offset, uint32_t ignored = 0)
    {
        const both<uint32_t> value = steps.read32(offset);
        EXPECT_EQ(value.core & ~ignored, value.qemu & ~ignored)
            << std::hex << "register at 0x" << offset;
    }

    lockstep steps;
    random_source rng{0x5eed0d20};
};

TEST_F(RegistersBesideQemu, IdentifyAlike)
{
    expect_same(reg::IDR0);
    expect_same(reg::IDR1);
    expect_same(reg::IDR2);
    expect_same(reg::IDR3);
    expect_same(reg::IDR4);
    expect_same(reg::IDR5);
    expect_same(reg::AIDR);
}

TEST_F(RegistersBesideQemu, AcknowledgeUpdates)
{
    for (const uint32_t cr0 : {0x8u, 0xcu, 0xdu, 0x4u, 0x0u}) {
        steps.write32(reg::CR0, cr0);
        expect_same(reg::CR0);
        expect_same(reg::CR0ACK);
    }
    for (const uint32_t irq_ctrl : {0x1u, 0x4u, 0x5u, 0x0u}) {
        steps.write32(reg::IRQ_CTRL, irq_ctrl);
        expect_same(reg::IRQ_CTRL);
        expect_same(reg::IRQ_CTRLACK);
    }
}

TEST_F(RegistersBesideQemu, KeepWhatIsWritten)
{
    steps.write32(reg::GBPA, reg::GBPA_UPDATE | reg::GBPA_ABORT);
    if (!masked(gap::gbpa))
        expect_same(reg::GBPA);
    for (unsigned i = 0; i < 16; ++i) {
        const uint64_t base = address_bits(rng.bits(44), 43, 20);
        for (const uint32_t at : {reg::STRTAB_BASE, reg::CMDQ_BASE, reg::EVENTQ_BASE}) {
            const uint64_t low = at == reg::STRTAB_BASE ? 0 : rng.below(16);
            steps.write64(at, base | low);
            expect_same(at);
            expect_same(at + 4);
            steps.write32(at + 4, static_cast<uint32_t>(rng.bits(12)));
            steps.write32(at, static_cast<uint32_t>(base | low));
            EXPECT_EQ(steps.read64(at).core, steps.read64(at).qemu);
        }
        steps.write32(reg::STRTAB_BASE_CFG, 0x10000 | 6u << 6 | static_cast<uint32_t>(rng.bits(4)));
        expect_same(reg::STRTAB_BASE_CFG);
        steps.write32(reg::CR1, static_cast<uint32_t>(rng.bits(12)));
        expect_same(reg::CR1);
    }
}

// What of a command is an error, where the queue stops, and how it goes on (4.1, 7.1).
class CommandsBesideQemu : public RegistersBesideQemu {
  protected:
    void expect_same_queue_state()
    {
        expect_same(reg::CMDQ_PROD);
        expect_same(reg::CMDQ_CONS);
        expect_same(reg::GERROR);
        expect_same(reg::GERRORN);
    }
};

TEST_F(CommandsBesideQemu, AreConsumedOrRefusedAlike)
{
    steps.bring_up({});
    const command filler = cmd_sync();
    for (unsigned op = 0; op < 256; ++op) {
        SCOPED_TRACE(testing::Message() << "opcode " << op);
        if (accepted_silently(op))
            continue;
        steps.submit(raw_command(op));
        expect_same_queue_state();
        if (steps.read32(reg::GERROR).core == steps.read32(reg::GERRORN).core)
            continue;
        // Mended as software would: a valid command in its place, then the acknowledgement.
        steps.replace_last(filler);
        steps.write32(reg::GERRORN, steps.read32(reg::GERROR).core);
        steps.submit(filler);
        expect_same_queue_state();
    }
}

} // namespace
} // namespace differential::test_registers
