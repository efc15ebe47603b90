// SPDX-License-Identifier: Apache-2.0
// Flash and the firmware configuration device as SystemC modules: direct access to the array,
// files, nodes of the device tree, DMA.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <libfdt.h>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "cfi_flash_banks.hpp"
#include "edited_tree.hpp"
#include "flat_memory.hpp"
#include "fw_cfg_device.hpp"
#include "support/shared_bench.hpp"

namespace test_flash_tlm {
namespace {

using sc_core::sc_time;

constexpr std::uint64_t size = 0x100000;

// A file that is there before the bench, with a byte at its start.
const std::string &kept_file()
{
    static const std::string path = [] {
        std::string pattern = testing::TempDir() + "flash-XXXXXX";
        return std::string(mkdtemp(pattern.data())) + "/kept";
    }();
    return path;
}

std::string make_kept_file()
{
    std::ofstream(kept_file()) << "K";
    return kept_file();
}

std::string contents()
{
    std::ifstream file(kept_file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// --- Nodes (first: AddressSanitizer takes exceptions after the first switch of SystemC processes
// for errors) ---

test::edited_tree flash_tree()
{
    test::edited_tree tree = test::small_machine();
    tree.node("/flash@0")
        .strings("/flash@0", "compatible", {"cfi-flash"})
        .cells("/flash@0", "reg", {0, 0x80000, 0x4000000, 0x100000})
        .cells("/flash@0", "bank-width", {4});
    return tree;
}

std::string mistake(const test::edited_tree &tree)
{
    try {
        vp::make_cfi_flash(*tree.tree().by_path("/flash@0"), sc_core::sc_gen_unique_name("bad"));
    } catch (const std::exception &error) {
        return error.what();
    }
    return "";
}

TEST(cfi_flash_node, HasTwoBanksOf32Bits)
{
    EXPECT_EQ(mistake(flash_tree()), "");
    EXPECT_EQ(mistake(flash_tree().cells("/flash@0", "reg", {0, 0x80000})),
              "/flash@0: reg: must have 2 entries, has 1");
    EXPECT_EQ(mistake(flash_tree().cells("/flash@0", "bank-width", {2})),
              "/flash@0: bank-width: must be 4");
    EXPECT_EQ(mistake(flash_tree().cells("/flash@0", "reg", {0, 0x40000, 0x4000000, 0x100000})),
              "its size must be a power of two from 0x80000 to 0x40000000");
}

TEST(cfi_flash_node, NamesAFileThatWillNotDo)
{
    EXPECT_EQ(mistake(flash_tree().strings("/flash@0", "vp,firmware", {"/nowhere"})),
              "/nowhere: No such file or directory");
    EXPECT_EQ(mistake(flash_tree().strings("/flash@0", "vp,backing-file", {"/nowhere"})),
              "/nowhere: No such file or directory");
}

// --- Bench ---

struct host : sc_core::sc_module {
    explicit host(sc_core::sc_module_name name) : sc_module(name), bus("bus")
    {
        bus.register_invalidate_direct_mem_ptr(this, &host::invalidate);
    }

    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t at, void *data,
                                    unsigned length)
    {
        tlm::tlm_generic_payload trans;
        sc_time delay;

        trans.set_command(command);
        trans.set_address(at);
        trans.set_data_ptr(static_cast<unsigned char *>(data));
        trans.set_data_length(length);
        trans.set_streaming_width(length);
        bus->b_transport(trans, delay);
        EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
        hint = trans.is_dmi_allowed();
        return trans.get_response_status();
    }

    std::uint64_t read(std::uint64_t at, unsigned length = 4)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(access(tlm::TLM_READ_COMMAND, at, &value, length), tlm::TLM_OK_RESPONSE);
        return value;
    }

    void write(std::uint64_t at, std::uint64_t value, unsigned length = 4)
    {
        EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, at, &value, length), tlm::TLM_OK_RESPONSE);
    }

    bool dmi(tlm::tlm_command command, tlm::tlm_dmi &grant)
    {
        tlm::tlm_generic_payload trans;
        trans.set_command(command);
        trans.set_address(0x1000);
        return bus->get_direct_mem_ptr(trans, grant);
    }

