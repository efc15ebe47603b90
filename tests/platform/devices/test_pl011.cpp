// SPDX-License-Identifier: Apache-2.0
// The PL011: characters in and out, FIFO levels, interrupts, loopback, registers.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "frame_access.hpp"
#include "pl011/pl011.h"

namespace test_pl011 {
namespace {

enum : std::uint64_t {
    DR = 0x000,
    RSR = 0x004,
    FR = 0x018,
    ILPR = 0x020,
    IBRD = 0x024,
    FBRD = 0x028,
    LCR_H = 0x02C,
    CR = 0x030,
    IFLS = 0x034,
    IMSC = 0x038,
    RIS = 0x03C,
    MIS = 0x040,
    ICR = 0x044,
    DMACR = 0x048,
};

enum : std::uint64_t {
    FR_CTS = 1 << 0,
    FR_BUSY = 1 << 3,
    FR_RXFE = 1 << 4,
    FR_TXFF = 1 << 5,
    FR_RXFF = 1 << 6,
    FR_TXFE = 1 << 7,
    FR_RI = 1 << 8,
    INT_CTS = 1 << 1,
    INT_RX = 1 << 4,
    INT_TX = 1 << 5,
    INT_RT = 1 << 6,
    INT_FE = 1 << 7,
    INT_PE = 1 << 8,
    INT_BE = 1 << 9,
    INT_OE = 1 << 10,
    CR_ON = 0x301, // UARTEN, TXE, RXE
    CR_LBE = 1 << 7,
    EIGHT_BITS = 0x60,
    FIFOS = 0x70, // with eight bits
};

class pl011_uart : public ::testing::Test {
  protected:
    pl011_uart() : core(create(), pl011_destroy), regs(pl011_frame, core.get()) {}

    void enable(std::uint64_t lcr_h, std::uint64_t extra_cr = 0)
    {
        regs.write(LCR_H, lcr_h);
        regs.write(CR, CR_ON | extra_cr);
    }

    void receive(unsigned count)
    {
        for (unsigned i = 0; i < count; i++)
            EXPECT_TRUE(pl011_receive(core.get(), static_cast<std::uint8_t>('a' + i), 0));
    }

    bool raw(std::uint64_t interrupt) { return regs.read(RIS) & interrupt; }

    std::string sent;
    std::vector<std::uint64_t> timeouts;
    bool irq = false;
    std::unique_ptr<pl011, void (*)(pl011 *)> core;
    frame_access regs;

