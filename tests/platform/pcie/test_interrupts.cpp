// SPDX-License-Identifier: Apache-2.0
// Interrupts of a function: MSI, MSI-X with its table, and the pin they replace.
#include <gmock/gmock.h>

#include "pcie_bench.hpp"

namespace test_interrupts {
namespace {

using testing::ElementsAre;
using message = test_fn::message;

class interrupts : public ::testing::Test {
  protected:
    static constexpr unsigned table_bar = 2;
    static constexpr unsigned pba = 0x800;

    interrupts() { fn.set(COMMAND, MASTER, 2); }

    void enable_msix(std::uint32_t more = 0) { fn.set(fn.cap(MSIX) + 2, 0x8000 | more, 2); }

    void set_vector(unsigned vector, std::uint64_t addr, std::uint32_t data, bool masked = false)
    {
        fn.bar_write(table_bar, 16 * vector, addr, 8);
        fn.bar_write(table_bar, 16 * vector + 8, data);
        fn.bar_write(table_bar, 16 * vector + 12, masked);
    }

    // `granted`: log2 of the vectors.
    void enable_msi(unsigned granted)
    {
        const unsigned at = fn.cap(MSI);
        fn.set(at + 4, 0x1000);
        fn.set(at + 8, 0x2);
        fn.set(at + 0xC, 0x43, 2);
        fn.set(at + 2, granted << 4 | 1, 2);
    }

    void raise(unsigned vector) { pcie_fn_raise(fn.fn.get(), vector); }

