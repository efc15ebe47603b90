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
#include "image_file.hpp"

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

    outcome run(const std::string &arguments, const std::string &input = "/dev/null") const
    {
        const std::string command = SMMU_VP_PROGRAM " " + arguments + " >" + directory + "/out 2>" +
                                    directory + "/err <" + input;
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

    // A guest that prints what it receives, and powers off after a 'q'.
    outcome run_echo(const std::string &typed, const std::string &more = "--interactive")
    {
        std::vector<std::uint32_t> code = {movz_high(3, 0x0900), // x3 = the UART
                                           0xB9401864,           // ldr w4, [x3, #0x18]: UARTFR
                                           0x3727FFE4,           // tbnz w4, #4, .-4: nothing there
                                           0xB9400065,           // ldr w5, [x3]: UARTDR
                                           0xB9000065,           // str w5, [x3]
                                           0x7101C4BF,           // cmp w5, #'q'
                                           0x54FFFF61};          // b.ne .-20
        for (const std::uint32_t word : firmware_call(0x84000008))
            code.push_back(word);
        return run("--dtb " SMMU_VP_VIRT_DTB " --elf " + file("elf", test::elf_file(code).bytes()) +
                       " --max-time 0.02 " + more,
                   file("in", {typed.begin(), typed.end()}));
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
        for (const char *name :
             {"/dtb", "/elf", "/kernel", "/initrd", "/trace", "/in", "/out", "/err"})
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

TEST_F(program, builds_an_smmu_of_each_preset)
{
    for (const char *preset : {"small", "typical", "maximal"})
        EXPECT_THAT(
            line(run_machine(real_machine().strings("/smmu@9050000", "vp,preset", {preset}))),
            HasSubstr("did not end within"))
            << preset;
}

// The real machine with a second SMMU (phandle 3).
test::edited_tree machine_with_two_smmus()
{
    auto tree = real_machine();
    tree.node("/smmu@a000000").strings("/smmu@a000000", "compatible", {"arm,smmu-v3"});
    tree.cells("/smmu@a000000", "reg", {0xa000000, 0x20000}).cells("/smmu@a000000", "phandle", {3});
    tree.cells("/smmu@a000000", "#iommu-cells", {1});
    return tree;
}

TEST_F(program, builds_two_smmus)
{
    auto tree = machine_with_two_smmus();
    tree.cells("/dma@c000000", "iommus", {3, 1});
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within"));
}

TEST_F(program, refuses_an_smmu_that_no_channel_of_the_dma_engine_goes_through)
{
    auto tree = machine_with_two_smmus();
    tree.cells("/dma@c000000", "iommus", {2, 1, 3, 1, 2, 2})
        .cells("/dma@c000000", "reg", {0xc000000, 0x3000})
        .cells("/dma@c000000", "vp,channels", {2});
    EXPECT_THAT(line(run_machine(tree)),
                HasSubstr("/dma@c000000: iommus: the model has 2 bus masters, the tree lists 3"));
}

// Two SMMUs, and DMA functions 00:01.0 and 00:02.0 (phandles 4 and 5) behind the first one.
test::edited_tree machine_with_functions()
{
    auto tree = machine_with_two_smmus();
    tree.node("/pcie@20000000")
        .strings("/pcie@20000000", "compatible", {"pci-host-ecam-generic"})
        .strings("/pcie@20000000", "device_type", {"pci"})
        .cells("/pcie@20000000", "reg", {0x20000000, 0x100000})
        .cells("/pcie@20000000", "bus-range", {0, 0})
        .cells("/pcie@20000000", "#address-cells", {3})
        .cells("/pcie@20000000", "#size-cells", {2})
        .cells("/pcie@20000000", "ranges", {0x02000000, 0, 0x30000000, 0x30000000, 0, 0x1000000})
        .cells("/pcie@20000000", "iommu-map", {0, 2, 0, 0x100});
    for (const std::uint32_t device : {1, 2}) {
        const std::string path = "/pcie@20000000/dma@" + std::to_string(device) + ",0";
        tree.node(path)
            .strings(path, "compatible", {"vp,pcie-dma"})
            .cells(path, "reg", {device << 11, 0, 0, 0, 0})
            .cells(path, "phandle", {3 + device});
    }
    return tree;
}

constexpr const char *first_port = "/dma-port@d000000";
constexpr const char *second_port = "/dma-port@d020000";

// A port comes before all other nodes in the tree.
test::edited_tree &add_port(test::edited_tree &tree, const char *path, std::uint32_t base,
                            std::uint32_t function)
{
    return tree.node(path)
        .strings(path, "compatible", {"vp,dma-port"})
        .cells(path, "reg", {base, 0x20000})
        .cells(path, "vp,function", {function});
}

TEST_F(program, builds_devices_with_two_ways_to_memory)
{
    auto tree = machine_with_functions();
    add_port(tree, first_port, 0xd000000, 4)
        .cells(first_port, "iommus", {3, 0x20})
        .cells(first_port, "interrupts", {0, 120, 4});
    add_port(tree, second_port, 0xd020000, 5);
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within")) << "one without an SMMU";

    tree.cells(first_port, "iommus", {2, 0x20, 2, 0x21});
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within")) << "both by one SMMU";
}

TEST_F(program, names_mistakes_of_a_port)
{
    const auto wrong = [this](const test::edited_tree &tree) {
        const auto result = run_machine(tree);
        EXPECT_EQ(result.status, 2);
        return line(result);
    };
    const auto machine = [](std::uint32_t function) {
        auto tree = machine_with_functions();
        add_port(tree, first_port, 0xd000000, function);
        return tree;
    };
    EXPECT_THAT(wrong(machine(4).remove(first_port, "vp,function")),
                HasSubstr("/dma-port@d000000: vp,function: is missing"));
    EXPECT_THAT(wrong(machine(4).strings(first_port, "vp,function", {"dma"})),
                HasSubstr("/dma-port@d000000: vp,function: no node has phandle"));
    EXPECT_THAT(wrong(machine(2)), HasSubstr("/dma-port@d000000: vp,function: /smmu@9050000 is not "
                                             "an enabled vp,pcie-dma"));
    EXPECT_THAT(wrong(machine(4).strings("/pcie@20000000/dma@1,0", "status", {"disabled"})),
                HasSubstr("vp,function: /pcie@20000000/dma@1,0 is not an enabled vp,pcie-dma"));
    auto twice = machine(4);
    add_port(twice, second_port, 0xd020000, 4);
    EXPECT_THAT(wrong(twice),
                HasSubstr("/dma-port@d000000: vp,function: /pcie@20000000/dma@1,0 has "
                          "a port already: /dma-port@d020000"));
    EXPECT_THAT(wrong(machine(4).cells(first_port, "iommus", {2, 1, 3, 1})),
                HasSubstr("/dma-port@d000000: iommus: the streams of one bus master lead to two"));
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
    EXPECT_THAT(wrong(real_machine().strings("/smmu@9050000", "vp,preset", {"tiny"})),
                HasSubstr("/smmu@9050000: vp,preset: must be \"small\""));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,stall-model", {3})),
                HasSubstr("/smmu@9050000: vp,stall-model: must be 0, 1 or 2"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,btm", {2})),
                HasSubstr("/smmu@9050000: vp,btm: must be 0 or 1"));
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
}

// The real machine with an ITS (phandle 9).
test::edited_tree machine_with_its(test::edited_tree tree, const std::string &parent)
{
    const std::string path = parent + "/its@8080000";
    tree.cells("/gic@8000000", "#address-cells", {1}).cells("/gic@8000000", "#size-cells", {1});
    tree.bytes("/gic@8000000", "ranges", {}).node(path);
    tree.strings(path, "compatible", {"arm,gic-v3-its"}).cells(path, "phandle", {9});
    tree.cells(path, "reg", {0x8080000, 0x20000}).cells(path, "#msi-cells", {1});
    return tree;
}

TEST_F(program, names_mistakes_of_an_its_and_its_users)
{
    const auto wrong = [this](const test::edited_tree &tree) { return line(run_machine(tree)); };
    const auto its_machine = [] { return machine_with_its(real_machine(), "/gic@8000000"); };
    const std::string its = "/gic@8000000/its@8080000";

    EXPECT_THAT(wrong(machine_with_its(real_machine(), "")),
                HasSubstr("/its@8080000: must be a child of the arm,gic-v3 node"));
    EXPECT_THAT(wrong(its_machine().cells(its, "#msi-cells", {2})),
                HasSubstr(its + ": #msi-cells: must be 1"));
    EXPECT_THAT(wrong(its_machine().cells(its, "reg", {0x8080000, 0x10000})),
                HasSubstr(its + ": reg: must be at least 0x20000 bytes"));
    EXPECT_THAT(wrong(its_machine().cells("/smmu@9050000", "msi-parent", {9, 1, 9, 2})),
                HasSubstr("/smmu@9050000: msi-parent: must be one DeviceID of one ITS"));
    EXPECT_THAT(wrong(its_machine()
                          .cells("/gic@8000000", "#msi-cells", {1})
                          .cells("/smmu@9050000", "msi-parent", {1, 1})),
                HasSubstr("msi-parent: /gic@8000000 is not an enabled arm,gic-v3-its"));
    EXPECT_THAT(wrong(its_machine()
                          .strings(its, "status", {"disabled"})
                          .cells("/smmu@9050000", "msi-parent", {9, 1})),
                HasSubstr("msi-parent: " + its + " is not an enabled arm,gic-v3-its"));
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

TEST_F(program, hands_input_to_the_guest_when_interactive)
{
    const auto result = run_echo("echo q");
    EXPECT_EQ(result.status, 0) << result.errors;
    EXPECT_EQ(result.output, "echo q");
}

TEST_F(program, loses_no_input_that_comes_faster_than_the_guest_reads)
{
    const std::string typed = std::string(300, 'a') + "q";
    EXPECT_EQ(run_echo(typed).output, typed);
}

TEST_F(program, hands_ctrl_a_to_the_guest_when_typed_twice)
{
    EXPECT_EQ(run_echo("\x01\x01q").output, "\x01q");
}

TEST_F(program, ends_with_0_when_the_user_quits)
{
    const auto result = run_echo("a\x01x");
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.errors, "");
}

TEST_F(program, reads_no_input_unless_interactive)
{
    const auto result = run_echo("q", "");
    EXPECT_EQ(result.status, 3);
    EXPECT_EQ(result.output, "");
}

TEST_F(program, names_a_machine_without_uart_to_be_interactive_with)
{
    const auto tree = test::small_machine().remove("/uart@9000000").remove("/dma@c000000");
    const auto result = run("--interactive --dtb " + file("dtb", tree.blob()) + " --elf " +
                            file("elf", test::elf_file({loop}).bytes()));
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("has no PL011 for --interactive"));
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
    tree.cells("/cpus/cpu@0", "reg", {0x110});
    const auto result = run_machine(tree);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("/cpus/cpu@0: reg: 0x110 has an Aff0 above 15"));
}

