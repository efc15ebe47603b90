// SPDX-License-Identifier: Apache-2.0
// The program as its users run it: exit status and the one line it says.
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edited_tree.hpp"
#include "elf_file.hpp"

namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Instructions of the guest programs below.
constexpr std::uint32_t hvc = 0xD4000002;
constexpr std::uint32_t smc = 0xD4000003;
constexpr std::uint32_t wfi = 0xD503207F;
constexpr std::uint32_t loop = 0x14000000;

constexpr std::uint32_t movz_high(unsigned reg, std::uint32_t imm)
{
    return 0xD2A00000 | imm << 5 | reg;
}

constexpr std::uint32_t movk(unsigned reg, std::uint32_t imm)
{
    return 0xF2800000 | imm << 5 | reg;
}

// x0 = function, x1 = argument, call.
std::vector<std::uint32_t> firmware_call(std::uint32_t function, std::uint32_t argument = 0)
{
    return {movz_high(0, function >> 16),
            movk(0, function & 0xffff),
            movz_high(1, argument >> 16),
            movk(1, argument & 0xffff),
            hvc,
            loop};
}

class program : public testing::Test {
  protected:
    struct outcome {
        int status;
        std::string errors;
        std::string output;
    };

    static std::string read_file(const std::string &path)
    {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::string file(const std::string &name, const std::vector<std::uint8_t> &bytes)
    {
        std::string path = directory + "/" + name;
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char *>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
        return path;
    }

    outcome run(const std::string &arguments) const
    {
        const std::string command = SMMU_VP_PROGRAM " " + arguments + " >" + directory + "/out 2>" +
                                    directory + "/err </dev/null";
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(directory + "/err"),
                read_file(directory + "/out")};
    }

    outcome run_machine(const test::edited_tree &tree)
    {
        return run("--dtb " + file("dtb", tree.blob()) + " --elf " +
                   file("elf", test::elf_file({loop}).bytes()) + " --max-time 0.001");
    }

    outcome run_guest(const std::vector<std::uint32_t> &code, const std::string &more = "")
    {
        return run("--dtb " SMMU_VP_VIRT_DTB " --elf " + file("elf", test::elf_file(code).bytes()) +
                   " --max-time 0.001 " + more);
    }

    // The only line on standard error.
    static std::string line(const outcome &result)
    {
        EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
        return result.errors.substr(0, result.errors.find('\n'));
    }

    std::string directory = [] {
        std::string pattern = testing::TempDir() + "smmu-vp-XXXXXX";
        return std::string(mkdtemp(pattern.data()));
    }();

    void TearDown() override
    {
        for (const char *name : {"/dtb", "/elf", "/out", "/err"})
            std::remove((directory + name).c_str());
        std::remove(directory.c_str());
    }
};

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
    EXPECT_EQ(line(result), "smmu-vp: /nowhere.dtb: cannot be read");
}

TEST_F(program, names_a_directory_in_place_of_a_file)
{
    const auto result = run("--dtb / --elf /");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: /: cannot be read");
}

TEST_F(program, names_a_missing_executable)
{
    const auto result = run("--dtb " SMMU_VP_VIRT_DTB " --elf /nowhere.elf");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: /nowhere.elf: cannot be read");
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

TEST_F(program, names_a_mistake_in_the_device_tree)
{
    auto tree = test::small_machine();
    const auto result = run_machine(tree.remove("/dma@c000000"));
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result),
              "smmu-vp: " + directory + "/dtb: /uart@9000000: compatible: no model for test,uart");
}

// A tree whose devices have models.
test::edited_tree real_machine()
{
    auto tree = test::small_machine();
    tree.strings("/uart@9000000", "compatible", {"arm,pl011"});
    tree.strings("/dma@c000000", "compatible", {"vp,dma-engine"});
    return tree;
}

TEST_F(program, builds_a_machine_of_one_uart_and_one_dma_channel)
{
    EXPECT_THAT(line(run_machine(real_machine())), HasSubstr("did not end within"));
}

TEST_F(program, builds_a_machine_without_controllers)
{
    auto tree = real_machine();
    tree.remove("/gic@8000000").remove("/smmu@9050000").remove("/dma@c000000");
    tree.remove("/uart@9000000", "interrupts");
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within"));
}

TEST_F(program, builds_an_smmu_that_nobody_uses)
{
    auto tree = real_machine();
    tree.remove("/dma@c000000");
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within"));
}

