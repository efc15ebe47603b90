// SPDX-License-Identifier: Apache-2.0
// What the program writes: the trace, and standard output.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

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

// ---- Standard input, output and error ----

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
