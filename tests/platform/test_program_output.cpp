// SPDX-License-Identifier: Apache-2.0
// What the program writes: the trace, and standard output.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_output {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::StartsWith;

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

TEST_F(program, stops_when_its_trace_cannot_be_written)
{
    const auto result = run("--dtb " SMMU_VP_VIRT_DTB " --elf " + guest({loop}) +
                            " --max-time 1 --trace insn --trace-file /dev/full --stats");
    EXPECT_EQ(line(result), "smmu-vp: /dev/full: cannot be written to its end");
    EXPECT_THAT(result.output, StartsWith("run.guest-seconds 0.0")) << "not a whole second";
}

TEST_F(program, counts_the_same_when_it_is_traced)
{
    // The loop of an exception handler: it is left and entered in its middle.
    std::vector<std::uint32_t> code = {movz_high(0, 0x4000), // x0 = 0x40000000
                                       0xD518C000,           // msr vbar_el1, x0
                                       0xF9400401,           // ldr x1, [x0, #8]
                                       0x91000442,           // add x2, x2, #1
                                       0xD4000021,           // svc #1
                                       0x17FFFFFD};          // b .-12
    code.resize(0x200 / 4);
    code.insert(code.end(), {0x91000463, 0xD69F03E0}); // add x3, x3, #1; eret
    const auto count = [&](const std::string &more) {  // without what the host takes
        const std::string text = run_guest(code, "--stats --quantum-ns 17 " + more).output;
        return text.substr(0, text.find("run.host-seconds")) + text.substr(text.find("cpu@0."));
    };
    const std::string plain = count("");
    EXPECT_THAT(plain, HasSubstr("cpu@0.blocks-decoded "));
    EXPECT_EQ(count("--trace insn,exc,smmu --trace-file " + directory + "/trace"), plain);
}

// ---- What the trace must not overwrite ----

// The default machine with an NVMe controller on `image`.
test::edited_tree machine_with_disk(const std::string &image)
{
    const std::string host = "/pcie@20000000";
    const std::string disk = host + "/nvme@1,0";
    auto tree = real_machine();
    tree.node("/psci").strings("/psci", "compatible", {"arm,psci-1.0"});
    tree.strings("/psci", "method", {"hvc"});
    tree.node(host)
        .strings(host, "compatible", {"pci-host-ecam-generic"})
        .strings(host, "device_type", {"pci"})
        .cells(host, "reg", {0x20000000, 0x100000})
        .cells(host, "bus-range", {0, 0})
        .cells(host, "#address-cells", {3})
        .cells(host, "#size-cells", {2})
        .cells(host, "ranges", {0x02000000, 0, 0x30000000, 0x30000000, 0, 0x1000000});
    tree.node(disk)
        .strings(disk, "compatible", {"vp,nvme"})
        .strings(disk, "vp,backing-file", {image})
        .cells(disk, "reg", {1 << 11, 0, 0, 0, 0});
    return tree;
}

// Names of the file: as it is, by a way around, a symbolic link and a hard link.
std::vector<std::string> names_of(const std::string &path)
{
    namespace fs = std::filesystem;
    const std::string soft = path + "-soft";
    const std::string hard = path + "-hard";
    fs::create_symlink(path, soft);
    fs::create_hard_link(path, hard);
    return {path, fs::relative(path).string(), soft, hard};
}

TEST_F(program, refuses_a_trace_over_a_file_of_the_machine)
{
    const std::string disk = file("disk", std::vector<std::uint8_t>(4096, 0x5a));
    const std::string tree = file("dtb", machine_with_disk(disk).blob());
    const std::string kernel = file("kernel", image_file({loop}).bytes());
    const std::string initrd = file("initrd", {1, 2, 3});
    const std::string elf = guest({loop});
    const std::string with = "--dtb " + tree + " --max-time 0.001 --trace insn ";
    const auto refused = [&](const std::string &arguments, const std::string &path) {
        const std::string before = read_file(path);
        for (const std::string &name : names_of(path)) {
            std::string command = with;
            command.append(arguments).append(" --trace-file ").append(name);
            const auto result = run(command);
            EXPECT_EQ(result.status, 2) << name;
            std::string message = "smmu-vp: ";
            message.append(name).append(": the trace would overwrite ").append(path);
            EXPECT_EQ(line(result), message);
            EXPECT_EQ(read_file(path), before) << name;
        }
    };
    refused("--elf " + elf, tree);
    refused("--elf " + elf, elf);
    refused("--elf " + elf, disk);
    refused("--kernel " + kernel, kernel);
    refused("--kernel " + kernel + " --initrd " + initrd, initrd);
}

TEST_F(program, refuses_a_trace_over_a_disk_that_it_has_just_made)
{
    const std::string disk = directory + "/disk";
    auto tree = machine_with_disk(disk);
    tree.cells("/pcie@20000000/nvme@1,0", "vp,size", {8192});
    const auto result = run("--dtb " + file("dtb", tree.blob()) + " --elf " + guest({loop}) +
                            " --trace insn --max-time 0.001 --trace-file " + disk);
    EXPECT_EQ(line(result), "smmu-vp: " + disk + ": the trace would overwrite " + disk);
    EXPECT_EQ(std::filesystem::file_size(disk), 8192U);
}

