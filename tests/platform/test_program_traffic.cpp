// SPDX-License-Identifier: Apache-2.0
// Traffic generators of machines that the program builds, in either coding style.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_traffic {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr std::uint32_t system_off = 0x84000008;

// A machine with a generator, which starts by itself.
edited_tree machine_with_traffic(const char *timing = "loose")
{
    const char *const node = "/traffic@d000000";
    auto tree = real_machine();
    tree.strings("/", "vp,timing", {timing}).cells("/memory@40000000", "vp,latency-ns", {100});
    tree.node("/psci")
        .strings("/psci", "compatible", {"arm,psci-1.0"})
        .strings("/psci", "method", {"hvc"});
    tree.node(node)
        .strings(node, "compatible", {"vp,traffic-generator"})
        .cells(node, "reg", {0xd000000, 0x1000})
        .cells(node, "iommus", {2, 0x20})
        .cells(node, "vp,window-base", {0x48000000})
        .cells(node, "vp,window-bytes", {0x10000})
        .cells(node, "vp,start-ns", {0});
    return tree;
}

class program_traffic : public program {
  protected:
    outcome run_tree(const edited_tree &tree, const std::string &more,
                     const std::vector<std::uint32_t> &code = {loop}) const
    {
        return run("--dtb " + file("dtb", tree.blob()) + " --elf " + guest(code) + " --stats " +
                   more);
    }
};

TEST_F(program_traffic, reaches_memory_in_either_coding_style)
{
    for (const char *timing : {"loose", "approximate"}) {
        auto tree = machine_with_traffic(timing);
        tree.cells("/traffic@d000000", "vp,count", {1000});
        const auto result = run_tree(tree, "--max-time 0.001");
        EXPECT_EQ(result.status, 3);
        EXPECT_THAT(result.output, HasSubstr("\ntraffic@d000000.accesses 1000\n")) << timing;
        EXPECT_THAT(result.output, HasSubstr("\ntraffic@d000000.errors 0\n")) << timing;
        EXPECT_THAT(result.output, HasSubstr("\ntraffic@d000000.latency-min-ps 100000\n"));
        EXPECT_THAT(result.output, HasSubstr("\nsmmu@9050000.translations 1000\n")) << timing;
    }
}

// A hit in the micro TLB of a client takes a beat and the look-up, 1 ns each; the first access of
// all takes the look-up in the TBU's main TLB and the link, and no stream is configured.
TEST_F(program_traffic, takes_the_times_of_the_preset_and_those_that_change_them)
{
    for (const char *timing : {"loose", "approximate"}) {
        auto tree = machine_with_traffic(timing);
        tree.cells("/traffic@d000000", "vp,count", {1000});
        tree.strings("/smmu@9050000", "vp,preset", {"client"});
        const auto result = run_tree(tree, "--max-time 0.001");
        EXPECT_THAT(result.output, HasSubstr("\ntraffic@d000000.latency-min-ps 102000\n"));
        EXPECT_THAT(result.output, HasSubstr("\ntraffic@d000000.latency-max-ps 121000\n"));
        tree.cells("/smmu@9050000", "vp,lookup-ps", {7000});
        const auto changed = run_tree(tree, "--max-time 0.001");
        EXPECT_THAT(changed.output, HasSubstr("\ntraffic@d000000.latency-min-ps 108000\n"));
    }
}

// 100 rounds of 100 ns, through an SMMU and an interconnect that take no time.
TEST_F(program_traffic, has_as_many_accesses_outstanding_as_wanted)
{
    auto tree = machine_with_traffic("approximate");
    tree.cells("/traffic@d000000", "vp,count", {1600})
        .cells("/traffic@d000000", "vp,outstanding", {16});
    const auto result = run_tree(tree, "--max-time 0.001");
    EXPECT_THAT(result.output, HasSubstr("\ntraffic@d000000.latency-max-ps 100000\n"));
    EXPECT_THAT(result.output, HasSubstr("\ntraffic@d000000.last-ps 10000000\n"));
}

TEST_F(program_traffic, that_never_ends_lets_the_guest_end)
{
    for (const char *timing : {"loose", "approximate"})
        EXPECT_EQ(run_tree(machine_with_traffic(timing), "--max-time 1", firmware_call(system_off))
                      .status,
                  0)
            << timing;
}

TEST_F(program_traffic, that_never_ends_and_takes_no_time_lets_the_time_limit_come)
{
    for (const char *timing : {"loose", "approximate"}) {
        auto tree = machine_with_traffic(timing);
        tree.remove("/memory@40000000", "vp,latency-ns");
        const auto result = run_tree(tree, "--max-time 0.001", {wfi});
        EXPECT_EQ(result.status, 3);
        EXPECT_THAT(line(result), HasSubstr("did not end within 1 ms")) << timing;
    }
}

TEST_F(program_traffic, is_the_same_in_every_run)
{
    auto tree = machine_with_traffic("approximate");
    tree.strings("/traffic@d000000", "vp,pattern", {"random"})
        .strings("/traffic@d000000", "vp,arrival", {"poisson"})
        .cells("/traffic@d000000", "vp,interval-ps", {150000})
        .cells("/traffic@d000000", "vp,outstanding", {4});
    const auto counters = [&] {
        const std::string text = run_tree(tree, "--max-time 0.0001").output;
        return text.substr(text.find("traffic@"));
    };
    EXPECT_EQ(counters(), counters());
}

TEST_F(program_traffic, names_what_is_wrong_with_its_node)
{
    auto tree = machine_with_traffic();
    tree.cells("/traffic@d000000", "vp,access-bytes", {48});
    const auto result = run_tree(tree, "--max-time 0.001");
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("/traffic@d000000: vp,window-bytes: must be a multiple of "
                                        "access_bytes, and not 0"));
}

TEST_F(program_traffic, does_not_lose_its_trace_to_the_trace_of_the_run)
{
    const std::string text = "0 0x48000000 64 R 0x20\n";
    const std::string path = file("accesses", {text.begin(), text.end()});
    auto tree = machine_with_traffic();
    tree.strings("/traffic@d000000", "vp,pattern", {"replay"})
        .strings("/traffic@d000000", "vp,trace", {path});
    const auto result = run_tree(tree, "--max-time 0.001 --trace smmu --trace-file " + path);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(read_file(path), text);
}

} // namespace
} // namespace test_program_traffic