TEST_F(program, builds_two_smmus)
{
    auto tree = real_machine();
    tree.node("/smmu@a000000").strings("/smmu@a000000", "compatible", {"arm,smmu-v3"});
    tree.cells("/smmu@a000000", "reg", {0xa000000, 0x20000}).cells("/smmu@a000000", "phandle", {3});
    tree.cells("/smmu@a000000", "#iommu-cells", {1}).cells("/dma@c000000", "iommus", {3, 1});
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within"));
}

TEST_F(program, names_what_a_model_has_against_its_node)
{
    const auto wrong = [this](const test::edited_tree &tree) {
        const auto result = run_machine(tree);
        EXPECT_EQ(result.status, 2);
        return line(result);
    };
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,tlb", {3, 1})),
                HasSubstr("/smmu@9050000: vp,tlb: sets must be"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,tlb", {4})),
                HasSubstr("/smmu@9050000: vp,tlb: must be <sets ways>"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,oas-bits", {300})),
                HasSubstr("/smmu@9050000: vp,oas-bits: 300 is out of range"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,stall-model", {3})),
                HasSubstr("/smmu@9050000: vp,stall-model: must be 0, 1 or 2"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,httu", {3})),
                HasSubstr("/smmu@9050000: vp,httu: must be 0, 1 or 2"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,ssid-bits", {21})),
                HasSubstr("/smmu@9050000: vp,ssid-bits: must be at most 20"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,sid-bits", {4})),
                HasSubstr("/dma@c000000: iommus: StreamID 16 is beyond"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "reg", {0x9050000, 0x10000})),
                HasSubstr("/smmu@9050000: reg: must be at least 0x20000 bytes"));
    EXPECT_THAT(wrong(real_machine().strings("/smmu@9050000", "interrupt-names", {"combined"})),
                HasSubstr("/smmu@9050000: interrupt-names: the model has no interrupt"));
    EXPECT_THAT(wrong(real_machine().cells("/uart@9000000", "reg", {0x9000000, 16, 0x9001000, 16})),
                HasSubstr("/uart@9000000: reg: must have 1 entries, has 2"));
    EXPECT_THAT(wrong(real_machine().cells("/uart@9000000", "interrupts", {0, 1, 4, 0, 2, 4})),
                HasSubstr("/uart@9000000: interrupts: the model has 1 outputs"));
    EXPECT_THAT(wrong(real_machine().cells("/uart@9000000", "iommus", {2, 1})),
                HasSubstr("/uart@9000000: iommus: the model has no bus master"));
    EXPECT_THAT(wrong(real_machine().cells("/cpus/cpu@0", "reg", {5})),
                HasSubstr("/cpus/cpu@0: reg: must be 0"));
}

TEST_F(program, names_two_nodes_of_the_same_name)
{
    auto tree = real_machine();
    tree.node("/bus").bytes("/bus", "ranges", {}).node("/bus/uart@9000000");
    tree.cells("/bus", "#address-cells", {1}).cells("/bus", "#size-cells", {1});
    tree.strings("/bus/uart@9000000", "compatible", {"arm,pl011"});
    tree.cells("/bus/uart@9000000", "reg", {0x1000, 0x1000});
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("has the same name as"));
}

TEST_F(program, ends_with_0_when_the_guest_powers_off)
{
    const auto result = run_guest(firmware_call(0x84000008));
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.errors, "");
}

TEST_F(program, ends_with_0_when_the_guest_says_success)
{
    EXPECT_EQ(run_guest(firmware_call(0xC7000000, 0)).status, 0);
}

TEST_F(program, ends_with_1_when_the_guest_says_failure)
{
    const auto result = run_guest(firmware_call(0xC7000000, 256));
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(line(result), "smmu-vp: the guest ended with status 256");
}

TEST_F(program, ends_with_5_when_the_guest_asks_for_a_reset)
{
    EXPECT_EQ(run_guest(firmware_call(0x84000009)).status, 5);
}

TEST_F(program, ends_with_3_when_time_is_over)
{
    const auto result = run_guest({loop});
    EXPECT_EQ(result.status, 3);
    EXPECT_EQ(line(result), "smmu-vp: the guest did not end within 1 ms of guest time");
}

TEST_F(program, ends_with_3_when_nothing_can_happen)
{
    const auto result = run_guest({wfi, 0x17FFFFFF}); // b .-4
    EXPECT_EQ(result.status, 3);
    EXPECT_THAT(line(result), HasSubstr("no CPU is running"));
}

TEST_F(program, ends_with_3_when_all_cpus_are_off)
{
    EXPECT_EQ(run_guest(firmware_call(0x84000002)).status, 3);
}

TEST_F(program, answers_only_the_conduit_of_the_device_tree)
{
    auto code = firmware_call(0x84000008);
    code[4] = smc; // the tree says hvc: undefined, and the vector at 0x200 is empty memory
    EXPECT_EQ(run_guest(code).status, 3);
}

TEST_F(program, hands_the_device_tree_over_in_x0)
{
    // Ends with status 0 only if the word at x0 is the magic number of a device tree, big-endian.
    const std::vector<std::uint32_t> code = {0xB9400001,           // ldr w1, [x0]
                                             movz_high(2, 0xEDFE), // x2 = 0xEDFE0DD0
                                             movk(2, 0x0DD0),      //
                                             0xCB020021,           // sub x1, x1, x2
                                             movz_high(0, 0xC700), // x0 = VP_EXIT
                                             hvc,
                                             loop};
    EXPECT_EQ(run_guest(code).status, 0);
}

TEST_F(program, runs_as_many_cpus_as_asked_for)
{
    // CPU 0 starts CPU 1 at the instruction after its loop with 7 as context; CPU 1 ends the run
    // with what it got less 7.
    const std::vector<std::uint32_t> code = {movz_high(0, 0xC400),
                                             movk(0, 0x0003), // CPU_ON
                                             movz_high(1, 0),
                                             movk(1, 1), // CPU 1
                                             movz_high(2, 0x4000),
                                             movk(2, 4 * 10), // entry
                                             movz_high(3, 0),
                                             movk(3, 7), // context
                                             hvc,
                                             loop, //
                                             0xD1001C01,
                                             movz_high(0, 0xC700), // sub x1, x0, #7; VP_EXIT
                                             hvc,
                                             loop};
    EXPECT_EQ(run_guest(code, "--cpus 2").status, 0);
    EXPECT_EQ(run_guest(code, "--cpus 1").status, 3) << "there is no CPU 1";
    EXPECT_THAT(run_guest(code, "--cpus 8 --stats").output, HasSubstr("\ncpu@7.instructions 0\n"));
}

// All but the lines about the host.
std::string of_the_guest(const std::string &output)
{
    std::istringstream lines(output);
    std::string kept;
    for (std::string line; std::getline(lines, line);)
        if (line.rfind("run.host-seconds", 0) != 0 && line.rfind("run.mips", 0) != 0)
            kept += line + "\n";
    return kept;
}

TEST_F(program, runs_several_cpus_the_same_each_time)
{
    if (!std::ifstream(SMMU_VP_SMP_ELF).is_open())
        GTEST_SKIP() << "the guest programs are not built";
    const std::string arguments =
        "--dtb " SMMU_VP_VIRT_DTB " --elf " SMMU_VP_SMP_ELF " --cpus 4 --max-time 1 --stats";
    const auto first = run(arguments);
    EXPECT_EQ(first.status, 0) << first.output;
    EXPECT_THAT(first.output, HasSubstr("cpu@3.instructions"));
    EXPECT_EQ(of_the_guest(run(arguments).output), of_the_guest(first.output));
}

TEST_F(program, names_a_number_of_cpus_that_cannot_be)
{
    EXPECT_EQ(run("--dtb a --elf b --cpus 0").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --cpus 9").status, 2);
    auto tree = test::small_machine();
    tree.remove("/cpus/cpu@0");
    const auto result = run("--dtb " + file("dtb", tree.blob()) + " --elf x --cpus 2");
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("dtb: /cpus: has 0 CPUs, which cannot be made 2"));
}

TEST_F(program, names_affinities_the_interrupt_controller_cannot_have)
{
    auto tree = real_machine();
    tree.cells("/cpus/cpu@0", "reg", {0x100});
    const auto result = run_machine(tree);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("/cpus/cpu@0: reg: must be 0"));
}

TEST_F(program, prints_counters_when_asked)
{
    const auto result = run_guest(firmware_call(0x84000008), "--stats");
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.output, HasSubstr("\ncpu@0.instructions 5\n"));
    EXPECT_THAT(result.output, HasSubstr("\niommu@9050000.translations 0\n"));
    EXPECT_THAT(result.output, HasSubstr("run.guest-seconds "));
}

} // namespace