    unsigned debug(tlm::tlm_command command, std::uint64_t at, void *data, unsigned length)
    {
        tlm::tlm_generic_payload trans;
        trans.set_command(command);
        trans.set_address(at);
        trans.set_data_ptr(static_cast<unsigned char *>(data));
        trans.set_data_length(length);
        return bus->transport_dbg(trans);
    }

    tlm_utils::simple_initiator_socket<host> bus;
    bool hint = false;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> withdrawn;

  private:
    void invalidate(sc_dt::uint64 first, sc_dt::uint64 last)
    {
        withdrawn.emplace_back(first, last);
    }
};

struct memory : sc_core::sc_module {
    explicit memory(sc_core::sc_module_name name) : sc_module(name), socket("socket"), bytes(0x1000)
    {
        socket.register_b_transport(this, &memory::transport);
    }

    void transport(tlm::tlm_generic_payload &trans, sc_time &) { test::move(trans, bytes); }

    tlm_utils::simple_target_socket<memory> socket;
    std::vector<std::uint8_t> bytes;
};

struct bench {
    bench()
        : bank("bank", {size, "", false}), user("user"),
          kept("kept", {size, make_kept_file(), false}), keeper("keeper"), ram("ram"),
          config("config", config_options()), driver("driver")
    {
        user.bus.bind(bank.socket);
        keeper.bus.bind(kept.socket);
        ram.socket.bind(*config.masters()[0]);
        driver.bus.bind(*config.regs()[0]);
        config.offer_kernel({1, 2, 3, 4, 5});
        config.offer_initrd({9, 8});
        config.offer_command_line("quiet");
    }

    static vp::fw_cfg_device::options config_options()
    {
        vp::fw_cfg_device::options opts;
        opts.cpus = 5;
        opts.bootorder = "first\nsecond";
        return opts;
    }

    vp::cfi_flash_bank bank;
    host user;
    vp::cfi_flash_bank kept;
    host keeper;
    memory ram;
    vp::fw_cfg_device config;
    host driver;
};

support::shared_bench<bench> the_bench;

struct flash_socket : testing::Test {
    flash_socket()
    {
        user.write(0, 0x00ff00ff);
        user.withdrawn.clear();
    }
    host &user = the_bench->user;
};

TEST_F(flash_socket, IsErasedWithoutAFile)
{
    EXPECT_EQ(user.read(0, 8), UINT64_MAX);
    EXPECT_EQ(user.read(size - 1, 1), 0xffu);
}

