// SPDX-License-Identifier: Apache-2.0
// The host and the DMA function as SystemC modules, between software and memory.
#include <cstring>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc>

#include "ecam_bench.hpp"
#include "support/shared_bench.hpp"

namespace test_ecam_host {
namespace {

using test::below_pcie;
using test::bench;
using test::edited_tree;
using test::make_host;
using test::memory;
using test::pcie;
using test::pcie_machine;
using test::plug;
using test::plug_port;
using test::seen_access;

// --- Mistakes in the device tree (first: AddressSanitizer takes exceptions after the first switch
// of SystemC processes for errors) ---

std::string mistake(const edited_tree &tree)
{
    try {
        make_host("bad", tree);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

TEST(a_pcie_function_node, names_an_unknown_model)
{
    auto tree = pcie_machine();
    plug(tree, "a@1,0", "acme,gpu", 0x08);
    EXPECT_EQ(mistake(tree), below_pcie("a@1,0: compatible: no PCI Express model for acme,gpu"));
}

TEST(a_pcie_function_node, names_a_place_that_cannot_be)
{
    auto tree = pcie_machine();
    plug(tree, "a@1,1", "vp,pcie-dma", 0x09);
    EXPECT_EQ(mistake(tree), below_pcie("a@1,1: reg: the device has no function 0"));

    tree = pcie_machine();
    plug(tree, "b@1,0", "vp,pcie-dma", 0x08);
    plug(tree, "a@1,0", "vp,pcie-dma", 0x08);
    EXPECT_EQ(mistake(tree), below_pcie("b@1,0: reg: another function is there"));

    tree = pcie_machine();
    plug_port(tree, "port@1,0", 0x08);
    plug(tree, "port@1,0/a@1,0", "vp,pcie-dma", 0x08);
    EXPECT_EQ(mistake(tree),
              below_pcie("port@1,0/a@1,0: reg: behind a port there is only device 0"));

    tree = pcie_machine();
    plug_port(tree, "port@1,0", 0x08);
    plug_port(tree, "port@1,0/port@0,0", 0x00);
    EXPECT_EQ(mistake(tree),
              below_pcie("port@1,0/port@0,0: reg: is not of the kind that goes there"));
}

TEST(a_pcie_function_node, names_mistakes_of_the_dma_function)
{
    const struct {
        const char *property;
        std::uint32_t value;
        const char *reason;
    } mistakes[] = {
        {"vp,rings", 0, "vp,rings: must be 1 to 16"},
        {"vp,rings", 17, "vp,rings: must be 1 to 16"},
        {"vp,burst-bytes", 100, "vp,burst-bytes: must be a power of two from 64 to 4096"},
        {"vp,burst-ns", 0, "vp,burst-ns: must not be 0"},
        {"vp,outstanding", 0, "vp,outstanding: must be 1 to 256"},
        {"vp,outstanding", 257, "vp,outstanding: must be 1 to 256"},
    };

    for (const auto &m : mistakes) {
        auto tree = pcie_machine();
        plug(tree, "a@1,0", "vp,pcie-dma", 0x08).cells(below_pcie("a@1,0"), m.property, {m.value});
        EXPECT_EQ(mistake(tree), below_pcie("a@1,0: ") + m.reason);
    }
}

TEST(a_pcie_function_node, names_mistakes_of_the_translation_cache)
{
    const struct {
        std::vector<std::uint32_t> cells;
        const char *reason;
    } mistakes[] = {
        {{16}, "vp,atc: must be <sets ways>"},
        {{3, 4}, "vp,atc: sets: not a power of two"},
        {{0x8000, 4}, "vp,atc: more than 65536 entries"},
    };

    for (const auto &m : mistakes) {
        auto tree = pcie_machine();
        plug(tree, "a@1,0", "vp,pcie-dma", 0x08).cells(below_pcie("a@1,0"), "vp,atc", m.cells);
        EXPECT_EQ(mistake(tree), below_pcie("a@1,0: ") + m.reason);
    }
}

TEST(a_pcie_host_node, names_a_timeout_of_nothing)
{
    auto tree = pcie_machine();
    tree.cells(pcie, "vp,invalidation-timeout-us", {0});
    EXPECT_EQ(mistake(tree), std::string(pcie) + ": vp,invalidation-timeout-us: must not be 0");
}

TEST(a_pcie_bus, tells_the_machine_what_it_has)
{
    const auto tree = pcie_machine();
    const vp::dt_node node = *tree.tree().by_path(pcie);
    EXPECT_EQ(vp::ecam_bus.windows(node).size(), 3u);
    EXPECT_EQ(vp::ecam_bus.interrupts(node).size(), 2u);
    const auto streams = vp::ecam_bus.streams(node);
    ASSERT_EQ(streams.size(), 2u);
    EXPECT_EQ(streams[0].args, (std::vector<std::uint32_t>{0x1ff})) << "the largest StreamID";
    EXPECT_EQ(streams[1].args, (std::vector<std::uint32_t>{0x13f}));
}

support::shared_bench<bench> the_bench;

class ecam_host : public ::testing::Test {
  protected:
    static constexpr std::uint64_t integrated = 0x08 << 12;
    static constexpr std::uint64_t port = 0x10 << 12;
    static constexpr std::uint64_t bars = 0x100000; // of the integrated function, in the low window
    static constexpr std::uint64_t table = bars + 0x20000;
    static constexpr std::uint64_t ring = bars + 0x1000;

    // The integrated function gets BARs, may master, and starts with MSI-X on: vector 0 masked.
    ecam_host() : b(*the_bench)
    {
        if (!sc_core::sc_start_of_simulation_invoked())
            sc_core::sc_start(sc_core::SC_ZERO_TIME);
        reset();
        b.ecam.write(integrated + 0x10, 0x10000000 + bars);
        b.ecam.write(integrated + 0x18, 0x10000000 + table);
        b.ecam.write(integrated + 4, 6, 2);
        b.ram.seen.clear();
    }

    // By FLR, wherever the PCI Express capability is.
    void reset() { b.ecam.write(integrated + cap(0x10) + 8, 0x8000, 2); }

    std::uint64_t cap(std::uint64_t id, std::uint64_t function = integrated)
    {
        std::uint64_t at = b.ecam.read(function + 0x34, 1);
        while (at && b.ecam.read(function + at, 1) != id)
            at = b.ecam.read(function + at + 1, 1);
        return at;
    }

    std::uint64_t pasid_cap()
    {
        std::uint64_t at = 0x100;
        while (at && b.ecam.read(integrated + at, 2) != 0x1B)
            at = b.ecam.read(integrated + at) >> 20;
        return at;
    }

    void put_descriptor(std::uint64_t at, std::uint32_t control, std::uint64_t src,
                        std::uint64_t dst, std::uint32_t length, std::uint32_t pasid = 0)
    {
        const std::uint64_t words[] = {
            std::uint64_t{pasid} << 32 | control, src, dst, length, 0, 0, 0, 0};
        std::memcpy(&b.ram.bytes[at], words, sizeof words);
    }

    // Runs the descriptor at 0 on ring 0.
    void run()
    {
        b.low.write(ring + 0x10, 1);
        b.low.write(ring, 1);
        b.low.write(ring + 0x18, 1);
        run_ns(10000);
    }

    std::uint32_t status() const
    {
        std::uint32_t value = 0;
        std::memcpy(&value, &b.ram.bytes[40], 4);
        return value;
    }

    static void run_ns(double ns) { sc_core::sc_start(ns, sc_core::SC_NS); }

    bench &b;
};

TEST_F(ecam_host, FunctionsAreInConfigurationSpace)
{
    EXPECT_EQ(b.ecam.read(integrated), 0x50321234u);
    EXPECT_EQ(b.ecam.read(port), 0x50311234u);
    EXPECT_EQ(b.ecam.read(0), 0xffffffffu);
    EXPECT_EQ(b.ecam.read(0x100000), 0xffffffffu);
}

// PME, errors and hot-plug of a port share the message whose number its PCI Express Capabilities
// and its Root Error Status tell (PCI Express 5.0, 7.5.3.2, 7.8.4.10).
TEST_F(ecam_host, PortHasOneMessageForAllItsServices)
{
    const std::uint64_t msi = port + cap(0x05, port);
    ASSERT_NE(msi, port) << "no MSI";
    EXPECT_EQ(b.ecam.read(msi + 2, 2) & 0xfeu, 0x80u) << "64 bits of address, one vector";
    b.ecam.write(msi + 4, 0xfee00040);
    b.ecam.write(msi + 8, 0x12);
    b.ecam.write(msi + 12, 0x3456, 2);
    b.ecam.write(msi + 2, 1, 2);
    EXPECT_EQ(b.ecam.read(msi + 2, 2) & 1u, 1u);
    EXPECT_EQ(b.ecam.read(msi + 4), 0xfee00040u);
    EXPECT_EQ(b.ecam.read(msi + 8), 0x12u);
    EXPECT_EQ(b.ecam.read(msi + 12, 2), 0x3456u);
    EXPECT_EQ(b.ecam.read(port + cap(0x10, port) + 2, 2) >> 9 & 0x1f, 0u) << "of PCI Express";
    EXPECT_EQ(b.ecam.read(port + 0x100, 2), 1u) << "error reporting";
    EXPECT_EQ(b.ecam.read(port + 0x130) >> 27, 0u) << "of error reporting";
    b.ecam.write(msi + 2, 0, 2);
}

TEST_F(ecam_host, WindowsAreNeverErrors)
{
    EXPECT_EQ(b.io.read(0x10, 1), 0xffu);
    EXPECT_EQ(b.low.read(0x2000000, 8), ~0ull);
    EXPECT_EQ(b.high.read(0x7fffffffff, 1), 0xffu);
    b.io.write(0, 0);
    b.low.write(0x2000000, 0);
    b.high.write(0, 0);
    EXPECT_EQ(b.low.read(bars, 1), 0xffu) << "what a function refuses";
}

TEST_F(ecam_host, WindowRefusesStreaming)
{
    std::uint64_t data = 0;
    EXPECT_EQ(b.low.access(tlm::TLM_READ_COMMAND, bars, &data, 8, 4),
              tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_F(ecam_host, BarIsReachedThroughItsWindow)
{
    EXPECT_EQ(b.low.read(bars), 0x314D4450u);
    b.ecam.write(integrated + 0x10, 0);
    b.ecam.write(integrated + 0x14, 0x81);
    EXPECT_EQ(b.high.read(0x100000000), 0x314D4450u);
    EXPECT_EQ(b.low.read(bars), 0xffffffffu);
}

TEST_F(ecam_host, DescriptorIsCarriedOut)
{
    for (unsigned i = 0; i < 300; i++)
        b.ram.bytes[0x1000 + i] = static_cast<std::uint8_t>(i * 7);
    put_descriptor(0, 1, 0x1000, 0x2000, 300);
    run();
    EXPECT_EQ(status(), 1u);
    EXPECT_EQ(std::memcmp(&b.ram.bytes[0x1000], &b.ram.bytes[0x2000], 300), 0);
}

TEST_F(ecam_host, AccessesTakeTime)
{
    put_descriptor(0, 2, 0, 0x2000, 256);
    b.low.write(ring + 0x10, 1);
    b.low.write(ring, 1);
    b.low.write(ring + 0x18, 1);
    run_ns(69); // seven accesses: the descriptor, four bursts, two parts of the outcome
    EXPECT_EQ(b.low.read(ring + 4), 1u);
    run_ns(2);
    EXPECT_EQ(b.low.read(ring + 4), 0u);
}

TEST_F(ecam_host, RequestsCarryStreamAndDeviceOfTheRequester)
{
    put_descriptor(0, 1, 0x1000, 0x2000, 8);
    run();
    ASSERT_FALSE(b.ram.seen.empty());
    for (const seen_access &seen : b.ram.seen) {
        EXPECT_EQ(seen.way, 0u);
        EXPECT_EQ(seen.attributes.sid, 0x08u);
        EXPECT_FALSE(seen.attributes.ssv);
        EXPECT_EQ(seen.device_id, 0x10008u);
    }
}

TEST_F(ecam_host, RequesterIdsChooseTheSmmu)
{
    const std::uint64_t ecam_behind[] = {0x100000, 0x200000, 0x300000};
    const std::uint32_t sid[] = {0x100, 0x40, 0};
    b.ecam.write(port + 0x20, 0x3ff02000); // 0x20000000 to 0x3fffffff
    b.ecam.write(port + 4, 6, 2);
    for (unsigned i = 0; i < 3; i++) {
        b.ecam.write(port + 0x18, (i + 1) << 16 | (i + 1) << 8);
        b.ecam.write(ecam_behind[i] + 0x10, 0x20000000);
        b.ecam.write(ecam_behind[i] + 4, 6, 2);
        put_descriptor(0, 0, 0, 0, 0);
        b.ram.seen.clear();
        b.low.write(0x10001010, 1);
        b.low.write(0x10001000, 1);
        b.low.write(0x10001018, 1);
        run_ns(10000);
        EXPECT_EQ(status(), 1u);
        b.low.write(0x10001000, 0);
        ASSERT_FALSE(b.ram.seen.empty());
        EXPECT_EQ(b.ram.seen[0].way, i) << "the last way is that of what no entry has";
        EXPECT_EQ(b.ram.seen[0].attributes.sid, sid[i]);
        EXPECT_EQ(b.ram.seen[0].device_id, 0x10000u + ((i + 1) << 8));
    }
}

TEST_F(ecam_host, PasidNeedsToBeEnabled)
{
    put_descriptor(0, 0x201, 0x1000, 0x2000, 8, 5);
    run();
    EXPECT_EQ(status(), 2u);
    EXPECT_EQ(b.ram.seen.size(), 3u) << "the descriptor and its outcome";

    b.low.write(ring, 0);
    b.ecam.write(integrated + pasid_cap() + 6, 1, 2);
    b.ram.seen.clear();
    put_descriptor(0, 0x201, 0x1000, 0x2000, 8, 5);
    run();
    EXPECT_EQ(status(), 1u);
    ASSERT_EQ(b.ram.seen.size(), 5u);
    EXPECT_FALSE(b.ram.seen[0].attributes.ssv);
    EXPECT_TRUE(b.ram.seen[1].attributes.ssv);
    EXPECT_EQ(b.ram.seen[1].attributes.ssid, 5u);
}

TEST_F(ecam_host, NothingIsSentWithoutBusMaster)
{
    b.ecam.write(integrated + 4, 2, 2);
    run();
    EXPECT_TRUE(b.ram.seen.empty());
    EXPECT_EQ(b.low.read(ring + 4), 2u) << "halted";
    EXPECT_EQ(b.ecam.read(integrated + 6, 2) & 0x3000, 0u) << "no completion came";
}

TEST_F(ecam_host, FailedReadsShowInTheStatusRegister)
{
    put_descriptor(0, 3, 0x100000, 0, 8);
    run();
    EXPECT_EQ(status(), 2u);
    EXPECT_EQ(b.ecam.read(integrated + 6, 2) & 0x3000, 0x2000u) << "master abort";

    b.low.write(ring, 0);
    put_descriptor(0, 3, memory::refused, 0, 8);
    run();
    EXPECT_EQ(b.ecam.read(integrated + 6, 2) & 0x3000, 0x3000u) << "target abort";
}

TEST_F(ecam_host, WritesArePosted)
{
    put_descriptor(0, 2, 0, memory::refused, 8);
    run();
    EXPECT_EQ(status(), 1u);
    EXPECT_EQ(b.ecam.read(integrated + 6, 2) & 0x3000, 0u);
}

TEST_F(ecam_host, InterruptIsAMemoryWriteOfTheFunction)
{
    b.low.write(table, 0x4040, 8);
    b.low.write(table + 8, 0x1234);
    b.low.write(table + 12, 0);
    b.ecam.write(integrated + cap(0x11) + 2, 0x8000, 2);
    put_descriptor(0, 0x100, 0, 0, 0);
    run();
    ASSERT_EQ(b.ram.seen.size(), 4u);
    const seen_access &message = b.ram.seen[3];
    EXPECT_TRUE(message.write);
    EXPECT_EQ(message.addr, 0x4040u);
    EXPECT_EQ(message.value, 0x1234u);
    EXPECT_EQ(message.way, 0u) << "through the SMMU";
    EXPECT_EQ(message.attributes.sid, 0x08u);
    EXPECT_FALSE(message.attributes.ssv);
    EXPECT_EQ(message.device_id, 0x10008u);
}

TEST_F(ecam_host, UnmaskingSendsFromAProcessOfTheFunction)
{
    b.ecam.write(integrated + cap(0x11) + 2, 0x8000, 2);
    put_descriptor(0, 0x100, 0, 0, 0);
    run();
    b.low.write(table, 0x4040, 8);
    b.low.write(table + 12, 0);
    EXPECT_EQ(b.ram.seen.size(), 3u) << "the access of software does not wait for it";
    run_ns(1);
    EXPECT_EQ(b.ram.seen.size(), 4u);
}

TEST_F(ecam_host, PinReachesItsWire)
{
    b.low.write(bars + 0xC, 1);
    put_descriptor(0, 0x100, 0, 0, 0);
    run();
    EXPECT_TRUE(b.wires[1].read()) << "device 1";
    b.low.write(bars + 8, 1);
    EXPECT_FALSE(b.wires[1].read());
}

TEST_F(ecam_host, ResetStopsWorkInProgress)
{
    put_descriptor(0, 2, 0, 0x2000, 0x4000);
    b.low.write(ring + 0x10, 1);
    b.low.write(ring, 1);
    b.low.write(ring + 0x18, 1);
    run_ns(500);
    reset();
    const std::size_t before = b.ram.seen.size();
    run_ns(10000);
    EXPECT_EQ(b.ram.seen.size(), before);
    EXPECT_EQ(status(), 0u);
}

TEST_F(ecam_host, CountersAreNamedByFunction)
{
    const auto counters = b.host->counters();
    std::vector<std::string> names;
    names.reserve(counters.size());
    for (const auto &counter : counters)
        names.push_back(counter.name);
    ASSERT_EQ(names.size(), 22u);
    const std::string first = "dma@1,0.";
    EXPECT_THAT(std::vector<std::string>(names.begin(), names.begin() + 12),
                testing::ElementsAre("dma-reads", "dma-writes", first + "bytes-read",
                                     first + "bytes-written", first + "atc-hits",
                                     first + "atc-misses", first + "atc-fills",
                                     first + "atc-evictions", first + "atc-invalidations",
                                     first + "translation-requests", first + "page-requests",
                                     first + "stop-markers"));
    EXPECT_EQ(names[12], "port@2,0.dma@0,0.bytes-read");
}

} // namespace
} // namespace test_ecam_host