  private:
    pl011 *create()
    {
        const pl011_ops ops = {[](void *user, std::uint8_t byte) {
                                   static_cast<pl011_uart *>(user)->sent += static_cast<char>(byte);
                               },
                               [](void *user, std::uint64_t cycles) {
                                   static_cast<pl011_uart *>(user)->timeouts.push_back(cycles);
                               }};
        const vp_wires wires = {this, [](void *user, unsigned line, bool level) {
                                    EXPECT_EQ(line, 0u);
                                    static_cast<pl011_uart *>(user)->irq = level;
                                }};
        return pl011_create(&ops, this, &wires);
    }
};

TEST_F(pl011_uart, ResetValues)
{
    EXPECT_EQ(regs.read(CR), 0x300u);
    EXPECT_EQ(regs.read(IFLS), 0x12u);
    EXPECT_EQ(regs.read(FR), 0x97u) << "empty; CTS, DSR and DCD of a ready terminal";
    for (std::uint64_t at : {RSR, ILPR, IBRD, FBRD, LCR_H, IMSC, RIS, MIS, DMACR})
        EXPECT_EQ(regs.read(at), 0u) << at;
}

TEST_F(pl011_uart, WritableBits)
{
    const struct {
        std::uint64_t offset, bits;
    } registers[] = {{ILPR, 0xFF}, {IBRD, 0xFFFF}, {FBRD, 0x3F}, {LCR_H, 0xFF},
                     {IFLS, 0x3F}, {IMSC, 0x7FF},  {DMACR, 0x7}, {CR, 0xFF87}};

    for (const auto &reg : registers) {
        regs.write(reg.offset, 0xFFFFFFFF);
        EXPECT_EQ(regs.read(reg.offset), reg.bits) << std::hex << reg.offset;
        regs.write(reg.offset, 0);
        EXPECT_EQ(regs.read(reg.offset), 0u) << std::hex << reg.offset;
    }
}

TEST_F(pl011_uart, ReadOnlyAndReservedRegistersIgnoreWrites)
{
    for (std::uint64_t at : {0x008ul, 0x01Cul, 0x04Cul, 0xFDCul})
        regs.write(at, 0xFFFFFFFF);
    EXPECT_EQ(regs.read(0x01C), 0u);
    regs.write(RIS, 0x7FF);
    regs.write(MIS, 0x7FF);
    EXPECT_EQ(regs.read(RIS), 0u);
    regs.write(0xFE0, 0xFF);
    EXPECT_EQ(regs.read(0xFE0), 0x11u);
}

TEST_F(pl011_uart, PrimeCellIdentification)
{
    const std::uint64_t ids[] = {0x11, 0x10, 0x34, 0x00, 0x0D, 0xF0, 0x05, 0xB1};

    for (unsigned i = 0; i < 8; i++)
        EXPECT_EQ(regs.read(0xFE0 + 4 * i), ids[i]) << i;
}

TEST_F(pl011_uart, BadAccessesAreRefused)
{
    EXPECT_EQ(regs.read_status(FR, 8), VP_SLVERR);
    EXPECT_EQ(regs.read_status(FR + 1, 1), VP_SLVERR);
    EXPECT_EQ(regs.write_status(CR, 3), VP_SLVERR);
    EXPECT_EQ(regs.write_status(CR, 0), VP_SLVERR);
    EXPECT_EQ(regs.read_status(PL011_SIZE, 4), VP_DECERR);
    EXPECT_EQ(regs.read_status(FR, 1), VP_OK);
    EXPECT_EQ(regs.read_status(FR, 2), VP_OK);
}

TEST_F(pl011_uart, CharactersLeaveAtOnce)
{
    enable(FIFOS);
    for (char c : {'o', 'k'})
        regs.write(DR, static_cast<unsigned char>(c), 1);
    EXPECT_EQ(sent, "ok");
    EXPECT_EQ(regs.read(FR) & (FR_TXFE | FR_TXFF | FR_BUSY), FR_TXFE);
}

TEST_F(pl011_uart, CharactersAreCutToTheWordLength)
{
    enable(0x00); // 5 bits
    regs.write(DR, 0xFF);
    EXPECT_EQ(sent, "\x1F");
    enable(0x40); // 7 bits
    EXPECT_TRUE(pl011_receive(core.get(), 0xFF, 0));
    EXPECT_EQ(regs.read(DR), 0x7Fu);
}

TEST_F(pl011_uart, DisabledTransmitterFillsItsFifo)
{
    regs.write(LCR_H, FIFOS);
    for (unsigned i = 0; i < PL011_FIFO_DEPTH; i++) {
        EXPECT_FALSE(regs.read(FR) & FR_TXFF) << i;
        regs.write(DR, 'a' + i);
    }
    EXPECT_TRUE(regs.read(FR) & FR_TXFF);
    EXPECT_TRUE(regs.read(FR) & FR_BUSY);
    regs.write(DR, 'X');
    EXPECT_EQ(sent, "");
    regs.write(CR, CR_ON);
    EXPECT_EQ(sent.size(), PL011_FIFO_DEPTH) << "the one too many is lost";
    EXPECT_EQ(sent.front(), 'a');
}

TEST_F(pl011_uart, WithoutFifosThereIsOneHoldingRegister)
{
    regs.write(LCR_H, EIGHT_BITS);
    regs.write(DR, 'x');
    EXPECT_TRUE(regs.read(FR) & FR_TXFF);
    enable(EIGHT_BITS);
    receive(1);
    EXPECT_TRUE(regs.read(FR) & FR_RXFF);
    EXPECT_TRUE(raw(INT_RX));
    EXPECT_EQ(regs.read(DR), 'a');
    EXPECT_FALSE(raw(INT_RX));
    EXPECT_TRUE(regs.read(FR) & FR_RXFE);
}

TEST_F(pl011_uart, TransmitInterruptComesWhenTheFifoDrainsAndGoesByIcr)
{
    enable(FIFOS);
    EXPECT_FALSE(raw(INT_TX)) << "it is the passage that counts, not the level";
    regs.write(DR, 'x');
    EXPECT_TRUE(raw(INT_TX));
    regs.write(ICR, INT_TX);
    EXPECT_FALSE(raw(INT_TX));
}

TEST_F(pl011_uart, TransmitInterruptGoesWhenTheFifoFillsAboveItsTrigger)
{
    enable(FIFOS);
    regs.write(IFLS, 0); // 1/8: 4 characters
    regs.write(DR, 'x');
    regs.write(CR, CR_ON & ~0x100u); // transmitter off
    for (unsigned i = 0; i < 4; i++)
        regs.write(DR, 'x');
    EXPECT_TRUE(raw(INT_TX));
    regs.write(DR, 'x');
    EXPECT_FALSE(raw(INT_TX));
}

TEST_F(pl011_uart, ReceiveInterruptHasFiveTriggerLevels)
{
    const unsigned levels[] = {4, 8, 16, 24, 28};

    for (unsigned select = 0; select < 5; select++) {
        enable(EIGHT_BITS); // empties the FIFOs
        enable(FIFOS);
        regs.write(IFLS, select << 3);
        receive(levels[select] - 1);
        EXPECT_FALSE(raw(INT_RX)) << select;
        receive(1);
        EXPECT_TRUE(raw(INT_RX)) << select;
        regs.read(DR);
        EXPECT_FALSE(raw(INT_RX)) << select;
    }
}

TEST_F(pl011_uart, ReceiveInterruptClearedByIcrReturnsWithTheNextCharacter)
{
    enable(FIFOS);
    receive(16);
    regs.write(ICR, INT_RX);
    EXPECT_FALSE(raw(INT_RX));
    receive(1);
    EXPECT_TRUE(raw(INT_RX));
}

TEST_F(pl011_uart, FifoKeepsOrderAroundItsEnd)
{
    enable(FIFOS);
    for (unsigned round = 0; round < 5; round++) {
        receive(20);
        for (unsigned i = 0; i < 20; i++)
            EXPECT_EQ(regs.read(DR), 'a' + i);
    }
}

TEST_F(pl011_uart, OverrunKeepsTheOldCharacters)
{
    enable(FIFOS);
    receive(32);
    EXPECT_TRUE(regs.read(FR) & FR_RXFF);
    EXPECT_FALSE(pl011_can_receive(core.get()));
    EXPECT_FALSE(pl011_receive(core.get(), 'Z', 0));
    EXPECT_TRUE(raw(INT_OE));
    EXPECT_EQ(regs.read(DR), ('a' | 1u << 11));
    EXPECT_EQ(regs.read(RSR), 8u);
    EXPECT_TRUE(pl011_receive(core.get(), 'n', 0));
    EXPECT_EQ(regs.read(DR), 'b') << "room again: OE is over";
    EXPECT_EQ(regs.read(RSR), 8u) << "until cleared";
    regs.write(RSR, 0);
    EXPECT_EQ(regs.read(RSR), 0u);
}

TEST_F(pl011_uart, ErrorsTravelWithTheirCharacter)
{
    const struct {
        unsigned error;
        std::uint64_t interrupt, status;
    } errors[] = {{PL011_FRAMING_ERROR, INT_FE, 1},
                  {PL011_PARITY_ERROR, INT_PE, 2},
                  {PL011_BREAK_ERROR, INT_BE, 4}};

    enable(FIFOS);
    for (const auto &e : errors) {
        regs.write(ICR, 0x7FF);
        EXPECT_TRUE(pl011_receive(core.get(), 0x55, e.error));
        EXPECT_TRUE(pl011_receive(core.get(), 0x66, 0));
        EXPECT_EQ(regs.read(RIS), e.interrupt);
        EXPECT_EQ(regs.read(DR), 0x55u | e.error);
        EXPECT_EQ(regs.read(RSR), e.status);
        EXPECT_EQ(regs.read(DR), 0x66u);
        EXPECT_EQ(regs.read(RSR), 0u);
    }
}

TEST_F(pl011_uart, ReceiveTimeoutIsAskedForAfterEachCharacter)
{
    enable(FIFOS);
    regs.write(IBRD, 13);
    regs.write(FBRD, 1);
    receive(2);
    EXPECT_EQ(timeouts, (std::vector<std::uint64_t>{8 * (13 * 64 + 1), 8 * (13 * 64 + 1)}));
}

TEST_F(pl011_uart, ReceiveTimeoutLastsUntilTheFifoIsEmpty)
{
    enable(FIFOS);
    receive(2);
    EXPECT_FALSE(raw(INT_RT));
    pl011_receive_timeout(core.get());
    EXPECT_TRUE(raw(INT_RT));
    regs.read(DR);
    EXPECT_TRUE(raw(INT_RT));
    regs.read(DR);
    EXPECT_FALSE(raw(INT_RT));
}

TEST_F(pl011_uart, ReceiveTimeoutOfAnEmptyFifoIsNothing)
{
    enable(FIFOS);
    pl011_receive_timeout(core.get());
    EXPECT_FALSE(raw(INT_RT));
}

TEST_F(pl011_uart, MaskSelectsWhatRaisesTheInterrupt)
{
    enable(FIFOS);
    regs.write(DR, 'x');
    EXPECT_FALSE(irq);
    EXPECT_EQ(regs.read(MIS), 0u);
    regs.write(IMSC, INT_TX | INT_RX);
    EXPECT_TRUE(irq);
    EXPECT_EQ(regs.read(MIS), INT_TX);
    regs.write(IMSC, INT_RX);
    EXPECT_FALSE(irq);
    EXPECT_TRUE(raw(INT_TX));
}

TEST_F(pl011_uart, InterruptFallsWhenItsCauseGoes)
{
    enable(FIFOS);
    regs.write(IMSC, INT_RX);
    receive(16);
    EXPECT_TRUE(irq);
    regs.read(DR);
    EXPECT_FALSE(irq);
}

TEST_F(pl011_uart, DisabledReceiverLosesCharacters)
{
    regs.write(LCR_H, FIFOS);
    EXPECT_FALSE(pl011_receive(core.get(), 'x', 0));
    regs.write(CR, 0x101); // receiver off
    EXPECT_FALSE(pl011_receive(core.get(), 'x', 0));
    EXPECT_FALSE(pl011_can_receive(core.get()));
    EXPECT_TRUE(regs.read(FR) & FR_RXFE);
}

TEST_F(pl011_uart, LoopbackReturnsCharactersAndKeepsThemInside)
{
    enable(FIFOS, CR_LBE);
    regs.write(DR, 'q');
    EXPECT_EQ(sent, "");
    EXPECT_EQ(regs.read(DR), 'q');
    EXPECT_FALSE(pl011_receive(core.get(), 'x', 0)) << "UARTRXD is cut off";
}

TEST_F(pl011_uart, LoopbackReturnsModemOutputs)
{
    enable(FIFOS, CR_LBE);
    EXPECT_EQ(regs.read(FR) & 0x107, 0u);
    regs.write(CR, CR_ON | CR_LBE | 1 << 11 | 1 << 13); // RTS, Out2
    EXPECT_EQ(regs.read(FR) & 0x107, FR_CTS | FR_RI);
}

TEST_F(pl011_uart, ModemChangesInterrupt)
{
    enable(FIFOS, CR_LBE);
    regs.write(ICR, 0x7FF);
    regs.write(CR, CR_ON | CR_LBE | 1 << 11);
    EXPECT_EQ(regs.read(RIS), INT_CTS);
}

TEST_F(pl011_uart, HardwareFlowControlHoldsTheTransmitter)
{
    enable(FIFOS, CR_LBE | 1 << 15); // CTSEn, RTS low
    regs.write(DR, 'w');
    EXPECT_FALSE(regs.read(FR) & FR_TXFE);
    regs.write(CR, CR_ON | CR_LBE | 1 << 15 | 1 << 11);
    EXPECT_TRUE(regs.read(FR) & FR_TXFE);
    EXPECT_EQ(regs.read(DR), 'w');
}

TEST_F(pl011_uart, PeekLeavesTheCharacter)
{
    std::uint64_t value = 0;

    enable(FIFOS);
    receive(1);
    EXPECT_EQ(pl011_frame.peek(core.get(), DR, 4, &value), VP_OK);
    EXPECT_EQ(value, 'a');
    EXPECT_FALSE(regs.read(FR) & FR_RXFE);
}

} // namespace
} // namespace test_pl011
