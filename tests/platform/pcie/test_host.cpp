// SPDX-License-Identifier: Apache-2.0
// The host: who answers configuration and memory accesses, and what a port lets through.
#include "pcie_bench.hpp"

namespace test_host {
namespace {

class pcie_host_bus : public pcie_bench {};

// --- configuration ---

TEST_F(pcie_host_bus, AbsentFunctionsReadAllOnes)
{
    EXPECT_EQ(config(0, 0x00, 0), 0xffffffffu);
    EXPECT_EQ(config(0, 0x09, 0), 0xffffffffu);
    EXPECT_EQ(config(5, 0x08, 0, 2), 0xffffu);
    EXPECT_EQ(config(5, 0x08, 0, 8), ~0ull);
    configure(0, 0x00, 4, 0xffffffff);
}

TEST_F(pcie_host_bus, FunctionsAnswerOnTheirBus)
{
    EXPECT_EQ(config(0, 0x08, 0), 0x0123CAFEu);
    EXPECT_EQ(config(0, 0x08, 0, 8), 0x001000000123CAFEu) << "8 bytes are two accesses";
    EXPECT_EQ(config(1, 0x00, 0), 0xffffffffu) << "the port has no bus yet";
    configure(0, 0x18, SECONDARY, 1, 1);
    EXPECT_EQ(config(1, 0x00, 0), 0x0123CAFEu);
    EXPECT_EQ(config(1, 0x08, 0), 0xffffffffu) << "only device 0 is behind a port";
}

TEST_F(pcie_host_bus, WriteOfEightBytesIsTwo)
{
    configure(0, 0x08, BAR0, 0x00000080'12340000, 8);
    EXPECT_EQ(integrated.get(BAR0), 0x12340004u);
    EXPECT_EQ(integrated.get(BAR0 + 4), 0x80u);
}

TEST_F(pcie_host_bus, MisalignedConfigurationAccessIsRefused)
{
    std::uint64_t value = 1;
    EXPECT_EQ(pcie_ecam_frame.read(host.get(), ecam(0, 8, 2), 4, &value), VP_SLVERR);
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(pcie_ecam_frame.write(host.get(), ecam(0, 8, 2), 4, 0), VP_SLVERR);
}

TEST_F(pcie_host_bus, FirstBusIsThatOfTheHost)
{
    const vp_wires wires = {};
    const std::unique_ptr<pcie_host, deleter> other(pcie_host_create(0x40, &wires));
    test_fn fn(full_endpoint());
    char reason[80];
    std::uint64_t value = 0;
    ASSERT_TRUE(pcie_host_add(other.get(), nullptr, 0, fn.fn.get(), reason, sizeof reason));
    pcie_ecam_frame.write(other.get(), COMMAND, 2, 0);
    EXPECT_EQ(pcie_fn_requester_id(fn.fn.get()), 0x4000u);
    EXPECT_EQ(pcie_ecam_frame.read(other.get(), 0xc0ull << 20, 4, &value), VP_OK);
    EXPECT_EQ(value, 0xffffffffu) << "bus 0x100";
}

TEST_F(pcie_host_bus, RequesterIdIsCapturedFromWrites)
{
    EXPECT_EQ(pcie_fn_requester_id(behind.fn.get()), 0u);
    configure(0, 0x18, SECONDARY, 7, 1);
    configure(7, 0x00, 0x3C, 0, 1);
    EXPECT_EQ(pcie_fn_requester_id(behind.fn.get()), 0x0700u);
    EXPECT_EQ(pcie_fn_requester_id(integrated.fn.get()), 0x0008u);
}

TEST_F(pcie_host_bus, FunctionLevelResetKeepsTheBusNumber)
{
    open_port();
    configure(1, 0x00, behind.cap(EXPRESS) + 8, 0x8000, 2);
    EXPECT_EQ(behind.resets, 1u);
    EXPECT_EQ(pcie_fn_requester_id(behind.fn.get()), 0x0100u);
}

// --- places ---

TEST_F(pcie_host_bus, PlacesThatCannotBeAreRefused)
{
    test_fn fn(full_endpoint());
    test_fn express(full_endpoint(PCIE_ENDPOINT));
    EXPECT_EQ(add(nullptr, 0x08, fn), "another function is there");
    EXPECT_EQ(add(nullptr, 0x21, fn), "the device has no function 0");
    EXPECT_EQ(add(nullptr, 0x100, fn), "there are 32 devices of 8 functions");
    EXPECT_EQ(add(&integrated, 0x00, express), "what is above is no port");
    EXPECT_EQ(add(&port, 0x08, express), "behind a port there is only device 0");
    EXPECT_EQ(add(&port, 0x01, fn), "is not of the kind that goes there");
    EXPECT_EQ(add(nullptr, 0x20, express), "is not of the kind that goes there");
}

TEST_F(pcie_host_bus, FurtherFunctionsMakeADeviceMultifunction)
{
    test_fn second(full_endpoint(PCIE_ENDPOINT));
    EXPECT_EQ(behind.get(HEADER_TYPE, 1), 0u);
    ASSERT_EQ(add(&port, 0x01, second), "");
    EXPECT_EQ(behind.get(HEADER_TYPE, 1), 0x80u);
    pcie_fn_reset(behind.fn.get());
    EXPECT_EQ(behind.get(HEADER_TYPE, 1), 0x80u);
}

// --- memory ---

TEST_F(pcie_host_bus, WindowsWithoutBarReadAllOnes)
{
    EXPECT_EQ(memory(0x10000000), 0xffffffffu);
    EXPECT_EQ(memory(0x8000000001, 1), 0xffu);
    store(0x10000000, 0);
}

TEST_F(pcie_host_bus, BarOnTheRootBusIsReached)
{
    configure(0, 0x08, BAR0, 0x80'10000000, 8);
    configure(0, 0x08, COMMAND, MEMORY, 2);
    EXPECT_EQ(memory(0x8010000123, 1), 0x23u) << "the device answers its offset";
    store(0x8010000008, 0x1122334455667788, 8);
    ASSERT_EQ(integrated.accesses.size(), 2u);
    EXPECT_EQ(integrated.accesses[1].offset, 8u);
    EXPECT_EQ(integrated.accesses[1].value, 0x1122334455667788u);
}

TEST_F(pcie_host_bus, RefusedReadIsAllOnes)
{
    configure(0, 0x08, BAR0, 0x80'10000000, 8);
    configure(0, 0x08, COMMAND, MEMORY, 2);
    EXPECT_EQ(memory(0x8010000040), 0xffffffffu);
    EXPECT_EQ(memory(0x8010000044), 0x44u);
}

TEST_F(pcie_host_bus, OddAccessesAreCutIntoAlignedPieces)
{
    configure(0, 0x08, BAR0, 0x80'10000000, 8);
    configure(0, 0x08, COMMAND, MEMORY, 2);
    std::uint8_t data[11] = {};
    pcie_host_write(host.get(), 0x8010000003, data, sizeof data);
    std::vector<std::pair<std::uint64_t, unsigned>> pieces;
    for (const auto &access : integrated.accesses)
        pieces.emplace_back(access.offset, access.size);
    EXPECT_EQ(pieces,
              (std::vector<std::pair<std::uint64_t, unsigned>>{{3, 1}, {4, 4}, {8, 4}, {12, 2}}));
}

TEST_F(pcie_host_bus, PortPassesItsMemoryWindow)
{
    open_port(0x100, 0x101);
    EXPECT_EQ(memory(0x10000900), 0x900u);
    configure(1, 0x00, BAR0 + 8, 0x102 << 20);
    EXPECT_EQ(memory(0x10200900), 0xffffffffu) << "beyond the limit";
    configure(1, 0x00, BAR0 + 8, 0x0ff << 20);
    EXPECT_EQ(memory(0x0ff00900), 0xffffffffu) << "below the base";
    configure(1, 0x00, BAR0 + 8, 0x101 << 20 | 0xff000);
    EXPECT_EQ(memory(0x101ff900), 0x900u) << "the limit is a whole MiB";
}

TEST_F(pcie_host_bus, PortPassesItsPrefetchableWindowOf64Bits)
{
    open_port(1, 0);
    configure(0, 0x18, 0x24, 0x00100010);
    configure(0, 0x18, 0x28, 0x80);
    configure(0, 0x18, 0x2C, 0x80);
    configure(1, 0x00, BAR0, 0x80'00100000, 8);
    EXPECT_EQ(memory(0x8000100008), 8u);
    configure(0, 0x18, 0x2C, 0x7f);
    EXPECT_EQ(memory(0x8000100008), 0xffffffffu) << "the window is empty";
}

TEST_F(pcie_host_bus, PortNeedsItsOwnMemoryEnable)
{
    open_port();
    configure(0, 0x18, COMMAND, MASTER, 2);
    EXPECT_EQ(memory(0x10000900), 0xffffffffu);
}

TEST_F(pcie_host_bus, PortInD3hotPassesNothing)
{
    open_port();
    configure(0, 0x18, port.cap(PM) + 4, 3, 2);
    EXPECT_EQ(memory(0x10000900), 0xffffffffu);
    EXPECT_FALSE(pcie_host_forwards(behind.fn.get(), false));
}

// --- links ---

TEST_F(pcie_host_bus, LinkIsUpWhereSomethingIsPlugged)
{
    EXPECT_EQ(port.get(port.cap(EXPRESS) + 0x12, 2) & 0x2000, 0x2000u);
    EXPECT_EQ(empty_port.get(empty_port.cap(EXPRESS) + 0x12, 2) & 0x2000, 0u);
}

TEST_F(pcie_host_bus, SecondaryResetResetsWhatIsBehind)
{
    open_port();
    configure(0, 0x18, BRIDGE_CONTROL, 0x40, 2);
    EXPECT_EQ(behind.resets, 1u);
    EXPECT_EQ(integrated.resets, 0u);
    EXPECT_EQ(config(1, 0x00, 0), 0xffffffffu) << "the link is down";
    EXPECT_EQ(port.get(port.cap(EXPRESS) + 0x12, 2) & 0x2000, 0u);

    configure(0, 0x18, BRIDGE_CONTROL, 0, 2);
    EXPECT_EQ(config(1, 0x00, 0), 0x0123CAFEu);
    EXPECT_EQ(config(1, 0x00, COMMAND, 2), 0u);
    EXPECT_EQ(behind.resets, 1u);
    EXPECT_EQ(pcie_fn_requester_id(behind.fn.get()), 0u) << "no bus number until a write";
}

TEST_F(pcie_host_bus, DisabledLinkIsDown)
{
    open_port();
    configure(0, 0x18, port.cap(EXPRESS) + 0x10, 0x10, 2);
    EXPECT_EQ(behind.resets, 1u);
    EXPECT_EQ(config(1, 0x00, 0), 0xffffffffu);
    EXPECT_EQ(memory(0x10000900), 0xffffffffu);
    EXPECT_FALSE(pcie_host_forwards(behind.fn.get(), false));
}

// --- upstream ---

TEST_F(pcie_host_bus, RootBusIsNotHeldUp)
{
    EXPECT_TRUE(pcie_host_forwards(integrated.fn.get(), true));
}

TEST_F(pcie_host_bus, PortForwardsAsBusMaster)
{
    open_port();
    EXPECT_TRUE(pcie_host_forwards(behind.fn.get(), false));
    configure(0, 0x18, COMMAND, MEMORY, 2);
    EXPECT_FALSE(pcie_host_forwards(behind.fn.get(), false));
}

TEST_F(pcie_host_bus, SourceValidationWantsABusNumberOfThePort)
{
    open_port();
    configure(0, 0x18, SECONDARY, 2, 1);
    configure(0, 0x18, SUBORDINATE, 2, 1);
    EXPECT_TRUE(pcie_host_forwards(behind.fn.get(), false)) << "not asked for";
    configure(0, 0x18, port.ext(ACS) + 6, 1, 2);
    EXPECT_FALSE(pcie_host_forwards(behind.fn.get(), false)) << "it still believes to be on bus 1";
    configure(2, 0x00, 0x3C, 0, 1);
    EXPECT_TRUE(pcie_host_forwards(behind.fn.get(), false));
}

// PCI Express Base Specification 6.0, 6.12.1.1: requests whose AT field is not Untranslated.
TEST_F(pcie_host_bus, TranslationBlockingIsOfRequestsThatAreNotUntranslated)
{
    open_port();
    EXPECT_TRUE(pcie_host_forwards(behind.fn.get(), true)) << "not asked for";
    configure(0, 0x18, port.ext(ACS) + 6, 2, 2);
    EXPECT_FALSE(pcie_host_forwards(behind.fn.get(), true));
    EXPECT_TRUE(pcie_host_forwards(behind.fn.get(), false));
}

} // namespace
} // namespace test_host
