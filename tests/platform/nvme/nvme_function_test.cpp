// SPDX-License-Identifier: Apache-2.0
// The medium of a disk, the node of an NVMe controller, and a block on its way from file to memory.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc>

#include "edited_tree.hpp"
#include "nvme_function.hpp"

namespace {

using testing::HasSubstr;

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

std::string refusal(const std::string &path)
{
    try {
        vp::disk_file file(path, 512);
    } catch (const std::invalid_argument &error) {
        return error.what();
    }
    return "";
}

TEST(a_disk_file, MustBeWholeBlocksOfARegularFile)
{
    const temporary_file empty(0);
    const temporary_file odd(513);
    const temporary_file good(1024);
    EXPECT_EQ(refusal(empty.path), empty.path + ": its size is not a multiple of 512 bytes, or 0");
    EXPECT_EQ(refusal(odd.path), odd.path + ": its size is not a multiple of 512 bytes, or 0");
    EXPECT_EQ(refusal("/nowhere/disk"), "/nowhere/disk: No such file or directory");
    EXPECT_THAT(refusal("/dev/null"), HasSubstr("is no regular file"));
    EXPECT_EQ(refusal(good.path), "");
}

TEST(a_disk_file, KeepsWhatIsWritten)
{
    const temporary_file file(1024);
    std::uint8_t data[512];
    std::memset(data, 0x5a, sizeof data);
    {
        vp::disk_file disk(file.path, 512);
        EXPECT_EQ(disk.size(), 1024u);
        EXPECT_TRUE(disk.write(512, data, sizeof data));
    }
    vp::disk_file disk(file.path, 512);
    EXPECT_TRUE(disk.read(0, data, sizeof data));
    EXPECT_EQ(data[511], 0);
    EXPECT_TRUE(disk.read(512, data, sizeof data));
    EXPECT_EQ(data[0], 0x5a);
    EXPECT_EQ(data[511], 0x5a);
}

TEST(a_disk_file, FailsWhereTheFileEnds)
{
    const temporary_file file(1024);
    vp::disk_file disk(file.path, 512);
    std::uint8_t data[512];
    ASSERT_EQ(truncate(file.path.c_str(), 512), 0);
    EXPECT_FALSE(disk.read(512, data, sizeof data));
}

test::edited_tree node(const std::string &path)
{
    test::edited_tree tree;
    tree.node("/nvme").strings("/nvme", "vp,file", {path});
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
              "/nvme: vp,file: /nowhere/disk: No such file or directory");
    auto tree = node(file.path);
    EXPECT_EQ(mistake(tree), "");
    tree.cells("/nvme", "vp,block-bytes", {4096});
    EXPECT_EQ(mistake(tree),
              "/nvme: vp,file: " + file.path + ": its size is not a multiple of 4096 bytes, or 0");
    tree.cells("/nvme", "vp,block-bytes", {1024});
    EXPECT_EQ(mistake(tree), "/nvme: vp,block-bytes: must be 512 or 4096");
    tree = node(file.path);
    tree.strings("/nvme", "vp,serial", {"123456789012345678901"});
    EXPECT_EQ(mistake(tree), "/nvme: vp,serial: must have 1 to 20 characters");
    tree = node(file.path);
    tree.remove("/nvme", "vp,file");
    EXPECT_EQ(mistake(tree), "/nvme: vp,file: is missing");
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
        if (addr >= bytes.size() || size > bytes.size() - addr)
            return VP_DECERR;
        if (command == tlm::TLM_WRITE_COMMAND)
            std::memcpy(&bytes[addr], data, size);
        else
            std::memcpy(data, &bytes[addr], size);
        return VP_OK;
    }

    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(0x10000);
};

struct bench {
    bench() : nvme("nvme", options(file.path), PCIE_INTEGRATED) { nvme.connect(ram); }

    static vp::nvme_function::options options(const std::string &path)
    {
        vp::nvme_function::options opts;
        opts.file = path;
        return opts;
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

bench *the_bench; // built by sc_main before simulation starts

TEST(nvme_function, IdentifiesItselfAndInterrupts)
{
    bench &b = *the_bench;
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    pcie_fn_config_write(b.nvme.bus_side(), 4, 2, 6);
    b.write(0x2000, 0x8000, 8); // vector 0
    b.write(0x2008, 0x77, 8);
    std::uint16_t cap = 0x34;
    do
        cap = static_cast<std::uint16_t>(
            pcie_fn_config_read(b.nvme.bus_side(), cap == 0x34 ? cap : cap + 1, 1));
    while (cap && pcie_fn_config_read(b.nvme.bus_side(), cap, 1) != 0x11);
    pcie_fn_config_write(b.nvme.bus_side(), static_cast<std::uint16_t>(cap + 2), 2, 0x8000);

    b.write(0x24, 7 << 16 | 7);
    b.write(0x28, 0x1000, 8);
    b.write(0x30, 0x2000, 8);
    b.write(0x14, 1);
    ASSERT_EQ(b.read(0x1C), 1u);
    b.put(0x1000, 6, 1);     // Identify
    b.put(0x1000 + 4, 1, 4); // namespace 1
    b.put(0x1000 + 24, 0x4000, 8);
    b.write(0x1000, 1);
    sc_core::sc_start(1, sc_core::SC_US);
    EXPECT_EQ(b.ram.bytes[0x2000 + 14], 1u) << "phase";
    EXPECT_EQ(b.ram.bytes[0x4000], 0x80u) << "128 blocks";
    EXPECT_EQ(b.ram.bytes[0x8000], 0x77u) << "the message";
}

TEST(nvme_function, FunctionResetDisablesTheController)
{
    bench &b = *the_bench;
    b.write(0x14, 1);
    pcie_fn_reset(b.nvme.bus_side());
    EXPECT_EQ(b.read(0x1C), 0u);
    EXPECT_EQ(b.read(0x14), 0u);
}

} // namespace

int sc_main(int argc, char **argv)
{
    ::testing::InitGoogleTest(&argc, argv);
    bench b;
    the_bench = &b;
    return RUN_ALL_TESTS();
}