TEST_F(program, prints_counters_when_asked)
{
    const auto result = run_guest(firmware_call(0x84000008), "--stats");
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.output, HasSubstr("\ncpu@0.instructions 5\n"));
    EXPECT_THAT(result.output, HasSubstr("\niommu@9050000.translations 0\n"));
    EXPECT_THAT(result.output, HasSubstr("run.guest-seconds "));
    EXPECT_THAT(result.output, HasSubstr("\nrun.instructions 5\n"));
}

// ---- Kernels ----

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

TEST_F(program, refuses_a_size_that_is_none)
{
    EXPECT_EQ(run("--dtb a --elf b --mem 0").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --mem much").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --mem -1M").status, 2);
}

// ---- Trace ----

TEST_F(program, writes_a_line_for_each_event)
{
    // An exception to a vector that powers off.
    const std::string path = directory + "/trace";
    std::vector<std::uint32_t> code = {movz_high(0, 0x4000), // x0 = 0x40000000
                                       0xD518C000,           // msr vbar_el1, x0
                                       0xD4000021};          // svc #1
    code.resize(0x200 / 4);
    const auto off = firmware_call(0x84000008);
    code.insert(code.end(), off.begin(), off.end());
    EXPECT_EQ(run_guest(code, "--trace insn,exc --trace-file " + path).status, 0);
    EXPECT_THAT(read_file(path),
                StartsWith("0.000000000 cpu@0 insn: 0x0000000040000000 d2a80000 MOVZ_x\n"
                           "0.000000001 cpu@0 insn: 0x0000000040000004 d518c000 MSR_reg\n"
                           "0.000000002 cpu@0 insn: 0x0000000040000008 d4000021 SVC\n"
                           "0.000000003 cpu@0 exc: sync, from EL1 0x000000004000000c, to EL1 "
                           "0x0000000040000200, ESR 0x56000001, FAR 0x0000000000000000\n"
                           "0.000000003 cpu@0 insn: 0x0000000040000200 "));
}

