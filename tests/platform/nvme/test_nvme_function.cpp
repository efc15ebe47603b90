// SPDX-License-Identifier: Apache-2.0
// The node of an NVMe controller, and the function: blocks on their way between file and memory,
// interrupts, resets.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc>

#include "edited_tree.hpp"
#include "nvme_function.hpp"
#include "support/shared_bench.hpp"

namespace test_nvme_function {
namespace {

// A file in the temporary directory that goes away again.
class temporary_file {
  public:
    explicit temporary_file(std::size_t size)
    {
        std::string pattern = testing::TempDir() + "disk-XXXXXX";
        const int fd = mkstemp(pattern.data());
        EXPECT_EQ(ftruncate(fd, static_cast<off_t>(size)), 0);
        close(fd);
        path = pattern;
    }
    ~temporary_file() { std::remove(path.c_str()); }
    temporary_file(const temporary_file &) = delete;
    temporary_file &operator=(const temporary_file &) = delete;

    std::string path;
};

test::edited_tree node(const std::string &path)
{
    test::edited_tree tree;
    tree.node("/nvme").strings("/nvme", "vp,backing-file", {path});
    return tree;
}

std::string mistake(const test::edited_tree &tree)
{
    try {
        vp::make_nvme_function(*tree.tree().by_path("/nvme"), "bad", PCIE_INTEGRATED);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

TEST(a_nvme_node, NamesItsMistakes)
{
    const temporary_file file(1024);
    EXPECT_EQ(mistake(node("/nowhere/disk")),
              "/nvme: vp,backing-file: /nowhere/disk: No such file or directory");
    auto tree = node(file.path);
    EXPECT_EQ(mistake(tree), "");
    tree.cells("/nvme", "vp,lba-size", {4096});
    EXPECT_EQ(mistake(tree), "/nvme: vp,backing-file: " + file.path +
                                 ": its size, 1024 bytes, is no multiple of 4096, or 0");
    tree.cells("/nvme", "vp,lba-size", {1024});
    EXPECT_EQ(mistake(tree), "/nvme: vp,lba-size: must be 512 or 4096");
    tree = node(file.path);
    tree.strings("/nvme", "vp,serial", {"123456789012345678901"});
    EXPECT_EQ(mistake(tree), "/nvme: vp,serial: must have 1 to 20 characters");
    tree = node(file.path);
    tree.cells("/nvme", "vp,mdts", {11});
    EXPECT_EQ(mistake(tree), "/nvme: vp,mdts: must be 1 to 10");
    for (const std::uint32_t burst : {0u, 32u, 100u, 8192u}) {
        tree = node(file.path);
        tree.cells("/nvme", "vp,burst-bytes", {burst});
        EXPECT_EQ(mistake(tree), "/nvme: vp,burst-bytes: must be a power of two from 64 to 4096");
    }
    tree = node(file.path);
    tree.remove("/nvme", "vp,backing-file");
    EXPECT_EQ(mistake(tree), "/nvme: vp,backing-file: is missing");
}

TEST(a_nvme_node, MakesTheFileIfItHasASize)
{
    const temporary_file file(0);
    std::remove(file.path.c_str());
    auto tree = node(file.path);
    tree.cells("/nvme", "vp,size", {0x10000});
    EXPECT_EQ(mistake(tree), "");
    std::ifstream made(file.path, std::ios::ate);
    EXPECT_EQ(made.tellg(), 0x10000);
    tree.cells("/nvme", "vp,size", {0, 0x20000});
    EXPECT_EQ(mistake(tree), "/nvme: vp,backing-file: " + file.path +
                                 ": is there already, with 65536 bytes instead of 131072");
}

TEST(a_nvme_node, HasTheAtsCapabilityIfAskedFor)
{
    const temporary_file file(1024);
    auto tree = node(file.path);
    const auto translates = [&](const char *name) {
        return vp::make_nvme_function(*tree.tree().by_path("/nvme"), name, PCIE_INTEGRATED)
                   ->translations() != nullptr;
    };
    EXPECT_FALSE(translates("without"));
    tree.cells("/nvme", "vp,ats", {});
    EXPECT_TRUE(translates("with"));
    tree.cells("/nvme", "vp,atc", {3, 4});
    EXPECT_EQ(mistake(tree), "/nvme: vp,atc: sets: not a power of two");
}

// --- Bench: the function alone, with memory as its root complex ---

struct memory : vp::pcie_upstream {
    vp_status request(tlm::tlm_command command, const vp::pcie_requester &, std::uint64_t addr,
                      void *data, std::uint32_t size, sc_core::sc_time &) override
    {
        if (command == tlm::TLM_WRITE_COMMAND && on_write)
            on_write(addr);
        if (addr >= bytes.size() || size > bytes.size() - addr)
            return VP_DECERR;
        if (command == tlm::TLM_WRITE_COMMAND)
            std::memcpy(&bytes[addr], data, size);
        else
            std::memcpy(data, &bytes[addr], size);
        return VP_OK;
    }

    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(0x10000);
    std::function<void(std::uint64_t)> on_write;
};

struct bench {
    bench() : nvme("nvme", options(file.path), PCIE_INTEGRATED) { nvme.connect(ram); }

    static vp::nvme_function::options options(const std::string &path)
    {
        vp::nvme_function::options opts;
        opts.file = path;
        opts.serial = "TEST1";
        return opts;
    }

    // Enables the controller and MSI-X; the message of vector 0 is 0x77 at 0x8000.
    void start()
    {
        if (!sc_core::sc_start_of_simulation_invoked())
            sc_core::sc_start(sc_core::SC_ZERO_TIME);
        pcie_fn_reset(nvme.bus_side());
        std::fill(ram.bytes.begin(), ram.bytes.end(), std::uint8_t{0});
        pcie_fn_config_write(nvme.bus_side(), 4, 2, 6);
        write(0x2000, 0x8000, 8);
        write(0x2008, 0x77, 8);
        std::uint16_t cap = 0x34;
        do
            cap = static_cast<std::uint16_t>(
                pcie_fn_config_read(nvme.bus_side(), cap == 0x34 ? cap : cap + 1, 1));
        while (cap && pcie_fn_config_read(nvme.bus_side(), cap, 1) != 0x11);
        pcie_fn_config_write(nvme.bus_side(), static_cast<std::uint16_t>(cap + 2), 2, 0x8000);
        enable();
    }

    void enable()
    {
        write(0x24, 7 << 16 | 7);
        write(0x28, 0x1000, 8);
        write(0x30, 0x2000, 8);
        write(0x14, 0x00460001);
        ASSERT_EQ(read(0x1C), 1u);
    }

    // Queue pair 1: submissions at 0x9000, completions at 0xa000.
    void make_io_queues()
    {
        command(0x1000, 0, 5, 0xa000, 7 << 16 | 1, 1); // Create I/O Completion Queue
        command(0x1000, 1, 1, 0x9000, 7 << 16 | 1, 1 << 16 | 1);
        write(0x1000, 2);
        sc_core::sc_start(1, sc_core::SC_US);
    }

    // A command in entry `entry` of the submission queue at `queue`.
    void command(std::uint64_t queue, unsigned entry, std::uint8_t opcode, std::uint64_t prp1,
                 std::uint32_t dw10, std::uint32_t dw11)
    {
        const std::uint64_t at = queue + 64 * std::uint64_t{entry};
        put(at, opcode, 1);
        put(at + 4, 1, 4); // namespace 1
        put(at + 24, prp1, 8);
        put(at + 40, dw10, 4);
        put(at + 44, dw11, 4);
    }

    void write(std::uint64_t offset, std::uint64_t value, unsigned size = 4)
    {
        EXPECT_EQ(pcie_fn_bar_write(nvme.bus_side(), 0, offset, size, value), VP_OK);
    }

    std::uint64_t read(std::uint64_t offset)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(pcie_fn_bar_read(nvme.bus_side(), 0, offset, 4, &value), VP_OK);
        return value;
    }

    void put(std::uint64_t addr, std::uint64_t value, unsigned size)
    {
        for (unsigned i = 0; i < size; i++)
            ram.bytes[addr + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }

    temporary_file file{0x10000};
    memory ram;
    vp::nvme_function nvme;
};

support::shared_bench<bench> the_bench;

TEST(nvme_function, IdentifiesItselfAndInterrupts)
{
    bench &b = *the_bench;
    b.start();
    b.command(0x1000, 0, 6, 0x4000, 0, 0); // Identify
    b.write(0x1000, 1);
    sc_core::sc_start(1, sc_core::SC_US);
    EXPECT_EQ(b.ram.bytes[0x2000 + 14], 1u) << "phase";
    EXPECT_EQ(b.ram.bytes[0x4000], 0x80u) << "128 blocks";
    EXPECT_EQ(b.ram.bytes[0x8000], 0x77u) << "the message";
}

TEST(nvme_function, WritesReachTheFileWhenTheirTimeIsOver)
{
    bench &b = *the_bench;
    b.start();
    b.make_io_queues();
    b.command(0x9000, 0, 1, 0x4000, 3, 0); // Write block 3
    b.put(0x4000, 0x1122334455667788, 8);
    b.write(0x1008, 1);
    sc_core::sc_start(4, sc_core::SC_US);
    EXPECT_EQ(b.ram.bytes[0xa000 + 14], 0u) << "the medium takes 5 us";
    sc_core::sc_start(2, sc_core::SC_US);
    EXPECT_EQ(b.ram.bytes[0xa000 + 14], 1u);
    std::ifstream file(b.file.path, std::ios::binary);
    const std::vector<char> data((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(data.at(3 * 512), '\x88');
    EXPECT_EQ(data.at(3 * 512 + 7), '\x11');
}

TEST(nvme_function, ReadsTakeTheTimeOfTheMediumAndBringTheFile)
{
    bench &b = *the_bench;
    b.start();
    b.make_io_queues();
    b.command(0x9000, 0, 2, 0x4000, 5, 0); // Read block 5
    std::fstream(b.file.path, std::ios::binary | std::ios::in | std::ios::out).seekp(5 * 512)
        << "contents";
    b.write(0x1008, 1);
    sc_core::sc_start(4, sc_core::SC_US);
    EXPECT_EQ(b.ram.bytes[0xa000 + 14], 0u) << "the medium takes 5 us";
    sc_core::sc_start(2, sc_core::SC_US);
    EXPECT_EQ(b.ram.bytes[0xa000 + 14], 1u);
    EXPECT_EQ(std::memcmp(&b.ram.bytes[0x4000], "contents", 8), 0);
}

TEST(nvme_function, ReadOfAFileThatBecameShortFails)
{
    bench &b = *the_bench;
    b.start();
    b.make_io_queues();
    b.command(0x9000, 0, 2, 0x4000, 127, 0); // Read the last block
    ASSERT_EQ(truncate(b.file.path.c_str(), 127 * 512), 0);
    b.write(0x1008, 1);
    sc_core::sc_start(6, sc_core::SC_US);
    ASSERT_EQ(truncate(b.file.path.c_str(), 128 * 512), 0);
    EXPECT_EQ(b.ram.bytes[0xa000 + 14], 0x03) << "phase and code";
    EXPECT_EQ(b.ram.bytes[0xa000 + 15] & 0xf, 0x05) << "of the type";
}

TEST(nvme_function, WorkThatComesDuringAFlushIsDone)
{
    bench &b = *the_bench;
    b.start();
    b.write(0x14, 0x00464001); // shutdown
    sc_core::sc_start(2, sc_core::SC_US);
    EXPECT_EQ(b.read(0x1C), 5u) << "in progress";
    b.write(0x14, 0);
    b.enable();
    b.command(0x1000, 0, 6, 0x4000, 0, 0);
    b.write(0x1000, 1);
    sc_core::sc_start(10, sc_core::SC_US);
    EXPECT_EQ(b.ram.bytes[0x2000 + 14], 1u);
}

// Each completion rings both doorbells, as one that is written to them does.
TEST(nvme_function, CommandsThatRingTheirControllerLetTimePass)
{
    bench &b = *the_bench;
    unsigned commands = 0;
    b.start();
    for (unsigned entry = 0; entry < 8; entry++)
        b.command(0x1000, entry, 0x0A, 0, 7, 0); // Get Features
    b.ram.on_write = [&](std::uint64_t addr) {
        if (addr < 0x2000 || addr >= 0x2080 || ++commands > 100'000)
            return;
        b.write(0x1000, (commands + 1) % 8);
        b.write(0x1004, commands % 8);
    };
    b.write(0x1000, 1);
    sc_core::sc_start(950, sc_core::SC_US);
    EXPECT_EQ(commands, 10 * 1024 - 1u) << "the last of each 1024 waits for 100 us";
    b.ram.on_write = nullptr;
    sc_core::sc_start(100, sc_core::SC_US);
}

TEST(nvme_function, MessageThatWaitsStandsForThoseOfItsVector)
{
    bench &b = *the_bench;
    unsigned messages = 0;
    b.start();
    b.command(0x1000, 0, 0x0A, 0, 7, 0);
    b.command(0x1000, 1, 0x0A, 0, 7, 0);
    b.ram.on_write = [&](std::uint64_t addr) { messages += addr == 0x8000; };
    b.write(0x1000, 2);
    sc_core::sc_start(1, sc_core::SC_US);
    b.ram.on_write = nullptr;
    EXPECT_EQ(b.ram.bytes[0x2010 + 14], 1u) << "both are done";
    EXPECT_EQ(messages, 1u);
}

TEST(nvme_function, ResetDisablesTheController)
{
    bench &b = *the_bench;
    b.start();
    pcie_fn_reset(b.nvme.bus_side());
    EXPECT_EQ(b.read(0x1C), 0u);
    EXPECT_EQ(b.read(0x14), 0u);
}

// The driver of a host takes controllers with the same identity for one.
TEST(nvme_function, PlacesOfATreeHaveTheirOwnSerialNumbers)
{
    const temporary_file file(1024);
    test::edited_tree tree;
    for (const char *const path : {"/nvme@1", "/nvme@2"})
        tree.node(path).strings(path, "vp,backing-file", {file.path});
    EXPECT_NE(vp::nvme_serial(*tree.tree().by_path("/nvme@1")),
              vp::nvme_serial(*tree.tree().by_path("/nvme@2")));
}

} // namespace
} // namespace test_nvme_function