    test_fn fn{full_endpoint()};
};

// --- MSI-X ---

TEST_F(interrupts, MsixTellsItsSizeAndPlace)
{
    const unsigned at = fn.cap(MSIX);
    EXPECT_EQ(fn.get(at + 2, 2), 65u);
    EXPECT_EQ(fn.get(at + 4), 2u);
    EXPECT_EQ(fn.get(at + 8), 0x802u);
}

TEST_F(interrupts, MsixVectorsAreMaskedAfterReset)
{
    EXPECT_EQ(fn.bar_read(table_bar, 12), 1u);
    EXPECT_EQ(fn.bar_read(table_bar, 16 * 65 + 8, 8), std::uint64_t{1} << 32);
}

TEST_F(interrupts, MsixSendsWhatTheTableSays)
{
    enable_msix();
    set_vector(65, 0x100008090040, 77);
    raise(65);
    EXPECT_THAT(fn.messages, ElementsAre(message{0x100008090040, 77}));
}

TEST_F(interrupts, MsixIsSilentUntilEnabled)
{
    set_vector(0, 0x1000, 1);
    raise(0);
    enable_msix();
    EXPECT_THAT(fn.messages, ElementsAre());
}

TEST_F(interrupts, MaskedVectorPends)
{
    enable_msix();
    set_vector(64, 0x1000, 5, true);
    raise(64);
    raise(64);
    EXPECT_THAT(fn.messages, ElementsAre());
    EXPECT_EQ(fn.bar_read(table_bar, pba + 8, 8), 1u);

    fn.bar_write(table_bar, 16 * 64 + 12, 0);
    EXPECT_THAT(fn.messages, ElementsAre(message{0x1000, 5})) << "once";
    EXPECT_EQ(fn.bar_read(table_bar, pba + 8, 8), 0u);
}

TEST_F(interrupts, FunctionMaskHoldsAll)
{
    enable_msix(0x4000);
    set_vector(0, 0x1000, 1);
    set_vector(1, 0x2000, 2);
    raise(1);
    raise(0);
    EXPECT_EQ(fn.bar_read(table_bar, pba), 3u);
    enable_msix();
    EXPECT_THAT(fn.messages, ElementsAre(message{0x1000, 1}, message{0x2000, 2}));
}

TEST_F(interrupts, MessagesNeedBusMaster)
{
    fn.set(COMMAND, 0, 2);
    enable_msix();
    set_vector(0, 0x1000, 1);
    raise(0);
    EXPECT_THAT(fn.messages, ElementsAre());
    fn.set(COMMAND, MASTER, 2);
    EXPECT_THAT(fn.messages, ElementsAre(message{0x1000, 1}));
}

TEST_F(interrupts, PendingBitsAreReadOnly)
{
    fn.bar_write(table_bar, pba, ~0ull, 8);
    EXPECT_EQ(fn.bar_read(table_bar, pba, 8), 0u);
}

TEST_F(interrupts, TableKeepsAddressDataAndMask)
{
    fn.bar_write(table_bar, 16, 0xffffffffffffffff, 8);
    fn.bar_write(table_bar, 24, 0xffffffffffffffff, 8);
    EXPECT_EQ(fn.bar_read(table_bar, 16, 8), 0xfffffffffffffffcu);
    EXPECT_EQ(fn.bar_read(table_bar, 24, 8), 0x1ffffffffu);
    fn.bar_write(table_bar, 16 + 4, 0x12345678);
    EXPECT_EQ(fn.bar_read(table_bar, 16, 8), 0x12345678fffffffcu);
}

TEST_F(interrupts, RestOfTheBarIsTheDevices)
{
    EXPECT_EQ(fn.bar_read(table_bar, 16 * 66), 16u * 66);
    EXPECT_EQ(fn.bar_read(table_bar, pba + 16), pba + 16u);
    EXPECT_EQ(fn.accesses.size(), 2u);
    EXPECT_EQ(fn.bar_read(0, 0), 0u) << "another BAR";
    EXPECT_EQ(fn.accesses.size(), 3u);
}

TEST_F(interrupts, VectorsBeyondTheTableAreIgnored)
{
    enable_msix();
    raise(66);
    raise(~0u);
    EXPECT_EQ(fn.bar_read(table_bar, pba + 8, 8), 0u);
}

TEST_F(interrupts, ResetForgetsTableAndPending)
{
    enable_msix(0x4000);
    set_vector(0, 0x1000, 1);
    raise(0);
    pcie_fn_reset(fn.fn.get());
    EXPECT_EQ(fn.bar_read(table_bar, pba, 8), 0u);
    EXPECT_EQ(fn.bar_read(table_bar, 0, 8), 0u);
    EXPECT_EQ(fn.bar_read(table_bar, 12), 1u);
}

// --- MSI ---

TEST_F(interrupts, MsiPutsTheVectorIntoTheData)
{
    EXPECT_EQ(fn.get(fn.cap(MSI) + 2, 2), 0x0184u) << "64 bits, masking, 4 vectors";
    enable_msi(2);
    raise(3);
    EXPECT_THAT(fn.messages, ElementsAre(message{0x200001000, 0x43}));
}

TEST_F(interrupts, MsiFoldsVectorsThatWereNotGranted)
{
    enable_msi(1);
    raise(2);
    raise(3);
    EXPECT_THAT(fn.messages, ElementsAre(message{0x200001000, 0x42}, message{0x200001000, 0x43}));
}

TEST_F(interrupts, MsiMaskHoldsAndUnmaskingSends)
{
    const unsigned at = fn.cap(MSI);
    enable_msi(2);
    fn.set(at + 0x10, 0xffffffff);
    EXPECT_EQ(fn.get(at + 0x10), 0xfu);
    raise(1);
    EXPECT_EQ(fn.get(at + 0x14), 2u);
    fn.set(at + 0x10, 0xd);
    EXPECT_THAT(fn.messages, ElementsAre(message{0x200001000, 0x41}));
    EXPECT_EQ(fn.get(at + 0x14), 0u);
}

TEST_F(interrupts, MsixGoesBeforeMsi)
{
    enable_msi(0);
    enable_msix();
    set_vector(0, 0x3000, 9);
    raise(0);
    EXPECT_THAT(fn.messages, ElementsAre(message{0x3000, 9}));
}

// --- the pin, as the host sees it ---

class pins : public pcie_bench {};

TEST_F(pins, LevelShowsInStatusAndOnTheLine)
{
    pcie_fn_set_intx(integrated.fn.get(), true);
    EXPECT_TRUE(lines[1]) << "device 1, INTA";
    EXPECT_EQ(integrated.get(STATUS, 2) & INTX_PENDING, INTX_PENDING);
    pcie_fn_set_intx(integrated.fn.get(), false);
    EXPECT_FALSE(lines[1]);
    EXPECT_EQ(integrated.get(STATUS, 2) & INTX_PENDING, 0u);
}

TEST_F(pins, DisabledPinIsLowButShowsInStatus)
{
    pcie_fn_set_intx(integrated.fn.get(), true);
    integrated.set(COMMAND, INTX_OFF, 2);
    EXPECT_FALSE(lines[1]);
    EXPECT_EQ(integrated.get(STATUS, 2) & INTX_PENDING, INTX_PENDING);
    integrated.set(COMMAND, 0, 2);
    EXPECT_TRUE(lines[1]);
}

TEST_F(pins, MessagesReplaceThePin)
{
    pcie_fn_set_intx(integrated.fn.get(), true);
    integrated.set(integrated.cap(MSIX) + 2, 0x8000, 2);
    EXPECT_FALSE(lines[1]);
    integrated.set(integrated.cap(MSIX) + 2, 0, 2);
    EXPECT_TRUE(lines[1]);
    integrated.set(integrated.cap(MSI) + 2, 1, 2);
    EXPECT_FALSE(lines[1]);
}

TEST_F(pins, PinBehindAPortIsThatOfThePort)
{
    pcie_fn_set_intx(behind.fn.get(), true);
    EXPECT_TRUE(lines[3]) << "device 3, INTA";
}

TEST_F(pins, SharedLineIsHighWhileAnyPinIs)
{
    test_fn other(full_endpoint());
    ASSERT_EQ(add(nullptr, 5 << 3, other), "");
    pcie_fn_set_intx(integrated.fn.get(), true);
    pcie_fn_set_intx(other.fn.get(), true);
    pcie_fn_set_intx(integrated.fn.get(), false);
    EXPECT_TRUE(lines[1]);
    pcie_fn_set_intx(other.fn.get(), false);
    EXPECT_FALSE(lines[1]);
}

TEST_F(pins, FunctionWithoutPinHasNone)
{
    pcie_fn_desc desc = full_endpoint();
    desc.intx_pin = 0;
    test_fn silent(desc);
    ASSERT_EQ(add(nullptr, 6 << 3, silent), "");
    pcie_fn_set_intx(silent.fn.get(), true);
    EXPECT_EQ(silent.get(STATUS, 2) & INTX_PENDING, 0u);
}

TEST_F(pins, ResetLowersThePin)
{
    pcie_fn_set_intx(integrated.fn.get(), true);
    pcie_fn_reset(integrated.fn.get());
    EXPECT_FALSE(lines[1]);
}

} // namespace
} // namespace test_interrupts