TEST_F(flash_socket, ReadsTheArrayAsAMemory)
{
    std::vector<std::uint8_t> data(100);
    EXPECT_EQ(user.access(tlm::TLM_READ_COMMAND, 0x1001, data.data(), 100), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(data, std::vector<std::uint8_t>(100, 0xff));
    EXPECT_TRUE(user.hint);
    EXPECT_EQ(user.access(tlm::TLM_READ_COMMAND, size - 4, data.data(), 8),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(flash_socket, ReadsOtherThingsAsRegisters)
{
    std::vector<std::uint8_t> data(100);
    user.write(0, 0x00700070);
    EXPECT_EQ(user.read(0x1000), 0x00800080u);
    EXPECT_FALSE(user.hint);
    EXPECT_EQ(user.access(tlm::TLM_READ_COMMAND, 0, data.data(), 100),
              tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_F(flash_socket, GrantsReadsOfTheArray)
{
    tlm::tlm_dmi grant;
    ASSERT_TRUE(user.dmi(tlm::TLM_READ_COMMAND, grant));
    EXPECT_TRUE(grant.is_read_allowed());
    EXPECT_FALSE(grant.is_write_allowed());
    EXPECT_EQ(grant.get_start_address(), 0u);
    EXPECT_EQ(grant.get_end_address(), size - 1);
    EXPECT_EQ(grant.get_dmi_ptr()[0], 0xffu);
    EXPECT_FALSE(user.dmi(tlm::TLM_WRITE_COMMAND, grant));
}

TEST_F(flash_socket, WithdrawsThemForAsLongAsReadsGiveSomethingElse)
{
    tlm::tlm_dmi grant;
    user.write(0, 0x00900090);
    ASSERT_EQ(user.withdrawn.size(), 1u);
    EXPECT_EQ(user.withdrawn[0], (std::pair<std::uint64_t, std::uint64_t>{0, size - 1}));
    EXPECT_FALSE(user.dmi(tlm::TLM_READ_COMMAND, grant));
    EXPECT_TRUE(grant.is_none_allowed());
    user.write(0, 0x00ff00ff);
    EXPECT_EQ(user.withdrawn.size(), 1u);
    EXPECT_TRUE(user.dmi(tlm::TLM_READ_COMMAND, grant));
}

TEST_F(flash_socket, ShowsADebuggerTheArrayAndTakesNothingFromIt)
{
    std::uint32_t value = 0;
    user.write(0, 0x00700070);
    EXPECT_EQ(user.debug(tlm::TLM_READ_COMMAND, 0x1000, &value, 4), 4u);
    EXPECT_EQ(value, 0xffffffffu);
    EXPECT_EQ(user.debug(tlm::TLM_WRITE_COMMAND, 0x1000, &value, 4), 0u);
}

TEST(flash_with_a_file, HasItsContentsAndKeepsWhatIsProgrammed)
{
    host &keeper = the_bench->keeper;

    EXPECT_EQ(keeper.read(0), 0xffffff00u | 'K');
    keeper.write(4, 0x00400040);
    keeper.write(4, 0x44434241);
    EXPECT_EQ(contents(), "K\xff\xff\xff"
                          "ABCD");
    EXPECT_EQ(the_bench->kept.stores(), 1u);
}

// --- The firmware configuration device ---

std::uint16_t swapped(std::uint16_t key)
{
    return static_cast<std::uint16_t>(key << 8 | key >> 8);
}

std::uint64_t item(std::uint16_t key, unsigned length)
{
    host &driver = the_bench->driver;
    driver.write(8, swapped(key), 2);
    return driver.read(0, length);
}

TEST(fw_cfg_device, HasWhatFirmwareAsksFor)
{
    EXPECT_EQ(item(0x05, 2), 5u) << "CPUs";
    EXPECT_EQ(item(0x08, 4), 5u) << "size of the kernel";
    EXPECT_EQ(item(0x11, 8), 0x0504030201u);
    EXPECT_EQ(item(0x0b, 4), 2u) << "size of the initial RAM disk";
    EXPECT_EQ(item(0x12, 2), 0x0809u);
    EXPECT_EQ(item(0x14, 4), 6u) << "size of the command line, with its end";
    EXPECT_EQ(item(0x15, 8), 0x7465697571u);
    EXPECT_EQ(item(0x20, 8), 0x65730a7473726966u) << "the order of booting";
    EXPECT_EQ(item(0x19, 8), 0x0d00000001000000u) << "one file, of 13 bytes with its end";
}

TEST(fw_cfg_device, MovesByDmaAndTakesTime)
{
    host &driver = the_bench->driver;
    std::vector<std::uint8_t> &memory = the_bench->ram.bytes;
    // Big-endian: select the kernel and read; 3 bytes; to 0x200.
    const std::uint8_t request[] = {0, 0x11, 0, 0x0a, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 2, 0};
    std::copy(std::begin(request), std::end(request), memory.begin() + 0x100);

    // A microsecond each to fetch the request, to move the data, to write the result.
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    driver.write(16, 0x0001000000000000, 8);
    sc_core::sc_start(2999, sc_core::SC_NS);
    EXPECT_EQ(memory[0x200], 1);
    EXPECT_EQ(memory[0x202], 3);
    EXPECT_EQ(memory[0x203], 0);
    sc_core::sc_start(1, sc_core::SC_NS);
    EXPECT_EQ(memory[0x103], 0) << "it has succeeded";
}

} // namespace
} // namespace test_flash_tlm