TEST_F(program, refuses_a_trace_over_its_own_input_and_output)
{
    const std::string path = file("log", {'a', '\n'});
    const std::string arguments = "--dtb " SMMU_VP_VIRT_DTB " --max-time 0.001 --elf " +
                                  guest({loop}) + " --trace insn --trace-file " + path;
    const std::string refusal = "smmu-vp: " + path + ": the trace would overwrite standard ";
    const std::string errors = " 2>" + directory + "/err";
    const auto input = run_redirected(arguments, "<" + path + " >/dev/null" + errors);
    EXPECT_EQ(line(input), refusal + "input");
    const auto output = run_redirected(arguments, ">>" + path + errors);
    EXPECT_EQ(line(output), refusal + "output");
    EXPECT_EQ(run_redirected(arguments, ">/dev/null 2>>" + path).status, 2);
    EXPECT_EQ(read_file(path), "a\n" + refusal + "error\n");
}

TEST_F(program, leaves_the_last_trace_when_there_is_no_machine)
{
    const std::string trace = file("trace", {'o', 'l', 'd'});
    const std::string arguments = " --elf " + guest(firmware_call(0x84000008)) +
                                  " --trace exc --max-time 1 --trace-file " + trace;
    const auto tree = machine_with_disk(directory + "/nowhere");
    EXPECT_EQ(run("--dtb " + file("dtb", tree.blob()) + arguments).status, 2);
    EXPECT_EQ(read_file(trace), "old");
    EXPECT_EQ(run("--dtb " SMMU_VP_VIRT_DTB + arguments).status, 0);
    EXPECT_EQ(read_file(trace), "");
}

// ---- Standard input, output and error ----

TEST_F(program, keeps_the_console_out_of_files_that_it_opens)
{
    const std::vector<std::uint8_t> zeros(4096);
    const std::string image = file("in", zeros);
    const std::string arguments = "--dtb " + file("dtb", machine_with_disk(image).blob()) +
                                  " --elf " + guest(talking_guest("hello\n")) + " --max-time 1";
    const std::string kept(zeros.begin(), zeros.end());
    const std::string errors = " 2>" + directory + "/err";
    for (const char *closed : {"<&-", "2>&-", "<&- 2>&-"}) {
        const auto result = run_redirected(arguments, " >" + directory + "/out " + closed);
        EXPECT_EQ(result.status, 0) << closed;
        EXPECT_EQ(result.output, "hello\n") << closed;
        EXPECT_EQ(read_file(image), kept) << closed;
    }
    for (const char *closed : {">&-", "<&- >&-"}) {
        const auto result = run_redirected(arguments, errors + " " + closed);
        EXPECT_EQ(result.status, 2) << closed;
        EXPECT_EQ(line(result), "smmu-vp: standard output is closed: there is nowhere for the "
                                "console to go");
        EXPECT_EQ(read_file(image), kept) << closed;
    }
    EXPECT_EQ(run_redirected(arguments, "<&- >&- 2>&-").status, 2);
    EXPECT_EQ(read_file(image), kept);
}

TEST_F(program, tells_that_its_output_is_lost)
{
    const std::string lost = "smmu-vp: standard output: cannot be written to its end";
    const std::string full = " >/dev/full 2>" + directory + "/err </dev/null";
    const auto with = [&](const std::vector<std::uint32_t> &code, const std::string &more) {
        const auto result = run_redirected(
            "--dtb " SMMU_VP_VIRT_DTB " --max-time 0.01 --elf " + guest(code) + " " + more, full);
        EXPECT_EQ(result.status, 2);
        return line(result);
    };
    EXPECT_EQ(with(talking_guest("a line\n"), ""), lost);
    EXPECT_EQ(with(talking_guest("no line"), ""), lost);
    EXPECT_EQ(with(talking_guest("at once"), "--interactive"), lost);
    EXPECT_EQ(with(firmware_call(0x84000008), "--stats"), lost);
}

TEST_F(program, says_what_a_limit_of_file_sizes_cuts)
{
    const std::string path = directory + "/trace";
    const auto result =
        shell("ulimit -f 1; " SMMU_VP_PROGRAM " --dtb " SMMU_VP_VIRT_DTB
              " --max-time 1 --trace insn --trace-file " +
              path + " --elf " + guest({loop}) + " 2>" + directory + "/err >" + directory + "/out");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: " + path + ": cannot be written to its end");
}

TEST_F(program, refuses_with_the_same_status_when_nobody_is_told)
{
    for (const char *redirection : {"2>&-", "2>/dev/full", "<&- 2>&-"}) {
        const std::string out = " >" + directory + "/out ";
        EXPECT_EQ(run_redirected("--colour", out + redirection).status, 2) << redirection;
        EXPECT_EQ(run_redirected("--dtb /nowhere --elf x", out + redirection).status, 2);
    }
}

TEST_F(program, tells_that_its_help_is_lost)
{
    const auto result = run_redirected("--help", ">/dev/full 2>" + directory + "/err");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: standard output: cannot be written to its end");
}

TEST_F(program, stops_when_its_output_is_lost)
{
    // Prints lines for ever.
    const std::vector<std::uint32_t> code = {movz_high(3, 0x0900), // x3 = the UART
                                             0x52800145,           // mov w5, #'\n'
                                             0xB9000065,           // str w5, [x3]
                                             0x17FFFFFF};          // b .-4
    const std::string arguments = "--dtb " SMMU_VP_VIRT_DTB " --elf " + guest(code);
    const std::string lost = "smmu-vp: standard output: cannot be written to its end";
    const auto full = run_redirected(arguments, ">/dev/full 2>" + directory + "/err");
    EXPECT_EQ(full.status, 2);
    EXPECT_EQ(line(full), lost);
    const auto piped = run_redirected(arguments, "2>" + directory + "/err | head -n 1 >/dev/null");
    EXPECT_EQ(line(piped), lost) << "the reader has gone";
}

} // namespace
} // namespace test_program_output