TEST_F(program, writes_only_the_events_asked_for)
{
    // Reads IDR0, then writes IRQ_CTRL of the SMMU.
    const std::string path = directory + "/trace";
    std::vector<std::uint32_t> code = {movz_high(4, 0x0905), // x4 = 0x09050000
                                       0xB9400085,           // ldr w5, [x4]
                                       0x52800025,           // mov w5, #1
                                       0xB9005085};          // str w5, [x4, #0x50]
    const auto off = firmware_call(0x84000008);
    code.insert(code.end(), off.begin(), off.end());
    EXPECT_EQ(run_guest(code, "--trace smmu --trace-file " + path).status, 0);
    const std::string text = read_file(path);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_THAT(text, HasSubstr(" iommu@9050000 smmu: reg_write, offset 0x50, value 0x1\n"));
}

TEST_F(program, refuses_a_trace_it_cannot_make)
{
    EXPECT_EQ(run("--dtb a --elf b --trace insn").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --trace-file c").status, 2);
    EXPECT_THAT(line(run("--dtb a --elf b --trace bus --trace-file c")), HasSubstr("bus"));
    EXPECT_EQ(line(run_guest({loop}, "--trace insn --trace-file /nowhere/trace")),
              "smmu-vp: /nowhere/trace: cannot be written");
    const auto result = run_guest({loop}, "--trace insn --trace-file /dev/full");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: /dev/full: cannot be written to its end");
}

} // namespace
