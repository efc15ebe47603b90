// SPDX-License-Identifier: Apache-2.0
// The functions: nodes, capabilities, the window through configuration space, interrupts.
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc>

#include "edited_tree.hpp"
#include "support/shared_bench.hpp"
#include "virtio_blk_function.hpp"
#include "virtio_net_function.hpp"
#include "virtio_rng_function.hpp"

namespace test_virtio_function {
namespace {

using ::testing::HasSubstr;

// --- nodes ---

std::string mistake(vp::pcie_function_factory make, const test::edited_tree &tree)
{
    try {
        make(*tree.tree().by_path("/function"), "bad", PCIE_INTEGRATED);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

test::edited_tree node()
{
    test::edited_tree tree;
    tree.node("/function");
    return tree;
}

TEST(a_virtio_node, OfANetworkNamesItsMistakes)
{
    const auto wrong = [](const test::edited_tree &tree) {
        return mistake(vp::make_virtio_net_function, tree);
    };
    EXPECT_EQ(wrong(node()), "");
    EXPECT_THAT(wrong(node().cells("/function", "vp,mtu", {575})), HasSubstr("vp,mtu: 575 is not"));
    EXPECT_THAT(wrong(node().cells("/function", "vp,mtu", {65508})),
                HasSubstr("vp,mtu: 65508 is not"));
    EXPECT_THAT(wrong(node().cells("/function", "vp,queue-pairs", {9})),
                HasSubstr("vp,queue-pairs: 9 is not 1 to 8"));
    EXPECT_EQ(wrong(node().bytes("/function", "local-mac-address", {1, 2, 3, 4, 5, 6})),
              "/function: local-mac-address: must be 6 bytes, the address of one station");
    EXPECT_EQ(wrong(node().bytes("/function", "local-mac-address", {2, 2, 3, 4, 5})),
              "/function: local-mac-address: must be 6 bytes, the address of one station");
    EXPECT_EQ(wrong(node().strings("/function", "vp,hostfwd", {"tcp:22"})),
              "/function: vp,hostfwd: \"tcp:22\" has no IPv4 address of the host: it has to be "
              "tcp:[ADDRESS]:PORT-[ADDRESS]:PORT");
    EXPECT_THAT(wrong(node().strings("/function", "vp,hostfwd", {"tcp:192.0.2.1:0-:22"})),
                HasSubstr("vp,hostfwd: tcp:192.0.2.1:0-:22: "))
        << "an address for documentation, which no host has";
}

TEST(a_virtio_node, OfADiskNamesItsMistakes)
{
    const auto wrong = [](const test::edited_tree &tree) {
        return mistake(vp::make_virtio_blk_function, tree);
    };
    const auto disk = [] {
        return node().strings("/function", "vp,backing-file", {"/nowhere/disk"});
    };
    EXPECT_EQ(wrong(node()), "/function: vp,backing-file: is missing");
    EXPECT_EQ(wrong(disk()),
              "/function: vp,backing-file: /nowhere/disk: No such file or directory");
    EXPECT_THAT(wrong(disk().cells("/function", "vp,queues", {17})),
                HasSubstr("vp,queues: 17 is not 1 to 16"));
    EXPECT_EQ(wrong(disk().strings("/function", "vp,serial", {"123456789012345678901"})),
              "/function: vp,serial: must have no more than 20 characters");
    EXPECT_EQ(
        wrong(
            disk().cells("/function", "vp,read-only", {}).cells("/function", "vp,size", {0x1000})),
        "/function: vp,size: makes no sense for a disk that is only read");
}

// --- Bench: an entropy device alone, with memory as its root complex ---

struct memory : vp::pcie_upstream {
    vp_status request(tlm::tlm_command command, const vp::pcie_requester &, std::uint64_t addr,
                      void *data, std::uint32_t size, sc_core::sc_time &) override
    {
        if (addr >= bytes.size() || size > bytes.size() - addr)
            return VP_DECERR;
        if (command == tlm::TLM_WRITE_COMMAND)
            std::memcpy(&bytes[addr], data, size);
        else
            std::memcpy(data, &bytes[addr], size);
        if (command == tlm::TLM_WRITE_COMMAND && on_write)
            on_write(addr);
        return VP_OK;
    }

    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(0x10000);
    std::function<void(std::uint64_t)> on_write;
};

struct bench {
    bench() : rng("rng", 1, {}, PCIE_INTEGRATED) { rng.connect(ram); }

    // Memory accesses of the function, and its queue at 0x1000 with 4 entries, up to DRIVER_OK.
    void start()
    {
        if (!sc_core::sc_start_of_simulation_invoked())
            sc_core::sc_start(sc_core::SC_ZERO_TIME);
        pcie_fn_reset(rng.bus_side());
        std::fill(ram.bytes.begin(), ram.bytes.end(), std::uint8_t{0});
        set(4, 6, 2);
        write(0x14, 3, 1);
        write(0x08, 1);
        write(0x0C, 3); // VERSION_1, ACCESS_PLATFORM
        write(0x14, 11, 1);
        write(0x18, 4, 2);
        write(0x20, 0x1000, 8);
        write(0x28, 0x2000, 8);
        write(0x30, 0x3000, 8);
        write(0x1C, 1, 2);
        write(0x14, 15, 1);
    }

    // A buffer of 16 bytes at 0x4000, once more.
    void ask()
    {
        put(0x1000, 0x4000, 8);
        put(0x1008, std::uint64_t{2} << 32 | 16, 8);
        put(0x2002, ++made, 2);
        write(0x3000, 0, 2);
        sc_core::sc_start(1, sc_core::SC_US);
    }

    void put(std::uint64_t addr, std::uint64_t value, unsigned size)
    {
        for (unsigned i = 0; i < size; i++)
            ram.bytes[addr + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }

    void write(std::uint64_t offset, std::uint64_t value, unsigned size = 4)
    {
        EXPECT_EQ(pcie_fn_bar_write(rng.bus_side(), 0, offset, size, value), VP_OK);
    }

    std::uint64_t read(std::uint64_t offset, unsigned size)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(pcie_fn_bar_read(rng.bus_side(), 0, offset, size, &value), VP_OK);
        return value;
    }

    std::uint32_t get(unsigned offset, unsigned size = 4)
    {
        return pcie_fn_config_read(rng.bus_side(), static_cast<std::uint16_t>(offset), size);
    }

    void set(unsigned offset, std::uint32_t value, unsigned size = 4)
    {
        pcie_fn_config_write(rng.bus_side(), static_cast<std::uint16_t>(offset), size, value);
    }

    unsigned capability(unsigned id)
    {
        for (unsigned at = get(0x34, 1); at != 0; at = get(at + 1, 1))
            if (get(at, 1) == id)
                return at;
        return 0;
    }

    // Where the capabilities of virtio are, by their type.
    std::map<unsigned, unsigned> structures(pcie_fn *fn)
    {
        const auto byte = [fn](unsigned at) {
            return pcie_fn_config_read(fn, static_cast<std::uint16_t>(at), 1);
        };
        std::map<unsigned, unsigned> list;
        for (unsigned at = byte(0x34); at != 0; at = byte(at + 1))
            if (byte(at) == 9)
                list[byte(at + 3)] = at;
        return list;
    }

    memory ram;
    vp::virtio_rng_function rng;
    std::uint16_t made = 0;
};

support::shared_bench<bench> the_bench;

// --- what PCI sees (4.1.2, 4.1.4) ---

TEST(virtio_function, IsAModernDeviceOfItsType)
{
    bench &b = *the_bench;
    EXPECT_EQ(b.get(0), 0x10441AF4u);
    EXPECT_GE(b.get(8, 1), 1u) << "revision";
    EXPECT_GE(b.get(0x2E, 2), 0x40u) << "subsystem";
}

TEST(virtio_function, CapabilitiesSayWhereThingsAre)
{
    bench &b = *the_bench;
    auto at = b.structures(b.rng.bus_side());
    EXPECT_EQ(at.count(4), 0u) << "entropy has no structure of its own";
    ASSERT_EQ(at.size(), 4u);
    struct {
        unsigned type, size, offset, length;
    } const rows[] = {{1, 16, 0, 0x40}, {2, 20, 0x3000, 4}, {3, 16, 0x1000, 1}, {5, 20, 0, 0}};
    for (const auto &row : rows) {
        EXPECT_EQ(b.get(at[row.type] + 2, 1), row.size) << row.type;
        EXPECT_EQ(b.get(at[row.type] + 4, 1), 0u) << "BAR";
        EXPECT_EQ(b.get(at[row.type] + 8), row.offset) << row.type;
        EXPECT_EQ(b.get(at[row.type] + 12), row.length) << row.type;
    }
    EXPECT_EQ(b.get(at[2] + 16), 4u) << "from one doorbell to the next";
}

TEST(virtio_function, ANetworkHasAStructureOfItsOwn)
{
    bench &b = *the_bench;
    const auto tree = node();
    const auto made =
        vp::make_virtio_net_function(*tree.tree().by_path("/function"), "net", PCIE_INTEGRATED);
    auto at = b.structures(made->bus_side());
    ASSERT_EQ(at.count(4), 1u);
    EXPECT_EQ(pcie_fn_config_read(made->bus_side(), static_cast<std::uint16_t>(at[4] + 12), 4),
              12u);
}

// --- access by configuration space (4.1.4.9) ---

TEST(virtio_function, RegistersAreReachedByConfigurationSpace)
{
    bench &b = *the_bench;
    b.start();
    const unsigned at = b.structures(b.rng.bus_side())[5];
    b.set(at + 8, 0x18); // queue_size
    b.set(at + 12, 2);
    EXPECT_EQ(b.get(at + 16, 2), 4u);
    EXPECT_EQ(b.get(at + 16, 4), 4u);
    b.set(at + 8, 0x14); // device_status
    b.set(at + 12, 1);
    b.set(at + 16, 0, 1);
    EXPECT_EQ(b.read(0x14, 1), 0u) << "a reset";
}

TEST(virtio_function, AWindowThatMakesNoSenseReachesNothing)
{
    bench &b = *the_bench;
    b.start();
    const unsigned at = b.structures(b.rng.bus_side())[5];
    struct {
        std::uint32_t bar, offset, length;
    } const rows[] = {{1, 0x14, 1},   {0, 0x14, 0},       {0, 0x14, 3},          {0, 0x12, 4},
                      {0, 0x8014, 1}, {0, 0xFFFFFFFF, 1}, {0, 0x14, 0xFFFFFFFF}, {0, 0x10, 8}};
    for (const auto &row : rows) {
        b.set(at + 4, row.bar, 1);
        b.set(at + 8, row.offset);
        b.set(at + 12, row.length);
        b.set(at + 16, 0);
        b.get(at + 16);
        EXPECT_EQ(b.read(0x14, 1), 15u) << row.offset;
    }
}

// --- interrupts ---

TEST(virtio_function, InterruptsAreMessagesWithMsix)
{
    bench &b = *the_bench;
    b.start();
    b.set(b.capability(0x11) + 2, 0x8000, 2);
    b.write(0x4010, 0x8000); // vector 1: 0x77 at 0x8000
    b.write(0x4018, 0x77);
    b.write(0x401C, 0);
    b.write(0x1A, 1, 2);
    b.made = 0;
    b.ask();
    EXPECT_EQ(b.ram.bytes[0x8000], 0x77u);
    EXPECT_EQ(b.ram.bytes[0x3002], 1u) << "the index of the used ring";
    EXPECT_EQ(b.get(6, 2) & 8, 0u) << "the pin is at rest";
}

TEST(virtio_function, InterruptsAreThePinWithoutMsix)
{
    bench &b = *the_bench;
    b.start();
    b.made = 0;
    b.ask();
    EXPECT_EQ(b.get(6, 2) & 8, 8u) << "Interrupt Status";
    EXPECT_EQ(b.read(0x1000, 1), 1u);
    EXPECT_EQ(b.get(6, 2) & 8, 0u);
}

// --- time ---

// Each entry of the used ring makes two more available.
TEST(virtio_function, RingsThatFeedThemselvesLetTimePass)
{
    bench &b = *the_bench;
    unsigned chains = 0;
    b.start();
    b.made = 0;
    b.ram.on_write = [&](std::uint64_t addr) {
        if (addr != 0x4000 || ++chains > 100'000)
            return;
        b.put(0x2002, ++b.made, 2);
        b.write(0x3000, 0, 2);
    };
    b.ask();
    sc_core::sc_start(950, sc_core::SC_US);
    EXPECT_GT(chains, 5 * 1024u);
    EXPECT_LT(chains, 11 * 1024u) << "the last of each 1024 waits for 100 us";
    b.ram.on_write = nullptr;
    sc_core::sc_start(200, sc_core::SC_US);
    EXPECT_EQ(b.read(0x14, 1), 15u);
}

TEST(virtio_function, AFunctionLevelResetIsOneOfTheDevice)
{
    bench &b = *the_bench;
    b.start();
    const unsigned express = b.capability(0x10);
    b.set(express + 8, b.get(express + 8, 2) | 0x8000, 2);
    EXPECT_EQ(b.read(0x14, 1), 0u);
    EXPECT_EQ(b.read(0x1C, 2), 0u);
}

} // namespace
} // namespace test_virtio_function
