// SPDX-License-Identifier: Apache-2.0
// The command line of the program, and the files it names.
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_options {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(program, wants_its_files)
{
    const auto result = run("");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: --dtb is required");
}

TEST_F(program, refuses_unknown_options)
{
    const auto result = run("--dtb a --elf b --colour");
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("--colour"));
}

TEST_F(program, refuses_a_time_that_is_none)
{
    EXPECT_EQ(run("--dtb a --elf b --max-time soon").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --max-time -1").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --quantum-ns 0").status, 2);
}

// NaN compares with nothing: a check for what is too small or too large lets it through.
TEST_F(program, refuses_numbers_that_are_none)
{
    const auto wrong = [this](const std::string &option) {
        const auto result = run("--dtb a --elf b " + option);
        EXPECT_EQ(result.status, 2) << option;
        return line(result);
    };
    EXPECT_EQ(wrong("--max-time nan"),
              "smmu-vp: --max-time: \"nan\" is not a number of seconds from 1e-9 to 1e6");
    EXPECT_EQ(wrong("--quantum-ns nan"),
              "smmu-vp: --quantum-ns: \"nan\" is not a number of nanoseconds from 1 to 1e9");
    EXPECT_EQ(wrong("--cpus 0x2"), "smmu-vp: --cpus: \"0x2\" is not a number from 1 to 8");
    EXPECT_EQ(wrong("--mem M"), "smmu-vp: --mem: \"M\" is not a size from 1 to 256T, such as 512M");
    EXPECT_EQ(wrong("--gdb ''"), "smmu-vp: --gdb: \"\" is not a port from 0 to 65535");
    EXPECT_EQ(wrong("--gdb 65536"), "smmu-vp: --gdb: \"65536\" is not a port from 0 to 65535");
}

TEST_F(program, says_what_is_wrong_in_one_line)
{
    const std::string odd = "\"$(printf 'a\\nb\\033c\\177d')\"";
    const std::string seen = "a\\nb\\x1bc\\x7fd";
    EXPECT_EQ(line(run("--dtb a --elf b --cpus " + odd)),
              "smmu-vp: --cpus: \"" + seen + "\" is not a number from 1 to 8");
    EXPECT_THAT(line(run("--dtb a --elf b --trace " + odd + " --trace-file c")), HasSubstr(seen));
    EXPECT_THAT(line(run("--dtb a --elf b --" + odd)), HasSubstr(seen));
    EXPECT_EQ(line(run("--elf b --dtb " + odd)),
              "smmu-vp: " + seen + ": cannot be read: No such file or directory");
    // What terminals take for the same in two bytes; other letters are letters.
    EXPECT_THAT(line(run("--elf b --dtb \"$(printf '\\302\\233\\303\\251')\"")),
                StartsWith("smmu-vp: \\xc2\\x9b\xc3\xa9: "));
}

TEST_F(program, refuses_files_without_a_name)
{
    EXPECT_EQ(line(run("--dtb '' --elf b")), "smmu-vp: --dtb: needs a name");
    EXPECT_EQ(line(run("--dtb a --elf ''")), "smmu-vp: --elf: needs a name");
    EXPECT_EQ(line(run("--dtb a --kernel b --initrd ''")), "smmu-vp: --initrd: needs a name");
    EXPECT_EQ(line(run("--dtb a --elf b --trace insn --trace-file ''")),
              "smmu-vp: --trace-file: needs a name");
}

TEST_F(program, explains_itself)
{
    const auto result = run("--help");
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.errors, "");
    EXPECT_THAT(result.output, HasSubstr("--max-time"));
}

TEST_F(program, names_a_missing_device_tree)
{
    const auto result = run("--dtb /nowhere.dtb --elf /nowhere.elf");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: /nowhere.dtb: cannot be read: No such file or directory");
}

TEST_F(program, names_a_directory_in_place_of_a_file)
{
    const auto result = run("--dtb / --elf /");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: /: cannot be read: is a directory");
}

