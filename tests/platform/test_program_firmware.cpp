// SPDX-License-Identifier: Apache-2.0
// Firmware that the program starts from flash, and what it gets.
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_firmware {
namespace {

using namespace test;
using testing::EndsWith;
using testing::HasSubstr;

class firmware_program : public program {
  protected:
    // The instructions, at the start of a file, and the end of the run with x1 as its status.
    std::string image(std::vector<std::uint32_t> code) const
    {
        for (const std::uint32_t word : {movz_high(0, 0xC700), hvc, loop})
            code.push_back(word);
        std::vector<std::uint8_t> bytes;
        for (const std::uint32_t word : code)
            for (unsigned shift = 0; shift < 32; shift += 8)
                bytes.push_back(static_cast<std::uint8_t>(word >> shift));
        return file("firmware", bytes);
    }

    outcome run_firmware(const std::string &arguments,
                         const std::string &dtb = SMMU_VP_VIRT_DTB) const
    {
        return run("--dtb " + dtb + " --max-time 0.1 " + arguments);
    }

    // The end of the line that says what is wrong with `arguments`.
    std::string refusal(const std::string &arguments,
                        const std::string &dtb = SMMU_VP_VIRT_DTB) const
    {
        const outcome result = run_firmware(arguments, dtb);
        EXPECT_EQ(result.status, 2) << arguments;
        return line(result);
    }
};

// Ends with what is in the byte at 0x04000000, and programs it to be 0x5a.
const std::vector<std::uint32_t> keeper = {movz_high(4, 0x0400), // x4 = the second bank
                                           0x39400081,           // ldrb w1, [x4]
                                           0x52800805,           // w5 = 0x00400040
                                           0x72A00805,           //
                                           0xB9000085,           // str w5, [x4]: program
                                           0x52800B45,           // mov w5, #0x5a
                                           0xB9000085};          // str w5, [x4]

TEST_F(firmware_program, starts_at_the_reset_vector_with_the_device_tree_at_the_start_of_memory)
{
    const auto path = image({0x10000006,           // adr x6, .
                             movz_high(4, 0x4000), // x4 = 0x40000000
                             0xB9400084,           // ldr w4, [x4]
                             movz_high(5, 0xEDFE), // x5 = 0xEDFE0DD0
                             movk(5, 0x0DD0),      //
                             0xCA050084,           // eor x4, x4, x5
                             0xAA000084,           // orr x4, x4, x0
                             0xAA060081});         // orr x1, x4, x6
    const auto result = run_firmware("--firmware " + path);
    EXPECT_EQ(result.status, 0) << result.errors;
}

TEST_F(firmware_program, finds_what_it_wrote_in_the_run_before)
{
    const std::string flash = file("flash", {0xFF});
    const std::string arguments = "--firmware " + image(keeper) + " --flash " + flash;
    EXPECT_EQ(line(run_firmware(arguments)), "smmu-vp: the guest ended with status 255");
    EXPECT_EQ(read_file(flash), std::string("\x5A\0\0\0", 4));
    EXPECT_EQ(line(run_firmware(arguments)), "smmu-vp: the guest ended with status 90");
}

TEST_F(firmware_program, forgets_what_it_wrote_without_a_file)
{
    const std::string arguments = "--firmware " + image(keeper);
    EXPECT_EQ(line(run_firmware(arguments)), "smmu-vp: the guest ended with status 255");
    EXPECT_EQ(line(run_firmware(arguments)), "smmu-vp: the guest ended with status 255");
}

TEST_F(firmware_program, is_not_written_itself)
{
    std::vector<std::uint32_t> code = keeper;
    code[0] = movz_high(4, 0); // x4 = the first bank
    const std::string path = image(code);
    const std::string before = read_file(path);
    run_firmware("--firmware " + path);
    EXPECT_EQ(read_file(path), before);
}

// Reads the item of key x5, byte-swapped, into x1.
std::vector<std::uint32_t> reader(std::uint32_t move_key_to_w5)
{
    return {movz_high(4, 0x0902), // x4 = the device
            move_key_to_w5,       //
            0x79001085,           // strh w5, [x4, #8]
            0xB9400081};          // ldr w1, [x4]
}

TEST_F(firmware_program, is_offered_a_kernel_with_what_belongs_to_it)
{
    const std::string kernel = file("kernel", {7, 0, 0, 0, 1});
    const std::string options =
        " --kernel " + kernel + " --initrd " + file("initrd", {9, 9, 9}) + " --append quiet";
    const auto status = [&](std::uint32_t key) {
        return line(run_firmware("--firmware " + image(reader(key)) + options));
    };
    EXPECT_THAT(status(0x52810005), EndsWith("status 5")) << "key 8: size of the kernel";
    EXPECT_THAT(status(0x52822005), EndsWith("status 7")) << "key 0x11: the kernel";
    EXPECT_THAT(status(0x52816005), EndsWith("status 3")) << "key 0x0b: size of the RAM disk";
    EXPECT_THAT(status(0x52828005), EndsWith("status 6")) << "key 0x14: size of the command line";
}

TEST_F(firmware_program, is_told_how_many_cpus_there_are)
{
    const std::string path = image(reader(0x5280A005)); // key 5
    EXPECT_THAT(line(run_firmware("--cpus 3 --firmware " + path)), EndsWith("status 3"));
}

TEST_F(firmware_program, is_refused_if_it_will_not_do)
{
    EXPECT_THAT(refusal("--firmware " + directory + "/none"),
                EndsWith("/flash@0: " + directory + "/none: No such file or directory"));
    EXPECT_THAT(refusal("--firmware " + directory),
                EndsWith("/flash@0: " + directory + ": is no regular file"));
    EXPECT_THAT(refusal("--firmware " + file("empty", {})), EndsWith("/empty: is empty"));
    const std::string large = file("large", {1});
    std::filesystem::resize_file(large, 0x4000001);
    EXPECT_THAT(refusal("--firmware " + large),
                EndsWith("/large: has 67108865 bytes, more than the 67108864 of the flash bank"));
    EXPECT_EQ(refusal("--firmware ''"), "smmu-vp: --firmware: needs a name");
}

TEST_F(firmware_program, is_refused_with_flash_that_will_not_do)
{
    const std::string good = "--firmware " + image({}) + " --flash ";
    EXPECT_THAT(refusal(good + directory + "/none"), EndsWith("/none: No such file or directory"));
    EXPECT_THAT(refusal(good + directory), EndsWith("Is a directory"));
    EXPECT_THAT(refusal(good + file("empty", {})), EndsWith("/empty: is empty"));
}

TEST_F(firmware_program, is_refused_beside_an_executable)
{
    EXPECT_THAT(refusal("--firmware a --elf b"), HasSubstr("--elf excludes --firmware"));
}

TEST_F(firmware_program, is_refused_without_flash)
{
    const std::string dtb = file("dtb", real_machine().blob());
    EXPECT_EQ(refusal("--firmware " + image({}), dtb),
              "smmu-vp: " + dtb + ": /: has no enabled cfi-flash for firmware");
}

edited_tree machine_with_flash()
{
    auto tree = real_machine();
    tree.node("/flash@0")
        .strings("/flash@0", "compatible", {"cfi-flash"})
        .cells("/flash@0", "reg", {0, 0x100000, 0x4000000, 0x100000})
        .cells("/flash@0", "bank-width", {4});
    return tree;
}

TEST_F(firmware_program, is_refused_with_a_kernel_that_nothing_offers)
{
    auto tree = machine_with_flash();
    const std::string dtb = file("dtb", tree.blob());
    EXPECT_EQ(refusal("--firmware " + image({}) + " --kernel " + file("kernel", {1}), dtb),
              "smmu-vp: " + dtb +
                  ": /: has no enabled qemu,fw-cfg-mmio, by which firmware gets a kernel");
    EXPECT_THAT(refusal("--firmware " + image({}) + " --kernel " + file("kernel", {})),
                EndsWith("/kernel: is empty"));
}

TEST_F(firmware_program, is_refused_where_the_start_of_memory_is_reserved)
{
    auto tree = machine_with_flash();
    tree.reserve(0x40000000, 0x1000);
    EXPECT_THAT(refusal("--firmware " + image({}), file("dtb", tree.blob())),
                EndsWith("/: reserves the start of memory, where firmware gets the device tree"));
}

TEST_F(firmware_program, is_refused_where_memory_is_smaller_than_the_device_tree)
{
    auto tree = machine_with_flash();
    tree.cells("/memory@40000000", "reg", {0x40000000, 0x100});
    EXPECT_THAT(refusal("--firmware " + image({}), file("dtb", tree.blob())),
                EndsWith("/: memory begins with 256 bytes, too few for the device tree, which "
                         "firmware gets there"));
}

TEST_F(firmware_program, keeps_its_files_from_the_trace)
{
    const std::string path = image({});
    EXPECT_THAT(refusal("--firmware " + path + " --trace exc --trace-file " + path),
                HasSubstr("the trace would overwrite " + path));
}

} // namespace
} // namespace test_program_firmware
