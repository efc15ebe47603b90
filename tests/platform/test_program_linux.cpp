// SPDX-License-Identifier: Apache-2.0
// Kernels that the program starts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_linux {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(program, runs_either_an_executable_or_a_kernel)
{
    EXPECT_EQ(run("--dtb a").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --kernel c").status, 2);
    EXPECT_THAT(line(run("--dtb a --elf b --initrd c")), HasSubstr("--kernel"));
    EXPECT_THAT(line(run("--dtb a --elf b --append c")), HasSubstr("--kernel"));
}

TEST_F(program, names_a_kernel_that_is_none)
{
    const auto path = file("kernel", {1, 2, 3});
    const auto result = run("--dtb " SMMU_VP_VIRT_DTB " --kernel " + path);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), StartsWith("smmu-vp: " + path + ": not an arm64 Image"));
}

TEST_F(program, names_a_ram_disk_that_does_not_fit)
{
    const auto kernel = file("kernel", test::image_file({loop}).bytes());
    const auto disk = file("initrd", std::vector<std::uint8_t>(4096));
    const auto result =
        run("--dtb " SMMU_VP_VIRT_DTB " --mem 2M --kernel " + kernel + " --initrd " + disk);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), StartsWith("smmu-vp: " + disk + ": does not fit"));
}

TEST_F(program, starts_a_kernel_with_the_registers_of_the_boot_protocol)
{
    // Ends with status 0 only if x0 points to a device tree and x1 to x3 are 0.
    const test::image_file image({0xB9400004,           // ldr w4, [x0]
                                  movz_high(5, 0xEDFE), // x5 = 0xEDFE0DD0
                                  movk(5, 0x0DD0),      //
                                  0xCA050084,           // eor x4, x4, x5
                                  0xAA010084,           // orr x4, x4, x1
                                  0xAA020084,           // orr x4, x4, x2
                                  0xAA030081,           // orr x1, x4, x3
                                  movz_high(0, 0xC700), // x0 = VP_EXIT
                                  hvc, loop});
    const auto result = run("--dtb " SMMU_VP_VIRT_DTB " --kernel " + file("kernel", image.bytes()));
    EXPECT_EQ(result.status, 0) << result.errors;
}

TEST_F(program, puts_the_ram_disk_where_the_kernel_finds_it)
{
    // Ends with the byte at 0x40200000, behind the kernel, as its status.
    const test::image_file image({movz_high(4, 0x4020), // x4 = 0x40200000
                                  0x39400081,           // ldrb w1, [x4]
                                  movz_high(0, 0xC700), // x0 = VP_EXIT
                                  hvc, loop});
    const auto result = run("--dtb " SMMU_VP_VIRT_DTB " --kernel " + file("kernel", image.bytes()) +
                            " --initrd " + file("initrd", {77}));
    EXPECT_EQ(line(result), "smmu-vp: the guest ended with status 77");
}

TEST_F(program, keeps_the_kernel_out_of_reserved_memory)
{
    // Ends with bits 31:16 of where it is as its status.
    const test::image_file image({0x10000001,           // adr x1, .
                                  0xD350FC21,           // lsr x1, x1, #16
                                  movz_high(0, 0xC700), // x0 = VP_EXIT
                                  hvc, loop});
    auto tree = real_machine();
    tree.node("/psci").strings("/psci", "compatible", {"arm,psci-1.0"});
    tree.strings("/psci", "method", {"hvc"}).reserve(0x40000000, 0x1000);
    const auto result =
        run("--dtb " + file("dtb", tree.blob()) + " --kernel " + file("kernel", image.bytes()));
    EXPECT_EQ(line(result), "smmu-vp: the guest ended with status 16416") << "0x4020";
}

TEST_F(program, has_as_much_memory_as_it_is_told)
{
    // Reads the word below 0x40800000: an abort ends in a loop at the vector.
    const std::vector<std::uint32_t> code = {movz_high(4, 0x4080), // x4 = 0x40800000
                                             0xB85FC081,           // ldur w1, [x4, #-4]
                                             movz_high(0, 0xC700), // x0 = VP_EXIT
                                             hvc, loop};
    EXPECT_EQ(run_guest(code, "--mem 8M").status, 0);
    EXPECT_EQ(run_guest(code, "--mem 4M").status, 3);
}

} // namespace
} // namespace test_program_linux