TEST_F(program, names_a_device_in_place_of_a_file)
{
    const std::string reason = "smmu-vp: /dev/zero: cannot be read: is a device";
    const std::string kernel = file("kernel", test::image_file({loop}).bytes());
    EXPECT_EQ(line(run("--dtb /dev/zero --elf b")), reason);
    EXPECT_EQ(line(run("--dtb " SMMU_VP_VIRT_DTB " --elf /dev/zero")), reason);
    EXPECT_EQ(line(run("--dtb " SMMU_VP_VIRT_DTB " --kernel /dev/zero")), reason);
    EXPECT_EQ(line(run("--dtb " SMMU_VP_VIRT_DTB " --kernel " + kernel + " --initrd /dev/zero")),
              reason);
}

TEST_F(program, reads_no_more_of_a_file_than_can_be_of_use)
{
    const std::string kernel = file("kernel", test::image_file({loop}).bytes());
    const auto endless = [this](const std::string &arguments) {
        const auto result = run_piped("yes", arguments);
        EXPECT_EQ(result.status, 2);
        return line(result);
    };
    EXPECT_EQ(
        endless("--dtb /dev/stdin --elf b"),
        "smmu-vp: /dev/stdin: has more than 2097152 bytes, which is all that Linux takes for a "
        "device tree");
    EXPECT_EQ(
        endless("--dtb " SMMU_VP_VIRT_DTB " --mem 4M --elf /dev/stdin"),
        "smmu-vp: /dev/stdin: has more than 272629760 bytes, which is all of memory and 256 MiB "
        "for symbols");
    const std::string full = "smmu-vp: /dev/stdin: has more than 4194304 bytes, which is all the "
                             "memory there is in one place";
    EXPECT_EQ(endless("--dtb " SMMU_VP_VIRT_DTB " --mem 4M --kernel /dev/stdin"), full);
    EXPECT_EQ(endless("--dtb " SMMU_VP_VIRT_DTB " --mem 4M --initrd /dev/stdin --kernel " + kernel),
              full);
}

TEST_F(program, refuses_a_file_that_is_too_large_without_reading_it)
{
    const std::string tree = file("dtb", {});
    std::filesystem::resize_file(tree, std::uintmax_t{1} << 40);
    EXPECT_THAT(line(run("--dtb " + tree + " --elf b")), HasSubstr("has more than 2097152 bytes"));
}

TEST_F(program, reads_a_pipe_to_its_end)
{
    const std::string elf = guest(firmware_call(0x84000008));
    EXPECT_EQ(run_piped("cat " + elf, "--dtb " SMMU_VP_VIRT_DTB " --elf /dev/stdin").status, 0);
}

TEST_F(program, names_a_missing_executable)
{
    const auto result = run("--dtb " SMMU_VP_VIRT_DTB " --elf /nowhere.elf");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: /nowhere.elf: cannot be read: No such file or directory");
}

TEST_F(program, names_a_device_tree_that_is_none)
{
    const auto path = file("dtb", {1, 2, 3});
    const auto result = run("--dtb " + path + " --elf x");
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), StartsWith("smmu-vp: " + path + ": not a sound device tree"));
}

TEST_F(program, names_an_executable_that_is_none)
{
    const auto path = file("elf", {1, 2, 3});
    const auto result = run("--dtb " SMMU_VP_VIRT_DTB " --elf " + path);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: " + path + ": not an ELF file");
}

TEST_F(program, names_an_executable_outside_of_memory)
{
    test::elf_file guest({loop});
    guest.segments[0].p_paddr = 0x1000;
    const auto path = file("elf", guest.bytes());
    const auto result = run("--dtb " SMMU_VP_VIRT_DTB " --elf " + path);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result),
              "smmu-vp: " + path + ": the segment at 0x1000 (0x4 bytes) is outside of memory");
}

TEST_F(program, names_an_executable_that_leaves_no_room)
{
    test::elf_file guest({loop});
    guest.segments[0].p_memsz = 0x40000000;
    const auto result = run("--dtb " SMMU_VP_VIRT_DTB " --elf " + file("elf", guest.bytes()));
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("leaves no room in memory for the device tree"));
}

TEST_F(program, refuses_a_size_that_is_none)
{
    EXPECT_EQ(run("--dtb a --elf b --mem 0").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --mem much").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --mem -1M").status, 2);
}

} // namespace
} // namespace test_program_options
